"""Times written as text, turned into nanoseconds since 1970.

The rule: ISO 8601, or a form that can be read in one way only. Days and months written as numbers are told
apart by the whole column (some day is above 12); a column that could be read both ways is refused, because a
wrong guess shuffles the days without a trace.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, final

import numpy as np

from autonomous_trading.adapters._arrow import first_failure, first_true, matches, to_numpy
from autonomous_trading.adapters._raw_table import RawTable
from autonomous_trading.core import BoolArray, IntArray, InvalidBars

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["parse_time_text"]

_CLOCK: Final = (
    r"(?:[ T,]+(?P<H>\d{1,2}):(?P<M>\d{2})(?::(?P<S>\d{2})(?P<f>\.\d{1,9})?)?)?"
    r"\s*(?P<p>[AaPp][Mm])?$"
)
_FORMS: Final = {
    "compact": r"^(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})(?:[T ]?(?P<H>\d{2}):?(?P<M>\d{2}):?(?P<S>\d{2})?)?$",
    "year first": r"^(?P<y>\d{4})[/.\-](?P<m>\d{1,2})[/.\-](?P<d>\d{1,2})" + _CLOCK,
    "year last": r"^(?P<a>\d{1,2})[/.\-](?P<b>\d{1,2})[/.\-](?P<y>\d{4})" + _CLOCK,
    "day, name": r"^(?P<d>\d{1,2})[ \-/](?P<name>[A-Za-z]{3,9})[ \-/,]+(?P<y>\d{4})" + _CLOCK,
    "name, day": r"^(?P<name>[A-Za-z]{3,9})\.? (?P<d>\d{1,2}),? (?P<y>\d{4})" + _CLOCK,
}
_MONTHS: Final = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_ZONE: Final = r"(?::\d{2}[\d.:]*|T\d{2}) ?(?:[Zz]|[+-]\d{2}(?::?\d{2})?)$"
_FIX: Final = "write times as ISO 8601, such as 2024-03-28 or 2024-03-28T14:30:00+00:00"
_NANOSECONDS_A_DAY: Final = 86_400_000_000_000
# What an int64 of nanoseconds can hold, to the year.
_FIRST_YEAR: Final = 1678
_LAST_YEAR: Final = 2261


@final
@dataclass(frozen=True, slots=True)
class _Cell:
    """One column of texts, and how to refuse one of them."""

    table: RawTable
    name: str
    text: "pa.Array"

    def refusal(self, row: int, problem: str, *, fix: str = _FIX) -> InvalidBars:
        return self.table.refusal(row, f"{self.name!r} holds {self.text[row].as_py()!r}, {problem}", fix=fix)


def parse_time_text(table: RawTable, name: str, text: "pa.Array") -> tuple[IntArray, bool]:
    """Nanoseconds since 1970 UTC of each text, and whether they came with a zone (without: taken as UTC).

    No text may be missing. Raises InvalidBars naming the first row that cannot be read, can be read in two
    ways, or differs from the others in having a zone.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    text = pc.utf8_trim_whitespace(text)
    text = pc.replace_substring_regex(text, pattern=r" ?(?:UTC|GMT)$", replacement="Z")
    cell = _Cell(table, name, text)
    zoned = matches(text, _ZONE)
    if zoned.any():
        return _parse_zoned(cell, zoned), True
    try:
        iso = pc.cast(text, pa.timestamp("ns"))
    except pa.ArrowInvalid:
        iso = None
    return (_parse_form(cell) if iso is None else to_numpy(pc.cast(iso, pa.int64())).astype(np.int64)), False


def _parse_zoned(cell: _Cell, zoned: BoolArray) -> IntArray:
    import pyarrow as pa
    import pyarrow.compute as pc

    bare = first_true(~zoned)
    if bare is not None:
        problem = f"which has no time zone, while {cell.table.row_name(first_true(zoned) or 0)} has one"
        raise cell.refusal(bare, problem, fix="give every time its zone")

    def convert(part: "pa.Array") -> "pa.Array":
        return pc.cast(part, pa.timestamp("ns", "UTC"))

    try:
        return to_numpy(pc.cast(convert(cell.text), pa.int64())).astype(np.int64)
    except pa.ArrowInvalid:
        raise cell.refusal(first_failure(convert, cell.text), "which cannot be read as a time") from None


def _parse_form(cell: _Cell) -> IntArray:
    """The first form that reads the first text has to read them all."""
    import pyarrow.compute as pc

    first = cell.text.slice(0, 1)
    form = next((pattern for pattern in _FORMS.values() if matches(first, pattern)[0]), None)
    if form is None:
        if matches(first, r"^\d{1,2}[/.\-]\d{1,2}[/.\-]\d{2}(?: |$)")[0]:
            raise cell.refusal(0, "whose year has two digits, so that its parts cannot be told apart")
        raise cell.refusal(0, "which cannot be read as a time")
    odd = first_true(~matches(cell.text, form))
    if odd is not None:
        raise cell.refusal(odd, f"which cannot be read as a time like {first[0].as_py()!r} above it")
    found = pc.extract_regex(cell.text, pattern=form)
    fields = {field.name: pc.struct_field(found, field.name) for field in found.type}
    if "a" in fields:
        fields["d"], fields["m"] = _day_and_month(cell, fields["a"], fields["b"])
    elif "name" in fields:
        fields["m"] = _month_numbers(cell, fields["name"])
    return _assemble(cell, fields)


def _number(field: "pa.Array") -> IntArray:
    """The digits as numbers; a part that is not written counts as zero."""
    import pyarrow as pa
    import pyarrow.compute as pc

    written = pc.replace_substring_regex(field, pattern="^$", replacement="0")
    return to_numpy(pc.cast(written, pa.int64())).astype(np.int64)


def _day_and_month(cell: _Cell, first: "pa.Array", second: "pa.Array") -> tuple["pa.Array", "pa.Array"]:
    day_first, month_first = first_true(_number(first) > 12), first_true(_number(second) > 12)
    if day_first is None and month_first is None:
        raise cell.refusal(0, "whose day and month cannot be told apart (no day in the column is above 12)")
    if day_first is not None and month_first is not None:
        row, other = max(day_first, month_first), min(day_first, month_first)
        order, others = ("day/month", "month/day") if row == day_first else ("month/day", "day/month")
        raise cell.refusal(row, f"which can only be {order}, while {cell.table.row_name(other)} is {others}")
    return (first, second) if month_first is None else (second, first)


def _month_numbers(cell: _Cell, names: "pa.Array") -> "pa.Array":
    import pyarrow.compute as pc

    numbers = pc.utf8_lower(names)
    for number, month in enumerate(_MONTHS, start=1):
        # "sept" and the full names too: a month is known by its first three letters.
        numbers = pc.replace_substring_regex(numbers, pattern=f"^{month}[a-z]*$", replacement=str(number))
    unknown = first_true(~matches(numbers, r"^\d+$"))
    if unknown is not None:
        raise cell.refusal(unknown, "which names no month in English")
    return numbers


def _assemble(cell: _Cell, fields: dict[str, "pa.Array"]) -> IntArray:
    year, month, day = (_number(fields[key]) for key in "ymd")
    outside = first_true((year < _FIRST_YEAR) | (year > _LAST_YEAR))
    if outside is not None:
        raise cell.refusal(outside, f"which lies outside the years {_FIRST_YEAR} to {_LAST_YEAR}")
    months = ((year - 1970) * 12 + month - 1).astype("datetime64[M]")
    days = months.astype("datetime64[D]") + (day - 1)
    wrong = first_true((month < 1) | (month > 12) | (day < 1) | (days.astype("datetime64[M]") != months))
    if wrong is not None:
        raise cell.refusal(wrong, "a day that is not in the calendar")
    nanoseconds: IntArray = days.astype(np.int64) * _NANOSECONDS_A_DAY + _clock(cell, fields)
    return nanoseconds


def _clock(cell: _Cell, fields: dict[str, "pa.Array"]) -> IntArray:
    """Nanoseconds since midnight."""
    import pyarrow as pa
    import pyarrow.compute as pc

    hour, minute, second = (_number(fields[key]) for key in "HMS")
    wrong = (hour > 23) | (minute > 59) | (second > 59)
    if "p" in fields:
        half = matches(fields["p"], r"^[AaPp][Mm]$")
        wrong |= half & ((hour < 1) | (hour > 12))
        hour = np.where(half, hour % 12 + 12 * matches(fields["p"], "^[Pp]"), hour)
    row = first_true(wrong)
    if row is not None:
        raise cell.refusal(row, "an hour that is not on the clock")
    result = ((hour * 60 + minute) * 60 + second) * 1_000_000_000
    if "f" in fields:
        fraction = pc.replace_substring_regex(fields["f"], pattern=r"^\.?", replacement="0.")
        result = result + np.rint(to_numpy(pc.cast(fraction, pa.float64())) * 1e9).astype(np.int64)
    return result
