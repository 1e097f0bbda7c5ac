"""Streams that are spoilt on purpose, and the decisions that somebody takes on what leaves them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from autonomous_trading.core import Timeframe
from autonomous_trading.data import Sessions, around_the_clock
from autonomous_trading.data.streaming import Arrival, BarGrid, MergeSettings, Outcome, merge, merge_from

SECOND = 1_000_000_000
MINUTE = 60 * SECOND
DAY = 1_440 * MINUTE
START = 20_003 * DAY  # a Monday
LATENESS = 4


def grid_of(days: int = 40) -> BarGrid:
    """Minutes around the clock."""
    return BarGrid(Timeframe.of("1m"), around_the_clock(START, START + days * DAY))


def shares(days: int = 40) -> BarGrid:
    """Minutes of a market that is open on weekdays, 14:30 to 21:00 UTC."""
    dates = START + np.array([day for day in range(days) if day % 7 < 5], dtype=np.int64) * DAY
    opens, closes = dates + 870 * MINUTE, dates + 1_260 * MINUTE
    return BarGrid(Timeframe.of("1m"), Sessions("TEST", dates, opens, closes, np.empty((0, 2), dtype=np.int64)))


def settings_of(grid: BarGrid, lateness: int = LATENESS) -> MergeSettings:
    """Wait for a few bars, remember a few more than a stream of a proof has."""
    return MergeSettings(grid, lateness, memory=150)


def clean_stream(grid: BarGrid, n: int, rng: np.random.Generator) -> list[Arrival]:
    """The first bars of a market, each a second after it was over."""
    times = grid.expected(START - 1, START + 40 * DAY)[:n]
    close = 100.0 * np.exp(np.cumsum(rng.normal(0.0, 1e-3, n)))
    opened = np.concatenate([[100.0], close[:-1]])
    high, low = np.maximum(opened, close) * 1.0005, np.minimum(opened, close) * 0.9995
    volume = rng.integers(0, 1_000, n).astype(np.float64)
    received = grid.ends(times) + SECOND
    columns = [column.tolist() for column in (times, opened, high, low, close, volume, received)]
    return [Arrival(*row) for row in zip(*columns, strict=True)]


def with_duplicates(stream: Sequence[Arrival], count: int, rng: np.random.Generator) -> list[Arrival]:
    """The same bars, some of them again somewhere later."""
    places = [(float(at), each) for at, each in enumerate(stream)]
    for k in rng.integers(0, len(stream), count).tolist():
        after = min(k + float(rng.exponential(20.0)), len(stream))
        places.append((after + 0.5, replace(stream[k], received_at=stream[k].received_at + MINUTE)))
    return [each for _, each in sorted(places, key=lambda place: place[0])]


def with_revisions(stream: Sequence[Arrival], count: int, rng: np.random.Generator) -> list[Arrival]:
    """The same bars, some of them again with another close, each bar at most once."""
    places = [(float(at), each) for at, each in enumerate(stream)]
    for k in rng.choice(len(stream), count, replace=False).tolist():
        close = float(rng.uniform(stream[k].low, stream[k].high))
        revised = replace(stream[k], close=close, received_at=stream[k].received_at + 30 * SECOND)
        places.append((k + float(rng.integers(0, 50)) + 0.5, revised))
    return [each for _, each in sorted(places, key=lambda place: place[0])]


def shuffled(stream: Sequence[Arrival], lateness: int, rng: np.random.Generator) -> list[Arrival]:
    """The same bars, none of them overtaken by more than `lateness` others."""
    delays = rng.integers(0, lateness + 1, len(stream))
    order = sorted(range(len(stream)), key=lambda k: (k + int(delays[k]), k))
    return [stream[k] for k in order]


def merged(arrivals: Iterable[Arrival], settings: MergeSettings) -> tuple[tuple[Outcome, ...], str]:
    """What became of each, and the name of the state at the end."""
    outcomes, state = merge(arrivals, settings, merge_from(START - 1))
    return outcomes, state.content_id


def decisions_of(outcomes: Iterable[Outcome]) -> list[tuple[int, int]]:
    """What a rule decides at each bar that leaves: long above the mean of the last five closes. (time, side)"""
    closes: list[float] = []
    decided = []
    for bar in (each.bar for each in outcomes):
        if bar is not None:
            closes = [*closes[-4:], bar.close]
            decided.append((bar.time, int(bar.close > sum(closes) / len(closes))))
    return decided
