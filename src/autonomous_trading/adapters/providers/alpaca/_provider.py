"""Bars of Alpaca: stocks, crypto and options behind the port of every provider."""

import time
from collections.abc import Callable, Iterator
from typing import Any, Final, final

from autonomous_trading.adapters.providers._patience import Patience
from autonomous_trading.adapters.providers._settings import ProviderSettings
from autonomous_trading.adapters.providers.alpaca._bars import BarPages
from autonomous_trading.adapters.providers.alpaca._beside_bars import corporate_actions
from autonomous_trading.adapters.providers.alpaca._client import DATA_URL, TRADING_URL, AlpacaPlace, AlpacaReader
from autonomous_trading.adapters.providers.alpaca._keys import AlpacaKeys, keys_in
from autonomous_trading.adapters.providers.alpaca._paging import pages_of
from autonomous_trading.adapters.providers.alpaca._symbols import CRYPTO, OPTIONS, STOCKS, kind_of
from autonomous_trading.adapters.providers.alpaca._times import TIMEFRAMES, as_text, grid_of, timeframe_text
from autonomous_trading.app.market_data import ActionSource, BarProvider, Capabilities
from autonomous_trading.core import InvalidInput, SourceDenied, SourceUnavailable, UnknownName, unknown_name
from autonomous_trading.data import BarsRequest, RawBars, Span
from autonomous_trading.data.actions import CorporateAction

__all__ = ["FEEDS", "AlpacaProvider", "alpaca_from"]

FEEDS: Final = ("sip", "iex", "delayed_sip", "otc", "boats", "overnight")
"""sip: every exchange, without a subscription once it is 15 minutes old. iex: one exchange, 2 or 3 % of the volume."""

_MINUTE: Final = 60 * 1_000_000_000
_DELAY: Final = {"delayed_sip": 15 * _MINUTE}
_LATE: Final = {feed: _MINUTE if feed == "iex" else 16 * _MINUTE for feed in FEEDS}
"""Without a subscription the newest quarter of an hour is refused to everybody, but for iex."""
_RECENT: Final = 16 * _MINUTE
_PATHS: Final = {
    STOCKS: ("v2", "/stocks/bars"),
    CRYPTO: ("v1beta3", "/crypto/us/bars"),
    OPTIONS: ("v1beta1", "/options/bars"),
}
_SYMBOLS_A_REQUEST: Final = 200


@final
class AlpacaProvider(BarProvider, ActionSource):
    """Bars from Alpaca's market data API.

    Times are the start of a bar in UTC; daily and longer bars of stocks and options carry 00:00 UTC of the session
    date, those of crypto the moment at which they begin. `feed` is used where a request names none. Nothing but
    the market data API, and a lookup of symbols that had no bars, is asked.
    """

    def __init__(
        self,
        keys: AlpacaKeys,
        place: AlpacaPlace | None = None,
        *,
        feed: str = FEEDS[0],
        now: Callable[[], int] = time.time_ns,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._feed = _known_feed(feed)
        self._now = now
        self.reader = AlpacaReader(keys, place, sleep=sleep)

    def __repr__(self) -> str:
        return f"AlpacaProvider({self.reader.place.data_url!r}, feed={self._feed!r})"

    @property
    def name(self) -> str:
        """What a data string calls it."""
        return "alpaca"

    def capabilities(self) -> Capabilities:
        """What it can be asked for."""
        return Capabilities(
            timeframes=TIMEFRAMES,
            adjustments=("raw", "split", "dividend", "all"),
            feeds=FEEDS,
            calendar="XNYS",
            pair_calendar="24/7",
            late=_LATE[self._feed],
            feeds_late=_LATE,
        )

    def pages(self, request: BarsRequest) -> Iterator[RawBars]:
        """The rows asked for, page by page, one symbol a page; several symbols share a request."""
        feed = _known_feed(request.feed or self._feed)
        timeframe_text(request.timeframe)
        kinds = {symbol: kind_of(symbol) for symbol in request.symbols}
        for kind in dict.fromkeys(kinds.values()):
            symbols = [symbol for symbol in request.symbols if kinds[symbol] == kind]
            for first in range(0, len(symbols), _SYMBOLS_A_REQUEST):
                yield from self._answer(request, kind, tuple(symbols[first : first + _SYMBOLS_A_REQUEST]), feed)

    def actions(self, symbol: str, span: Span) -> tuple[CorporateAction, ...]:
        """The actions of a stock with an ex time in a span: see `corporate_actions`."""
        if kind_of(symbol) != STOCKS:
            raise InvalidInput(
                f"Alpaca has corporate actions of stocks, and {symbol} is none", fix="ask for its bars alone"
            )
        found = corporate_actions(self.reader, [symbol], span)
        # A new name is told under the old one too, and dates are asked for as days.
        return tuple(each for each in found if each.symbol == symbol and span.start <= each.ex_time < span.stop)

    def close(self) -> None:
        """Let go of connections. Calling it again does nothing."""
        self.reader.close()

    def _answer(self, request: BarsRequest, kind: str, symbols: tuple[str, ...], feed: str) -> Iterator[RawBars]:
        now = self._now()
        known = now - (_DELAY.get(feed, 0) if kind == STOCKS else 0)
        grid = grid_of(request.timeframe, kind)
        asked = _clipped(grid.asked(request.span), request.span, now)
        if asked.start >= asked.stop:
            return
        answer = BarPages(symbols, grid, request.span, known)
        parameters: dict[str, Any] = {
            "symbols": ",".join(symbols),
            "timeframe": timeframe_text(request.timeframe),
            "start": as_text(asked.start),
            "end": as_text(asked.stop),
            "sort": "asc",
        }
        if kind == STOCKS:
            parameters |= {"adjustment": request.adjustment, "feed": feed}
        elif request.adjustment != "raw":
            raise InvalidInput(f"prices of {kind} are not adjusted", fix="leave the adjustment at raw")
        version, path = _PATHS[kind]
        for page in pages_of(self.reader, version, path, parameters, key="bars", limit=self.reader.place.rows):
            yield from answer.rows(page)
        for symbol in symbols:
            if kind != OPTIONS and symbol not in answer.seen:
                self._refuse_unknown(symbol)

    def _refuse_unknown(self, symbol: str) -> None:
        """Raise UnknownName where Alpaca lists no such symbol: its bars of a misspelt one are simply none."""
        if not self.reader.place.trading_url:
            return
        try:
            self.reader.trading(f"/assets/{symbol.replace('/', '%2F')}")
        except (SourceDenied, SourceUnavailable):
            return  # the data is what was asked for; who may not see the list of symbols is not told about it
        except InvalidInput:
            known = self.reader.trading("/assets", {"status": "active"})
            names = [str(each["symbol"]) for each in known if isinstance(each, dict) and "symbol" in each]
            found = unknown_name("symbol of Alpaca", symbol, names)
            raise UnknownName(found.what, fix=found.fix) from None


def _clipped(asked: Span, wanted: Span, now: int) -> Span:
    """What is asked for, without the future, and without its margin where that reaches into what has to be paid for."""
    return Span(asked.start, min(asked.stop, now, max(wanted.stop - 1, now - _RECENT)))


def alpaca_from(name: str, settings: ProviderSettings) -> AlpacaProvider:
    """The provider that the settings describe; keys come from the environment.

    Options: url, trading_url (the url where only that is given: keys are sent nowhere else), feed, timeout, attempts.
    Raises SourceDenied where keys are missing.
    """
    url = settings.option(name, "url")
    place = AlpacaPlace(
        data_url=url or DATA_URL,
        trading_url=settings.option(name, "trading_url", url or TRADING_URL),
        patience=_patience(name, settings),
    )
    return AlpacaProvider(keys_in(settings.environment), place, feed=settings.option(name, "feed", FEEDS[0]))


def _patience(name: str, settings: ProviderSettings) -> Patience:
    usual = settings.patience
    return Patience(
        attempts=int(_positive(name, settings, "attempts", usual.attempts)),
        first_wait=usual.first_wait,
        longest_wait=usual.longest_wait,
        timeout=_positive(name, settings, "timeout", usual.timeout),
    )


def _positive(name: str, settings: ProviderSettings, option: str, usual: float) -> float:
    text = settings.option(name, option)
    try:
        number = float(text or usual)
    except ValueError:
        number = 0.0
    if not 0.0 < number < 1e6:
        raise InvalidInput(f"[{name}] {option} is {text!r}", fix=f"write a number above 0, such as {usual:g}")
    return number


def _known_feed(feed: str) -> str:
    if feed not in FEEDS:
        raise unknown_name("feed of Alpaca", feed, FEEDS)
    return feed
