"""GARCH and GJR variances filtered forward: given parameters, the variance that is expected for the next bar.

Parameters are arguments, not fitted here: fitting on the whole series would see the future. The long-run level is the
mean square of the returns so far (variance targeting), so a column needs no other number. `fit_garch` of
`features.volatility` fits the parameters on a training slice.
"""

import math
from collections.abc import Mapping

import numpy as np

from autonomous_trading.core import FloatArray, InvalidParameter
from autonomous_trading.features._definitions import ColumnDefinition, real
from autonomous_trading.features._primitives import log_change
from autonomous_trading.features.kernels._volatility import garch_with_target

SETTLE = 100
"""Bars before the long-run level is believed."""

_GROUP = "Volatility"


def garch_volatility(close: FloatArray, alpha: float, beta: float) -> FloatArray:
    """Volatility expected for the next bar by GARCH(1,1) with the mean square so far as long-run variance."""
    return _filtered(close, alpha, 0.0, beta)


def gjr_volatility(close: FloatArray, alpha: float, gamma: float, beta: float) -> FloatArray:
    """The same by GJR-GARCH(1,1), where falls count `gamma` more than rises."""
    return _filtered(close, alpha, gamma, beta)


def _filtered(close: FloatArray, alpha: float, gamma: float, beta: float) -> FloatArray:
    persistence = alpha + 0.5 * gamma + beta
    if persistence >= 1.0:
        raise InvalidParameter(
            f"a persistence of {persistence:g} (alpha + gamma / 2 + beta) has no long-run variance",
            fix="choose them so that they add up to less than 1",
        )
    out: FloatArray = np.empty(len(close))
    garch_with_target(log_change(close, 1), alpha, gamma, beta, 1, SETTLE, out)
    return np.asarray(np.sqrt(out))


COLUMNS: Mapping[str, ColumnDefinition] = {
    "garch_volatility": ColumnDefinition(
        garch_volatility,
        group=_GROUP,
        description="GARCH(1,1) volatility expected for the next bar, filtered forward, long-run level from the past",
        formula="sqrt((1 - alpha - beta) mean(r^2 so far) + alpha r^2 + beta v[-1])",
        units="log return per bar",
        source="Bollerslev (1986), J. Econometrics 31(3); variance targeting: Engle and Mezrich (1996), Risk 9(9)",
        parameters=(real("alpha", 0.08, 0.0, 0.999), real("beta", 0.9, 0.0, 0.999)),
        warm_up=1 + SETTLE,
        memory=None,
    ),
    "gjr_volatility": ColumnDefinition(
        gjr_volatility,
        group=_GROUP,
        description="GJR-GARCH(1,1) volatility expected for the next bar: falls raise it more than rises",
        formula="sqrt(omega + (alpha + gamma [r < 0]) r^2 + beta v[-1]), omega by variance targeting",
        units="log return per bar",
        source="Glosten, Jagannathan and Runkle (1993), J. Finance 48(5)",
        parameters=(real("alpha", 0.02, 0.0, 0.999), real("gamma", 0.12, 0.0, 1.0), real("beta", 0.9, 0.0, 0.999)),
        warm_up=1 + SETTLE,
        memory=None,
    ),
}


def garch_moments(omega: float, alpha: float, beta: float) -> dict[str, float]:
    """Closed forms of a normal GARCH(1,1) by name: variance, kurtosis, autocorrelation of squares, half-life.

    `autocorrelation_ratio` is that of one lag to the lag before, the half-life is in bars. Kurtosis is not excess, and
    infinite where the fourth moment does not exist. Source: Bollerslev (1986), J. Econometrics 31(3).

    >>> moments = garch_moments(0.05, 0.1, 0.85)
    >>> round(moments["variance"], 7), round(moments["kurtosis"], 7), round(moments["half_life"], 3)
    (1.0, 3.7741935, 13.513)
    """
    persistence = alpha + beta
    if omega <= 0.0 or alpha < 0.0 or beta < 0.0 or persistence >= 1.0:
        raise InvalidParameter(
            f"omega={omega:g}, alpha={alpha:g}, beta={beta:g} have no long-run variance",
            fix="omega above 0, alpha and beta not below 0, and alpha + beta below 1",
        )
    fourth = 1.0 - persistence * persistence - 2.0 * alpha * alpha
    top = alpha * (1.0 - alpha * beta - beta * beta)
    return {
        "variance": omega / (1.0 - persistence),
        "kurtosis": 3.0 * (1.0 - persistence * persistence) / fourth if fourth > 0.0 else math.inf,
        "first_autocorrelation": top / (1.0 - 2.0 * alpha * beta - beta * beta),
        "autocorrelation_ratio": persistence,
        "half_life": math.log(0.5) / math.log(persistence) if persistence > 0.0 else 0.0,
    }
