"""Does the answer of a walk-forward hang on how long its windows happen to be?

Every set is evaluated once, on all bars. What any window would have chosen, and what that earned next, are then sums
over bars, so hundreds of designs (train x test x rolling or expanding) cost little more than one. A result that is good
for one design and poor for its neighbours was found by the design.

A training window that chooses knows the set's returns in it and nothing later. The sets themselves do not forget what
they saw before the window (indicators warm up, positions are carried), as in live use.

Source: Pardo, "The Evaluation and Optimization of Trading Strategies" (2008), chapters 11 and 12, for walk-forward
efficiency and the matrix of window lengths; Tukey, "Exploratory Data Analysis" (1977), for what is an outlier.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import NamedTuple, final

import numpy as np

from autonomous_trading.core import BoolArray, FloatArray, IntArray, InvalidInput
from autonomous_trading.validation._part_scores import RunningSums, existing, sharpe_ratios
from autonomous_trading.validation._walk_forward import Unit, Window, walk_forward_efficiency, walk_forward_windows

TRAINS = (90.0, 180.0, 365.0, 730.0)
TESTS = (30.0, 60.0, 90.0, 180.0)
"""Days."""
_VALUES_AT_ONCE = 1 << 21
_FENCE = 1.5


class Design(NamedTuple):
    """How a walk-forward is cut: lengths of training and test in a unit, and whether training keeps all of the past."""

    train: float
    test: float
    expanding: bool = False


@final
@dataclass(frozen=True, slots=True)
class WalkForwardDesign:
    """What each design gives, one value per design; NaN, and no windows, for one that does not fit the data.

    Sharpe ratios are per bar. `in_sample` is the mean over the windows of the chosen set's in training; `out_of_sample`
    that of the stitched record, which begins later where training is longer, and `on_shared_bars` that of its part that
    all designs have. `efficiency` is out of sample over in sample, `gains` the share of windows with a gain. `own` is
    the row of the design that is actually used, or -1.
    """

    designs: tuple[Design, ...]
    windows: IntArray
    in_sample: FloatArray
    out_of_sample: FloatArray
    on_shared_bars: FloatArray
    efficiency: FloatArray
    gains: FloatArray
    own: int

    @property
    def median(self) -> float:
        """Sharpe ratio out of sample that half of the designs exceed."""
        return float(np.median(self._known))

    @property
    def range(self) -> tuple[float, float]:
        """Lowest and highest Sharpe ratio out of sample."""
        return float(self._known.min()), float(self._known.max())

    @property
    def share_above_zero(self) -> float:
        """Share of the designs whose Sharpe ratio out of sample is above zero."""
        return float(np.mean(self._known > 0.0))

    @property
    def own_percentile(self) -> float:
        """Share of the other designs that did worse than the own one, ties counted half; NaN without one or others."""
        own, others = self._own_and_others
        if math.isnan(own) or not len(others):
            return math.nan
        return float(np.mean(others < own) + 0.5 * np.mean(others == own))

    @property
    def own_is_outlier(self) -> bool:
        """Whether the own design lies apart from the others, by more than 1.5 times what their middle half spans."""
        own, others = self._own_and_others
        if math.isnan(own) or not len(others):
            return False
        low, high = np.quantile(others, [0.25, 0.75])
        reach = _FENCE * (high - low)
        return not low - reach <= own <= high + reach

    @property
    def _known(self) -> FloatArray:
        known = self.out_of_sample[np.isfinite(self.out_of_sample)]
        return known if len(known) else np.array([np.nan])

    @property
    def _own_and_others(self) -> tuple[float, FloatArray]:
        if self.own < 0:
            return math.nan, self.out_of_sample[:0]
        others = np.delete(self.out_of_sample, self.own)
        return float(self.out_of_sample[self.own]), others[np.isfinite(others)]


def walk_forward_design(
    returns: FloatArray,
    times: IntArray,
    *,
    trains: Sequence[float] = TRAINS,
    tests: Sequence[float] = TESTS,
    unit: Unit = "days",
    own: Design | None = None,
) -> WalkForwardDesign:
    """A walk-forward of every train x test length, rolling and expanding, over sets that were evaluated on all bars.

    `returns` [bars, sets]: simple returns of every set tried, `times` [bars]: starts of the bars, UTC nanoseconds. Each
    window chooses the set with the best Sharpe ratio in training (of several the first, none that stood still) and
    holds it in the test; windows move on by the length of a test. `own` is the design that is used; it joins the grid.

    Raises InvalidInput for returns that are not finite, and where no design fits the data.

    >>> rng = np.random.default_rng(0)
    >>> found = walk_forward_design(rng.normal(0.0, 0.01, (1_000, 20)), np.arange(1_000) * 86_400_000_000_000)
    >>> len(found.designs), bool(abs(found.median) < 0.1)
    (32, True)
    """
    _check(returns, len(times))
    designs = _grid(trains, tests, own)
    cut = [_windows(times, design, unit) for design in designs]
    if not any(cut):
        _complain(times, designs, unit)
    chosen, inside = _best(returns, [window for windows in cut for window in windows])
    stops = np.cumsum([len(windows) for windows in cut])[:-1]
    walks = [
        _Walk(windows, _stitched(returns, windows, columns), scores)
        for windows, columns, scores in zip(cut, np.split(chosen, stops), np.split(inside, stops), strict=True)
    ]
    shared = max(walk.start for walk in walks), min(walk.stop for walk in walks)
    in_sample = np.array([walk.in_sample for walk in walks])
    out_of_sample = np.array([walk.sharpe(0, len(returns)) for walk in walks])
    pairs = zip(in_sample.tolist(), out_of_sample.tolist(), strict=True)
    return WalkForwardDesign(
        designs=designs,
        windows=np.array([len(walk.windows) for walk in walks], dtype=np.int64),
        in_sample=in_sample,
        out_of_sample=out_of_sample,
        on_shared_bars=np.array([walk.sharpe(*shared) for walk in walks]),
        efficiency=np.array([walk_forward_efficiency(*pair) for pair in pairs]),
        gains=np.array([walk.gains for walk in walks]),
        own=-1 if own is None else designs.index(own),
    )


def chosen_returns(returns: FloatArray, windows: Sequence[Window]) -> FloatArray:
    """Returns of the stitched record [bars from the first test on]: each window's best set in training, in its part.

    `returns` [bars, sets]. Where every set stood still in training nothing is held, and the return is 0.

    >>> sets = np.array([[1, -1], [2, 0], [3, 1], [0, 5], [0, 6], [9, 7.0]])
    >>> windows = walk_forward_windows(np.arange(6), train=2, test=2, step=2, unit="bars")
    >>> chosen_returns(sets, windows).tolist()
    [3.0, 0.0, 6.0, 7.0]
    """
    _check(returns, max((window.test.stop for window in windows), default=0))
    if not windows:
        raise InvalidInput("there is no window to choose in", fix="make them with walk_forward_windows")
    chosen, _ = _best(returns, windows)
    return _stitched(returns, windows, chosen)


@final
@dataclass(frozen=True, slots=True)
class _Walk:
    """One walk-forward: its windows, its returns from the first test on, and the chosen sets' Sharpe ratios before."""

    windows: tuple[Window, ...]
    returns: FloatArray
    inside: FloatArray

    @property
    def start(self) -> int:
        return self.windows[0].stitched.start if self.windows else 0

    @property
    def stop(self) -> int:
        return self.windows[-1].stitched.stop if self.windows else np.iinfo(np.int64).max

    @property
    def in_sample(self) -> float:
        known = self.inside[np.isfinite(self.inside)]
        return float(known.mean()) if len(known) else math.nan

    @property
    def gains(self) -> float:
        starts = np.array([window.stitched.start - self.start for window in self.windows], dtype=np.int64)
        if not len(starts):
            return math.nan
        return float(np.mean(np.multiply.reduceat(1.0 + self.returns, starts) > 1.0))

    def sharpe(self, first: int, stop: int) -> float:
        """Sharpe ratio per bar on the bars of [first, stop) it trades; NaN where there are fewer than two."""
        part = self.returns[max(first - self.start, 0) : max(stop - self.start, 0)]
        return float(sharpe_ratios(part[:, np.newaxis])[0]) if len(part) > 1 else math.nan


def _grid(trains: Sequence[float], tests: Sequence[float], own: Design | None) -> tuple[Design, ...]:
    grid = [Design(train, test, expanding) for train, test, expanding in product(trains, tests, (False, True))]
    return tuple(dict.fromkeys([*grid, *([] if own is None else [own])]))


def _windows(times: IntArray, design: Design, unit: Unit) -> tuple[Window, ...]:
    """Windows of a design, none where it does not fit."""
    try:
        return _cut(times, design, unit)
    except InvalidInput:
        return ()


def _cut(times: IntArray, design: Design, unit: Unit) -> tuple[Window, ...]:
    return walk_forward_windows(
        times, train=design.train, test=design.test, step=design.test, unit=unit, expanding=design.expanding
    )


def _complain(times: IntArray, designs: Iterable[Design], unit: Unit) -> None:
    """Say why the shortest design does not fit."""
    _cut(times, min(designs, key=lambda design: design.train + design.test), unit)


def _best(returns: FloatArray, windows: Sequence[Window]) -> tuple[IntArray, FloatArray]:
    """Column of the best set in each training window and its Sharpe ratio there; -1 and NaN where all stood still."""
    first = np.array([window.train.start for window in windows], dtype=np.int64)
    stop = np.array([window.train.stop for window in windows], dtype=np.int64)
    best, chosen = np.full(len(windows), -np.inf), np.full(len(windows), -1, dtype=np.int64)
    at_once = max(1, _VALUES_AT_ONCE // max(len(returns), len(windows)))
    for column in range(0, returns.shape[1], at_once):
        scores = RunningSums.of(returns[:, column : column + at_once]).scores(first, stop)
        here = scores.argmax(axis=1)
        value = scores[np.arange(len(windows)), here]
        better: BoolArray = value > best
        best[better], chosen[better] = value[better], here[better] + column
    return chosen, existing(best)


def _stitched(returns: FloatArray, windows: Sequence[Window], chosen: IntArray) -> FloatArray:
    parts = [
        returns[window.stitched, column] if column >= 0 else np.zeros(window.stitched.stop - window.stitched.start)
        for window, column in zip(windows, chosen.tolist(), strict=True)
    ]
    return np.concatenate([np.zeros(0), *parts])


def _check(returns: FloatArray, bars: int) -> None:
    if returns.ndim != 2 or not returns.shape[1] or len(returns) < bars or not bool(np.isfinite(returns).all()):
        raise InvalidInput(
            f"returns must be finite and [bars, sets] of {bars} bars, got shape {returns.shape}",
            fix="leave out sets that failed",
        )
