"""What the evaluation of an expression takes, known before it is evaluated; and evaluation within limits."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import final

import numpy as np

from autonomous_trading.core import (
    Column,
    ColumnSource,
    Expression,
    FloatArray,
    InvalidExpression,
    Operation,
    ParameterTable,
    evaluate,
    evaluate_static,
)
from autonomous_trading.features._catalogue import column_names, find
from autonomous_trading.features._timeframes import split_timeframe
from autonomous_trading.features.formulas._limits import FormulaLimits
from autonomous_trading.features.formulas._written import nodes_of

_NO_VALUES: Mapping[str, object] = MappingProxyType({})
_DEFAULT = FormulaLimits()
# Columns that go through something else for each bar of their window, and the argument that says how much of it.
_TIMES: Mapping[str, str] = MappingProxyType({"value_area": "levels"})
_WORKING = 3  # arrays that computing one node holds beside its result


@final
@dataclass(frozen=True, slots=True)
class FormulaCost:
    """What one evaluation takes at most: `steps` are values looked at, `memory_bytes` what is held at its end.

    `nodes` counts different parts with a value per bar, `longest_window` is in bars.
    """

    nodes: int
    longest_window: int
    memory_bytes: int
    steps: int


def formula_cost(expression: Expression, n_bars: int, parameters: Mapping[str, object] = _NO_VALUES) -> FormulaCost:
    """What evaluating an expression on so many bars takes at most; parameters without a value count as 0 bars.

    A window is counted as if every bar looked at all of it, which the slower indicators do; the window of a volume
    profile once for each of its levels.
    """
    nodes = list({node.key: node for node in nodes_of(expression) if not node.is_static}.values())
    windows = [_window(node, parameters) for node in nodes]
    arrays = sum(_outputs(node) for node in nodes) + _WORKING
    return FormulaCost(
        nodes=len(nodes),
        longest_window=max(windows, default=0),
        memory_bytes=8 * n_bars * arrays,
        steps=sum(
            n_bars * (1 + min(window, n_bars) * _times(node, parameters))
            for node, window in zip(nodes, windows, strict=True)
        ),
    )


def evaluate_formula(
    expression: Expression,
    source: ColumnSource,
    parameters: Mapping[str, object] = _NO_VALUES,
    *,
    limits: FormulaLimits = _DEFAULT,
) -> FloatArray:
    """The values [n_bars] of an expression, refused before it begins where it would take more than the limits.

    The windows of parameters are held to the limits with the values given here.
    """
    cost = formula_cost(expression, source.n_bars, parameters)
    for name, value, most in (
        ("bars in its longest window", cost.longest_window, limits.window),
        ("bytes", cost.memory_bytes, limits.memory_bytes),
        ("steps", cost.steps, limits.steps),
    ):
        if value > most:
            raise InvalidExpression(
                f"the formula would take {value:,} {name}, and {most:,.0f} are allowed",
                fix="use fewer bars, shorter windows or a smaller formula",
            )
    return evaluate(expression, source, parameters)


def _window(node: Expression, parameters: Mapping[str, object]) -> int:
    """The bars a node looks back, as far as its numbers are known."""
    if isinstance(node, Operation) and node.rule.over_bars:
        return _whole(node.operands[1], parameters)
    if not isinstance(node, Column):
        return 0
    return max(_numbers(node, parameters).values(), default=0)


def _times(node: Expression, parameters: Mapping[str, object]) -> int:
    """How often a node goes through its window for one bar."""
    if not isinstance(node, Column):
        return 1
    argument = _TIMES.get(split_timeframe(node.name)[1], "")
    return max(1, _numbers(node, parameters).get(argument, 1))


def _numbers(node: Column, parameters: Mapping[str, object]) -> dict[str, int]:
    """The whole numbers a column is given, by the name of the argument."""
    name = split_timeframe(node.name)[1]
    rules = find(name).parameters if name in column_names() else ()
    return {
        rule.name: _whole(value, parameters)
        for rule, value in zip(rules, node.arguments, strict=False)
        if rule.kind == "int" and not rule.choices
    }


def _whole(node: Expression, parameters: Mapping[str, object]) -> int:
    if not node.parameters <= set(parameters):
        return 0
    table = ParameterTable({name: np.array([parameters[name]]) for name in node.parameters}, length=1)
    value = evaluate_static(node, table)[0]
    return 0 if isinstance(value, str) or not np.isfinite(value) else int(value)


def _outputs(node: Expression) -> int:
    if not isinstance(node, Column) or not node.output:
        return 1
    name = split_timeframe(node.name)[1]
    return max(len(find(name).outputs), 1) if name in column_names() else 1
