"""The wall clock is set by up to a day, again and again: no bar leaves twice or is lost, no false alarm, no lease ends.

A feed of minutes that is well, received under a simulated clock that is set at two hundred points, by one of six steps
each; the same under a machine that sleeps. Leases are held in a ledger that knows the time from its database alone.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np

from autonomous_trading.adapters.store import SqlLedger, open_store
from autonomous_trading.app import Batch, JobSpec
from autonomous_trading.data.streaming import (
    Arrival,
    FeedWatch,
    SteadyTime,
    WatchSettings,
    merge,
    merge_from,
    steady_time,
    watch_feed,
    witnessed,
)
from autonomous_trading.testing.clocks import SimulatedClock
from proofs.claims import Figure, at_most, holds, run
from proofs.data._streams import MINUTE, SECOND, START, clean_stream, decisions_of, grid_of, settings_of

TITLE = "A clock that is set moves nothing"
JUMPS = 200
STEPS = [sign * by for by in (SECOND, 60 * MINUTE, 1_440 * MINUTE) for sign in (1, -1)]
BARS = 1_000


def measure() -> list[Figure]:
    """All two hundred in one run, then each alone, then a machine that slept."""
    rng = np.random.default_rng(11)
    clean = clean_stream(grid_of(), BARS, rng)
    points = sorted(rng.choice(np.arange(5, BARS), JUMPS, replace=False).tolist())
    jumps = {point: STEPS[k % len(STEPS)] for k, point in enumerate(points)}
    expected = [(each.time, side) for each, (_, side) in zip(clean, _decided(clean), strict=True)]
    alone = [_received(clean[:20], {5 + k % 15: STEPS[k % len(STEPS)]}) for k in range(JUMPS)]
    times, cycles, alarms = _received(clean, jumps)
    slept, _, slept_alarms = _received(clean[:60], {}, sleeps={30: 60 * MINUTE})
    lost = sum(len(expected[:20]) - len(each[0]) for each in alone) + len(expected) - len(times)
    return [
        at_most("bars emitted twice", _twice(times) + sum(_twice(each[0]) for each in alone), 0),
        at_most("bars refused or lost", lost, 0),
        at_most("cycles run twice (one key per bar)", cycles + sum(each[1] for each in alone), 0),
        at_most("false stale alarms", alarms + sum(each[2] for each in alone), 0),
        holds("decisions of a clock that is never set", times == [time for time, _ in expected]),
        holds("a machine that slept an hour goes on with the next bar", len(slept) == 60 and slept_alarms == 0),
        at_most(f"leases ended while alive, {JUMPS} jumps", _leases_lost(), 0),
    ]


def _decided(arrivals: list[Arrival]) -> list[tuple[int, int]]:
    return decisions_of(merge(arrivals, settings_of(grid_of()), merge_from(START - 1))[0])


def _received(
    clean: list[Arrival], jumps: dict[int, int], sleeps: dict[int, int] | None = None
) -> tuple[list[int], int, int]:
    """Times of the bars that left, cycles run twice, alarms: bar k comes a second after it was over."""
    clock = SimulatedClock(START)
    settings, watch = settings_of(grid_of()), WatchSettings(grid_of())
    steady, state, feed = SteadyTime(clock.read()), merge_from(START - 1), FeedWatch(START - MINUTE)
    emitted: list[int] = []
    keys: set[int] = set()
    twice = alarms = 0
    clock.pass_by(SECOND)
    for k, bar in enumerate(clean):
        if sleeps and k in sleeps:
            clock.jump(sleeps[k])  # asleep, the clock of durations stands still and the one on the wall goes on
            bar = clean[k] = replace(bar, time=bar.time + sleeps[k])
            clean[k + 1 :] = [replace(each, time=each.time + sleeps[k]) for each in clean[k + 1 :]]
            state = merge_from(bar.time - MINUTE)  # what was missed is asked for, not waited for
        for _ in range(3):
            clock.pass_by(20 * SECOND)
            now, steady = steady_time(clock.read(), steady)
            (blocked,), feed = watch_feed([(now, None)], watch, feed)
            alarms += blocked
        clock.jump(jumps.get(k, 0))
        end = bar.time + MINUTE
        steady = witnessed(clock.read(), steady, end=end, longest_age=2 * MINUTE, tolerance=2 * SECOND)
        now, steady = steady_time(clock.read(), steady)
        outcomes, state = merge([replace(bar, received_at=now)], settings, state)
        for left in (each.bar for each in outcomes):
            if left is not None:
                emitted.append(left.time)
                twice += left.time + MINUTE in keys
                keys.add(left.time + MINUTE)
                (blocked,), feed = watch_feed([(now, left.time)], watch, feed)
                alarms += blocked
    return emitted, twice, alarms


def _leases_lost() -> int:
    """How often a lease of ten minutes was taken away or not renewed after this process's clock was set."""
    with tempfile.TemporaryDirectory() as folder, closing(open_store(Path(folder) / "ledger.db")) as store:
        ledger = SqlLedger(store)
        job = ledger.open_job(JobSpec("proof", "clocks", {"function": "none"}, {}, ("value",), {}))
        ledger.propose(job.id, Batch(0, 0, 1, "one"), [("{}", 1)])
        held = ledger.claim(job.id, "alive", most=1, lease_seconds=600.0)
        lost = 0
        for k in range(JUMPS):
            with _wall_clock_set(STEPS[k % len(STEPS)] / SECOND):
                lost += len(ledger.claim(job.id, "other", most=1, lease_seconds=600.0))
                lost += ledger.renew(job.id, held, lease_seconds=600.0) != 1
    return lost


@contextmanager
def _wall_clock_set(seconds: float) -> Iterator[None]:
    """Python's wall clock, set by seconds."""
    there, there_ns = time.time, time.time_ns
    time.time, time.time_ns = lambda: there() + seconds, lambda: there_ns() + int(seconds * SECOND)
    try:
        yield
    finally:
        time.time, time.time_ns = there, there_ns


def _twice(times: list[int]) -> int:
    return len(times) - len(set(times))


if __name__ == "__main__":
    raise SystemExit(run(TITLE, measure))
