"""Bars: the prices of one instrument, checked at the door and never changed after it."""

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, NoReturn, final

import numpy as np
import numpy.typing as npt

from autonomous_trading.core._arrays import BoolArray, FloatArray, IntArray, closed
from autonomous_trading.core._calendar import infer_bars_per_year, time_text
from autonomous_trading.core.errors import InvalidBars

PRICE_NAMES: Final = ("open", "high", "low", "close")
COLUMN_NAMES: Final = (*PRICE_NAMES, "volume")


@final
@dataclass(frozen=True, slots=True, eq=False)
class Bars:
    """Open, high, low, close and volume of one instrument, one row per bar.

    `time` is the start of each bar in UTC nanoseconds, strictly increasing (datetime64 is converted).
    Prices are positive and finite, with low <= open, close <= high; volume is finite and not negative.
    `extra` holds more columns of the same length (NaN allowed). Everything is copied, contiguous and
    read-only. Raises InvalidBars naming the row, the rule and the value.
    """

    time: IntArray
    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray
    volume: FloatArray
    symbol: str = ""
    extra: Mapping[str, FloatArray] = field(default_factory=dict)
    _per_year: float = field(init=False, repr=False)

    def __post_init__(self) -> None:
        time = _time_column(self.time)
        columns = {name: _float_column(name, getattr(self, name)) for name in COLUMN_NAMES}
        extra = {str(name): _float_column(str(name), values) for name, values in self.extra.items()}
        _check_lengths(time, {**columns, **extra})
        _check_extra_names(extra)
        _check_times(time)
        for name in PRICE_NAMES:
            _check_price(name, columns[name], time)
        _check_volume(columns["volume"], time)
        _check_range(columns, time)
        columns["volume"] += 0.0  # -0.0 becomes 0.0: one content, one id
        _fill(self, time, columns, self.symbol, extra)

    def __reduce__(self) -> tuple[type["Bars"], tuple[object, ...]]:
        columns = [getattr(self, name) for name in COLUMN_NAMES]
        return Bars, (self.time, *columns, self.symbol, dict(self.extra))

    @staticmethod
    def adopt(columns: Mapping[str, npt.NDArray[Any]], symbol: str = "") -> "Bars":
        """Bars on arrays that were those of Bars before: neither copied nor checked again, and closed for writing.

        `columns` holds time, the prices, volume and the extra columns by name. For memory that several processes
        share: whoever filled it checked it. Raises InvalidBars where a column is missing or is no column of bars.
        """
        extra = {name: values for name, values in columns.items() if name not in ("time", *COLUMN_NAMES)}
        length = len(columns.get("time", ()))
        for name in ("time", *COLUMN_NAMES, *extra):
            kind = np.int64 if name == "time" else np.float64
            found = columns.get(name)
            if found is None or found.shape != (length,) or found.dtype != kind or not found.flags.c_contiguous:
                raise InvalidBars(
                    f"column {name!r} is not the array of bars it was said to be",
                    fix="adopt the arrays of Bars as they are; build Bars from anything else",
                )
        made = object.__new__(Bars)
        _fill(made, columns["time"], {name: columns[name] for name in COLUMN_NAMES}, symbol, extra)
        return made

    def __len__(self) -> int:
        return len(self.time)

    def __getitem__(self, rows: slice) -> "Bars":
        """The bars of a slice of consecutive rows; arrays are views, nothing is copied."""
        check_slice(rows, len(self))
        part = object.__new__(Bars)
        columns = {name: getattr(self, name)[rows] for name in COLUMN_NAMES}
        extra = {name: values[rows] for name, values in self.extra.items()}
        _fill(part, self.time[rows], columns, self.symbol, extra)
        return part

    def __repr__(self) -> str:
        span = f"{time_text(self.time[0])} to {time_text(self.time[-1])}"
        return f"Bars({self.symbol!r}, {len(self)} bars, {span})"

    def rows_between(self, start_ns: int, stop_ns: int) -> slice:
        """The rows with start_ns <= time < stop_ns (UTC nanoseconds), for bars[...] and any column."""
        first, last = np.searchsorted(self.time, [start_ns, stop_ns])
        return slice(int(first), int(max(first, last)))

    @property
    def bars_per_year(self) -> float:
        """Bars per year, inferred from these times: see `infer_bars_per_year`."""
        if math.isnan(self._per_year):
            object.__setattr__(self, "_per_year", infer_bars_per_year(self.time))
        return self._per_year

    @property
    def content_id(self) -> str:
        """Sixteen hexadecimal digits that name these times and columns on every machine (sha256)."""
        digest = hashlib.sha256(self.time.astype("<i8").tobytes())
        named = {name: getattr(self, name) for name in COLUMN_NAMES} | dict(sorted(self.extra.items()))
        for name, values in named.items():
            digest.update(f"\n{name}\n".encode())
            digest.update(values.astype("<f8").tobytes())
        return digest.hexdigest()[:16]


def check_slice(rows: object, length: int) -> None:
    """Refuse anything but a slice of consecutive rows that holds at least one of `length`."""
    if not isinstance(rows, slice) or rows.step not in (None, 1):
        raise InvalidBars(
            f"bars are cut by a plain slice; got {rows!r}", fix="use [start:stop], one bar is [i : i + 1]"
        )
    start, stop, _ = rows.indices(length)
    if stop <= start:
        raise InvalidBars(f"rows {start} to {stop} of {length} bars hold none", fix="ask for at least one bar")


def _fill(
    bars: Bars,
    time: IntArray,
    columns: Mapping[str, FloatArray],
    symbol: str,
    extra: Mapping[str, FloatArray],
) -> None:
    """Set the fields of fresh bars to checked columns, closed for writing."""
    object.__setattr__(bars, "time", closed(time))
    for name in COLUMN_NAMES:
        object.__setattr__(bars, name, closed(columns[name]))
    object.__setattr__(bars, "symbol", str(symbol))
    object.__setattr__(bars, "_per_year", math.nan)  # inferred when it is asked for
    shut = {name: closed(values) for name, values in extra.items()}
    object.__setattr__(bars, "extra", MappingProxyType(shut))


def _time_column(values: object) -> IntArray:
    array = np.asarray(values)
    if array.dtype.kind == "M":
        missing = np.isnat(array)
        if missing.any():
            raise InvalidBars(f"row {_first(missing)}: time is missing (NaT)", fix="drop rows without a time")
        array = array.astype("datetime64[ns]").astype(np.int64)
    if array.size == 0:
        raise InvalidBars("there are no bars: the data is empty", fix="give at least one bar")
    if array.dtype.kind not in "iu" or array.ndim != 1:
        raise InvalidBars(
            f"time must be one column of int64 UTC nanoseconds; got {array.dtype}, shape {list(array.shape)}",
            fix="convert the times to datetime64[ns] in UTC first",
        )
    return np.array(array, dtype=np.int64, order="C")


def _float_column(name: str, values: object) -> FloatArray:
    try:
        array = np.array(values, dtype=np.float64, order="C")
    except (TypeError, ValueError) as problem:
        raise InvalidBars(
            f"column {name!r} must hold numbers: {problem}", fix="remove text and units from the column"
        ) from problem
    if array.ndim != 1:
        raise InvalidBars(
            f"column {name!r} must have one dimension; got shape {list(array.shape)}", fix="pass a flat array"
        )
    return array


def _check_lengths(time: IntArray, columns: Mapping[str, FloatArray]) -> None:
    for name, values in columns.items():
        if len(values) != len(time):
            raise InvalidBars(
                f"column {name!r} has {len(values)} rows, time has {len(time)}",
                fix="give every column one value per bar",
            )


def _check_extra_names(extra: Mapping[str, FloatArray]) -> None:
    for name in extra:
        if not name.isidentifier() or name in ("time", "symbol", "extra", *COLUMN_NAMES):
            raise InvalidBars(
                f"extra column {name!r} needs a name of its own, usable as see.{name}",
                fix="rename it with letters, digits and underscores, different from the price columns",
            )


def _check_times(time: IntArray) -> None:
    step = np.diff(time)
    if (step > 0).all():
        return
    row = _first(step <= 0) + 1
    if step[row - 1] == 0:
        _refuse(row, time, "time occurs twice", "keep one bar per time")
    _refuse(row, time, f"time is before the bar above it ({time_text(time[row - 1])})", "sort the bars by time")


def _check_price(name: str, values: FloatArray, time: IntArray) -> None:
    # One comparison finds NaN, infinities and non-positive prices: all of them fail it.
    good: BoolArray = (values > 0.0) & (values < np.inf)
    if good.all():
        return
    row = _first(~good)
    rule = "must be positive" if np.isfinite(values[row]) else "must be a finite number"
    _refuse(row, time, f"{name} {rule}; got {values[row]}", "correct or drop the bar")


def _check_volume(volume: FloatArray, time: IntArray) -> None:
    good: BoolArray = (volume >= 0.0) & (volume < np.inf)
    if good.all():
        return
    row = _first(~good)
    _refuse(row, time, f"volume must be finite and not negative; got {volume[row]}", "use 0 where it is unknown")


def _check_range(columns: Mapping[str, FloatArray], time: IntArray) -> None:
    high, low = columns["high"], columns["low"]
    if (high < low).any():
        row = _first(high < low)
        _refuse(row, time, f"high {high[row]} is below low {low[row]}", "correct or drop the bar")
    for name in ("open", "close"):
        outside = (columns[name] < low) | (columns[name] > high)
        if outside.any():
            row = _first(outside)
            what = f"{name} {columns[name][row]} is outside low {low[row]} to high {high[row]}"
            _refuse(row, time, what, "correct or drop the bar")


def _refuse(row: int, time: IntArray, what: str, fix: str) -> NoReturn:
    raise InvalidBars(f"row {row} ({time_text(time[row])}): {what}", fix=fix)


def _first(mask: npt.NDArray[np.bool_]) -> int:
    return int(np.argmax(mask))
