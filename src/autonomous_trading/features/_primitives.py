"""What many columns are made of: averages, extremes and changes of one series, causal to the last bit, NaN first.

Averages and regressions are TA-Lib's (its running sums are causal and fast); statistics that cancel badly as running
sums are those of `core.rolling`, merged from blocks.
"""

from typing import Any, Final

import numpy as np

from autonomous_trading.core import FloatArray
from autonomous_trading.core.rolling import (
    rolling_max,
    rolling_mean,
    rolling_median,
    rolling_min,
    rolling_std,
    rolling_sum,
    shift,
)
from autonomous_trading.features._talib import call

__all__ = [
    "ROUNDING",
    "beyond_rounding",
    "change",
    "ema",
    "log_change",
    "ratio",
    "rma",
    "rolling_max",
    "rolling_mean",
    "rolling_median",
    "rolling_min",
    "rolling_std",
    "rolling_sum",
    "shift",
    "sma",
    "talib",
    "together",
    "wma",
]


ROUNDING: Final = 1e-12
"""A spread of returns or log prices up to this fraction of 1 + their size is what rounding leaves.

Logarithms of prices are rounded to about 1e-15, so their differences are that far off however small they are."""


def beyond_rounding(spread: FloatArray, size: FloatArray | float = 0.0) -> FloatArray:
    """A spread of returns or log prices of this size, NaN where rounding alone may have made it."""
    return np.where(spread > ROUNDING * (1.0 + np.abs(size)), spread, np.nan)


def talib(name: str, inputs: tuple[FloatArray, ...], arguments: tuple[Any, ...] = ()) -> tuple[FloatArray, ...]:
    """The outputs of a TA-Lib function by its lower-case name, NaN while it warms up and where inputs do.

    It warms up again after a row that misses an input.
    """
    return tuple(call(name, arguments, inputs))


def sma(values: FloatArray, period: int) -> FloatArray:
    """Mean of the last `period` values."""
    return values.copy() if period == 1 else talib("sma", (values,), (period,))[0]


def ema(values: FloatArray, period: int) -> FloatArray:
    """Exponential mean with weight 2 / (period + 1), started at the mean of the first `period` values."""
    return values.copy() if period == 1 else talib("ema", (values,), (period,))[0]


def wma(values: FloatArray, period: int) -> FloatArray:
    """Mean of the last `period` values with weights 1, 2, ..., period."""
    return values.copy() if period == 1 else talib("wma", (values,), (period,))[0]


def rma(values: FloatArray, period: int) -> FloatArray:
    """Wilder's exponential mean: weight 1 / period, started at the mean of the first `period` values."""
    return values.copy() if period == 1 else talib("rma", (values,), (period,))[0]


def change(values: FloatArray, bars: int) -> FloatArray:
    """Change over the last `bars` bars."""
    return values - shift(values, bars)


def log_change(values: FloatArray, bars: int) -> FloatArray:
    """Logarithm of a value over that of `bars` bars before; NaN where either is not positive."""
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.log(np.where(values > 0.0, values, np.nan))
    return logs - shift(logs, bars)


def ratio(numerator: FloatArray, denominator: FloatArray) -> FloatArray:
    """Quotient, NaN where the denominator is 0: no range, no volume, nothing to compare with."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(denominator == 0.0, np.nan, numerator / denominator))


def together(columns: tuple[FloatArray, ...], warm_up: int) -> tuple[FloatArray, ...]:
    """The outputs of one column without their first `warm_up` values: all of them become known on one bar."""
    blanked = tuple(values.copy() for values in columns)
    for values in blanked:
        values[:warm_up] = np.nan
    return blanked
