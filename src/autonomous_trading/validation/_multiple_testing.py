"""Many were tried: which of them would still stand out if all of them were worthless?

Sharpe ratios are per period, p-values are two-sided unless said otherwise.

Sources: Benjamini and Hochberg (1995); Benjamini and Yekutieli (2001); Harvey and Liu, "Backtesting" (2015); Romano and
Wolf, "Stepwise Multiple Testing as Formalized Data Snooping" (2005); Hansen, Lunde and Nason, "The Model Confidence
Set" (2011). The last two are computed by the library arch.
"""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

import numpy as np

from autonomous_trading.core import BoolArray, FloatArray, IntArray, InvalidInput, unknown_name
from autonomous_trading.validation._superior_ability import REPETITIONS, beyond_benchmark, block_of

Haircut = Literal["bonferroni", "holm", "bhy"]
_HAIRCUTS = ("bonferroni", "holm", "bhy")


class Discoveries(NamedTuple):
    """P-values adjusted for their number, and which of them are discoveries at the rate asked for."""

    adjusted: FloatArray
    found: BoolArray


class HaircutSharpe(NamedTuple):
    """What is left of the best Sharpe ratio: `sharpe` per period, its p-value before and after, the share cut off."""

    sharpe: float
    p_value: float
    adjusted_p_value: float
    haircut: float


class ConfidenceSet(NamedTuple):
    """The models that cannot be told from the best one, and the p-value of every model."""

    included: IntArray
    p_values: FloatArray


def benjamini_hochberg(p_values: FloatArray, *, rate: float = 0.05, dependent: bool = False) -> Discoveries:
    """Which of many p-values are discoveries, so that at most a share `rate` of those is expected to be false.

    For independent or positively dependent tests; `dependent` holds for any dependence (Benjamini and Yekutieli).

    >>> benjamini_hochberg(np.array([0.01, 0.02, 0.03, 0.5])).found.tolist()
    [True, True, True, False]
    """
    from scipy import stats

    _check_share("rate", rate)
    if not len(p_values) or not bool(np.all((p_values >= 0.0) & (p_values <= 1.0))):
        raise InvalidInput("p-values must lie between 0 and 1, and there must be one", fix="leave out what has none")
    adjusted: FloatArray = stats.false_discovery_control(p_values, method="by" if dependent else "bh")
    return Discoveries(adjusted, adjusted <= rate)


def haircut_sharpe(
    sharpes: FloatArray, n: int, *, n_trials: int | None = None, method: Haircut = "bhy"
) -> HaircutSharpe:
    """The best of many Sharpe ratios seen on `n` periods, cut to what its p-value is worth among so many tests.

    `sharpes`: of every set that was tried. `n_trials` counts those that are not in it, too: they stand for tests that
    found nothing. Bonferroni and Holm bound the chance of one false discovery, "bhy" the share of false ones. A Sharpe
    ratio that is not above zero is cut to nothing.

    >>> round(haircut_sharpe(np.array([0.0, 0.01, 0.1]), 2500, method="bonferroni").haircut, 3)
    0.044
    """
    from scipy import stats

    if method not in _HAIRCUTS:
        raise unknown_name("method", method, _HAIRCUTS)
    known = sharpes[np.isfinite(sharpes)]
    tests = len(known) if n_trials is None else n_trials
    if n < 3 or not len(known) or tests < len(known):
        raise InvalidInput(
            f"a haircut needs a Sharpe ratio of three periods or more, and n_trials of at least {len(known)},"
            f" got {n} periods and n_trials={tests}",
            fix="count every evaluated set",
        )
    p_values = 2.0 * stats.t.sf(np.abs(known) * math.sqrt(n), n - 1)
    winner = int(np.argmax(known))
    everything = np.concatenate([p_values, np.ones(tests - len(known))])
    adjusted = float(_adjusted(everything, method)[winner])
    best, before = float(known[winner]), float(p_values[winner])
    if best <= 0.0:
        return HaircutSharpe(0.0, before, 1.0, 1.0)
    left = float(stats.t.isf(adjusted / 2.0, n - 1)) / math.sqrt(n)
    return HaircutSharpe(left, before, adjusted, 1.0 - left / best)


def superior_sets(
    returns: FloatArray,
    benchmark: FloatArray | None = None,
    *,
    size: float = 0.05,
    seed: int = 0,
    block_length: int | None = None,
    repetitions: int = REPETITIONS,
) -> IntArray:
    """Columns of the sets that earn more than the benchmark; the chance that one of them does not is `size` (StepM)."""
    from arch.bootstrap import StepM

    _check_share("size", size)
    better = beyond_benchmark(returns, benchmark)
    block = block_of(block_length, better)
    test = StepM(np.zeros(len(better)), -better, size=size, block_size=block, reps=repetitions, seed=seed)
    test.compute()
    return np.sort(np.array(test.superior_models, dtype=np.int64))


def model_confidence_set(
    returns: FloatArray,
    *,
    size: float = 0.05,
    seed: int = 0,
    block_length: int | None = None,
    repetitions: int = REPETITIONS,
) -> ConfidenceSet:
    """The sets among which the best one is with probability 1 - `size`: few where the data can tell, else all."""
    from arch.bootstrap import MCS

    _check_share("size", size)
    losses = -beyond_benchmark(returns, None)
    block = block_of(block_length, losses - losses.mean(axis=1, keepdims=True))
    test = MCS(losses, size=size, reps=repetitions, block_size=block, seed=seed)
    test.compute()
    p_values = test.pvalues["Pvalue"].sort_index().to_numpy(dtype=np.float64)
    return ConfidenceSet(np.sort(np.array(test.included, dtype=np.int64)), p_values)


def _adjusted(p_values: FloatArray, method: Haircut) -> FloatArray:
    from scipy import stats

    n = len(p_values)
    if method == "bonferroni":
        return np.minimum(1.0, n * p_values)
    if method == "bhy":
        adjusted: FloatArray = stats.false_discovery_control(p_values, method="by")
        return adjusted
    order = np.argsort(p_values, kind="stable")
    holm = np.minimum(1.0, np.maximum.accumulate(p_values[order] * (n - np.arange(n))))
    placed = np.empty(n)
    placed[order] = holm
    return placed


def _check_share(name: str, value: float) -> None:
    if not 0.0 < value < 1.0:
        raise InvalidInput(f"{name} must lie between 0 and 1, got {value}", fix=f"use {name}=0.05")
