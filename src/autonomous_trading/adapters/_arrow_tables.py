"""Arrow tables, and what polars and files become first."""

import re
from typing import TYPE_CHECKING, Final

from autonomous_trading.adapters._raw_table import Label, RawTable
from autonomous_trading.core import InvalidBars

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["from_arrow", "plain_column"]

# How pandas writes a name with levels into a file that knows flat names only: "('Close', 'SPY')".
_TUPLE_NAME: Final = re.compile(r"\('([^']*)', '([^']*)'\)")


def from_arrow(source: str, table: "pa.Table") -> RawTable:
    """The columns of an Arrow table."""
    labels = tuple(_label_of(name) for name in table.column_names)
    return RawTable(source, labels, tuple(plain_column(source, column) for column in table.columns))


def _label_of(name: str) -> Label:
    levels = _TUPLE_NAME.fullmatch(name)
    return (levels[1], levels[2]) if levels else name


def plain_column(source: str, column: "pa.Array | pa.ChunkedArray") -> "pa.Array":
    """The column in one piece, its texts as plain strings whatever they were encoded as."""
    import pyarrow as pa

    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    if isinstance(column, pa.ExtensionArray):
        column = column.storage
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    wanted = pa.string() if _is_text(kind) else kind
    try:
        return column if wanted == column.type else column.cast(wanted)
    except pa.ArrowException as error:
        raise InvalidBars(
            f"{source}: a column of type {column.type} cannot be read: {error}",
            fix="write it as text or numbers",
        ) from error


def _is_text(kind: "pa.DataType") -> bool:
    import pyarrow as pa

    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))
