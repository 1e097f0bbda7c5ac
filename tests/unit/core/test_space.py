"""Spaces, sets and tables: every value canonical, every problem told, every grid point feasible."""

import copy
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from autonomous_trading.core import (
    BoolArray,
    BoolParameter,
    CategoricalParameter,
    FloatParameter,
    IntParameter,
    InvalidInput,
    InvalidParameter,
    ParameterTable,
    Space,
    UnknownName,
)


def fast_below_slow(table: ParameterTable) -> BoolArray:
    return np.asarray(table.column("fast") < table.column("slow"), dtype=np.bool_)


PARAMETERS = {
    "fast": IntParameter(1, 40, default=10),
    "slow": IntParameter(1, 40, default=30),
    "stop_loss": FloatParameter(0.01, 0.05, default=0.02),
    "kind": CategoricalParameter(["simple", "exponential"], default="simple"),
    "reverse": BoolParameter(default=False),
}


@pytest.fixture
def space() -> Space:
    return Space(PARAMETERS, fast_below_slow)


def test_parameters_take_the_name_they_have_in_the_space(space: Space) -> None:
    assert space.names == ("fast", "slow", "stop_loss", "kind", "reverse")
    assert space.dimension == 5
    assert all(parameter.name == name for name, parameter in space.parameters.items())
    with pytest.raises(TypeError):
        space.parameters["other"] = PARAMETERS["fast"]  # type: ignore[index]


def test_something_else_is_not_a_parameter() -> None:
    with pytest.raises(InvalidParameter, match="'x' is not a parameter but a int"):
        Space({"x": 3})  # type: ignore[dict-item]


def test_defaults(space: Space) -> None:
    assert space.defaults() == {
        "fast": 10,
        "slow": 30,
        "stop_loss": 0.02,
        "kind": "simple",
        "reverse": False,
    }


def test_choose_fills_in_defaults_and_makes_values_canonical(space: Space) -> None:
    chosen = space.choose({"slow": np.float64(35.0), "reverse": np.True_})
    assert chosen == {"fast": 10, "slow": 35, "stop_loss": 0.02, "kind": "simple", "reverse": True}
    assert list(chosen) == list(PARAMETERS)
    assert type(chosen["slow"]) is int
    assert chosen.id == space.choose({"reverse": True, "slow": 35}).id


def test_one_problem_keeps_its_own_error(space: Space) -> None:
    with pytest.raises(UnknownName, match=r"unknown parameter 'fats'. Fix: did you mean 'fast'\?"):
        space.choose({"fats": 3})
    with pytest.raises(InvalidParameter, match=r"'fast' must be between 1 and 40; got 99\. Fix: choose"):
        space.choose({"fast": 99})


def test_all_problems_are_told_at_once(space: Space) -> None:
    with pytest.raises(InvalidParameter) as caught:
        space.choose({"fats": 3, "slow": 99, "reverse": 1})
    text = str(caught.value)
    assert text.startswith("3 problems: unknown parameter 'fats'; parameter 'slow' must be between 1 and 40")
    assert "'reverse' must be True or False; got 1" in text
    assert "did you mean 'fast'?" in text.partition("Fix: ")[2]


def test_the_constraint_is_checked_last(space: Space) -> None:
    with pytest.raises(InvalidParameter, match="the constraint refuses fast=35, slow=30"):
        space.choose({"fast": 35})


def test_fixed_values_are_in_every_set_and_not_free(space: Space) -> None:
    still = space.fix({"stop_loss": 0.03}).fix({"kind": "exponential"})
    assert still.names == ("fast", "slow", "reverse")
    assert still.dimension == 3
    assert still.size() == 40 * 40 * 2
    assert still.defaults()["kind"] == "exponential"
    assert still.choose({"stop_loss": 0.03})["stop_loss"] == 0.03
    table = still.from_unit(np.full((2, 3), 0.99))
    assert table.names == tuple(PARAMETERS)
    assert table.column("stop_loss").tolist() == [0.03, 0.03]
    assert space.fixed == {}


def test_a_fixed_value_cannot_be_chosen_differently(space: Space) -> None:
    with pytest.raises(InvalidParameter, match=r"'stop_loss' is fixed at 0\.03; got 0\.04"):
        space.fix({"stop_loss": 0.03}).choose({"stop_loss": 0.04})


def test_bad_fixed_values_are_refused(space: Space) -> None:
    with pytest.raises(UnknownName, match="did you mean 'stop_loss'"):
        space.fix({"stoploss": 0.03})
    with pytest.raises(InvalidParameter, match="'fast' must be between"):
        space.fix({"fast": 0})


def test_size() -> None:
    assert Space(PARAMETERS).size() is None
    assert Space({"a": PARAMETERS["fast"], "b": PARAMETERS["kind"]}).size() == 80
    assert Space({}).size() == 1


def test_unit_coordinates_map_to_columns_of_the_right_type(space: Space) -> None:
    table = space.from_unit(np.array([[0.0, 1.0, 0.5, 0.2, 0.7], [0.5, 0.5, 0.0, 0.9, 0.1]]))
    assert len(table) == 2
    assert table.column("fast").tolist() == [1, 21]
    assert table.column("slow").tolist() == [40, 21]
    assert table.column("stop_loss").tolist() == pytest.approx([0.03, 0.01])
    assert table.column("kind").tolist() == ["simple", "exponential"]
    assert table.column("reverse").tolist() == [True, False]
    assert [table.column(name).dtype.kind for name in table.names] == ["i", "i", "f", "O", "b"]


@pytest.mark.parametrize("shape", [(5,), (2, 4), (2, 6), (1, 5, 1)])
def test_unit_coordinates_of_another_shape_are_refused(space: Space, shape: tuple[int, ...]) -> None:
    with pytest.raises(InvalidInput, match=r"must have shape \[n, 5\]"):
        space.from_unit(np.zeros(shape))


def test_the_middle_of_each_slice_maps_back_to_itself(space: Space) -> None:
    table = space.table([{"fast": 3, "slow": 9, "kind": "exponential"}, {"reverse": True}])
    again = space.from_unit(space.to_unit(table))
    assert [again.row(k) for k in range(2)] == [table.row(k) for k in range(2)]


def test_feasible(space: Space) -> None:
    table = space.table([{"fast": 3, "slow": 9}, {"fast": 9, "slow": 3}])
    assert space.feasible(table).tolist() == [True, False]
    assert Space(PARAMETERS).feasible(table).tolist() == [True, True]


@pytest.mark.parametrize("answer", [True, np.array([1, 0]), np.array([True]), None])
def test_a_constraint_that_does_not_answer_per_row_is_refused(answer: Any) -> None:
    space = Space(PARAMETERS, lambda _: answer)
    with pytest.raises(InvalidInput, match="one boolean per set, 2 here"):
        space.feasible(space.table([{}, {}]))


def test_table_fills_in_and_checks_every_row(space: Space) -> None:
    table = space.table([{"fast": 39}, {"kind": "exponential"}])
    assert table.column("fast").tolist() == [39, 10]
    assert table.column("kind").dtype == object
    assert len(space.table([])) == 0
    assert space.table([]).names == tuple(PARAMETERS)
    with pytest.raises(UnknownName):
        space.table([{}, {"fats": 3}])


def test_grid_varies_the_last_parameter_fastest() -> None:
    grid = Space.of({"a": (1, 2), "k": ["x", "y"], "f": (0.0, 1.0)}).grid(resolution=2)
    assert [tuple(row.values()) for row in grid.rows()] == [
        (1, "x", 0.0),
        (1, "x", 1.0),
        (1, "y", 0.0),
        (1, "y", 1.0),
        (2, "x", 0.0),
        (2, "x", 1.0),
        (2, "y", 0.0),
        (2, "y", 1.0),
    ]


def test_grid_keeps_only_what_the_constraint_allows() -> None:
    space = Space({"fast": PARAMETERS["fast"], "slow": PARAMETERS["slow"]}, fast_below_slow)
    grid = space.grid()
    assert len(grid) == 780
    assert bool(np.all(grid.column("fast") < grid.column("slow")))
    assert not grid.column("fast").flags.writeable


def test_grid_takes_all_steps_or_as_many_points_as_asked(space: Space) -> None:
    free = Space(PARAMETERS)
    assert len(free.grid()) == 40 * 40 * 5 * 2 * 2
    assert len(free.grid(3)) == 3 * 3 * 3 * 2 * 2
    assert len(space.fix({"stop_loss": 0.03, "kind": "simple", "reverse": True}).grid()) == 780


def test_grid_of_nothing_free_is_the_one_set() -> None:
    assert len(Space({}).grid()) == 1
    fixed = Space({"fast": PARAMETERS["fast"]}).fix({"fast": 7})
    assert [dict(row) for row in fixed.grid().rows()] == [{"fast": 7}]


@pytest.mark.parametrize(
    ("space", "resolution", "size"),
    [
        (Space.of({"a": (1, 10_000), "b": (1, 10_000)}), None, "100,000,000"),
        (Space.of({"a": (1, 2**40)}), None, "1,099,511,627,776"),
        (Space.of({"a": (0.0, 1.0)}), 10**12, "1,000,000,000,000"),
    ],
)
def test_a_grid_that_would_not_fit_is_refused_before_it_is_built(
    space: Space, resolution: int | None, size: str
) -> None:
    with pytest.raises(InvalidInput, match=rf"grid of {size} points.*resolution.*random.*tpe"):
        space.grid(resolution)


def test_a_grid_without_a_feasible_point_is_refused() -> None:
    space = Space.of({"fast": (20, 30), "slow": (5, 10)})
    with pytest.raises(InvalidInput, match="the constraint refuses all 66 points"):
        Space(space.parameters, fast_below_slow).grid()


def test_a_grid_needs_a_point() -> None:
    with pytest.raises(InvalidInput, match="at least 1 point"):
        Space(PARAMETERS).grid(0)


def test_plain_python_becomes_a_space() -> None:
    ready = FloatParameter(0.01, 0.1, default=0.05, log=True)
    space = Space.of(
        {
            "x": (0.0, 1.0),
            "mixed": (0, 2.5),
            "n": range(5, 50),
            "stepped": range(10, 61, 20),
            "down": range(5, 0, -2),
            "pair": (3, 8),
            "k": ["a", "b"],
            "ready": ready,
        }
    )
    assert dict(space.parameters) == {
        "x": FloatParameter(0.0, 1.0, default=0.5, name="x"),
        "mixed": FloatParameter(0.0, 2.5, default=1.25, name="mixed"),
        "n": IntParameter(5, 49, default=27, name="n"),
        "stepped": IntParameter(10, 50, default=30, step=20, name="stepped"),
        "down": IntParameter(1, 5, default=3, step=2, name="down"),
        "pair": IntParameter(3, 8, default=5, name="pair"),
        "k": CategoricalParameter(["a", "b"], default="a", name="k"),
        "ready": ready.named("ready"),
    }


@pytest.mark.parametrize(
    "declaration",
    [3, "ab", (1, 2, 3), ("a", "b"), (True, 3), (3, False), [], range(5, 5), {1, 2}, None, (1,)],
)
def test_other_declarations_are_refused(declaration: object) -> None:
    with pytest.raises(InvalidParameter, match=r"parameter 'x' cannot be declared as .*range\(5, 50\)"):
        Space.of({"x": declaration})


@pytest.mark.parametrize("declaration", [(2, 1), (1.0, 0.5), ["a", "a"]])
def test_declarations_are_held_to_the_rules_of_parameters(declaration: object) -> None:
    with pytest.raises(InvalidParameter, match="parameter 'x'"):
        Space.of({"x": declaration})


def test_a_space_survives_a_copy(space: Space) -> None:
    again = copy.deepcopy(space.fix({"kind": "simple"}))
    assert again.names == ("fast", "slow", "stop_loss", "reverse")
    assert again.fixed == {"kind": "simple"}
    mapping: Mapping[str, object] = {"fast": 9}
    assert again.choose(mapping) == space.choose(mapping)
