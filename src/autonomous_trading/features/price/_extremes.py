"""Where does the price stand between its highs and lows, and how long ago were they?"""

from collections.abc import Mapping

import numpy as np

from autonomous_trading.core import FloatArray
from autonomous_trading.core.rolling import zscore
from autonomous_trading.features._definitions import ColumnDefinition, whole
from autonomous_trading.features._forgetting import TOLERANCE, rma_tail
from autonomous_trading.features._primitives import (
    change,
    log_change,
    ratio,
    rolling_max,
    rolling_mean,
    rolling_min,
    sma,
    talib,
)
from autonomous_trading.features.kernels._technical import bars_since_highest

_GROUP = "Price"
_BARS = ("high", "low", "close")
_SOURCE = (("source", "close"),)


def range_position(high: FloatArray, low: FloatArray, close: FloatArray, period: int) -> FloatArray:
    """Position of the close in the range of the last bars: 0 at the low, 1 at the high; 252 days are 52 weeks."""
    lowest = rolling_min(low, period)
    return ratio(close - lowest, rolling_max(high, period) - lowest)


def distance_from_high(high: FloatArray, close: FloatArray, period: int) -> FloatArray:
    """Close over the highest high of the last bars, minus 1: 0 at the high, below it elsewhere."""
    return ratio(close, rolling_max(high, period)) - 1.0


def distance_from_low(low: FloatArray, close: FloatArray, period: int) -> FloatArray:
    """Close over the lowest low of the last bars, minus 1."""
    return ratio(close, rolling_min(low, period)) - 1.0


def _so_far(source: FloatArray, pick: np.ufunc) -> FloatArray:
    """Extreme of everything before and at each bar; inputs that are not known yet are left out, and give NaN."""
    known = ~np.isnan(source)
    worst = -np.inf if pick is np.maximum else np.inf
    return np.asarray(np.where(known, pick.accumulate(np.where(known, source, worst)), np.nan))


def drawdown(source: FloatArray) -> FloatArray:
    """Loss since the highest value so far, as a fraction: 0 at a new high, below it elsewhere."""
    return ratio(source, _so_far(source, np.maximum)) - 1.0


def run_up(source: FloatArray) -> FloatArray:
    """Gain since the lowest value so far, as a fraction."""
    return ratio(source, _so_far(source, np.minimum)) - 1.0


def rolling_drawdown(source: FloatArray, period: int) -> FloatArray:
    """Loss since the highest value of the last bars, as a fraction."""
    return ratio(source, rolling_max(source, period)) - 1.0


def bars_since_high(source: FloatArray, period: int) -> FloatArray:
    """Bars since the highest of the last values: 0 where it is this one; the newest of equals counts."""
    out = np.empty(len(source))
    bars_since_highest(source, period, np.empty(len(source), dtype=np.int64), out)
    return out


def bars_since_low(source: FloatArray, period: int) -> FloatArray:
    """Bars since the lowest of the last values: 0 where it is this one; the newest of equals counts."""
    return bars_since_high(-source, period)


def bars_since_record(source: FloatArray) -> FloatArray:
    """Bars since the highest value so far: 0 at a new high, or at one as high."""
    rows = np.arange(len(source), dtype=np.float64)
    known = ~np.isnan(source)
    last = np.maximum.accumulate(np.where(known & (source == _so_far(source, np.maximum)), rows, -1.0))
    return np.asarray(np.where(known, rows - last, np.nan))


def price_zscore(source: FloatArray, period: int) -> FloatArray:
    """Distance from the mean of the last values in their standard deviations (ddof 0); NaN where all are equal."""
    return zscore(source, period)


def atr_distance(high: FloatArray, low: FloatArray, close: FloatArray, period: int, atr_period: int) -> FloatArray:
    """Distance of the close from its average in average true ranges."""
    return ratio(close - sma(close, period), talib("atr", (high, low, close), (atr_period,))[0])


def ulcer_index(source: FloatArray, period: int) -> FloatArray:
    """Root mean square of the losses from the highest value of the window, in percent."""
    losses = 100.0 * rolling_drawdown(source, period)
    return np.sqrt(rolling_mean(losses * losses, period))


def ulcer_performance(source: FloatArray, period: int) -> FloatArray:
    """Return over the window in percent against its ulcer index; NaN where nothing was lost."""
    return ratio(100.0 * np.expm1(log_change(source, period)), ulcer_index(source, period))


def worst_drawdown(source: FloatArray, period: int) -> FloatArray:
    """Largest loss from the high of the last bars, among the last bars, as a fraction."""
    return rolling_min(rolling_drawdown(source, period), period)


def kept_move(source: FloatArray, period: int) -> FloatArray:
    """Net change over the range of the way: 1 where it rose from the low to the high, -1 the other way round."""
    return ratio(change(source, period), rolling_max(source, period + 1) - rolling_min(source, period + 1))


COLUMNS: Mapping[str, ColumnDefinition] = {
    "range_position": ColumnDefinition(
        range_position,
        group=_GROUP,
        description="Position of the close in the range of the last bars, such as 52 weeks",
        formula="(close - min(low, n)) / (max(high, n) - min(low, n))",
        units="0..1",
        source="George and Hwang (2004), The 52-Week High and Momentum Investing, J. Finance 59(5)",
        inputs=_BARS,
        parameters=(whole("period", 252),),
        warm_up=lambda period: period - 1,
        memory=lambda period: period - 1,
    ),
    "distance_from_high": ColumnDefinition(
        distance_from_high,
        group=_GROUP,
        description="Close against the highest high",
        formula="close / max(high, n) - 1",
        units="fraction",
        source="George and Hwang (2004), The 52-Week High and Momentum Investing, J. Finance 59(5)",
        inputs=("high", "close"),
        parameters=(whole("period", 252),),
        warm_up=lambda period: period - 1,
        memory=lambda period: period - 1,
    ),
    "distance_from_low": ColumnDefinition(
        distance_from_low,
        group=_GROUP,
        description="Close against the lowest low",
        formula="close / min(low, n) - 1",
        units="fraction",
        source="George and Hwang (2004), The 52-Week High and Momentum Investing, J. Finance 59(5)",
        inputs=("low", "close"),
        parameters=(whole("period", 252),),
        warm_up=lambda period: period - 1,
        memory=lambda period: period - 1,
    ),
    "drawdown": ColumnDefinition(
        drawdown,
        group=_GROUP,
        description="Loss since the highest value so far",
        formula="x / max(x so far) - 1",
        units="fraction",
        source="Magdon-Ismail and Atiya (2004), Maximum Drawdown, Risk 17(10)",
        inputs=_SOURCE,
        warm_up=0,
        memory=None,
    ),
    "run_up": ColumnDefinition(
        run_up,
        group=_GROUP,
        description="Gain since the lowest value so far",
        formula="x / min(x so far) - 1",
        units="fraction",
        source="Magdon-Ismail and Atiya (2004), Maximum Drawdown, Risk 17(10)",
        inputs=_SOURCE,
        warm_up=0,
        memory=None,
    ),
    "rolling_drawdown": ColumnDefinition(
        rolling_drawdown,
        group=_GROUP,
        description="Loss since the highest of the last values",
        formula="x / max(x, n) - 1",
        units="fraction",
        source="Magdon-Ismail and Atiya (2004), Maximum Drawdown, Risk 17(10)",
        inputs=_SOURCE,
        parameters=(whole("period", 252),),
        warm_up=lambda period: period - 1,
        memory=lambda period: period - 1,
    ),
    "worst_drawdown": ColumnDefinition(
        worst_drawdown,
        group=_GROUP,
        description="Largest loss from a high among the last values",
        formula="min(x / max(x, n) - 1, n)",
        units="fraction",
        source="Magdon-Ismail and Atiya (2004), Maximum Drawdown, Risk 17(10)",
        inputs=_SOURCE,
        parameters=(whole("period", 252),),
        warm_up=lambda period: 2 * period - 2,
        memory=lambda period: 2 * period - 2,
    ),
    "bars_since_high": ColumnDefinition(
        bars_since_high,
        group=_GROUP,
        description="Bars since the highest of the last values",
        formula="bars since max(x, n), the newest of equals",
        units="bars",
        source="Chande (1995), A Time Price Oscillator, Stocks & Commodities 13(9)",
        inputs=_SOURCE,
        parameters=(whole("period", 252),),
        warm_up=lambda period: period - 1,
        memory=lambda period: period - 1,
    ),
    "bars_since_low": ColumnDefinition(
        bars_since_low,
        group=_GROUP,
        description="Bars since the lowest of the last values",
        formula="bars since min(x, n), the newest of equals",
        units="bars",
        source="Chande (1995), A Time Price Oscillator, Stocks & Commodities 13(9)",
        inputs=_SOURCE,
        parameters=(whole("period", 252),),
        warm_up=lambda period: period - 1,
        memory=lambda period: period - 1,
    ),
    "bars_since_record": ColumnDefinition(
        bars_since_record,
        group=_GROUP,
        description="Bars since the highest value so far: time under water",
        formula="bars since max(x so far)",
        units="bars",
        source="Bailey and Lopez de Prado (2015), Stop-Outs under Serial Correlation, Risk: time under water",
        inputs=_SOURCE,
        warm_up=0,
        memory=None,
    ),
    "price_zscore": ColumnDefinition(
        price_zscore,
        group=_GROUP,
        description="Distance from the mean in standard deviations",
        formula="(x - mean(x, n)) / std(x, n), ddof 0",
        units="1",
        source="Lo and MacKinlay (1990), Rev. Financial Studies 3(2); z-score",
        inputs=_SOURCE,
        parameters=(whole("period", 20, low=2),),
        warm_up=lambda period: period - 1,
        memory=lambda period: period - 1,
    ),
    "atr_distance": ColumnDefinition(
        atr_distance,
        group=_GROUP,
        description="Distance from the average in average true ranges",
        formula="(close - sma(close, n)) / atr(m)",
        units="1",
        source="Kaufman (2013), Trading Systems and Methods, ch. 8",
        inputs=_BARS,
        parameters=(whole("period", 50), whole("atr_period", 14)),
        warm_up=lambda period, atr_period: max(period - 1, atr_period),
        memory=lambda period, atr_period: max(period, atr_period + rma_tail(atr_period)),
        tolerance=TOLERANCE,
    ),
    "ulcer_index": ColumnDefinition(
        ulcer_index,
        group=_GROUP,
        description="Ulcer index: depth and length of losses from the high",
        formula="sqrt(mean((100 (x / max(x, n) - 1))^2, n))",
        units="percent",
        source="Martin and McCann (1989), The Investor's Guide to Fidelity Funds",
        inputs=_SOURCE,
        parameters=(whole("period", 14),),
        warm_up=lambda period: 2 * period - 2,
        memory=lambda period: 2 * period - 2,
    ),
    "ulcer_performance": ColumnDefinition(
        ulcer_performance,
        group=_GROUP,
        description="Return of the window against its ulcer index",
        formula="100 (x / x[-n] - 1) / ulcer_index(n)",
        units="1",
        source="Martin and McCann (1989), The Investor's Guide to Fidelity Funds",
        inputs=_SOURCE,
        parameters=(whole("period", 60),),
        warm_up=lambda period: max(period, 2 * period - 2),
        memory=lambda period: max(period, 2 * period - 2),
        sparse=True,  # no loss in the window: no ratio
    ),
    "kept_move": ColumnDefinition(
        kept_move,
        group=_GROUP,
        description="Net change over the range of the way",
        formula="(x - x[-n]) / (max(x, n + 1) - min(x, n + 1))",
        units="-1..1",
        source="Kaufman (2013), Trading Systems and Methods, ch. 1, price density",
        inputs=_SOURCE,
        parameters=(whole("period", 20),),
        warm_up=lambda period: period,
        memory=lambda period: period,
    ),
}
