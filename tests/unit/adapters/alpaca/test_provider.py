"""Bars of Alpaca: what is asked for, page by page, and what comes of it."""

from dataclasses import replace

import numpy as np
import pytest

from autonomous_trading.adapters.providers.alpaca import AlpacaPlace, AlpacaProvider
from autonomous_trading.core import Bars, InvalidInput, SourceCorrupt, SourceDenied, UnknownName
from autonomous_trading.data import BarsRequest, RawBars
from autonomous_trading.testing.servers.alpaca import AlpacaMarket, AlpacaServer, Subscription, WireAnswer
from tests.unit.adapters.alpaca.places import asked, ns, provider_of, rows_of

CONTRACT = "AAPL240119C00190000"


def bars(time: list[int], symbol: str = "AAPL") -> Bars:
    close = 100.0 + np.arange(len(time), dtype=np.float64)
    return Bars(np.array(time), close, close + 1.0, close - 1.0, close, np.full(len(time), 10.0), symbol)


def answered(timeframe: str, held: Bars | RawBars, start: str, stop: str, now: str) -> list[str]:
    """The times that a provider gives of a market with one series, as text."""
    with AlpacaServer(AlpacaMarket({(held.symbol, timeframe): held}), now=lambda: ns(now)) as server:
        provider = provider_of(server, now=lambda: ns(now))
        found = rows_of(provider, asked(held.symbol, timeframe=timeframe, start=start, stop=stop))
        provider.close()
    time = found[held.symbol].time if found else np.empty(0, dtype=np.int64)
    return [str(each)[:16] for each in time.astype("datetime64[ns]")]


def test_several_symbols_share_a_request(server: AlpacaServer, provider: AlpacaProvider, market: AlpacaMarket) -> None:
    found = rows_of(provider, asked("AAPL", "MSFT"))
    for symbol in ("AAPL", "MSFT"):
        held = market.bars[symbol, "1h"]
        for name in ("time", "open", "high", "low", "close", "volume"):
            np.testing.assert_array_equal(getattr(found[symbol], name), getattr(held, name))
        assert set(found[symbol].extra) == {"trade_count", "vwap"}
        assert found[symbol].received_at == ns("2024-01-01")
    (request,) = server.seen
    assert request.path == "/v2/stocks/bars"
    assert request.parameters == {
        "symbols": "AAPL,MSFT",
        "timeframe": "1Hour",
        "start": "2023-01-01T00:00:00Z",
        "end": "2023-05-31T23:59:59.999999999Z",
        "sort": "asc",
        "adjustment": "raw",
        "feed": "sip",
        "limit": "10000",
    }


def test_pages_are_followed_one_by_one(server: AlpacaServer) -> None:
    provider = provider_of(server, place=AlpacaPlace(server.url, server.url, rows=100))
    pages = list(provider.pages(asked("AAPL", "MSFT")))
    assert sum(map(len, pages)) == 2 * 60 * 7
    assert len(server.seen) == 9  # 840 rows, 100 a page
    assert [page.symbol for page in pages] == ["AAPL"] * 5 + ["MSFT"] * 5  # page 5 holds some of both


def test_crypto_and_options_have_their_own_addresses() -> None:
    hours = [ns("2024-01-08T15:00"), ns("2024-01-08T16:00")]
    held = {(symbol, "1h"): bars(hours, symbol) for symbol in ("BTC/USD", CONTRACT, "AAPL")}
    with AlpacaServer(AlpacaMarket(held), now=lambda: ns("2024-02-01")) as server:
        provider = provider_of(server, now=lambda: ns("2024-02-01"))
        found = rows_of(provider, asked("BTC/USD", CONTRACT, "AAPL", start="2024-01-01", stop="2024-01-31"))
        assert {symbol: len(rows) for symbol, rows in found.items()} == {"BTC/USD": 2, CONTRACT: 2, "AAPL": 2}
        paths = [request.path for request in server.seen]
        assert paths == ["/v1beta3/crypto/us/bars", "/v1beta1/options/bars", "/v2/stocks/bars"]
        assert all("feed" not in request.parameters for request in server.seen[:2])
        with pytest.raises(InvalidInput, match="prices of crypto are not adjusted"):
            list(provider.pages(_adjusted(asked("BTC/USD"), "split")))
        assert list(provider.pages(asked("AAPL240119P00190000"))) == []  # contracts are not looked up
        provider.close()


def _adjusted(request: BarsRequest, adjustment: str) -> BarsRequest:
    return replace(request, adjustment=adjustment)


@pytest.mark.parametrize(
    ("adjustment", "first", "volume"), [("raw", 100.0, 10.0), ("split", 25.0, 40.0), ("all", 25.0 * 0.99, 40.0)]
)
def test_adjustment_is_asked_of_alpaca(adjustment: str, first: float, volume: float) -> None:
    held = bars([ns("2024-01-08T15:00"), ns("2024-01-09T15:00")])
    actions = {
        "forward_splits": ({"symbol": "AAPL", "ex_date": "2024-01-09", "new_rate": 4, "old_rate": 1},),
        "cash_dividends": ({"symbol": "AAPL", "ex_date": "2024-01-09", "rate": 1.0},),
    }
    with AlpacaServer(AlpacaMarket({("AAPL", "1h"): held}, actions=actions), now=lambda: ns("2024-02-01")) as server:
        provider = provider_of(server, now=lambda: ns("2024-02-01"))
        request = _adjusted(asked("AAPL", start="2024-01-01", stop="2024-01-31"), adjustment)
        rows = rows_of(provider, request)["AAPL"]
        provider.close()
    assert rows.close[0] == pytest.approx(first, abs=1e-6)
    assert rows.close[1] == 101.0
    assert rows.volume[0] == volume


def test_days_carry_their_session_date_across_the_clock_change() -> None:
    dates = [ns(f"2024-03-{day:02d}") for day in (7, 8, 11, 12)]  # the clock changed on the 10th
    found = answered("1d", bars(dates), "2024-03-08", "2024-03-12", "2024-04-01")
    assert found == ["2024-03-08T00:00", "2024-03-11T00:00"]


def test_a_span_inside_a_day_or_an_hour_takes_the_bars_that_begin_in_it() -> None:
    dates = [ns("2024-03-07"), ns("2024-03-08"), ns("2024-03-11")]
    assert answered("1d", bars(dates), "2024-03-07T12:00", "2024-03-08T12:00", "2024-04-01") == ["2024-03-08T00:00"]
    hours = [ns(f"2024-03-07T{hour}:00") for hour in (15, 16, 17)]
    assert answered("1h", bars(hours), "2024-03-07T15:30", "2024-03-07T16:30", "2024-04-01") == ["2024-03-07T16:00"]


def test_lengths_whose_grid_is_not_known_are_asked_for_with_a_margin() -> None:
    hours = [ns(f"2024-03-07T{hour:02d}:00") for hour in (1, 5, 9, 13, 17)]  # every four hours, from one on
    found = answered("4h", bars(hours), "2024-03-07T03:00", "2024-03-07T13:00", "2024-04-01")
    assert found == ["2024-03-07T05:00", "2024-03-07T09:00"]
    months = [ns("2024-01-01"), ns("2024-02-01"), ns("2024-03-01")]
    assert answered("1M", bars(months), "2024-01-15", "2024-03-15", "2024-04-01") == [
        "2024-02-01T00:00",
        "2024-03-01T00:00",
    ]


def test_days_of_crypto_keep_the_hour_at_which_they_begin() -> None:
    """Calling them by their date would make them known six hours too early."""
    begins = [ns("2024-01-01T06:00"), ns("2024-01-02T06:00")]
    held = bars(begins, "BTC/USD")
    assert answered("1d", held, "2024-01-01", "2024-01-03", "2024-01-03T06:00") == [
        "2024-01-01T06:00",
        "2024-01-02T06:00",
    ]
    assert answered("1d", held, "2024-01-01", "2024-01-03", "2024-01-03T05:59") == ["2024-01-01T06:00"]


def test_nothing_is_asked_of_the_future(server: AlpacaServer, provider: AlpacaProvider) -> None:
    assert list(provider.pages(asked("AAPL", start="2024-01-02", stop="2024-02-01"))) == []
    assert server.seen == ()


def test_a_delayed_feed_has_bars_fifteen_minutes_later() -> None:
    held = bars([ns("2024-01-08T15:00"), ns("2024-01-08T16:00")])
    with AlpacaServer(AlpacaMarket({("AAPL", "1h"): held}), now=lambda: ns("2024-01-08T17:10")) as server:
        for feed, rows in (("iex", 2), ("delayed_sip", 1)):
            provider = provider_of(server, now=lambda: ns("2024-01-08T17:10"), feed=feed)
            assert len(rows_of(provider, asked("AAPL", start="2024-01-08", stop="2024-01-09"))["AAPL"]) == rows
            provider.close()


@pytest.mark.parametrize(
    ("symbol", "message"),
    [
        ("AAPPL", "unknown symbol of Alpaca 'AAPPL'. Fix: did you mean 'AAPL'?"),
        ("BTX/USD", "unknown symbol of Alpaca 'BTX/USD'. Fix: did you mean 'BTC/USD'?"),
        ("aapl", "'aapl' is no symbol of Alpaca. Fix: write 'AAPL'"),
        ("A PL", "'A PL' is no symbol of Alpaca. Fix: write AAPL, BTC/USD or"),
        ("../orders", "is no symbol of Alpaca"),
    ],
)
def test_symbols_that_are_none(provider: AlpacaProvider, symbol: str, message: str) -> None:
    with pytest.raises(UnknownName, match=message.replace("?", r"\?")):
        list(provider.pages(asked(symbol)))


def test_who_may_not_see_the_list_of_symbols_gets_no_bars_and_no_error(server: AlpacaServer) -> None:
    silent = provider_of(server, place=AlpacaPlace(server.url, ""))
    assert list(silent.pages(asked("NONE"))) == []
    assert [each.path for each in server.seen] == ["/v2/stocks/bars"]
    listed = provider_of(server)
    assert list(listed.pages(asked("AAPL", start="2022-01-01", stop="2022-02-01"))) == []  # listed, and not yet then


def test_feeds(server: AlpacaServer, market: AlpacaMarket) -> None:
    with pytest.raises(UnknownName, match="did you mean 'sip' or 'iex'"):
        provider_of(server, feed="six")
    denied = provider_of(server, feed="otc")
    with pytest.raises(SourceDenied, match=r"does not permit querying OTC data \(403\). Fix: use the feed iex"):
        list(denied.pages(asked("AAPL")))
    with AlpacaServer(market, subscription=Subscription(frozenset({"otc"})), now=lambda: ns("2024-01-01")) as paid:
        assert rows_of(provider_of(paid, feed="otc"), asked("AAPL"))
    recent = provider_of(server, now=lambda: ns("2024-01-01"))
    with pytest.raises(SourceDenied, match="recent SIP data"):
        list(recent.pages(asked("AAPL", start="2023-12-31", stop="2024-01-01")))


def test_timeframes_that_alpaca_does_not_make(provider: AlpacaProvider) -> None:
    with pytest.raises(InvalidInput, match=r"Alpaca makes no bars of 90m\. Fix: use 1m to 59m"):
        list(provider.pages(asked("AAPL", timeframe="90m")))
    assert {"1m", "59m", "1h", "23h", "1d", "1w", "12M"} <= set(provider.capabilities().timeframes)


def test_days_that_do_not_begin_at_midnight_in_new_york_are_refused() -> None:
    held = bars([ns("2024-01-08T05:00"), ns("2024-01-09T00:00")], "MSFT")

    def lying(answer: WireAnswer) -> WireAnswer:
        return answer.with_document(
            {
                "bars": {"MSFT": [{"t": "2024-01-08T00:00:00Z", "o": 1, "h": 1, "l": 1, "c": 1, "v": 1}]},
                "next_page_token": None,
            }
        )

    with AlpacaServer(AlpacaMarket({("MSFT", "1d"): held}), now=lambda: ns("2024-02-01")) as server:
        server.spoil_always(lying)
        provider = provider_of(server, now=lambda: ns("2024-02-01"))
        with pytest.raises(SourceCorrupt, match="stamps them with midnight in New York"):
            list(provider.pages(asked("MSFT", timeframe="1d", start="2024-01-01", stop="2024-01-20")))
        provider.close()


def test_texts_about_it_hold_no_keys(provider: AlpacaProvider) -> None:
    assert repr(provider).startswith("AlpacaProvider('http://127.0.0.1:")
    assert repr(provider.reader).startswith("AlpacaReader('http://127.0.0.1:")
    assert provider.name == "alpaca"
