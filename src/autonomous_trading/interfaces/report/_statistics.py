"""The few numbers a report works out itself from the facts it is given, each as a plain function."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from autonomous_trading.core import FloatArray, IntArray
from autonomous_trading.interfaces.report._run_facts import Integers, Numbers
from autonomous_trading.interfaces.report._study_facts import ParameterColumn, ParameterValue

__all__ = [
    "Histogram",
    "MonthlyReturns",
    "Slice",
    "drawdown",
    "histogram",
    "monthly_returns",
    "rank_correlation",
    "slice_of",
]

_MOST_BINS = 60
_MOST_GROUPS = 24


class MonthlyReturns(NamedTuple):
    """Returns by calendar month (UTC): `months[i, j]` is month j + 1 of `years[i]`, NaN where there were no bars."""

    years: tuple[int, ...]
    months: FloatArray
    totals: FloatArray


class Histogram(NamedTuple):
    """Counts between `edges`; `below` and `above` of them lie beyond the ends and are counted in the end bins."""

    edges: FloatArray
    counts: IntArray
    below: int
    above: int


class Slice(NamedTuple):
    """One parameter against the objective: median and best value of each group of trials, and the group's position."""

    groups: tuple[ParameterValue, ...]
    median: FloatArray
    best: FloatArray
    binned: bool


def drawdown(equity: Numbers, start: float | None = None) -> FloatArray:
    """The fall from the highest equity so far (`start` included), a fraction at or below zero, one value per bar."""
    values = np.asarray(equity, dtype=np.float64)
    peak = np.maximum(np.maximum.accumulate(values), -np.inf if start is None else start)
    return np.divide(values, peak, out=np.ones_like(values), where=peak > 0.0) - 1.0


def monthly_returns(time: Integers, equity: Numbers, start: float | None = None) -> MonthlyReturns:
    """Return of each calendar month and year; compounding all months gives the total return of the curve exactly.

    A month runs from the last bar of the month before to its own last bar; the first from `start`, or the first bar.
    NaN when the equity it starts from is not positive, and in every year that holds such a month.
    """
    values = np.asarray(equity, dtype=np.float64)
    month = np.asarray(time, dtype=np.int64).astype("datetime64[ns]").astype("datetime64[M]").astype(np.int64)
    last = np.append(np.flatnonzero(np.diff(month)), len(month) - 1)
    levels = values[last]
    before = np.concatenate((values[:1] if start is None else [start], levels[:-1]))
    returns = np.divide(levels, before, out=np.full(len(last), np.nan), where=before > 0.0) - 1.0
    year = 1970 + month[last] // 12
    years = np.arange(year[0], year[-1] + 1)
    months = np.full((len(years), 12), np.nan)
    months[year - year[0], month[last] % 12] = returns
    totals = np.array([np.prod(1.0 + returns[year == one]) - 1.0 if np.any(year == one) else np.nan for one in years])
    return MonthlyReturns(tuple(int(one) for one in years), months, totals)


def histogram(values: Numbers) -> Histogram:
    """Counts in equal bins of a round width with an edge exactly at zero, so no bin mixes gains and losses.

    Width by Freedman and Diaconis (1981). When rare outliers would squeeze the rest into a few bins, everything outside
    the 1st to 99th percentile is counted in the end bins, and the result says how many that is.
    """
    data = np.asarray(values, dtype=np.float64)
    low, high = float(data.min()), float(data.max())
    quarter, three_quarters = np.percentile(data, (25, 75))
    width = _round_width(2.0 * float(three_quarters - quarter) / len(data) ** (1 / 3) or (high - low) / 10 or 0.01)
    if (high - low) / width > _MOST_BINS:
        low, high = (float(edge) for edge in np.percentile(data, (1, 99)))
    while (high - low) / width > _MOST_BINS:
        width = _round_width(width * 1.5)
    first, last = int(np.floor(low / width)), int(np.floor(high / width)) + 1
    edges = np.arange(first, last + 1, dtype=np.float64) * width
    place = np.clip(np.floor(data / width).astype(np.int64) - first, 0, last - first - 1)
    counts = np.bincount(place, minlength=last - first).astype(np.int64)
    return Histogram(edges, counts, int((data < edges[0]).sum()), int((data >= edges[-1]).sum()))


def rank_correlation(first: Numbers, second: Numbers) -> float:
    """Spearman's rank correlation over the pairs where both are finite; NaN with fewer than three or no variation."""
    pairs = np.column_stack((np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)))
    pairs = pairs[np.isfinite(pairs).all(axis=1)]
    if len(pairs) < 3 or np.any(np.ptp(pairs, axis=0) == 0.0):
        return float("nan")
    return float(np.corrcoef(_ranks(pairs[:, 0]), _ranks(pairs[:, 1]))[0, 1])


def slice_of(column: ParameterColumn, objective: FloatArray, sign: float) -> Slice:
    """Median and best objective per value of one parameter; more than 24 numeric values are put into 24 equal bins.

    `sign` is +1 when more is better. Trials with a NaN objective are left out; a group without any other is dropped.
    """
    keep = np.isfinite(objective)
    scores = objective[keep]
    raw = [value for value, kept in zip(_plain(column), keep, strict=True) if kept]
    groups, place, binned = _groups(raw)
    median, best, names = [], [], []
    for number, name in enumerate(groups):
        inside = scores[place == number]
        if len(inside):
            names.append(name)
            median.append(float(np.median(inside)))
            best.append(float(sign * np.max(sign * inside)))
    return Slice(tuple(names), np.array(median, dtype=np.float64), np.array(best, dtype=np.float64), binned)


def _groups(raw: Sequence[ParameterValue]) -> tuple[list[ParameterValue], IntArray, bool]:
    numeric = all(isinstance(value, int | float) and not isinstance(value, bool) for value in raw)
    distinct: list[ParameterValue] = sorted(
        set(raw), key=lambda value: (str(type(value)), value) if not numeric else value
    )
    if not numeric or len(distinct) <= _MOST_GROUPS:
        position = {value: number for number, value in enumerate(distinct)}
        return distinct, np.array([position[value] for value in raw], dtype=np.int64), False
    numbers = np.array(raw, dtype=np.float64)
    edges = np.linspace(numbers.min(), numbers.max(), _MOST_GROUPS + 1)
    place = np.clip(np.searchsorted(edges, numbers, side="right") - 1, 0, _MOST_GROUPS - 1).astype(np.int64)
    return [float(middle) for middle in (edges[:-1] + edges[1:]) / 2], place, True


def _plain(column: ParameterColumn) -> list[ParameterValue]:
    return column.tolist() if isinstance(column, np.ndarray) else list(column)


def _ranks(values: FloatArray) -> FloatArray:
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    ranks: FloatArray = (ends - (counts - 1) / 2.0)[place]
    return ranks


def _round_width(width: float) -> float:
    """The smallest of 1, 2, 2.5, 5, 10 times a power of ten that is not below `width`."""
    power = 10.0 ** np.floor(np.log10(width))
    return float(next(step * power for step in (1.0, 2.0, 2.5, 5.0, 10.0) if step * power >= width * (1 - 1e-9)))
