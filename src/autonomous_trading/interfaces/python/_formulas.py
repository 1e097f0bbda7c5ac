"""A formula as text, such as "ema(close, 12) / ema(close, 26) - 1": the door to the grammar, which never runs code."""

from __future__ import annotations

from autonomous_trading.core import Expression, FloatArray
from autonomous_trading.features import ColumnStore
from autonomous_trading.features.formulas import FormulaParameters, evaluate_formula, parse


def formula(text: str, parameters: FormulaParameters = ()) -> Expression:
    """The expression a formula stands for: columns of the catalogue, numbers, functions, arithmetic, conditions.

    parameters: names whose values come later, or values by name, such as {"fast": self.fast} in a strategy. Nothing is
    executed, and a formula too large for its limits is refused. It has values where bars are: `at.check(expression,
    bars)`, or the signals of a strategy. Raises InvalidExpression, UnknownName and InvalidParameter with the place in
    the text.

    >>> formula("ema(close, 12) / ema(close, 26) - 1")
    <number ema(12) / ema(26) - 1>
    >>> formula("zscore(rsi(14), 100) > 2 and close > sma(slow)", parameters=["slow"])
    <condition (zscore(rsi(14), 100) > 2) & (close > sma(slow))>
    """
    return parse(text, parameters=parameters)


def formula_values(text: str, store: ColumnStore) -> FloatArray:
    """The values [n_bars] of a formula on these bars, their own columns included."""
    return evaluate_formula(parse(text, extra=store.extra_names), store)
