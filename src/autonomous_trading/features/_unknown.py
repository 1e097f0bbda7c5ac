"""Conditions that say when they are not known: for features, where "not known yet" must not read as "no".

In an expression a condition is true or false, and what is not known is false: a strategy does not act on it. A feature
that did the same would tell a model "no" on every bar of a warm-up. Here a formula is written anew so that a comparison
with something unknown is NaN, by the three-valued logic of Kleene (Introduction to Metamathematics, 1952): false & x is
false and true | x is true whatever x is, anything else with an unknown part is unknown.
"""

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from autonomous_trading.core import Column, Constant, Expression, Operation, where

_UNKNOWN: Final = Constant(math.nan)
_COMPARISONS: Final = ("less", "less_equal", "greater", "greater_equal", "equal", "not_equal")


def with_unknowns(expression: Expression) -> Expression:
    """The same expression with NaN instead of false where a condition below it is not known.

    `isnan`, `isfinite`, `fillna` and `np.nan_to_num` ask about the unknown itself, so they stay known. An expression
    without conditions is returned as it is.

    >>> from autonomous_trading.features.formulas import parse
    >>> expression = parse("rsi(14) / 100")
    >>> with_unknowns(expression) is expression
    True
    """
    made: dict[int, Expression] = {}
    waiting = [expression]
    while waiting:
        node = waiting[-1]
        below = [child for child in _parts(node) if id(child) not in made]
        if below:
            waiting.extend(below)
            continue
        waiting.pop()
        if id(node) not in made:
            made[id(node)] = _rewritten(node, tuple(made[id(child)] for child in _parts(node)))
    return made[id(expression)]


def _parts(node: Expression) -> tuple[Expression, ...]:
    if node.is_static:
        return ()
    if isinstance(node, Operation):
        return node.operands
    return node.inputs if isinstance(node, Column) else ()


def _rewritten(node: Expression, parts: tuple[Expression, ...]) -> Expression:
    """A node in terms of its rewritten parts, which are numbers: 0, 1 or NaN where they were conditions."""
    if isinstance(node, Operation) and not node.is_static:
        rule = _RULES.get(node.op)
        if rule is not None and not (node.label is not None and node.label[0] == "isfinite"):
            return rule(node, parts)
        return node if _same(parts, node.operands) else Operation(node.op, parts)
    if isinstance(node, Column) and not _same(parts, node.inputs):
        return Column(node.name, node.arguments, parts, node.output, node.source)
    return node


def _same(parts: tuple[Expression, ...], before: tuple[Expression, ...]) -> bool:
    return all(one is other for one, other in zip(parts, before, strict=True))


def _compared(node: Operation, parts: tuple[Expression, ...]) -> Expression:
    compared: Expression = Operation(node.op, parts)
    for part in parts:
        compared = compared if part.is_static else where(_isnan(part), _UNKNOWN, compared)
    return compared


def _both(_: Operation, parts: tuple[Expression, ...]) -> Expression:
    one, other = parts
    return where((one == 0.0) | (other == 0.0), 0.0, one * other)


def _either(_: Operation, parts: tuple[Expression, ...]) -> Expression:
    one, other = parts
    return where((one == 1.0) | (other == 1.0), 1.0, one + other)


def _one_of_two(_: Operation, parts: tuple[Expression, ...]) -> Expression:
    return abs(parts[0] - parts[1])


def _not(_: Operation, parts: tuple[Expression, ...]) -> Expression:
    return 1.0 - parts[0]


def _chosen(_: Operation, parts: tuple[Expression, ...]) -> Expression:
    condition, chosen, other = parts
    found = where(condition == 1.0, chosen, other)
    return found if condition.is_static else where(_isnan(condition), _UNKNOWN, found)


def _isnan(part: Expression) -> Expression:
    return Operation("isnan", (part,))


_RULES: Final[Mapping[str, Callable[[Operation, tuple[Expression, ...]], Expression]]] = MappingProxyType(
    {
        **dict.fromkeys(_COMPARISONS, _compared),
        "and": _both,
        "or": _either,
        "xor": _one_of_two,
        "not": _not,
        "where": _chosen,
    }
)
