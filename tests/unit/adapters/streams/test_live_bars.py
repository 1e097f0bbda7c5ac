"""The past and what is sent become one series: without a gap, without a double, whatever happens to the connection."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path

import pytest

from autonomous_trading.adapters.catalogue import ParquetCatalogue
from autonomous_trading.adapters.streams import AlpacaStream, PollingStream, live_bars
from autonomous_trading.app.market_data import BarCatalogue, BarStream, Delivery, Heard, Subscribed, live_from
from autonomous_trading.core import InvalidInput, SourceDenied, SourceUnavailable, Timeframe
from autonomous_trading.data import SeriesKey, Span
from autonomous_trading.data.streaming import Arrival
from autonomous_trading.testing.catalogue import MemoryCatalogue
from autonomous_trading.testing.clocks import SimulatedClock
from autonomous_trading.testing.memory_provider import MemoryProvider
from autonomous_trading.testing.servers.alpaca_stream import (
    STREAM_KEY_ID,
    STREAM_SECRET_KEY,
    ScriptedServer,
    Step,
    alpaca_stream,
    bar_message,
    drops,
    sends,
    sends_text,
)
from tests.unit.adapters.streams.listening import (
    HURRY,
    KEY,
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
    over,
    rows_of,
    settings,
    told,
    watched,
)
from tests.unit.data.streamed_bars import MINUTE, SECOND, START

ROWS = arrivals(30)


def started(at: int = 0) -> SimulatedClock:
    """A clock a second after the bars before `at` were over."""
    return SimulatedClock(START + at * MINUTE + SECOND)


def stream_of(server: ScriptedServer, clock: SimulatedClock) -> AlpacaStream:
    return AlpacaStream(STREAM_KEY_ID, STREAM_SECRET_KEY, clock=clock, url=server.url, patience=HURRY)


def sent(clock: SimulatedClock, *rows: int, kind: str = "b") -> list[Step]:
    """Bars that are sent a second after they were over."""
    return [step for k in rows for step in (over(clock, ROWS[k]), sends(bar_message(SYMBOL, ROWS[k], kind)))]


def test_what_was_before_is_asked_for_and_what_comes_follows() -> None:
    clock = started(10)
    with alpaca_stream([sent(clock, *range(10, 20))]) as server:
        of = feed(stream_of(server, clock), ROWS, clock)
        events = watched(of, settings(), bars(20))
    assert told(events) == rows_of(ROWS[:20])
    assert kinds(events)[0] == "connected"
    kept = of.catalogue.read(KEY)
    assert kept.time.tolist() == [each.time for each in ROWS[:20]]
    assert kept.close.tolist() == [each.close for each in ROWS[:20]]


def test_one_connection_is_for_different_symbols_and_one_length() -> None:
    of, on = feed(Broken(ends=True), ROWS, started()), settings()
    other = settings(key=replace(KEY, symbol="MSFT", timeframe=Timeframe.of("5m")))
    for series in ((), (on, on), (on, other)):
        with pytest.raises(InvalidInput, match="on one connection"):
            asyncio.run(first(live_bars(of, *series), bool))


def test_the_catalogue_is_where_it_begins() -> None:
    clock = started(10)
    catalogue = MemoryCatalogue()
    catalogue.commit(KEY, Delivery(Span(START, START + 5 * MINUTE), bars_of(ROWS[:5]), clock.now()))
    with alpaca_stream([sent(clock, 10, 11)]) as server:
        of = feed(stream_of(server, clock), ROWS, clock, catalogue=catalogue)
        events = watched(of, settings(), bars(7), since=None)
    assert told(events) == rows_of(ROWS[5:12])
    assert len(catalogue.read(KEY)) == 12


def test_what_was_missed_while_the_connection_was_lost_is_asked_for() -> None:
    clock = started()
    scripts = [
        [*sent(clock, 0, 1, 2), drops()],
        [*sent(clock, 6, 7), sends_text("garbage")],
        [*sent(clock, 9, 10, 11), later(clock, 90)],
    ]
    with alpaca_stream(scripts) as server:
        events = watched(feed(stream_of(server, clock), ROWS[:12], clock), settings(), bars(12))
        assert server.connections == 3
    assert told(events) == rows_of(ROWS[:12])
    assert kinds(events).count("disconnected") == 2


def test_duplicates_late_bars_and_revisions_change_nothing() -> None:
    clock = started()
    revised, pace = replace(ROWS[1], close=ROWS[1].low), Pace()
    script = [
        *[*sent(clock, 0), pace.until(1), *sent(clock, 0, 1), pace.until(2)],
        *[over(clock, ROWS[4]), *(sends(bar_message(SYMBOL, ROWS[k])) for k in (3, 2, 4)), pace.until(5)],
        *[sends(bar_message(SYMBOL, revised, "u")), *sent(clock, 4, 0, 5)],
    ]
    with alpaca_stream([script]) as server:
        of = feed(stream_of(server, clock), ROWS, clock)
        events = watched(of, settings(), pace.of(bars(6)))
    assert told(events) == rows_of(ROWS[:6])
    assert kinds(events).count("revision") == 1
    catalogue = of.catalogue
    assert catalogue.read(KEY).close[1] == revised.close
    assert catalogue.read(KEY, known_at=START + 2 * MINUTE + SECOND).close[1] == ROWS[1].close


def test_a_bar_that_breaks_a_rule_is_put_aside_and_the_sound_one_asked_for() -> None:
    clock = started()
    broken, pace = replace(ROWS[1], high=1.0), Pace()
    script = [
        *[*sent(clock, 0), pace.until(1), over(clock, ROWS[1]), sends(bar_message(SYMBOL, broken))],
        *[*sent(clock, 2), later(clock, 90)],
    ]
    with alpaca_stream([script]) as server:
        of = feed(stream_of(server, clock), ROWS[:3], clock)
        events = watched(of, settings(), pace.of(bars(3)))
    assert told(events) == rows_of(ROWS[:3])
    assert [each.reasons for each in of.catalogue.quarantined(KEY)] == [("high_below_low",)]


def test_bars_that_nobody_has_are_a_hole_until_the_provider_settles_it() -> None:
    clock, pace = started(), Pace()
    script = [*sent(clock, 0, 1), pace.until(2), *sent(clock, 4), later(clock, 30), later(clock, 120)]
    with alpaca_stream([script]) as server:
        known = [*ROWS[:2], ROWS[4]]
        of = feed(stream_of(server, clock), known, clock)
        events = watched(of, settings(), pace.of(lambda found: "complete" in kinds(found)))
    assert told(events) == rows_of(known)
    assert [event.span for event in events if event.kind == "hole"] == [Span(ROWS[2].time, ROWS[4].time)]


def test_a_stale_feed_is_told_and_connected_anew() -> None:
    clock = started()
    scripts = [[*sent(clock, 0), later(clock, 150)], sent(clock, 3, 4)]
    with alpaca_stream(scripts) as server:
        all_bars = bars(5)
        of = feed(stream_of(server, clock), ROWS[:5], clock)
        events = watched(of, settings(stale_after=2), lambda found: all_bars(found) and "fresh" in kinds(found))
        assert server.connections >= 2
    assert told(events) == rows_of(ROWS[:5])
    assert kinds(events).index("stale") < kinds(events).index("fresh")


def test_a_bar_that_shows_a_stale_feed_when_it_comes_leads_to_a_new_connection() -> None:
    clock, pace = started(), Pace()
    again = sends(bar_message(SYMBOL, ROWS[0]))  # nobody looks at a silent feed here: it is seen when a bar comes
    with alpaca_stream([[*sent(clock, 0), pace.until(1), later(clock, 210), again], sent(clock, 4)]) as server:
        of = feed(stream_of(server, clock), ROWS[:5], clock, look=1_000.0)
        events = watched(of, settings(stale_after=2), pace.of(bars(5)))
        assert server.connections == 2
    assert told(events) == rows_of(ROWS[:5])
    assert "stale" in kinds(events)


def test_a_provider_that_fails_for_now_is_asked_again() -> None:
    clock = started(5)
    failures = [SourceUnavailable("away", fix="wait")] * 2

    def fail() -> None:
        clock.pass_by(10 * SECOND)
        if failures:
            raise failures.pop()

    provider = MemoryProvider({SYMBOL: bars_of(ROWS)}, clock.now, fail=fail)
    with alpaca_stream([[later(clock, 10)]]) as server:
        of = feed(stream_of(server, clock), ROWS, clock, provider=provider)
        events = watched(of, settings(again=0), bars(5))
    assert told(events) == rows_of(ROWS[:5])
    assert kinds(events).count("unanswered") == 2


def test_polling_takes_over_where_sending_is_not_included() -> None:
    clock = started(5)
    provider = MemoryProvider({SYMBOL: bars_of(ROWS)}, clock.now)

    async def passing(seconds: float) -> None:
        assert seconds == 15.0
        clock.pass_by(20 * SECOND)

    with alpaca_stream([[]], refuse=[409]) as server:
        of = feed(stream_of(server, clock), ROWS, clock, fallback=PollingStream(provider, clock, sleep=passing))
        events = watched(of, settings(), bars(12))
    assert told(events) == rows_of(ROWS[:12])
    assert kinds(events)[:3] == ["disconnected", "polling", "connected"]


def test_polling_asks_for_the_adjustment_of_the_series_and_no_other_prices_enter_it() -> None:
    clock = started(5)
    provider = MemoryProvider({SYMBOL: bars_of(ROWS)}, clock.now)

    async def passing(_: float) -> None:
        clock.pass_by(20 * SECOND)

    adjusted = settings(key=SeriesKey("alpaca", SYMBOL, MINUTES, "split"))
    polling = PollingStream(provider, clock, adjustment="split", sleep=passing)
    of = feed(polling, ROWS, clock, provider=provider)
    assert told(watched(of, adjusted, bars(12))) == rows_of(ROWS[:12])
    assert {request.adjustment for request in provider.asked} == {"split"}
    asked, raw = len(provider.asked), PollingStream(provider, clock, sleep=passing)
    for mixed in (feed(raw, ROWS, clock), feed(polling, ROWS, clock, fallback=raw)):
        with pytest.raises(InvalidInput, match=r"is to be split, and memory sends raw prices. Fix: "):
            watched(mixed, adjusted, bars(1))
    assert len(provider.asked) == asked


def test_without_a_fallback_the_refusal_is_raised() -> None:
    clock = started()
    with alpaca_stream([[]], refuse=[409]) as server:
        of = feed(stream_of(server, clock), ROWS, clock)
        with pytest.raises(SourceDenied, match="insufficient subscription"):
            watched(of, settings(), bars(1))
    with pytest.raises(SourceUnavailable, match="ws://127"):
        watched(of, settings(), bars(1))


class Broken(BarStream):
    """Fails as nobody expects, or just ends."""

    def __init__(self, *, ends: bool) -> None:
        self._ends = ends

    @property
    def name(self) -> str:
        return "broken"

    async def listen(self, symbols: tuple[str, ...], timeframe: Timeframe) -> AsyncGenerator[Subscribed | Heard, None]:
        if not self._ends:
            raise ZeroDivisionError(f"nobody expects this of {timeframe}")
        yield Subscribed(symbols)


def test_a_stream_that_ends_is_connected_anew_and_one_that_breaks_is_no_silence() -> None:
    clock = started()
    ended = watched(
        feed(Broken(ends=True), ROWS, clock), settings(), lambda found: kinds(found).count("connected") == 2
    )
    assert [event.reason for event in ended if event.kind == "disconnected"] == ["the stream ended. Fix: connect again"]
    with pytest.raises(ZeroDivisionError, match="nobody expects this"):
        watched(feed(Broken(ends=False), ROWS, clock), settings(), bars(1))


def test_the_catalogue_wins_over_an_earlier_start_and_a_later_start_over_the_catalogue() -> None:
    catalogue = MemoryCatalogue()
    catalogue.commit(KEY, Delivery(Span(START, START + 5 * MINUTE), bars_of(ROWS[:5]), START))
    reading = started(20).read()
    on = settings()
    assert live_from(on, catalogue, reading, since=START).merging.floor == ROWS[4].time
    assert live_from(on, catalogue, reading, since=ROWS[9].time).merging.floor == ROWS[9].time - 1
    assert live_from(on, MemoryCatalogue(), reading).merging.floor == -1
    assert not live_from(on, MemoryCatalogue(), reading).blocked


def test_a_bar_and_its_revision_in_one_answer_are_both_kept() -> None:
    clock, catalogue = started(20), MemoryCatalogue()
    state = live_from(settings(), catalogue, clock.read(), since=START)
    revised = replace(ROWS[0], close=ROWS[0].low)
    page = Arrival.as_raw([ROWS[0], revised, ROWS[1]], SYMBOL)
    step = state.answered(settings(), Span(START, START + 2 * MINUTE), [page], clock.read())
    assert [event.kind for event in step.events] == ["bar", "revision", "bar"]
    for delivery in step.deliveries:
        catalogue.commit(KEY, delivery)
    assert catalogue.read(KEY).close.tolist() == [revised.close, ROWS[1].close]
    late = step.state.came(settings(), [replace(ROWS[0], time=START - MINUTE)], clock.read())
    assert [event.reason for event in late.events] == ["late"]
    assert len(late.deliveries) == 1


@pytest.fixture(params=["memory", "files"])
def catalogue(request: pytest.FixtureRequest, tmp_path: Path) -> BarCatalogue:
    return MemoryCatalogue() if request.param == "memory" else ParquetCatalogue(tmp_path)


def known(catalogue: BarCatalogue, at: int) -> list[int]:
    return [(time - START) // MINUTE for time in catalogue.read(KEY, known_at=at).time.tolist()]


def test_a_bar_that_is_sent_late_was_not_known_before_it_came(catalogue: BarCatalogue) -> None:
    clock, pace = started(), Pace()
    script = [*sent(clock, 0), pace.until(1), later(clock, 89 + 60), sends(bar_message(SYMBOL, ROWS[1]))]
    with alpaca_stream([script]) as server:
        of = feed(stream_of(server, clock), ROWS[:1], clock, catalogue=catalogue)
        watched(of, settings(), pace.of(bars(2)))
    close = ROWS[1].time + MINUTE
    assert known(catalogue, close + 10 * SECOND) == known(catalogue, close + 89 * SECOND) == [0]
    assert known(catalogue, close + 90 * SECOND) == known(catalogue, close + 120 * SECOND) == [0, 1]


def test_a_bar_that_a_question_brings_while_one_listens_was_not_known_before(catalogue: BarCatalogue) -> None:
    clock, pace = started(3), Pace()
    scripts = [[*sent(clock, 3), pace.until(4), later(clock, 200), drops()], [later(clock, 1)]]
    with alpaca_stream(scripts) as server:
        of = feed(stream_of(server, clock), ROWS[:7], clock, catalogue=catalogue)
        watched(of, settings(), pace.of(bars(7)))
    came = clock.now()
    assert known(catalogue, ROWS[2].time + MINUTE) == [0, 1, 2]  # it was over when somebody began to listen
    assert known(catalogue, ROWS[3].time + MINUTE) == [0, 1, 2]
    assert known(catalogue, ROWS[3].time + MINUTE + SECOND) == known(catalogue, came - 2 * SECOND) == [0, 1, 2, 3]
    assert known(catalogue, came) == [0, 1, 2, 3, 4, 5, 6]


def test_what_was_missed_while_nobody_listened_is_known_from_when_it_was_asked_for(catalogue: BarCatalogue) -> None:
    clock = started(5)
    catalogue.commit(KEY, Delivery(Span(START, START + 2 * MINUTE), bars_of(ROWS[:2]), clock.now()))
    with alpaca_stream([[later(clock, 1)]]) as server:
        watched(feed(stream_of(server, clock), ROWS[:5], clock, catalogue=catalogue), settings(), bars(3), since=None)
    assert known(catalogue, ROWS[4].time + MINUTE) == [0, 1]
    assert known(catalogue, clock.now()) == [0, 1, 2, 3, 4]
