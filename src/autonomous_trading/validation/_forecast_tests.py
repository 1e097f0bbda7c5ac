"""Which of two forecasts is better, where their errors are few and depend on each other.

Sources: Diebold and Mariano, "Comparing Predictive Accuracy" (1995); Harvey, Leybourne and Newbold, "Testing the
equality of prediction mean squared errors" (1997).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from autonomous_trading.core import FloatArray, InvalidInput


class DieboldMariano(NamedTuple):
    """Mean loss of the first forecast minus that of the second, its statistic, and the two-sided p-value of "equal"."""

    difference: float
    statistic: float
    p_value: float


def diebold_mariano(first: FloatArray, second: FloatArray, *, horizon: int = 1) -> DieboldMariano:
    """Whether the losses [periods] of two forecasts differ; a negative statistic speaks for the first.

    Forecasts `horizon` periods ahead have errors that depend on the horizon - 1 before. The statistic is corrected for
    the number of periods and compared with Student's distribution (Harvey, Leybourne and Newbold). Not for nested
    models, whose losses become equal under the null. NaN where the losses never differ, or where the variance that the
    few periods show is not positive.

    >>> losses = np.random.default_rng(0).normal(size=(2, 200)) ** 2
    >>> diebold_mariano(losses[0], losses[0] + losses[1]).p_value < 0.001
    True
    """
    from scipy import stats

    if (
        first.ndim != 1
        or first.shape != second.shape
        or not bool(np.isfinite(first).all() and np.isfinite(second).all())
    ):
        raise InvalidInput(
            f"both losses must be finite and of the same periods, got shapes {first.shape} and {second.shape}",
            fix="leave out periods that one of them does not have",
        )
    n = len(first)
    if not 1 <= horizon < n / 2:
        raise InvalidInput(
            f"horizon must lie between 1 and half of the {n} periods, got {horizon}", fix="bring more periods"
        )
    gap = first - second
    difference = float(gap.mean())
    centred = gap - difference
    products = [float(centred[lag:] @ centred[: n - lag]) / n for lag in range(horizon)]
    variance = (2.0 * sum(products) - products[0]) / n
    dust = (4.0 * np.finfo(np.float64).eps * float(np.max(np.abs(gap)))) ** 2
    if variance <= dust:
        return DieboldMariano(difference, math.nan, math.nan)
    statistic = difference / math.sqrt(variance) * small_sample_factor(n, horizon)
    return DieboldMariano(difference, statistic, 2.0 * float(stats.t.sf(abs(statistic), n - 1)))


def small_sample_factor(n: int, horizon: int) -> float:
    """What the statistic of Diebold and Mariano is multiplied with, so that it keeps its size on few periods.

    >>> round(small_sample_factor(100, 1), 7)
    0.9949874
    """
    return math.sqrt((n + 1.0 - 2.0 * horizon + horizon * (horizon - 1.0) / n) / n)
