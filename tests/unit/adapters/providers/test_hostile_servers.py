"""Servers that drip, never end, send us elsewhere or repeat our key: left in time, not followed, and never quoted."""

from __future__ import annotations

import hashlib
import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingTCPServer
from typing import Any

import pytest
import requests

from autonomous_trading.adapters.catalogue import ParquetCatalogue
from autonomous_trading.adapters.providers import Patience, ProviderSettings, provider_named
from autonomous_trading.adapters.providers.alpaca import AlpacaKeys, AlpacaPlace, AlpacaProvider, AlpacaReader
from autonomous_trading.adapters.providers.yahoo import YahooSession
from autonomous_trading.adapters.series import FredClient
from autonomous_trading.app.market_data import sync
from autonomous_trading.core import SourceCorrupt, SourceDenied, SourceUnavailable, Timeframe, TradingError, UnknownName
from autonomous_trading.data import BarsRequest, Span
from autonomous_trading.testing.servers.answering import Answer, Asked, dripping_server, json_answer, web_server

KEY = hashlib.sha512(b"a key").hexdigest()  # 128 characters, no two stretches of it alike
HALF = 12
LONG = 20.0  # seconds: for a machine that is busy
HOUR_NS = 3_600_000_000_000
DAYS = BarsRequest(("BTC/USDT",), Timeframe.of("1d"), Span(0, 10**15))
Ask = Callable[[str, float], object]


def once(seconds: float) -> Patience:
    return Patience(attempts=1, timeout=seconds)


def alpaca(url: str, seconds: float) -> object:
    reader = AlpacaReader(AlpacaKeys.of(KEY, KEY[::-1]), AlpacaPlace(url, url, patience=once(seconds)))
    try:
        return reader.data("v2", "/stocks/bars", {"symbols": "AAPL"})
    finally:
        reader.close()


def exchange(url: str, seconds: float) -> object:
    provider = provider_named("binance", ProviderSettings(options={"crypto": {"url": url}}, patience=once(seconds)))
    try:
        return list(provider.pages(DAYS))
    finally:
        provider.close()


def yahoo(url: str, seconds: float) -> object:
    return of_yahoo(YahooSession(url=url, patience=once(seconds)))


def yahoo_without_curl(url: str, seconds: float) -> object:
    session = YahooSession(url=url, patience=once(seconds))
    session._session, session._curl = requests.Session(), False
    return of_yahoo(session)


def of_yahoo(session: YahooSession) -> object:
    try:
        return session.chart("AAPL", {})
    finally:
        session.close()


def fred(url: str, seconds: float) -> object:
    return FredClient(KEY, address=url, patience=once(seconds)).vintages("GDP")


SOURCES = [alpaca, exchange, yahoo, yahoo_without_curl, fred]


@pytest.mark.parametrize("ask", SOURCES)
def test_headers_that_drip_are_left_when_the_time_of_the_answer_is_over(ask: Ask) -> None:
    """Without an end of the whole, all bytes would come, and the answer would be told as what it is."""
    left = "no answer after 1 attempts"
    with dripping_server(b"no JSON", pieces=200) as url, pytest.raises(SourceUnavailable, match=left):
        ask(url, 1.0)


def always(answer: Answer) -> Callable[[Asked], Answer]:
    return lambda _: answer


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("ask", SOURCES)
def test_nobody_else_is_told_what_we_ask(ask: Ask, status: int) -> None:
    with web_server(lambda _: json_answer({})) as other:
        elsewhere = other.url.replace("127.0.0.1", "localhost")
        for target in (other.url, elsewhere, f"//{elsewhere.partition('//')[2]}"):
            away = Answer(b"", status, headers={"Location": f"{target}/somewhere?of=it"})
            with web_server(always(away)) as server:
                with pytest.raises(SourceCorrupt, match=f"status {status}, a redirect to .*, which is not followed"):
                    ask(server.url, LONG)
                assert len(server.asked) == 1
        assert other.asked == []


def yahoo_read(url: str, seconds: float) -> object:
    provider = provider_named("yahoo", ProviderSettings(options={"yahoo": {"url": url}}, patience=once(seconds)))
    try:
        return list(provider.pages(BarsRequest(("AAPL",), Timeframe.of("1d"), DAYS.span, "split")))
    finally:
        provider.close()


@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize("ask", [alpaca, exchange, yahoo_read, fred])
def test_what_is_nested_too_deeply_to_be_read_is_refused_as_what_it_is(ask: Ask, status: int) -> None:
    deep = Answer(b"[" * 150_000, status)
    with web_server(always(deep)) as server, pytest.raises(TradingError) as told:
        ask(server.url, LONG)
    assert len(str(told.value)) < 400


def test_an_exchange_that_redirects_in_circles_on_its_own_site_is_left() -> None:
    with web_server(lambda asked: Answer(b"", 302, headers={"Location": f"{asked.path}?again"})) as server:
        with pytest.raises(SourceCorrupt, match="is redirected more than 3 times") as told:
            exchange(server.url, LONG)
        assert len(server.asked) == 4
    assert "name the address that answers by itself" in told.value.fix


@contextmanager
def broken_off(given: bytes, *, stalls: bool) -> Iterator[str]:
    """The address of a server that sends so much, and then drops the line or holds it without another byte."""
    over = threading.Event()

    class Handler(BaseRequestHandler):
        def handle(self) -> None:
            self.request.recv(65_536)
            self.request.sendall(given)
            if stalls:
                over.wait()

    with ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            over.set()
            server.shutdown()
            thread.join()


@pytest.mark.parametrize("head", [b"Content-Length: 90\r\n\r\nbad", b"Transfer-Encoding: chunked\r\n\r\n9\r\nbad"])
@pytest.mark.parametrize("stalls", [True, False])
@pytest.mark.parametrize(("status", "kind"), [(400, SourceUnavailable), (403, SourceDenied), (404, UnknownName)])
def test_an_error_of_fred_whose_words_do_not_come_is_told_by_its_status(
    head: bytes, stalls: bool, status: int, kind: type[TradingError]
) -> None:
    given = b"HTTP/1.1 %d Bad\r\nConnection: close\r\n" % status + head
    with broken_off(given, stalls=stalls) as url, pytest.raises(kind, match="FRED") as told:
        fred(url, 0.3)
    assert status != 400 or "FRED answered 400" in str(told.value)


def endless(asked: Asked) -> Answer:
    """A bar an hour, and always another page."""
    number = int(asked.query.get("page_token", "0"))
    start = f"2023-01-{1 + number // 24:02d}T{number % 24:02d}:00:00Z"
    row = {"t": start, "o": 1.0, "h": 1.0, "l": 1.0, "c": 1.0, "v": 1.0, "n": 1, "vw": 1.0}
    return json_answer({"bars": {"AAPL": [row]}, "next_page_token": str(number + 1)})


def test_pages_without_end_end_and_nothing_is_kept(tmp_path: Path) -> None:
    span = Span(1_672_531_200_000_000_000, 1_672_531_200_000_000_000 + 700 * HOUR_NS)
    wanted = BarsRequest(("AAPL",), Timeframe.of("1h"), span)
    catalogue = ParquetCatalogue(tmp_path / "root")
    with web_server(endless) as server:
        place = AlpacaPlace(server.url, "", pages=30, calls=10_000, patience=once(LONG))
        provider = AlpacaProvider(AlpacaKeys.of(KEY, KEY[::-1]), place, now=lambda: span.stop + 900 * HOUR_NS)
        with pytest.raises(SourceCorrupt, match="has more than 30 pages"):
            sync(provider, catalogue, wanted, now=lambda: span.stop + 900 * HOUR_NS)
        provider.close()
        assert len(server.asked) == 30
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def parts_of(key: str) -> set[str]:
    return {key[at : at + HALF] for at in range(len(key) - HALF + 1)}


def told_of(error: BaseException) -> str:
    """All that a traceback would show of an error."""
    causes = [error]
    while (before := causes[-1].__cause__) is not None:
        causes.append(before)
    return " ".join(f"{each} {each!r} {each.args}" for each in causes)


def repeated(filled: int) -> list[Answer]:
    """Answers that repeat a key, behind so many characters: wherever a text is cut, it is cut inside of one key."""
    text = "x" * filled + KEY + KEY[::-1] + KEY
    headers: dict[str, Any] = {"Location": f"http://127.0.0.1:1/{text}?{text}"}
    return [
        *(json_answer({"message": text}, status) for status in (400, 401, 403, 404, 422, 429, 500)),
        *(Answer(text.encode(), status) for status in (200, 204, 400, 401, 500)),
        Answer(f"<title>{text}</title>".encode(), 401, kind="text/html"),
        Answer(b"{}", 302, headers=headers),
        Answer(b"{}", 500, headers={"Retry-After": text}),
        json_answer({text: 1}),
        json_answer({"error_message": f"api_key {text}"}, 400),
        json_answer({"count": 1, "observations": [{"realtime_start": text, "date": text, "value": text}]}),
        json_answer({"count": text, "observations": text}),
        Answer(b'{"' + text.encode() + b'": NaN}'),
        Answer(b"{", cut=9, headers={f"X-{text}": text}),
    ]


@pytest.mark.parametrize("filled", [0, 5, 40, 70, 100, 155])
@pytest.mark.parametrize(("ask", "keys"), [(alpaca, (KEY, KEY[::-1])), (fred, (KEY,))])
def test_no_part_of_a_long_key_is_shown(ask: Ask, keys: tuple[str, ...], filled: int) -> None:
    answers = repeated(filled)
    secrets = set().union(*map(parts_of, keys))
    turn = itertools.chain(answers)
    refused = longest = 0
    with web_server(lambda _: next(turn)) as server:
        for _ in answers:
            try:
                ask(server.url, LONG)
            except TradingError as error:
                refused += 1
                told = told_of(error)
                assert [part for part in secrets if part in told] == [], told
                longest = max(longest, len(str(error)))
    assert longest < 1_000
    assert refused >= len(answers) - 4  # what is no error of one source may be none
