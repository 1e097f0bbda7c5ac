"""Chosen values: one set of them as an immutable mapping, or many as a table of columns."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, final

import numpy as np
import numpy.typing as npt

from autonomous_trading.core._arrays import BoolArray, IntArray, closed
from autonomous_trading.core._parameter import ParameterValue
from autonomous_trading.core.errors import InvalidInput, InvalidParameter, unknown_name


@final
class ParameterSet(Mapping[str, ParameterValue]):
    """One value per parameter: immutable, equal and hashed by content, named by `id`.

    Values are int, float (finite), str or bool; numpy numbers are unwrapped and -0.0 becomes 0.0.
    Two sets are equal when their canonical JSON is (so 1 and 1.0 differ); against another mapping
    Python's own equality counts.
    """

    __slots__ = ("_canonical", "_values")
    _values: dict[str, ParameterValue]
    _canonical: str | None

    def __init__(self, values: Mapping[str, object]) -> None:
        plain = {str(name): _plain_value(str(name), value) for name, value in values.items()}
        object.__setattr__(self, "_values", plain)
        object.__setattr__(self, "_canonical", None)

    def __setattr__(self, name: str, value: object) -> None:
        raise InvalidParameter("a ParameterSet never changes", fix="build another one: space.choose({...})")

    def __getitem__(self, name: str) -> ParameterValue:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, ParameterSet):
            return self.canonical_json == other.canonical_json
        if isinstance(other, Mapping):
            return self._values == dict(other)
        return NotImplemented

    def __hash__(self) -> int:
        return hash(self.canonical_json)

    def __repr__(self) -> str:
        return f"ParameterSet({self._values!r})"

    def __reduce__(self) -> tuple[type["ParameterSet"], tuple[dict[str, ParameterValue]]]:
        return ParameterSet, (self._values,)

    @property
    def canonical_json(self) -> str:
        """The one JSON text of these values: names sorted, floats in their shortest exact form."""
        if self._canonical is None:
            text = json.dumps(self._values, sort_keys=True, separators=(",", ":"), allow_nan=False)
            object.__setattr__(self, "_canonical", text)
            return text
        return self._canonical

    @property
    def id(self) -> str:
        """Sixteen hexadecimal digits that name these values everywhere (sha256 of the canonical JSON)."""
        return hashlib.sha256(self.canonical_json.encode()).hexdigest()[:16]


@final
@dataclass(frozen=True, slots=True, eq=False)
class ParameterTable:
    """Many parameter sets as columns: row i of every column is set i.

    Whole numbers are int64, other numbers float64, booleans bool, everything else object. Columns
    are read-only; a writeable array is copied first. `length` is needed only where there is no column.
    """

    columns: Mapping[str, npt.NDArray[Any]]
    length: int = field(default=-1)

    def __post_init__(self) -> None:
        columns = {str(name): _column(values) for name, values in self.columns.items()}
        lengths = {name: len(column) for name, column in columns.items()}
        length = self.length if self.length >= 0 else next(iter(lengths.values()), 0)
        wrong = [f"{name!r} has {found}" for name, found in lengths.items() if found != length]
        if wrong:
            raise InvalidInput(
                f"columns of a table must have one length; expected {length} rows, {', '.join(wrong)}",
                fix="give every parameter one value per set",
            )
        object.__setattr__(self, "columns", MappingProxyType(columns))
        object.__setattr__(self, "length", length)

    def __reduce__(self) -> tuple[type["ParameterTable"], tuple[dict[str, npt.NDArray[Any]], int]]:
        return ParameterTable, (dict(self.columns), self.length)

    def __repr__(self) -> str:
        return f"ParameterTable({', '.join(self.names)}; {self.length} rows)"

    def __len__(self) -> int:
        return self.length

    @property
    def names(self) -> tuple[str, ...]:
        """Parameter names in column order."""
        return tuple(self.columns)

    def column(self, name: str) -> npt.NDArray[Any]:
        """All values of one parameter, one per set."""
        if name not in self.columns:
            raise unknown_name("parameter", name, self.columns)
        return self.columns[name]

    def row(self, index: int) -> ParameterSet:
        """Set number `index` (negative counts from the end)."""
        if not -self.length <= index < self.length:
            raise InvalidInput(
                f"row {index} does not exist: the table has {self.length} rows",
                fix="use 0 <= row < len(table)",
            )
        return ParameterSet({name: column[index] for name, column in self.columns.items()})

    def rows(self) -> Iterator[ParameterSet]:
        """Every set, in order."""
        return (self.row(index) for index in range(self.length))

    def take(self, index: IntArray | BoolArray | Sequence[int] | slice) -> "ParameterTable":
        """The rows at these positions, in this order; or those where a boolean mask is True; or a slice."""
        chosen = positions(index, self.length)
        return ParameterTable({name: closed(column[chosen]) for name, column in self.columns.items()}, len(chosen))

    @staticmethod
    def concat(tables: Sequence["ParameterTable"]) -> "ParameterTable":
        """The rows of all tables, one table after the other; all must have the same names."""
        if not tables:
            return ParameterTable({})
        names = tables[0].names
        for table in tables[1:]:
            if set(table.names) != set(names):
                raise InvalidInput(
                    f"joined tables must have the same parameters; got {list(names)} and {list(table.names)}",
                    fix="take all tables from one space",
                )
        columns = {name: _join([table.columns[name] for table in tables]) for name in names}
        return ParameterTable(columns, sum(table.length for table in tables))

    @staticmethod
    def from_rows(rows: Sequence[Mapping[str, object]]) -> "ParameterTable":
        """A table of these sets, all naming the same parameters; mixed int and float become float."""
        sets = [row if isinstance(row, ParameterSet) else ParameterSet(row) for row in rows]
        names = list(sets[0]) if sets else []
        for number, row in enumerate(sets):
            if set(row) != set(names):
                raise InvalidInput(
                    f"row {number} names {sorted(row)}, row 0 names {sorted(names)}",
                    fix="give every row the same parameters",
                )
        return ParameterTable({name: _gather([row[name] for row in sets]) for name in names}, len(sets))


def positions(index: IntArray | BoolArray | Sequence[int] | slice, length: int) -> IntArray:
    """Row numbers meant by positions, a boolean mask, or a slice."""
    every: IntArray = np.arange(length, dtype=np.int64)
    if isinstance(index, slice):
        return every[index]
    array = np.asarray(index)
    chosen: IntArray = every[array if array.dtype.kind in "bi" else array.astype(np.int64)]
    return chosen


def _plain_value(name: str, value: object) -> ParameterValue:
    plain = value.item() if isinstance(value, np.generic) else value
    if isinstance(plain, float):
        if not np.isfinite(plain):
            raise InvalidParameter(
                f"parameter {name!r} must be a finite number; got {plain}", fix="give a number, such as 0.5"
            )
        return plain + 0.0
    if isinstance(plain, int | str):
        return plain
    raise InvalidParameter(
        f"parameter {name!r} must be a number, a text or a boolean; got {plain!r}",
        fix="name the choice with a text and translate it inside the strategy",
    )


def _column(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    array = np.asarray(values)
    if array.ndim != 1:
        raise InvalidInput(f"a column has one dimension; got shape {array.shape}", fix="pass a flat array")
    kind = array.dtype.kind
    target: type[Any] = {"b": np.bool_, "i": np.int64, "u": np.int64, "f": np.float64}.get(kind, np.object_)
    return closed(array.astype(target, copy=array.flags.writeable))


def _join(columns: Sequence[npt.NDArray[Any]]) -> npt.NDArray[Any]:
    kinds = {column.dtype.kind for column in columns}
    if len(kinds) > 1 and kinds != {"i", "f"}:
        columns = [column.astype(object) for column in columns]
    return closed(np.concatenate(columns))


def _gather(values: Sequence[ParameterValue]) -> npt.NDArray[Any]:
    kinds = {type(value) for value in values}
    if kinds == {bool}:
        return np.array(values, dtype=np.bool_)
    if kinds == {int}:
        return np.array(values, dtype=np.int64)
    if kinds <= {int, float}:
        return np.array(values, dtype=np.float64)
    result = np.empty(len(values), dtype=object)
    result[:] = values
    return result
