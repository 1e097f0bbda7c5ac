"""New York's calendar by rule: daylight saving, holidays of the exchange, expiries of options.

Holidays are the regular full-day ones of the New York Stock Exchange; closures that nobody could know in advance
(storms, mourning) and early closes are not in them. Rules hold from 1976; earlier and after 2199 nothing is known.

The date is that of UTC unless `clock` says otherwise: bars of days are stamped with midnight UTC of their session, and
the exchange's hours lie within one UTC day. Bars of the evening and the night need New York's own date.
"""

from collections.abc import Mapping
from functools import cache

import numpy as np

from autonomous_trading.core import FloatArray, IntArray
from autonomous_trading.features._definitions import ColumnDefinition, choice
from autonomous_trading.features.calendar._days import DAY, day_numbers, where_known

_GROUP = "Calendar"
_TIME = ("epoch_seconds",)
_FIRST, _LAST = 1976, 2199
_MONDAY, _THURSDAY, _FRIDAY, _SATURDAY, _SUNDAY = 0, 3, 4, 5, 6
_OPENING = 9 * 60 + 30
_CLOCK = choice("clock", "utc", ("utc", "new_york"))
_RULES = "NYSE Rule 7.2 (holidays)"


def _date(year: int, month: int, day: int) -> int:
    return int(np.datetime64(f"{year:04d}-{month:02d}-{day:02d}", "D").astype(np.int64))


def _weekday(date: int) -> int:
    return (date + 3) % 7


def _nth(year: int, month: int, weekday: int, number: int) -> int:
    """The n-th such weekday of a month; a number of 0 is the last one of the month before."""
    first = _date(year, month, 1)
    return first + (weekday - _weekday(first)) % 7 + 7 * (number - 1)


def _observed(date: int) -> int:
    """Friday before where it falls on a Saturday, Monday behind where it falls on a Sunday."""
    return date + {_SATURDAY: -1, _SUNDAY: 1}.get(_weekday(date), 0)


def _easter(year: int) -> int:
    """Easter Sunday, by the anonymous Gregorian rule (Meeus, Astronomical Algorithms, ch. 8)."""
    golden, century, rest = year % 19, year // 100, year % 100
    corrected = (19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (rest // 4) - corrected - rest % 4) % 7
    late = (golden + 11 * corrected + 22 * weekday) // 451
    month, day = divmod(corrected + weekday - 7 * late + 114, 31)
    return _date(year, month, day + 1)


def _holidays_of(year: int) -> list[int]:
    new_year = _date(year, 1, 1)
    found = [
        # A New Year's Day on a Saturday is not moved into the old year, where books are closed.
        new_year + (_weekday(new_year) == _SUNDAY),
        _nth(year, 2, _MONDAY, 3),
        _easter(year) - 2,
        _nth(year, 6, _MONDAY, 0),
        _observed(_date(year, 7, 4)),
        _nth(year, 9, _MONDAY, 1),
        _nth(year, 11, _THURSDAY, 4),
        _observed(_date(year, 12, 25)),
    ]
    if year in (1976, 1980):  # election day, the Tuesday after the first Monday, the last years that it was one
        found.append(_nth(year, 11, _MONDAY, 1) + 1)
    if year >= 1998:
        found.append(_nth(year, 1, _MONDAY, 3))
    if year >= 2022:
        found.append(_observed(_date(year, 6, 19)))
    return [date for date in found if _weekday(date) < _SATURDAY]


@cache
def holidays() -> IntArray:
    """Days since 1970 of every regular holiday of the exchange, ascending."""
    return np.unique(
        np.array([date for year in range(_FIRST, _LAST + 1) for date in _holidays_of(year)], dtype=np.int64)
    )


@cache
def expiries() -> IntArray:
    """Days since 1970 of every monthly expiry: the third Friday, or the day before where that is a holiday."""
    fridays = [_nth(year, month, _FRIDAY, 3) for year in range(_FIRST, _LAST + 1) for month in range(1, 13)]
    closed = set(holidays().tolist())
    return np.array([date - (date in closed) for date in fridays], dtype=np.int64)


@cache
def _saving() -> IntArray:
    """UTC seconds at which New York's clock goes forward and back, in turn."""
    changes = []
    for year in range(_FIRST, _LAST + 1):
        if year >= 2007:
            start, end = _nth(year, 3, _SUNDAY, 2), _nth(year, 11, _SUNDAY, 1)
        else:
            start = _nth(year, 4, _SUNDAY, 1) if year >= 1987 else _nth(year, 5, _SUNDAY, 0)
            end = _nth(year, 11, _SUNDAY, 0)
        changes += [start * 86_400 + 7 * 3_600, end * 86_400 + 6 * 3_600]
    return np.array(changes, dtype=np.int64)


def new_york_saving(epoch_seconds: FloatArray) -> FloatArray:
    """1 while New York's clock is on daylight saving time, else 0."""
    changes = _saving()
    # Outside of the rules' years the clock is not known.
    known = (epoch_seconds >= changes[0] - 90 * DAY) & (epoch_seconds < changes[-1] + 30 * DAY)
    return where_known(np.searchsorted(changes, np.nan_to_num(epoch_seconds), side="right") % 2, known)


def new_york_minute(epoch_seconds: FloatArray) -> FloatArray:
    """Minutes since 09:30 of the same day in New York, where 0 is the opening and 390 the close."""
    local = epoch_seconds + 3_600.0 * (new_york_saving(epoch_seconds) - 5.0)
    return local % DAY / 60.0 - _OPENING


def _days(epoch_seconds: FloatArray, clock: int) -> FloatArray:
    return day_numbers(
        epoch_seconds if clock == 0 else epoch_seconds + 3_600.0 * (new_york_saving(epoch_seconds) - 5.0)
    )


def _until(days: FloatArray, table: IntArray) -> FloatArray:
    known = days >= table[0]  # before it, the next one may be one that the rules leave out
    at = np.searchsorted(table, np.where(known, days, 0.0), side="left")
    known &= at < len(table)
    return where_known(table[np.minimum(at, len(table) - 1)] - np.nan_to_num(days), known)


def days_to_us_holiday(epoch_seconds: FloatArray, clock: int) -> FloatArray:
    """Calendar days until the next holiday of the exchange, 0 on one."""
    return _until(_days(epoch_seconds, clock), holidays())


def days_since_us_holiday(epoch_seconds: FloatArray, clock: int) -> FloatArray:
    """Calendar days since the last holiday of the exchange, 0 on one; NaN behind the last year of the rules."""
    days, table = _days(epoch_seconds, clock), holidays()
    known = days <= _date(_LAST, 12, 31)  # False for NaN
    at = np.searchsorted(table, np.where(known, days, 0.0), side="right") - 1
    known &= at >= 0
    return where_known(np.nan_to_num(days) - table[np.maximum(at, 0)], known)


def days_to_us_expiry(epoch_seconds: FloatArray, every: int, clock: int) -> FloatArray:
    """Calendar days until the next monthly or quarterly expiry of US options, 0 on it."""
    return _until(_days(epoch_seconds, clock), expiries()[2::3] if every == 1 else expiries())


def us_expiry_week(epoch_seconds: FloatArray, clock: int) -> FloatArray:
    """1 in the week (Monday to Sunday) of a monthly expiry of US options, else 0."""
    days = _days(epoch_seconds, clock)
    monday = days - (days + 3.0) % 7.0
    left = _until(monday, expiries())
    return where_known((left < 7.0).astype(np.int64), ~np.isnan(left))


COLUMNS: Mapping[str, ColumnDefinition] = {
    "new_york_saving": ColumnDefinition(
        new_york_saving,
        group=_GROUP,
        description="Whether New York's clock is on daylight saving time; from 1976",
        formula="1 from 2:00 on the second Sunday of March to 2:00 on the first of November (first or last"
        " of April, last"
        " of October before 2007)",
        units="0 or 1",
        source="Energy Policy Act of 2005, section 110; Kamstra, Kramer and Levi (2000), Am. Economic Review 90(4)",
        inputs=_TIME,
    ),
    "new_york_minute": ColumnDefinition(
        new_york_minute,
        group=_GROUP,
        description="Minutes since 09:30 in New York: 0 at the opening of the exchange, 390 at its close",
        formula="local time of day - 570 minutes",
        units="minutes",
        source="NYSE core trading session",
        inputs=_TIME,
    ),
    "days_to_us_holiday": ColumnDefinition(
        days_to_us_holiday,
        group=_GROUP,
        description="Calendar days until the next regular full-day holiday of the New York Stock Exchange",
        formula="next holiday - date",
        units="days",
        source=f"{_RULES}; Ariel (1990), High Stock Returns before Holidays, J. Finance 45(5)",
        inputs=_TIME,
        parameters=(_CLOCK,),
    ),
    "days_since_us_holiday": ColumnDefinition(
        days_since_us_holiday,
        group=_GROUP,
        description="Calendar days since the last regular full-day holiday of the New York Stock Exchange",
        formula="date - last holiday",
        units="days",
        source=f"{_RULES}; Ariel (1990), High Stock Returns before Holidays, J. Finance 45(5)",
        inputs=_TIME,
        parameters=(_CLOCK,),
    ),
    "days_to_us_expiry": ColumnDefinition(
        days_to_us_expiry,
        group=_GROUP,
        description="Calendar days until the next monthly or quarterly expiry of US options and futures",
        formula="next third Friday (the day before where that is a holiday) - date",
        units="days",
        source="OCC; Stoll and Whaley (1987), Program Trading and Expiration-Day Effects, Financial Analysts J. 43(2)",
        inputs=_TIME,
        parameters=(choice("every", "month", ("month", "quarter")), _CLOCK),
    ),
    "us_expiry_week": ColumnDefinition(
        us_expiry_week,
        group=_GROUP,
        description="Whether options expire in this week",
        formula="1 where an expiry lies between this week's Monday and Sunday",
        units="0 or 1",
        source="Stivers and Sun (2013), Returns and Option Activity over the Option-Expiration Week, J."
        " Banking Finance 37",
        inputs=_TIME,
        parameters=(_CLOCK,),
    ),
}
