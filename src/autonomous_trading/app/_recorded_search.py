"""A search whose every step is in the ledger first: killed at any point, it goes on as if it had never stopped.

The optimiser is a pure function of what it was told, so starting and resuming are one thing: ask, compare with the
batch that is recorded, tell what is recorded, until the record ends; from there on propose, evaluate and record. An
optimiser that is ahead has several batches open at once, so that evaluation goes on where one ends and while the next
one is thought of; what it proposes does not depend on when it is asked. Any number of processes may do this with one
job at once: each proposes the same batches, each trial is accepted once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import final

import numpy as np

from autonomous_trading.app._executor import Outcome
from autonomous_trading.app._heartbeat import Heartbeat
from autonomous_trading.app._ledger import (
    Batch,
    Job,
    JobState,
    Ledger,
    LedgerConflict,
    batch_digest,
    parameters_json_of,
    trial_seeds,
)
from autonomous_trading.app._pruning import Reference
from autonomous_trading.app._recorded_work import Desk, OpenBatch, Pace, Work
from autonomous_trading.app._result_constraints import ResultConstraint
from autonomous_trading.app._search import Found, Objective, Progress, losses_of
from autonomous_trading.app._thinking import Thinking
from autonomous_trading.core import FloatArray, NothingToReport, ParameterTable, Refused, TrialTable
from autonomous_trading.search import MOST_AHEAD, Optimizer

_GLANCE_SECONDS = 0.005
"""How long a free slot waits at most after the next batch was thought of."""


def run_recorded_search(
    optimizer: Optimizer,
    objectives: Sequence[Objective],
    seed: int,
    desk: Desk,
    progress: Progress | None = None,
    *,
    constraints: Sequence[ResultConstraint] = (),
    reference: Reference | None = None,
) -> Found:
    """Every trial of the job, told in trial order; evaluated now as far as the ledger does not have it yet.

    reference: what a set is compared with, where sets that are clearly beaten are given up; it is told what the
    optimiser is told. Ends early, with what there is, when the job is cancelled. Raises Refused where the optimiser
    proposes other sets than the recorded ones: code or a library changed.
    """
    told = _Told(optimizer, tuple(objectives), tuple(constraints), desk, reference)
    beside = desk.elsewhere and optimizer.ahead > 0
    with (
        Heartbeat(desk.ledger, desk.job.id, desk.lease_seconds) as heartbeat,
        Thinking(optimizer, beside=beside) as mind,
    ):
        run = _Run(told, seed, desk, mind, Work(desk, heartbeat, Pace(desk.clock)), progress)
        try:
            run.resume()
            run.go_on()
        finally:
            desk.ledger.release(desk.job.id, heartbeat.held(), reason="stopped", blame=False)
    return told.found()


def best_trials(
    ledger: Ledger, job: Job, objectives: Sequence[Objective], constraints: Sequence[ResultConstraint], most: int
) -> list[int]:
    """Numbers of the best trials by the first objective, of those with a value of each that keep every constraint.

    Raises NothingToReport where there is none.
    """
    values = ledger.values(job.id, 0, job.proposed)
    metrics = {name: values[:, position] for position, name in enumerate(job.spec.metrics)}
    losses = losses_of(metrics, objectives, constraints)
    rows = np.flatnonzero(np.isfinite(losses).all(axis=1))
    if not len(rows):
        names = " and ".join(each.name for each in objectives)
        raise NothingToReport(
            f"no trial of job {job.id} has a value of {names} and keeps every constraint", fix="look at its trials"
        )
    best: list[int] = rows[np.argsort(losses[rows, 0], kind="stable")][:most].tolist()
    return best


@final
@dataclass(frozen=True, slots=True)
class FailedTrials:
    """How many trials of a job raised or lost every worker, and what was said of the first; empty where none did."""

    count: int
    first_error: str

    @classmethod
    def of(cls, ledger: Ledger, job_id: str) -> FailedTrials:
        """As the audit trail counts them; reads only the trials that were told together with the first."""
        told = [event.payload for event in ledger.events(job_id) if event.payload.get("failed")]
        if not told:
            return cls(0, "")
        together = min((payload["trials"] for payload in told), key=lambda ranges: ranges[0][0])
        rows = (row for first, last in together for row in ledger.trials(job_id, first, last - first + 1))
        first_error = next((row.error for row in rows if row.error), "")
        return cls(sum(payload["failed"] for payload in told), first_error)


@final
@dataclass(slots=True)
class _Told:
    """What the optimiser was told, batch by batch."""

    optimizer: Optimizer
    objectives: tuple[Objective, ...]
    constraints: tuple[ResultConstraint, ...]
    desk: Desk
    reference: Reference | None = None
    tables: list[ParameterTable] = field(default_factory=list)
    values: list[FloatArray] = field(default_factory=list)
    trials: int = 0

    def tell(self, table: ParameterTable, values: FloatArray) -> None:
        """Tell the optimiser what the next batch was worth."""
        metrics = self._by_name(values)
        self.optimizer.tell(table, losses_of(metrics, self.objectives, self.constraints))
        if self.reference is not None:
            self.reference.tell(metrics)
        self.tables.append(table)
        self.values.append(values)
        self.trials += len(table)

    def found(self) -> Found:
        """All trials that were told."""
        values = np.concatenate(self.values) if self.values else np.empty((0, len(self.desk.job.spec.metrics)))
        table = ParameterTable.concat(self.tables)
        trials = TrialTable(table, self._by_name(values), np.ones(len(table), dtype=np.bool_))
        return Found(trials, self.objectives, self.constraints)

    def _by_name(self, values: FloatArray) -> Mapping[str, FloatArray]:
        return {name: values[:, position] for position, name in enumerate(self.desk.job.spec.metrics)}


@final
@dataclass(slots=True)
class _Run:
    """One worker's way through a job. over: the optimiser has proposed all it had."""

    told: _Told
    seed: int
    desk: Desk
    mind: Thinking
    work: Work
    progress: Progress | None
    number: int = 0
    proposed: int = 0
    over: bool = False

    def resume(self) -> None:
        """Tell what is recorded, up to the first batch that is not complete; that one and those after it are open."""
        ledger, job = self.desk.ledger, self.desk.job
        recorded = ledger.batches(job.id)
        # Nobody is further ahead. Before the values: what has ended does not change any more.
        latest = recorded[-1 - MOST_AHEAD :]
        first_open = next((each.number for each in latest if not ledger.ended(job.id, each)), len(recorded))
        values = ledger.values(job.id, 0, sum(each.count for each in recorded[:first_open]))
        for batch in recorded:
            table = self.mind.take()
            if len(table) != batch.count or batch_digest(table) != batch.digest:
                raise Refused(
                    f"job {job.id} cannot go on: batch {batch.number} would propose other sets than those recorded",
                    fix="resume with the code and the libraries it was started with, or start a new run",
                )
            self._open(table)
            if batch.number < first_open:
                self.told.tell(table, values[batch.first : batch.first + batch.count])
                self.work.open.popleft()

    def go_on(self) -> None:
        """Propose, evaluate and tell, until the search is over or somebody has ended the job."""
        try:
            while not (self.over and not self.work.open):
                self.work.take()
                while self._think():
                    self.work.take()
                outcome = self._wait()
                if outcome is not None and self.work.settle(outcome):
                    self._report()
                while not self.mind.busy and self.work.oldest_is_complete():
                    self._tell()
        except LedgerConflict:
            if self.desk.ledger.job(self.desk.job.id).state is JobState.RUNNING:
                raise
            self._collect()
        else:
            self.desk.ledger.close(self.desk.job.id, JobState.DONE)

    def _think(self) -> bool:
        """Whether one more batch is open now. All that may be open are wanted as soon as slots have work meanwhile."""
        if self.over or len(self.work.open) > self.told.optimizer.ahead:
            return False
        self.mind.begin()
        # With nothing to evaluate there is nothing better to do than to wait for it.
        if not self.mind.ready(0.0 if self.work.open else None):
            return False
        opened = self._next_batch()
        if opened is not None:
            seeds = trial_seeds(self.seed, opened.batch.first, opened.batch.count).tolist()
            rows = list(zip(parameters_json_of(opened.table), seeds, strict=True))
            self.desk.ledger.propose(self.desk.job.id, opened.batch, rows)
        return opened is not None

    def _next_batch(self) -> OpenBatch | None:
        """What the optimiser proposes next; None where that is nothing, for ever."""
        table = self.mind.take()
        self.over = not len(table)
        return None if self.over else self._open(table)

    def _open(self, table: ParameterTable) -> OpenBatch:
        reference = self.told.reference
        context = None if reference is None else reference.context()
        opened = OpenBatch(Batch(self.number, self.proposed, len(table), batch_digest(table)), table, context)
        self.work.open.append(opened)
        self.number += 1
        self.proposed += len(table)
        return opened

    def _wait(self) -> Outcome | None:
        """The next table that ended; None where the next batch is there before, or after a while."""
        desk = self.desk
        if not self.work.busy:
            if self.mind.busy:
                self.mind.ready(desk.poll_seconds)
            elif self.work.open and not self.work.oldest_is_complete():
                desk.pause(desk.poll_seconds)  # others evaluate what is left
            return None
        while self.mind.busy and self.work.has_room:
            outcome = desk.executor.wait(_GLANCE_SECONDS)
            if outcome is not None or self.mind.ready():
                return outcome
        return desk.executor.wait(desk.lease_seconds)

    def _tell(self) -> None:
        """Tell the optimiser what the ledger has of the oldest open batch, in trial order."""
        oldest = self.work.open.popleft()
        batch = oldest.batch
        self.told.tell(oldest.table, self.desk.ledger.values(self.desk.job.id, batch.first, batch.count))

    def _collect(self) -> None:
        """Tell what others have completed of a job that has ended."""
        ledger, job = self.desk.ledger, self.desk.job
        recorded = ledger.batches(job.id)
        if self.mind.busy:
            self._next_batch()
        while self.work.open or (not self.over and self._next_batch() is not None):
            oldest = self.work.open[0].batch
            if oldest not in recorded or not ledger.ended(job.id, oldest):
                return
            self._tell()

    def _report(self) -> None:
        """Show how many trials have ended."""
        if self.progress is not None:
            self.progress(self.told.trials + sum(each.settled for each in self.work.open), None)
