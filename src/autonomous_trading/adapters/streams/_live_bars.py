"""The loop around the decisions of `app.market_data`: it listens, asks for what is missing, keeps, and tells."""

import asyncio
from collections.abc import AsyncGenerator
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias, final

from autonomous_trading.adapters.providers import Patience
from autonomous_trading.app.market_data import (
    BarCatalogue,
    BarProvider,
    BarStream,
    Clock,
    Heard,
    LiveEvent,
    LiveSettings,
    LiveState,
    LiveStep,
    Subscribed,
    live_from,
)
from autonomous_trading.core import SourceCorrupt, SourceDenied, SourceUnavailable, TradingError
from autonomous_trading.data import BarsRequest, Span

__all__ = ["LiveFeed", "live_bars"]

_MOST_WAITING: Final = 10_000
"""Messages between the connection and us; beyond them the connection itself is read no further."""


@final
@dataclass(frozen=True, slots=True)
class LiveFeed:
    """Who is listened to, who is asked, where it is kept, and by which clock.

    `fallback` is listened to instead once the stream is refused, or cannot be had in `patience.attempts` attempts
    in a row. `look` is how many seconds pass between two looks at a silent feed.
    """

    stream: BarStream
    provider: BarProvider
    catalogue: BarCatalogue
    clock: Clock
    fallback: BarStream | None = None
    patience: Patience = field(default_factory=Patience)
    look: float = 1.0


@final
@dataclass(frozen=True, slots=True)
class _Lost:
    """The connection is gone, and is to be had again; `final` where it is not."""

    error: TradingError
    final: bool = False


_Message: TypeAlias = Subscribed | Heard | _Lost


async def live_bars(
    feed: LiveFeed, settings: LiveSettings, *, since: int | None = None
) -> AsyncGenerator[LiveEvent, None]:
    """Bars from the last one in the catalogue on (or from `since`), each once, in order, and what else is to be known.

    The stream is subscribed to first, then the provider is asked for what was missed until then, so that nothing falls
    between the two; the same after every loss of the connection. A bar is in the catalogue before it is told. Raises
    what the stream raises when it cannot be had and there is no fallback, and SourceDenied or UnknownName of the
    provider. Close it (`contextlib.aclosing`) to let go of the connection.
    """
    state = await asyncio.to_thread(live_from, settings, feed.catalogue, feed.clock.read(), since=since)
    desk = _Desk(feed, settings, state)
    try:
        while True:
            for event in await desk.turn():
                yield event
            for event in await desk.answers():
                yield event
    finally:
        await desk.close()


@final
class _Desk:
    """One live series being kept: whom it listens to, and where it stands."""

    def __init__(self, feed: LiveFeed, settings: LiveSettings, state: LiveState) -> None:
        self._feed, self._settings, self._state = feed, settings, state
        self._listening = _Listening(feed.stream, settings, feed.patience)
        self._refused: TradingError | None = None
        self._questions = ThreadPoolExecutor(1, thread_name_prefix="questions")

    async def turn(self) -> list[LiveEvent]:
        """What is to be told after one message, or one look at a silent feed."""
        if self._refused is not None:
            raise self._refused
        events: list[LiveEvent] = []
        message = await self._listening.heard(self._feed.look)
        if message is not None:
            events += await self._on(message)
        return events + await self._looked()

    async def answers(self) -> list[LiveEvent]:
        """What is to be told after the provider was asked for what is missing, where something is."""
        spans, self._state = self._state.questions(self._settings, self._feed.clock.read())
        return [event for span in spans for event in await self._answer(span)]

    async def close(self) -> None:
        """Let go of the connection; a question that is being answered is waited for by nobody."""
        self._questions.shutdown(wait=False, cancel_futures=True)
        await self._listening.stop()

    async def _on(self, message: "_Message") -> list[LiveEvent]:
        if isinstance(message, Heard):
            missed = self._state.missed_before(self._settings, message.arrival)
            told = [] if missed is None else await self._answer(missed)
            step = self._state.came(self._settings, [message.arrival], self._feed.clock.read())
            return [*told, *await self._kept(step)]
        if isinstance(message, Subscribed):
            self._state = self._state.subscribed(self._settings, self._feed.clock.read())
            return [LiveEvent("connected")]
        told = [LiveEvent("disconnected", reason=str(message.error))]
        return told + await self._fallen_back(message.error) if message.final else told

    async def _fallen_back(self, error: TradingError) -> list[LiveEvent]:
        fallback = self._feed.fallback
        if fallback is None or self._listening.stream is fallback:
            self._refused = error  # raised at the next turn: what was told before it comes first
            return []
        await self._listen_to(fallback)
        return [LiveEvent("polling", reason=str(error))]

    async def _looked(self) -> list[LiveEvent]:
        return await self._kept(self._state.passed(self._settings, self._feed.clock.read()))

    async def _listen_to(self, stream: BarStream) -> None:
        await self._listening.stop()
        self._listening = _Listening(stream, self._settings, self._feed.patience)

    async def _answer(self, span: Span) -> list[LiveEvent]:
        key = self._settings.key
        request = BarsRequest((key.symbol,), key.timeframe, span, key.adjustment, self._settings.feed)
        loop = asyncio.get_running_loop()
        try:
            rows = await loop.run_in_executor(self._questions, lambda: list(self._feed.provider.pages(request)))
        except (SourceUnavailable, SourceCorrupt) as failure:
            self._state = replace(self._state, wanted=(*self._state.wanted, span))
            return [LiveEvent("unanswered", span=span, reason=str(failure))]
        return await self._kept(self._state.answered(self._settings, span, rows, self._feed.clock.read()))

    async def _kept(self, step: LiveStep) -> list[LiveEvent]:
        """The events of a step, after all it brings is in the catalogue."""
        for delivery in step.deliveries:
            await asyncio.to_thread(self._feed.catalogue.commit, self._settings.key, delivery)
        self._state = step.state
        if any(event.kind == "stale" for event in step.events):
            # What is connected and sends nothing new may be a connection that is dead without knowing it. Whatever
            # showed it: a look, a bar that is old when it comes, or an answer without newer ones.
            await self._listen_to(self._listening.stream)
        return list(step.events)


@final
class _Listening:
    """A task that listens and connects again, and what it heard since."""

    def __init__(self, stream: BarStream, settings: LiveSettings, patience: Patience) -> None:
        self.stream = stream
        self._settings, self._patience = settings, patience
        self._inbox: asyncio.Queue[_Message] = asyncio.Queue(_MOST_WAITING)
        self._task = asyncio.create_task(self._listen())

    async def heard(self, seconds: float) -> "_Message | None":
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

    async def _listen(self) -> None:
        failures = 0
        while True:
            error: TradingError
            try:
                key = self._settings.key
                async with aclosing(self.stream.listen((key.symbol,), key.timeframe)) as messages:
                    async for message in messages:
                        failures = 0 if isinstance(message, Heard) else failures
                        await self._inbox.put(message)
                error = SourceUnavailable("the stream ended", fix="connect again")
            except (SourceUnavailable, SourceCorrupt) as lost:
                error = lost
            except SourceDenied as refused:
                await self._inbox.put(_Lost(refused, final=True))
                return
            failures += 1
            over = failures >= self._patience.attempts
            await self._inbox.put(_Lost(error, final=over))
            if over:
                return
            await asyncio.sleep(self._patience.wait_before(failures))
