"""Parameter importance against variance shares known in closed form."""

import math
from itertools import pairwise

import numpy as np
import pytest

from autonomous_trading.core import BoolArray, InvalidInput, ParameterTable, Space
from autonomous_trading.search import parameter_importance

CUBE = Space.of({"a": (0.0, 1.0), "b": (0.0, 1.0), "c": (0.0, 1.0)})


def draws(space: Space, count: int, seed: int = 0) -> ParameterTable:
    table = space.from_unit(np.random.default_rng(seed).random((count, space.dimension)))
    return table.take(space.feasible(table))


def test_a_sum_is_split_by_variance() -> None:
    table = draws(CUBE, 1500)
    shares = parameter_importance(table, 3.0 * table.column("a") + table.column("b"), CUBE, seed=1)
    assert shares["a"] == pytest.approx(0.9, abs=0.03)
    assert shares["b"] == pytest.approx(0.1, abs=0.03)
    assert shares["c"] < 0.01
    assert sum(shares.values()) == pytest.approx(1.0)


def test_the_function_of_ishigami_with_its_interaction() -> None:
    # Total effects 0.5576, 0.4424, 0.2437 (Sobol and Levitan, 1999), here as shares of their sum.
    space = Space.of(dict.fromkeys(("a", "b", "c"), (-math.pi, math.pi)))
    table = draws(space, 2000)
    a, b, c = (table.column(name) for name in ("a", "b", "c"))
    shares = parameter_importance(table, np.sin(a) + 7.0 * np.sin(b) ** 2 + 0.1 * c**4 * np.sin(a), space)
    assert [shares[name] for name in ("a", "b", "c")] == pytest.approx([0.448, 0.356, 0.196], abs=0.06)


def test_choices_and_switches_count_too() -> None:
    space = Space.of({"kind": ["x", "y", "z"], "n": (1, 20)})
    table = draws(space, 400)
    shares = parameter_importance(table, (table.column("kind") == "y").astype(np.float64), space)
    assert list(shares) == ["kind", "n"]
    assert shares["kind"] > 0.97


def test_the_largest_comes_first() -> None:
    table = draws(CUBE, 300)
    shares = parameter_importance(table, table.column("c") + 0.3 * table.column("a"), CUBE)
    assert next(iter(shares)) == "c"
    assert all(left >= right for left, right in pairwise(shares.values()))


def test_a_constraint_lends_no_importance() -> None:
    asked: list[ParameterTable] = []

    def faster(table: ParameterTable) -> BoolArray:
        asked.append(table)
        allowed: BoolArray = table.column("fast") < table.column("slow")
        return allowed

    space = Space(Space.of({"fast": (1, 60), "slow": (1, 60)}).parameters, faster)
    table = draws(space, 3000)
    shares = parameter_importance(table, np.sqrt(table.column("slow")), space)
    assert shares["slow"] > 0.97
    assert len(asked) > 1  # every swap was put to the constraint


def test_values_that_are_not_finite_are_left_out() -> None:
    table = draws(CUBE, 300)
    values = table.column("a").copy()
    values[::5] = np.nan
    values[1::5] = np.inf
    kept = np.isfinite(values)
    assert parameter_importance(table, values, CUBE, seed=3) == parameter_importance(
        table.take(kept), values[kept], CUBE, seed=3
    )
    assert parameter_importance(table, values, CUBE)["a"] > 0.95


@pytest.mark.parametrize("values", [np.full(30, 2.5), np.full(30, np.nan), np.r_[np.arange(7.0), [np.nan] * 23]])
def test_nothing_to_explain_is_said(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> None:
    shares = parameter_importance(draws(CUBE, 30), values, CUBE)
    assert list(shares) == ["a", "b", "c"]
    assert all(math.isnan(share) for share in shares.values())


def test_sets_that_never_changed_explain_nothing() -> None:
    same = CUBE.table([{}] * 20)
    assert all(math.isnan(share) for share in parameter_importance(same, np.arange(20.0), CUBE).values())


def test_a_constraint_that_refuses_every_swap_leaves_nothing_to_compare() -> None:
    table = draws(CUBE, 50)
    alone = Space(CUBE.parameters, lambda swapped: np.zeros(len(swapped), dtype=np.bool_))
    assert all(math.isnan(share) for share in parameter_importance(table, table.column("a"), alone).values())


def test_parameters_held_still_are_not_named() -> None:
    space = CUBE.fix({"b": 0.5})
    table = draws(space, 200)
    assert set(parameter_importance(table, table.column("a"), space)) == {"a", "c"}
    still = CUBE.fix({"a": 0.5, "b": 0.5, "c": 0.5})
    assert parameter_importance(still.table([{}] * 20), np.arange(20.0), still) == {}


def test_the_same_seed_gives_the_same_shares() -> None:
    table = draws(CUBE, 200)
    values = table.column("a") * table.column("b")
    assert parameter_importance(table, values, CUBE, seed=4) == parameter_importance(table, values, CUBE, seed=4)


def test_one_objective_at_a_time() -> None:
    with pytest.raises(InvalidInput, match=r"shape \[30\], one number per set; got \[30, 2\].*values\[:, 0\]"):
        parameter_importance(draws(CUBE, 30), np.zeros((30, 2)), CUBE)
