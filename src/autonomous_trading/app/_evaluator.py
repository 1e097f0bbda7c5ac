"""What parameter sets of a strategy are worth on a market: the one way every use case evaluates."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, final

import numpy as np

from autonomous_trading.app._look_ahead import refuse_look_ahead
from autonomous_trading.app._market import Market
from autonomous_trading.app._programs import Batch, batches, direct_program
from autonomous_trading.backtest import (
    BACKTEST_METRICS,
    Costs,
    Execution,
    Exits,
    Request,
    RunResult,
    RunState,
    SetOptions,
    Simulator,
    curve_metrics,
    metrics_of,
    needs_curves,
    needs_extended,
)
from autonomous_trading.core import FloatArray, InvalidInput, ParameterTable, resolve_metric, split_score
from autonomous_trading.strategies import Strategy

CURVE_BUDGET = 128 * 2**20
WORTH_THREADS = 2**19
BASIC_METRICS = (
    "total_return",
    "annualized_return",
    "cagr",
    "volatility",
    "sharpe_ratio",
    "calmar_ratio",
    "max_drawdown",
    "win_rate",
    "profit_factor",
    "expectancy",
    "trade_count",
    "exposure",
    "turnover",
    "costs_paid",
    "net_profit",
)


def checked_metrics(names: Iterable[object]) -> tuple[str, ...]:
    """Metric names in their own spelling, each once; refuses those one backtest cannot give."""
    found = tuple(dict.fromkeys(_metric(name) for name in names))
    beyond = [name for name in found if split_score(name)[1] not in BACKTEST_METRICS]
    if beyond:
        raise InvalidInput(
            f"{', '.join(beyond)} is not a number of one backtest, so it cannot be searched for or listed per set",
            fix=f"choose from {', '.join(BACKTEST_METRICS)}",
        )
    return found


def _metric(name: object) -> str:
    if not isinstance(name, str):
        raise InvalidInput(f"a metric is named by a text; got {name!r}", fix='write "sharpe_ratio"')
    return resolve_metric(name)


@final
@dataclass(frozen=True, slots=True)
class Rules:
    """What every run of a use case shares: costs, exits, execution, and how many threads may work."""

    costs: Costs = field(default_factory=Costs)
    exits: Exits = field(default_factory=Exits)
    execution: Execution = field(default_factory=Execution)
    threads: int = 1


@final
@dataclass(frozen=True, slots=True)
class Evaluator:
    """Runs parameter sets of one strategy on one market under fixed rules."""

    strategy: type[Strategy]
    market: Market
    rules: Rules
    simulator: Simulator

    @staticmethod
    def of(strategy: type[Strategy], market: Market, rules: Rules) -> "Evaluator":
        """An evaluator with the market prepared for the kernel."""
        return Evaluator(strategy, market, rules, market.simulator(rules.costs, rules.exits, rules.execution))

    def batches(self, table: ParameterTable) -> list[Batch]:
        """The table compiled and bound to its columns, to be measured over several spans of bars."""
        return list(batches(self.strategy, table, self.market))

    def measure(self, table: ParameterTable, metrics: Sequence[str], start: int, stop: int) -> dict[str, FloatArray]:
        """The metrics of every set of the table over bars start .. stop - 1, [n_sets] each."""
        found = {name: np.full(len(table), np.nan) for name in metrics}
        for batch in batches(self.strategy, table, self.market):
            for name, values in self.measure_batch(batch, metrics, start, stop).items():
                found[name][batch.rows] = values
        return found

    def measure_batch(self, batch: Batch, metrics: Sequence[str], start: int, stop: int) -> dict[str, FloatArray]:
        """The metrics of one batch over bars start .. stop - 1, in the order of its rows."""
        if not needs_curves(metrics):
            request = Request(extended=needs_extended(metrics), threads=self._threads(len(batch.rows) * (stop - start)))
            return metrics_of(self.run(batch, start, stop, request).statistics, metrics)
        step = max(1, CURVE_BUDGET // ((stop - start) * 8 * (2 + len(self.market.instruments))))
        pieces = [
            self._measure_curves(batch.take(slice(low, low + step)), metrics, start, stop)
            for low in range(0, len(batch.rows), step)
        ]
        return {name: np.concatenate([piece[name] for piece in pieces]) for name in metrics}

    def _measure_curves(self, batch: Batch, metrics: Sequence[str], start: int, stop: int) -> dict[str, FloatArray]:
        threads = self._threads(len(batch.rows) * (stop - start))
        request = Request(extended=needs_extended(metrics), curves=True, threads=threads)
        result = self.run(batch, start, stop, request)
        found = metrics_of(result.statistics, metrics)
        if result.curves is not None:
            time = self.market.bars.time[start:stop]
            found |= curve_metrics(result.curves.equity, time, result.statistics, metrics)
        return found

    def _threads(self, set_bars: int) -> int:
        """How many threads a run of sets x bars is worth: starting them takes longer than a small one does."""
        return self.rules.threads if set_bars >= WORTH_THREADS else 1

    def run(self, batch: Batch, start: int, stop: int, request: Request, *, state: RunState | None = None) -> RunResult:
        """Run one batch over bars start .. stop - 1, from scratch or from a carried state."""
        options = self.options(len(batch.rows), batch.settings)
        return self.simulator.run(batch.programs, options, start, stop, request=request, state=state)

    def options(self, n_sets: int, settings: Mapping[str, FloatArray]) -> SetOptions:
        """Exits and sizes of every set; several instruments share the account in equal parts."""
        self._check_stops(settings)
        options = SetOptions.of(n_sets, self.rules.exits, self.rules.execution, settings)
        share = 1.0 / len(self.market.instruments)
        return options if share == 1.0 else options.scaled(share)

    def refuse_look_ahead(self, parameters: Mapping[str, Any]) -> None:
        """Nothing, or Refused where the strategy with these values looks ahead: for a set that was chosen."""
        refuse_look_ahead(self.strategy.holding(dict(parameters)), self.market)

    def _check_stops(self, settings: Mapping[str, FloatArray]) -> None:
        """InvalidInput for a stop that no price can reach, which would be no stop at all."""
        if self.rules.exits.unit != "fraction":
            return
        for name in ("stop_loss", "trailing_stop"):
            far = settings.get(name, np.empty(0))
            far = far[far > 1.0]
            if len(far):
                raise InvalidInput(
                    f"{name} of {self.strategy.__name__} is {far[0]:g}: a fraction of the price is at most 1",
                    fix='use 0.02 for 2 %, or exits=at.Exits(unit="atr") to measure in average true ranges',
                )

    def hold(self, start: int, stop: int, request: Request) -> RunResult:
        """Buy at the first bar and hold, with the same costs, no exits and full size."""
        execution = Execution(fill=self.rules.execution.fill, initial_cash=self.rules.execution.initial_cash)
        simulator = self.market.simulator(self.rules.costs, Exits(), execution)
        targets = np.ones((1, self.market.n_bars))
        targets[0, :start] = 0.0
        lag = 0 if execution.fill == "same_close" else 1
        targets[0, max(start - lag, 0) :] = 1.0
        options = SetOptions.of(1, Exits(), execution)
        share = 1.0 / len(self.market.instruments)
        programs = [direct_program(self._tradable(number, targets)) for number in range(len(self.market.instruments))]
        return simulator.run(programs, options.scaled(share), start, stop, request=request)

    def _tradable(self, number: int, targets: FloatArray) -> FloatArray:
        """The same targets with no opinion where the instrument has no bar."""
        if self.market.one_clock:
            return targets
        on = np.full_like(targets, np.nan)
        rows = self.market.instruments[number].rows
        on[:, rows] = targets[:, rows]
        return on
