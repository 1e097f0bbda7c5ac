"""The loop around the decisions of `app.market_data`: it listens, asks for what is missing, keeps, and tells."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field, replace
from typing import final

from autonomous_trading.adapters.providers import Patience
from autonomous_trading.adapters.streams._listening import Listening, Message
from autonomous_trading.adapters.streams._questions import Questions
from autonomous_trading.adapters.streams._reconnecting import Reconnecting, StaleFeed
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
from autonomous_trading.core import InvalidInput, SourceCorrupt, SourceUnavailable, TradingError
from autonomous_trading.data import BarsRequest, Span

__all__ = ["LiveFeed", "live_bars"]


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


async def live_bars(feed: LiveFeed, *series: LiveSettings, since: int | None = None) -> AsyncGenerator[LiveEvent, None]:
    """Bars from the last one in the catalogue on (or from `since`), each once, in order, and what else is to be known.

    Several series, of different symbols and one timeframe, share one connection; each has its own order and its own
    alarm, and events name their symbol. The stream is subscribed to first, then the provider is asked for what was
    missed until then, so that nothing falls between the two; the same after every loss of the connection. A bar is in
    the catalogue before it is told. Raises what the stream raises when it cannot be had and there is no fallback, and
    SourceDenied or UnknownName of the provider. Close it (`contextlib.aclosing`) to let go of the connection.
    """
    symbols = {each.key.symbol for each in series}
    if not series or len(symbols) < len(series) or len({each.key.timeframe for each in series}) > 1:
        raise InvalidInput(
            f"{', '.join(each.key.text for each in series) or 'no series'} on one connection",
            fix="name each symbol once, all with bars of one length",
        )
    _refuse_mixed(feed, series)
    desks = []
    for settings in series:
        state = await asyncio.to_thread(live_from, settings, feed.catalogue, feed.clock.read(), since=since)
        desks.append(_Desk(feed, settings, state))
    room = _Room(feed, desks)
    try:
        while True:
            for event in await room.turn():
                yield event
            for event in await room.answers():
                yield event
    finally:
        await room.close()


def _refuse_mixed(feed: LiveFeed, series: Sequence[LiveSettings]) -> None:
    """Prices of one adjustment never enter the series of another: read back, they would look like jumps."""
    for stream in filter(None, (feed.stream, feed.fallback)):
        for key in (each.key for each in series):
            if key.adjustment != stream.adjustment:
                raise InvalidInput(
                    f"{key.text} is to be {key.adjustment}, and {stream.name} sends {stream.adjustment} prices",
                    fix=f"watch a series with the adjustment {stream.adjustment}, or ask for these bars by polling",
                )


@final
class _Room:
    """The desks of all series on one connection, and who listens for them."""

    def __init__(self, feed: LiveFeed, desks: "Sequence[_Desk]") -> None:
        self._feed, self._desks = feed, {desk.symbol: desk for desk in desks}
        self._stale = StaleFeed(desks[0].settings.grid.timeframe.ns)
        self._refused: TradingError | None = None
        self._questions = Questions("questions")
        self._listening = self._listen_to(feed.stream, Reconnecting(feed.patience))

    async def turn(self) -> list[LiveEvent]:
        """What is to be told after one message, or one look at a silent feed."""
        if self._refused is not None:
            raise self._refused
        events: list[LiveEvent] = []
        message = await self._listening.heard(self._feed.look)
        if message is not None:
            events += await self._on(message)
        for desk in self._desks.values():
            events += await desk.looked()
        await self._had_again_where_stale()
        return events

    async def answers(self) -> list[LiveEvent]:
        """What is to be told after the provider was asked for what is missing, where something is."""
        events = [event for desk in self._desks.values() for event in await desk.answers(self._questions)]
        await self._had_again_where_stale()
        return events

    async def close(self) -> None:
        """Let go of the connection; a question that is being answered is waited for by nobody."""
        self._questions.close()
        await self._listening.stop()

    async def _on(self, message: Message) -> list[LiveEvent]:
        if isinstance(message, Heard):
            desk = self._desks.get(message.symbol)
            if desk is None:
                return []
            newest, told = desk.newest, await desk.heard(message, self._questions)
            if desk.newest > newest and not desk.stale:
                self._stale.brought_news(self._feed.clock.monotonic())
            return told
        if isinstance(message, Subscribed):
            for desk in self._desks.values():
                desk.subscribed()
            return [LiveEvent("connected")]
        told = [LiveEvent("disconnected", reason=str(message.error))]
        return told + await self._fallen_back(message.error) if message.final else told

    async def _fallen_back(self, error: TradingError) -> list[LiveEvent]:
        fallback = self._feed.fallback
        if fallback is None or self._listening.stream is fallback:
            self._refused = error  # raised at the next turn: what was told before it comes first
            return []
        await self._listening.stop()
        self._listening = self._listen_to(fallback, Reconnecting(self._feed.patience))
        return [LiveEvent("polling", reason=str(error))]

    async def _had_again_where_stale(self) -> None:
        """What is connected and sends nothing new may be a connection that is dead without knowing it.

        Whatever showed it: a look, a bar that is old when it comes, or an answer without newer ones. One that brings
        other series is not dead: what the stale one lacks is asked for instead.
        """
        now = self._feed.clock.monotonic()
        if self._listening.waiting or not any(desk.stale for desk in self._desks.values()):
            return
        if any(desk.is_alive(now) for desk in self._desks.values()) or not self._stale.to_be_had_again(now):
            return
        await self._listening.stop()
        self._listening = self._listen_to(self._listening.stream, self._listening.reconnecting)

    def _listen_to(self, stream: BarStream, reconnecting: Reconnecting) -> Listening:
        frame = next(iter(self._desks.values())).settings.key.timeframe
        return Listening(stream, tuple(self._desks), frame, clock=self._feed.clock, reconnecting=reconnecting)


@final
class _Desk:
    """One live series being kept: where it stands."""

    def __init__(self, feed: LiveFeed, settings: LiveSettings, state: LiveState) -> None:
        self.settings, self.symbol = settings, settings.key.symbol
        self._feed, self._state = feed, state
        self._heard_at: int | None = None

    @property
    def stale(self) -> bool:
        """Whether bars are due that did not come."""
        return self._state.watch.blocked

    @property
    def newest(self) -> int:
        """The start of the newest bar that came, by whatever way."""
        return self._state.watch.newest

    def is_alive(self, now: int) -> bool:
        """Whether the connection brought a bar of this series lately, and it is not stale."""
        lately = self.settings.stale_after * self.settings.grid.timeframe.ns
        return not self.stale and self._heard_at is not None and now - self._heard_at < lately

    def subscribed(self) -> None:
        """Every bar is sent from here on."""
        self._state = self._state.subscribed(self.settings, self._feed.clock.read())

    async def heard(self, message: Heard, questions: Questions) -> list[LiveEvent]:
        """A bar was sent."""
        missed = self._state.missed_before(self.settings, message.arrival)
        told = [] if missed is None else await self._answer(missed, questions)
        reading, newest = self._feed.clock.read(), self.newest
        told += await self._kept(self._state.came(self.settings, [message.arrival], reading))
        if self.newest > newest:
            self._heard_at = reading.monotonic
        return told

    async def looked(self) -> list[LiveEvent]:
        """Time passed."""
        return await self._kept(self._state.passed(self.settings, self._feed.clock.read()))

    async def answers(self, questions: Questions) -> list[LiveEvent]:
        """What is to be told after the provider was asked for what is missing, where something is."""
        spans, self._state = self._state.questions(self.settings, self._feed.clock.read())
        return [event for span in spans for event in await self._answer(span, questions)]

    async def _answer(self, span: Span, questions: Questions) -> list[LiveEvent]:
        key = self.settings.key
        request = BarsRequest((key.symbol,), key.timeframe, span, key.adjustment, self.settings.feed)
        try:
            rows = await questions.answer(lambda: list(self._feed.provider.pages(request)))
        except (SourceUnavailable, SourceCorrupt) as failure:
            self._state = replace(self._state, wanted=(*self._state.wanted, span))
            return [LiveEvent("unanswered", span=span, reason=str(failure), symbol=self.symbol)]
        return await self._kept(self._state.answered(self.settings, span, rows, self._feed.clock.read()))

    async def _kept(self, step: LiveStep) -> list[LiveEvent]:
        """The events of a step, after all it brings is in the catalogue."""
        for delivery in step.deliveries:
            await asyncio.to_thread(self._feed.catalogue.commit, self.settings.key, delivery)
        self._state = step.state
        return [replace(event, symbol=self.symbol) for event in step.events]
