"""Same inputs, same bits: on one thread and on several, whole and cut into chunks with the state carried over (F9).

Every statistic of every set, equity, cash and units at every bar, and every trade, on random markets under each kind of
exit, cost, fill and financing, one instrument and three; then a whole study of at.optimize.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from benchmarks._sweep import hourly_bars, sweep
from proofs.claims import Figure, holds, run
from proofs.main_job._determinism_cases import BARS, RULES, Random, cases

TITLE = "The same bits on any number of threads and in any chunks"
SEEDS: Final = 3
CHUNKINGS: Final = 3
THREADS: Final = (1, 2, 3)
STUDY_BARS: Final = 5_000


def measure() -> list[Figure]:
    """Every kind of rules on every market."""
    return [*(_same_bits(name) for name in RULES), _same_study()]


def _same_bits(name: str) -> Figure:
    """Whether one kind of rules gives the same bits however it is run."""
    compared, different = 0, 0
    for seed in range(SEEDS):
        rng = np.random.default_rng([seed, 40])
        for case in cases(RULES[name], seed, rng):
            ways: list[tuple[int, list[int]]] = [(threads, []) for threads in THREADS[1:]]
            ways += [(int(rng.choice(THREADS)), _cuts(rng)) for _ in range(CHUNKINGS)]
            for each, trades in ((case, False), (case.first_set(), True)):
                whole = each.bits(1, [], trades=trades)
                compared += len(ways)
                different += sum(each.bits(threads, cuts, trades=trades) != whole for threads, cuts in ways)
    return holds(name, different == 0, bound="same bits", figure=f"{compared - different} of {compared} runs")


def _same_study() -> Figure:
    """Whether a whole study is the same on one thread and on two."""
    bars = hourly_bars(STUDY_BARS)
    one, two = (sweep(bars, threads).trials for threads in (1, 2))
    same = bool(one.equals(two))
    return holds("at.optimize, 780 sets", same, bound="same bits", figure="same" if same else "different")


def _cuts(rng: Random) -> list[int]:
    """A few places to cut, a chunk of one bar among them."""
    cuts = rng.choice(np.arange(1, BARS - 1), size=int(rng.integers(1, 6)), replace=False)
    return sorted({*cuts.tolist(), int(cuts[0]) + 1})


if __name__ == "__main__":
    raise SystemExit(run(TITLE, measure))
