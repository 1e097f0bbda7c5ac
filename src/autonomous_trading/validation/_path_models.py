"""Models that draw return histories which could have happened: fitted once, asked for thousands of paths.

A `PathModel` is the port: whatever is fitted to returns and draws others like them fits in, a generative network too.
The three here keep more and more of what returns look like:

    BlockBootstrap   the returns themselves, in blocks
    GarchPaths       clusters of volatility, with the residuals of the record (its tails and its skew)
    RegimePaths      calm and turbulent times that follow each other, each with a mean and a volatility of its own
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import final

import numpy as np

from autonomous_trading.core import FloatArray, InvalidInput
from autonomous_trading.validation._block_bootstrap import BlockScheme, block_indices, block_length
from autonomous_trading.validation._regime_probabilities import two_state_passes

_LEAST = 100
_ITERATIONS = 200
_TOLERANCE = 1e-7
_PERCENT = 100.0
_FOURTH_MOMENT = 0.99  # alpha, beta and the kurtosis of residuals; at 1 and above returns have no kurtosis


class PathModel(ABC):
    """Fitted to simple returns per period when it is made; the same generator gives the same paths."""

    @abstractmethod
    def draw(self, paths: int, periods: int, rng: np.random.Generator) -> FloatArray:
        """Simple returns [paths, periods] of histories that are independent of each other."""


@final
class BlockBootstrap(PathModel):
    """The returns of the record, drawn again in blocks; `length` from the data where nothing is given."""

    def __init__(self, returns: FloatArray, *, scheme: BlockScheme = "stationary", length: float | None = None) -> None:
        _check(returns, least=8)
        self._returns = returns
        self._scheme: BlockScheme = scheme
        self.length = block_length(returns, scheme=scheme) if length is None else length

    def draw(self, paths: int, periods: int, rng: np.random.Generator) -> FloatArray:
        index = block_indices(len(self._returns), paths, self.length, rng, scheme=self._scheme, size=periods)
        drawn: FloatArray = self._returns[index]
        return drawn


@final
class GarchPaths(PathModel):
    """GARCH(1,1) with t-distributed errors, fitted by arch; what is drawn are its own standardised residuals.

    Paths start at the variance the record ended with, return to that of the whole record, and have its mean.
    Persistence is as estimated, but so that returns keep a finite kurtosis: estimates lie so near to 1 that paths of
    years would otherwise leave everything that was ever seen. Raises InvalidInput where no model fits.

    Source: Bollerslev (1987); filtered historical simulation of Barone-Adesi, Giannopoulos and Vosper (1999).
    """

    def __init__(self, returns: FloatArray) -> None:
        from arch import arch_model

        _check(returns, least=_LEAST)
        found = arch_model(returns * _PERCENT, mean="Constant", vol="GARCH", p=1, q=1, dist="t").fit(
            disp="off", show_warning=False
        )
        residuals = np.asarray(found.std_resid, dtype=np.float64)
        self._residuals = (residuals - residuals.mean()) / residuals.std()
        self.mean, self.alpha = float(returns.mean()), float(found.params["alpha[1]"])
        spread = (float(np.mean(self._residuals**4)) - 1.0) * self.alpha**2
        bound = math.sqrt(max(_FOURTH_MOMENT - spread, 0.0)) - self.alpha
        self.beta = min(float(found.params["beta[1]"]), bound)
        if found.convergence_flag or self.beta < 0.0:
            raise InvalidInput("no GARCH fits these returns", fix="use BlockBootstrap, which needs no model")
        self.omega = float(returns.var()) * _PERCENT**2 * (1.0 - self.alpha - self.beta)
        last = float(found.conditional_volatility[-1])
        self._variance = self.omega + self.alpha * float(found.resid[-1]) ** 2 + self.beta * last**2

    def draw(self, paths: int, periods: int, rng: np.random.Generator) -> FloatArray:
        shocks = self._residuals[rng.integers(len(self._residuals), size=(periods, paths))]
        variance = np.full(paths, self._variance)
        for row in shocks:
            row *= np.sqrt(variance)
            variance = self.omega + self.alpha * row * row + self.beta * variance
        drawn: FloatArray = np.ascontiguousarray(shocks.T / _PERCENT + self.mean)
        return np.maximum(drawn, -1.0, out=drawn)


@final
class RegimePaths(PathModel):
    """Two regimes, calm first, that follow each other as a Markov chain, with normal returns of their own.

    `means`, `deviations` [2] per period, `stays` [2]: the probability that a regime goes on. Fitted by expectation
    maximisation from a split by volatility; it uses the whole record and is for drawing paths, not for trading.

    Source: Hamilton (1989); Baum, Petrie, Soules and Weiss (1970).
    """

    def __init__(self, returns: FloatArray) -> None:
        _check(returns, least=_LEAST)
        scale = float(returns.std())
        values = returns / scale
        size = np.abs(values - values.mean())
        turbulent = size > np.quantile(size, 0.75)
        means = np.array([values[~turbulent].mean(), values[turbulent].mean()])
        deviations = np.maximum([values[~turbulent].std(), values[turbulent].std()], 1e-3)
        chain = np.array([[0.95, 0.05], [0.1, 0.9]])
        weights, pairs, likelihood = _expected(values, means, deviations, chain)
        for _ in range(_ITERATIONS):
            before = likelihood
            total = weights.sum(axis=0)
            means = weights.T @ values / total
            spread = (values[:, np.newaxis] - means) ** 2
            deviations = np.maximum(np.sqrt((weights * spread).sum(axis=0) / total), 1e-3)
            chain = pairs / pairs.sum(axis=1, keepdims=True)
            weights, pairs, likelihood = _expected(values, means, deviations, chain)
            if likelihood - before < _TOLERANCE * len(values):
                break
        order = np.argsort(deviations)
        self.means, self.deviations = means[order] * scale, deviations[order] * scale
        self.stays = np.diag(chain)[order]
        self._last = weights[-1][order]

    def draw(self, paths: int, periods: int, rng: np.random.Generator) -> FloatArray:
        regime = (rng.random(paths) < self._last[1]).astype(np.int64)
        drawn = rng.standard_normal((periods, paths))
        change = rng.random((periods, paths))
        for row, chance in zip(drawn, change, strict=True):
            regime = np.where(chance < self.stays[regime], regime, 1 - regime)
            row *= self.deviations[regime]
            row += self.means[regime]
        result: FloatArray = np.ascontiguousarray(drawn.T)
        return np.maximum(result, -1.0, out=result)


def _expected(
    values: FloatArray, means: FloatArray, deviations: FloatArray, chain: FloatArray
) -> tuple[FloatArray, FloatArray, float]:
    """Probability of each regime at each time, expected transitions, and the log-likelihood: forward and backward."""
    distance = (values[:, np.newaxis] - means) / deviations
    # Never exactly zero: a return that no regime explains must not stop the recursion.
    density = np.maximum(np.exp(-0.5 * distance * distance) / deviations, 1e-300)
    forward, backward, scale = np.empty((len(values), 2)), np.empty((len(values), 2)), np.empty(len(values))
    two_state_passes(density, chain, forward, backward, scale)
    reached = density[1:] * backward[1:] / scale[1:, np.newaxis]
    return forward * backward, chain * (forward[:-1].T @ reached), float(np.log(scale).sum())


def _check(returns: FloatArray, *, least: int) -> None:
    if returns.ndim != 1 or len(returns) < least or not bool(np.isfinite(returns).all()):
        raise InvalidInput(
            f"a model of paths needs {least} finite returns or more, got {returns.shape}", fix="bring more data"
        )
    if float(np.ptp(returns)) == 0.0:
        raise InvalidInput("the returns never change, so there is nothing to draw", fix="pass returns that vary")
