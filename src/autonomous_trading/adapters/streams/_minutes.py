"""Minutes that become longer bars: when one is whole, and what has to be asked for before it is."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final, final

import numpy as np

from autonomous_trading.core import Timeframe, resample
from autonomous_trading.data import Sessions, screened
from autonomous_trading.data.streaming import Arrival, BarGrid

__all__ = ["MINUTE", "Minutes", "is_made_of_minutes"]

MINUTE: Final = Timeframe(1, "m")
_FEWEST_KEPT: Final = 8
_TOLERANCE: Final = 2_000_000_000
_HOUR_NS: Final = 3_600_000_000_000


def is_made_of_minutes(timeframe: Timeframe) -> bool:
    """Whether bars of this length begin at the same minutes everywhere: those that an hour is a multiple of.

    Longer ones begin by the clock of their exchange, which a source and UTC do not agree on.
    """
    return timeframe.is_intraday and MINUTE.ns < timeframe.ns and _HOUR_NS % timeframe.ns == 0


@final
class Minutes:
    """The minutes of one symbol, by the longer bar they lie in.

    A bar is made once every minute came that its market should have. Where one did not, or a minute that is not
    expected may still come (it trades on behind the close), the provider has to be asked: a minute without a trade has
    no bar, and that looks like one that was lost. `lag` nanoseconds after a minute the provider has it for certain.
    """

    def __init__(self, symbol: str, timeframe: Timeframe, sessions: Sessions, *, lag: int) -> None:
        self._symbol, self._timeframe, self._lag = symbol, timeframe, lag
        self._minutes, self._grid = BarGrid(MINUTE, sessions), BarGrid(timeframe, sessions)
        self._most = _FEWEST_KEPT + lag // timeframe.ns
        self._came: dict[int, dict[int, Arrival]] = {}
        self._closed: set[int] = set()
        self._made: dict[int, Arrival] = {}
        self._begun = self._opened = self._forgotten = -1

    def subscribed(self, now: int) -> None:
        """Every minute is sent from here on; bars that were over so lately that nobody has them yet are ours too."""
        self._begun = now
        self._opened = self._start(now - self._lag) - 1

    def heard(self, minute: Arrival) -> list[Arrival]:
        """A minute was sent: the bar that is whole by it, or another one than before."""
        over = self._minutes.end(minute.time) <= minute.received_at + _TOLERANCE if minute.time > 0 else False
        if not over or not self._minutes.fits(minute.time) or not self._is_sound(minute):
            return []  # no minute to make anything of: the sound one is asked for
        start = self._start(minute.time)
        if start <= self._forgotten:
            return []
        self._came.setdefault(start, {})[minute.time] = minute
        self._forget()
        if start in self._closed or self._is_whole(start):
            return self._made_of(start, minute.received_at)
        return []

    def lacking(self, now: int) -> Iterator[int]:
        """The bars, by their start, whose minutes have to be asked for now."""
        if self._begun >= 0:
            for start in self._grid.expected(self._opened, now).tolist():
                self._came.setdefault(start, {})
                self._opened = start
            self._forget()
        for start in sorted({*self._came} - self._closed):
            if self._grid.following(start) + self._lag <= now:
                yield start

    def answered(self, start: int, minutes: Iterable[Arrival], now: int) -> list[Arrival]:
        """All the provider has of a bar's minutes: the bar they make, if any, without those that break a rule."""
        stop = self._grid.following(start)
        sound = {each.time: each for each in minutes if start <= each.time < stop and self._is_sound(each)}
        self._came.setdefault(start, {}).update(sound)
        return self._made_of(start, now)

    def _made_of(self, start: int, now: int) -> list[Arrival]:
        self._closed.add(start)
        minutes = [minute for _, minute in sorted(self._came[start].items())]
        # One more minute, behind the bar, so that the last one in it is known to be the last: all are sound by now, for
        # of a last one that breaks a rule this copy would be dropped too.
        more = [replace(each, time=self._grid.following(start)) for each in minutes[-1:]]
        bars = screened(Arrival.as_raw([*minutes, *more], self._symbol)).bars
        if bars is None:
            return []
        whole = resample(bars, self._timeframe.text)
        columns = (whole.open, whole.high, whole.low, whole.close, whole.volume)
        opened, high, low, close, volume = (float(column[0]) for column in columns)
        made = Arrival(start, opened, high, low, close, volume, now)
        before = self._made.get(start)
        self._made[start] = made
        return [made] if before is None or before.values != made.values else []

    def _is_sound(self, minute: Arrival) -> bool:
        return screened(Arrival.as_raw([minute], self._symbol)).bars is not None

    def _is_whole(self, start: int) -> bool:
        stop, came = self._grid.following(start), self._came[start]
        expected = self._minutes.expected(start - 1, stop).tolist()
        if not expected or not all(each in came for each in expected):
            return False
        every_one = len(expected) == (stop - start) // MINUTE.ns
        return every_one or (expected[-1] + MINUTE.ns == stop and 0 <= self._begun <= start)

    def _start(self, time: int) -> int:
        return int(self._timeframe.starts(np.array([time], dtype=np.int64))[0])

    def _forget(self) -> None:
        for start in sorted(self._came)[: -self._most]:
            del self._came[start]
            self._forgotten = start
            self._closed.discard(start)
            self._made.pop(start, None)
