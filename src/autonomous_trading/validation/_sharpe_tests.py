"""Intervals for a Sharpe ratio, and whether two of them differ, by a bootstrap of blocks that is studentised.

Each drawn history has its own standard error, from the sums over its blocks; what is compared is the distance in
standard errors. That keeps what it promises on returns with clusters and fat tails, where quantiles of the drawn Sharpe
ratios do not.

Source: Ledoit and Wolf, "Robust performance hypothesis testing with the Sharpe ratio", Journal of Empirical Finance
(2008). Sharpe ratios are per period.
"""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

import numpy as np

from autonomous_trading.core import FloatArray, InvalidInput, unknown_name
from autonomous_trading.validation._block_bootstrap import block_length
from autonomous_trading.validation._conformal import conformal_index
from autonomous_trading.validation._moments import return_moments
from autonomous_trading.validation._sharpe_errors import (
    gradient_at,
    long_run,
    mean_and_square,
    sharpe_of_means,
)

IntervalMethod = Literal["studentised", "kernel"]
_METHODS = ("studentised", "kernel")
_REPETITIONS = 2_000
_LEAST_BLOCKS = 5
_VALUES_AT_ONCE = 1 << 17  # a megabyte: what is made of it stays near the processor


class Interval(NamedTuple):
    """An estimate and the bounds the truth lies within with the confidence asked for."""

    estimate: float
    lower: float
    upper: float
    standard_error: float


class SharpeDifference(NamedTuple):
    """First Sharpe ratio minus the second one, its standard error, and the two-sided p-value of "they are equal"."""

    difference: float
    standard_error: float
    p_value: float


def sharpe_interval(
    returns: FloatArray,
    *,
    confidence: float = 0.95,
    method: IntervalMethod = "studentised",
    rng: np.random.Generator | None = None,
    length: int | None = None,
    repetitions: int = _REPETITIONS,
) -> Interval:
    """Interval for the Sharpe ratio per period of simple returns [periods]; NaN where there is none.

    "studentised" draws histories with `rng` in blocks of `length`, from the data where nothing is given. "kernel" takes
    as many standard errors (those of `sharpe_standard_error`, dependent) as Student's distribution asks for with the
    degrees of freedom of that estimate: much faster, a little too narrow on few periods with clusters.
    """
    if method not in _METHODS:
        raise unknown_name("method", method, _METHODS)
    if not 0.0 < confidence < 1.0:
        raise InvalidInput(f"confidence must lie between 0 and 1, got {confidence}", fix="use 0.95")
    if math.isnan(return_moments(returns).sharpe):
        return Interval(math.nan, math.nan, math.nan, math.nan)
    if method == "kernel":
        return _kernel_interval(returns, confidence)
    if rng is None:
        raise InvalidInput("a studentised interval draws histories", fix="pass rng=np.random.default_rng(0)")
    weights = np.ones(1)
    estimate, error, distances = _studentised(returns[:, np.newaxis], weights, rng, length, repetitions)
    # The rank among those drawn that the true distance would not exceed if it were one of them.
    rank = min(conformal_index(len(distances), 1.0 - confidence), len(distances))
    reach = float(np.partition(np.abs(distances), rank - 1)[rank - 1]) * error
    return Interval(estimate, estimate - reach, estimate + reach, error)


def _kernel_interval(returns: FloatArray, confidence: float) -> Interval:
    from scipy import stats

    values = mean_and_square(returns[:, np.newaxis])
    means = values.mean(axis=0)
    estimate, slope = float(sharpe_of_means(means)[0]), gradient_at(means)
    covariance, freedom = long_run(values)
    error = math.sqrt(max(float(slope @ covariance @ slope), 0.0) / len(values))
    reach = float(stats.t.ppf(0.5 + confidence / 2.0, freedom)) * error
    return Interval(estimate, estimate - reach, estimate + reach, error)


def sharpe_difference(
    first: FloatArray,
    second: FloatArray,
    *,
    rng: np.random.Generator,
    length: int | None = None,
    repetitions: int = _REPETITIONS,
) -> SharpeDifference:
    """Whether two return series [periods] of the same periods have different Sharpe ratios."""
    if first.shape != second.shape:
        raise InvalidInput(
            f"both series must have the same periods, got shapes {first.shape} and {second.shape}",
            fix="leave out periods that one of them does not have",
        )
    if any(math.isnan(return_moments(each).sharpe) for each in (first, second)):
        return SharpeDifference(math.nan, math.nan, math.nan)
    both = np.column_stack([first, second])
    if bool(np.all(first == second)):
        return SharpeDifference(0.0, 0.0, 1.0)
    found, error, distances = _studentised(both, np.array([1.0, -1.0]), rng, length, repetitions)
    beyond = int(np.count_nonzero(np.abs(distances) >= abs(found) / error))
    return SharpeDifference(found, error, (beyond + 1.0) / (len(distances) + 1.0))


def _studentised(
    returns: FloatArray, weights: FloatArray, rng: np.random.Generator, length: int | None, repetitions: int
) -> tuple[float, float, FloatArray]:
    """A weighted sum of Sharpe ratios, its standard error, and the studentised distances of those drawn from it."""
    values = mean_and_square(returns)
    n = len(values)
    means = values.mean(axis=0)
    both = np.concatenate([weights, weights])
    slope = gradient_at(means) * both
    found = float(sharpe_of_means(means) @ weights)
    error = math.sqrt(max(float(slope @ long_run(values).covariance @ slope), 0.0) / n)
    whole = _length(returns, length)
    sums = _block_sums(values, whole)
    blocks = n // whole
    parts = max(1, _VALUES_AT_ONCE // (blocks * len(sums)))
    drawn = []
    for done in range(0, repetitions, parts):
        starts = rng.integers(n, size=(min(parts, repetitions - done), blocks))
        drawn.append(_distances(np.take(sums, starts, axis=1), weights, found, whole))
    return found, error, np.concatenate(drawn)


def _block_sums(values: FloatArray, whole: int) -> FloatArray:
    """Sum over the block that starts at each period, going on at the beginning after the end, [columns, periods]."""
    around = np.concatenate([values, values[: whole - 1]])
    sums = np.lib.stride_tricks.sliding_window_view(around, whole, axis=0).sum(axis=-1)
    return np.ascontiguousarray(sums.T)


def _distances(drawn: FloatArray, weights: FloatArray, found: float, whole: int) -> FloatArray:
    """Distance of each drawn history from what was found in its own standard errors; `drawn` [sums, paths, blocks].

    One that stands still has no Sharpe ratio and so may lie anywhere: its distance is infinite.
    """
    blocks = drawn.shape[2]
    means = drawn.sum(axis=2).T / (blocks * whole)
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = gradient_at(means) * np.concatenate([weights, weights])
        projected = np.einsum("cpb,pc->pb", drawn, slope)
        projected -= whole * np.einsum("pc,pc->p", means, slope)[:, np.newaxis]
        errors = np.sqrt(np.einsum("pb,pb->p", projected, projected)) / (blocks * whole)
        distances: FloatArray = (sharpe_of_means(means) @ weights - found) / errors
    return np.where(np.isfinite(distances), distances, np.inf)


def _length(returns: FloatArray, length: int | None) -> int:
    most = max(1, len(returns) // _LEAST_BLOCKS)
    if length is None:
        return min(most, max(math.ceil(block_length(each)) for each in returns.T))
    if not 1 <= length <= most:
        raise InvalidInput(
            f"blocks of {length} make fewer than {_LEAST_BLOCKS} of {len(returns)} periods",
            fix=f"use a length of at most {most}, or leave it out",
        )
    return length
