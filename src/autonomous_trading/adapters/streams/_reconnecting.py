"""When a connection is had again, and when it is given up: decided on readings of a clock, with nothing waited for."""

from collections.abc import Callable
from typing import Final, final

from autonomous_trading.adapters.providers import Patience

__all__ = ["BackOff", "Reconnecting", "StaleFeed"]

_SECOND: Final = 1_000_000_000
_HOUR: Final = 3_600 * _SECOND
_MOST: Final = 60
"""Failures are counted so far: the doubling of a wait has reached its limit long before."""


@final
class BackOff:
    """Ever longer waits between failures, until all was well for longer than the last of them.

    `wait` gives the wait after failure number n. A source that comes back for a moment after each failure, long enough
    for one bar, is still a source that fails: only a stretch longer than the last wait begins anew.
    """

    def __init__(self, wait: Callable[[int], int]) -> None:
        self._wait, self._failures, self.last = wait, 0, 0

    def after(self, well: int) -> int:
        """How long to wait after a failure before which all was well for so long; both nanoseconds."""
        self._failures = 1 if well > self.last else min(self._failures + 1, _MOST)
        self.last = self._wait(self._failures)
        return self.last


@final
class Reconnecting:
    """One stream as it is lost and had again. All times are nanoseconds of a clock that only grows.

    It is given up after `patience.attempts` attempts in a row that brought no bar. A connection that stood for longer
    than the longest wait was no failed attempt: a closed market sends nothing for days.
    """

    def __init__(self, patience: Patience) -> None:
        self._most, self._longest = patience.attempts, int(patience.longest_wait * _SECOND)
        self._back_off = BackOff(lambda failure: int(patience.wait_before(failure) * _SECOND))
        self._without_a_bar = 0
        self._since: int | None = None

    def subscribed(self, now: int) -> None:
        """The source confirmed."""
        self._since = now

    def brought_a_bar(self) -> None:
        """A bar came: it can be had."""
        self._without_a_bar = 0

    def let_go(self) -> None:
        """The connection was closed from here, which is no failure of its source."""
        self._since = None

    def lost(self, now: int) -> int | None:
        """How many nanoseconds to wait before the next attempt; None where there is to be none."""
        well = 0 if self._since is None else now - self._since
        self._since = None
        self._without_a_bar = 1 if well > self._longest else self._without_a_bar + 1
        wait = self._back_off.after(well)
        return None if self._without_a_bar >= self._most else wait


@final
class StaleFeed:
    """A feed that is connected and brings nothing new: when to let go of the connection and have it again.

    At once when it turns stale, then after a bar, two, four, up to an hour (or one bar, where that is longer) for as
    long as it stays so. `bar` is the length of its bars.
    """

    def __init__(self, bar: int) -> None:
        self._back_off = BackOff(lambda failure: min(bar * 2 ** (failure - 1), max(bar, _HOUR)))
        self._tried: int | None = None
        self._well: tuple[int, int] | None = None

    def brought_news(self, now: int) -> None:
        """A bar came over the connection that is not old."""
        first = now if self._well is None else self._well[0]
        self._well = (first, now)

    def to_be_had_again(self, now: int) -> bool:
        """Whether to connect anew now, while the feed is stale; counted as done where it is."""
        well = 0 if self._well is None else self._well[1] - self._well[0]
        if self._tried is not None and well <= self._back_off.last and now - self._tried < self._back_off.last:
            return False
        self._back_off.after(well)
        self._tried, self._well = now, None
        return True
