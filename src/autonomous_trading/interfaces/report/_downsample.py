"""Fewer points, same picture: buckets for bars, extremes for lines, the rows that matter for trials."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from autonomous_trading.core import FloatArray, IntArray
from autonomous_trading.interfaces.report._run_facts import PriceBars
from autonomous_trading.interfaces.report._study_facts import Trials

__all__ = ["BarBuckets", "FrontPoints", "bar_buckets", "best_so_far", "extreme_rows", "front_points", "trial_rows"]

_SAME_DIGITS = 5
"""Objective values are drawn with so many significant digits: what agrees in them is one point."""


class BarBuckets(NamedTuple):
    """Candles of `size` bars each (the last may hold fewer); `first` is the row of each candle's first bar."""

    size: int
    first: IntArray
    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray


class FrontPoints(NamedTuple):
    """The distinct points of a Pareto front: the row of one set at each, and how many sets are there."""

    rows: IntArray
    counts: IntArray


def bar_buckets(bars: PriceBars, limit: int) -> BarBuckets:
    """At most `limit` candles: first open, highest high, lowest low, last close of each run of consecutive bars."""
    n_bars = len(bars.time)
    size = -(-n_bars // limit)
    first = np.arange(0, n_bars, size, dtype=np.int64)
    last = np.minimum(first + size, n_bars) - 1
    return BarBuckets(
        size=size,
        first=first,
        open=np.asarray(bars.open, dtype=np.float64)[first],
        high=np.maximum.reduceat(np.asarray(bars.high, dtype=np.float64), first),
        low=np.minimum.reduceat(np.asarray(bars.low, dtype=np.float64), first),
        close=np.asarray(bars.close, dtype=np.float64)[last],
    )


def extreme_rows(series: Sequence[FloatArray], limit: int) -> IntArray:
    """Rows to keep, ascending and at most `limit`: the ends, and each series' lowest and highest row per bucket.

    A line drawn through these rows touches every peak and trough of the full line. A NaN row is kept only where its
    whole bucket is NaN. `limit` must leave room for one bucket: at least 2 + 2 * len(series).
    """
    n_rows = len(series[0])
    if n_rows <= limit:
        return np.arange(n_rows, dtype=np.int64)
    n_buckets = (limit - 2) // (2 * len(series))
    rows = _bucket_extremes(series, n_buckets)
    # series that peak together share rows, so there is often room for finer buckets than the worst case allows
    while len(finer := _bucket_extremes(series, n_buckets * 5 // 4 + 1)) <= limit:
        n_buckets, rows = n_buckets * 5 // 4 + 1, finer
    return rows


def _bucket_extremes(series: Sequence[FloatArray], n_buckets: int) -> IntArray:
    n_rows = len(series[0])
    size = -(-n_rows // n_buckets)
    n_buckets = -(-n_rows // size)
    start = np.arange(n_buckets, dtype=np.int64) * size
    kept = [np.array([0, n_rows - 1], dtype=np.int64)]
    for values in series:
        for sign in (1.0, -1.0):
            padded = np.full(n_buckets * size, np.inf)
            padded[:n_rows] = np.where(np.isnan(values), np.inf, sign * values)
            kept.append(start + np.argmin(padded.reshape(n_buckets, size), axis=1))
    return np.unique(np.concatenate(kept))


def best_so_far(values: FloatArray, sign: float) -> FloatArray:
    """The best value seen up to each trial, NaN before the first valid one; `sign` is +1 when more is better."""
    best: FloatArray = sign * np.fmax.accumulate(sign * values)
    return best


def front_points(trials: Trials) -> FrontPoints:
    """Each point of the front once, in the order it was found; the chosen set stands for its point."""
    nothing: IntArray = np.empty(0, dtype=np.int64)
    on_front = nothing if trials.on_front is None else np.flatnonzero(np.asarray(trials.on_front))
    points: dict[tuple[str, ...], list[int]] = {}
    for row, values in zip(on_front.tolist(), trials.matrix()[on_front].tolist(), strict=True):
        points.setdefault(tuple(f"{value:.{_SAME_DIGITS}g}" for value in values), []).append(row)
    rows = [trials.chosen if trials.chosen in same else same[0] for same in points.values()]
    return FrontPoints(np.array(rows, dtype=np.int64), np.array([len(same) for same in points.values()], np.int64))


def trial_rows(trials: Trials, limit: int) -> IntArray:
    """Rows of the trials to draw, ascending and at most `limit`: all of them, or those that carry the story.

    First the chosen set and every trial that improved the best so far, then each point of the Pareto front, the other
    sets on it, and the rest. A group that does not fit is sampled evenly, so the result is the same on every run. Sets
    without a value are never drawn.
    """
    matrix = trials.matrix()
    valid = np.isfinite(matrix).all(axis=1)
    improved = np.zeros(len(matrix), dtype=np.bool_)
    for column, objective in zip(matrix.T, trials.objectives, strict=True):
        best = np.fmax.accumulate(np.where(valid, objective.sign * column, -np.inf))
        improved |= best > np.concatenate(([-np.inf], best[:-1]))
    if trials.chosen is not None:
        improved[trials.chosen] = True
    front = np.zeros_like(valid) if trials.on_front is None else np.asarray(trials.on_front, dtype=np.bool_)
    points = np.zeros_like(valid)
    points[front_points(trials).rows] = True
    kept = np.empty(0, dtype=np.int64)
    for group in (improved, points, front, np.ones_like(valid)):
        waiting = np.setdiff1d(np.flatnonzero(group & valid), kept)
        room = min(limit - len(kept), len(waiting))
        kept = np.union1d(kept, waiting[np.linspace(0, len(waiting) - 1, room).astype(np.int64)])
    return kept
