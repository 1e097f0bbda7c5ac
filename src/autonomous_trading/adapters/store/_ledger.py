"""The ledger in a database: every method one transaction, on the clock of the database."""

from collections.abc import Mapping, Sequence
from typing import Any, final

from sqlalchemy import Connection, insert, select, update

from autonomous_trading.adapters.store._audit import audit_job
from autonomous_trading.adapters.store._columns import proposal_digest, results_digest
from autonomous_trading.adapters.store._failures import RESTORE
from autonomous_trading.adapters.store._jobs import (
    HeldJob,
    add_event,
    events_of,
    find_job,
    held,
    hold_project,
    insert_job,
    job_of,
    number_of,
    refuse_ended,
)
from autonomous_trading.adapters.store._store import Store, moment
from autonomous_trading.adapters.store._tables import batch as batches
from autonomous_trading.adapters.store._tables import event, job, project
from autonomous_trading.adapters.store._trials import (
    Written,
    any_hopeless,
    insert_trials,
    kill_hopeless,
    nothing_open,
    ours,
    read_values,
    reclaim_rows,
    release_rows,
    renew_rows,
    take_free,
    trial_rows,
    write_results,
    written,
)
from autonomous_trading.app import (
    Batch,
    Claim,
    Counts,
    EventRow,
    Job,
    JobSpec,
    JobState,
    Ledger,
    LedgerConflict,
    TrialResult,
    TrialRow,
    TrialState,
    ranges_of,
)
from autonomous_trading.core import FloatArray, InvalidInput, StoreDamaged

__all__ = ["SqlLedger"]


@final
class SqlLedger(Ledger):
    """A ledger in an open store. Threads may share it; on PostgreSQL any number of processes may have one each.

    A job that is opened again is audited first, some microseconds per trial: nothing goes on from damaged results.
    Writers of one job wait for each other at its row, so that its events form one chain. Claims wait for nobody.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self._audited: dict[str, FloatArray] = {}  # values that were read to check them, until somebody asks for them

    def open_job(self, spec: JobSpec) -> Job:
        with self.store.write() as connection:
            hold_project(connection, spec.project)
            running = select(job).where(job.c.spec_id == spec.id, job.c.state == JobState.RUNNING.value)
            found = connection.execute(running).one_or_none()
            if found is None:
                return job_of(insert_job(connection, spec))
        self._refuse_damaged(found.id)
        return self.job(found.id)

    def job(self, job_id: str) -> Job:
        with self.store.read() as connection:
            return job_of(find_job(connection, job_id))

    def jobs(self, project: str | None = None) -> Sequence[Job]:
        query = select(job).order_by(job.c.number.desc())
        with self.store.read() as connection:
            rows = connection.execute(query if project is None else query.where(job.c.project == project))
            return [job_of(row) for row in rows]

    def batches(self, job_id: str) -> Sequence[Batch]:
        columns = select(batches.c.number, batches.c.first, batches.c["count"], batches.c.digest)
        with self.store.read() as connection:
            number, _, _ = number_of(connection, job_id)
            rows = connection.execute(columns.where(batches.c.job == number).order_by(batches.c.first))
            return [Batch(*row) for row in rows]

    def propose(self, job_id: str, batch: Batch, rows: Sequence[tuple[str, int]]) -> bool:
        if batch.count != len(rows) or not rows:
            raise InvalidInput(
                f"batch {batch.number} says {batch.count} trials and has {len(rows)}", fix="propose what it says"
            )
        with self.store.write() as connection:
            mine = held(connection, job_id)
            refuse_ended(job_id, mine.state)
            if _is_there(connection, mine, batch):
                return False
            _insert_batch(connection, mine, batch)
            insert_trials(connection, mine.number, batch, rows)
            facts = {"batch": batch.number, "first": batch.first, "count": batch.count, "digest": batch.digest}
            payload = {**facts, "rows": proposal_digest(*zip(*rows, strict=True))}
            add_event(connection, mine, "proposed", payload, proposed=mine.proposed + batch.count)
            return True

    def claim(self, job_id: str, worker: str, *, most: int, lease_seconds: float) -> Sequence[Claim]:
        with self.store.write() as connection:
            number, state, _ = number_of(connection, job_id)
            refuse_ended(job_id, state)
            now = moment(connection).seconds
            if any_hopeless(connection, number, now):
                _bury(connection, held(connection, job_id), now)
            claims = take_free(connection, number, worker, now, now + lease_seconds, most)
            refuse_ended(job_id, number_of(connection, job_id)[1])  # ended by somebody meanwhile: nothing is claimed
            return claims

    @property
    def exclusive(self) -> bool:
        return self.store.path is not None and not self.store.read_only

    def reclaim(self, job_id: str) -> int:
        if not self.exclusive:
            return 0
        with self.store.write() as connection:
            mine = held(connection, job_id)
            free = reclaim_rows(connection, mine.number)
            if free:
                add_event(connection, mine, "reclaimed", {"count": free})
            return free

    def renew(self, job_id: str, claims: Sequence[Claim], *, lease_seconds: float) -> int:
        with self.store.write() as connection:
            mine = held(connection, job_id)
            kept = ours(connection, mine.number, _named(claims))
            if kept:
                renew_rows(connection, mine.number, kept, moment(connection).seconds + lease_seconds)
            return len(kept)

    def release(self, job_id: str, claims: Sequence[Claim], *, reason: str, blame: bool = True) -> int:
        with self.store.write() as connection:
            mine = held(connection, job_id)
            freed = ours(connection, mine.number, _named(claims))
            if freed:
                release_rows(connection, mine.number, freed, blame=blame)
                payload = {"trials": ranges_of(freed), "reason": reason, "blame": blame}
                add_event(connection, mine, "released", payload)
            return len(freed)

    def finish(self, job_id: str, results: Sequence[TrialResult]) -> int:
        with self.store.write() as connection:
            mine = held(connection, job_id)
            refuse_ended(job_id, mine.state)
            told = _told(results, mine.metrics)
            accepted = ours(connection, mine.number, told)
            ended = [written(told[n, epoch], accepted[n], mine.metrics) for n, epoch in sorted(told) if n in accepted]
            if ended:
                write_results(connection, mine.number, ended)
                sets = sum(told[one.n, one.epoch].sets for one in ended)
                _count(connection, mine, "finished", ended, sets)
            return len(ended)

    def ended(self, job_id: str, batch: Batch) -> bool:
        with self.store.read() as connection:
            found = find_job(connection, job_id)
            there = batch.first + batch.count <= found.proposed
            return there and nothing_open(connection, found.number, batch.first, batch.count)

    def values(self, job_id: str, first: int, count: int) -> FloatArray:
        known = self._audited.pop(job_id, None)
        if known is not None and first + count <= len(known):
            return known[first : first + count].copy()
        with self.store.read() as connection:
            number, _, metrics = number_of(connection, job_id)
            return read_values(connection, number, range(first, first + count), metrics)

    def trials(self, job_id: str, first: int = 0, count: int | None = None) -> Sequence[TrialRow]:
        with self.store.read() as connection:
            found = find_job(connection, job_id)
            stop = found.proposed if count is None else min(first + count, found.proposed)
            return trial_rows(connection, found.number, job_of(found).spec, range(first, max(first, stop)))

    def close(self, job_id: str, state: JobState) -> bool:
        if state is JobState.RUNNING:
            raise InvalidInput("a job cannot be closed as running", fix="close it as done, cancelled or failed")
        with self.store.write() as connection:
            mine = held(connection, job_id)
            first = mine.state is JobState.RUNNING
            if first:
                add_event(connection, mine, "closed", {"state": state.value}, state=state.value)
            return first

    def record(self, job_id: str, kind: str, payload: Mapping[str, Any]) -> None:
        with self.store.write() as connection:
            add_event(connection, held(connection, job_id), kind, payload)

    def events(self, job_id: str) -> Sequence[EventRow]:
        with self.store.read() as connection:
            return events_of(connection, number_of(connection, job_id)[0])

    def look(self, project: str, job_id: str, payload: Mapping[str, Any]) -> int:
        with self.store.write() as connection:
            mine = held(connection, job_id)
            if mine.project != project:
                raise InvalidInput(
                    f"job {job_id} is of project {mine.project!r}, not {project!r}", fix="name its project"
                )
            seen = select(event.c.number).where(event.c.job == mine.number, event.c.kind == "look")
            if connection.execute(seen.limit(1)).first() is not None:
                return _counts(connection, project).looks  # another worker of the same job was faster
            looks = _raise_counts(connection, project, looks=1).looks
            add_event(connection, mine, "look", {"number": looks, "facts": payload})
            return looks

    def counts(self, project: str) -> Counts:
        with self.store.read() as connection:
            return _counts(connection, project)

    def shut(self) -> None:
        self.store.close()

    def _refuse_damaged(self, job_id: str) -> None:
        """Nothing, or StoreDamaged where a job is not as it was written: a search goes on from what is there."""
        with self.store.read() as connection:
            row = find_job(connection, job_id)
            found, trials = audit_job(connection, row)
        if found or trials is None:
            raise StoreDamaged(f"job {job_id} in {self.store.name} is damaged: {found[0]}", fix=RESTORE)
        self._audited[job_id] = trials.values(len(job_of(row).spec.metrics))


def _named(claims: Sequence[Claim]) -> list[tuple[int, int]]:
    return [(claim.n, claim.epoch) for claim in claims]


def _told(results: Sequence[TrialResult], metrics: int) -> dict[tuple[int, int], TrialResult]:
    """Results by trial and epoch; of two for one claim the first counts. Raises InvalidInput for a wrong length."""
    told: dict[tuple[int, int], TrialResult] = {}
    for one in results:
        if len(one.values) != metrics and not one.error:
            raise InvalidInput(
                f"trial {one.n} has {len(one.values)} values, and its job keeps {metrics} metrics",
                fix="tell one value per metric",
            )
        told.setdefault((one.n, one.epoch), one)
    return told


def _is_there(connection: Connection, of: HeldJob, batch: Batch) -> bool:
    columns = select(batches.c.number, batches.c.first, batches.c["count"], batches.c.digest)
    here = (batches.c.job == of.number) & (batches.c.number == batch.number)
    found = connection.execute(columns.where(here)).one_or_none()
    if found is not None and Batch(*found) != batch:
        raise LedgerConflict(
            f"batch {batch.number} of job {of.id} is there with other trials",
            fix="another process searches the same job, or its method is not repeatable: start a new run",
        )
    if found is None and batch.first != of.proposed:
        raise LedgerConflict(
            f"batch {batch.number} begins at trial {batch.first}, and job {of.id} has {of.proposed} trials",
            fix="read the batches that are there before proposing the next",
        )
    return found is not None


def _insert_batch(connection: Connection, of: HeldJob, batch: Batch) -> None:
    row = {"job": of.number, "number": batch.number, "first": batch.first, "count": batch.count}
    connection.execute(insert(batches), {**row, "digest": batch.digest})


def _bury(connection: Connection, of: HeldJob, now: float) -> None:
    dead = kill_hopeless(connection, of.number, now, of.metrics)
    if dead:
        _count(connection, of, "died", dead, len(dead))


def _count(connection: Connection, of: HeldJob, kind: str, ended: Sequence[Written], sets: int) -> None:
    """Counts ended trials on their job, and evaluated sets for the life of their project, with one event for all."""
    failed = sum(one.state is not TrialState.DONE for one in ended)
    counted = {"count": len(ended), "sets": sets, "failed": failed, "results": results_digest(ended)}
    payload = {"trials": ranges_of(one.n for one in ended), **counted}
    add_event(connection, of, kind, payload, ended=job.c.ended + len(ended), sets=job.c.sets + sets)
    _raise_counts(connection, of.project, trials=sets)


def _raise_counts(connection: Connection, name: str, *, trials: int = 0, looks: int = 0) -> Counts:
    raised = {"trials": project.c.trials + trials, "looks": project.c.looks + looks}
    connection.execute(update(project).where(project.c.name == name).values(raised))
    return _counts(connection, name)


def _counts(connection: Connection, name: str) -> Counts:
    found = connection.execute(select(project.c.trials, project.c.looks).where(project.c.name == name)).one_or_none()
    return Counts(0, 0) if found is None else Counts(*found)
