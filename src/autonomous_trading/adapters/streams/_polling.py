"""A stream made of questions: a provider asked again and again, where nothing is sent or sending is not included."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from functools import partial
from typing import Final, final

from autonomous_trading.adapters.streams._questions import Questions
from autonomous_trading.app.market_data import BarProvider, BarStream, Clock, Heard, Subscribed
from autonomous_trading.core import Timeframe
from autonomous_trading.data import BarsRequest, RawBars, Span
from autonomous_trading.data.streaming import Arrival

__all__ = ["PollingStream"]

_LOOKED_BACK: Final = 5
_SECOND_NS: Final = 1_000_000_000


@final
class PollingStream(BarStream):
    """The newest bars of a provider, asked for `seconds` apart (default: four times a bar, every minute at the most).

    Each question goes back a few bars, so that bars that come late, or are revised, are seen. It asks for prices of one
    `adjustment`: the bars go into the series of that adjustment, which no others may enter.
    """

    def __init__(
        self,
        provider: BarProvider,
        clock: Clock,
        *,
        feed: str = "",
        adjustment: str = "raw",
        seconds: float | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._provider, self._clock, self._feed = provider, clock, feed
        self._seconds, self._sleep, self._adjustment = seconds, sleep, adjustment

    @property
    def name(self) -> str:
        return self._provider.name

    @property
    def adjustment(self) -> str:
        return self._adjustment

    async def listen(self, symbols: tuple[str, ...], timeframe: Timeframe) -> AsyncGenerator[Subscribed | Heard, None]:
        """Ask, hand on what is there, wait, and ask again."""
        wait = min(timeframe.ns / _SECOND_NS / 4.0, 60.0) if self._seconds is None else self._seconds
        questions = Questions("polling")
        yield Subscribed(symbols)
        try:
            while True:
                now = self._clock.now()
                span = Span(now - _LOOKED_BACK * timeframe.ns, now)
                request = BarsRequest(symbols, timeframe, span, self._adjustment, self._feed)
                for page in await questions.answer(partial(self._asked, request)):
                    for arrival in Arrival.all_of(page, "poll"):
                        yield Heard(page.symbol, arrival)
                await self._sleep(wait)
        finally:
            questions.close()

    def _asked(self, request: BarsRequest) -> list[RawBars]:
        return list(self._provider.pages(request))
