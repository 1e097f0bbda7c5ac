"""Simulated returns with a known Sharpe ratio, every interval of the validation room, and how often it holds the truth.

The truth is that of one period: mean over standard deviation of the process. Every interval sees the same histories.

An interval that always had the right length would hold the truth as often as it says; how often it does so by chance on
these histories is known from many more of them, and taken off (a control variate). That halves the Monte Carlo error.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple, final

import numpy as np
from scipy.signal import lfilter

from autonomous_trading.core import BoolArray, FloatArray
from autonomous_trading.validation import (
    bootstrapped_paths,
    sharpe_difference,
    sharpe_interval,
    sharpe_standard_error,
)

LENGTHS: Final = (500, 1_250, 2_500)
LEVELS: Final = np.array([0.90, 0.95])
SHARPE: Final = 0.05  # per day: 0.8 a year
REPETITIONS: Final = 199  # 200 x 0.90 and 200 x 0.95 are whole: no rank has to be rounded
VOLATILITY: Final = 0.01
NORMAL_REACH: Final = np.array([1.6448536269514722, 1.959963984540054])
_KNOWN: Final = 20_000
_PORTION: Final = 1_000
_BURN: Final = 500
_ALPHA, _BETA, _FREEDOM = 0.10, 0.85, 6.0
_CORRELATION: Final = 0.5  # of the two series whose Sharpe ratios are compared

Shocks = Callable[[np.random.Generator, int, int], FloatArray]


class Pairs(NamedTuple):
    """Returns of two series with the same Sharpe ratio, [simulations, periods]; the second is twice as volatile."""

    first: FloatArray
    second: FloatArray


@final
@dataclass(frozen=True, slots=True)
class Coverage:
    """Share of the histories whose interval held the truth, for each of LEVELS, and its Monte Carlo error."""

    interval: str
    assumes: str
    shares: tuple[float, ...]
    errors: tuple[float, ...]


def independent(rng: np.random.Generator, simulations: int, periods: int) -> FloatArray:
    """Normal shocks."""
    return rng.standard_normal((simulations, periods))


def autoregressive(rho: float) -> Shocks:
    """Normal shocks, each with the share `rho` of the one before."""

    def draw(rng: np.random.Generator, simulations: int, periods: int) -> FloatArray:
        shocks = rng.standard_normal((simulations, periods + _BURN)) * math.sqrt(1.0 - rho * rho)
        drawn: FloatArray = np.ascontiguousarray(lfilter([1.0], [1.0, -rho], shocks, axis=1)[:, _BURN:])
        return drawn

    return draw


def garch(rng: np.random.Generator, simulations: int, periods: int) -> FloatArray:
    """GARCH(1,1) with errors of Student's distribution."""
    shocks = rng.standard_t(_FREEDOM, (periods + _BURN, simulations)) * math.sqrt((_FREEDOM - 2.0) / _FREEDOM)
    variance = np.ones(simulations)
    for row in shocks:
        row *= np.sqrt(variance)
        variance = (1.0 - _ALPHA - _BETA) + _ALPHA * row * row + _BETA * variance
    return np.ascontiguousarray(shocks[_BURN:].T)


PROCESSES: Final[dict[str, Shocks]] = {
    "iid": independent,
    "AR(1) 0.1": autoregressive(0.1),
    "AR(1) 0.2": autoregressive(0.2),
    "GARCH-t": garch,
}
"""Shocks of mean 0 and variance 1, [simulations, periods]."""


def coverage(process: str, periods: int, simulations: int, *, paths: bool = True) -> list[Coverage]:
    """Of every interval on so many histories of a process; `paths`: of the quantiles of drawn paths, too (slow)."""
    alone, apart = _right_lengths(process, periods)
    held: dict[str, list[BoolArray]] = {
        name: [] for name in (*INTERVALS, "sharpe_difference") if paths or name != PATHS
    }
    right: tuple[list[BoolArray], list[BoolArray]] = ([], [])
    rng = np.random.default_rng(3)
    for first, second in _portions(process, periods, simulations, seed=1):
        right[0].append(_distance(first, SHARPE) <= alone)
        right[1].append(np.abs(_sharpe(first) - _sharpe(second))[:, np.newaxis] <= apart)
        for name, holds in INTERVALS.items():
            if name in held:
                held[name].append(np.array([holds(row, rng) for row in first]))
        held["sharpe_difference"].append(np.array([_not_told(*row, rng) for row in zip(first, second, strict=True)]))
    return [_corrected(name, held[name], right[name == "sharpe_difference"]) for name in held]


def _corrected(name: str, held: list[BoolArray], right: list[BoolArray]) -> Coverage:
    gap = np.concatenate(held).astype(np.float64) - np.concatenate(right)
    error = np.sqrt(gap.var(axis=0) / len(gap) + LEVELS * (1.0 - LEVELS) / _KNOWN)
    shares = LEVELS + gap.mean(axis=0)
    return Coverage(name, ASSUMES.get(name, ""), tuple(shares.tolist()), tuple(error.tolist()))


def _portions(process: str, periods: int, simulations: int, *, seed: int) -> Iterator[Pairs]:
    rng, draw = np.random.default_rng(seed), PROCESSES[process]
    for done in range(0, simulations, _PORTION):
        some = min(_PORTION, simulations - done)
        first, other = draw(rng, some, periods), draw(rng, some, periods)
        second = _CORRELATION * first + math.sqrt(1.0 - _CORRELATION**2) * other
        yield Pairs(VOLATILITY * (first + SHARPE), 2.0 * VOLATILITY * (second + SHARPE))


def _right_lengths(process: str, periods: int) -> tuple[FloatArray, FloatArray]:
    """How far estimates lie from the truth, and two of them from each other, in the share LEVELS of many histories."""
    alone, apart = [], []
    for first, second in _portions(process, periods, _KNOWN, seed=2):
        alone.append(_distance(first, SHARPE)[:, 0])
        apart.append(np.abs(_sharpe(first) - _sharpe(second)))
    return np.quantile(np.concatenate(alone), LEVELS), np.quantile(np.concatenate(apart), LEVELS)


def _sharpe(returns: FloatArray) -> FloatArray:
    sharpe: FloatArray = returns.mean(axis=1) / returns.std(axis=1, ddof=1)
    return sharpe


def _distance(returns: FloatArray, truth: float) -> FloatArray:
    return np.abs(_sharpe(returns) - truth)[:, np.newaxis]


def _not_told(first: FloatArray, second: FloatArray, rng: np.random.Generator) -> BoolArray:
    """Whether two equal Sharpe ratios are not told apart: an interval for their difference would hold 0."""
    p_value = sharpe_difference(first, second, rng=rng, repetitions=REPETITIONS).p_value
    held: BoolArray = p_value > 1.0 - LEVELS + 1e-9
    return held


def _studentised(returns: FloatArray, rng: np.random.Generator) -> BoolArray:
    seed = int(rng.integers(1 << 32))  # the same histories for all levels
    bounds = [
        sharpe_interval(returns, confidence=level, rng=np.random.default_rng(seed), repetitions=REPETITIONS)
        for level in LEVELS.tolist()
    ]
    return np.array([each.lower <= SHARPE <= each.upper for each in bounds])


def _kernel(returns: FloatArray, rng: np.random.Generator) -> BoolArray:
    del rng
    bounds = [sharpe_interval(returns, confidence=level, method="kernel") for level in LEVELS.tolist()]
    return np.array([each.lower <= SHARPE <= each.upper for each in bounds])


def _quantiles(returns: FloatArray, rng: np.random.Generator) -> BoolArray:
    drawn = np.sort(bootstrapped_paths(returns, paths=REPETITIONS, rng=rng).values["sharpe_ratio"])
    # Whole ranks of the paths and the record together: what a quantile of many more paths would give.
    ranks = np.rint((REPETITIONS + 1) * (1.0 - LEVELS) / 2.0).astype(np.int64)
    held: BoolArray = (drawn[ranks - 1] <= SHARPE) & (drawn[-ranks] >= SHARPE)
    return held


def _normal(returns: FloatArray, rng: np.random.Generator) -> BoolArray:
    del rng
    return _of_error(returns, sharpe_standard_error(returns, method="normal"))


def _moments(returns: FloatArray, rng: np.random.Generator) -> BoolArray:
    del rng
    return _of_error(returns, sharpe_standard_error(returns, method="moments"))


def _of_error(returns: FloatArray, error: float) -> BoolArray:
    held: BoolArray = abs(float(returns.mean() / returns.std(ddof=1)) - SHARPE) <= NORMAL_REACH * error
    return held


PATHS: Final = "bootstrapped_paths, quantiles"
INTERVALS: Final[dict[str, Callable[[FloatArray, np.random.Generator], BoolArray]]] = {
    "sharpe_interval, studentised": _studentised,
    "sharpe_interval, kernel": _kernel,
    PATHS: _quantiles,
    "standard error, normal": _normal,
    "standard error, moments": _moments,
}
"""Whether the truth lies inside, for each of LEVELS, from the returns of one history."""
ASSUMES: Final = {"standard error, normal": "independence", "standard error, moments": "independence"}
