"""One seed, one list of trials: inline, in worker processes, and on a real local Ray cluster.

Then the same with workers that are killed 20 times (kill -9, by the very trial they evaluate): nothing is lost, nothing
is evaluated differently, and no trial is given up.
"""

from __future__ import annotations

import os
import tempfile
import time
from contextlib import closing
from pathlib import Path

from autonomous_trading.adapters.compute import FunctionTask, open_executor
from autonomous_trading.adapters.store import SqlLedger, open_store
from autonomous_trading.app import Desk, Objective, run_recorded_search
from autonomous_trading.core import InvalidInput
from autonomous_trading.search import make_optimizer
from proofs.claims import Figure, at_least, holds, not_measured, run
from proofs.ledger._killing import Holdings, holdings
from proofs.ledger._objective import KILLS_FOLDER, MOST_KILLS, bowl
from proofs.ledger._worker import SPACE, Asked

TITLE = "The same trials inline, in processes and on Ray, with workers killed"
TRIALS = 320
METHODS = ("random", "nsga2", "tpe")
OPTIONS = {"random": {"batch_size": 64}, "nsga2": {"population": 32}, "tpe": {"batch_size": 16}}


def searched(method: str, kind: str, folder: Path) -> Holdings:
    """A recorded search of the bowl, evaluated by two workers of a kind; what its ledger holds."""
    place = folder / f"{method}-{kind}-{time.monotonic_ns()}.db"
    trials = TRIALS if method != "tpe" else TRIALS // 2
    with closing(open_store(place)) as store:
        ledger = SqlLedger(store)
        job = ledger.open_job(Asked(method, trials).spec())
        optimizer = make_optimizer(method, SPACE, trials=trials, seed=7, options=OPTIONS[method])
        task = FunctionTask(bowl, ("value", "draw"))
        with closing(open_executor(kind, task, 1 if kind == "inline" else 2)) as executor:
            desk = Desk(ledger, job, "w", executor, time.sleep, time.monotonic)
            run_recorded_search(optimizer, [Objective("value", maximize=False)], 7, desk)
    return holdings(str(place))


def measure() -> list[Figure]:
    """Every method everywhere, then the kills."""
    figures = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        inline = {method: searched(method, "inline", folder) for method in METHODS}
        for kind in ("processes", "ray"):
            for method in METHODS:
                try:
                    found = searched(method, kind, folder)
                except InvalidInput as missing:  # ray is not installed
                    figures.append(not_measured(f"{method}, {kind}", "the trials of inline", str(missing)))
                    continue
                figures.append(_same(f"{method}, {kind}", found, inline[method]))
            figures += _killed(kind, inline["random"], folder)
    return figures


def _killed(kind: str, expected: Holdings, folder: Path) -> list[Figure]:
    kills = folder / f"kills-{kind}"
    kills.mkdir()
    os.environ[KILLS_FOLDER] = str(kills)
    try:
        found = searched("random", kind, folder)
    except InvalidInput as missing:
        return [not_measured(f"{kind}, workers killed", f">= {MOST_KILLS}", str(missing))]
    finally:
        del os.environ[KILLS_FOLDER]
    return [
        at_least(f"{kind}: workers killed", len(list(kills.iterdir())), MOST_KILLS),
        _same(f"random, {kind}, workers killed", found, expected),
    ]


def _same(name: str, found: Holdings, expected: Holdings) -> Figure:
    same = found.trials == expected.trials and not found.not_done and not found.problems
    words = f"{len(found.trials)} identical" if same else f"differ; {found.not_done} not done; {found.problems[:1]}"
    return holds(name, same, bound="the trials of inline", figure=words)


if __name__ == "__main__":
    raise SystemExit(run(TITLE, measure))
