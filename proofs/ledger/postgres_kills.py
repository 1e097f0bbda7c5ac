"""Four workers on a real PostgreSQL server: killed, paused beyond their lease, and the server crashed under them.

4,000 trials, at least 80 kills (kill -9), 30 pauses and 5 immediate stops of the server. Every trial is recorded
exactly once, no result of a worker whose lease had run out is accepted, and the trials are those of an undisturbed
search.
"""

from __future__ import annotations

import random
import signal
import subprocess
import tempfile
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import final

from autonomous_trading.adapters.store import SqlLedger, open_store
from autonomous_trading.app import JobState
from autonomous_trading.core import TradingError
from proofs.claims import Figure, at_least, holds, not_measured, run
from proofs.ledger._killing import begin, holdings, kill, undisturbed
from proofs.ledger._worker import Asked
from tests.postgres import NoServer, Server, running_server

TITLE = "Four workers on PostgreSQL, killed, paused, and the server crashed under them"
TRIALS = 4_000
WORKERS = 4
KILLS, PAUSES, STOPS = 80, 30, 5
ASKED = Asked(trials=TRIALS, seconds_per_trial=0.05, lease_seconds=1.5)
PAUSE_SECONDS = 2.5
PATIENCE_SECONDS = 1_200.0


@final
@dataclass
class Disturbance:
    """Workers that are kept at work, and what has been done to them so far."""

    server: Server
    store: str
    folder: Path
    dice: random.Random = field(default_factory=lambda: random.Random(7))
    done: Counter[str] = field(default_factory=Counter)
    paused: dict[int, float] = field(default_factory=dict)
    workers: list[subprocess.Popen[str]] = field(default_factory=list)

    def keep_at_work(self) -> None:
        """Begin a worker in the place of each that is gone, and let those go on whose pause is over."""
        gone = [worker for worker in self.workers if worker.poll() is not None]
        for worker in gone:
            worker.communicate()
        self.workers = [worker for worker in self.workers if worker not in gone]
        while len(self.workers) < WORKERS:
            self.workers.append(begin(self.store, ASKED, self.folder))
        for worker in self.workers:
            if worker.pid in self.paused and time.monotonic() > self.paused[worker.pid]:
                del self.paused[worker.pid]
                worker.send_signal(signal.SIGCONT)

    def disturb(self) -> None:
        """One kill, pause or crash of the server, whichever is due."""
        left = {"kill": KILLS, "pause": PAUSES, "stop": STOPS}
        due = [what for what, wanted in left.items() for _ in range(wanted - self.done[what])]
        awake = [worker for worker in self.workers if worker.pid not in self.paused]
        if not due or not awake:
            return
        what, worker = self.dice.choice(due), self.dice.choice(awake)
        if what == "kill":
            self.done["kill"] += kill(worker)
        elif what == "pause":
            worker.send_signal(signal.SIGSTOP)
            self.paused[worker.pid] = time.monotonic() + PAUSE_SECONDS
            self.done["pause"] += 1
        else:
            self.server.stop("immediate")
            self.server.start()
            self.done["stop"] += 1

    def is_over(self) -> bool:
        """Whether the job has ended."""
        try:
            with closing(open_store(self.store, create=False, read_only=True)) as store:
                jobs = SqlLedger(store).jobs()
                return bool(jobs) and jobs[0].state is not JobState.RUNNING
        except TradingError:  # not there yet, or crashed at this moment
            return False

    def end(self) -> None:
        """Nobody works any more."""
        for worker in self.workers:
            worker.send_signal(signal.SIGCONT)
            kill(worker)


def measure() -> list[Figure]:
    """Disturb the workers until the job is done, then look at what the ledger holds."""
    try:
        with running_server() as server, tempfile.TemporaryDirectory() as folder:
            return _figures(server, Path(folder))
    except NoServer as missing:
        return [not_measured("workers on PostgreSQL", "each trial once", str(missing))]


def _figures(server: Server, folder: Path) -> list[Figure]:
    disturbance = Disturbance(server, server.database(), folder)
    started = time.monotonic()
    try:
        while not disturbance.is_over() and time.monotonic() - started < PATIENCE_SECONDS:
            disturbance.keep_at_work()
            time.sleep(disturbance.dice.uniform(0.2, 0.8))
            disturbance.disturb()
    finally:
        disturbance.end()
    found, expected = holdings(disturbance.store), undisturbed(ASKED, folder)
    recorded = _times_recorded(disturbance.store)
    once = sum(count == 1 for count in recorded.values())
    twice = sum(count > 1 for count in recorded.values())
    same = found.trials == expected.trials and not found.problems
    done = disturbance.done
    return [
        at_least("workers killed (kill -9)", done["kill"], KILLS),
        at_least("workers paused beyond their lease", done["pause"], PAUSES),
        at_least("immediate stops of the server", done["stop"], STOPS),
        holds("trials recorded exactly once", once == TRIALS, bound=f"{TRIALS:,}", figure=f"{once:,}"),
        holds("results accepted twice (stale writes)", twice == 0, bound="0", figure=f"{twice}"),
        holds("trials failed or given up", found.not_done == 0, bound="0", figure=f"{found.not_done}"),
        holds("parameters, seeds and results", same, bound="as undisturbed", figure=_words(same, found.problems)),
    ]


def _times_recorded(store: str) -> Counter[int]:
    """How often the audit trail says of each trial that it ended."""
    times: Counter[int] = Counter()
    with closing(open_store(store, create=False, read_only=True)) as opened:
        ledger = SqlLedger(opened)
        for event in ledger.events(ledger.jobs()[0].id):
            if event.kind in ("finished", "died"):
                times.update(n for first, last in event.payload["trials"] for n in range(first, last + 1))
    return times


def _words(same: bool, problems: tuple[str, ...]) -> str:
    return "identical" if same else f"differ: {'; '.join(problems[:2]) or 'other trials'}"


if __name__ == "__main__":
    raise SystemExit(run(TITLE, measure))
