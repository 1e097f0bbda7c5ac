"""A ledger in memory: keeps every promise of the port, except that it is gone with the process."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple, final

import numpy as np

from autonomous_trading.app import (
    ENDED,
    MOST_ATTEMPTS,
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
    next_event,
    ranges_of,
)
from autonomous_trading.core import FloatArray, InvalidInput, UnknownName, unknown_name

__all__ = ["MemoryLedger"]

_ID_DIGITS: Final = 12


class _Lease(NamedTuple):
    """Who holds a trial, and until when."""

    worker: str
    until: float


@dataclass(slots=True)
class _Kept:
    """One job with all that belongs to it."""

    job: Job
    batches: dict[int, Batch] = field(default_factory=dict)
    trials: list[TrialRow] = field(default_factory=list)
    leases: dict[int, _Lease] = field(default_factory=dict)  # of the running ones
    company: dict[int, int] = field(default_factory=dict)  # how many each was claimed with
    trail: list[EventRow] = field(default_factory=list)

    def alone(self, trial: TrialRow) -> int:
        """How often a worker was lost with this trial alone, or may have been."""
        return trial.attempts - (self.company.get(trial.n, 0) > 1)

    def together(self, free: Sequence[TrialRow], most: int) -> list[TrialRow]:
        """The first ones no worker was lost with; where there are none, the one that was tried least, alone."""
        fresh = [trial for trial in free if not self.company.get(trial.n, 0)][:most]
        others = sorted(free, key=lambda trial: (self.alone(trial), trial.n))
        return fresh or others[: min(most, 1)]


@final
class MemoryLedger(Ledger):
    """Jobs, trials and events of one process. `clock` tells seconds since 1970, and may be moved by a test."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._turn = threading.RLock()
        self._jobs: dict[str, _Kept] = {}
        self._runs: dict[str, list[_Kept]] = {}  # by spec
        self._counts: dict[str, Counts] = {}

    def open_job(self, spec: JobSpec) -> Job:
        with self._turn:
            runs = self._runs.setdefault(spec.id, [])
            if runs and runs[-1].job.state is JobState.RUNNING:
                return runs[-1].job
            run = len(runs) + 1
            name = f"{spec.id[:_ID_DIGITS]}-{run}"
            kept = _Kept(Job(name, spec, JobState.RUNNING, run, 0, 0, "", ""))
            self._jobs[name] = kept
            runs.append(kept)
            self._add(kept, "opened", {"job": name})
            kept.job = replace(kept.job, created_at=kept.job.updated_at)
            return kept.job

    def job(self, job_id: str) -> Job:
        with self._turn:
            return self._find(job_id).job

    def jobs(self, project: str | None = None) -> Sequence[Job]:
        with self._turn:
            newest_first = [kept.job for kept in reversed(self._jobs.values())]
        return [job for job in newest_first if project is None or job.spec.project == project]

    def batches(self, job_id: str) -> Sequence[Batch]:
        with self._turn:
            return list(self._kept(job_id).batches.values())

    def propose(self, job_id: str, batch: Batch, rows: Sequence[tuple[str, int]]) -> bool:
        if batch.count != len(rows) or not rows:
            raise InvalidInput(
                f"batch {batch.number} says {batch.count} trials and has {len(rows)}", fix="propose what it says"
            )
        with self._turn:
            kept = self._kept(job_id)
            _refuse_ended(kept)
            if batch.number in kept.batches:
                if kept.batches[batch.number] != batch:
                    raise LedgerConflict(f"batch {batch.number} of job {job_id} is there with other trials")
                return False
            if batch.first != len(kept.trials):
                at = f"batch {batch.number} begins at trial {batch.first}"
                raise LedgerConflict(f"{at}, and job {job_id} has {len(kept.trials)} trials")
            kept.batches[batch.number] = batch
            for n, (text, seed) in enumerate(rows, batch.first):
                name = kept.job.spec.trial_id(text, seed)
                kept.trials.append(TrialRow(n, batch.number, name, text, seed, TrialState.PENDING, 0, 0, (), ""))
            kept.job = replace(kept.job, proposed=len(kept.trials))
            self._add(kept, "proposed", {"batch": batch.number, "digest": batch.digest})
            return True

    def claim(self, job_id: str, worker: str, *, most: int, lease_seconds: float) -> Sequence[Claim]:
        with self._turn:
            kept, now = self._kept(job_id), self._clock()
            _refuse_ended(kept)
            free = [trial for trial in kept.trials if _is_free(kept, trial, now)]
            hopeless = [trial for trial in free if kept.alone(trial) >= MOST_ATTEMPTS]
            nothing = (float("nan"),) * len(kept.job.spec.metrics)
            error = f"it was claimed {MOST_ATTEMPTS} times and never finished"
            ended = [replace(trial, state=TrialState.DEAD, values=nothing, error=error) for trial in hopeless]
            self._end(kept, "died", ended, len(ended))
            claims = []
            chosen = kept.together([trial for trial in free if kept.alone(trial) < MOST_ATTEMPTS], max(most, 0))
            for trial in chosen:
                attempts = kept.alone(trial) + 1
                kept.company[trial.n] = len(chosen)
                taken = replace(trial, state=TrialState.RUNNING, epoch=trial.epoch + 1, attempts=attempts)
                kept.trials[trial.n] = taken
                kept.leases[trial.n] = _Lease(worker, now + lease_seconds)
                claims.append(
                    Claim(taken.n, taken.batch, taken.parameters_json, taken.seed, taken.epoch, taken.attempts)
                )
            return claims

    @property
    def exclusive(self) -> bool:
        return True

    def reclaim(self, job_id: str) -> int:
        with self._turn:
            kept = self._kept(job_id)
            left = [trial for trial in kept.trials if trial.state is TrialState.RUNNING]
            for trial in left:
                kept.trials[trial.n] = replace(trial, state=TrialState.PENDING)
                del kept.leases[trial.n]
            return len(left)

    def renew(self, job_id: str, claims: Sequence[Claim], *, lease_seconds: float) -> int:
        with self._turn:
            kept = self._kept(job_id)
            ours = [claim.n for claim in claims if _is_ours(kept, claim)]
            for n in ours:
                kept.leases[n] = kept.leases[n]._replace(until=self._clock() + lease_seconds)
            return len(ours)

    def release(self, job_id: str, claims: Sequence[Claim], *, reason: str, blame: bool = True) -> int:
        with self._turn:
            kept = self._kept(job_id)
            ours = [claim.n for claim in claims if _is_ours(kept, claim)]
            for n in ours:
                attempts = kept.trials[n].attempts - (0 if blame else 1)
                kept.trials[n] = replace(kept.trials[n], state=TrialState.PENDING, attempts=attempts)
                if not blame:
                    kept.company[n] = min(attempts, 1)
            if ours:
                self._add(kept, "released", {"trials": ranges_of(ours), "reason": reason, "blame": blame})
            return len(ours)

    def finish(self, job_id: str, results: Sequence[TrialResult]) -> int:
        with self._turn:
            kept = self._kept(job_id)
            _refuse_ended(kept)
            metrics = len(kept.job.spec.metrics)
            for one in results:
                if len(one.values) != metrics and not one.error:
                    what = f"trial {one.n} has {len(one.values)} values, and its job keeps {metrics} metrics"
                    raise InvalidInput(what, fix="tell one value per metric")
            ended = {}
            for one in results:
                if _is_ours(kept, one) and one.n not in ended:
                    state = TrialState.FAILED if one.error else TrialState.DONE
                    values = (float("nan"),) * metrics if one.error else tuple(map(float, one.values))
                    ended[one.n] = replace(kept.trials[one.n], state=state, values=values, error=one.error)
            sets = {one.n: one.sets for one in reversed(results)}
            self._end(kept, "finished", list(ended.values()), sum(sets[n] for n in ended))
            return len(ended)

    def ended(self, job_id: str, batch: Batch) -> bool:
        with self._turn:
            trials = self._kept(job_id).trials[batch.first : batch.first + batch.count]
            return len(trials) == batch.count and all(trial.state in ENDED for trial in trials)

    def values(self, job_id: str, first: int, count: int) -> FloatArray:
        with self._turn:
            kept = self._kept(job_id)
            values = np.full((count, len(kept.job.spec.metrics)), np.nan)
            for trial in kept.trials[first : first + count]:
                if trial.state in ENDED:
                    values[trial.n - first] = trial.values
            return values

    def trials(self, job_id: str, first: int = 0, count: int | None = None) -> Sequence[TrialRow]:
        with self._turn:
            return self._kept(job_id).trials[first : None if count is None else first + count]

    def close(self, job_id: str, state: JobState) -> bool:
        if state is JobState.RUNNING:
            raise InvalidInput("a job cannot be closed as running", fix="close it as done, cancelled or failed")
        with self._turn:
            kept = self._kept(job_id)
            if kept.job.state is not JobState.RUNNING:
                return False
            kept.job = replace(kept.job, state=state)
            self._add(kept, "closed", {"state": state.value})
            return True

    def record(self, job_id: str, kind: str, payload: Mapping[str, Any]) -> None:
        with self._turn:
            self._add(self._kept(job_id), kind, payload)

    def events(self, job_id: str) -> Sequence[EventRow]:
        with self._turn:
            return list(self._kept(job_id).trail)

    def look(self, project: str, job_id: str, payload: Mapping[str, Any]) -> int:
        with self._turn:
            kept = self._kept(job_id)
            if kept.job.spec.project != project:
                what = f"job {job_id} is of project {kept.job.spec.project!r}, not {project!r}"
                raise InvalidInput(what, fix="name its project")
            if any(each.kind == "look" for each in kept.trail):
                return self.counts(project).looks
            looks = self.counts(project).looks + 1
            self._add(kept, "look", {"number": looks, "facts": payload})
            self._raise(project, looks=1)
            return looks

    def counts(self, project: str) -> Counts:
        with self._turn:
            return self._counts.get(project, Counts(0, 0))

    def shut(self) -> None:
        """Nothing to let go of: what was remembered stays until the ledger itself is gone."""

    def _kept(self, job_id: str) -> _Kept:
        if job_id not in self._jobs:
            raise unknown_name("job", job_id, self._jobs)
        return self._jobs[job_id]

    def _find(self, beginning: str) -> _Kept:
        if beginning in self._jobs:
            return self._jobs[beginning]
        alike = [name for name in self._jobs if beginning and name.startswith(beginning)]
        if len(alike) > 1:
            raise UnknownName(
                f"more than one job begins with {beginning!r}", fix=f"give more digits: {', '.join(alike[:5])}"
            )
        return self._kept(alike[0] if alike else beginning)

    def _add(self, kept: _Kept, kind: str, payload: Mapping[str, Any]) -> None:
        at = datetime.fromtimestamp(self._clock(), tz=UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        kept.trail.append(next_event(kept.trail[-1] if kept.trail else None, kind, payload, at))
        kept.job = replace(kept.job, updated_at=at)

    def _end(self, kept: _Kept, kind: str, ended: Sequence[TrialRow], sets: int) -> None:
        if not ended:
            return
        for trial in ended:
            kept.trials[trial.n] = trial
        kept.job = replace(kept.job, ended=kept.job.ended + len(ended))
        failed = sum(trial.state is not TrialState.DONE for trial in ended)
        numbers = ranges_of(sorted(trial.n for trial in ended))
        self._add(kept, kind, {"trials": numbers, "count": len(ended), "sets": sets, "failed": failed})
        self._raise(kept.job.spec.project, trials=sets)

    def _raise(self, project: str, *, trials: int = 0, looks: int = 0) -> None:
        before = self.counts(project)
        self._counts[project] = Counts(before.trials + trials, before.looks + looks)


def _refuse_ended(kept: _Kept) -> None:
    if kept.job.state is not JobState.RUNNING:
        raise LedgerConflict(
            f"job {kept.job.id} has ended ({kept.job.state})", fix="start the search again: it becomes the next run"
        )


def _is_free(kept: _Kept, trial: TrialRow, now: float) -> bool:
    if trial.state is TrialState.RUNNING:
        return kept.leases[trial.n].until < now
    return trial.state is TrialState.PENDING


def _is_ours(kept: _Kept, claim: Claim | TrialResult) -> bool:
    if not 0 <= claim.n < len(kept.trials):
        return False
    trial = kept.trials[claim.n]
    return trial.state is TrialState.RUNNING and trial.epoch == claim.epoch
