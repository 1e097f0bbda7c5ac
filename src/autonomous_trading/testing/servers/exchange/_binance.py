"""The spot interface of Binance as far as market data goes: markets, klines, trades and depth, and its error bodies.

Source of the formats: Binance's own documentation of its REST interface ("Market Data endpoints", "Error codes").
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Final, TypeAlias

import numpy as np

from autonomous_trading.data import RawBars
from autonomous_trading.testing.servers.answering import Answer, Asked, WebServer, in_trouble, json_answer, web_server
from autonomous_trading.testing.servers.exchange._lies import BINANCE_LIES, page_of_html
from autonomous_trading.testing.servers.exchange._market import Market, number_text

__all__ = ["binance_server"]

Row: TypeAlias = list[Any]

_MS: Final = 1_000_000
_LIMITS: Final = {"klines": (500, 1000), "aggTrades": (500, 1000), "depth": (100, 5000)}
_DOWN: Final = json_answer({"code": -1016, "msg": "This service is no longer available."}, 503)
_DENIED: Final = json_answer(
    {"code": 0, "msg": "Service unavailable from a restricted location according to 'b. Eligibility' in the terms."},
    451,
)


def binance_server(market: Market, trouble: str = "") -> AbstractContextManager[WebServer]:
    """Binance's spot interface over what a market holds, in a trouble (see `in_trouble`) or telling one of its lies."""
    answers: Mapping[str, Callable[[Market, Asked], Answer]] = {
        "/api/v3/exchangeInfo": _exchange_info,
        "/api/v3/klines": _klines,
        "/api/v3/aggTrades": _trades,
        "/api/v3/depth": _depth,
    }

    def answer(asked: Asked) -> Answer:
        if asked.path not in answers:
            return page_of_html("404 Not found", 404)
        if trouble in BINANCE_LIES and asked.path == BINANCE_LIES[trouble].path:
            return BINANCE_LIES[trouble].told(lambda: answers[asked.path](market, asked))
        return answers[asked.path](market, asked)

    def of_data(asked: Asked) -> bool:
        return asked.path == "/api/v3/klines"

    return web_server(in_trouble(answer, trouble, of_data=of_data, failure=_DOWN, denial=_DENIED))


def _refused(code: int, text: str) -> Answer:
    return json_answer({"code": code, "msg": text}, 400)


def _exchange_info(market: Market, _: Asked) -> Answer:
    return json_answer(
        {"timezone": "UTC", "serverTime": market.now // _MS, "symbols": [_listed(each) for each in market.rows]}
    )


def _listed(symbol: str) -> Mapping[str, Any]:
    base, quote = symbol.split("/")
    return {
        "symbol": base + quote,
        "status": "TRADING",
        "baseAsset": base,
        "baseAssetPrecision": 8,
        "quoteAsset": quote,
        "quotePrecision": 8,
        "quoteAssetPrecision": 8,
        "orderTypes": ["LIMIT", "MARKET"],
        "isSpotTradingAllowed": True,
        "isMarginTradingAllowed": False,
        "permissions": ["SPOT"],
        "filters": [
            {"filterType": "PRICE_FILTER", "minPrice": "0.01", "maxPrice": "1000000.00", "tickSize": "0.01"},
            {"filterType": "LOT_SIZE", "minQty": "0.00001", "maxQty": "9000.0", "stepSize": "0.00001"},
        ],
    }


def _limit(market: Market, asked: Asked, what: str) -> int:
    usual, most = _LIMITS[what]
    return min(int(asked.query.get("limit", usual)), most, market.most_rows)


def _klines(market: Market, asked: Asked) -> Answer:
    symbol = market.without_slash(asked.query.get("symbol", ""))
    if symbol is None:
        return _refused(-1121, "Invalid symbol.")
    if asked.query.get("interval") != market.timeframe.text:
        return _refused(-1120, "Invalid interval.")
    start = int(asked.query.get("startTime", 0)) * _MS
    stop = int(asked.query.get("endTime", market.now // _MS)) * _MS
    held = market.begun(symbol)
    found = held.taken(np.flatnonzero((held.time >= start) & (held.time <= stop))[: _limit(market, asked, "klines")])
    ends = market.timeframe.following(found.time) // _MS - 1
    return json_answer([_kline(found, row, int(ends[row])) for row in range(len(found))])


def _kline(rows: RawBars, at: int, end_ms: int) -> Row:
    prices = [number_text(getattr(rows, name)[at]) for name in ("open", "high", "low", "close", "volume")]
    return [int(rows.time[at]) // _MS, *prices, end_ms, "0.00000000", 7, "0.00000000", "0.00000000", "0"]


def _trades(market: Market, asked: Asked) -> Answer:
    """One trade at the close of each bar that has begun: the first from the start time on, or the latest."""
    symbol = market.without_slash(asked.query.get("symbol", ""))
    if symbol is None:
        return _refused(-1121, "Invalid symbol.")
    held = market.begun(symbol)
    rows = np.arange(len(held))
    if "startTime" in asked.query:
        start, stop = (int(asked.query.get(name, 2**60 // _MS)) * _MS for name in ("startTime", "endTime"))
        rows = rows[(held.time >= start) & (held.time <= stop)][: _limit(market, asked, "aggTrades")]
    else:
        rows = rows[-_limit(market, asked, "aggTrades") :]
    return json_answer([_trade(held, int(row)) for row in rows])


def _trade(rows: RawBars, at: int) -> Mapping[str, Any]:
    return {
        "a": at,
        "p": number_text(rows.close[at]),
        "q": number_text(rows.volume[at]),
        "f": at,
        "l": at,
        "T": int(rows.time[at]) // _MS,
        "m": at % 2 == 1,
        "M": True,
    }


def _depth(market: Market, asked: Asked) -> Answer:
    """A book around the latest close, a cent between the levels."""
    symbol = market.without_slash(asked.query.get("symbol", ""))
    if symbol is None:
        return _refused(-1121, "Invalid symbol.")
    middle = float(market.begun(symbol).close[-1])
    levels = range(1, _limit(market, asked, "depth") + 1)
    sides: Sequence[tuple[str, int]] = (("bids", -1), ("asks", 1))
    book = {name: [[f"{middle + sign * level / 100:.2f}", f"{level}.5"] for level in levels] for name, sign in sides}
    return json_answer({"lastUpdateId": 1_027_024, **book})
