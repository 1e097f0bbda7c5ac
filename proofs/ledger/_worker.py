"""One worker of a recorded search, as a process of its own: python -m proofs.ledger._worker STORE JOB.json

It does what a search does (replay, claim, evaluate, record, propose) and nothing else, so that it starts quickly and
can be killed, paused and started again at any point. It prints a line when it begins, and exits when the job has ended.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, final

import numpy as np
from sqlalchemy import event

from autonomous_trading.adapters.compute import InlineExecutor
from autonomous_trading.adapters.store import SqlLedger, Store, open_store
from autonomous_trading.app import Desk, Found, JobSpec, Ledger, Objective, run_recorded_search
from autonomous_trading.core import FloatArray, IntArray, ParameterTable, Space
from autonomous_trading.search import make_optimizer

SPACE: Final = Space.of({"x": (-5.0, 5.0), "y": (0.0, 1.0), "n": (1, 10_000), "kind": ["a", "b", "c"]})
OBJECTIVE: Final = Objective("value", maximize=False)


@final
@dataclass(frozen=True, slots=True)
class Asked:
    """A search of the function below: by which method, how many trials, and how long each evaluation takes."""

    method: str = "random"
    trials: int = 10_000
    seed: int = 7
    batch_size: int = 64
    seconds_per_trial: float = 0.0
    lease_seconds: float = 60.0
    dies: str = ""  # "before", "inside" or "after" a COMMIT
    dies_at: int = 0  # which one, counted from 1

    def spec(self) -> JobSpec:
        """The job of this search."""
        search = {"method": self.method, "trials": self.trials, "seed": self.seed, "objectives": ["value"]}
        options = {"batch_size": self.batch_size}
        return JobSpec("proof", "a bowl", {"function": "bowl 1"}, {**search, "options": options}, ("value", "draw"), {})


def evaluate(table: ParameterTable, seeds: IntArray) -> Mapping[str, FloatArray]:
    """A bowl with an offset per kind, and a draw from the seed of each set."""
    offset = np.array([{"a": 0.0, "b": 0.3, "c": 0.7}[kind] for kind in table.column("kind").tolist()])
    value = table.column("x") ** 2 + np.sin(9.0 * table.column("y")) + table.column("n") / 1e4 + offset
    draw = np.array([np.random.default_rng(int(seed)).standard_normal() for seed in seeds])
    return {"value": value, "draw": draw}


def search(ledger: Ledger, asked: Asked) -> Found:
    """Begin or go on with the search."""
    job = ledger.open_job(asked.spec())
    ledger.reclaim(job.id)
    options = {} if asked.method == "nsga2" else {"batch_size": asked.batch_size}
    optimizer = make_optimizer(asked.method, SPACE, trials=asked.trials, seed=asked.seed, options=options)

    def slow(table: ParameterTable, seeds: IntArray) -> Mapping[str, FloatArray]:
        time.sleep(asked.seconds_per_trial * len(table))
        return evaluate(table, seeds)

    with closing(InlineExecutor(slow)) as executor:
        desk = Desk(
            ledger,
            job,
            f"worker {os.getpid()}",
            executor,
            time.sleep,
            time.monotonic,
            lease_seconds=asked.lease_seconds,
        )
        return run_recorded_search(optimizer, [OBJECTIVE], asked.seed, desk)


def arm(store: Store, asked: Asked) -> None:
    """Let this process kill itself at a certain COMMIT: before it, among the statements before it, or after it."""
    commits = 0

    def die() -> None:
        if asked.dies and commits == asked.dies_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def before_commit(_: object) -> None:
        nonlocal commits
        commits += asked.dies == "before"
        die()

    def during(*of: Any) -> None:
        nonlocal commits
        if str(of[2]).startswith("INSERT INTO event"):
            commits += asked.dies == "inside"
            die()

    def after_use(*_: object) -> None:
        nonlocal commits
        commits += asked.dies == "after"
        die()

    event.listen(store.engine, "commit", before_commit)
    event.listen(store.engine, "after_cursor_execute", during)
    event.listen(store.engine, "checkin", after_use)


def main(store: str, asked: str) -> int:
    """Work until the job has ended."""
    settings: dict[str, Any] = json.loads(Path(asked).read_text(encoding="utf-8"))
    print("begun", flush=True)
    with closing(open_store(store)) as opened:
        arm(opened, Asked(**settings))
        search(SqlLedger(opened), Asked(**settings))
    print("done", flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1], sys.argv[2]))
