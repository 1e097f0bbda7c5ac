"""What Alpaca sends, and what becomes of it, against a server on this machine."""

from __future__ import annotations

from dataclasses import replace

import pytest

from autonomous_trading.adapters.streams import AlpacaStream
from autonomous_trading.app.market_data import Heard, Subscribed
from autonomous_trading.core import (
    InvalidInput,
    SourceCorrupt,
    SourceDenied,
    SourceUnavailable,
    Timeframe,
    TradingError,
)
from autonomous_trading.testing.clocks import SimulatedClock
from autonomous_trading.testing.servers.alpaca_stream import (
    STREAM_KEY_ID,
    STREAM_SECRET_KEY,
    ScriptedServer,
    Step,
    alpaca_stream,
    bar_message,
    drops,
    sends,
    sends_text,
)
from tests.unit.adapters.streams.listening import HURRY, SYMBOL, arrivals, heard
from tests.unit.data.streamed_bars import START

ROWS = arrivals(3)


def stream_of(server: ScriptedServer, *, secret: str = STREAM_SECRET_KEY, timeout: float = 5.0) -> AlpacaStream:
    patience = replace(HURRY, timeout=timeout)
    return AlpacaStream(STREAM_KEY_ID, secret, clock=SimulatedClock(START), url=server.url, patience=patience)


def bar(at: int, kind: str = "b", symbol: str = SYMBOL) -> Step:
    return sends(bar_message(symbol, ROWS[at], kind))


def test_bars_and_revisions_come_as_they_were_sent() -> None:
    script = [bar(0), bar(0, "d"), bar(1, symbol="MSFT"), bar(0, "u"), sends([{"T": "subscription"}]), bar(2)]
    with alpaca_stream([script]) as server:
        found = heard(stream_of(server), 4)
    assert found[0] == Subscribed((SYMBOL,))
    came = [each.arrival for each in found if isinstance(each, Heard)]
    assert [(each.time, each.values) for each in came] == [(ROWS[k].time, ROWS[k].values) for k in (0, 0, 2)]
    assert dict(came[0].extra)["trade_count"] == 12.0
    assert came[0].received_at == START


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (402, SourceDenied),
        (405, SourceDenied),
        (409, SourceDenied),
        (406, SourceUnavailable),
        (500, SourceUnavailable),
        (400, SourceCorrupt),
    ],
)
def test_refusals_say_whether_trying_again_helps(code: int, kind: type[TradingError]) -> None:
    with alpaca_stream([[]], refuse=[code]) as server, pytest.raises(kind, match=rf"\({code}\)"):
        heard(stream_of(server), 1)


def test_wrong_keys_are_refused_and_in_no_text() -> None:
    with alpaca_stream([[]]) as server, pytest.raises(SourceDenied, match="auth failed") as failure:
        heard(stream_of(server, secret="no-such-secret"), 1)
    assert "no-such-secret" not in str(failure.value)


@pytest.mark.parametrize("kind", ["error", "b"])
def test_a_source_that_repeats_the_keys_is_not_quoted(kind: str) -> None:
    keys = f"{STREAM_KEY_ID} {STREAM_SECRET_KEY}"
    told = {"T": kind, "S": "AAPL", "t": "2024-10-04T00:00:00Z", "o": keys, "code": 1, "msg": keys}
    with alpaca_stream([[sends([told])]]) as server, pytest.raises(SourceCorrupt, match=r"\*\*\* \*\*\*") as failure:
        heard(stream_of(server), 2)
    assert failure.value.__cause__ is None
    assert STREAM_SECRET_KEY not in str(failure.value)
    assert STREAM_KEY_ID not in str(failure.value)


def test_a_symbol_that_is_not_sent_is_refused() -> None:
    with (
        alpaca_stream([[]], symbols=["MSFT"]) as server,
        pytest.raises(SourceDenied, match="does not send bars of AAPL"),
    ):
        heard(stream_of(server), 1)


def test_a_connection_that_is_dropped_or_not_to_be_had_is_unavailable() -> None:
    with alpaca_stream([[bar(0), drops()]]) as server:
        stream = stream_of(server)
        with pytest.raises(SourceUnavailable, match="the stream of Alpaca at ws://127"):
            heard(stream, 3)
    with pytest.raises(SourceUnavailable, match="the stream of Alpaca at ws://127"):
        heard(stream, 1)


def test_a_server_that_says_nothing_is_not_waited_for() -> None:
    def silent(connection: object) -> None:
        """The connection is there, and nobody speaks."""

    with ScriptedServer([[]], silent) as server, pytest.raises(SourceUnavailable, match=r"no answer within 0\.2 s"):
        heard(stream_of(server, timeout=0.2), 1)


@pytest.mark.parametrize(
    "text",
    [
        "garbage",
        "{}",
        "[1]",
        '[{"T": 3}]',
        '[{"T":"b","S":"AAPL","t":"2024-10-04T00:00:00Z","o":"1","h":1,"l":1,"c":1,"v":1}]',
        '[{"T":"b","S":"AAPL","t":"2024-10-04T00:00:00Z","o":true,"h":1,"l":1,"c":1,"v":1}]',
        '[{"T":"b","S":"AAPL","t":"2024-10-04T00:00:00Z","o":1,"h":1,"l":1,"c":1}]',
        '[{"T":"b","S":"AAPL","t":"2024-10-04T00:00:00","o":1,"h":1,"l":1,"c":1,"v":1}]',
        '[{"T":"b","S":"AAPL","t":"yesterday","o":1,"h":1,"l":1,"c":1,"v":1}]',
        '[{"T":"b","S":"AAPL","o":1,"h":1,"l":1,"c":1,"v":1}]',
        '[{"T":"b","S":"AAPL","t":"0001-01-01T00:00:00Z","o":1,"h":1,"l":1,"c":1,"v":1}]',
        '[{"T":"b","S":"AAPL","t":"9999-12-31T00:00:00Z","o":1,"h":1,"l":1,"c":1,"v":1}]',
        '[{"T":"error","code":[402],"msg":"no number"}]',
        "[" * 100_000,
        '[{"T":"b","S":"AAPL","t":"2024-10-04T00:00:00Z","o":1' + "0" * 400 + ',"h":1,"l":1,"c":1,"v":1}]',
    ],
)
def test_what_is_no_message_of_alpaca_is_corrupt(text: str) -> None:
    with alpaca_stream([[sends_text(text)]]) as server, pytest.raises(SourceCorrupt, match="Alpaca"):
        heard(stream_of(server), 2)


def test_a_greeting_that_is_none_is_corrupt() -> None:
    server = ScriptedServer([[sends([{"T": "b"}])]], lambda _: None)
    with server, pytest.raises(SourceCorrupt, match="in place of connected"):
        heard(stream_of(server), 1)


def test_what_alpaca_does_not_send_is_refused_at_once() -> None:
    stream = AlpacaStream("a", "b", clock=SimulatedClock(START))
    assert stream.name == "alpaca"
    with pytest.raises(SourceDenied, match="not of 1h"):
        stream.listen((SYMBOL,), Timeframe.of("1h"))
    with pytest.raises(InvalidInput, match="AAPL, BTC/USD on one stream"):
        stream.listen((SYMBOL, "BTC/USD"), Timeframe.of("1m"))
    assert "'b'" not in repr(stream)


def test_crypto_has_an_address_of_its_own() -> None:
    with alpaca_stream([[sends(bar_message("BTC/USD", ROWS[0]))]]) as server:
        found = heard(stream_of(server), 2, ("BTC/USD",))
    assert found[0] == Subscribed(("BTC/USD",))


def test_a_connection_that_is_closed_in_good_order_is_unavailable() -> None:
    script: list[Step] = [bar(0), lambda connection: connection.close()]
    with alpaca_stream([script]) as server, pytest.raises(SourceUnavailable, match="was closed"):
        heard(stream_of(server), 3)
