"""`autotrade data fetch` from every kind of source, into the catalogue and out of it again."""

import contextlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autonomous_trading as at
from autonomous_trading.core import Timeframe
from autonomous_trading.testing.contracts.providers import Scene, made_rows
from autonomous_trading.testing.servers.exchange import binance_server, demo_market
from autonomous_trading.testing.servers.yahoo import YahooMarket, yahoo_server
from tests.file_lies import csv_text
from tests.table_source import fill
from tests.unit.interfaces import commands

DAY, HOUR = Timeframe.of("1d"), Timeframe.of("1h")
SPAN = ("--start", "2024-03-04", "--stop", "2024-03-24")


def fetched(folder: Path, series: str, *more: str, code: int = 0) -> Any:
    """The document of a fetch, given in a folder; the text of the error where it fails."""
    with contextlib.chdir(folder):
        done = commands.autotrade("data", "fetch", series, *SPAN, *more, "--json")
    assert done.code == code, done.err
    return done.err if code else done.document


def kept(folder: Path, series: str) -> at.Bars:
    with contextlib.chdir(folder):
        return at.load_bars(series)


def test_an_exchange(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    market = demo_market()
    with binance_server(market) as server:
        monkeypatch.setenv("AUTOTRADE__CRYPTO__URL", server.url)
        found = fetched(tmp_path, "binance:BTC/USDT,ETH/USDT:1h")
        assert [each["new"] for each in found["series"]] == [480, 480]
        assert [each["new"] for each in fetched(tmp_path, "binance:BTC/USDT,ETH/USDT:1h")["series"]] == [0, 0]
        said = fetched(tmp_path, "binance:DOGE/USDT:1h", code=2)
        assert "unknown binance symbol 'DOGE/USDT'" in said
    assert np.array_equal(kept(tmp_path, "binance:BTC/USDT:1h").close, market.rows["BTC/USDT"].close[:480])


def test_an_exchange_that_lies_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with binance_server(demo_market(), "times_in_seconds") as server:
        monkeypatch.setenv("AUTOTRADE__CRYPTO__URL", server.url)
        said = fetched(tmp_path, "binance:BTC/USDT:1h", code=1)
    assert "rows have a time before the one asked for" in said
    with contextlib.chdir(tmp_path):
        assert commands.autotrade("backtest", "--data", "binance:BTC/USDT:1h").code == 2


def test_yahoo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = made_rows("AAPL", DAY, count=20)
    with yahoo_server(YahooMarket({"AAPL": rows}, DAY, int(rows.time[-1]) + 9 * DAY.ns)) as server:
        monkeypatch.setenv("AUTOTRADE__YAHOO__URL", server.url)
        assert "adjusted for splits" in fetched(tmp_path, "yahoo:AAPL:1d", code=2)
        found = fetched(tmp_path, "yahoo:AAPL:1d", "--adjustment", "split")
    assert found["series"][0]["new"] == 20
    assert np.array_equal(kept(tmp_path, "yahoo:AAPL:1d@split").close, rows.close)


def test_a_file(tmp_path: Path) -> None:
    rows = made_rows("SPY", DAY, count=20)
    (tmp_path / "prices").mkdir()
    (tmp_path / "prices" / "SPY.csv").write_text(csv_text(rows), encoding="utf-8")
    assert fetched(tmp_path, "file:prices/SPY.csv:1d")["series"][0]["new"] == 20
    (tmp_path / "autotrade.toml").write_text('[file]\nfolder = "prices"\n', encoding="utf-8")
    assert fetched(tmp_path, "file:SPY:1d")["series"][0]["new"] == 20
    assert np.array_equal(kept(tmp_path, "file:SPY:1d").close, rows.close)


def test_a_sample(tmp_path: Path) -> None:
    with contextlib.chdir(tmp_path):
        done = commands.autotrade("data", "fetch", "sample:sp500:1d", "--start", "1999-01-01", "--stop", "2019-01-01")
    assert done.code == 0, done.err
    assert np.array_equal(kept(tmp_path, "sample:sp500:1d").close, at.sample("sp500").close)


def test_a_table(tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = made_rows("AAPL", HOUR, count=100)
    fill(postgres_url, Scene({"AAPL": rows}, HOUR, 0))
    monkeypatch.setenv("AUTOTRADE_BARS_DATABASE", postgres_url)
    names = {"time": "begun", "symbol": "ticker", "open": "o", "high": "h", "low": "l", "close": "c", "volume": "v"}
    lines = [f'{name} = "{column}"' for name, column in names.items()]
    text = "\n".join(["[postgres]", "table = 'market.Prices \"daily\" 1'", 'bars = "1h"', *lines, ""])
    (tmp_path / "autotrade.toml").write_text(text, encoding="utf-8")
    assert fetched(tmp_path, "postgres:AAPL:1h")["series"][0]["new"] == 100
    assert np.array_equal(kept(tmp_path, "postgres:AAPL:1h").volume, rows.volume)
