"""Which times Yahoo gives, for how long, and what they mean."""

from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final

import numpy as np

from autonomous_trading.adapters.providers.yahoo._chart import Chart
from autonomous_trading.core import IntArray, InvalidInput, Timeframe, time_text
from autonomous_trading.data import BarsRequest

__all__ = ["INTERVALS", "bar_starts", "refuse_too_old", "session_date"]

_DAY: Final = 86_400
_SECOND: Final = 1_000_000_000

INTERVALS: Final = MappingProxyType({"1m": 8, "2m": 60, "5m": 60, "15m": 60, "1h": 730, "1d": None})
"""The lengths of bars, and for how many days back Yahoo gives them (None: always).

"30m" is left out because Yahoo answers with bars of an hour, weeks and months because theirs begin at the day that was
asked for: both are to be had by resampling.
"""


def refuse_too_old(request: BarsRequest, now: int) -> None:
    """Nothing, or InvalidInput where the span begins before Yahoo's bars of that length do."""
    days = INTERVALS[request.timeframe.text]
    if days is None:
        return
    oldest = now - days * _DAY * _SECOND
    if request.span.start < oldest:
        raise InvalidInput(
            f"Yahoo gives bars of {request.timeframe.text} for the last {days} days alone, from {time_text(oldest)} on",
            fix="ask for a later start or for longer bars, and sync often enough that the catalogue keeps them",
        )


def bar_starts(chart: Chart, timeframe: Timeframe) -> IntArray:
    """The start of each bar in UTC nanoseconds; of daily bars 00:00 UTC of the session date, in the exchange's zone."""
    if timeframe.is_intraday:
        return chart.seconds * _SECOND
    return np.array([session_date(chart, int(each)) for each in chart.seconds], dtype=np.int64)


def session_date(chart: Chart, seconds: int) -> int:
    """00:00 UTC of the date that a clock at the exchange shows at a moment, UTC nanoseconds."""
    local = datetime.fromtimestamp(seconds, tz=chart.zone)
    return int(datetime(local.year, local.month, local.day, tzinfo=UTC).timestamp()) * _SECOND
