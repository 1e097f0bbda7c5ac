"""One best bid and ask from the one-sided quotes of many exchanges."""

from dataclasses import dataclass
from typing import final

import numpy as np

from autonomous_trading.core import BoolArray, FloatArray, IntArray, InvalidInput
from autonomous_trading.data.knowable._series import KnowableSeries
from autonomous_trading.data.knowable._ticks import BookUpdates, Quotes, Trades

__all__ = ["NationalBest", "national_best", "on_the_later_clock", "receipt_delay"]


@final
@dataclass(frozen=True, slots=True, eq=False)
class NationalBest:
    """After each quote the highest bid and the lowest ask of all exchanges, with the sizes shown there together.

    NaN where a side has none. `taken_back` counts the sides that newer quotes of other exchanges crossed; `event_time`
    is when the exchange says that each quote was made (`time` where that is not known apart).
    """

    symbol: str
    time: IntArray
    bid: FloatArray
    bid_size: FloatArray
    ask: FloatArray
    ask_size: FloatArray
    taken_back: int = 0
    event_time: IntArray | None = None

    @property
    def events(self) -> IntArray:
        """When the exchange says that each was made."""
        return self.time if self.event_time is None else self.event_time

    @property
    def spread(self) -> FloatArray:
        """Best ask minus best bid; 0 where locked, negative where crossed."""
        return self.ask - self.bid

    @property
    def crossed(self) -> BoolArray:
        """Where the best bid is above the best ask."""
        return self.bid > self.ask

    def series(self, name: str) -> KnowableSeries:
        """One of "bid", "bid_size", "ask", "ask_size", "spread" as a series: the last row of each moment."""
        values: FloatArray = getattr(self, name)
        last = np.append(self.time[1:] != self.time[:-1], True) if len(self.time) else np.empty(0, dtype=np.bool_)
        return KnowableSeries(name, self.time[last], self.time[last], values[last], "", self.symbol)


def national_best(quotes: Quotes, max_age: int | None = None, *, newest_wins: bool = False) -> NationalBest:
    """The best bid and ask after each row: every exchange's sides are carried on until it changes them.

    A side whose size is 0 is gone. A side that did not change for more than `max_age` nanoseconds no longer counts (an
    exchange that went home without taking its quotes back). With `newest_wins` a new bid takes back every ask below
    it, and a new ask every bid above it, until their exchanges quote again: for records that leave out quotes which
    were not the best, where old ones would cross the market for good. Raises InvalidInput.
    """
    from autonomous_trading.data.knowable._tick_kernels import best_of_venues

    if max_age is not None and max_age < 0:
        raise InvalidInput(f"max_age is {max_age}", fix="give nanoseconds, 0 or more")
    given = np.ascontiguousarray(np.stack([quotes.bid, quotes.bid_size, quotes.ask, quotes.ask_size], axis=1))
    best = np.empty_like(given)
    venues = len(quotes.exchanges)
    oldest = np.iinfo(np.int64).max if max_age is None else max_age
    last, seen = np.zeros((venues, 4)), np.zeros((venues, 2), dtype=np.int64)
    settings = np.array([oldest, int(newest_wins), 0], dtype=np.int64)
    best_of_venues(quotes.time, quotes.venues, given, last, seen, best, settings)
    bid, bid_size, ask, ask_size = (np.ascontiguousarray(column) for column in best.T)
    return NationalBest(quotes.symbol, quotes.time, bid, bid_size, ask, ask_size, int(settings[2]), quotes.events)


def receipt_delay(ticks: Trades | Quotes | BookUpdates) -> float:
    """Median seconds from when the exchange says it happened to when it was received.

    Negative: the clock here is behind the exchange's by more than the way takes.
    """
    return float(np.median(ticks.time - ticks.events)) / 1e9 if len(ticks) else float("nan")


def on_the_later_clock(time: IntArray, event_time: IntArray) -> IntArray:
    """When ticks could be known by either clock: the later of receipt and event, never stepping back.

    For joining ticks onto bars that carry the exchange's time: a receiving clock that is behind would show a trade
    before it happened.
    """
    later = np.maximum(time, event_time)
    return np.maximum.accumulate(later) if len(later) else later
