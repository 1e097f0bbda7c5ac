"""The door of the grammar: a text becomes an expression, and an expression becomes its text."""

import re
from collections.abc import Collection, Mapping
from typing import TypeAlias

from autonomous_trading.core import (
    Column,
    Constant,
    Expression,
    InvalidExpression,
    InvalidInput,
    InvalidParameter,
    ParameterRef,
)
from autonomous_trading.features._catalogue import column_names
from autonomous_trading.features._store import EXTRA_PREFIX
from autonomous_trading.features.formulas._build import EXTRA, TRUTHS, Builder, Names
from autonomous_trading.features.formulas._functions import FUNCTIONS
from autonomous_trading.features.formulas._limits import FormulaLimits
from autonomous_trading.features.formulas._places import Written
from autonomous_trading.features.formulas._syntax import WORDS, read
from autonomous_trading.features.formulas._values import Reading
from autonomous_trading.features.formulas._written import nodes_of, written_form

FormulaParameters: TypeAlias = Collection[str | ParameterRef] | Mapping[str, Expression | float]
"""Parameters of a formula: their names, or their values by name."""

_DEFAULT = FormulaLimits()
_PARAMETER = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
_SHORT = 60  # a text so short keeps the limits, however much longer it gets written out in full


def parse(
    text: str,
    *,
    parameters: FormulaParameters = (),
    extra: Collection[str] | None = None,
    limits: FormulaLimits = _DEFAULT,
) -> Expression:
    """The expression a formula stands for: columns of the catalogue, numbers, functions, arithmetic, conditions.

    Nothing is executed and no bars are needed: the columns are looked up when the expression is evaluated. `parameters`
    are names whose values come later (of a condition: a ParameterRef), or values by name. `extra` are the columns that
    came with the bars; None: not known yet. Raises InvalidExpression, UnknownName or InvalidParameter with the place.

    >>> parse("ema(close, 12) / ema(close, 26) - 1")
    <number ema(12) / ema(26) - 1>
    >>> parse("zscore(rsi(14), 100) > 2")
    <condition zscore(rsi(14), 100) > 2>
    >>> parse("sma(fast) > sma(fast * 4)", parameters=["fast"])
    <condition sma(fast) > sma(fast * 4)>
    """
    if not isinstance(text, str):
        raise InvalidExpression(
            f"a formula is a text, got {type(text).__name__}", fix='write "ema(close, 12) / ema(close, 26) - 1"'
        )
    names = Names(_parameters(parameters), extra)
    tree = read(text, limits)
    found = Builder(Reading(Written(text), limits), names).expression(tree)
    if len(text) > _SHORT or limits != _DEFAULT:
        _check_written_out(found, limits)
    return found


def formula_text(expression: Expression, *, limits: FormulaLimits = _DEFAULT) -> str:
    """The formula that `parse` reads as this very expression (its `key` is the same).

    Raises InvalidExpression for what has no formula: arrays, functions of your own, numbers that are not finite.

    >>> formula_text(parse("not (close > sma(200)) or rsi < 30"))
    '~(close > sma(200)) | (rsi(14) < 30)'
    """
    text = written_form(expression, limits.characters)
    nodes = nodes_of(expression)
    extra = [node.name.removeprefix(EXTRA_PREFIX) for node in nodes if isinstance(node, Column) and _is_extra(node)]
    parameters = {node.name: node for node in nodes if isinstance(node, ParameterRef)}
    try:
        again = parse(text, parameters=tuple(parameters.values()), extra=extra, limits=limits)
    except InvalidInput as error:
        raise InvalidExpression(
            f"{text!r} is no formula: {error.what}", fix="a formula holds columns, parameters and finite numbers"
        ) from None
    if not again.same(expression):
        raise InvalidExpression(
            f"no formula means exactly {text!r}", fix="build it from a formula, or keep it as an expression in Python"
        )
    return text


def _is_extra(node: Column) -> bool:
    return node.name.startswith(EXTRA_PREFIX)


def _check_written_out(expression: Expression, limits: FormulaLimits) -> None:
    """Refuse what would not be read again once it is written out with every default."""
    try:
        read(written_form(expression, limits.characters), limits)
    except InvalidInput as error:
        raise InvalidExpression(
            f"written out in full, with every default, the formula is too large: {error.what}",
            fix="make columns of its parts",
        ) from None


def _parameters(given: FormulaParameters) -> Mapping[str, Expression]:
    if isinstance(given, Mapping):
        found = {name: value if isinstance(value, Expression) else Constant(value) for name, value in given.items()}
    else:
        refs = [each if isinstance(each, ParameterRef) else ParameterRef(each) for each in given]
        found = {each.name: each for each in refs}
    taken = {*column_names(), *FUNCTIONS, *TRUTHS, *WORDS, EXTRA}
    for name, value in found.items():
        if not _PARAMETER.fullmatch(name) or name in taken:
            why = "is a column, a function or a word of formulas" if name in taken else "is no name"
            raise InvalidParameter(f"a parameter called {name!r} {why}", fix="choose another name, such as fast")
        if not value.is_static:
            raise InvalidParameter(
                f"the value of the parameter {name} changes from bar to bar", fix="write the column into the formula"
            )
    return found
