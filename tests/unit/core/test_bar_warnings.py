"""What is suspicious about bars that passed the door."""

from __future__ import annotations

import numpy as np
import pytest

from autonomous_trading.core import Bars, FloatArray, inspect_bars, mixed_bars
from autonomous_trading.testing.markets import random_walk

DAY_NS = 86_400_000_000_000
HOUR_NS = DAY_NS // 24


def messages(bars: Bars) -> dict[str, str]:
    return {warning.code: warning.message for warning in inspect_bars(bars)}


def scaled(bars: Bars, factors: np.ndarray) -> Bars:
    return Bars(
        bars.time, bars.open * factors, bars.high * factors, bars.low * factors, bars.close * factors, bars.volume
    )


def test_a_clean_walk_has_no_warning() -> None:
    assert messages(random_walk(500, seed=1)) == {}
    assert messages(random_walk(500, seed=1, timeframe="1h")) == {}


def test_a_split_that_was_not_adjusted_is_told_with_its_bar() -> None:
    clean = random_walk(500, seed=1)
    split = scaled(clean, np.where(np.arange(500) < 300, 4.0, 1.0))
    said = messages(split)["leap"]
    assert said.startswith("the close leaps on 1 bar at ")
    assert str(clean.time[300].astype("datetime64[ns]").astype("datetime64[D]")) in said
    wrong = scaled(clean, np.where(np.arange(500) == 200, 1000.0, 1.0))
    assert "on 2 bars, most at " in messages(wrong)["leap"]


@pytest.mark.parametrize(
    ("lost", "said"), [(1, "1 gap between bars of 10.0 days"), (2, "2 gaps between bars, the longest")]
)
def test_gaps_are_counted(lost: int, said: str) -> None:
    clean = random_walk(500, seed=1)
    keep = np.ones(500, dtype=np.bool_)
    for number in range(lost):
        keep[100 + 50 * number : 105 + 50 * number] = False
    columns = {name: getattr(clean, name)[keep] for name in ("time", "open", "high", "low", "close", "volume")}
    assert messages(Bars(**columns))["gap"].startswith(said)


def test_bars_of_several_lengths_are_told() -> None:
    daily = np.arange(200) * DAY_NS
    hourly = daily[-1] + DAY_NS + np.arange(1000) * HOUR_NS
    warning = mixed_bars(np.concatenate([daily, hourly]))
    assert warning is not None
    assert warning.message.startswith("bars of several lengths, or most are missing: the calendar has 1,")
    assert mixed_bars(daily) is None
    assert mixed_bars(hourly) is None


def test_a_few_days_say_nothing_about_a_year() -> None:
    mixed = np.concatenate([np.arange(60) * HOUR_NS, 60 * HOUR_NS + np.arange(1, 41) * DAY_NS])
    assert mixed_bars(mixed) is None


def test_a_split_on_a_rising_day_is_told_and_a_usual_day_is_not() -> None:
    clean = random_walk(500, seed=2, volatility=0.03)
    for row in range(20, 480, 20):
        split = scaled(clean, np.where(np.arange(500) < row, 2.0, 1.0))
        assert "leap" in messages(split)
    assert "leap" not in messages(clean)


def session_hours(days: int, early: set[int]) -> np.ndarray:
    """Hourly bars of a session from 14:30 to 20:30, which ends at 17:30 on some days."""
    hours = [
        day * DAY_NS + 14 * HOUR_NS + HOUR_NS // 2 + hour * HOUR_NS
        for day in range(days)
        for hour in range(4 if day in early else 7)
    ]
    return np.array(hours)


def flat(time: np.ndarray) -> Bars:
    prices: FloatArray = np.linspace(100.0, 101.0, len(time))
    high: FloatArray = prices + 1.0
    low: FloatArray = prices - 1.0
    close: FloatArray = prices + 0.005
    volume: FloatArray = prices * 1000.0
    return Bars(time, prices, high, low, close, volume)


def test_half_days_are_no_gaps_and_a_lost_hour_is_one() -> None:
    time = session_hours(250, {60, 130, 200})
    assert "gap" not in messages(flat(time))
    lost = np.delete(time, [700, 701])
    assert messages(flat(lost))["gap"].startswith("1 gap between bars")
