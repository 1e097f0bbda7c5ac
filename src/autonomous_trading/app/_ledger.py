"""The ledger of trials: the only truth about what was searched. A sampler is a cache of it, rebuilt on start.

A *job* is one search; its *spec* says everything that decides what its trials are worth. Proposals are committed in
*batches* before they are evaluated. Whoever evaluates *claims* trials for a time (a lease); an epoch that grows with
every claim fences off those whose lease ran out. Results, counts and an audit event are committed together.
"""

from __future__ import annotations

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, final

import numpy as np

from autonomous_trading.core import FloatArray, IntArray, InvalidInput, ParameterTable, TradingError

MOST_ATTEMPTS = 3
"""A trial with which so many workers were lost while it was claimed alone is dead: told as failed, and others go on."""


class JobState(StrEnum):
    """Where a job stands. Only `running` can change; the first to end it wins."""

    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


class TrialState(StrEnum):
    """Where a trial stands. `failed`: its objective raised; `dead`: it took every worker down that tried."""

    PENDING = "pending"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    DEAD = "dead"


ENDED = (TrialState.DONE, TrialState.FAILED, TrialState.DEAD)


@final
class LedgerConflict(TradingError):
    """The ledger holds something else than what was expected: a fenced write, or a job that ended meanwhile."""


def canonical_json(facts: Mapping[str, Any]) -> str:
    """The one JSON text of plain facts: names sorted, floats in their shortest exact form, no NaN."""
    return json.dumps(facts, sort_keys=True, separators=(",", ":"), allow_nan=False)


def digest_of(text: str) -> str:
    """Thirty-two hexadecimal digits that name a text (sha256)."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]


@final
@dataclass(frozen=True, slots=True)
class JobSpec:
    """Everything that decides what a search finds, as plain JSON values.

    evaluation: what a trial's value depends on beside its parameters and seed (code, strategy, data, span, costs,
    exits, execution, engine). search: space, constraint, objectives, method, options, trials, seed. request: how a
    person asked for it, to ask again (`runs resume`); it decides nothing. metrics: names of the values kept per trial.
    """

    project: str
    title: str
    evaluation: Mapping[str, Any]
    search: Mapping[str, Any]
    metrics: tuple[str, ...]
    request: Mapping[str, Any]

    @property
    def evaluation_id(self) -> str:
        """Names what the trials are evaluated on."""
        return digest_of(canonical_json(self.evaluation))

    @property
    def id(self) -> str:
        """Names the search: the same facts give the same digits on every machine."""
        facts = {"evaluation": self.evaluation, "search": self.search, "metrics": self.metrics}
        return digest_of(canonical_json({"project": self.project, **facts}))

    def trial_id(self, parameters_json: str, seed: int) -> str:
        """Names one trial: what it is evaluated on, its parameters and its seed."""
        return digest_of(f"{self.evaluation_id} {seed} {parameters_json}")


@final
@dataclass(frozen=True, slots=True)
class Job:
    """A search in the ledger. id: twelve digits of its spec and the number of the run, "3f2a91c04b7d-1"."""

    id: str
    spec: JobSpec
    state: JobState
    run: int
    proposed: int
    ended: int  # trials done, failed or dead
    created_at: str  # ISO 8601 UTC, from the clock of the database
    updated_at: str


@final
@dataclass(frozen=True, slots=True)
class Batch:
    """Trials `first` .. `first + count - 1`, proposed together. `digest` names their parameters, see `batch_digest`."""

    number: int
    first: int
    count: int
    digest: str


@final
@dataclass(frozen=True, slots=True)
class Claim:
    """A trial that is ours to evaluate until its lease runs out; `epoch` is what the result has to be told with."""

    n: int
    batch: int
    parameters_json: str
    seed: int
    epoch: int
    attempts: int


@final
@dataclass(frozen=True, slots=True)
class TrialResult:
    """What came of a claimed trial: one value per metric of the job; NaN everywhere and `error` where it failed.

    sets: how many parameter sets were evaluated for it: itself, and neighbours where its score asks for them.
    """

    n: int
    epoch: int
    values: tuple[float, ...]
    error: str = ""
    sets: int = 1


@final
@dataclass(frozen=True, slots=True)
class TrialRow:
    """One trial as the ledger holds it; `values` is empty until it ended."""

    n: int
    batch: int
    id: str
    parameters_json: str
    seed: int
    state: TrialState
    epoch: int
    attempts: int
    values: tuple[float, ...]
    error: str


@final
@dataclass(frozen=True, slots=True)
class EventRow:
    """One line of the audit trail of a job; `hash` covers all the rest, so no line can change alone."""

    number: int
    kind: str
    payload: Mapping[str, Any]
    at: str
    previous: str
    hash: str


@final
@dataclass(frozen=True, slots=True)
class Counts:
    """What a project did in its whole life: sets evaluated (re-runs included), and looks at a final hold-out."""

    trials: int
    looks: int


class Ledger(ABC):
    """Remembers every job, trial and event. Every method is one transaction: it happens whole, or not at all.

    Raises LedgerConflict where a write comes too late (a job that ended takes no proposals, claims or results),
    UnknownName for a job that is not there, InvalidInput for facts that contradict each other.
    """

    @abstractmethod
    def open_job(self, spec: JobSpec) -> Job:
        """The running job of this spec, or a new one: its next run, where earlier ones ended."""

    @abstractmethod
    def job(self, job_id: str) -> Job:
        """One job; an unambiguous beginning of its id is enough."""

    @abstractmethod
    def jobs(self, project: str | None = None) -> Sequence[Job]:
        """All jobs of a project, or of all projects, the newest first."""

    @abstractmethod
    def batches(self, job_id: str) -> Sequence[Batch]:
        """Every batch that was proposed, in order."""

    @abstractmethod
    def propose(self, job_id: str, batch: Batch, rows: Sequence[tuple[str, int]]) -> bool:
        """Commit a batch of (parameters_json, seed) for evaluation; False when that number is there already.

        Raises LedgerConflict when the batch that is there is another one, when the job has ended, and when the batch
        does not begin where the proposals so far end: trials are numbered from 0 without gaps.
        """

    @abstractmethod
    def claim(self, job_id: str, worker: str, *, most: int, lease_seconds: float) -> Sequence[Claim]:
        """Up to `most` trials nobody holds, in order, ours for so long by the clock of the database.

        Trials whose lease ran out count as held by nobody. One that a worker was lost with comes after all others and
        alone, so that what takes its worker down takes no other trial with it, and only what was claimed alone counts
        as an attempt; after MOST_ATTEMPTS of them it is dead.
        """

    @property
    @abstractmethod
    def exclusive(self) -> bool:
        """Whether no other process can claim anything here."""

    @abstractmethod
    def reclaim(self, job_id: str) -> int:
        """Make free what a process that died has left, without waiting for its lease; how many trials that were.

        Only where the ledger is exclusive, and before this process claims anything; elsewhere it does nothing.
        """

    @abstractmethod
    def renew(self, job_id: str, claims: Sequence[Claim], *, lease_seconds: float) -> int:
        """Hold claims for longer; how many were still ours."""

    @abstractmethod
    def release(self, job_id: str, claims: Sequence[Claim], *, reason: str, blame: bool = True) -> int:
        """Give claims back unfinished (a worker died, or stops); how many were still ours.

        blame: the attempt counts against the trial. False: it was stopped from outside, so the attempt is taken back.
        """

    @abstractmethod
    def finish(self, job_id: str, results: Sequence[TrialResult]) -> int:
        """Commit results, counts and one audit event together; how many were accepted (the others were fenced off).

        The event says `trials` ([first, last] pairs), `count`, `sets`, and how many of the trials `failed`.
        """

    @abstractmethod
    def ended(self, job_id: str, batch: Batch) -> bool:
        """Whether every trial of a batch has ended."""

    @abstractmethod
    def values(self, job_id: str, first: int, count: int) -> FloatArray:
        """Values of ended trials in trial order, [count, metrics]; NaN rows for failed, dead and open ones."""

    @abstractmethod
    def trials(self, job_id: str, first: int = 0, count: int | None = None) -> Sequence[TrialRow]:
        """Trials in order."""

    @abstractmethod
    def close(self, job_id: str, state: JobState) -> bool:
        """End a running job; False when it had ended already: the first one wins."""

    @abstractmethod
    def record(self, job_id: str, kind: str, payload: Mapping[str, Any]) -> None:
        """Add an event to the audit trail of a job."""

    @abstractmethod
    def events(self, job_id: str) -> Sequence[EventRow]:
        """The audit trail of a job, in order."""

    @abstractmethod
    def look(self, project: str, job_id: str, payload: Mapping[str, Any]) -> int:
        """Record a look of a job at its final hold-out, once however often it is told; how often its project looked."""

    @abstractmethod
    def counts(self, project: str) -> Counts:
        """The lifetime counts of a project; zeros for one nobody has heard of."""

    @abstractmethod
    def shut(self) -> None:
        """Let go of files and connections."""


def next_event(last: EventRow | None, kind: str, payload: Mapping[str, Any], at: str) -> EventRow:
    """The event that follows another in the trail of a job: numbered, and chained to it by its hash."""
    try:
        plain: dict[str, Any] = json.loads(canonical_json(payload))
    except (TypeError, ValueError) as error:
        raise InvalidInput(
            f"an event needs plain JSON values: {error}", fix="give texts, finite numbers, lists"
        ) from None
    number, previous = (0, "") if last is None else (last.number + 1, last.hash)
    return EventRow(number, kind, plain, at, previous, _event_hash(number, kind, plain, at, previous))


def broken_event(trail: Sequence[EventRow]) -> int | None:
    """The place of the first event that does not follow from those before it; None when the trail is whole."""
    previous = ""
    for place, event in enumerate(trail):
        expected = _event_hash(place, event.kind, event.payload, event.at, previous)
        if (event.number, event.previous, event.hash) != (place, previous, expected):
            return place
        previous = event.hash
    return None


def _event_hash(number: int, kind: str, payload: Mapping[str, Any], at: str, previous: str) -> str:
    facts = {"number": number, "kind": kind, "payload": payload, "at": at, "previous": previous}
    return digest_of(canonical_json(facts))


def parameters_json_of(table: ParameterTable) -> list[str]:
    """The canonical JSON of every row: the text a trial is named by, equal to `ParameterSet.canonical_json`."""
    names = sorted(table.names)
    encode = json.JSONEncoder(separators=(",", ":"), allow_nan=False).encode
    if not names:
        return ["{}"] * len(table)
    keys = [encode(name) for name in names]
    columns = [[encode(value) for value in table.column(name).tolist()] for name in names]
    return ["{" + ",".join(map("{}:{}".format, keys, row)) + "}" for row in zip(*columns, strict=True)]


def batch_digest(table: ParameterTable) -> str:
    """Names the sets of a batch by their exact values, without writing each of them as text."""
    digest = hashlib.sha256()
    for name in sorted(table.names):
        column = table.column(name)
        digest.update(f"{name} {column.dtype.kind} {len(column)}\n".encode())
        digest.update(canonical_json({"": column.tolist()}).encode() if column.dtype == object else column.tobytes())
    return digest.hexdigest()[:32]


def trial_seeds(seed: int, first: int, count: int) -> IntArray:
    """One seed per trial, from the seed of the search and the number of the trial alone: 63 bits each.

    Source: splitmix64 (Steele, Lea and Flood 2014), the usual way to draw independent seeds by number.
    """
    with np.errstate(over="ignore"):
        start = np.random.SeedSequence(seed).generate_state(1, np.uint64)[0]
        z = start + (np.arange(first, first + count, dtype=np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        mixed: IntArray = ((z ^ (z >> np.uint64(31))) >> np.uint64(1)).astype(np.int64)
    return mixed


def changed_facts(recorded: JobSpec, asked: JobSpec) -> list[str]:
    """What two specs differ in, one line each; empty where they are one search."""
    old, new = _flat(_decisive(recorded)), _flat(_decisive(asked))
    return [
        f"{name} was {_shown(old, name)} and is {_shown(new, name)}"
        for name in dict.fromkeys((*old, *new))
        if canonical_json({"": old.get(name)}) != canonical_json({"": new.get(name)})
    ]


def _decisive(spec: JobSpec) -> dict[str, Any]:
    return {"project": spec.project, **spec.evaluation, **spec.search, "metrics": list(spec.metrics)}


def _flat(facts: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in facts.items():
        if isinstance(value, Mapping) and value:
            flat |= _flat(value, f"{prefix}{name}.")
        else:
            flat[f"{prefix}{name}"] = value
    return flat


def _shown(facts: Mapping[str, Any], name: str) -> str:
    return repr(facts[name]) if name in facts else "not given"


def ranges_of(numbers: Iterable[int]) -> list[list[int]]:
    """Ascending numbers as [first, last] pairs.

    >>> ranges_of([1, 2, 3, 7])
    [[1, 3], [7, 7]]
    """
    ranges: list[list[int]] = []
    for n in numbers:
        if ranges and ranges[-1][1] == n - 1:
            ranges[-1][1] = n
        else:
            ranges.append([n, n])
    return ranges
