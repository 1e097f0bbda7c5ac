"""A grid of 780 pairs of moving averages through at.optimize, stops and costs on, statistics only, on two cores.

On 100,000 bars at least 400 million bar evaluations a second; on 5,000 bars at least 100 times as fast as vectorbt
1.2.0, which is timed in the same run, warm, in an environment of its own.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from benchmarks._sweep import FEW_BARS, MANY_BARS, Timing, hourly_bars, sweep, timed
from benchmarks.peer_vectorbt import vectorbt_sweep
from benchmarks.peers import PeerMissing
from proofs.claims import Figure, at_least, not_measured, run

TITLE = "Bar evaluations in a second"
THREADS = 2
RATE = 400e6
TIMES = 100.0
STRETCH = 1_000e6
MANY_REPETITIONS = 15
FEW_REPETITIONS = 30
THEIR_REPETITIONS = 9
ROUNDS = 3


def measure() -> list[Figure]:
    """Ours on many bars, then both engines on few."""
    bars = hourly_bars(MANY_BARS)
    many = timed(lambda: sweep(bars, THREADS), MANY_REPETITIONS)
    rate = many.rate(MANY_BARS, many.median)
    best = many.rate(MANY_BARS, many.best)
    return [
        at_least("780 pairs x 100,000 bars, two cores, median", rate, RATE, "bars/s"),
        _told(
            "the same, best repetition", f"{best:,.0f} bars/s ({best / STRETCH:.0%} of the stretch of 1,000 million)"
        ),
        *_against_vectorbt(),
        _told("processes that wanted a core meanwhile, per core", f"{many.load:.1f}"),
    ]


def _against_vectorbt() -> list[Figure]:
    name = "780 pairs x 5,000 bars, times as fast as vectorbt 1.2.0"
    bars = hourly_bars(FEW_BARS)
    rounds = []
    for _ in range(ROUNDS):
        try:
            theirs, _ = vectorbt_sweep(FEW_BARS, THEIR_REPETITIONS)
        except PeerMissing as missing:
            return [not_measured(name, f">= {TIMES:.0f}", str(missing))]
        rounds.append((theirs, timed(lambda: sweep(bars, THREADS), FEW_REPETITIONS)))
    # Middle against middle within a round, since a shared machine is fast in one minute and slow in the next.
    times = sorted(theirs.median / ours.median for theirs, ours in rounds)
    theirs, ours = (_together(timings) for timings in zip(*rounds, strict=True))
    return [
        at_least(f"{name}, median of {ROUNDS} rounds", statistics.median(times), TIMES),
        _told("the rounds", ", ".join(f"{each:.0f}" for each in times)),
        _told("the same, best repetition of each", f"{theirs.best / ours.best:,.0f}"),
        _told("vectorbt 1.2.0, best and median", _rates(theirs)),
        _told("at.optimize, best and median", _rates(ours)),
    ]


def _together(timings: Sequence[Timing]) -> Timing:
    """All repetitions of several rounds."""
    return Timing(tuple(each for timing in timings for each in timing.seconds), timings[-1].load)


def _rates(timing: Timing) -> str:
    """Best and median, as rate and time."""
    return ", ".join(
        f"{timing.rate(FEW_BARS, seconds) / 1e6:,.1f} M bars/s ({seconds * 1e3:,.1f} ms)"
        for seconds in (timing.best, timing.median)
    )


def _told(name: str, what: str) -> Figure:
    """A figure without a bound."""
    return Figure(name, "(information)", what, True)


if __name__ == "__main__":
    raise SystemExit(run(TITLE, measure))
