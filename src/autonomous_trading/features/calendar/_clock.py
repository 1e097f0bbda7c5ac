"""Time of day and of the year: minutes, cycles without a jump at midnight, bars since the day began.

Times name the start of a bar, so all of this is known before its prices are. `utc_offset` is a fixed distance from UTC
in minutes; for New York's clock with its daylight saving see `new_york_minute`.
"""

from collections.abc import Mapping

import numpy as np

from autonomous_trading.core import FloatArray
from autonomous_trading.features._definitions import ColumnDefinition, whole
from autonomous_trading.features._primitives import change
from autonomous_trading.features.calendar._days import DAY, dates, day_numbers, weekdays, where_known

_GROUP = "Calendar"
_TIME = ("epoch_seconds",)
_OFFSET = whole("utc_offset", 0, low=-720, high=840)
_CYCLES = ("sine", "cosine")
_CYCLIC = "Fisher (1993), Statistical Analysis of Circular Data"


def minute_of_day(epoch_seconds: FloatArray, utc_offset: int) -> FloatArray:
    """Minutes since midnight, 0 to 1439 and parts of them."""
    return np.asarray((epoch_seconds + 60.0 * utc_offset) % DAY / 60.0)


def _cycle(turns: FloatArray) -> tuple[FloatArray, FloatArray]:
    angle = 2.0 * np.pi * turns
    return np.sin(angle), np.cos(angle)


def hour_cycle(epoch_seconds: FloatArray, utc_offset: int) -> tuple[FloatArray, FloatArray]:
    """Sine and cosine of the time of day: 23:59 is next to 00:00."""
    return _cycle(minute_of_day(epoch_seconds, utc_offset) / 1_440.0)


def weekday_cycle(epoch_seconds: FloatArray, utc_offset: int) -> tuple[FloatArray, FloatArray]:
    """Sine and cosine of the day of the week: Sunday is next to Monday."""
    return _cycle(weekdays(day_numbers(epoch_seconds, utc_offset)) / 7.0)


def month_cycle(epoch_seconds: FloatArray, utc_offset: int) -> tuple[FloatArray, FloatArray]:
    """Sine and cosine of the month: December is next to January."""
    date, known = dates(day_numbers(epoch_seconds, utc_offset))
    return _cycle(where_known(date.astype("datetime64[M]").astype(np.int64) % 12, known) / 12.0)


def year_cycle(epoch_seconds: FloatArray, utc_offset: int) -> tuple[FloatArray, FloatArray]:
    """Sine and cosine of the day of the year."""
    return _cycle((day_of_year(epoch_seconds, utc_offset) - 1.0) / 365.25)


def day_of_year(epoch_seconds: FloatArray, utc_offset: int) -> FloatArray:
    """Day of the year, 1 to 366."""
    date, known = dates(day_numbers(epoch_seconds, utc_offset))
    return where_known((date - date.astype("datetime64[Y]")).astype(np.int64) + 1, known)


def week_of_year(epoch_seconds: FloatArray, utc_offset: int) -> FloatArray:
    """Week of the year by ISO 8601, 1 to 53: week 1 holds the first Thursday."""
    days = day_numbers(epoch_seconds, utc_offset)
    thursday, known = dates(days - weekdays(days) + 3.0)
    return where_known((thursday - thursday.astype("datetime64[Y]")).astype(np.int64) // 7 + 1, known)


def bars_since_midnight(epoch_seconds: FloatArray, utc_offset: int) -> FloatArray:
    """Bars of the same day before this one: 0 on the first."""
    days = day_numbers(epoch_seconds, utc_offset)
    rows = np.arange(len(days))
    begins = np.ones(len(days), dtype=np.bool_)
    begins[1:] = days[1:] != days[:-1]
    since = rows - np.maximum.accumulate(np.where(begins, rows, 0))
    return where_known(since, ~np.isnan(days))


def hours_since_previous_bar(epoch_seconds: FloatArray) -> FloatArray:
    """Hours from the start of the bar before to that of this one: long after a night, a weekend or a gap."""
    return change(epoch_seconds, 1) / 3_600.0


COLUMNS: Mapping[str, ColumnDefinition] = {
    "minute_of_day": ColumnDefinition(
        minute_of_day,
        group=_GROUP,
        description="Minutes since midnight of a clock with a fixed distance from UTC",
        formula="(epoch_seconds + 60 utc_offset) mod 86400 / 60",
        units="minutes",
        source="Andersen and Bollerslev (1997), Intraday Periodicity, J. Empirical Finance 4(2-3)",
        inputs=_TIME,
        parameters=(_OFFSET,),
    ),
    "hour_cycle": ColumnDefinition(
        hour_cycle,
        group=_GROUP,
        description="Time of day on a circle",
        formula="sin and cos of 2 pi minute_of_day / 1440",
        units="-1..1",
        source=_CYCLIC,
        inputs=_TIME,
        parameters=(_OFFSET,),
        outputs=_CYCLES,
    ),
    "weekday_cycle": ColumnDefinition(
        weekday_cycle,
        group=_GROUP,
        description="Day of the week on a circle, Monday at angle 0",
        formula="sin and cos of 2 pi weekday / 7",
        units="-1..1",
        source=_CYCLIC,
        inputs=_TIME,
        parameters=(_OFFSET,),
        outputs=_CYCLES,
    ),
    "month_cycle": ColumnDefinition(
        month_cycle,
        group=_GROUP,
        description="Month on a circle, January at angle 0",
        formula="sin and cos of 2 pi (month - 1) / 12",
        units="-1..1",
        source=_CYCLIC,
        inputs=_TIME,
        parameters=(_OFFSET,),
        outputs=_CYCLES,
    ),
    "year_cycle": ColumnDefinition(
        year_cycle,
        group=_GROUP,
        description="Day of the year on a circle, 1 January at angle 0",
        formula="sin and cos of 2 pi (day of year - 1) / 365.25",
        units="-1..1",
        source=_CYCLIC,
        inputs=_TIME,
        parameters=(_OFFSET,),
        outputs=_CYCLES,
    ),
    "day_of_year": ColumnDefinition(
        day_of_year,
        group=_GROUP,
        description="Day of the year, 1 to 366",
        formula="days since 1 January + 1",
        units="days",
        source="Gregorian calendar",
        inputs=_TIME,
        parameters=(_OFFSET,),
    ),
    "week_of_year": ColumnDefinition(
        week_of_year,
        group=_GROUP,
        description="Week of the year by ISO 8601, 1 to 53",
        formula="day of the year of the week's Thursday / 7, rounded up",
        units="weeks",
        source="ISO 8601-1:2019",
        inputs=_TIME,
        parameters=(_OFFSET,),
    ),
    "bars_since_midnight": ColumnDefinition(
        bars_since_midnight,
        group=_GROUP,
        description="Bars of the same day before this one; bars of a minute or longer are remembered for a day",
        formula="row - first row of the day",
        units="bars",
        source="Harris (1986), A Transaction Data Study of Weekly and Intradaily Patterns, J. Financial"
        " Economics 16(1)",
        inputs=_TIME,
        parameters=(_OFFSET,),
        memory=1_440,
    ),
    "hours_since_previous_bar": ColumnDefinition(
        hours_since_previous_bar,
        group=_GROUP,
        description="Hours from the start of the bar before to that of this one",
        formula="(epoch_seconds - epoch_seconds[-1]) / 3600",
        units="hours",
        source="French (1980), Stock Returns and the Weekend Effect, J. Financial Economics 8(1)",
        inputs=_TIME,
        warm_up=1,
        memory=1,
    ),
}
