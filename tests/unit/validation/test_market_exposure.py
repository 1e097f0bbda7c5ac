"""What is left beyond the market."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autonomous_trading.core import InvalidInput
from autonomous_trading.validation import beyond_market, market_exposure, return_moments

SEEDS = st.integers(0, 2**32 - 1)


@given(SEEDS, st.floats(-3.0, 3.0), st.floats(-0.01, 0.01))
def test_a_share_of_the_market_and_a_constant_leave_the_constant(seed: int, beta: float, alpha: float) -> None:
    market = np.random.default_rng(seed).normal(0.0, 0.01, 50)
    assert market_exposure(beta * market + alpha, market) == pytest.approx(beta, abs=1e-9)
    assert beyond_market(beta * market + alpha, market) == pytest.approx(np.full(50, alpha), abs=1e-12)


@given(SEEDS)
def test_what_is_left_does_not_move_with_the_market(seed: int) -> None:
    rng = np.random.default_rng(seed)
    market, returns = rng.normal(0.001, 0.01, 80), rng.normal(0.0, 0.02, (80, 3))
    left = beyond_market(returns, market)
    assert left.shape == returns.shape
    for column in left.T:
        assert np.cov(column, market)[0, 1] == pytest.approx(0.0, abs=1e-12)
    assert beyond_market(returns[:, 1], market) == pytest.approx(left[:, 1], abs=1e-15)


@given(SEEDS)
def test_it_is_the_regression_of_every_textbook(seed: int) -> None:
    rng = np.random.default_rng(seed)
    market, returns = rng.normal(0.001, 0.01, 60), rng.normal(0.0, 0.02, 60)
    slope, intercept = np.polyfit(market, returns, 1)
    assert market_exposure(returns, market) == pytest.approx(slope)
    assert beyond_market(returns, market).mean() == pytest.approx(intercept)


def test_a_market_that_stands_still_takes_nothing() -> None:
    returns = np.random.default_rng(0).normal(0.0, 0.01, (30, 2))
    assert np.array_equal(beyond_market(returns, np.full(30, 0.001)), returns)


@given(SEEDS, st.floats(0.1, 3.0))
def test_what_only_follows_the_market_has_no_sharpe_ratio(seed: int, beta: float) -> None:
    market = np.random.default_rng(seed).normal(0.0005, 0.01, 300)
    left = beyond_market(np.column_stack([beta * market, market]), market)
    assert np.ptp(left, axis=0).tolist() == [0.0, 0.0]
    assert math.isnan(return_moments(left[:, 0]).sharpe)


@pytest.mark.parametrize("market", [np.zeros(3), np.full(10, np.nan)])
def test_other_periods_are_refused(market: object) -> None:
    with pytest.raises(InvalidInput, match="the market must be finite and have 10 periods"):
        beyond_market(np.zeros((10, 2)), np.asarray(market, dtype=np.float64))
