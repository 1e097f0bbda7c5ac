"""Expressions: what operators, methods and numpy functions mean."""

import gc
import math
from typing import Any

import numpy as np
import pytest

from autonomous_trading.core import (
    ArrayColumn,
    Expression,
    FloatArray,
    InvalidExpression,
    ParameterRef,
    ParameterTable,
    as_expression,
    column,
    crossed_above,
    crossed_below,
    evaluate,
    evaluate_static,
    where,
)
from tests.twins.expressions import CLOSE, FAST, FLAG, OPEN, SixBars, built, values


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (CLOSE + OPEN, [3.0, 4.0, 6.0, 5.0, 6.0, math.nan]),
        (10 - CLOSE, [9.0, 8.0, 6.0, 7.0, 7.0, 5.0]),
        (12 / CLOSE, [12.0, 6.0, 3.0, 4.0, 4.0, 2.4]),
        (7 // CLOSE, [7.0, 3.0, 1.0, 2.0, 2.0, 1.0]),
        (7 % CLOSE, [0.0, 1.0, 3.0, 1.0, 1.0, 2.0]),
        (2**CLOSE, [2.0, 4.0, 16.0, 8.0, 8.0, 32.0]),
        (CLOSE**2, [1.0, 4.0, 16.0, 9.0, 9.0, 25.0]),
        (-CLOSE * 2, [-2.0, -4.0, -8.0, -6.0, -6.0, -10.0]),
        (abs(CLOSE - 3) + +CLOSE, [3.0, 3.0, 5.0, 3.0, 3.0, 7.0]),
        (CLOSE > OPEN, [0.0, 0.0, 1.0, 1.0, 0.0, 0.0]),
        (CLOSE <= OPEN, [1.0, 1.0, 0.0, 0.0, 1.0, 0.0]),
        (CLOSE != OPEN, [1.0, 0.0, 1.0, 1.0, 0.0, 1.0]),
        (CLOSE == OPEN, [0.0, 1.0, 0.0, 0.0, 1.0, 0.0]),
        ((CLOSE > 1) & ~(CLOSE > 3), [0.0, 1.0, 0.0, 1.0, 1.0, 0.0]),
        ((CLOSE < 2) | (CLOSE > 4), [1.0, 0.0, 0.0, 0.0, 0.0, 1.0]),
        ((CLOSE < 4) ^ (OPEN < 3), [0.0, 0.0, 1.0, 0.0, 1.0, 0.0]),
        (True & (CLOSE > 3), [0.0, 0.0, 1.0, 0.0, 0.0, 1.0]),
        ((CLOSE > 3) + 1, [1.0, 1.0, 2.0, 1.0, 1.0, 2.0]),
        (CLOSE.shift(2), [math.nan, math.nan, 1.0, 2.0, 4.0, 3.0]),
        ((CLOSE > 1).shift(1), [0.0, 0.0, 1.0, 1.0, 1.0, 1.0]),
        (CLOSE.diff(), [math.nan, 1.0, 2.0, -1.0, 0.0, 2.0]),
        (CLOSE.pct_change(2), [math.nan, math.nan, 3.0, 0.5, -0.25, 5.0 / 3.0 - 1.0]),
        (CLOSE.rolling_sum(2), [math.nan, 3.0, 6.0, 7.0, 6.0, 8.0]),
        ((CLOSE > 2).rolling_sum(2), [math.nan, 0.0, 1.0, 2.0, 2.0, 2.0]),
        (CLOSE.rolling_mean(2), [math.nan, 1.5, 3.0, 3.5, 3.0, 4.0]),
        (CLOSE.rolling_std(2), [math.nan, 0.5, 1.0, 0.5, 0.0, 1.0]),
        (CLOSE.rolling_std(2, ddof=1) ** 2, [math.nan, 0.5, 2.0, 0.5, 0.0, 2.0]),
        (CLOSE.rolling_min(3), [math.nan, math.nan, 1.0, 2.0, 3.0, 3.0]),
        (CLOSE.rolling_max(3), [math.nan, math.nan, 4.0, 4.0, 4.0, 5.0]),
        (CLOSE.rolling_median(3), [math.nan, math.nan, 2.0, 3.0, 3.0, 3.0]),
        (CLOSE.ewm_mean(1), [1.0, 2.0, 4.0, 3.0, 3.0, 5.0]),
        (CLOSE.zscore(2), [math.nan, 1.0, 1.0, -1.0, math.nan, 1.0]),
        (CLOSE.crossed_above(OPEN), [0.0, 0.0, 1.0, 0.0, 0.0, 0.0]),
        (CLOSE.crossed_below(3.5), [0.0, 0.0, 0.0, 1.0, 0.0, 0.0]),
        (crossed_above(CLOSE, 3.5), [0.0, 0.0, 1.0, 0.0, 0.0, 1.0]),
        (crossed_below(OPEN, CLOSE), [0.0, 0.0, 1.0, 0.0, 0.0, 0.0]),
        (CLOSE.clip(2, 4), [2.0, 2.0, 4.0, 3.0, 3.0, 4.0]),
        (CLOSE.clip(high=3), [1.0, 2.0, 3.0, 3.0, 3.0, 3.0]),
        (OPEN.fillna(CLOSE), [2.0, 2.0, 2.0, 2.0, 3.0, 5.0]),
        (where(CLOSE > OPEN, CLOSE, -1), [-1.0, -1.0, 4.0, 3.0, -1.0, -1.0]),
        (np.maximum(CLOSE, OPEN), [2.0, 2.0, 4.0, 3.0, 3.0, math.nan]),
        (np.minimum(3, CLOSE), [1.0, 2.0, 3.0, 3.0, 3.0, 3.0]),
        (np.sqrt(CLOSE * CLOSE), [1.0, 2.0, 4.0, 3.0, 3.0, 5.0]),
        (np.isnan(OPEN), [0.0, 0.0, 0.0, 0.0, 0.0, 1.0]),
        (np.isfinite(OPEN), [1.0, 1.0, 1.0, 1.0, 1.0, 0.0]),
        (np.logical_not(CLOSE > 2), [1.0, 1.0, 0.0, 0.0, 0.0, 0.0]),
        (np.where(CLOSE > 2, 1.0, 0.5), [0.5, 0.5, 1.0, 1.0, 1.0, 1.0]),
        (np.clip(CLOSE, 2, None), [2.0, 2.0, 4.0, 3.0, 3.0, 5.0]),
        (np.nan_to_num(OPEN, nan=9.0), [2.0, 2.0, 2.0, 2.0, 3.0, 9.0]),
        (np.sign(CLOSE - 3), [-1.0, -1.0, 1.0, 0.0, 0.0, 1.0]),
        (np.arange(6.0) + CLOSE, [1.0, 3.0, 6.0, 6.0, 7.0, 10.0]),
        (CLOSE * np.array([True, False] * 3), [1.0, 0.0, 4.0, 0.0, 3.0, 0.0]),
        ((np.arange(6) > 3) & (CLOSE > 3), [0.0, 0.0, 0.0, 0.0, 0.0, 1.0]),
        (np.float64(2.0) * CLOSE, [2.0, 4.0, 8.0, 6.0, 6.0, 10.0]),
        (CLOSE + np.array(1), [2.0, 3.0, 5.0, 4.0, 4.0, 6.0]),
    ],
)
def test_an_expression_means_what_numpy_would(expression: Expression, expected: list[float]) -> None:
    assert isinstance(expression, Expression)
    np.testing.assert_allclose(values(expression), expected, rtol=1e-15)


def test_infinities_become_the_numbers_asked_for() -> None:
    gaps = 1 / (CLOSE - 3)
    assert values(np.nan_to_num(gaps, posinf=8.0))[3:5] == [8.0, 8.0]
    assert values(np.nan_to_num(-gaps, neginf=-8.0))[3:5] == [-8.0, -8.0]
    assert values(np.nan_to_num(gaps))[3] == np.finfo(np.float64).max
    assert values(np.nan_to_num(-gaps))[3] == np.finfo(np.float64).min


def test_what_is_the_same_for_every_bar_is_repeated() -> None:
    assert values(FAST * 2 + 0.5, fast=3) == [6.5] * 6


def test_columns_get_plain_arguments_of_the_type_they_were_declared_with() -> None:
    source = SixBars()
    for argument, fast, received in (
        (FAST * 2 - 1, 3, 5),
        (FAST // 2 + FAST % 2, 3, 2),
        (FAST / 2, 4, 2.0),
        (FAST**2, 4, 16),
        (where(FAST > 3, FAST, 3), 2, 3),
        (built(np.maximum(FAST, 5)), 4, 5),
        (as_expression(2.5), 0, 2.5),
        (FAST > 3, 4, True),
    ):
        evaluate(column("scaled", [argument], output="up"), source, {"fast": fast})
        assert source.asked[-1] == ("scaled", (received,), "up")
        assert type(source.asked[-1][1][0]) is type(received)


def test_text_is_an_argument_and_nothing_else() -> None:
    source = SixBars()
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


def test_static_values_are_computed_for_a_whole_table() -> None:
    table = ParameterTable({"fast": np.array([2, 3]), "flag": np.array([True, False])})
    assert evaluate_static(FAST * 2 + 1, table).tolist() == [5, 7]
    assert evaluate_static(built(np.log(FAST)), table).tolist() == [float(np.log(2)), float(np.log(3))]
    assert evaluate_static((FAST > 2) | FLAG, table).tolist() == [True, True]
    assert evaluate_static(as_expression(7), table).tolist() == [7, 7]
    with pytest.raises(InvalidExpression, match="close \\+ fast has one value per bar"):
        evaluate_static(CLOSE + FAST, table)


def test_constants_are_plain_numbers() -> None:
    three = as_expression(np.int64(3))
    assert list(range(three)) == [0, 1, 2]
    assert (float(three), int(three), round(three), bool(three), f"{three:.1f}") == (3.0, 3, 3, True, "3.0")
    assert np.asarray(three * 2) == 6
    assert str(as_expression(np.float64(0.5))) == "0.5"
    assert evaluate_static(as_expression(2**70), ParameterTable({}, 1)).tolist() == [2.0**70]


def test_tied_columns_become_arrays() -> None:
    source = SixBars()
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
    source = SixBars()
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

    assert values(CLOSE + Series())[1] == 3.0  # type: ignore[arg-type]
