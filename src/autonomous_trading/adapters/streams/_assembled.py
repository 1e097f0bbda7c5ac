"""A stream of longer bars, made of the minutes that a source sends."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from functools import partial
from typing import Final, final

from autonomous_trading.adapters.streams._minutes import MINUTE, Minutes, is_made_of_minutes
from autonomous_trading.adapters.streams._questions import Questions
from autonomous_trading.app.market_data import BarProvider, BarStream, Clock, Heard, Subscribed
from autonomous_trading.core import SourceCorrupt, SourceDenied, SourceUnavailable, Timeframe
from autonomous_trading.data import BarsRequest, Sessions, Span
from autonomous_trading.data.streaming import Arrival

__all__ = ["AssembledStream"]

_AGAIN: Final = 5_000_000_000
"""Nanoseconds after a question that was not answered before the next one."""


@final
class AssembledStream(BarStream):
    """Bars of 5m, 15m, 30m, 1h of a stream that sends minutes only; `core.resample` makes them.

    A bar is sent as soon as every minute came that `sessions` expect. Where one did not, the provider is asked for the
    minutes once it has them for certain (`Capabilities`), and the bar is made of those. It is sent again when a minute
    of it is revised; how long bars are remembered for that is bounded.
    """

    def __init__(
        self,
        minutes: BarStream,
        provider: BarProvider,
        clock: Clock,
        *,
        sessions: Sessions,
        feed: str = "",
        look: float = 1.0,
    ) -> None:
        self._minutes, self._provider, self._clock = minutes, provider, clock
        self._sessions, self._feed, self._look = sessions, feed, look

    @property
    def name(self) -> str:
        return self._minutes.name

    async def listen(self, symbols: tuple[str, ...], timeframe: Timeframe) -> AsyncGenerator[Subscribed | Heard, None]:
        """Listen to minutes, and hand on the bars that they make."""
        if not is_made_of_minutes(timeframe):
            raise SourceDenied(f"bars of {timeframe} are not made of minutes here", fix="watch 5m, 15m, 30m or 1h")
        lag = self._provider.capabilities().lateness(MINUTE, self._feed)
        own = {symbol: Minutes(symbol, timeframe, self._sessions, lag=lag) for symbol in symbols}
        asking = _Asking(self._provider, self._clock, self._feed)
        source = self._minutes.listen(symbols, MINUTE)
        following = asyncio.ensure_future(anext(source, None))
        try:
            while True:
                done, _ = await asyncio.wait({following}, timeout=self._look)
                if done:
                    message = following.result()
                    if message is None:
                        return
                    following = asyncio.ensure_future(anext(source, None))
                    for each in self._taken(message, own):
                        yield each
                for each in await asking.for_what_lacks(own, timeframe):
                    yield each
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)
            await source.aclose()
            asking.close()

    def _taken(self, message: Subscribed | Heard, own: Mapping[str, Minutes]) -> list[Subscribed | Heard]:
        if isinstance(message, Heard):
            return [Heard(message.symbol, bar) for bar in own[message.symbol].heard(message.arrival)]
        for each in own.values():
            each.subscribed(self._clock.now())
        return [message]


@final
class _Asking:
    """Questions to a provider for the minutes of bars that lack some."""

    def __init__(self, provider: BarProvider, clock: Clock, feed: str) -> None:
        self._provider, self._clock, self._feed = provider, clock, feed
        self._questions = Questions("minutes")
        self._failed_at: int | None = None

    def close(self) -> None:
        """An answer that nobody waits for holds nobody up."""
        self._questions.close()

    async def for_what_lacks(self, own: Mapping[str, Minutes], timeframe: Timeframe) -> list[Heard]:
        """The bars that could be made after the provider was asked; one question for the symbols that lack the same."""
        if self._failed_at is not None and self._clock.monotonic() - self._failed_at < _AGAIN:
            return []
        self._failed_at, now = None, self._clock.now()
        lacking: dict[int, list[str]] = {}
        for symbol, minutes in own.items():
            for start in minutes.lacking(now):
                lacking.setdefault(start, []).append(symbol)
        made: list[Heard] = []
        for start, symbols in sorted(lacking.items()):
            request = BarsRequest(tuple(symbols), MINUTE, Span(start, start + timeframe.ns), "raw", self._feed)
            try:
                found = await self._questions.answer(partial(self._asked, request))
            except (SourceUnavailable, SourceCorrupt):
                # Not told: who listens asks for the whole bar by itself, and says so where that fails.
                self._failed_at = self._clock.monotonic()
                return made
            for symbol in symbols:
                bars = own[symbol].answered(start, found.get(symbol, []), self._clock.now())
                made += [Heard(symbol, bar) for bar in bars]
        return made

    def _asked(self, request: BarsRequest) -> dict[str, list[Arrival]]:
        found: dict[str, list[Arrival]] = {}
        for page in self._provider.pages(request):
            found.setdefault(page.symbol, []).extend(Arrival.all_of(page, "history"))
        return found
