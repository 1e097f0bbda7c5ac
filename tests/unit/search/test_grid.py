"""Grid search: everything, or an even spread of it."""

import numpy as np
import pytest

from autonomous_trading.core import FloatArray, InvalidInput, ParameterTable, Space
from autonomous_trading.search import GridSearch


def proposed(search: GridSearch) -> tuple[ParameterTable, list[int]]:
    batches = []
    while len(batch := search.ask()):
        search.tell(batch, np.zeros((len(batch), 1)))
        batches.append(batch)
    return ParameterTable.concat(batches), [len(batch) for batch in batches]


def pairs(count: int) -> Space:
    return Space.of({"a": (1, count), "b": (1, count)})


def test_every_combination_in_the_order_of_the_grid() -> None:
    space = Space.of({"n": (1, 3), "kind": ["x", "y"]})
    table, _ = proposed(GridSearch(space))
    assert [(row["n"], row["kind"]) for row in table.rows()] == [
        (1, "x"), (1, "y"), (2, "x"), (2, "y"), (3, "x"), (3, "y"),
    ]  # fmt: skip


def test_batches_are_bounded() -> None:
    table, sizes = proposed(GridSearch(pairs(10), batch_size=30))
    assert sizes == [30, 30, 30, 10]
    assert len(table) == 100


def test_resolution_thins_out_numbers() -> None:
    table, _ = proposed(GridSearch(Space.of({"x": (0.0, 1.0), "n": (1, 100)}), resolution=3))
    assert sorted(set(table.column("x"))) == [0.0, 0.5, 1.0]
    assert len(table) == 9


def test_trials_beyond_the_grid_change_nothing() -> None:
    assert len(proposed(GridSearch(pairs(5), trials=1000))[0]) == 25


@pytest.mark.parametrize("trials", [1, 2, 10, 50, 99])
def test_fewer_trials_give_that_many_distinct_sets(trials: int) -> None:
    table, _ = proposed(GridSearch(pairs(10), trials=trials))
    assert len(set(table.rows())) == len(table) == trials


def discrepancy(unit: FloatArray) -> float:
    """The largest difference between the share of points in a box from the origin and its area."""
    corners = np.linspace(0.05, 1.0, 20)
    boxes = np.array([[(unit < [u, v]).all(axis=1).mean() - u * v for u in corners] for v in corners])
    return float(np.abs(boxes).max())


def test_a_spread_covers_all_axes_together() -> None:
    space = pairs(32)
    spread = space.to_unit(proposed(GridSearch(space, trials=64))[0])
    draws = np.random.default_rng(0).random((50, 64, 2))
    assert discrepancy(spread) < 0.5 * np.median([discrepancy(unit) for unit in draws])
    assert all(len(np.unique(axis)) > 24 for axis in spread.T)  # every 16th set would have two values of b


def test_a_spread_respects_the_constraint_however_narrow() -> None:
    def close(table: ParameterTable) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        near: np.ndarray[tuple[int], np.dtype[np.bool_]] = np.abs(table.column("a") - table.column("b")) <= 1
        return near

    space = Space(pairs(100).parameters, close)
    table, _ = proposed(GridSearch(space, trials=296))  # of 298: probing alone does not find them
    assert len(set(table.rows())) == 296
    assert space.feasible(table).all()
    assert table.column("a").min() <= 3
    assert table.column("a").max() >= 98


def test_a_spread_of_an_immense_grid_needs_no_immense_table() -> None:
    space = Space.of({f"n{k}": (1, 50) for k in range(6)})
    table, _ = proposed(GridSearch(space, trials=500))
    assert len(set(table.rows())) == 500
    assert all(len(np.unique(table.column(name))) >= 5 for name in space.names)


def test_a_coarser_resolution_is_kept_in_a_spread() -> None:
    space = Space.of({f"n{k}": (1, 50) for k in range(8)})
    table, _ = proposed(GridSearch(space, trials=300, resolution=2))
    assert len(table) == 256
    assert set(table.column("n0")) == {1, 50}


def test_an_immense_grid_without_trials_is_refused() -> None:
    with pytest.raises(InvalidInput, match="points is more than"):
        GridSearch(Space.of({f"n{k}": (1, 50) for k in range(6)}))


def test_a_grid_too_wide_for_two_points_each_is_refused() -> None:
    with pytest.raises(InvalidInput, match="points is more than"):
        GridSearch(Space.of({f"n{k}": (1, 50) for k in range(30)}), trials=100)
