"""When a connection is had again: ever later while it fails, whatever it brings in between, and not too often."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncGenerator
from dataclasses import replace

import pytest

from autonomous_trading.adapters.providers import Patience
from autonomous_trading.adapters.streams import live_bars
from autonomous_trading.adapters.streams._listening import Listening, Lost
from autonomous_trading.adapters.streams._reconnecting import BackOff, Reconnecting, StaleFeed
from autonomous_trading.app.market_data import BarStream, Heard, Subscribed
from autonomous_trading.core import Timeframe
from autonomous_trading.testing.clocks import SimulatedClock
from autonomous_trading.testing.memory_provider import MemoryProvider
from autonomous_trading.testing.servers.alpaca_stream import alpaca_stream, bar_message, drops, sends
from tests.unit.adapters.streams.listening import (
    HURRY,
    MINUTES,
    SYMBOL,
    Pace,
    arrivals,
    bars,
    bars_of,
    feed,
    first,
    kinds,
    later,
    rows_of,
    settings,
    told,
    watched,
)
from tests.unit.adapters.streams.test_live_bars import sent, stream_of
from tests.unit.data.streamed_bars import HOUR, MINUTE, SECOND, START

ROWS = arrivals(30)


def test_waits_grow_until_all_was_well_for_longer_than_the_last() -> None:
    back_off = BackOff(lambda failure: 2**failure)
    assert [back_off.after(well) for well in (0, 2, 4, 8, 17, 0)] == [2, 4, 8, 16, 2, 4]
    assert max(BackOff(lambda failure: failure).after(0) for _ in range(5_000)) == 1
    many = BackOff(lambda failure: int(Patience().wait_before(failure) * SECOND))
    assert max(many.after(0) for _ in range(3_000)) <= 30 * SECOND


def test_a_bar_after_each_loss_keeps_attempts_going_and_does_not_begin_the_back_off_anew() -> None:
    patience = Patience(attempts=3, first_wait=1.0, longest_wait=600.0)
    stream, now, waits = Reconnecting(patience), 0, []
    for _ in range(8):
        stream.subscribed(now)
        stream.brought_a_bar()
        wait = stream.lost(now + 1)
        assert wait is not None
        waits.append(wait)
        now += 1 + wait
    assert all(wait >= 0.5 * 2**k * SECOND for k, wait in enumerate(waits))  # half of it is jitter
    stream.subscribed(now)
    wait = stream.lost(now + 1_000 * SECOND)
    assert wait is not None
    assert wait <= SECOND  # it stood for longer than the last wait


def test_without_a_bar_it_is_given_up_unless_it_stood_for_long() -> None:
    patience = Patience(attempts=3, first_wait=1.0, longest_wait=30.0)
    refused = Reconnecting(patience)
    assert [refused.lost(0) is None for _ in range(3)] == [False, False, True]
    closed_market = Reconnecting(patience)
    for night in range(20):
        closed_market.subscribed(night * HOUR)
        assert closed_market.lost(night * HOUR + 31 * SECOND) is not None


def test_a_feed_that_stays_stale_is_had_again_ever_more_rarely_and_never_within_a_bar() -> None:
    stale = StaleFeed(MINUTE)
    tried = [now for now in range(0, 6 * HOUR, SECOND) if stale.to_be_had_again(now)]
    gaps = [(after - before) // MINUTE for before, after in itertools.pairwise(tried)]
    assert gaps == [1, 2, 4, 8, 16, 32, 60, 60, 60, 60]
    now = tried[-1] + SECOND
    stale.brought_news(now)
    assert not stale.to_be_had_again(now + SECOND)  # one bar is no healthy feed
    stale.brought_news(now + 61 * MINUTE)
    assert stale.to_be_had_again(now + 61 * MINUTE + 1)
    hours = StaleFeed(2 * HOUR)
    assert [hours.to_be_had_again(now) for now in (0, 2 * HOUR - 1, 2 * HOUR, 4 * HOUR)] == [True, False, True, True]


def test_a_feed_that_is_stale_after_its_new_connection_is_connected_again() -> None:
    clock = SimulatedClock(START + SECOND)
    silent = [later(clock, 300)]
    with alpaca_stream([[*sent(clock, 0), later(clock, 150)], *[silent] * 6]) as server:
        of = feed(stream_of(server, clock), ROWS[:1], clock)
        watched(of, settings(stale_after=2), lambda found: kinds(found).count("connected") >= 4)
        assert server.connections >= 4


def test_a_series_that_is_stale_beside_one_that_is_not_leaves_the_connection_alone() -> None:
    clock, pace = SimulatedClock(START + SECOND), Pace()
    quiet = settings(stale_after=2)
    other = settings(stale_after=2, key=type(quiet.key)("alpaca", "MSFT", MINUTES))
    script = [*sent(clock, 0), sends(bar_message("MSFT", ROWS[0])), pace.until(2)]
    for k in range(1, 8):
        script += [*sent(clock, k), pace.until(2 + k)]
    provider = MemoryProvider({SYMBOL: bars_of(ROWS[:8]), "MSFT": bars_of(ROWS[:1])}, clock.now)
    with alpaca_stream([script, [drops()]]) as server:
        of = feed(stream_of(server, clock), ROWS, clock, provider=provider)
        events = asyncio.run(first(live_bars(of, quiet, other, since=START), pace.of(bars(9))))
        assert server.connections == 1
    assert told([event for event in events if event.symbol == SYMBOL]) == rows_of(ROWS[:8])
    assert told([event for event in events if event.symbol == "MSFT"]) == rows_of(ROWS[:1])
    assert [event.symbol for event in events if event.kind == "stale"] == ["MSFT"]


class Brief(BarStream):
    """Confirms, sends one bar, and is lost."""

    @property
    def name(self) -> str:
        return "brief"

    async def listen(self, symbols: tuple[str, ...], timeframe: Timeframe) -> AsyncGenerator[Subscribed | Heard, None]:
        yield Subscribed(symbols)
        yield Heard(symbols[0], replace(ROWS[0], volume=timeframe.ns / MINUTE))


@pytest.mark.parametrize("count", [2, 7])
def test_a_stream_that_brings_a_bar_each_time_is_never_given_up(count: int) -> None:
    async def lost() -> list[Lost]:
        reconnecting = Reconnecting(HURRY)
        clock = SimulatedClock(START)
        listening = Listening(Brief(), (SYMBOL,), MINUTES, clock=clock, reconnecting=reconnecting)
        found: list[Lost] = []
        while len(found) < count:
            message = await listening.heard(5.0)
            found += [message] if isinstance(message, Lost) else []
        await listening.stop()
        return found

    assert not any(each.final for each in asyncio.run(lost()))
