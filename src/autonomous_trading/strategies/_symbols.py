"""Symbols in place of parameter values, so that a strategy writes down what it does for many sets at once."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from autonomous_trading.core import (
    FloatArray,
    IntArray,
    InvalidExpression,
    Parameter,
    ParameterRef,
    ParameterTable,
    Untraceable,
)

UNTRACEABLE = (Untraceable, TypeError, ValueError, LookupError, AttributeError, ArithmeticError)
"""What the code of a strategy raises when it meets a symbol where it needs a number.

Most refusals are Untraceable; the others come from libraries that test for plain numbers first. A mistake in
the strategy raises the same types: it shows again, with plain numbers, when the sets are evaluated one by
one.
"""


class Group(NamedTuple):
    """Rows of a table with equal choices and booleans, and what a strategy holds for all of them together."""

    rows: IntArray
    values: Mapping[str, object]


class NoColumns(NamedTuple):
    """The source of columns for expressions that may only hold parameters."""

    n_bars: int

    def column(self, name: str, *_: object) -> FloatArray:
        """InvalidExpression: there is none."""
        raise InvalidExpression(
            f"the column {name} stands where only parameters may",
            fix="compare parameters with each other or with numbers",
        )


def groups_of(declared: Mapping[str, Parameter], table: ParameterTable) -> list[Group]:
    """The rows grouped by choices and booleans, which are plain values in a group; numbers become symbols."""
    plain = [name for name, parameter in declared.items() if not parameter.is_numeric]
    symbols = {name: ParameterRef(name) for name, parameter in declared.items() if parameter.is_numeric}
    if not plain:
        return [Group(np.arange(len(table)), symbols)] if len(table) else []
    rows: dict[tuple[object, ...], list[int]] = {}
    for row, choice in enumerate(zip(*(table.column(name).tolist() for name in plain), strict=True)):
        rows.setdefault(choice, []).append(row)
    return [
        Group(np.array(members), {**symbols, **dict(zip(plain, choice, strict=True))})
        for choice, members in rows.items()
    ]
