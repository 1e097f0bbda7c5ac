"""All Monte Carlo about one set in one record: other costs, fills, data, parameters, entries, markets and paths."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, final

from autonomous_trading.app._backtest import Performance, performance_of, run_one
from autonomous_trading.app._evaluator import Evaluator
from autonomous_trading.app.evidence.stress._cost_stress import FACTORS, CostStress, cost_stress
from autonomous_trading.app.evidence.stress._data_stress import SIZES, DataStress, data_stress
from autonomous_trading.app.evidence.stress._delay_stress import DELAYS, DelayStress, delay_stress
from autonomous_trading.app.evidence.stress._parameter_jitter import ParameterJitter, parameter_jitter
from autonomous_trading.app.evidence.stress._path_risk import PathRisk, path_risk
from autonomous_trading.app.evidence.stress._random_entry import RandomEntry, random_entry
from autonomous_trading.app.evidence.stress._simulated_markets import SimulatedMarket, simulated_markets
from autonomous_trading.core import Space


@final
@dataclass(frozen=True, slots=True)
class StressSizes:
    """How much of everything is drawn; each is explained where it is used. 0 markets: none is simulated."""

    factors: tuple[float, ...] = FACTORS
    delays: tuple[int, ...] = DELAYS
    damages: Mapping[str, float] = field(default_factory=lambda: dict(SIZES))
    damaged: int = 20
    neighbours: int = 100
    radius: float = 0.1
    tickets: int = 500
    markets: int = 100
    paths: int = 1_000


@final
@dataclass(frozen=True, slots=True)
class Stress:
    """What one set is worth when costs, fills, data, parameters, entries and prices are other than they were.

    evaluated: runs of the strategy, of tickets and of buy-and-hold, and paths made of its returns.
    """

    performance: Performance
    costs: CostStress
    delays: DelayStress
    data: DataStress
    jitter: ParameterJitter
    entry: RandomEntry
    markets: tuple[SimulatedMarket, ...]
    paths: PathRisk
    seed: int

    @property
    def evaluated(self) -> int:
        """Everything that was run or drawn."""
        counts = (self.costs.evaluated, self.delays.evaluated, self.data.evaluated, self.jitter.evaluated)
        return sum((*counts, self.entry.evaluated, self.paths.evaluated, *(each.evaluated for each in self.markets)))

    def to_dict(self) -> dict[str, Any]:
        """Plain data of every part under its name, the metrics of the plain run, seed and number of evaluations."""
        return {
            "metrics": dict(self.performance.metrics),
            "costs": self.costs.to_dict(),
            "delays": self.delays.to_dict(),
            "data": self.data.to_dict(),
            "jitter": self.jitter.to_dict(),
            "entry": self.entry.to_dict(),
            "markets": [market.to_dict() for market in self.markets],
            "paths": self.paths.to_dict(),
            "seed": self.seed,
            "evaluated": self.evaluated,
        }


def stress_of(
    evaluator: Evaluator,
    parameters: Mapping[str, Any],
    span: tuple[int, int],
    *,
    space: Space | None = None,
    sizes: StressSizes | None = None,
    seed: int = 0,
) -> Stress:
    """Every stress of one set over the bars start .. stop - 1; the same seed gives the same numbers.

    space: where neighbours are drawn, by default what the strategy declares. Refused where the set looks ahead.
    """
    size = sizes or StressSizes()
    performance = performance_of(run_one(evaluator, parameters, span), evaluator.simulator, span)
    return Stress(
        performance=performance,
        costs=cost_stress(evaluator, parameters, span, factors=size.factors),
        delays=delay_stress(evaluator, parameters, span, delays=size.delays),
        data=data_stress(evaluator, parameters, span, sizes=size.damages, draws=size.damaged, seed=seed),
        jitter=parameter_jitter(
            evaluator, parameters, span, space=space, sets=size.neighbours, radius=size.radius, seed=seed
        ),
        entry=random_entry(evaluator, parameters, span, tickets=size.tickets, seed=seed),
        markets=simulated_markets(evaluator, parameters, span, paths=size.markets, seed=seed) if size.markets else (),
        paths=path_risk(performance, evaluator.rules.execution.initial_cash, paths=size.paths, seed=seed),
        seed=seed,
    )
