"""Does the best of many sets earn more than a benchmark, given that so many were tried?

The blocks are drawn by the library arch, and the p-values are those of its SPA with the same blocks. What a drawn
history is worth to every set is one row of a product of matrices (how often each period was drawn, times the returns),
and variances come from a Fourier transform: seconds become tenths of them.

Sources: White, "A Reality Check for Data Snooping" (2000); Hansen, "A Test for Superior Predictive Ability" (2005).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from autonomous_trading.core import FloatArray, InvalidInput
from autonomous_trading.validation._block_bootstrap import block_length as suitable_length

REPETITIONS = 1_000
_HISTORIES_AT_ONCE = 256
_COLUMNS_FOR_BLOCKS = 25


class SuperiorPredictiveAbility(NamedTuple):
    """P-values of "none is better than the benchmark": Hansen's three bounds, and White's reality check."""

    lower: float
    consistent: float
    upper: float
    reality_check: float


def superior_predictive_ability(
    returns: FloatArray,
    benchmark: FloatArray | None = None,
    *,
    seed: int = 0,
    block_length: int | None = None,
    repetitions: int = REPETITIONS,
    studentized: bool = False,
) -> SuperiorPredictiveAbility:
    """Whether the best of many sets earns more than a benchmark, by a bootstrap that knows how many were tried.

    `returns` [periods, sets] of every set, `benchmark` [periods] (default: nothing, cash). Blocks are drawn by the
    stationary bootstrap, as long as suits the middle one of the sets where nothing is given. One-sided p-values.

    `studentized` compares each set in its own standard errors, as Hansen does, so that a set with large swings cannot
    drown the others. Without it the statistic is the largest mean, as in the library arch, whose own `studentize` only
    decides which sets are centred. The reality check is never studentised.
    """
    better = beyond_benchmark(returns, benchmark)
    better = better[:, np.ptp(better, axis=0) > 0.0]  # one that is the benchmark has nothing to bootstrap
    if not better.shape[1]:
        ahead = bool(np.any(beyond_benchmark(returns, benchmark) > 0.0))
        return SuperiorPredictiveAbility(*(4 * (float(not ahead),)))
    n = len(better)
    block = block_of(block_length, better)
    mean, variance = better.mean(axis=0), _long_run_variance(better, block)
    drawn = _drawn_means(better, block, repetitions, seed)
    far_below = mean < -np.sqrt(variance / n * 2.0 * math.log(math.log(n)))
    centres = (np.maximum(mean, 0.0), np.where(far_below, 0.0, mean), mean)
    reality_check = _p_value(drawn - mean, mean)
    if not studentized:
        found = [_p_value(drawn - centre, mean) for centre in centres]
        return SuperiorPredictiveAbility(found[0], found[1], found[2], reality_check)
    scale = np.sqrt(np.maximum(variance, np.finfo(np.float64).tiny) / n)
    # What was seen is one of the histories that could have been: a p-value is never zero (Phipson and Smyth 2010).
    found = [
        (_p_value((drawn - centre) / scale, mean / scale) * repetitions + 1.0) / (repetitions + 1.0)
        for centre in centres
    ]
    return SuperiorPredictiveAbility(found[0], found[1], found[2], reality_check)


def beyond_benchmark(returns: FloatArray, benchmark: FloatArray | None) -> FloatArray:
    """Returns of every set less those of the benchmark, [periods, sets]. Raises InvalidInput."""
    if returns.ndim != 2 or returns.shape[1] < 2 or len(returns) < 10 or not bool(np.isfinite(returns).all()):
        raise InvalidInput(
            f"returns must be finite, [periods, sets], of two sets and ten periods or more, got shape {returns.shape}",
            fix="pass the returns of every set that was tried, one column each",
        )
    held = np.zeros(len(returns)) if benchmark is None else benchmark
    if held.shape != (len(returns),) or not bool(np.isfinite(held).all()):
        raise InvalidInput(
            f"the benchmark must be finite and have {len(returns)} periods, got shape {held.shape}",
            fix="pass its returns on the same periods",
        )
    return returns - held[:, np.newaxis]


def block_of(length: int | None, gains: FloatArray) -> int:
    """The length asked for, or the middle one of those that suit the sets [periods, sets]: longer reject too often.

    Raises InvalidInput for a length that is no part of the periods.
    """
    n, sets = gains.shape
    if length is None:
        looked_at = np.unique(np.linspace(0, sets - 1, _COLUMNS_FOR_BLOCKS).astype(np.int64))
        return math.ceil(
            float(
                np.median([suitable_length(gains[:, each], scheme="stationary", squares=False) for each in looked_at])
            )
        )
    if not 1 <= length < n:
        raise InvalidInput(f"block_length must lie between 1 and {n - 1}, got {length}", fix="leave it out")
    return length


def _p_value(centred: FloatArray, statistics: FloatArray) -> float:
    """Share of the drawn histories whose largest statistic [histories, sets] is above the largest that was seen."""
    return float(np.mean(centred.max(axis=1) > statistics.max()))


def _drawn_means(better: FloatArray, block: int, repetitions: int, seed: int) -> FloatArray:
    """Mean of every set in every drawn history, [histories, sets]."""
    from arch.bootstrap import StationaryBootstrap

    n = len(better)
    drawn = np.empty((repetitions, better.shape[1]))
    counts = np.empty((min(_HISTORIES_AT_ONCE, repetitions), n))
    histories = StationaryBootstrap(block, np.arange(n), seed=seed).bootstrap(repetitions)
    first = 0
    while first < repetitions:
        some = min(len(counts), repetitions - first)
        for row in range(some):
            (index,), _ = next(histories)
            counts[row] = np.bincount(np.asarray(index), minlength=n)
        np.matmul(counts[:some], better, out=drawn[first : first + some])
        first += some
    drawn /= n
    return drawn


def _long_run_variance(better: FloatArray, block: int) -> FloatArray:
    """Variance of sqrt(n) times the mean of each set under the stationary bootstrap (Politis and Romano 1994)."""
    from scipy import fft

    n = len(better)
    centred = better - better.mean(axis=0)
    size = fft.next_fast_len(2 * n, real=True)
    lags = np.arange(1, n)
    stays = 1.0 - 1.0 / block
    kappa = (1.0 - lags / n) * stays**lags + (lags / n) * stays ** (n - lags)
    weights = np.concatenate([[1.0], 2.0 * kappa]) / n
    variance = np.empty(better.shape[1])
    step = max(1, (1 << 22) // size)
    for low in range(0, len(variance), step):
        power = np.abs(fft.rfft(centred[:, low : low + step], size, axis=0)) ** 2
        variance[low : low + step] = weights @ fft.irfft(power, size, axis=0)[:n]
    return np.maximum(variance, 0.0)
