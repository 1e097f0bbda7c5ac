"""Bars sent over a connection that drops, repeats and reorders them equal those of history to the last bit.

A server on this machine speaks Alpaca's stream, and one Binance's (through ccxt.pro); a provider has the same bars, a
few seconds after they were over. What is told, and what is in the catalogue afterwards, is compared value by value.
"""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import final

import numpy as np

from autonomous_trading.adapters.providers import Patience
from autonomous_trading.adapters.streams import AlpacaStream, ExchangeStream, LiveFeed, live_bars
from autonomous_trading.app.market_data import BarStream, LiveSettings
from autonomous_trading.core import Bars, Timeframe
from autonomous_trading.data import SeriesKey, screened
from autonomous_trading.data.streaming import Arrival
from autonomous_trading.testing.catalogue import MemoryCatalogue
from autonomous_trading.testing.clocks import SimulatedClock
from autonomous_trading.testing.memory_provider import MemoryProvider
from autonomous_trading.testing.servers import alpaca_stream as alpaca
from autonomous_trading.testing.servers import exchange_stream as exchange
from autonomous_trading.testing.servers.alpaca_stream import ScriptedServer, Step, calls, drops, sends, sends_text
from proofs.claims import Figure, at_least, holds, run
from proofs.data._streams import MINUTE, SECOND, START, clean_stream, grid_of

TITLE = "Live bars equal historical bars"
BARS = 120
MINUTES = Timeframe(1, "m")
PATIENCE = Patience(attempts=20, first_wait=0.01, longest_wait=0.02, timeout=10.0)
RUNS = {"alpaca": 20, "binance": 6}


@final
@dataclass(frozen=True, slots=True)
class Live:
    """One market being sent: its bars, its clock, how far the listener is, and what was done to the stream."""

    bars: list[Arrival]
    clock: SimulatedClock
    rng: np.random.Generator
    done: Counter[str] = field(default_factory=Counter)
    told: list[Arrival] = field(default_factory=list)
    turn: threading.Condition = field(default_factory=threading.Condition)

    def over(self, at: int) -> Step:
        """A second after a bar was over."""
        return calls(lambda: self.clock.pass_until(self.bars[at].time + MINUTE + SECOND))

    def until(self, count: int) -> Step:
        """Wait, for a second at the most, until so many bars were told."""

        def wait() -> None:
            with self.turn:
                self.turn.wait_for(lambda: len(self.told) >= count, timeout=1.0)

        return calls(wait)

    def chance(self, probability: float, what: str) -> bool:
        """Whether to do something to the stream, counted."""
        happens = bool(self.rng.random() < probability)
        self.done[what] += happens
        return happens


def measure() -> list[Figure]:
    """Both formats."""
    figures = []
    for name, runs in RUNS.items():
        equal, done = 0, Counter[str]()
        for seed in range(runs):
            rng = np.random.default_rng([7, seed])
            live = Live(clean_stream(grid_of(), BARS, rng), SimulatedClock(START), rng)
            equal += _is_equal(name, live)
            done += live.done
        spoilt = ", ".join(f"{count} {what}" for what, count in sorted(done.items()) if what != "sent")
        figures += [
            holds(
                f"{name}: bars told and kept equal history", equal == runs, bound=f"{runs} of {runs}", figure=f"{equal}"
            ),
            holds(
                f"{name}: done to the stream",
                bool(done["drops"] and done["missed"]),
                bound="some of each",
                figure=spoilt,
            ),
            at_least(f"{name}: bars that came by the stream", done["sent"] / (runs * BARS), 0.5),
        ]
    return figures


def _is_equal(name: str, live: Live) -> bool:
    scripts = _alpaca_scripts(live) if name == "alpaca" else _binance_scripts(live)
    bars = screened(Arrival.as_raw(live.bars, "")).bars
    catalogue = MemoryCatalogue()
    key = SeriesKey(name, "AAPL" if name == "alpaca" else "BTC/USDT", MINUTES)
    if bars is None:
        return False
    with (alpaca.alpaca_stream if name == "alpaca" else exchange.exchange_stream)(scripts) as server:
        provider = MemoryProvider({key.symbol: bars}, live.clock.now, late=3 * SECOND)
        feed = LiveFeed(_stream(name, server, live), provider, catalogue, live.clock, patience=PATIENCE, look=0.02)
        asyncio.run(_listen(feed, LiveSettings(key, grid_of(), stale_after=10 * BARS), live))
    live.done["sent"] += sum(each.origin == "stream" for each in live.told)
    told = screened(Arrival.as_raw(live.told, "")).bars
    return told is not None and _same(told, bars) and _same(catalogue.read(key), bars)


async def _listen(feed: LiveFeed, settings: LiveSettings, live: Live) -> None:
    async with asyncio.timeout(60.0), aclosing(live_bars(feed, settings, since=START)) as events:
        async for event in events:
            if event.kind == "bar" and event.bar is not None:
                with live.turn:
                    live.told.append(event.bar)
                    live.turn.notify_all()
                if len(live.told) == BARS:
                    return


def _stream(name: str, server: ScriptedServer, live: Live) -> BarStream:
    if name == "alpaca":
        keys = alpaca.STREAM_KEY_ID, alpaca.STREAM_SECRET_KEY
        return AlpacaStream(*keys, clock=live.clock, url=server.url, patience=PATIENCE)
    options = {"urls": {"api": {"ws": {"spot": f"{server.url}/ws"}}}}
    markets = [exchange.local_market("BTC/USDT")]
    return ExchangeStream("binance", clock=live.clock, options=options, markets=markets, patience=PATIENCE)


def _alpaca_scripts(live: Live) -> list[list[Step]]:
    """Bars in order but for neighbours that change places; some twice, some never; now and then a frame of garbage."""

    def sent(at: int) -> list[Step]:
        steps = [live.over(at), sends(alpaca.bar_message("AAPL", live.bars[at]))]
        if live.chance(0.05, "duplicates"):
            steps.append(sends(alpaca.bar_message("AAPL", live.bars[max(0, at - int(live.rng.integers(0, 9)))])))
        if live.chance(0.03, "late"):
            steps = [live.over(at), sends(alpaca.bar_message("AAPL", live.bars[min(at + 1, BARS - 1)])), *steps[1:]]
            steps[0] = live.over(min(at + 1, BARS - 1))
        if live.chance(0.01, "garbage"):
            steps.append(sends_text("[{"))
        return steps

    return _sessions(live, sent)


def _binance_scripts(live: Live) -> list[list[Step]]:
    """Each candle in progress a few times, then finished."""

    def sent(at: int) -> list[Step]:
        bar = live.bars[at]
        begun = replace(bar, high=max(bar.open, bar.low), close=max(bar.open, bar.low), volume=0.0)
        news = [exchange.kline_message("BTC/USDT", begun, MINUTES, finished=False)] * int(live.rng.integers(1, 4))
        live.done["in progress"] += len(news)
        return [
            *map(sends, news),
            live.over(at),
            sends(exchange.kline_message("BTC/USDT", bar, MINUTES, finished=True)),
        ]

    scripts = _sessions(live, sent)
    # A connection to an exchange counts as had with its first news: the one that is had last gets some too.
    again = exchange.kline_message("BTC/USDT", live.bars[-1], MINUTES, finished=True)
    scripts[-1] = [scripts[-1][0], sends(again), *scripts[-1][1:]]
    return scripts


def _sessions(live: Live, sent: Callable[[int], list[Step]]) -> list[list[Step]]:
    """Connections one after another: some bars are sent, then it drops; while it is down some are missed."""
    scripts: list[list[Step]] = []
    at = 0
    while at < BARS:
        script: list[Step] = [live.until(at)]
        for _ in range(int(live.rng.integers(15, 40))):
            if at >= BARS:
                break
            if live.chance(0.02, "missed"):
                at += 1
                continue
            script += sent(at)
            at += 1
            script.append(live.until(at - 3))
        if at < BARS:
            script.append(drops())
            live.done["drops"] += 1
            missed = min(int(live.rng.integers(0, 4)), BARS - at)
            live.done["missed"] += missed
            at += missed
        scripts.append(script)
    # Nothing that comes later shows what was missed last. So time goes on, then the connection is lost once more: the
    # next one asks. The one before could have asked while the clock was being turned, before the last bars were over.
    ending = [calls(lambda: live.clock.pass_until(live.bars[-1].time + 2 * MINUTE)), live.until(BARS), drops()]
    scripts[-1] += ending
    rest = [calls(lambda: live.clock.pass_by(10 * SECOND)), live.until(BARS)] * 12
    scripts += [ending, rest]
    return scripts


def _same(some: Bars, others: Bars) -> bool:
    """Every value of every bar, bit for bit."""
    names = ("time", "open", "high", "low", "close", "volume")
    return len(some) == len(others) and all(
        getattr(some, name).tobytes() == getattr(others, name).tobytes() for name in names
    )


if __name__ == "__main__":
    raise SystemExit(run(TITLE, measure))
