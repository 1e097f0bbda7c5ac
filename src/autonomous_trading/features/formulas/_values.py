"""What the parts of a formula are: expressions, texts, the outputs of an indicator; and arithmetic of plain numbers.

Numbers are added up while a formula is read, as Python would: whole numbers stay whole, and no number gets larger than
the limit on the way, so a tower of powers is refused before it is computed.
"""

import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn, TypeAlias, Union, final

from autonomous_trading.core import Constant, Expression, InvalidInput, Untraceable
from autonomous_trading.features._entries import CatalogueEntry
from autonomous_trading.features.formulas._limits import FormulaLimits
from autonomous_trading.features.formulas._places import Written

Value: TypeAlias = Union[Expression, "TextValue", "ManyOutputs"]


@final
@dataclass(frozen=True, slots=True)
class TextValue:
    """A text: an argument of a column, and nothing else."""

    text: str


@final
@dataclass(frozen=True, slots=True)
class ManyOutputs:
    """An indicator of which one output has yet to be chosen."""

    entry: CatalogueEntry
    arguments: tuple[Expression, ...]
    inputs: tuple[Expression, ...]


def is_static(value: Value) -> bool:
    """Whether a value is the same for every bar: a number, a parameter, a text."""
    return isinstance(value, TextValue) or (isinstance(value, Expression) and value.is_static)


@final
@dataclass(frozen=True, slots=True)
class Reading:
    """What every part of a formula is read with: its text, and the limits it has to keep."""

    written: Written
    limits: FormulaLimits

    def refuse(self, at: int, what: str, *, fix: str) -> NoReturn:
        """Refuse what stands at `at`."""
        raise self.written.error(at, what, fix=fix)

    def expression(self, value: Value, at: int, wanted: str) -> Expression:
        """The value as an expression; a text or several outputs are told from what was wanted."""
        if isinstance(value, Expression):
            return value
        if isinstance(value, TextValue):
            self.refuse(
                at, f"{wanted} has to stand here, not a text", fix="texts are arguments only: ma(20, matype='ema')"
            )
        entry = value.entry
        raise self.written.error(
            at,
            f"{entry.name} has several outputs and names no single column: {', '.join(entry.outputs)}",
            fix=f"choose one: {entry.name}(...).{entry.outputs[0]}",
        )

    def condition(self, value: Value, at: int, sign: str) -> Expression:
        """The value as a condition."""
        found = self.expression(value, at, "a condition")
        if not found.is_condition:
            self.refuse(
                at,
                f"{sign} needs conditions, and this is a number",
                fix="compare it with something, such as rsi(14) > 70",
            )
        return found

    def built(self, at: int, build: Callable[..., Expression], *operands: object) -> Expression:
        """What the expression language makes of the operands, a plain number where all of them are."""
        try:
            found = build(*operands)
            if found.is_static and not found.parameters and not isinstance(found, Constant):
                return self.constant(at, found.__array__().item())
        except Untraceable as error:
            self.refuse(at, error.what.partition(" while ")[0], fix="write out the powers: x * x")
        except InvalidInput as error:
            raise self.written.placed(at, error) from None
        return found

    def constant(self, at: int, value: Any) -> Constant:
        """A plain number, not too large."""
        if not isinstance(value, bool) and not (math.isfinite(value) and abs(value) <= self.limits.constant):
            self.refuse(
                at,
                f"a number is not finite or larger than {self.limits.constant:g}",
                fix="use smaller numbers, which a float holds exactly enough",
            )
        return Constant(value)


_PYTHON: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
    "**": operator.pow,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
    "&": operator.and_,
    "|": operator.or_,
    "^": operator.xor,
}
_NEGATIVE: Callable[[Any], Any] = operator.neg
_LOGIC = ("&", "|", "^")
_SYMBOL = {"and": "&", "or": "|", "not": "~"}


def binary(reading: Reading, sign: str, operands: tuple[Value, Value], places: tuple[int, int, int]) -> Expression:
    """Two operands joined; `places` are those of the left one, the sign and the right one."""
    symbol = _SYMBOL.get(sign, sign)
    first, at, last = places
    if symbol in _LOGIC:
        left, right = reading.condition(operands[0], first, sign), reading.condition(operands[1], last, sign)
    else:
        left, right = (
            reading.expression(value, place, "a number or a condition")
            for value, place in zip(operands, (first, last), strict=True)
        )
    if isinstance(left, Constant) and isinstance(right, Constant):
        return _computed(reading, symbol, (left.value, right.value), at)
    return reading.built(at, _PYTHON[symbol], left, right)


def unary(reading: Reading, sign: str, operand: Value, places: tuple[int, int]) -> Expression:
    """`-` before a number, `~` or `not` before a condition; `places` are those of the sign and the operand."""
    at, inner = places
    if sign != "-":
        found = reading.condition(operand, inner, sign)
        return Constant(not found.value) if isinstance(found, Constant) else reading.built(at, operator.invert, found)
    found = reading.expression(operand, inner, "a number or a condition")
    if isinstance(found, Constant):
        return reading.constant(at, _NEGATIVE(found.value))
    return reading.built(at, operator.neg, found)


def _computed(reading: Reading, symbol: str, values: tuple[Any, Any], at: int) -> Constant:
    if symbol in ("/", "//", "%") and values[1] == 0:
        reading.refuse(at, "a division by zero", fix="divide by another number")
    try:
        if symbol == "**":
            return reading.constant(at, _power(*values, reading.limits.constant))
        return reading.constant(at, _PYTHON[symbol](*values))
    except (OverflowError, ValueError):
        reading.refuse(
            at, f"a power is not a number or larger than {reading.limits.constant:g}", fix="use smaller numbers"
        )


def _power(base: float, exponent: float, most: float) -> float:
    """Python's power, looked at as a float before it is computed: 9 ** 9 ** 9 has 369 million digits."""
    rough = math.pow(base, exponent)
    whole = isinstance(base, int) and isinstance(exponent, int) and exponent >= 0
    return int(base) ** int(exponent) if whole and abs(rough) <= most else rough
