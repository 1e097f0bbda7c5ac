"""Where in the month and the quarter is the bar? By dates alone, so that no bar to come is needed.

Weekdays are Monday to Friday; holidays are not taken out.
"""

from collections.abc import Mapping

import numpy as np

from autonomous_trading.core import FloatArray
from autonomous_trading.features._definitions import ColumnDefinition, whole
from autonomous_trading.features.calendar._days import day_numbers, months, where_known

_GROUP = "Calendar"
_TIME = ("epoch_seconds",)
_OFFSET = whole("utc_offset", 0, low=-720, high=840)
_ARIEL = "Ariel (1987), A Monthly Effect in Stock Returns, J. Financial Economics 18(1)"


def days_left_in_month(epoch_seconds: FloatArray, utc_offset: int) -> FloatArray:
    """Calendar days of the month after this one: 0 on its last day."""
    date, _, following, known = months(day_numbers(epoch_seconds, utc_offset))
    return where_known((following - date).astype(np.int64) - 1, known)


def days_left_in_quarter(epoch_seconds: FloatArray, utc_offset: int) -> FloatArray:
    """Calendar days of the quarter after this one: 0 on its last day."""
    date, first, _, known = months(day_numbers(epoch_seconds, utc_offset))
    month = first.astype("datetime64[M]")
    following = (month + (3 - month.astype(np.int64) % 3)).astype("datetime64[D]")
    return where_known((following - date).astype(np.int64) - 1, known)


def weekday_of_month(epoch_seconds: FloatArray, utc_offset: int) -> FloatArray:
    """How many weekdays of the month there were up to and with this day: 1 on the first, 0 on a weekend before it."""
    date, first, _, known = months(day_numbers(epoch_seconds, utc_offset))
    return where_known(np.busday_count(first, date + 1), known)


def weekdays_left_in_month(epoch_seconds: FloatArray, utc_offset: int) -> FloatArray:
    """Weekdays of the month after this day: 0 on the last."""
    date, _, following, known = months(day_numbers(epoch_seconds, utc_offset))
    return where_known(np.busday_count(date + 1, following), known)


def turn_of_month(epoch_seconds: FloatArray, before: int, following: int, utc_offset: int) -> FloatArray:
    """1 on the last `before` weekdays of a month and the first `following` ones of the next, else 0."""
    left = weekdays_left_in_month(epoch_seconds, utc_offset)
    inside = (left < before) | (weekday_of_month(epoch_seconds, utc_offset) <= following)
    return where_known(inside.astype(np.int64), ~np.isnan(left))


COLUMNS: Mapping[str, ColumnDefinition] = {
    "days_left_in_month": ColumnDefinition(
        days_left_in_month,
        group=_GROUP,
        description="Calendar days of the month after this one: 0 at the month's end",
        formula="first day of the next month - date - 1",
        units="days",
        source=_ARIEL,
        inputs=_TIME,
        parameters=(_OFFSET,),
    ),
    "days_left_in_quarter": ColumnDefinition(
        days_left_in_quarter,
        group=_GROUP,
        description="Calendar days of the quarter after this one: 0 at the quarter's end",
        formula="first day of the next quarter - date - 1",
        units="days",
        source="Carhart, Kaniel, Musto and Reed (2002), Leaning for the Tape, J. Finance 57(2)",
        inputs=_TIME,
        parameters=(_OFFSET,),
    ),
    "weekday_of_month": ColumnDefinition(
        weekday_of_month,
        group=_GROUP,
        description="Number of weekdays of the month so far, this day included",
        formula="Mondays to Fridays from the first of the month to the date",
        units="days",
        source=_ARIEL,
        inputs=_TIME,
        parameters=(_OFFSET,),
    ),
    "weekdays_left_in_month": ColumnDefinition(
        weekdays_left_in_month,
        group=_GROUP,
        description="Weekdays of the month after this day",
        formula="Mondays to Fridays from the next day to the end of the month",
        units="days",
        source=_ARIEL,
        inputs=_TIME,
        parameters=(_OFFSET,),
    ),
    "turn_of_month": ColumnDefinition(
        turn_of_month,
        group=_GROUP,
        description="Whether the day is among the last weekdays of a month or the first of the next",
        formula="1 where weekdays_left_in_month < before or weekday_of_month <= following, else 0",
        units="0 or 1",
        source="Lakonishok and Smidt (1988), Are Seasonal Anomalies Real?, Rev. Financial Studies 1(4)",
        inputs=_TIME,
        parameters=(whole("before", 1, low=0, high=23), whole("following", 3, low=0, high=23), _OFFSET),
    ),
}
