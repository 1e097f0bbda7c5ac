"""A task that listens to a stream and connects again, and what it heard."""

import asyncio
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final, TypeAlias, final

from autonomous_trading.adapters.streams._reconnecting import Reconnecting
from autonomous_trading.app.market_data import BarStream, Clock, Heard, Subscribed
from autonomous_trading.core import SourceCorrupt, SourceDenied, SourceUnavailable, Timeframe, TradingError

__all__ = ["Listening", "Lost", "Message"]

_MOST_WAITING: Final = 10_000
"""Messages between the connection and us; beyond them the connection itself is read no further."""
_SECOND: Final = 1_000_000_000


@final
@dataclass(frozen=True, slots=True)
class Lost:
    """The connection is gone, and is to be had again; `final` where it is not."""

    error: TradingError
    final: bool = False


Message: TypeAlias = Subscribed | Heard | Lost


@final
class Listening:
    """One connection for some symbols, had again as `reconnecting` says, which outlives it.

    `waiting` is whether it was lost, and is not to be had again yet.
    """

    def __init__(
        self,
        stream: BarStream,
        symbols: tuple[str, ...],
        timeframe: Timeframe,
        *,
        clock: Clock,
        reconnecting: Reconnecting,
    ) -> None:
        self.stream, self.reconnecting, self.waiting = stream, reconnecting, False
        self._symbols, self._timeframe, self._clock = symbols, timeframe, clock
        self._inbox: asyncio.Queue[Message] = asyncio.Queue(_MOST_WAITING)
        self._task = asyncio.create_task(self._listen())

    async def heard(self, seconds: float) -> "Message | None":
        """What came next; None where nothing comes for so long."""
        try:
            async with asyncio.timeout(seconds):
                return await self._inbox.get()
        except TimeoutError:
            if self._task.done() and not self._task.cancelled():
                self._task.result()  # a failure that nobody expects is not waited out
            return None

    async def stop(self) -> None:
        """Let go of the connection."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self.reconnecting.let_go()

    async def _listen(self) -> None:
        while True:
            error: TradingError
            try:
                await self._one_connection()
                error = SourceUnavailable("the stream ended", fix="connect again")
            except (SourceUnavailable, SourceCorrupt) as lost:
                error = lost
            except SourceDenied as refused:
                await self._inbox.put(Lost(refused, final=True))
                return
            wait = self.reconnecting.lost(self._clock.monotonic())
            await self._inbox.put(Lost(error, final=wait is None))
            if wait is None:
                return
            self.waiting = True
            await asyncio.sleep(wait / _SECOND)
            self.waiting = False

    async def _one_connection(self) -> None:
        """Hand on what comes, until the connection is lost."""
        async with aclosing(self.stream.listen(self._symbols, self._timeframe)) as messages:
            async for message in messages:
                if isinstance(message, Heard):
                    self.reconnecting.brought_a_bar()
                else:
                    self.reconnecting.subscribed(self._clock.monotonic())
                await self._inbox.put(message)
