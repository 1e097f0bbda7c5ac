"""Binding: a program with the columns and numbers that a table of parameter sets needs."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any, NamedTuple, final

import numpy as np
import numpy.typing as npt

from autonomous_trading.core._arrays import FloatArray, IntArray
from autonomous_trading.core._column_source import ColumnSource
from autonomous_trading.core._evaluate import evaluate_static
from autonomous_trading.core._expression import Expression
from autonomous_trading.core._leaves import Column
from autonomous_trading.core._node import Context, Values, run
from autonomous_trading.core._parameter_sets import ParameterTable
from autonomous_trading.core._program import Program
from autonomous_trading.core.errors import InvalidExpression


@final
@dataclass(frozen=True, slots=True, eq=False)
class BoundProgram:
    """A program and its data. Leaf k of set s is row `rows[s, k]` of `matrix`, scalar k is `scalars[s, k]`.

    `matrix` is [n_rows, n_bars] with every different column once; all arrays are C-contiguous. `code`,
    `n_registers`, `result`, `is_condition` and `halo` are those of the Program.
    """

    code: IntArray
    n_registers: int
    result: int
    is_condition: bool
    halo: int
    rows: IntArray
    scalars: FloatArray
    matrix: FloatArray


class _Grouping(NamedTuple):
    """Sets that agree in some parameters: one of them for every group, and the group of every set."""

    first: IntArray
    group: IntArray


class _Matrix:
    """The columns found so far, one a row; `row_of` knows those that another leaf may ask for again."""

    def __init__(self, rows: int, n_bars: int) -> None:
        self._values = np.empty((rows, n_bars))
        self._used = 0
        self.row_of: dict[object, int] = {}

    @property
    def values(self) -> FloatArray:
        """The rows that are filled."""
        return self._values[: self._used]

    def add(self, values: Values) -> int:
        """The row that holds a column from now on."""
        self._values[self._used] = values
        self._used += 1
        return self._used - 1


def bind(program: Program, table: ParameterTable, source: ColumnSource) -> BoundProgram:
    """Get the program with its data: every leaf computed once for each different choice of its parameters.

    A column that several leaves ask for, such as sma(20) as the fast and as the slow one, is one row.
    """
    groupings = _groupings(program, table)
    matrix = _Matrix(sum(len(grouping.first) for grouping in groupings), source.n_bars)
    rows = np.empty((len(table), len(groupings)), dtype=np.int64)
    for position, (leaf, grouping) in enumerate(zip(program.leaves, groupings, strict=True)):
        of_group = np.array(_rows_of(leaf, table, grouping.first, source, matrix), dtype=np.int64)
        rows[:, position] = of_group[grouping.group]
    return BoundProgram(
        code=program.code,
        n_registers=program.n_registers,
        result=program.result,
        is_condition=program.is_condition,
        halo=program.halo,
        rows=rows,
        scalars=_scalars(program.scalars, table),
        matrix=matrix.values,
    )


def distinct_columns(program: Program, table: ParameterTable) -> int:
    """The most rows that `bind` would compute, to cut a table into pieces that fit in memory beforehand."""
    return sum(len(grouping.first) for grouping in _groupings(program, table))


def _groupings(program: Program, table: ParameterTable) -> list[_Grouping]:
    by_names: dict[frozenset[str], _Grouping] = {}
    for leaf in program.leaves:
        if leaf.parameters not in by_names:
            by_names[leaf.parameters] = _grouped(table, sorted(leaf.parameters))
    return [by_names[leaf.parameters] for leaf in program.leaves]


def _grouped(table: ParameterTable, names: Sequence[str]) -> _Grouping:
    """Groups of sets that have the same values of all `names`."""
    grouping = _Grouping(np.zeros(1, dtype=np.int64), np.zeros(len(table), dtype=np.int64))
    for position, name in enumerate(names):
        found = _distinct(_codes(table.column(name)))
        if position:
            found = _distinct(grouping.group * len(found.first) + found.group)
        grouping = found
    return grouping


def _distinct(codes: IntArray) -> _Grouping:
    _, first, group = np.unique(codes, return_index=True, return_inverse=True)
    return _Grouping(first, group)


def _codes(values: npt.NDArray[Any]) -> IntArray:
    """A whole number per value, equal exactly where the values are the same in type and in every bit."""
    if values.dtype == np.float64:
        return values.view(np.int64)
    if values.dtype != object:
        return values.astype(np.int64, copy=False)
    known: dict[tuple[type, object], int] = {}
    return np.array([known.setdefault((type(value), value), len(known)) for value in values], dtype=np.int64)


def _rows_of(
    leaf: Expression, table: ParameterTable, first: IntArray, source: ColumnSource, matrix: _Matrix
) -> list[int]:
    """The row of the matrix with the column of one leaf, for each of the sets `first`."""
    chosen = {name: table.column(name)[first] for name in leaf.parameters}
    shared: dict[bytes, Values] = {}
    if not isinstance(leaf, Column) or any(part.parameters for part in leaf.inputs):
        contexts = (
            Context(source.n_bars, source, {name: values[index : index + 1] for name, values in chosen.items()})
            for index in range(len(first))
        )
        return [matrix.add(run(leaf, context, shared)) for context in contexts]
    # The usual leaf, such as sma(fast): all its arguments at once, then nothing but the source per column.
    context = Context(source.n_bars, source, chosen)
    inputs = [run(part, context, shared) for part in leaf.inputs]
    arguments = [np.broadcast_to(run(part, context), first.shape).tolist() for part in leaf.arguments]
    column = (leaf.name, leaf.output, *(part.key for part in leaf.inputs))
    rows = []
    for values in zip(*arguments, strict=True) if arguments else repeat((), len(first)):
        key = (column, values, *map(type, values))  # 20 and 20.0 are one to a dict, and may be two to a function
        row = matrix.row_of.get(key)
        if row is None:
            row = matrix.row_of[key] = matrix.add(leaf.fetch(values, inputs, context))
        rows.append(row)
    return rows


def _scalars(expressions: Sequence[Expression], table: ParameterTable) -> FloatArray:
    numbers = np.empty((len(table), len(expressions)))
    for position, expression in enumerate(expressions):
        values = evaluate_static(expression, table)
        if values.dtype == object:
            raise InvalidExpression(
                f"{expression!s} is a text where a number is needed",
                fix="compare it while tracing, or translate it to a number",
            )
        numbers[:, position] = values
    return numbers
