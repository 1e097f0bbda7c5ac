"""Files that are not what they say, or only half of it: refused on one line, never misread, never executed."""

import gzip
import io
import zipfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as parquet
import pytest

from autonomous_trading.adapters import load_bars
from autonomous_trading.core import InvalidBars, InvalidInput

TEXT = b"date,open,high,low,close,volume\n2024-01-01,10,12,9,11,100\n2024-01-02,10,12,9,11,100\n"


def table(**columns: pa.Array) -> pa.Table:
    good = {name: pa.array([1.0, 2.0]) for name in ("open", "high", "low", "close", "volume")}
    return pa.table({"time": pa.array([10**18, 2 * 10**18]), **good, **columns})


def as_parquet(content: pa.Table) -> bytes:
    stream = io.BytesIO()
    parquet.write_table(content, stream)
    return stream.getvalue()


def as_feather(content: pa.Table) -> bytes:
    stream = io.BytesIO()
    feather.write_feather(content, stream)
    return stream.getvalue()


def zipped(*names: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in names:
            archive.writestr(name, TEXT)
    return stream.getvalue()


PARQUET = as_parquet(table())
FEATHER = as_feather(table())
PACKED = gzip.compress(TEXT)
LIES = "the ending says text, the content is"

REFUSED: dict[str, tuple[str, bytes, str]] = {
    "binary junk": ("p.csv", bytes(range(256)) * 9, "binary data, not text"),
    "UTF-16": ("p.csv", TEXT.decode().encode("utf-16"), "text in UTF-16, not UTF-8"),
    "Latin-1": ("p.csv", TEXT.replace(b"100", b"10\xe9"), "text in an encoding other than UTF-8"),
    "Parquet named CSV": ("p.csv", PARQUET, f"{LIES} Parquet"),
    "Excel named CSV": ("p.csv", zipped("sheet.xml"), f"{LIES} zip"),
    "pickle named CSV": ("p.csv", b"\x80\x04\x95" + b"x" * 20, f"{LIES} a pickle"),
    "CSV named Parquet": ("p.parquet", TEXT, "not a Parquet file"),
    "CSV named Feather": ("p.feather", TEXT, "not a Feather file"),
    "empty Parquet": ("p.parquet", b"", "the file is empty"),
    "cut Parquet": ("p.parquet", PARQUET[: len(PARQUET) // 2], "damaged Parquet file"),
    "Parquet with a bad end": ("p.parquet", PARQUET[:-8] + b"\xff" * 4 + b"PAR1", "damaged Parquet file"),
    "Parquet without rows": ("p.parquet", as_parquet(table().slice(0, 0)), "there are no rows"),
    "Parquet of lists": ("p.parquet", as_parquet(table(close=pa.array([[1.0], [2.0]]))), "list<.*> values are not num"),
    "Parquet of one time": ("p.parquet", as_parquet(table(time=pa.array([10**18] * 2))), "row 1 .*occurs twice"),
    "Feather of truth": ("p.feather", as_feather(table(close=pa.array([True, False]))), "bool values are not numbers"),
    "Feather of words": ("p.feather", as_feather(table(close=pa.array(["1", "x"]))), "row 1 .*'close' holds 'x'"),
    "Feather of clocks": ("p.feather", as_feather(table(time=pa.array([1, 2], pa.time64("ns")))), "are not times"),
    "cut Feather": ("p.feather", FEATHER[:200], "damaged Feather file"),
    "cut gzip": ("p.csv.gz", PACKED[:-12], r"damaged or not a \.gz file"),
    "damaged gzip": ("p.csv.gz", PACKED[:20] + b"\xff\xff\xff" + PACKED[23:], r"damaged or not a \.gz file"),
    "text named gzip": ("p.csv.gz", TEXT, r"damaged or not a \.gz file"),
    "text named zip": ("p.zip", TEXT, r"damaged or not a \.zip file"),
    "two files in a zip": ("p.zip", zipped("a.csv", "b.csv"), r"holds 2 files \(a\.csv, b\.csv\)"),
    "bad row in gzip": ("p.csv.gz", gzip.compress(TEXT.replace(b",12,", b",8,")), "line 2 .*below low"),
}

UNKNOWN: dict[str, str] = {
    "p.xlsx": r"p\.xlsx: files ending in '\.xlsx' cannot be read. Fix: name a file that ends in \.csv",
    "p.pkl": r"files ending in '\.pkl' cannot be read",
    "p.json": r"files ending in '\.json' cannot be read",
    "prices": "a file without an ending cannot be read",
    "p.parquet.gz": "only text is read packed",
}


def assert_one_line_with_a_fix(error: InvalidInput) -> None:
    text = str(error)
    assert "\n" not in text
    assert text.count("Fix: ") == 1
    assert len(text) < 500
    assert error.exit_code == 2


@pytest.mark.parametrize("case", REFUSED)
def test_bad_content(tmp_path: Path, case: str) -> None:
    name, content, message = REFUSED[case]
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InvalidBars, match=message) as refused:
        load_bars(tmp_path / name)
    assert str(refused.value).startswith(name)
    assert_one_line_with_a_fix(refused.value)
    assert [entry.name for entry in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("name", UNKNOWN)
def test_unknown_ending(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(TEXT)
    with pytest.raises(InvalidInput, match=UNKNOWN[name]) as refused:
        load_bars(tmp_path / name)
    assert_one_line_with_a_fix(refused.value)


WHOLE = {"p.parquet": PARQUET, "p.feather": FEATHER, "p.csv": TEXT, "p.csv.gz": PACKED}


@pytest.mark.parametrize("name", WHOLE)
def test_a_file_with_any_byte_changed_is_read_or_refused_and_nothing_else(tmp_path: Path, name: str) -> None:
    whole = WHOLE[name]
    generator = np.random.default_rng(11)
    path = tmp_path / name
    for _ in range(150):
        damaged = bytearray(whole)
        damaged[generator.integers(len(whole))] ^= int(generator.integers(1, 256))
        path.write_bytes(damaged)
        try:
            bars = load_bars(path)
        except InvalidInput as refused:
            assert_one_line_with_a_fix(refused)
        else:
            assert len(bars) > 0
