"""When bars should begin, and which of them are missing."""

from __future__ import annotations

import numpy as np
import pytest

from autonomous_trading.core import InvalidInput, Timeframe
from autonomous_trading.data import Sessions, Span, around_the_clock
from autonomous_trading.data.quality import Gaps, expected_starts, gaps_of, misfits, usual_timeframe
from tests.unit.data.market import DAY, HOUR, MINUTE, MONDAY, weekday_sessions

HOURLY, DAILY = Timeframe.of("1h"), Timeframe.of("1d")


def test_intraday_bars_count_from_the_opening() -> None:
    starts = expected_starts(weekday_sessions(1), HOURLY)
    assert ((starts - MONDAY) / HOUR).tolist() == [14.5, 15.5, 16.5, 17.5, 18.5, 19.5, 20.5]


def test_bars_aligned_to_the_clock_begin_before_the_opening() -> None:
    starts = expected_starts(weekday_sessions(1), HOURLY, aligned="clock")
    assert ((starts - MONDAY) / HOUR).tolist() == [14.0, 15.0, 16.0, 17.0, 18.0, 19.0, 20.0]


def test_bars_count_again_after_a_break() -> None:
    starts = expected_starts(weekday_sessions(1, lunch=True), HOURLY)
    assert ((starts - MONDAY) / HOUR).tolist() == [14.5, 15.5, 16.5, 18.0, 19.0, 20.0]


def test_days_weeks_and_months_begin_at_dates() -> None:
    sessions = weekday_sessions(40)
    assert len(expected_starts(sessions, DAILY)) == 30
    assert (expected_starts(sessions, DAILY) % DAY == 0).all()
    assert ((expected_starts(sessions, Timeframe.of("1w")) // DAY + 3) % 7 == 0).all()
    months = expected_starts(sessions, Timeframe.of("1M")).astype("datetime64[ns]").astype("datetime64[D]")
    assert [str(month) for month in months] == ["2024-01-01", "2024-02-01"]


def test_days_by_the_clock_are_all_that_a_session_touches() -> None:
    date = np.array([MONDAY])
    evening = Sessions("E", date, date - HOUR, date + HOUR, np.empty((0, 2), dtype=np.int64))
    assert expected_starts(evening, DAILY).tolist() == [MONDAY]
    assert expected_starts(evening, DAILY, aligned="clock").tolist() == [MONDAY - DAY, MONDAY]


def test_a_span_cuts_at_its_ends() -> None:
    sessions = weekday_sessions(5)
    span = Span(MONDAY + DAY + int(15.5 * HOUR), MONDAY + DAY + int(17.5 * HOUR))
    assert ((expected_starts(sessions, HOURLY, span) - MONDAY - DAY) / HOUR).tolist() == [15.5, 16.5]


def test_an_unknown_alignment_is_refused() -> None:
    with pytest.raises(InvalidInput, match="aligned to 'noon'"):
        expected_starts(weekday_sessions(1), HOURLY, aligned="noon")


def test_gaps_have_exact_bounds() -> None:
    expected = np.arange(10, dtype=np.int64) * DAY
    gaps = gaps_of(np.delete(expected, [0, 4, 5, 9]), expected)
    assert (gaps.first / DAY).tolist() == [0, 4, 9]
    assert (gaps.last / DAY).tolist() == [0, 5, 9]
    assert gaps.count.tolist() == [1, 2, 1]
    assert (gaps.missing, len(gaps)) == (4, 3)
    none = gaps_of(expected, expected)
    assert isinstance(none, Gaps)
    assert len(none) == none.missing == 0


@pytest.mark.parametrize(
    ("step", "text"), [(MINUTE, "1m"), (HOUR, "1h"), (4 * HOUR, "4h"), (DAY, "1d"), (7 * DAY, "1w"), (30 * DAY, "1M")]
)
def test_the_usual_length_is_seen_in_the_times(step: int, text: str) -> None:
    assert usual_timeframe(np.arange(20, dtype=np.int64) * step).text == text


def test_too_few_times_mean_days() -> None:
    assert usual_timeframe(np.array([MONDAY])) == DAILY


def test_misfits_count_what_is_missing_and_what_is_too_much() -> None:
    sessions = weekday_sessions(30)
    time = expected_starts(sessions, HOURLY, aligned="clock")
    assert misfits(time, sessions, HOURLY) == 0
    assert misfits(np.delete(time, [5, 6]), sessions, HOURLY) == 2
    days = expected_starts(sessions, DAILY)
    assert misfits(days, sessions, DAILY) == 0
    assert misfits(days, around_the_clock(MONDAY - DAY, MONDAY + 30 * DAY), DAILY) == 8
