"""Bars from trades: by time, by count, by volume, by money."""

from dataclasses import dataclass
from typing import Final, Literal, final

import numpy as np

from autonomous_trading.core import Bars, FloatArray, IntArray, InvalidInput, NothingToReport, Timeframe
from autonomous_trading.data.knowable._tick_kernels import bar_numbers, decayed_rate
from autonomous_trading.data.knowable._ticks import Trades

__all__ = ["TradeBars", "trade_intensity", "trades_to_bars"]

_SIZED: Final = ("ticks", "volume", "money")


@final
@dataclass(frozen=True, slots=True, eq=False)
class TradeBars:
    """Bars, and when each of them was over (UTC nanoseconds): the times to decide at, for `join`."""

    bars: Bars
    ended_at: IntArray


def trades_to_bars(
    trades: Trades, by: Timeframe | Literal["ticks", "volume", "money"], size: float = 0.0, until: int | None = None
) -> TradeBars:
    """Bars of the trades received, with columns trade_count, vwap, buy_volume, sell_volume and trades_per_second.

    By a timeframe: where a bar's time is the clock's, and a time without trades has no bar; one that is not over by
    `until` (default: the last trade) is left out. By "ticks", "volume" or "money": a bar is full when it holds `size`
    trades, units, or price times units; its time is that of its first trade, moved on by a nanosecond where two bars
    would begin together, and it was over with its last trade. What did not fill up is left out. Trades without size
    count as trades and move no price. Raises InvalidInput, and NothingToReport where no bar is full.
    """
    if isinstance(by, Timeframe):
        starts = by.starts(trades.time)
        _, number = np.unique(starts, return_inverse=True)
        over = trades.time[-1:] if until is None else until
        number = np.where(by.following(starts) <= over, number, -1)
    elif by in _SIZED and size > 0.0:
        money = trades.price * trades.size
        amount = {"ticks": np.ones(len(trades)), "volume": trades.size, "money": money}[by]
        number = np.full(len(trades), -1, dtype=np.int64)
        bar_numbers(amount, float(size), number)
    else:
        raise InvalidInput(
            f"bars by {by!r} of size {size}", fix='give a timeframe, or "ticks", "volume" or "money" and a size above 0'
        )
    kept = np.flatnonzero(number >= 0)
    if not len(kept):
        raise NothingToReport(f"{len(trades)} trades of {trades.symbol} make no whole bar", fix="take smaller bars")
    first = np.flatnonzero(np.diff(number[kept], prepend=-1))
    last_of = np.append(first[1:], len(kept)) - 1
    begun, ended = trades.time[kept[first]], trades.time[kept[last_of]]
    if isinstance(by, Timeframe):
        begun = by.starts(begun)
        ended = by.following(begun)
    else:
        rows = np.arange(len(begun))
        begun = np.maximum.accumulate(begun - rows) + rows
        ended = np.maximum(ended, begun)
    return TradeBars(_bars(trades, kept, first, begun, ended), ended)


def trade_intensity(trades: Trades, half_life: int) -> FloatArray:
    """Trades per second after each trade, in which one of `half_life` nanoseconds ago counts half."""
    if half_life <= 0:
        raise InvalidInput(f"half_life is {half_life}", fix="give nanoseconds, more than 0")
    decay = np.exp2(-np.diff(trades.time, prepend=trades.time[:1]) / half_life)
    rate = np.empty(len(trades))
    # With this step the rate of trades that come evenly tends to their number a second.
    decayed_rate(decay, np.log(2.0) / half_life * 1e9, rate)
    return rate


def _bars(trades: Trades, kept: IntArray, first: IntArray, begun: IntArray, ended: IntArray) -> Bars:
    price, size, side = trades.price[kept], trades.size[kept], trades.sides[kept]
    last = np.append(first[1:], len(kept)) - 1
    volume = np.add.reduceat(size, first)
    money = np.add.reduceat(price * size, first)
    count = np.diff(np.append(first, len(kept))).astype(np.float64)
    seconds = (ended - begun) / 1e9
    close = price[last]
    return Bars(
        time=begun,
        open=price[first],
        high=np.maximum.reduceat(price, first),
        low=np.minimum.reduceat(price, first),
        close=close,
        volume=volume,
        symbol=trades.symbol,
        extra={
            "trade_count": count,
            "vwap": np.divide(money, volume, out=close.copy(), where=volume > 0.0),
            "buy_volume": np.add.reduceat(np.where(side > 0, size, 0.0), first),
            "sell_volume": np.add.reduceat(np.where(side < 0, size, 0.0), first),
            "trades_per_second": np.divide(count, seconds, out=np.full(len(count), np.nan), where=seconds > 0.0),
        },
    )
