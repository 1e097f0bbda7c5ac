"""What proposing ahead saves and costs: python -m benchmarks.proposing_ahead [--seeds 10] [--only waiting|quality].

waiting: the share of the time of two worker processes that is not spent evaluating in a recorded search by "tpe" of a
function that takes 20 milliseconds; the median of three searches by workers that have started. quality: the distance
from the minimum after 100 sets, the median and the quartiles over the seeds.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from contextlib import closing
from typing import Final

from autonomous_trading.adapters.compute import FunctionTask, ProcessExecutor
from autonomous_trading.app import Desk, JobSpec, Objective, Search, run_recorded_search
from autonomous_trading.search import make_optimizer
from autonomous_trading.testing.ledger import MemoryLedger
from autonomous_trading.testing.objectives import BRANIN, HARTMANN6, Landscape
from benchmarks._optimizers import Spread, spread
from proofs.claims import table

WORKERS: Final = 2
SECONDS: Final = 0.02
TRIALS: Final = 200
FEW: Final = 100
METHODS: Final = ("tpe", "gp", "nsga2")
WAITING: Final = (0, 1, 3)
QUALITY: Final = (0, 1, 3)
LANDSCAPES: Final = {"Branin": BRANIN, "Hartmann6": HARTMANN6}


def slow(x: float, y: float) -> tuple[float, float]:
    """A bowl that sleeps: its value, and the seconds it took where it was evaluated."""
    began = time.perf_counter()
    time.sleep(SECONDS)
    return (x - 1.0) ** 2 + (y - 5.0) ** 2, time.perf_counter() - began


def waited(ahead: int, executor: ProcessExecutor) -> tuple[float, float]:
    """Seconds of a search, and the share of them that workers had nothing to evaluate."""
    ledger = MemoryLedger()
    job = ledger.open_job(JobSpec("bench", "slow", {}, {"ahead": ahead}, ("value", "seconds"), {}))
    optimizer = Search("tpe", TRIALS, 1, {}, ahead).optimizer(BRANIN.space, 1)
    desk = Desk(ledger, job, "w", executor, time.sleep, time.monotonic, elsewhere=True)
    began = time.perf_counter()
    found = run_recorded_search(optimizer, [Objective("value", maximize=False)], 1, desk)
    seconds = time.perf_counter() - began
    busy = float(found.trials.metrics["seconds"].sum())
    return seconds, 1.0 - busy / (WORKERS * seconds)


def regret(method: str, landscape: Landscape, ahead: int, seed: int) -> float:
    """Distance from the minimum of the best of 100 sets."""
    options = {"population": 10} if method == "nsga2" else {}
    search = make_optimizer(method, landscape.space, trials=FEW, seed=seed, options=options, ahead=ahead)
    best = float("inf")
    while len(batch := search.ask()):
        values = landscape(batch)
        search.tell(batch, values)
        best = min(best, float(values.min()))
    return best - landscape.best


def waiting_rows() -> list[tuple[str, ...]]:
    """One row per number of batches ahead; the first search of the workers is not counted."""
    rows: list[tuple[str, ...]] = [("ahead", "seconds", "workers waited")]
    with closing(ProcessExecutor(FunctionTask(slow, ("value", "seconds")), processes=WORKERS)) as executor:
        waited(0, executor)
        for ahead in WAITING:
            runs = sorted(waited(ahead, executor) for _ in range(3))
            seconds, share = runs[1]
            rows.append((str(ahead), f"{seconds:.2f}", f"{share:.1%}"))
    return rows


def quality_rows(methods: Sequence[str], seeds: int) -> list[tuple[str, ...]]:
    """Regret per method and landscape, one column per number of batches ahead."""
    rows: list[tuple[str, ...]] = [("problem", "method", *(f"ahead {ahead}" for ahead in QUALITY))]
    for name, landscape in LANDSCAPES.items():
        for method in methods:
            found = [spread([regret(method, landscape, ahead, seed) for seed in range(seeds)]) for ahead in QUALITY]
            rows.append((name, method, *map(_text, found)))
    return rows


def _text(outcome: Spread) -> str:
    return f"{outcome.median:.3g} [{outcome.lower:.3g}, {outcome.upper:.3g}]"


def main() -> int:
    """Measure and print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=10, help="searches per cell of the quality")
    parser.add_argument("--only", choices=("waiting", "quality"), help="one of the two")
    parser.add_argument("--methods", nargs="+", default=METHODS, choices=METHODS, help="of the quality")
    arguments = parser.parse_args()
    if arguments.only != "quality":
        print(table(waiting_rows()))
    if arguments.only != "waiting":
        print(table(quality_rows(arguments.methods, arguments.seeds)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
