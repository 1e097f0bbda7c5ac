"""What tests of streams share: a market of minutes, a clock, and a loop that stops."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import aclosing
from typing import Any, TypeVar

import numpy as np
import pytest

from autonomous_trading.adapters.providers import Patience
from autonomous_trading.adapters.streams import LiveFeed, live_bars
from autonomous_trading.app.market_data import BarStream, Heard, LiveEvent, LiveSettings, Subscribed
from autonomous_trading.core import Bars, Timeframe
from autonomous_trading.data import SeriesKey, screened
from autonomous_trading.data.streaming import Arrival
from autonomous_trading.testing.catalogue import MemoryCatalogue
from autonomous_trading.testing.clocks import SimulatedClock
from autonomous_trading.testing.memory_provider import MemoryProvider
from autonomous_trading.testing.servers.alpaca_stream import Step, calls
from tests.unit.data.streamed_bars import MINUTE, SECOND, START, always

SYMBOL = "AAPL"
MINUTES = Timeframe(1, "m")
KEY = SeriesKey("alpaca", SYMBOL, MINUTES)
HURRY = Patience(attempts=3, first_wait=0.01, longest_wait=0.02, timeout=5.0)
ItemT = TypeVar("ItemT")


def arrivals(n: int, seed: int = 3) -> list[Arrival]:
    """Minutes with prices of many digits."""
    rng = np.random.default_rng(seed)
    close = 100.0 * np.exp(np.cumsum(rng.normal(0.0, 1e-3, n)))
    rows = []
    for k, at in enumerate(close.tolist()):
        opened = at * 1.0001
        rows.append(Arrival(START + k * MINUTE, opened, opened * 1.001, at * 0.999, at, float(k * 10), 0))
    return rows


def bars_of(rows: Sequence[Arrival]) -> Bars:
    return screened(Arrival.as_raw(rows, SYMBOL)).bars or pytest.fail("no bars")


def over(clock: SimulatedClock, bar: Arrival) -> Step:
    """Let time pass until a second after a bar was over."""
    return calls(lambda: clock.pass_until(bar.time + MINUTE + SECOND))


def later(clock: SimulatedClock, seconds: int) -> Step:
    return calls(lambda: clock.pass_by(seconds * SECOND))


def settings(**more: Any) -> LiveSettings:
    grid = more.pop("grid", None) or always(days=40)
    return LiveSettings(more.pop("key", KEY), grid, **{"stale_after": 1_000, **more})


def feed(stream: BarStream, rows: Sequence[Arrival], clock: SimulatedClock, **more: Any) -> LiveFeed:
    provider = more.pop("provider", None) or MemoryProvider({SYMBOL: bars_of(rows)}, clock.now)
    catalogue = more.pop("catalogue", None) or MemoryCatalogue()
    return LiveFeed(stream, provider, catalogue, clock, **{"patience": HURRY, "look": 0.02, **more})


async def first(items: AsyncIterator[ItemT], enough: Callable[[list[ItemT]], bool]) -> list[ItemT]:
    """Items until there are enough; a failure after twenty seconds."""
    found: list[ItemT] = []
    async with asyncio.timeout(20.0):
        async with aclosing(items) as closing:  # type: ignore[type-var]
            async for item in closing:
                found.append(item)
                if enough(found):
                    break
    return found


def watched(
    of: LiveFeed, on: LiveSettings, enough: Callable[[list[LiveEvent]], bool], since: int | None = START
) -> list[LiveEvent]:
    return asyncio.run(first(live_bars(of, on, since=since), enough))


def heard(stream: BarStream, count: int, symbols: tuple[str, ...] = (SYMBOL,)) -> list[Subscribed | Heard]:
    return asyncio.run(first(stream.listen(symbols, MINUTES), lambda found: len(found) >= count))


class Pace:
    """Lets a server wait until so many bars were told to whoever listens."""

    def __init__(self) -> None:
        self._told = 0
        self._turn = threading.Condition()

    def until(self, count: int) -> Step:
        def wait() -> None:
            with self._turn:
                if not self._turn.wait_for(lambda: self._told >= count, timeout=10.0):
                    raise ConnectionError(f"only {self._told} bars were told")

        return calls(wait)

    def of(self, enough: Callable[[list[LiveEvent]], bool]) -> Callable[[list[LiveEvent]], bool]:
        def counted(events: list[LiveEvent]) -> bool:
            with self._turn:
                self._told = len(told(events))
                self._turn.notify_all()
            return enough(events)

        return counted


def bars(count: int) -> Callable[[list[LiveEvent]], bool]:
    return lambda events: sum(event.kind == "bar" for event in events) >= count


def kinds(events: Iterable[LiveEvent]) -> list[str]:
    return [event.kind for event in events]


def told(events: Iterable[LiveEvent]) -> list[tuple[int, tuple[float, ...]]]:
    return [(event.bar.time, event.bar.values) for event in events if event.kind == "bar" and event.bar is not None]


def rows_of(bars: Sequence[Arrival]) -> list[tuple[int, tuple[float, ...]]]:
    return [(each.time, each.values) for each in bars]
