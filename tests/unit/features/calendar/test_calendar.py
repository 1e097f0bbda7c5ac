"""Calendar columns against Python's own dates, the time zone database and an exchange calendar."""

import datetime
import math
from dataclasses import replace
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from autonomous_trading.adapters import sessions_of
from autonomous_trading.core import Bars, FloatArray
from autonomous_trading.features import ColumnStore
from autonomous_trading.testing.markets import random_walk

UTC = datetime.UTC


def at_times(times: list[datetime.datetime]) -> Bars:
    stamps = np.array([round(each.timestamp()) * 10**9 for each in times], dtype=np.int64)
    return replace(random_walk(len(times), 1), time=stamps)


def hourly(first: str, count: int, *, step: int = 1) -> list[datetime.datetime]:
    start = datetime.datetime.fromisoformat(first).replace(tzinfo=UTC)
    return [start + datetime.timedelta(hours=step * k) for k in range(count)]


TIMES = hourly("2019-11-01", 6_000, step=7)
STORE = ColumnStore(at_times(TIMES))


def column(name: str, *arguments: float, output: str = "") -> FloatArray:
    return STORE.column(name, arguments, None, output)


def test_clocks() -> None:
    local = [each + datetime.timedelta(minutes=330) for each in TIMES]
    np.testing.assert_array_equal(column("minute_of_day", 330), [60 * t.hour + t.minute for t in local])
    np.testing.assert_array_equal(column("day_of_year", 330), [t.timetuple().tm_yday for t in local])
    np.testing.assert_array_equal(column("week_of_year", 330), [t.isocalendar().week for t in local])
    since = [sum(other.date() == t.date() for other in local[max(0, k - 5) : k]) for k, t in enumerate(local)]
    np.testing.assert_array_equal(column("bars_since_midnight", 330), since)
    np.testing.assert_array_equal(column("hours_since_previous_bar")[1:], 7.0)


@pytest.mark.parametrize(
    ("name", "turn"),
    [
        ("hour_cycle", lambda t: (t.hour + t.minute / 60) / 24),
        ("weekday_cycle", lambda t: t.weekday() / 7),
        ("month_cycle", lambda t: (t.month - 1) / 12),
        ("year_cycle", lambda t: (t.timetuple().tm_yday - 1) / 365.25),
    ],
)
def test_cycles(name: str, turn: "object") -> None:
    assert callable(turn)
    angles = np.array([2 * math.pi * turn(t) for t in TIMES])
    np.testing.assert_allclose(column(name, 0, output="sine"), np.sin(angles), atol=1e-12)
    np.testing.assert_allclose(column(name, 0, output="cosine"), np.cos(angles), atol=1e-12)


def test_days_of_the_month() -> None:
    def next_month(day: datetime.date, months: int = 1) -> datetime.date:
        index = day.year * 12 + day.month - 1 + months
        return datetime.date(index // 12, index % 12 + 1, 1)

    def weekdays(first: datetime.date, behind: datetime.date) -> int:
        return sum((first + datetime.timedelta(k)).weekday() < 5 for k in range((behind - first).days))

    days = [t.date() for t in TIMES]
    one = datetime.timedelta(1)
    np.testing.assert_array_equal(column("days_left_in_month"), [(next_month(d) - d).days - 1 for d in days])
    quarter = [(next_month(d, 3 - (d.month - 1) % 3) - d).days - 1 for d in days]
    np.testing.assert_array_equal(column("days_left_in_quarter"), quarter)
    so_far = np.array([weekdays(d.replace(day=1), d + one) for d in days])
    left = np.array([weekdays(d + one, next_month(d)) for d in days])
    np.testing.assert_array_equal(column("weekday_of_month"), so_far)
    np.testing.assert_array_equal(column("weekdays_left_in_month"), left)
    np.testing.assert_array_equal(column("turn_of_month", 1, 3), (left < 1) | (so_far <= 3))


@pytest.mark.parametrize("first", ["1978-01-01", "1985-06-01", "1999-01-01", "2006-01-01", "2024-01-01"])
def test_new_york_by_the_time_zone_database(first: str) -> None:
    times = hourly(first, 8_000, step=3)
    zone = ZoneInfo("America/New_York")
    store = ColumnStore(at_times(times))
    local = [t.astimezone(zone) for t in times]
    np.testing.assert_array_equal(store.column("new_york_saving"), [bool(t.dst()) for t in local])
    np.testing.assert_array_equal(store.column("new_york_minute"), [60 * t.hour + t.minute - 570 for t in local])


# Closures that no rule gives: storms, mourning, attacks.
UNFORESEEN = ("1985-09-27", "1994-04-27", "2001-09-11", "2001-09-12", "2001-09-13", "2001-09-14", "2004-06-11",
              "2007-01-02", "2012-10-29", "2012-10-30", "2018-12-05", "2025-01-09")  # fmt: skip


def test_holidays_are_those_of_the_exchange() -> None:
    first, behind = (int(np.datetime64(day, "ns").astype(np.int64)) for day in ("1983-01-03", "2027-01-01"))
    open_days = set(sessions_of("XNYS", first, behind).open.astype("datetime64[ns]").astype("datetime64[D]").tolist())
    days = [t for t in hourly("1983-01-03", 16_000, step=24) if t.year <= 2026]
    left = ColumnStore(at_times(days)).column("days_to_us_holiday")
    closed = {t.date() for t in days if t.weekday() < 5} - open_days
    by_rule = {t.date() for t, until in zip(days, left, strict=True) if until == 0}
    assert closed - by_rule == {datetime.date.fromisoformat(each) for each in UNFORESEEN}
    assert by_rule - closed == set()
    since = ColumnStore(at_times(days)).column("days_since_us_holiday")
    rows = np.arange(len(days))
    last = np.maximum.accumulate(np.where(left == 0, rows, -1))
    np.testing.assert_array_equal(since[last >= 0], (rows - last)[last >= 0])


def test_the_last_election_days_without_trading_are_holidays() -> None:
    days = [datetime.datetime(year, 11, day, tzinfo=UTC) for year in (1976, 1980) for day in (1, 2, 3, 4, 5)]
    left = dict(zip(days, ColumnStore(at_times(days)).column("days_to_us_holiday"), strict=True))
    assert [day.date().isoformat() for day, until in left.items() if until == 0] == ["1976-11-02", "1980-11-04"]
    day = datetime.datetime(1984, 11, 6, tzinfo=UTC)
    assert ColumnStore(at_times([day])).column("days_to_us_holiday")[0] > 0.0


def test_expiries() -> None:
    def until(text: str, every: int = 0) -> float:
        when = datetime.datetime.fromisoformat(text).replace(tzinfo=UTC)
        return float(ColumnStore(at_times([when])).column("days_to_us_expiry", (every,))[0])

    # Third Fridays, and the Thursday before Good Friday 2019 and before Juneteenth 2026.
    expiries = ("2019-04-18", "2020-03-20", "2024-12-20", "2026-06-18", "2026-11-20")
    assert [until(day) for day in expiries] == [0.0] * 5
    assert until("2019-04-19") == 28.0
    assert [until(day, 1) for day in ("2020-03-20", "2024-10-18", "2026-06-18")] == [0.0, 63.0, 0.0]
    weeks = ColumnStore(at_times(hourly("2024-12-14", 12, step=24))).column("us_expiry_week")
    np.testing.assert_array_equal(weeks, [0, 0, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0])


def test_the_date_of_an_evening_is_that_of_new_york_if_asked_for() -> None:
    evening = datetime.datetime(2024, 7, 5, 2, 0, tzinfo=UTC)  # still the fourth of July in New York
    store = ColumnStore(at_times([evening]))
    assert store.column("days_since_us_holiday", (0,))[0] == 1.0
    assert store.column("days_since_us_holiday", (1,))[0] == 0.0


def test_beyond_the_rules_nothing_is_known() -> None:
    store = ColumnStore(
        at_times([datetime.datetime(1970, 6, 1, tzinfo=UTC), datetime.datetime(1990, 6, 1, tzinfo=UTC)])
    )
    late = at_times([datetime.datetime(2199, 12, 31, tzinfo=UTC), datetime.datetime(2200, 1, 2, tzinfo=UTC)])
    assert ColumnStore(late).column("days_since_us_holiday").tolist() == pytest.approx([6.0, np.nan], nan_ok=True)
    for name in ("new_york_saving", "new_york_minute", "days_to_us_holiday", "days_to_us_expiry", "us_expiry_week"):
        assert np.isnan(store.column(name)).tolist() == [True, False]
