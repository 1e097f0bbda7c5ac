"""The local Alpaca answers as the real one does: alpaca-py's own models read every answer."""

import threading
import warnings
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pytest
import requests

from autonomous_trading.testing.servers.alpaca import (
    TEST_KEY_ID,
    TEST_SECRET_KEY,
    AlpacaMarket,
    AlpacaServer,
    Subscription,
    demo_market,
)
from autonomous_trading.testing.servers.alpaca.__main__ import main
from tests.unit.adapters.alpaca.places import ns
from tests.unit.adapters.alpaca.test_beside_bars import ACTIONS, CHAIN, NEWS, PAIR, QUOTES, TRADES

with warnings.catch_warnings():
    warnings.filterwarnings("ignore", message="websockets.legacy", category=DeprecationWarning)
    from alpaca.common.exceptions import APIError
    from alpaca.data.historical import (
        CryptoHistoricalDataClient,
        NewsClient,
        OptionHistoricalDataClient,
        StockHistoricalDataClient,
    )
    from alpaca.data.historical.corporate_actions import CorporateActionsClient
    from alpaca.data.requests import (
        CorporateActionsRequest,
        CryptoBarsRequest,
        CryptoTradesRequest,
        NewsRequest,
        OptionChainRequest,
        StockBarsRequest,
        StockQuotesRequest,
        StockTradesRequest,
    )
    from alpaca.data.timeframe import TimeFrame
    from alpaca.trading.client import TradingClient
    from alpaca.trading.requests import GetCalendarRequest

JANUARY: dict[str, Any] = {"start": datetime(2023, 1, 1, tzinfo=UTC), "end": datetime(2023, 1, 31, tzinfo=UTC)}
KEYS = {"APCA-API-KEY-ID": TEST_KEY_ID, "APCA-API-SECRET-KEY": TEST_SECRET_KEY}


@pytest.fixture(scope="module")
def server() -> Iterator[AlpacaServer]:
    bars = demo_market(days=30).bars
    market = AlpacaMarket(
        bars,
        trades={"AAPL": TRADES, "BTC/USD": PAIR},
        quotes={"AAPL": QUOTES},
        chains={"AAPL": CHAIN},
        actions=ACTIONS,
        news=NEWS,
        symbols=("TSLA",),
    )
    with AlpacaServer(market, now=lambda: ns("2025-01-02T15:00")) as running:
        yield running


def client(kind: Callable[..., Any], server: AlpacaServer) -> Any:
    return kind(TEST_KEY_ID, TEST_SECRET_KEY, url_override=server.url)


def test_bars_are_read_by_the_library(server: AlpacaServer) -> None:
    asked = StockBarsRequest(symbol_or_symbols=["AAPL", "MSFT"], timeframe=TimeFrame.Hour, **JANUARY)
    found = client(StockHistoricalDataClient, server).get_stock_bars(asked)
    held = server.market.bars["AAPL", "1h"]
    assert len(found["AAPL"]) == len(found["MSFT"]) == int(np.sum(held.time < ns("2023-01-31")))
    assert found["AAPL"][0].open == held.open[0]
    daily = StockBarsRequest(symbol_or_symbols="AAPL", timeframe=TimeFrame.Day, **JANUARY)
    first = client(StockHistoricalDataClient, server).get_stock_bars(daily)["AAPL"][0]
    assert first.timestamp == datetime(2023, 1, 2, 5, tzinfo=UTC)  # midnight in New York
    pair = CryptoBarsRequest(symbol_or_symbols="BTC/USD", timeframe=TimeFrame.Hour, **JANUARY)
    assert len(client(CryptoHistoricalDataClient, server).get_crypto_bars(pair)["BTC/USD"]) == 28 * 24 + 24 + 1


def test_everything_else_is_read_by_the_library(server: AlpacaServer) -> None:
    day: dict[str, Any] = {"start": datetime(2024, 1, 3, tzinfo=UTC), "end": datetime(2024, 1, 4, tzinfo=UTC)}
    stocks = client(StockHistoricalDataClient, server)
    assert len(stocks.get_stock_trades(StockTradesRequest(symbol_or_symbols="AAPL", **day))["AAPL"]) == 3
    assert stocks.get_stock_quotes(StockQuotesRequest(symbol_or_symbols="AAPL", **day))["AAPL"][0].bid_price == 184.1
    crypto = client(CryptoHistoricalDataClient, server)
    assert crypto.get_crypto_trades(CryptoTradesRequest(symbol_or_symbols="BTC/USD", **day))["BTC/USD"][0].size == 0.5
    chain = client(OptionHistoricalDataClient, server).get_option_chain(OptionChainRequest(underlying_symbol="AAPL"))
    assert chain["AAPL240119C00190000"].greeks.delta == 0.25
    actions = client(CorporateActionsClient, server).get_corporate_actions(
        CorporateActionsRequest(start=date(2022, 1, 1), end=date(2024, 12, 1))
    )
    assert set(actions.data) == set(ACTIONS)
    assert len(client(NewsClient, server).get_news(NewsRequest(symbols="AAPL", **day)).data["news"]) == 60


def test_the_trading_api_is_read_by_the_library(server: AlpacaServer) -> None:
    trading = client(TradingClient, server)
    assert trading.get_clock().is_open
    days = trading.get_calendar(GetCalendarRequest(start=date(2024, 1, 1), end=date(2024, 1, 8)))
    assert [day.date.day for day in days] == [1, 2, 3, 4, 5, 8]
    assert trading.get_asset("TSLA").symbol == "TSLA"
    assert {asset.symbol for asset in trading.get_all_assets()} == {"AAPL", "MSFT", "BTC/USD", "TSLA"}
    with pytest.raises(APIError, match="asset not found for NONE"):
        trading.get_asset("NONE")


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ("symbols=AAPL&timeframe=1Hour&feed=iex&limit=0", 400, "invalid limit"),
        ("symbols=AAPL&timeframe=1Hour&start=2023-02-01&end=2023-01-01", 400, "end should not be before start"),
        ("symbols=AAPL&timeframe=1Hour&start=soon", 400, "Invalid format"),
        ("symbols=AAPL&timeframe=hour", 400, "invalid timeframe"),
        ("symbols=AAPL&timeframe=1Hour&adjustment=both", 400, "invalid adjustment"),
        ("symbols=AAPL&timeframe=1Hour&feed=none", 400, "invalid feed"),
        ("symbols=AAPL&timeframe=1Hour&since=1", 400, "unexpected query parameter"),
        ("symbols=aapl&timeframe=1Hour", 400, "invalid symbol: aapl"),
        ("timeframe=1Hour", 400, "symbols is required"),
        ("symbols=AAPL&timeframe=1Hour&feed=iex&page_token=x", 400, "invalid page token"),
        ("symbols=AAPL&timeframe=1Hour&feed=boats", 403, "subscription does not permit querying BOATS data"),
        ("symbols=AAPL&timeframe=1Hour", 403, "subscription does not permit querying recent SIP data"),
    ],
)
def test_refusals(server: AlpacaServer, query: str, status: int, words: str) -> None:
    answer = requests.get(f"{server.url}/v2/stocks/bars?{query}", headers=KEYS, timeout=20)
    assert answer.status_code == status
    assert words in answer.json()["message"]


def test_backwards_and_page_by_page(server: AlpacaServer) -> None:
    asked = "symbols=AAPL&timeframe=1Hour&start=2023-01-01&end=2023-02-01&sort=desc&limit=100"
    first = requests.get(f"{server.url}/v2/stocks/bars?{asked}", headers=KEYS, timeout=20).json()
    times = [row["t"] for row in first["bars"]["AAPL"]]
    assert times == sorted(times, reverse=True)
    assert len(times) == 100
    second = requests.get(
        f"{server.url}/v2/stocks/bars?{asked}&page_token={first['next_page_token']}", headers=KEYS, timeout=20
    )
    assert second.json()["next_page_token"] is None


def test_who_may_ask(server: AlpacaServer) -> None:
    for path, status in (("/v2/stocks/bars", 401), ("/v2/clock", 401)):
        assert requests.get(server.url + path, timeout=20).status_code == status
    assert requests.get(f"{server.url}/v2/nothing", headers=KEYS, timeout=20).status_code == 404
    assert requests.get(f"{server.url}/v2/calendar?start=soon", headers=KEYS, timeout=20).status_code == 422
    with AlpacaServer(AlpacaMarket({}), subscription=Subscription(calls=1)) as narrow:
        answers = [requests.get(f"{narrow.url}/v2/clock", headers=KEYS, timeout=20) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [200, 429]
        assert answers[0].headers["X-RateLimit-Remaining"] == "0"
        assert int(answers[1].headers["X-RateLimit-Reset"]) > 1_700_000_000


def test_the_command_says_how_it_is_found(capsys: pytest.CaptureFixture[str]) -> None:
    until = threading.Event()
    until.set()
    assert main(["--port", "0"], until=until) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition("=")[0] for line in lines] == [
        "export APCA_API_KEY_ID",
        "export APCA_API_SECRET_KEY",
        "export AUTOTRADE__ALPACA__URL",
    ]


def test_the_demo_market_is_the_same_for_one_seed() -> None:
    one, again, other = demo_market(days=5), demo_market(days=5), demo_market(days=5, seed=8)
    for key, bars in one.bars.items():
        assert bars.content_id == again.bars[key].content_id != other.bars[key].content_id  # type: ignore[union-attr]
    hourly, daily = one.bars["AAPL", "1h"], one.bars["AAPL", "1d"]
    assert (daily.high[0], daily.close[0]) == (hourly.high[:7].max(), hourly.close[6])
