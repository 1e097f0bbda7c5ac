"""A clock to turn by hand: time passes when it is told to, and the wall clock is set like any other."""

from typing import final

from autonomous_trading.app.market_data import Clock
from autonomous_trading.core import InvalidInput
from autonomous_trading.data.streaming import Reading

__all__ = ["SimulatedClock"]


@final
class SimulatedClock(Clock):
    """Starts at a moment (UTC nanoseconds) and stands still until it is turned."""

    def __init__(self, start: int) -> None:
        self._at = Reading(
            start, 0
        )  # replaced whole: a thread that reads never sees one clock turned and not the other

    def now(self) -> int:
        return self._at.wall

    def monotonic(self) -> int:
        return self._at.monotonic

    def read(self) -> Reading:
        return self._at

    def pass_by(self, duration: int) -> None:
        """Let nanoseconds pass, on both clocks."""
        if duration < 0:
            raise InvalidInput(f"time does not pass by {duration} ns", fix="set the wall clock back with jump()")
        self._at = Reading(self._at.wall + duration, self._at.monotonic + duration)

    def pass_until(self, wall: int) -> None:
        """Let time pass until the clock on the wall says this; none where it says so already."""
        self.pass_by(max(0, wall - self._at.wall))

    def jump(self, by: int) -> None:
        """Set the wall clock forwards or backwards by nanoseconds; no time passes."""
        self._at = Reading(self._at.wall + by, self._at.monotonic)
