"""Candles that crypto exchanges send, through ccxt.pro: each market is a question of its own on one exchange object.

`watch_ohlcv` gives the candle in progress again and again, and drops the exchange's own word that it is finished. Here
a candle is finished when a newer one came over the same connection, or when news of it came after its end and no more
for a moment: what was last seen of a candle before a connection fell silent is never taken for the whole of it.

Two more things found in ccxt's source (4.5): news that comes while nobody waits wakes nobody, so what is there is read
from its cache; and a connection that is lost meanwhile is replaced at the next question, without a word.
"""

import asyncio
import math
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import Any, Final, final

from autonomous_trading.adapters.providers import Patience
from autonomous_trading.app.market_data import BarStream, Clock, Heard, Subscribed
from autonomous_trading.core import SourceCorrupt, SourceDenied, SourceUnavailable, Timeframe, unknown_name
from autonomous_trading.data.streaming import Arrival

__all__ = ["ExchangeStream"]

_MS: Final = 1_000_000
_QUIET: Final = 1.0
"""Seconds without news after which the news before was the last of a candle that is over."""

_LOOKED_BACK: Final = 200
_LATEST: Final = 2**62  # UTC nanoseconds, in 2116
_AGAIN: Final = "connect again; the bars that were missed are asked for"


@final
class ExchangeStream(BarStream):
    """Bars of markets of an exchange that ccxt knows ("binance"), symbols as ccxt writes them ("BTC/USDT").

    `options` go to ccxt as they are: {"urls": {"api": {"ws": {...}}}} for other addresses. `markets` spare the question
    which markets there are.
    """

    def __init__(
        self,
        exchange: str,
        *,
        clock: Clock,
        options: Mapping[str, Any] | None = None,
        markets: Sequence[Mapping[str, Any]] = (),
        patience: Patience | None = None,
    ) -> None:
        self._exchange, self._clock = exchange, clock
        self._options, self._markets = dict(options or {}), list(markets)
        self._patience = patience or Patience()

    @property
    def name(self) -> str:
        return self._exchange

    async def listen(self, symbols: tuple[str, ...], timeframe: Timeframe) -> AsyncGenerator[Subscribed | Heard, None]:
        """Connect, subscribe, and hand on finished bars; Subscribed once the first news of every market came."""
        import ccxt

        exchange = self._made()
        try:
            async with asyncio.timeout(self._patience.timeout):
                await exchange.load_markets()
            confirmed: set[str] = set()
            async with aclosing(_together([self._watching(exchange, each, timeframe) for each in symbols])) as heard:
                async for each in heard:
                    if isinstance(each, Heard):
                        yield each
                        continue
                    confirmed |= {*each.symbols}
                    if len(confirmed) == len(symbols):
                        yield Subscribed(symbols)
        except (ccxt.AuthenticationError, ccxt.BadSymbol, ccxt.BadRequest, ccxt.NotSupported) as error:
            said = f"{self.name} refused {', '.join(symbols)} {timeframe}: {_shown(error)}"
            raise SourceDenied(said, fix="look at the symbol and the timeframe") from None
        except (ccxt.NetworkError, OSError, TimeoutError) as error:
            raise SourceUnavailable(f"the stream of {self.name}: {_shown(error)}", fix=_AGAIN) from None
        except ccxt.BaseError as error:
            raise SourceCorrupt(f"the stream of {self.name}: {_shown(error)}", fix=_AGAIN) from None
        finally:
            await exchange.close()

    async def _watching(
        self, exchange: Any, symbol: str, timeframe: Timeframe
    ) -> AsyncGenerator[Subscribed | Heard, None]:
        candles, watched = _Candles(timeframe), _Watched(exchange, symbol, timeframe)
        try:
            news = await watched.news()
            yield Subscribed((symbol,))
            while True:
                now = self._clock.now()
                candles.add(watched.rows(), news=news, now=now)
                for row in candles.finished():
                    yield Heard(symbol, _arrival(row, now))
                news = await watched.news(seconds=_QUIET)
        finally:
            await watched.close()

    def _made(self) -> Any:
        import ccxt.pro

        if self._exchange not in ccxt.pro.exchanges:
            raise unknown_name("exchange", self._exchange, ccxt.pro.exchanges)
        milliseconds = int(self._patience.timeout * 1_000)
        made = getattr(ccxt.pro, self._exchange)({"timeout": milliseconds, **self._options})
        if self._markets:
            made.set_markets([made.deep_extend(made.safe_market(), each) for each in self._markets])
        return made


@final
class _Watched:
    """What ccxt.pro has of one market. One may stop waiting for news: the question itself is not dropped."""

    def __init__(self, exchange: Any, symbol: str, timeframe: Timeframe) -> None:
        self._exchange, self._symbol, self._timeframe = exchange, symbol, timeframe.text
        self._question = self._ask()
        self._connections: dict[str, object] = {}

    def _ask(self) -> "asyncio.Future[Any]":
        question: asyncio.Future[Any] = asyncio.ensure_future(self._exchange.watch_ohlcv(self._symbol, self._timeframe))
        return question

    async def close(self) -> None:
        """Drop the question."""
        self._question.cancel()
        await asyncio.gather(self._question, return_exceptions=True)

    async def news(self, *, seconds: float | None = None) -> bool:
        """Wait for news; whether there was some in so many seconds. Raises what ccxt raises, and SourceUnavailable."""
        done, _ = await asyncio.wait({self._question}, timeout=seconds)
        if done:
            self._question.result()
            self._question = self._ask()
        now = dict(self._exchange.clients)
        replaced = any(now.get(url) is not each for url, each in self._connections.items())
        self._connections = now
        if replaced or not now:
            raise SourceUnavailable("the connection was lost and replaced by another one", fix=_AGAIN)
        return bool(done)

    def rows(self) -> list[list[Any]]:
        """The newest candles, in order; copies, because ccxt writes news into the same lists."""
        symbol = self._exchange.market(self._symbol)["symbol"]
        kept = self._exchange.ohlcvs.get(symbol, {}).get(self._timeframe, ())
        return [list(row) for row in list(kept)[-_LOOKED_BACK:]]


@final
class _Candles:
    """The candle in progress, and the ones that ended since they were asked for."""

    def __init__(self, timeframe: Timeframe) -> None:
        self._length = timeframe.ns // _MS
        self._seen: dict[int, list[Any]] = {}
        self._news_at = 0
        self._quiet = False
        self._ended = -1

    def add(self, rows: list[list[Any]], *, news: bool, now: int) -> None:
        """What there is, in order of time, and whether there was news of it. Raises SourceCorrupt."""
        for row in rows:
            if type(row[0]) is not int:
                raise SourceCorrupt(f"a candle begins at {repr(row[0])[:40]} ms, which is no time", fix=_AGAIN)
        self._seen.update((row[0], row) for row in rows)
        for time in sorted(self._seen)[:-_LOOKED_BACK]:
            del self._seen[time]
        self._news_at, self._quiet = (now if news else self._news_at), not news

    def finished(self) -> list[list[Any]]:
        """The candles that ended and were not told yet, in order."""
        newest = max(self._seen, default=-1)
        over = self._quiet and self._news_at >= (newest + self._length) * _MS
        ended = newest if over else newest - 1
        told = [self._seen[time] for time in sorted(self._seen) if self._ended < time <= ended]
        self._ended = max([self._ended, *(row[0] for row in told)])
        return told


async def _together(
    sources: Sequence[AsyncGenerator[Subscribed | Heard, None]],
) -> AsyncGenerator[Subscribed | Heard, None]:
    """What several sources give, as it comes; the first of them to fail or end, fails or ends it."""
    waited: dict[asyncio.Future[Subscribed | Heard], AsyncGenerator[Subscribed | Heard, None]] = {}
    try:
        waited |= {asyncio.ensure_future(anext(source)): source for source in sources}
        while waited:
            done, _ = await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
            for each in done:
                source = waited.pop(each)
                try:
                    found = each.result()
                except StopAsyncIteration:
                    return
                yield found
                waited[asyncio.ensure_future(anext(source))] = source
    finally:
        for each in waited:
            each.cancel()
        await asyncio.gather(*waited, return_exceptions=True)
        for source in sources:
            await source.aclose()


def _arrival(row: list[Any], now: int) -> Arrival:
    try:
        time, *values = row[:6]
        opened, high, low, close, volume = (math.nan if each is None else float(each) for each in values)
        start = int(time) * _MS
    except (TypeError, ValueError, OverflowError):
        raise SourceCorrupt(f"a candle is {repr(row)[:80]}", fix=_AGAIN) from None
    if not 0 < start < _LATEST:
        raise SourceCorrupt(f"a candle begins at {repr(time)[:40]} ms, which is no time", fix=_AGAIN)
    return Arrival(start, opened, high, low, close, volume, now)


def _shown(error: Exception) -> str:
    return f"{type(error).__name__} {error}"[:160]
