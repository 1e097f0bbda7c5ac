"""Expressions as things: identity, kinds, text, and what they are made of."""

import copy

import numpy as np
import pytest

from autonomous_trading.core import (
    ArrayColumn,
    Column,
    Constant,
    Expression,
    ParameterRef,
    as_expression,
    column,
    columns_of,
    conditions_of,
    crossed_above,
    parameters_of,
    where,
)
from tests.twins.expressions import CLOSE, FAST, FLAG, OPEN, SLOW, SeededColumns, sma, values


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
