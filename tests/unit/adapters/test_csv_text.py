"""Delimited text as spreadsheets, terminals and exchanges write it."""

import gzip
import zipfile
from pathlib import Path

import numpy as np
import pytest

from autonomous_trading.adapters import as_panel, load_bars, read_bars
from autonomous_trading.core import InvalidBars

NAIVE = "times without a zone are taken as UTC"
PLAIN = "Date,Open,High,Low,Close,Volume\n2024-01-01,1.5,2.25,1,2,1000\n2024-01-02,2,3,1.5,2.5,2000\n"


def written(folder: Path, text: str | bytes, name: str = "prices.csv") -> str:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(path)


@pytest.mark.parametrize(
    "text",
    [
        PLAIN,
        PLAIN.replace(",", ";"),
        PLAIN.replace(",", "\t"),
        PLAIN.replace(",", "|"),
        PLAIN.replace(",", ";").replace(".", ","),
        PLAIN.replace("\n", "\r\n"),
        PLAIN.replace("\n", "\r"),
        PLAIN.replace(",", " , "),
        PLAIN.replace("\n", "\n\n"),
        "\n" + PLAIN,
        PLAIN.rstrip("\n"),
        "\ufeff" + PLAIN,
        PLAIN.replace("1000", '"1,000"').replace("2000", '"2,000"'),
        PLAIN.replace("Date,", '"Date",').replace("2024-01-01", '"2024-01-01"'),
    ],
)
def test_dialects_agree(tmp_path: Path, text: str) -> None:
    reading = read_bars(written(tmp_path, text))
    assert reading.notes == (f"prices.csv: {NAIVE}",)
    assert reading.bars.symbol == "prices"
    np.testing.assert_array_equal(reading.bars.open, [1.5, 2.0])
    np.testing.assert_array_equal(reading.bars.high, [2.25, 3.0])
    np.testing.assert_array_equal(reading.bars.volume, [1000.0, 2000.0])
    assert reading.bars.content_id == load_bars(written(tmp_path, PLAIN, "other.csv")).content_id


@pytest.mark.parametrize(
    ("rows", "opens", "volumes"),
    [
        # The comma is the decimal mark: too few or too many digits after it, a zero or a point before it.
        ("1,5;1,5;1,5;1,5;10|2,5;2,5;2,5;2,5;20", [1.5, 2.5], [10, 20]),
        ("1,234;1,234;1,234;1,234;1,5|2,5;2,5;2,5;2,5;20", [1.234, 2.5], [1.5, 20]),
        ("0,123;0,123;0,123;0,123;1|1,234;1,234;1,234;1,234;2", [0.123, 1.234], [1, 2]),
        (
            "1.234,5;1.234,5;1.234,5;1.234,5;1.000|1.234,567;1.234,567;1.234,567;1.234,567;2.000.000",
            [1234.5, 1234.567],
            [1000, 2e6],
        ),
        ("1234,567;1234,567;1234,567;1234,567;1|2;2;2;2;2", [1234.567, 2], [1, 2]),
        # The comma stands between thousands.
        ("1,234.5;1,234.5;1,234.5;1,234.5;1,000|2;2;2;2;2", [1234.5, 2], [1000, 2]),
        ("1.5;1.5;1.5;1.5;1,234|2;2;2;2;2", [1.5, 2], [1234, 2]),
        ("1;1;1;1;1,234,567|2;2;2;2;1,234", [1, 2], [1234567, 1234]),
    ],
)
def test_decimal_mark_is_settled_by_the_whole_file(
    tmp_path: Path, rows: str, opens: list[float], volumes: list[float]
) -> None:
    first, second = rows.split("|")
    text = f"date;o;h;l;c;v\n2024-01-01;{first}\n2024-01-02;{second}\n"
    bars = load_bars(written(tmp_path, text))
    np.testing.assert_array_equal(bars.open, opens)
    np.testing.assert_array_equal(bars.volume, volumes)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("1,234;1,234;1,234;1,234;10", "line 2: 'o' holds '1,234', and nothing in the file says"),
        ("1,5;1,5;1,5;1.5;10", "line 2: 'o' holds '1,5', where the comma is a decimal one, while other"),
        ("1,5;1,5;1,5;1,5;10.5", "where the comma is a decimal one, while other numbers use a point"),
        ("1.5;1.5;1.5;1.5;0,5", "line 2: 'v' holds '0,5', where the comma is a decimal one"),
    ],
)
def test_decimal_marks_that_stay_open_or_contradict_are_refused(tmp_path: Path, row: str, message: str) -> None:
    with pytest.raises(InvalidBars, match=message):
        load_bars(written(tmp_path, f"date;o;h;l;c;v\n2024-01-01;{row}\n"))


def test_rows_without_names_are_taken_in_the_usual_order(tmp_path: Path) -> None:
    binance = "1704067200000,1.5,2,1,1.75,10,1704070799999,17.5,3,5,8.75,0\n"
    reading = read_bars(written(tmp_path, binance))
    assert reading.bars.close[0] == 1.75
    assert reading.bars.volume[0] == 10
    assert reading.notes == (
        "prices.csv: no line with names: columns taken as time, open, high, low, close, volume, the 6 after "
        "them ignored",
    )
    metatrader = "2024.01.01,09:30,1.5,2,1,1.75,10\n2024.01.01,09:31,1.5,2,1,1.75,10\n"
    reading = read_bars(written(tmp_path, metatrader))
    assert len(reading.bars) == 2
    assert reading.notes[0].endswith("columns taken as date, time, open, high, low, close, volume")


def test_yfinance_files(tmp_path: Path) -> None:
    prices = "Price,Close,High,Low,Open,Volume\nTicker,SPY,SPY,SPY,SPY,SPY\n"
    for index in ("Date,,,,,\n", ""):
        bars = load_bars(written(tmp_path, f"{prices}{index}2024-01-01,2,3,1,1.5,10\n"))
        assert (bars.symbol, bars.close[0], bars.open[0]) == ("SPY", 2, 1.5)
    names = "Price,Close,High,Low,Open,Close,High,Low,Open\nTicker,A,A,A,A,B,B,B,B\nDate,,,,,,,,\n"
    path = written(tmp_path, f"{names}2024-01-01,1,1,1,1,2,2,2,2\n")
    with pytest.raises(InvalidBars, match=r"prices.csv holds 2 instruments \(A, B\)"):
        load_bars(path)
    assert {symbol: bars.close[0] for symbol, bars in as_panel(path).items()} == {"A": 1, "B": 2}


def test_a_column_of_symbols_takes_the_file_apart(tmp_path: Path) -> None:
    text = "date,ticker,o,h,l,c,v\n2024-01-01,A,1,1,1,1,1\n2024-01-01,B,2,2,2,2,2\n2024-01-02,A,1,0.5,1,1,1\n"
    path = written(tmp_path, text)
    with pytest.raises(InvalidBars, match=r"prices.csv \(A\), line 4 .*high 0.5 is below low 1"):
        as_panel(path)
    panel = as_panel(written(tmp_path, text.replace("A,1,0.5", "A,1,1")))
    assert {symbol: len(bars) for symbol, bars in panel.items()} == {"A": 2, "B": 1}


@pytest.mark.parametrize("name", ["", "Unnamed: 0"])
def test_row_numbers_without_a_name_are_no_times(tmp_path: Path, name: str) -> None:
    rows = [f"{number},1,2,1,2,5" for number in range(12)]
    with pytest.raises(InvalidBars) as caught:
        load_bars(written(tmp_path, "\n".join([f"{name},open,high,low,close,volume", *rows])))
    assert "no column says when a bar starts (columns found: " in str(caught.value)
    for known in ("time", "date", "datetime", "timestamp", "open_time", "unix", "epoch"):
        assert known in caught.value.fix


def test_row_numbers_beside_a_time_are_passed_over(tmp_path: Path) -> None:
    text = ",date,open,high,low,close,volume\n0,2024-03-28,1,2,1,2,5\n1,2024-03-29,1,2,1,2,5"
    assert len(load_bars(written(tmp_path, text))) == 2


def test_dates_without_a_name_are_times(tmp_path: Path) -> None:
    text = ",open,high,low,close,volume\n20240328,1,2,1,2,5\n20240329,1,2,1,2,5"
    assert len(load_bars(written(tmp_path, text))) == 2


def test_other_columns_with_gaps_are_kept(tmp_path: Path) -> None:
    text = "date,o,h,l,c,v,Open Interest,note,\n2024-01-01,1,1,1,1,1,5,x,\n2024-01-02,1,1,1,1,1,,y,\n"
    reading = read_bars(written(tmp_path, text))
    np.testing.assert_array_equal(reading.bars.extra["open_interest"], [5, np.nan])
    assert reading.notes[1] == "prices.csv: column 'note' ignored (line 2: 'note' holds 'x', which is not a number)"


def test_lines_are_counted_as_an_editor_does(tmp_path: Path) -> None:
    text = "\n\ndate,o,h,l,c,v\n2024-01-01,1,1,1,1,1\n\n\n2024-01-02,1,1,1,-1,1\n"
    with pytest.raises(InvalidBars, match=r"prices.csv, line 7 \(2024-01-02T00:00:00Z\): close must be positive"):
        load_bars(written(tmp_path, text))
    with pytest.raises(InvalidBars, match=r"prices.csv, line 7: 5 fields, while the first line has 6"):
        load_bars(written(tmp_path, text.replace("1,-1,1", "1,1")))


def test_packed_text(tmp_path: Path) -> None:
    expected = load_bars(written(tmp_path, PLAIN))
    for name in ("packed.csv.gz", "packed.gz"):
        assert load_bars(written(tmp_path, gzip.compress(PLAIN.encode()), name)).content_id == expected.content_id
    with zipfile.ZipFile(tmp_path / "packed.zip", "w") as archive:
        archive.writestr("folder/inside.csv", PLAIN)
    bars = load_bars(tmp_path / "packed.zip")
    assert bars.content_id == expected.content_id


def test_prices_are_read_to_the_last_bit(tmp_path: Path) -> None:
    values = np.random.default_rng(7).lognormal(sigma=20.0, size=2_000)
    start = 1_700_000_000_000_000_000
    rows = "".join(f"{start + i},{v!r},{v!r},{v!r},{v!r},0\n" for i, v in enumerate(values.tolist()))
    text = f"time,o,h,l,c,v\n{rows}"
    bars = load_bars(written(tmp_path, text))
    np.testing.assert_array_equal(bars.close, values)
