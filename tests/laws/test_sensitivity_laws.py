"""Laws of what neighbours keep and of Sobol indices."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autonomous_trading.core import FloatArray
from autonomous_trading.validation import (
    kept_shares,
    parameter_sensitivity,
    parameter_stability_score,
    plateau_score,
    sobol_indices,
)

WORTH = st.floats(-1e6, 1e6).filter(lambda value: value == 0.0 or abs(value) > 1e-6)
CENTERS = WORTH.filter(lambda value: value != 0.0)
NEIGHBOURS = st.lists(WORTH | st.just(math.nan), min_size=1, max_size=30).map(np.array)


@given(WORTH, st.integers(1, 20), st.booleans())
def test_a_flat_function_is_stable_and_not_sensitive(center: float, n: int, maximize: bool) -> None:
    flat = np.full(n, center)
    assert plateau_score(center, flat, maximize=maximize) == 1.0
    assert parameter_stability_score(center, flat, maximize=maximize) == 1.0
    assert parameter_sensitivity(center, flat) == 0.0


@given(CENTERS, NEIGHBOURS, st.floats(1e-3, 1e3))
def test_the_unit_of_the_metric_does_not_matter(center: float, neighbours: FloatArray, factor: float) -> None:
    np.testing.assert_allclose(
        kept_shares(center * factor, neighbours * factor), kept_shares(center, neighbours), rtol=1e-9, atol=1e-9
    )
    for score in (plateau_score, parameter_stability_score, parameter_sensitivity):
        scaled = score(center * factor, neighbours * factor)
        np.testing.assert_allclose(scaled, score(center, neighbours), rtol=1e-9, atol=1e-9)


@given(CENTERS, NEIGHBOURS)
def test_what_is_minimised_is_its_negative_maximised(center: float, neighbours: FloatArray) -> None:
    for score in (plateau_score, parameter_stability_score):
        np.testing.assert_array_equal(score(center, neighbours, maximize=False), score(-center, -neighbours))
    moved = parameter_sensitivity(-center, -neighbours)
    np.testing.assert_allclose(moved, parameter_sensitivity(center, neighbours), rtol=1e-9, atol=1e-9)


@given(WORTH, NEIGHBOURS)
def test_what_is_not_kept_has_moved(center: float, neighbours: FloatArray) -> None:
    stability, sensitivity = parameter_stability_score(center, neighbours), parameter_sensitivity(center, neighbours)
    assert 0.0 <= stability <= 1.0
    assert 0.0 <= sensitivity <= 1.0
    assert stability + sensitivity >= 1.0 - 1e-12
    worse = np.where(np.isnan(neighbours), neighbours, np.minimum(neighbours, center))
    together = parameter_stability_score(center, worse) + parameter_sensitivity(center, worse)
    np.testing.assert_allclose(together, 1.0, rtol=1e-12)


@given(WORTH, NEIGHBOURS)
def test_the_order_of_the_neighbours_does_not_matter(center: float, neighbours: FloatArray) -> None:
    shuffled = np.random.default_rng(len(neighbours)).permutation(neighbours)
    for score in (plateau_score, parameter_stability_score, parameter_sensitivity):
        np.testing.assert_allclose(score(center, shuffled), score(center, neighbours), rtol=1e-12)


@given(CENTERS, NEIGHBOURS, st.integers(0, 29), st.floats(0.0, 1e6))
def test_a_better_neighbour_never_lowers_a_score(
    center: float, neighbours: FloatArray, place: int, more: float
) -> None:
    better = neighbours.copy()
    better[place % len(better)] += more
    assert parameter_stability_score(center, better) >= parameter_stability_score(center, neighbours) - 1e-12
    before, after = plateau_score(center, neighbours), plateau_score(center, better)
    assert math.isnan(before) or after >= before - 1e-9 * abs(before)


@given(st.permutations(range(4)), st.integers(0, 1000), st.sampled_from([0.25, 1.0, 8.0]), st.floats(-9.0, 9.0))
def test_permuted_arguments_have_permuted_indices_in_any_unit(
    order: list[int], seed: int, factor: float, shift: float
) -> None:
    values = np.random.default_rng(seed).normal(size=6 * 16)
    blocks = values.reshape(6, 16)
    permuted = np.concatenate([blocks[:2], blocks[2:][order]]).ravel() * factor + shift
    found, other = sobol_indices(values, 4, resamples=20), sobol_indices(permuted, 4, resamples=20)
    for name in ("first_order", "total", "first_order_interval", "total_interval"):
        np.testing.assert_allclose(getattr(other, name), getattr(found, name)[order], rtol=1e-7, atol=1e-9)
