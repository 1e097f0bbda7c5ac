"""The public interface of Kraken as far as market data goes: assets, pairs, OHLC, trades and depth.

Errors come under status 200, as a list of texts. OHLC holds the latest 720 bars, whatever time is asked for.
Source of the formats: Kraken's own documentation of its REST interface ("Market Data").
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any, Final

import numpy as np

from autonomous_trading.testing.servers.answering import Answer, Asked, WebServer, in_trouble, json_answer, web_server
from autonomous_trading.testing.servers.exchange._lies import KRAKEN_LIES, page_of_html
from autonomous_trading.testing.servers.exchange._market import Market, number_text

__all__ = ["kraken_server"]

_SECOND: Final = 1_000_000_000
_KEPT: Final = 720


def kraken_server(market: Market, trouble: str = "") -> AbstractContextManager[WebServer]:
    """Kraken's public interface over what a market holds, in a trouble (see `in_trouble`) or telling a lie."""
    answers: Mapping[str, Callable[[Market, Asked], Answer]] = {
        "/0/public/Assets": _assets,
        "/0/public/AssetPairs": _pairs,
        "/0/public/OHLC": _ohlc,
        "/0/public/Trades": _trades,
        "/0/public/Depth": _depth,
    }

    def answer(asked: Asked) -> Answer:
        if asked.path not in answers:
            return page_of_html("404 Not found", 404)
        if trouble in KRAKEN_LIES and asked.path == KRAKEN_LIES[trouble].path:
            return KRAKEN_LIES[trouble].told(lambda: answers[asked.path](market, asked))
        return answers[asked.path](market, asked)

    def of_data(asked: Asked) -> bool:
        return asked.path == "/0/public/OHLC"

    down, denied = _error("EService:Unavailable"), _error("EGeneral:Permission denied")
    return web_server(in_trouble(answer, trouble, of_data=of_data, failure=down, denial=denied))


def _error(text: str) -> Answer:
    return json_answer({"error": [text]})


def _result(value: object) -> Answer:
    return json_answer({"error": [], "result": value})


def _assets(market: Market, _: Asked) -> Answer:
    names = sorted({part for symbol in market.rows for part in symbol.split("/")})
    plain = {"aclass": "currency", "decimals": 10, "display_decimals": 5, "status": "enabled"}
    return _result({name: {**plain, "altname": name} for name in names})


def _pairs(market: Market, _: Asked) -> Answer:
    return _result({symbol.replace("/", ""): _pair(*symbol.split("/")) for symbol in market.rows})


def _pair(base: str, quote: str) -> Mapping[str, Any]:
    return {
        "altname": base + quote,
        "wsname": f"{base}/{quote}",
        "aclass_base": "currency",
        "base": base,
        "aclass_quote": "currency",
        "quote": quote,
        "cost_decimals": 5,
        "pair_decimals": 2,
        "lot_decimals": 8,
        "lot_multiplier": 1,
        "leverage_buy": [],
        "leverage_sell": [],
        "fees": [[0, 0.4]],
        "fees_maker": [[0, 0.25]],
        "fee_volume_currency": "ZUSD",
        "ordermin": "0.0001",
        "costmin": "0.5",
        "tick_size": "0.01",
        "status": "online",
    }


def _ohlc(market: Market, asked: Asked) -> Answer:
    symbol = market.without_slash(asked.query.get("pair", ""))
    if symbol is None:
        return _error("EQuery:Unknown asset pair")
    if int(asked.query.get("interval", "1")) * 60 * _SECOND != market.timeframe.ns:
        return _error("EGeneral:Invalid arguments")
    held = market.begun(symbol)
    latest = held.taken(np.arange(len(held))[-_KEPT:])
    found = latest.taken(latest.time > int(asked.query.get("since", "0")) * _SECOND)
    rows = [
        [
            int(found.time[at]) // _SECOND,
            *(number_text(getattr(found, name)[at]) for name in ("open", "high", "low", "close")),
            number_text(found.close[at]),
            number_text(found.volume[at]),
            7,
        ]
        for at in range(len(found))
    ]
    return _result({symbol.replace("/", ""): rows, "last": int(latest.time[-1]) // _SECOND})


def _trades(market: Market, asked: Asked) -> Answer:
    symbol = market.without_slash(asked.query.get("pair", ""))
    if symbol is None:
        return _error("EQuery:Unknown asset pair")
    held = market.begun(symbol)
    rows = [
        [repr(float(held.close[at])), repr(float(held.volume[at])), held.time[at] / _SECOND, "b", "l", "", at + 1]
        for at in range(len(held))
    ]
    return _result({symbol.replace("/", ""): rows[: market.most_rows], "last": str(held.time[-1])})


def _depth(market: Market, asked: Asked) -> Answer:
    symbol = market.without_slash(asked.query.get("pair", ""))
    if symbol is None:
        return _error("EQuery:Unknown asset pair")
    middle, now = float(market.begun(symbol).close[-1]), market.now // _SECOND
    levels = range(1, int(asked.query.get("count", "100")) + 1)
    sides = (("bids", -1), ("asks", 1))
    book = {name: [[f"{middle + sign * each / 100:.2f}", f"{each}.5", now] for each in levels] for name, sign in sides}
    return _result({symbol.replace("/", ""): book})
