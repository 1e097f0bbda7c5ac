"""How much of a span a series has: by sessions, by weekdays, by all days."""

from __future__ import annotations

import numpy as np
import pytest

from autonomous_trading.app.market_data import (
    BarCatalogue,
    Coverage,
    Delivery,
    coverage,
    coverage_of_spans,
    coverage_span,
)
from autonomous_trading.core import Bars, IntArray, Timeframe
from autonomous_trading.data import SeriesKey, Sessions, Span, around_the_clock
from autonomous_trading.testing.catalogue import MemoryCatalogue

MINUTE = 60_000_000_000
DAY = 86_400_000_000_000
START = 1_700_000_000_000_000_000 // DAY * DAY
NOW = START + 10 * DAY + 90 * MINUTE + 1


def days_of(catalogue: BarCatalogue, frame: str, days: IntArray) -> SeriesKey:
    series = SeriesKey("market", "A", Timeframe.of(frame))
    ones = np.ones(len(days))
    bars = Bars(START + days * DAY, ones, ones, ones, ones, ones, symbol="A")
    catalogue.commit(series, Delivery(Span(int(bars.time[0]), int(bars.time[-1]) + 1), bars, NOW))
    return series


def test_coverage() -> None:
    span = coverage_span(START + 10)
    assert span == Span(START - 730 * DAY, START)
    all_days = np.arange(-730, 0)
    weekdays = all_days[((START // DAY + all_days) + 3) % 7 < 5]
    every, business, weekly = MemoryCatalogue(), MemoryCatalogue(), MemoryCatalogue()
    found = coverage(every, days_of(every, "1h", all_days[10:]), span)
    assert (found.days, found.expected, found.measure) == (720, 730, "all days")
    found = coverage(business, days_of(business, "1d", weekdays[5:]), span)
    assert (found.days, found.expected, found.measure) == (len(weekdays) - 5, len(weekdays), "weekdays")
    assert found.share == pytest.approx(1 - 5 / len(weekdays))
    found = coverage(weekly, days_of(weekly, "1w", all_days[::7]), span)
    assert (found.days, found.expected) == (730, 730)
    nothing = coverage(MemoryCatalogue(), SeriesKey("market", "A", Timeframe.of("1h")), span)
    assert (nothing.days, nothing.share) == (0, 0.0)


@pytest.mark.parametrize("frame", ["1d", "1h"])
def test_coverage_of_sessions(frame: str) -> None:
    span, catalogue = coverage_span(START + 10), MemoryCatalogue()
    series = days_of(catalogue, frame, np.arange(-20, 0))
    found = coverage(catalogue, series, span, around_the_clock(START - 800 * DAY, START))
    assert (found.days, found.expected, found.measure) == (20, 730, "sessions of 24/7")
    none = Sessions("XNYS", *(np.empty(0, dtype=np.int64),) * 3, np.empty((0, 2), dtype=np.int64))
    assert coverage(catalogue, series, span, none).share == 0.0


def test_coverage_of_a_short_span() -> None:
    """Days are whole: the one in which a span begins counts, the one in which it ends does not."""
    catalogue = MemoryCatalogue()
    series = days_of(catalogue, "1h", np.arange(-20, 0))
    some = coverage(catalogue, series, Span(START - 3 * DAY + 7, START - DAY + 7))
    assert (some.days, some.expected) == (2, 2)
    assert coverage(catalogue, series, Span(START - DAY, START - DAY + 7)).share == 1.0


def test_a_week_covers_all_its_sessions() -> None:
    catalogue = MemoryCatalogue()
    series = days_of(catalogue, "1w", np.arange(-28, 0, 7))
    found = coverage(catalogue, series, Span(START - 28 * DAY, START), around_the_clock(START - 40 * DAY, START))
    assert (found.days, found.expected) == (28, 28)


def test_coverage_of_several_spans() -> None:
    """Whole days asked for in pieces count once, and what nobody asked for is not expected."""
    key, monday = SeriesKey("market", "A", Timeframe.of("1h")), START - START // DAY * DAY % (7 * DAY) + 4 * DAY
    times = np.array([monday + 9 * 60 * MINUTE, monday + DAY, monday + 2 * DAY], dtype=np.int64)
    assert coverage_of_spans(key, times, ()) is None
    pieces = [Span(monday, monday + 7 * MINUTE), Span(monday + 9 * MINUTE, monday + DAY)]
    assert coverage_of_spans(key, times, pieces) == Coverage(1, 1, "weekdays")
    apart = [*pieces, Span(monday + 2 * DAY, monday + 4 * DAY)]
    assert coverage_of_spans(key, times, apart) == Coverage(2, 3, "weekdays")
    sessions = around_the_clock(monday, monday + 5 * DAY)
    assert coverage_of_spans(key, times, apart, sessions) == Coverage(2, 3, f"sessions of {sessions.exchange}")
