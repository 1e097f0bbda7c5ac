"""A search through the ledger: what it is called there, who evaluates, and what has to hold before a best is a best."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any, Protocol, final

from autonomous_trading.adapters.compute import InlineExecutor, open_executor
from autonomous_trading.app import (
    Counts,
    Desk,
    Evaluate,
    Executor,
    FailedTrials,
    Found,
    Job,
    JobSpec,
    JobState,
    Ledger,
    Objective,
    Progress,
    Reference,
    ResultConstraint,
    Search,
    Task,
    best_trials,
    changed_facts,
    run_recorded_search,
)
from autonomous_trading.core import InvalidInput, NothingToReport, Refused, Space, StoreUnavailable
from autonomous_trading.interfaces.python._checks import text, whole
from autonomous_trading.interfaces.python._code_identity import program_identity
from autonomous_trading.interfaces.python._provenance import plain
from autonomous_trading.interfaces.python._replays import Replay, replay_best, replayed_trial
from autonomous_trading.interfaces.python._settings import RecordSettings
from autonomous_trading.search import Optimizer

if TYPE_CHECKING:
    from autonomous_trading.adapters.store import Store

_LIBRARIES = ("numpy", "numba", "scipy", "scikit-learn", "optuna", "pymoo", "cma", "TA-Lib", "xgboost", "xgboost-cpu")
"""Libraries that decide what is proposed and what it is worth: a job is not resumed under other versions."""
_LONGEST_NAME = 200
_PROJECT = "default"
_PATIENCE_SECONDS, _PAUSE_SECONDS = 60.0, 0.2
_WORKERS_PER_CORE = 16
VALIDATED = "validated"
"""Among the facts of a search whose best set was judged: it is no search alone, and asked again as a whole."""
RECORDED = ("ledger", "project", "executor", "workers", "resume", "request")
"""The settings of a search that is recorded."""


@final
@dataclass(frozen=True, slots=True)
class Recording:
    """Where a study stands in the ledger: its job, and what its project has done in its whole life.

    replayed: whether the best set was evaluated once more and gave the same bits; None where there is no best. failed:
    sets whose code raised or that took their worker down, among the first 1,000 without a value; and what was said of
    the first.
    """

    store: str
    job: str
    project: str
    state: str
    lifetime_trials: int
    looks: int
    replayed: bool | None
    failed: int = 0
    first_error: str = ""


@final
@dataclass(frozen=True, slots=True)
class Recorder:
    """What a person asked for: the store, the project, who evaluates, and which job has to go on."""

    store: str
    project: str | None
    executor: str
    workers: int | None
    resume: str | None
    request: Mapping[str, Any]

    @staticmethod
    def of(settings: RecordSettings) -> Recorder | None:
        """The recorder among the settings, or None where nothing is recorded. Raises InvalidInput."""
        place = settings.get("ledger")
        if place is None:
            stray = [name for name in RECORDED if settings.get(name) is not None]
            if stray:
                raise InvalidInput(
                    f"{' and '.join(stray)} need{'s' if len(stray) == 1 else ''} a search that is recorded in a ledger",
                    fix='name one: ledger="trials.db" (--ledger trials.db)',
                )
            return None
        workers, resume = settings.get("workers"), settings.get("resume")
        return Recorder(
            text("ledger", os.fspath(place) if isinstance(place, os.PathLike) else place, "trials.db"),
            _project(settings.get("project")),
            text("executor", settings.get("executor") or "inline", "processes"),
            None if workers is None else _workers(workers),
            None if resume is None else text("resume", resume, "3f2a91c04b7d-1"),
            dict(settings.get("request") or {}),
        )

    def search(self, wanted: Wanted, progress: Progress | None) -> tuple[Found, Recording]:
        """Run or resume the search, evaluate its best set once more, and count."""
        # Imported here: a backtest needs no database, and SQLAlchemy takes a third of a second.
        from autonomous_trading.adapters.store import SqlLedger

        asked, places, search = wanted.asked, wanted.places, wanted.asked.search
        optimizer = wanted.optimizer()  # what can be refused is refused before anything is written
        with closing(self._executor(places)) as executor, closing(self._store()) as store:
            ledger = SqlLedger(store)
            job = self._job(ledger, asked)
            ledger.reclaim(job.id)
            desk = Desk(
                ledger,
                job,
                _worker_name(),
                executor,
                time.sleep,
                time.monotonic,
                sets=places.sets,
                elsewhere=not isinstance(executor, InlineExecutor),
            )
            shown = None if progress is None else _with_total(progress, asked.trials)
            with _resumable(ledger, job, store.name):
                found = run_recorded_search(
                    optimizer,
                    wanted.goals,
                    search.seed,
                    desk,
                    shown,
                    constraints=wanted.constraints,
                    reference=wanted.reference(),
                )
            _refuse_part(ledger.job(job.id), asked, found)
            replayed = replay_best(ledger, job, wanted.best_rows(found), asked.space, places.evaluate)
            if replayed is not None and places.looks_at is not None:
                ledger.look(job.spec.project, job.id, {"kept_out": places.looks_at})
            counts = ledger.counts(job.spec.project)
            recording = _recording(store.name, ledger.job(job.id), counts, replayed)
            failed = FailedTrials.of(ledger, job.id)
            return found, replace(recording, failed=failed.count, first_error=failed.first_error)

    @contextmanager
    def opened(self) -> Iterator[Ledger]:
        """The ledger, for as long as it is needed. Waits while another process has it: much may hang on the answer."""
        from autonomous_trading.adapters.store import SqlLedger

        with closing(self._patiently()) as store:
            yield SqlLedger(store)

    def _patiently(self) -> Store:
        until = time.monotonic() + _PATIENCE_SECONDS
        while True:
            try:
                return self._store()
            except StoreUnavailable:
                if time.monotonic() > until:
                    raise
                time.sleep(_PAUSE_SECONDS)

    def going_on(self, asked: Asked) -> Recorder:
        """This recorder, going on with the job of the same search that is done, where there is one.

        Who asks the same again gets the same answer, and nothing is counted twice.
        """
        if self.resume is not None:
            return self
        spec = asked.spec(self.project or _PROJECT, self.request)
        with self.opened() as ledger:
            done = [job for job in ledger.jobs(spec.project) if job.spec.id == spec.id and job.state is JobState.DONE]
        return replace(self, resume=done[0].id) if done else self

    def _store(self) -> Store:
        from autonomous_trading.adapters.store import open_store

        return open_store(self.store, create=self.resume is None)

    def _executor(self, places: Places) -> Executor:
        if self.executor == "inline" and self.workers in (None, 1):
            return InlineExecutor(places.evaluate)  # with all threads of the kernel
        return open_executor(self.executor, places.task, self.workers or max(1, os.cpu_count() or 1))

    def replay(self, wanted: Wanted, trial: int | None = None) -> Replay:
        """One trial of a recorded job (default: the best) evaluated once more, and compared bit for bit."""
        from autonomous_trading.adapters.store import SqlLedger

        with closing(self._store()) as store:
            ledger = SqlLedger(store)
            job = self._same_job(ledger, wanted.asked)
            number = best_trials(ledger, job, wanted.goals, wanted.constraints, 1)[0] if trial is None else trial
            whole("trial", number, 0)
            return replayed_trial(ledger, job, wanted.asked.space, number, wanted.places.evaluate)

    def _job(self, ledger: Ledger, asked: Asked) -> Job:
        if self.resume is None:
            return ledger.open_job(asked.spec(self.project or _PROJECT, self.request))
        job = self._same_job(ledger, asked)
        if job.state is JobState.DONE:
            return job  # whoever was stopped before the answer gets it now, and nothing is counted again
        if job.state is not JobState.RUNNING:
            raise InvalidInput(f"job {job.id} is {job.state.value}: there is nothing to resume", fix="start a new run")
        return ledger.open_job(job.spec)  # which looks whether it still holds what was written to it

    def _same_job(self, ledger: Ledger, asked: Asked) -> Job:
        """The job to resume, if it is still the search that is asked for."""
        job = ledger.job(str(self.resume))
        if self.project not in (None, job.spec.project):
            raise InvalidInput(
                f"job {job.id} is of project {job.spec.project!r}, not {self.project!r}", fix="leave project out"
            )
        changed = changed_facts(job.spec, asked.spec(job.spec.project, self.request))
        if changed:
            raise Refused(
                f"job {job.id} cannot go on, for what it searches has changed: {'; '.join(changed)}",
                fix="put back what changed, or start a new run without resume",
            )
        return job


@final
@dataclass(frozen=True, slots=True)
class Asked:
    """What is searched and how: the facts that name a job. evaluation: asked for when needed, because it reads
    code. parts: how often the search is repeated, each time on something else. whole: only its end has an
    answer."""

    title: str
    evaluation: Callable[[], Mapping[str, Any]]
    facts: Mapping[str, Any]
    metrics: tuple[str, ...]
    space: Space
    search: Search
    parts: int = 1
    whole: bool = False

    @property
    def trials(self) -> int | None:
        """How many sets are asked for in all parts of the search; None where the method knows by itself."""
        return None if self.search.trials is None else self.parts * self.search.trials

    def spec(self, project: str, request: Mapping[str, Any]) -> JobSpec:
        """The spec of the job, under the versions of the libraries that are installed."""
        return JobSpec(
            project=project,
            title=self.title,
            evaluation={**plain(self.evaluation()), "libraries": _versions(), "program": program_identity()},
            search={**plain(self.facts), "trials": self.trials},
            metrics=self.metrics,
            request=plain(request),
        )


@final
@dataclass(frozen=True, slots=True)
class Places:
    """Who can evaluate: this process, and what others need to do the same.

    looks_at: the bars kept out of sight, which a result shows; None where there are none. sets: how many parameter
    sets are evaluated for each one that is asked for.
    """

    evaluate: Evaluate
    task: Task
    looks_at: object = None
    sets: int = 1


class Wanted(Protocol):
    """What a recorder has to know of a search."""

    @property
    def goals(self) -> tuple[Objective, ...]: ...
    @property
    def constraints(self) -> tuple[ResultConstraint, ...]: ...
    @property
    def asked(self) -> Asked: ...
    @property
    def places(self) -> Places: ...
    def optimizer(self) -> Optimizer:
        """A fresh optimiser of this search."""

    def best_rows(self, found: Found) -> list[int]:
        """Rows of the sets that are shown as best, and so have to reproduce."""

    def reference(self) -> Reference | None:
        """What sets are compared with while they are measured; None where no set is given up."""


@contextmanager
def _resumable(ledger: Ledger, job: Job, place: str) -> Iterator[None]:
    """Whoever stops the search hears what is kept and how it goes on."""
    try:
        yield
    except KeyboardInterrupt as stop:
        kept = ledger.job(job.id).ended
        next_step = f"autotrade runs resume {job.id} --ledger {place}" if job.spec.request else f'resume="{job.id}"'
        stop.add_note(f"job {job.id} keeps its {kept:,} ended trials; go on with: {next_step}")
        raise


def _refuse_part(job: Job, asked: Asked, found: Found) -> None:
    """Nothing, or NothingToReport where a job was ended before there was an answer."""
    if job.state is not JobState.DONE and (asked.whole or not len(found.trials)):
        raise NothingToReport(
            f"job {job.id} was {job.state.value} after {job.ended:,} trials, before there was an answer",
            fix="start a new run; its trials stay and count",
        )


def _project(name: object) -> str | None:
    """The name of a project, one line of text that says something; None where none is given."""
    if name is None:
        return None
    found = text("project", name, "default")
    if not found.strip() or not found.isprintable() or len(found) > _LONGEST_NAME:
        raise InvalidInput(f"a project needs a name on one line; got {found!r}", fix='use project="crossovers"')
    return found


def _workers(count: object) -> int:
    """How many workers, within reason: each is a process of its own."""
    wanted, most = whole("workers", count, 1), _WORKERS_PER_CORE * max(1, os.cpu_count() or 1)
    if wanted > most:
        raise InvalidInput(f"{wanted} workers are more than {most}, {_WORKERS_PER_CORE} per core", fix="use fewer")
    return wanted


def _recording(place: str, job: Job, counts: Counts, replayed: bool | None) -> Recording:
    """`place` is what the store is called, without a password."""
    project = job.spec.project
    return Recording(place, job.id, project, job.state.value, counts.trials, counts.looks, replayed)


def _with_total(progress: Progress, total: int | None) -> Progress:
    def shown(done: int, _: int | None) -> None:
        progress(done, total)

    return shown


def _worker_name() -> str:
    return f"{socket.gethostname()} {os.getpid()}"


def _versions() -> dict[str, str | None]:
    return {name: _version(name) for name in _LIBRARIES}


def _version(library: str) -> str | None:
    try:
        return version(library)
    except PackageNotFoundError:
        return None
