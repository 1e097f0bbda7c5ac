"""From trades, quotes and books to columns of bars: each value as it was known when the bar was over.

`when` is one time per bar, in order and without equals (UTC nanoseconds): `TradeBars.ended_at`, or `decision_times`
of bars. A value counts what was received up to and including its time, and nothing received later changes it. What is
counted over a bar is counted over (when[i - 1], when[i]], so that the first bar, of which nobody says when it began,
has NaN. Put columns beside the prices with `with_columns`; then a strategy sees them as `see.spread_paid`, and the
columns of the catalogue take them as inputs: `see.book_imbalance(bid_size=see.bid_size, ask_size=see.ask_size)`.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import numpy as np

from autonomous_trading.core import Bars, FloatArray, IntArray, InvalidInput
from autonomous_trading.data.knowable import (
    BookUpdates,
    NationalBest,
    Trades,
    as_of,
    replay_book,
    trade_intensity,
    volume_profile,
)
from autonomous_trading.features._primitives import ratio
from autonomous_trading.features.kernels._microstructure import volume_buckets
from autonomous_trading.features.microstructure._quotes import book_slope, effective_spread, order_flow_events

__all__ = [
    "book_columns",
    "flow_columns",
    "intensity_column",
    "profile_columns",
    "quote_columns",
    "quoted_middles",
    "sides_of_trades",
    "spread_columns",
    "spreads_paid",
    "vpin_column",
    "with_columns",
]

_SECOND_NS: Final = 1e9
_QUOTE: Final = ("bid", "bid_size", "ask", "ask_size")


def quote_columns(best: NationalBest, when: IntArray, max_age: int | None = None) -> Mapping[str, FloatArray]:
    """bid, bid_size, ask, ask_size as they stood when each bar was over; spread_mean, weighted by time over the bar.

    `max_age` (nanoseconds) is how long a quote counts when nothing new comes. Times without both sides, and crossed
    ones, do not count in the mean.
    """
    ends = _checked(when)
    columns = {name: as_of(best.series(name), ends, max_age) for name in _QUOTE}
    return {**columns, "spread_mean": _mean_over_time(best.time, best.spread, ends)}


def flow_columns(best: NationalBest, when: IntArray) -> Mapping[str, FloatArray]:
    """order_flow: units that came to the best bid and left the best ask, net, over each bar, quote by quote.

    Cont, Kukanov and Stoikov (2014). A quote without both sides, and the one after it, add nothing.
    """
    ends = _checked(when)
    events = order_flow_events(best.bid, best.ask, best.bid_size, best.ask_size)
    return {"order_flow": _total(best.time, np.nan_to_num(events, nan=0.0), ends)}


def quoted_middles(trades: Trades, best: NationalBest) -> FloatArray:
    """The middle between best bid and ask before each trade; NaN where there was none, or it crossed.

    Before by the exchange's clock where trades and quotes both carry it, and received no later than the trade: a quote
    that already shows what the trade took away often arrives first. Where only receipts are known, received before.
    """
    if not len(best.time):
        return np.full(len(trades), np.nan)
    apart = not (np.array_equal(trades.time, trades.events) or np.array_equal(best.time, best.events))
    made, happened = (best.events, trades.events) if apart else (best.time, trades.time)
    before = np.searchsorted(np.maximum.accumulate(made), happened, side="left")
    at = np.minimum(before, np.searchsorted(best.time, trades.time, side="right")) - 1
    row = np.maximum(at, 0)
    bid, ask = best.bid[row], best.ask[row]
    return np.where((at >= 0) & (ask >= bid), (ask + bid) / 2.0, np.nan)


def spreads_paid(trades: Trades, best: NationalBest) -> FloatArray:
    """The effective spread of each trade, a fraction: twice its distance from `quoted_middles`, NaN without one."""
    middle = quoted_middles(trades, best)
    return effective_spread(trades.price, middle, middle)


def spread_columns(trades: Trades, best: NationalBest, when: IntArray) -> Mapping[str, FloatArray]:
    """spread_paid: the mean effective spread of a bar's trades, weighted by size; NaN on a bar without any."""
    ends = _checked(when)
    paid = spreads_paid(trades, best)
    size = np.where(np.isnan(paid), 0.0, trades.size)
    money = np.where(np.isnan(paid), 0.0, paid * size)
    return {"spread_paid": ratio(_total(trades.time, money, ends), _total(trades.time, size, ends))}


def sides_of_trades(trades: Trades, best: NationalBest | None = None) -> IntArray:
    """Who took, 1 the buyer and -1 the seller, also where nobody says: after Lee and Ready (1991).

    Above the quoted middle a buyer took, below it a seller; at it, and without quotes, whoever moved the price last
    took (the tick rule). 0 where the price never moved. A side that the exchange gives is kept.
    """
    moves = np.sign(np.diff(trades.price, prepend=trades.price[:1])).astype(np.int64)
    last = np.maximum.accumulate(np.where(moves != 0, np.arange(len(moves)), 0))
    guessed = moves[last] if len(moves) else moves
    if best is not None:
        beyond = np.nan_to_num(np.sign(trades.price - quoted_middles(trades, best)), nan=0.0).astype(np.int64)
        guessed = np.where(beyond != 0, beyond, guessed)
    return np.where(trades.sides != 0, trades.sides, guessed)


def vpin_column(
    trades: Trades, when: IntArray, bucket: float, buckets: int = 50, sides: IntArray | None = None
) -> FloatArray:
    """VPIN as it stood when each bar was over: mean imbalance of the last full buckets of `bucket` units, 0 to 1.

    Easley, Lopez de Prado and O'Hara (2012) with every trade on its side (`sides`, by default those of the exchange; a
    trade without one is half bought, half sold). NaN before `buckets` are full.
    """
    if not bucket > 0.0 or buckets < 1:
        raise InvalidInput(f"bucket is {bucket}, buckets {buckets}", fix="give units above 0 and at least one bucket")
    side = trades.sides if sides is None else sides
    found = np.empty(len(trades))
    bought = trades.size * (1.0 + side) / 2.0
    volume_buckets(trades.size, bought, np.full(len(trades), float(bucket)), np.empty(buckets), found)
    return _last_known(trades.time, found, _checked(when))


def intensity_column(trades: Trades, when: IntArray, half_life: int) -> FloatArray:
    """Trades per second when each bar was over, in which one of `half_life` nanoseconds ago counts half.

    That of `trade_intensity`, faded from the last trade to the end of the bar; NaN before the first trade.
    """
    ends = _checked(when)
    rate = trade_intensity(trades, half_life)
    at = np.searchsorted(trades.time, ends, side="right") - 1
    age = np.where(at >= 0, ends - trades.time[np.maximum(at, 0)], 0) if len(trades) else np.zeros(len(ends))
    return _last_known(trades.time, rate, ends) * np.exp2(-age / half_life)


def profile_columns(
    trades: Trades, when: IntArray, tick: float, *, window: int, share: float = 0.7
) -> Mapping[str, FloatArray]:
    """profile_poc, profile_low, profile_high of the trades of the last `window` nanoseconds, at the end of each bar.

    That of `volume_profile` with prices rounded to `tick`; NaN where nothing was traded.
    """
    ends = _checked(when)
    if window <= 0:
        raise InvalidInput(f"window is {window}", fix="give nanoseconds, more than 0")
    stop = np.searchsorted(trades.time, ends, side="right")
    start = np.searchsorted(trades.time, ends - window, side="right")
    rows = np.full((len(ends), 3), np.nan)
    for row, (first, after) in enumerate(zip(start.tolist(), stop.tolist(), strict=True)):
        if (trades.size[first:after] > 0.0).any():
            found = volume_profile(trades.price[first:after], trades.size[first:after], tick, share)
            rows[row] = found.point_of_control, found.value_area_low, found.value_area_high
    names = ("profile_poc", "profile_low", "profile_high")
    return {name: np.ascontiguousarray(column) for name, column in zip(names, rows.T, strict=True)}


def book_columns(updates: BookUpdates, when: IntArray, *, depth: int = 10) -> Mapping[str, FloatArray]:
    """The book when each bar was over: its best prices and sizes, depth, imbalance over the depth, slope.

    bid, bid_size, ask, ask_size, bid_depth, ask_depth, bid_far, ask_far (see `OrderBook`), depth_imbalance and
    depth_slope (units per unit of price, see `book_slope`).
    """
    book = replay_book(updates, _checked(when), depth=depth)
    names = (*_QUOTE, "bid_depth", "ask_depth", "bid_far", "ask_far")
    slope = book_slope(book.bid, book.ask, book.bid_depth, book.ask_depth, book.bid_far, book.ask_far)
    return {**{name: getattr(book, name) for name in names}, "depth_imbalance": book.imbalance, "depth_slope": slope}


def with_columns(bars: Bars, *columns: Mapping[str, FloatArray]) -> Bars:
    """The bars with these columns beside their prices. Raises InvalidInput where two would have one name."""
    added: dict[str, FloatArray] = dict(bars.extra)
    for each in columns:
        taken = sorted(set(each) & set(added))
        if taken:
            raise InvalidInput(f"there are two columns {taken[0]!r}", fix="rename one: {'other_name': values}")
        added.update(each)
    return replace(bars, extra=added)


def _checked(when: IntArray) -> IntArray:
    """The times as they are, or InvalidInput where they do not go forward."""
    back = np.flatnonzero(np.diff(when) <= 0)
    if len(back):
        raise InvalidInput(
            f"bar {int(back[0]) + 1} is over no later than the one before it",
            fix="give one time per bar, in order: TradeBars.ended_at, or decision_times of bars",
        )
    return when


def _last_known(time: IntArray, values: FloatArray, ends: IntArray) -> FloatArray:
    """The last value received by the end of each bar; NaN before the first."""
    at = np.searchsorted(time, ends, side="right") - 1
    return np.where(at >= 0, values[np.maximum(at, 0)], np.nan) if len(time) else np.full(len(ends), np.nan)


def _total(time: IntArray, values: FloatArray, ends: IntArray) -> FloatArray:
    """Sum of the values received over each bar, added one after another; NaN on the first bar."""
    bar = np.searchsorted(ends, time, side="left")  # the first bar that is over at or after it
    inside = bar < len(ends)
    total = np.bincount(bar[inside], weights=values[inside], minlength=len(ends)).astype(np.float64)
    total[:1] = np.nan
    return total


def _mean_over_time(time: IntArray, values: FloatArray, ends: IntArray) -> FloatArray:
    """Mean of a step function over each bar, by the time for which it held; NaN and negative values do not count."""
    edges = np.union1d(time, ends)
    held = np.diff(edges, prepend=edges[:1]) / _SECOND_NS
    at = np.searchsorted(time, edges, side="left") - 1  # what stood until the edge came before it
    stood = np.where(at >= 0, values[np.maximum(at, 0)], np.nan) if len(time) else np.full(len(edges), np.nan)
    counts = stood >= 0.0
    weighted = np.where(counts, stood * held, 0.0)
    return ratio(_total(edges, weighted, ends), _total(edges, np.where(counts, held, 0.0), ends))
