"""Volume and price together: who pushes, and does the volume agree?"""

from collections.abc import Mapping

import numpy as np

from autonomous_trading.core import FloatArray
from autonomous_trading.core.rolling import ewm_mean, zscore
from autonomous_trading.features._definitions import ColumnDefinition, real, whole
from autonomous_trading.features._forgetting import TOLERANCE, ema_tail, rma_tail
from autonomous_trading.features._primitives import (
    change,
    ema,
    log_change,
    ratio,
    rma,
    rolling_mean,
    rolling_std,
    rolling_sum,
    shift,
    sma,
    together,
)
from autonomous_trading.features.kernels._technical import reset_sums

_GROUP = "Technical"
_ALL = ("high", "low", "close", "volume")


def rolling_vwap(high: FloatArray, low: FloatArray, close: FloatArray, volume: FloatArray, period: int) -> FloatArray:
    """Volume-weighted typical price of the last bars; NaN where nothing was traded."""
    return ratio(rolling_sum((high + low + close) / 3.0 * volume, period), rolling_sum(volume, period))


def vwma_ratio(close: FloatArray, volume: FloatArray, period: int) -> FloatArray:
    """Volume-weighted over plain average, minus 1: above 0 where the volume came at high prices."""
    weighted = ratio(rolling_sum(close * volume, period), rolling_sum(volume, period))
    return ratio(weighted, rolling_mean(close, period)) - 1.0


def volume_zscore(volume: FloatArray, period: int) -> FloatArray:
    """Volume in standard deviations from its mean; NaN where all volumes are one."""
    return zscore(volume, period)


def up_volume_share(close: FloatArray, volume: FloatArray, period: int) -> FloatArray:
    """Share of the volume of the last bars that came on rising ones; a bar that stands still counts half."""
    rising = (1.0 + np.sign(change(close, 1))) / 2.0
    return ratio(rolling_sum(rising * volume, period), rolling_sum(volume + 0.0 * rising, period))


def volume_price_correlation(close: FloatArray, volume: FloatArray, period: int) -> FloatArray:
    """Correlation of returns with volumes over the last bars."""
    returns = log_change(close, 1)
    # Sums of products cancel least around a mean that is already near: volumes are measured in their own mean.
    level = ratio(volume, rolling_mean(volume, period))
    both = rolling_mean(returns * level, period) - rolling_mean(returns, period) * rolling_mean(level, period)
    found = ratio(both, rolling_std(returns, period, 0) * rolling_std(level, period, 0))
    return np.clip(found, -1.0, 1.0)


def klinger(
    high: FloatArray, low: FloatArray, close: FloatArray, volume: FloatArray, fast: int, slow: int, signal: int
) -> tuple[FloatArray, ...]:
    """Klinger's volume oscillator and its signal: a range of none has no force."""
    total = high + low + close
    trend = np.where(np.isnan(shift(total, 1)), np.nan, np.where(total > shift(total, 1), 1.0, -1.0))
    width = high - low
    turned = (trend != shift(trend, 1)).astype(np.float64)
    measured = np.empty(len(close))
    # On a turn the range of the bar before counts too.
    reset_sums(np.where(turned > 0.0, width + shift(width, 1), width) + 0.0 * trend, turned, measured)
    force = volume * np.abs(2.0 * (ratio(width, measured) - 1.0)) * trend * 100.0
    force = np.where(measured == 0.0, 0.0, force)
    oscillator = ema(force, fast) - ema(force, slow)
    return together((oscillator, ema(oscillator, signal)), _klinger_bars(fast, slow, signal))


def _klinger_bars(fast: int, slow: int, signal: int) -> int:
    return max(fast, slow) + signal - 1


def ease_of_movement(
    high: FloatArray, low: FloatArray, volume: FloatArray, period: int, volume_unit: float
) -> FloatArray:
    """Mean way of the middle price per volume needed: NaN where a bar of the window has no volume."""
    way = change((high + low) / 2.0, 1)
    return rolling_mean(ratio(way * (high - low), volume / volume_unit), period)


def twiggs_money_flow(
    high: FloatArray, low: FloatArray, close: FloatArray, volume: FloatArray, period: int
) -> FloatArray:
    """Wilder mean of volume signed by where the close lies in the true range, against that of volume."""
    before = shift(close, 1)
    top, bottom = np.maximum(high, before), np.minimum(low, before)
    width = top - bottom
    place = np.where(width == 0.0, 0.0, ratio(2.0 * close - top - bottom, width))
    return ratio(rma(place * volume, period), rma(volume + 0.0 * width, period))


def price_zone_oscillator(source: FloatArray, period: int) -> FloatArray:
    """Mean of prices signed by their change, against the mean of prices."""
    signed = np.sign(change(source, 1)) * source
    return 100.0 * ratio(ema(signed, period), ema(source, period))


def volume_zone_oscillator(close: FloatArray, volume: FloatArray, period: int) -> FloatArray:
    """Mean of volumes signed by the change of the price, against the mean of volumes."""
    signed = np.sign(change(close, 1)) * volume
    return 100.0 * ratio(ema(signed, period), ema(volume + 0.0 * signed, period))


def volume_flow_indicator(
    high: FloatArray, low: FloatArray, close: FloatArray, volume: FloatArray, period: int, cutoff: float, most: float
) -> FloatArray:
    """Katsanos' volume flow: volumes of bars that moved enough, with their sign and cut at a multiple of the usual."""
    typical = (high + low + close) / 3.0
    quiet = cutoff * rolling_std(log_change(typical, 1), 30, 0) * close
    usual = shift(rolling_mean(volume, period), 1)
    moved = change(typical, 1)
    signed = np.minimum(volume, most * usual) * (np.where(moved > quiet, 1.0, 0.0) - np.where(moved < -quiet, 1.0, 0.0))
    total = ratio(rolling_sum(signed + 0.0 * (quiet + moved), period), usual)
    return ewm_mean(total, 3)


def volume_price_confirmation(close: FloatArray, volume: FloatArray, short: int, long: int) -> FloatArray:
    """Dormeier's confirmation of the price by volume: above 0 where they agree on a rise."""

    def weighted(period: int) -> FloatArray:
        return ratio(rolling_sum(close * volume, period), rolling_sum(volume, period))

    confirmation = weighted(long) - sma(close, long)
    price_ratio = ratio(weighted(short), sma(close, short))
    return confirmation * price_ratio * ratio(rolling_mean(volume, short), rolling_mean(volume, long))


def _tails(*periods: int) -> int:
    return 2 * ema_tail(*periods) if max(periods) > 1 else 0


COLUMNS: Mapping[str, ColumnDefinition] = {
    "rolling_vwap": ColumnDefinition(
        rolling_vwap,
        group=_GROUP,
        description="Volume-weighted typical price of the last bars",
        formula="sum(typical volume, n) / sum(volume, n)",
        units="price",
        source="Berkowitz, Logue and Noser (1988), J. Finance 43(1)",
        inputs=_ALL,
        parameters=(whole("period", 20),),
        warm_up=lambda period: period - 1,
        memory=lambda period: period - 1,
    ),
    "vwma_ratio": ColumnDefinition(
        vwma_ratio,
        group=_GROUP,
        description="Volume-weighted average against the plain one",
        formula="vwma(close, n) / sma(close, n) - 1",
        units="fraction",
        source="Dormeier (2011), Investing with Volume Analysis",
        inputs=("close", "volume"),
        parameters=(whole("period", 20, low=2),),
        warm_up=lambda period: period - 1,
        memory=lambda period: period - 1,
        tolerance=TOLERANCE,
    ),
    "volume_zscore": ColumnDefinition(
        volume_zscore,
        group=_GROUP,
        description="Volume in standard deviations from its mean",
        formula="(volume - mean(volume, n)) / std(volume, n), ddof 0",
        units="1",
        source="Gervais, Kaniel and Mingelgrin (2001), The High-Volume Return Premium, J. Finance 56(3)",
        inputs=("volume",),
        parameters=(whole("period", 20, low=2),),
        warm_up=lambda period: period - 1,
        memory=lambda period: period - 1,
    ),
    "up_volume_share": ColumnDefinition(
        up_volume_share,
        group=_GROUP,
        description="Share of the volume that came on rising bars",
        formula="sum(volume (1 + sign(close - close[-1])) / 2, n) / sum(volume, n)",
        units="0..1",
        source="Arms (1989), The Arms Index: up volume, of one instrument",
        inputs=("close", "volume"),
        parameters=(whole("period", 20),),
        warm_up=lambda period: period,
        memory=lambda period: period,
    ),
    "volume_price_correlation": ColumnDefinition(
        volume_price_correlation,
        group=_GROUP,
        description="Correlation of log returns with volume, each in its own mean of the last bars",
        formula="corr(log(close / close[-1]), volume / mean(volume, n)) over n bars",
        units="-1..1",
        source="Karpoff (1987), J. Financial and Quantitative Analysis 22(1)",
        inputs=("close", "volume"),
        parameters=(whole("period", 20, low=3),),
        warm_up=lambda period: max(period, 2 * period - 2),
        memory=lambda period: max(period, 2 * period - 2),
        tolerance=TOLERANCE,
    ),
    "klinger": ColumnDefinition(
        klinger,
        group=_GROUP,
        description="Klinger volume oscillator and its signal line",
        formula="ema(vf, fast) - ema(vf, slow), vf = 100 volume |2 (dm / cm - 1)| trend, dm = high - low, cm its sum"
        " while the trend of high + low + close lasts",
        units="units",
        source="Klinger (1997), Identifying Trends with Volume Analysis, Stocks & Commodities 15(12)",
        inputs=_ALL,
        parameters=(whole("fast", 34), whole("slow", 55), whole("signal", 13)),
        outputs=("oscillator", "signal_line"),
        warm_up=_klinger_bars,
        memory=None,  # it sums since the trend began, however long that is ago
        tolerance=TOLERANCE,
    ),
    "ease_of_movement": ColumnDefinition(
        ease_of_movement,
        group=_GROUP,
        description="Arms' ease of movement: way per volume, averaged",
        formula="mean((median - median[-1]) (high - low) / (volume / unit), n)",
        units="price ** 2 / units",
        source="Arms (1994), Volume Cycles in the Stock Market",
        inputs=("high", "low", "volume"),
        parameters=(whole("period", 14), real("volume_unit", 1e8, 1e-8, 1e12)),
        warm_up=lambda period, _volume_unit: period,
        memory=lambda period, _volume_unit: period,
    ),
    "twiggs_money_flow": ColumnDefinition(
        twiggs_money_flow,
        group=_GROUP,
        description="Twiggs money flow",
        formula="rma(volume (2 close - trh - trl) / (trh - trl), n) / rma(volume, n), trh and trl the true"
        " range's ends",
        units="-1..1",
        source="Twiggs (2002), Twiggs Money Flow, Incredible Charts",
        inputs=_ALL,
        parameters=(whole("period", 21),),
        warm_up=lambda period: period,
        memory=lambda period: period + 2 * rma_tail(period),
        tolerance=TOLERANCE,
    ),
    "price_zone_oscillator": ColumnDefinition(
        price_zone_oscillator,
        group=_GROUP,
        description="Price zone oscillator",
        formula="100 ema(sign(x - x[-1]) x, n) / ema(x, n)",
        units="-100..100",
        source="Khalil and Steckler (2011), Entering the Price Zone, Stocks & Commodities 29(7)",
        inputs=(("source", "close"),),
        parameters=(whole("period", 14),),
        warm_up=lambda period: period,
        memory=lambda period: period + _tails(period),
        tolerance=TOLERANCE,
    ),
    "volume_zone_oscillator": ColumnDefinition(
        volume_zone_oscillator,
        group=_GROUP,
        description="Volume zone oscillator",
        formula="100 ema(sign(close - close[-1]) volume, n) / ema(volume, n)",
        units="-100..100",
        source="Khalil and Steckler (2011), In the Volume Zone, Stocks & Commodities 29(5)",
        inputs=("close", "volume"),
        parameters=(whole("period", 14),),
        warm_up=lambda period: period,
        memory=lambda period: period + _tails(period),
        tolerance=TOLERANCE,
    ),
    "volume_flow_indicator": ColumnDefinition(
        volume_flow_indicator,
        group=_GROUP,
        description="Katsanos' volume flow indicator",
        formula="ewm(sum(+-min(volume, most v), n) / v, 3), v = mean(volume, n)[-1], signed where the"
        " typical price moved"
        " by more than cutoff std(log changes, 30) close",
        units="1",
        source="Katsanos (2004), Detecting Breakouts with the VFI, Stocks & Commodities 22(6)",
        inputs=_ALL,
        parameters=(whole("period", 130), real("cutoff", 0.2, 0.0, 2.0), real("most", 2.5, 0.5, 20.0)),
        warm_up=lambda period, _cutoff, _most: max(period, 30) + period + 1,
        memory=lambda period, _cutoff, _most: max(period, 30) + period + 2 + ema_tail(3),
        tolerance=TOLERANCE,
    ),
    "volume_price_confirmation": ColumnDefinition(
        volume_price_confirmation,
        group=_GROUP,
        description="Dormeier's volume price confirmation indicator",
        formula="(vwma(long) - sma(long)) (vwma(short) / sma(short)) (mean(volume, short) / mean(volume, long))",
        units="price",
        source="Dormeier (2007), Price and Volume, Digging Deeper, J. Technical Analysis 63",
        inputs=("close", "volume"),
        parameters=(whole("short", 5, low=2), whole("long", 20, low=2)),
        warm_up=lambda short, long: max(short, long) - 1,
        memory=lambda short, long: max(short, long) - 1,
        tolerance=TOLERANCE,
    ),
}
