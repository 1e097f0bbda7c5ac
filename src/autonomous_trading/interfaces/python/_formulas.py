"""A column as text, such as "sma(20) / close - 1": read as arithmetic of columns, never run as code."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any

from autonomous_trading.core import Expression, InvalidExpression, as_expression, where
from autonomous_trading.strategies import ColumnOutputs, Columns

_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_,
}
_UNARY: dict[type[ast.unaryop], Callable[[Any], Any]] = {
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Invert: operator.invert,
}
_COMPARED: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
_FUNCTIONS: dict[str, Callable[..., Any]] = {"abs": abs, "where": where}
_FIX = 'write columns and arithmetic, such as "sma(20) / close - 1" or "macd(12, 26, 9).macdhist > 0"'


def formula_column(text: str, see: Columns) -> Expression:
    """The expression a text stands for: columns, indicators with numbers, arithmetic, one comparison, & and |.

    Raises InvalidExpression for anything else, and UnknownName with the nearest names.
    """
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except SyntaxError as error:
        raise InvalidExpression(f"the column {text!r} cannot be read: {error.msg}", fix=_FIX) from None
    found = _Reader(text, see).value(tree.body)
    if isinstance(found, Expression):
        return found
    if isinstance(found, int | float):
        return as_expression(found)
    raise InvalidExpression(f"the column {text!r} names no single column", fix=f"{_FIX}; found {found!r}")


class _Reader:
    """Reads the syntax tree of one formula."""

    def __init__(self, text: str, see: Columns) -> None:
        self._text = text
        self._see = see

    def value(self, node: ast.expr) -> Any:
        """What a part of the formula stands for: an expression, a number, a text, or a function of columns."""
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float | str):
            return node.value
        if isinstance(node, ast.Name):
            return _FUNCTIONS[node.id] if node.id in _FUNCTIONS else getattr(self._see, self._public(node.id))
        if isinstance(node, ast.Attribute):
            owner = self.value(node.value)
            if isinstance(owner, Expression | ColumnOutputs):
                return getattr(owner, self._public(node.attr))
        if isinstance(node, ast.Call):
            return self._called(node)
        return self._arithmetic(node)

    def _arithmetic(self, node: ast.expr) -> Any:
        if isinstance(node, ast.BinOp) and type(node.op) in _BINARY:
            return _BINARY[type(node.op)](self.value(node.left), self.value(node.right))
        if isinstance(node, ast.UnaryOp) and type(node.op) in _UNARY:
            return _UNARY[type(node.op)](self.value(node.operand))
        if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in _COMPARED:
            return _COMPARED[type(node.ops[0])](self.value(node.left), self.value(node.comparators[0]))
        raise InvalidExpression(f"{ast.unparse(node)!r} has no place in the column {self._text!r}", fix=_FIX)

    def _called(self, node: ast.Call) -> Any:
        if any(isinstance(argument, ast.Starred) for argument in node.args) or None in [k.arg for k in node.keywords]:
            raise InvalidExpression(f"{ast.unparse(node)!r} has no place in the column {self._text!r}", fix=_FIX)
        function = self.value(node.func)
        if not callable(function):
            raise InvalidExpression(f"{ast.unparse(node.func)} takes no arguments", fix="write it without ()")
        keywords = {str(keyword.arg): self.value(keyword.value) for keyword in node.keywords}
        return function(*(self.value(argument) for argument in node.args), **keywords)

    def _public(self, name: str) -> str:
        """A name without underscore in front, of something that a formula may use."""
        if name.startswith("_") or name in ("custom", "store"):
            raise InvalidExpression(f"{name!r} has no place in the column {self._text!r}", fix=_FIX)
        return name
