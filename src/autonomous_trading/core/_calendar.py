"""What the timestamps say about the market's calendar: how many bars make a year."""

from typing import Final

import numpy as np

from autonomous_trading.core._arrays import IntArray

DAY_NS: Final = 86_400_000_000_000
_EPOCH_WEEKDAY = 3  # 1970-01-01 was a Thursday; Monday is 0
_SATURDAY, _SUNDAY = 5, 6

# A typical step of at least this many days means bars of that length, and so many of them in a year.
_SLOW_BARS: Final = ((300.0, 1.0), (80.0, 4.0), (25.0, 12.0), (5.0, 52.0))


def infer_bars_per_year(time: IntArray) -> float:
    """Bars per year for bars that start at these times (UTC nanoseconds, increasing).

    Monthly bars 12, weekly 52. Otherwise sessions per year, 252, or 365 when both Saturday and Sunday
    have bars, times the median number of bars per day. One bar alone is taken as a daily one. Give it
    the whole history: a slice of a few days may hold no weekend.
    """
    if len(time) < 2:
        return 252.0
    step_days = float(np.median(np.diff(time))) / DAY_NS
    for days, per_year in _SLOW_BARS:
        if step_days >= days:
            return per_year
    sessions = 365.0 if trades_every_day(time) else 252.0
    if step_days >= 2.0:
        return sessions / round(step_days)
    new_days = np.flatnonzero(np.diff(day_number(time))) + 1
    bars_of_day = np.diff(new_days, prepend=0, append=len(time))
    return sessions * float(np.median(bars_of_day))


def trades_every_day(time: IntArray) -> bool:
    """Whether there are bars on a Saturday and on a Sunday (UTC)."""
    weekday = (day_number(time) + _EPOCH_WEEKDAY) % 7
    return bool(np.any(weekday == _SATURDAY) and np.any(weekday == _SUNDAY))


def day_number(time: IntArray) -> IntArray:
    """Whole UTC days since 1970-01-01."""
    return time // DAY_NS


def time_text(time_ns: int) -> str:
    """A UTC time as ISO 8601 text, to the second."""
    return f"{np.datetime_as_string(np.datetime64(int(time_ns), 'ns'), unit='s')}Z"
