"""How much is lost in the bad tail: of returns that were seen, and of two distributions.

Value at risk is the loss that is exceeded with probability `tail`, conditional value at risk (expected shortfall) the
mean of the losses that bad or worse. Both are positive for losses, per period.

Sources: Acerbi and Tasche, "On the coherence of expected shortfall" (2002); McNeil, Frey and Embrechts, "Quantitative
Risk Management" (2015), section 2.3, for the closed forms.
"""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from autonomous_trading.core import FloatArray, InvalidInput

_NORMAL = NormalDist()


class TailRisk(NamedTuple):
    """Loss that is exceeded with the probability asked for, and the mean loss where it is reached."""

    value_at_risk: float
    conditional_value_at_risk: float


def tail_risk(returns: FloatArray, *, tail: float = 0.05) -> TailRisk:
    """Losses of returns [periods] that were seen: their quantile (linear between two), and the mean from there on.

    >>> tail_risk(np.array([0.01, -0.02, 0.03, -0.04, 0.05]), tail=0.25)
    TailRisk(value_at_risk=0.02, conditional_value_at_risk=0.03)
    """
    _check_tail(tail)
    if returns.ndim != 1 or not len(returns) or not bool(np.isfinite(returns).all()):
        raise InvalidInput(
            f"returns must be finite, [periods], got shape {returns.shape}", fix="leave out periods without a return"
        )
    quantile = float(np.quantile(returns, tail))
    return TailRisk(0.0 - quantile, 0.0 - float(returns[returns <= quantile].mean()))


def normal_tail_risk(*, tail: float = 0.05, mean: float = 0.0, deviation: float = 1.0) -> TailRisk:
    """Losses of normal returns.

    >>> [round(each, 7) for each in normal_tail_risk(tail=0.01)]
    [2.3263479, 2.6652142]
    """
    _check_tail(tail)
    _check_deviation(deviation)
    reach = -_NORMAL.inv_cdf(tail)
    return TailRisk(deviation * reach - mean, deviation * _NORMAL.pdf(reach) / tail - mean)


def student_tail_risk(
    freedom: float, *, tail: float = 0.05, mean: float = 0.0, deviation: float | None = None
) -> TailRisk:
    """Losses of returns with Student's distribution of so many degrees of `freedom` (more than 1).

    Without `deviation` at unit scale, as in tables; with it, returns have that standard deviation (freedom above 2).

    >>> [round(each, 7) for each in student_tail_risk(4, tail=0.01, deviation=1.0)]
    [2.6494919, 3.6915105]
    """
    from scipy import stats

    _check_tail(tail)
    least = 1.0 if deviation is None else 2.0
    if not (math.isfinite(freedom) and freedom > least):
        raise InvalidInput(f"freedom must be above {least:g}, got {freedom}", fix="use 4")
    scale = 1.0
    if deviation is not None:
        _check_deviation(deviation)
        scale = deviation * math.sqrt((freedom - 2.0) / freedom)
    reach = float(stats.t.isf(tail, freedom))
    beyond = float(stats.t.pdf(reach, freedom)) / tail * (freedom + reach * reach) / (freedom - 1.0)
    return TailRisk(scale * reach - mean, scale * beyond - mean)


def _check_tail(tail: float) -> None:
    if not 0.0 < tail < 1.0:
        raise InvalidInput(f"tail must lie between 0 and 1, got {tail}", fix="use 0.05 for 95 %")


def _check_deviation(deviation: float) -> None:
    if not (math.isfinite(deviation) and deviation > 0.0):
        raise InvalidInput(f"deviation must be above 0, got {deviation}", fix="pass the standard deviation per period")
