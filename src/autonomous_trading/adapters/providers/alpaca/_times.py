"""Times as Alpaca writes them, and where its bars begin."""

import re
from datetime import UTC, datetime, time
from functools import lru_cache
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

from autonomous_trading.adapters.providers.alpaca._symbols import CRYPTO
from autonomous_trading.core import BoolArray, IntArray, InvalidInput, SourceCorrupt, Timeframe
from autonomous_trading.data import Span

__all__ = ["TIMEFRAMES", "Grid", "as_text", "at_midnight", "grid_of", "moments", "timeframe_text"]

_NS: Final = 1_000_000_000
_MINUTE: Final = 60 * _NS
_HOUR: Final = 60 * _MINUTE
_DAY: Final = 24 * _HOUR
_TIME: Final = re.compile(r"(?:19|20|21)\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z")
_UNITS: Final = {"m": "Min", "h": "Hour", "d": "Day", "w": "Week", "M": "Month"}
_COUNTS: Final = {"m": range(1, 60), "h": range(1, 24), "d": (1,), "w": (1,), "M": (1, 2, 3, 6, 12)}
_NEW_YORK: Final = ZoneInfo("America/New_York")

TIMEFRAMES: Final = tuple(f"{count}{unit}" for unit, counts in _COUNTS.items() for count in counts)
"""Every length of bar that Alpaca makes, as we write them."""


class Grid(NamedTuple):
    """Where bars of one length begin at Alpaca.

    `dated` bars are stamped with midnight in New York and carry their session date here. `known` says whether the
    beginning of each bar is a matter of the clock alone, so that a span can be widened to whole bars.
    """

    timeframe: Timeframe
    dated: bool
    known: bool

    def asked(self, span: Span) -> Span:
        """From when to when to ask, so that no bar at the edges is cut: moments, both included."""
        length = self.timeframe.ns
        if not self.known:
            return Span(self._moment(span.start), self._moment(span.stop) - 1 + length)
        first = -(-span.start // length) * length
        after = ((span.stop - 1) // length + 1) * length
        return Span(self._moment(first), self._moment(after) - 1)

    def begins(self, moments: IntArray) -> IntArray:
        """What we call the bars that Alpaca stamped with these moments: their session dates, or the moments.

        Raises SourceCorrupt for a moment at which no such bar begins.
        """
        if self.dated:
            return np.array([_session_date(int(each)) for each in moments], dtype=np.int64)
        step = _step(self.timeframe)
        odd = moments[moments % step != 0]
        if len(odd):
            raise SourceCorrupt(
                f"no bar of {self.timeframe} begins at {as_text(int(odd[0]))}",
                fix="report it: the source gave another time zone or another timeframe",
            )
        return moments

    def over(self, begins: IntArray, now: int) -> BoolArray:
        """Which of the bars are over at `now`.

        A session date is over with its day in UTC, as everywhere here; trading after hours ends within the hour after.
        """
        ground = self.timeframe.starts(begins)
        ends = self.timeframe.following(ground) + (begins - ground)
        return np.asarray(ends <= now, dtype=np.bool_)

    def _moment(self, begin: int) -> int:
        """The moment of a session date (the next one, where a time lies inside a day), or the time as it is."""
        return _midnight(-(-begin // _DAY) * _DAY) if self.dated else begin


def timeframe_text(timeframe: Timeframe) -> str:
    """A timeframe as Alpaca writes it: "15Min". Raises InvalidInput for lengths it does not make."""
    if timeframe.count not in _COUNTS.get(timeframe.unit, ()):
        raise InvalidInput(
            f"Alpaca makes no bars of {timeframe}", fix="use 1m to 59m, 1h to 23h, 1d, 1w, or 1M, 2M, 3M, 6M, 12M"
        )
    return f"{timeframe.count}{_UNITS[timeframe.unit]}"


def grid_of(timeframe: Timeframe, kind: str) -> Grid:
    """Where bars of this length of this kind of symbol begin.

    Alpaca's daily bars of crypto begin at some hour of the day (05:00 or 06:00 UTC, midnight in Chicago): they keep
    that moment, because calling them by a date would make them known hours too early.
    """
    timeframe_text(timeframe)
    if not timeframe.is_intraday:
        dated = kind != CRYPTO
        return Grid(timeframe, dated, known=dated and timeframe.unit == "d")
    return Grid(timeframe, dated=False, known=_step(timeframe) == timeframe.ns)


def moments(texts: list[Any]) -> IntArray:
    """UTC nanoseconds of times written "2024-01-03T14:00:00Z". Raises SourceCorrupt for anything else."""
    for text in texts:
        if not isinstance(text, str) or _TIME.fullmatch(text) is None:
            raise SourceCorrupt(
                f"a time is {text!r}, and Alpaca writes them in UTC as 2024-01-03T14:00:00Z", fix="try again later"
            )
    try:
        found = np.array([text[:-1] for text in texts], dtype="datetime64[ns]")
    except ValueError as error:
        raise SourceCorrupt(f"a time is no time: {error}", fix="try again later") from None
    return np.asarray(found.astype(np.int64), dtype=np.int64)


def at_midnight(moment: int) -> bool:
    """Whether a day begins in New York at this moment."""
    local = datetime.fromtimestamp(moment // _NS, UTC).astimezone(_NEW_YORK)
    return moment % _NS == 0 and local.time() == time.min


def as_text(moment: int) -> str:
    """UTC nanoseconds as RFC 3339, which Alpaca takes to the nanosecond."""
    seconds, rest = divmod(moment, _NS)
    begin = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{begin}.{rest:09d}Z" if rest else f"{begin}Z"


def _step(timeframe: Timeframe) -> int:
    """On multiples of what the bars of a timeframe begin for certain."""
    if timeframe.unit == "m":
        return timeframe.ns if 60 % timeframe.count == 0 else _MINUTE
    return _HOUR


@lru_cache(maxsize=65_536)
def _midnight(date: int) -> int:
    """When a date (00:00 UTC of it) begins in New York."""
    day = datetime.fromtimestamp(date // _NS, UTC).replace(tzinfo=_NEW_YORK)
    return int(day.timestamp()) * _NS


@lru_cache(maxsize=65_536)
def _session_date(moment: int) -> int:
    """The date (00:00 UTC of it) that begins in New York at this moment. Raises SourceCorrupt where none does."""
    local = datetime.fromtimestamp(moment // _NS, UTC).astimezone(_NEW_YORK)
    if not at_midnight(moment):
        raise SourceCorrupt(
            f"a daily bar begins at {as_text(moment)}, and Alpaca stamps them with midnight in New York",
            fix="report it: the source gave another time zone or another timeframe",
        )
    return int(datetime(local.year, local.month, local.day, tzinfo=UTC).timestamp()) * _NS
