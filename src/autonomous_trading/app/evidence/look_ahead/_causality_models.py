"""Whether a model knows what it was not trained on: its features, its labels, its training rows, its predictions.

Everything after the training bars is replaced. What was learned, and so every prediction before that bar, has to stay
what it is. A label is a look ahead by construction: one that ends among the test bars must not be trained on (purging;
Lopez de Prado 2018, Advances in Financial Machine Learning, chapter 7).
"""

import copy
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias, final

import numpy as np

from autonomous_trading.app._cuts import equal_but_for_rounding
from autonomous_trading.app.evidence.look_ahead._causality import compared
from autonomous_trading.app.evidence.look_ahead._causes import REPEAT, Cause, findings_of
from autonomous_trading.app.evidence.look_ahead._comparison import Columns, Key, same_bits, typical_size
from autonomous_trading.app.evidence.look_ahead._findings import CausalityReport, CheckName, Finding
from autonomous_trading.app.evidence.look_ahead._futures import Altered, World, next_bar_futures, whole_futures
from autonomous_trading.core import Bars, BoolArray, FloatArray, IntArray, InvalidInput, code_of, time_text

_SCALED = Cause(
    "a feature of a training bar changes with bars after the training: it was scaled, filled or selected on all rows",
    "fit scalers and selections on the training rows only, inside the model's fit, and apply them to the others",
)
_TESTED = Cause(
    "the model is fitted on rows of the test",
    "fit on rows before the test only, and predict the test with what is left",
)
_OVERLAPPING = Cause(
    "labels of training rows end among the test bars: {count} of {rows} rows know part of what is tested",
    "leave out (purge) every training row whose label ends at or after the first test bar: give label_end",
)
_LEARNED = Cause(
    "predictions of training bars change with bars after the training although features, labels and rows of the"
    " training do not: the model saw the other rows elsewhere",
    "let fit see nothing but what it is given, and keep nothing between two fits",
)


class Model(Protocol):
    """What learns, in the manner of scikit-learn; a copy of it is fitted every time."""

    def fit(self, features: FloatArray, labels: FloatArray, /) -> object:
        """Learn from rows [rows, features] and their labels [rows]."""

    def predict(self, features: FloatArray, /) -> FloatArray:
        """One value for every row of features."""


@final
@dataclass(frozen=True, slots=True, eq=False)
class TrainingData:
    """What a model is taught: features [bars, features] and labels [bars], NaN where there is none.

    `label_end`: the last row of bars that each label looks at, its own row where it looks at none after; None where
    that is not known, and then it is measured.
    """

    features: FloatArray
    labels: FloatArray
    label_end: IntArray | None = None


DataOf: TypeAlias = Callable[[Bars], TrainingData]
"""Features and labels of bars."""

RowsOf: TypeAlias = Callable[[TrainingData, int], IntArray]
"""The rows a model is fitted on when the test begins at a row."""


def known_before(data: TrainingData, test_start: int) -> IntArray:
    """The rows that may be learned from: complete, before the test, and with a label that ends before it."""
    complete = np.isfinite(data.features).all(axis=1) & np.isfinite(data.labels)
    complete[test_start:] = False
    if data.label_end is not None:
        complete &= np.asarray(data.label_end) < test_start
    return np.flatnonzero(complete)


def check_model(
    model: Model,
    bars: Bars,
    data: DataOf,
    *,
    test_start: int,
    rows: RowsOf = known_before,
    seed: int = 0,
    name: str = "",
) -> CausalityReport:
    """Whether a model that is tested from bar `test_start` on learned from it, or predicts with what comes later.

    `data` makes features and labels of bars; `rows` chooses those the model is fitted on. Bars from the test on are
    replaced and the model is fitted again: features, labels and predictions before may not change (fit). The fitted
    model then has to predict every bar of the test without those after it (truncation, scramble). Raises InvalidInput
    for a test that leaves nothing to learn from, CodeFailed where the code fails on all bars.
    """
    label = name or type(model).__name__
    if not 0 < test_start < len(bars):
        raise InvalidInput(f"test_start must lie in 1 to {len(bars) - 1}; got {test_start}", fix="leave bars to both")
    trial = _Trial(model, data, rows, test_start)
    rng = np.random.default_rng(seed)
    with code_of(label):
        whole = trial.of(bars)
        again = trial.of(bars)
    unsteady = ~same_bits(whole.predictions, again.predictions)
    if unsteady.any():
        row = int(np.argmax(unsteady))
        place = (row, float(whole.predictions[row]), float(again.predictions[row]))
        found = (_found("repeat", "predictions", bars, place, ("when it is fitted again", REPEAT)),)
        return CausalityReport(label, "model", ("predictions",), found, {"repeat": 1})
    fit_findings, tried = _fit_findings(trial, whole, bars, rng)

    def ask(world: World) -> Columns:
        return _columns(data(world[bars.symbol]), whole.fitted, bars.symbol)

    columns = ask({bars.symbol: bars})
    comparison = compared(ask, columns, {bars.symbol: bars}, rng, first=test_start + 1)
    ahead = findings_of(comparison, {bars.symbol: bars})
    labels = tuple(key.column for key in columns)
    counts = {"fit": tried, **comparison.tried}
    return CausalityReport(
        label, "model", labels, (*fit_findings, *ahead), counts, sum(comparison.failed.values()), comparison.exact
    )


@final
@dataclass(frozen=True, slots=True, eq=False)
class _Taught:
    """What one training came to."""

    data: TrainingData
    rows: IntArray
    fitted: Model
    predictions: FloatArray


@final
@dataclass(frozen=True, slots=True)
class _Trial:
    """How the model is trained, on whatever bars."""

    model: Model
    data: DataOf
    rows: RowsOf
    test_start: int

    def of(self, bars: Bars) -> _Taught:
        """A copy of the model, trained."""
        data = self.data(bars)
        if data.features.ndim != 2 or len(data.features) != len(bars) or data.labels.shape != (len(bars),):
            raise InvalidInput(
                f"data gave features {data.features.shape} and labels {data.labels.shape} for {len(bars)} bars",
                fix="give features [bars, features] and labels [bars], NaN where there is none",
            )
        rows = self.rows(data, self.test_start)
        if not len(rows):
            raise InvalidInput(f"no row before bar {self.test_start} can be learned from", fix="begin the test later")
        fitted = copy.deepcopy(self.model)
        fitted.fit(data.features[rows], data.labels[rows])
        return _Taught(data, rows, fitted, _predictions(fitted, data.features))


def _columns(data: TrainingData, fitted: Model, symbol: str) -> dict[Key, FloatArray]:
    features = {
        Key(symbol, f"features[{number}]"): np.ascontiguousarray(values)
        for number, values in enumerate(np.asarray(data.features, dtype=np.float64).T)
    }
    return {**features, Key(symbol, "predictions"): _predictions(fitted, data.features)}


def _predictions(fitted: Model, features: FloatArray) -> FloatArray:
    """One prediction for each complete row, NaN for the others."""
    complete = np.isfinite(features).all(axis=1)
    found = np.full(len(features), np.nan)
    if complete.any():
        found[complete] = np.asarray(fitted.predict(features[complete]), dtype=np.float64)
    return found


def _fit_findings(
    trial: _Trial, whole: _Taught, bars: Bars, rng: np.random.Generator
) -> tuple[tuple[Finding, ...], int]:
    """What the training knows of the bars from the test on, and how many other futures were tried."""
    others = [(altered.change, trial.of(altered.world[bars.symbol])) for altered in _futures(trial, bars, rng)]
    found: dict[str, Finding] = {}
    late = whole.rows[whole.rows >= trial.test_start]
    if len(late):
        place = (int(late[0]), float(whole.data.labels[late[0]]), np.nan)
        found["training rows"] = _found(
            "fit", "training rows", bars, place, ("with rows of the test left out", _TESTED)
        )
    overlapping = _overlapping(trial, whole, others)
    if len(overlapping):
        words = _OVERLAPPING.words.format(count=len(overlapping), rows=len(whole.rows))
        changed = _label_after(others, int(overlapping[0]))
        place = (int(overlapping[0]), float(whole.data.labels[overlapping[0]]), changed)
        cause = Cause(words, _OVERLAPPING.fix)
        found["labels"] = _found("fit", "labels", bars, place, ("when bars of the test are others", cause))
    for change, other in others:
        for what, cause, values, changed_values in _learned(whole, other):
            row = _first_change(values, changed_values, trial.test_start)
            if row is not None and what not in found and (what != "predictions" or not found):
                place = (row, float(values[row]), float(changed_values[row]))
                found[what] = _found("fit", what, bars, place, (change, cause))
    return tuple(found.values()), len(others)


def _futures(trial: _Trial, bars: Bars, rng: np.random.Generator) -> Iterator[Altered]:
    world, moment = {bars.symbol: bars}, int(bars.time[trial.test_start])
    yield from next_bar_futures(world, moment, rng)
    yield from whole_futures(world, moment, rng)


def _learned(whole: _Taught, other: _Taught) -> Iterator[tuple[str, Cause, FloatArray, FloatArray]]:
    """What may not change before the test: every feature, then the predictions."""
    for number in range(whole.data.features.shape[1]):
        yield f"features[{number}]", _SCALED, whole.data.features[:, number], other.data.features[:, number]
    yield "predictions", _LEARNED, whole.predictions, other.predictions


def _overlapping(trial: _Trial, whole: _Taught, others: Sequence[tuple[str, _Taught]]) -> IntArray:
    """Training rows before the test whose label ends in it, as it is said or as it is seen to change."""
    overlaps = np.zeros(len(whole.data.labels), dtype=np.bool_)
    if whole.data.label_end is not None:
        overlaps |= np.asarray(whole.data.label_end) >= trial.test_start
    for _, other in others:
        overlaps |= ~_same(whole.data.labels, other.data.labels)
    rows = whole.rows[whole.rows < trial.test_start]
    return rows[overlaps[rows]]


def _label_after(others: Sequence[tuple[str, _Taught]], row: int) -> float:
    return float(others[-1][1].data.labels[row])


def _first_change(values: FloatArray, changed: FloatArray, stop: int) -> int | None:
    rows = np.flatnonzero(~_same(values, changed)[:stop])
    return int(rows[0]) if len(rows) else None


def _same(left: FloatArray, right: FloatArray) -> BoolArray:
    return equal_but_for_rounding(left, right, typical_size(left))


def _found(check: CheckName, what: str, bars: Bars, place: tuple[int, float, float], why: tuple[str, Cause]) -> Finding:
    row, value, changed = place
    change, cause = why
    time = time_text(int(bars.time[row]))
    return Finding(check, "leak", what, bars.symbol, row, time, value, changed, change, cause.words, cause.fix)
