"""What Alpaca knows beside bars: trades, quotes, options, corporate actions and news, with when it was knowable.

Every function takes an `AlpacaReader` (that of a provider is `provider.reader`) and raises what the provider raises.
Alpaca says when a trade or a quote happened, and not when it reached anybody: both times of such rows are the same.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

import numpy as np

from autonomous_trading.adapters.providers.alpaca._bars import number_in
from autonomous_trading.adapters.providers.alpaca._client import AlpacaReader
from autonomous_trading.adapters.providers.alpaca._paging import pages_of
from autonomous_trading.adapters.providers.alpaca._symbols import CRYPTO, STOCKS, kind_of
from autonomous_trading.adapters.providers.alpaca._times import as_text, moments
from autonomous_trading.core import FloatArray, IntArray, InvalidInput, SourceCorrupt
from autonomous_trading.data import Span
from autonomous_trading.data.actions import CorporateAction
from autonomous_trading.data.knowable import CALL, PUT, NewsItem, OptionChain, Quotes, Trades

__all__ = ["corporate_actions", "news", "option_chain", "quotes", "trades"]

_AGAIN: Final = "try again later; report it to Alpaca if it stays"
_HOMES: Final = {STOCKS: ("v2", "/stocks"), CRYPTO: ("v1beta3", "/crypto/us")}
_GREEKS: Final = ("delta", "gamma", "theta", "vega", "rho")
_TYPES: Final = (
    "reverse_split", "forward_split", "cash_dividend", "stock_dividend", "name_change", "worthless_removal",
    "cash_merger",
)  # fmt: skip
_NEWS_A_PAGE: Final = 50
_ACTIONS_A_PAGE: Final = 1_000

Row = Mapping[str, Any]


def trades(reader: AlpacaReader, symbol: str, span: Span, *, feed: str = "sip") -> Trades:
    """Every trade of a stock or a crypto pair with start <= time < stop, in order; a pair tells who took."""
    rows = _ticks(reader, "trades", symbol, span, feed)
    time = _ascending("trades", symbol, rows, span)
    exchange, exchanges = _coded([str(row.get("x", "")) for row in rows])
    sides = {"B": 1, "S": -1}
    return Trades(
        symbol,
        time,
        _numbers(rows, "p", f"a trade of {symbol}"),
        _numbers(rows, "s", f"a trade of {symbol}"),
        side=np.array([sides.get(str(row.get("tks", "")), 0) for row in rows], dtype=np.int64),
        exchange=exchange,
        exchanges=exchanges,
    )


def quotes(reader: AlpacaReader, symbol: str, span: Span, *, feed: str = "sip") -> Quotes:
    """Every best bid and ask of a stock or a crypto pair with start <= time < stop, in order.

    Alpaca's quotes are the national best ones already: each row has both sides. `exchange` is that of the bid. A side
    that nobody quotes has price 0 and size 0.
    """
    rows = _ticks(reader, "quotes", symbol, span, feed)
    time = _ascending("quotes", symbol, rows, span)
    exchange, exchanges = _coded([str(row.get("bx", "")) for row in rows])
    bid, bid_size, ask, ask_size = (_numbers(rows, key, f"a quote of {symbol}") for key in ("bp", "bs", "ap", "as"))
    return Quotes(symbol, time, bid, bid_size, ask, ask_size, exchange=exchange, exchanges=exchanges)


def option_chain(
    reader: AlpacaReader,
    underlying: str,
    as_of: int,
    *,
    feed: str = "indicative",
    expiries: tuple[str, str] | None = None,
) -> OptionChain:
    """The options on a stock as quoted now, with implied volatility and greeks where Alpaca computes them.

    `as_of` is the time of asking (UTC nanoseconds): the snapshot is the present, whatever it says. `expiries` are the
    first and the last date ("2024-01-19"). The feed opra needs a subscription.
    """
    asked: dict[str, Any] = {"feed": feed}
    if expiries is not None:
        asked |= {"expiration_date_gte": expiries[0], "expiration_date_lte": expiries[1]}
    path = f"/options/snapshots/{underlying}"
    found: dict[str, Row] = {}
    for page in pages_of(reader, "v1beta1", path, asked, key="snapshots", limit=1_000):
        found |= {str(name): _an_object(each, f"the option {name}") for name, each in _an_object(page, path).items()}
    contracts = [_contract(name, underlying) for name in found]
    rows = [
        (_part(each, "latestQuote"), _part(each, "latestTrade"), each, _part(each, "greeks")) for each in found.values()
    ]
    columns = {name: [_maybe(greeks, name) for *_, greeks in rows] for name in _GREEKS}
    columns["implied_volatility"] = [_maybe(each, "impliedVolatility") for _, _, each, _ in rows]
    columns |= {"bid": [_maybe(quote, "bp") for quote, *_ in rows], "ask": [_maybe(quote, "ap") for quote, *_ in rows]}
    columns["last"] = [_maybe(trade, "p") for _, trade, _, _ in rows]
    return OptionChain(
        underlying,
        as_of,
        np.array([strike for _, _, strike in contracts], dtype=np.float64),
        np.array([expiry for expiry, _, _ in contracts], dtype=np.int64),
        np.array([right for _, right, _ in contracts], dtype=np.int64),
        symbols=tuple(found),
        **{name: np.array(values, dtype=np.float64) for name, values in columns.items()},
    )


def corporate_actions(reader: AlpacaReader, symbols: Sequence[str], span: Span) -> tuple[CorporateAction, ...]:
    """Splits, dividends, renames and delistings of some stocks with an ex date in the span, in order of time.

    Alpaca does not say when an action was announced: it counts as knowable from its ex date. Mergers for shares and
    spin-offs, which no single price tells, are left out.
    """
    asked = {
        "symbols": ",".join(symbols),
        "types": ",".join(_TYPES),
        "start": as_text(span.start)[:10],
        "end": as_text(span.stop - 1)[:10],
        "sort": "asc",
    }
    found: list[CorporateAction] = []
    pages = pages_of(reader, "v1", "/corporate-actions", asked, key="corporate_actions", limit=_ACTIONS_A_PAGE)
    for page in pages:
        for kind, rows in _an_object(page, "/corporate-actions").items():
            found += [_action(kind, _an_object(row, f"one of {kind}")) for row in _a_list(rows, kind)]
    return tuple(sorted(found, key=lambda action: (action.ex_time, action.symbol, action.kind)))


def news(reader: AlpacaReader, symbols: Sequence[str], span: Span, *, text: bool = False) -> tuple[NewsItem, ...]:
    """News about some symbols, those changed in the span, in order of when they were knowable; `text` adds the body.

    An article counts as knowable when it was last changed, because what it said before is not told.
    """
    asked = {
        "symbols": ",".join(symbols),
        "start": as_text(span.start),
        "end": as_text(span.stop - 1),
        "sort": "asc",
        "include_content": str(text).lower(),
    }
    found: list[NewsItem] = []
    for page in pages_of(reader, "v1beta1", "/news", asked, key="news", limit=_NEWS_A_PAGE):
        found += [_article(_an_object(row, "an article")) for row in _a_list(page, "news")]
    return tuple(sorted(found, key=lambda item: (item.knowable_at, item.headline)))


def _ticks(reader: AlpacaReader, key: str, symbol: str, span: Span, feed: str) -> list[Row]:
    kind = kind_of(symbol)
    if kind not in _HOMES:
        raise InvalidInput(f"{key} of {symbol} are not read", fix="name a stock or a crypto pair")
    version, home = _HOMES[kind]
    asked = {"symbols": symbol, "start": as_text(span.start), "end": as_text(span.stop - 1), "sort": "asc"}
    found: list[Row] = []
    for page in pages_of(reader, version, f"{home}/{key}", asked | ({"feed": feed} if kind == STOCKS else {}), key=key):
        for name, rows in _an_object(page, key).items():
            if name != symbol:
                raise SourceCorrupt(f"asked for {symbol}, Alpaca sent {key} of {name!r}", fix=_AGAIN)
            found += [_an_object(row, f"one of the {key}") for row in _a_list(rows, key)]
    return found


def _ascending(what: str, symbol: str, rows: list[Row], span: Span) -> IntArray:
    time = moments([row.get("t") for row in rows]) if rows else np.empty(0, dtype=np.int64)
    if len(time) and (time[0] < span.start or time[-1] >= span.stop or (np.diff(time) < 0).any()):
        raise SourceCorrupt(f"the {what} of {symbol} are out of order, or outside the time asked for", fix=_AGAIN)
    return time


def _numbers(rows: list[Row], key: str, what: str) -> FloatArray:
    return np.array([number_in(row, key, what) for row in rows], dtype=np.float64)


def _coded(names: list[str]) -> tuple[IntArray, tuple[str, ...]]:
    """Exchanges as numbers into their names."""
    known = tuple(dict.fromkeys(names)) or ("",)
    return np.array([known.index(name) for name in names], dtype=np.int64), known


def _contract(name: str, underlying: str) -> tuple[int, int, float]:
    """Expiry, right and strike out of the name of a contract: AAPL240119C00190000."""
    try:
        expiry = np.datetime64(f"20{name[-15:-13]}-{name[-13:-11]}-{name[-11:-9]}", "ns").astype(np.int64)
        return int(expiry), {"C": CALL, "P": PUT}[name[-9]], int(name[-8:]) / 1_000.0
    except (ValueError, KeyError, IndexError):
        raise SourceCorrupt(f"{name!r} among the options on {underlying} is no contract", fix=_AGAIN) from None


def _action(kind: str, row: Row) -> CorporateAction:
    at = _day(row, "ex_date", "effective_date", "process_date")
    symbol = str(row.get("symbol") or row.get("old_symbol") or row.get("acquiree_symbol") or "")
    what = f"one of {kind} of {symbol}"
    if kind in ("forward_splits", "reverse_splits"):
        ratio = number_in(row, "new_rate", what) / number_in(row, "old_rate", what)
        return CorporateAction("split", symbol, at, at, ratio=ratio)
    if kind == "stock_dividends":
        return CorporateAction("split", symbol, at, at, ratio=1.0 + number_in(row, "rate", what))
    if kind == "cash_dividends":
        return CorporateAction("dividend", symbol, at, at, amount=number_in(row, "rate", what))
    if kind == "name_changes":
        return CorporateAction("rename", symbol, at, at, new_symbol=str(row.get("new_symbol", "")))
    if kind == "cash_mergers":
        return CorporateAction("delisting", symbol, at, at, amount=number_in(row, "rate", what))
    if kind == "worthless_removals":
        return CorporateAction("delisting", symbol, at, at)
    raise SourceCorrupt(f"Alpaca sent {kind}, which were not asked for", fix=_AGAIN)


def _day(row: Row, *keys: str) -> int:
    """00:00 UTC of the first of these dates that the row has."""
    text = next((row[key] for key in keys if row.get(key)), None)
    try:
        return int(np.datetime64(date.fromisoformat(str(text)), "ns").astype(np.int64))
    except ValueError:
        raise SourceCorrupt(f"a corporate action is dated {text!r}", fix=_AGAIN) from None


def _article(row: Row) -> NewsItem:
    changed, symbols = row.get("updated_at") or row.get("created_at"), row.get("symbols")
    return NewsItem(
        knowable_at=int(moments([changed])[0]),
        symbols=tuple(str(each) for each in _a_list(symbols, "the symbols of an article")),
        headline=str(row.get("headline", "")),
        text=str(row.get("content") or row.get("summary") or ""),
        source=str(row.get("source", "")),
    )


def _part(row: Row, key: str) -> Row:
    return _an_object(row.get(key) or {}, key)


def _maybe(row: Row, key: str) -> float:
    return number_in(row, key, "an option") if row.get(key) is not None else float("nan")


def _an_object(found: Any, what: str) -> Row:
    if not isinstance(found, dict):
        raise SourceCorrupt(f"{what} is {type(found).__name__}, not an object", fix=_AGAIN)
    return found


def _a_list(found: Any, what: str) -> Iterator[Any]:
    if not isinstance(found, list):
        raise SourceCorrupt(f"{what} is {type(found).__name__}, not a list", fix=_AGAIN)
    return iter(found)
