"""Synthetic markets: the same bars for the same seed, with the properties they promise."""

import numpy as np
import pytest

from autonomous_trading.core import Bars, FloatArray, InvalidInput
from autonomous_trading.testing import mean_reverting, random_walk, trending
from autonomous_trading.testing.markets import clustered, switching


def log_steps(bars: Bars) -> FloatArray:
    steps: FloatArray = np.diff(np.log(bars.close))
    return steps


@pytest.mark.parametrize("market", [random_walk, trending, mean_reverting, switching, clustered])
def test_a_seed_decides_everything(market: type) -> None:
    assert market(50, 7).content_id == market(50, 7).content_id
    assert market(50, 7).content_id != market(50, 8).content_id
    assert len(market(1, 7)) == 1


def test_a_random_walk_has_its_drift_and_volatility_and_no_memory() -> None:
    steps = log_steps(random_walk(20_000, seed=3, drift=0.001, volatility=0.02))
    assert steps.mean() == pytest.approx(0.001, abs=4 * 0.02 / np.sqrt(20_000))
    assert steps.std() == pytest.approx(0.02, rel=0.03)
    assert abs(np.corrcoef(steps[1:], steps[:-1])[0, 1]) < 4 / np.sqrt(20_000)


def test_a_market_that_never_moves() -> None:
    bars = random_walk(100, seed=3, volatility=0.0)
    np.testing.assert_array_equal(bars.close, np.full(100, 100.0))
    np.testing.assert_array_equal(bars.high, bars.low)


def test_trends_go_up_and_down_in_turn() -> None:
    steps = log_steps(trending(12_001, seed=4, drift=0.004, leg=100, volatility=0.005))
    rising = (np.arange(1, 12_001) // 100) % 2 == 0
    assert steps[rising].mean() == pytest.approx(0.004, abs=0.0004)
    assert steps[~rising].mean() == pytest.approx(-0.002, abs=0.0004)


def test_mean_reversion_stays_near_its_level() -> None:
    bars = mean_reverting(40_000, seed=5, pull=0.1, volatility=0.01, level=50.0, timeframe="1m")
    away = np.log(bars.close / 50.0)
    assert away.mean() == pytest.approx(0.0, abs=0.002)
    assert away.std() == pytest.approx(0.01 / np.sqrt(1 - 0.9**2), rel=0.05)
    assert np.corrcoef(away[1:], away[:-1])[0, 1] == pytest.approx(0.9, abs=0.01)


def test_a_market_that_switches_rises_as_often_as_it_falls() -> None:
    """Two states of equal weight, and an autocorrelation that fades by 1 - 2/dwell a bar."""
    dwell, drift, volatility = 50.0, 0.01, 0.005
    steps = log_steps(switching(200_001, seed=8, drift=drift, dwell=dwell, volatility=volatility, timeframe="1m"))
    blocks = 200_000 / dwell
    assert steps.mean() == pytest.approx(0.0, abs=4 * drift / np.sqrt(blocks))
    assert steps.std() == pytest.approx(np.hypot(drift, volatility), rel=0.01)
    share = drift**2 / (drift**2 + volatility**2)
    for lag in (1, 20, 100):
        seen = float(np.corrcoef(steps[lag:], steps[:-lag])[0, 1])
        assert seen == pytest.approx(share * (1.0 - 2.0 / dwell) ** lag, abs=0.06)


def test_a_market_starts_rising_in_half_of_the_seeds() -> None:
    first = [log_steps(switching(20, seed, drift=0.01, dwell=1e9, volatility=1e-6)).mean() for seed in range(200)]
    assert 70 <= sum(each > 0.0 for each in first) <= 130


def test_a_market_in_clusters_has_fat_tails_and_no_direction() -> None:
    steps = log_steps(clustered(200_001, seed=9, volatility=0.01, drift=0.001, freedom=6.0, timeframe="1m"))
    n = len(steps)
    assert steps.mean() == pytest.approx(0.001, abs=4 * 0.01 / np.sqrt(n))
    assert steps.std() == pytest.approx(0.01, rel=0.05)
    away = steps - steps.mean()
    assert (away**4).mean() / (away**2).mean() ** 2 > 5.0
    assert abs(np.corrcoef(away[1:], away[:-1])[0, 1]) < 0.02
    squares = away**2
    near, far = (float(np.corrcoef(squares[lag:], squares[:-lag])[0, 1]) for lag in (1, 50))
    assert near > 0.12
    assert near > far > 0.01


@pytest.mark.parametrize("freedom", [4.0, 1.0, float("nan")])
def test_tails_so_fat_that_nothing_can_be_said(freedom: float) -> None:
    with pytest.raises(InvalidInput, match=r"freedom must lie above 4; got .*Fix: use freedom=5"):
        clustered(10, seed=1, freedom=freedom)


@pytest.mark.parametrize(("timeframe", "bars_per_day"), [("1h", 24), ("5m", 288), ("1m", 1440)])
def test_timeframes(timeframe: str, bars_per_day: int) -> None:
    bars = random_walk(5_000, seed=1, timeframe=timeframe)
    np.testing.assert_array_equal(np.diff(bars.time), np.full(4_999, 86_400 * 10**9 // bars_per_day))


def test_daily_bars_skip_weekends() -> None:
    days = (random_walk(100, seed=1).time // (86_400 * 10**9) + 3) % 7
    assert set(days.tolist()) == {0, 1, 2, 3, 4}
    assert random_walk(300, seed=1).bars_per_year == 252


def test_unknown_timeframes() -> None:
    with pytest.raises(InvalidInput, match=r"unknown timeframe '1x'.*use one of 1d, 1m, 5m, 1h"):
        random_walk(10, seed=1, timeframe="1x")
