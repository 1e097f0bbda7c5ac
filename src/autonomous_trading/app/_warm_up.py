"""From which bar on a target is known: the last of its columns to get a first value, and the look-back on top."""

from typing import NamedTuple

import numpy as np

from autonomous_trading.core import ArrayColumn, Column, ColumnSource, Expression, Operation, evaluate
from autonomous_trading.features import UserFunction

_REPLACES_NAN = ("fillna", "nan_to_num")


class FirstKnown(NamedTuple):
    """The first row on which everything has a value (the number of bars: none), and the column that came last."""

    row: int
    column: str


_AT_ONCE = FirstKnown(0, "")


def first_known(target: Expression, source: ColumnSource) -> FirstKnown:
    """From which row on every column below `target` has had a value.

    Columns are asked for their values; shifts and rolling windows add the bars they look back. What a strategy says
    with NaN on purpose (no opinion) is no warm-up, and neither is what it replaces with fillna.
    """
    found: dict[int, FirstKnown] = {}
    stack: list[tuple[Expression, bool]] = [(target, False)]
    while stack:
        node, ready = stack.pop()
        below = [child for child in node.children if isinstance(child, Expression)]
        if ready:
            latest = max((found[id(child)] for child in below), default=_AT_ONCE, key=lambda known: known.row)
            found[id(node)] = _known(node, latest, source)
        elif id(node) not in found:
            stack.append((node, True))
            stack.extend((child, False) for child in below if id(child) not in found)
    return found[id(target)]


def _known(node: Expression, latest: FirstKnown, source: ColumnSource) -> FirstKnown:
    if isinstance(node, Column) and not is_memory(node):
        return FirstKnown(_first_value(node, source), str(node))
    if isinstance(node, ArrayColumn) or not isinstance(node, Operation):
        return latest
    if node.label is not None and node.label[0] in _REPLACES_NAN:
        return _AT_ONCE
    if node.rule.over_bars and node.op != "ewm_mean":
        length = int(evaluate(node.operands[1], source)[0])
        back = length if node.op == "shift" else length - 1
        return FirstKnown(min(latest.row + back, source.n_bars), str(node) if back else latest.column)
    return latest


def _first_value(node: Expression, source: ColumnSource) -> int:
    known = ~np.isnan(evaluate(node, source))
    return int(np.argmax(known)) if known.any() else source.n_bars


def is_memory(node: Column) -> bool:
    """Whether strategies of this package made the column to remember their own signals: it warms up with those."""
    name = node.name
    return isinstance(name, UserFunction) and str(name.function.__module__).startswith("autonomous_trading.")
