"""The four numbers of a return series that decide how far its Sharpe ratio can be trusted."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from autonomous_trading.core import FloatArray


class ReturnMoments(NamedTuple):
    """Sharpe ratio per bar, how many bars it was seen on, and the shape of the returns behind it.

    `kurtosis` is not excess: the normal distribution has 3.
    """

    sharpe: float
    n: int
    skew: float = 0.0
    kurtosis: float = 3.0


def return_moments(returns: FloatArray) -> ReturnMoments:
    """Moments of simple returns per bar.

    The Sharpe ratio has ddof 1 and no risk-free rate, skew and kurtosis are those of the population. A
    series that never moves, is not finite, or has fewer than two bars has no Sharpe ratio: `sharpe` is NaN.

    >>> return_moments(np.array([0.01, -0.01, 0.02, 0.02])).n
    4
    """
    n = int(returns.size)
    if n < 2 or not bool(np.isfinite(returns).all()):
        return ReturnMoments(math.nan, n)
    centred = returns - returns.mean()
    variance = float(np.mean(centred**2))
    # A constant series keeps rounding dust around its mean: that is not risk.
    dust = (4.0 * np.finfo(np.float64).eps * float(np.max(np.abs(returns)))) ** 2
    if variance <= dust:
        return ReturnMoments(math.nan, n)
    sharpe = float(returns.mean()) / math.sqrt(variance * n / (n - 1))
    # In units of the deviation: powers of tiny returns would underflow.
    standard = centred / math.sqrt(variance)
    skew, kurtosis = float(np.mean(standard**3)), float(np.mean(standard**4))
    return ReturnMoments(sharpe, n, skew, kurtosis)
