"""What every ledger must do with jobs: one per spec, one end, one trail, counts for life."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, ClassVar

import pytest

from autonomous_trading.app import (
    Batch,
    Counts,
    EventRow,
    JobState,
    LedgerConflict,
    broken_event,
)
from autonomous_trading.core import InvalidInput, UnknownName
from autonomous_trading.testing.contracts._ledger_subject import LONG, Subject, propose, result, rows_of, spec
from autonomous_trading.testing.contracts._require import require

__all__ = ["JobPromises"]


class JobPromises:
    """The half of the suite that is about jobs, events and counts."""

    races: ClassVar[int] = 100

    def test_opens_a_job(self, subject: Subject) -> None:
        """A new job runs, is empty, is named by its spec, and comes back as it was asked for."""
        asked = spec()
        job = subject.ledger.open_job(asked)
        require(job.id == f"{asked.id[:12]}-1", f"the job is called {job.id}")
        require((job.state, job.run, job.proposed, job.ended) == (JobState.RUNNING, 1, 0, 0), f"it is {job}")
        require(job.spec == asked and job.spec.id == asked.id, "its spec is not the one that was asked for")
        require(job.created_at == job.updated_at and job.created_at.endswith("Z"), f"it began {job.created_at}")
        require(subject.ledger.job(job.id) == job, "it reads back differently")

    def test_resumes_by_spec(self, subject: Subject) -> None:
        """The same spec is the same job while it runs, its next run afterwards; another spec is another job."""
        first = subject.ledger.open_job(spec())
        propose(subject.ledger, first, 3)
        again = subject.ledger.open_job(replace(spec(), request={"command": ["resume"]}))
        require((again.id, again.proposed) == (first.id, 3), f"{first.id} was opened again as {again.id}")
        require(subject.ledger.open_job(spec("another")).id != first.id, "two specs share a job")
        subject.ledger.close(first.id, JobState.DONE)
        runs = [subject.ledger.open_job(spec())]
        subject.ledger.close(runs[0].id, JobState.FAILED)
        runs.append(subject.ledger.open_job(spec()))
        require([job.run for job in runs] == [2, 3], f"the next runs are numbered {[job.run for job in runs]}")
        require([job.id for job in runs] == [f"{spec().id[:12]}-{k}" for k in (2, 3)], f"they are {runs}")

    def test_finds_jobs_by_their_beginning(self, subject: Subject) -> None:
        """An unambiguous beginning is enough; otherwise the error shows the ids."""
        job = subject.ledger.open_job(spec())
        require(subject.ledger.job(job.id[:6]).id == job.id, "six digits are not enough")
        subject.ledger.close(job.id, JobState.DONE)
        following = subject.ledger.open_job(spec())
        with pytest.raises(UnknownName, match=rf"more than one job begins with.*{job.id}, {following.id}"):
            subject.ledger.job(job.id[:6])
        require(subject.ledger.job(following.id).id == following.id, "a whole id is not enough")
        for unknown in ("zzz", "", "%", "_" * 12):
            with pytest.raises(UnknownName, match="unknown job"):
                subject.ledger.job(unknown)

    def test_lists_jobs(self, subject: Subject) -> None:
        """All jobs or those of a project, the newest first."""
        jobs = [subject.ledger.open_job(spec(f"{k}", project=f"p{k % 2}")) for k in range(4)]
        require(subject.ledger.jobs() == jobs[::-1], "the newest is not first")
        require(subject.ledger.jobs("p1") == [jobs[3], jobs[1]], "jobs of another project are among them")
        require(list(subject.ledger.jobs("nobody")) == [], "a project nobody knows has jobs")

    def test_unknown_jobs(self, subject: Subject) -> None:
        """Every method names a job that is not there, and a beginning is not a job to write to."""
        ledger, job = subject.ledger, subject.ledger.open_job(spec())
        calls: list[Callable[[str], object]] = [
            ledger.batches,
            ledger.events,
            lambda name: ledger.propose(name, Batch(0, 0, 1, ""), [("{}", 0)]),
            lambda name: ledger.claim(name, "w", most=1, lease_seconds=LONG),
            lambda name: ledger.renew(name, [], lease_seconds=LONG),
            lambda name: ledger.release(name, [], reason=""),
            lambda name: ledger.finish(name, []),
            lambda name: ledger.values(name, 0, 1),
            lambda name: ledger.close(name, JobState.DONE),
            lambda name: ledger.record(name, "note", {}),
            lambda name: ledger.look("default", name, {}),
        ]
        for call in calls:
            for name in ("nothing-1", job.id[:5]):
                with pytest.raises(UnknownName, match="unknown job"):
                    call(name)

    def test_the_first_end_wins(self, subject: Subject) -> None:
        """A job ends once, and stays as it ended."""
        job = subject.ledger.open_job(spec())
        with pytest.raises(InvalidInput, match="cannot be closed as running"):
            subject.ledger.close(job.id, JobState.RUNNING)
        require(subject.ledger.close(job.id, JobState.CANCELLED), "a running job could not be ended")
        require(not subject.ledger.close(job.id, JobState.DONE), "it ended twice")
        require(subject.ledger.job(job.id).state is JobState.CANCELLED, "the second end won")
        closed = [event for event in subject.ledger.events(job.id) if event.kind == "closed"]
        require([event.payload["state"] for event in closed] == ["cancelled"], f"on record: {closed}")

    def test_ends_race(self, subject: Subject) -> None:
        """Of several that end a job at the same moment exactly one wins, every time."""
        ends = (JobState.DONE, JobState.CANCELLED, JobState.FAILED, JobState.DONE)
        barrier = threading.Barrier(len(ends))

        def end(job_id: str, state: JobState) -> bool:
            barrier.wait()
            return subject.ledger.close(job_id, state)

        with ThreadPoolExecutor(len(ends)) as pool:
            for race in range(self.races):
                job_id = subject.ledger.open_job(spec(f"race {race}")).id
                won = list(pool.map(end, [job_id] * len(ends), ends))
                require(sum(won) == 1, f"race {race}: {sum(won)} winners")
                state = subject.ledger.job(job_id).state
                require(state is ends[won.index(True)], f"race {race}: the winner said {ends[won.index(True)]}")

    def test_an_ended_job_takes_nothing(self, subject: Subject) -> None:
        """No proposals, claims or results after the end; giving back and notes stay possible."""
        job = subject.ledger.open_job(spec())
        batch = propose(subject.ledger, job, 2)
        claims = subject.ledger.claim(job.id, "w", most=1, lease_seconds=LONG)
        subject.ledger.close(job.id, JobState.CANCELLED)
        calls: list[Callable[[], object]] = [
            lambda: subject.ledger.propose(job.id, batch, rows_of(batch)),
            lambda: subject.ledger.claim(job.id, "w", most=1, lease_seconds=LONG),
            lambda: subject.ledger.finish(job.id, [result(claims[0])]),
        ]
        for call in calls:
            with pytest.raises(LedgerConflict, match=r"has ended \(cancelled\)"):
                call()
        require(subject.ledger.job(job.id).ended == 0, "a late result was counted")
        require(subject.ledger.release(job.id, claims, reason="cancelled") == 1, "nothing could be given back")
        subject.ledger.record(job.id, "note", {})

    def test_the_trail_is_one_chain(self, subject: Subject) -> None:
        """Numbered, in order, as it was recorded; a change of anything in it shows."""
        job = subject.ledger.open_job(spec())
        payload = {"text": "ü", "numbers": [1, 2.5, None], "inner": {"yes": True}}
        subject.ledger.record(job.id, "note", payload)
        subject.ledger.record(job.id, "note", {})
        subject.ledger.close(job.id, JobState.DONE)
        trail = list(subject.ledger.events(job.id))
        require([event.kind for event in trail] == ["opened", "note", "note", "closed"], f"it reads {trail}")
        require(trail[1].payload == payload, f"{payload} came back as {trail[1].payload}")
        require(broken_event(trail) is None, "it is broken from the start")
        changes: list[dict[str, Any]] = [
            {"kind": "other"}, {"payload": {"text": "u"}}, {"at": trail[0].at + "0"}, {"number": 7}, {"hash": "0" * 32},
        ]  # fmt: skip
        for place in range(len(trail)):
            for change in changes:
                forged: list[EventRow] = [*trail[:place], replace(trail[place], **change), *trail[place + 1 :]]
                require(broken_event(forged) == place, f"{change} of event {place} went unnoticed")
        require(
            broken_event(trail[1:]) == 0 and broken_event([trail[0], *trail[2:]]) == 1, "a lost event went unnoticed"
        )
        require(subject.ledger.job(job.id).updated_at == trail[-1].at, "the job was not updated with its last event")

    @pytest.mark.parametrize("value", [float("nan"), float("inf"), b"bytes", {1, 2}, object()])
    def test_the_trail_holds_plain_values(self, subject: Subject, value: object) -> None:
        """What JSON cannot say is refused, and leaves nothing behind."""
        job = subject.ledger.open_job(spec())
        with pytest.raises(InvalidInput, match="plain JSON values"):
            subject.ledger.record(job.id, "note", {"value": value})
        with pytest.raises(InvalidInput, match="plain JSON values"):
            subject.ledger.look("default", job.id, {"value": value})
        require(len(subject.ledger.events(job.id)) == 1, "half of it is on record")
        require(subject.ledger.counts("default").looks == 0, "half of it was counted")

    def test_counts_for_life(self, subject: Subject) -> None:
        """Trials of every job and run of a project, and its looks, add up; other projects are apart."""
        require(subject.ledger.counts("default") == Counts(0, 0), "a project nobody knows has counts")
        for run in range(2):
            for title in ("one", "two"):
                job = subject.ledger.open_job(spec(title))
                propose(subject.ledger, job, 3)
                claims = subject.ledger.claim(job.id, "w", most=2, lease_seconds=LONG)
                subject.ledger.finish(job.id, [result(claim) for claim in claims])
                looks = subject.ledger.look("default", job.id, {"return": 0.1})
                again = subject.ledger.look("default", job.id, {"return": 0.1})
                require(looks == 2 * run + (title == "two") + 1, f"this is said to be look {looks}")
                require(again == looks, "a job looked twice")
                subject.ledger.close(job.id, JobState.DONE)
        require(subject.ledger.counts("default") == Counts(8, 4), f"it counted {subject.ledger.counts('default')}")
        require(subject.ledger.counts("other") == Counts(0, 0), "another project was counted")
        with pytest.raises(InvalidInput, match="is of project 'default', not 'other'"):
            subject.ledger.look("other", subject.ledger.jobs()[0].id, {})
