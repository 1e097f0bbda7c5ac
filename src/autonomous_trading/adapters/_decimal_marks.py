"""Numbers written with commas: which mark is the decimal one, settled by the whole file or not at all."""

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from autonomous_trading.adapters._arrow import first_true, matches
from autonomous_trading.adapters._column_names import role_of
from autonomous_trading.adapters._raw_table import RawTable, label_text
from autonomous_trading.core import InvalidBars

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["settle_decimal_marks"]

_NUMBER: Final = r"^[+-]?[\d.,]*\d[\d.,]*$"


def _only_reading(mark: str, other: str) -> str:
    """What can be read in one way only, the one where `mark` is the decimal mark.

    One or two digits or more than three after it ("1,5"); a zero or a long number before it ("0,123",
    "1234,567"); the other mark between thousands ("1.234,5", "1.234.567"). "1,234" alone could be either.
    """
    return (
        rf"^[+-]?(?:\d*{mark}(?:\d{{1,2}}|\d{{4,}})|0?{mark}\d+|\d{{4,}}{mark}\d+"
        rf"|\d{{1,3}}(?:{other}\d{{3}})+{mark}\d+|\d{{1,3}}(?:{other}\d{{3}}){{2,}})$"
    )


_COMMA_IS_DECIMAL: Final = _only_reading(",", r"\.")
_POINT_IS_DECIMAL: Final = _only_reading(r"\.", ",")


def settle_decimal_marks(table: RawTable) -> RawTable:
    """The table with every number written with a decimal point and nothing else.

    All numbers of a file are written in one way. Raises InvalidBars when they contradict each other, or when
    nothing in the file says whether "1,234" is more than a thousand or a little more than one.
    """
    marked = [position for position in range(len(table.columns)) if _holds_marked_numbers(table, position)]
    comma = _first_row(table, marked, ",")
    if comma is None:
        return table
    comma_decimal = _first_row(table, marked, _COMMA_IS_DECIMAL)
    point_decimal = _first_row(table, marked, _POINT_IS_DECIMAL)
    if comma_decimal is None and point_decimal is None:
        raise _refusal(table, comma, "and nothing in the file says whether the comma is a decimal one")
    if comma_decimal is not None and point_decimal is not None:
        raise _refusal(table, comma_decimal, "where the comma is a decimal one, while other numbers use a point")
    columns = list(table.columns)
    for position in marked:
        columns[position] = _rewritten(columns[position], decimal_comma=comma_decimal is not None)
    return replace(table, columns=tuple(columns))


def _refusal(table: RawTable, place: tuple[int, int], why: str) -> InvalidBars:
    position, row = place
    value = table.columns[position][row].as_py()
    return table.refusal(
        row,
        f"{label_text(table.labels[position])!r} holds {value!r}, {why}",
        fix="write numbers with a decimal point and without separators between thousands",
    )


def _holds_marked_numbers(table: RawTable, position: int) -> bool:
    import pyarrow as pa
    import pyarrow.compute as pc

    column = table.columns[position]
    if column.type != pa.string() or role_of(table.labels[position]) in ("time", "index", "symbol"):
        return False
    present = pc.drop_null(column)
    return bool(matches(present, "[.,]").any() and matches(present, _NUMBER).all())


def _first_row(table: RawTable, positions: list[int], pattern: str) -> tuple[int, int] | None:
    """Column and row of the first text that holds the pattern. A missing one is evidence of nothing."""
    import pyarrow.compute as pc

    for position in positions:
        column = table.columns[position]
        row = first_true(matches(pc.fill_null(column, "") if column.null_count else column, pattern))
        if row is not None:
            return position, row
    return None


def _rewritten(column: "pa.Array", *, decimal_comma: bool) -> "pa.Array":
    import pyarrow.compute as pc

    if not decimal_comma:
        return pc.replace_substring(column, pattern=",", replacement="")
    pointless = pc.replace_substring(column, pattern=".", replacement="")
    return pc.replace_substring(pointless, pattern=",", replacement=".")
