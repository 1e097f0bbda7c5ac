"""Laws of parameters and spaces: what comes out is valid, and going there and back changes nothing."""

import math
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autonomous_trading.core import (
    BoolArray,
    BoolParameter,
    CategoricalParameter,
    FloatParameter,
    IntParameter,
    Parameter,
    ParameterSet,
    ParameterTable,
    Space,
)

FINITE = st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.one_of(st.integers(-(2**40), 2**40), FINITE, st.text(max_size=8), st.booleans())
UNITS = st.lists(st.floats(0.0, 1.0), max_size=30).map(np.array)


@st.composite
def int_parameters(draw: st.DrawFn) -> IntParameter:
    log = draw(st.booleans())
    low = draw(st.integers(1 if log else -(10**6), 10**6))
    high = low + draw(st.integers(0, 10**6))
    step = 1 if log else draw(st.integers(1, 1_000))
    default = low + step * draw(st.integers(0, (high - low) // step))
    return IntParameter(low, high, default=default, step=step, log=log)


@st.composite
def float_parameters(draw: st.DrawFn) -> FloatParameter:
    kind = draw(st.sampled_from(["plain", "log", "step"]))
    low = draw(st.floats(1e-6, 1e3) if kind == "log" else st.floats(-1e3, 1e3))
    high = low + draw(st.floats(0.0, 1e3))
    step = draw(st.floats(1e-6, 1e3)) if kind == "step" else None
    return FloatParameter(low, high, default=low, step=step, log=kind == "log")


@st.composite
def decimal_parameters(draw: st.DrawFn) -> FloatParameter:
    """Steps as people write them: 0.005, 0.1, 25."""
    decimals = draw(st.integers(0, 6))
    low, step = draw(st.integers(-1_000, 1_000)), draw(st.integers(1, 200))
    count = draw(st.integers(0, 400))
    low_, high_, step_ = (float(f"{value}e-{decimals}") for value in (low, low + step * count, step))
    return FloatParameter(low_, high_, default=low_, step=step_)


CHOICES = st.lists(VALUES, min_size=1, max_size=6, unique=True).map(
    lambda choices: CategoricalParameter(choices, default=choices[-1])
)
PARAMETERS: st.SearchStrategy[Parameter] = st.one_of(
    int_parameters(),
    float_parameters(),
    decimal_parameters(),
    CHOICES,
    st.booleans().map(lambda default: BoolParameter(default=default)),
)
SPACES = st.dictionaries(st.text(min_size=1, max_size=5), PARAMETERS, max_size=4).map(Space)


@given(PARAMETERS, UNITS)
def test_every_sample_is_a_valid_value_in_canonical_form(parameter: Parameter, unit: Any) -> None:
    values = parameter.from_unit(unit)
    assert len(values) == len(unit)
    for value in values.tolist():
        canonical = parameter.validate(value)
        assert canonical == value
        assert type(canonical) is type(value)


@given(PARAMETERS, UNITS)
def test_there_and_back_is_the_same_value(parameter: Parameter, unit: Any) -> None:
    values = parameter.from_unit(unit)
    back = parameter.to_unit(values)
    assert bool(np.all((back >= 0.0) & (back <= 1.0)))
    again = parameter.from_unit(back)
    if isinstance(parameter, FloatParameter) and parameter.step is None:
        size = max(abs(parameter.low), abs(parameter.high))
        np.testing.assert_allclose(again, values, rtol=1e-12, atol=1e-12 * size)
    else:
        assert again.tolist() == values.tolist()


@given(st.one_of(int_parameters(), float_parameters(), decimal_parameters()), UNITS)
def test_numbers_rise_with_their_coordinate(parameter: Parameter, unit: Any) -> None:
    values = parameter.from_unit(np.sort(unit))
    assert bool(np.all(np.diff(values) >= 0))


@given(PARAMETERS, st.integers(1, 40))
def test_a_grid_has_distinct_valid_values_and_no_more_than_asked(parameter: Parameter, points: int) -> None:
    grid = list(parameter.grid(points))
    assert grid
    assert len(set(grid)) == len(grid)
    assert [parameter.validate(value) for value in grid] == grid
    if parameter.is_numeric:
        assert len(grid) <= points
        assert grid == sorted(grid, key=float)
    whole = isinstance(parameter, IntParameter) and parameter.step == 1
    if len(grid) > 1 and (whole or (isinstance(parameter, FloatParameter) and parameter.step is None)):
        assert isinstance(parameter, IntParameter | FloatParameter)
        assert (grid[0], grid[-1]) == (parameter.low, parameter.high)


@given(decimal_parameters())
def test_decimal_steps_are_counted_and_written_as_people_write_them(parameter: FloatParameter) -> None:
    grid = parameter.grid()
    assert grid[-1] == parameter.high
    assert len(grid) == parameter.cardinality
    longest = max(len(repr(parameter.low)), len(repr(parameter.high)), len(repr(parameter.step)))
    assert all(len(repr(value)) <= longest + 2 for value in grid)


@given(int_parameters(), FINITE | st.integers())
def test_a_whole_number_is_accepted_exactly_when_it_is_inside_and_on_a_step(
    parameter: IntParameter, value: float
) -> None:
    inside = math.isfinite(value) and parameter.low <= value <= parameter.high
    expected = inside and value == int(value) and (int(value) - parameter.low) % parameter.step == 0
    try:
        accepted = parameter.validate(value) == value
    except ValueError:
        accepted = False
    assert accepted == expected


@given(st.dictionaries(st.text(max_size=5), VALUES, max_size=6), st.randoms(use_true_random=False))
def test_an_id_does_not_depend_on_the_order_of_names(values: dict[str, Any], random: Any) -> None:
    names = list(values)
    random.shuffle(names)
    shuffled = ParameterSet({name: values[name] for name in names})
    assert shuffled.id == ParameterSet(values).id
    assert shuffled == ParameterSet(values)
    assert hash(shuffled) == hash(ParameterSet(values))


@given(st.dictionaries(st.text(max_size=3), VALUES, max_size=3), st.dictionaries(st.text(max_size=3), VALUES))
def test_equal_ids_mean_equal_sets(one: dict[str, Any], two: dict[str, Any]) -> None:
    first, second = ParameterSet(one), ParameterSet(two)
    assert (first.id == second.id) == (first == second)


@given(SPACES, st.integers(0, 5), st.randoms(use_true_random=False))
def test_a_space_gives_back_the_sets_it_gave(space: Space, rows: int, random: Any) -> None:
    matrix = np.array([[random.random() for _ in space.names] for _ in range(rows)]).reshape(rows, space.dimension)
    table = space.from_unit(matrix)
    again = space.from_unit(space.to_unit(table))
    for row, other in zip(table.rows(), again.rows(), strict=True):
        assert space.choose(row) == row
        assert space.choose(dict(row)).id == row.id
        assert space.choose(other).keys() == row.keys()
        for name, value in row.items():
            assert other[name] == value or math.isclose(float(value), float(other[name]), rel_tol=1e-9, abs_tol=1e-9)


@given(SPACES)
def test_defaults_are_a_valid_choice(space: Space) -> None:
    assert space.choose({}) == space.defaults()


@given(
    st.dictionaries(st.sampled_from("abcd"), int_parameters(), min_size=2, max_size=3),
    st.integers(1, 6),
    st.integers(2, 5),
)
def test_a_grid_is_every_feasible_combination_once(
    parameters: dict[str, IntParameter], resolution: int, divisor: int
) -> None:
    def allowed(table: ParameterTable) -> BoolArray:
        total = sum(table.column(name) for name in table.names)
        return np.asarray(total % divisor != 0, dtype=np.bool_)

    everything = Space(parameters).grid(resolution)
    expected = [row for row in everything.rows() if sum(map(int, row.values())) % divisor]
    space = Space(parameters, allowed)
    if not expected:
        return
    grid = space.grid(resolution)
    assert list(grid.rows()) == expected
    assert len({row.id for row in grid.rows()}) == len(grid)
    assert bool(space.feasible(grid).all())
    assert len(everything) == math.prod(len(parameter.grid(resolution)) for parameter in parameters.values())
