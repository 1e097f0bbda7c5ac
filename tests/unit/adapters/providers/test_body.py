"""An answer that drips, never ends, or is packed small and huge inside, holds nobody up and fills nothing."""

from __future__ import annotations

import gzip
import itertools

import pytest
import requests

from autonomous_trading.adapters.providers import Patience, ProviderSettings, provider_named, whole_body
from autonomous_trading.adapters.providers._body import MOST_BYTES, some_of
from autonomous_trading.adapters.providers.yahoo import YahooSession
from autonomous_trading.adapters.series import FredClient
from autonomous_trading.core import SourceCorrupt, SourceUnavailable, Timeframe
from autonomous_trading.data import BarsRequest, Span
from autonomous_trading.testing.servers.answering import Answer, web_server

ONCE = Patience(attempts=1, timeout=20.0)
TOO_MUCH = b" " * (MOST_BYTES + 1)
PACKED = Answer(gzip.compress(TOO_MUCH, 1), headers={"Content-Encoding": "gzip"})
DAYS = BarsRequest(("BTC/USDT",), Timeframe.of("1d"), Span(0, 10**15))


def test_a_body_that_drips_is_left_when_its_time_is_over() -> None:
    seconds = itertools.count()
    with pytest.raises(TimeoutError, match="the answer of x was not complete after 5 s"):
        whole_body(lambda _: b".", 5.0, place="x", clock=lambda: float(next(seconds)))
    assert next(seconds) == 7


def test_a_body_is_put_together_up_to_the_most_that_it_may_be() -> None:
    parts = [b"", b"cd", b"ab"]
    assert whole_body(lambda _: parts.pop(), 5.0, place="x", most=4) == b"abcd"
    parts = [b"", b"cde", b"ab"]
    with pytest.raises(SourceCorrupt, match="x sent more than 4 bytes"):
        whole_body(lambda _: parts.pop(), 5.0, place="x", most=4)


def test_what_has_come_is_not_held_back_until_there_is_more() -> None:
    cut = Answer(b"12345", cut=100)
    with web_server(lambda _: cut) as server, requests.get(server.url, stream=True, timeout=20.0) as response:
        read = some_of(response)
        assert read(65_536) == b"12345"
        with pytest.raises(requests.exceptions.ChunkedEncodingError):
            read(65_536)


def test_what_cannot_be_unpacked_is_told_as_requests_does() -> None:
    spoilt = Answer(b"no gzip at all", headers={"Content-Encoding": "gzip"})
    with web_server(lambda _: spoilt) as server, requests.get(server.url, stream=True, timeout=20.0) as response:
        read = some_of(response)
        with pytest.raises(requests.exceptions.ContentDecodingError):
            read(65_536)


def test_an_exchange_that_sends_without_end_is_left() -> None:
    with web_server(lambda _: PACKED) as server:
        exchange = provider_named("binance", ProviderSettings(options={"crypto": {"url": server.url}}, patience=ONCE))
        with pytest.raises(SourceCorrupt, match="sent more than 67,108,864 bytes"):
            list(exchange.pages(DAYS))
        exchange.close()


@pytest.mark.parametrize("curl", [True, False])
def test_yahoo_is_left_where_it_sends_without_end(curl: bool) -> None:
    """Also through requests, which yfinance falls back on where curl is not to be had."""
    with web_server(lambda _: PACKED) as server:
        yahoo = YahooSession(url=server.url, patience=ONCE)
        if not curl:
            yahoo._session, yahoo._curl = requests.Session(), False
        with pytest.raises(SourceCorrupt, match="Yahoo sent more than 67,108,864 bytes"):
            yahoo.chart("AAPL", {})
        yahoo.close()
    with web_server(lambda _: Answer("é".encode())) as server:
        yahoo = YahooSession(url=server.url, patience=ONCE)
        if not curl:
            yahoo._session, yahoo._curl = requests.Session(), False
        assert yahoo.chart("AAPL", {}) == (200, "é")
        yahoo.close()


def test_fred_is_left_where_it_sends_without_end() -> None:
    with web_server(lambda _: Answer(TOO_MUCH)) as server:
        fred = FredClient("canary-of-a-key", address=server.url, patience=ONCE)
        with pytest.raises(SourceCorrupt, match="sent more than 67,108,864 bytes"):
            fred.vintages("GDP")


@pytest.mark.parametrize("answer", [Answer(b"{", cut=9), Answer(b"", headers={"canary-of-a-key" * 5_000: ""})])
def test_a_broken_answer_of_fred_is_told_without_the_key(answer: Answer) -> None:
    with web_server(lambda _: answer) as server:
        fred = FredClient("canary-of-a-key", address=server.url, patience=ONCE)
        with pytest.raises(SourceUnavailable, match="no answer after 1 attempts") as told:
            fred.vintages("GDP")
    assert "canary" not in f"{told.value} {told.value.__cause__} {told.value.__context__}"
