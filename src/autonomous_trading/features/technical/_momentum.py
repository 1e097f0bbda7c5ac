"""Oscillators made of oscillators: rates of change summed, stochastics of stochastics, smoothed relative strength."""

from collections.abc import Mapping

import numpy as np

from autonomous_trading.core import FloatArray
from autonomous_trading.core.rolling import ewm_mean
from autonomous_trading.features._definitions import ColumnDefinition, real, whole
from autonomous_trading.features._forgetting import TOLERANCE, ema_tail, forgotten
from autonomous_trading.features._primitives import (
    change,
    ema,
    ratio,
    rolling_max,
    rolling_mean,
    rolling_min,
    shift,
    sma,
    talib,
    together,
)
from autonomous_trading.features.kernels._technical import trailing_stop
from autonomous_trading.features.price._streaks import streak
from autonomous_trading.features.technical._shapes import after, filtered, last_where, position_between
from autonomous_trading.features.technical._stops import UNTIL_IT_TURNS

_GROUP = "Technical"
_BARS = ("high", "low", "close")
_SOURCE = (("source", "close"),)
_KST = ((10, 10, 1.0), (15, 10, 2.0), (20, 10, 3.0), (30, 15, 4.0))  # change over, mean of, weight
_LONGEST_STREAK = 100
_SETTLED = 1e-9  # 100 times this is the smallest step of an oscillator that still counts as one


def kst(source: FloatArray, signal: int) -> tuple[FloatArray, ...]:
    """Pring's know sure thing, the sum of four smoothed rates of change, and its average."""
    total = np.zeros(len(source))
    for bars, period, weight in _KST:
        total += weight * sma(100.0 * (ratio(source, shift(source, bars)) - 1.0), period)
    return together((total, sma(total, signal)), 44 + signal - 1)


def connors_rsi(source: FloatArray, period: int, streak_period: int, rank_period: int) -> FloatArray:
    """Mean of a short RSI, the RSI of the streak of rises or falls, and the rank of the last return."""
    strength = talib("rsi", (source,), (period,))[0]
    of_streak = talib("rsi", (streak(source, _LONGEST_STREAK),), (streak_period,))[0]
    rank = talib("percentrank", (ratio(source, shift(source, 1)),), (rank_period,))[0]
    return (strength + of_streak + rank) / 3.0


def _stochastic(values: FloatArray, period: int) -> FloatArray:
    """Position in the range of the last values in percent; a range of none keeps what was before."""
    lowest, highest = rolling_min(values, period), rolling_max(values, period)
    # A range of rounding errors is none.
    narrow = highest - lowest <= _SETTLED * np.maximum(np.abs(highest), np.abs(lowest))
    place = np.where(narrow, np.nan, 100.0 * position_between(values, lowest, highest))
    return last_where(place, ~np.isnan(place))


def schaff_trend_cycle(source: FloatArray, fast: int, slow: int, cycle: int, factor: float) -> FloatArray:
    """Schaff's trend cycle: a smoothed stochastic of a smoothed stochastic of the MACD line, 0 to 100."""
    line = ema(source, min(fast, slow)) - ema(source, max(fast, slow))
    inner = filtered(_stochastic(line, cycle), [factor], [1.0, factor - 1.0])
    return filtered(_stochastic(inner, cycle), [factor], [1.0, factor - 1.0])


def wavetrend(
    high: FloatArray, low: FloatArray, close: FloatArray, channel: int, average: int
) -> tuple[FloatArray, ...]:
    """Wave trend: the typical price's distance from its mean in mean distances, smoothed; and its mean of four."""
    typical = (high + low + close) / 3.0
    middle = ema(typical, channel)
    size = ema(np.abs(typical - middle), channel)
    first = ewm_mean(ratio(typical - middle, 0.015 * size), average)
    return together((first, rolling_mean(first, 4)), _wavetrend_bars(channel, average))


def _wavetrend_bars(channel: int, average: int) -> int:
    return 2 * (channel - 1) + average - 1 + 3


def qqe(source: FloatArray, period: int, smoothing: int, factor: float) -> tuple[FloatArray, ...]:
    """Quantitative qualitative estimation: smoothed RSI, the line that trails it, and 1 above the line or -1 below."""
    strength = ema(talib("rsi", (source,), (period,))[0], smoothing)
    wilder = 2 * period - 1
    width = factor * ema(ema(np.abs(change(strength, 1)), wilder), wilder)
    line, side = np.empty(len(source)), np.empty(len(source))
    trailing_stop(strength, strength - width, strength + width, line, side)
    return together((strength, line, side), _qqe_bars(period, smoothing))


def _qqe_bars(period: int, smoothing: int) -> int:
    return period + smoothing + 2 * (2 * period - 2)


def double_smoothed_stochastic(
    high: FloatArray, low: FloatArray, close: FloatArray, period: int, smoothing: int
) -> FloatArray:
    """Bressert's stochastic of a smoothed stochastic, smoothed again: 0 to 100."""
    place = 100.0 * position_between(close, rolling_min(low, period), rolling_max(high, period))
    inner = ewm_mean(last_where(place, ~np.isnan(place)), smoothing)
    return ewm_mean(_stochastic(inner, period), smoothing)


def derivative_oscillator(source: FloatArray, period: int, first: int, second: int, signal: int) -> FloatArray:
    """Brown's oscillator: a doubly smoothed RSI minus its average."""
    smooth = ema(ema(talib("rsi", (source,), (period,))[0], first), second)
    return smooth - sma(smooth, signal)


def price_momentum_oscillator(source: FloatArray, first: int, second: int, signal: int) -> tuple[FloatArray, ...]:
    """Swenlin's oscillator: returns of one bar smoothed twice with weights 2 / n, and its average."""

    def smooth(values: FloatArray, period: int) -> FloatArray:
        weight = 2.0 / period
        return filtered(values, [weight], [1.0, weight - 1.0])

    inner = smooth(100.0 * (ratio(source, shift(source, 1)) - 1.0), first)
    found = after(smooth(10.0 * inner, second), first + second - 2)
    return together((found, ema(found, signal)), _pmo_bars(first, second, signal))


def _pmo_bars(first: int, second: int, signal: int) -> int:
    return first + second - 1 + signal - 1


COLUMNS: Mapping[str, ColumnDefinition] = {
    "kst": ColumnDefinition(
        kst,
        group=_GROUP,
        description="Pring's know sure thing and its signal line",
        formula="sma(roc(10), 10) + 2 sma(roc(15), 10) + 3 sma(roc(20), 10) + 4 sma(roc(30), 15); sma(it, signal)",
        units="percent",
        source="Pring (1992), Summed Rate of Change, Stocks & Commodities 10(9)",
        inputs=_SOURCE,
        parameters=(whole("signal", 9),),
        outputs=("line", "signal_line"),
        warm_up=lambda signal: 44 + signal - 1,
        memory=lambda signal: 44 + signal - 1,
        tolerance=TOLERANCE,
    ),
    "connors_rsi": ColumnDefinition(
        connors_rsi,
        group=_GROUP,
        description="Connors' RSI: strength, streak and rank of the last return",
        formula="(rsi(x, n) + rsi(streak(x), m) + percentrank(x / x[-1], k)) / 3; the rank counts equal"
        " returns as below",
        units="0..100",
        source="Connors and Alvarez (2012), An Introduction to ConnorsRSI",
        inputs=_SOURCE,
        parameters=(whole("period", 3, low=2), whole("streak_period", 2, low=2), whole("rank_period", 100, low=2)),
        warm_up=lambda period, streak_period, rank_period: max(period, streak_period + 1, rank_period + 1),
        memory=None,  # where nothing moves any more, both sides of an RSI fade alike and their quotient stays
        tolerance=TOLERANCE,
    ),
    "schaff_trend_cycle": ColumnDefinition(
        schaff_trend_cycle,
        group=_GROUP,
        description="Schaff's trend cycle",
        formula="s(k(s(k(ema(x, fast) - ema(x, slow))))), k the position in the range of n bars in percent, s += factor"
        " (k - s)",
        units="0..100",
        source="Schaff (1999), The Schaff Trend Cycle, Technical Analysis",
        inputs=_SOURCE,
        parameters=(
            whole("fast", 23),
            whole("slow", 50, low=2),
            whole("cycle", 10, low=2),
            real("factor", 0.5, 0.05, 1.0),
        ),
        warm_up=lambda fast, slow, cycle, _factor: max(fast, slow) - 1 + 2 * (cycle - 1),
        memory=lambda fast, slow, cycle, factor: (
            max(fast, slow) + 2 * cycle + 2 * ema_tail(max(fast, slow), 2) + 2 * forgotten(1.0 - factor, 2)
        ),
        tolerance=TOLERANCE,
        sparse=True,  # the inner one may stay at an end of its range: then the outer one has none
    ),
    "wavetrend": ColumnDefinition(
        wavetrend,
        group=_GROUP,
        description="Wave trend oscillator and its signal",
        formula="ewm((t - e) / (0.015 ema(|t - e|, n)), m), t typical price, e = ema(t, n); its mean of 4",
        units="1",
        source="LazyBear (2014), Indicator: WaveTrend Oscillator, TradingView",
        inputs=_BARS,
        parameters=(whole("channel", 10, low=2), whole("average", 21)),
        outputs=("wave", "signal"),
        warm_up=_wavetrend_bars,
        memory=lambda channel, average: _wavetrend_bars(channel, average) + 2 * ema_tail(max(channel, average), 2, 2),
        tolerance=TOLERANCE,
    ),
    "qqe": ColumnDefinition(
        qqe,
        group=_GROUP,
        description="Quantitative qualitative estimation: smoothed RSI with a trailing line",
        formula="r = ema(rsi(x, n), m); a line factor ema(ema(|r - r[-1]|, 2 n - 1), 2 n - 1) from r that only follows",
        units="0..100; -1 or 1",
        source="Livshin's QQE as published for MetaTrader 4 (2006); no paper known",
        inputs=_SOURCE,
        parameters=(
            whole("period", 14, low=2, high=50_000),  # twice of it is the period of an average
            whole("smoothing", 5),
            real("factor", 4.236, 0.5, 10.0),
        ),
        outputs=("strength", "line", "side"),
        warm_up=lambda period, smoothing, _factor: _qqe_bars(period, smoothing),
        memory=lambda period, smoothing, factor: (
            _qqe_bars(period, smoothing)
            + 2 * ema_tail(max(2 * period - 1, smoothing), 2, 2)
            + int(UNTIL_IT_TURNS * max(1.0, factor))
        ),
        tolerance=TOLERANCE,
    ),
    "double_smoothed_stochastic": ColumnDefinition(
        double_smoothed_stochastic,
        group=_GROUP,
        description="Bressert's double smoothed stochastic",
        formula="ewm(k(ewm(k(close, n), m), n), m), k the position in the range of n bars in percent",
        units="0..100",
        source="Bressert (1998), The Power of Oscillator/Cycle Combinations",
        inputs=_BARS,
        parameters=(whole("period", 13, low=2), whole("smoothing", 8)),
        warm_up=lambda period, smoothing: 2 * (period - 1) + 2 * (smoothing - 1),
        memory=lambda period, smoothing: 2 * (period + smoothing) + 2 * ema_tail(smoothing, 2),
        tolerance=TOLERANCE,
        sparse=True,  # the inner one may stay at an end of its range: then the outer one has none
    ),
    "derivative_oscillator": ColumnDefinition(
        derivative_oscillator,
        group=_GROUP,
        description="Brown's derivative oscillator",
        formula="ema(ema(rsi(x, n), first), second) - sma(it, signal)",
        units="1",
        source="Brown (1999), Technical Analysis for the Trading Professional",
        inputs=_SOURCE,
        parameters=(whole("period", 14, low=2), whole("first", 5), whole("second", 3), whole("signal", 9, low=2)),
        warm_up=lambda period, first, second, signal: period + first + second + signal - 3,
        memory=lambda period, first, second, signal: (
            period + first + second + signal + 2 * ema_tail(max(2 * period, first, second), 2, 2)
        ),
        tolerance=TOLERANCE,
    ),
    "price_momentum_oscillator": ColumnDefinition(
        price_momentum_oscillator,
        group=_GROUP,
        description="Swenlin's price momentum oscillator and its signal line",
        formula="s(10 s(100 (x / x[-1] - 1), 35), 20), s(v, n) += 2 / n (v - s); ema(it, signal)",
        units="percent",
        source="Swenlin, DecisionPoint Price Momentum Oscillator, StockCharts ChartSchool",
        inputs=_SOURCE,
        parameters=(whole("first", 35, low=2), whole("second", 20, low=2), whole("signal", 10)),
        outputs=("line", "signal_line"),
        warm_up=_pmo_bars,
        memory=lambda first, second, signal: (
            _pmo_bars(first, second, signal) + 2 * ema_tail(max(first, second, signal), 2, 2)
        ),
        tolerance=TOLERANCE,
    ),
}
