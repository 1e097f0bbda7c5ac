"""The market data API: what each of its addresses answers."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, NamedTuple

from autonomous_trading.core import Timeframe
from autonomous_trading.testing.servers.alpaca._market import AlpacaMarket
from autonomous_trading.testing.servers.alpaca._wire import Refusal, moment_of, offset_of, token

__all__ = ["DATA_ADDRESSES", "Asked"]

_RECENT: Final = 15 * 60 * 1_000_000_000
_SERIES: Final = frozenset({"symbols", "start", "end", "limit", "page_token", "sort"})
_STOCKS: Final = _SERIES | {"feed", "currency", "asof"}
_TIMEFRAME: Final = re.compile(r"(\d+)(Min|T|Hour|H|Day|D|Week|W|Month|M)")
_UNITS: Final = {"Min": "m", "T": "m", "Hour": "h", "H": "h", "Day": "d", "D": "d", "Week": "w", "W": "w"}
_SYMBOLS: Final = {
    "stocks": re.compile(r"[A-Z][A-Z0-9.\-]{0,11}"),
    "crypto": re.compile(r"[A-Z0-9]{2,10}/[A-Z]{3,5}"),
    "options": re.compile(r"[A-Z]{1,6}\d{0,1}\d{6}[CP]\d{8}"),
}


class Asked(NamedTuple):
    """One request: for what kind of symbol, what follows the address, its parameters, the key's feeds, its time."""

    kind: str
    rest: str
    parameters: Mapping[str, str]
    feeds: frozenset[str]
    now: int

    def text(self, name: str, usual: str = "") -> str:
        """A parameter, or what it is when it is not given."""
        return self.parameters.get(name) or usual

    def only(self, known: Iterable[str]) -> None:
        """Refuse parameters that the address does not know."""
        unknown = sorted(set(self.parameters) - set(known))
        if unknown:
            raise Refusal(400, f"unexpected query parameter(s): {', '.join(unknown)}")

    def span(self) -> tuple[int, int]:
        """The moments asked for, both included."""
        end = moment_of(self.text("end")) if self.text("end") else self.now
        start = moment_of(self.text("start")) if self.text("start") else end - end % 86_400_000_000_000
        if end < start:
            raise Refusal(400, "end should not be before start")
        return start, end

    def limit(self, usual: int, most: int) -> int:
        """How many rows a page may hold."""
        text = self.text("limit", str(usual))
        if not text.isdigit() or not 1 <= int(text) <= most:
            raise Refusal(400, f"invalid limit: it must be between 1 and {most}")
        return int(text)


def _bars(market: AlpacaMarket, asked: Asked) -> dict[str, Any]:
    known = (
        (_STOCKS if asked.kind == "stocks" else _SERIES)
        | {"timeframe"}
        | ({"adjustment"} if asked.kind == "stocks" else set())
    )
    asked.only(known)
    timeframe = _timeframe(asked.text("timeframe"))
    adjustment = asked.text("adjustment", "raw")
    if not set(adjustment.split(",")) <= {"raw", "split", "dividend", "spin-off", "all"}:
        raise Refusal(400, f"invalid adjustment: {adjustment}")
    return _series(asked, "bars", lambda symbol: market.rows(symbol, timeframe, adjustment))


def _trades(market: AlpacaMarket, asked: Asked) -> dict[str, Any]:
    asked.only(_STOCKS if asked.kind == "stocks" else _SERIES)
    return _series(asked, "trades", lambda symbol: _timed(market.trades.get(symbol, ())))


def _quotes(market: AlpacaMarket, asked: Asked) -> dict[str, Any]:
    asked.only(_STOCKS if asked.kind == "stocks" else _SERIES)
    return _series(asked, "quotes", lambda symbol: _timed(market.quotes.get(symbol, ())))


def _chain(market: AlpacaMarket, asked: Asked) -> dict[str, Any]:
    filters = {"type", "strike_price_gte", "strike_price_lte", "expiration_date", "root_symbol", "updated_since"}
    asked.only(filters | {"feed", "limit", "page_token", "expiration_date_gte", "expiration_date_lte"})
    if asked.text("feed") == "opra" and "opra" not in asked.feeds:
        raise Refusal(403, "OPRA agreement is not signed")
    rows = [(name, each) for name, each in sorted(market.chains.get(asked.rest, {}).items()) if _wanted(name, asked)]
    found, following = _page(rows, asked, 100, 1_000)
    return {"next_page_token": following, "snapshots": dict(found)}


def _actions(market: AlpacaMarket, asked: Asked) -> dict[str, Any]:
    asked.only({"symbols", "cusips", "types", "start", "end", "ids", "limit", "page_token", "sort"})
    symbols = set(filter(None, asked.text("symbols").split(",")))
    types = set(filter(None, asked.text("types").split(",")))
    start, end = asked.text("start", "0000"), asked.text("end", "9999")
    rows = [
        (name, each)
        for name, several in market.actions.items()
        for each in several
        if (not types or name.removesuffix("s") in types)
        and (not symbols or symbols & {str(value) for key, value in each.items() if key.endswith("symbol")})
        and start <= str(each.get("ex_date", each["process_date"])) <= end
    ]
    found, following = _page(rows, asked, 100, 1_000)
    kinds: dict[str, list[Any]] = {}
    for name, each in found:
        kinds.setdefault(name, []).append(each)
    return {"corporate_actions": kinds, "next_page_token": following}


def _news(market: AlpacaMarket, asked: Asked) -> dict[str, Any]:
    asked.only({"start", "end", "sort", "symbols", "limit", "include_content", "exclude_contentless", "page_token"})
    symbols = set(filter(None, asked.text("symbols").split(",")))
    start, end = asked.span()
    rows = [
        each
        for each in sorted(market.news, key=lambda each: str(each["updated_at"]), reverse=asked.text("sort") != "asc")
        if start <= moment_of(str(each["updated_at"])) <= end and (not symbols or symbols & set(each["symbols"]))
    ]
    if asked.text("include_content") not in ("true", "True"):
        rows = [{**each, "content": ""} for each in rows]
    found, following = _page(rows, asked, 10, 50)
    return {"news": found, "next_page_token": following}


DATA_ADDRESSES: Final[tuple[tuple[re.Pattern[str], Callable[[AlpacaMarket, Asked], Any], str], ...]] = (
    (re.compile(r"/v2/stocks/bars"), _bars, "stocks"),
    (re.compile(r"/v2/stocks/trades"), _trades, "stocks"),
    (re.compile(r"/v2/stocks/quotes"), _quotes, "stocks"),
    (re.compile(r"/v1beta3/crypto/us/bars"), _bars, "crypto"),
    (re.compile(r"/v1beta3/crypto/us/trades"), _trades, "crypto"),
    (re.compile(r"/v1beta3/crypto/us/quotes"), _quotes, "crypto"),
    (re.compile(r"/v1beta1/options/bars"), _bars, "options"),
    (re.compile(r"/v1beta1/options/snapshots/(.+)"), _chain, "options"),
    (re.compile(r"/v1/corporate-actions"), _actions, ""),
    (re.compile(r"/v1beta1/news"), _news, ""),
)
"""Every address that answers with data, what answers there, and for what kind of symbol."""


def _series(
    asked: Asked, key: str, rows_of: Callable[[str], Iterable[tuple[int, Mapping[str, Any]]]]
) -> dict[str, Any]:
    symbols = sorted(set(filter(None, asked.text("symbols").split(","))))
    if not symbols:
        raise Refusal(400, "symbols is required")
    for symbol in symbols:
        if _SYMBOLS[asked.kind].fullmatch(symbol) is None:
            raise Refusal(400, f"invalid symbol: {symbol}", code=40010000)
    start, end = asked.span()
    if asked.kind == "stocks":
        _check_feed(asked, end)
    backwards = asked.text("sort") == "desc"
    rows: list[tuple[str, Mapping[str, Any]]] = []
    for symbol in symbols:
        within = [(symbol, row) for moment, row in rows_of(symbol) if start <= moment <= end]
        rows += reversed(within) if backwards else within
    found, following = _page(rows, asked, 1_000, 10_000)
    answer: dict[str, list[Any]] = {}
    for symbol, row in found:
        answer.setdefault(symbol, []).append(row)
    return {key: answer, "next_page_token": following}


def _check_feed(asked: Asked, end: int) -> None:
    feed = asked.text("feed", "sip")
    if feed not in ("iex", "sip", "delayed_sip", "otc", "boats", "overnight"):
        raise Refusal(400, f"invalid feed: {feed}")
    if feed in asked.feeds or feed in ("iex", "delayed_sip"):
        return
    if feed != "sip":
        raise Refusal(403, f"subscription does not permit querying {feed.upper()} data")
    if end > asked.now - _RECENT:
        raise Refusal(403, "subscription does not permit querying recent SIP data")


def _page(rows: list[Any], asked: Asked, usual: int, most: int) -> tuple[list[Any], str | None]:
    limit = asked.limit(usual, most)
    first = offset_of(asked.text("page_token")) if asked.text("page_token") else 0
    following = token(first + limit) if first + limit < len(rows) else None
    return rows[first : first + limit], following


def _timed(rows: Iterable[Mapping[str, Any]]) -> list[tuple[int, Mapping[str, Any]]]:
    return [(moment_of(str(row["t"])), row) for row in rows]


def _timeframe(text: str) -> str:
    found = _TIMEFRAME.fullmatch(text)
    if found is None:
        raise Refusal(400, f"invalid timeframe: {text}")
    return Timeframe(int(found[1]), _UNITS.get(found[2], "M")).text


def _wanted(contract: str, asked: Asked) -> bool:
    """Whether a contract passes the filters of a chain; its name tells type, strike and expiry."""
    expiry = f"20{contract[-15:-13]}-{contract[-13:-11]}-{contract[-11:-9]}"
    strike = int(contract[-8:]) / 1_000.0
    kind = {"C": "call", "P": "put"}[contract[-9]]
    return (
        asked.text("type", kind) == kind
        and asked.text("expiration_date", expiry) == expiry
        and asked.text("expiration_date_gte", expiry) <= expiry <= asked.text("expiration_date_lte", expiry)
        and float(asked.text("strike_price_gte", "0")) <= strike <= float(asked.text("strike_price_lte", "inf"))
    )
