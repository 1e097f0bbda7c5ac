"""The parts of a HAR forecast: variance of the last bar, week and month in logarithms, and leverage.

A regression on them (log-HAR with leverage) is the bar that other volatility forecasts have to beat.
"""

from collections.abc import Mapping

import numpy as np

from autonomous_trading.core import FloatArray
from autonomous_trading.features._definitions import ColumnDefinition, whole
from autonomous_trading.features._primitives import log_change, rolling_mean, together
from autonomous_trading.features.volatility._ranges import garman_klass_variance

_GROUP = "Volatility"


def har(
    opening: FloatArray, high: FloatArray, low: FloatArray, close: FloatArray, week: int, month: int
) -> tuple[FloatArray, ...]:
    """Logarithm of the Garman-Klass variance of the last bar, and of its means over a week and a month of bars."""
    variance = garman_klass_variance(opening, high, low, close)
    means = (variance, rolling_mean(variance, week), rolling_mean(variance, month))
    return together(tuple(_log(each) for each in means), max(week, month) - 1)


def leverage(close: FloatArray, week: int, month: int) -> tuple[FloatArray, ...]:
    """Falls of the last bar, week and month: min(0, mean log return), which raise volatility more than rises do."""
    returns = log_change(close, 1)
    means = (returns, rolling_mean(returns, week), rolling_mean(returns, month))
    return together(tuple(np.minimum(each, 0.0) for each in means), max(week, month))


def _log(variance: FloatArray) -> FloatArray:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.log(np.where(variance > 0.0, variance, np.nan))


_SPANS = (whole("week", 5), whole("month", 22))

COLUMNS: Mapping[str, ColumnDefinition] = {
    "har": ColumnDefinition(
        har,
        group=_GROUP,
        description="Logarithmic range variance of the last bar, week and month: the regressors of log-HAR",
        formula="log(GK), log(mean(GK, week)), log(mean(GK, month))",
        units="log variance",
        source="Corsi (2009), J. Financial Econometrics 7(2)",
        inputs=("open", "high", "low", "close"),
        parameters=_SPANS,
        outputs=("day", "week", "month"),
        warm_up=lambda week, month: max(week, month) - 1,
        memory=lambda week, month: max(week, month) - 1,
    ),
    "leverage": ColumnDefinition(
        leverage,
        group=_GROUP,
        description="Negative part of the mean log return of the last bar, week and month",
        formula="min(0, r), min(0, mean(r, week)), min(0, mean(r, month))",
        units="log return per bar",
        source="Corsi and Reno (2012), J. Business and Economic Statistics 30(3), LHAR",
        parameters=_SPANS,
        outputs=("day", "week", "month"),
        warm_up=max,
        memory=max,
    ),
}
