"""The columns every set of bars has: prices, averages of prices, returns and the calendar.

Times are UTC and name the start of a bar, so the calendar of a bar is known before its prices are.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from autonomous_trading.core import Bars, FloatArray, IntArray

_MINUTE_NS = 60 * 1_000_000_000
_DAY_NS = 24 * 60 * _MINUTE_NS
_YEAR_NS = 365.25 * _DAY_NS
_EPOCH_WEEKDAY = 3  # 1 January 1970 was a Thursday, and weeks start on Monday


class BasicColumn(NamedTuple):
    """A column without arguments: how it is computed, its first bar with a value, and what it means."""

    compute: Callable[[Bars], FloatArray]
    group: str
    description: str
    warm_up: int = 0
    units: str = "price"


def _returns(bars: Bars) -> FloatArray:
    return _after_first(bars.close[1:] / bars.close[:-1] - 1.0)


def _log_returns(bars: Bars) -> FloatArray:
    return _after_first(np.log(bars.close[1:] / bars.close[:-1]))


def _gap(bars: Bars) -> FloatArray:
    return _after_first(bars.open[1:] / bars.close[:-1] - 1.0)


def _true_range(bars: Bars) -> FloatArray:
    highest = np.maximum(bars.high[1:], bars.close[:-1])
    return _after_first(highest - np.minimum(bars.low[1:], bars.close[:-1]))


def _after_first(values: FloatArray) -> FloatArray:
    return np.concatenate((np.full(1, np.nan), values))


def _epoch_seconds(bars: Bars) -> FloatArray:
    return bars.time / 1e9


def _years(bars: Bars) -> FloatArray:
    return bars.time / _YEAR_NS


def _minute(bars: Bars) -> FloatArray:
    return (bars.time // _MINUTE_NS % 60).astype(np.float64)


def _hour(bars: Bars) -> FloatArray:
    return (bars.time // (60 * _MINUTE_NS) % 24).astype(np.float64)


def _day_of_week(bars: Bars) -> FloatArray:
    return ((bars.time // _DAY_NS + _EPOCH_WEEKDAY) % 7).astype(np.float64)


def _day_of_month(bars: Bars) -> FloatArray:
    days = (bars.time // _DAY_NS).astype("datetime64[D]")
    return _whole((days - days.astype("datetime64[M]")).astype(np.int64) + 1)


def _month(bars: Bars) -> FloatArray:
    months = (bars.time // _DAY_NS).astype("datetime64[D]").astype("datetime64[M]")
    return _whole(months.astype(np.int64) % 12 + 1)


def _whole(values: IntArray) -> FloatArray:
    return values.astype(np.float64)


BASIC: Mapping[str, BasicColumn] = {
    "open": BasicColumn(lambda bars: bars.open, "Prices", "First price of the bar"),
    "high": BasicColumn(lambda bars: bars.high, "Prices", "Highest price of the bar"),
    "low": BasicColumn(lambda bars: bars.low, "Prices", "Lowest price of the bar"),
    "close": BasicColumn(lambda bars: bars.close, "Prices", "Last price of the bar"),
    "volume": BasicColumn(lambda bars: bars.volume, "Prices", "Units traded during the bar", units="units"),
    "typical_price": BasicColumn(
        lambda bars: (bars.high + bars.low + bars.close) / 3.0, "Prices", "(high + low + close) / 3"
    ),
    "median_price": BasicColumn(lambda bars: (bars.high + bars.low) / 2.0, "Prices", "(high + low) / 2"),
    "weighted_close": BasicColumn(
        lambda bars: (bars.high + bars.low + 2.0 * bars.close) / 4.0, "Prices", "(high + low + 2 close) / 4"
    ),
    "average_price": BasicColumn(
        lambda bars: (bars.open + bars.high + bars.low + bars.close) / 4.0,
        "Prices",
        "(open + high + low + close) / 4",
    ),
    "dollar_volume": BasicColumn(
        lambda bars: bars.close * bars.volume, "Prices", "close x volume", units="price x units"
    ),
    "returns": BasicColumn(
        _returns, "Returns", "Change of the close as a fraction of the previous close", 1, units="fraction"
    ),
    "log_returns": BasicColumn(_log_returns, "Returns", "Logarithm of close / previous close", 1, units="log"),
    "gap": BasicColumn(_gap, "Returns", "Open against the previous close, as a fraction", 1, units="fraction"),
    "true_range": BasicColumn(_true_range, "Returns", "Range of the bar including the gap from the previous close", 1),
    "epoch_seconds": BasicColumn(
        _epoch_seconds, "Calendar", "Start of the bar in seconds since 1970-01-01 UTC", units="seconds"
    ),
    "years": BasicColumn(_years, "Calendar", "Start of the bar in years of 365.25 days since 1970", units="years"),
    "minute": BasicColumn(_minute, "Calendar", "Minute of the hour, 0 to 59", units="minutes"),
    "hour": BasicColumn(_hour, "Calendar", "Hour of the day, 0 to 23", units="hours"),
    "day_of_week": BasicColumn(_day_of_week, "Calendar", "Monday 0 to Sunday 6", units="days"),
    "day_of_month": BasicColumn(_day_of_month, "Calendar", "Day of the month, 1 to 31", units="days"),
    "month": BasicColumn(_month, "Calendar", "Month of the year, 1 to 12", units="months"),
}

PRICES = ("open", "high", "low", "close", "volume")
"""The columns that are the bars' own arrays."""
