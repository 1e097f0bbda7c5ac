"""Which bars there have to be: a timeframe laid over the sessions of a market."""

import math
from dataclasses import dataclass
from typing import Final, final

import numpy as np

from autonomous_trading.core import BoolArray, IntArray, Timeframe
from autonomous_trading.data._sessions import Sessions

__all__ = ["BarGrid"]

_DAY_NS: Final = 86_400_000_000_000
_HALF_HOUR_NS: Final = 1_800_000_000_000


@final
@dataclass(frozen=True, slots=True, eq=False)
class BarGrid:
    """The bars of one length that a market should have.

    Intraday bars begin on the clock and are expected where they overlap a session; longer ones are expected where the
    date of a session falls into them. Bars elsewhere (before the opening, after the close) are possible, not expected.
    """

    timeframe: Timeframe
    sessions: Sessions

    def fits(self, time: int) -> bool:
        """Whether a bar may begin at this time. Sources begin hours on the hour or with the session: both fit."""
        step = math.gcd(self.timeframe.ns, _HALF_HOUR_NS) if self.timeframe.is_intraday else _DAY_NS
        return time % step == 0

    def following(self, time: int) -> int:
        """Where the bar after the one that begins at `time` begins, by the clock alone."""
        if self.timeframe.unit != "M":
            return time + self.timeframe.ns
        return int(self.timeframe.following(np.array([time], dtype=np.int64))[0])

    def ends(self, starts: IntArray) -> IntArray:
        """When the bars that begin at these times are over: by the clock, or with the last session in them."""
        clock = self.timeframe.following(starts)
        if not len(self.sessions):
            return clock
        last, inside = self._last_session(starts, clock)
        close = self.sessions.close[last]
        return np.where(inside, np.minimum(clock, close) if self.timeframe.is_intraday else close, clock)

    def end(self, start: int) -> int:
        """When the bar that begins at `start` is over."""
        return int(self.ends(np.array([start], dtype=np.int64))[0])

    def expected(self, after: int, before: int) -> IntArray:
        """The bars that should begin after one time and before another, both left out, in order."""
        if self.following(after) >= before and self.fits(after):
            return np.empty(0, dtype=np.int64)
        starts = self._clock_starts(after, before)
        starts = starts[(starts > after) & (starts < before)]
        if not len(self.sessions) or not len(starts):
            return starts[:0]
        clock = self.timeframe.following(starts)
        _, inside = self._last_session(starts, clock)
        inside[inside] &= ~self._in_break(starts[inside], clock[inside])
        return starts[inside]

    def _clock_starts(self, after: int, before: int) -> IntArray:
        """Bars from the one that holds a time on, on the half hour where the bar at that time (or 1 ns later) is."""
        near = after if self.fits(after) else after + 1
        first = int(self.timeframe.starts(np.array([near], dtype=np.int64))[0])
        if self.timeframe.unit == "M":
            months = [first]
            while (following := self.following(months[-1])) < before:
                months.append(following)
            return np.array(months, dtype=np.int64)
        shift = near - first if self.timeframe.is_intraday and self.fits(near) else 0
        return np.arange(first + shift, before, self.timeframe.ns, dtype=np.int64)

    def _last_session(self, starts: IntArray, stops: IntArray) -> tuple[IntArray, BoolArray]:
        """The last session that begins before each bar stops, and whether the bar holds some of it."""
        sessions = self.sessions
        begins = sessions.open if self.timeframe.is_intraday else sessions.date
        last = np.searchsorted(begins, stops, side="left") - 1
        known = np.maximum(last, 0)
        inside = sessions.close[known] > starts if self.timeframe.is_intraday else sessions.date[known] >= starts
        return known, (last >= 0) & inside

    def _in_break(self, starts: IntArray, stops: IntArray) -> BoolArray:
        """Which intraday bars lie wholly in a break of their session."""
        breaks = self.sessions.breaks
        if not len(breaks) or not self.timeframe.is_intraday:
            return np.zeros(len(starts), dtype=np.bool_)
        at = np.maximum(np.searchsorted(breaks[:, 0], starts, side="right") - 1, 0)
        inside: BoolArray = (breaks[at, 0] <= starts) & (stops <= breaks[at, 1])
        return inside
