"""Questions about an expression, and the crossings as functions."""

from autonomous_trading.core._expression import Expression, Operand, Operation, as_expression
from autonomous_trading.core._leaves import Column, ParameterRef
from autonomous_trading.core._node import postorder


def crossed_above(line: Operand, other: Operand) -> Expression:
    """True on the bar where `line` moves from at or below `other` to above it."""
    return as_expression(line).crossed_above(other)


def crossed_below(line: Operand, other: Operand) -> Expression:
    """True on the bar where `line` moves from at or above `other` to below it."""
    return as_expression(line).crossed_below(other)


def parameters_of(expression: Expression) -> tuple[str, ...]:
    """Names of the parameters an expression depends on, in the order they appear."""
    nodes = postorder(expression, lambda node: node.children)
    return tuple(dict.fromkeys(node.name for node in nodes if isinstance(node, ParameterRef)))


def columns_of(expression: Expression) -> tuple[Column, ...]:
    """The different columns an expression reads, inputs before what is computed from them."""
    nodes = postorder(expression, lambda node: node.children)
    return tuple({node.key: node for node in nodes if isinstance(node, Column)}.values())


def conditions_of(expression: Expression) -> tuple[Expression, ...]:
    """The conditions that must all be true for `expression` to be: its parts joined by &, from left to right.

    What was written as one, such as a crossing, stays one. A condition without & is its own only part.
    """
    parts: list[Expression] = []
    stack = [expression]
    while stack:
        part = stack.pop()
        if isinstance(part, Operation) and part.op == "and" and part.label is None:
            stack.extend(reversed(part.operands))
        else:
            parts.append(part)
    return tuple({part.key: part for part in parts}.values())
