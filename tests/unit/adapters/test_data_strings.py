"""Data strings that name series of a provider: how they are read, and that nothing is asked of the network."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from autonomous_trading.adapters import (
    DataString,
    as_panel,
    data_string_of,
    known_moment,
    load_bars,
    load_many,
    raw_readings,
    read_bars,
    read_many,
)
from autonomous_trading.adapters.catalogue import ParquetCatalogue
from autonomous_trading.adapters.providers import ProviderSettings
from autonomous_trading.app.market_data import Delivery
from autonomous_trading.core import Bars, DataNotFound, InvalidInput, Timeframe, UnknownName
from autonomous_trading.data import Span
from autonomous_trading.data.actions import CorporateAction
from autonomous_trading.testing.markets import random_walk


@pytest.fixture
def held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Bars]:
    """Two series in the usual catalogue of this folder, one of them adjusted as well."""
    monkeypatch.chdir(tmp_path)
    found = {}
    for seed, text in enumerate(("alpaca:AAPL:1d", "alpaca:MSFT:1d", "alpaca:AAPL:1d@split")):
        bars = random_walk(50, seed=seed)
        wanted = data_string_of(text)
        assert wanted is not None
        span = Span(int(bars.time[0]), int(bars.time[-1]) + 1)
        ParquetCatalogue("market-data").commit(wanted.keys[0], Delivery(span, bars, received_at=span.stop))
        found[text] = bars
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("alpaca:AAPL:1h", DataString("alpaca", ("AAPL",), Timeframe.of("1h"))),
        ("Alpaca:AAPL,MSFT:15min", DataString("alpaca", ("AAPL", "MSFT"), Timeframe.of("15m"))),
        ("alpaca:AAPL, MSFT:1M", DataString("alpaca", ("AAPL", "MSFT"), Timeframe.of("1M"))),
        ("alpaca:BTC/USDT:USDT:1h", DataString("alpaca", ("BTC/USDT:USDT",), Timeframe.of("1h"))),
        ("alpaca:AAPL:1d@split", DataString("alpaca", ("AAPL",), Timeframe.of("1d"), "split")),
        ("AAPL", None),
        ("sp500.csv", None),
        ("C:\\data\\sp500.csv", None),
        ("alpaca:AAPL", None),
    ],
)
def test_what_is_a_data_string(text: str, expected: DataString | None) -> None:
    assert data_string_of(text) == expected


@pytest.mark.parametrize(
    ("text", "kind", "message"),
    [
        ("alpca:AAPL:1h", UnknownName, r"unknown provider 'alpca'\. Fix: did you mean 'alpaca'\?"),
        ("alpaca:AAPL:hourly", InvalidInput, "'hourly' is no timeframe"),
        ("alpaca:AAPL,AAPL:1h", InvalidInput, r"names no symbol, or one twice\. Fix: write alpaca:AAPL,MSFT:1h"),
        ("alpaca:AAPL,,MSFT:1h", InvalidInput, "names no symbol"),
        ("alpaca:AAPL:1h@both", InvalidInput, "unknown adjustment 'both'"),
    ],
)
def test_what_names_nothing(text: str, kind: type[InvalidInput], message: str) -> None:
    with pytest.raises(kind, match=message):
        data_string_of(text)


def test_its_text_and_the_command_that_fetches_it() -> None:
    wanted = DataString("alpaca", ("AAPL", "MSFT"), Timeframe.of("1h"), "split")
    assert wanted.text == "alpaca:AAPL,MSFT:1h@split"
    assert wanted.fetching == "autotrade data fetch alpaca:AAPL,MSFT:1h --adjustment split"
    assert data_string_of(wanted.text) == wanted
    assert [key.text for key in wanted.keys] == ["alpaca:AAPL:1h@split", "alpaca:MSFT:1h@split"]


def test_series_are_read_from_the_catalogue(held: dict[str, Bars]) -> None:
    for text in ("alpaca:AAPL:1d", "alpaca:AAPL:1d@split"):
        bars = load_bars(text)
        assert (bars.symbol, bars.content_id) == ("AAPL", held[text].content_id)
    assert load_bars("alpaca:AAPL:1d", symbol="APPLE").symbol == "APPLE"
    several = load_many("alpaca:MSFT,AAPL:1d")
    assert list(several) == ["MSFT", "AAPL"]
    assert list(as_panel("alpaca:MSFT,AAPL:1d")) == ["MSFT", "AAPL"]
    assert read_many({"one": "alpaca:MSFT:1d"})["one"].bars.symbol == "one"
    assert read_bars("alpaca:MSFT:1d").notes == ()


def test_from_a_catalogue_elsewhere(held: dict[str, Bars], tmp_path: Path) -> None:
    (tmp_path / "market-data").rename(tmp_path / "elsewhere")
    with pytest.raises(DataNotFound, match="alpaca:AAPL:1d is not in the catalogue market-data"):
        load_bars("alpaca:AAPL:1d")
    bars = load_bars("alpaca:AAPL:1d", catalogue=tmp_path / "elsewhere")
    np.testing.assert_array_equal(bars.close, held["alpaca:AAPL:1d"].close)
    assert list(load_many("alpaca:AAPL,MSFT:1d", catalogue=str(tmp_path / "elsewhere"))) == ["AAPL", "MSFT"]


@pytest.mark.usefixtures("held")
def test_what_is_not_there_is_not_fetched() -> None:
    with pytest.raises(DataNotFound, match=r"alpaca:TSLA:1d is not in .* data fetch alpaca:AAPL,TSLA:1d$"):
        load_many("alpaca:AAPL,TSLA:1d")


@pytest.mark.usefixtures("held")
def test_one_is_asked_for_and_two_are_named() -> None:
    with pytest.raises(InvalidInput, match="names 2 instruments, and the bars of one are asked for"):
        load_bars("alpaca:AAPL,MSFT:1d")


@pytest.mark.usefixtures("held")
def test_what_the_source_adjusted_is_not_adjusted_again() -> None:
    with pytest.raises(InvalidInput, match=r"were adjusted by their source \(split\)"):
        load_bars("alpaca:AAPL:1d@split", adjust="splits")
    with pytest.raises(InvalidInput, match="has no time zone"):
        load_bars("alpaca:AAPL:1d", known_at="2024-01-01")
    with pytest.raises(InvalidInput, match="unknown adjustment 'half'"):
        load_bars("alpaca:AAPL:1d", adjust="half")
    with pytest.raises(InvalidInput, match="no list of splits"):
        load_bars("sample:sp500", adjust="splits")
    with pytest.raises(InvalidInput, match="when its values were known"):
        load_bars("sample:sp500", known_at="2024-01-01T00:00Z")
    (note,) = read_bars("alpaca:AAPL:1d", adjust="splits").notes
    assert note.endswith("0 splits in that time: prices are as they were traded")


def test_a_recorded_split_does_not_leap_where_it_is_asked_for(held: dict[str, Bars]) -> None:
    raw = held["alpaca:AAPL:1d"]
    ex, last = int(raw.time[25]), int(raw.time[-1])
    split = CorporateAction("split", "AAPL", ex, ex, ratio=4.0)
    span = Span(int(raw.time[0]), last + 1)
    ParquetCatalogue("market-data").commit_actions("alpaca", "AAPL", span, [split], received_at=last)
    found = read_bars("alpaca:AAPL:1d", adjust="splits")
    np.testing.assert_array_equal(found.bars.close[:25], raw.close[:25])
    np.testing.assert_array_equal(found.bars.close[25:], raw.close[25:] * 4.0)
    assert "adjusted for 1 split," in found.notes[0]
    assert raw_readings("alpaca:AAPL:1d")["AAPL"].splits == (ex,)
    early = load_bars("alpaca:AAPL:1d", adjust="splits", known_at=ex)
    np.testing.assert_array_equal(early.close, raw.close[: len(early)])
    assert len(early) == 25


def test_the_note_counts_what_was_applied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Trading after the close goes on past 00:00 UTC: bars of the evening before are older than the ex date."""
    monkeypatch.chdir(tmp_path)
    hour = 3_600_000_000_000
    ex = int(np.datetime64("2020-09-01", "ns").astype(np.int64))
    close = np.full(20, 400.0)
    bars = Bars(ex + np.arange(1, 21, dtype=np.int64) * hour, close, close, close, close, close, symbol="AAPL")
    wanted = data_string_of("alpaca:AAPL:1h")
    assert wanted is not None
    span, kept = Span(int(bars.time[0]), int(bars.time[-1]) + 1), ParquetCatalogue("market-data")
    kept.commit(wanted.keys[0], Delivery(span, bars, received_at=ex + 25 * hour))
    split = CorporateAction("split", "AAPL", ex, ex, ratio=4.0)
    kept.commit_actions("alpaca", "AAPL", Span(ex, ex + 24 * hour), [split], received_at=ex + 25 * hour)
    found = read_bars("alpaca:AAPL:1h", adjust="splits")
    assert found.bars.close[0] == 400.0
    assert found.bars.close[-1] == 1600.0
    assert "adjusted for 1 split," in found.notes[0]


def test_a_row_that_comes_twice_counts_once(tmp_path: Path) -> None:
    row = "2024-01-01,1,1,1,1,1"
    (tmp_path / "p.csv").write_text(f"date,o,h,l,c,v\n{row}\n{row}\n2024-01-02,1,1,1,1,1\n")
    found = read_bars(tmp_path / "p.csv")
    assert len(found.bars) == 2
    assert found.notes[-1].endswith("1 row repeats another one exactly; each counts once")


def test_a_file_of_that_name_goes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("alpaca:AAPL:1d.csv").write_text("date,o,h,l,c,v\n2024-01-01,1,1,1,1,1\n")
    assert load_bars("alpaca:AAPL:1d.csv").symbol == "alpaca:AAPL:1d"


def test_a_time_that_nobody_reaches_is_the_last_and_one_that_is_none_is_refused(held: dict[str, Bars]) -> None:
    raw = held["alpaca:AAPL:1d"]
    assert known_moment("known_at", 2**70) == 2**63 - 1
    assert known_moment("known_at", -(2**70)) == 1 - 2**63
    assert load_bars("alpaca:AAPL:1d", known_at=2**70).content_id == load_bars("alpaca:AAPL:1d").content_id
    assert len(load_bars("alpaca:AAPL:1d", known_at=2**70)) == len(raw)
    with pytest.raises(DataNotFound, match="nothing of alpaca:AAPL:1d was known at"):
        load_bars("alpaca:AAPL:1d", known_at=-(2**70))
    with pytest.raises(InvalidInput, match="known_at is no time; got NaT"):
        load_bars("alpaca:AAPL:1d", known_at=pd.NaT)


def test_what_settings_hold_is_not_shown() -> None:
    settings = ProviderSettings({"KEY": "hushed"}, {"postgres": {"url": "postgresql://me:hushed@host/db"}})
    assert "hushed" not in f"{settings!r} {settings}"
