"""Which bars there have to be, and when each is over."""

from __future__ import annotations

import numpy as np
import pytest

from autonomous_trading.core import Timeframe
from autonomous_trading.data import Sessions
from autonomous_trading.data.streaming import BarGrid
from tests.unit.data.streamed_bars import DAY, HOUR, MINUTE, START, always, weekdays

MONDAY = START + 3 * DAY


def test_around_the_clock_every_bar_is_expected() -> None:
    assert always().expected(START, START + 4 * MINUTE).tolist() == [START + k * MINUTE for k in (1, 2, 3)]
    assert always().expected(START, START + MINUTE).tolist() == []
    assert always("1d").expected(START - 1, START + 2 * DAY).tolist() == [START, START + DAY]


def test_nothing_is_expected_of_a_closed_market() -> None:
    last = START + 21 * HOUR - MINUTE
    first = MONDAY + 14 * HOUR + 30 * MINUTE
    assert weekdays().expected(last, first).tolist() == []
    assert weekdays().expected(last - MINUTE, first + MINUTE).tolist() == [last, first]
    assert weekdays("1d").expected(START, START + 5 * DAY).tolist() == [MONDAY, MONDAY + DAY]


def test_nothing_is_expected_in_a_break_or_after_an_early_close() -> None:
    before, after = MONDAY + 16 * HOUR - 1, MONDAY + 16 * HOUR + 30 * MINUTE
    assert weekdays().expected(before, after + MINUTE).tolist() == [after]
    assert weekdays().expected(MONDAY + 18 * HOUR - MINUTE, MONDAY + DAY).tolist() == []


def test_bars_are_expected_where_their_source_begins_them() -> None:
    hours = weekdays("1h")
    assert hours.expected(START + 18 * HOUR, START + 2 * DAY).tolist() == [START + k * HOUR for k in (19, 20)]
    half = START + 18 * HOUR + 30 * MINUTE
    assert hours.expected(half, START + 2 * DAY).tolist() == [half + HOUR, half + 2 * HOUR]


def test_weeks_and_months_are_expected_where_they_hold_a_session() -> None:
    friday = START
    week = friday - 4 * DAY
    assert weekdays("1w").expected(week - 7 * DAY, week + 14 * DAY).tolist() == [week, week + 7 * DAY]
    october = int(np.datetime64("2024-10-01", "ns").astype(np.int64))
    august = int(np.datetime64("2024-08-01", "ns").astype(np.int64))
    later = int(np.datetime64("2024-12-15", "ns").astype(np.int64))
    assert weekdays("1M").expected(august, later).tolist() == [october]


def test_a_bar_is_over_by_the_clock_or_with_its_last_session() -> None:
    assert always().end(START) == START + MINUTE
    assert weekdays("1h").end(MONDAY + 17 * HOUR) == MONDAY + 18 * HOUR
    assert weekdays("4h").end(MONDAY + 16 * HOUR) == MONDAY + 18 * HOUR
    assert weekdays("1d").end(MONDAY) == MONDAY + 18 * HOUR
    assert weekdays("1w").end(MONDAY) == MONDAY + DAY + 21 * HOUR
    assert weekdays().end(START) == START + MINUTE, "outside a session there is only the clock"


def test_without_sessions_nothing_is_expected() -> None:
    nothing = np.empty(0, dtype=np.int64)
    grid = BarGrid(Timeframe.of("1m"), Sessions("NONE", nothing, nothing, nothing, np.empty((0, 2), dtype=np.int64)))
    assert grid.expected(START, START + HOUR).tolist() == []
    assert grid.end(START) == START + MINUTE


@pytest.mark.parametrize(
    ("timeframe", "offset", "fits"),
    [("1m", 0, True), ("1m", 30, False), ("1h", 1800, True), ("1h", 900, False), ("1d", 0, True), ("1d", 3600, False)],
)
def test_where_a_bar_may_begin(timeframe: str, offset: int, fits: bool) -> None:
    assert always(timeframe).fits(START + offset * 1_000_000_000) is fits
