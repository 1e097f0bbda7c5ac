"""Delimited text: what separates the fields, what the first lines say, and the columns as text.

Every column is read as text first, so that a wrong value is refused by its line and its own spelling, not
guessed into another type.
"""

import csv
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, final

from autonomous_trading.adapters._column_names import ARRAY_ORDER
from autonomous_trading.adapters._decimal_marks import settle_decimal_marks
from autonomous_trading.adapters._raw_table import Label, RawTable
from autonomous_trading.core import InvalidBars

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["read_csv_text"]

_DELIMITERS: Final = ("\t", ";", "|", ",")
_PRICED_FIELDS: Final = 5  # a time and four prices
_MISSING: Final = (
    "",
    "null",
    "NULL",
    "nan",
    "NaN",
    "NAN",
    "None",
    "none",
    "NA",
    "N/A",
    "n/a",
    "#N/A",
    "<NA>",
    "-",
)
_LONGEST_HEADER: Final = 100_000
_FIX_HEADER: Final = "separate the columns by commas, semicolons or tabs, with their names in the first line"
_NUMBER: Final = re.compile(r"\s*[+-]?(?:\d[\d.,]*|[.,]\d+)(?:[eE][+-]?\d+)?\s*")


@final
@dataclass(frozen=True, slots=True)
class _Lines:
    """Speaks of a row by the line an editor shows it on; blank lines are no rows, but they are lines."""

    data: bytes
    start: int

    def __call__(self, row: int) -> str:
        above = len(self.data[: self.start].splitlines())
        for number, line in enumerate(self.data[self.start :].splitlines(), start=above + 1):
            if line and row == 0:
                return f"line {number}"
            row -= bool(line)
        return "the last line"


@final
@dataclass(frozen=True, slots=True)
class _Head:
    """What comes before the rows: the labels, where the rows start, what was assumed."""

    delimiter: str
    labels: tuple[Label, ...]
    start: int
    unnamed: int = 0
    notes: tuple[str, ...] = ()


def read_csv_text(source: str, data: bytes) -> RawTable:
    """The table in the bytes of a CSV file (UTF-8; fields separated by comma, semicolon, tab or bar).

    Raises InvalidBars when the text is empty, in another encoding, or has rows of different lengths.
    """
    data = data.removeprefix(b"\xef\xbb\xbf")
    _refuse_not_text(source, data)
    head = _read_head(source, data)
    if not data[head.start :].strip():
        raise InvalidBars(f"{source}: a header and no rows below it", fix="export the prices again, with their rows")
    columns = _read_rows(source, data, head)
    return settle_decimal_marks(
        RawTable(source, head.labels, columns, row_name=_Lines(data, head.start), notes=head.notes)
    )


def _refuse_not_text(source: str, data: bytes) -> None:
    if not data.strip():
        raise InvalidBars(f"{source}: the file is empty", fix="export the prices again, or name another file")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise InvalidBars(f"{source}: text in UTF-16, not UTF-8", fix="save it as CSV in the encoding UTF-8")
    if b"\0" in data[:65_536]:
        raise InvalidBars(
            f"{source}: binary data, not text, under the name of a text file",
            fix="name a CSV, Parquet or Feather file, with the ending that says which it is",
        )
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        raise InvalidBars(
            f"{source}: text in an encoding other than UTF-8", fix="save it as CSV in the encoding UTF-8"
        ) from None


def _read_head(source: str, data: bytes) -> _Head:
    lines = _first_lines(data)
    text, start = lines[0]
    if len(text) > _LONGEST_HEADER:
        raise InvalidBars(f"{source}: a first line of {len(text)} characters names no columns", fix=_FIX_HEADER)
    delimiter = _delimiter_of(source, text)
    first, *rest = ([field.strip() for field in _fields(line, delimiter)] for line, _ in lines)
    if rest and first[0] == "Price" and rest[0][0] == "Ticker" and len(first) == len(rest[0]):
        # What yfinance's frames become in a file: names, tickers, then the index by its name, if it has one.
        named = tuple(zip(first[1:], rest[0][1:], strict=True))
        index = rest[1][0] if len(rest) == 2 and not any(rest[1][1:]) else None
        return _Head(delimiter, (index or "", *named), lines[1 if index is None else 2][1])
    if sum(bool(_NUMBER.fullmatch(field)) for field in first) < _PRICED_FIELDS - 1:
        return _Head(delimiter, tuple(first), start)
    return _head_without_names(delimiter, first)


def _first_lines(data: bytes) -> list[tuple[str, int]]:
    """Up to three lines that are not blank, each with the place where the next one starts."""
    found: list[tuple[str, int]] = []
    for match in re.finditer(rb"([^\r\n]+)(?:\r\n|\r|\n|$)", data):
        found.append((match[1].decode("utf-8"), match.end()))
        if len(found) == 3:
            break
    return found


def _delimiter_of(source: str, line: str) -> str:
    fields = {delimiter: len(_fields(line, delimiter)) for delimiter in _DELIMITERS}
    # In this order, because a comma may also be a decimal mark, and then makes more "fields" than the rest.
    enough = [delimiter for delimiter, count in fields.items() if count >= _PRICED_FIELDS]
    if enough:
        return enough[0]
    widest = max(fields, key=lambda delimiter: fields[delimiter])
    if fields[widest] == 1:
        raise InvalidBars(
            f"{source}: the first line, {line[:60]!r}, holds one field",
            fix=_FIX_HEADER,
        )
    return widest


def _fields(line: str, delimiter: str) -> list[str]:
    return next(csv.reader([line], delimiter=delimiter))


def _head_without_names(delimiter: str, first: list[str]) -> _Head:
    order: tuple[str, ...] = ARRAY_ORDER
    if ":" in first[1] and not _NUMBER.fullmatch(first[1]):
        order = ("date", *order)
    labels = order[: len(first)]
    spare = len(first) - len(labels)
    note = f"no line with names: columns taken as {', '.join(labels)}"
    more = f", the {spare} after them ignored" if spare else ""
    return _Head(delimiter, labels, 0, spare, (note + more,))


def _read_rows(source: str, data: bytes, head: _Head) -> tuple["pa.Array", ...]:
    import pyarrow as pa
    import pyarrow.csv as arrow_csv

    wrong: list[tuple[int, int]] = []

    def note_wrong(row: "arrow_csv.InvalidRow") -> str:
        wrong.append((row.number - 1, row.actual_columns))
        return "error"

    # Positions for names: theirs may be empty or appear twice, which is for others to judge.
    names = [str(position) for position in range(len(head.labels) + head.unnamed)]
    try:
        table = arrow_csv.read_csv(
            pa.py_buffer(memoryview(data)[head.start :]),
            # One thread, because only then does a wrong row know its number.
            read_options=arrow_csv.ReadOptions(column_names=names, use_threads=False),
            parse_options=arrow_csv.ParseOptions(delimiter=head.delimiter, invalid_row_handler=note_wrong),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                null_values=list(_MISSING),
                strings_can_be_null=True,
            ),
        )
    except pa.ArrowInvalid as error:
        if wrong:
            line, count = _Lines(data, head.start)(wrong[0][0]), wrong[0][1]
            raise InvalidBars(
                f"{source}, {line}: {count} fields, while the first line has {len(names)}",
                fix="give every row one field for each column (a comma inside a field needs quotes)",
            ) from None
        raise InvalidBars(f"{source}: cannot be read as CSV: {error}", fix="export the file again") from error
    return tuple(column.combine_chunks() for column in table.columns[: len(head.labels)])
