"""Rows as a source gave them, before anything is believed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, final

import numpy as np
import numpy.typing as npt

from autonomous_trading.core import Bars, FloatArray, IntArray, InvalidBars

__all__ = ["COLUMNS", "RawBars"]

COLUMNS: Final = ("open", "high", "low", "close", "volume")


@final
@dataclass(frozen=True, slots=True, eq=False)
class RawBars:
    """Open, high, low, close and volume as they were received: any order, any value, NaN where one is missing.

    `time` is the start of each bar in UTC nanoseconds, `received_at` when these rows reached us. `extra` holds
    further columns of the same length. Only the shapes are checked: InvalidBars names the column.
    """

    symbol: str
    time: IntArray
    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray
    volume: FloatArray
    received_at: int
    extra: Mapping[str, FloatArray] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "time", _column("time", self.time, np.int64, None))
        for name in COLUMNS:
            object.__setattr__(self, name, _column(name, getattr(self, name), np.float64, len(self.time)))
        extra = {name: _column(name, values, np.float64, len(self.time)) for name, values in self.extra.items()}
        object.__setattr__(self, "extra", MappingProxyType(extra))

    def __len__(self) -> int:
        return len(self.time)

    def taken(self, rows: npt.NDArray[Any]) -> "RawBars":
        """The rows at these positions, or where a mask is true, in the order given."""
        columns = {name: getattr(self, name)[rows] for name in ("time", *COLUMNS)}
        extra = {name: values[rows] for name, values in self.extra.items()}
        return RawBars(symbol=self.symbol, **columns, received_at=self.received_at, extra=extra)

    @staticmethod
    def joined(parts: "list[RawBars]") -> "RawBars":
        """The rows of several, one after another; columns that only some of them have are NaN elsewhere.

        Symbol and `received_at` are those of the last one.
        """
        if not parts:
            raise InvalidBars("there are no rows to join", fix="give at least one part")
        names = dict.fromkeys(name for part in parts for name in part.extra)
        return RawBars(
            symbol=parts[-1].symbol,
            **{name: np.concatenate([getattr(part, name) for part in parts]) for name in ("time", *COLUMNS)},
            received_at=parts[-1].received_at,
            extra={
                name: np.concatenate([part.extra.get(name, np.full(len(part), np.nan)) for part in parts])
                for name in names
            },
        )

    @staticmethod
    def of(bars: Bars, received_at: int) -> "RawBars":
        """The rows of Bars, as received at a time."""
        columns = {name: getattr(bars, name) for name in ("time", *COLUMNS)}
        return RawBars(symbol=bars.symbol, **columns, received_at=received_at, extra=bars.extra)


def _column(name: str, values: object, kind: type[Any], length: int | None) -> npt.NDArray[Any]:
    array = np.asarray(values)
    if array.dtype.kind == "M":
        array = array.astype("datetime64[ns]").astype(np.int64)
    if array.ndim != 1 or array.dtype.kind not in "iuf" or (length is not None and len(array) != length):
        raise InvalidBars(
            f"column {name!r} of received rows has type {array.dtype} and shape {list(array.shape)}",
            fix="give one number per row in every column",
        )
    return np.ascontiguousarray(array, dtype=kind)
