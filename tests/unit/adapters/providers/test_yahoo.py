"""Yahoo: what the contract of providers does not ask for."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest

from autonomous_trading.adapters.providers import Patience, ProviderSettings, provider_named
from autonomous_trading.adapters.providers.yahoo import YahooProvider, YahooSession
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
from autonomous_trading.data.actions import CorporateAction
from autonomous_trading.testing.contracts.providers import made_rows
from autonomous_trading.testing.servers.answering import Answer, json_answer, web_server
from autonomous_trading.testing.servers.yahoo import YahooMarket, yahoo_server

HOUR, DAY = Timeframe.of("1h"), Timeframe.of("1d")
HOURLY, DAILY = made_rows("AAPL", HOUR, count=100), made_rows("AAPL", DAY, count=400)
DAY_NS = DAY.ns


def market(rows: RawBars, timeframe: Timeframe, after: int = 2 * DAY_NS) -> YahooMarket:
    return YahooMarket({"AAPL": rows}, timeframe, int(rows.time[-1]) + after)


def everything(of: YahooMarket) -> BarsRequest:
    return BarsRequest(("AAPL",), of.timeframe, Span(int(of.rows["AAPL"].time[0]), of.now), adjustment="split")


@contextmanager
def provider_at(url: str, now: int, waits: list[float] | None = None) -> Iterator[YahooProvider]:
    noted: list[float] = [] if waits is None else waits
    patience = Patience(attempts=3, timeout=2.0, longest_wait=10.0)
    provider = YahooProvider(YahooSession(patience=patience, url=url, sleep=noted.append), now=lambda: now)
    try:
        yield provider
    finally:
        provider.close()


def read(of: YahooMarket, request: BarsRequest | None = None) -> RawBars:
    with yahoo_server(of) as server, provider_at(server.url, of.now) as provider:
        return RawBars.joined(list(provider.pages(request or everything(of))))


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Tokyo", "Pacific/Auckland", "Europe/London"])
def test_daily_bars_carry_their_session_date(zone: str) -> None:
    """Whatever the zone of the exchange, through both changes of the clocks."""
    of = replace(market(DAILY, DAY), zone=zone)
    assert np.array_equal(read(of).time, DAILY.time)


def test_raw_is_refused_because_it_is_not_to_be_had() -> None:
    of = market(DAILY, DAY)
    with pytest.raises(InvalidInput, match=r'adjusted for splits, so that .* not to be had.*the adjustment "split"'):
        read(of, replace(everything(of), adjustment="raw"))


@pytest.mark.parametrize(("text", "days"), [("1m", 8), ("5m", 60), ("1h", 730)])
def test_bars_older_than_yahoo_keeps_are_refused_with_the_reason(text: str, days: int) -> None:
    of = YahooMarket({"AAPL": HOURLY}, HOUR, int(HOURLY.time[-1]))
    with yahoo_server(of) as server, provider_at(server.url, of.now) as provider:
        early = Span(of.now - days * DAY_NS - 1, of.now)
        with pytest.raises(InvalidInput, match=f"bars of {text} for the last {days} days alone"):
            list(provider.pages(BarsRequest(("AAPL",), Timeframe.of(text), early, adjustment="split")))
        assert server.asked == []
        list(provider.pages(BarsRequest(("AAPL",), Timeframe.of(text), Span(early.start + 1, of.now), "split")))
        assert server.asked


def test_the_latest_price_is_no_bar() -> None:
    of = replace(market(HOURLY, HOUR, after=50 * 60 * 1_000_000_000), latest_price=True)
    later = replace(of, now=of.now + 9 * HOUR.ns + 7_000_000_000)
    assert np.array_equal(read(of).time, HOURLY.time[:-1])
    assert np.array_equal(read(later).time, HOURLY.time)


def test_prices_that_are_null_come_as_missing() -> None:
    gaps = replace(HOURLY, high=np.where(np.arange(100) == 7, np.nan, HOURLY.high))
    found = read(market(gaps, HOUR))
    assert np.flatnonzero(np.isnan(found.high)).tolist() == [7]


def test_times_before_it_was_listed_hold_nothing() -> None:
    of = market(DAILY, DAY)
    early = Span(int(DAILY.time[0]) - 8_000 * DAY_NS, int(DAILY.time[0]) - 30 * DAY_NS)
    with yahoo_server(of) as server, provider_at(server.url, of.now) as provider:
        assert list(provider.pages(replace(everything(of), span=early))) == []
        assert len(server.asked) == 3  # ten years a question


def test_dividends_and_splits() -> None:
    dates = [int(DAILY.time[at]) for at in (10, 50, 90)]
    actions = (
        CorporateAction("dividend", "AAPL", dates[0], dates[0], amount=0.24),
        CorporateAction("split", "AAPL", dates[1], dates[1], ratio=4.0),
        CorporateAction("dividend", "AAPL", dates[2], dates[2], amount=0.25),
    )
    of = replace(market(DAILY, DAY), actions=actions)
    with yahoo_server(of) as server, provider_at(server.url, of.now) as provider:
        assert provider.actions("AAPL", Span(int(DAILY.time[0]), of.now)) == actions
        assert provider.actions("AAPL", Span(dates[0] + 1, dates[2])) == actions[1:2]
        assert provider.actions("AAPL", Span(dates[0] - 9_000 * DAY_NS, dates[0] - 8_000 * DAY_NS)) == ()


EVENTS: Mapping[str, object] = {
    "no amount": {"dividends": {"1": {"date": 1_709_562_600}}},
    "no date": {"splits": {"1": {"numerator": 4, "denominator": 1}}},
    "nothing for nothing": {"splits": {"1": {"date": 1_709_562_600, "numerator": 4, "denominator": 0}}},
    "negative": {"dividends": {"1": {"date": 1_709_562_600, "amount": -1.0}}},
    "a list": {"dividends": [1, 2]},
    "a word": {"dividends": {"1": "much"}},
}


@pytest.mark.parametrize("case", EVENTS)
def test_events_that_cannot_be_are_refused(case: str) -> None:
    meta = {"symbol": "AAPL", "dataGranularity": "1d", "exchangeTimezoneName": "America/New_York"}
    result = {"meta": meta, "events": EVENTS[case], "indicators": {"quote": [{}]}}
    answer = json_answer({"chart": {"result": [result], "error": None}})
    with (
        web_server(lambda _: answer) as server,
        provider_at(server.url, int(DAILY.time[-1])) as provider,
        pytest.raises(SourceCorrupt, match="an event of AAPL cannot be"),
    ):
        provider.actions("AAPL", Span(int(DAILY.time[0]), int(DAILY.time[-1])))


def said(code: str, description: str, status: int) -> Answer:
    return json_answer({"chart": {"result": None, "error": {"code": code, "description": description}}}, status)


ERRORS: Mapping[str, tuple[Answer, type[TradingError]]] = {
    "symbol": (said("Not Found", "No data found, symbol may be delisted", 404), UnknownName),
    "range": (said("Unprocessable Entity", "The requested range must be within the last 730 days.", 422), InvalidInput),
    "crumb": (said("Unauthorized", "Invalid Crumb", 401), SourceDenied),
    "country": (Answer(b"<html><body>Unavailable For Legal Reasons</body></html>", 451), SourceDenied),
    "busy": (Answer(b"Too Many Requests\r\n", 429, headers={"Retry-After": "4"}), SourceUnavailable),
    "gateway": (Answer(b"<html>502 Bad Gateway</html>", 502, kind="text/html"), SourceUnavailable),
    "down": (Answer(b"<html>Will be right back...</html>", kind="text/html"), SourceUnavailable),
    "cut": (Answer(b'{"chart":', cut=10_000), SourceUnavailable),
    "no meta": (json_answer({"chart": {"result": [{"indicators": {}}], "error": None}}), SourceCorrupt),
    "a list": (json_answer([]), SourceCorrupt),
    "error in words": (json_answer({"chart": {"result": None, "error": "no"}}), SourceCorrupt),
}


@pytest.mark.parametrize("case", ERRORS)
def test_errors_are_told_in_our_words(case: str) -> None:
    answer, kind = ERRORS[case]
    waits: list[float] = []
    of = market(HOURLY, HOUR)
    with (
        web_server(lambda _: answer) as server,
        provider_at(server.url, of.now, waits) as provider,
        pytest.raises(TradingError) as caught,
    ):
        list(provider.pages(everything(of)))
    assert type(caught.value) is kind
    assert "Yahoo" in str(caught.value)
    assert "<" not in str(caught.value)
    assert (len(waits) == 2) == (kind is SourceUnavailable)
    if case == "busy":
        assert min(waits) >= 4.0


def test_a_long_wait_is_not_waited_for() -> None:
    of, waits = market(HOURLY, HOUR), list[float]()
    answer = Answer(b"Too Many Requests\r\n", 429, headers={"Retry-After": "600"})
    with web_server(lambda _: answer) as server, provider_at(server.url, of.now, waits) as provider:
        with pytest.raises(SourceUnavailable, match="come back in 600 seconds"):
            list(provider.pages(everything(of)))
        assert len(server.asked) == 1
    assert waits == []


def test_symbols_are_quoted() -> None:
    of = market(HOURLY, HOUR)
    with yahoo_server(of) as server, provider_at(server.url, of.now) as provider:
        with pytest.raises(UnknownName, match=r"Yahoo has no '\.\./x\?y=1'"):
            list(provider.pages(replace(everything(of), symbols=("../x?y=1",))))
        assert server.asked[0].path == "/v8/finance/chart/..%2Fx%3Fy%3D1"


def test_it_is_had_by_name() -> None:
    of = market(HOURLY, HOUR)
    with yahoo_server(of) as server:
        provider = provider_named("yahoo", ProviderSettings(options={"yahoo": {"url": server.url}}))
        assert isinstance(provider, YahooProvider)
        with pytest.raises(UnknownName):
            list(provider.pages(BarsRequest(("MSFT",), DAY, Span(0, of.now), adjustment="split")))
        provider.close()


def test_without_yfinance_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "yfinance._http", None)
    with pytest.raises(InvalidInput, match=r"yfinance, which is not installed. Fix: pip install .*\[yahoo\]"):
        YahooSession()


def test_it_asks_yahoo_itself_where_no_other_server_is_named() -> None:
    session = YahooSession()
    assert session._url == "https://query2.finance.yahoo.com"
    session.close()
