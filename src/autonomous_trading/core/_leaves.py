"""The leaves of expressions that are not plain values: parameters, and columns by name."""

import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, final

import numpy as np

from autonomous_trading.core._arrays import FloatArray
from autonomous_trading.core._column_source import ColumnArgument, ColumnSource
from autonomous_trading.core._expression import Constant, Expression, Operand, as_expression
from autonomous_trading.core._node import ATOM, Context, Text, Values, as_float
from autonomous_trading.core.errors import InvalidExpression, unknown_name


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ParameterRef(Expression):
    """A parameter whose value comes later, with the set of parameters that is evaluated.

    `boolean` parameters are conditions. Whole-number parameters stay whole through + - * // %, minimum,
    maximum, where and ** with a constant, so that a window of `self.fast * 2` bars arrives as an int; /
    makes a float of anything.
    """

    name: str
    boolean: bool = False

    def __post_init__(self) -> None:
        self._settle((), is_condition=self.boolean, parameters=frozenset((self.name,)))

    def __reduce__(self) -> tuple[Any, ...]:
        return ParameterRef, (self.name, self.boolean)

    def fingerprint(self) -> bytes:
        return f"parameter {self.boolean} {self.name}".encode()

    def compute(self, _values: Sequence[Values], context: Context, /) -> Values:
        if self.name not in context.parameters:
            raise unknown_name("parameter", self.name, context.parameters)
        return context.parameters[self.name]

    def written(self, _texts: Sequence[Text], /) -> Text:
        return self.name, ATOM


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Column(Expression):
    """A column by name: `arguments` are the same for every bar, `inputs` are columns (none: implied).

    `output` picks one result of a name that has several. Build it with `column`, which also ties it to its
    data.
    """

    name: str
    arguments: tuple[Expression, ...] = ()
    inputs: tuple[Expression, ...] = ()
    output: str = ""
    source: "weakref.ReferenceType[ColumnSource] | None" = None

    def __post_init__(self) -> None:
        for argument in self.arguments:
            if not argument.is_static:
                raise InvalidExpression(
                    f"{self.name} was given the column {argument!s} where it takes a number",
                    fix="pass a number or a parameter; columns to compute from are its inputs",
                )
        self._settle((*self.arguments, *self.inputs), is_static=False, tie=self.source)
        object.__setattr__(self, "shown", (*self.inputs, *self.arguments))

    def __reduce__(self) -> tuple[Any, ...]:
        return Column, (self.name, self.arguments, self.inputs, self.output)

    def fingerprint(self) -> bytes:
        return f"column {self.name!r} {self.output!r} {len(self.arguments)} {len(self.inputs)} ".encode()

    def compute(self, values: Sequence[Values], context: Context, /) -> Values:
        count = len(self.arguments)
        arguments = tuple(part.item() for part in values[:count])
        return self.fetch(arguments, values[count:], context)

    def fetch(self, arguments: tuple[ColumnArgument, ...], inputs: Sequence[Values], context: Context) -> FloatArray:
        """The column from its source, for argument and input values that are known by now."""
        columns = tuple(
            np.full(context.n_bars, as_float(part.item())) if node.is_static else part
            for node, part in zip(self.inputs, inputs, strict=True)
        )
        if context.source is None:
            raise InvalidExpression(f"{self!s} has no source of columns", fix="evaluate it with one")
        values = context.source.column(self.name, arguments, columns or None, self.output)
        if values.shape != (context.n_bars,):
            raise InvalidExpression(
                f"column {self!s} has shape {values.shape} for {context.n_bars} bars",
                fix="a column needs one value per bar",
            )
        return np.ascontiguousarray(values, dtype=np.float64)

    def written(self, texts: Sequence[Text], /) -> Text:
        name = self.name.partition("#")[0]  # what follows only tells columns of one name apart
        called = f"{name}({', '.join(text for text, _ in texts)})" if texts else name
        return (f"{called}.{self.output}" if self.output else called), ATOM


def column(
    name: str,
    arguments: Sequence[Expression | float | str] = (),
    *,
    inputs: Sequence[Operand] = (),
    output: str = "",
    source: ColumnSource | None = None,
) -> Column:
    """Get the column `name` as an expression, tied to `source` for as long as someone else keeps that alive.

    A tied expression without parameters can be turned into an array: np.asarray(expression).
    """
    return Column(
        name,
        tuple(Constant(value) if isinstance(value, str) else as_expression(value) for value in arguments),
        tuple(as_expression(value) for value in inputs),
        output,
        None if source is None else weakref.ref(source),
    )
