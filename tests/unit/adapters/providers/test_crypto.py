"""Exchanges by ccxt: what the contract of providers does not ask for."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from autonomous_trading.adapters.providers import Patience, ProviderSettings, provider_named
from autonomous_trading.adapters.providers.crypto import CryptoProvider, Exchange, is_exchange
from autonomous_trading.core import (
    InvalidInput,
    SourceCorrupt,
    SourceDenied,
    SourceUnavailable,
    Timeframe,
    TradingError,
    UnknownName,
)
from autonomous_trading.data import BarsRequest, RawBars, Span
from autonomous_trading.testing.contracts.providers import made_rows
from autonomous_trading.testing.servers.answering import Answer, Asked, WebServer, json_answer, web_server
from autonomous_trading.testing.servers.exchange import Market, binance_server, kraken_server

HOUR = Timeframe.of("1h")
ROWS = {"BTC/USDT": made_rows("BTC/USDT", HOUR, 1), "ETH/USDT": made_rows("ETH/USDT", HOUR, 2)}
FIRST = int(ROWS["BTC/USDT"].time[0])
NOW = int(ROWS["BTC/USDT"].time[-1]) + 3 * HOUR.ns
MARKET = Market(ROWS, HOUR, NOW)
ALL = BarsRequest(("BTC/USDT",), HOUR, Span(FIRST, NOW))


@contextmanager
def provider_at(
    url: str,
    name: str = "binance",
    *,
    waits: list[float] | None = None,
    now: int = NOW,
    patience: Patience | None = None,
) -> Iterator[CryptoProvider]:
    noted: list[float] = [] if waits is None else waits
    asked = Exchange(
        name,
        patience=patience or Patience(attempts=3, timeout=2.0, longest_wait=10.0),
        url=url,
        within_rate=False,
        sleep=noted.append,
    )
    provider = CryptoProvider(asked, now=lambda: now)
    try:
        yield provider
    finally:
        provider.close()


@contextmanager
def answered(answer: Callable[[Asked], Answer], path: str = "/api/v3/klines") -> Iterator[WebServer]:
    """Binance, with answers of one's own at one path."""
    with binance_server(MARKET) as real:
        import requests

        def both(asked: Asked) -> Answer:
            if asked.path == path:
                return answer(asked)
            passed = requests.get(real.url + asked.path, params=dict(asked.query), timeout=10)
            return Answer(passed.content, passed.status_code)

        with web_server(both) as server:
            yield server


def failure(answer: Answer, waits: list[float] | None = None) -> TradingError:
    with (
        answered(lambda _: answer) as server,
        provider_at(server.url, waits=waits) as provider,
        pytest.raises(TradingError) as caught,
    ):
        list(provider.pages(ALL))
    return caught.value


ERRORS: Mapping[str, tuple[Answer, type[TradingError]]] = {
    "symbol": (json_answer({"code": -1121, "msg": "Invalid symbol."}, 400), UnknownName),
    "interval": (json_answer({"code": -1120, "msg": "Invalid interval."}, 400), InvalidInput),
    "key": (json_answer({"code": -2014, "msg": "API-key format invalid."}, 401), SourceDenied),
    "restricted": (
        json_answer({"code": 0, "msg": "Service unavailable from a restricted location according to 'b.'"}, 451),
        SourceDenied,
    ),
    "firewall": (Answer(b"<html><body><h1>403 Forbidden</h1></body></html>", 403, kind="text/html"), SourceDenied),
    "busy": (json_answer({"code": -1003, "msg": "Too many requests."}, 429, Retry_After="3"), SourceUnavailable),
    "banned": (
        json_answer({"code": -1003, "msg": "Way too much request weight used; IP banned."}, 418, Retry_After="7200"),
        SourceUnavailable,
    ),
    "gateway": (Answer(b"<html><body>502 Bad Gateway</body></html>", 502, kind="text/html"), SourceUnavailable),
    "cut": (Answer(b"[[1709510400000,", cut=10_000), SourceUnavailable),
    "symbol under 200": (json_answer({"code": -1121, "msg": "Invalid symbol."}), UnknownName),
}


@pytest.mark.parametrize("case", ERRORS)
def test_errors_are_told_in_our_words(case: str) -> None:
    answer, kind = ERRORS[case]
    error = failure(answer)
    assert type(error) is kind
    assert "binance" in str(error)
    assert "<" not in str(error)
    assert error.fix


def test_it_waits_as_long_as_it_is_asked_to() -> None:
    waits: list[float] = []
    assert isinstance(failure(ERRORS["busy"][0], waits), SourceUnavailable)
    assert len(waits) == 2
    assert min(waits) >= 3.0


def test_a_ban_is_not_waited_for_and_not_tried_again() -> None:
    waits: list[float] = []
    with answered(lambda _: ERRORS["banned"][0]) as server, provider_at(server.url, waits=waits) as provider:
        with pytest.raises(SourceUnavailable, match=r"asks to wait 7200 seconds.*Fix: come back after that"):
            list(provider.pages(ALL))
        assert [asked.path for asked in server.asked].count("/api/v3/klines") == 1
    assert waits == []


def test_every_question_keeps_to_the_span_and_markets_are_loaded_once() -> None:
    with binance_server(MARKET) as server, provider_at(server.url) as provider:
        for _ in range(2):
            list(provider.pages(ALL))
        paths = [asked.path for asked in server.asked]
        starts = [int(each.query["startTime"]) for each in server.asked if each.path == "/api/v3/klines"]
    assert paths.count("/api/v3/exchangeInfo") == 1
    assert paths.count("/api/v3/klines") == 2 * 4  # 260 rows, a hundred an answer, and one more that holds none
    assert starts[0] == FIRST // 1_000_000
    assert starts[:3] == sorted(starts[:3])


def test_a_short_answer_is_not_the_last_one() -> None:
    """An answer of five rows where a hundred were to be had: what it left out is asked for again."""
    with binance_server(replace(MARKET, most_rows=5)) as server, provider_at(server.url) as provider:
        assert sum(map(len, provider.pages(ALL))) == len(ROWS["BTC/USDT"])


def test_an_empty_answer_is_the_end() -> None:
    with binance_server(MARKET) as server, provider_at(server.url, now=NOW + 10_000 * HOUR.ns) as provider:
        later = replace(ALL, span=Span(NOW, NOW + 9_000 * HOUR.ns))
        assert list(provider.pages(later)) == []
        assert [asked.path for asked in server.asked].count("/api/v3/klines") == 1


def test_an_exchange_that_answers_for_windows_is_asked_for_each() -> None:
    """Where ccxt's exchange answers for a window of time, one without trades does not end it."""
    with binance_server(MARKET) as server, provider_at(server.url) as provider:
        exchange = provider._exchange
        exchange.name = "another"  # one about which we know nothing
        exchange.library.features = {"spot": {"fetchOHLCV": {"limit": 50}}}
        real = exchange.library.fetch_ohlcv

        def window(symbol: str, timeframe: str, since: int, most: int) -> Any:
            rows = real(symbol, timeframe, since, most)
            stop = since + most * HOUR.ns // 1_000_000
            inside = [row for row in rows if row[0] < stop]
            exchange.library.last_json_response = [[0] * 12 for _ in inside]
            return inside

        exchange.library.fetch_ohlcv = window
        early = replace(ALL, span=Span(FIRST - 500 * HOUR.ns, NOW))
        found = RawBars.joined(list(provider.pages(early)))
    assert np.array_equal(found.time, ROWS["BTC/USDT"].time)


def test_kraken_refuses_what_it_does_not_keep() -> None:
    with kraken_server(MARKET) as server, provider_at(server.url, "kraken") as provider:
        early = replace(ALL, span=Span(NOW - 721 * HOUR.ns, NOW))
        with pytest.raises(InvalidInput, match=r"gives its last 720 bars alone.*Fix: ask for a later start"):
            list(provider.pages(early))
        assert server.asked == []


def test_trades_are_known_when_they_are_received() -> None:
    with binance_server(MARKET) as server, provider_at(server.url) as provider:
        latest = provider.trades("BTC/USDT", most=50)
        since = provider.trades("BTC/USDT", since=FIRST + 1, most=50)
    held = ROWS["BTC/USDT"]
    assert len(latest) == 50
    assert np.array_equal(latest.events, held.time[-50:])
    assert np.array_equal(latest.price, held.close[-50:])
    assert set(latest.time.tolist()) == {NOW}
    assert set(latest.sides.tolist()) == {1, -1}
    assert latest.exchanges == ("binance",)
    assert since.events[0] == held.time[1]


def test_a_book_is_one_snapshot() -> None:
    with binance_server(MARKET) as server, provider_at(server.url) as provider:
        book = provider.order_book("ETH/USDT", depth=20)
        with pytest.raises(UnknownName, match="unknown binance symbol 'ETH/USD'"):
            provider.order_book("ETH/USD")
    bids, asks = book.price[book.side == 1], book.price[book.side == -1]
    assert len(bids) == len(asks) == 20
    assert bids[0] == bids.max() < asks[0] == asks.min()
    assert book.snapshot.all()
    assert set(book.time.tolist()) == {NOW}


def test_kraken_gives_trades_and_a_book() -> None:
    with kraken_server(MARKET) as server, provider_at(server.url, "kraken") as provider:
        assert len(provider.trades("BTC/USDT", most=10)) == 10
        book = provider.order_book("BTC/USDT", depth=5)
        with pytest.raises(UnknownName):
            provider.trades("DOGE/USDT")
    assert len(book) == 10


BOOKS: Mapping[str, object] = {
    "crossed": {"lastUpdateId": 1, "bids": [["101.0", "1"]], "asks": [["100.0", "1"]]},
    "negative": {"lastUpdateId": 1, "bids": [["-1.0", "1"]], "asks": [["100.0", "1"]]},
    "without a size": {"lastUpdateId": 1, "bids": [["99.0"]], "asks": [["100.0", "1"]]},
}


@pytest.mark.parametrize("case", BOOKS)
def test_a_book_that_cannot_be_is_refused(case: str) -> None:
    with (
        answered(lambda _: json_answer(BOOKS[case]), "/api/v3/depth") as server,
        provider_at(server.url) as provider,
        pytest.raises(SourceCorrupt, match="binance"),
    ):
        provider.order_book("BTC/USDT")


TRADES: Mapping[str, object] = {
    "no time": [{"a": 1, "p": "100.0", "q": "1.0", "m": True}],
    "no price": [{"a": 1, "q": "1.0", "T": FIRST // 1_000_000, "m": True}],
    "negative price": [{"a": 1, "p": "-5", "q": "1.0", "T": FIRST // 1_000_000, "m": True}],
}


@pytest.mark.parametrize("case", TRADES)
def test_trades_that_cannot_be_are_refused(case: str) -> None:
    with (
        answered(lambda _: json_answer(TRADES[case]), "/api/v3/aggTrades") as server,
        provider_at(server.url) as provider,
        pytest.raises(SourceCorrupt, match="binance"),
    ):
        provider.trades("BTC/USDT")


def test_the_library_tries_nothing_again_and_has_a_timeout() -> None:
    with provider_at("http://127.0.0.1:9", patience=Patience(attempts=1, timeout=1.5)) as provider:
        library = provider._exchange.library
        assert library.options["maxRetriesOnFailure"] == 0
        assert library.timeout == 1500
        assert library.urls["api"]["public"] == "http://127.0.0.1:9/api/v3"
        assert not provider._exchange.library.apiKey


def test_an_exchange_is_never_asked_faster_than_it_allows() -> None:
    real = provider_named("binance")
    local = provider_named("binance", ProviderSettings(options={"crypto": {"url": "http://127.0.0.1:9"}}))
    assert isinstance(real, CryptoProvider)
    assert isinstance(local, CryptoProvider)
    assert real._exchange.library.enableRateLimit
    assert not local._exchange.library.enableRateLimit
    assert real._exchange.library.urls["api"]["public"].startswith("https://api.binance.com/")
    real.close()
    local.close()


def test_exchanges_are_known_by_their_ccxt_names() -> None:
    assert is_exchange("binance")
    assert is_exchange("bitvavo")
    assert not is_exchange("base")
    assert not is_exchange("no/exchange")
    assert not is_exchange("__init__")
    assert provider_named("bitvavo").name == "bitvavo"
    with pytest.raises(UnknownName, match=r"unknown provider 'binanze'. Fix: did you mean 'binance'"):
        provider_named("binanze")
    with pytest.raises(UnknownName, match="unknown exchange 'nonsense'"):
        Exchange("nonsense", patience=Patience())


def test_without_ccxt_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "ccxt", None)
    with pytest.raises(InvalidInput, match=r"ccxt, which is not installed. Fix: pip install .*\[crypto\]"):
        Exchange("binance", patience=Patience())
