"""Volatility from closes: close to close, exponentially weighted, downside, and how volatile volatility is."""

import math
from collections.abc import Mapping

import numpy as np

from autonomous_trading.core import FloatArray
from autonomous_trading.features._definitions import ColumnDefinition, real, whole
from autonomous_trading.features._primitives import (
    beyond_rounding,
    log_change,
    ratio,
    rolling_mean,
    rolling_std,
    rolling_sum,
    shift,
)
from autonomous_trading.features.kernels._volatility import ewma_variance

_GROUP = "Volatility"
_PER_BAR = "log return per bar"


def close_volatility(close: FloatArray, period: int) -> FloatArray:
    """Standard deviation of the last `period` log returns, with divisor period - 1."""
    return rolling_std(log_change(close, 1), period, 1)


def ewma_volatility(close: FloatArray, decay: float) -> FloatArray:
    """Root of the exponentially weighted mean of squared log returns, started at the first of them."""
    returns = log_change(close, 1)
    out = np.empty(len(close))
    ewma_variance(returns, decay, 1, out)
    return np.sqrt(out)


def downside_volatility(close: FloatArray, period: int) -> FloatArray:
    """Root of the mean square of the negative ones among the last `period` log returns, over all of them."""
    returns = log_change(close, 1)
    return np.sqrt(rolling_mean(np.square(np.minimum(returns, 0.0)), period))


def realised_volatility(close: FloatArray, period: int) -> FloatArray:
    """Root of the sum of the last `period` squared log returns: of intraday bars, the realised volatility of a span."""
    return np.sqrt(rolling_sum(np.square(log_change(close, 1)), period))


def bipower_volatility(close: FloatArray, period: int) -> FloatArray:
    """Root of pi / 2 times the sum of the last `period` products of neighbouring absolute returns: without jumps."""
    size = np.abs(log_change(close, 1))
    return np.sqrt(rolling_sum(math.pi / 2.0 * size * shift(size, 1), period))


def jump_share(close: FloatArray, period: int) -> FloatArray:
    """The part of realised variance that jumps made, 0 to 1: what bipower variation does not see."""
    realised = np.square(realised_volatility(close, period))
    smooth = np.square(bipower_volatility(close, period))
    return np.asarray(np.maximum(ratio(realised - smooth, realised), 0.0))


def volatility_of_volatility(close: FloatArray, period: int, window: int) -> FloatArray:
    """Standard deviation of the last `window` volatilities over their mean; NaN where these are rounding."""
    level = close_volatility(close, period)
    return ratio(rolling_std(level, window, 0), beyond_rounding(rolling_mean(level, window)))


def volatility_ratio(close: FloatArray, fast: int, slow: int) -> FloatArray:
    """Volatility of `fast` bars over that of `slow` bars: above 1 where it rises; NaN where that is rounding."""
    return ratio(close_volatility(close, fast), beyond_rounding(close_volatility(close, slow)))


def _ewma_memory(decay: float) -> int:
    # A variance of a million times the present one, 1e-6 of which may remain: 1e-12 of the weight.
    return 1 + math.ceil(math.log(1e-12) / math.log(decay)) if decay > 0.0 else 2


COLUMNS: Mapping[str, ColumnDefinition] = {
    "close_volatility": ColumnDefinition(
        close_volatility,
        group=_GROUP,
        description="Standard deviation of log returns, close to close",
        formula="std(log(close / close[-1]), period, ddof=1)",
        units=_PER_BAR,
        source="Hull, Options, Futures and Other Derivatives, ch. 15",
        parameters=(whole("period", 20, low=2),),
        warm_up=lambda period: period,
        memory=lambda period: period,
    ),
    "ewma_volatility": ColumnDefinition(
        ewma_volatility,
        group=_GROUP,
        description="Exponentially weighted volatility of log returns with mean zero",
        formula="sqrt(decay v[-1] + (1 - decay) r^2)",
        units=_PER_BAR,
        source="RiskMetrics Technical Document (1996), decay 0.94 for days",
        parameters=(real("decay", 0.94, 0.0, 0.9999),),
        warm_up=1,
        memory=_ewma_memory,
        tolerance=1e-6,
    ),
    "downside_volatility": ColumnDefinition(
        downside_volatility,
        group=_GROUP,
        description="Root mean square of negative log returns",
        formula="sqrt(mean(min(r, 0)^2, period))",
        units=_PER_BAR,
        source="Sortino and van der Meer (1991), J. Portfolio Management 17(4)",
        parameters=(whole("period", 20),),
        warm_up=lambda period: period,
        memory=lambda period: period,
    ),
    "realised_volatility": ColumnDefinition(
        realised_volatility,
        group=_GROUP,
        description="Root of the sum of squared log returns: realised volatility of a span of intraday bars",
        formula="sqrt(sum(r^2, period))",
        units="log return per span",
        source="Andersen, Bollerslev, Diebold and Labys (2003), Econometrica 71(2)",
        parameters=(whole("period", 20),),
        warm_up=lambda period: period,
        memory=lambda period: period,
    ),
    "bipower_volatility": ColumnDefinition(
        bipower_volatility,
        group=_GROUP,
        description="Root of the bipower variation: realised volatility without jumps",
        formula="sqrt(pi / 2 sum(|r| |r[-1]|, period))",
        units="log return per span",
        source="Barndorff-Nielsen and Shephard (2004), J. Financial Econometrics 2(1)",
        parameters=(whole("period", 20),),
        warm_up=lambda period: period + 1,
        memory=lambda period: period + 1,
    ),
    "jump_share": ColumnDefinition(
        jump_share,
        group=_GROUP,
        description="Share of realised variance that came in jumps",
        formula="max(0, (RV - BV) / RV)",
        units="fraction",
        source="Huang and Tauchen (2005), J. Financial Econometrics 3(4), relative jump",
        parameters=(whole("period", 20, low=2),),
        warm_up=lambda period: period + 1,
        memory=lambda period: period + 1,
    ),
    "volatility_of_volatility": ColumnDefinition(
        volatility_of_volatility,
        group=_GROUP,
        description="Coefficient of variation of close-to-close volatility",
        formula="std(v, window) / mean(v, window), v = close_volatility(period)",
        units="1",
        source="Baltussen, van Bekkum and van der Grient (2018), JFQA 53(4)",
        parameters=(whole("period", 10, low=2), whole("window", 60, low=2)),
        warm_up=lambda period, window: period + window - 1,
        memory=lambda period, window: period + window - 1,
    ),
    "volatility_ratio": ColumnDefinition(
        volatility_ratio,
        group=_GROUP,
        description="Short over long close-to-close volatility",
        formula="close_volatility(fast) / close_volatility(slow)",
        units="1",
        source="Connors and Raschke (1995), Street Smarts, historical volatility ratio",
        parameters=(whole("fast", 10, low=2), whole("slow", 60, low=2)),
        warm_up=max,
        memory=max,
    ),
}
