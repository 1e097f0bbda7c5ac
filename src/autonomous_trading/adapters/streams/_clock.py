"""The clocks of this machine."""

import time
from typing import final

from autonomous_trading.app.market_data import Clock
from autonomous_trading.data.streaming import Reading

__all__ = ["SystemClock"]


@final
class SystemClock(Clock):
    """The clocks that the operating system keeps."""

    def now(self) -> int:
        return time.time_ns()

    def monotonic(self) -> int:
        return time.monotonic_ns()

    def read(self) -> Reading:
        return Reading(time.time_ns(), time.monotonic_ns())
