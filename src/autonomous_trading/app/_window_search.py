"""The searches of all windows of a walk as one search, so that a ledger records and counts every set of them.

Every set carries the number of its window beside its parameters. The optimiser of a window knows nothing of the others.
"""

from collections.abc import Sequence
from typing import Final, final

import numpy as np

from autonomous_trading.app._evaluator import BASIC_METRICS, Evaluator
from autonomous_trading.app._executor import Evaluate
from autonomous_trading.app._ledger import batch_digest
from autonomous_trading.app._programs import Batch
from autonomous_trading.app._search import Found, Objective, Search
from autonomous_trading.core import FloatArray, IntArray, IntParameter, InvalidInput, ParameterTable, Space, TrialTable
from autonomous_trading.search import Optimizer
from autonomous_trading.validation import Window

WINDOW: Final = "walk_forward_window"
"""The name under which a set carries the number of its window, from 0."""


@final
class WindowSearch(Optimizer):
    """The same search of one objective in one window after the other, each with the seed of the whole.

    search.trials are the sets of one window. What is proposed has a column `walk_forward_window` beside the parameters.
    """

    def __init__(self, space: Space, windows: int, search: Search) -> None:
        self._space, self._search, self._windows = space, search, windows
        self._window = 0
        self._inner = self._fresh()
        self._empty = space_of_windows(space, windows).table([])

    def ask(self) -> ParameterTable:
        """The next sets of this window, or the first ones of the next; none after the last window."""
        while not len(sets := self._inner.ask()):
            if self._window + 1 == self._windows:
                return self._empty
            self._window += 1
            self._inner = self._fresh()
        numbers = np.full(len(sets), self._window, dtype=np.int64)
        return ParameterTable({WINDOW: numbers, **sets.columns}, len(sets))

    def tell(self, table: ParameterTable, values: FloatArray) -> None:
        """Takes what the sets were worth in their window."""
        self._inner.tell(without_window(table), values)

    def _fresh(self) -> Optimizer:
        return self._search.optimizer(self._space, 1)


def space_of_windows(space: Space, windows: int) -> Space:
    """What is searched, and in which window. InvalidInput where a parameter has the name of the window."""
    if WINDOW in (*space.names, *space.fixed):
        raise InvalidInput(f"a walk-forward needs the name {WINDOW} for itself", fix="call the parameter otherwise")
    numbers = IntParameter(0, max(windows - 1, 1), default=0)
    return Space({WINDOW: numbers, **space.parameters}, space.constraint, space.fixed)


def without_window(table: ParameterTable) -> ParameterTable:
    """The parameters alone."""
    return ParameterTable({name: table.column(name) for name in table.names if name != WINDOW}, len(table))


def window_metrics(objective: Objective) -> tuple[str, ...]:
    """What is kept of every set of a walk."""
    return tuple(dict.fromkeys((objective.name, *BASIC_METRICS)))


def training_spans(windows: Sequence[Window]) -> tuple[tuple[int, int], ...]:
    """First row of the training bars of every window, and the row after their last."""
    return tuple((window.train.start, window.train.stop) for window in windows)


def window_evaluation(evaluator: Evaluator, metrics: Sequence[str], spans: Sequence[tuple[int, int]]) -> Evaluate:
    """What sets are worth on the training bars of the window each of them names: rows start .. stop - 1 of spans."""
    bound = _Bound(evaluator)

    def evaluate(table: ParameterTable, _: IntArray) -> dict[str, FloatArray]:
        windows = table.column(WINDOW)
        columns = {name: np.full(len(table), np.nan) for name in metrics}
        for window in np.unique(windows).tolist():
            rows = np.flatnonzero(windows == window)
            for batch in bound.batches(without_window(table.take(rows))):
                for name, values in evaluator.measure_batch(batch, metrics, *spans[window]).items():
                    columns[name][rows[batch.rows]] = values
        return columns

    return evaluate


@final
class _Bound:
    """The last table bound to its columns: where one worker evaluates, methods that do not learn have one table."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._digest = ""
        self._batches: list[Batch] = []

    def batches(self, table: ParameterTable) -> list[Batch]:
        """The table bound to its columns, by what was kept if it is the same table."""
        digest = batch_digest(table)
        if digest != self._digest:
            self._batches = self._evaluator.batches(table)
            self._digest = digest
        return self._batches


def found_by_window(found: Found, windows: int) -> list[Found]:
    """What was found in every window, in order."""
    numbers = found.trials.parameters.column(WINDOW)
    return [_rows_of(found, np.flatnonzero(numbers == window)) for window in range(windows)]


def best_of_windows(found: Found, windows: int) -> list[int]:
    """Row of the best set of every window that has one."""
    numbers = found.trials.parameters.column(WINDOW)
    losses = found.losses()[:, 0]
    rows = (np.flatnonzero((numbers == window) & ~np.isnan(losses)) for window in range(windows))
    return [int(each[np.argmin(losses[each])]) for each in rows if len(each)]


def _rows_of(found: Found, rows: IntArray) -> Found:
    trials = found.trials
    metrics = {name: values[rows] for name, values in trials.metrics.items()}
    part = TrialTable(without_window(trials.parameters.take(rows)), metrics, trials.feasible[rows])
    return Found(part, found.objectives, found.constraints)
