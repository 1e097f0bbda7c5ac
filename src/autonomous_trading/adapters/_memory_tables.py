"""Things in memory that hold prices: frames, mappings, arrays and lists, as raw tables."""

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from autonomous_trading.adapters._arrow_tables import from_arrow, plain_column
from autonomous_trading.adapters._column_names import ARRAY_ORDER, role_of
from autonomous_trading.adapters._raw_table import Label, RawTable
from autonomous_trading.core import InvalidBars, InvalidInput

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = ["SEVERAL", "from_memory", "is_column"]

SEVERAL: Final = "at.backtest, at.optimize and at.walk_forward take several instruments as they are"
"""What to tell somebody who has several where one is asked for."""

_SHAPES: Final = (
    "give a DataFrame (pandas or polars), an Arrow table, a mapping of columns, ccxt rows "
    "[[ms, open, high, low, close, volume], ...], a path, or Bars"
)


def from_memory(data: object) -> RawTable:
    """The raw table in something in memory. Raises InvalidInput for what cannot hold prices."""
    # A frame can only come from a library that is loaded: none is imported to find out.
    pandas, polars, arrow = (sys.modules.get(name) for name in ("pandas", "polars", "pyarrow"))
    if pandas is not None and isinstance(data, pandas.DataFrame):
        return _from_pandas(data)
    if polars is not None and isinstance(data, polars.LazyFrame):
        data = data.collect()
    if polars is not None and isinstance(data, polars.DataFrame):
        return from_arrow("the polars DataFrame", data.to_arrow())
    if arrow is not None and isinstance(data, arrow.Table | arrow.RecordBatch):
        return from_arrow("the Arrow table", data)
    if isinstance(data, np.ndarray):
        return _from_array(data)
    if isinstance(data, Mapping):
        return _from_mapping("the mapping", data)
    if isinstance(data, Sequence) and not isinstance(data, str | bytes | bytearray):
        return _from_rows(data)
    raise InvalidInput(f"a {type(data).__name__} cannot be read as bars", fix=_SHAPES)


def _from_pandas(frame: "pd.DataFrame") -> RawTable:
    source = "the DataFrame"
    labels: list[Label] = []
    columns: list[pa.Array] = []
    for level in range(frame.index.nlevels):
        label = _index_label(frame.index.get_level_values(level))
        if label is not None:
            labels.append(label)
            columns.append(_pandas_column(source, frame.index.get_level_values(level)))
    names: list[Any] = list(frame.columns)
    for position, label in enumerate(names):
        labels.append(tuple(str(part) for part in label) if isinstance(label, tuple) else str(label))
        columns.append(_pandas_column(source, frame.iloc[:, position]))
    if [str(label) for label in names] == [str(number) for number in range(len(ARRAY_ORDER))]:
        labels[-len(ARRAY_ORDER) :] = ARRAY_ORDER  # pd.DataFrame(exchange.fetch_ohlcv(...)) without names
    return RawTable(source, tuple(labels), tuple(columns))


def _index_label(level: "pd.Index[Any]") -> str | None:
    """What an index is called among the columns; None for one that only counts rows."""
    name = "" if level.name is None else str(level.name)
    if role_of(name) in ("time", "symbol"):
        return name
    return None if level.dtype.kind in "iuf" or (name and level.dtype.kind != "M") else ""


def _pandas() -> Any:
    return sys.modules["pandas"]


def _pandas_column(source: str, values: "pd.Series[Any] | pd.Index[Any]") -> "pa.Array":
    import pyarrow as pa

    if isinstance(values, _pandas().PeriodIndex):
        values = values.to_timestamp()  # a period starts where its bar does
    if values.dtype == np.dtype(object):
        return _from_objects(list(values))
    try:
        return plain_column(source, pa.array(values, from_pandas=True))
    except pa.ArrowException as error:
        raise InvalidBars(
            f"{source}: a column of type {values.dtype} cannot be read",
            fix="convert it to numbers, text or times",
        ) from error


def _from_array(array: npt.NDArray[Any]) -> RawTable:
    source = "the array"
    if array.dtype.names is not None and array.ndim == 1:
        return _from_mapping(source, {name: array[name] for name in array.dtype.names})
    if array.ndim != 2 or array.shape[1] != len(ARRAY_ORDER):
        raise InvalidBars(
            f"the array has shape {list(array.shape)}",
            fix=f"give it {len(ARRAY_ORDER)} columns: {', '.join(ARRAY_ORDER)}",
        )
    return _from_mapping(source, {name: array[:, at] for at, name in enumerate(ARRAY_ORDER)})


def _from_rows(rows: Sequence[Any]) -> RawTable:
    source = "the list"
    if not rows:
        raise InvalidBars("the list is empty", fix="give at least one bar")
    if all(isinstance(row, Mapping) for row in rows):
        names = dict.fromkeys(str(name) for row in rows for name in row)
        return _from_mapping(source, {name: [row.get(name) for row in rows] for name in names})
    width = len(ARRAY_ORDER)
    for number, row in enumerate(rows):
        if not isinstance(row, Sequence | np.ndarray) or isinstance(row, str | bytes) or len(row) < width:
            raise InvalidBars(
                f"{source}, row {number} (counting from 0): not the {width} values {', '.join(ARRAY_ORDER)}",
                fix=_SHAPES,
            )
    return _from_mapping(source, {name: [row[at] for row in rows] for at, name in enumerate(ARRAY_ORDER)})


def _from_mapping(source: str, data: Mapping[Any, Any]) -> RawTable:
    columns = {str(name): _from_values(source, str(name), values) for name, values in data.items()}
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) > 1:
        shown = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise InvalidBars(
            f"{source}: columns of different lengths ({shown})", fix="give every column one value per bar"
        )
    return RawTable(source, tuple(columns), tuple(columns.values()))


def is_column(values: object) -> bool:
    """Whether this is one column of values, and not a table with rows and columns of its own."""
    pandas, polars, arrow = (sys.modules.get(name) for name in ("pandas", "polars", "pyarrow"))
    if pandas is not None and isinstance(values, pandas.Series | pandas.Index):
        return True
    if polars is not None and isinstance(values, polars.Series):
        return True
    if arrow is not None and isinstance(values, arrow.Array | arrow.ChunkedArray):
        return True
    if isinstance(values, np.ndarray):
        return values.ndim == 1 and values.dtype.names is None
    if not isinstance(values, Sequence) or isinstance(values, str | bytes):
        return False
    return not values or isinstance(values[0], str) or not isinstance(values[0], Sequence | Mapping | np.ndarray)


def _from_values(source: str, name: str, values: Any) -> "pa.Array":
    import pyarrow as pa

    if not is_column(values):
        raise InvalidBars(
            f"{source}: {name!r} holds a {type(values).__name__}, not a column",
            fix=f"give flat columns of values; {SEVERAL}",
        )
    pandas, polars = sys.modules.get("pandas"), sys.modules.get("polars")
    if pandas is not None and isinstance(values, pandas.Series | pandas.Index):
        return _pandas_column(source, values)
    if polars is not None and isinstance(values, polars.Series):
        return plain_column(source, values.to_arrow())
    if isinstance(values, pa.Array | pa.ChunkedArray):
        return plain_column(source, values)
    if isinstance(values, np.ndarray):
        return _from_numpy(source, name, values)
    numbers = _numbers_or_times(values)
    return _from_objects(list(values)) if numbers is None else _from_numpy(source, name, numbers)


def _numbers_or_times(values: Sequence[Any]) -> npt.NDArray[Any] | None:
    """A list as numpy sees it, when all of it is of one such kind: numpy would turn mixed ones into text."""
    try:
        array = np.asarray(values)
    except (ValueError, OverflowError):  # rows of different lengths, or a number beyond 64 bits
        return None
    return array if array.dtype.kind in "iufM" and array.ndim == 1 else None


def _from_numpy(source: str, name: str, array: npt.NDArray[Any]) -> "pa.Array":
    import pyarrow as pa

    if array.dtype.kind == "O":
        return _from_objects(array.tolist())
    if array.dtype.kind == "M" and np.datetime_data(array.dtype)[0] not in ("D", "s", "ms", "us", "ns"):
        array = array.astype("datetime64[s]")
    if array.dtype.kind in "iufbM":
        array = array.astype(array.dtype.newbyteorder("="))
    try:
        return pa.array(array, from_pandas=True)
    except pa.ArrowException as error:
        raise InvalidBars(
            f"{source}: {name!r} holds {array.dtype} values, which are neither numbers, times nor text",
            fix="convert the column to numbers, text or times",
        ) from error


def _from_objects(values: list[Any]) -> "pa.Array":
    """Python objects: numbers when all are, otherwise the text each of them prints as.

    Text keeps what Arrow would smooth over: a time with a zone beside one without, a word among numbers.
    """
    import pyarrow as pa

    present = [value for value in values if not _is_missing(value)]
    if present and all(isinstance(value, int | float | np.number) and not isinstance(value, bool) for value in present):
        try:
            return pa.array([None if _is_missing(value) else value for value in values])
        except (pa.ArrowException, OverflowError):  # a whole number beyond 64 bits: refused later, by its row
            pass
    return pa.array([None if _is_missing(value) else str(value) for value in values], pa.string())


def _is_missing(value: object) -> bool:
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(value, float) and value != value
