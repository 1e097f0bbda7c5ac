"""Times in every form they come in, turned into nanoseconds since 1970 UTC."""

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from autonomous_trading.adapters._arrow import first_failure, first_true, matches, to_mask, to_numpy
from autonomous_trading.adapters._column_names import role_of
from autonomous_trading.adapters._raw_table import RawTable, label_text
from autonomous_trading.adapters._time_text import parse_time_text
from autonomous_trading.core import FloatArray, IntArray, InvalidBars

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["bar_times"]

# The same moment in seconds, ms, us and ns since 1970 differs by factors of a thousand: from 1973 to 2286 the
# size of the number tells which it is, with a factor of ten to spare. Dates written as digits lie between.
_DIGIT_DATES: Final = ((19_000_101, 21_991_231), (19_000_101_000_000, 21_991_231_235_959))
_FEWEST_DIGIT_DATE: Final = 10_000_000
_UNITS: Final = (
    (10**8, 10**10, 1_000_000_000),
    (10**11, 10**13, 1_000_000),
    (10**14, 10**16, 1_000),
    (10**17, 2**63, 1),
)
_FIX: Final = "give times as ISO 8601 text, as datetimes, or as seconds, ms, us or ns since 1970"


class _Times(NamedTuple):
    nanoseconds: IntArray
    zoned: bool


def bar_times(table: RawTable, positions: tuple[int, ...]) -> tuple[IntArray, bool]:
    """Nanoseconds since 1970 UTC of every row, and whether the source said UTC (otherwise it is assumed).

    `positions` are the columns that claim to be the time. Several are accepted when they agree, or when they
    are a date and a time of day. Raises InvalidBars naming the row when a time is missing or unreadable.
    """
    if all(_counts_rows(table, at) for at in positions):
        found = ", ".join(repr(label_text(label)) for label in table.labels if label_text(label))
        raise InvalidBars(
            f"{table.source}: no column says when a bar starts (columns found: {found})",
            fix="name that column time, date, datetime, timestamp, open_time, unix or epoch (any case; t or ts will"
            " do), or give the frame a DatetimeIndex",
        )
    if len(positions) == 2 and (joined := _date_and_clock(table, positions)) is not None:
        return _parse(table, "date and time", joined)
    first, *others = (_parse(table, label_text(table.labels[at]) or "index", table.columns[at]) for at in positions)
    for at, other in zip(positions[1:], others, strict=True):
        differs = first_true(first.nanoseconds != other.nanoseconds)
        if differs is not None:
            names = [label_text(table.labels[position]) or "index" for position in (positions[0], at)]
            problem = f"the time columns {names[0]!r} and {names[1]!r} disagree"
            raise table.refusal(differs, problem, fix="keep the one that says when a bar starts")
    return first.nanoseconds, any(times.zoned for times in (first, *others))


def _counts_rows(table: RawTable, position: int) -> bool:
    """Whether a column is an index without a name that holds 0, 1, 2, ...: what pandas writes beside the data."""
    import pyarrow as pa

    column = table.columns[position]
    if role_of(table.labels[position]) != "index" or column.null_count:
        return False
    if pa.types.is_string(column.type):
        return bool(matches(column, r"^\s*\d{1,7}\s*$").all())
    return pa.types.is_integer(column.type) and int(to_numpy(column).max()) < _FEWEST_DIGIT_DATE


def _date_and_clock(table: RawTable, positions: tuple[int, ...]) -> "pa.Array | None":
    """One text of two, when one column holds dates and the other times of day (as MetaTrader writes them)."""
    import pyarrow as pa
    import pyarrow.compute as pc

    columns = [table.columns[at] for at in positions]
    if any(column.type != pa.string() or column.null_count for column in columns):
        return None
    clocks = [bool(matches(column, r"^\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?$").all()) for column in columns]
    if clocks == [True, False]:
        columns.reverse()
    elif clocks != [False, True]:
        return None
    return pc.binary_join_element_wise(*columns, " ")


def _parse(table: RawTable, name: str, column: "pa.Array") -> _Times:
    import pyarrow as pa

    if column.null_count:
        row = first_true(to_mask(column.is_null())) or 0
        raise table.refusal(row, f"{name!r} holds no time", fix="remove the row or write its time")
    if pa.types.is_string(column.type):
        return _parse_text(table, name, column)
    if pa.types.is_timestamp(column.type) or pa.types.is_date(column.type):
        return _parse_typed(table, name, column)
    if pa.types.is_integer(column.type):
        return _parse_integers(table, name, _int64(table, name, column))
    if pa.types.is_floating(column.type):
        return _parse_floats(table, name, column)
    raise InvalidBars(f"{table.source}: {name!r} holds {column.type} values, which are not times", fix=_FIX)


def _parse_text(table: RawTable, name: str, column: "pa.Array") -> _Times:
    import pyarrow.compute as pc

    digits = pc.replace_substring_regex(pc.utf8_trim_whitespace(column), pattern=r"\.0+$", replacement="")
    if matches(digits, r"^\d+$").all() and not matches(digits, r"^(?:\d{8}|\d{14})$").all():
        return _parse_integers(table, name, _int64(table, name, digits))
    return _Times(*parse_time_text(table, name, column))


def _int64(table: RawTable, name: str, column: "pa.Array") -> IntArray:
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        return to_numpy(pc.cast(column, pa.int64())).astype(np.int64)
    except pa.ArrowInvalid:
        row = first_failure(lambda part: pc.cast(part, pa.int64()), column)
        raise _beyond(table, name, row, column[row].as_py()) from None


def _parse_typed(table: RawTable, name: str, column: "pa.Array") -> _Times:
    import pyarrow as pa
    import pyarrow.compute as pc

    zoned = pa.types.is_timestamp(column.type) and column.type.tz is not None
    kind = pa.timestamp("ns", "UTC") if zoned else pa.timestamp("ns")

    def convert(part: "pa.Array") -> "pa.Array":
        return pc.cast(part, kind)

    try:
        return _Times(to_numpy(pc.cast(convert(column), pa.int64())).astype(np.int64), zoned)
    except pa.ArrowInvalid:
        row = first_failure(convert, column)
        raise _beyond(table, name, row, column[row].cast(pa.string()).as_py()) from None


def _parse_floats(table: RawTable, name: str, column: "pa.Array") -> _Times:
    import pyarrow as pa
    import pyarrow.compute as pc

    values: FloatArray = to_numpy(pc.cast(column, pa.float64())).astype(np.float64)
    # 2**63 is the first float that an int64 of nanoseconds cannot hold; a NaN is not below it either.
    row = first_true(~(np.abs(values) < 2.0**63))
    if row is not None:
        raise _beyond(table, name, row, values[row])
    if (values == np.floor(values)).all():
        return _parse_integers(table, name, values.astype(np.int64))
    row = first_true((values < 1e8) | (values >= 1e10))
    if row is not None:
        raise _no_unit(table, name, row, values[row])
    # A float of seconds is good to a quarter of a microsecond: its last digits are noise, not time.
    return _Times(np.rint(values * 1e6).astype(np.int64) * 1_000, True)


def _parse_integers(table: RawTable, name: str, values: IntArray) -> _Times:
    """The first number decides what the numbers count; the others have to agree."""
    import pyarrow as pa
    import pyarrow.compute as pc

    first = int(values[0])
    if any(low <= first <= high for low, high in _DIGIT_DATES):
        return _Times(*parse_time_text(table, name, pc.cast(pa.array(values), pa.string())))
    for low, high, scale in _UNITS:
        if low <= first < high:
            row = first_true((values < low) | (values >= high) if scale > 1 else values < low)
            if row is not None:
                raise _no_unit(table, name, row, values[row])
            return _Times(values * scale, True)
    raise _no_unit(table, name, 0, first)


def _beyond(table: RawTable, name: str, row: int, value: object) -> InvalidBars:
    return table.refusal(row, f"{name!r} holds {value}, beyond what a time can be (1678 to 2261)", fix=_FIX)


def _no_unit(table: RawTable, name: str, row: int, value: object) -> InvalidBars:
    problem = f"{name!r} holds {value}, which counts neither seconds, ms, us nor ns since 1970 (1973 to 2286)"
    return table.refusal(row, problem if row == 0 else f"{problem} as the rows above do", fix=_FIX)
