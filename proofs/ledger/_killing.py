"""Workers of a recorded search as processes, to be killed and paused, and what their ledger holds in the end."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import final

from autonomous_trading.adapters.store import SqlLedger, audit, open_store
from autonomous_trading.app import JobState, TrialRow, TrialState
from proofs.ledger._worker import Asked, search

REPOSITORY = Path(__file__).resolve().parent.parent.parent


def begin(store: str, asked: Asked, folder: Path) -> subprocess.Popen[str]:
    """A worker in a process of its own; it prints "begun" when it is about to open the ledger."""
    settings = folder / f"asked-{hashlib.sha256(repr(asked).encode()).hexdigest()[:12]}.json"
    settings.write_text(json.dumps(asdict(asked)), encoding="utf-8")
    paths = [str(REPOSITORY), os.environ.get("PYTHONPATH", "")]
    return subprocess.Popen(
        [sys.executable, "-m", "proofs.ledger._worker", store, str(settings)],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in paths if path)},
    )


def kill(worker: subprocess.Popen[str]) -> bool:
    """Kill a worker where it stands; whether it was still alive."""
    alive = worker.poll() is None
    if alive:
        worker.send_signal(signal.SIGKILL)
    worker.communicate()
    return alive and worker.returncode == -signal.SIGKILL


@final
@dataclass(frozen=True, slots=True)
class Holdings:
    """What a ledger holds of one job."""

    state: JobState
    trials: tuple[tuple[int, str, int, tuple[str, ...]], ...]  # number, parameters, seed, values to the last bit
    not_done: int
    counted: int
    problems: tuple[str, ...]

    @property
    def duplicated(self) -> int:
        """Trials that are there more often than once."""
        return len(self.trials) - len({n for n, *_ in self.trials})


def holdings(store: str) -> Holdings:
    """Everything the ledger says of its only job, and what an audit finds wrong with it."""
    with closing(open_store(store, create=False, read_only=True)) as opened:
        ledger = SqlLedger(opened)
        (job,) = ledger.jobs()
        rows = ledger.trials(job.id)
        counted = ledger.counts(job.spec.project).trials
        return Holdings(job.state, _exact(rows), _not_done(rows), counted, tuple(audit(opened)))


def undisturbed(asked: Asked, folder: Path) -> Holdings:
    """The same search in one go."""
    place = str(folder / "undisturbed.db")
    with closing(open_store(place)) as opened:
        search(SqlLedger(opened), Asked(asked.method, asked.trials, asked.seed, asked.batch_size))
    return holdings(place)


def _exact(rows: Sequence[TrialRow]) -> tuple[tuple[int, str, int, tuple[str, ...]], ...]:
    return tuple((row.n, row.parameters_json, row.seed, tuple(value.hex() for value in row.values)) for row in rows)


def _not_done(rows: Sequence[TrialRow]) -> int:
    return sum(row.state is not TrialState.DONE for row in rows)
