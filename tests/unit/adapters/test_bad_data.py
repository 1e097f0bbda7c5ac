"""The catalogue of bad market data: each case is refused on one line that says where, what, why and how to fix it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from autonomous_trading.adapters import as_bars, load_bars
from autonomous_trading.core import DataNotFound, InvalidBars, InvalidInput, UnknownName

HEADER = "date,open,high,low,close,volume"
FIRST = "2024-01-01,10,12,9,11,100"
THIRD = "2024-01-03,10,12,9,11,100"

# The third line of a file whose other lines are good, and what the refusal has to say.
LINES: dict[str, tuple[str, str]] = {
    "text in a price": ("2024-01-02,10,n.a,9,11,100", r"line 3: 'high' holds 'n\.a', which is not a number"),
    "currency in a price": ("2024-01-02,$10,12,9,11,100", r"line 3: 'open' holds '\$10', which is not a number"),
    "unit in the volume": ("2024-01-02,10,12,9,11,1.2M", r"line 3: 'volume' holds '1\.2M', which is not a number"),
    "missing price": ("2024-01-02,10,12,,11,100", r"line 3 \(2024-01-02T.*low must be a finite number; got nan"),
    "NaN price": ("2024-01-02,10,12,9,NaN,100", r"line 3 .*close must be a finite number; got nan"),
    "infinite price": ("2024-01-02,10,inf,9,11,100", r"line 3 .*high must be a finite number; got inf"),
    "price beyond a float": ("2024-01-02,10,1e999,9,11,100", r"line 3 .*high must be a finite number; got inf"),
    "negative price": ("2024-01-02,10,12,-9,11,100", r"line 3 .*low must be positive; got -9\.0"),
    "zero price": ("2024-01-02,0,12,9,11,100", r"line 3 .*open must be positive; got 0\.0"),
    "high below low": ("2024-01-02,10,8,9,11,100", r"line 3 .*high 8\.0 is below low 9\.0"),
    "close above high": ("2024-01-02,10,12,9,13,100", r"line 3 .*close 13\.0 is outside low 9\.0 to high 12\.0"),
    "open below low": ("2024-01-02,8,12,9,11,100", r"line 3 .*open 8\.0 is outside low 9\.0 to high 12\.0"),
    "negative volume": ("2024-01-02,10,12,9,11,-1", r"line 3 .*volume must be finite and not negative; got -1"),
    "missing volume": ("2024-01-02,10,12,9,11,", r"line 3 .*volume must be finite and not negative; got nan"),
    "two rows of one time": ("2024-01-01,10,12,9,11,101", r"line 3 \(2024-01-01T00:00:00Z\): time occurs twice"),
    "unordered": ("2024-01-05,10,12,9,11,100", r"line 4 .*before the bar above it .*sort"),
    "mixed zones": (
        "2024-01-02T00:00Z,10,12,9,11,100",
        "line 2: 'date' holds '2024-01-01', which has no time zone, while line 3 has one",
    ),
    "unparsable date": ("yesterday,10,12,9,11,100", "line 3: 'date' holds 'yesterday', which cannot be read as a"),
    "missing date": (",10,12,9,11,100", "line 3: 'date' holds no time"),
    "impossible day": ("2024-02-31,10,12,9,11,100", "line 3: .*a day that is not in the calendar"),
    "short row": ("2024-01-02,10,12,9,11", "line 3: 5 fields, while the first line has 6"),
    "long row": ("2024-01-02,10,12,9,11,100,1", "line 3: 7 fields, while the first line has 6"),
    "open quote": ('2024-01-02,10,12,9,"11,100', "line 3: 5 fields, while the first line has 6"),
}

# The first line above two good rows, and what the refusal has to say.
HEADERS: dict[str, tuple[str, str]] = {
    "missing close": ("date,open,high,low,last,volume", "no column for close .*'last'"),
    "adjusted close only": ("date,open,high,low,adj close,volume", "for close .*the adjusted close alone is not"),
    "no time": ("id,open,high,low,close,volume", "no column says when a bar starts"),
    "twice after lower-casing": ("date,open,high,low,close,CLOSE", "'close' and 'CLOSE' are both read as 'close'"),
    "two aliases": ("date,open,high,low,close,c", "'close' and 'c' are both read as 'close'"),
    "two times": ("date,open,high,low,close,time", "time.* holds 100, which counts neither seconds"),
}

# Whole files, and what the refusal has to say.
TEXTS: dict[str, tuple[str, str]] = {
    "empty file": ("", r"p\.csv: the file is empty"),
    "blank lines only": ("\n \n\n", r"p\.csv: the file is empty"),
    "header only": (f"{HEADER}\n", "a header and no rows below it"),
    "one column": ("price\n1\n2\n", "the first line, 'price', holds one field"),
    "endless line": ("x," * 99_999, "a first line of 199998 characters"),
    "two columns": ("date;close\n2024-01-01;1\n", "no column for open, high, low"),
    "times that disagree": (
        f"{HEADER},timestamp\n{FIRST},2024-01-01\n{THIRD},2024-01-04\n",
        "line 3: the time columns 'date' and 'timestamp' disagree",
    ),
    "all times alike": (f"{HEADER}\n{FIRST}\n{FIRST}\n{FIRST}9\n", "line 4 .*time occurs twice"),
    "newest first": (f"{HEADER}\n{THIRD}\n{FIRST}\n", "line 3 .*Fix: the rows are newest first"),
    "day or month": (
        f"{HEADER}\n1/2/2024,1,1,1,1,1\n1/3/2024,1,1,1,1,1\n",
        "line 2: 'date' holds '1/2/2024', whose day and month cannot be told apart",
    ),
    "year of two digits": (f"{HEADER}\n1/13/24,1,1,1,1,1\n", "line 2: .*year has two digits"),
    "time too large": (f"{HEADER}\n99999999999999999999,1,1,1,1,1\n", "line 2: .*beyond what a time can be"),
    "count for a time": (f"{HEADER}\n1,1,1,1,1,1\n2,1,1,1,1,1\n", "line 2: .*counts neither seconds, ms, us nor ns"),
    "open decimal mark": (
        f'{HEADER}\n2024-01-01,"1,234","1,234","1,234","1,234",1\n',
        "line 2: 'open' holds '1,234', and nothing in the file says whether the comma is a decimal one",
    ),
    "two decimal marks": (
        "date;o;h;l;c;v\n2024-01-01;1,5;1,5;1,5;1,5;10.5\n",
        "line 2: 'o' holds '1,5', where the comma is a decimal one, while other numbers use a point",
    ),
    "several instruments": (
        f"{HEADER},symbol\n{FIRST},A\n{THIRD},B\n",
        r"p\.csv holds 2 instruments \(A, B\), and one is asked for",
    ),
}


def frame() -> pd.DataFrame:
    prices = {"open": [10.0, 10.0], "high": [12.0, 12.0], "low": [9.0, 9.0], "close": [11.0, 11.0]}
    return pd.DataFrame(prices | {"volume": [1.0, 1.0]}, index=pd.DatetimeIndex(["2024-01-01", "2024-01-02"]))


def with_close(value: Any) -> Callable[[], pd.DataFrame]:
    return lambda: frame().assign(close=pd.Series([11.0, value], dtype=object, index=frame().index))


def with_names(*levels: list[str]) -> Callable[[], pd.DataFrame]:
    return lambda: frame().set_axis(pd.MultiIndex.from_product(levels), axis=1)


PRICES = ["open", "high", "low", "close", "volume"]
MEMORY: dict[str, tuple[Callable[[], object], str]] = {
    "NaN": (with_close(float("nan")), r"the DataFrame, row 1 \(counting from 0\) \(2024-01-02T.*close must be"),
    "None": (with_close(None), "row 1 .*close must be a finite number"),
    "missing marker": (with_close(pd.NA), "row 1 .*close must be a finite number"),
    "word": (with_close("eleven"), "row 1 .*'close' holds 'eleven', which is not a number"),
    "truth": (with_close(True), "row 1 .*'close' holds 'True', which is not a number"),
    "list": (with_close([11.0]), r"row 1 .*'close' holds '\[11\.0\]', which is not a number"),
    "complex": (lambda: frame() * 1j, "a column of type complex128 cannot be read"),
    "intervals": (lambda: frame().assign(close=pd.to_timedelta([1, 2])), "column 'close': duration.* are not numbers"),
    "no rows": (lambda: frame().iloc[:0], "the DataFrame: there are no rows"),
    "no columns": (lambda: frame()[[]], "no column for open, high, low, close .*none with a name"),
    "no time": (lambda: frame().reset_index(drop=True), "no column says when a bar starts"),
    "missing time": (lambda: frame().set_axis(pd.DatetimeIndex(["2024-01-01", pd.NaT])), "row 1 .*holds no time"),
    "three levels": (with_names(PRICES, ["A"], ["B"]), "more than two levels"),
    "levels without prices": (with_names(list("vwxyz"), ["A"]), "neither level of the column names says open"),
    "short rows": (lambda: [[1704067200000, 1, 2, 1, 2]], "the list, row 0 .*not the 6 values time, open"),
    "rows of nothing": (lambda: [None], "the list, row 0 .*not the 6 values"),
    "empty list": (list, "the list is empty"),
    "row of text": (lambda: [[1704067200000, 1, 2, 1, "x", 1]], "row 0 .*'close' holds 'x'"),
    "flat array": (lambda: np.zeros(6), r"the array has shape \[6\]"),
    "narrow array": (lambda: np.zeros((3, 5)), r"the array has shape \[3, 5\]"),
    "uneven columns": (lambda: {"t": [1], "o": [1, 2], "h": [1], "l": [1], "c": [1]}, r"lengths \(t 1, o 2,"),
    "nested column": (lambda: {"t": np.zeros((2, 2))}, "'t' holds a ndarray, not a column"),
    "empty mapping": (dict, "no column for open, high, low, close"),
    "scalar": (lambda: {"o": 1.0}, "'o' holds a float, not a column"),
}

STRINGS: dict[str, type[InvalidInput]] = {
    "none.csv": DataNotFound,
    "": InvalidInput,
    ".": InvalidInput,
    "/dev/null": InvalidInput,
    "sample:nasdag": UnknownName,
    "kraken:BTC:1h": DataNotFound,
    "file:///prices.csv": InvalidInput,
}


def assert_one_line_with_a_fix(error: InvalidInput) -> None:
    text = str(error)
    assert "\n" not in text
    assert text.count("Fix: ") == 1
    assert len(error.fix) > 8
    assert len(text) < 500
    assert error.exit_code == 2


def assert_refused(folder: Path, text: str, message: str) -> None:
    (folder / "p.csv").write_text(text)
    with pytest.raises(InvalidBars, match=message) as refused:
        load_bars(folder / "p.csv")
    assert str(refused.value).startswith("p.csv")
    assert_one_line_with_a_fix(refused.value)
    assert [entry.name for entry in folder.iterdir()] == ["p.csv"]


@pytest.mark.parametrize("case", LINES)
def test_bad_line(tmp_path: Path, case: str) -> None:
    line, message = LINES[case]
    assert_refused(tmp_path, f"{HEADER}\n{FIRST}\n{line}\n{THIRD}\n", message)


@pytest.mark.parametrize("case", HEADERS)
def test_bad_header(tmp_path: Path, case: str) -> None:
    header, message = HEADERS[case]
    assert_refused(tmp_path, f"{header}\n{FIRST}\n{THIRD}\n", message)


@pytest.mark.parametrize("case", TEXTS)
def test_bad_text(tmp_path: Path, case: str) -> None:
    assert_refused(tmp_path, *TEXTS[case])


@pytest.mark.parametrize("case", MEMORY)
def test_bad_thing_in_memory(case: str) -> None:
    make, message = MEMORY[case]
    with pytest.raises(InvalidBars, match=message) as refused:
        as_bars(make())
    assert_one_line_with_a_fix(refused.value)


@pytest.mark.parametrize("text", STRINGS)
def test_bad_data_string(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InvalidInput) as refused:
        load_bars(text)
    assert type(refused.value) is STRINGS[text]
    assert_one_line_with_a_fix(refused.value)
