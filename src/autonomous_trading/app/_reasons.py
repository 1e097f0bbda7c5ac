"""Why a target never asks for a position: the conditions in its way that are never true, by themselves or together."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from autonomous_trading.core import (
    BoolArray,
    ColumnSource,
    Constant,
    Expression,
    FloatArray,
    Operation,
    columns_of,
    conditions_of,
    evaluate,
)

_DEEPEST = 24
_MOST_WAYS = 32
_EITHER_OPERAND = ("add", "subtract", "minimum", "maximum")


class Reason(NamedTuple):
    """What is never true, and what to do about it."""

    words: str
    fix: str


class _Way(NamedTuple):
    """One way into a position: conditions that must hold together, and the factors of the exposure taken then."""

    conditions: tuple[Expression, ...]
    factors: tuple[Expression, ...]


def reasons_for_nothing(target: Expression, source: ColumnSource, rows: slice) -> tuple[Reason, ...]:
    """For every way into a position that `target` has, what is never true in these rows; empty where that is not it.

    At most two, each once: long and short.
    """
    ways = (way for way in _ways(target, 0)[:_MOST_WAYS] if _leads_somewhere(way, source, rows))
    found = (_never_true(way.conditions, source, rows) for way in ways)
    return tuple(dict.fromkeys(reason for reason in found if reason is not None))[:2]


def _ways(node: Expression, depth: int) -> list[_Way]:
    """The ways into a position, outermost conditions first; what is not understood is a plain number."""
    if node.is_condition:
        return [_Way((node,), ())]
    if not isinstance(node, Operation) or depth > _DEEPEST:
        return [_Way((), (node,))]
    below = [_ways(operand, depth + 1) for operand in node.operands[:3]]
    if node.op == "where":
        chosen = [_Way((node.operands[0], *way.conditions), way.factors) for way in below[1]]
        return (chosen + below[2])[:_MOST_WAYS]
    if node.op == "multiply":
        pairs = [_Way(a.conditions + b.conditions, a.factors + b.factors) for a in below[0] for b in below[1]]
        return pairs[:_MOST_WAYS]
    if node.op in _EITHER_OPERAND:
        return (below[0] + below[1])[:_MOST_WAYS]
    if node.op in ("negative", "divide"):
        return below[0]
    return [_Way((), (node,))]


def _leads_somewhere(way: _Way, source: ColumnSource, rows: slice) -> bool:
    """Whether the way has conditions and an exposure that is not 0 or unknown on every bar."""
    if not way.conditions:
        return False
    exposures = (evaluate(factor, source)[rows] for factor in way.factors)
    return all(bool(np.any(np.nan_to_num(exposure) != 0.0)) for exposure in exposures)


def _never_true(conditions: tuple[Expression, ...], source: ColumnSource, rows: slice) -> Reason | None:
    """The first condition that holds on no bar, or the first that never holds with those before it."""
    together: BoolArray | None = None
    earlier: list[Expression] = []
    for condition in _single(conditions):
        values: BoolArray = evaluate(condition, source)[rows] != 0.0
        if not values.any():
            return Reason(
                f"the first condition that is never true is {condition!s}{_unknown(condition, source, rows)}",
                "loosen it, or check the units of what it compares",
            )
        together = values if together is None else together & values
        if not together.any():
            before = " & ".join(str(each) for each in earlier)
            return Reason(
                f"{condition!s} is true on {np.count_nonzero(values):,} bars, but never together with {before}",
                "loosen one of the two: each is true at times",
            )
        earlier.append(condition)
    return None


def _single(conditions: tuple[Expression, ...]) -> Iterator[Expression]:
    """The parts joined by & of all conditions, each once; what is always true says nothing."""
    seen: set[bytes] = set()
    for condition in conditions:
        for part in conditions_of(condition):
            if part.key not in seen and not (isinstance(part, Constant) and part.value):
                seen.add(part.key)
                yield part


def _unknown(condition: Expression, source: ColumnSource, rows: slice) -> str:
    """The column of a condition that has no value in these rows, as words."""
    for column in columns_of(condition):
        values: FloatArray = evaluate(column, source)[rows]
        if np.all(np.isnan(values)):
            return f" ({column!s} has no value on any of these bars)"
    return ""
