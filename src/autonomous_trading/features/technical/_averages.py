"""Averages that follow prices closer or smoother than TA-Lib's: fitted windows, adaptive weights, two-pole filters."""

import math
from collections.abc import Mapping

import numpy as np

from autonomous_trading.core import FloatArray
from autonomous_trading.features._definitions import ColumnDefinition, real, whole
from autonomous_trading.features._forgetting import TOLERANCE, forgotten
from autonomous_trading.features._primitives import ratio, rolling_max, rolling_min, shift, talib
from autonomous_trading.features.kernels._technical import adaptive_average, mcginley_average
from autonomous_trading.features.technical._shapes import after, filtered

_GROUP = "Technical"
_SOURCE = (("source", "close"),)


def weighted(values: FloatArray, weights: FloatArray) -> FloatArray:
    """Mean of the last len(weights) values, the last weight for the newest: summed in one order for any length."""
    out = np.zeros(len(values))
    total = float(weights.sum())
    for back, weight in enumerate(weights[::-1].tolist()):
        out += (weight / total) * shift(values, back)
    return out


def alma(source: FloatArray, period: int, offset: float, sigma: float) -> FloatArray:
    """Arnaud Legoux's average: a Gaussian window whose peak lies at `offset` of the window."""
    rows = np.arange(period, dtype=np.float64)
    width = period / sigma
    return weighted(source, np.exp(-((rows - offset * (period - 1)) ** 2) / (2.0 * width * width)))


def sine_average(source: FloatArray, period: int) -> FloatArray:
    """Mean with the weights of half a sine wave: least at both ends of the window."""
    return weighted(source, np.sin(np.pi * np.arange(1, period + 1) / (period + 1)))


def hann_average(source: FloatArray, period: int) -> FloatArray:
    """Mean with the weights of a Hann window."""
    return weighted(source, 1.0 - np.cos(2.0 * np.pi * np.arange(1, period + 1) / (period + 1)))


def vidya(source: FloatArray, period: int, momentum_period: int) -> FloatArray:
    """Chande's average that follows as fast as the momentum oscillator is far from 0."""
    strength = np.abs(talib("cmou", (source,), (momentum_period,))[0]) / 100.0
    return _adaptive(source, strength * (2.0 / (period + 1.0)))


def frama(source: FloatArray, period: int, slowest: int) -> FloatArray:
    """Ehlers' fractal adaptive average: fast where the path is straight, slow where it fills the plane."""
    half = period // 2
    high, low = rolling_max(source, half), rolling_min(source, half)
    recent = (high - low) / half
    older = shift(recent, half)
    whole_range = (rolling_max(source, 2 * half) - rolling_min(source, 2 * half)) / (2 * half)
    with np.errstate(divide="ignore", invalid="ignore"):
        dimension = (np.log(recent + older) - np.log(whole_range)) / math.log(2.0)
    # Without any range the path is a line: dimension 1.
    dimension[(whole_range == 0.0) & ~np.isnan(older)] = 1.0
    weights = np.clip(np.exp(-4.6 * (dimension - 1.0)), 2.0 / (slowest + 1.0), 1.0)
    return _adaptive(source, weights)


def _adaptive(source: FloatArray, weights: FloatArray) -> FloatArray:
    out = np.empty(len(source))
    adaptive_average(source, weights, out)
    return out


def mcginley_dynamic(source: FloatArray, period: int) -> FloatArray:
    """McGinley's average, which speeds up in falls and slows down in rises; known for positive values."""
    out = np.empty(len(source))
    mcginley_average(source, 0.6 * period, out)
    return after(out, period - 1)


def two_poles(period: float) -> tuple[float, float, float]:
    """Ehlers' two-pole Butterworth coefficients c1, c2, c3 for a cut-off of `period` bars."""
    decay = math.exp(-math.sqrt(2.0) * math.pi / period)
    second = 2.0 * decay * math.cos(math.sqrt(2.0) * math.pi / period)
    third = -decay * decay
    return 1.0 - second - third, second, third


def smoothed(values: FloatArray, period: int) -> FloatArray:
    """Super smoother from the first known value on, without a warm-up of its own."""
    first, second, third = two_poles(period)
    return filtered(values, [first / 2.0, first / 2.0], [1.0, -second, -third])


def super_smoother(source: FloatArray, period: int) -> FloatArray:
    """Ehlers' super smoother: a two-pole Butterworth filter of means of two bars."""
    return after(smoothed(source, period), period - 1)


def decycler(source: FloatArray, period: int) -> FloatArray:
    """Price without its cycles shorter than `period` bars: price minus a one-pole high-pass filter."""
    weight = _one_pole(period)
    return after(filtered(source, [weight / 2.0, weight / 2.0], [1.0, weight - 1.0]), period - 1)


def _one_pole(period: float) -> float:
    angle = 2.0 * math.pi / period
    return (math.cos(angle) + math.sin(angle) - 1.0) / math.cos(angle)


def laguerre_stages(source: FloatArray, gamma: float) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """The four stages of Ehlers' Laguerre filter: a mean, and three all-pass filters behind it."""
    first = filtered(source, [1.0 - gamma], [1.0, -gamma])
    second = filtered(first, [-gamma, 1.0], [1.0, -gamma])
    third = filtered(second, [-gamma, 1.0], [1.0, -gamma])
    return first, second, third, filtered(third, [-gamma, 1.0], [1.0, -gamma])


def laguerre_filter(source: FloatArray, gamma: float) -> FloatArray:
    """Ehlers' Laguerre filter: smooth with few bars of delay, the more so the larger gamma."""
    first, second, third, fourth = laguerre_stages(source, gamma)
    return after((first + 2.0 * second + 2.0 * third + fourth) / 6.0, 3)


def instantaneous_trend(source: FloatArray, alpha: float) -> FloatArray:
    """Ehlers' instantaneous trendline: the price without its dominant cycle, hardly late."""
    rest = (1.0 - alpha) ** 2
    numerator = [alpha - alpha * alpha / 4.0, alpha * alpha / 2.0, -(alpha - 0.75 * alpha * alpha)]
    return after(filtered(source, numerator, [1.0, -2.0 * (1.0 - alpha), rest]), 6)


def rainbow_position(source: FloatArray, period: int) -> FloatArray:
    """Widner's rainbow oscillator: distance from the mean of ten means of means, against the range of ten bars."""
    level = source
    total = np.zeros(len(source))
    for _ in range(10):
        level = talib("sma", (level,), (period,))[0]
        total += level
    spread = rolling_max(source, 10) - rolling_min(source, 10)
    return 100.0 * ratio(source - total / 10.0, spread)


def _two_pole_memory(period: int) -> int:
    # Its poles are a complex pair of this size: two means of that decay, one after the other, forget slower.
    return period - 1 + forgotten(math.exp(-math.sqrt(2.0) * math.pi / period), 2)


COLUMNS: Mapping[str, ColumnDefinition] = {
    "alma": ColumnDefinition(
        alma,
        group=_GROUP,
        description="Arnaud Legoux moving average: a Gaussian window near its newest end",
        formula="weights exp(-(i - offset (n - 1))^2 sigma^2 / (2 n^2)), i = 0 the oldest of n bars",
        units="price",
        source="Legoux and Kouzis-Loukas (2009), ALMA: Arnaud Legoux Moving Average",
        inputs=_SOURCE,
        parameters=(whole("period", 9, high=1_000), real("offset", 0.85, 0.0, 1.0), real("sigma", 6.0, 0.1, 100.0)),
        warm_up=lambda period, _offset, _sigma: period - 1,
        memory=lambda period, _offset, _sigma: period - 1,
    ),
    "sine_average": ColumnDefinition(
        sine_average,
        group=_GROUP,
        description="Moving average with the weights of half a sine wave",
        formula="weights sin(pi i / (n + 1)), i = 1 .. n",
        units="price",
        source="Ehlers (2001), Rocket Science for Traders; the sine-weighted average of Patrick Mulloy",
        inputs=_SOURCE,
        parameters=(whole("period", 14, high=1_000),),
        warm_up=lambda period: period - 1,
        memory=lambda period: period - 1,
    ),
    "hann_average": ColumnDefinition(
        hann_average,
        group=_GROUP,
        description="Moving average with the weights of a Hann window",
        formula="weights 1 - cos(2 pi i / (n + 1)), i = 1 .. n",
        units="price",
        source="Ehlers (2021), Windowing, Stocks & Commodities 39(9)",
        inputs=_SOURCE,
        parameters=(whole("period", 20, high=1_000),),
        warm_up=lambda period: period - 1,
        memory=lambda period: period - 1,
    ),
    "vidya": ColumnDefinition(
        vidya,
        group=_GROUP,
        description="Chande's variable index dynamic average: fast where momentum is strong",
        formula="y += 2 / (n + 1) |cmo(m)| / 100 (x - y), started at x",
        units="price",
        source="Chande and Kroll (1994), The New Technical Trader, ch. 3",
        inputs=_SOURCE,
        parameters=(whole("period", 12), whole("momentum_period", 9, low=2)),
        warm_up=lambda _period, momentum_period: momentum_period,
        memory=None,  # where momentum is 0 it stands still: no number of bars makes it forget
        tolerance=TOLERANCE,
    ),
    "frama": ColumnDefinition(
        frama,
        group=_GROUP,
        description="Ehlers' fractal adaptive moving average",
        formula="y += a (x - y), a = exp(-4.6 (D - 1)), D = (log(N1 + N2) - log(N3)) / log 2 of ranges of halves",
        units="price",
        source="Ehlers (2005), FRAMA: Fractal Adaptive Moving Average, Stocks & Commodities; of one series",
        inputs=_SOURCE,
        parameters=(whole("period", 16, low=4), whole("slowest", 198, high=1_000)),
        warm_up=lambda period, _slowest: 2 * (period // 2) - 1,
        memory=lambda period, slowest: period + forgotten(1.0 - 2.0 / (slowest + 1.0)),
        tolerance=TOLERANCE,
    ),
    "mcginley_dynamic": ColumnDefinition(
        mcginley_dynamic,
        group=_GROUP,
        description="McGinley's dynamic average, which adjusts its speed to that of the market",
        formula="y += (x - y) min(1, 1 / (0.6 n (x / y)^4)), started at x",
        units="price",
        source="McGinley (1997), The McGinley Dynamic, Journal of Technical Analysis; a step at most arrives",
        inputs=_SOURCE,
        parameters=(whole("period", 14, high=1_000),),
        warm_up=lambda period: period - 1,
        memory=None,  # a rise of more than 0.1 / (0.6 n) a bar leaves it behind for good
        tolerance=TOLERANCE,
    ),
    "super_smoother": ColumnDefinition(
        super_smoother,
        group=_GROUP,
        description="Ehlers' super smoother: a two-pole low-pass filter",
        formula="y = c1 (x + x[-1]) / 2 + c2 y[-1] + c3 y[-2], c3 = -exp(-2 a), c2 = 2 exp(-a) cos a, a ="
        " sqrt(2) pi / n",
        units="price",
        source="Ehlers (2013), Cycle Analytics for Traders, ch. 3",
        inputs=_SOURCE,
        parameters=(whole("period", 10, low=2, high=5_000),),
        warm_up=lambda period: period - 1,
        memory=_two_pole_memory,
        tolerance=TOLERANCE,
    ),
    "decycler": ColumnDefinition(
        decycler,
        group=_GROUP,
        description="Ehlers' decycler: price without cycles shorter than the period",
        formula="y = a / 2 (x + x[-1]) + (1 - a) y[-1], a = (cos w + sin w - 1) / cos w, w = 2 pi / n",
        units="price",
        source="Ehlers (2015), Decyclers, Stocks & Commodities 33(9)",
        inputs=_SOURCE,
        parameters=(whole("period", 60, low=5, high=5_000),),
        warm_up=lambda period: period - 1,
        memory=lambda period: period + forgotten(abs(1.0 - _one_pole(period))),
        tolerance=TOLERANCE,
    ),
    "laguerre_filter": ColumnDefinition(
        laguerre_filter,
        group=_GROUP,
        description="Ehlers' Laguerre filter: four stages of an all-pass chain, averaged",
        formula="(L0 + 2 L1 + 2 L2 + L3) / 6, L0 = (1 - g) x + g L0[-1], Lk = -g Lk-1 + Lk-1[-1] + g Lk[-1]",
        units="price",
        source="Ehlers (2004), Cybernetic Analysis for Stocks and Futures, ch. 14",
        inputs=_SOURCE,
        parameters=(real("gamma", 0.8, 0.0, 0.98),),
        warm_up=3,
        memory=lambda gamma: 4 + forgotten(gamma, 4),
        tolerance=TOLERANCE,
    ),
    "instantaneous_trend": ColumnDefinition(
        instantaneous_trend,
        group=_GROUP,
        description="Ehlers' instantaneous trendline",
        formula="y = (a - a^2 / 4) x + a^2 / 2 x[-1] - (a - 3 a^2 / 4) x[-2] + 2 (1 - a) y[-1] - (1 - a)^2 y[-2]",
        units="price",
        source="Ehlers (2004), Cybernetic Analysis for Stocks and Futures, ch. 3",
        inputs=_SOURCE,
        parameters=(real("alpha", 0.07, 0.01, 0.99),),
        warm_up=6,
        memory=lambda alpha: 6 + forgotten(1.0 - alpha, 2),
        tolerance=TOLERANCE,
    ),
    "rainbow_position": ColumnDefinition(
        rainbow_position,
        group=_GROUP,
        description="Rainbow oscillator: distance from the mean of ten nested averages, against the range",
        formula="100 (x - mean of sma, sma(sma), .. ten deep) / (max(x, 10) - min(x, 10))",
        units="percent",
        source="Widner (1997), Rainbow Charts, Stocks & Commodities 15(7)",
        inputs=_SOURCE,
        parameters=(whole("period", 2, low=2, high=1_000),),
        warm_up=lambda period: max(9, 10 * (period - 1)),
        memory=lambda period: max(9, 10 * (period - 1)),
    ),
}
