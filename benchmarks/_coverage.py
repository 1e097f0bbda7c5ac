"""Simulated returns with a known Sharpe ratio, every interval of the validation room, and how often it holds the truth.

The truth is that of one period: mean over standard deviation of the process. One seed draws all histories of a process
at once, [simulations, periods]; every interval sees the same ones.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final, NamedTuple, final

import numpy as np
from scipy.signal import lfilter

from autonomous_trading.core import FloatArray
from autonomous_trading.validation import (
    bootstrapped_paths,
    sharpe_difference,
    sharpe_interval,
    sharpe_standard_error,
)

LENGTHS: Final = (500, 1_250, 2_500)
LEVELS: Final = (0.90, 0.95)
SHARPE: Final = 0.05  # per day: 0.8 a year
REPETITIONS: Final = 199  # 200 x 0.90 and 200 x 0.95 are whole: no rank has to be rounded
VOLATILITY: Final = 0.01
_BURN: Final = 500
_ALPHA, _BETA, _FREEDOM = 0.10, 0.85, 6.0
_CORRELATION: Final = 0.5  # of the two series whose Sharpe ratios are compared
_NORMAL: Final = NormalDist()


class Bounds(NamedTuple):
    """Lower and upper bound for each of LEVELS."""

    lower: tuple[float, ...]
    upper: tuple[float, ...]


@final
@dataclass(frozen=True, slots=True)
class Coverage:
    """Share of the histories whose interval held the truth, for each of LEVELS."""

    interval: str
    assumes: str
    shares: tuple[float, ...]


def independent(rng: np.random.Generator, simulations: int, periods: int) -> FloatArray:
    """Normal shocks of variance 1."""
    return rng.standard_normal((simulations, periods))


def autoregressive(rho: float) -> Callable[[np.random.Generator, int, int], FloatArray]:
    """Normal returns of variance 1, each with the share `rho` of the one before."""

    def draw(rng: np.random.Generator, simulations: int, periods: int) -> FloatArray:
        shocks = rng.standard_normal((simulations, periods + _BURN)) * math.sqrt(1.0 - rho * rho)
        drawn: FloatArray = np.ascontiguousarray(lfilter([1.0], [1.0, -rho], shocks, axis=1)[:, _BURN:])
        return drawn

    return draw


def garch(rng: np.random.Generator, simulations: int, periods: int) -> FloatArray:
    """GARCH(1,1) of variance 1 with errors of Student's distribution."""
    shocks = rng.standard_t(_FREEDOM, (periods + _BURN, simulations)) * math.sqrt((_FREEDOM - 2.0) / _FREEDOM)
    variance = np.ones(simulations)
    for row in shocks:
        row *= np.sqrt(variance)
        variance = (1.0 - _ALPHA - _BETA) + _ALPHA * row * row + _BETA * variance
    return np.ascontiguousarray(shocks[_BURN:].T)


PROCESSES: Final[dict[str, Callable[[np.random.Generator, int, int], FloatArray]]] = {
    "iid": independent,
    "AR(1) 0.1": autoregressive(0.1),
    "AR(1) 0.2": autoregressive(0.2),
    "GARCH-t": garch,
}
"""Shocks of mean 0 and variance 1, [simulations, periods]."""


def coverage(process: str, periods: int, simulations: int) -> list[Coverage]:
    """Of every interval on so many histories of a process."""
    first, second = (PROCESSES[process](np.random.default_rng(seed), simulations, periods) for seed in (1, 2))
    # Two series with the same Sharpe ratio, one twice as volatile, that have half of their shocks in common.
    second = 2.0 * (_CORRELATION * first + math.sqrt(1.0 - _CORRELATION**2) * second + SHARPE)
    returns = VOLATILITY * (first + SHARPE)
    second = second * VOLATILITY
    rng = np.random.default_rng(3)
    found = [Coverage(name, assumes, _held(make, returns, rng)) for name, assumes, make in INTERVALS]
    told = np.array(
        [
            sharpe_difference(a, b, rng=rng, repetitions=REPETITIONS).p_value
            for a, b in zip(returns, second, strict=True)
        ]
    )
    equal = tuple(float(np.mean(told > 1.0 - level + 1e-9)) for level in LEVELS)
    return [*found, Coverage("sharpe_difference", "", equal)]


def error(level: float, simulations: int) -> float:
    """Standard error of a share that is `level`, from so many simulations."""
    return math.sqrt(level * (1.0 - level) / simulations)


def _held(
    make: Callable[[FloatArray, np.random.Generator], Bounds], returns: FloatArray, rng: np.random.Generator
) -> tuple[float, ...]:
    bounds = np.array([make(row, rng) for row in returns])  # [simulations, lower or upper, levels]
    held = (bounds[:, 0] <= SHARPE) & (bounds[:, 1] >= SHARPE)
    return tuple(held.mean(axis=0).tolist())


def _studentised(returns: FloatArray, rng: np.random.Generator) -> Bounds:
    seed = int(rng.integers(1 << 32))  # the same histories for both levels
    found = [
        sharpe_interval(returns, confidence=level, rng=np.random.default_rng(seed), repetitions=REPETITIONS)
        for level in LEVELS
    ]
    return Bounds(tuple(each.lower for each in found), tuple(each.upper for each in found))


def _kernel(returns: FloatArray, rng: np.random.Generator) -> Bounds:
    del rng
    found = [sharpe_interval(returns, confidence=level, method="kernel") for level in LEVELS]
    return Bounds(tuple(each.lower for each in found), tuple(each.upper for each in found))


def _quantiles(returns: FloatArray, rng: np.random.Generator) -> Bounds:
    drawn = np.sort(bootstrapped_paths(returns, paths=REPETITIONS, rng=rng).values["sharpe_ratio"])
    # Whole ranks of the paths and the record together: what a quantile of many more paths would give.
    ranks = [round((REPETITIONS + 1) * (1.0 - level) / 2.0) for level in LEVELS]
    return Bounds(tuple(drawn[rank - 1] for rank in ranks), tuple(drawn[-rank] for rank in ranks))


def _normal(returns: FloatArray, rng: np.random.Generator) -> Bounds:
    del rng
    return _of_errors(returns, sharpe_standard_error(returns, method="normal"))


def _moments(returns: FloatArray, rng: np.random.Generator) -> Bounds:
    del rng
    return _of_errors(returns, sharpe_standard_error(returns, method="moments"))


def _of_errors(returns: FloatArray, standard_error: float) -> Bounds:
    estimate = float(returns.mean() / returns.std(ddof=1))
    reach = [standard_error * _NORMAL.inv_cdf(0.5 + level / 2.0) for level in LEVELS]
    return Bounds(tuple(estimate - each for each in reach), tuple(estimate + each for each in reach))


INTERVALS: Final[tuple[tuple[str, str, Callable[[FloatArray, np.random.Generator], Bounds]], ...]] = (
    ("sharpe_interval, studentised", "", _studentised),
    ("sharpe_interval, kernel", "", _kernel),
    ("bootstrapped_paths, quantiles", "", _quantiles),
    ("standard error, normal", "independence", _normal),
    ("standard error, moments", "independence", _moments),
)
"""Name, what it assumes of the returns, and its bounds."""
