"""Every ledger passes the contract suite, and the suite finds what breaks it."""

import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autonomous_trading.adapters.store import SqlLedger, audit, open_store
from autonomous_trading.app import (
    Batch,
    Claim,
    Counts,
    EventRow,
    Job,
    JobSpec,
    JobState,
    Ledger,
    TrialResult,
    TrialRow,
)
from autonomous_trading.core import FloatArray
from autonomous_trading.testing.contracts.ledgers import LedgerContract, Subject
from autonomous_trading.testing.ledger import MemoryLedger


class Clock:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds


def in_memory() -> Subject:
    clock = Clock()
    return Subject(MemoryLedger(clock), clock.advance)


class TestMemory(LedgerContract):
    """The fake keeps the promises of the real ones."""

    races = 1_000

    @pytest.fixture
    def subject(self) -> Subject:
        return in_memory()


def in_store(place: str) -> Iterator[Subject]:
    """A ledger in a store that, after the test, holds what its audit trail says."""
    store = open_store(place)
    ledger = SqlLedger(store)
    try:
        yield Subject(ledger, time.sleep)
        assert audit(store) == []
    finally:
        ledger.shut()


class TestFile(LedgerContract):
    """One file of SQLite."""

    races = 30

    @pytest.fixture
    def subject(self, tmp_path: Path) -> Iterator[Subject]:
        yield from in_store(str(tmp_path / "trials.db"))


class TestServer(LedgerContract):
    """PostgreSQL."""

    races = 30

    @pytest.fixture
    def subject(self, postgres_url: str) -> Iterator[Subject]:
        yield from in_store(postgres_url)


@pytest.mark.nightly
def test_a_thousand_races_in_a_file(tmp_path: Path) -> None:
    for subject in in_store(str(tmp_path / "trials.db")):
        _thousand_races(subject)


@pytest.mark.nightly
def test_a_thousand_races_on_a_server(postgres_url: str) -> None:
    for subject in in_store(postgres_url):
        _thousand_races(subject)


def _thousand_races(subject: Subject) -> None:
    class Thousand(LedgerContract):
        races = 1_000

    Thousand().test_ends_race(subject)


class Through(Ledger):
    """A ledger that passes everything on to one in memory: the broken ones below change one thing each."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.inner = MemoryLedger(self.clock)

    def subject(self) -> Subject:
        return Subject(self, self.clock.advance)

    def open_job(self, spec: JobSpec) -> Job:
        return self.inner.open_job(spec)

    def job(self, job_id: str) -> Job:
        return self.inner.job(job_id)

    def jobs(self, project: str | None = None) -> Sequence[Job]:
        return self.inner.jobs(project)

    def batches(self, job_id: str) -> Sequence[Batch]:
        return self.inner.batches(job_id)

    def propose(self, job_id: str, batch: Batch, rows: Sequence[tuple[str, int]]) -> bool:
        return self.inner.propose(job_id, batch, rows)

    def claim(self, job_id: str, worker: str, *, most: int, lease_seconds: float) -> Sequence[Claim]:
        return self.inner.claim(job_id, worker, most=most, lease_seconds=lease_seconds)

    def renew(self, job_id: str, claims: Sequence[Claim], *, lease_seconds: float) -> int:
        return self.inner.renew(job_id, claims, lease_seconds=lease_seconds)

    def release(self, job_id: str, claims: Sequence[Claim], *, reason: str, blame: bool = True) -> int:
        return self.inner.release(job_id, claims, reason=reason, blame=blame)

    def finish(self, job_id: str, results: Sequence[TrialResult]) -> int:
        return self.inner.finish(job_id, results)

    def ended(self, job_id: str, batch: Batch) -> bool:
        return self.inner.ended(job_id, batch)

    def values(self, job_id: str, first: int, count: int) -> FloatArray:
        return self.inner.values(job_id, first, count)

    def trials(self, job_id: str, first: int = 0, count: int | None = None) -> Sequence[TrialRow]:
        return self.inner.trials(job_id, first, count)

    def close(self, job_id: str, state: JobState) -> bool:
        return self.inner.close(job_id, state)

    def record(self, job_id: str, kind: str, payload: Mapping[str, Any]) -> None:
        self.inner.record(job_id, kind, payload)

    def events(self, job_id: str) -> Sequence[EventRow]:
        return self.inner.events(job_id)

    def look(self, project: str, job_id: str, payload: Mapping[str, Any]) -> int:
        return self.inner.look(project, job_id, payload)

    def counts(self, project: str) -> Counts:
        return self.inner.counts(project)

    def shut(self) -> None:
        self.inner.shut()

    @property
    def exclusive(self) -> bool:
        return self.inner.exclusive

    def reclaim(self, job_id: str) -> int:
        return self.inner.reclaim(job_id)


class Unfenced(Through):
    """Takes the newest epoch for the one it was told."""

    def finish(self, job_id: str, results: Sequence[TrialResult]) -> int:
        trials = self.inner.trials(job_id)
        known = [one for one in results if one.n < len(trials)]
        newest = [TrialResult(one.n, trials[one.n].epoch, one.values, one.error) for one in known]
        return self.inner.finish(job_id, newest)


class Agreeable(Through):
    """Lets everybody believe that they ended the job."""

    def close(self, job_id: str, state: JobState) -> bool:
        return self.inner.close(job_id, state) or state is not JobState.RUNNING


class Rounding(Through):
    """Keeps half of every number."""

    def values(self, job_id: str, first: int, count: int) -> FloatArray:
        with np.errstate(all="ignore"):
            return self.inner.values(job_id, first, count).astype(np.float32).astype(np.float64)


class Blaming(Through):
    """Counts every stop against the trial."""

    def release(self, job_id: str, claims: Sequence[Claim], *, reason: str, blame: bool = True) -> int:
        return self.inner.release(job_id, claims, reason=reason, blame=blame or True)


class Forgetting(Through):
    """Loses an event."""

    def events(self, job_id: str) -> Sequence[EventRow]:
        trail = list(self.inner.events(job_id))
        return [*trail[:1], *trail[2:]]


def test_the_suite_finds_what_lets_zombies_write() -> None:
    with pytest.raises(AssertionError, match="whose lease ran out was accepted"):
        LedgerContract().test_a_lease_runs_out(Unfenced().subject())


def test_the_suite_finds_two_winners() -> None:
    with pytest.raises(AssertionError, match="race 0: 4 winners"):
        LedgerContract().test_ends_race(Agreeable().subject())


def test_the_suite_finds_what_rounds() -> None:
    with pytest.raises(AssertionError, match="came back as"):
        LedgerContract().test_values_keep_every_bit(Rounding().subject())


def test_the_suite_finds_what_blames_the_trial_for_a_stop() -> None:
    with pytest.raises(AssertionError, match="not to be had any more"):
        LedgerContract().test_stopping_is_not_dying(Blaming().subject())


def test_the_suite_finds_what_loses_an_event() -> None:
    with pytest.raises(AssertionError, match="it reads"):
        LedgerContract().test_the_trail_is_one_chain(Forgetting().subject())
