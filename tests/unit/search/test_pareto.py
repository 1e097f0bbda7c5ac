"""Pareto ranks and the hypervolume against published and closed-form numbers."""

import math
from typing import Any

import numpy as np
import pytest

from autonomous_trading.core import FloatArray, InvalidInput
from autonomous_trading.search import hypervolume, pareto_ranks


def zdt1_front(points: int) -> FloatArray:
    first = np.linspace(0.0, 1.0, points)
    return np.column_stack([first, 1.0 - np.sqrt(first)])


def test_ranks_of_a_small_example() -> None:
    values = np.array([[1.0, 4.0], [2.0, 2.0], [4.0, 1.0], [3.0, 3.0], [2.0, 5.0], [4.0, 4.0], [2.0, 2.0]])
    assert pareto_ranks(values).tolist() == [1, 1, 1, 2, 2, 3, 1]


def test_ranks_of_one_objective_count_distinct_values() -> None:
    assert pareto_ranks(np.array([[3.0], [1.0], [2.0], [1.0]])).tolist() == [3, 1, 2, 1]


def test_rows_with_nan_have_no_rank_and_take_none() -> None:
    values = np.array([[np.nan, 0.0], [1.0, 1.0], [2.0, 2.0], [0.0, np.nan]])
    assert pareto_ranks(values).tolist() == [0, 1, 2, 0]
    assert pareto_ranks(np.full((3, 2), np.nan)).tolist() == [0, 0, 0]
    assert pareto_ranks(np.empty((0, 2))).tolist() == []


def test_infinite_values_are_ranked() -> None:
    values = np.array([[-np.inf, 1.0], [0.0, 0.0], [np.inf, 1.0]])
    assert pareto_ranks(values).tolist() == [1, 1, 2]


def test_hypervolume_of_boxes() -> None:
    assert hypervolume(np.array([[0.0, 0.0]]), (2.0, 3.0)) == pytest.approx(6.0)
    assert hypervolume(np.array([[0.0, 1.0], [1.0, 0.0]]), (2.0, 2.0)) == pytest.approx(3.0)
    assert hypervolume(np.array([[1.0], [-2.0]]), (3.0,)) == pytest.approx(5.0)


@pytest.mark.parametrize(("reference", "volume"), [(1.1, 0.8766667), (1.0, 0.6666667)])
def test_hypervolume_of_the_front_of_zdt1(reference: float, volume: float) -> None:
    assert hypervolume(zdt1_front(20_001), (reference, reference)) == pytest.approx(volume, abs=1e-4)


def test_hypervolume_of_the_front_of_zdt2() -> None:
    first = np.linspace(0.0, 1.0, 20_001)
    front = np.column_stack([first, 1.0 - first**2])
    assert hypervolume(front, (1.1, 1.1)) == pytest.approx(0.5433333, abs=1e-4)


def test_hypervolume_of_the_sphere() -> None:
    azimuth, height = np.meshgrid(np.linspace(0.0, math.pi / 2, 120), np.linspace(0.0, 1.0, 120))
    ring = np.sqrt(1.0 - height**2)
    front = np.column_stack([(ring * np.cos(azimuth)).ravel(), (ring * np.sin(azimuth)).ravel(), height.ravel()])
    assert hypervolume(front, (1.1, 1.1, 1.1)) == pytest.approx(0.8074012, abs=0.01)


def test_hypervolume_of_the_example_in_the_manual_of_pymoo() -> None:
    assert hypervolume(zdt1_front(100)[::10] * 1.1, (1.2, 1.2)) == pytest.approx(0.9631646448, abs=1e-10)


def test_only_what_beats_the_reference_counts() -> None:
    inside = np.array([[0.5, 0.5]])
    more = np.array([[0.5, 0.5], [0.1, 1.0], [2.0, 0.0], [np.nan, 0.0], [0.0, np.inf]])
    assert hypervolume(more, (1.0, 1.0)) == hypervolume(inside, (1.0, 1.0)) == pytest.approx(0.25)
    assert hypervolume(more[1:], (1.0, 1.0)) == 0.0
    assert hypervolume(np.empty((0, 2)), (1.0, 1.0)) == 0.0


@pytest.mark.parametrize("reference", [(1.0,), (1.0, 1.0, 1.0), (1.0, np.nan), (1.0, np.inf)])
def test_a_bad_reference_is_refused(reference: tuple[float, ...]) -> None:
    with pytest.raises(InvalidInput, match="the reference must hold 2 finite numbers"):
        hypervolume(np.zeros((1, 2)), reference)


def test_an_infinite_volume_is_refused() -> None:
    with pytest.raises(InvalidInput, match="is infinite"):
        hypervolume(np.array([[-np.inf, 0.0]]), (1.0, 1.0))


def test_a_flat_list_of_values_is_refused() -> None:
    with pytest.raises(InvalidInput, match=r"shape \[n, n_objectives\]; got \[3\]"):
        pareto_ranks(np.zeros(3))


@pytest.mark.parametrize("values", ["a", [["x", 1]], None, [[1, 2], [3]]])
def test_what_is_no_table_of_numbers_is_refused(values: Any) -> None:
    with pytest.raises(InvalidInput):
        hypervolume(values, [3.0, 3.0])
    with pytest.raises(InvalidInput):
        hypervolume(np.ones((2, 2)), values)
