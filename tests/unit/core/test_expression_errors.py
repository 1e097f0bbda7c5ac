"""What expressions refuse: each message names the mistake and the way out."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autonomous_trading.core import (
    ArrayColumn,
    Constant,
    Expression,
    InvalidExpression,
    Operation,
    UnknownName,
    Untraceable,
    as_expression,
    column,
    where,
)
from tests.twins.expressions import CLOSE, FAST, OPEN, SLOW, sma, values


def test_the_column_names_what_is_wrong_with_its_data() -> None:
    with pytest.raises(InvalidExpression, match=r"column short has shape \(3,\) for 6 bars"):
        values(column("short"))
    with pytest.raises(InvalidExpression, match="an array of 4 values is used with 6 bars"):
        values(CLOSE + np.zeros(4))
    with pytest.raises(UnknownName, match=r"unknown parameter 'fast'.*did you mean 'fasd'"):
        values(FAST + CLOSE, fasd=3)


@pytest.mark.parametrize(
    "use",
    [
        lambda x: bool(x),
        lambda x: 20 < x < 30,
        lambda x: x > 1 and x < 3,
        lambda x: max(x, 3),
        lambda x: x in (3, 4),
        float,
        int,
        round,
        math.sqrt,
        range,
        list,
        lambda x: x[0],
        lambda x: f"{x:.2f}",
    ],
)
def test_a_column_is_not_one_plain_number(use: Callable[[Expression], object]) -> None:
    with pytest.raises(InvalidExpression):
        use(CLOSE)
    with pytest.raises(Untraceable):
        use(sma(FAST))
    with pytest.raises(Untraceable):
        use(FAST)


def test_the_truth_of_a_column_is_refused_with_the_remedy() -> None:
    with pytest.raises(InvalidExpression, match=r"close > 2 has one value per bar. Fix: use & \| ~ .*at\.where"):
        bool(CLOSE > 2)
    with pytest.raises(Untraceable, match=r"fast < slow does not have while a strategy is traced"):
        bool(FAST < SLOW)


@pytest.mark.parametrize(
    "use",
    [
        np.asarray,
        np.mean,
        np.log2,
        np.add.accumulate,
        lambda x: np.where(x > 0),
        lambda x: {3: "three"}[x],
        lambda x: x == "ema",
        lambda x: x != None,  # noqa: E711
        lambda x: 2.0**x,
        lambda x: np.power(x, 0.3),
    ],
)
def test_what_needs_the_value_of_a_parameter_is_untraceable(use: Callable[[Any], object]) -> None:
    with pytest.raises(Untraceable):
        use(FAST)


def test_powers_of_parameters_that_python_fixes_are_traced() -> None:
    assert values(FAST**0.3, fast=5)[0] == 5**0.3
    assert values(np.power(FAST, 3), fast=5)[0] == 125.0


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: CLOSE & (CLOSE > 1), r"& needs conditions, but close is a number. Fix: compare it, as in close > 0"),
        (lambda: ~(CLOSE + 1), r"~ needs conditions, but close \+ 1 is a number. Fix: .*\(close \+ 1\) > 0"),
        (lambda: 1 | (CLOSE > 1), "needs conditions, but 1 is a number"),
        (lambda: where(CLOSE, 1, 2), "where needs conditions"),
        (lambda: np.logical_and(CLOSE, OPEN), "needs conditions"),
        (lambda: CLOSE.shift(-1), "shift by -1 bars would read the future"),
        (lambda: CLOSE.diff(-2), "would read the future"),
        (lambda: CLOSE.shift(1.5), "must be whole, got 1.5"),  # type: ignore[arg-type]
        (lambda: CLOSE.rolling_mean(0), "needs a window of at least 1 bar"),
        (lambda: CLOSE.ewm_mean(0.5), "a span of at least 1 bar"),
        (lambda: CLOSE.rolling_mean(OPEN), "the number of bars of rolling_mean is open"),
        (lambda: FAST.rolling_mean(3), "fast is the same for every bar"),
        (lambda: column("sma", [CLOSE]), "sma was given the column close where it takes a number"),
        (lambda: CLOSE + np.zeros((2, 2)), r"an array of shape \(2, 2\)"),
        (lambda: ArrayColumn(np.array(["a"])), "cannot be a column"),
        (lambda: Operation("add", (CLOSE,)), "add takes 2 operands, got 1"),
        (lambda: Constant(None), "None is not a constant"),  # type: ignore[arg-type]
        (lambda: as_expression([1.0]), "cannot be part of an expression"),  # type: ignore[arg-type]
        (lambda: np.add(CLOSE, [1.0]), "cannot be part of an expression"),
        (lambda: np.asarray(CLOSE), "close is not tied to any bars"),
        (lambda: np.asarray(CLOSE + np.zeros(3)), "close has no source of columns"),
        (lambda: len(CLOSE), "close is not tied to any bars"),
        (lambda: "{:d}".format(Constant("a")), "needs a number, got the text 'a'"),
        (lambda: range(as_expression(2.5)), "2.5 is not a whole number"),
    ],
)
def test_what_cannot_mean_anything_is_refused(build: Callable[[], object], message: str) -> None:
    with pytest.raises(InvalidExpression, match=message):
        build()


def test_an_unknown_operation_is_refused_with_the_nearest() -> None:
    with pytest.raises(UnknownName, match="did you mean 'rolling_mean'"):
        Operation("roling_mean", (CLOSE, as_expression(3)))


def test_unknown_types_are_left_to_python() -> None:
    assert (CLOSE == "close") is False
    assert CLOSE != "close"
    with pytest.raises(TypeError):
        CLOSE + "close"  # type: ignore[arg-type]


def test_a_negative_shift_by_a_parameter_is_refused_when_it_has_a_value() -> None:
    assert values(CLOSE.shift(FAST - 2), fast=3)[1] == 1.0
    with pytest.raises(InvalidExpression, match="would read the future"):
        values(CLOSE.shift(FAST - 4), fast=3)
