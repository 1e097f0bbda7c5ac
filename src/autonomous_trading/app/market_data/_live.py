"""Bars of the past and bars that are sent become one series: what to emit, what to ask for, what to keep.

Everything is decided here, on values: whoever listens and asks (`adapters.streams`) hands in what came and the reading
of a clock, and is told what happened and what to ask the provider for. Nothing waits and nothing is sent.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple, final

import numpy as np

from autonomous_trading.app.market_data._catalogue import BarCatalogue, Delivery
from autonomous_trading.app.market_data._deliveries import deliveries_of
from autonomous_trading.core import DataNotFound
from autonomous_trading.data import RawBars, SeriesKey, Span, merged_spans
from autonomous_trading.data.streaming import (
    Arrival,
    BarGrid,
    FeedWatch,
    MergeSettings,
    MergeState,
    Outcome,
    Reading,
    Settled,
    SteadyTime,
    WatchSettings,
    merge,
    merge_from,
    steady_time,
    watch_feed,
    witnessed,
)

__all__ = ["LiveEvent", "LiveSettings", "LiveState", "LiveStep", "live_from"]

_SECOND: Final = 1_000_000_000
_TOLD: Final = frozenset({"revision", "quarantined", "future", "in_progress", "hole", "gap"})


@final
@dataclass(frozen=True, slots=True, eq=False)
class LiveSettings:
    """Which series, and how patiently.

    `lag`: how long after its end a bar may still be missing at the provider (nanoseconds): only what is older is
    settled by an answer without it. `again`: how long after a question the next one is asked. `feed` is the one that
    the provider is asked for: that of the stream, or the two are not the same bars.
    """

    key: SeriesKey
    grid: BarGrid
    lateness: int = 3
    stale_after: int = 2
    lag: int = 60 * _SECOND
    again: int = 5 * _SECOND
    feed: str = ""

    @property
    def merging(self) -> MergeSettings:
        """How arrivals are put in order."""
        return MergeSettings(self.grid, self.lateness)

    @property
    def watching(self) -> WatchSettings:
        """When the feed is stale."""
        return WatchSettings(self.grid, self.stale_after)


@final
@dataclass(frozen=True, slots=True)
class LiveEvent:
    """Something to know.

    `kind` is "bar" (finished, in order, once: decide on it), another outcome of merging ("revision", "quarantined",
    "future", "in_progress", "hole", "gap"), "complete" (nothing is missing any more), "stale" or "fresh" (the feed), or
    what the listener adds: "connected", "disconnected", "polling", "unanswered". `symbol` is whose series it is about,
    "" where it is about a connection.
    """

    kind: str
    bar: Arrival | None = None
    span: Span | None = None
    reason: str = ""
    symbol: str = ""


class LiveStep(NamedTuple):
    """What a step led to: events in order, what is to be kept before they are told, and the state to go on with."""

    events: tuple[LiveEvent, ...]
    deliveries: tuple[Delivery, ...]
    state: "LiveState"


@final
@dataclass(frozen=True, slots=True)
class LiveState:
    """Where one live series stands. `wanted` spans are to be asked for, `asked` is when the last question was.

    `begun` is from when bars were waited for: what ended later counts as known when it came, what ended before as known
    when it was over.
    """

    merging: MergeState
    watch: FeedWatch
    steady: SteadyTime
    wanted: tuple[Span, ...] = ()
    asked: int = -1
    begun: int = 0

    @property
    def blocked(self) -> bool:
        """Whether entries are blocked: bars are missing, or the feed is stale."""
        return self.merging.blocked or self.watch.blocked

    def subscribed(self, settings: LiveSettings, reading: Reading) -> "LiveState":
        """Every bar is sent from here on; what is missing until now is to be asked for, and at once."""
        return replace(self._wanting_all(settings, reading), asked=-1)

    def missed_before(self, settings: LiveSettings, arrival: Arrival) -> Span | None:
        """What to ask the provider for before a bar is taken, because taking it would give up bars that were missed.

        A connection that was lost, or a source that paused, leaves more behind than the window waits for; it is there
        to be asked for, and decided on in order, before the bar that shows it.
        """
        floor = self.merging.floor
        if floor < 0 or arrival.time <= floor or not settings.grid.fits(arrival.time):
            return None
        held = sum(each.time < arrival.time for each in self.merging.held)
        missed = len(settings.grid.expected(floor, arrival.time)) - held
        return Span(self._next(settings), arrival.time) if missed > settings.lateness else None

    def came(self, settings: LiveSettings, arrivals: Sequence[Arrival], reading: Reading) -> LiveStep:
        """Bars were sent: they are dated here, by a time that no setting of the clock moves."""
        steady = self.steady
        for each in arrivals:
            if each.time > self.merging.floor and settings.grid.fits(each.time):
                steady = self._witnessed(settings, steady, each, reading)
        now, steady = steady_time(reading, steady)
        dated = [replace(each, received_at=now) for each in arrivals]
        return replace(self, steady=steady)._merged(settings, dated, now)

    def passed(self, settings: LiveSettings, reading: Reading) -> LiveStep:
        """Time passed: is the feed still alive?"""
        now, steady = steady_time(reading, self.steady)
        step = replace(self, steady=steady)._merged(settings, (), now)
        if step.state.watch.blocked:
            step = step._replace(state=step.state._wanting_all(settings, reading))
        return step

    def questions(self, settings: LiveSettings, reading: Reading) -> tuple[tuple[Span, ...], "LiveState"]:
        """What to ask the provider for now, if anything; the same is asked again only after a while."""
        waiting = [Span(self._next(settings), self.merging.held[-1].time)] if self.merging.held else []
        spans = merged_spans([*self.wanted, *self.merging.gaps, *waiting])
        if not spans or (self.asked >= 0 and reading.monotonic - self.asked < settings.again):
            return (), self
        return spans, replace(self, wanted=(), asked=reading.monotonic)

    def answered(self, settings: LiveSettings, span: Span, rows: Iterable[RawBars], reading: Reading) -> LiveStep:
        """The provider answered a question: its bars, and its word that there are no others."""
        now, steady = steady_time(reading, self.steady)
        arrivals: list[Arrival | Settled] = []
        for raw in rows:
            arrivals += [replace(each, received_at=now) for each in Arrival.all_of(raw, "history")]
        settled = Span(span.start, min(span.stop, now - settings.lag - settings.grid.timeframe.ns))
        if settled.start < settled.stop:
            arrivals.append(Settled(settled, now))
        return replace(self, steady=steady)._merged(settings, arrivals, now, answered=settled)

    def _merged(
        self,
        settings: LiveSettings,
        arrivals: Sequence[Arrival | Settled],
        now: int,
        answered: Span | None = None,
    ) -> LiveStep:
        outcomes, merging = merge(arrivals, settings.merging, self.merging)
        newest = max((each.bar.time for each in outcomes if each.bar is not None), default=None)
        _, watch = watch_feed([(now, newest)], settings.watching, self.watch)
        events = [event for each in outcomes if (event := _event(each)) is not None]
        if self.merging.blocked and not merging.blocked:
            events.append(LiveEvent("complete"))
        if watch.blocked != self.watch.blocked:
            events.append(LiveEvent("stale" if watch.blocked else "fresh", span=Span(watch.newest, now)))
        held, grid = self.merging.held, settings.grid
        kept = deliveries_of(settings.key, outcomes, grid=grid, held=held, answered=answered, now=now, begun=self.begun)
        if settings.feed:
            kept = tuple(replace(each, facts={**each.facts, "feed": settings.feed}) for each in kept)
        return LiveStep(tuple(events), kept, replace(self, merging=merging, watch=watch))

    def _next(self, settings: LiveSettings) -> int:
        """Where the bar after those that are decided begins."""
        floor = self.merging.floor
        return settings.grid.following(floor) if settings.grid.fits(floor) else floor + 1

    def _witnessed(self, settings: LiveSettings, steady: SteadyTime, bar: Arrival, reading: Reading) -> SteadyTime:
        age = settings.stale_after * settings.grid.timeframe.ns
        tolerance = settings.merging.tolerance
        end = settings.grid.end(bar.time)
        return witnessed(reading, steady, end=end, longest_age=age, tolerance=tolerance)

    def _wanting_all(self, settings: LiveSettings, reading: Reading) -> "LiveState":
        now, _ = steady_time(reading, self.steady)
        missed = Span(self._next(settings), now)
        if self.merging.floor < 0 or not len(settings.grid.expected(self.merging.floor, now)):
            return self
        return replace(self, wanted=merged_spans([*self.wanted, missed]))


def live_from(
    settings: LiveSettings, catalogue: BarCatalogue, reading: Reading, *, since: int | None = None
) -> LiveState:
    """The state to begin with: after the last bar in the catalogue, or at `since` where that is later or there is none.

    With neither, the first bar to be sent is the first.
    """
    known = _newest(catalogue, settings.key, settings.merging.memory * settings.grid.timeframe.ns)
    floor = None if since is None else since - 1
    if known and (floor is None or floor <= known[-1].time):
        floor = known[-1].time
    watch = FeedWatch(reading.wall)
    # A series that is there already goes on: what it lacks was not there while nobody listened.
    begun = settings.key.timeframe.following(np.array([known[-1].time]))[0] if known else reading.wall
    return LiveState(merge_from(floor, known=known), watch, SteadyTime(reading), begun=int(begun))


def _newest(catalogue: BarCatalogue, key: SeriesKey, reach: int) -> list[Arrival]:
    """The last bar in the catalogue and those less than `reach` nanoseconds before it, in order.

    Looked for from the end of what was answered backwards, in ever wider steps: however long a series is, about as much
    of it is read as there are bars to know.
    """
    spans = catalogue.spans(key)
    stop, step = (spans[-1].stop if spans else 0), reach
    while spans and stop > spans[0].start:
        try:
            last = int(catalogue.read(key, Span(max(spans[0].start, stop - step), stop)).time[-1])
            return Arrival.all_of(RawBars.of(catalogue.read(key, Span(last - reach + 1, last + 1)), 0), "history")
        except DataNotFound:
            stop, step = stop - step, 2 * step
    return []


def _event(outcome: Outcome) -> LiveEvent | None:
    if outcome.bar is not None:
        return LiveEvent("bar", outcome.bar)
    if outcome.kind in _TOLD:
        return LiveEvent(outcome.kind, outcome.arrival, outcome.span, outcome.reason)
    return None
