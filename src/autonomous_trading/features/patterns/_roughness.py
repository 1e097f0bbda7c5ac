"""How rough a path is: Hurst exponent and fractal dimensions over a window."""

from collections.abc import Mapping

import numpy as np

from autonomous_trading.core import FloatArray
from autonomous_trading.features._definitions import ColumnDefinition, whole
from autonomous_trading.features._primitives import (
    ratio,
    rolling_max,
    rolling_min,
    rolling_std,
    rolling_sum,
    shift,
)

_GROUP = "Patterns"
_LONGEST = 2_000


def hurst(close: FloatArray, period: int) -> FloatArray:
    """Exponent of how the spread of changes grows with their length: 0.5 a random walk, above it trends."""
    logs = np.log(close)
    lags = [2**power for power in range((period // 4).bit_length())]
    lengths = np.log(lags) - np.mean(np.log(lags))
    slope = np.zeros(len(close))
    for lag, length in zip(lags, lengths / np.square(lengths).sum(), strict=True):
        spread = rolling_std(logs - shift(logs, lag), period - lag, 0)
        # What does not move leaves nothing but rounding, whose logarithm says nothing.
        slope += length * np.log(np.where(spread > 1e-15, spread, np.nan))
    return slope


def katz_dimension(close: FloatArray, period: int) -> FloatArray:
    """log n / (log n + log(d / L)): L the length of the path, d its largest distance from where it began.

    Distances are those of log prices alone. NaN where L is n d or more: a path so folded has no dimension of this kind.
    """
    logs = np.log(close)
    length = rolling_sum(np.abs(logs - shift(logs, 1)), period)
    start = shift(logs, period)
    reach = np.maximum(rolling_max(logs, period + 1) - start, start - rolling_min(logs, period + 1))
    scale = np.log(float(period))
    with np.errstate(divide="ignore", invalid="ignore"):
        below = scale + np.log(ratio(reach, length))
        # A sum that is 0 but for its rounding would give a dimension of millions.
        return np.asarray(np.where(below > 1e-9, scale / below, np.nan))


COLUMNS: Mapping[str, ColumnDefinition] = {
    "hurst": ColumnDefinition(
        hurst,
        group=_GROUP,
        description="Hurst exponent of log prices over a window, by the spread of changes of 1, 2, 4, ... bars",
        formula="slope of log std(x - x[-k]) on log k, k = 1, 2, 4, ... period / 4",
        units="0..1",
        source="Hurst (1951), Trans. ASCE 116; generalised exponent of Di Matteo (2007), Quantitative Finance 7(1)",
        parameters=(whole("period", 100, low=16, high=_LONGEST),),
        warm_up=lambda period: period - 1,
        memory=lambda period: period - 1,
    ),
    "katz_dimension": ColumnDefinition(
        katz_dimension,
        group=_GROUP,
        description="Katz's fractal dimension of the path of log prices: 1 a straight line, higher is rougher",
        formula="log n / (log n + log(d / L))",
        units="1",
        source="Katz (1988), Computers in Biology and Medicine 18(3)",
        parameters=(whole("period", 50, low=4),),
        warm_up=lambda period: period,
        memory=lambda period: period,
    ),
}
