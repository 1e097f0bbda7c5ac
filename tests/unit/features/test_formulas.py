"""The grammar of formulas: what every form means, what is refused and where, and what it may cost."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from autonomous_trading.core import (
    ArrayColumn,
    Constant,
    Expression,
    InvalidExpression,
    InvalidInput,
    InvalidParameter,
    ParameterRef,
    UnknownName,
    as_expression,
    column,
    crossed_above,
    where,
)
from autonomous_trading.features import ColumnStore, UserFunction, column_names, on_timeframe, split_timeframe
from autonomous_trading.features.formulas import (
    FUNCTIONS,
    FormulaLimits,
    evaluate_formula,
    formula_cost,
    formula_text,
    parse,
)
from autonomous_trading.testing import random_walk
from tests.twins.expressions import built

CLOSE, OPEN, VOLUME = column("close"), column("open"), column("volume")
FAST = ParameterRef("fast")
FREE: Any = CLOSE  # numpy's type hints know no expressions
ANYTHING: Any = 3


def ema(period: Expression | float, *series: Expression) -> Expression:
    return column("ema", [period], inputs=series)


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("ema(close, 12) / ema(close, 26) - 1", ema(12) / ema(26) - 1),
        ("zscore(rsi(14), 100) > 2", column("rsi", [14]).zscore(100) > 2),
        ("ema(volume, 12)", ema(12, VOLUME)),
        ("ema(12, source=volume)", ema(12, VOLUME)),
        ("rsi", column("rsi", [14])),
        ("macd(12).macdhist", column("macd", [12, 26, 9], output="macdhist")),
        ("ma(20, matype='EMA')", column("ma", [20, 1])),
        ("vwma(20, volume=open)", column("vwma", [20], inputs=[CLOSE, OPEN])),
        ("mavp(close, hour + 2)", column("mavp", [2, 30, 0], inputs=[CLOSE, column("hour") + 2])),
        ("mavp(periods=5)", column("mavp", [2, 30, 0], inputs=[CLOSE, 5])),
        ("close > open", CLOSE > OPEN),
        ("not close > open and hour == 3 or true", (~(CLOSE > OPEN) & (column("hour") == 3)) | Constant(True)),
        ("~(close > open) ^ (close != 1)", ~(CLOSE > OPEN) ^ (CLOSE != 1)),
        ("-close ** 2", -(CLOSE**2)),
        ("2 ** -1 * close", 0.5 * CLOSE),
        ("2 ** 3 ** 2 + close", 512 + CLOSE),
        ("close - (open - 1)", CLOSE - (OPEN - 1)),
        ("close // 1_000 % 7", CLOSE // 1000 % 7),
        ("close * (2 + 3)", CLOSE * 5),
        ("close + 7 / 2 - 7 // 2", CLOSE + 3.5 - 3),
        ("close * sqrt(4)", CLOSE * 2.0),
        ("close.shift(1).rolling_mean(window=3)", CLOSE.shift(1).rolling_mean(3)),
        ("shift(close > open, 2)", (CLOSE > OPEN).shift(2)),
        ("rolling_std(close, 20, 1)", CLOSE.rolling_std(20, 1)),
        ("diff(close) + pct_change(close, 5)", CLOSE.diff() + CLOSE.pct_change(5)),
        ("crossed_above(close, 3)", crossed_above(CLOSE, 3)),
        ("clip(close, 1) + clip(close, 1, 2)", CLOSE.clip(1) + CLOSE.clip(1, 2)),
        ("fillna(close, 0)", CLOSE.fillna(0)),
        ("isfinite(close)", built(np.isfinite(FREE))),
        ("if(close > open, 1, -1)", where(CLOSE > OPEN, 1, -1)),
        ("extra.vix / extra('my col')", column("extra:vix") / column("extra:my col")),
        ("rsi(14)@4h > close@1d", column("4h:rsi", [14]) > column("1d:close")),
        ("macd.macd@5min", column("5m:macd", [12, 26, 9], output="macd")),
        (" close\n+\t1 ", CLOSE + 1),
        ("sma(close > open, 5)", column("sma", [5], inputs=[CLOSE > OPEN])),
    ],
)
def test_a_formula_means(text: str, same: Expression) -> None:
    assert parse(text).same(same)
    assert parse(formula_text(parse(text))).same(same)


def test_a_name_that_is_a_function_and_a_column() -> None:
    both = sorted(set(FUNCTIONS) & set(column_names()))
    assert {"min", "max", "sqrt", "sin"} <= set(both)
    assert parse("min(14)").same(column("min", [14]))
    assert parse("min(14, source=volume)").same(column("min", [14], inputs=[VOLUME]))
    assert parse("sqrt()").same(column("sqrt"))
    assert parse("sqrt(source=volume)").same(column("sqrt", inputs=[VOLUME]))
    assert parse("sqrt(close)").same(built(np.sqrt(FREE)))
    assert parse("max(close, open)").same(built(np.maximum(FREE, OPEN)))
    assert parse("max(0, close)").same(built(np.maximum(0, FREE)))
    with pytest.raises(InvalidExpression, match=r"may mean two things.*Fix: write maximum\(x, n\) .*rolling_max"):
        parse("max(high, 20)")
    with pytest.raises(InvalidExpression, match="sqrt is a function"):
        parse("sqrt > 2")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1 < close < 2", r"cannot be chained.*at character 11: 1 < close ▸< 2\. Fix: write \(a < x\) and"),
        ("close and open", r"and needs conditions, and this is a number, at character 1: ▸close and"),
        ("bbands(20)", r"bbands has several outputs .*upperband, middleband, lowerband.*Fix: choose one"),
        ("close + macd", "macd has several outputs"),
        ("close.shift(-1)", "shift by -1 bars would read the future, at character 7"),
        ("shift(close, hour)", "changes from bar to bar"),
        ("sma(20001)", "timeperiod is at most 10,000 bars here"),
        ("rolling_mean(close, 10001)", "window of rolling_mean is at most 10,000 bars"),
        ("rolling_mean(5, 3)", "x is the same for every bar"),
        ("rolling_std(close, 5, 5)", "ddof of rolling_std must be a whole number from 0 to below the window"),
        ("crossed_above(1, 2)", "is given no column"),
        ("9**9**9**9", r"larger than 1e\+18"),
        ("1e999", "not finite"),
        ("1 / 0", "division by zero"),
        ("sqrt(-1)", "not finite"),
        ("(-8) ** 0.5", "a power is not a number"),
        ("sma(close, open, 3)", "is computed from 1 series, got 2"),
        ("sma(3, close)", "a series stands after a number"),
        ("sma(close, 3, source=open)", "source is given twice"),
        ("sma(true)", "timeperiod must be a number"),
        ("mavp", "mavp needs the series periods"),
        ("'close' > 1", "not a text"),
        ("close(1)", "close takes no arguments"),
        ("where(close > open, 1)", "where needs other"),
        ("where(close, 1, 2)", "where needs conditions"),
        ("shift(close, 1, 2)", "shift takes 2 operands, got 3"),
        ("shift(close, 1, x=open)", "x is given twice"),
        ("shift(close, bars=1, bars=2)", "bars is given twice"),
        ("shift(bars=1, close)", "stands before what has one"),
        ("shift(close, close > open)", "changes from bar to bar"),
        ("shift(close, true)", "is a number of bars, not a condition"),
        ("rsi(14)@4q", "'4q' is no timeframe, at character 8"),
        ("(close - open)@1d", "only a column of the catalogue has another timeframe"),
        ("ema(volume, 3)@1d", "from the prices of that timeframe"),
        ("close@1d@4h", "write one timeframe|computed from the prices"),
        ("(close)(3)", "takes no arguments"),
        ("(close + 1)(3)", "only a name can be called"),
        ("close.shift", "shift is a function"),
        ("close.macdhist", "what stands before the dot has no outputs"),
        ("extra", "extra is not a column"),
        ("close = 1", r"write == to compare"),
        ("close if close > 1 else 2", "'if' has no place here.*Fix: write where"),
        ("", "it is empty"),
        ("close +", "ends where an operand is missing"),
        ("(close", "this bracket is never closed"),
        ("close)", r"'\)' has no place here"),
        ("12close", "run together"),
        ("1.2.3", "run together"),
        ("'open", "close the quotation mark"),
        ("_close", "names begin with a letter"),
        ("close\x00", r"'<U\+0000>' has no place"),
        ("\u0441lose", r"'<U\+0441>' has no place in a formula, at character 1: ▸<U\+0441>lose"),
        ("'\x1b'", "cannot be printed"),
        ("close.", "a name has to follow the dot"),
        ("a" * 65, "a name of 65 characters"),
        ("(" * 60 + "1" + ")" * 60, "nested at most 50 deep"),
        ("1" + "+1" * 300, "at most 400 names"),
        ("(close)" * 334, "at most 1,000 words"),
        (" " * 4_001, "4,001 characters is longer than 4,000"),
        ("+".join(["macdext.macd"] * 90), "written out in full"),
    ],
)
def test_what_is_refused_and_where(text: str, words: str) -> None:
    with pytest.raises(InvalidExpression, match=words):
        parse(text)


@pytest.mark.parametrize("text", ["smaa(3)", "macd.hist", "ma(3, matype='emaa')", "sma(3, window=2)", "close.ema(3)"])
def test_unknown_names_stay_unknown_names(text: str) -> None:
    with pytest.raises(UnknownName, match="at character"):
        parse(text)
    with pytest.raises(InvalidParameter, match=r"must lie in \[1, 100000\], got 0, at character 5"):
        parse("sma(0)")
    with pytest.raises(InvalidParameter, match="takes 1 arguments, got 2"):
        parse("sma(3, 4)")
    with pytest.raises(InvalidExpression, match="a formula is a text, got int"):
        parse(ANYTHING)


def test_parameters_come_as_names_or_as_values() -> None:
    text = "ema(fast) > ema(fast * 2) and flag"
    flag = ParameterRef("flag", boolean=True)
    made = parse(text, parameters=["fast", flag])
    assert made.same((ema(FAST) > ema(FAST * 2)) & flag)
    assert formula_text(made) == "(ema(fast) > ema(fast * 2)) & flag"
    assert parse(text, parameters={"fast": 5, "flag": True}).same((ema(5) > ema(10)) & Constant(True))
    assert parse("sma(n)", parameters={"n": FAST * 3}).same(column("sma", [FAST * 3]))
    for name in ("close", "shift", "and", "extra", "true", "_x", "a b"):
        with pytest.raises(InvalidParameter, match="a parameter called"):
            parse("close", parameters=[name])
    with pytest.raises(InvalidParameter, match="changes from bar to bar"):
        parse("close", parameters={"x": CLOSE})
    with pytest.raises(InvalidExpression, match="rounded differently by Python and numpy"):
        parse("close * 2 ** fast", parameters=["fast"])
    with pytest.raises(InvalidExpression, match="fast takes no arguments"):
        parse("fast(3)", parameters=["fast"])


def test_columns_of_the_bars() -> None:
    assert parse("vix > 20", extra=["vix"]).same(column("extra:vix") > 20)
    assert parse("extra.close", extra=["close"]).same(column("extra:close"))
    with pytest.raises(UnknownName, match=r"unknown column 'vixx'.*did you mean 'vix'"):
        parse("extra.vixx", extra=["vix"])
    assert formula_text(column("extra:a b") + 1) == 'extra("a b") + 1'


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        (ArrayColumn(np.ones(3)), "is an array"),
        (column(UserFunction(len)), "is a function"),
        (CLOSE + float("inf"), "is no formula"),
        (column("ema", [12], inputs=[CLOSE]), "no formula means exactly"),
        (as_expression(CLOSE + 1e20), "is no formula"),
    ],
)
def test_what_has_no_formula_is_refused(expression: Expression, words: str) -> None:
    with pytest.raises(InvalidExpression, match=words):
        formula_text(expression)


def test_what_is_shared_again_and_again_is_no_formula() -> None:
    doubled: Expression = CLOSE
    for _ in range(40):
        doubled = doubled + doubled
    with pytest.raises(InvalidExpression, match="takes more than 4,000 characters"):
        formula_text(doubled)


def test_values_and_cost() -> None:
    bars = replace(random_walk(100, seed=1), extra={"vix": np.arange(100.0)})
    store = ColumnStore(bars)
    assert np.array_equal(evaluate_formula(parse("close * 2 - open"), store), bars.close * 2 - bars.open)
    assert np.array_equal(evaluate_formula(parse("extra.vix"), store), np.arange(100.0))
    assert np.array_equal(evaluate_formula(parse("1 + 1"), store), np.full(100, 2.0))
    made = parse("rolling_mean(close, n) + macd.macd", parameters=["n"])
    cost = formula_cost(made, 1_000, {"n": 50})
    assert (cost.nodes, cost.longest_window) == (4, 50)
    assert cost.steps == 1_000 * (1 + 51 + 27 + 1)
    assert cost.memory_bytes == 8 * 1_000 * (4 + 2 + 3)
    assert formula_cost(made, 1_000).longest_window == 26
    with pytest.raises(InvalidExpression, match="would take 20,000 bars in its longest window, and 10,000 are allowed"):
        evaluate_formula(made, store, {"n": 20_000})
    with pytest.raises(InvalidExpression, match="would take 7,200 bytes"):
        evaluate_formula(made, store, {"n": 5}, limits=FormulaLimits(memory_bytes=7_000))
    with pytest.raises(InvalidExpression, match="steps"):
        evaluate_formula(made, store, {"n": 5}, limits=FormulaLimits(steps=100))


def test_a_volume_profile_costs_its_window_times_its_levels() -> None:
    wide = parse("value_area(1000, 500).control")
    assert formula_cost(wide, 5_000).steps == 5_000 * (1 + 1_000 * 500)
    assert formula_cost(wide, 5_000).longest_window == 1_000
    asked = parse("value_area(1000, n).control", parameters=["n"])
    assert formula_cost(asked, 5_000, {"n": 20}).steps == 5_000 * (1 + 1_000 * 20)
    store = ColumnStore(random_walk(5_000, seed=1))
    with pytest.raises(InvalidExpression, match="would take 2,500,005,000 steps"):
        evaluate_formula(wide, store, limits=FormulaLimits(steps=1_000_000_000))


def test_limits_are_limits() -> None:
    with pytest.raises(InvalidExpression, match="at most 20 bars"):
        parse("sma(21)", limits=FormulaLimits(window=20))
    with pytest.raises(InvalidExpression, match="larger than 100"):
        parse("close > 101", limits=FormulaLimits(constant=100))
    with pytest.raises(InvalidInput, match="the limit nodes of a formula must be at least 1, got 0"):
        FormulaLimits(nodes=0)
    with pytest.raises(InvalidInput, match="depth of a formula is at most 100"):
        FormulaLimits(depth=101)


def test_timeframes_in_names() -> None:
    assert split_timeframe(on_timeframe("rsi", "4h")) == ("4h", "rsi")
    assert split_timeframe("extra:vix") == ("", "extra:vix")


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_every_function_tells_how_it_is_written(name: str) -> None:
    function = FUNCTIONS[name]
    assert function.signature().startswith(f"{name}(")
    assert function.description
