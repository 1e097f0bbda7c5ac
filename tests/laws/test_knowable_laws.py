"""Laws of what was known when: nothing that becomes knowable after a time changes what was known at it or before."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from autonomous_trading.core import Bars, FloatArray, IntArray, Timeframe
from autonomous_trading.data.knowable import KnowableSeries, as_of, join

HOUR = 3_600_000_000_000


@st.composite
def some_series(draw: st.DrawFn, name: str = "x") -> KnowableSeries:
    """A short series with revisions, releases out of order and gaps."""
    rows = draw(st.sets(st.tuples(st.integers(0, 60), st.integers(0, 12)), max_size=25))
    values = draw(st.lists(st.floats(-9.0, 9.0), min_size=len(rows), max_size=len(rows)))
    pairs = np.array(sorted(rows), dtype=np.int64).reshape(-1, 2)
    return KnowableSeries(name, pairs[:, 0] * HOUR, pairs[:, 1] * HOUR, np.array(values, dtype=np.float64))


@st.composite
def some_bars(draw: st.DrawFn) -> Bars:
    times = sorted(draw(st.sets(st.integers(0, 60), min_size=2, max_size=30)))
    flat = np.full(len(times), 100.0)
    return Bars(time=np.array(times, dtype=np.int64) * HOUR, open=flat, high=flat, low=flat, close=flat, volume=flat)


def slowly(series: KnowableSeries, when: IntArray) -> FloatArray:
    """What was known at each time, from the words: look at every row for every time."""
    known = []
    for moment in when.tolist():
        rows = [
            (reference, knowable, value)
            for knowable, reference, value in zip(series.knowable_at, series.reference, series.value, strict=True)
            if knowable <= moment
        ]
        known.append(float(max(rows, key=lambda row: row[:2])[2]) if rows else np.nan)
    return np.array(known, dtype=np.float64)


def by_pandas(series: KnowableSeries, when: IntArray) -> FloatArray:
    """The same by `pandas.merge_asof`, on the rows that were the newest reference when they came."""
    kept, newest = [], -1
    for row, reference in enumerate(series.reference.tolist()):
        if reference >= newest:
            kept.append(row)
            newest = reference
    left = pd.DataFrame({"at": np.sort(when)})
    right = pd.DataFrame({"at": series.knowable_at[kept], "value": series.value[kept]})
    right = right.drop_duplicates("at", keep="last")
    return np.asarray(pd.merge_asof(left, right, on="at")["value"], dtype=np.float64)


@given(some_series(), st.lists(st.integers(0, 61 * HOUR), min_size=1))
def test_it_is_what_two_slow_twins_say(series: KnowableSeries, when: list[int]) -> None:
    moments = np.sort(np.array(when, dtype=np.int64))
    known = as_of(series, moments)
    assert np.array_equal(known, slowly(series, moments), equal_nan=True)
    assert np.array_equal(known, by_pandas(series, moments), equal_nan=True)


@given(some_bars(), some_series(), st.integers(0, 61 * HOUR))
def test_dropping_what_becomes_knowable_later_changes_nothing_before(
    bars: Bars, series: KnowableSeries, cut: int
) -> None:
    hour = Timeframe.of("1h")
    decided = bars.time + HOUR <= cut
    whole = join(bars, series, timeframe=hour).extra["x"]
    short = join(bars, series.known_by(cut), timeframe=hour).extra["x"]
    assert np.array_equal(whole[decided], short[decided], equal_nan=True)


@given(some_bars(), some_series(), st.integers(0, 61 * HOUR), st.floats(-9.0, 9.0))
def test_scrambling_what_becomes_knowable_later_changes_nothing_before(
    bars: Bars, series: KnowableSeries, cut: int, other: float
) -> None:
    hour = Timeframe.of("1h")
    later = series.knowable_at > cut
    value = np.where(later, other, series.value)
    moved = np.where(later, series.reference[::-1], series.reference)
    rows = {(int(k), int(r)): float(v) for k, r, v in zip(series.knowable_at, moved, value, strict=True)}
    pairs = np.array(list(rows), dtype=np.int64).reshape(-1, 2)
    scrambled = KnowableSeries("x", pairs[:, 0], pairs[:, 1], np.array(list(rows.values()), dtype=np.float64))
    decided = bars.time + HOUR <= cut
    before = join(bars, series, timeframe=hour).extra["x"][decided]
    after = join(bars, scrambled, timeframe=hour).extra["x"][decided]
    assert np.array_equal(before, after, equal_nan=True)


@given(some_bars(), some_series(), st.integers(-100, 100))
def test_moving_all_times_together_changes_nothing(bars: Bars, series: KnowableSeries, by: int) -> None:
    step = (by + 101) * HOUR
    moved = KnowableSeries("x", series.knowable_at + step, series.reference + step, series.value)
    prices = {name: getattr(bars, name) for name in ("open", "high", "low", "close", "volume")}
    later = Bars(time=bars.time + step, **prices)
    hour = Timeframe.of("1h")
    first = join(bars, series, timeframe=hour).extra["x"]
    second = join(later, moved, timeframe=hour).extra["x"]
    assert np.array_equal(first, second, equal_nan=True)


@given(some_bars(), some_series())
def test_the_order_of_the_rows_given_does_not_matter(bars: Bars, series: KnowableSeries) -> None:
    turned = KnowableSeries("x", series.knowable_at[::-1], series.reference[::-1], series.value[::-1])
    assert np.array_equal(join(bars, series).extra["x"], join(bars, turned).extra["x"], equal_nan=True)


@given(some_bars(), some_series(), st.integers(1, 30))
def test_cutting_the_bars_changes_nothing_of_those_left(bars: Bars, series: KnowableSeries, rows: int) -> None:
    hour = Timeframe.of("1h")
    short = bars[:rows]
    whole = join(bars, series, timeframe=hour).extra["x"][: len(short)]
    assert np.array_equal(whole, join(short, series, timeframe=hour).extra["x"], equal_nan=True)
