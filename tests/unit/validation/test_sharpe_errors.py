"""Errors of a Sharpe ratio: published numbers, and what independent returns, trends and clusters do to it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from arch.covariance.kernel import QuadraticSpectral
from scipy import stats
from scipy.signal import lfilter

from autonomous_trading.core import FloatArray, InvalidInput, UnknownName
from autonomous_trading.validation import (
    annual_sharpe_factor,
    block_indices,
    block_length,
    periods_to_tell,
    sharpe_difference,
    sharpe_interval,
    sharpe_standard_error,
)
from autonomous_trading.validation._block_bootstrap import BlockScheme
from autonomous_trading.validation._sharpe_errors import _weighted, long_run, mean_and_square
from autonomous_trading.validation._sharpe_tests import _block_sums, _distances

UNKNOWN: Any = "none"  # what a person may write
LAGS = np.arange(1.0, 12.0)


def autoregressive(rng: np.random.Generator, n: int, rho: float, mean: float = 0.05) -> FloatArray:
    """Returns of deviation 0.01 and Sharpe ratio `mean` per period, each with a share of the one before."""
    drawn = lfilter([1.0], [1.0, -rho], rng.normal(size=n + 100))[100:] * math.sqrt(1.0 - rho * rho)
    return np.asarray((drawn + mean) * 0.01)


@pytest.mark.parametrize(
    ("rho", "factor"), [(-0.2, 4.170848), (0.0, 3.464102), (0.2, 2.878849), (0.5, 2.121288), (0.9, 1.207038)]
)
def test_the_factors_of_lo(rho: float, factor: float) -> None:
    assert round(annual_sharpe_factor(rho**LAGS, 12), 6) == factor


def test_the_standard_error_of_normal_returns() -> None:
    returns = np.random.default_rng(0).normal(size=60)
    returns = (returns - returns.mean()) / returns.std(ddof=1) + 1.5
    assert round(sharpe_standard_error(returns, method="normal"), 7) == 0.1881932


def test_moments_are_those_of_the_probabilistic_sharpe_ratio() -> None:
    returns = np.random.default_rng(1).exponential(size=500) - 0.9
    sharpe = returns.mean() / returns.std(ddof=1)
    centred = (returns - returns.mean()) / returns.std()
    skew, kurtosis = np.mean(centred**3), np.mean(centred**4)
    expected = math.sqrt((1 - skew * sharpe + (kurtosis - 1) / 4 * sharpe**2) / 500)
    assert sharpe_standard_error(returns, method="moments") == pytest.approx(expected)


@pytest.mark.parametrize(("rho", "factor"), [(0.0, 1.0), (0.3, math.sqrt(1.3 / 0.7)), (-0.3, math.sqrt(0.7 / 1.3))])
def test_dependence_makes_the_error_what_it_is(rho: float, factor: float) -> None:
    errors = [
        sharpe_standard_error(autoregressive(np.random.default_rng(seed), 4_000, rho)) * math.sqrt(4_000)
        for seed in range(8)
    ]
    assert float(np.mean(errors)) == pytest.approx(factor, rel=0.06)


def test_periods_to_tell_a_sharpe_ratio() -> None:
    daily = 1.0 / math.sqrt(252)
    assert periods_to_tell(daily) / 252 == pytest.approx(6.18, abs=0.02)  # the years of the power table, rho 0.5
    assert periods_to_tell(daily, power=0.9) > periods_to_tell(daily)
    assert periods_to_tell(daily, skew=-2.0, kurtosis=12.0) > periods_to_tell(daily)
    assert periods_to_tell(-0.1) == math.inf


def test_the_power_that_was_asked_for_is_there() -> None:
    sharpe, rng = 0.2, np.random.default_rng(5)
    n = math.ceil(periods_to_tell(sharpe))
    drawn = rng.normal(sharpe, 1.0, (20_000, n))
    seen = drawn.mean(axis=1) / drawn.std(axis=1, ddof=1)
    assert float(np.mean(seen * math.sqrt(n) > 1.6449)) == pytest.approx(0.8, abs=0.02)


@pytest.mark.slow
@pytest.mark.parametrize("rho", [-0.2, 0.2])
def test_intervals_hold_the_truth_as_often_as_they_say(rho: float) -> None:
    """A coarse look; proofs/validation/interval_coverage.py looks closely."""
    hits = 0
    for seed in range(100):
        rng = np.random.default_rng(seed)
        found = sharpe_interval(autoregressive(rng, 500, rho), confidence=0.9, rng=rng, repetitions=200)
        assert found.lower < found.estimate < found.upper
        hits += found.lower <= 0.05 <= found.upper
    assert 82 <= hits <= 97


def test_two_sharpe_ratios() -> None:
    rng = np.random.default_rng(3)
    base = rng.normal(0.0005, 0.01, 1_000)
    better = base + 0.0015 + rng.normal(0.0, 0.003, 1_000)
    found = sharpe_difference(better, base, rng=rng)
    assert found.p_value < 0.01
    assert found.difference > 0.0
    other = sharpe_difference(rng.normal(0.0, 0.01, 1_000), rng.normal(0.0, 0.01, 1_000), rng=rng)
    assert other.p_value > 0.05
    assert sharpe_difference(base, base, rng=rng) == (0.0, 0.0, 1.0)


def test_equal_sharpe_ratios_are_seldom_told_apart() -> None:
    told = 0
    for seed in range(80):
        rng = np.random.default_rng(seed)
        common = rng.normal(0.0, 0.01, 300)
        first, second = (common + rng.normal(0.0, 0.01, 300) for _ in range(2))
        told += sharpe_difference(first, second, rng=rng, repetitions=199).p_value <= 0.05
    assert told <= 10


@pytest.mark.parametrize("length", [1, 4, 11])
def test_distances_are_those_of_whole_histories(length: int) -> None:
    """Ledoit and Wolf's bootstrap as they write it: draw the history, then its errors from its blocks."""
    rng = np.random.default_rng(4)
    returns, starts = rng.normal(0.05, 1.0, 60), rng.integers(60, size=(7, 60 // length))
    values = np.column_stack([returns, returns**2])
    taken = np.take(_block_sums(values, length), starts, axis=1)
    found = _distances(taken, np.ones(1), 0.1, length)
    for path, begins in enumerate(starts):
        rows = np.concatenate([(begin + np.arange(length)) % 60 for begin in begins])
        drawn = values[rows]
        first, second = drawn.mean(axis=0)
        deviation = math.sqrt(second - first**2)
        slope = np.array([second, -first / 2.0]) / deviation**3
        apart = (drawn - drawn.mean(axis=0)) @ slope
        sums = apart.reshape(-1, length).sum(axis=1) / math.sqrt(length)
        error = math.sqrt(float(np.mean(sums**2)) / len(rows))
        assert found[path] == pytest.approx((first / deviation - 0.1) / error)


@pytest.mark.parametrize("columns", [2, 4])
def test_the_kernel_estimate_is_that_of_arch(columns: int) -> None:
    values = np.random.default_rng(columns).normal(size=(150, columns))
    estimate = QuadraticSpectral(values, center=False, force_int=False)
    assert _weighted(values, estimate.kernel_weights) == pytest.approx(np.asarray(estimate.cov.long_run))


@pytest.mark.parametrize("n", [400, 900])
def test_the_long_run_variance_of_independent_returns_is_theirs(n: int) -> None:
    """On average, though the mean is estimated; and it varies as the mean of so many squares would."""
    found = [long_run(np.random.default_rng(seed).normal(size=(n, 1))) for seed in range(600)]
    variances = np.array([float(each.covariance[0, 0]) for each in found])
    assert float(variances.mean()) == pytest.approx(1.0, abs=0.02)
    freedom = float(np.mean([each.freedom for each in found]))
    assert 5.0 < freedom < n
    assert float(variances.var()) == pytest.approx(2.0 / freedom, rel=0.6)


def test_the_two_intervals_agree_where_there_are_many_periods() -> None:
    returns = autoregressive(np.random.default_rng(5), 4_000, 0.2)
    drawn = sharpe_interval(returns, rng=np.random.default_rng(0), confidence=0.9)
    kernel = sharpe_interval(returns, method="kernel", confidence=0.9)
    assert kernel.estimate == drawn.estimate == pytest.approx(returns.mean() / returns.std())
    assert kernel.standard_error == pytest.approx(sharpe_standard_error(returns))
    freedom = long_run(mean_and_square(returns[:, np.newaxis])).freedom
    assert kernel.upper - kernel.lower == pytest.approx(2.0 * stats.t.ppf(0.95, freedom) * kernel.standard_error)
    assert kernel.upper - kernel.lower == pytest.approx(drawn.upper - drawn.lower, rel=0.1)


def test_without_a_sharpe_ratio_there_is_nothing_to_say() -> None:
    rng = np.random.default_rng(0)
    assert math.isnan(sharpe_standard_error(np.full(50, 0.01)))
    assert all(math.isnan(each) for each in sharpe_interval(np.zeros(50), rng=rng))
    assert all(math.isnan(each) for each in sharpe_difference(np.zeros(50), np.ones(50), rng=rng))


@pytest.mark.parametrize("scheme", ["circular", "stationary"])
def test_blocks_are_pieces_of_the_history(scheme: BlockScheme) -> None:
    index = block_indices(100, 400, 10.0, np.random.default_rng(0), scheme=scheme, size=250)
    assert index.shape == (400, 250)
    assert (int(index.min()), int(index.max())) == (0, 99)
    broken = np.mean(np.diff(index, axis=1) % 100 != 1)
    assert broken == pytest.approx(0.1, abs=0.01)
    assert np.bincount(index.ravel(), minlength=100) == pytest.approx(1_000, rel=0.2)


def test_longer_dependence_needs_longer_blocks() -> None:
    lengths = [block_length(autoregressive(np.random.default_rng(2), 3_000, rho)) for rho in (0.0, 0.5, 0.9)]
    assert lengths[0] < lengths[1] < lengths[2]
    assert block_length(np.full(50, 0.01)) == 1.0
    assert 1.0 <= block_length(np.random.default_rng(0).normal(size=9)) <= 3.0


def test_what_makes_no_sense_is_refused() -> None:
    rng = np.random.default_rng(0)
    returns = rng.normal(size=100)
    with pytest.raises(UnknownName, match="method"):
        sharpe_standard_error(returns, method=UNKNOWN)
    with pytest.raises(InvalidInput, match="periods must be at least 1"):
        annual_sharpe_factor(LAGS, 0)
    with pytest.raises(InvalidInput, match="autocorrelations"):
        annual_sharpe_factor(np.full(11, -0.9), 12)
    with pytest.raises(InvalidInput, match="power must lie"):
        periods_to_tell(0.1, power=1.0)
    with pytest.raises(InvalidInput, match="no returns have"):
        periods_to_tell(2.0, skew=5.0)
    with pytest.raises(InvalidInput, match="confidence"):
        sharpe_interval(returns, confidence=1.0, rng=rng)
    with pytest.raises(InvalidInput, match="draws histories"):
        sharpe_interval(returns)
    with pytest.raises(UnknownName, match="method"):
        sharpe_interval(returns, method=UNKNOWN)
    with pytest.raises(InvalidInput, match="fewer than 5"):
        sharpe_interval(returns, rng=rng, length=50)
    with pytest.raises(InvalidInput, match="same periods"):
        sharpe_difference(returns, returns[1:], rng=rng)
    with pytest.raises(UnknownName, match="scheme"):
        block_length(returns, scheme=UNKNOWN)
    with pytest.raises(InvalidInput, match="eight finite returns"):
        block_length(returns[:4])
    with pytest.raises(InvalidInput, match="too few"):
        sharpe_standard_error(returns[:5])


def test_histories_that_stand_still_may_lie_anywhere() -> None:
    """Where trades are rare, a history drawn in blocks may hold none; it must not make the interval narrower."""
    rare = np.zeros(40)
    rare[5:9] = [0.02, -0.01, 0.03, 0.01]
    found = sharpe_interval(rare, confidence=0.9, rng=np.random.default_rng(0), repetitions=500)
    assert (found.lower, found.upper) == (-math.inf, math.inf)
    assert math.isfinite(found.estimate)
