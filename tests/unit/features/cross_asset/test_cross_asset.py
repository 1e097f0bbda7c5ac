"""Relations between instruments: against pandas and numpy, window by window, and on markets whose truth is known."""

import numpy as np
import pandas as pd
import pytest

from autonomous_trading.core import Bars, FloatArray, InvalidExpression
from autonomous_trading.features import ColumnStore
from autonomous_trading.testing.markets import random_walk

OWN, OTHER = random_walk(300, seed=21), random_walk(300, seed=22)
LOGS = pd.Series(np.log(OWN.close))
MARKET = pd.Series(np.log(OTHER.close))
RETURNS, MARKET_RETURNS = LOGS.diff(), MARKET.diff()


def column(name: str, *arguments: float, bars: Bars = OWN, reference: FloatArray = OTHER.close) -> FloatArray:
    store = ColumnStore(bars)
    return store.column(name, arguments, (store.column("close"), reference))


def test_regressions_as_pandas_has_them() -> None:
    beta = RETURNS.rolling(40).cov(MARKET_RETURNS) / MARKET_RETURNS.rolling(40).var()
    np.testing.assert_allclose(column("rolling_beta", 40), beta, rtol=1e-8)
    alpha = RETURNS.rolling(40).mean() - beta * MARKET_RETURNS.rolling(40).mean()
    np.testing.assert_allclose(column("rolling_alpha", 40), alpha, rtol=1e-7, atol=1e-14)
    correlation = RETURNS.rolling(40).corr(MARKET_RETURNS)
    np.testing.assert_allclose(column("return_correlation", 40), correlation, rtol=1e-8)
    change = RETURNS.rolling(20).corr(MARKET_RETURNS) - correlation
    np.testing.assert_allclose(column("correlation_change", 20, 40), change, rtol=1e-7, atol=1e-12)
    residual = RETURNS - beta.shift(1) * MARKET_RETURNS
    np.testing.assert_allclose(column("residual_return", 40), residual, rtol=1e-7, atol=1e-14)
    np.testing.assert_allclose(column("residual_volatility", 40, 10), residual.rolling(10).std(), rtol=1e-7)
    strength = (LOGS - LOGS.shift(30)) - (MARKET - MARKET.shift(30))
    np.testing.assert_allclose(column("relative_strength", 30), strength, rtol=1e-9, atol=1e-15)


def test_downside_beta_is_that_of_ang_chen_and_xing() -> None:
    found = column("downside_beta", 40)
    assert np.isnan(found[:40]).all()
    own, market = RETURNS.to_numpy(), MARKET_RETURNS.to_numpy()
    for t in range(40, 300, 7):
        rows = slice(t - 39, t + 1)
        below = market[rows] < market[rows].mean()
        both = np.cov(own[rows][below], market[rows][below])
        assert found[t] == pytest.approx(both[0, 1] / both[1, 1], rel=1e-9)
    np.testing.assert_allclose(column("downside_beta", 40, reference=OWN.close)[40:], 1.0, rtol=1e-12)
    # Of 3 or 4 returns fewer than 3 may lie below their mean: then there is no line through them.
    few = column("downside_beta", 4)
    for t in range(4, 300):
        last = market[t - 3 : t + 1]
        assert np.isnan(few[t]) == ((last < last.mean()).sum() < 3)
    holed = OTHER.close.copy()
    holed[100] = np.nan
    around = column("downside_beta", 20, reference=holed)
    assert np.isnan(around[100:121]).all()
    assert np.isfinite(around[[99, 121]]).all()


def test_a_regression_on_rounding_noise_is_not_known() -> None:
    steady: FloatArray = 100.0 * np.power(1.0001, np.arange(300), dtype=np.float64)
    for name, arguments in (
        ("rolling_beta", (40,)),
        ("rolling_alpha", (40,)),
        ("return_correlation", (40,)),
        ("downside_beta", (40,)),
        ("residual_return", (40,)),
        ("lead_lag", (40, 1)),
    ):
        assert np.isnan(column(name, *arguments, reference=steady)).all(), name
    assert np.isfinite(column("hedge_ratio", 40, reference=steady)[39:]).all()
    for name in ("pair_zscore", "pair_half_life"):
        assert np.isnan(column(name, 40, 20, reference=2.0 * OWN.close)).all(), name


def test_pairs_as_numpy_fits_them() -> None:
    spread = column("pair_spread", 50)
    for t in (49, 120, 299):
        rows = slice(t - 49, t + 1)
        slope, intercept = np.polyfit(MARKET.to_numpy()[rows], LOGS.to_numpy()[rows], 1)
        assert column("hedge_ratio", 50)[t] == pytest.approx(slope, rel=1e-7)
        assert spread[t] == pytest.approx(LOGS[t] - slope * MARKET[t] - intercept, rel=1e-6, abs=1e-13)
    series = pd.Series(spread)
    score = (series - series.rolling(30).mean()) / series.rolling(30).std(ddof=0)
    np.testing.assert_allclose(column("pair_zscore", 50, 30), score, rtol=1e-6, atol=1e-9)
    half = column("pair_half_life", 50, 30)
    back = np.polyfit(spread[269:299], np.diff(spread[269:300]), 1)[0]
    assert half[299] == pytest.approx(-np.log(2.0) / np.log1p(back), rel=1e-6)


def test_the_half_life_of_a_spread_whose_half_life_is_known() -> None:
    rng = np.random.default_rng(3)
    n, decay = 3_000, 0.9
    other = np.exp(np.cumsum(0.01 * rng.standard_normal(n)))
    gap = np.zeros(n)
    for t in range(1, n):
        gap[t] = decay * gap[t - 1] + 0.005 * rng.standard_normal()
    close = 100.0 * other * np.exp(gap)
    time = np.arange(n, dtype=np.int64) * 10**12
    bars = Bars(time, close, close, close, close, np.ones(n))
    half = column("pair_half_life", 1_500, 1_000, bars=bars, reference=other)
    assert half[-1] == pytest.approx(np.log(0.5) / np.log(decay), rel=0.3)


def test_who_leads_is_told() -> None:
    rng = np.random.default_rng(8)
    steps = 0.01 * rng.standard_normal(400)
    leader = np.exp(np.cumsum(steps))
    follower = 50.0 * np.exp(np.cumsum(np.append(0.0, steps[:-1]) + 0.002 * rng.standard_normal(400)))
    time = np.arange(400, dtype=np.int64) * 10**12
    bars = Bars(time, follower, follower, follower, follower, np.ones(400))
    assert column("lead_lag", 100, 1, bars=bars, reference=leader)[-1] > 0.7
    flat = column("rolling_beta", 20, bars=bars, reference=np.full(400, 7.0))
    assert np.isnan(flat).all()


def test_a_reference_with_holes_is_unknown_around_them() -> None:
    holed = OTHER.close.copy()
    holed[100] = np.nan
    beta = column("rolling_beta", 20, reference=holed)
    assert np.isnan(beta[100:121]).all()
    assert np.isfinite(beta[[99, 121]]).all()


def test_the_reference_has_to_be_given() -> None:
    with pytest.raises(InvalidExpression, match="rolling_beta needs the series reference"):
        ColumnStore(OWN).column("rolling_beta", (20,))
