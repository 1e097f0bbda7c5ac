"""The stress test of a result, as a person sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypedDict, final

import numpy as np

from autonomous_trading.app import Evaluator, Market, Rules
from autonomous_trading.app.evidence import RUIN, Distribution, SimulatedMarket, Stress, StressSizes, stress_of
from autonomous_trading.core import InvalidInput, ParameterSet
from autonomous_trading.interfaces.python._checks import refuse_unknown, whole
from autonomous_trading.interfaces.python._provenance import finite, span_facts, span_words
from autonomous_trading.interfaces.report import (
    CostCurve,
    EquityFan,
    RandomEntries,
    SimulatedDrawdowns,
    StressRow,
    StressTest,
)
from autonomous_trading.strategies import Strategy

_DAMAGES: Final = {
    "noise": "closes off by {size:.0%} of their bar's range",
    "missing": "{size:.0%} of the bars missing",
    "stale": "{size:.0%} of the opens stale",
}


_LEAST: Final = {"damaged": 1, "neighbours": 1, "tickets": 1, "markets": 0, "paths": 1}


class StressSettings(TypedDict, total=False):
    """How much is drawn: runs on damaged bars of each kind, neighbours, tickets, histories per model, equity paths."""

    damaged: int
    neighbours: int
    radius: float
    tickets: int
    markets: int
    paths: int


@final
@dataclass(frozen=True, repr=False)
class StressResult:
    """What one set is worth when costs, fills, data, parameters, entries and prices are other than they were."""

    name: str
    market: Market
    outcome: Stress

    def __repr__(self) -> str:
        """What was stressed and how often: StressResult(ma_cross fast=20 slow=100: 2,345 runs and paths)."""
        return f"StressResult({self.name}: {self.outcome.evaluated:,} runs and paths)"

    @property
    def words(self) -> tuple[str, ...]:
        """The answers, one sentence each."""
        stress = self.outcome
        entry, sharpe = stress.entry, stress.performance.metrics["sharpe_ratio"]
        found = [
            stress.costs.words,
            f"Sharpe ratio {_number(sharpe)}; {_delay_words(stress)}",
            f"random entry: p = {entry.p_values['sharpe_ratio']:.3f} (Sharpe ratio, {entry.evaluated:,} tickets)",
            f"neighbours: Sharpe ratio {_between(stress.jitter.nearby)}",
        ]
        for kind, damage in stress.data.damaged.items():
            found.append(f"{_DAMAGES[kind].format(size=stress.data.sizes[kind])}: Sharpe ratio {_between(damage)}")
        found += [_market_words(each) for each in stress.markets]
        return (*found, *_path_words(stress))

    def summary(self) -> str:
        """What was stressed, over which bars, and the answers, as a few lines of text."""
        head = [self.name, span_words(self.market, self.outcome.performance.span), ""]
        return "\n".join([*head, *(f"- {each}" for each in self.words)])

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON: every part with its quantiles and counts; None stands for what is no finite number."""
        traded = span_facts(self.market, self.outcome.performance.span)
        whole = {"name": self.name, "traded": traded, "words": list(self.words), **self.outcome.to_dict()}
        return dict(finite(whole))

    def facts(self) -> StressTest:
        """What a report draws of it."""
        return stress_facts(self.outcome, self.market)


def stress_test(
    strategy: type[Strategy] | None,
    parameters: ParameterSet,
    traded: tuple[Market, Rules, tuple[int, int]],
    name: str,
    *,
    seed: int,
    settings: Mapping[str, Any],
) -> StressResult:
    """Every stress of one set on the market, under the rules and over the bars it was traded on.

    Raises InvalidInput for targets, behind which there is no strategy to run again, and for an unknown setting.
    """
    if strategy is None:
        raise InvalidInput(
            "targets were simulated, and no strategy: there is nothing to run again on other prices",
            fix="write the targets as a strategy and use at.backtest",
        )
    refuse_unknown("stress", settings, ("seed", *StressSettings.__annotations__))
    market, rules, span = traded
    for counted, least in _LEAST.items():
        if counted in settings:
            whole(counted, settings[counted], least)
    sizes = StressSizes(**settings)
    evaluator = Evaluator.of(strategy, market, rules)
    found = stress_of(evaluator, parameters, span, sizes=sizes, seed=whole("seed", seed))
    return StressResult(name, market, found)


def stress_facts(stress: Stress, market: Market) -> StressTest:
    """The stress test as a report draws it."""
    costs, entry, performance = stress.costs, stress.entry, stress.performance
    paths, fan = stress.paths.bootstrapped, stress.paths.fan
    time = market.bars.time
    return StressTest(
        entries=RandomEntries(
            metric="sharpe_ratio",
            values=entry.tickets.values["sharpe_ratio"],
            own=entry.own["sharpe_ratio"],
            p_value=entry.p_values["sharpe_ratio"],
        ),
        costs=CostCurve(
            metric="total_return",
            factors=np.array(costs.factors),
            values=costs.metrics["total_return"],
            break_even=costs.break_even,
            words=costs.words,
        ),
        fan=None
        if fan is None or paths is None
        else EquityFan(
            time=time[np.maximum(performance.span[0] + fan.bars - 1, performance.span[0])],
            curves=fan.curves,
            real=fan.real,
            paths=len(paths),
        ),
        drawdowns=None
        if paths is None
        else SimulatedDrawdowns(
            values=paths.values["max_drawdown"],
            own=performance.metrics["max_drawdown"],
            ruin=RUIN,
            chance_of_ruin=paths.chance_of_ruin(RUIN),
        ),
        rows=_rows(stress),
    )


def _rows(stress: Stress) -> tuple[StressRow, ...]:
    delays = stress.delays
    found = [
        _row(
            f"{delay} bars later" if delay != 1 else "1 bar later", _one_of(delays.metrics, place), "the same decisions"
        )
        for place, delay in enumerate(delays.delays)
        if delay
    ]
    found += [
        _row(kind.capitalize(), damage, _DAMAGES[kind].format(size=stress.data.sizes[kind]))
        for kind, damage in stress.data.damaged.items()
    ]
    found.append(_row("Neighbours", stress.jitter.nearby, f"numbers moved by up to {stress.jitter.radius:.0%}"))
    found.append(_row("Random entry", stress.entry.tickets, "as many trades, as long, at random times"))
    for each in stress.markets:
        found.append(_row(f"Simulated: {each.model}", each.strategy, f"keeps {each.keeps}"))
        found.append(_row("Holding there", each.hold, "buy and hold on the same histories"))
    return tuple(each for each in found if each.runs)


def _one_of(metrics: Mapping[str, Any], place: int) -> Distribution:
    return Distribution({name: values[place : place + 1] for name, values in metrics.items()})


def _row(label: str, found: Distribution, note: str) -> StressRow:
    sharpe, drawdown = (_three(found, name) for name in ("sharpe_ratio", "max_drawdown"))
    return StressRow(
        label=label,
        runs=len(found),
        sharpe_ratio=sharpe,
        max_drawdown=drawdown,
        share_losing=found.share_below("total_return", 0.0),
        note=note,
    )


def _three(found: Distribution, metric: str) -> tuple[float, float, float]:
    low, middle, high = found.quantiles(metric, (0.05, 0.5, 0.95)).values()
    return low, middle, high


def _between(found: Distribution) -> str:
    low, middle, high = _three(found, "sharpe_ratio")
    return f"{middle:.2f} ({low:.2f} to {high:.2f})" if middle == middle else "n/a"


def _delay_words(stress: Stress) -> str:
    later = zip(stress.delays.delays, stress.delays.metrics["sharpe_ratio"], strict=True)
    return ", ".join(f"{_number(value)} {_bars(delay)} later" for delay, value in later if delay)


def _number(value: float) -> str:
    return "n/a" if value != value else f"{value:.2f}"


def _bars(count: int) -> str:
    return "1 bar" if count == 1 else f"{count} bars"


def _market_words(market: SimulatedMarket) -> str:
    if not len(market.strategy):
        return f"simulated, {market.model}: {market.problem}"
    middle, deep = market.strategy.quantiles("max_drawdown", (0.5, 0.95)).values()
    holding = market.hold.share_below("total_return", 0.0)
    return (
        f"simulated, {market.model}: loses on {market.chance_of_loss():.0%} of {len(market.strategy):,} histories"
        f" (holding {holding:.0%}), drawdown {middle:.0%} in the middle and {deep:.0%} in one of twenty,"
        f" ruin {market.chance_of_ruin():.1%}"
    )


def _path_words(stress: Stress) -> list[str]:
    found = []
    for what, paths in (("returns in blocks", stress.paths.bootstrapped), ("trades reordered", stress.paths.reordered)):
        if paths is not None:
            middle, deep = paths.quantiles("max_drawdown", (0.5, 0.95)).values()
            found.append(
                f"{what}: drawdown {middle:.0%} in the middle and {deep:.0%} in one of twenty paths,"
                f" ruin {paths.chance_of_ruin(RUIN):.1%}"
            )
    return found
