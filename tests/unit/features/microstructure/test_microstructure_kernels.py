"""The kernels of the group are their slow twins, on any numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autonomous_trading.core import FloatArray
from autonomous_trading.data.knowable import volume_profile
from autonomous_trading.features.kernels._microstructure import rolling_profile, volume_buckets
from autonomous_trading.features.microstructure._windows import moments, sums
from tests.twins import microstructure as twin

SEEDS = st.integers(0, 2**32 - 1)


@given(SEEDS, st.integers(1, 12), st.integers(0, 40))
def test_sums_and_moments_of_windows(seed: int, window: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(2, n)) * 10.0 ** rng.integers(-3, 4, size=(2, n))
    x[rng.random(n) < 0.05] = np.nan
    total, found = sums(window, x, y), moments(x, y, window)
    for at in range(n):
        part = slice(at - window + 1, at + 1)
        if at < window - 1 or np.isnan(x[part]).any():
            assert np.isnan(total[0, at])
            assert np.isnan(found[0, at])
            continue
        assert total[0, at] == pytest.approx(math.fsum(x[part]), rel=1e-12, abs=1e-9)
        wanted = twin.moments_of(x[part].tolist(), y[part].tolist())
        assert found[:, at] == pytest.approx(np.array(wanted), rel=1e-9, abs=1e-7)


def test_equal_values_do_not_vary() -> None:
    same = np.full(30, 0.1)
    assert (moments(same, same, 7)[2, 6:] == 0.0).all()


def test_a_window_forgets_what_was_huge() -> None:
    values = np.ones(40)
    values[3] = 1e300
    assert (sums(5, values)[0, 8:] == 5.0).all()


@given(SEEDS, st.integers(1, 5), st.integers(0, 60))
def test_buckets_of_volume(seed: int, buckets: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    volume = rng.integers(0, 40, n) / 4.0  # whole multiples of a quarter: buckets fill exactly
    bought = volume * rng.integers(0, 5, n) / 4.0
    bought[rng.random(n) < 0.1] = np.nan
    size = np.where(rng.random(n) < 0.2, np.nan, rng.integers(4, 24, n) / 4.0)
    found = np.empty(n)
    volume_buckets(volume, bought, size, np.empty(buckets), found)
    wanted, _ = twin.buckets_of_volume(volume.tolist(), bought.tolist(), size.tolist(), buckets)
    assert found == pytest.approx(np.array(wanted, dtype=np.float64), nan_ok=True)
    assert ((found >= 0.0) & (found <= 1.0) | np.isnan(found)).all()


def test_one_row_that_fills_more_buckets_than_are_remembered() -> None:
    found = np.empty(2)
    volume = np.array([1e9, 1.0])
    volume_buckets(volume, 0.75 * volume, np.array([1.0, 1.0]), np.empty(3), found)
    assert found == pytest.approx([0.5, 0.5])


def _profiles(high: FloatArray, low: FloatArray, volume: FloatArray, levels: int) -> FloatArray:
    """The kernel on one window: all bars."""
    n = len(high)
    out = np.full((3, n), np.nan)
    ranges = np.full(n, high.max()), np.full(n, low.min())
    rolling_profile((high, low, volume), ranges, n, 0.7, np.empty(levels), out)
    return out[:, -1]


@given(SEEDS, st.integers(1, 20), st.integers(2, 12))
def test_profile_of_a_window(seed: int, n: int, levels: int) -> None:
    rng = np.random.default_rng(seed)
    middle = 100.0 + rng.normal(size=n).cumsum()
    high, low = middle + rng.random(n), middle - rng.random(n)
    volume = rng.random(n)
    held, width = twin.level_volumes(high, low, volume, levels)
    assert held.sum() == pytest.approx(volume.sum())
    # The rule of the profile of a session, with the levels for prices.
    area = volume_profile(np.arange(levels, dtype=np.float64), held.round(9), 1.0, 0.7)
    bottom = float(low.min())
    wanted = (
        bottom + (area.point_of_control + 0.5) * width,
        bottom + area.value_area_low * width,
        bottom + (area.value_area_high + 1.0) * width,
    )
    assert _profiles(high, low, volume, levels) == pytest.approx(np.array(wanted))


def test_profiles_without_range_volume_or_sense() -> None:
    flat, some = np.full(4, 5.0), np.ones(4)
    assert _profiles(flat, flat, some, 6).tolist() == [5.0, 5.0, 5.0]
    assert np.isnan(_profiles(flat, flat, np.zeros(4), 6)).all()
    crossed_low = np.array([4.0, 9.0, 4.0, 4.0])  # a low above its high
    assert np.isnan(_profiles(flat, crossed_low, some, 6)).all()
