"""Bands and channels: where the price stands in them, how narrow they are, and clouds drawn from the past alone."""

from collections.abc import Mapping
from itertools import pairwise

import numpy as np

from autonomous_trading.core import FloatArray, InvalidParameter
from autonomous_trading.features._definitions import ColumnDefinition, real, whole
from autonomous_trading.features._forgetting import TOLERANCE, ema_tail, rma_tail
from autonomous_trading.features._primitives import ratio, rolling_max, rolling_min, shift, sma, talib, together
from autonomous_trading.features.technical._shapes import atr, last_where, position_between, true_range

_GROUP = "Technical"
_BARS = ("high", "low", "close")
_BOLLINGER = "Bollinger (2002), Bollinger on Bollinger Bands, ch. 8"


def _bollinger(source: FloatArray, period: int, deviations: float) -> tuple[FloatArray, FloatArray, FloatArray]:
    upper, middle, lower = talib("bbands", (source,), (period, deviations, deviations, 0))
    return upper, middle, lower


def percent_b(source: FloatArray, period: int, deviations: float) -> FloatArray:
    """Position between the Bollinger bands: 0 at the lower, 1 at the upper; NaN where they are one."""
    upper, _, lower = _bollinger(source, period, deviations)
    return position_between(source, lower, upper)


def bandwidth(source: FloatArray, period: int, deviations: float) -> FloatArray:
    """Width of the Bollinger bands as a fraction of their middle."""
    upper, middle, lower = _bollinger(source, period, deviations)
    return ratio(upper - lower, middle)


def keltner_position(
    high: FloatArray, low: FloatArray, close: FloatArray, period: int, multiple: float, atr_period: int
) -> FloatArray:
    """Position between the Keltner channel's lines: 0 at the lower, 1 at the upper."""
    typical = (high + low + close) / 3.0
    middle = typical if period == 1 else talib("ema", (typical,), (period,))[0]
    width = multiple * atr(high, low, close, atr_period)
    return position_between(close, middle - width, middle + width)


def donchian_position(high: FloatArray, low: FloatArray, close: FloatArray, period: int) -> FloatArray:
    """Position of the close between the lowest low and the highest high."""
    return position_between(close, rolling_min(low, period), rolling_max(high, period))


def starc_bands(
    high: FloatArray, low: FloatArray, close: FloatArray, period: int, multiple: float, atr_period: int
) -> tuple[FloatArray, ...]:
    """Stoller's bands: a simple mean and so many average true ranges around it."""
    middle, width = sma(close, period), multiple * atr(high, low, close, atr_period)
    return together((middle + width, middle, middle - width), max(period - 1, atr_period))


def squeeze(
    high: FloatArray, low: FloatArray, close: FloatArray, period: int, deviations: float, multiple: float
) -> tuple[FloatArray, ...]:
    """1 while the Bollinger bands lie inside the Keltner channel, else 0; and the momentum behind it."""
    upper, middle, lower = _bollinger(close, period, deviations)
    width = multiple * sma(true_range(high, low, close), period)
    inside = (upper < middle + width) & (lower > middle - width)
    centre = ((rolling_max(high, period) + rolling_min(low, period)) / 2.0 + sma(close, period)) / 2.0
    momentum = talib("linearreg", (close - centre,), (period,))[0]
    on = np.where(np.isnan(width + upper), np.nan, inside.astype(np.float64))
    return together((on, momentum), 2 * period - 2)


def ichimoku(
    high: FloatArray, low: FloatArray, close: FloatArray, conversion: int, base: int, span: int, displacement: int
) -> tuple[FloatArray, ...]:
    """Lines of the one-look chart as they stand over this bar; the lagging span as the close against the past.

    The cloud over a bar was drawn `displacement` - 1 bars before it (the chart counts the bar itself), so nothing of it
    is from the future. The lagging span is the plain comparison: close minus the close so many bars before.
    """
    tenkan = (rolling_max(high, conversion) + rolling_min(low, conversion)) / 2.0
    kijun = (rolling_max(high, base) + rolling_min(low, base)) / 2.0
    behind = displacement - 1
    first = shift((tenkan + kijun) / 2.0, behind)
    second = shift((rolling_max(high, span) + rolling_min(low, span)) / 2.0, behind)
    lagging = close - shift(close, behind)
    return together((tenkan, kijun, first, second, lagging), _ichimoku_bars(conversion, base, span, displacement))


def _ichimoku_bars(conversion: int, base: int, span: int, displacement: int) -> int:
    return max(conversion, base, span) - 1 + displacement - 1


def alligator(source: FloatArray, jaw: int, teeth: int, lips: int) -> tuple[FloatArray, ...]:
    """Williams' three shifted averages, as they stand over this bar: each was drawn some bars before."""
    lines = tuple(
        shift(source if period == 1 else talib("rma", (source,), (period,))[0], moved)
        for period, moved in ((jaw, 8), (teeth, 5), (lips, 3))
    )
    return together(lines, _alligator_bars(jaw, teeth, lips))


def _alligator_bars(jaw: int, teeth: int, lips: int) -> int:
    return max(jaw + 7, teeth + 4, lips + 2)


def fractal_chaos_bands(high: FloatArray, low: FloatArray, wing: int) -> tuple[FloatArray, FloatArray]:
    """The last high above, and the last low below, `wing` bars left and right of it, once these are over.

    NaN where there is none in the last 40 windows of so many bars and the one between.
    """
    bars = _fractal_bars(wing) - 2 * wing
    at_high, at_low = shift(high, wing), shift(low, wing)
    beside_high = np.maximum(rolling_max(high, wing), shift(rolling_max(high, wing), wing + 1))
    beside_low = np.minimum(rolling_min(low, wing), shift(rolling_min(low, wing), wing + 1))
    return last_where(at_high, at_high > beside_high, bars), last_where(at_low, at_low < beside_low, bars)


def _fractal_bars(wing: int) -> int:
    # In 4,000 bars of a random walk no fractal was more than 20 windows away.
    return 40 * (2 * wing + 1)


def moving_average_ribbon(source: FloatArray, shortest: int, longest: int, count: int) -> FloatArray:
    """Share of neighbouring averages of a ribbon that stand in the order of a rise: 1 a rise, 0 a fall.

    Two that are equal but for rounding count one half. Raises InvalidParameter where the ribbon is one average.
    """
    if shortest == longest:
        raise InvalidParameter(
            f"moving_average_ribbon: shortest and longest are both {longest}, which is one average and no ribbon",
            fix="give two different periods",
        )
    periods = np.unique(np.linspace(min(shortest, longest), max(shortest, longest), count).round().astype(int)).tolist()
    lines = [talib("ema", (source,), (max(2, period),))[0] for period in periods]
    ordered = np.zeros(len(source))
    for faster, slower in pairwise(lines):
        level = np.abs(faster - slower) <= 1e-12 * np.abs(slower)
        ordered += np.where(level, 0.5, (faster > slower).astype(np.float64))
    share = ordered / (len(lines) - 1)
    return np.asarray(np.where(np.isnan(lines[-1]), np.nan, share))


COLUMNS: Mapping[str, ColumnDefinition] = {
    "percent_b": ColumnDefinition(
        percent_b,
        group=_GROUP,
        description="Position between the Bollinger bands",
        formula="(x - lower) / (upper - lower), bands sma(n) +- k std(n), ddof 0",
        units="1",
        source=_BOLLINGER,
        inputs=(("source", "close"),),
        parameters=(whole("period", 20, low=2), real("deviations", 2.0, 0.1, 20.0)),
        warm_up=lambda period, _deviations: period - 1,
        memory=lambda period, _deviations: period - 1,
        tolerance=TOLERANCE,
    ),
    "bandwidth": ColumnDefinition(
        bandwidth,
        group=_GROUP,
        description="Width of the Bollinger bands against their middle",
        formula="(upper - lower) / middle",
        units="fraction",
        source=_BOLLINGER,
        inputs=(("source", "close"),),
        parameters=(whole("period", 20, low=2), real("deviations", 2.0, 0.1, 20.0)),
        warm_up=lambda period, _deviations: period - 1,
        memory=lambda period, _deviations: period - 1,
        tolerance=TOLERANCE,
    ),
    "keltner_position": ColumnDefinition(
        keltner_position,
        group=_GROUP,
        description="Position between the lines of the Keltner channel",
        formula="(close - (m - k atr)) / (2 k atr), m = ema(typical, n)",
        units="1",
        source="Keltner (1960), How to Make Money in Commodities; ranges as in Raschke",
        inputs=_BARS,
        parameters=(whole("period", 20), real("multiple", 2.0, 0.1, 20.0), whole("atr_period", 10)),
        warm_up=lambda period, _multiple, atr_period: max(period - 1, atr_period),
        memory=lambda period, _multiple, atr_period: max(period + ema_tail(period), atr_period + rma_tail(atr_period)),
        tolerance=TOLERANCE,
    ),
    "donchian_position": ColumnDefinition(
        donchian_position,
        group=_GROUP,
        description="Position of the close in the channel of highs and lows",
        formula="(close - min(low, n)) / (max(high, n) - min(low, n))",
        units="0..1",
        source="Donchian (1960), High Finance in Copper, Financial Analysts J. 16(6)",
        inputs=_BARS,
        parameters=(whole("period", 20),),
        warm_up=lambda period: period - 1,
        memory=lambda period: period - 1,
    ),
    "starc_bands": ColumnDefinition(
        starc_bands,
        group=_GROUP,
        description="Stoller average range channel",
        formula="sma(close, n) + k atr(m), sma(close, n), sma(close, n) - k atr(m)",
        units="price",
        source="Stoller (1986), STARC bands, as in Kaufman (2013), Trading Systems and Methods",
        inputs=_BARS,
        parameters=(whole("period", 6), real("multiple", 2.0, 0.1, 20.0), whole("atr_period", 15)),
        outputs=("upper", "middle", "lower"),
        warm_up=lambda period, _multiple, atr_period: max(period - 1, atr_period),
        memory=lambda period, _multiple, atr_period: max(period - 1, atr_period + rma_tail(atr_period)),
        tolerance=TOLERANCE,
    ),
    "squeeze": ColumnDefinition(
        squeeze,
        group=_GROUP,
        description="Carter's squeeze: Bollinger bands inside the Keltner channel, and the momentum of the breakout",
        formula="on: sma +- k std(n) inside sma +- m sma(true range, n); momentum: linearreg of close -"
        " ((max(high, n) + min(low, n)) / 2 + sma(close, n)) / 2",
        units="0 or 1; price",
        source="Carter (2005), Mastering the Trade, ch. 11",
        inputs=_BARS,
        parameters=(whole("period", 20, low=2), real("deviations", 2.0, 0.1, 20.0), real("multiple", 1.5, 0.1, 20.0)),
        outputs=("on", "momentum"),
        warm_up=lambda period, _deviations, _multiple: 2 * period - 2,
        memory=lambda period, _deviations, _multiple: 2 * period - 2,
        tolerance=TOLERANCE,
    ),
    "ichimoku": ColumnDefinition(
        ichimoku,
        group=_GROUP,
        description="Ichimoku lines as known at the bar: conversion, base, both spans of the cloud over it,"
        " lagging span",
        formula="(max(high, n) + min(low, n)) / 2 of each period; the cloud displacement - 1 bars late;"
        " close - close[-(displacement - 1)]",
        units="price",
        source="Hosoda (1969), Ichimoku Kinko Hyo; Patel (2010), Trading with Ichimoku Clouds",
        inputs=_BARS,
        parameters=(whole("conversion", 9), whole("base", 26), whole("span", 52), whole("displacement", 26)),
        outputs=("tenkan", "kijun", "senkou_a", "senkou_b", "chikou_change"),
        warm_up=_ichimoku_bars,
        memory=_ichimoku_bars,
    ),
    "alligator": ColumnDefinition(
        alligator,
        group=_GROUP,
        description="Williams' alligator: jaw, teeth and lips as they stand over the bar",
        formula="rma(median, jaw)[-8], rma(median, teeth)[-5], rma(median, lips)[-3]",
        units="price",
        source="Williams (1995), Trading Chaos",
        inputs=(("source", "median_price"),),
        parameters=(whole("jaw", 13), whole("teeth", 8), whole("lips", 5)),
        outputs=("jaw_line", "teeth_line", "lips_line"),
        warm_up=_alligator_bars,
        memory=lambda jaw, teeth, lips: max(jaw, teeth, lips) + 8 + rma_tail(max(jaw, teeth, lips)),
        tolerance=TOLERANCE,
    ),
    "fractal_chaos_bands": ColumnDefinition(
        fractal_chaos_bands,
        group=_GROUP,
        description="Last fractal high and low, each known once the bars to its right are over",
        formula="high[-w] of the last bar where it is above the w bars on both sides, low[-w] likewise; of the last"
        " 40 (2 w + 1) bars",
        units="price",
        source="Williams (1995), Trading Chaos; the bands as drawn by charting programs",
        inputs=("high", "low"),
        parameters=(whole("wing", 2, high=1_000),),
        outputs=("upper", "lower"),
        warm_up=lambda wing: 2 * wing,
        memory=_fractal_bars,
        sparse=True,
    ),
    "moving_average_ribbon": ColumnDefinition(
        moving_average_ribbon,
        group=_GROUP,
        description="Share of a ribbon of averages that stands in rising order",
        formula="share of neighbours with ema(faster) > ema(slower), equal ones one half, over periods spread evenly",
        units="0..1",
        source="Guppy (2004), Trend Trading: the multiple moving average, as a count",
        inputs=(("source", "close"),),
        parameters=(whole("shortest", 3, low=2), whole("longest", 60, low=2), whole("count", 12, low=2, high=60)),
        warm_up=lambda shortest, longest, _count: max(shortest, longest) - 1,
        memory=lambda shortest, longest, _count: max(shortest, longest) + 2 * ema_tail(max(shortest, longest)),
        tolerance=TOLERANCE,
    ),
}
