"""The port to the clocks: what time it is, and how long something took."""

from abc import ABC, abstractmethod

from autonomous_trading.data.streaming import Reading

__all__ = ["Clock"]


class Clock(ABC):
    """Two clocks. The one on the wall may be set, forwards and backwards; the other only ever grows.

    Durations, ages and waits are differences of `monotonic`; `now` dates what came in. Both are whole nanoseconds, so
    there is no naive time to pass.
    """

    @abstractmethod
    def now(self) -> int:
        """UTC nanoseconds since 1970."""

    @abstractmethod
    def monotonic(self) -> int:
        """Nanoseconds since some moment: never fewer than before."""

    @abstractmethod
    def read(self) -> Reading:
        """Both at once."""
