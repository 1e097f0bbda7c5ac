"""Does a store still hold what was written to it? Every row is held against the hashes in the audit trail."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import Connection, Row, func, select

from autonomous_trading.adapters.store._columns import TrialColumns
from autonomous_trading.adapters.store._jobs import events_of, job_of, parsed, spec_text
from autonomous_trading.adapters.store._store import Store
from autonomous_trading.adapters.store._tables import batch, event, job, project, trial
from autonomous_trading.app import ENDED, EventRow, JobSpec, TrialState, broken_event
from autonomous_trading.core import StoreDamaged

__all__ = ["Audit", "audit", "audit_job"]


class Audit(NamedTuple):
    """What was found of one job: a sentence for everything that is not as it was written, and its trials as read."""

    found: list[str]
    trials: TrialColumns | None


def audit(store: Store) -> list[str]:
    """One sentence for everything in a store that is not as it was written; an empty list for a sound one.

    Reads every row. The trail of each job has to be whole, and batches, parameters, results and counters have to be
    what it says they were.
    """
    with store.read() as connection:
        return [*_projects(connection), *_orphans(connection)] + [
            f"job {row.id}: {found}"
            for row in connection.execute(select(job)).all()
            for found in audit_job(connection, row).found
        ]


def _projects(connection: Connection) -> Iterator[str]:
    for row in connection.execute(select(project)).all():
        of = job.c.project == row.name
        looks = select(func.count()).join_from(event, job).where(of, event.c.kind == "look")
        trials = select(func.coalesce(func.sum(job.c.sets), 0)).where(of)
        counted = connection.execute(trials).scalar(), connection.execute(looks).scalar()
        if counted != (row.trials, row.looks):
            yield f"project {row.name}: {row.trials} trials and {row.looks} looks are not what its jobs add up to"


def _orphans(connection: Connection) -> Iterator[str]:
    for table in (batch, trial, event):
        lost = select(func.count()).select_from(table).where(table.c.job.not_in(select(job.c.number)))
        if connection.execute(lost).scalar():
            yield f"rows of table {table.name} belong to no job"


def audit_job(connection: Connection, row: Row[Any]) -> Audit:
    """Holds all there is of one job against its audit trail."""
    try:
        last = connection.execute(select(func.max(trial.c.n)).where(trial.c.job == row.number)).scalar()
        trials = TrialColumns.read(connection, row.number, 0 if last is None else last + 1)
        return Audit(list(_changes(connection, row, trials)), trials)
    except (StoreDamaged, KeyError, TypeError, ValueError, IndexError) as error:  # what it says is not what we write
        return Audit([f"it cannot be read ({type(error).__name__}: {error})"], None)


def _changes(connection: Connection, row: Row[Any], trials: TrialColumns) -> Iterator[str]:
    trail = events_of(connection, row.number)
    broken = broken_event(trail)
    if broken is not None:
        yield f"event {broken} was changed, or the one before it is gone"
        return
    if not trail or (len(trail), trail[-1].hash) != (row.events, row.head):
        yield "the end of the audit trail is missing"
        return
    yield from _facts(row, trail)
    yield from _trials(connection, row, trail, trials)


def _facts(row: Row[Any], trail: list[EventRow]) -> Iterator[str]:
    kept = job_of(row)
    ended = [one.payload["state"] for one in trail if one.kind == "closed"]
    told = [one for one in trail if one.kind in {"finished", "died"}]
    expected = {
        "id": trail[0].payload["job"],
        "spec": trail[0].payload["facts"],
        "spec_id": kept.spec.id,
        "title": kept.spec.title,
        "project": kept.spec.project,
        "created_at": trail[0].at,
        "updated_at": trail[-1].at,
        "state": ended[0] if ended else "running",
        "proposed": sum(one.payload["count"] for one in trail if one.kind == "proposed"),
        "ended": sum(one.payload["count"] for one in told),
        "sets": sum(one.payload["sets"] for one in told),
    }
    found = {name: getattr(row, name) for name in expected if name != "spec"}
    yield from (f"{name} was changed" for name, value in found.items() if value != expected[name])
    if spec_text(kept.spec) != row.spec or _plain(kept.spec) != expected["spec"]:
        yield "spec was changed"
    if row.id.rpartition("-")[2] != str(row.run):
        yield "run was changed"


def _trials(connection: Connection, row: Row[Any], trail: list[EventRow], trials: TrialColumns) -> Iterator[str]:
    if not np.array_equal(trials.n, np.arange(row.proposed)):
        yield "trials are missing or out of number"
        return
    yield from _batches(connection, row, trail, trials)
    for told in trail:
        if told.kind in {"finished", "died"} and trials.told(told.payload["trials"]) != told.payload["results"]:
            yield f"results told in event {told.number} were changed (trials {told.payload['trials']})"
    if not set(trials.states) <= {state.value for state in TrialState}:
        yield "the state of a trial is none that there is"
    if sum(map(trials.states.count, ENDED)) != row.ended:
        yield "the number of ended trials was changed"
    left = select(trial.c.n).where(trial.c.job == row.number, trial.c.state.in_(ENDED), trial.c.company != 0)
    if connection.execute(left.limit(1)).first() is not None:
        yield "the company of an ended trial was changed"


def _batches(connection: Connection, row: Row[Any], trail: list[EventRow], trials: TrialColumns) -> Iterator[str]:
    kept = {
        one.number: (one.first, one[3], one.digest)
        for one in connection.execute(select(batch).where(batch.c.job == row.number))
    }
    told = {
        one.payload["batch"]: (one.payload["first"], one.payload["count"], one.payload["digest"])
        for one in trail
        if one.kind == "proposed"
    }
    if kept != told:
        yield "batches were changed"
    for payload in (one.payload for one in trail if one.kind == "proposed"):
        first, count = payload["first"], payload["count"]
        same_place = bool((trials.batch[first : first + count] == payload["batch"]).all())
        if not same_place or trials.proposed(first, count) != payload["rows"]:
            yield f"parameters or seeds of batch {payload['batch']} were changed"


def _plain(spec: JobSpec) -> object:
    return parsed(spec_text(spec))
