"""How a column of a record becomes an array that nobody writes to."""

from typing import Any

import numpy as np
import numpy.typing as npt

from autonomous_trading.core import FloatArray, IntArray, InvalidInput

__all__ = ["floats", "in_order", "integers", "same_length"]


def integers(name: str, values: object) -> IntArray:
    """Whole numbers as int64, closed for writing; datetime64 becomes UTC nanoseconds. Raises InvalidInput."""
    array = np.asarray(values)
    if array.dtype.kind == "M":
        if np.isnat(array).any():
            raise InvalidInput(f"{name} holds a missing time (NaT)", fix="drop the rows without a time")
        array = array.astype("datetime64[ns]").astype(np.int64)
    if array.ndim != 1 or (array.size and array.dtype.kind not in "iub"):
        raise InvalidInput(
            f"{name} has type {array.dtype} and shape {list(array.shape)}",
            fix="give one whole number per row (times: UTC nanoseconds)",
        )
    return _closed(np.array(array, dtype=np.int64, order="C"))


def floats(name: str, values: object) -> FloatArray:
    """Numbers as float64, closed for writing; NaN is allowed, infinities are not. Raises InvalidInput."""
    array = np.asarray(values)
    if array.ndim != 1 or (array.size and array.dtype.kind not in "iufb"):
        raise InvalidInput(
            f"{name} has type {array.dtype} and shape {list(array.shape)}", fix="give one number per row"
        )
    made = np.array(array, dtype=np.float64, order="C")
    if np.isinf(made).any():
        raise InvalidInput(f"{name} holds an infinite value", fix="write NaN where there is no value")
    return _closed(made)


def same_length(what: str, columns: dict[str, npt.NDArray[Any]]) -> None:
    """Refuse columns that do not have one value per row, naming the first that differs."""
    rows = -1
    for name, values in columns.items():
        if rows >= 0 and len(values) != rows:
            raise InvalidInput(f"{what}: {name} has {len(values)} rows, not {rows}", fix="give one value per row")
        rows = len(values)


def in_order(what: str, time: IntArray) -> None:
    """Refuse times that step back, naming the row."""
    back = np.flatnonzero(np.diff(time) < 0)
    if len(back):
        raise InvalidInput(
            f"{what}: row {int(back[0]) + 1} is earlier than the row above it",
            fix="order the rows by the time at which they were received",
        )


def _closed(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    array.flags.writeable = False
    return array.view()
