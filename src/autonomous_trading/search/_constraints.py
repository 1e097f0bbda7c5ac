"""Constraints on results: "trade_count >= 30" as something that says by how much a value breaks it."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, cast, final

import numpy as np

from autonomous_trading.core import BoolArray, FloatArray, InvalidInput

Operator: TypeAlias = Literal[">=", "<=", ">", "<", "=="]

_COMPARISONS: Final[dict[str, Callable[[FloatArray, float], BoolArray]]] = {
    ">=": np.greater_equal,
    "<=": np.less_equal,
    ">": np.greater,
    "<": np.less,
    "==": np.equal,
}
_EXAMPLE = 'write a name, one of >=, <=, >, <, == and a number, such as "trade_count >= 30"'
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_SIGNS = re.compile(r"[<>=!~]+")


@final
@dataclass(frozen=True, slots=True)
class ValueConstraint:
    """A bound on a result: `name` `operator` `bound`.

    >>> parse_constraint("trade_count >= 30").violation(np.array([10.0, 30.0, np.nan])).tolist()
    [20.0, 0.0, inf]
    """

    name: str
    operator: Operator
    bound: float

    def violation(self, values: FloatArray) -> FloatArray:
        """How far each value is from keeping the bound: 0 where it does, infinite where the value is missing (NaN).

        A value on a bound that has to be passed (> or <) breaks it by the smallest number there is.
        """
        given = np.asarray(values, dtype=np.float64)
        missing = np.isnan(given)
        with np.errstate(over="ignore"):  # farther than any number is infinitely far
            distance = np.abs(np.where(missing, np.inf, given) - self.bound)
        broken = missing | ~_COMPARISONS[self.operator](given, self.bound)
        far: FloatArray = np.where(broken, np.maximum(distance, np.nextafter(0.0, 1.0)), 0.0)
        return far

    def __str__(self) -> str:
        return f"{self.name} {self.operator} {self.bound:.17g}"


def parse_constraint(text: str) -> ValueConstraint:
    """The constraint that a text of the form NAME OPERATOR NUMBER means; nothing in it is ever executed.

    Raises InvalidInput, saying which of the three it could not read.
    """
    if not isinstance(text, str):
        raise InvalidInput(f"a constraint is a text; got {text!r}", fix=_EXAMPLE)
    sign = _SIGNS.search(text)
    if sign is None:
        raise InvalidInput(f"the constraint {text!r} compares nothing: it has no operator", fix=_EXAMPLE)
    name, number = text[: sign.start()].strip(), text[sign.end() :].strip()
    if sign.group() not in _COMPARISONS:
        raise InvalidInput(f"the constraint {text!r} has an unknown operator {sign.group()!r}", fix=_EXAMPLE)
    if not _NAME.fullmatch(name):
        raise InvalidInput(f"the constraint {text!r} has to start with one name; got {name!r}", fix=_EXAMPLE)
    if not _NUMBER.fullmatch(number) or math.isinf(float(number)):
        raise InvalidInput(f"the constraint {text!r} has to end with a finite number; got {number!r}", fix=_EXAMPLE)
    return ValueConstraint(name, cast(Operator, sign.group()), float(number))
