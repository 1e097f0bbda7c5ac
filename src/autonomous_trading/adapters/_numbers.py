"""Columns of numbers, however they came."""

from typing import TYPE_CHECKING, Final

import numpy as np

from autonomous_trading.adapters._arrow import first_failure, to_numpy
from autonomous_trading.adapters._raw_table import RawTable, label_text
from autonomous_trading.core import FloatArray, InvalidBars

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["number_column", "try_number_column"]

_FIX: Final = "write plain numbers with a decimal point, such as 1234.5, without signs or units"


def number_column(table: RawTable, position: int) -> FloatArray:
    """The numbers of a column that has to hold numbers; missing values are NaN.

    Raises InvalidBars naming the first row that holds something else.
    """
    values, problem = try_number_column(table, position)
    if values is None:
        raise InvalidBars(f"{table.source}, {problem}", fix=_FIX)
    return values


def try_number_column(table: RawTable, position: int) -> tuple[FloatArray | None, str]:
    """The numbers of a column that may hold anything, or None and where it holds what instead."""
    import pyarrow as pa
    import pyarrow.compute as pc

    column = table.columns[position]
    kind = column.type
    name = label_text(table.labels[position])
    if pa.types.is_string(kind):
        values, row = _from_text(column)
        value = "" if values is not None else f"{table.row_name(row)}: {name!r} holds {column[row].as_py()!r}"
        return values, value and f"{value}, which is not a number"
    if pa.types.is_null(kind):
        return np.full(len(column), np.nan), ""
    if not (pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)):
        return None, f"column {name!r}: {kind} values are not numbers"
    # Whole numbers above 2**53 (volumes in the smallest unit) lose their last digits: we keep floats.
    return _with_nan(pc.cast(column, pa.float64(), safe=False)), ""


def _from_text(column: "pa.Array") -> tuple[FloatArray | None, int]:
    """The numbers, or None and the first row that holds none."""
    import pyarrow as pa
    import pyarrow.compute as pc

    def convert(part: "pa.Array") -> "pa.Array":
        return pc.cast(part, pa.float64())

    text = pc.utf8_trim_whitespace(column)
    try:
        return _with_nan(convert(text)), 0
    except pa.ArrowInvalid:
        return None, first_failure(convert, text)


def _with_nan(column: "pa.Array") -> FloatArray:
    if not column.null_count:
        return to_numpy(column).astype(np.float64)
    values: FloatArray = np.asarray(column.to_numpy(zero_copy_only=False), dtype=np.float64)
    return values
