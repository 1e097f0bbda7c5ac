"""kill -9 before, inside and after a commit: nothing is lost, nothing is counted twice, and the search goes on."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from autonomous_trading.adapters.store import SqlLedger, audit, open_store
from autonomous_trading.app import JobState, TrialState
from autonomous_trading.core import StoreUnavailable
from tests.postgres import Server
from tests.small_stores import spec
from tests.store_worker import value_of

ROOT = Path(__file__).resolve().parents[4]


def _run(place: str, trials: int, when: str, seed: int) -> int:
    done = subprocess.run(
        [sys.executable, "-m", "tests.store_worker", place, str(trials), when, str(seed), "0.02"],
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
    _every_trial_once(place, trials)


def _every_trial_once(place: str, trials: int) -> None:
    store = open_store(place)
    assert audit(store) == []
    ledger = SqlLedger(store)
    job = ledger.jobs()[-1]
    rows = ledger.trials(job.id)
    assert job.spec.id == spec().id
    assert job.state is JobState.DONE
    assert (job.proposed, job.ended, ledger.counts("default").trials) == (trials, trials, trials)
    dead = [row.n for row in rows if row.state is TrialState.DEAD]
    assert not dead, f"trials {dead} died of what was done to their workers"
    wanted = np.array([value_of(n) for n in range(trials)])
    assert ledger.values(job.id, 0, trials).tobytes() == wanted.tobytes()
    told = [n for one in ledger.events(job.id) if one.kind == "finished" for n in _numbers(one.payload["trials"])]
    assert sorted(told) == list(range(trials)), "a trial was told twice or not at all"
    ledger.shut()


def _numbers(ranges: list[list[int]]) -> list[int]:
    return [n for first, last in ranges for n in range(first, last + 1)]


@pytest.mark.nightly
@pytest.mark.parametrize("when", ["before", "inside", "after"])
def test_kills_around_a_commit(tmp_path: Path, when: str) -> None:
    _killed_often(str(tmp_path / "trials.db"), when, 4)


@pytest.mark.nightly
@pytest.mark.parametrize("when", ["before", "inside", "after"])
def test_two_hundred_kills_around_a_commit(tmp_path: Path, when: str) -> None:
    _killed_often(str(tmp_path / "trials.db"), when, 200)


@pytest.mark.nightly
@pytest.mark.parametrize("when", ["before", "inside", "after"])
def test_kills_around_a_commit_on_a_server(postgres_url: str, when: str) -> None:
    _killed_often(postgres_url, when, 2)


@pytest.mark.nightly
def test_workers_that_are_killed_and_paused_on_a_server_that_crashes(postgres_server: Server) -> None:
    place, trials, dice = postgres_server.database(), 4_000, random.Random(5)
    ledger = SqlLedger(open_store(place))
    job = ledger.open_job(spec())
    workers = [_worker(place, trials) for _ in range(4)]
    kills = pauses = turns = 0
    try:
        while not _ended(ledger, job.id):
            time.sleep(dice.uniform(0.1, 0.4))
            worker = workers[dice.randrange(len(workers))]
            if dice.random() < 0.3:
                pauses += _pause(worker)
            elif dice.random() < 0.5:
                worker.kill()
                kills += 1
            turns += 1
            if turns % 40 == 0:
                postgres_server.stop("immediate")
                postgres_server.start()
            workers = [one if one.poll() is None else _worker(place, trials) for one in workers]
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()
    ledger.shut()
    assert kills >= 10
    assert pauses >= 5
    _every_trial_once(place, trials)


def _pause(worker: subprocess.Popen[bytes]) -> bool:
    """Stops a worker for longer than its leases: what it tells when it wakes is refused."""
    if worker.poll() is not None:
        return False
    worker.send_signal(signal.SIGSTOP)
    time.sleep(1.3)
    worker.send_signal(signal.SIGCONT)
    return True


def _worker(place: str, trials: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.store_worker", place, str(trials), "never", "0", "1.0"]
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
    return subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)


def _ended(ledger: SqlLedger, job_id: str) -> bool:
    try:
        return ledger.job(job_id).state is not JobState.RUNNING
    except StoreUnavailable:
        return False
