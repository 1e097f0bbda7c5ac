"""Trades, quotes and order books from files."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from autonomous_trading.adapters.series._tables import found, needed, numbers_of, read_frame, times_of
from autonomous_trading.core import BoolArray, IntArray, InvalidInput
from autonomous_trading.data.knowable import BookUpdates, Quotes, Trades, on_the_later_clock

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Clock", "read_book_updates", "read_quotes", "read_trades"]

Clock = Literal["receipt", "later"]
_RECEIPT: Final = ("timestamp", "received_at", "time")
_SIDES: Final = {"buy": 1, "b": 1, "bid": 1, "sell": -1, "s": -1, "a": -1, "ask": -1}


def read_trades(place: "str | os.PathLike[str] | pd.DataFrame", *, clock: Clock = "receipt") -> Trades:
    """Trades from columns timestamp, price, size (qty), and perhaps side or buyer_is_maker, exchange, exch_ms, symbol.

    `timestamp` is when a trade was received, exch_ms (milliseconds since 1970) when the exchange says it happened.
    `clock="later"` counts a trade as known at the later of the two: for joining onto bars of the exchange's clock,
    where the receiving one may be behind. Rows that the source marks as suspicious are left out. One instrument a file.
    Raises InvalidInput and DataNotFound.
    """
    frame = _sound(read_frame(place))
    time, event = _clocks(frame, clock)
    exchange, exchanges = _venues(frame)
    return Trades(
        _symbol(frame, place),
        time,
        numbers_of(needed(frame, "the prices", "price")),
        numbers_of(needed(frame, "the sizes", "size", "qty", "quantity", "volume")),
        _taker(frame),
        event,
        exchange,
        exchanges,
    )


def read_quotes(place: "str | os.PathLike[str] | pd.DataFrame", *, clock: Clock = "receipt") -> Quotes:
    """Quotes from columns timestamp, bid, bid_size (bid_qty), ask, ask_size, and perhaps exchange, exch_ms, symbol.

    A price of 0 (or none) says that this side did not change. Clocks and suspicious rows as for `read_trades`.
    """
    frame = _sound(read_frame(place))
    time, event = _clocks(frame, clock)
    exchange, exchanges = _venues(frame)
    bid, bid_size, ask, ask_size = (
        np.nan_to_num(numbers_of(needed(frame, f"the {side}s", side, *others)), nan=0.0)
        for side, others in (
            ("bid", ("bid_price",)),
            ("bid_size", ("bid_qty",)),
            ("ask", ("ask_price",)),
            ("ask_size", ("ask_qty",)),
        )
    )
    return Quotes(_symbol(frame, place), time, bid, bid_size, ask, ask_size, event, exchange, exchanges)


def read_book_updates(place: "str | os.PathLike[str] | pd.DataFrame", *, clock: Clock = "receipt") -> BookUpdates:
    """Changes of an order book from columns timestamp, side (1 or -1, bid or ask), price, size (qty), is_snapshot.

    Where rows carry last_id, changes that a snapshot before them already holds are left out. Clocks as for
    `read_trades`.
    """
    frame = read_frame(place)
    snapshot = found(frame, "is_snapshot", "snapshot")
    marks = np.zeros(len(frame), dtype=np.bool_) if snapshot is None else np.array(snapshot, dtype=np.bool_)
    stale = _held_already(frame, marks)
    frame, marks = frame[~stale], marks[~stale]
    time, event = _clocks(frame, clock)
    return BookUpdates(
        _symbol(frame, place),
        time,
        _coded(needed(frame, "the sides", "side")),
        numbers_of(needed(frame, "the prices", "price")),
        numbers_of(needed(frame, "the sizes", "size", "qty", "quantity")),
        marks,
        event,
    )


def _sound(frame: "pd.DataFrame") -> "pd.DataFrame":
    marked = found(frame, "suspicious")
    return frame if marked is None else frame[~np.array(marked, dtype=np.bool_)]


def _clocks(frame: "pd.DataFrame", clock: Clock) -> tuple[IntArray, IntArray]:
    if clock not in ("receipt", "later"):
        raise InvalidInput(f"clock is {clock!r}", fix='use "receipt" or "later"')
    received = times_of(needed(frame, "the times", *_RECEIPT))
    said = found(frame, "exch_ms", "event_ms")
    event = received if said is None else np.array(said, dtype=np.int64) * 1_000_000
    return (on_the_later_clock(received, event) if clock == "later" else received), event


def _venues(frame: "pd.DataFrame") -> tuple[IntArray | None, tuple[str, ...]]:
    given = found(frame, "exchange", "venue")
    if given is None:
        return None, ("",)
    names, codes = np.unique(np.array(given.fillna(""), dtype=str), return_inverse=True)
    return codes.astype(np.int64), tuple(str(name) for name in names)


def _taker(frame: "pd.DataFrame") -> IntArray | None:
    maker, side = found(frame, "buyer_is_maker", "is_buyer_maker"), found(frame, "side", "taker_side")
    if maker is not None:
        return np.where(np.array(maker, dtype=np.bool_), -1, 1).astype(np.int64)
    return None if side is None else _coded(side)


def _coded(side: "pd.Series") -> IntArray:
    """1 for bids and buyers, -1 for asks and sellers, from numbers or words."""
    if side.dtype.kind in "iuf":
        return np.array(side, dtype=np.int64)
    words = side.astype(str).str.strip().str.lower()
    other = sorted(set(words) - set(_SIDES))
    if other:
        raise InvalidInput(f"a side is called {other[0]!r}", fix="write buy and sell, bid and ask, or 1 and -1")
    return np.array(words.map(_SIDES), dtype=np.int64)


def _held_already(frame: "pd.DataFrame", snapshot: BoolArray) -> BoolArray:
    """Which changes are part of the snapshot before them, by the ids of Binance."""
    given = found(frame, "last_id")
    if given is None or not snapshot.any():
        return np.zeros(len(frame), dtype=np.bool_)
    ids = np.array(given, dtype=np.int64)
    newest = np.maximum.accumulate(np.where(snapshot, ids, -1))
    return ~snapshot & (ids <= newest)


def _symbol(frame: "pd.DataFrame", place: object) -> str:
    given = found(frame, "symbol", "ticker")
    if given is None or not len(given):
        return Path(place).stem if isinstance(place, str | os.PathLike) else ""
    names = sorted({str(name) for name in given.unique()})
    if len(names) > 1:
        raise InvalidInput(f"the ticks are of {len(names)} instruments: {', '.join(names[:5])}", fix="split the file")
    return names[0]
