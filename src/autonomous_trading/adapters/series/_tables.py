"""Tables of other data as they lie on a disk: columns by any of their names, times as UTC nanoseconds."""

import io
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from autonomous_trading.adapters._ordinary import ordinary_bytes
from autonomous_trading.adapters._places import place_of
from autonomous_trading.core import FloatArray, IntArray, InvalidInput

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["TIMES", "column_name", "found", "known_by_end_of_date", "needed", "numbers_of", "read_frame", "times_of"]

TIMES: Final = ("timestamp", "date", "reference", "observation_date", "period", "datetime", "time")
_DAY_NS: Final = 86_400_000_000_000
_RESERVED: Final = ("time", "open", "high", "low", "close", "volume", "symbol", "extra")


def read_frame(place: "str | os.PathLike[str] | pd.DataFrame") -> "pd.DataFrame":
    """The rows of a CSV, Parquet or Feather file, or of a frame, with column names in lower case.

    Raises DataNotFound where there is no such file, InvalidInput where it holds something else.
    """
    import pandas as pd

    if isinstance(place, pd.DataFrame):
        frame = place if place.index.name is None else place.reset_index()
    else:
        frame = _read_file(place_of(place))
    names = [str(label).strip().lower() for label in frame.columns]
    if len(set(names)) < len(names):
        raise InvalidInput(f"two columns have the same name among {', '.join(names)}", fix="rename one of them")
    return frame.set_axis(names, axis=1)


def found(frame: "pd.DataFrame", *names: str) -> "pd.Series | None":
    """The first column that has one of these names, or None."""
    return next((frame[name] for name in names if name in frame.columns), None)


def needed(frame: "pd.DataFrame", what: str, *names: str) -> "pd.Series":
    """The first column that has one of these names. Raises InvalidInput that says which there are."""
    column = found(frame, *names)
    if column is None:
        raise InvalidInput(
            f"the table has no column {' or '.join(repr(name) for name in names)} for {what}",
            fix=f"rename one of its columns: {', '.join(map(str, frame.columns))}",
        )
    return column


def times_of(column: "pd.Series") -> IntArray:
    """Times as UTC nanoseconds: datetimes or ISO 8601 text; those without a zone are taken as UTC.

    Raises InvalidInput for numbers (whose unit nobody says) and for missing times.
    """
    import pandas as pd

    if column.dtype.kind in "iuf":
        raise InvalidInput(f"column {column.name!r} holds numbers, not times", fix="write dates such as 2024-01-31")
    try:
        times = pd.DatetimeIndex(pd.to_datetime(column, utc=True, format=_format(column)))
    except (ValueError, TypeError) as error:  # what pandas raises for text that is no date, or beyond its range
        raise InvalidInput(f"column {column.name!r} holds no times: {error}", fix="write 2024-01-31") from None
    if times.hasnans:
        row = int(np.argmax(np.asarray(times.isna())))
        raise InvalidInput(f"column {column.name!r}, row {row}: there is no time", fix="drop the row, or date it")
    return np.array(times.as_unit("ns").asi8, dtype=np.int64)


def numbers_of(column: "pd.Series") -> FloatArray:
    """A column as numbers, NaN where there is none; "." is how FRED writes that. Raises InvalidInput."""
    import pandas as pd

    try:
        given = column if column.dtype.kind in "iufb" else column.astype(object).replace([".", ""], np.nan)
        return np.array(pd.to_numeric(given), dtype=np.float64)
    except (ValueError, TypeError) as error:
        raise InvalidInput(f"column {column.name!r} holds no numbers: {error}", fix="remove text and units") from None


def known_by_end_of_date(times: IntArray) -> IntArray:
    """Moments as they are; a date alone (00:00) counts from when it is over, because the hour is not known."""
    return np.where(times % _DAY_NS == 0, times + _DAY_NS, times)


def column_name(text: str) -> str:
    """A name as a column can have it: "FF_Mkt-RF" is ff_mkt_rf."""
    plain = re.sub(r"\W+", "_", text.strip().lower()).strip("_")
    if not plain.isidentifier() or plain in _RESERVED:
        plain = f"series_{plain}"
    return plain.rstrip("_")


def _format(column: "pd.Series") -> str | None:
    return None if column.dtype.kind == "M" else "ISO8601"


def _read_file(path: object) -> "pd.DataFrame":
    import pandas as pd
    import pyarrow as pa

    readers: dict[str, Callable[[io.BytesIO], pd.DataFrame]] = {
        ".csv": pd.read_csv,
        ".parquet": pd.read_parquet,
        ".feather": pd.read_feather,
    }
    suffix = path.suffix.lower() if isinstance(path, Path) else ""
    if suffix not in readers or not isinstance(path, Path):
        raise InvalidInput(f"{path} is no table of other data", fix=f"give a file that ends in {', '.join(readers)}")
    try:
        return readers[suffix](io.BytesIO(ordinary_bytes(path)))
    except (OSError, ValueError, pa.ArrowException) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InvalidInput(
            f"{path} cannot be read: {reason}", fix="look whether the file is what its name says"
        ) from None
