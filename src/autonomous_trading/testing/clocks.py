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
        self._wall, self._monotonic = start, 0

    def now(self) -> int:
        return self._wall

    def monotonic(self) -> int:
        return self._monotonic

    def read(self) -> Reading:
        return Reading(self._wall, self._monotonic)

    def pass_by(self, duration: int) -> None:
        """Let nanoseconds pass, on both clocks."""
        if duration < 0:
            raise InvalidInput(f"time does not pass by {duration} ns", fix="set the wall clock back with jump()")
        self._wall += duration
        self._monotonic += duration

    def jump(self, by: int) -> None:
        """Set the wall clock forwards or backwards by nanoseconds; no time passes."""
        self._wall += by
