"""Trades, quotes and changes of an order book, as they were received."""

from dataclasses import dataclass
from typing import final

import numpy as np

from autonomous_trading.core import BoolArray, FloatArray, IntArray, InvalidInput
from autonomous_trading.data.knowable._arrays import floats, in_order, integers, same_length

__all__ = ["BookUpdates", "Quotes", "Trades"]


@final
@dataclass(frozen=True, slots=True, eq=False)
class Trades:
    """Trades of one instrument in the order in which they were received.

    `time` is when a trade could be known here (its receipt), `event_time` when the exchange says it happened (`time`
    where that is not known apart), UTC nanoseconds. `side` is 1 where the buyer took, -1 where the seller did, 0 where
    nobody says. `exchange` counts into `exchanges`. Prices are positive, sizes not negative. Raises InvalidInput.
    """

    symbol: str
    time: IntArray
    price: FloatArray
    size: FloatArray
    side: IntArray | None = None
    event_time: IntArray | None = None
    exchange: IntArray | None = None
    exchanges: tuple[str, ...] = ("",)

    def __post_init__(self) -> None:
        _fill(self, ("price", "size"))
        side = np.zeros(len(self.time), dtype=np.int64) if self.side is None else self.side
        object.__setattr__(self, "side", integers("side", side))
        same_length(f"trades of {self.symbol}", {"time": self.time, "side": self.sides})
        _require(bool((self.price > 0.0).all()), self.symbol, "a price that is not positive")
        _require(bool((self.size >= 0.0).all()), self.symbol, "a negative or missing size")
        _require(bool((np.abs(self.sides) <= 1).all()), self.symbol, "a side other than 1, 0 and -1")

    def __len__(self) -> int:
        return len(self.time)

    @property
    def sides(self) -> IntArray:
        """Who took: 1 the buyer, -1 the seller, 0 unknown."""
        return _given(self.side)

    @property
    def events(self) -> IntArray:
        """When the exchange says that each happened."""
        return _given(self.event_time)

    @property
    def venues(self) -> IntArray:
        """Where each came from, counted into `exchanges`."""
        return _given(self.exchange)


@final
@dataclass(frozen=True, slots=True, eq=False)
class Quotes:
    """Best bids and asks of one instrument in the order in which they were received, per exchange.

    Times and exchanges as for Trades. A row may be one-sided: a price of 0 says that this side did not change (see
    `national_best`); a price with a size of 0 says that the side is gone. Raises InvalidInput.
    """

    symbol: str
    time: IntArray
    bid: FloatArray
    bid_size: FloatArray
    ask: FloatArray
    ask_size: FloatArray
    event_time: IntArray | None = None
    exchange: IntArray | None = None
    exchanges: tuple[str, ...] = ("",)

    def __post_init__(self) -> None:
        _fill(self, ("bid", "bid_size", "ask", "ask_size"))
        for name in ("bid", "bid_size", "ask", "ask_size"):
            _require(bool((getattr(self, name) >= 0.0).all()), self.symbol, f"a negative or missing {name}")

    def __len__(self) -> int:
        return len(self.time)

    @property
    def events(self) -> IntArray:
        """When the exchange says that each happened."""
        return _given(self.event_time)

    @property
    def venues(self) -> IntArray:
        """Where each came from, counted into `exchanges`."""
        return _given(self.exchange)


@final
@dataclass(frozen=True, slots=True, eq=False)
class BookUpdates:
    """Levels of an order book in the order in which they were received: a snapshot's rows, then changes.

    `side` is 1 for bids and -1 for asks; `size` is what now rests at `price`, 0 deletes the level. Consecutive rows
    with `snapshot` true and the same time replace the whole book. Rows of one time are one message. Times as for
    Trades. Raises InvalidInput.
    """

    symbol: str
    time: IntArray
    side: IntArray
    price: FloatArray
    size: FloatArray
    snapshot: BoolArray
    event_time: IntArray | None = None

    def __post_init__(self) -> None:
        _fill(self, ("price", "size"))
        object.__setattr__(self, "side", integers("side", self.side))
        object.__setattr__(self, "snapshot", integers("snapshot", self.snapshot).astype(np.bool_))
        same_length(f"book of {self.symbol}", {"time": self.time, "side": self.side, "snapshot": self.snapshot})
        _require(bool((np.abs(self.side) == 1).all()), self.symbol, "a side other than 1 and -1")
        _require(bool((self.price > 0.0).all()), self.symbol, "a price that is not positive")
        _require(bool((self.size >= 0.0).all()), self.symbol, "a negative or missing size")

    def __len__(self) -> int:
        return len(self.time)

    @property
    def events(self) -> IntArray:
        """When the exchange says that each happened."""
        return _given(self.event_time)


def _fill(record: Trades | Quotes | BookUpdates, numbers: tuple[str, ...]) -> None:
    """Check and set what the three have in common."""
    columns = {"time": integers("time", record.time)}
    object.__setattr__(record, "time", columns["time"])
    event_time = record.time if record.event_time is None else integers("event_time", record.event_time)
    object.__setattr__(record, "event_time", event_time)
    for name in numbers:
        object.__setattr__(record, name, floats(name, getattr(record, name)))
    same_length(
        f"ticks of {record.symbol}",
        {**columns, "event_time": event_time} | {name: getattr(record, name) for name in numbers},
    )
    in_order(f"ticks of {record.symbol}", record.time)
    if not isinstance(record, BookUpdates):
        _fill_exchange(record)


def _fill_exchange(record: Trades | Quotes) -> None:
    given = np.zeros(len(record.time), dtype=np.int64) if record.exchange is None else record.exchange
    codes = integers("exchange", given)
    object.__setattr__(record, "exchange", codes)
    same_length(f"ticks of {record.symbol}", {"time": record.time, "exchange": codes})
    known = bool(((codes >= 0) & (codes < len(record.exchanges))).all())
    _require(known, record.symbol, "an exchange that is not listed in exchanges")


def _require(holds: bool, symbol: str, what: str) -> None:
    if not holds:
        raise InvalidInput(f"the ticks of {symbol} hold {what}", fix="put such rows aside before")


def _given(column: IntArray | None) -> IntArray:
    """A column that `__post_init__` has filled where it was not given."""
    return np.empty(0, dtype=np.int64) if column is None else column
