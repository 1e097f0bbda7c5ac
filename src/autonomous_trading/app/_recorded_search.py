"""A search whose every step is in the ledger first: killed at any point, it goes on as if it had never stopped.

The optimiser is a pure function of what it was told, so starting and resuming are one thing: ask, compare with the
batch that is recorded, tell what is recorded, until the record ends; from there on propose, evaluate and record. Any
number of processes may do this with one job at once: each proposes the same batches, each trial is accepted once.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import final

import numpy as np

from autonomous_trading.app._executor import Context, Executor, Outcome
from autonomous_trading.app._heartbeat import Heartbeat
from autonomous_trading.app._ledger import (
    Batch,
    Claim,
    Job,
    JobState,
    Ledger,
    LedgerConflict,
    TrialResult,
    batch_digest,
    parameters_json_of,
    trial_seeds,
)
from autonomous_trading.app._pruning import Reference, pruned_rows
from autonomous_trading.app._result_constraints import ResultConstraint
from autonomous_trading.app._search import Found, Objective, Progress, losses_of
from autonomous_trading.core import FloatArray, NothingToReport, ParameterTable, Refused, TrialTable
from autonomous_trading.search import Optimizer

_MOST_AT_ONCE = 4_096
_QUICK_SECONDS = 0.2
_SLOW_SECONDS = 1.0
_SHARES_PER_SLOT = 2
"""A free slot takes this part of what is left of a batch, so that parts shrink and the last ones end together."""


@final
@dataclass(frozen=True, slots=True)
class Desk:
    """What a worker needs beside the search: the ledger, its job, who it is, where trials are evaluated, how to wait.

    sets: parameter sets evaluated per trial. lease_seconds: how long a claim holds when nobody renews it. pause: sleeps
    so many seconds. clock: tells seconds that only go forward.
    """

    ledger: Ledger
    job: Job
    worker: str
    executor: Executor
    pause: Callable[[float], None]
    clock: Callable[[], float]
    sets: int = 1
    lease_seconds: float = 60.0
    poll_seconds: float = 0.05


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
    optimiser is told, and each batch is evaluated with what it knew when that batch was asked for. Ends early, with
    what there is, when the job is cancelled. Raises Refused where the optimiser proposes other sets than the recorded
    ones: code or a library changed.
    """
    run = _Run(optimizer, tuple(objectives), tuple(constraints), seed, desk, progress, _Pace(desk.clock), reference)
    with Heartbeat(desk.ledger, desk.job.id, desk.lease_seconds) as heartbeat:
        try:
            for batch, table in run.batches():
                if not run.evaluate(batch, table, heartbeat):
                    break
                run.tell(batch, table)
        finally:
            desk.ledger.release(desk.job.id, heartbeat.held(), reason="stopped", blame=False)
    return run.found()


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
@dataclass(slots=True)
class _Run:
    """One worker's way through a job."""

    optimizer: Optimizer
    objectives: tuple[Objective, ...]
    constraints: tuple[ResultConstraint, ...]
    seed: int
    desk: Desk
    progress: Progress | None
    pace: _Pace
    reference: Reference | None = None
    contexts: dict[int, Context | None] = field(default_factory=dict)
    asked: int = 0
    tables: list[ParameterTable] = field(default_factory=list)
    values: list[FloatArray] = field(default_factory=list)
    done: int = 0
    ticket: int = 0

    def batches(self) -> Iterator[tuple[Batch, ParameterTable]]:
        """The recorded batch that is not complete, if there is one, and then new ones until the search is over."""
        yield from self._recorded()
        while True:
            table = self._ask()
            number = len(self.tables)
            if not len(table):
                self.desk.ledger.close(self.desk.job.id, JobState.DONE)
                return
            batch = Batch(number, self.done, len(table), batch_digest(table))
            seeds = trial_seeds(self.seed, batch.first, batch.count).tolist()
            rows = list(zip(parameters_json_of(table), seeds, strict=True))
            if not self._proposed(batch, rows):
                return
            yield batch, table

    def _ask(self) -> ParameterTable:
        """The next batch; what it will be compared with is what has been told by now, whoever evaluates it and when."""
        self.contexts[self.asked] = None if self.reference is None else self.reference.context()
        self.asked += 1
        return self.optimizer.ask()

    def _proposed(self, batch: Batch, rows: Sequence[tuple[str, int]]) -> bool:
        """Whether a batch is in the ledger now, proposed by us or by another worker; False where the job has ended."""
        ledger, job = self.desk.ledger, self.desk.job
        try:
            ledger.propose(job.id, batch, rows)
        except LedgerConflict:
            if ledger.job(job.id).state is JobState.RUNNING:
                raise
            return batch in ledger.batches(job.id)  # another worker was faster, and is through
        return True

    def _recorded(self) -> Iterator[tuple[Batch, ParameterTable]]:
        ledger, job = self.desk.ledger, self.desk.job
        recorded = ledger.batches(job.id)
        if not recorded:
            return
        count = recorded[-1].first + recorded[-1].count
        complete = ledger.ended(job.id, recorded[-1])  # before the values: what has ended does not change any more
        values = ledger.values(job.id, 0, count)
        for batch in recorded:
            table = self._ask()
            if len(table) != batch.count or batch_digest(table) != batch.digest:
                raise Refused(
                    f"job {job.id} cannot go on: batch {batch.number} would propose other sets than those recorded",
                    fix="resume with the code and the libraries it was started with, or start a new run",
                )
            if batch is recorded[-1] and not complete:
                yield batch, table
            else:
                self._learn(batch, table, values[batch.first : batch.first + batch.count])

    def evaluate(self, batch: Batch, table: ParameterTable, heartbeat: Heartbeat) -> bool:
        """Evaluate what nobody else does until the batch has ended; False when the job was ended by somebody."""
        work = _Work(batch, table, self.desk, heartbeat, self)
        while not work.complete():
            try:
                work.take()
                work.settle(self.desk.executor.wait(self.desk.lease_seconds) if work.busy else None)
            except LedgerConflict:
                if self._is_running():
                    raise
                return self.desk.ledger.ended(self.desk.job.id, batch)
            if work.nothing_left and not work.busy and not work.complete():
                self.desk.pause(self.desk.poll_seconds)
        return True

    def _is_running(self) -> bool:
        return self.desk.ledger.job(self.desk.job.id).state is JobState.RUNNING

    def tell(self, batch: Batch, table: ParameterTable) -> None:
        """Tell the optimiser what the ledger has of a batch, in trial order."""
        self._learn(batch, table, self.desk.ledger.values(self.desk.job.id, batch.first, batch.count))

    def _learn(self, batch: Batch, table: ParameterTable, values: FloatArray) -> None:
        metrics = self._by_name(values)
        self.optimizer.tell(table, losses_of(metrics, self.objectives, self.constraints))
        if self.reference is not None:
            self.reference.tell(metrics)
        del self.contexts[batch.number]
        self.tables.append(table)
        self.values.append(values)
        self.done += batch.count

    def found(self) -> Found:
        """All trials that were told."""
        values = np.concatenate(self.values) if self.values else np.empty((0, len(self.desk.job.spec.metrics)))
        table = ParameterTable.concat(self.tables)
        trials = TrialTable(table, self._by_name(values), np.ones(len(table), dtype=np.bool_))
        return Found(trials, self.objectives, self.constraints)

    def _by_name(self, values: FloatArray) -> Mapping[str, FloatArray]:
        return {name: values[:, position] for position, name in enumerate(self.desk.job.spec.metrics)}

    def next_ticket(self) -> int:
        """A number no table was submitted with."""
        self.ticket += 1
        return self.ticket

    def report(self, ended: int) -> None:
        """Show how many trials have ended."""
        if self.progress is not None:
            self.progress(ended, None)


@final
@dataclass(slots=True)
class _Pace:
    """How many trials go into one table: as many as take about a second, for that is what is lost when all is lost."""

    clock: Callable[[], float]
    most: int = 1
    begun: dict[int, float] = field(default_factory=dict)

    def begin(self, ticket: int) -> None:
        """A table is out."""
        self.begun[ticket] = self.clock()

    def end(self, ticket: int) -> None:
        """It is back: the next ones grow while tables are quick, and shrink when they are slow."""
        taken = self.clock() - self.begun.pop(ticket)
        if taken < _QUICK_SECONDS:
            self.most = min(self.most * 4, _MOST_AT_ONCE)
        elif taken > _SLOW_SECONDS:
            self.most = max(self.most // 2, 1)


@final
@dataclass(slots=True)
class _Work:
    """The trials of one batch between claim and result."""

    batch: Batch
    table: ParameterTable
    desk: Desk
    heartbeat: Heartbeat
    run: _Run
    out: dict[int, list[Claim]] = field(default_factory=dict)
    ready: deque[list[Claim]] = field(default_factory=deque)
    settled: int = 0
    nothing_left: bool = False

    @property
    def busy(self) -> bool:
        """Whether something of ours is being evaluated."""
        return bool(self.out)

    def complete(self) -> bool:
        """Whether every trial of the batch has ended, by whomever."""
        if self.out or self.ready:
            return False
        if self.settled == self.batch.count:
            return True
        return self.nothing_left and self.desk.ledger.ended(self.desk.job.id, self.batch)

    def take(self) -> None:
        """Claim trials for every free slot and begin to evaluate them."""
        while len(self.out) < self.desk.executor.slots:
            if not self.ready and not self._claim():
                return
            claims = self.ready.popleft()
            rows = np.array([claim.n - self.batch.first for claim in claims])
            seeds = np.array([claim.seed for claim in claims], dtype=np.int64)
            ticket = self.run.next_ticket()
            self.out[ticket] = claims
            self.run.pace.begin(ticket)
            whole = len(claims) == self.batch.count
            context = self.run.contexts[self.batch.number]
            self.desk.executor.submit(ticket, self.table if whole else self.table.take(rows), seeds, context)

    def _claim(self) -> bool:
        left = self.batch.count - self.settled - sum(map(len, self.out.values()))
        slots = self.desk.executor.slots
        alone = slots == 1 and self.desk.ledger.exclusive
        most = max(1, left if alone else math.ceil(left / (_SHARES_PER_SLOT * slots)))
        most = min(most, self.run.pace.most)
        claims = self.desk.ledger.claim(
            self.desk.job.id, self.desk.worker, most=most, lease_seconds=self.desk.lease_seconds
        )
        ours = [claim for claim in claims if claim.batch == self.batch.number]
        ahead = [claim for claim in claims if claim.batch != self.batch.number]
        if ahead:  # another worker has this batch behind it and proposed the next
            self.desk.ledger.release(self.desk.job.id, ahead, reason="of a later batch", blame=False)
        self.nothing_left = not ours
        self.heartbeat.hold(ours)
        if ours:
            self.ready.append(ours)
        return bool(ours)

    def settle(self, outcome: Outcome | None) -> None:
        """Record what came of a submitted table."""
        if outcome is None:
            return
        claims = self.out.pop(outcome.ticket)
        self.run.pace.end(outcome.ticket)
        if outcome.lost:
            self.heartbeat.drop(claims)
            self.desk.ledger.release(self.desk.job.id, claims, reason=outcome.cause or "worker lost")
        elif outcome.columns is None and len(claims) > 1:
            self.ready.extend([claim] for claim in claims)  # find out which of them it was
        else:
            self._finish(claims, outcome)

    def _finish(self, claims: list[Claim], outcome: Outcome) -> None:
        names = self.desk.job.spec.metrics
        columns = outcome.columns
        if columns is None:
            values = np.full((len(claims), len(names)), np.nan)
        else:
            values = np.stack([np.asarray(columns[name], dtype=np.float64) for name in names], axis=1)
        pruned = pruned_rows(dict(zip(names, values.T, strict=True))).tolist()
        results = [
            TrialResult(claim.n, claim.epoch, tuple(row), outcome.error, 1 if early else self.desk.sets)
            for claim, row, early in zip(claims, values.tolist(), pruned, strict=True)
        ]
        self.heartbeat.drop(claims)
        self.settled += self.desk.ledger.finish(self.desk.job.id, results)
        self.run.report(self.run.done + self.settled)
