"""What an exchange holds."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, final

import numpy as np

from autonomous_trading.core import Timeframe
from autonomous_trading.data import RawBars

__all__ = ["Market", "demo_market", "number_text"]

_FIRST: Final = 1_709_510_400_000_000_000  # 2024-03-04T00:00:00Z
_LATER: Final = 10 * 365 * 86_400_000_000_000  # by its clock all of it is long over


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


def demo_market(*, days: int = 90, seed: int = 7) -> Market:
    """Hourly bars of BTC/USDT and ETH/USDT from 4 March 2024 that nobody ever traded; the same for one seed."""
    step, first = Timeframe.of("1h"), _FIRST
    rows = {
        symbol: _walk(symbol, price, np.random.default_rng([seed, number]), 24 * days)
        for number, (symbol, price) in enumerate((("BTC/USDT", 65_000.0), ("ETH/USDT", 3_500.0)))
    }
    return Market(rows, step, first + 24 * days * step.ns + _LATER, most_rows=1000)


def _walk(symbol: str, price: float, rng: np.random.Generator, count: int) -> RawBars:
    close = np.round(price * np.exp(np.cumsum(rng.normal(0.0, 0.004, count))), 2)
    begun = np.concatenate([[price], close[:-1]])
    high = np.round(np.maximum(begun, close) * (1.0 + rng.uniform(0.0, 0.002, count)), 2)
    low = np.round(np.minimum(begun, close) * (1.0 - rng.uniform(0.0, 0.002, count)), 2)
    volume = np.round(rng.uniform(10.0, 900.0, count), 3)
    time = _FIRST + np.arange(count, dtype=np.int64) * 3_600_000_000_000
    return RawBars(symbol, time, begun, high, low, close, volume, received_at=_FIRST)
