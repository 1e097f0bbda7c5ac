"""Bars, trades and order books of a crypto exchange."""

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, final

import numpy as np

from autonomous_trading.adapters.providers._offers import checked_request, due_rows
from autonomous_trading.adapters.providers._settings import ProviderSettings
from autonomous_trading.adapters.providers.crypto._calls import Exchange
from autonomous_trading.adapters.providers.crypto._promises import ASCENDING, KEPT, check_rows
from autonomous_trading.adapters.providers.crypto._ticks import book_of, trades_of
from autonomous_trading.app.market_data import BarProvider, Capabilities
from autonomous_trading.core import InvalidInput, Timeframe, time_text
from autonomous_trading.data import BarsRequest, RawBars
from autonomous_trading.data.knowable import BookUpdates, Trades

__all__ = ["CryptoProvider", "crypto_provider"]

_MS: Final = 1_000_000
_PAGE: Final = 500  # rows asked for where ccxt does not say how many an exchange gives


@final
class CryptoProvider(BarProvider):
    """An exchange that ccxt knows, under its ccxt name: "binance:BTC/USDT:1h", "binanceusdm:BTC/USDT:USDT:1h".

    No keys are used: bars, trades and books of exchanges are public. ccxt keeps to the exchange's own rate; retries
    are ours.
    """

    def __init__(self, exchange: Exchange, *, now: Callable[[], int] = time.time_ns) -> None:
        self._exchange, self._now = exchange, now

    @property
    def name(self) -> str:
        """The ccxt name of the exchange."""
        return self._exchange.name

    def capabilities(self) -> Capabilities:
        """The bar lengths of the exchange, as traded, around the clock."""
        written = (self._exchange.library.timeframes or {}).keys()
        return Capabilities(tuple(text for text in written if _is_timeframe(text)), calendar="24/7")

    def pages(self, request: BarsRequest) -> Iterator[RawBars]:
        """The rows asked for: see `BarProvider`. InvalidInput for bars older than those the exchange still gives."""
        checked_request(self.name, self.capabilities(), request)
        now = self._now()
        self._refuse_too_old(request, now)
        for symbol in request.symbols:
            self._exchange.known(symbol)
        for symbol in request.symbols:
            for rows in self._answers(symbol, request, now):
                page = self._page(symbol, rows)
                due = page.taken(due_rows(page.time, request, now))
                if len(due):
                    yield due

    def trades(self, symbol: str, *, since: int | None = None, most: int = 1000) -> Trades:
        """The latest trades, or the first ones at or after `since` (UTC nanoseconds), at most so many.

        They are knowable from now on, when they were received; `event_time` is the exchange's own.
        """
        self._exchange.known(symbol)
        from_ms = None if since is None else -(-since // _MS)
        found = self._exchange.ask(lambda library: library.fetch_trades(symbol, from_ms, most))
        return trades_of(self.name, symbol, found, self._now())

    def order_book(self, symbol: str, *, depth: int = 100) -> BookUpdates:
        """The book as it is now, at most `depth` levels a side, as the rows of one snapshot."""
        self._exchange.known(symbol)
        found = self._exchange.ask(lambda library: library.fetch_order_book(symbol, depth))
        return book_of(self.name, symbol, found, self._now())

    def close(self) -> None:
        """Let go of connections."""
        self._exchange.close()

    def _answers(self, symbol: str, request: BarsRequest, now: int) -> Iterator[Sequence[Sequence[Any]]]:
        """The rows of one answer after another, from the start of the span to its end or to now.

        A short answer is not taken for the last one, because a page that was cut off is short as well. Exchanges that
        answer for a window of time give nothing for one without trades: the next window is asked for.
        """
        most = self._most_rows()
        since, stop = -(-request.span.start // _MS), min(request.span.stop, now)
        while since * _MS < stop:
            rows = self._bars(symbol, request.timeframe, since, most)
            if rows:
                yield rows
                since = _after(request.timeframe, int(rows[-1][0]))
            elif self.name in ASCENDING or self.name in KEPT:
                return
            else:
                since += most * request.timeframe.ns // _MS

    def _bars(self, symbol: str, timeframe: Timeframe, since: int, most: int) -> Sequence[Sequence[Any]]:
        def call(library: Any) -> Sequence[Sequence[Any]]:
            rows: Sequence[Sequence[Any]] = library.fetch_ohlcv(symbol, timeframe.text, since, most)
            check_rows(self.name, self._exchange.answer(), rows, timeframe)
            return rows

        return self._exchange.ask(call)

    def _page(self, symbol: str, rows: Sequence[Sequence[Any]]) -> RawBars:
        time_ns = np.array([row[0] for row in rows], dtype=np.int64) * _MS
        columns = {
            name: np.array([np.nan if row[at] is None else float(row[at]) for row in rows], dtype=np.float64)
            for at, name in enumerate(("open", "high", "low", "close", "volume"), start=1)
        }
        return RawBars(symbol, time_ns, **columns, received_at=self._now(), extra={})

    def _most_rows(self) -> int:
        features = self._exchange.library.features or {}
        offered = ((features.get("spot") or {}).get("fetchOHLCV") or {}).get("limit")
        return int(offered or _PAGE)

    def _refuse_too_old(self, request: BarsRequest, now: int) -> None:
        kept = KEPT.get(self.name)
        if kept is None:
            return
        oldest = now - kept * request.timeframe.ns
        if request.span.start < oldest:
            raise InvalidInput(
                f"{self.name} gives its last {kept} bars alone, and those begin at {time_text(oldest)}",
                fix="ask for a later start or for longer bars, or take the older ones from another exchange",
            )


def crypto_provider(name: str, settings: ProviderSettings) -> CryptoProvider:
    """The exchange of this ccxt name. Options: "url", a server that speaks as the exchange does, also under
    "crypto".

    A server of one's own is asked as fast as it answers; an exchange never faster than it allows.
    """
    url = settings.option(name, "url") or settings.option("crypto", "url")
    return CryptoProvider(Exchange(name, patience=settings.patience, url=url, within_rate=not url))


def _after(timeframe: Timeframe, start_ms: int) -> int:
    """The start of the bar after the one that starts then, in milliseconds."""
    return int(timeframe.following(np.array([start_ms * _MS], dtype=np.int64))[0]) // _MS


def _is_timeframe(text: str) -> bool:
    try:
        return Timeframe.of(text).text == text
    except InvalidInput:  # an exchange's own word ("tick"): nothing we could ask for
        return False
