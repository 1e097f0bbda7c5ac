"""What time it is when the clock on the wall may be set: a moment once read, and durations since."""

from dataclasses import dataclass
from typing import Final, NamedTuple, final

__all__ = ["Reading", "SteadyTime", "steady_time", "witnessed"]

_SET: Final = 500_000_000  # half a second: what time services do by slewing, the duration clock follows


class Reading(NamedTuple):
    """Two clocks read at once: UTC nanoseconds on the wall, and nanoseconds that only ever grow at the pace of time."""

    wall: int
    monotonic: int


@final
@dataclass(frozen=True, slots=True)
class SteadyTime:
    """The reading that durations are added to, how far the wall clock is ahead of it, and how often it was set."""

    anchor: Reading
    ahead: int = 0
    jumps: int = 0


def steady_time(reading: Reading, state: SteadyTime) -> tuple[int, SteadyTime]:
    """The moment, UTC nanoseconds, that the anchor and the duration since then give; and the state to go on with.

    A wall clock that is set by more than half a second is counted and not followed: nothing becomes older or newer by
    it.
    """
    now = state.anchor.wall + reading.monotonic - state.anchor.monotonic
    ahead = reading.wall - now
    jumped = abs(ahead - state.ahead) > _SET
    return now, SteadyTime(state.anchor, ahead, state.jumps + jumped)


def witnessed(reading: Reading, state: SteadyTime, *, end: int, longest_age: int, tolerance: int) -> SteadyTime:
    """The state after a new bar that was over at `end` came in.

    A duration clock stands still while a machine sleeps, and a wall clock may have been wrong at the start. Where a bar
    that just came agrees with the wall clock (over, and not longer ago than `longest_age` nanoseconds) and not with the
    steady time, two witnesses stand against one, and the wall clock is followed from here on.
    """
    now, state = steady_time(reading, state)
    agrees = [-tolerance <= moment - end <= longest_age for moment in (now, reading.wall)]
    return SteadyTime(reading, 0, state.jumps) if agrees == [False, True] else state
