"""Walk forward: choose parameters on the past of each window, trade the next one with them, stitch what came out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import final

import numpy as np

from autonomous_trading.app._backtest import EVERYTHING, Performance, Trades, hold_performance
from autonomous_trading.app._evaluator import Evaluator
from autonomous_trading.app._programs import Batch, batch_of, direct_program
from autonomous_trading.app._search import Found, Objective, Progress, Search, run_search
from autonomous_trading.app._window_search import window_metrics
from autonomous_trading.backtest import (
    BACKTEST_METRICS,
    RunResult,
    RunState,
    curve_metrics,
    metrics_of,
)
from autonomous_trading.core import FloatArray, NothingToReport, ParameterSet, ParameterTable, Space
from autonomous_trading.search import ALIASES, METHODS
from autonomous_trading.validation import Window, walk_forward_efficiency


@final
@dataclass(frozen=True, slots=True)
class Fold:
    """One window: the parameters chosen on its training bars, and what they did there and on the bars after.

    `parameters` is None when no set had a value in training; the account then stays flat until the next fold.
    """

    window: Window
    parameters: ParameterSet | None
    in_sample: dict[str, float]
    out_of_sample: dict[str, float]


@final
@dataclass(frozen=True, slots=True)
class WalkForward:
    """Every fold, one account that traded all their out-of-sample bars in turn, and buy-and-hold over the same bars."""

    folds: tuple[Fold, ...]
    stitched: Performance
    benchmark: Performance
    efficiency: float
    evaluated: int


def walk_forward(
    evaluator: Evaluator,
    space: Space,
    windows: tuple[Window, ...],
    search: Search,
    objective: Objective,
    progress: Progress | None = None,
    *,
    searched: Sequence[Found] | None = None,
) -> WalkForward:
    """Optimise in each window, trade the bars after it, and carry one account through all of them.

    Positions are carried from fold to fold: a new parameter set trades only the difference, and pays for it.
    searched: what was found in each window, where a recorded search has been through them already.
    """
    names = window_metrics(objective)
    found_in = _searched(searched) if searched is not None else _measures(evaluator, space, search, objective, names)
    folds: list[Fold] = []
    account = _Account(evaluator)
    evaluated = 0
    for number, window in enumerate(windows):
        found = found_in(number, window.train)
        evaluated += len(found.trials)
        fold, batch = _fold(evaluator, window, found, names)
        folds.append(fold)
        account.trade(batch, window.stitched)
        if progress is not None:
            progress(number + 1, len(windows))
    stitched = account.performance()
    inside = [fold.in_sample["annualized_return"] for fold in folds if fold.parameters is not None]
    return WalkForward(
        folds=tuple(folds),
        stitched=stitched,
        benchmark=hold_performance(evaluator, stitched.span),
        efficiency=walk_forward_efficiency(
            float(np.mean(inside)) if inside else float("nan"), stitched.metrics["annualized_return"]
        ),
        evaluated=evaluated,
    )


def _measures(
    evaluator: Evaluator, space: Space, search: Search, objective: Objective, names: tuple[str, ...]
) -> Callable[[int, slice], Found]:
    """How to search one training window. Methods that do not learn propose the same sets every time: bound once."""
    method = METHODS.get(ALIASES.get(search.method, search.method))
    if method is not None and method.learns:

        def adapt(_: int, train: slice) -> Found:
            def measure(table: ParameterTable) -> Mapping[str, FloatArray]:
                return evaluator.measure(table, names, train.start, train.stop)

            return run_search(space, measure, [objective], search)

        return adapt
    proposals = run_search(space, lambda table: {objective.name: np.zeros(len(table))}, [objective], search)
    table = proposals.trials.parameters
    bound = evaluator.batches(table)

    def repeat(_: int, train: slice) -> Found:
        columns = {name: np.full(len(table), np.nan) for name in names}
        for batch in bound:
            for name, values in evaluator.measure_batch(batch, names, train.start, train.stop).items():
                columns[name][batch.rows] = values
        trials = type(proposals.trials)(table, columns, proposals.trials.feasible)
        return Found(trials, (objective,))

    return repeat


def _searched(found: Sequence[Found]) -> Callable[[int, slice], Found]:
    return lambda number, _: found[number]


def _fold(evaluator: Evaluator, window: Window, found: Found, names: tuple[str, ...]) -> tuple[Fold, Batch | None]:
    try:
        row = found.best()
    except NothingToReport:
        nothing = dict.fromkeys(names, float("nan"))
        return Fold(window, None, nothing, nothing), None
    parameters = found.trials.parameters.row(row)
    batch = batch_of(evaluator.strategy.holding(dict(parameters)), evaluator.market)
    tested = evaluator.measure_batch(batch, names, window.test.start, window.test.stop)
    inside = {name: float(found.trials.metric(name)[row]) for name in names}
    outside = {name: float(values[0]) for name, values in tested.items()}
    return Fold(window, parameters, inside, outside), batch


@final
class _Account:
    """One account that trades fold after fold, its state carried over."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._state: RunState | None = None
        self._results: list[RunResult] = []
        self._span = (0, 0)

    def trade(self, batch: Batch | None, rows: slice) -> None:
        """Trade the bars of one fold; without parameters the account goes flat."""
        wanted = self._flat() if batch is None else self._exposures(batch)
        result = self._evaluator.run(wanted, rows.start, rows.stop, EVERYTHING, state=self._state)
        start = rows.start if self._state is None else self._span[0]
        self._state, self._span = result.state, (start, rows.stop)
        self._results.append(result)

    def _exposures(self, batch: Batch) -> Batch:
        """The strategy with its size and leverage inside its target, so that a new size is a changed target.

        The kernel trades when a target changes: two sets that both say "long", one with half and one with all of the
        equity, must not look alike to it.
        """
        execution = self._evaluator.rules.execution
        leverage = batch.settings.get("leverage", np.array([execution.leverage]))
        size = batch.settings.get("position_size", np.array([execution.position_size]))
        with np.errstate(invalid="ignore"):
            programs = [direct_program(program.matrix * (size * leverage)) for program in batch.programs]
        # The kernel multiplies targets by size x leverage, which is 1 now; the leverage is still the limit.
        taken_out = np.divide(1.0, leverage, out=np.zeros(1), where=leverage > 0.0)
        return Batch(batch.rows, programs, {**batch.settings, "position_size": taken_out, "leverage": leverage})

    def _flat(self) -> Batch:
        market = self._evaluator.market
        programs = [direct_program(np.zeros((1, market.n_bars))) for _ in market.instruments]
        return Batch(np.zeros(1, dtype=np.int64), programs, {})

    def performance(self) -> Performance:
        """The numbers and curves over all folds."""
        evaluator, last = self._evaluator, self._results[-1]
        curves = [result.curves for result in self._results if result.curves is not None]
        equity = np.concatenate([each.equity[0] for each in curves])
        statistics = last.statistics
        time = evaluator.market.bars.time[self._span[0] : self._span[1]]
        found = metrics_of(statistics, BACKTEST_METRICS)
        found |= curve_metrics(equity[None, :], time, statistics, BACKTEST_METRICS)
        metrics = {name: float(found[name][0]) for name in BACKTEST_METRICS}
        return Performance(
            metrics=metrics,
            equity=equity,
            cash=np.concatenate([each.cash[0] for each in curves]),
            units=np.concatenate([each.units[0] for each in curves], axis=-1),
            trades=Trades.of(self._trades(), evaluator.simulator.slots),
            span=self._span,
            ruined=bool(statistics["RUINED"][0]),
            cuts=int(statistics["CUTS"][0]),
            financing=float(statistics["FINANCING"][0]),
        )

    def _trades(self) -> FloatArray:
        """Every trade once: those closed in each fold, and those still open after the last one."""
        parts: list[FloatArray] = []
        before = 0
        for number, result in enumerate(self._results, start=1):
            rows = np.empty((0, 0)) if result.trades is None else result.trades
            parts.append(rows[before : None if number == len(self._results) else result.state.closed_trades])
            before = result.state.closed_trades
        return np.concatenate(parts)
