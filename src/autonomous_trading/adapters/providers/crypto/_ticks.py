"""Trades and order books as ccxt gives them, as ours; what is not whole is refused."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from autonomous_trading.core import InvalidInput, SourceCorrupt
from autonomous_trading.data.knowable import BookUpdates, Trades

__all__ = ["book_of", "trades_of"]

_SIDES = {"buy": 1, "sell": -1}


def trades_of(name: str, symbol: str, found: Sequence[Mapping[str, Any]], received_at: int) -> Trades:
    """Trades received now, in the order in which they happened. Raises SourceCorrupt."""
    ordered = sorted(found, key=lambda trade: trade.get("timestamp") or 0)
    if any(trade.get("timestamp") is None for trade in ordered):
        raise _corrupt(name, "a trade without its time")
    events = np.array([trade["timestamp"] for trade in ordered], dtype=np.int64) * 1_000_000
    try:
        return Trades(
            symbol,
            time=np.full(len(ordered), received_at, dtype=np.int64),
            price=np.array([trade["price"] for trade in ordered], dtype=np.float64),
            size=np.array([trade["amount"] for trade in ordered], dtype=np.float64),
            side=np.array([_SIDES.get(trade.get("side") or "", 0) for trade in ordered], dtype=np.int64),
            event_time=events,
            exchanges=(name,),
        )
    except (InvalidInput, TypeError, ValueError, KeyError) as error:
        raise _corrupt(name, f"trades that cannot be ({error})") from error


def book_of(name: str, symbol: str, found: Mapping[str, Any], received_at: int) -> BookUpdates:
    """A snapshot received now: bids from the highest down, then asks from the lowest up. Raises SourceCorrupt."""
    bids, asks = found.get("bids") or [], found.get("asks") or []
    levels = [*((1, *level[:2]) for level in bids), *((-1, *level[:2]) for level in asks)]
    event = int(found.get("timestamp") or 0) * 1_000_000 or received_at
    try:
        table = np.array(levels, dtype=np.float64).reshape(len(levels), 3)
        book = BookUpdates(
            symbol,
            time=np.full(len(levels), received_at, dtype=np.int64),
            side=table[:, 0].astype(np.int64),
            price=table[:, 1],
            size=table[:, 2],
            snapshot=np.ones(len(levels), dtype=np.bool_),
            event_time=np.full(len(levels), event, dtype=np.int64),
        )
    except (InvalidInput, TypeError, ValueError) as error:
        raise _corrupt(name, f"a book that cannot be ({error})") from error
    if bids and asks and book.price[book.side == 1].max() >= book.price[book.side == -1].min():
        raise _corrupt(name, "a book whose best bid is not below its best ask")
    return book


def _corrupt(name: str, what: str) -> SourceCorrupt:
    return SourceCorrupt(f"{name} sent {what}", fix="ask again; nothing of this answer was kept")
