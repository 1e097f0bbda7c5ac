"""Bars per year: read off the timestamps, for every market and bar length we know."""

import numpy as np
import pytest

from autonomous_trading.core import IntArray, infer_bars_per_year
from autonomous_trading.core._calendar import time_text

DAY = 86_400_000_000_000
HOUR = DAY // 24


def moment(text: str) -> int:
    return int(np.datetime64(text, "ns").astype(np.int64))


def times(start: str, stop: str, step: int) -> IntArray:
    return np.arange(moment(start), moment(stop), step, dtype=np.int64)


def on_weekdays(time: IntArray) -> IntArray:
    return time[np.is_busday(time.astype("datetime64[ns]").astype("datetime64[D]"))]


def hours_between(time: IntArray, first: float, last: float) -> IntArray:
    hour = time % DAY / HOUR
    return time[(hour >= first) & (hour < last)]


DAYS = times("2020-01-01", "2022-01-01", DAY)
HOURS = times("2020-01-01T00", "2021-01-01T00", HOUR)
MINUTES = times("2020-01-01T00:00", "2020-03-01T00:00", HOUR // 2)


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        (on_weekdays(DAYS), 252.0),
        (DAYS, 365.0),
        (HOURS, 365.0 * 24),
        (times("2020-01-01T00", "2021-01-01T00", 4 * HOUR), 365.0 * 6),
        (hours_between(on_weekdays(MINUTES), 14.5, 21), 252.0 * 13),
        (on_weekdays(HOURS), 252.0 * 24),
        (DAYS[::7], 52.0),
        (DAYS[::2], 365.0 / 2),
        (DAYS[::3], 365.0 / 3),
        (DAYS[::91], 4.0),
        (times("2000-01-01", "2020-01-01", 365 * DAY), 1.0),
        (DAYS[:1], 252.0),
        (DAYS[:0], 252.0),
        (DAYS[:4], 252.0),
        (DAYS[:5], 365.0),
    ],
)
def test_bars_per_year(time: IntArray, expected: float) -> None:
    assert infer_bars_per_year(time) == pytest.approx(expected)


def test_monthly_bars() -> None:
    months = np.arange(np.datetime64("2010-01", "M"), np.datetime64("2020-01", "M"))
    assert infer_bars_per_year(months.astype("datetime64[ns]").astype(np.int64)) == 12.0


def test_half_days_and_holidays_do_not_move_the_figure() -> None:
    time = hours_between(on_weekdays(MINUTES), 14.5, 21)
    without_some = np.delete(time, np.s_[30:39])
    assert infer_bars_per_year(without_some) == 252.0 * 13


def test_sunday_evening_alone_does_not_make_a_market_that_never_closes() -> None:
    weekday = HOURS // DAY % 7  # Thursday is 0: Saturday 2, Sunday 3
    hour = HOURS // HOUR % 24
    currencies = HOURS[(weekday != 2) & ((weekday != 3) | (hour >= 22)) & ((weekday != 1) | (hour < 22))]
    assert infer_bars_per_year(currencies) == 252.0 * 24


def test_time_text_is_utc() -> None:
    assert time_text(0) == "1970-01-01T00:00:00Z"
