"""Candles of an exchange, in progress until they are over, against a server that speaks Binance's stream."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from autonomous_trading.adapters.streams import ExchangeStream
from autonomous_trading.adapters.streams._exchange import _arrival, _Candles, _Watched
from autonomous_trading.app.market_data import Heard, Subscribed
from autonomous_trading.core import SourceCorrupt, SourceDenied, SourceUnavailable, UnknownName
from autonomous_trading.data import SeriesKey
from autonomous_trading.testing.clocks import SimulatedClock
from autonomous_trading.testing.memory_provider import MemoryProvider
from autonomous_trading.testing.servers.exchange_stream import (
    ScriptedServer,
    Step,
    calls,
    drops,
    exchange_stream,
    kline_message,
    local_market,
    sends,
)
from tests.unit.adapters.streams.listening import (
    HURRY,
    MINUTES,
    arrivals,
    bars,
    bars_of,
    feed,
    heard,
    kinds,
    later,
    over,
    rows_of,
    settings,
    told,
    watched,
)
from tests.unit.data.streamed_bars import START

PAIR = "BTC/USDT"
OTHER = "ETH/USDT"
ROWS = arrivals(12)


def stream_of(server: ScriptedServer, clock: SimulatedClock) -> ExchangeStream:
    options = {"urls": {"api": {"ws": {"spot": f"{server.url}/ws"}}}}
    markets = [local_market(PAIR), local_market(OTHER)]
    return ExchangeStream("binance", clock=clock, options=options, markets=markets, patience=HURRY)


def candle(at: int, *, finished: bool, symbol: str = PAIR) -> Step:
    """News of a candle: while it is in progress its close is not where it will be."""
    row = ROWS[at] if finished else replace(ROWS[at], close=ROWS[at].open, volume=1.0)
    return sends(kline_message(symbol, row, MINUTES, finished=finished))


def lived(clock: SimulatedClock, *rows: int) -> list[Step]:
    """Candles from their first trade to their last."""
    return [
        step
        for k in rows
        for step in (
            candle(k, finished=False),
            candle(k, finished=False),
            over(clock, ROWS[k]),
            candle(k, finished=True),
        )
    ]


def both(clock: SimulatedClock, at: int) -> list[Step]:
    """A candle of two markets at once."""
    begun = [candle(at, finished=False, symbol=symbol) for symbol in (PAIR, OTHER)]
    return [*begun, over(clock, ROWS[at]), *(candle(at, finished=True, symbol=symbol) for symbol in (PAIR, OTHER))]


def test_only_finished_candles_are_handed_on() -> None:
    clock = SimulatedClock(START)
    with exchange_stream([[*lived(clock, 0, 1, 2), candle(3, finished=False)]]) as server:
        found = heard(stream_of(server, clock), 4, (PAIR,))
    assert found[0] == Subscribed((PAIR,))
    assert [(each.arrival.time, each.arrival.values) for each in found if isinstance(each, Heard)] == rows_of(ROWS[:3])


def test_several_markets_share_one_connection() -> None:
    clock = SimulatedClock(START)
    script = [step for k in range(3) for step in both(clock, k)]
    with exchange_stream([[*script, candle(3, finished=False), candle(3, finished=False, symbol=OTHER)]]) as server:
        found = heard(stream_of(server, clock), 7, (PAIR, OTHER))
        assert server.connections == 1
    assert [each for each in found if isinstance(each, Subscribed)] == [Subscribed((PAIR, OTHER))]
    for symbol in (PAIR, OTHER):
        bars = [each.arrival for each in found if isinstance(each, Heard) and each.symbol == symbol]
        assert [(each.time, each.values) for each in bars] == rows_of(ROWS[:3])


def test_a_candle_ends_with_its_time_where_nothing_newer_trades() -> None:
    clock = SimulatedClock(START)
    with exchange_stream([[*lived(clock, 0), later(clock, 5)]]) as server:
        found = heard(stream_of(server, clock), 2, (PAIR,))
    assert isinstance(found[1], Heard)
    assert found[1].arrival.values == ROWS[0].values


def test_candles_lost_with_the_connection_are_asked_for() -> None:
    clock = SimulatedClock(START)
    scripts = [
        [*lived(clock, 0, 1), candle(2, finished=False), drops()],
        [
            calls(lambda: clock.pass_until(ROWS[5].time)),
            *lived(clock, 5, 6),
            candle(7, finished=False),
            later(clock, 90),
        ],
    ]
    provider = MemoryProvider({PAIR: bars_of(ROWS)}, clock.now)
    key = SeriesKey("binance", PAIR, MINUTES)
    with exchange_stream(scripts) as server:
        events = watched(feed(stream_of(server, clock), ROWS, clock, provider=provider), settings(key=key), bars(7))
    assert told(events) == rows_of(ROWS[:7])
    assert "disconnected" in kinds(events)


def test_what_cannot_be_had_says_so() -> None:
    clock = SimulatedClock(START)
    with exchange_stream([[]]) as server:
        stream = stream_of(server, clock)
        assert stream.name == "binance"
        for symbols in (("NO/SUCH",), (PAIR, "NO/SUCH")):
            with pytest.raises(SourceDenied, match=r"refused .*NO/SUCH"):
                heard(stream, 1, symbols)
    with pytest.raises(SourceUnavailable, match="the stream of binance"):
        heard(stream, 1, (PAIR,))
    with pytest.raises(UnknownName, match="unknown exchange 'binanze'"):
        heard(ExchangeStream("binanze", clock=clock), 1, (PAIR,))


class Reconnecting:
    """What ccxt does when a connection is lost while nobody waits: the next question gets another one, unsaid."""

    def __init__(self) -> None:
        self.clients: dict[str, object] = {}

    async def watch_ohlcv(self, *_: str) -> list[object]:
        self.clients = {"address": object()}
        return []


def test_a_connection_that_was_replaced_in_silence_is_an_error() -> None:
    async def twice() -> None:
        watched = _Watched(Reconnecting(), PAIR, MINUTES)
        try:
            assert await watched.news()
            await watched.news()
        finally:
            await watched.close()

    with pytest.raises(SourceUnavailable, match="replaced by another one"):
        asyncio.run(twice())


def test_what_ccxt_does_not_understand_is_corrupt(monkeypatch: pytest.MonkeyPatch) -> None:
    import ccxt
    import ccxt.pro

    async def broken(*_: object) -> None:
        raise ccxt.ExchangeError("an answer without sense")

    monkeypatch.setattr(ccxt.pro.binance, "watch_ohlcv", broken)
    with exchange_stream([[]]) as server, pytest.raises(SourceCorrupt, match="an answer without sense"):
        heard(stream_of(server, SimulatedClock(START)), 1, (PAIR,))


@pytest.mark.parametrize(
    "row",
    [
        [10**30, 1.0, 1.0, 1.0, 1.0, 1.0],
        [-5, 1.0, 1.0, 1.0, 1.0, 1.0],
        [60_000, "x", 1.0, 1.0, 1.0, 1.0],
        [60_000, [1.0], 1.0, 1.0, 1.0, 1.0],
        [60_000, 1.0],
    ],
)
def test_a_candle_that_cannot_be_is_corrupt(row: list[object]) -> None:
    with pytest.raises(SourceCorrupt, match="a candle"):
        _arrival(row, 1)


@pytest.mark.parametrize("moment", [None, "60000", 1.5])
def test_a_candle_without_a_time_is_corrupt(moment: object) -> None:
    with pytest.raises(SourceCorrupt, match="which is no time"):
        _Candles(MINUTES).add([[moment, 1.0, 1.0, 1.0, 1.0, 1.0]], news=True, now=1)
