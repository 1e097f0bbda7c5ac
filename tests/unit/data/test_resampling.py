"""Coarser bars that keep to sessions: by hand, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from autonomous_trading.core import Bars, IntArray, InvalidInput, Timeframe
from autonomous_trading.data import around_the_clock, resample_sessions, screened
from autonomous_trading.data.quality import expected_starts
from tests.unit.data.market import DAY, HOUR, MINUTE, MONDAY, walk, weekday_sessions

SESSIONS = weekday_sessions(60)
HALF_HOURS = expected_starts(SESSIONS, Timeframe.of("30m"))


def bars_at(time: IntArray) -> Bars:
    bars = screened(walk(time)).bars
    assert bars is not None
    return bars


def test_no_bar_spans_two_sessions() -> None:
    coarse = resample_sessions(bars_at(HALF_HOURS[:26]), "4h", SESSIONS)
    assert ((coarse.time - MONDAY) / HOUR).tolist() == [14.5, 18.5, 38.5, 42.5]


def test_bars_count_again_after_a_break() -> None:
    lunch = weekday_sessions(5, lunch=True)
    time = expected_starts(lunch, Timeframe.of("30m"))
    coarse = resample_sessions(bars_at(time), "2h", lunch)
    assert ((coarse.time[:4] - MONDAY) / HOUR).tolist() == [14.5, 16.5, 18.0, 20.0]


def test_a_day_is_a_session_and_begins_at_its_date() -> None:
    fine = bars_at(HALF_HOURS[:26])
    days = resample_sessions(fine, "1d", SESSIONS)
    assert days.time.tolist() == [MONDAY, MONDAY + DAY]
    assert days.open[0] == fine.open[0]
    assert days.close[0] == fine.close[12]
    assert days.high[0] == fine.high[:13].max()
    assert days.low[0] == fine.low[:13].min()
    assert days.volume[0] == pytest.approx(fine.volume[:13].sum())


def test_a_session_that_opens_the_evening_before_belongs_to_its_date() -> None:
    night = weekday_sessions(3, opens=-2.0, closes=20.0)
    fine = bars_at(expected_starts(night, Timeframe.of("1h")))
    assert resample_sessions(fine, "1d", night).time.tolist() == [MONDAY, MONDAY + DAY, MONDAY + 2 * DAY]


def test_bars_on_the_clock_belong_to_the_session_they_reach_into() -> None:
    clock = expected_starts(SESSIONS, Timeframe.of("1h"), aligned="clock")
    coarse = resample_sessions(bars_at(clock[:7]), "4h", SESSIONS)
    assert ((coarse.time - MONDAY) / HOUR).tolist() == [14.5, 18.5]
    assert resample_sessions(bars_at(clock[:7]), "1d", SESSIONS).time.tolist() == [MONDAY]


def test_weeks_and_months_from_hours_and_from_days() -> None:
    fine = bars_at(HALF_HOURS)
    days = resample_sessions(fine, "1d", SESSIONS)
    for length in ("1w", "1M"):
        direct, nested = resample_sessions(fine, length, SESSIONS), resample_sessions(days, length, SESSIONS)
        assert direct.time.tolist() == nested.time.tolist()
        assert direct.close.tolist() == nested.close.tolist()
    assert len(resample_sessions(days, "1M", SESSIONS)) == 2
    assert len(resample_sessions(days, "1w", SESSIONS)) == 8  # the ninth lacks its Friday


def test_the_last_bar_waits_for_the_end_of_its_session() -> None:
    assert len(resample_sessions(bars_at(HALF_HOURS[:13]), "1d", SESSIONS)) == 1
    with pytest.raises(InvalidInput, match="make no whole bar of 1d in the sessions of TEST"):
        resample_sessions(bars_at(HALF_HOURS[:12]), "1d", SESSIONS)
    days = bars_at(expected_starts(SESSIONS, Timeframe.of("1d"))[:5])
    assert len(resample_sessions(days, "1w", SESSIONS)) == 1
    with pytest.raises(InvalidInput, match="no whole bar of 1w"):
        resample_sessions(days[:4], "1w", SESSIONS)


def test_a_bar_of_a_thin_market_waits_for_its_last_minute() -> None:
    minutes = np.array([-1, 0, 2, 4, 6, 8, 10, 12, 13, 14, 15], dtype=np.int64)
    fine = bars_at(MONDAY + int(14.5 * HOUR) + minutes * MINUTE)
    with pytest.raises(InvalidInput, match="no whole bar of 15m"):
        resample_sessions(fine[:9], "15m", SESSIONS)
    (close,) = resample_sessions(fine[:10], "15m", SESSIONS).close
    assert close == fine.close[9]
    assert resample_sessions(fine, "15m", SESSIONS).open.tolist() == [fine.open[1]]  # 14:29 was over before the opening


def test_bars_outside_the_sessions_are_left_out() -> None:
    wide = expected_starts(weekday_sessions(2, opens=12.0, closes=23.0), Timeframe.of("30m"))
    fine = bars_at(wide)
    days = resample_sessions(fine, "1d", SESSIONS)
    open_then = (fine.time >= MONDAY + int(14.5 * HOUR)) & (fine.time < MONDAY + 21 * HOUR)
    assert days.volume[0] == pytest.approx(fine.volume[open_then].sum())
    weekend = bars_at(MONDAY + np.arange(14, dtype=np.int64) * DAY)
    assert len(resample_sessions(weekend, "1d", SESSIONS)) == 10


def test_what_cannot_be_made_is_refused() -> None:
    days = bars_at(expected_starts(SESSIONS, Timeframe.of("1d")))
    with pytest.raises(InvalidInput, match="cannot become bars of 1h"):
        resample_sessions(days, "1h", SESSIONS)
    weeks = bars_at(MONDAY + np.arange(8, dtype=np.int64) * 7 * DAY)
    with pytest.raises(InvalidInput, match="weeks do not make whole months"):
        resample_sessions(weeks, "1M", SESSIONS)
    nothing = around_the_clock(0, DAY)
    far = bars_at(MONDAY + np.arange(60, dtype=np.int64) * MINUTE)
    with pytest.raises(InvalidInput, match="no whole bar"):
        resample_sessions(far, "5m", nothing)


@pytest.mark.parametrize("fine", [HOUR, DAY])
def test_no_sessions_make_no_bars(fine: int) -> None:
    empty = np.empty(0, dtype=np.int64)
    none = type(SESSIONS)("NONE", empty, empty, empty, np.empty((0, 2), dtype=np.int64))
    with pytest.raises(InvalidInput, match="of NONE"):
        resample_sessions(bars_at(MONDAY + np.arange(5, dtype=np.int64) * fine), "1w", none)
