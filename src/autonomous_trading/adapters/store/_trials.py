"""Trials in the tables: proposed, claimed, finished, and read back by the million."""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Any, Final, NamedTuple

import numpy as np
from sqlalchemy import ColumnElement, Connection, Row, Select, and_, bindparam, case, insert, or_, select, text, update

from autonomous_trading.adapters.store._failures import RESTORE
from autonomous_trading.adapters.store._tables import OPEN, trial
from autonomous_trading.app import MOST_ATTEMPTS, Batch, Claim, JobSpec, TrialResult, TrialRow, TrialState
from autonomous_trading.core import FloatArray, StoreDamaged

__all__ = [
    "Written",
    "any_hopeless",
    "insert_trials",
    "kill_hopeless",
    "nothing_open",
    "ours",
    "raw_rows",
    "read_values",
    "reclaim_rows",
    "release_rows",
    "renew_rows",
    "result_bytes",
    "take_free",
    "trial_rows",
    "write_results",
    "written",
]

_NUMBERS_AT_ONCE: Final = 5_000  # an IN list; SQLite takes 32,766 at most
_ROWS_AT_ONCE: Final = 65_536
_ROWS_IN_CACHE: Final = 256
_LITTLE: Final = np.dtype("<f8")
_OPEN: Final = text(OPEN)
# A worker that was lost with several trials may have been killed by any of them, or by none: only what was claimed
# alone counts against a trial, and one that a worker was lost with is claimed alone from then on, after all others.
_SUSPECT: Final = case((trial.c.company > 0, 1), else_=0)
_ALONE: Final = trial.c.attempts - case((trial.c.company > 1, 1), else_=0)


class Written(NamedTuple):
    """A trial as it ends: what its row and the audit trail are made of."""

    n: int
    epoch: int
    attempts: int
    state: TrialState
    result: bytes
    error: str


def result_bytes(values: Sequence[float]) -> bytes:
    """Values as they are kept: little-endian float64, every bit as it was."""
    return np.asarray(values, dtype=_LITTLE).tobytes()


def insert_trials(connection: Connection, job: int, batch: Batch, rows: Sequence[tuple[str, int]]) -> None:
    """Adds the trials of a batch, pending."""
    new = {
        "job": job,
        "batch": batch.number,
        "state": TrialState.PENDING.value,
        "epoch": 0,
        "attempts": 0,
        "error": "",
        "company": 0,
    }
    numbered = enumerate(rows, batch.first)
    connection.execute(
        insert(trial),
        [{**new, "n": n, "parameters": parameters, "seed": int(seed)} for n, (parameters, seed) in numbered],
    )


def kill_hopeless(connection: Connection, job: int, now: float, metrics: int) -> list[Written]:
    """Ends the free trials that were tried too often, and returns them. The job has to be held."""
    columns = select(trial.c.n, trial.c.epoch, trial.c.attempts)
    hopeless = columns.where(_free(job, now), _ALONE >= MOST_ATTEMPTS)
    nothing = result_bytes([np.nan] * metrics)
    error = f"it was claimed {MOST_ATTEMPTS} times and never finished"
    dead = [
        Written(row.n, row.epoch, row.attempts, TrialState.DEAD, nothing, error)
        for row in connection.execute(hopeless.order_by(trial.c.n).with_for_update())
    ]
    if dead:
        write_results(connection, job, dead)
    return dead


def reclaim_rows(connection: Connection, job: int) -> int:
    """Makes every claimed trial of a job free again, the attempts counted."""
    running = and_(trial.c.job == job, trial.c.state == TrialState.RUNNING.value)
    free = update(trial).where(running).values(state=TrialState.PENDING.value, lease_until=None, worker=None)
    return connection.execute(free).rowcount


def any_hopeless(connection: Connection, job: int, now: float) -> bool:
    """Whether a free trial was tried too often."""
    hopeless = select(trial.c.n).where(_free(job, now), _ALONE >= MOST_ATTEMPTS).limit(1)
    return connection.execute(hopeless).first() is not None


def take_free(connection: Connection, job: int, worker: str, now: float, until: float, most: int) -> list[Claim]:
    """Claims the first free trials. What another worker is claiming at this moment is passed over (PostgreSQL)."""
    free = select(trial.c.n, _SUSPECT.label("suspect")).where(_free(job, now), _ALONE < MOST_ATTEMPTS)
    first = free.order_by(_SUSPECT, _ALONE, trial.c.n).limit(max(most, 0)).with_for_update(skip_locked=True)
    found = connection.execute(first).all()
    mine = [row.n for row in found if not row.suspect] or [row.n for row in found[:1]]
    if not mine:
        return []
    claim = (
        update(trial)
        .where(trial.c.job == job, trial.c.n.in_(mine))
        .values(
            state=TrialState.RUNNING.value,
            epoch=trial.c.epoch + 1,
            attempts=_ALONE + 1,
            company=len(mine),
            lease_until=until,
            worker=worker,
        )
        .returning(trial.c.n, trial.c.batch, trial.c.parameters, trial.c.seed, trial.c.epoch, trial.c.attempts)
    )
    return sorted((Claim(*row) for row in connection.execute(claim)), key=lambda one: one.n)


def ours(connection: Connection, job: int, claims: Iterable[tuple[int, int]]) -> dict[int, int]:
    """Of (n, epoch) pairs those that are still claimed with that epoch, as n -> attempts, in trial order."""
    wanted = sorted(set(claims))
    numbers = [n for n, _ in wanted]
    found: dict[int, Row[Any]] = {}
    for start in range(0, len(numbers), _NUMBERS_AT_ONCE):
        some = numbers[start : start + _NUMBERS_AT_ONCE]
        query = (
            select(trial.c.n, trial.c.epoch, trial.c.attempts)
            .where(trial.c.job == job, trial.c.n.in_(some), trial.c.state == TrialState.RUNNING.value)
            .order_by(trial.c.n)
            .with_for_update()
        )
        found.update({row.n: row for row in connection.execute(query)})
    return {n: found[n].attempts for n, epoch in wanted if n in found and found[n].epoch == epoch}


def write_results(connection: Connection, job: int, ended: Sequence[Written]) -> None:
    """Ends trials, each where its epoch is still the one it was claimed with."""
    end = (
        update(trial)
        .where(
            trial.c.job == job,
            trial.c.n == bindparam("its_n"),
            trial.c.epoch == bindparam("its_epoch"),
            _OPEN,
        )
        .values(
            state=bindparam("its_state"),
            result=bindparam("its_result"),
            error=bindparam("its_error"),
            lease_until=None,
            worker=None,
            company=0,
        )
    )
    rows = [
        {
            "its_n": one.n,
            "its_epoch": one.epoch,
            "its_state": one.state.value,
            "its_result": one.result,
            "its_error": one.error,
        }
        for one in ended
    ]
    connection.execute(end, rows)


def renew_rows(connection: Connection, job: int, numbers: Iterable[int], until: float) -> None:
    """Holds claims until later."""
    renew = update(trial).where(trial.c.job == job, trial.c.n == bindparam("its_n")).values(lease_until=until)
    connection.execute(renew, [{"its_n": n} for n in numbers])


def release_rows(connection: Connection, job: int, numbers: Iterable[int], *, blame: bool) -> None:
    """Makes claimed trials free again, with or without the attempt."""
    free = (
        update(trial)
        .where(trial.c.job == job, trial.c.n == bindparam("its_n"))
        .values(
            state=TrialState.PENDING.value,
            attempts=trial.c.attempts - (0 if blame else 1),
            company=trial.c.company if blame else case((trial.c.attempts > 1, 1), else_=0),
            lease_until=None,
            worker=None,
        )
    )
    connection.execute(free, [{"its_n": n} for n in numbers])


def nothing_open(connection: Connection, job: int, first: int, count: int) -> bool:
    """Whether no trial of a range is pending or running."""
    here = and_(trial.c.job == job, trial.c.n >= first, trial.c.n < first + count)
    return connection.execute(select(trial.c.n).where(here, _OPEN).limit(1)).first() is None


def read_values(connection: Connection, job: int, span: range, metrics: int) -> FloatArray:
    """Results of a span of trials, [count, metrics], NaN where there are none. A million take about a second."""
    values = np.full((len(span), metrics), np.nan)
    if not metrics:
        return values
    query = select(trial.c.n, trial.c.result).where(trial.c.job == job, trial.c.result.is_not(None))
    for rows in raw_rows(connection, query, span):
        numbers = np.fromiter((row[0] for row in rows), dtype=np.int64, count=len(rows)) - span.start
        together = b"".join([row[1] for row in rows])
        if len(together) != len(rows) * metrics * _LITTLE.itemsize:
            raise StoreDamaged(f"values of trials {rows[0][0]} to {rows[-1][0]} are cut short", fix=RESTORE)
        values[numbers] = np.frombuffer(together, dtype=_LITTLE).reshape(len(rows), metrics)
    return values


def trial_rows(connection: Connection, job: int, spec: JobSpec, span: range) -> list[TrialRow]:
    """Trials of a span, in order."""
    query = select(trial).where(trial.c.job == job, trial.c.n >= span.start, trial.c.n < span.stop)
    return [
        TrialRow(
            n=row.n,
            batch=row.batch,
            id=spec.trial_id(row.parameters, row.seed),
            parameters_json=row.parameters,
            seed=row.seed,
            state=TrialState(row.state),
            epoch=row.epoch,
            attempts=row.attempts,
            values=() if row.result is None else tuple(np.frombuffer(row.result, dtype=_LITTLE).tolist()),
            error=row.error,
        )
        for row in connection.execute(query.order_by(trial.c.n))
    ]


def written(one: TrialResult, attempts: int, metrics: int) -> Written:
    """A told result as it is kept: one with an error holds no values, whatever it came with."""
    state = TrialState.FAILED if one.error else TrialState.DONE
    values = [np.nan] * metrics if one.error else one.values
    return Written(one.n, one.epoch, attempts, state, result_bytes(values), _storable(one.error))


def _storable(told: str) -> str:
    """A text both databases take: what they cannot hold (NUL, half of a surrogate pair) is written out."""
    return told.replace("\0", "\\x00").encode("utf-8", "backslashreplace").decode("utf-8")


def _free(job: int, now: float) -> ColumnElement[bool]:
    pending = trial.c.state == TrialState.PENDING.value
    return and_(trial.c.job == job, _OPEN, or_(pending, trial.c.lease_until < now))


def raw_rows(connection: Connection, query: Select[Any], span: range) -> Iterator[Sequence[Sequence[Any]]]:
    """Rows of a span as the driver gives them: a million wrapped ones would take a second longer.

    So few at a time that whoever takes them apart finds them in the cache of the processor, which halves the time.
    """
    for start in range(span.start, span.stop, _ROWS_AT_ONCE):
        here = and_(trial.c.n >= start, trial.c.n < min(start + _ROWS_AT_ONCE, span.stop))
        cursor = connection.execute(query.where(here).order_by(trial.c.n)).cursor
        if cursor is not None:
            yield from iter(partial(cursor.fetchmany, _ROWS_IN_CACHE), [])
