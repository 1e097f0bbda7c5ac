"""Rows as they lie in a part: columns by name, and their Parquet bytes."""

import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from autonomous_trading.core import Bars, IntArray
from autonomous_trading.data import RawBars

__all__ = [
    "COLUMNS",
    "EXTRA",
    "Rows",
    "bars_of",
    "decoded",
    "encoded",
    "joined",
    "order_of_delivery",
    "raw_of",
    "rows_of",
    "taken",
]

Rows: TypeAlias = dict[str, npt.NDArray[Any]]
"""Columns by name: time, prices, volume, received_at, delivery (the number of the commit), "extra.NAME", reason."""

COLUMNS: Final = ("open", "high", "low", "close", "volume")
EXTRA: Final = "extra."
_WHOLE: Final = ("time", "received_at", "delivery")
_REASON: Final = "reason"
_ROWS_A_GROUP: Final = 131_072


def rows_of(bars: Bars | RawBars, received_at: int, delivery: int, reasons: Sequence[str] | None = None) -> Rows:
    """The rows of bars as a delivery brought them."""
    rows: Rows = {name: getattr(bars, name) for name in ("time", *COLUMNS)}
    rows["received_at"] = np.full(len(bars), received_at, dtype=np.int64)
    rows["delivery"] = np.full(len(bars), delivery, dtype=np.int64)
    rows |= {f"{EXTRA}{name}": values for name, values in bars.extra.items()}
    if reasons is not None:
        rows[_REASON] = np.array(reasons, dtype=np.str_)
    return rows


def taken(rows: Rows, which: npt.NDArray[Any]) -> Rows:
    """The rows at these positions, or where a mask is true."""
    return {name: values[which] for name, values in rows.items()}


def joined(parts: Iterable[Rows]) -> Rows:
    """The rows of several parts; an extra column that only some of them have is NaN elsewhere. None of none is {}."""
    held = [part for part in parts if len(part["time"])]
    if len(held) <= 1:
        return held[0] if held else {}
    names = dict.fromkeys(name for part in held for name in part)
    return {name: np.concatenate([_column(part, name) for part in held]) for name in names}


def bars_of(rows: Rows, symbol: str) -> Bars:
    """Bars again: every rule of `core.Bars` is checked once more."""
    return Bars(**{name: rows[name] for name in ("time", *COLUMNS)}, symbol=symbol, extra=_extra(rows))


def raw_of(rows: Rows, symbol: str) -> RawBars:
    """The rows of one delivery as they came."""
    columns = {name: rows[name] for name in ("time", *COLUMNS)}
    return RawBars(symbol=symbol, **columns, received_at=int(rows["received_at"][0]), extra=_extra(rows))


def encoded(rows: Rows) -> bytes:
    """Rows as the bytes of a Parquet file, the same for the same rows; pages carry checksums."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    arrays = {name: _texts(values) if name == _REASON else _numbers(values) for name, values in rows.items()}
    packed = dict.fromkeys((name for name in rows if name in _WHOLE), "DELTA_BINARY_PACKED")
    split = dict.fromkeys((name for name in rows if name not in (*_WHOLE, _REASON)), "BYTE_STREAM_SPLIT")
    stream = io.BytesIO()
    pq.write_table(
        pa.table(arrays),
        stream,
        compression="zstd",
        use_dictionary=False,
        column_encoding={**packed, **split},
        row_group_size=_ROWS_A_GROUP,
        write_page_checksum=True,
    )
    return stream.getvalue()


def decoded(data: bytes, columns: Sequence[str] | None = None) -> Rows:
    """The rows of such a file: all columns, or these."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with pq.ParquetFile(pa.BufferReader(data), page_checksum_verification=True) as file:
        table = file.read(columns=columns)
    return {name: _array(column) for name, column in zip(table.column_names, table.columns, strict=True)}


def order_of_delivery(rows: Rows) -> IntArray:
    """Positions that put rows in order of their deliveries and leave each delivery as it came."""
    return np.argsort(rows["delivery"], kind="stable")


def _numbers(values: npt.NDArray[Any]) -> Any:
    """An Arrow array on the memory of a column. `pyarrow.array` would do, and import pandas for it."""
    import pyarrow as pa

    kind = pa.int64() if values.dtype.kind == "i" else pa.float64()
    return pa.Array.from_buffers(kind, len(values), [None, pa.py_buffer(np.ascontiguousarray(values))])


def _texts(values: npt.NDArray[Any]) -> Any:
    import pyarrow as pa

    written = [str(each).encode() for each in values]
    ends = np.cumsum([0, *map(len, written)], dtype=np.int32)
    return pa.Array.from_buffers(pa.string(), len(written), [None, pa.py_buffer(ends), pa.py_buffer(b"".join(written))])


def _array(column: Any) -> npt.NDArray[Any]:
    """An Arrow column as an array, on its own memory where it is in one piece; `to_numpy` would import pandas too."""
    import pyarrow as pa

    if column.type == pa.string():
        return np.array(column.to_pylist(), dtype=np.str_)
    kind = np.int64 if column.type == pa.int64() else np.float64
    chunks = [np.frombuffer(each.buffers()[1], kind)[each.offset :][: len(each)] for each in column.chunks]
    return chunks[0] if len(chunks) == 1 else np.concatenate([np.empty(0, kind), *chunks])


def _extra(rows: Mapping[str, npt.NDArray[Any]]) -> dict[str, npt.NDArray[Any]]:
    return {name.removeprefix(EXTRA): values for name, values in rows.items() if name.startswith(EXTRA)}


def _column(part: Rows, name: str) -> npt.NDArray[Any]:
    found = part.get(name)
    return np.full(len(part["time"]), np.nan) if found is None else found
