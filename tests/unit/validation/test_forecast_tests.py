"""Diebold and Mariano's test: the published factor, a t-test where it is one, and its size on few dependent losses."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats
from scipy.signal import lfilter

from autonomous_trading.core import FloatArray, InvalidInput
from autonomous_trading.validation import diebold_mariano, small_sample_factor


def squared(seed: int, n: int, horizon: int) -> tuple[FloatArray, FloatArray]:
    """Squared errors of two equally good forecasts so many periods ahead: moving averages of that length."""
    errors = np.random.default_rng(seed).normal(size=(2, n + horizon))
    first, second = lfilter(np.ones(horizon), [1.0], errors, axis=1)[:, horizon:] ** 2
    return first, second


def test_the_published_factor() -> None:
    assert round(small_sample_factor(100, 1), 7) == 0.9949874
    assert small_sample_factor(50, 4) == pytest.approx(math.sqrt((51 - 8 + 12 / 50) / 50))


def test_one_period_ahead_it_is_the_t_test_of_the_differences() -> None:
    """With horizon 1 the factor is sqrt((n - 1) / n), which makes the population variance the sample one."""
    first, second = squared(0, 80, 1)
    found, expected = diebold_mariano(first, second + 0.1), stats.ttest_1samp(first - second - 0.1, 0.0)
    assert (found.statistic, found.p_value) == pytest.approx((expected.statistic, expected.pvalue))
    assert found.difference == pytest.approx(float((first - second).mean()) - 0.1)


def test_the_statistic_by_hand() -> None:
    first, second = squared(1, 60, 3)
    gap = first - second
    centred = gap - gap.mean()
    products = [sum(centred[t] * centred[t - lag] for t in range(lag, 60)) / 60 for lag in range(3)]
    plain = gap.mean() / math.sqrt((products[0] + 2 * products[1] + 2 * products[2]) / 60)
    found = diebold_mariano(first, second, horizon=3)
    assert found.statistic == pytest.approx(plain * math.sqrt((60 + 1 - 6 + 6 / 60) / 60))
    assert found.p_value == pytest.approx(2.0 * float(stats.t.sf(abs(found.statistic), 59)))
    assert diebold_mariano(second, first, horizon=3).statistic == pytest.approx(-found.statistic)


def test_equal_forecasts_are_seldom_told_apart() -> None:
    """Two periods ahead on 64 of them: the test keeps its size, and one that takes errors for independent does not."""
    told = [diebold_mariano(*squared(seed, 64, 2), horizon=2).p_value < 0.05 for seed in range(2_000)]
    assert float(np.mean(told)) == pytest.approx(0.05, abs=0.02)
    ignored = [diebold_mariano(*squared(seed, 64, 2)).p_value < 0.05 for seed in range(2_000)]
    assert float(np.mean(ignored)) > 0.07


def test_losses_that_never_differ_say_nothing() -> None:
    first, _ = squared(0, 30, 1)
    for other in (first, first + 0.5):
        found = diebold_mariano(first, other)
        assert math.isnan(found.statistic)
        assert math.isnan(found.p_value)


def test_a_variance_that_is_not_positive_is_not_used() -> None:
    alternating = np.tile([1.0, -1.0], 20)
    assert math.isnan(diebold_mariano(alternating, np.zeros(40), horizon=2).p_value)


def test_what_cannot_be_compared_is_refused() -> None:
    losses = np.ones(10)
    with pytest.raises(InvalidInput, match="same periods, got shapes"):
        diebold_mariano(losses, losses[1:])
    with pytest.raises(InvalidInput, match="both losses must be finite"):
        diebold_mariano(losses, np.full(10, np.nan))
    with pytest.raises(InvalidInput, match="horizon must lie between 1 and half of the 10 periods, got 5"):
        diebold_mariano(losses, losses, horizon=5)
