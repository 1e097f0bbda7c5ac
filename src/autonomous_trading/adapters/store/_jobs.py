"""Jobs and their audit trail in the tables: rows become facts, and events are chained one after the other."""

import json
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Row, func, insert, select, text, update

from autonomous_trading.adapters.store._failures import RESTORE
from autonomous_trading.adapters.store._store import moment
from autonomous_trading.adapters.store._tables import event, job, project
from autonomous_trading.app import EventRow, Job, JobSpec, JobState, LedgerConflict, canonical_json, next_event
from autonomous_trading.core import StoreDamaged, UnknownName, unknown_name

__all__ = [
    "HeldJob",
    "add_event",
    "events_of",
    "every_id",
    "find_job",
    "held",
    "hold_project",
    "insert_job",
    "job_of",
    "number_of",
    "parsed",
    "refuse_ended",
    "spec_text",
]

_ID_DIGITS: Final = 12
_MOST_SHOWN: Final = 5


class HeldJob(NamedTuple):
    """A job nobody else writes to until the transaction ends, and the end of its audit trail."""

    number: int
    id: str
    project: str
    state: JobState
    proposed: int
    metrics: int
    last: EventRow | None


def parsed(written: str) -> Any:
    """What JSON of a store says. Raises StoreDamaged where it is none: nothing else was ever written there."""
    try:
        return json.loads(written)
    except ValueError as error:
        raise StoreDamaged(f"the store is damaged: {written[:40]!r} is no JSON ({error})", fix=RESTORE) from None


def spec_text(spec: JobSpec) -> str:
    """A spec as it is kept: canonical JSON of all of its facts."""
    facts = {
        "project": spec.project,
        "title": spec.title,
        "evaluation": spec.evaluation,
        "search": spec.search,
        "metrics": spec.metrics,
        "request": spec.request,
    }
    return canonical_json(facts)


def job_of(row: Row[Any]) -> Job:
    """The job in a row of its table."""
    facts = parsed(row.spec)
    spec = JobSpec(**{**facts, "metrics": tuple(facts["metrics"])})
    counts = {"run": row.run, "proposed": row.proposed, "ended": row.ended}
    return Job(row.id, spec, JobState(row.state), **counts, created_at=row.created_at, updated_at=row.updated_at)


def find_job(connection: Connection, beginning: str) -> Row[Any]:
    """The row of the one job whose id begins so. Raises UnknownName where there is none, or more than one."""
    exact = connection.execute(select(job).where(job.c.id == beginning)).one_or_none()
    if exact is not None:
        return exact
    alike = func.substr(job.c.id, 1, len(beginning)) == beginning
    rows = connection.execute(select(job).where(alike).order_by(job.c.number).limit(_MOST_SHOWN)).all()
    if not beginning or not rows:
        raise unknown_name("job", beginning, every_id(connection))
    if len(rows) > 1:
        names = ", ".join(row.id for row in rows)
        raise UnknownName(f"more than one job begins with {beginning!r}", fix=f"give more digits: {names}")
    return rows[0]


def every_id(connection: Connection) -> list[str]:
    """The ids of all jobs."""
    return list(connection.execute(select(job.c.id)).scalars())


def number_of(connection: Connection, job_id: str) -> tuple[int, JobState, int]:
    """Number, state and metrics of a job, without waiting for anybody. Raises UnknownName."""
    found = connection.execute(select(job.c.number, job.c.state, job.c.spec).where(job.c.id == job_id)).one_or_none()
    if found is None:
        raise unknown_name("job", job_id, every_id(connection))
    return found.number, JobState(found.state), len(parsed(found.spec)["metrics"])


def held(connection: Connection, job_id: str) -> HeldJob:
    """A job, with its writers in a row until the transaction ends. Raises UnknownName."""
    row = connection.execute(select(job).where(job.c.id == job_id).with_for_update()).one_or_none()
    if row is None:
        raise unknown_name("job", job_id, every_id(connection))
    last = None
    if row.events:
        end = (event.c.job == row.number) & (event.c.number == row.events - 1)
        last = _event_of(connection.execute(select(event).where(end)).one())
    metrics = len(parsed(row.spec)["metrics"])
    return HeldJob(row.number, row.id, row.project, JobState(row.state), row.proposed, metrics, last)


def refuse_ended(job_id: str, state: JobState) -> None:
    """Nothing, or LedgerConflict where a job has ended."""
    if state is not JobState.RUNNING:
        raise LedgerConflict(f"job {job_id} has ended ({state})", fix="start the search again: it becomes the next run")


def insert_job(connection: Connection, spec: JobSpec) -> Row[Any]:
    """The row of a new job: the next run of its spec. The project has to be held."""
    runs = connection.execute(select(func.max(job.c.run)).where(_named_alike(spec))).scalar()
    run = (runs or 0) + 1
    written = spec_text(spec)
    facts = {
        "id": f"{spec.id[:_ID_DIGITS]}-{run}",
        "project": spec.project,
        "title": spec.title,
        "spec_id": spec.id,
        "run": run,
        "spec": written,
        "state": JobState.RUNNING.value,
        "head": "",
        "created_at": "",
        "updated_at": "",
    }
    connection.execute(insert(job), {**facts, "proposed": 0, "ended": 0, "sets": 0, "events": 0})
    opened = {"job": facts["id"], "facts": parsed(written)}
    add_event(connection, held(connection, str(facts["id"])), "opened", opened)
    connection.execute(update(job).where(job.c.id == facts["id"]).values(created_at=job.c.updated_at))
    return find_job(connection, str(facts["id"]))


def hold_project(connection: Connection, name: str) -> None:
    """A project that is there, with its writers in a row until the transaction ends."""
    make = "INSERT INTO project (name, trials, looks) VALUES (:name, 0, 0) ON CONFLICT (name) DO NOTHING"
    connection.execute(text(make), {"name": name})
    connection.execute(select(project.c.name).where(project.c.name == name).with_for_update())


def add_event(connection: Connection, of: HeldJob, kind: str, payload: Mapping[str, Any], **changes: Any) -> None:
    """Chains an event to the trail of a held job and writes changes of the job's row with it."""
    new = next_event(of.last, kind, payload, moment(connection).text)
    row = {
        "job": of.number,
        "number": new.number,
        "kind": new.kind,
        "payload": canonical_json(new.payload),
        "at": new.at,
        "previous": new.previous,
        "hash": new.hash,
    }
    connection.execute(insert(event), row)
    trail = {"events": new.number + 1, "head": new.hash, "updated_at": new.at}
    connection.execute(update(job).where(job.c.number == of.number).values({**trail, **changes}))


def events_of(connection: Connection, number: int) -> list[EventRow]:
    """The audit trail of a job, in order."""
    return [
        _event_of(row)
        for row in connection.execute(select(event).where(event.c.job == number).order_by(event.c.number))
    ]


def _named_alike(spec: JobSpec) -> Any:
    return func.substr(job.c.spec_id, 1, _ID_DIGITS) == spec.id[:_ID_DIGITS]


def _event_of(row: Row[Any]) -> EventRow:
    return EventRow(row.number, row.kind, parsed(row.payload), row.at, row.previous, row.hash)
