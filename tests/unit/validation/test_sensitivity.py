"""How much neighbours keep, by hand; Sobol indices of functions whose indices are known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from autonomous_trading.core import FloatArray, InvalidInput
from autonomous_trading.validation import (
    kept_shares,
    parameter_sensitivity,
    parameter_stability_score,
    plateau_score,
    saltelli_points,
    sobol_indices,
)

NAN = math.nan


def row(*values: float) -> FloatArray:
    return np.array(values)


def ishigami(unit: FloatArray) -> FloatArray:
    """The function of Ishigami and Homma (1990) with a = 7 and b = 0.1, on the unit cube."""
    x = (2.0 * unit - 1.0) * np.pi
    return np.asarray(np.sin(x[:, 0]) + 7.0 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0]))


def estimated(values: FloatArray, dimension: int) -> tuple[list[float], list[float]]:
    """Table 2 of Saltelli et al. (2010), (b) and (f), one argument and one point after the other."""
    base = len(values) // (dimension + 2)
    one, other = values[:base].tolist(), values[base : 2 * base].tolist()
    both = one + other
    middle = sum(both) / len(both)
    variance = sum((value - middle) ** 2 for value in both) / len(both)
    first, total = [], []
    for argument in range(dimension):
        mixed = values[(2 + argument) * base : (3 + argument) * base].tolist()
        first.append(sum((b - middle) * (m - a) for a, b, m in zip(one, other, mixed, strict=True)) / base / variance)
        total.append(sum((a - m) ** 2 for a, m in zip(one, mixed, strict=True)) / (2 * base) / variance)
    return first, total


class TestKept:
    def test_of_a_gain_it_is_the_ratio(self) -> None:
        assert kept_shares(2.0, row(2.0, 1.0, 0.0, -2.0, 3.0)).tolist() == [1.0, 0.5, 0.0, -1.0, 1.5]

    def test_of_a_loss_it_is_as_far_below(self) -> None:
        assert kept_shares(-2.0, row(-2.0, -3.0, -4.0, -1.0, 2.0)).tolist() == [1.0, 0.5, 0.0, 1.5, 3.0]

    def test_of_what_is_minimised_less_is_better(self) -> None:
        assert kept_shares(0.5, row(0.5, 0.75, 1.0, 0.25), maximize=False).tolist() == [1.0, 0.5, 0.0, 1.5]

    def test_without_a_value_nothing_is_kept(self) -> None:
        assert kept_shares(1.0, row(NAN, math.inf, -math.inf)).tolist() == [-math.inf] * 3

    def test_a_center_of_zero_keeps_all_or_nothing(self) -> None:
        assert kept_shares(0.0, row(0.0, 0.1, -0.1)).tolist() == [1.0, math.inf, -math.inf]

    @pytest.mark.parametrize("center", [NAN, math.inf, -math.inf])
    def test_without_a_center_there_is_no_share(self, center: float) -> None:
        assert np.isnan(kept_shares(center, row(1.0, NAN))).all()
        assert math.isnan(plateau_score(center, row(1.0)))
        assert math.isnan(parameter_stability_score(center, row(1.0)))
        assert math.isnan(parameter_sensitivity(center, row(1.0)))

    def test_the_largest_numbers_do_not_overflow_into_a_wrong_answer(self) -> None:
        assert kept_shares(1e308, row(-1e308)).tolist() == [-math.inf]
        assert kept_shares(5e-324, row(1.0)).tolist() == [math.inf]

    def test_a_table_is_refused(self) -> None:
        with pytest.raises(InvalidInput, match=r"neighbours must be one row of numbers; got shape \[1, 2\]"):
            kept_shares(1.0, np.ones((1, 2)))


class TestPlateau:
    def test_it_is_the_middle_one_and_not_the_peak(self) -> None:
        assert plateau_score(1.0, row(0.2, 5.0, 0.4)) == 0.4
        assert plateau_score(1.0, row(0.2, 5.0, 0.4, 0.6)) == 0.5

    def test_a_neighbour_without_a_value_is_the_worst(self) -> None:
        assert plateau_score(1.0, row(0.8, NAN, 0.9)) == 0.8
        assert plateau_score(-1.0, row(-1.0, NAN, -0.5)) == 1.0

    def test_it_has_none_where_the_middle_one_has_none(self) -> None:
        assert math.isnan(plateau_score(1.0, row(0.8, NAN, NAN)))
        assert math.isnan(plateau_score(1.0, row(0.8, NAN)))
        assert math.isnan(plateau_score(1.0, row()))

    def test_of_a_center_of_zero(self) -> None:
        assert plateau_score(0.0, row(0.0, 0.0, 1.0)) == 1.0
        assert math.isnan(plateau_score(0.0, row(1.0, 1.0, 0.0)))


class TestStabilityAndSensitivity:
    def test_by_hand(self) -> None:
        neighbours = row(1.0, 0.5, -3.0, 1.25)  # keeps 1, 0.5, nothing, and more than all
        assert parameter_stability_score(1.0, neighbours) == (1.0 + 0.5 + 0.0 + 1.0) / 4
        assert parameter_sensitivity(1.0, neighbours) == (0.0 + 0.5 + 1.0 + 0.25) / 4

    def test_a_neighbour_without_a_value_loses_everything(self) -> None:
        assert parameter_stability_score(1.0, row(1.0, NAN)) == 0.5
        assert parameter_sensitivity(1.0, row(1.0, NAN)) == 0.5

    def test_a_better_neighbour_does_not_hide_a_cliff(self) -> None:
        assert parameter_stability_score(1.0, row(9.0, -9.0)) == 0.5
        assert parameter_sensitivity(1.0, row(9.0, -9.0)) == 1.0

    def test_of_what_is_minimised(self) -> None:
        assert parameter_stability_score(0.5, row(0.75, 0.25), maximize=False) == 0.75

    def test_no_neighbours(self) -> None:
        assert math.isnan(parameter_stability_score(1.0, row()))
        assert math.isnan(parameter_sensitivity(1.0, row()))


class TestSobol:
    def test_the_indices_of_ishigami(self) -> None:
        found = sobol_indices(ishigami(saltelli_points(3, 2**14, seed=3)), 3, resamples=20)
        np.testing.assert_allclose(found.first_order, [0.3139, 0.4424, 0.0], atol=0.006)
        np.testing.assert_allclose(found.total, [0.5576, 0.4424, 0.2437], atol=0.006)

    def test_of_a_weighted_sum_they_are_the_shares_of_its_variances(self) -> None:
        weights = row(1.0, 2.0, 3.0, 0.0)
        found = sobol_indices(saltelli_points(4, 2**13, seed=1) @ weights, 4, resamples=2)
        np.testing.assert_allclose(found.first_order, weights**2 / 14.0, atol=0.01)
        np.testing.assert_allclose(found.total, weights**2 / 14.0, atol=0.01)
        assert found.total[3] == 0.0

    @pytest.mark.parametrize("dimension", [1, 3])
    def test_they_are_the_estimators_of_the_paper(self, dimension: int) -> None:
        values = np.random.default_rng(2).normal(3.0, 1.0, 32 * (dimension + 2))
        found = sobol_indices(values, dimension)
        first, total = estimated(values, dimension)
        np.testing.assert_allclose(found.first_order, first, rtol=1e-9)
        np.testing.assert_allclose(found.total, total, rtol=1e-9)

    def test_the_intervals_hold_the_truth_about_as_often_as_they_say(self) -> None:
        held = np.zeros(3)
        for seed in range(40):
            found = sobol_indices(ishigami(saltelli_points(3, 128, seed=seed)), 3, resamples=200, seed=seed)
            low, high = found.total_interval.T
            held += (low <= [0.5576, 0.4424, 0.2437]) & (high >= [0.5576, 0.4424, 0.2437])
        assert np.all(held >= 34)  # 38 of 40 expected, more as the points are spread evenly

    def test_a_wider_confidence_gives_wider_intervals(self) -> None:
        values = ishigami(saltelli_points(3, 128))
        narrow, wide = (sobol_indices(values, 3, confidence=level) for level in (0.5, 0.99))
        assert (wide.confidence, narrow.confidence) == (0.99, 0.5)
        for name in ("first_order_interval", "total_interval"):
            inner, outer = getattr(narrow, name), getattr(wide, name)
            assert np.all(outer[:, 0] < inner[:, 0])
            assert np.all(inner[:, 1] < outer[:, 1])

    @pytest.mark.parametrize("rounding", [0.0, 1e-16])
    def test_what_does_not_vary_has_no_shares(self, rounding: float) -> None:
        values = np.full(4 * 16, 0.3)
        values[::3] += rounding
        found = sobol_indices(values, 2)
        for values in (found.first_order, found.total, found.first_order_interval, found.total_interval):
            assert np.isnan(values).all()
        assert found.total_interval.shape == (2, 2)

    def test_the_same_seed_gives_the_same_points_and_intervals(self) -> None:
        points = saltelli_points(3, 64, seed=5)
        np.testing.assert_array_equal(points, saltelli_points(3, 64, seed=5))
        assert not np.array_equal(points, saltelli_points(3, 64, seed=6))
        one, again, other = (sobol_indices(ishigami(points), 3, seed=seed) for seed in (5, 5, 6))
        np.testing.assert_array_equal(one.total_interval, again.total_interval)
        assert not np.array_equal(one.total_interval, other.total_interval)

    def test_many_resamples_are_worked_out_in_parts(self, monkeypatch: pytest.MonkeyPatch) -> None:
        values = ishigami(saltelli_points(3, 64))
        whole = sobol_indices(values, 3, resamples=9)
        monkeypatch.setattr("autonomous_trading.validation._sensitivity._CHUNK", 1)
        parts = sobol_indices(values, 3, resamples=9)
        np.testing.assert_allclose(parts.total_interval, whole.total_interval)
        np.testing.assert_allclose(parts.first_order_interval, whole.first_order_interval)

    def test_the_points_are_two_samples_and_their_mixtures(self) -> None:
        points = saltelli_points(3, 8).reshape(5, 8, 3)
        for argument in range(3):
            swapped = points[0].copy()
            swapped[:, argument] = points[1][:, argument]
            np.testing.assert_array_equal(points[2 + argument], swapped)
        assert points.min() >= 0.0
        assert points.max() <= 1.0

    @pytest.mark.parametrize(("dimension", "base"), [(0, 8), (2, 1), (2, 12), (2, 2**19), (2**20, 2)])
    def test_impossible_points_are_refused(self, dimension: int, base: int) -> None:
        with pytest.raises(InvalidInput, match=f"base must be a power of 2.*got base {base} and dimension {dimension}"):
            saltelli_points(dimension, base)

    def test_values_of_other_points_are_refused(self) -> None:
        for values, dimension in ((np.ones(9), 2), (np.ones(0), 2), (np.ones((4, 2)), 2), (np.ones(4), 0)):
            with pytest.raises(InvalidInput, match=rf"values must be those of saltelli_points\({dimension}, ...\)"):
                sobol_indices(values, dimension)

    def test_values_that_are_missing_are_refused(self) -> None:
        with pytest.raises(InvalidInput, match="values must be finite"):
            sobol_indices(row(1.0, NAN, 2.0, 3.0), 2)

    @pytest.mark.parametrize(("confidence", "resamples"), [(0.0, 9), (1.0, 9), (0.9, 1)])
    def test_impossible_intervals_are_refused(self, confidence: float, resamples: int) -> None:
        with pytest.raises(InvalidInput, match=f"got {confidence} and {resamples}"):
            sobol_indices(np.arange(8.0), 2, confidence=confidence, resamples=resamples)
