"""`autotrade data watch` against servers on this machine that speak as Alpaca does."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from autonomous_trading.adapters import sessions_of, streams
from autonomous_trading.app.market_data import LiveEvent, LiveSettings
from autonomous_trading.core import Bars, Timeframe, resample
from autonomous_trading.data import SeriesKey, Span, around_the_clock, screened
from autonomous_trading.data.streaming import Arrival, BarGrid
from autonomous_trading.interfaces.cli import _data_watch
from autonomous_trading.interfaces.cli._data_watch import Told
from autonomous_trading.interfaces.cli._options import OutputOptions
from autonomous_trading.testing.servers.alpaca import AlpacaMarket, AlpacaServer, Subscription
from autonomous_trading.testing.servers.alpaca_stream import (
    STREAM_KEY_ID,
    STREAM_SECRET_KEY,
    ScriptedServer,
    alpaca_stream,
    bar_message,
    sends,
)
from autonomous_trading.testing.servers.yahoo import YahooMarket, yahoo_server
from tests.unit.interfaces.commands import autotrade

MINUTE = 60_000_000_000
DAY_NS = 1_440 * MINUTE
SERIES = "alpaca:BTC/USD:1m"


def made(now: int, ago: int) -> Arrival:
    at = 100.0 + ago % 7
    return Arrival(now - ago * MINUTE, at, at + 1.0, at - 1.0, at, 5.0, 0)


def bars_until(now: int, least: int, symbol: str) -> Bars:
    """Half an hour of minutes, the newest of them so many minutes ago."""
    bars = screened(Arrival.as_raw([made(now, ago) for ago in range(30, least - 1, -1)], symbol)).bars
    assert bars is not None
    return bars


@pytest.fixture
def now() -> int:
    return time.time_ns() // MINUTE * MINUTE


@pytest.fixture
def alpaca(now: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """History up to two minutes ago by asking, and the minute after it by the stream."""
    bars = bars_until(now, 2, "BTC/USD")
    keys = Subscription(key_id=STREAM_KEY_ID, secret_key=STREAM_SECRET_KEY)
    broken = Arrival(now - MINUTE, 1.0, 0.5, 2.0, 1.0, 1.0, 0)
    script = [sends(bar_message("BTC/USD", broken)), sends(bar_message("BTC/USD", made(now, 1)))]
    with (
        AlpacaServer(AlpacaMarket({("BTC/USD", "1m"): bars}), subscription=keys) as server,
        alpaca_stream([script]) as stream,
    ):
        for name, value in {**server.environment(), "AUTOTRADE__ALPACA__STREAM_URL": stream.url}.items():
            monkeypatch.setenv(name, value)
        yield


def since(now: int, ago: int) -> str:
    return datetime.fromtimestamp((now - ago * MINUTE) / 1e9, UTC).isoformat()


@pytest.mark.usefixtures("alpaca")
def test_history_and_what_is_sent_are_printed_and_kept(now: int, tmp_path: Path) -> None:
    arguments = (
        "data",
        "watch",
        SERIES,
        "--catalogue",
        str(tmp_path / "kept"),
        "--start",
        since(now, 5),
        "--bars",
        "5",
    )
    answer = autotrade(*arguments, "--json")
    assert answer.code == 0, answer.err
    rows = [json.loads(line) for line in answer.out.splitlines()]
    assert [row["close"] for row in rows] == [made(now, ago).close for ago in (5, 4, 3, 2, 1)]
    assert rows[-1]["origin"] == "stream"
    assert "connected" in answer.err
    assert "put aside (high_below_low)" in answer.err
    again = autotrade(*arguments)
    assert (again.code, again.err) == (0, "")
    assert [float(line.split()[5]) for line in again.out.splitlines()] == [row["close"] for row in rows]


def test_what_cannot_be_watched_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("APCA_API_KEY_ID", "APCA_API_SECRET_KEY"):
        monkeypatch.delenv(name, raising=False)
    assert "APCA_API_KEY_ID" in autotrade("data", "watch", "alpaca:AAPL:1m").complaint
    answer = autotrade("data", "watch", "prices.csv")
    assert (answer.code, "names no series" in answer.err) == (2, True)


@pytest.mark.parametrize("series", ["alpaca:BTC/USD:1m@split", "alpaca:BTC/USD:5m@split"])
@pytest.mark.usefixtures("alpaca")
def test_raw_prices_that_are_sent_do_not_enter_an_adjusted_series(now: int, tmp_path: Path, series: str) -> None:
    place = tmp_path / "kept"
    answer = autotrade("data", "watch", series, "--catalogue", str(place), "--start", since(now, 5), "--bars", "5")
    assert (answer.code, answer.out) == (2, "")
    assert answer.complaint == (
        "error: alpaca sends raw prices, which do not belong into a series with the adjustment split. "
        "Fix: leave out @split, or get these bars with data fetch"
    )
    assert not list(place.rglob("*.parquet"))


def test_yahoo_is_watched_with_the_adjustment_that_was_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, day = time.time_ns(), Timeframe.of("1d")
    grid = BarGrid(day, sessions_of("XNYS", now - 30 * DAY_NS, now + DAY_NS))
    days = [int(each) for each in grid.expected(now - 20 * DAY_NS, now - 2 * DAY_NS)]
    rows = Arrival.as_raw([replace(made(now, k), time=each) for k, each in enumerate(days)], "AAPL")
    with yahoo_server(YahooMarket({"AAPL": rows}, day, now)) as server:
        monkeypatch.setenv("AUTOTRADE__YAHOO__URL", server.url)
        common = ("--catalogue", str(tmp_path / "kept"), "--start", since(now, 20 * 24 * 60), "--bars", "5", "--json")
        answer = autotrade("data", "watch", "yahoo:AAPL:1d@split", *common)
        raw = autotrade("data", "watch", "yahoo:AAPL:1d", *common)
    assert answer.code == 0, answer.err
    assert [json.loads(line)["close"] for line in answer.out.splitlines()] == rows.close[:5].tolist()
    assert (raw.code, raw.out, 'ask for the adjustment "split"' in raw.err) == (2, "", True)


def test_shares_and_crypto_do_not_share_a_stream(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("APCA_API_KEY_ID", STREAM_KEY_ID)
    monkeypatch.setenv("APCA_API_SECRET_KEY", STREAM_SECRET_KEY)
    answer = autotrade("data", "watch", "alpaca:AAPL,BTC/USD:1m", "--catalogue", str(tmp_path))
    assert (answer.code, "watch shares or crypto" in answer.complaint) == (2, True)


@pytest.fixture
def two_pairs(now: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedServer]:
    """The last minute of two pairs by one stream."""
    pairs = ("BTC/USD", "ETH/USD")
    history = {(name, "1m"): bars_until(now, 5, name) for name in pairs}
    script = [sends(bar_message(name, made(now, ago))) for ago in (4, 3, 2, 1) for name in pairs]
    keys = Subscription(key_id=STREAM_KEY_ID, secret_key=STREAM_SECRET_KEY)
    with AlpacaServer(AlpacaMarket(history), subscription=keys) as server, alpaca_stream([script]) as stream:
        for name, value in {**server.environment(), "AUTOTRADE__ALPACA__STREAM_URL": stream.url}.items():
            monkeypatch.setenv(name, value)
        yield stream


def test_several_symbols_share_a_connection(now: int, tmp_path: Path, two_pairs: ScriptedServer) -> None:
    common = ("--catalogue", str(tmp_path / "kept"), "--start", since(now, 6), "--bars", "12")
    answer = autotrade("data", "watch", "alpaca:BTC/USD,ETH/USD:1m", *common, "--json")
    assert answer.code == 0, answer.err
    rows = [json.loads(line) for line in answer.out.splitlines()]
    for symbol in ("BTC/USD", "ETH/USD"):
        own = [row["close"] for row in rows if row["symbol"] == symbol]
        assert own == [made(now, ago).close for ago in (6, 5, 4, 3, 2, 1)]
    assert two_pairs.connections == 1
    again = autotrade("data", "watch", "alpaca:BTC/USD,ETH/USD:1m", *common)
    assert [line.split()[0] for line in again.out.splitlines()] == ["BTC/USD", "ETH/USD"] * 6


def test_five_minutes_are_made_of_the_minutes_that_alpaca_sends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = time.time_ns() // (5 * MINUTE) * (5 * MINUTE)  # the last five minutes are over, and history lacks them
    rows = [made(whole, ago) for ago in range(30, 0, -1)]
    fives = resample(screened(Arrival.as_raw(rows, "BTC/USD")).bars or pytest.fail("no bars"), "5m")
    market = AlpacaMarket({("BTC/USD", "5m"): fives[:-1], ("BTC/USD", "1m"): bars_until(whole, 1, "BTC/USD")})
    keys = Subscription(key_id=STREAM_KEY_ID, secret_key=STREAM_SECRET_KEY)
    script = [sends(bar_message("BTC/USD", each)) for each in rows[-5:]]
    with AlpacaServer(market, subscription=keys) as server, alpaca_stream([script]) as stream:
        for name, value in {**server.environment(), "AUTOTRADE__ALPACA__STREAM_URL": stream.url}.items():
            monkeypatch.setenv(name, value)
        options = ("--catalogue", str(tmp_path), "--start", since(whole, 15), "--bars", "3", "--json")
        answer = autotrade("data", "watch", "alpaca:BTC/USD:5m", *options)
    assert answer.code == 0, answer.err
    told = [json.loads(line) for line in answer.out.splitlines()]
    assert [row["origin"] for row in told] == ["history", "history", "stream"]
    for name in ("open", "high", "low", "close", "volume"):
        assert [row[name] for row in told] == getattr(fives, name)[-3:].tolist()


def test_an_outage_is_told_once_and_its_end_with_the_number_of_tries() -> None:
    told = Told(several=False)
    lost = LiveEvent("disconnected", reason="nobody answers")
    events = [LiveEvent("connected"), lost, lost, lost, LiveEvent("disconnected", reason="refused"), lost]
    events += [LiveEvent("connected"), LiveEvent("connected"), lost, LiveEvent("connected")]
    assert [line for event in events if (line := told.line(event)) is not None] == [
        "connected",
        "connection lost: nobody answers",
        "connection lost: refused",
        "connected again after 5 tries",
        "connected again",
        "connection lost: nobody answers",
        "connected again after 1 try",
    ]


def test_a_provider_that_is_away_is_told_once_and_lines_say_whose_they_are() -> None:
    told = Told(several=True)
    away = LiveEvent("unanswered", span=Span(0, MINUTE), reason="away", symbol="AAPL")
    stale = LiveEvent("stale", span=Span(0, MINUTE), symbol="MSFT")
    polling = LiveEvent("polling", reason="refused")
    bar = LiveEvent("bar", made(30 * MINUTE, 1), symbol="AAPL")
    lines = [told.line(event) for event in (away, away, stale, polling, bar, away)]
    assert lines == [
        "AAPL: 1970-01-01 00:00 to 1970-01-01 00:01 could not be asked for: away",
        None,
        "MSFT: STALE: no new bar since 1970-01-01 00:00; no new entries",
        "asking again and again instead: refused",
        None,
        "AAPL: 1970-01-01 00:00 to 1970-01-01 00:01 could not be asked for: away",
    ]


def test_bars_from_before_are_counted_and_not_printed(
    now: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a start what was made before the command began is kept, and told in one line when the first bar comes."""
    minute = Timeframe.of("1m")
    settings = LiveSettings(
        SeriesKey("alpaca", "BTC/USD", minute), BarGrid(minute, around_the_clock(now - 99 * MINUTE, now + 99 * MINUTE))
    )
    events = [
        *(LiveEvent("bar", made(now, ago), symbol="BTC/USD") for ago in (5, 4, 3)),
        LiveEvent("stale", span=Span(now - 3 * MINUTE, now), symbol="BTC/USD"),
        *(LiveEvent("bar", made(now, ago), symbol="BTC/USD") for ago in (2, 1)),
    ]

    async def told(*_: object, **__: object) -> AsyncIterator[LiveEvent]:
        for event in events:
            yield event

    monkeypatch.setattr(streams, "live_bars", told)
    feed: Any = SimpleNamespace(clock=SimpleNamespace(now=lambda: now - 2 * MINUTE))
    watched = _data_watch._Watched(feed, (settings,))
    asyncio.run(_data_watch._watch(watched, _data_watch.WatchOptions("alpaca:BTC/USD:1m"), OutputOptions()))
    out, err = capsys.readouterr()
    assert [float(line.split()[5]) for line in out.splitlines()] == [made(now, ago).close for ago in (2, 1)]
    stale, before = err.splitlines()
    assert stale.startswith("STALE: no new bar since ")
    assert stale.endswith("; no new entries")
    assert before == "3 bars from before were added to the catalogue"


@pytest.mark.usefixtures("alpaca")
def test_nothing_kept_since_a_start_is_no_failure(now: int, tmp_path: Path) -> None:
    """The first watch of a series finds an empty catalogue: what it prints comes from the source."""
    answer = autotrade(
        "data", "watch", SERIES, "--catalogue", str(tmp_path / "new"), "--start", since(now, 3), "--bars", "1"
    )
    assert answer.code == 0, answer.err
    assert float(answer.out.split()[5]) == made(now, 3).close


@pytest.mark.slow
@pytest.mark.usefixtures("alpaca")
def test_ctrl_c_ends_it_cleanly(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "autonomous_trading.interfaces.cli", "data", "watch", SERIES]
    with subprocess.Popen([*command, "--catalogue", str(tmp_path)], stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr is not None
        assert running.stderr.readline() == "connected\n"
        running.send_signal(signal.SIGINT)
        assert running.wait(timeout=30) == 130
        assert "nothing was left half-written" in running.stderr.read()
