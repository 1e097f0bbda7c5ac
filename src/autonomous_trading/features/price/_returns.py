"""What the last returns were like: size, direction, spread, shape, and how each follows the one before."""

from collections.abc import Mapping

import numpy as np

from autonomous_trading.core import FloatArray
from autonomous_trading.features._definitions import ColumnDefinition, whole
from autonomous_trading.features._primitives import (
    change,
    log_change,
    ratio,
    rolling_max,
    rolling_mean,
    rolling_std,
    rolling_sum,
    shift,
    talib,
)

_GROUP = "Price"
_SOURCE = (("source", "close"),)
_ROUNDING = 1e-12  # a spread of returns below this fraction of their size is what rounding leaves


def log_return(source: FloatArray, period: int) -> FloatArray:
    """Logarithm of the price over that of `period` bars before."""
    return log_change(source, period)


def acceleration(source: FloatArray, period: int) -> FloatArray:
    """Log return of the last `period` bars minus that of the bars before."""
    moved = log_change(source, period)
    return moved - shift(moved, period)


def return_rank(source: FloatArray, period: int, window: int) -> FloatArray:
    """Share of the last `window` returns over `period` bars that are not above this one, in percent."""
    return talib("percentrank", (log_change(source, period),), (window,))[0]


def hit_rate(source: FloatArray, period: int) -> FloatArray:
    """Share of rising bars minus that of falling ones."""
    return rolling_mean(np.sign(change(source, 1)), period)


def largest_return(source: FloatArray, period: int) -> FloatArray:
    """Largest log return of one bar in the window."""
    return rolling_max(log_change(source, 1), period)


def _centred(returns: FloatArray, window: int) -> tuple[FloatArray, FloatArray]:
    """Mean and deviation (ddof 0) of returns; a deviation that is rounding alone is NaN."""
    mean, deviation = rolling_mean(returns, window), rolling_std(returns, window, 0)
    return mean, np.where(deviation <= _ROUNDING * (1.0 + np.abs(mean)), np.nan, deviation)


def return_skewness(source: FloatArray, period: int) -> FloatArray:
    """Skewness of the last log returns of one bar; NaN where all are equal."""
    returns = log_change(source, 1)
    mean, deviation = _centred(returns, period)
    third = rolling_mean(returns**3, period) - 3.0 * mean * rolling_mean(returns**2, period) + 2.0 * mean**3
    return ratio(third, deviation**3)


def return_kurtosis(source: FloatArray, period: int) -> FloatArray:
    """Excess kurtosis of the last log returns of one bar; NaN where all are equal."""
    returns = log_change(source, 1)
    mean, deviation = _centred(returns, period)
    fourth = (
        rolling_mean(returns**4, period)
        - 4.0 * mean * rolling_mean(returns**3, period)
        + 6.0 * mean**2 * rolling_mean(returns**2, period)
        - 3.0 * mean**4
    )
    return ratio(fourth, deviation**4) - 3.0


def return_autocorrelation(source: FloatArray, period: int, lag: int) -> FloatArray:
    """Correlation of log returns of one bar with those `lag` bars before, over `period` pairs."""
    returns = log_change(source, 1)
    before = shift(returns, lag)
    mean, deviation = _centred(returns, period)
    other_mean, other_deviation = shift(mean, lag), shift(deviation, lag)
    joint = rolling_mean(returns * before, period) - mean * other_mean
    return np.clip(ratio(joint, deviation * other_deviation), -1.0, 1.0)


def sharpe_ratio(source: FloatArray, period: int) -> FloatArray:
    """Mean over deviation of the last returns of one bar, not annualised; NaN where all are equal."""
    returns = ratio(source, shift(source, 1)) - 1.0
    mean, deviation = _centred(returns, period)
    return ratio(mean, deviation * np.sqrt(period / (period - 1.0)))


def sortino_ratio(source: FloatArray, period: int) -> FloatArray:
    """Mean over downside deviation (target 0) of the last returns of one bar; NaN where none fell."""
    returns = ratio(source, shift(source, 1)) - 1.0
    falls = np.minimum(returns, 0.0)
    return ratio(rolling_mean(returns, period), np.sqrt(rolling_mean(falls * falls, period)))


def trend_strength(source: FloatArray, period: int) -> FloatArray:
    """Log return over `period` bars in deviations of its bars: how clear a trend is."""
    returns = log_change(source, 1)
    _, deviation = _centred(returns, period)
    return ratio(log_change(source, period), deviation * np.sqrt(period))


def regression_quality(source: FloatArray, period: int) -> tuple[FloatArray, FloatArray]:
    """Slope a bar of the line through log prices, and the share of their variance that it explains."""
    logs = log_change(source, 0) if False else _logs(source)
    slope = talib("linearreg_slope", (logs,), (period,))[0]
    spread = rolling_std(logs, period, 0)
    spread = np.where(spread <= _ROUNDING * (1.0 + np.abs(logs)), np.nan, spread)
    explained = (period * period - 1.0) / 12.0 * ratio(slope, spread) ** 2
    return slope, np.minimum(explained, 1.0)


def _logs(source: FloatArray) -> FloatArray:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.log(np.where(source > 0.0, source, np.nan))


def information_discreteness(source: FloatArray, period: int) -> FloatArray:
    """Sign of the return times the share of falling minus rising bars: below 0 where it came in small steps."""
    return np.sign(change(source, period)) * -hit_rate(source, period)


def overnight_return(open: FloatArray, close: FloatArray, period: int) -> FloatArray:
    """Sum of log returns from each close to the next open over the last bars."""
    return rolling_sum(_logs(open) - shift(_logs(close), 1), period)


def intraday_return(open: FloatArray, close: FloatArray, period: int) -> FloatArray:
    """Sum of log returns from each open to its close over the last bars."""
    return rolling_sum(_logs(close) - _logs(open), period)


def gap_fill(open: FloatArray, high: FloatArray, low: FloatArray, close: FloatArray) -> FloatArray:
    """Share of the opening gap that the bar went back, from 0 (none) to 1 (the close before was reached); NaN no gap."""
    before = shift(close, 1)
    gap = open - before
    back = np.where(gap > 0.0, open - low, high - open)
    return np.clip(ratio(back, np.abs(gap)), 0.0, 1.0)
