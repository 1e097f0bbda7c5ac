"""An expression written as a formula: the text that is read as the same expression again."""

import re

from autonomous_trading.core import ArrayColumn, Column, Constant, Expression, InvalidExpression
from autonomous_trading.features._catalogue import column_names, find
from autonomous_trading.features._custom import UserFunction
from autonomous_trading.features._store import EXTRA_PREFIX
from autonomous_trading.features._timeframes import split_timeframe
from autonomous_trading.features.formulas._functions import FUNCTIONS
from autonomous_trading.features.formulas._syntax import WORDS

_ATOM = Constant(0).written(())[1]
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
_FIX = "a formula holds columns of the catalogue, columns of the bars, parameters and numbers"


def nodes_of(expression: Expression, *, shown: bool = False) -> list[Expression]:
    """Every node once, operands first; `shown` takes those its text is made of."""
    found: list[Expression] = []
    seen: set[int] = set()
    stack: list[tuple[Expression, bool]] = [(expression, False)]
    while stack:
        node, ready = stack.pop()
        if ready:
            found.append(node)
        elif id(node) not in seen:
            seen.add(id(node))
            stack.append((node, True))
            below = node.shown if shown else node.children
            stack.extend((each, False) for each in reversed(below) if isinstance(each, Expression))
    return found


def written_form(expression: Expression, longest: int) -> str:
    """The text of an expression; InvalidExpression for an array, a function, or a text longer than that."""
    texts: dict[int, tuple[str, int]] = {}
    for node in nodes_of(expression, shown=True):
        parts = [texts[id(each)] for each in node.shown]
        texts[id(node)] = (
            _column(node, [text for text, _ in parts]) if isinstance(node, Column) else _other(node, parts)
        )
        if len(texts[id(node)][0]) > longest:
            raise InvalidExpression(
                f"the expression takes more than {longest:,} characters as a formula",
                fix="make columns of its parts, or write it in Python",
            )
    return texts[id(expression)][0]


def _other(node: Expression, parts: list[tuple[str, int]]) -> tuple[str, int]:
    if isinstance(node, ArrayColumn):
        raise InvalidExpression(f"{node!s} is an array and has no name in a formula", fix=_FIX)
    return node.written(parts)


def _column(node: Column, parts: list[str]) -> tuple[str, int]:
    if isinstance(node.name, UserFunction):
        raise InvalidExpression(f"{node!s} is a function and has no name in a formula", fix=_FIX)
    if node.name.startswith(EXTRA_PREFIX):
        return _extra(node.name.removeprefix(EXTRA_PREFIX)), _ATOM
    timeframe, name = split_timeframe(node.name)
    count = len(node.inputs)
    series, numbers = parts[:count], parts[count:]
    # A number would be taken for an argument, and a name that is a function too for the function.
    if name in FUNCTIONS or any(each.is_static for each in node.inputs):
        keywords = [each.keyword for each in find(name).inputs] if name in column_names() else []
        operands = numbers + [f"{keyword}={text}" for keyword, text in zip(keywords, series, strict=False)]
    else:
        operands = [*series, *numbers]
    text = f"{name}({', '.join(operands)})" if operands or name in FUNCTIONS else name
    text += f".{node.output}" if node.output else ""
    return (f"{text}@{timeframe}" if timeframe else text), _ATOM


def _extra(name: str) -> str:
    if _NAME.fullmatch(name) and name not in WORDS:
        return f"extra.{name}"
    quote = "'" if '"' in name else '"'
    return f"extra({quote}{name}{quote})"
