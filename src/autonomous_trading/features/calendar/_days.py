"""Dates of bars as numpy dates: whole days of a clock with a declared distance from UTC."""

import numpy as np
from numpy.typing import NDArray

from autonomous_trading.core import BoolArray, FloatArray

DAY = 86_400.0
_LIMITS = (-719_162.0, 2_932_896.0)  # 0001-01-01 and 9999-12-31: beyond them nothing is a date

Dates = NDArray[np.datetime64]


def day_numbers(epoch_seconds: FloatArray, utc_offset: int = 0) -> FloatArray:
    """Days since 1970-01-01 of a clock `utc_offset` minutes ahead of UTC; NaN where the time is no date."""
    days = np.floor((epoch_seconds + 60.0 * utc_offset) / DAY)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where((days >= _LIMITS[0]) & (days <= _LIMITS[1]), days, np.nan))


def dates(days: FloatArray) -> tuple[Dates, BoolArray]:
    """The same as dates, and where they are known (1970-01-01 stands elsewhere)."""
    known = ~np.isnan(days)
    return np.where(known, days, 0.0).astype(np.int64).astype("datetime64[D]"), known


def where_known(values: NDArray[np.int64] | FloatArray, known: BoolArray) -> FloatArray:
    """Numbers as a column: NaN where the date is not known."""
    return np.asarray(np.where(known, values.astype(np.float64), np.nan))


def weekdays(days: FloatArray) -> FloatArray:
    """Monday 0 to Sunday 6."""
    return np.asarray((days + 3.0) % 7.0)


def months(days: FloatArray) -> tuple[Dates, Dates, Dates, BoolArray]:
    """The date, the first day of its month, that of the next month, and where they are known."""
    date, known = dates(days)
    month = date.astype("datetime64[M]")
    return date, month.astype("datetime64[D]"), (month + 1).astype("datetime64[D]"), known
