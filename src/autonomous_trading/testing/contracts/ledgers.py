"""What every ledger must do: lose nothing, count everything once, and refuse whoever comes too late."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, ClassVar, NamedTuple

import numpy as np
import pytest

from autonomous_trading.app import (
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
    TrialState,
    broken_event,
    digest_of,
)
from autonomous_trading.core import InvalidInput, UnknownName
from autonomous_trading.testing.contracts._require import require

_LONG = 600.0
_SHORT = 0.05
_LATER = 0.1
_THREADS = 4
# What binary floating point has to offer, and what text formats lose.
_HARD = (0.1 + 0.2, -0.0, float("inf"), float("-inf"), 5e-324, -2.2250738585072014e-308, 1.7976931348623157e308)


class Subject(NamedTuple):
    """The ledger under test, empty; `pass_time` lets so many seconds go by on its clock."""

    ledger: Ledger
    pass_time: Callable[[float], None]


def spec(title: str = "a search", *, project: str = "default", metrics: Sequence[str] = ("return", "risk")) -> JobSpec:
    """A spec that differs from others by its title alone."""
    evaluation = {"strategy": "ma_cross", "costs": {"fee": 0.001}, "span": [0, 10]}
    search = {"method": "random", "trials": 100, "seed": 7, "title": title}
    return JobSpec(project, title, evaluation, search, tuple(metrics), {"command": ["optimize", title]})


def rows_of(batch: Batch) -> list[tuple[str, int]]:
    """Parameters and seeds of a batch, different for every trial; seeds up to the largest there are."""
    return [(f'{{"x":{n}}}', (n * 0x9E3779B97F4A7C15) % 2**63) for n in range(batch.first, batch.first + batch.count)]


def propose(ledger: Ledger, job: Job, count: int) -> Batch:
    """The next batch of a job, proposed."""
    there = ledger.batches(job.id)
    first = sum(batch.count for batch in there)
    batch = Batch(len(there), first, count, digest_of(f"{job.id} {first}"))
    require(ledger.propose(job.id, batch, rows_of(batch)), "a new batch was taken for an old one")
    return batch


def result(claim: Claim, *values: float, error: str = "") -> TrialResult:
    """The result of a claim: two values unless others are given."""
    return TrialResult(claim.n, claim.epoch, values or (float(claim.n), -float(claim.n)), error)


class LedgerContract:
    """The suite for one ledger: inherit it in a test class, and give the fixture `subject`.

    class TestMyLedger(LedgerContract):
        @pytest.fixture
        def subject(self):
            clock = Clock()
            return Subject(MyLedger(clock), clock.advance)
    """

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
            lambda name: ledger.claim(name, "w", most=1, lease_seconds=_LONG),
            lambda name: ledger.renew(name, [], lease_seconds=_LONG),
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

    def test_proposes_once(self, subject: Subject) -> None:
        """The same batch again changes nothing; another under its number is a conflict."""
        job = subject.ledger.open_job(spec())
        batches = [propose(subject.ledger, job, 5), propose(subject.ledger, job, 2)]
        require(subject.ledger.batches(job.id) == batches, "the batches are not those that were proposed")
        again = subject.ledger.propose(job.id, batches[0], rows_of(batches[0]))
        require(not again and subject.ledger.job(job.id).proposed == 7, "a batch was proposed twice")
        for other in (replace(batches[0], digest="other"), replace(batches[1], first=0)):
            with pytest.raises(LedgerConflict, match="is there with other trials"):
                subject.ledger.propose(job.id, other, rows_of(other))
        require(len(subject.ledger.trials(job.id)) == 7, "a refused batch left trials behind")

    def test_proposals_leave_no_gap(self, subject: Subject) -> None:
        """A batch begins where the last one ended, and holds what it says."""
        job = subject.ledger.open_job(spec())
        propose(subject.ledger, job, 5)
        for first in (4, 6):
            gap = Batch(1, first, 2, "")
            with pytest.raises(LedgerConflict, match=rf"begins at trial {first}, and job \S+ has 5 trials"):
                subject.ledger.propose(job.id, gap, rows_of(gap))
        with pytest.raises(InvalidInput, match="says 2 trials and has 1"):
            subject.ledger.propose(job.id, Batch(1, 5, 2, ""), [("{}", 1)])
        require(subject.ledger.job(job.id).proposed == 5, "a refused batch was counted")

    def test_claims_in_order(self, subject: Subject) -> None:
        """The first free trials, never more than asked for, nobody's twice, with what is needed to evaluate them."""
        job = subject.ledger.open_job(spec())
        batches = [propose(subject.ledger, job, 3), propose(subject.ledger, job, 4)]
        claims = [
            claim
            for most in (0, -1, 2, 3, 100, 100)
            for claim in subject.ledger.claim(job.id, "w", most=most, lease_seconds=_LONG)
        ]
        wanted = [
            Claim(n, batch.number, text, seed, 1, 1)
            for batch in batches
            for n, (text, seed) in enumerate(rows_of(batch), batch.first)
        ]
        require(claims == wanted, "the claims are not the proposed trials in order, each once")
        require(all(row.state is TrialState.RUNNING for row in subject.ledger.trials(job.id)), "a claim is not kept")

    def test_a_lease_runs_out(self, subject: Subject) -> None:
        """A trial whose lease ran out is claimed again with a new epoch; the late result of the first is refused."""
        job = subject.ledger.open_job(spec())
        propose(subject.ledger, job, 2)
        zombie = subject.ledger.claim(job.id, "first", most=2, lease_seconds=_SHORT)
        subject.pass_time(_LATER)
        heir = subject.ledger.claim(job.id, "second", most=2, lease_seconds=_LONG)
        require([(c.n, c.epoch, c.attempts) for c in heir] == [(0, 2, 2), (1, 2, 2)], f"the heir got {heir}")
        late = subject.ledger.finish(job.id, [result(claim, 666.0, 666.0) for claim in zombie])
        require(late == 0, "the result of a worker whose lease ran out was accepted")
        require(subject.ledger.renew(job.id, zombie, lease_seconds=_LONG) == 0, "it could renew")
        require(subject.ledger.release(job.id, zombie, reason="late") == 0, "it could release what is another's")
        require(subject.ledger.job(job.id).ended == 0, "a refused result was counted")
        require(subject.ledger.finish(job.id, [result(claim) for claim in heir]) == 2, "the heir was refused")
        require(subject.ledger.values(job.id, 0, 2).tolist() == [[0.0, -0.0], [1.0, -1.0]], "values are not the heir's")

    def test_a_late_result_counts_while_nobody_else_claimed(self, subject: Subject) -> None:
        """A lease that ran out alone takes nothing away: the epoch decides."""
        job = subject.ledger.open_job(spec())
        propose(subject.ledger, job, 1)
        claims = subject.ledger.claim(job.id, "w", most=1, lease_seconds=_SHORT)
        subject.pass_time(_LATER)
        require(subject.ledger.finish(job.id, [result(claims[0])]) == 1, "it was refused though nobody else had it")

    def test_renews(self, subject: Subject) -> None:
        """A renewed claim stays ours, the others run out."""
        job = subject.ledger.open_job(spec())
        propose(subject.ledger, job, 3)
        claims = subject.ledger.claim(job.id, "w", most=3, lease_seconds=_SHORT)
        require(subject.ledger.renew(job.id, claims[1:2], lease_seconds=_LONG) == 1, "it could not be renewed")
        subject.pass_time(_LATER)
        free = subject.ledger.claim(job.id, "other", most=3, lease_seconds=_LONG)
        require([claim.n for claim in free] == [0, 2], f"trials {[claim.n for claim in free]} were free")
        require(subject.ledger.renew(job.id, claims, lease_seconds=_LONG) == 1, "more than one was still ours")

    @pytest.mark.parametrize("blame", [True, False])
    def test_releases(self, subject: Subject, blame: bool) -> None:
        """What is given back is free at once, its old claim is worth nothing, and the reason is on record."""
        job = subject.ledger.open_job(spec())
        propose(subject.ledger, job, 2)
        claims = subject.ledger.claim(job.id, "w", most=2, lease_seconds=_LONG)
        freed = subject.ledger.release(job.id, claims[:1], reason="it stops", blame=blame)
        require(freed == 1, f"{freed} of 1 were given back")
        require(subject.ledger.finish(job.id, [result(claims[0])]) == 0, "a claim that was given back still counts")
        again = subject.ledger.claim(job.id, "w", most=2, lease_seconds=_LONG)
        expected = [(0, 2, 2 if blame else 1)]
        require([(c.n, c.epoch, c.attempts) for c in again] == expected, f"claimed again: {again}")
        event = subject.ledger.events(job.id)[-1]
        require(event.kind == "released" and event.payload["reason"] == "it stops", f"on record: {event}")

    @pytest.mark.parametrize("how", ["lease", "release"])
    def test_a_trial_that_takes_every_worker_down_dies(self, subject: Subject, how: str) -> None:
        """After so many claims it ends as dead: counted, on record, and the others go on."""
        job = subject.ledger.open_job(spec())
        batch = propose(subject.ledger, job, 2)
        for attempt in range(1, MOST_ATTEMPTS + 1):
            claims = subject.ledger.claim(job.id, "w", most=1, lease_seconds=_SHORT)
            require([(c.n, c.attempts) for c in claims] == [(0, attempt)], f"attempt {attempt} got {claims}")
            if how == "release":
                subject.ledger.release(job.id, claims, reason="its worker died")
            subject.pass_time(_LATER)
        others = subject.ledger.claim(job.id, "w", most=2, lease_seconds=_LONG)
        require([claim.n for claim in others] == [1], f"after its death {others} were claimed")
        dead = subject.ledger.trials(job.id)[0]
        require(dead.state is TrialState.DEAD and bool(dead.error), f"it is {dead.state}, {dead.error!r}")
        require(bool(np.isnan(dead.values).all()) and len(dead.values) == 2, f"it has values {dead.values}")
        require(subject.ledger.job(job.id).ended == 1, "a dead trial is not counted as ended")
        require(subject.ledger.counts("default").trials == 1, "a dead trial is not counted for life")
        require(subject.ledger.events(job.id)[-1].kind == "died", "its death is not on record")
        require(not subject.ledger.ended(job.id, batch), "the batch ended early")
        subject.ledger.finish(job.id, [result(others[0])])
        require(subject.ledger.ended(job.id, batch), "the batch has not ended")

    def test_stopping_is_not_dying(self, subject: Subject) -> None:
        """A trial whose worker is stopped from outside any number of times is evaluated in the end."""
        job = subject.ledger.open_job(spec())
        propose(subject.ledger, job, 1)
        for _ in range(2 * MOST_ATTEMPTS):
            claims = subject.ledger.claim(job.id, "w", most=1, lease_seconds=_LONG)
            require(len(claims) == 1, "it is not to be had any more")
            subject.ledger.release(job.id, claims, reason="stopped", blame=False)

    def test_finishes_together(self, subject: Subject) -> None:
        """Results, counts of the job and of the project, and one event: all of them once."""
        job = subject.ledger.open_job(spec())
        propose(subject.ledger, job, 4)
        claims = subject.ledger.claim(job.id, "w", most=4, lease_seconds=_LONG)
        events = len(subject.ledger.events(job.id))
        told = [result(claims[2]), result(claims[0], error="ZeroDivisionError: division by zero")]
        require(subject.ledger.finish(job.id, told) == 2, "results of claimed trials were refused")
        trials = subject.ledger.trials(job.id)
        states = [trial.state for trial in trials]
        running = TrialState.RUNNING
        require(states == [TrialState.FAILED, running, TrialState.DONE, running], f"states are {states}")
        require(trials[0].error == "ZeroDivisionError: division by zero", f"the error reads {trials[0].error!r}")
        require(trials[2].values == (2.0, -2.0) and trials[1].values == (), "values are not what was told")
        require(subject.ledger.job(job.id).ended == 2, "the job counted otherwise")
        require(subject.ledger.counts("default").trials == 2, "the project counted otherwise")
        require(len(subject.ledger.events(job.id)) == events + 1, "it is not exactly one event")

    @pytest.mark.parametrize(
        "error", ["first line\nsecond 'line'; --", "\0", "half a pair: \ud83d", "größer 漢字 🙂", "x" * 20_000]
    )
    def test_errors_of_any_text(self, subject: Subject, error: str) -> None:
        """Whatever an exception says is kept, or kept as it can be written."""
        job = subject.ledger.open_job(spec())
        propose(subject.ledger, job, 1)
        claims = subject.ledger.claim(job.id, "w", most=1, lease_seconds=_LONG)
        require(subject.ledger.finish(job.id, [result(claims[0], error=error)]) == 1, "it was refused")
        kept = subject.ledger.trials(job.id)[0]
        require(kept.state is TrialState.FAILED and bool(kept.error), f"it reads {kept.error!r}")
        if error.isprintable():
            require(kept.error == error, f"{error!r} became {kept.error!r}")

    def test_finishes_once(self, subject: Subject) -> None:
        """A result told twice, with a wrong epoch, or for what nobody claimed changes nothing."""
        job = subject.ledger.open_job(spec())
        propose(subject.ledger, job, 3)
        claims = subject.ledger.claim(job.id, "w", most=2, lease_seconds=_LONG)
        first = result(claims[0])
        require(subject.ledger.finish(job.id, [first, replace(first, values=(9.0, 9.0))]) == 1, "one claim ended twice")
        events = len(subject.ledger.events(job.id))
        wrong = [
            first,
            replace(result(claims[1]), epoch=2),
            TrialResult(2, 0, (1.0, 1.0)),
            TrialResult(99, 1, (1.0, 1.0)),
        ]
        require(subject.ledger.finish(job.id, wrong) == 0, "a result nobody may tell was accepted")
        require(subject.ledger.finish(job.id, []) == 0, "nothing was accepted as something")
        require(len(subject.ledger.events(job.id)) == events, "nothing happened, and it is on record")
        require(subject.ledger.job(job.id).ended == 1, "it was counted again")
        require(subject.ledger.values(job.id, 0, 1).tolist() == [[0.0, -0.0]], "the first result was written over")

    def test_finishes_whole_or_not_at_all(self, subject: Subject) -> None:
        """One result that cannot be: none of them is accepted, nothing is counted, and the claims are still ours."""
        job = subject.ledger.open_job(spec())
        propose(subject.ledger, job, 2)
        claims = subject.ledger.claim(job.id, "w", most=2, lease_seconds=_LONG)
        with pytest.raises(InvalidInput, match="trial 1 has 3 values, and its job keeps 2 metrics"):
            subject.ledger.finish(job.id, [result(claims[0]), result(claims[1], 1.0, 2.0, 3.0)])
        require(subject.ledger.job(job.id).ended == 0, "half of it was counted")
        require(bool(np.isnan(subject.ledger.values(job.id, 0, 2)).all()), "half of it was written")
        require(subject.ledger.finish(job.id, [result(claim) for claim in claims]) == 2, "the claims are gone")

    def test_values_keep_every_bit(self, subject: Subject) -> None:
        """Infinities, signed zeros, subnormals and the longest fractions come back as they were."""
        metrics = [f"m{k}" for k in range(len(_HARD) + 1)]
        job = subject.ledger.open_job(spec(metrics=metrics))
        propose(subject.ledger, job, 1)
        claims = subject.ledger.claim(job.id, "w", most=1, lease_seconds=_LONG)
        subject.ledger.finish(job.id, [result(claims[0], *_HARD, float("nan"))])
        for found in (subject.ledger.values(job.id, 0, 1)[0], np.array(subject.ledger.trials(job.id)[0].values)):
            require(found[:-1].tobytes() == np.array(_HARD).tobytes(), f"{_HARD} came back as {found}")
            require(bool(np.isnan(found[-1])), f"NaN came back as {found[-1]}")

    def test_values_stand_in_trial_order(self, subject: Subject) -> None:
        """One row per trial, whatever order they ended in; NaN for failed, open and not yet proposed ones."""
        job = subject.ledger.open_job(spec())
        batch = propose(subject.ledger, job, 6)
        claims = subject.ledger.claim(job.id, "w", most=5, lease_seconds=_LONG)
        for claim in (claims[4], claims[1], claims[0]):
            subject.ledger.finish(job.id, [result(claim)])
        subject.ledger.finish(job.id, [result(claims[2], 5.0, 5.0, error="failed, whatever its values")])
        values = subject.ledger.values(job.id, 0, 8)
        require(values.shape == (8, 2) and values.dtype == np.float64, f"values are {values.shape} {values.dtype}")
        known = np.flatnonzero(~np.isnan(values).any(axis=1)).tolist()
        require(known == [0, 1, 4] and values[known, 0].tolist() == [0.0, 1.0, 4.0], f"values are {values}")
        require(subject.ledger.values(job.id, 4, 1).tolist() == [[4.0, -4.0]], "a part is not that part")
        require(subject.ledger.values(job.id, 2, 0).shape == (0, 2), "nothing has another shape")
        require(not subject.ledger.ended(job.id, batch), "a batch with open trials has ended")
        require(not subject.ledger.ended(job.id, Batch(1, 6, 1, "")), "a batch that was never proposed has ended")

    def test_trials_in_pages(self, subject: Subject) -> None:
        """Any part of the trials, in order, each named by what it is evaluated on, its parameters and its seed."""
        job = subject.ledger.open_job(spec())
        batch = propose(subject.ledger, job, 7)
        trials = subject.ledger.trials(job.id)
        require([trial.n for trial in trials] == list(range(7)), "they are not in order")
        require([(t.parameters_json, t.seed) for t in trials] == rows_of(batch), "parameters or seeds differ")
        require(all(t.id == job.spec.trial_id(t.parameters_json, t.seed) for t in trials), "a trial has another name")
        for first, count in ((0, 3), (3, 3), (6, 3), (9, 3), (2, 0)):
            page = subject.ledger.trials(job.id, first, count)
            require(list(page) == list(trials[first : first + count]), f"trials {first} to {first + count} differ")

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

    def test_claims_race(self, subject: Subject) -> None:
        """Several workers at once: every trial is claimed and counted once, and the trail is one chain."""
        job = subject.ledger.open_job(spec())
        trials = 60
        batch = propose(subject.ledger, job, trials)

        def work(worker: int) -> list[int]:
            done: list[int] = []
            while not subject.ledger.ended(job.id, batch):
                claims = subject.ledger.claim(job.id, f"w{worker}", most=4, lease_seconds=_LONG)
                if subject.ledger.finish(job.id, [result(claim) for claim in claims]) == len(claims):
                    done += [claim.n for claim in claims]
            return done

        with ThreadPoolExecutor(_THREADS) as pool:
            done = sorted(n for some in pool.map(work, range(_THREADS)) for n in some)
        require(done == list(range(trials)), f"{len(done)} results for {trials} trials")
        require(subject.ledger.job(job.id).ended == trials, "the job counted otherwise")
        require(subject.ledger.counts("default").trials == trials, "the project counted otherwise")
        require(broken_event(subject.ledger.events(job.id)) is None, "the audit trail is broken")

    def test_an_ended_job_takes_nothing(self, subject: Subject) -> None:
        """No proposals, claims or results after the end; giving back and notes stay possible."""
        job = subject.ledger.open_job(spec())
        batch = propose(subject.ledger, job, 2)
        claims = subject.ledger.claim(job.id, "w", most=1, lease_seconds=_LONG)
        subject.ledger.close(job.id, JobState.CANCELLED)
        calls: list[Callable[[], object]] = [
            lambda: subject.ledger.propose(job.id, batch, rows_of(batch)),
            lambda: subject.ledger.claim(job.id, "w", most=1, lease_seconds=_LONG),
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
                claims = subject.ledger.claim(job.id, "w", most=2, lease_seconds=_LONG)
                subject.ledger.finish(job.id, [result(claim) for claim in claims])
                looks = subject.ledger.look("default", job.id, {"return": 0.1})
                require(looks == 2 * run + (title == "two") + 1, f"this is said to be look {looks}")
                subject.ledger.close(job.id, JobState.DONE)
        require(subject.ledger.counts("default") == Counts(8, 4), f"it counted {subject.ledger.counts('default')}")
        require(subject.ledger.counts("other") == Counts(0, 0), "another project was counted")
        with pytest.raises(InvalidInput, match="is of project 'default', not 'other'"):
            subject.ledger.look("other", subject.ledger.jobs()[0].id, {})
