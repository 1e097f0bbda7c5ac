"""Memory of a long search, and a ledger of a million trials.

2,000 trials in one process: after the warm-up memory grows by less than 1 MB per 100 trials. With 1,000,000 trials in
the ledger, `runs show` answers and a stopped search goes on within 5 seconds each.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np

from autonomous_trading.adapters.compute import InlineExecutor
from autonomous_trading.adapters.store import SqlLedger, open_store
from autonomous_trading.app import Desk, Evaluate, run_recorded_search
from autonomous_trading.core import FloatArray, IntArray, ParameterTable
from autonomous_trading.search import make_optimizer
from proofs.claims import Figure, at_least, at_most, run
from proofs.ledger._worker import OBJECTIVE, SPACE, Asked, evaluate

TITLE = "Memory of 2,000 trials, and a million trials in a ledger"
TRIALS = 2_000
WARM_UP = 400
MANY = 1_000_000
BATCH = 50_000
SECONDS = 5.0


class Reached(Exception):
    """The search evaluates again."""


def resident_mb() -> float:
    """Memory of this process, in MB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def growth_per_100_trials() -> float:
    """Slope of memory over the trials after the warm-up, by least squares, in MB per 100 trials."""
    seen: list[tuple[int, float]] = []
    with tempfile.TemporaryDirectory() as folder, closing(open_store(Path(folder) / "trials.db")) as store:
        ledger = SqlLedger(store)
        asked = Asked("nsga2", TRIALS)
        job = ledger.open_job(asked.spec())
        optimizer = make_optimizer("nsga2", SPACE, trials=TRIALS, seed=7, options={"population": 20})
        desk = Desk(ledger, job, "w", InlineExecutor(evaluate), time.sleep, time.monotonic)
        run_recorded_search(
            optimizer, [OBJECTIVE], 7, desk, progress=lambda done, _: seen.append((done, resident_mb()))
        )
    done, memory = np.array([each for each in seen if each[0] > WARM_UP]).T
    return float(np.polyfit(done / 100.0, memory, 1)[0])


def fill(place: Path) -> str:
    """A random search of a million trials and a little more in the ledger, stopped in its last batch; its id."""
    asked = replace(Asked(), trials=MANY + BATCH, batch_size=BATCH)
    done = 0

    def stop_late(table: ParameterTable, seeds: IntArray) -> Mapping[str, FloatArray]:
        nonlocal done
        done += len(table)
        if done > MANY:
            raise Reached
        return {"value": np.asarray(table.column("x"), dtype=np.float64), "draw": seeds.astype(np.float64)}

    _go_on(place, asked, stop_late)
    with closing(open_store(place, read_only=True)) as store:
        return SqlLedger(store).jobs()[0].id


def _go_on(place: Path, asked: Asked, function: Evaluate) -> None:
    with closing(open_store(place)) as store:
        ledger = SqlLedger(store)
        job = ledger.open_job(asked.spec())
        ledger.reclaim(job.id)
        optimizer = make_optimizer(
            "random", SPACE, trials=asked.trials, seed=asked.seed, options={"batch_size": asked.batch_size}
        )
        desk = Desk(ledger, job, "w", InlineExecutor(function), time.sleep, time.monotonic)
        try:
            run_recorded_search(optimizer, [OBJECTIVE], asked.seed, desk)
        except Reached:
            return


def seconds_to_resume(place: Path) -> float:
    """From opening the ledger until the first trial is evaluated again."""
    started = time.perf_counter()
    reached = 0.0

    def note(*_: object) -> Mapping[str, FloatArray]:
        nonlocal reached
        reached = time.perf_counter()
        raise Reached

    _go_on(place, replace(Asked(), trials=MANY + BATCH, batch_size=BATCH), note)
    return reached - started


def seconds_to_show(place: Path, job: str) -> float:
    """`autotrade runs show JOB`, the whole process."""
    started = time.perf_counter()
    command = [sys.executable, "-m", "autonomous_trading.interfaces.cli", "runs", "show", job, "--ledger", str(place)]
    done = subprocess.run([*command, "--json"], capture_output=True, text=True, check=True)
    taken = time.perf_counter() - started
    if json.loads(done.stdout)["trials"]["ended"] != MANY:
        raise RuntimeError(f"it shows something else: {done.stdout[:200]}")
    return taken


def measure() -> list[Figure]:
    """Memory first, then the million."""
    growth = growth_per_100_trials()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "million.db"
        job = fill(place)
        shown, resumed = seconds_to_show(place, job), seconds_to_resume(place)
        size = place.stat().st_size / 1e6
    return [
        at_most(f"{TRIALS:,} trials: growth of memory after {WARM_UP}", growth, 1.0, "MB per 100 trials"),
        at_least("trials in the ledger", MANY, MANY),
        at_most("runs show, the whole process", shown, SECONDS, "s"),
        at_most("resume, until the next trial is evaluated", resumed, SECONDS, "s"),
        at_most("the file, by the trial", size * 1e6 / MANY, 1_000, "bytes"),
    ]


if __name__ == "__main__":
    raise SystemExit(run(TITLE, measure))
