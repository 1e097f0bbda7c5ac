"""The servers that speak as exchanges and Yahoo do: what they refuse, and how."""

from typing import Any

import pytest
import requests

from autonomous_trading.core import Timeframe
from autonomous_trading.data.actions import CorporateAction
from autonomous_trading.testing.contracts.providers import made_rows
from autonomous_trading.testing.servers.answering import Answer, json_answer, web_server
from autonomous_trading.testing.servers.exchange import binance_server, demo_market, kraken_server
from autonomous_trading.testing.servers.yahoo import YahooMarket, yahoo_server

MARKET = demo_market(days=5)
DAY = Timeframe.of("1d")


def said(url: str, path: str, **query: object) -> tuple[int, Any]:
    answer = requests.get(url + path, params={name: str(value) for name, value in query.items()}, timeout=10)
    kind = answer.headers["Content-Type"]
    return answer.status_code, answer.json() if kind == "application/json" else answer.text


@pytest.mark.parametrize("path", ["klines", "aggTrades", "depth"])
def test_binance_refuses_a_symbol_it_does_not_have(path: str) -> None:
    with binance_server(MARKET) as server:
        found = said(server.url, f"/api/v3/{path}", symbol="DOGEUSDT", interval="1h")
    assert found == (400, {"code": -1121, "msg": "Invalid symbol."})


def test_binance_refuses_other_intervals_and_paths() -> None:
    with binance_server(MARKET) as server:
        assert said(server.url, "/api/v3/klines", symbol="BTCUSDT", interval="7h")[1]["code"] == -1120
        status, text = said(server.url, "/api/v3/nothing")
    assert (status, text[:15]) == (404, "<!DOCTYPE html>")


def test_binance_keeps_to_the_times_it_is_asked_for() -> None:
    first = int(MARKET.rows["BTC/USDT"].time[0]) // 1_000_000
    with binance_server(MARKET) as server:
        _, rows = said(
            server.url,
            "/api/v3/klines",
            symbol="BTCUSDT",
            interval="1h",
            startTime=first + 1,
            endTime=first + 7_200_000,
        )
        _, all_of_them = said(server.url, "/api/v3/klines", symbol="BTCUSDT", interval="1h")
    assert [row[0] - first for row in rows] == [3_600_000, 7_200_000]
    assert len(all_of_them) == 120


@pytest.mark.parametrize("path", ["OHLC", "Trades", "Depth"])
def test_kraken_refuses_under_status_200(path: str) -> None:
    with kraken_server(MARKET) as server:
        found = said(server.url, f"/0/public/{path}", pair="DOGEUSDT", interval=60)
        other = said(server.url, "/0/public/OHLC", pair="BTCUSDT", interval=7)
        missing = said(server.url, "/0/public/Nothing")
    assert found == (200, {"error": ["EQuery:Unknown asset pair"]})
    assert other == (200, {"error": ["EGeneral:Invalid arguments"]})
    assert missing[0] == 404


def test_yahoo_refuses_intervals_and_paths() -> None:
    rows = made_rows("AAPL", DAY, count=30)
    action = CorporateAction("dividend", "MSFT", int(rows.time[3]), int(rows.time[3]), amount=1.0)
    market = YahooMarket({"AAPL": rows}, DAY, int(rows.time[-1]), actions=(action,))
    first = int(rows.time[0]) // 1_000_000_000
    with yahoo_server(market) as server:
        path, period = "/v8/finance/chart/AAPL", {"period1": first, "period2": first + 864_000}
        status, answer = said(server.url, path, interval="7h", **period)
        other = said(server.url, path, interval="1h", **period)[1]["chart"]["result"][0]
        daily = said(server.url, path, interval="1d", **period)[1]["chart"]["result"][0]
        nowhere = said(server.url, "/v7/finance")
    assert (status, answer["chart"]["error"]["code"]) == (422, "Unprocessable Entity")
    assert "timestamp" not in other
    assert len(daily["timestamp"]) == 10
    assert "events" not in daily
    assert nowhere[0] == 404


def test_a_demo_market_is_the_same_for_one_seed() -> None:
    again, other = demo_market(days=5), demo_market(days=5, seed=8)
    assert again.rows["BTC/USDT"].close.tolist() == MARKET.rows["BTC/USDT"].close.tolist()
    assert other.rows["BTC/USDT"].close.tolist() != MARKET.rows["BTC/USDT"].close.tolist()


def test_a_server_lists_what_it_was_asked() -> None:
    with web_server(lambda asked: json_answer({"path": asked.path})) as server:
        assert said(server.url, "/a/b", x=1) == (200, {"path": "/a/b"})
        assert [(each.path, dict(each.query)) for each in server.asked] == [("/a/b", {"x": "1"})]
        assert server.asked[0].headers["host"]


def test_a_body_that_is_cut_off_is_noticed() -> None:
    with (
        web_server(lambda _: Answer(b"{}", cut=100)) as server,
        pytest.raises(requests.exceptions.ChunkedEncodingError),
    ):
        said(server.url, "/")
