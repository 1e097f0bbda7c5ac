"""GARCH(1,1) and GJR by maximum likelihood on a training slice, with the starting variance one asks for."""

import math
from dataclasses import dataclass
from typing import Literal, final

import numpy as np
from scipy.optimize import minimize

from autonomous_trading.core import FloatArray, InvalidInput, unknown_name
from autonomous_trading.features.kernels._volatility import garch_variance

Start = Literal["residuals", "sample", "unconditional"]
_STARTS = ("residuals", "sample", "unconditional")
_LEAST = 50


@final
@dataclass(frozen=True, slots=True)
class GarchFit:
    """Parameters of GJR-GARCH(1,1) (gamma 0: GARCH) with a constant mean, and the normal log-likelihood."""

    mean: float
    omega: float
    alpha: float
    gamma: float
    beta: float
    log_likelihood: float

    @property
    def persistence(self) -> float:
        """alpha + gamma / 2 + beta: how much of a shock is left one bar later."""
        return self.alpha + 0.5 * self.gamma + self.beta


def fit_garch(returns: FloatArray, *, asymmetric: bool = False, start: Start | float = "residuals") -> GarchFit:
    """Maximum-likelihood parameters with normal errors. `returns` is a training slice [n], finite.

    `start` is the variance before the first return, and figures differ by it: "residuals" is the mean square of the
    residuals under the current mean (the benchmark of Fiorentini, Calzolari and Panattoni 1996), "sample" that of the
    residuals from the sample mean, "unconditional" omega / (1 - persistence), and a number that variance itself.
    Raises InvalidInput for too few or constant returns and a start that is no variance, UnknownName for another name of
    one. Source: Bollerslev (1986); Glosten, Jagannathan and Runkle (1993).
    """
    values = np.ascontiguousarray(returns, dtype=np.float64)
    if values.ndim != 1 or len(values) < _LEAST or not np.isfinite(values).all() or np.ptp(values) == 0.0:
        raise InvalidInput(
            f"{values.shape} returns cannot be fitted",
            fix=f"give at least {_LEAST} finite returns that are not all the same",
        )
    _check_start(start)
    scale = float(values.std())
    begin = start if isinstance(start, str) else start / (scale * scale)
    likelihood = _Likelihood(values / scale, asymmetric, begin)
    first = likelihood.guess()
    coarse = minimize(likelihood.negative, first, method="Nelder-Mead", options={"maxiter": 4000, "fatol": 1e-10})
    fine = minimize(likelihood.negative, coarse.x, method="BFGS", options={"gtol": 1e-9, "maxiter": 500})
    best = fine.x if fine.fun <= coarse.fun else coarse.x
    polished = minimize(
        likelihood.negative, best, method="Nelder-Mead", options={"maxiter": 8000, "fatol": 1e-13, "xatol": 1e-11}
    )
    mean, omega, alpha, gamma, beta = likelihood.parameters(polished.x)
    total = -float(polished.fun) - len(values) * math.log(scale)
    return GarchFit(mean * scale, omega * scale * scale, alpha, gamma, beta, total)


def _check_start(start: object) -> None:
    if isinstance(start, str):
        if start not in _STARTS:
            raise unknown_name("start", start, _STARTS)
    elif (
        isinstance(start, bool)
        or not isinstance(start, int | float | np.integer | np.floating)
        or not 0.0 < start < math.inf
    ):
        raise InvalidInput(
            f"the variance before the first return must be a number above 0, got {start!r}",
            fix='use "residuals", or a variance such as 0.0001',
        )


@final
class _Likelihood:
    """The normal log-likelihood of scaled returns in parameters that may be any real numbers."""

    def __init__(self, values: FloatArray, asymmetric: bool, start: Start | float) -> None:
        self._values = values
        self._asymmetric = asymmetric
        self._start = start
        self._sample = float(np.square(values - values.mean()).mean())
        self._variance = np.empty(len(values))

    def guess(self) -> FloatArray:
        """alpha 0.1, beta 0.8 and the sample variance."""
        gamma = [math.log(0.05)] if self._asymmetric else []
        return np.array([float(self._values.mean()), math.log(0.1 * self._sample), math.log(0.1), *gamma, _logit(0.8)])

    def parameters(self, point: FloatArray) -> tuple[float, float, float, float, float]:
        """mean, omega, alpha, gamma, beta; all but the mean are not negative, and beta is below 1."""
        numbers = [float(each) for each in point]
        gamma = math.exp(min(numbers[3], 5.0)) if self._asymmetric else 0.0
        omega, alpha = math.exp(min(numbers[1], 50.0)), math.exp(min(numbers[2], 5.0))
        return numbers[0], omega, alpha, gamma, 1.0 / (1.0 + math.exp(-min(max(numbers[-1], -50.0), 50.0)))

    def negative(self, point: FloatArray) -> float:
        """The negative log-likelihood; a large number where variances do not exist."""
        mean, omega, alpha, gamma, beta = self.parameters(point)
        shocks = self._values - mean
        garch_variance(shocks, omega, alpha, gamma, beta, self._first(point), self._variance)
        if not (np.isfinite(self._variance).all() and (self._variance > 0.0).all()):
            return 1e12
        terms = np.log(2.0 * math.pi) + np.log(self._variance) + np.square(shocks) / self._variance
        return 0.5 * float(terms.sum())

    def _first(self, point: FloatArray) -> float:
        """The variance of the first return."""
        mean, omega, alpha, gamma, beta = self.parameters(point)
        if not isinstance(self._start, str):
            return self._start
        if self._start == "sample":
            return self._sample
        if self._start == "residuals":
            return float(np.square(self._values - mean).mean())
        return omega / max(1.0 - alpha - 0.5 * gamma - beta, 1e-9)


def _logit(share: float) -> float:
    return math.log(share / (1.0 - share))
