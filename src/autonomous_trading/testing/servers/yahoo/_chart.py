"""Yahoo's chart interface: /v8/finance/chart/SYMBOL, as its answers have looked for years.

Source of the format: what yfinance 1.7 expects (`scrapers/history.py`), which tells the errors as well.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, final
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import numpy as np

from autonomous_trading.core import IntArray, Timeframe
from autonomous_trading.data import RawBars
from autonomous_trading.data.actions import CorporateAction
from autonomous_trading.testing.servers.answering import Answer, Asked, WebServer, in_trouble, json_answer, web_server
from autonomous_trading.testing.servers.yahoo._lies import YAHOO_LIES

__all__ = ["YahooMarket", "yahoo_server"]

_CHART: Final = "/v8/finance/chart/"
_SECOND: Final = 1_000_000_000
_INTERVALS: Final = ("1m", "2m", "5m", "15m", "30m", "1h", "1d", "1wk", "1mo")
_OPENING: Final = (9, 30)


@final
@dataclass(frozen=True, slots=True)
class YahooMarket:
    """What Yahoo holds: bars of one length by symbol, corporate actions, and the time by its clock.

    Daily bars carry 00:00 UTC of their session date here; the server gives them the opening in `zone`, as Yahoo does.
    `latest_price` appends the price of now behind the bars, as Yahoo does while a session is open.
    """

    rows: Mapping[str, RawBars]
    timeframe: Timeframe
    now: int
    zone: str = "America/New_York"
    actions: Sequence[CorporateAction] = field(default=())
    latest_price: bool = False

    def seconds(self, time_ns: IntArray) -> IntArray:
        """The times of bars as Yahoo gives them."""
        if self.timeframe.is_intraday:
            return time_ns // _SECOND
        return np.array([_opening(int(each), ZoneInfo(self.zone)) for each in time_ns], dtype=np.int64)


def yahoo_server(market: YahooMarket, trouble: str = "") -> AbstractContextManager[WebServer]:
    """The chart interface over what a market holds, in a trouble (see `in_trouble`) or telling one of its lies."""

    def answer(asked: Asked) -> Answer:
        if not asked.path.startswith(_CHART):
            return Answer(b"<html><body>Not found</body></html>", 404, kind="text/html")
        true = _chart(market, unquote(asked.path.removeprefix(_CHART)), asked.query)
        return YAHOO_LIES[trouble](true) if trouble in YAHOO_LIES and true.status == 200 else true

    def of_data(asked: Asked) -> bool:
        return asked.path.startswith(_CHART)

    busy = Answer(b"Too Many Requests\r\n", 429, kind="text/html")
    denied = Answer(b"Edge: Forbidden", 403, kind="text/html")
    return web_server(in_trouble(answer, trouble, of_data=of_data, failure=busy, denial=denied))


def _opening(date_ns: int, zone: ZoneInfo) -> int:
    date = datetime.fromtimestamp(date_ns // _SECOND, tz=UTC)
    return int(datetime(date.year, date.month, date.day, *_OPENING, tzinfo=zone).timestamp())


def _error(status: int, code: str, description: str) -> Answer:
    return json_answer({"chart": {"result": None, "error": {"code": code, "description": description}}}, status)


def _chart(market: YahooMarket, symbol: str, query: Mapping[str, str]) -> Answer:
    if symbol not in market.rows:
        return _error(404, "Not Found", "No data found, symbol may be delisted")
    interval = query.get("interval", "1d")
    if interval not in _INTERVALS:
        return _error(422, "Unprocessable Entity", f"Invalid input - interval={interval} is not supported.")
    first, last = (int(query[name]) for name in ("period1", "period2"))
    held = market.rows[symbol]
    begun = held.taken(held.time <= market.now) if interval == market.timeframe.text else held.taken(np.arange(0))
    seconds = market.seconds(begun.time)
    if interval == "1d" and len(seconds) and last < seconds[0]:
        return _error(400, "Bad Request", f"Data doesn't exist for startDate = {first}, endDate = {last}")
    rows = np.flatnonzero((seconds >= first) & (seconds < last))
    return json_answer(_result(market, symbol, interval, begun.taken(rows), (first, last)))


def _result(
    market: YahooMarket, symbol: str, interval: str, rows: RawBars, period: tuple[int, int]
) -> Mapping[str, Any]:
    result: dict[str, Any] = {"meta": _meta(market, symbol, interval)}
    quote: dict[str, Any] = {}
    if len(rows):
        result["timestamp"] = market.seconds(rows.time).tolist()
        quote = {name: _numbers(rows, name) for name in ("open", "high", "low", "close", "volume")}
    if len(rows) and market.latest_price:
        result["timestamp"].append(result["meta"]["regularMarketTime"])
        quote = {name: [*values, values[-1]] for name, values in quote.items()}
    if events := _events(market, symbol, period):
        result["events"] = events
    result["indicators"] = {"quote": [quote]}
    if not market.timeframe.is_intraday:
        result["indicators"]["adjclose"] = [{"adjclose": quote.get("close", [])} if quote else {}]
    return {"chart": {"result": [result], "error": None}}


def _numbers(rows: RawBars, name: str) -> list[float | int | None]:
    whole = name == "volume"
    return [None if np.isnan(each) else int(each) if whole else float(each) for each in getattr(rows, name)]


def _meta(market: YahooMarket, symbol: str, interval: str) -> Mapping[str, Any]:
    local = datetime.fromtimestamp(market.now // _SECOND, tz=ZoneInfo(market.zone))
    offset = local.utcoffset()
    return {
        "currency": "USD",
        "symbol": symbol,
        "exchangeName": "NMS",
        "instrumentType": "EQUITY",
        "firstTradeDate": int(market.seconds(market.rows[symbol].time[:1])[0]),
        "regularMarketTime": market.now // _SECOND,
        "gmtoffset": 0 if offset is None else int(offset.total_seconds()),
        "timezone": local.tzname(),
        "exchangeTimezoneName": market.zone,
        "priceHint": 2,
        "dataGranularity": interval,
        "range": "",
        "validRanges": ["1d", "5d", "1mo", "3mo", "6mo", "1y", "2y", "5y", "10y", "ytd", "max"],
    }


def _events(market: YahooMarket, symbol: str, period: tuple[int, int]) -> dict[str, dict[str, Any]]:
    events: dict[str, dict[str, Any]] = {}
    for action in market.actions:
        at = _opening(action.ex_time, ZoneInfo(market.zone))
        if action.symbol != symbol or not period[0] <= at < period[1]:
            continue
        if action.kind == "split":
            event = {"date": at, "numerator": action.ratio, "denominator": 1.0, "splitRatio": f"{action.ratio:g}:1"}
            events.setdefault("splits", {})[str(at)] = event
        else:
            events.setdefault("dividends", {})[str(at)] = {"amount": action.amount, "date": at}
    return events
