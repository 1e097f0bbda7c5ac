"""The trials of a recorded search between claim and result: the oldest batch that is open first."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import final

import numpy as np

from autonomous_trading.app._executor import Context, Executor, Outcome
from autonomous_trading.app._heartbeat import Heartbeat
from autonomous_trading.app._ledger import Batch, Claim, Job, Ledger, TrialResult
from autonomous_trading.app._pruning import pruned_rows
from autonomous_trading.core import ParameterTable

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
    so many seconds. clock: tells seconds that only go forward. elsewhere: trials are evaluated by other processes, so
    that a search that is ahead may think in a thread of this one meanwhile.
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
    elsewhere: bool = False


@final
@dataclass(slots=True)
class Pace:
    """How many trials go into one table: as many as take about a second, for that is what is lost when all is lost.

    The first table has two: a trial that is claimed alone is blamed where its worker is lost, and whoever kills a
    program does so most often soon after its start.
    """

    clock: Callable[[], float]
    most: int = 2
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
class OpenBatch:
    """A proposed batch that was not told yet: what we evaluated of it, what we hold, whether others have the rest.

    context: what its sets are compared with while they are measured, whoever does it and when.
    """

    batch: Batch
    table: ParameterTable
    context: Context | None = None
    settled: int = 0
    held: int = 0
    nothing_left: bool = False

    @property
    def left(self) -> int:
        """Trials that we neither evaluated nor hold."""
        return self.batch.count - self.settled - self.held


@final
@dataclass(slots=True)
class Work:
    """What one worker does with the batches that are open, the oldest first."""

    desk: Desk
    heartbeat: Heartbeat
    pace: Pace
    open: deque[OpenBatch] = field(default_factory=deque)
    out: dict[int, list[Claim]] = field(default_factory=dict)
    ready: deque[list[Claim]] = field(default_factory=deque)
    ticket: int = 0

    @property
    def busy(self) -> bool:
        """Whether something of ours is being evaluated."""
        return bool(self.out)

    @property
    def has_room(self) -> bool:
        """Whether more could be evaluated at once."""
        return len(self.out) < self.desk.executor.slots

    def oldest_is_complete(self) -> bool:
        """Whether every trial of the oldest open batch has ended, by whomever."""
        if not self.open or self.open[0].held:
            return False
        oldest = self.open[0]
        if oldest.settled == oldest.batch.count:
            return True
        return oldest.nothing_left and self.desk.ledger.ended(self.desk.job.id, oldest.batch)

    def take(self) -> None:
        """Claim trials for every free slot and begin to evaluate them."""
        while self.open and self.has_room:
            if not self.ready and not self._claim():
                return
            claims = self.ready.popleft()
            of = self._batch_of(claims)
            rows = np.array([claim.n - of.batch.first for claim in claims])
            seeds = np.array([claim.seed for claim in claims], dtype=np.int64)
            self.ticket += 1
            self.out[self.ticket] = claims
            self.pace.begin(self.ticket)
            whole = len(claims) == of.batch.count
            table = of.table if whole else of.table.take(rows)
            self.desk.executor.submit(self.ticket, table, seeds, of.context)

    def _claim(self) -> bool:
        left = next((each.left for each in self.open if each.left), 0)
        slots = self.desk.executor.slots
        alone = slots == 1 and self.desk.ledger.exclusive
        most = max(1, left if alone else math.ceil(left / (_SHARES_PER_SLOT * slots)))
        claims = self.desk.ledger.claim(
            self.desk.job.id,
            self.desk.worker,
            most=min(most, self.pace.most),
            lease_seconds=self.desk.lease_seconds,
        )
        for each in self.open:
            ours = [claim for claim in claims if claim.batch == each.batch.number]
            each.nothing_left = not ours
            each.held += len(ours)
            self.heartbeat.hold(ours)
            self.ready.extend([ours] if ours else [])
        newest = self.open[-1].batch.number
        beyond = [claim for claim in claims if claim.batch > newest]
        if beyond:  # another worker has our oldest batch behind it and proposed one that we have not
            self.desk.ledger.release(self.desk.job.id, beyond, reason="of a later batch", blame=False)
        return bool(self.ready)

    def settle(self, outcome: Outcome) -> bool:
        """Record what came of a submitted table; whether trials ended with it."""
        claims = self.out.pop(outcome.ticket)
        self.pace.end(outcome.ticket)
        if outcome.lost:
            self._let_go(claims)
            self.desk.ledger.release(self.desk.job.id, claims, reason=outcome.cause or "worker lost")
        elif outcome.columns is None and len(claims) > 1:
            self.ready.extend([claim] for claim in claims)  # find out which of them it was
        else:
            self._finish(claims, outcome)
            return True
        return False

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
        self._let_go(claims)
        self._batch_of(claims).settled += self.desk.ledger.finish(self.desk.job.id, results)

    def _let_go(self, claims: list[Claim]) -> None:
        self.heartbeat.drop(claims)
        self._batch_of(claims).held -= len(claims)

    def _batch_of(self, claims: list[Claim]) -> OpenBatch:
        return next(each for each in self.open if each.batch.number == claims[0].batch)
