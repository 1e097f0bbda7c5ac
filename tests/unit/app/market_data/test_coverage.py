"""How much of a span is there, and until when bars are over."""

from __future__ import annotations

import numpy as np
import pytest

from autonomous_trading.app.market_data import BarCatalogue, Delivery, coverage, coverage_span, finished_before
from autonomous_trading.core import Bars, IntArray, Timeframe
from autonomous_trading.data import SeriesKey, Sessions, Span, around_the_clock
from autonomous_trading.testing.catalogue import MemoryCatalogue

MINUTE = 60_000_000_000
DAY = 86_400_000_000_000
START = 1_700_000_000_000_000_000 // DAY * DAY


@pytest.mark.parametrize(
    ("frame", "now", "expected"),
    [
        ("1m", 90, 90),
        ("30m", 95, 75),  # one that began at 01:00 is over, one that began at 01:15 is not
        ("10m", 94, 85),
        ("20m", 94, 75),
        ("1h", 90, 45),  # one that began at 00:30 is over, one that began at 00:45 is not
        ("1h", 89, 30),
        ("4h", 300, 75),
        ("1d", 1439, 0),
        ("1d", 1441, 1440),
    ],
)
def test_what_is_over(frame: str, now: int, expected: int) -> None:
    assert (finished_before(Timeframe.of(frame), START + now * MINUTE) - START) // MINUTE == expected


def days_of(catalogue: BarCatalogue, frame: str, days: IntArray) -> SeriesKey:
    series = SeriesKey("market", "A", Timeframe.of(frame))
    ones = np.ones(len(days))
    bars = Bars(START + days * DAY, ones, ones, ones, ones, ones, symbol="A")
    catalogue.commit(series, Delivery(Span(int(bars.time[0]), int(bars.time[-1]) + 1), bars, START + 11 * DAY))
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
