"""What ledger and sampler cost per trial at 64 trials a batch, beside an objective that costs nothing.

Under 1 ms for random search and NSGA-II, under 5 ms for TPE: proposing, committing the proposals, claiming, committing
the results with the audit event, and telling them, on a file with its disk flushed at every commit.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import numpy as np

from autonomous_trading.adapters.compute import InlineExecutor
from autonomous_trading.adapters.store import SqlLedger, open_store
from autonomous_trading.app import Desk, run_recorded_search
from autonomous_trading.core import FloatArray, IntArray, ParameterTable
from autonomous_trading.search import make_optimizer
from proofs.claims import Figure, at_most, run
from proofs.ledger._worker import OBJECTIVE, SPACE, Asked

TITLE = "Overhead of ledger and sampler per trial, 64 trials a batch"
CASES = (("random", 6_400, 1.0), ("nsga2", 6_400, 1.0), ("tpe", 640, 5.0))
OPTIONS = {"random": {"batch_size": 64}, "nsga2": {"population": 64}, "tpe": {"batch_size": 64}}
REPETITIONS = 3


def nothing(table: ParameterTable, _: IntArray) -> Mapping[str, FloatArray]:
    """An objective that is there at once."""
    return {"value": np.asarray(table.column("x"), dtype=np.float64), "draw": np.zeros(len(table))}


def seconds_per_trial(method: str, trials: int) -> float:
    """Wall time of a whole recorded search, by the trial."""
    with tempfile.TemporaryDirectory() as folder, closing(open_store(Path(folder) / "trials.db")) as store:
        ledger = SqlLedger(store)
        job = ledger.open_job(Asked(method, trials).spec())
        optimizer = make_optimizer(method, SPACE, trials=trials, seed=7, options=OPTIONS[method])
        desk = Desk(ledger, job, "w", InlineExecutor(nothing), time.sleep, time.monotonic)
        started = time.perf_counter()
        run_recorded_search(optimizer, [OBJECTIVE], 7, desk)
        return (time.perf_counter() - started) / trials


def measure() -> list[Figure]:
    """The middle of some searches by each method."""
    figures = []
    for method, trials, bound in CASES:
        seconds_per_trial(method, 128)  # what is imported late is not counted
        middle = statistics.median(seconds_per_trial(method, trials) for _ in range(REPETITIONS))
        figures.append(at_most(f"{method}, {trials:,} trials, median of {REPETITIONS}", middle * 1e3, bound, "ms"))
    return figures


if __name__ == "__main__":
    raise SystemExit(run(TITLE, measure))
