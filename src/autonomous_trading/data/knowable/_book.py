"""An order book from its messages: best prices, spread, depth and imbalance at any time."""

from dataclasses import dataclass
from typing import Final, final

import numpy as np

from autonomous_trading.core import FloatArray, IntArray, InvalidInput
from autonomous_trading.data.knowable._arrays import in_order, integers
from autonomous_trading.data.knowable._ticks import BookUpdates

__all__ = ["OrderBook", "replay_book"]

_VIEW: Final = 8


@final
@dataclass(frozen=True, slots=True, eq=False)
class OrderBook:
    """What a book looked like at some times; NaN where it was not known, or a side was empty.

    `bid_depth` and `ask_depth` are what rests on the best levels of each side, `bid_far` and `ask_far` the price of the
    last of these levels. Of `messages` read since the first snapshot, `crossed` left a best bid at or above the best
    ask: a feed that lost something.
    """

    symbol: str
    time: IntArray
    bid: FloatArray
    bid_size: FloatArray
    ask: FloatArray
    ask_size: FloatArray
    bid_depth: FloatArray
    ask_depth: FloatArray
    bid_far: FloatArray
    ask_far: FloatArray
    messages: int
    crossed: int

    @property
    def spread(self) -> FloatArray:
        """Best ask minus best bid."""
        return self.ask - self.bid

    @property
    def mid(self) -> FloatArray:
        """Midway between best bid and best ask."""
        return (self.ask + self.bid) / 2.0

    @property
    def imbalance(self) -> FloatArray:
        """From -1 (all that rests is for sale) to 1 (all of it wants to buy), over the depth."""
        return (self.bid_depth - self.ask_depth) / (self.bid_depth + self.ask_depth)


def replay_book(updates: BookUpdates, when: IntArray, *, depth: int = 10, from_empty: bool = False) -> OrderBook:
    """The book at each time of `when` (UTC nanoseconds, in order), with every message received by then.

    Nothing is known before the first snapshot, unless the book is said to begin empty. `depth` counts levels a side.
    Raises InvalidInput.
    """
    from autonomous_trading.data.knowable._tick_kernels import replay_levels

    moments = integers("when", when)
    in_order("the times of a book", moments)
    if depth < 1:
        raise InvalidInput(f"depth is {depth}", fix="give at least one level")
    prices, level = np.unique(updates.price, return_inverse=True)
    side = np.where(updates.side > 0, 0, 1).astype(np.int64)
    views = np.full((len(moments), _VIEW), np.nan)
    settings = np.array([depth, int(from_empty), 0, 0], dtype=np.int64)
    rows = (updates.time, side, level.astype(np.int64), updates.size, updates.snapshot)
    sizes, best = np.zeros((2, len(prices))), np.zeros(2, dtype=np.int64)
    replay_levels(rows, prices, sizes, best, moments, views, settings)
    bid, bid_size, ask, ask_size, bid_depth, ask_depth, bid_far, ask_far = (
        np.ascontiguousarray(each) for each in views.T
    )
    return OrderBook(
        symbol=updates.symbol,
        time=moments,
        bid=bid,
        bid_size=bid_size,
        ask=ask,
        ask_size=ask_size,
        bid_depth=bid_depth,
        ask_depth=ask_depth,
        bid_far=bid_far,
        ask_far=ask_far,
        messages=int(settings[2]),
        crossed=int(settings[3]),
    )
