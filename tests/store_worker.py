"""A search that dies or is one of several: `python -m tests.store_worker PLACE TRIALS WHEN SEED LEASE_SECONDS`.

It kills itself `before`, `inside` or `after` a commit chosen by the seed, or `never`.
"""

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
from autonomous_trading.app import Batch, JobState, LedgerConflict, TrialResult
from autonomous_trading.core import StoreUnavailable
from tests.small_stores import spec

BATCH: Final = 8
_COMMITS: Final = 12  # it dies within so many
_FIRST_COMMITS: Final = 6  # until the first results are told
_COMMIT_SECONDS: Final = 0.006


def value_of(n: int) -> tuple[float, float]:
    """What trial n is worth."""
    return n / 7, -n / 3


def arm(ledger: SqlLedger, when: str, seed: int) -> None:
    """Prepares a death `before`, `inside` or `after` one of the next commits; `never` prepares nothing.

    Two of three live until they have finished what they claimed first: a trial that is claimed by three in a row who
    all die is dead by the rules, and here it is not the trial that kills.
    """
    dice = random.Random(seed)
    left = [dice.randrange(_COMMITS) + (_FIRST_COMMITS if seed % 3 else 0)]
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


def search(ledger: SqlLedger, trials: int, lease_seconds: float) -> None:
    """Goes on with a search from wherever the ledger says it is; others may do the same."""
    job = ledger.open_job(spec())
    if job.run > 1:  # the search ended, and opening it again began another
        return
    while True:
        there = ledger.batches(job.id)
        if not there or ledger.ended(job.id, there[-1]):
            first = len(there) * BATCH
            if first >= trials:
                break
            batch = Batch(len(there), first, BATCH, f"digest {first}")
            ledger.propose(job.id, batch, [(json.dumps({"n": n}), n) for n in range(first, first + BATCH)])
        claims = ledger.claim(job.id, f"pid {os.getpid()}", most=BATCH // 2, lease_seconds=lease_seconds)
        ledger.finish(job.id, [TrialResult(one.n, one.epoch, value_of(one.n)) for one in claims])
    ledger.close(job.id, JobState.DONE)


def _die(after: float = 0.0) -> None:
    time.sleep(after)
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    place, trials, when, seed, lease_seconds = sys.argv[1:]
    try:
        ledger = SqlLedger(open_store(place))
        arm(ledger, when, int(seed))
        search(ledger, int(trials), float(lease_seconds))
        ledger.shut()
    except (LedgerConflict, StoreUnavailable) as error:  # another worker ended the job; the server was stopped
        sys.stderr.write(f"{error}\n")
