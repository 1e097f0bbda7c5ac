"""When a market is open, as plain arrays."""

from dataclasses import dataclass
from typing import final

import numpy as np

from autonomous_trading.core import IntArray, InvalidInput

__all__ = ["Sessions", "around_the_clock"]

_DAY_NS = 86_400_000_000_000


@final
@dataclass(frozen=True, slots=True, eq=False)
class Sessions:
    """The sessions of an exchange, one row each, in order: session date, opening and closing time.

    `date` is 00:00 UTC of the session date, `open` and `close` are moments, all in UTC nanoseconds; half days close
    early, and a session may open on the evening before its date. `breaks` holds (start, stop) pairs inside sessions,
    shape [k, 2]. Built by `adapters` from a calendar library; nothing here computes with local time.
    """

    exchange: str
    date: IntArray
    open: IntArray
    close: IntArray
    breaks: IntArray

    def __post_init__(self) -> None:
        same = len(self.date) == len(self.open) == len(self.close)
        ordered = same and bool((self.open < self.close).all() and (self.close[:-1] <= self.open[1:]).all())
        if not ordered or self.breaks.ndim != 2 or self.breaks.shape[1] != 2 or (np.diff(self.date) <= 0).any():
            raise InvalidInput(
                f"the sessions of {self.exchange} are not one after another", fix="give each session once, in order"
            )

    def __len__(self) -> int:
        return len(self.date)

    @property
    def always_open(self) -> bool:
        """Whether one session begins where the one before it ends, throughout."""
        return bool((self.open[1:] == self.close[:-1]).all()) and not len(self.breaks)


def around_the_clock(start: int, stop: int) -> Sessions:
    """The sessions of a market that never closes: whole UTC days that hold start <= time < stop."""
    days = np.arange(start // _DAY_NS, -(-stop // _DAY_NS), dtype=np.int64) * _DAY_NS
    return Sessions("24/7", days, days, days + _DAY_NS, np.empty((0, 2), dtype=np.int64))
