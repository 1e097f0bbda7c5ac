"""Data strings: files, folders, samples, and what they answer when there is nothing."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from arch.data import nasdaq, sp500

from autonomous_trading.adapters import SAMPLES, as_bars, load_bars, load_many, read_bars, sample
from autonomous_trading.core import DataNotFound, InvalidBars, InvalidInput, UnknownName

TEXT = "date,o,h,l,c,v\n2024-01-01,1,1,1,1,1\n"


def filled(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).write_text(TEXT)
    return folder


@pytest.mark.parametrize(("name", "module"), [("sp500", sp500), ("nasdaq", nasdaq)])
def test_samples_are_the_prices_that_arch_ships(name: str, module: object) -> None:
    frame = module.load()  # type: ignore[attr-defined]
    bars = sample(name)
    assert bars.symbol == name
    assert dict(bars.extra) == {}
    np.testing.assert_array_equal(bars.time, frame.index.as_unit("ns").asi8)
    for column in ("open", "high", "low", "close", "volume"):
        np.testing.assert_array_equal(getattr(bars, column), frame[column.title()].to_numpy(dtype=np.float64))
    assert load_bars(f"sample:{name}").content_id == bars.content_id
    assert as_bars(f"SAMPLE:{name.upper()}").content_id == bars.content_id
    assert read_bars(f"sample:{name}").notes == ()


def test_every_sample_is_described() -> None:
    assert set(SAMPLES) == {"sp500", "nasdaq"}


def test_a_sample_is_read_without_pandas_and_without_importing_arch() -> None:
    script = (
        "import sys; from autonomous_trading import adapters; assert 'pyarrow' not in sys.modules;"
        "adapters.sample('sp500');"
        "print([name for name in ('pandas', 'arch', 'polars', 'statsmodels') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_unknown_sample() -> None:
    with pytest.raises(UnknownName, match=r"unknown sample 'sp5000'. Fix: did you mean 'sp500'?"):
        sample("sp5000")


def test_sample_of_a_package_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(DataNotFound, match=r"sample:sp500 is not installed.*pip install arch"):
        sample("sp500")


def test_folder_of_files(tmp_path: Path) -> None:
    filled(tmp_path, "SPY.csv", "QQQ.tsv", "notes.md", ".hidden.csv").joinpath("below").mkdir()
    filled(tmp_path / "below", "DIA.csv")
    panel = load_many(str(tmp_path))
    assert {symbol: bars.symbol for symbol, bars in panel.items()} == {"QQQ": "QQQ", "SPY": "SPY"}
    with pytest.raises(
        InvalidInput, match=r"is a folder.*name a file in it; at.backtest, at.optimize and at.walk_forward take several"
    ):
        load_bars(tmp_path)
    assert list(load_many(tmp_path / "SPY.csv")) == ["SPY"]
    assert list(load_many("sample:sp500")) == ["sp500"]


def test_home_is_understood(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(filled(tmp_path, "SPY.csv")))
    assert load_bars("~/SPY.csv").symbol == "SPY"


def test_folder_problems(tmp_path: Path) -> None:
    with pytest.raises(DataNotFound, match=r"holds no data. Fix: put files there that end in .csv"):
        load_many(tmp_path)
    filled(tmp_path, "SPY.csv", "SPY.txt")
    with pytest.raises(InvalidBars, match=r"SPY.csv and SPY.txt both hold 'SPY'"):
        load_many(tmp_path)


def test_links_out_of_a_folder_are_not_followed(tmp_path: Path) -> None:
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    inside.mkdir()
    outside.mkdir()
    (inside / "SPY.csv").symlink_to(filled(outside, "secret.csv") / "secret.csv")
    with pytest.raises(InvalidInput, match=r"SPY.csv is a link to a file outside the folder"):
        load_many(inside)
    assert load_bars(inside / "SPY.csv").symbol == "SPY"  # named by hand, it is what was asked for


def test_symbols_keep_their_dots(tmp_path: Path) -> None:
    assert load_bars(filled(tmp_path, "BRK.B.csv") / "BRK.B.csv").symbol == "BRK.B"


@pytest.mark.parametrize(
    ("text", "kind", "message"),
    [
        ("{folder}/SPYY.csv", DataNotFound, "there is no file .*SPYY.csv. Fix: did you mean '.*SPY.csv'"),
        ("{folder}/spy.CSV", DataNotFound, "did you mean '.*SPY.csv'"),
        ("{folder}/unlike.any", DataNotFound, "that folder holds SPY.csv"),
        ("{folder}/SPY.csv/x.csv", DataNotFound, "there is no file"),
        ("{folder}/none/SPY.csv", DataNotFound, "its folder does not exist. Fix: give a file"),
        (
            "binance:BTCUSDT:1h",
            DataNotFound,
            "binance:BTCUSDT:1h is not in the catalogue market-data. Fix: autotrade data fetch binance:BTCUSDT:1h",
        ),
        ("yahoo:BRK/B:1d", DataNotFound, "yahoo:BRK/B:1d is not in the catalogue market-data"),
        ("https://example.com/SPY.csv", InvalidInput, "addresses are not fetched"),
        ("sample:sp50", UnknownName, "did you mean 'sp500'"),
        ("sample:", UnknownName, "use one of nasdaq, sp500"),
        ("", InvalidInput, "names no data"),
        ("  ", InvalidInput, "names no data"),
        ("a\0b", InvalidInput, "names no data"),
        ("~nobody-of-that-name/x.csv", DataNotFound, "its folder does not exist"),
        ("x" * 5_000, DataNotFound, "there is no file"),
    ],
)
def test_data_strings_that_name_nothing(tmp_path: Path, text: str, kind: type[InvalidInput], message: str) -> None:
    filled(tmp_path, "SPY.csv")
    with pytest.raises(kind, match=message):
        load_bars(text.format(folder=tmp_path))


def test_a_file_that_looks_like_a_provider_is_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(tmp_path, "binance:BTC:1h.csv")
    monkeypatch.chdir(tmp_path)
    assert load_bars("binance:BTC:1h.csv").symbol == "binance:BTC:1h"
