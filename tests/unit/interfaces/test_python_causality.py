"""at.check: what may be asked about, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import autonomous_trading as at
from autonomous_trading.core import Bars, FloatArray, InvalidExpression, InvalidInput, ParameterRef, UnknownName
from autonomous_trading.features import ColumnStore, column_names
from autonomous_trading.strategies import STRATEGIES, Columns
from autonomous_trading.testing import random_walk

BARS = random_walk(120, seed=2)
SEE = Columns(ColumnStore(BARS))


def tomorrow(bars: Bars) -> FloatArray:
    return np.append(bars.close[1:], np.nan)


@pytest.mark.parametrize(
    ("subject", "kind", "columns"),
    [
        ("ma_cross", "strategy", ("target",)),
        (STRATEGIES["momentum"], "strategy", ("target",)),
        (STRATEGIES["donchian_breakout"](), "strategy", ("target",)),
        ("rsi", "column", ("rsi",)),
        ("bbands", "column", ("bbands.upperband", "bbands.middleband", "bbands.lowerband")),
        ("mavp", "column", ("mavp",)),
        ("sma(5) / close - 1", "column", ("sma(5) / close - 1",)),
        (SEE.sma(5) > SEE.close, "column", (str(SEE.sma(5) > SEE.close),)),
        (lambda bars: bars.close, "column", ("lambda",)),
    ],
)
def test_whatever_is_asked_about(subject: Any, kind: str, columns: tuple[str, ...]) -> None:
    report = at.check(subject, BARS)
    assert (report.kind, report.columns, report.clean, report.exact) == (kind, columns, True, True)


def test_a_function_that_looks_ahead() -> None:
    report = at.check(tomorrow, BARS, seed=3)
    assert (report.name, report.clean) == ("tomorrow", False)


def test_parameters_are_the_strategys() -> None:
    assert at.check("ma_cross", BARS, parameters={"fast": 5, "slow": 20}).stable_after == {"target": 19}
    half = STRATEGIES["ma_cross"](fast=5)
    assert at.check(half, BARS, parameters={"slow": 20}).stable_after == {"target": 19}
    with pytest.raises(InvalidInput, match="parameters belong to a strategy"):
        at.check("rsi", BARS, parameters={"timeperiod": 5})


def test_several_instruments() -> None:
    several = {"A": BARS, "B": replace(random_walk(120, seed=9), symbol="B")}
    for subject in ("ma_cross", "rsi", "close - sma(3)", SEE.close):
        assert at.check(subject, several).clean

    def later_of_b(bars: Any) -> dict[str, FloatArray]:
        return {symbol: np.full(len(each), bars["B"].close[-1]) for symbol, each in bars.items()}

    assert "universe" in {leak.check for leak in at.check(later_of_b, several).leaks}


def test_what_cannot_be_checked_is_refused() -> None:
    with pytest.raises(UnknownName, match="unknown strategy or column 'rsii'"):
        at.check("rsii", BARS)
    with pytest.raises(InvalidInput, match="what is checked is a strategy, a column or a function of bars; got 3"):
        at.check(3, BARS)
    with pytest.raises(InvalidInput, match="fast has parameters without values"):
        at.check(ParameterRef("fast"), BARS)
    with pytest.raises(InvalidInput, match="seed must be a whole number of at least 0"):
        at.check("rsi", BARS, seed=-1)


def test_no_strategy_is_called_like_a_column() -> None:
    assert set(STRATEGIES) & set(column_names()) == set()


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("sma(20) / close - 1", SEE.sma(20) / SEE.close - 1),
        ("macd(12, 26, 9).macdhist > 0", SEE.macd(12, 26, 9).macdhist > 0),
        ("sma(timeperiod=5, source=volume)", SEE.sma(5, source=SEE.volume)),
        ("(close > open) & ~(rsi(14) >= 70)", (SEE.close > SEE.open) & ~(SEE.rsi(14) >= 70)),
        ("close.shift(1).rolling_mean(3)", SEE.close.shift(1).rolling_mean(3)),
        ("where(close > open, -abs(gap), 0.0)", at.where(SEE.close > SEE.open, -abs(SEE.gap), 0.0)),
        ('stoch(slowk_matype="ema").slowk', SEE.stoch(slowk_matype="ema").slowk),
    ],
)
def test_a_formula_is_the_expression_it_says(text: str, same: at.Expression) -> None:
    assert at.formula(text).same(same)


def test_a_number_is_a_column_too() -> None:
    assert at.check("2 + 3", BARS).clean


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("sma(", "cannot be read"),
        ("bbands(20)", "names no single column"),
        ("__import__('os')", "'__import__' has no place in a formula"),
        ("close.__class__", "'__class__' has no place"),
        ("[close for x in close]", "'\\[' has no place in a formula"),
        ("sma(*close)", "'\\*' has no place here"),
        ("1 < close < 2", "a < x < b has no place in a formula"),
        ("close[1]", "'\\[' has no place in a formula"),
        ("close and open", "and needs conditions, and this is a number"),
        ("(lambda: close)()", "has no place"),
        ("close.key", "'key' has no place here"),
        ("close(3)", "close takes no arguments"),
    ],
)
def test_anything_else_is_refused(text: str, words: str) -> None:
    with pytest.raises(InvalidExpression, match=words):
        at.formula(text)


@pytest.mark.parametrize("text", ["custom(close)", "store.bars", "n_bars", "'{0.__class__}'.format(close)"])
def test_what_a_formula_has_no_business_with_is_unknown(text: str) -> None:
    with pytest.raises(UnknownName):
        at.formula(text)


def test_a_wrong_name_is_told_with_the_nearest() -> None:
    with pytest.raises(UnknownName, match="unknown column 'smaa'"):
        at.formula("smaa(3)")
