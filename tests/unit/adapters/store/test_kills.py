"""kill -9 before, inside and after a commit: nothing is lost, nothing is counted twice, and the search goes on."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from autonomous_trading.adapters.store import SqlLedger, audit, open_store
from autonomous_trading.app import JobState, TrialState
from tests.small_stores import spec
from tests.store_worker import value_of

ROOT = Path(__file__).resolve().parents[4]


def _run(place: str, trials: int, when: str, seed: int) -> int:
    done = subprocess.run(
        [sys.executable, "-m", "tests.store_worker", place, str(trials), when, str(seed)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in {0, -signal.SIGKILL}, done.stderr
    return done.returncode


def _killed_often(place: str, when: str, kills: int) -> None:
    """A search that is killed so often and then left to end: the ledger holds every trial once."""
    trials = kills * 8 + 8
    seen = 0
    for seed in range(kills):
        if _run(place, trials, when, seed) == 0:
            break
        store = open_store(place)
        ledger = SqlLedger(store)
        jobs = ledger.jobs()
        ended = jobs[0].ended if jobs else 0
        assert ended >= seen, f"kill {seed}: {seen} ended trials became {ended}"
        assert audit(store) == [], f"kill {seed}"
        seen = ended
        ledger.shut()
        time.sleep(0.03)  # what it had claimed runs out
    assert _run(place, trials, "never", 0) == 0
    ledger = SqlLedger(open_store(place))
    (job,) = ledger.jobs()
    rows = ledger.trials(job.id)
    assert job.spec.id == spec().id
    assert job.state is JobState.DONE
    assert (job.proposed, job.ended, ledger.counts("default").trials) == (trials, trials, trials)
    dead = [row.n for row in rows if row.state is TrialState.DEAD]
    assert not dead, "a trial was killed for what was done to its worker"
    wanted = np.array([value_of(n) for n in range(trials)])
    assert ledger.values(job.id, 0, trials).tobytes() == wanted.tobytes()
    told = [n for one in ledger.events(job.id) if one.kind == "finished" for n in _numbers(one.payload["trials"])]
    assert sorted(told) == list(range(trials)), "a trial was told twice or not at all"
    ledger.shut()


def _numbers(ranges: list[list[int]]) -> list[int]:
    return [n for first, last in ranges for n in range(first, last + 1)]


@pytest.mark.parametrize("when", ["before", "inside", "after"])
def test_kills_around_a_commit(tmp_path: Path, when: str) -> None:
    _killed_often(str(tmp_path / "trials.db"), when, 7)


@pytest.mark.nightly
@pytest.mark.parametrize("when", ["before", "inside", "after"])
def test_two_hundred_kills_around_a_commit(tmp_path: Path, when: str) -> None:
    _killed_often(str(tmp_path / "trials.db"), when, 200)


@pytest.mark.parametrize("when", ["before", "inside", "after"])
def test_kills_around_a_commit_on_a_server(postgres_url: str, when: str) -> None:
    _killed_often(postgres_url, when, 2)
