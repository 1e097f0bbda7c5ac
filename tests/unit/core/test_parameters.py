"""Parameters: declared on a class, checked when declared and when set, sampled fairly."""

import copy
import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from autonomous_trading.core import (
    BoolParameter,
    CategoricalParameter,
    FloatParameter,
    IntParameter,
    InvalidInput,
    InvalidParameter,
    Parameter,
)

UNIT = (np.arange(6_000) + 0.5) / 6_000


class Tuned:
    """As much of a strategy as parameters need."""

    fast = IntParameter(5, 50, default=10)
    stop_loss = FloatParameter(0.005, 0.05, default=0.02)
    kind = CategoricalParameter(["simple", "exponential"], default="simple")
    reverse = BoolParameter(default=False)

    def __init__(self, **values: Any) -> None:
        self._values: Mapping[str, Any] = values


def test_the_class_gives_the_declaration_and_the_instance_the_value() -> None:
    tuned = Tuned(fast=20, stop_loss=0.01, kind="exponential", reverse=True)
    assert (tuned.fast, tuned.stop_loss, tuned.kind, tuned.reverse) == (20, 0.01, "exponential", True)
    assert Tuned.fast == IntParameter(5, 50, default=10, name="fast")
    assert Tuned.stop_loss.high == 0.05
    assert Tuned.kind.choices == ("simple", "exponential")
    assert Tuned.reverse.default is False


def test_types_are_those_of_the_values() -> None:
    tuned = Tuned(fast=20, stop_loss=0.01, kind="exponential", reverse=True)
    whole: int = tuned.fast
    real: float = tuned.stop_loss
    text: str = tuned.kind
    truth: bool = tuned.reverse
    assert [type(value) for value in (whole, real, text, truth)] == [int, float, str, bool]


def test_a_symbol_passes_through_untouched() -> None:
    symbol = object()
    assert Tuned(fast=symbol).fast is symbol


def test_names_come_from_the_class_body() -> None:
    declared = [Tuned.fast, Tuned.stop_loss, Tuned.kind, Tuned.reverse]
    assert [parameter.name for parameter in declared] == ["fast", "stop_loss", "kind", "reverse"]


def test_a_value_cannot_be_set_on_an_instance() -> None:
    with pytest.raises(InvalidParameter, match=r"'fast' of a Tuned cannot change.*Tuned\(fast=7\)"):
        Tuned(fast=20).fast = 7  # type: ignore[assignment]


def test_a_declaration_is_frozen_and_survives_a_copy() -> None:
    for parameter in (Tuned.fast, Tuned.stop_loss, Tuned.kind, Tuned.reverse):
        with pytest.raises(dataclasses.FrozenInstanceError):
            parameter.name = "other"  # type: ignore[misc]
        assert copy.deepcopy(parameter) == parameter


def test_one_declaration_cannot_have_two_names() -> None:
    shared = IntParameter(1, 5, default=2)
    shared.__set_name__(Tuned, "one")
    shared.__set_name__(Tuned, "one")
    with pytest.raises(InvalidParameter, match="cannot be both 'one' and 'two' of Tuned"):
        shared.__set_name__(Tuned, "two")


@pytest.mark.parametrize("parameter", [Tuned.fast, Tuned.stop_loss, Tuned.kind, Tuned.reverse])
def test_named_changes_only_the_name(parameter: Parameter) -> None:
    other = parameter.named("other")
    assert other.name == "other"
    assert other.named(parameter.name) == parameter


def test_numbers_of_other_types_are_accepted_in_a_declaration() -> None:
    assert IntParameter(5.0, np.int32(50), default=10.0, step=np.int64(5)) == IntParameter(  # type: ignore[arg-type]
        5, 50, default=10, step=5
    )
    real = FloatParameter(0, np.float32(1), default=np.int64(1))  # type: ignore[arg-type]
    assert real == FloatParameter(0.0, 1.0, default=1.0)
    assert [type(value) for value in (real.low, real.high, real.default)] == [float, float, float]


BAD_DECLARATIONS: list[tuple[Callable[[], Parameter], str]] = [
    (lambda: IntParameter(50, 5, default=10), "IntParameter: low must not be above high; got low=50, high=5"),
    (lambda: IntParameter(5, 50, default=60), "IntParameter default must be between 5 and 50; got 60"),
    (
        lambda: IntParameter(5, 50, default=7, step=5),
        r"default must be 5 plus a multiple of 5; got 7.*5 or 10",
    ),
    (lambda: IntParameter(0, 50, default=7, log=True), r"log=True needs low above 0; got low=0"),
    (lambda: IntParameter(1, 50, default=7, log=True, step=2), "log=True and step cannot be combined"),
    (lambda: IntParameter(1, 50, default=7, step=0), "step must be positive; got 0"),
    (lambda: IntParameter(1, 50, default=7, max_step=-1), "max_step must be positive; got -1"),
    (lambda: IntParameter(1.5, 50, default=7), r"low must be a whole number; got 1\.5"),  # type: ignore[arg-type]
    (lambda: IntParameter(1, True, default=1), "high must be a whole number; got True"),
    (lambda: IntParameter(0, 2**41, default=1), r"bounds must not exceed 2\*\*40"),
    (lambda: FloatParameter(1.0, 0.5, default=0.7), r"low must not be above high; got low=1\.0, high=0\.5"),
    (lambda: FloatParameter(0.0, 1.0, default=1.5), r"default must be between 0\.0 and 1\.0; got 1\.5"),
    (lambda: FloatParameter(0.0, float("inf"), default=1.5), "high must be a finite number; got inf"),
    (lambda: FloatParameter(-1e308, 1e308, default=1.5), "high minus low must be a finite number"),
    (lambda: FloatParameter(0.0, 1.0, default=0.5, log=True), "log=True needs low above 0"),
    (lambda: FloatParameter(1.0, 2.0, default=1.0, step=0.5, log=True), "cannot be combined"),
    (
        lambda: FloatParameter(0.0, 1.0, default=0.55, step=0.1),
        r"plus a multiple of 0\.1; got 0\.55.*0\.5 or 0\.6",
    ),
    (lambda: FloatParameter(0.0, 1.0, default=0.5, step=-0.1), r"step must be positive; got -0\.1"),
    (lambda: FloatParameter(1e15, 2e15, default=1e15, step=1e-3), "step must be at least 2"),
    (lambda: FloatParameter(0.0, 10**400, default=0.5), "high must be a finite number"),
    (lambda: CategoricalParameter([], default="a"), r"at least one value; got \[\]"),
    (lambda: CategoricalParameter("abc", default="a"), "at least one value; got 'abc'"),
    (lambda: CategoricalParameter({1, 2}, default=1), "choices must be a list"),  # type: ignore[arg-type]
    (lambda: CategoricalParameter(["a", "a"], default="a"), "must differ from each other"),
    (lambda: CategoricalParameter([1, True], default=1), "must differ from each other"),
    (lambda: CategoricalParameter(["a", None], default="a"), "a number or a boolean; got None"),  # type: ignore[type-var]
    (lambda: CategoricalParameter([1.0, float("nan")], default=1.0), "a number or a boolean; got nan"),
    (lambda: CategoricalParameter(["a", "b"], default="c"), "default must be one of 'a', 'b'; got 'c'"),
    (lambda: BoolParameter(default=1), "BoolParameter default must be True or False; got 1"),  # type: ignore[arg-type]
]


@pytest.mark.parametrize(("declare", "message"), BAD_DECLARATIONS, ids=[m for _, m in BAD_DECLARATIONS])
def test_bad_declarations_are_refused(declare: Callable[[], Parameter], message: str) -> None:
    with pytest.raises(InvalidParameter, match=message):
        declare()


@pytest.mark.parametrize("value", [20, 20.0, np.int32(20), np.float64(20.0), np.uint8(20)])
def test_whole_numbers_are_accepted(value: object) -> None:
    chosen = Tuned.fast.validate(value)
    assert chosen == 20
    assert type(chosen) is int


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (1.5, r"parameter 'fast' must be a whole number; got 1\.5"),
        (float("nan"), "whole number; got nan"),
        (float("inf"), "whole number; got inf"),
        (True, "whole number; got True"),
        (np.True_, "whole number; got True"),
        ("20", "whole number; got '20'"),
        (None, "whole number; got None"),
        (4, "'fast' must be between 5 and 50; got 4. Fix: choose a value from 5 to 50, or declare wider bounds$"),
        (10**400, "between 5 and 50"),
    ],
)
def test_other_values_are_refused_by_a_whole_number(value: object, message: str) -> None:
    with pytest.raises(InvalidParameter, match=message):
        Tuned.fast.validate(value)


@pytest.mark.parametrize("value", [0.03, np.float64(0.03)])
def test_real_numbers_are_accepted(value: object) -> None:
    assert Tuned.stop_loss.validate(value) == 0.03


def test_whole_numbers_become_floats_and_negative_zero_becomes_zero() -> None:
    real = FloatParameter(-1.0, 1.0, default=0.0)
    assert repr(real.validate(1)) == "1.0"
    assert repr(real.validate(-0.0)) == "0.0"
    stepped = FloatParameter(-0.3, 0.3, default=0.0, step=0.1)
    assert repr(stepped.validate(-1e-12)) == "0.0"


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (float("nan"), "'stop_loss' must be a finite number; got nan"),
        (float("-inf"), "finite number; got -inf"),
        (True, "finite number; got True"),
        ("0.02", "finite number; got '0.02'"),
        (0.06, r"between 0\.005 and 0\.05; got 0\.06"),
    ],
)
def test_other_values_are_refused_by_a_real_number(value: object, message: str) -> None:
    with pytest.raises(InvalidParameter, match=message):
        Tuned.stop_loss.validate(value)


@pytest.mark.parametrize(
    ("value", "canonical"), [(0.3, 0.3), (0.1 + 0.2, 0.3), (0.3 + 0.9e-10, 0.3), (1, 1.0), (1.0 + 1e-12, 1.0)]
)
def test_a_value_beside_a_step_is_moved_onto_it(value: float, canonical: float) -> None:
    assert FloatParameter(0.0, 1.0, default=0.5, step=0.1).validate(value) == canonical


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (0.3 + 1e-8, r"must be 0\.0 plus a multiple of 0\.1"),
        (0.95, r"multiple of 0\.1; got 0\.95"),
        (1.1, "between"),
        (-0.1, "between"),
    ],
)
def test_a_value_between_two_steps_is_refused(value: float, message: str) -> None:
    with pytest.raises(InvalidParameter, match=message):
        FloatParameter(0.0, 1.0, default=0.5, step=0.1).validate(value)


def test_the_high_end_may_lie_beyond_the_last_step() -> None:
    whole, real = IntParameter(5, 50, default=5, step=7), FloatParameter(0.0, 1.0, default=0.0, step=0.3)
    assert whole.grid() == [5, 12, 19, 26, 33, 40, 47]
    assert real.grid() == [0.0, 0.3, 0.6, 0.9]
    for parameter in (whole, real):
        with pytest.raises(InvalidParameter, match="multiple"):
            parameter.validate(parameter.high)


def test_choices_keep_their_own_type() -> None:
    mixed: CategoricalParameter[int | float | str | bool] = CategoricalParameter([1, 2.5, "a", False], default="a")
    assert mixed.validate(1.0) == 1
    assert type(mixed.validate(np.float64(1.0))) is int
    assert mixed.validate(np.str_("a")) == "a"
    assert mixed.validate(np.False_) is False
    with pytest.raises(InvalidParameter, match=r"one of 1, 2\.5, 'a', False; got True"):
        mixed.validate(True)
    with pytest.raises(InvalidParameter, match="got 0"):
        mixed.validate(0)


def test_booleans_accept_only_booleans() -> None:
    assert Tuned.reverse.validate(np.True_) is True
    for value in (1, "true", None):
        with pytest.raises(InvalidParameter, match="'reverse' must be True or False"):
            Tuned.reverse.validate(value)


@pytest.mark.parametrize(
    ("parameter", "cardinality"),
    [
        (IntParameter(5, 50, default=5), 46),
        (IntParameter(5, 50, default=5, step=7), 7),
        (IntParameter(5, 5, default=5), 1),
        (FloatParameter(0.0, 1.0, default=0.5), None),
        (FloatParameter(0.5, 0.5, default=0.5), 1),
        (FloatParameter(0.0, 1.0, default=0.5, step=0.1), 11),
        (FloatParameter(0.0, 0.3, default=0.0, step=0.1), 4),
        (FloatParameter(1e6, 1e6 + 1, default=1e6, step=1e-4), 10_001),
        (CategoricalParameter(["a", "b", "c"], default="a"), 3),
        (BoolParameter(default=True), 2),
    ],
)
def test_cardinality(parameter: Parameter, cardinality: int | None) -> None:
    assert parameter.cardinality == cardinality


def test_only_numbers_are_numeric() -> None:
    assert Tuned.fast.is_numeric
    assert Tuned.stop_loss.is_numeric
    assert not Tuned.kind.is_numeric
    assert not Tuned.reverse.is_numeric


@pytest.mark.parametrize(
    "parameter",
    [
        IntParameter(5, 16, default=5),
        IntParameter(-3, 30, default=0, step=3),
        FloatParameter(0.0, 1.1, default=0.0, step=0.1),
        CategoricalParameter(["a", "b", "c"], default="a"),
        BoolParameter(default=True),
    ],
)
def test_every_value_gets_an_equal_share_of_the_unit_interval(parameter: Parameter) -> None:
    values, counts = np.unique(parameter.from_unit(UNIT), return_counts=True)
    assert values.tolist() == sorted(parameter.grid())
    assert counts.tolist() == [6_000 // len(values)] * len(values)


def test_the_ends_of_the_unit_interval_are_the_bounds() -> None:
    ends = np.array([0.0, 1.0])
    for parameter in (
        IntParameter(5, 50, default=5),
        IntParameter(5, 50, default=5, log=True),
        FloatParameter(0.005, 0.05, default=0.02),
        FloatParameter(0.005, 0.05, default=0.02, log=True),
        FloatParameter(0.1, 0.7, default=0.1, step=0.1),
    ):
        assert parameter.from_unit(ends).tolist() == [parameter.low, parameter.high]


def test_a_logarithmic_scale_gives_each_decade_the_same_share() -> None:
    real = FloatParameter(0.001, 1.0, default=0.1, log=True).from_unit(UNIT)
    assert [int(np.count_nonzero(real < bound)) for bound in (0.01, 0.1)] == [2_000, 4_000]
    whole = IntParameter(1, 1_000, default=10, log=True).from_unit(UNIT)
    shares = np.bincount(whole)[1:] / len(UNIT)
    expected = np.log((np.arange(1, 1_001) + 0.5) / (np.arange(1, 1_001) - 0.5)) / np.log(1_000.5 / 0.5)
    np.testing.assert_allclose(shares[:50], expected[:50], atol=2 / len(UNIT))


def test_columns_have_the_type_of_the_parameter() -> None:
    assert Tuned.fast.from_unit(UNIT).dtype == np.int64
    assert Tuned.stop_loss.from_unit(UNIT).dtype == np.float64
    assert Tuned.kind.from_unit(UNIT).dtype == object
    assert Tuned.reverse.from_unit(UNIT).dtype == np.bool_
    assert [parameter.column([]).dtype for parameter in (Tuned.fast, Tuned.kind)] == [np.int64, object]


@pytest.mark.parametrize("bad", [-0.1, 1.1, np.nan, np.inf])
def test_coordinates_outside_the_unit_interval_are_refused(bad: float) -> None:
    for parameter in (Tuned.fast, Tuned.stop_loss, Tuned.kind, Tuned.reverse):
        with pytest.raises(InvalidInput, match=rf"must lie in \[0, 1\]; got {bad}"):
            parameter.from_unit(np.array([0.5, bad]))


@pytest.mark.parametrize(
    ("parameter", "points", "expected"),
    [
        (IntParameter(1, 5, default=2), None, [1, 2, 3, 4, 5]),
        (IntParameter(1, 9, default=2), 3, [1, 5, 9]),
        (IntParameter(1, 9, default=2), 99, list(range(1, 10))),
        (IntParameter(1, 9, default=2), 1, [2]),
        (IntParameter(1, 4, default=2, log=True), None, [1, 2, 3, 4]),
        (IntParameter(1, 1000, default=2, log=True), 4, [1, 10, 100, 1000]),
        (IntParameter(1, 6, default=2, log=True), 5, [1, 2, 4, 6]),
        (IntParameter(0, 100, default=0, step=25), 3, [0, 50, 100]),
        (FloatParameter(0.0, 1.0, default=0.3), None, [0.0, 0.25, 0.5, 0.75, 1.0]),
        (FloatParameter(0.0, 1.0, default=0.3), 3, [0.0, 0.5, 1.0]),
        (FloatParameter(0.0, 1.0, default=0.3), 1, [0.3]),
        (FloatParameter(0.3, 0.3, default=0.3), None, [0.3]),
        (FloatParameter(0.3, 0.3, default=0.3), 4, [0.3]),
        (FloatParameter(0.001, 1.0, default=0.1, log=True), 4, [0.001, 0.01, 0.1, 1.0]),
        (FloatParameter(0.0001, 1.0, default=0.1, log=True), None, [0.0001, 0.001, 0.01, 0.1, 1.0]),
        (FloatParameter(0.1, 0.5, default=0.1, step=0.1), None, [0.1, 0.2, 0.3, 0.4, 0.5]),
        (FloatParameter(0.1, 0.5, default=0.1, step=0.1), 3, [0.1, 0.3, 0.5]),
        (FloatParameter(0.1, 0.5, default=0.1, step=0.1), 1, [0.1]),
        (FloatParameter(1 / 3, 1.0, default=1 / 3, step=1 / 3), None, [1 / 3, 2 / 3, 1.0]),
        (CategoricalParameter(["a", "b", "c"], default="a"), 2, ["a", "b", "c"]),
        (BoolParameter(default=True), 1, [False, True]),
        (BoolParameter(default=True), None, [False, True]),
    ],
)
def test_grid(parameter: Parameter, points: int | None, expected: list[Any]) -> None:
    grid = parameter.grid(points)
    assert grid == expected
    assert [type(value) for value in grid] == [type(value) for value in expected]


@pytest.mark.parametrize("parameter", [Tuned.fast, Tuned.stop_loss, Tuned.kind, Tuned.reverse])
def test_a_grid_needs_a_point(parameter: Parameter) -> None:
    with pytest.raises(InvalidInput, match="at least 1 point per parameter; got 0"):
        parameter.grid(0)
