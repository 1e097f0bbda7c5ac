"""Expressions: what operators and numpy functions build, what they refuse, and how they read."""

import copy
import gc
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autonomous_trading.core import (
    ArrayColumn,
    Column,
    Constant,
    Expression,
    FloatArray,
    InvalidExpression,
    Operation,
    ParameterRef,
    ParameterTable,
    UnknownName,
    Untraceable,
    as_expression,
    column,
    columns_of,
    conditions_of,
    crossed_above,
    crossed_below,
    evaluate,
    evaluate_static,
    parameters_of,
    where,
)
from tests.twins.expressions import SeededColumns

FAST, SLOW = ParameterRef("fast"), ParameterRef("slow")
FLAG = ParameterRef("flag", boolean=True)
CLOSE, OPEN = column("close"), column("open")


class Listed:
    """Columns with known values; `scaled` multiplies its input or the close by its argument."""

    n_bars = 6

    def __init__(self) -> None:
        self.close = np.array([1.0, 2.0, 4.0, 3.0, 3.0, 5.0])
        self.open = np.array([2.0, 2.0, 2.0, 2.0, 3.0, np.nan])
        self.asked: list[tuple[Any, ...]] = []

    def column(
        self, name: str, arguments: tuple[Any, ...], inputs: tuple[FloatArray, ...] | None, output: str
    ) -> FloatArray:
        self.asked.append((name, arguments, output))
        if name == "scaled":
            return (self.close if inputs is None else inputs[0]) * arguments[0]
        return {"close": self.close, "open": self.open, "short": self.close[:3]}[name]


def values(expression: Expression, **parameters: float | str) -> list[float]:
    return evaluate(expression, Listed(), parameters).tolist()


def sma(window: Expression | int) -> Expression:
    return column("sma", [window])


@pytest.mark.parametrize(
    ("build", "expected"),
    [
        (lambda x, y: x + y, [3.0, 4.0, 6.0, 5.0, 6.0, math.nan]),
        (lambda x, y: 10 - x, [9.0, 8.0, 6.0, 7.0, 7.0, 5.0]),
        (lambda x, y: 12 / x, [12.0, 6.0, 3.0, 4.0, 4.0, 2.4]),
        (lambda x, y: 7 // x, [7.0, 3.0, 1.0, 2.0, 2.0, 1.0]),
        (lambda x, y: 7 % x, [0.0, 1.0, 3.0, 1.0, 1.0, 2.0]),
        (lambda x, y: 2**x, [2.0, 4.0, 16.0, 8.0, 8.0, 32.0]),
        (lambda x, y: x**2, [1.0, 4.0, 16.0, 9.0, 9.0, 25.0]),
        (lambda x, y: -x * 2, [-2.0, -4.0, -8.0, -6.0, -6.0, -10.0]),
        (lambda x, y: abs(x - 3) + +x, [3.0, 3.0, 5.0, 3.0, 3.0, 7.0]),
        (lambda x, y: x > y, [0.0, 0.0, 1.0, 1.0, 0.0, 0.0]),
        (lambda x, y: x <= y, [1.0, 1.0, 0.0, 0.0, 1.0, 0.0]),
        (lambda x, y: x != y, [1.0, 0.0, 1.0, 1.0, 0.0, 1.0]),
        (lambda x, y: x == y, [0.0, 1.0, 0.0, 0.0, 1.0, 0.0]),
        (lambda x, y: (x > 1) & ~(x > 3), [0.0, 1.0, 0.0, 1.0, 1.0, 0.0]),
        (lambda x, y: (x < 2) | (x > 4), [1.0, 0.0, 0.0, 0.0, 0.0, 1.0]),
        (lambda x, y: (x < 4) ^ (y < 3), [0.0, 0.0, 1.0, 0.0, 1.0, 0.0]),
        (lambda x, y: True & (x > 3), [0.0, 0.0, 1.0, 0.0, 0.0, 1.0]),
        (lambda x, y: (x > 3) + 1, [1.0, 1.0, 2.0, 1.0, 1.0, 2.0]),
        (lambda x, y: x.shift(2), [math.nan, math.nan, 1.0, 2.0, 4.0, 3.0]),
        (lambda x, y: (x > 1).shift(1), [0.0, 0.0, 1.0, 1.0, 1.0, 1.0]),
        (lambda x, y: x.diff(), [math.nan, 1.0, 2.0, -1.0, 0.0, 2.0]),
        (lambda x, y: x.pct_change(2), [math.nan, math.nan, 3.0, 0.5, -0.25, 5.0 / 3.0 - 1.0]),
        (lambda x, y: x.rolling_sum(2), [math.nan, 3.0, 6.0, 7.0, 6.0, 8.0]),
        (lambda x, y: (x > 2).rolling_sum(2), [math.nan, 0.0, 1.0, 2.0, 2.0, 2.0]),
        (lambda x, y: x.rolling_mean(2), [math.nan, 1.5, 3.0, 3.5, 3.0, 4.0]),
        (lambda x, y: x.rolling_std(2), [math.nan, 0.5, 1.0, 0.5, 0.0, 1.0]),
        (lambda x, y: x.rolling_std(2, ddof=1) ** 2, [math.nan, 0.5, 2.0, 0.5, 0.0, 2.0]),
        (lambda x, y: x.rolling_min(3), [math.nan, math.nan, 1.0, 2.0, 3.0, 3.0]),
        (lambda x, y: x.rolling_max(3), [math.nan, math.nan, 4.0, 4.0, 4.0, 5.0]),
        (lambda x, y: x.rolling_median(3), [math.nan, math.nan, 2.0, 3.0, 3.0, 3.0]),
        (lambda x, y: x.ewm_mean(1), [1.0, 2.0, 4.0, 3.0, 3.0, 5.0]),
        (lambda x, y: x.zscore(2), [math.nan, 1.0, 1.0, -1.0, math.nan, 1.0]),
        (lambda x, y: x.crossed_above(y), [0.0, 0.0, 1.0, 0.0, 0.0, 0.0]),
        (lambda x, y: x.crossed_below(3.5), [0.0, 0.0, 0.0, 1.0, 0.0, 0.0]),
        (lambda x, y: crossed_above(x, 3.5), [0.0, 0.0, 1.0, 0.0, 0.0, 1.0]),
        (lambda x, y: crossed_below(y, x), [0.0, 0.0, 1.0, 0.0, 0.0, 0.0]),
        (lambda x, y: x.clip(2, 4), [2.0, 2.0, 4.0, 3.0, 3.0, 4.0]),
        (lambda x, y: x.clip(high=3), [1.0, 2.0, 3.0, 3.0, 3.0, 3.0]),
        (lambda x, y: y.fillna(x), [2.0, 2.0, 2.0, 2.0, 3.0, 5.0]),
        (lambda x, y: where(x > y, x, -1), [-1.0, -1.0, 4.0, 3.0, -1.0, -1.0]),
        (lambda x, y: np.maximum(x, y), [2.0, 2.0, 4.0, 3.0, 3.0, math.nan]),
        (lambda x, y: np.minimum(3, x), [1.0, 2.0, 3.0, 3.0, 3.0, 3.0]),
        (lambda x, y: np.sqrt(x * x), [1.0, 2.0, 4.0, 3.0, 3.0, 5.0]),
        (lambda x, y: np.isnan(y), [0.0, 0.0, 0.0, 0.0, 0.0, 1.0]),
        (lambda x, y: np.isfinite(y), [1.0, 1.0, 1.0, 1.0, 1.0, 0.0]),
        (lambda x, y: np.logical_not(x > 2), [1.0, 1.0, 0.0, 0.0, 0.0, 0.0]),
        (lambda x, y: np.where(x > 2, 1.0, 0.5), [0.5, 0.5, 1.0, 1.0, 1.0, 1.0]),
        (lambda x, y: np.clip(x, 2, None), [2.0, 2.0, 4.0, 3.0, 3.0, 5.0]),
        (lambda x, y: np.nan_to_num(y, nan=9.0), [2.0, 2.0, 2.0, 2.0, 3.0, 9.0]),
        (lambda x, y: np.sign(x - 3), [-1.0, -1.0, 1.0, 0.0, 0.0, 1.0]),
        (lambda x, y: np.arange(6.0) + x, [1.0, 3.0, 6.0, 6.0, 7.0, 10.0]),
        (lambda x, y: x * np.array([True, False] * 3), [1.0, 0.0, 4.0, 0.0, 3.0, 0.0]),
        (lambda x, y: (np.arange(6) > 3) & (x > 3), [0.0, 0.0, 0.0, 0.0, 0.0, 1.0]),
        (lambda x, y: np.float64(2.0) * x, [2.0, 4.0, 8.0, 6.0, 6.0, 10.0]),
        (lambda x, y: x + np.array(1), [2.0, 3.0, 5.0, 4.0, 4.0, 6.0]),
    ],
)
def test_an_expression_means_what_numpy_would(
    build: Callable[[Expression, Expression], Expression], expected: list[float]
) -> None:
    np.testing.assert_allclose(values(build(CLOSE, OPEN)), expected, rtol=1e-15)


def test_infinities_become_the_numbers_asked_for() -> None:
    gaps = 1 / (CLOSE - 3)
    assert values(np.nan_to_num(gaps, posinf=8.0))[3:5] == [8.0, 8.0]
    assert values(np.nan_to_num(-gaps, neginf=-8.0))[3:5] == [-8.0, -8.0]
    assert values(np.nan_to_num(gaps))[3] == np.finfo(np.float64).max
    assert values(np.nan_to_num(-gaps))[3] == np.finfo(np.float64).min


def test_what_is_the_same_for_every_bar_is_repeated() -> None:
    assert values(FAST * 2 + 0.5, fast=3) == [6.5] * 6


def test_columns_get_plain_arguments_of_the_type_they_were_declared_with() -> None:
    source = Listed()
    for argument, fast, received in (
        (FAST * 2 - 1, 3, 5),
        (FAST // 2 + FAST % 2, 3, 2),
        (FAST / 2, 4, 2.0),
        (FAST**2, 4, 16),
        (where(FAST > 3, FAST, 3), 2, 3),
        (np.maximum(FAST, 5), 4, 5),
        (as_expression(2.5), 0, 2.5),
        (FAST > 3, 4, True),
    ):
        evaluate(column("scaled", [argument], output="up"), source, {"fast": fast})
        assert source.asked[-1] == ("scaled", (received,), "up")
        assert type(source.asked[-1][1][0]) is type(received)


def test_text_is_an_argument_and_nothing_else() -> None:
    source = Listed()
    evaluate(column("scaled", [2, "ema", ParameterRef("kind")]), source, {"kind": "wma"})
    assert source.asked == [("scaled", (2, "ema", "wma"), "")]
    with pytest.raises(InvalidExpression, match="'ema' \\(str\\) cannot be part"):
        as_expression("ema")  # type: ignore[arg-type]
    for text in (ParameterRef("kind") + 1, CLOSE + ParameterRef("kind"), ParameterRef("kind")):
        with pytest.raises(InvalidExpression, match="text"):
            evaluate(text, source, {"kind": "wma"})


def test_inputs_are_columns_too() -> None:
    assert values(column("scaled", [2], inputs=[CLOSE.shift(1)]))[1:3] == [2.0, 4.0]
    assert values(column("scaled", [2], inputs=[FAST]), fast=3) == [6.0] * 6


def test_the_column_names_what_is_wrong_with_its_data() -> None:
    with pytest.raises(InvalidExpression, match=r"column short has shape \(3,\) for 6 bars"):
        values(column("short"))
    with pytest.raises(InvalidExpression, match="an array of 4 values is used with 6 bars"):
        values(CLOSE + np.zeros(4))
    with pytest.raises(UnknownName, match="unknown parameter 'fast'.*did you mean 'fasd'"):
        values(FAST + CLOSE, fasd=3)


def test_static_values_are_computed_for_a_whole_table() -> None:
    table = ParameterTable({"fast": np.array([2, 3]), "flag": np.array([True, False])})
    assert evaluate_static(FAST * 2 + 1, table).tolist() == [5, 7]
    assert evaluate_static(np.log(FAST), table).tolist() == [float(np.log(2)), float(np.log(3))]
    assert evaluate_static((FAST > 2) | FLAG, table).tolist() == [True, True]
    assert evaluate_static(as_expression(7), table).tolist() == [7, 7]
    with pytest.raises(InvalidExpression, match="close \\+ fast has one value per bar"):
        evaluate_static(CLOSE + FAST, table)


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
        (lambda: ArrayColumn(np.array(["a"])), "cannot be a column"),  # type: ignore[arg-type]
        (lambda: Operation("add", (CLOSE,)), "add takes 2 operands, got 1"),
        (lambda: Constant(None), "None is not a constant"),  # type: ignore[arg-type]
        (lambda: as_expression([1.0]), "cannot be part of an expression"),  # type: ignore[arg-type]
        (lambda: np.add(CLOSE, [1.0]), "cannot be part of an expression"),
        (lambda: np.asarray(CLOSE), "close is not tied to any bars"),
        (lambda: len(CLOSE), "close is not tied to any bars"),
        (lambda: "{:d}".format(Constant("a")), "needs a number, got the text 'a'"),
        (lambda: range(as_expression(2.5)), "2.5 is not a whole number"),  # type: ignore[call-overload]
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
        CLOSE + "close"  # type: ignore[operator]


def test_a_negative_shift_by_a_parameter_is_refused_when_it_has_a_value() -> None:
    assert values(CLOSE.shift(FAST - 2), fast=3)[1] == 1.0
    with pytest.raises(InvalidExpression, match="would read the future"):
        values(CLOSE.shift(FAST - 4), fast=3)


def test_constants_are_plain_numbers() -> None:
    three = as_expression(np.int64(3))
    assert list(range(three)) == [0, 1, 2]
    assert (float(three), int(three), round(three), bool(three), f"{three:.1f}") == (3.0, 3, 3, True, "3.0")
    assert np.asarray(three * 2) == 6
    assert str(as_expression(np.float64(0.5))) == "0.5"
    assert evaluate_static(as_expression(2**70), ParameterTable({}, 1)).tolist() == [2.0**70]


def test_tied_columns_become_arrays() -> None:
    source = Listed()
    close, gap = column("close", source=source), column("open", source=source)
    np.testing.assert_array_equal(np.asarray(close), source.close)
    np.testing.assert_array_equal(np.asarray(close > gap), source.close > source.open)
    assert np.asarray(close > gap).dtype == np.bool_
    assert np.array(close + 1, dtype=np.float32).dtype == np.float32
    assert len(close + gap) == 6
    assert np.mean(close) == 3.0
    assert np.add.accumulate(close)[-1] == 18.0
    np.testing.assert_array_equal(np.log2(close), np.log2(source.close))
    np.testing.assert_array_equal(np.stack([close, close])[1], source.close)
    np.testing.assert_array_equal(np.where(close > 3)[0], [2, 5])
    np.testing.assert_array_equal(np.add(close, 1, out=np.empty(6)), source.close + 1)
    copied = np.array(close, copy=True)
    copied[0] = 9.0
    assert source.close[0] == 1.0


def test_arrays_alone_know_their_length() -> None:
    given = np.arange(4.0)
    kept = ArrayColumn(given)
    given[0] = 7.0
    np.testing.assert_array_equal(np.asarray(kept * 2), [0.0, 2.0, 4.0, 6.0])
    assert len(kept) == 4


def test_a_tie_does_not_keep_data_alive() -> None:
    source = Listed()
    close = column("close", source=source)
    assert len(close) == 6
    del source
    gc.collect()
    with pytest.raises(InvalidExpression, match="not tied"):
        np.asarray(close)


def test_arrays_of_a_series_with_its_own_type_are_taken() -> None:
    class Series:
        def __array__(self, dtype: Any = None, copy: Any = None) -> FloatArray:
            return np.arange(6.0)

    assert values(CLOSE + Series())[1] == 3.0  # type: ignore[operator]


def test_equal_structure_has_an_equal_key() -> None:
    def build() -> Expression:
        return (sma(FAST) > sma(SLOW)) & (CLOSE + np.arange(3.0) > 2)

    assert build().key == build().key
    assert build().same(build())
    assert hash(build()) == hash(build())
    assert {build(): 1}[build()] == 1
    different = (
        CLOSE,
        OPEN,
        CLOSE + 1,
        CLOSE + 1.0,
        CLOSE + True,
        CLOSE + FAST,
        CLOSE - 1,
        1 - CLOSE,
        column("close", [1]),
        column("close", inputs=[as_expression(1)]),
        column("close", output="x"),
        ArrayColumn(np.zeros(3)),
        ArrayColumn(np.zeros(3, dtype=np.bool_)),
        FLAG,
        ParameterRef("flag"),
    )
    assert len({part.key for part in different}) == len(different)


def test_expressions_never_change() -> None:
    with pytest.raises(AttributeError):
        CLOSE.name = "open"  # type: ignore[misc]
    with pytest.raises(ValueError, match="read-only"):
        ArrayColumn(np.zeros(3)).values[0] = 1.0


def test_a_copy_is_equal_and_untied() -> None:
    source = SeededColumns(5, 1)
    tied = crossed_above(column("close", [FAST, "x"], inputs=[CLOSE], source=source), np.arange(5.0)) & FLAG
    copied = copy.deepcopy(tied)
    assert copied.same(tied)
    assert str(copied) == str(tied)
    assert copied.is_condition


def test_conditions_and_numbers_are_told_apart() -> None:
    conditions = (CLOSE > 1, ~FLAG, where(FLAG, CLOSE > 1, False), (CLOSE > 1).shift(2), as_expression(np.True_))
    numbers = (CLOSE, where(FLAG, CLOSE > 1, 0), (CLOSE > 1) * 1, FAST, (CLOSE > 1).rolling_sum(3))
    assert all(part.is_condition for part in conditions)
    assert not any(part.is_condition for part in numbers)
    assert repr(CLOSE > 1) == "<condition close > 1>"
    assert repr(CLOSE) == "<number close>"


def test_static_expressions_shift_to_themselves() -> None:
    assert FAST.shift(3) is FAST
    assert CLOSE.shift(0) is CLOSE
    assert sma(FAST).crossed_above(SLOW).parameters == {"fast", "slow"}


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        (sma(FAST) > sma(SLOW), "sma(fast) > sma(slow)"),
        (sma(20) > 1.5 * sma(FAST * 2), "sma(20) > 1.5 * sma(fast * 2)"),
        ((CLOSE > 1) & (OPEN < 2) | FLAG, "(close > 1) & (open < 2) | flag"),
        (~((CLOSE > 1) | FLAG), "~((close > 1) | flag)"),
        (CLOSE - (OPEN - 1), "close - (open - 1)"),
        (CLOSE - OPEN - 1, "close - open - 1"),
        ((CLOSE - 1) * -2, "(close - 1) * -2"),
        (-(CLOSE**2), "-close ** 2"),
        ((-CLOSE) ** 2, "(-close) ** 2"),
        (CLOSE**OPEN**2, "close ** (open ** 2)"),
        ((CLOSE**OPEN) ** 2, "(close ** open) ** 2"),
        ((CLOSE > 1) == (OPEN > 1), "(close > 1) == (open > 1)"),
        (crossed_above(column("rsi", [14]), 30), "crossed_above(rsi(14), 30)"),
        (CLOSE.pct_change(FAST), "pct_change(close, fast)"),
        ((CLOSE > 1).shift(1), "shift(close > 1, 1)"),
        (CLOSE.clip(0, 1), "minimum(maximum(close, 0), 1)"),
        (np.isfinite(CLOSE), "isfinite(close)"),
        (OPEN.fillna(0.0), "fillna(open, 0.0)"),
        (where(FLAG, 1.0, np.nan), "where(flag, 1.0, nan)"),
        (column("macd", [12, FAST], output="macdhist"), "macd(12, fast).macdhist"),
        (column("sma", [5], inputs=[CLOSE - OPEN]), "sma(close - open, 5)"),
        (column("ma", ["ema"]), "ma('ema')"),
        (column("mine#7f3a", [3]), "mine(3)"),
        (CLOSE + np.zeros(3), "close + array[3]"),
    ],
)
def test_an_expression_reads_as_it_would_be_typed(expression: Expression, text: str) -> None:
    assert str(expression) == text


def test_long_text_is_cut_and_shared_parts_cost_nothing() -> None:
    doubled: Expression = CLOSE
    for _ in range(60):
        doubled = doubled + doubled
    assert len(str(doubled)) < 3_000
    assert "..." in str(doubled)
    assert values(doubled)[0] == 2.0**60
    chain: Expression = CLOSE
    for _ in range(3_000):
        chain = chain + 1
    assert values(chain)[0] == 3_001.0


def test_an_expression_lists_its_parameters_columns_and_conditions() -> None:
    crossing = crossed_above(CLOSE, sma(SLOW))
    rule = (sma(FAST) > 1) & (FLAG & crossing) & (sma(FAST) > 1) & ~(CLOSE > 3)
    assert parameters_of(rule) == ("fast", "flag", "slow")
    assert rule.parameters == {"fast", "slow", "flag"}
    assert [str(part) for part in columns_of(rule)] == ["sma(fast)", "close", "sma(slow)"]
    assert [str(part) for part in columns_of(column("ema", [FAST], inputs=[CLOSE]))] == ["close", "ema(close, fast)"]
    assert [str(part) for part in conditions_of(rule)] == [
        "sma(fast) > 1",
        "flag",
        "crossed_above(close, sma(slow))",
        "~(close > 3)",
    ]
    assert conditions_of(FLAG) == (FLAG,)


def test_columns_are_built_from_plain_values() -> None:
    built = column("sma", [20, 0.5, True, "a", FAST], inputs=[CLOSE, np.zeros(3)], output="up")
    assert isinstance(built, Column)
    kinds = [type(part.value) for part in built.arguments if isinstance(part, Constant)]
    assert kinds == [int, float, bool, str]
    assert isinstance(built.inputs[1], ArrayColumn)
