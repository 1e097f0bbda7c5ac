"""Trades, quotes, options, corporate actions, news and the clock of a local Alpaca."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from autonomous_trading.adapters.providers.alpaca import (
    AlpacaReader,
    corporate_actions,
    market_clock,
    news,
    option_chain,
    quotes,
    require_open,
    trades,
)
from autonomous_trading.core import InvalidInput, SourceCorrupt, SourceDenied, SourceUnavailable
from autonomous_trading.data import Span
from autonomous_trading.testing.servers.alpaca import AlpacaMarket, AlpacaServer, Subscription
from tests.unit.adapters.alpaca.places import ns, provider_of

DAY = Span(ns("2024-01-03"), ns("2024-01-04"))
TRADES = (
    {"t": "2024-01-03T14:30:00.000000001Z", "x": "V", "p": 184.1, "s": 100, "c": ["@"], "i": 1, "z": "C"},
    {"t": "2024-01-03T14:30:00.5Z", "x": "D", "p": 184.2, "s": 5, "c": ["@", "I"], "i": 2, "z": "C"},
    {"t": "2024-01-04T00:00:00Z", "x": "D", "p": 190.0, "s": 5, "c": ["@"], "i": 3, "z": "C"},
)
PAIR = ({"t": "2024-01-03T01:00:00Z", "p": 45_000.0, "s": 0.5, "tks": "S", "i": 9},)
QUOTES = (
    {
        "t": "2024-01-03T14:30:00Z",
        "ax": "Q",
        "ap": 184.2,
        "as": 3,
        "bx": "N",
        "bp": 184.1,
        "bs": 2,
        "c": ["R"],
        "z": "C",
    },
    {"t": "2024-01-03T14:31:00Z", "ax": "Q", "ap": 0, "as": 0, "bx": "P", "bp": 184.0, "bs": 1, "c": ["R"]},
)
CHAIN: dict[str, dict[str, Any]] = {
    "AAPL240119C00190000": {
        "latestQuote": {"t": "2024-01-03T20:59:59Z", "ap": 1.1, "as": 10, "bp": 1.0, "bs": 5, "c": "A"},
        "latestTrade": {"t": "2024-01-03T20:59:00Z", "p": 1.05, "s": 1, "c": "a"},
        "greeks": {"delta": 0.25, "gamma": 0.03, "rho": 0.01, "theta": -0.08, "vega": 0.12},
        "impliedVolatility": 0.21,
    },
    "AAPL240216P00180000": {
        "latestQuote": {"t": "2024-01-03T20:59:59Z", "ap": 4.0, "as": 1, "bp": 3.9, "bs": 1, "c": "A"}
    },
}
ACTIONS: dict[str, tuple[dict[str, Any], ...]] = {
    "forward_splits": (
        {
            "symbol": "NVDA", "cusip": "67066G104", "new_rate": 10, "old_rate": 1, "process_date": "2024-06-10",
            "ex_date": "2024-06-10",
        },
    ),
    "reverse_splits": (
        {
            "symbol": "SIRI", "old_cusip": "1", "new_cusip": "2", "new_rate": 1, "old_rate": 10,
            "process_date": "2024-09-10", "ex_date": "2024-09-10",
        },
    ),
    "cash_dividends": (
        {
            "symbol": "AAPL", "cusip": "037833100", "rate": 0.24, "special": False, "foreign": False,
            "process_date": "2024-02-15", "ex_date": "2024-02-09",
        },
    ),
    "stock_dividends": (
        {"symbol": "AAPL", "cusip": "037833100", "rate": 0.05, "process_date": "2024-03-01", "ex_date": "2024-03-01"},
    ),
    "name_changes": (
        {"old_symbol": "FB", "old_cusip": "1", "new_symbol": "META", "new_cusip": "1", "process_date": "2022-06-09"},
    ),
    "cash_mergers": (
        {
            "acquirer_symbol": "MSFT", "acquirer_cusip": "1", "acquiree_symbol": "ATVI", "acquiree_cusip": "2",
            "rate": 95.0, "process_date": "2023-10-13", "effective_date": "2023-10-13",
        },
    ),
    "worthless_removals": ({"symbol": "BBBYQ", "cusip": "3", "process_date": "2023-09-29"},),
}  # fmt: skip
NEWS = tuple(
    {
        "id": number, "headline": f"Headline {number}", "author": "A", "created_at": "2024-01-03T10:00:00Z",
        "updated_at": f"2024-01-03T1{number % 10}:00:00Z", "summary": "Short", "content": "<p>Long</p>",
        "url": "https://example.com", "images": [], "symbols": ["AAPL"], "source": "benzinga",
    }
    for number in range(60)
)  # fmt: skip


@pytest.fixture(scope="module")
def everything() -> AlpacaMarket:
    return AlpacaMarket(
        {},
        trades={"AAPL": TRADES, "BTC/USD": PAIR},
        quotes={"AAPL": QUOTES},
        chains={"AAPL": CHAIN},
        actions=ACTIONS,
        news=NEWS,
    )


@pytest.fixture
def server(everything: AlpacaMarket) -> Iterator[AlpacaServer]:
    with AlpacaServer(everything, now=lambda: ns("2024-12-01")) as running:
        yield running


@pytest.fixture
def reader(server: AlpacaServer) -> Iterator[AlpacaReader]:
    provider = provider_of(server)
    yield provider.reader
    provider.close()


def test_trades(reader: AlpacaReader) -> None:
    found = trades(reader, "AAPL", DAY)
    assert found.time.tolist() == [ns("2024-01-03T14:30") + 1, ns("2024-01-03T14:30:00.5")]
    assert (found.price.tolist(), found.size.tolist()) == ([184.1, 184.2], [100.0, 5.0])
    assert [found.exchanges[code] for code in found.venues] == ["V", "D"]
    assert found.sides.tolist() == [0, 0]
    pair = trades(reader, "BTC/USD", DAY)
    assert (pair.price.tolist(), pair.sides.tolist()) == ([45_000.0], [-1])
    assert len(trades(reader, "MSFT", DAY)) == 0


def test_quotes(reader: AlpacaReader) -> None:
    found = quotes(reader, "AAPL", DAY, feed="iex")
    assert (found.bid.tolist(), found.ask.tolist()) == ([184.1, 184.0], [184.2, 0.0])
    assert (found.bid_size.tolist(), found.ask_size.tolist()) == ([2.0, 1.0], [3.0, 0.0])
    assert [found.exchanges[code] for code in found.venues] == ["N", "P"]
    with pytest.raises(InvalidInput, match="quotes of AAPL240119C00190000 are not read"):
        quotes(reader, "AAPL240119C00190000", DAY)


def test_option_chain(reader: AlpacaReader, server: AlpacaServer) -> None:
    found = option_chain(reader, "AAPL", ns("2024-01-03T21:00"))
    assert found.symbols == ("AAPL240119C00190000", "AAPL240216P00180000")
    assert found.as_of == ns("2024-01-03T21:00")
    assert (found.strike.tolist(), found.right.tolist()) == ([190.0, 180.0], [1, -1])
    assert found.expiry.tolist() == [ns("2024-01-19"), ns("2024-02-16")]
    assert (found.bid.tolist(), found.ask.tolist()) == ([1.0, 3.9], [1.1, 4.0])
    np.testing.assert_array_equal(found.implied_volatility, [0.21, np.nan])
    np.testing.assert_array_equal(found.delta, [0.25, np.nan])
    np.testing.assert_array_equal(found.last, [1.05, np.nan])
    one = option_chain(reader, "AAPL", ns("2024-01-03T21:00"), expiries=("2024-02-01", "2024-02-28"))
    assert one.symbols == ("AAPL240216P00180000",)
    with pytest.raises(SourceDenied, match="OPRA agreement is not signed"):
        option_chain(reader, "AAPL", 0, feed="opra")
    server.spoil([lambda answer: answer.with_document({"snapshots": {"AAPLX": {}}, "next_page_token": None})])
    with pytest.raises(SourceCorrupt, match="'AAPLX' among the options on AAPL is no contract"):
        option_chain(reader, "AAPL", 0)


def test_corporate_actions(reader: AlpacaReader) -> None:
    wanted = ("NVDA", "SIRI", "AAPL", "FB", "ATVI", "BBBYQ")
    found = corporate_actions(reader, wanted, Span(ns("2022-01-01"), ns("2024-12-01")))
    assert [action.text for action in found] == [
        "FB rename to META on 2022-06-09",
        "BBBYQ delisting 0 on 2023-09-29",
        "ATVI delisting 95 on 2023-10-13",
        "AAPL dividend 0.24 on 2024-02-09",
        "AAPL split 1.05 on 2024-03-01",
        "NVDA split 10 on 2024-06-10",
        "SIRI split 0.1 on 2024-09-10",
    ]
    assert all(action.knowable_at == action.ex_time for action in found)
    assert corporate_actions(reader, ("AAPL",), Span(ns("2024-02-10"), ns("2024-02-20"))) == ()


def test_news(reader: AlpacaReader, server: AlpacaServer) -> None:
    found = news(reader, ("AAPL",), DAY)
    assert len(found) == 60
    assert len(server.seen) == 2  # fifty on a page
    assert [item.knowable_at for item in found] == sorted(item.knowable_at for item in found)
    assert found[0].knowable_at == ns("2024-01-03T10:00")
    assert (found[0].symbols, found[0].text, found[0].source) == (("AAPL",), "Short", "benzinga")
    assert news(reader, ("AAPL",), DAY, text=True)[0].text == "<p>Long</p>"
    assert news(reader, ("MSFT",), DAY) == ()


def test_what_came_late_counts_from_then(reader: AlpacaReader, server: AlpacaServer) -> None:
    """An article is knowable when it was last changed: what it said before is not told."""
    assert {item.headline: item.knowable_at for item in news(reader, (), DAY)}["Headline 9"] == ns("2024-01-03T19:00")
    assert "symbols" in server.seen[0].parameters


@pytest.mark.parametrize(
    ("moment", "is_open", "next_open"),
    [
        ("2024-01-03T15:00", True, "2024-01-04T14:30"),
        ("2024-01-03T22:00", False, "2024-01-04T14:30"),
        ("2024-01-05T22:00", False, "2024-01-08T14:30"),
        ("2024-01-06T12:00", False, "2024-01-08T14:30"),
        ("2024-07-03T12:00", False, "2024-07-03T13:30"),
    ],
)
def test_clock(everything: AlpacaMarket, moment: str, is_open: bool, next_open: str) -> None:
    with AlpacaServer(everything, now=lambda: ns(moment)) as server:
        provider = provider_of(server)
        clock = market_clock(provider.reader)
        assert (clock.time, clock.is_open, clock.next_open) == (ns(moment), is_open, ns(next_open))
        assert clock.next_close > clock.time
        if is_open:
            assert require_open(provider.reader) == clock
        else:
            with pytest.raises(SourceUnavailable, match=f"the market is closed until {next_open}:00Z. Fix: wait"):
                require_open(provider.reader)
        provider.close()


@pytest.mark.parametrize("clock", [{}, [], {"is_open": "yes"}, {"is_open": True, "timestamp": "noon"}])
def test_a_clock_that_says_nothing(reader: AlpacaReader, server: AlpacaServer, clock: object) -> None:
    server.spoil_always(lambda answer: answer.with_document(clock))
    with pytest.raises(SourceCorrupt, match="the clock of Alpaca"):
        market_clock(reader)


@pytest.mark.parametrize(
    "page",
    [
        {"trades": []},
        {"trades": {"MSFT": []}},
        {"trades": {"AAPL": None}},
        {"trades": {"AAPL": [None]}},
        {"trades": {"AAPL": [{"t": "2024-01-03T00:00:00Z", "p": "1", "s": 1}]}},
        {"trades": {"AAPL": [{"t": "2024-01-05T00:00:00Z", "p": 1, "s": 1}]}},
    ],
)
def test_ticks_of_another_shape(reader: AlpacaReader, server: AlpacaServer, page: dict[str, object]) -> None:
    server.spoil_always(lambda answer: answer.with_document({**page, "next_page_token": None}))
    with pytest.raises(SourceCorrupt):
        trades(reader, "AAPL", DAY)


@pytest.mark.parametrize(
    "kinds",
    [
        {"spin_offs": [{"process_date": "2024-01-01"}]},
        {"cash_dividends": [{"symbol": "A", "ex_date": "soon", "rate": 1}]},
    ],
)
def test_actions_of_another_shape(reader: AlpacaReader, server: AlpacaServer, kinds: object) -> None:
    server.spoil_always(lambda answer: answer.with_document({"corporate_actions": kinds, "next_page_token": None}))
    with pytest.raises(SourceCorrupt):
        corporate_actions(reader, ("AAPL",), DAY)


def test_a_subscription_reads_the_options_that_are_paid_for(everything: AlpacaMarket) -> None:
    with AlpacaServer(everything, subscription=Subscription(frozenset({"opra"}))) as server:
        provider = provider_of(server)
        assert len(option_chain(provider.reader, "AAPL", 0, feed="opra")) == 2
        provider.close()
