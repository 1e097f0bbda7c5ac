"""Files, folders and samples as providers: what the contract of providers does not ask for."""

import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from autonomous_trading.adapters import load_bars
from autonomous_trading.adapters.providers import FileProvider, ProviderSettings, SampleProvider, provider_named
from autonomous_trading.core import InvalidInput, SourceCorrupt, Timeframe, UnknownName
from autonomous_trading.data import BarsRequest, RawBars, Span
from autonomous_trading.testing.contracts.providers import made_rows
from tests.file_lies import csv_text

DAY = Timeframe.of("1d")
ROWS = made_rows("SPY", DAY, count=30)
SPAN = Span(int(ROWS.time[0]), int(ROWS.time[-1]) + DAY.ns)


def read(provider: FileProvider, symbol: str, timeframe: Timeframe = DAY, span: Span = SPAN) -> RawBars:
    return RawBars.joined(list(provider.pages(BarsRequest((symbol,), timeframe, span))))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    inside = tmp_path / "prices"
    inside.mkdir()
    (inside / "SPY.csv").write_text(csv_text(ROWS), encoding="utf-8")
    (tmp_path / "secret.csv").write_text(csv_text(ROWS), encoding="utf-8")
    return inside


def test_what_a_file_holds_is_what_loading_it_gives(folder: Path) -> None:
    path = str(folder / "SPY.csv")
    found, loaded = read(FileProvider(), path), load_bars(path)
    for name in ("time", "open", "high", "low", "close", "volume"):
        assert np.array_equal(getattr(found, name), getattr(loaded, name))


def test_a_folder_lists_its_files_and_takes_names(folder: Path) -> None:
    with zipfile.ZipFile(folder / "QQQ.csv.zip", "w") as packed:
        packed.writestr("QQQ.csv", csv_text(ROWS))
    provider = FileProvider(str(folder))
    assert provider.symbols() == ("QQQ", "SPY")
    for symbol in ("SPY", "SPY.csv", "QQQ"):
        assert len(read(provider, symbol)) == len(ROWS)


def test_nothing_outside_the_folder_is_read(folder: Path) -> None:
    provider = FileProvider(str(folder))
    (folder / "deeper").mkdir()
    (folder / "deeper" / "IWM.csv").write_text(csv_text(ROWS), encoding="utf-8")
    assert len(read(provider, "deeper/IWM.csv")) == len(ROWS)
    for symbol in ("../secret.csv", "deeper/../../secret.csv", str(folder.parent / "secret.csv"), "secret"):
        with pytest.raises(UnknownName, match="unknown file"):
            read(provider, symbol)
    (folder / "link.csv").symlink_to(folder.parent / "secret.csv")
    with pytest.raises(InvalidInput, match="link to a file outside the folder"):
        read(provider, "SPY")


def test_without_a_folder_nothing_is_listed() -> None:
    with pytest.raises(InvalidInput, match="cannot be listed"):
        FileProvider().symbols()


def test_a_misspelt_file_is_told_with_its_neighbours(folder: Path) -> None:
    with pytest.raises(UnknownName, match=r"SPI\.csv'. Fix: did you mean '.*SPY\.csv'"):
        read(FileProvider(), str(folder / "SPI.csv"))
    with pytest.raises(UnknownName, match="there is no file to choose from here"):
        read(FileProvider(), "no/such/folder/at/all.csv")


def test_one_instrument_of_several(folder: Path) -> None:
    path = folder / "both.parquet"
    columns = {name: getattr(ROWS, name) for name in ("open", "high", "low", "close", "volume")}
    frame = pd.DataFrame({"time": pd.DatetimeIndex(ROWS.time, tz="UTC"), **columns})
    twice = pd.concat([frame.assign(symbol="AAA"), frame.assign(symbol="BBB", close=frame["close"] + 0.001)])
    twice.to_parquet(path)
    provider = FileProvider()
    assert np.array_equal(read(provider, f"{path}#BBB").close, ROWS.close + 0.001)
    with pytest.raises(InvalidInput, match=r'holds 2 instruments. Fix: name one of them behind it: ".*#AAA"'):
        read(provider, str(path))
    with pytest.raises(UnknownName, match=r"unknown instrument in both.parquet 'CCC'"):
        read(provider, f"{path}#CCC")


def test_further_columns_come_along_and_words_do_not(folder: Path) -> None:
    lines = csv_text(ROWS).splitlines()
    text = "\n".join([f"{lines[0]},spread,remark,adj close", *(f"{line},0.5,fine,1.0" for line in lines[1:])])
    (folder / "more.csv").write_text(text, encoding="utf-8")
    found = read(FileProvider(str(folder)), "more")
    assert list(found.extra) == ["spread"]
    assert set(found.extra["spread"].tolist()) == {0.5}


def test_a_file_without_volume_has_none(folder: Path) -> None:
    text = "\n".join(line.rpartition(",")[0] for line in csv_text(ROWS).splitlines())
    (folder / "quiet.csv").write_text(text, encoding="utf-8")
    assert not read(FileProvider(str(folder)), "quiet").volume.any()


@pytest.mark.parametrize("text", ["1h", "1w", "1M"])
def test_bars_of_another_length_are_refused(folder: Path, text: str) -> None:
    with pytest.raises(InvalidInput, match=f"holds bars that are 1d apart, and bars of {text} are asked for"):
        read(FileProvider(str(folder)), "SPY", Timeframe.of(text))


@pytest.mark.parametrize(("text", "said"), [("1h", "1h"), ("5m", "5m"), ("10s", "10s"), ("1w", "7d"), ("1M", "31d")])
def test_every_length_is_recognised(folder: Path, text: str, said: str) -> None:
    step = Timeframe.of(text)
    starts = step.starts(np.array([SPAN.start], dtype=np.int64))
    times = [int(starts[0])]
    for _ in range(12):
        times.append(int(step.following(np.array(times[-1:], dtype=np.int64))[0]))
    rows = made_rows("X", DAY, count=len(times))
    made = RawBars("X", np.array(times, dtype=np.int64), rows.open, rows.high, rows.low, rows.close, rows.volume, 1)
    (folder / "X.csv").write_text(csv_text(made), encoding="utf-8")
    provider = FileProvider(str(folder))
    assert len(read(provider, "X", step, Span(times[0], times[-1] + 1))) == len(times)
    with pytest.raises(InvalidInput, match=f"are {said} apart"):
        read(provider, "X", Timeframe.of("12h"), Span(times[0], times[-1] + 1))


def test_a_file_of_one_bar_has_any_length(folder: Path) -> None:
    (folder / "one.csv").write_text(csv_text(ROWS.taken(np.arange(1))), encoding="utf-8")
    assert len(read(FileProvider(str(folder)), "one")) == 1


def test_a_damaged_file_is_corrupt(folder: Path) -> None:
    (folder / "bad.parquet").write_bytes(b"PAR1" + bytes(200))
    with pytest.raises(SourceCorrupt, match=r"bad\.parquet: damaged"):
        read(FileProvider(str(folder)), "bad")


def test_they_are_had_by_name(folder: Path) -> None:
    files = provider_named("file", ProviderSettings(options={"file": {"folder": str(folder)}}))
    assert isinstance(files, FileProvider)
    assert files.symbols() == ("SPY",)
    samples = provider_named("sample")
    assert isinstance(samples, SampleProvider)
    request = BarsRequest(("sp500",), DAY, Span(0, 2**62))
    assert sum(map(len, samples.pages(request))) == 5031
