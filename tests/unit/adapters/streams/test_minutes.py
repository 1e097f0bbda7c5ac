"""Minutes that become longer bars: at once where all came, else after the provider was asked; equal to its own bars."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest

from autonomous_trading.adapters.providers import Patience
from autonomous_trading.adapters.providers.alpaca import AlpacaPlace, AlpacaProvider, keys_in
from autonomous_trading.adapters.streams import AlpacaStream, AssembledStream, live_bars
from autonomous_trading.adapters.streams._minutes import Minutes, is_made_of_minutes
from autonomous_trading.app.market_data import BarProvider, Capabilities, Heard
from autonomous_trading.core import Bars, SourceDenied, SourceUnavailable, Timeframe, resample
from autonomous_trading.data import BarsRequest, RawBars, SeriesKey, around_the_clock, screened
from autonomous_trading.data.streaming import Arrival
from autonomous_trading.testing.clocks import SimulatedClock
from autonomous_trading.testing.memory_provider import MemoryProvider
from autonomous_trading.testing.servers.alpaca import AlpacaMarket, AlpacaServer
from autonomous_trading.testing.servers.alpaca_stream import (
    STREAM_KEY_ID,
    STREAM_SECRET_KEY,
    Step,
    alpaca_stream,
    bar_message,
    calls,
    drops,
    sends,
)
from tests.unit.adapters.streams.listening import (
    HURRY,
    Pace,
    arrivals,
    bars,
    feed,
    first,
    later,
    over,
    rows_of,
    settings,
    told,
)
from tests.unit.data.streamed_bars import DAY, HOUR, MINUTE, SECOND, START, always, weekdays

PAIR = "BTC/USD"
FIVE = Timeframe.of("5m")
LAG = 60 * SECOND
ROWS = [replace(each, received_at=each.time + MINUTE + SECOND) for each in arrivals(60)]
SESSIONS = around_the_clock(START, START + 40 * DAY)


def of_rows(rows: Sequence[Arrival]) -> Bars:
    return screened(Arrival.as_raw(rows, PAIR)).bars or pytest.fail("no bars")


def rounded(n: int) -> list[Arrival]:
    """Minutes as a source sends them, with digits that end, and volumes that do not."""
    rng = np.random.default_rng(11)
    close = np.round(100.0 * np.exp(np.cumsum(rng.normal(0.0, 1e-3, n))), 2)
    rows = []
    for k, at in enumerate(close.tolist()):
        volume = float(rng.lognormal(0.0, 2.0))
        opened, high, low = round(at + 0.01, 2), round(at + 0.25, 2), round(at - 0.25, 2)
        rows.append(Arrival(START + k * MINUTE, opened, high, low, at, volume, START))
    return rows


def five_of(rows: Sequence[Arrival]) -> list[tuple[int, tuple[float, ...]]]:
    whole = resample(of_rows(rows), "5m")
    return rows_of(Arrival.all_of(RawBars.of(whole, 0), "history"))


def bar_of(rows: Sequence[Arrival]) -> list[tuple[int, tuple[float, ...]]]:
    """One bar of five minutes, the slow way."""
    low, high = min(each.low for each in rows), max(each.high for each in rows)
    volume = sum(each.volume for each in rows)
    return [(rows[0].time // FIVE.ns * FIVE.ns, (rows[0].open, high, low, rows[-1].close, volume))]


def minutes_of(frame: Timeframe = FIVE, *, at: int = 0) -> Minutes:
    made = Minutes(PAIR, frame, SESSIONS, lag=LAG)
    made.subscribed(START + at * MINUTE)
    return made


def test_a_bar_that_was_over_just_before_is_asked_for_too() -> None:
    minutes = minutes_of(at=5)
    assert list(minutes.lacking(START + 6 * MINUTE)) == [START]
    assert minutes.heard(ROWS[4]) == []
    assert rows_of(minutes.answered(START, ROWS[:9], START)) == five_of(ROWS[:5])


def test_only_bars_that_an_hour_is_a_multiple_of() -> None:
    lengths = ["1m", "2m", "5m", "7m", "15m", "30m", "1h", "2h", "4h", "1d"]
    assert [each for each in lengths if is_made_of_minutes(Timeframe.of(each))] == ["2m", "5m", "15m", "30m", "1h"]


@pytest.mark.parametrize("order", [[0, 1, 2, 3, 4], [4, 0, 3, 1, 2]])
def test_a_bar_is_made_when_its_last_missing_minute_came(order: list[int]) -> None:
    minutes = minutes_of()
    made = [minutes.heard(ROWS[k]) for k in order]
    assert made[:4] == [[]] * 4
    assert rows_of(made[4]) == five_of(ROWS[:5])
    assert minutes.heard(ROWS[order[0]]) == []  # the same again
    revised = replace(ROWS[2], high=ROWS[2].high + 5.0, volume=0.1)
    assert rows_of(minutes.heard(revised)) == five_of([*ROWS[:2], revised, *ROWS[3:5]])
    assert list(minutes.lacking(START + 5 * MINUTE + LAG)) == []


def test_what_lacks_a_minute_is_asked_for_once_it_is_there_for_certain() -> None:
    minutes = minutes_of(at=2)
    for k in (2, 4, 5, 6):
        assert minutes.heard(ROWS[k]) == []
    assert list(minutes.lacking(START + 5 * MINUTE + LAG - 1)) == []
    assert list(minutes.lacking(START + 5 * MINUTE + LAG)) == [START]
    assert rows_of(minutes.answered(START, [ROWS[0], ROWS[4]], START)) == bar_of([ROWS[0], ROWS[2], ROWS[4]])
    assert list(minutes.lacking(START + 16 * MINUTE)) == [START + 5 * MINUTE, START + 10 * MINUTE]
    assert minutes.answered(START + 10 * MINUTE, [], START) == []  # nothing traded
    assert rows_of(minutes.answered(START + 5 * MINUTE, [], START)) == bar_of(ROWS[5:7])
    assert rows_of(minutes.heard(ROWS[12])) == bar_of([ROWS[12]])  # and one came after all


def test_what_is_no_minute_makes_no_bar_and_memory_is_bounded() -> None:
    minutes = minutes_of()
    broken = [replace(ROWS[0], low=1e9), replace(ROWS[0], time=ROWS[0].time + 7), replace(ROWS[0], time=-1)]
    ahead = replace(ROWS[0], time=START + 30 * DAY)
    assert [minutes.heard(each) for each in [*broken, ahead]] == [[]] * 4
    for k in range(60):
        minutes.heard(ROWS[k])
    assert minutes.heard(replace(ROWS[0], volume=9.0)) == []  # too old to be remembered
    assert minutes.heard(replace(ROWS[55], volume=9.0)) != []
    assert len(list(minutes.lacking(START + 20 * DAY))) <= 8 + LAG // FIVE.ns


@pytest.mark.parametrize("unsound", [{4}, {3, 4}, {0}, {2}, {0, 1, 2, 3, 4}])
def test_a_bar_is_made_of_the_sound_minutes_the_provider_has(unsound: set[int]) -> None:
    minutes = minutes_of()
    given = [replace(each, high=each.low - 1.0) if k in unsound else each for k, each in enumerate(ROWS[:5])]
    sound = [each for k, each in enumerate(given) if k not in unsound]
    assert rows_of(minutes.answered(START, given, START)) == (bar_of(sound) if sound else [])
    for k in range(5, 9):
        assert minutes.heard(ROWS[k]) == []
    assert rows_of(minutes.heard(ROWS[9])) == five_of(ROWS[5:10])


def test_a_feed_goes_on_after_a_minute_that_breaks_a_rule() -> None:
    """Sent and asked for, the last minute of the first bar is unsound: the bar is made of the four before it."""
    clock, broken = SimulatedClock(START), replace(ROWS[4], high=ROWS[4].low - 1.0)
    provider = Unsound(clock, broken)
    script: list[Step] = [
        step for row in (*ROWS[:4], broken) for step in (over(clock, row), sends(bar_message(PAIR, row)))
    ]
    script += [later(clock, 70), *[calls(lambda: time.sleep(0.01))] * 20]
    script += [step for row in ROWS[5:10] for step in (over(clock, row), sends(bar_message(PAIR, row)))]
    with alpaca_stream([[*script, *[calls(lambda: time.sleep(0.01)), later(clock, 2)] * 100]]) as server:
        stream = assembled(server.url, provider, clock)
        found = asyncio.run(first(stream.listen((PAIR,), FIVE), lambda items: len(items) >= 3))
    made = sorted(rows_of([each.arrival])[0] for each in found if isinstance(each, Heard))
    assert made == [*bar_of(ROWS[:4]), *five_of(ROWS[5:10])]


class Unsound(BarProvider):
    """Has the first five minutes, the last of them as it was sent."""

    def __init__(self, clock: SimulatedClock, broken: Arrival) -> None:
        self._clock, self._rows = clock, [*ROWS[:4], broken]

    @property
    def name(self) -> str:
        return "alpaca"

    def capabilities(self) -> Capabilities:
        return Capabilities(("1m", "5m"), calendar="24/7", late=LAG)

    def pages(self, request: BarsRequest) -> Iterator[RawBars]:
        rows = [each for each in self._rows if request.span.start <= each.time < request.span.stop]
        if rows:
            yield Arrival.as_raw(rows, PAIR)

    def close(self) -> None:
        """Nothing is open."""


def test_minutes_behind_the_close_may_still_come() -> None:
    grid = weekdays()
    close = START + 21 * HOUR
    shares = Minutes("AAPL", Timeframe.of("1h"), grid.sessions, lag=LAG)
    shares.subscribed(START + 12 * HOUR)
    opening = [replace(ROWS[0], time=START + 14 * HOUR + k * MINUTE, received_at=close) for k in range(60)]
    made = [shares.heard(each) for each in opening]
    assert [len(each) for each in made] == [0] * 59 + [1]  # the half hour before the opening came before
    late = Minutes("AAPL", Timeframe.of("1h"), grid.sessions, lag=LAG)
    late.subscribed(START + 14 * HOUR + 20 * MINUTE)
    assert [bar for each in opening[20:] for bar in late.heard(each)] == []
    after = replace(ROWS[0], time=close + MINUTE, received_at=close + HOUR)
    assert shares.heard(after) == []
    assert close in list(shares.lacking(close + HOUR + LAG))


class Lengths(BarProvider):
    """Minutes and five minutes of one source; fails once where it is told to."""

    def __init__(self, minutes: Bars, clock: SimulatedClock, failures: Sequence[Exception] = ()) -> None:
        self._by_length = {
            length: MemoryProvider({PAIR: bars}, clock.now, late=5 * SECOND)
            for length, bars in (("1m", minutes), ("5m", resample(minutes, "5m")))
        }
        self.failures, self.asked = list(failures), 0

    @property
    def name(self) -> str:
        return "alpaca"

    def capabilities(self) -> Capabilities:
        return Capabilities(("1m", "5m"), calendar="24/7", late=LAG)

    def pages(self, request: BarsRequest) -> Iterator[RawBars]:
        if request.timeframe == Timeframe.of("1m"):
            self.asked += 1
            if self.failures:
                raise self.failures.pop()
        return self._by_length[request.timeframe.text].pages(request)

    def close(self) -> None:
        """Nothing is open."""


def test_a_provider_that_fails_for_now_is_asked_for_minutes_again() -> None:
    clock = SimulatedClock(START)
    provider = Lengths(of_rows(ROWS), clock, [SourceUnavailable("away", fix="wait")])
    script: list[Step] = [
        step for k in (0, 2, 3, 4) for step in (over(clock, ROWS[k]), sends(bar_message(PAIR, ROWS[k])))
    ]
    with alpaca_stream(
        [[*script, later(clock, 70), *[calls(lambda: time.sleep(0.01)), later(clock, 2)] * 100]]
    ) as server:
        stream = assembled(server.url, provider, clock)
        assert stream.name == "alpaca"
        found = asyncio.run(first(stream.listen((PAIR,), FIVE), lambda items: len(items) >= 2))
        assert provider.asked >= 2
    assert [rows_of([each.arrival]) for each in found if isinstance(each, Heard)] == [five_of(ROWS[:5])]
    with pytest.raises(SourceDenied, match="2h are not made of minutes"):
        asyncio.run(first(stream.listen((PAIR,), Timeframe.of("2h")), bool))


def assembled(url: str, provider: BarProvider, clock: SimulatedClock) -> AssembledStream:
    minutes = AlpacaStream(STREAM_KEY_ID, STREAM_SECRET_KEY, clock=clock, url=url, patience=HURRY)
    return AssembledStream(minutes, provider, clock, sessions=SESSIONS, feed="iex", look=0.02)


def test_bars_made_of_minutes_equal_those_of_the_local_server_bit_for_bit() -> None:
    """Over a connection that drops, with minutes that are lost and one that is revised."""
    rows, clock, pace = rounded(60), SimulatedClock(START + SECOND), Pace()
    first_sent = {30: replace(rows[30], close=rows[30].low, volume=1.0)}
    lost, revised_after = {12, 46, 47}, {36: 30}
    asked_for = {2, 4, 9}  # the bars that lack a minute, or that a lost connection cuts in two
    scripts: list[list[Step]] = [[]]
    for k, row in enumerate(rows):
        if k in lost:
            continue
        scripts[-1] += [over(clock, row), sends(bar_message(PAIR, first_sent.get(k, row)))]
        if k in revised_after:
            scripts[-1].append(sends(bar_message(PAIR, rows[revised_after[k]], "u")))
        if k % 5 == 2 or (k % 5 == 4 and k // 5 not in asked_for):
            scripts[-1].append(pace.until((k + 1) // 5))
        if k == 23:
            scripts[-1].append(drops())
            scripts.append([])
    scripts[-1] += [later(clock, 70), pace.until(12)]
    market = AlpacaMarket({(PAIR, "1m"): of_rows(rows), (PAIR, "5m"): resample(of_rows(rows), "5m")})
    with AlpacaServer(market, now=clock.now) as server, alpaca_stream(scripts) as sending:
        place = AlpacaPlace(server.url, server.url, patience=Patience(attempts=2, first_wait=0.01))
        with closing(AlpacaProvider(keys_in(server.environment()), place, now=clock.now)) as provider:
            of = feed(assembled(sending.url, provider, clock), rows, clock, provider=provider)
            on = settings(key=SeriesKey("alpaca", PAIR, FIVE), lag=LAG, grid=always("5m", days=40))
            events = asyncio.run(first(live_bars(of, on, since=START), pace.of(bars(12))))
    kept = of.catalogue.read(on.key)
    history = resample(of_rows(rows), "5m")
    for name in ("time", "open", "high", "low", "close", "volume"):
        assert getattr(kept, name).tobytes() == getattr(history, name).tobytes(), name
    expected = five_of(rows)
    assert [row for row in told(events) if row[0] != rows[30].time] == [
        row for row in expected if row[0] != rows[30].time
    ]
    assert sum(event.bar.origin == "stream" for event in events if event.kind == "bar" and event.bar) > 6
    assert any(event.kind == "revision" for event in events)
