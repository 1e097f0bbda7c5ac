"""Filters and transforms of John Ehlers: where in its cycle is the price, and does it trend?"""

import math
from collections.abc import Mapping
from itertools import pairwise

import numpy as np

from autonomous_trading.core import FloatArray
from autonomous_trading.features._definitions import ColumnDefinition, real, whole
from autonomous_trading.features._forgetting import TOLERANCE, forgotten
from autonomous_trading.features._primitives import (
    ratio,
    rolling_max,
    rolling_min,
    rolling_std,
    rolling_sum,
    shift,
    talib,
    together,
    wma,
)
from autonomous_trading.features.kernels._technical import limited_average
from autonomous_trading.features.technical._averages import laguerre_stages, smoothed
from autonomous_trading.features.technical._shapes import after, filtered

_GROUP = "Technical"
_SOURCE = (("source", "close"),)
_CYBERNETIC = "Ehlers (2004), Cybernetic Analysis for Stocks and Futures"
_CYCLES = "Ehlers (2013), Cycle Analytics for Traders"


def _two_pole_high_pass(values: FloatArray, period: float) -> FloatArray:
    angle = math.sqrt(2.0) * math.pi / period
    alpha = (math.cos(angle) + math.sin(angle) - 1.0) / math.cos(angle)
    gain = (1.0 - alpha / 2.0) ** 2
    return filtered(values, [gain, -2.0 * gain, gain], [1.0, -2.0 * (1.0 - alpha), (1.0 - alpha) ** 2])


def _high_pass_decay(period: float) -> float:
    angle = math.sqrt(2.0) * math.pi / period
    return abs(1.0 - (math.cos(angle) + math.sin(angle) - 1.0) / math.cos(angle))


def roofing_filter(source: FloatArray, low_period: int, high_period: int) -> FloatArray:
    """Price without cycles longer than `high_period` or shorter than `low_period`: swings around 0."""
    return after(smoothed(_two_pole_high_pass(source, high_period), low_period), high_period - 1)


def cyber_cycle(source: FloatArray, alpha: float) -> FloatArray:
    """The cycle that is left when the trend is taken away, hardly late."""
    smooth = (source + 2.0 * shift(source, 1) + 2.0 * shift(source, 2) + shift(source, 3)) / 6.0
    gain, rest = (1.0 - alpha / 2.0) ** 2, 1.0 - alpha
    return after(filtered(smooth, [gain, -2.0 * gain, gain], [1.0, -2.0 * rest, rest * rest]), 6)


def center_of_gravity(source: FloatArray, period: int) -> FloatArray:
    """Where in the window the weight of prices lies, 0 in its middle: turns early."""
    # A window's weighted mean counts the newest n times, so it tells how far back the balance point lies.
    total = rolling_sum(source, period)
    moment = (period + 1) * total - wma(source, period) * (period * (period + 1) / 2.0)
    return (period + 1) / 2.0 - ratio(moment, total)


def laguerre_rsi(source: FloatArray, gamma: float) -> FloatArray:
    """Relative strength between the stages of a Laguerre filter, 0 to 1; NaN where all are equal."""
    stages = laguerre_stages(source, gamma)
    ups, downs = np.zeros(len(source)), np.zeros(len(source))
    for newer, older in pairwise(stages):
        ups += np.maximum(newer - older, 0.0)
        downs += np.maximum(older - newer, 0.0)
    # On the first bar all stages are one, and their quotient is not known: settling is counted in prices.
    return np.asarray(np.where(np.isnan(after(source, 3)), np.nan, ratio(ups, ups + downs)))


def fisher_transform(high: FloatArray, low: FloatArray, period: int) -> tuple[FloatArray, ...]:
    """Position in the range made nearly normal, and its value one bar before; the range of none is NaN."""
    middle = (high + low) / 2.0
    lowest = rolling_min(middle, period)
    position = ratio(middle - lowest, rolling_max(middle, period) - lowest)
    level = np.empty(len(middle))
    limited_average(position - 0.5, 0.66, 0.67, 0.999, level)
    # Half of the transform, and half of the value before.
    fisher = filtered(0.5 * np.log((1.0 + level) / (1.0 - level)), [1.0], [1.0, -0.5])
    return together((fisher, shift(fisher, 1)), period)


def inverse_fisher_rsi(source: FloatArray, period: int, smoothing: int) -> FloatArray:
    """RSI pressed towards -1 and 1, so that it is seldom in between."""
    rsi = talib("rsi", (source,), (period,))[0]
    return np.tanh(wma(0.1 * (rsi - 50.0), smoothing))


def _turns(source: FloatArray, period: int, *, flat: bool) -> FloatArray:
    """Mean distance from the last `period` smoothed prices, from a line drawn to the oldest or not, in its own size."""
    smooth = smoothed(source, max(2, period // 2))
    slope = (shift(smooth, period) - smooth) / period if flat else np.zeros(len(source))
    distance = np.zeros(len(source))
    for back in range(1, period + 1):
        distance += smooth + back * slope - shift(smooth, back)
    distance /= period
    size = _mean_square(distance)
    return after(ratio(distance, np.sqrt(size)), period)


def _mean_square(values: FloatArray) -> FloatArray:
    """Exponential mean square with weight 0.04, from the first value on."""
    return filtered(values * values, [0.04], [1.0, -0.96])


def reflex(source: FloatArray, period: int) -> FloatArray:
    """Ehlers' reflex: sign and size of the turn of the price, with hardly a delay."""
    return _turns(source, period, flat=True)


def trendflex(source: FloatArray, period: int) -> FloatArray:
    """Ehlers' trendflex: the same that keeps the trend."""
    return _turns(source, period, flat=False)


def correlation_trend(source: FloatArray, period: int) -> FloatArray:
    """Correlation of the last prices with a straight line: 1 a steady rise, -1 a steady fall."""
    slope = talib("linearreg_slope", (source,), (period,))[0]
    # Deviation of the numbers 1 .. n; the correlation is the slope in units of both deviations.
    line = math.sqrt((period * period - 1.0) / 12.0)
    return np.clip(ratio(slope * line, rolling_std(source, period, 0)), -1.0, 1.0)


def bandpass(source: FloatArray, period: int, bandwidth: float) -> FloatArray:
    """The part of the price that swings with a period of so many bars."""
    beta = math.cos(2.0 * math.pi / period)
    gamma = 1.0 / math.cos(2.0 * math.pi * bandwidth / period)
    alpha = gamma - math.sqrt(gamma * gamma - 1.0)
    gain = 0.5 * (1.0 - alpha)
    return after(filtered(source, [gain, 0.0, -gain], [1.0, -beta * (1.0 + alpha), alpha]), period - 1)


def _bandpass_memory(period: int, bandwidth: float) -> int:
    gamma = 1.0 / math.cos(2.0 * math.pi * bandwidth / period)
    return period + forgotten(math.sqrt(gamma - math.sqrt(gamma * gamma - 1.0)), 2)


COLUMNS: Mapping[str, ColumnDefinition] = {
    "roofing_filter": ColumnDefinition(
        roofing_filter,
        group=_GROUP,
        description="Ehlers' roofing filter: only the swings between two periods are left",
        formula="super_smoother(two-pole high-pass of x, high_period), low_period)",
        units="price",
        source=f"{_CYCLES}, ch. 7",
        inputs=_SOURCE,
        parameters=(whole("low_period", 10, low=2, high=2_000), whole("high_period", 48, low=6, high=2_000)),
        warm_up=lambda _low_period, high_period: high_period - 1,
        memory=lambda low_period, high_period: (
            high_period
            + forgotten(max(_high_pass_decay(high_period), math.exp(-math.sqrt(2.0) * math.pi / low_period)), 4)
        ),
        tolerance=TOLERANCE,
    ),
    "cyber_cycle": ColumnDefinition(
        cyber_cycle,
        group=_GROUP,
        description="Ehlers' cyber cycle: the price's swing around its trend",
        formula="y = (1 - a / 2)^2 (s - 2 s[-1] + s[-2]) + 2 (1 - a) y[-1] - (1 - a)^2 y[-2], s = (x + 2"
        " x[-1] + 2 x[-2]"
        " + x[-3]) / 6",
        units="price",
        source=f"{_CYBERNETIC}, ch. 4",
        inputs=_SOURCE,
        parameters=(real("alpha", 0.07, 0.01, 0.99),),
        warm_up=9,
        memory=lambda alpha: 9 + forgotten(1.0 - alpha, 2),
        tolerance=TOLERANCE,
    ),
    "center_of_gravity": ColumnDefinition(
        center_of_gravity,
        group=_GROUP,
        description="Ehlers' center of gravity: balance point of the last prices, 0 in the middle of the window",
        formula="(n + 1) / 2 - sum((1 + k) x[-k]) / sum(x[-k]), k = 0 .. n - 1",
        units="bars",
        source=f"{_CYBERNETIC}, ch. 5",
        inputs=(("source", "median_price"),),
        parameters=(whole("period", 10, low=2),),
        warm_up=lambda period: period - 1,
        memory=lambda period: period - 1,
        tolerance=TOLERANCE,
    ),
    "laguerre_rsi": ColumnDefinition(
        laguerre_rsi,
        group=_GROUP,
        description="Relative strength index of the stages of a Laguerre filter",
        formula="sum of rises / (sum of rises + sum of falls) between L0, L1, L2, L3",
        units="0..1",
        source=f"{_CYBERNETIC}, ch. 14",
        inputs=_SOURCE,
        parameters=(real("gamma", 0.5, 0.0, 0.98),),
        warm_up=3,
        memory=lambda gamma: 8 + 2 * forgotten(gamma, 4),
        tolerance=TOLERANCE,
    ),
    "fisher_transform": ColumnDefinition(
        fisher_transform,
        group=_GROUP,
        description="Fisher transform of the position in the range: sharp turns",
        formula="f = 0.5 log((1 + v) / (1 - v)) + 0.5 f[-1], v = 0.66 (position - 0.5) + 0.67 v[-1] within +-0.999",
        units="1",
        source="Ehlers (2002), Using the Fisher Transform, Stocks & Commodities 20(11)",
        inputs=("high", "low"),
        parameters=(whole("period", 10, low=2),),
        outputs=("fisher", "trigger"),
        warm_up=lambda period: period,
        memory=lambda period: period + 2 * forgotten(0.67, 2),
        tolerance=TOLERANCE,
    ),
    "inverse_fisher_rsi": ColumnDefinition(
        inverse_fisher_rsi,
        group=_GROUP,
        description="Inverse Fisher transform of the RSI: mostly near -1 or 1",
        formula="tanh(wma(0.1 (rsi(n) - 50), m))",
        units="-1..1",
        source=f"{_CYBERNETIC}, ch. 15; Ehlers (2004), The Inverse Fisher Transform",
        inputs=_SOURCE,
        parameters=(whole("period", 5, low=2), whole("smoothing", 9)),
        warm_up=lambda period, smoothing: period + smoothing - 1,
        memory=lambda period, smoothing: period + smoothing + forgotten(1.0 - 1.0 / period, 2),
        tolerance=TOLERANCE,
    ),
    "reflex": ColumnDefinition(
        reflex,
        group=_GROUP,
        description="Ehlers' reflex: distance of smoothed prices from the line through the window, in its own size",
        formula="d / sqrt(m), d = mean of s + k slope - s[-k], k = 1 .. n, m += 0.04 (d^2 - m)",
        units="1",
        source="Ehlers (2020), Reflex: A New Zero-Lag Indicator, Stocks & Commodities 38(2)",
        inputs=_SOURCE,
        parameters=(whole("period", 20, low=2, high=500),),
        warm_up=lambda period: 2 * period,
        memory=None,  # where prices stand still, what is left of both sides of the quotient fades together
        tolerance=TOLERANCE,
    ),
    "trendflex": ColumnDefinition(
        trendflex,
        group=_GROUP,
        description="Ehlers' trendflex: distance of smoothed prices from those before, in its own size",
        formula="d / sqrt(m), d = mean of s - s[-k], k = 1 .. n, m += 0.04 (d^2 - m)",
        units="1",
        source="Ehlers (2020), Reflex: A New Zero-Lag Indicator, Stocks & Commodities 38(2)",
        inputs=_SOURCE,
        parameters=(whole("period", 20, low=2, high=500),),
        warm_up=lambda period: 2 * period,
        memory=None,  # where prices stand still, what is left of both sides of the quotient fades together
        tolerance=TOLERANCE,
    ),
    "correlation_trend": ColumnDefinition(
        correlation_trend,
        group=_GROUP,
        description="Ehlers' correlation trend indicator: correlation of prices with a straight line",
        formula="corr(x, 1 .. n) over n bars",
        units="-1..1",
        source="Ehlers (2020), Correlation as a Trend Indicator, Stocks & Commodities 38(5)",
        inputs=_SOURCE,
        parameters=(whole("period", 20, low=2),),
        warm_up=lambda period: period - 1,
        memory=lambda period: period - 1,
        tolerance=TOLERANCE,
    ),
    "bandpass": ColumnDefinition(
        bandpass,
        group=_GROUP,
        description="Ehlers' bandpass filter: the swing with one period",
        formula="y = (1 - a) / 2 (x - x[-2]) + b (1 + a) y[-1] - a y[-2], b = cos(2 pi / n), a = g - sqrt(g^2 - 1),"
        " g = 1 / cos(2 pi bandwidth / n)",
        units="price",
        source=f"{_CYCLES}, ch. 5",
        inputs=_SOURCE,
        parameters=(whole("period", 20, low=5, high=1_000), real("bandwidth", 0.3, 0.05, 1.0)),
        warm_up=lambda period, _bandwidth: period - 1,
        memory=_bandpass_memory,
        tolerance=TOLERANCE,
    ),
}
