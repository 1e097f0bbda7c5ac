"""What an exchange holds."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

import numpy as np

from autonomous_trading.core import Timeframe
from autonomous_trading.data import RawBars

__all__ = ["Market", "number_text"]


@final
@dataclass(frozen=True, slots=True)
class Market:
    """What an exchange holds: bars by unified symbol ("BTC/USDT") of one length, and the time by its clock.

    `most_rows` is how many it gives in one answer, at most.
    """

    rows: Mapping[str, RawBars]
    timeframe: Timeframe
    now: int
    most_rows: int = 100

    def begun(self, symbol: str) -> RawBars:
        """The bars that have begun by now, the one in progress included."""
        held = self.rows[symbol]
        return held.taken(held.time <= self.now)

    def without_slash(self, symbol: str) -> str | None:
        """The unified symbol of one that is written without the slash; None for one that is not held."""
        return next((each for each in self.rows if each.replace("/", "") == symbol), None)


def number_text(value: float) -> str:
    """A number in the shortest digits that give it back; "NaN" for one that is missing."""
    return "NaN" if np.isnan(value) else repr(float(value))
