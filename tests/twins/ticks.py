"""Ticks read slowly, written from the words of the documentation and not from the kernels."""

from __future__ import annotations

import bisect
import math
from typing import Any

from autonomous_trading.data.knowable import BookUpdates, Quotes, Trades

__all__ = ["bars_of", "book_at", "crossed_messages", "national_best_after", "profile_of", "rate_after"]

Book = tuple[dict[float, float], dict[float, float]]


def _messages(updates: BookUpdates) -> list[list[int]]:
    """Rows of one time, together."""
    found: list[list[int]] = []
    for row in range(len(updates)):
        if row and updates.time[row] == updates.time[row - 1]:
            found[-1].append(row)
        else:
            found.append([row])
    return found


def _books(updates: BookUpdates, from_empty: bool) -> list[tuple[int, Book | None]]:
    """The book after each message, as two dictionaries; None while it is not known."""
    bids: dict[float, float] = {}
    asks: dict[float, float] = {}
    known = from_empty
    states: list[tuple[int, Book | None]] = []
    for rows in _messages(updates):
        before = False
        for row in rows:
            if updates.snapshot[row] and not before:
                bids, asks, known = {}, {}, True
            before = bool(updates.snapshot[row])
            side = bids if updates.side[row] == 1 else asks
            side.pop(float(updates.price[row]), None)
            if updates.size[row] > 0.0:
                side[float(updates.price[row])] = float(updates.size[row])
        states.append((int(updates.time[rows[0]]), (dict(bids), dict(asks)) if known else None))
    return states


def _view(book: Book | None, depth: int) -> list[float]:
    view = [math.nan] * 8
    if book is None:
        return view
    bids, asks = (sorted(book[0].items(), reverse=True), sorted(book[1].items()))
    if bids:
        view[0], view[1], view[4] = bids[0][0], bids[0][1], sum(size for _, size in bids[:depth])
        view[6] = min(price for price, _ in bids[:depth])
    if asks:
        view[2], view[3], view[5] = asks[0][0], asks[0][1], sum(size for _, size in asks[:depth])
        view[7] = max(price for price, _ in asks[:depth])
    return view


def book_at(updates: BookUpdates, when: list[int], depth: int, from_empty: bool) -> list[list[float]]:
    """Bid, its size, ask, its size, depth of both, last price that the depth counts of both, at each time."""
    states = _books(updates, from_empty)
    times = [time for time, _ in states]
    views = []
    for moment in when:
        at = bisect.bisect_right(times, moment) - 1
        start: Book | None = ({}, {}) if from_empty else None
        views.append(_view(states[at][1] if at >= 0 else start, depth))
    return views


def crossed_messages(updates: BookUpdates, from_empty: bool) -> tuple[int, int]:
    """How many messages of a known book there are, and how many leave it crossed."""
    books = [book for _, book in _books(updates, from_empty) if book is not None]
    return len(books), sum(bool(bids and asks and max(bids) >= min(asks)) for bids, asks in books)


def national_best_after(quotes: Quotes, max_age: float, newest_wins: bool) -> list[list[float]]:
    """Best bid, its size over exchanges, best ask, its size, after each row."""
    sides: dict[tuple[int, str], tuple[float, float, int]] = {}
    found = []
    for row in range(len(quotes)):
        now, venue = int(quotes.time[row]), int(quotes.venues[row])
        if quotes.bid[row] > 0.0:
            sides[venue, "bid"] = (float(quotes.bid[row]), float(quotes.bid_size[row]), now)
        if quotes.ask[row] > 0.0:
            sides[venue, "ask"] = (float(quotes.ask[row]), float(quotes.ask_size[row]), now)
        if newest_wins and quotes.bid[row] > 0.0 and quotes.bid_size[row] > 0.0:
            sides = {key: held for key, held in sides.items() if key[1] == "bid" or held[0] >= quotes.bid[row]}
        if newest_wins and quotes.ask[row] > 0.0 and quotes.ask_size[row] > 0.0:
            sides = {key: held for key, held in sides.items() if key[1] == "ask" or held[0] <= quotes.ask[row]}
        line: list[float] = []
        for name, choose in (("bid", max), ("ask", min)):
            alive = [
                (price, size)
                for (_, side), (price, size, seen) in sorted(sides.items())
                if side == name and size > 0.0 and now - seen <= max_age
            ]
            best = choose(price for price, _ in alive) if alive else math.nan
            line += [best, sum(size for price, size in alive if price == best) if alive else math.nan]
        found.append(line)
    return found


def bars_of(trades: Trades, by: str, size: float) -> list[dict[str, Any]]:
    """Full bars by ticks, volume or money, one dictionary each."""
    bars: list[dict[str, Any]] = []
    held: list[int] = []
    amount = 0.0
    for row in range(len(trades)):
        price, units = float(trades.price[row]), float(trades.size[row])
        held.append(row)
        amount += {"ticks": 1.0, "volume": units, "money": price * units}[by]
        if amount >= size:
            bars.append(_bar(trades, held))
            held, amount = [], 0.0
    return bars


def _bar(trades: Trades, rows: list[int]) -> dict[str, Any]:
    prices = [float(trades.price[row]) for row in rows]
    sizes = [float(trades.size[row]) for row in rows]
    return {
        "open": prices[0],
        "high": max(prices),
        "low": min(prices),
        "close": prices[-1],
        "volume": sum(sizes),
        "trade_count": len(rows),
        "buy_volume": sum(size for row, size in zip(rows, sizes, strict=True) if trades.sides[row] == 1),
        "sell_volume": sum(size for row, size in zip(rows, sizes, strict=True) if trades.sides[row] == -1),
        "first": int(trades.time[rows[0]]),
        "last": int(trades.time[rows[-1]]),
    }


def rate_after(trades: Trades, half_life: float) -> list[float]:
    """The rate after each trade, summed over all trades so far."""
    times = trades.time.tolist()
    step = math.log(2.0) / (half_life / 1e9)
    return [sum(step * 0.5 ** ((now - then) / half_life) for then in times[: row + 1]) for row, now in enumerate(times)]


def profile_of(prices: list[float], sizes: list[float], tick: float, share: float) -> tuple[float, float, float]:
    """Point of control, low and high of the value area, with a dictionary of levels."""
    held: dict[int, float] = {}
    for price, size in zip(prices, sizes, strict=True):
        level = round(price / tick)
        held[level] = held.get(level, 0.0) + size
    most = max(held.values())
    middle = min(level for level, size in held.items() if size == most)
    low = high = middle
    bottom, top = min(held), max(held)
    while sum(size for level, size in held.items() if low <= level <= high) < share * sum(sizes):
        above = held.get(high + 1, 0.0) if high < top else None
        below = held.get(low - 1, 0.0) if low > bottom else None
        if above is None and below is None:
            break
        if below is None or (above is not None and above >= below):
            high += 1
        else:
            low -= 1
    return middle * tick, low * tick, high * tick
