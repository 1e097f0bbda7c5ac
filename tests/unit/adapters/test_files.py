"""Files in and out: Parquet, Feather, and the writer that leaves whole files only."""

import os
import stat
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.feather as feather
import pytest

from autonomous_trading.adapters import as_bars, bars_to_frame, load_bars, write_bytes_atomic, write_text_atomic
from autonomous_trading.core import InvalidInput

FRAME = pd.DataFrame(
    {"Open": [1.5, 2.0], "High": [2.0, 3.0], "Low": [1.0, 1.5], "Close": [2.0, 2.5], "Volume": [10, 20]},
    index=pd.DatetimeIndex(["2024-01-01", "2024-01-02"], tz="UTC", name="Date"),
)


@pytest.mark.parametrize("suffix", [".parquet", ".pq", ".PARQUET"])
def test_parquet(tmp_path: Path, suffix: str) -> None:
    FRAME.to_parquet(tmp_path / f"SPY{suffix}")
    bars = load_bars(tmp_path / f"SPY{suffix}")
    assert bars.symbol == "SPY"
    assert bars.content_id == as_bars(FRAME).content_id


def test_parquet_of_an_index_without_a_name_and_of_levels(tmp_path: Path) -> None:
    FRAME.rename_axis(None).to_parquet(tmp_path / "plain.parquet")
    assert load_bars(tmp_path / "plain.parquet").content_id == as_bars(FRAME).content_id
    levels = FRAME.set_axis(pd.MultiIndex.from_product([FRAME.columns, ["SPY"]]), axis=1)
    levels.to_parquet(tmp_path / "levels.parquet")
    bars = load_bars(tmp_path / "levels.parquet")
    assert (bars.symbol, bars.content_id) == ("SPY", as_bars(FRAME).content_id)


def test_a_parquet_file_with_row_numbers_for_an_index_has_no_times(tmp_path: Path) -> None:
    FRAME.set_axis([3, 4]).to_parquet(tmp_path / "numbered.parquet")
    with pytest.raises(InvalidInput, match=r"no column says when a bar starts.*Fix: name that column time"):
        load_bars(tmp_path / "numbered.parquet")


@pytest.mark.parametrize("suffix", [".feather", ".arrow", ".ipc"])
def test_feather(tmp_path: Path, suffix: str) -> None:
    table = pa.Table.from_pandas(FRAME.reset_index())
    feather.write_feather(table, tmp_path / f"SPY{suffix}")
    assert load_bars(tmp_path / f"SPY{suffix}").content_id == as_bars(FRAME).content_id


def test_a_report_is_written_whole_and_readable_by_others(tmp_path: Path) -> None:
    path = tmp_path / "new" / "report.html"
    previous = os.umask(0o022)
    try:
        assert write_text_atomic(path, "<p>é</p>") == path
    finally:
        os.umask(previous)
    assert path.read_bytes() == "<p>é</p>".encode()
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    path.chmod(0o600)
    write_bytes_atomic(path, b"second")
    assert path.read_bytes() == b"second"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["report.html"]


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "report.html"
    write_text_atomic(path, "old")

    def no_space(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", no_space)
    with pytest.raises(InvalidInput, match=r"cannot write .*report.html: No space left on device. Fix: name"):
        write_text_atomic(path, "new")
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["report.html"]


def test_an_interrupted_write_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "report.html"
    write_text_atomic(path, "old")

    def interrupt(_: Path, __: Path) -> Path:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_text_atomic(path, "new")
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["report.html"]


def test_places_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for path in (tmp_path / "file" / "report.html", tmp_path):
        with pytest.raises(InvalidInput, match="cannot write"):
            write_text_atomic(path, "text")
    assert (tmp_path / "file").read_text() == "x"


def test_a_frame_written_by_pandas_comes_back(tmp_path: Path) -> None:
    bars = as_bars(FRAME, symbol="SPY")
    bars_to_frame(bars).to_csv(tmp_path / "SPY.csv")
    assert load_bars(tmp_path / "SPY.csv").content_id == bars.content_id
