"""A search that dies: `python -m tests.store_worker PLACE TRIALS WHEN` kills itself at one commit, chosen by chance."""

import json
import os
import random
import signal
import sys
import threading
import time
from typing import Final

from sqlalchemy import event

from autonomous_trading.adapters.store import SqlLedger, open_store
from autonomous_trading.app import Batch, JobState, TrialResult
from tests.small_stores import spec

BATCH: Final = 8
_COMMITS: Final = 12  # it dies within so many
_COMMIT_SECONDS: Final = 0.006


def value_of(n: int) -> tuple[float, float]:
    """What trial n is worth."""
    return n / 7, -n / 3


def arm(ledger: SqlLedger, when: str, dice: random.Random) -> None:
    """Prepares a death `before`, `inside` or `after` one of the next commits; `never` prepares nothing."""
    left = [dice.randrange(_COMMITS)]
    engine = ledger.store.engine

    def committing(_connection: object) -> None:
        left[0] -= 1
        if left[0] >= 0:
            return
        if when == "before":
            _die()
        if when == "inside":
            threading.Thread(target=_die, args=(dice.uniform(0, _COMMIT_SECONDS),), daemon=True).start()

    def returned(*_facts: object) -> None:
        if when == "after" and left[0] < 0:
            _die()

    if when != "never":
        event.listen(engine, "commit", committing)
        event.listen(engine.pool, "checkin", returned)


def search(ledger: SqlLedger, trials: int) -> None:
    """Goes on with a search from wherever the ledger says it is."""
    job = ledger.open_job(spec())
    while True:
        there = ledger.batches(job.id)
        if not there or ledger.ended(job.id, there[-1]):
            first = len(there) * BATCH
            if first >= trials:
                break
            batch = Batch(len(there), first, BATCH, f"digest {first}")
            ledger.propose(job.id, batch, [(json.dumps({"n": n}), n) for n in range(first, first + BATCH)])
        claims = ledger.claim(job.id, f"pid {os.getpid()}", most=BATCH // 2, lease_seconds=0.02)
        ledger.finish(job.id, [TrialResult(one.n, one.epoch, value_of(one.n)) for one in claims])
    ledger.close(job.id, JobState.DONE)


def _die(after: float = 0.0) -> None:
    time.sleep(after)
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    place, trials, when, seed = sys.argv[1:]
    ledger = SqlLedger(open_store(place))
    arm(ledger, when, random.Random(int(seed)))
    search(ledger, int(trials))
    ledger.shut()
