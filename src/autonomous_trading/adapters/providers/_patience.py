"""How long a source is waited for: retries with back-off for reads, and a rate below what it allows."""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar, final

from autonomous_trading.core import SourceUnavailable, TradingError

__all__ = ["Patience", "RateLimit", "patiently"]

_Answer = TypeVar("_Answer")
_Failure = TypeVar("_Failure", bound=Exception)


@final
@dataclass(frozen=True, slots=True)
class Patience:
    """Attempts in all; seconds before the second one, doubled for each after it; seconds that a call may take.

    `timeout` is for whoever makes the call: a client library that sets none is given this one.
    """

    attempts: int = 5
    first_wait: float = 0.5
    longest_wait: float = 30.0
    timeout: float = 30.0

    def wait_before(self, attempt: int, *, asked: float | None = None) -> float:
        """Seconds to wait after failure number `attempt`, with jitter; at least what was asked for."""
        backed_off = min(self.longest_wait, self.first_wait * 2.0 ** (attempt - 1)) * random.uniform(0.5, 1.0)
        return max(backed_off, min(asked or 0.0, self.longest_wait))


def patiently(
    read: Callable[[], _Answer],
    patience: Patience,
    *,
    failures: type[_Failure] | tuple[type[_Failure], ...],
    again: Callable[[_Failure], float | None],
    sleep: Callable[[float], None] = time.sleep,
) -> _Answer:
    """What `read` returns, tried again after failures that may pass. For reads only: an order sent twice is two orders.

    `failures` are the kinds of exceptions that a source may be to blame for: others are mistakes of ours, and are never
    tried again. `again` says of one how many seconds the source asked us to wait (0.0 where it did not say), or None
    where trying again cannot help: then it is raised as it is. Raises SourceUnavailable after the last attempt.
    """
    for attempt in range(1, patience.attempts + 1):
        try:
            return read()
        except failures as error:
            asked = again(error)
            if asked is None:
                raise
            if attempt == patience.attempts:
                said = error.what if isinstance(error, TradingError) else error  # one fix is enough
                raise SourceUnavailable(
                    f"no answer after {attempt} attempts: {said}", fix="look at the connection, or try again later"
                ) from error
            sleep(patience.wait_before(attempt, asked=asked))
    raise SourceUnavailable("no attempt was allowed", fix="allow at least one")


@final
class RateLimit:
    """At most `calls` in any `seconds`, shared by threads: `wait` returns when one more may be made."""

    def __init__(
        self,
        calls: int,
        seconds: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._calls, self._seconds, self._clock, self._sleep = calls, seconds, clock, sleep
        self._made: list[float] = []
        self._lock = threading.Lock()

    def wait(self) -> None:
        """Return at once, or when the oldest of the last `calls` calls is `seconds` old."""
        with self._lock:
            while True:
                now = self._clock()
                self._made = [at for at in self._made if now - at < self._seconds]
                if len(self._made) < self._calls:
                    self._made.append(now)
                    return
                self._sleep(self._seconds - (now - self._made[0]))
