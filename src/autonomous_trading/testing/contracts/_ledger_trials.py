"""What every ledger must do with trials: proposed once, claimed in order, fenced, counted once, kept to the bit."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from autonomous_trading.app import (
    MOST_ATTEMPTS,
    Batch,
    Claim,
    LedgerConflict,
    TrialResult,
    TrialState,
    broken_event,
)
from autonomous_trading.core import InvalidInput
from autonomous_trading.testing.contracts._ledger_subject import (
    LATER,
    LONG,
    SHORT,
    Subject,
    propose,
    result,
    rows_of,
    spec,
)
from autonomous_trading.testing.contracts._require import require

__all__ = ["TrialPromises"]

_THREADS = 4
# What binary floating point has to offer, and what text formats lose.
_HARD = (0.1 + 0.2, -0.0, float("inf"), float("-inf"), 5e-324, -2.2250738585072014e-308, 1.7976931348623157e308)


class TrialPromises:
    """The half of the suite that is about batches, claims, results and values."""

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
            for claim in subject.ledger.claim(job.id, "w", most=most, lease_seconds=LONG)
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
        zombie = subject.ledger.claim(job.id, "first", most=2, lease_seconds=SHORT)
        subject.pass_time(LATER)
        heir = [*subject.ledger.claim(job.id, "second", most=1, lease_seconds=LONG)]
        heir += subject.ledger.claim(job.id, "second", most=1, lease_seconds=LONG)
        require([(c.n, c.epoch, c.attempts) for c in heir] == [(0, 2, 1), (1, 2, 1)], f"the heir got {heir}")
        late = subject.ledger.finish(job.id, [result(claim, 666.0, 666.0) for claim in zombie])
        require(late == 0, "the result of a worker whose lease ran out was accepted")
        require(subject.ledger.renew(job.id, zombie, lease_seconds=LONG) == 0, "it could renew")
        require(subject.ledger.release(job.id, zombie, reason="late") == 0, "it could release what is another's")
        require(subject.ledger.job(job.id).ended == 0, "a refused result was counted")
        require(subject.ledger.finish(job.id, [result(claim) for claim in heir]) == 2, "the heir was refused")
        require(subject.ledger.values(job.id, 0, 2).tolist() == [[0.0, -0.0], [1.0, -1.0]], "values are not the heir's")

    def test_a_late_result_counts_while_nobody_else_claimed(self, subject: Subject) -> None:
        """A lease that ran out alone takes nothing away: the epoch decides."""
        job = subject.ledger.open_job(spec())
        propose(subject.ledger, job, 1)
        claims = subject.ledger.claim(job.id, "w", most=1, lease_seconds=SHORT)
        subject.pass_time(LATER)
        require(subject.ledger.finish(job.id, [result(claims[0])]) == 1, "it was refused though nobody else had it")

    def test_renews(self, subject: Subject) -> None:
        """A renewed claim stays ours, the others run out."""
        job = subject.ledger.open_job(spec())
        propose(subject.ledger, job, 3)
        claims = subject.ledger.claim(job.id, "w", most=3, lease_seconds=SHORT)
        require(subject.ledger.renew(job.id, claims[1:2], lease_seconds=LONG) == 1, "it could not be renewed")
        subject.pass_time(LATER)
        free = [claim for _ in "123" for claim in subject.ledger.claim(job.id, "other", most=3, lease_seconds=LONG)]
        require([claim.n for claim in free] == [0, 2], f"trials {[claim.n for claim in free]} were free")
        require(subject.ledger.renew(job.id, claims, lease_seconds=LONG) == 1, "more than one was still ours")

    @pytest.mark.parametrize("blame", [True, False])
    def test_releases(self, subject: Subject, blame: bool) -> None:
        """What is given back is free at once, its old claim is worth nothing, and the reason is on record."""
        job = subject.ledger.open_job(spec())
        propose(subject.ledger, job, 1)
        claims = subject.ledger.claim(job.id, "w", most=2, lease_seconds=LONG)
        freed = subject.ledger.release(job.id, claims[:1], reason="it stops", blame=blame)
        require(freed == 1, f"{freed} of 1 were given back")
        require(subject.ledger.finish(job.id, [result(claims[0])]) == 0, "a claim that was given back still counts")
        again = subject.ledger.claim(job.id, "w", most=2, lease_seconds=LONG)
        expected = [(0, 2, 2 if blame else 1)]
        require([(c.n, c.epoch, c.attempts) for c in again] == expected, f"claimed again: {again}")
        event = subject.ledger.events(job.id)[-1]
        require(event.kind == "released" and event.payload["reason"] == "it stops", f"on record: {event}")

    @pytest.mark.parametrize("how", ["lease", "release"])
    def test_a_trial_that_takes_every_worker_down_dies(self, subject: Subject, how: str) -> None:
        """After so many claims it ends as dead: counted, on record, and the others go on."""
        job = subject.ledger.open_job(spec())
        batch = propose(subject.ledger, job, 2)
        others: list[Claim] = []
        for attempt in range(1, MOST_ATTEMPTS + 1):
            claims = subject.ledger.claim(job.id, "w", most=1, lease_seconds=SHORT)
            require([(c.n, c.attempts) for c in claims] == [(0, attempt)], f"attempt {attempt} got {claims}")
            others += subject.ledger.claim(job.id, "other", most=1, lease_seconds=LONG)
            if how == "release":
                subject.ledger.release(job.id, claims, reason="its worker died")
            subject.pass_time(LATER)
        require([claim.n for claim in others] == [1], f"beside it {others} were claimed")
        after = subject.ledger.claim(job.id, "w", most=2, lease_seconds=LONG)
        require(not after, f"after its death {after} were claimed")
        dead = subject.ledger.trials(job.id)[0]
        require(dead.state is TrialState.DEAD and bool(dead.error), f"it is {dead.state}, {dead.error!r}")
        require(bool(np.isnan(dead.values).all()) and len(dead.values) == 2, f"it has values {dead.values}")
        require(subject.ledger.job(job.id).ended == 1, "a dead trial is not counted as ended")
        require(subject.ledger.counts("default").trials == 1, "a dead trial is not counted for life")
        require(subject.ledger.events(job.id)[-1].kind == "died", "its death is not on record")
        require(not subject.ledger.ended(job.id, batch), "the batch ended early")
        subject.ledger.finish(job.id, [result(others[0])])
        require(subject.ledger.ended(job.id, batch), "the batch has not ended")

    def test_what_a_worker_was_lost_with_comes_last_and_alone(self, subject: Subject) -> None:
        """It takes no other trial with it, and what it was claimed together with is not held against it."""
        job = subject.ledger.open_job(spec())
        propose(subject.ledger, job, 6)
        first = subject.ledger.claim(job.id, "w", most=3, lease_seconds=LONG)
        subject.ledger.finish(job.id, [result(first[0])])
        subject.ledger.release(job.id, first[1:], reason="its worker died")
        claims = [subject.ledger.claim(job.id, "w", most=10, lease_seconds=LONG) for _ in range(4)]
        found = [[(claim.n, claim.attempts) for claim in some] for some in claims]
        wanted = [[(3, 1), (4, 1), (5, 1)], [(1, 1)], [(2, 1)], []]
        require(found == wanted, f"they were claimed together as {found}")

    def test_reclaims_what_a_dead_process_left(self, subject: Subject) -> None:
        """At once where nobody else can have claims; elsewhere only when the lease runs out."""
        job = subject.ledger.open_job(spec())
        propose(subject.ledger, job, 2)
        left = subject.ledger.claim(job.id, "w", most=2, lease_seconds=LONG)
        freed = subject.ledger.reclaim(job.id)
        require(freed == (2 if subject.ledger.exclusive else 0), f"{freed} trials were made free")
        if subject.ledger.exclusive:
            again = subject.ledger.claim(job.id, "w", most=2, lease_seconds=LONG)
            require([(c.n, c.epoch) for c in again] == [(0, 2)], f"it gave {again}")
            require(subject.ledger.finish(job.id, [result(left[0])]) == 0, "a late result of the dead one was taken")

    def test_counts_every_set_that_was_evaluated(self, subject: Subject) -> None:
        """Neighbours that were looked at for a trial count for life as well; the trial is one trial of its job."""
        job = subject.ledger.open_job(spec())
        propose(subject.ledger, job, 2)
        claims = subject.ledger.claim(job.id, "w", most=2, lease_seconds=LONG)
        subject.ledger.finish(job.id, [replace(result(claim), sets=9) for claim in claims])
        require(subject.ledger.job(job.id).ended == 2, "two trials did not end")
        require(
            subject.ledger.counts("default").trials == 18, f"{subject.ledger.counts('default').trials} were counted"
        )

    def test_stopping_is_not_dying(self, subject: Subject) -> None:
        """A trial whose worker is stopped from outside any number of times is evaluated in the end."""
        job = subject.ledger.open_job(spec())
        propose(subject.ledger, job, 1)
        for _ in range(2 * MOST_ATTEMPTS):
            claims = subject.ledger.claim(job.id, "w", most=1, lease_seconds=LONG)
            require(len(claims) == 1, "it is not to be had any more")
            subject.ledger.release(job.id, claims, reason="stopped", blame=False)

    def test_finishes_together(self, subject: Subject) -> None:
        """Results, counts of the job and of the project, and one event: all of them once."""
        job = subject.ledger.open_job(spec())
        propose(subject.ledger, job, 4)
        claims = subject.ledger.claim(job.id, "w", most=4, lease_seconds=LONG)
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
        payload = subject.ledger.events(job.id)[-1].payload
        said = [payload[name] for name in ("trials", "count", "sets", "failed")]
        require(said == [[[0, 0], [2, 2]], 2, 2, 1], f"the event says {payload}")

    @pytest.mark.parametrize(
        "error", ["first line\nsecond 'line'; --", "\0", "half a pair: \ud83d", "größer 漢字 🙂", "x" * 20_000]
    )
    def test_errors_of_any_text(self, subject: Subject, error: str) -> None:
        """Whatever an exception says is kept, or kept as it can be written."""
        job = subject.ledger.open_job(spec())
        propose(subject.ledger, job, 1)
        claims = subject.ledger.claim(job.id, "w", most=1, lease_seconds=LONG)
        require(subject.ledger.finish(job.id, [result(claims[0], error=error)]) == 1, "it was refused")
        kept = subject.ledger.trials(job.id)[0]
        require(kept.state is TrialState.FAILED and bool(kept.error), f"it reads {kept.error!r}")
        if error.isprintable():
            require(kept.error == error, f"{error!r} became {kept.error!r}")

    def test_finishes_once(self, subject: Subject) -> None:
        """A result told twice, with a wrong epoch, or for what nobody claimed changes nothing."""
        job = subject.ledger.open_job(spec())
        propose(subject.ledger, job, 3)
        claims = subject.ledger.claim(job.id, "w", most=2, lease_seconds=LONG)
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
        claims = subject.ledger.claim(job.id, "w", most=2, lease_seconds=LONG)
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
        claims = subject.ledger.claim(job.id, "w", most=1, lease_seconds=LONG)
        subject.ledger.finish(job.id, [result(claims[0], *_HARD, float("nan"))])
        for found in (subject.ledger.values(job.id, 0, 1)[0], np.array(subject.ledger.trials(job.id)[0].values)):
            require(found[:-1].tobytes() == np.array(_HARD).tobytes(), f"{_HARD} came back as {found}")
            require(bool(np.isnan(found[-1])), f"NaN came back as {found[-1]}")

    def test_values_stand_in_trial_order(self, subject: Subject) -> None:
        """One row per trial, whatever order they ended in; NaN for failed, open and not yet proposed ones."""
        job = subject.ledger.open_job(spec())
        batch = propose(subject.ledger, job, 6)
        claims = subject.ledger.claim(job.id, "w", most=5, lease_seconds=LONG)
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

    def test_claims_race(self, subject: Subject) -> None:
        """Several workers at once: every trial is claimed and counted once, and the trail is one chain."""
        job = subject.ledger.open_job(spec())
        trials = 60
        batch = propose(subject.ledger, job, trials)

        def work(worker: int) -> list[int]:
            done: list[int] = []
            while not subject.ledger.ended(job.id, batch):
                claims = subject.ledger.claim(job.id, f"w{worker}", most=4, lease_seconds=LONG)
                if subject.ledger.finish(job.id, [result(claim) for claim in claims]) == len(claims):
                    done += [claim.n for claim in claims]
            return done

        with ThreadPoolExecutor(_THREADS) as pool:
            done = sorted(n for some in pool.map(work, range(_THREADS)) for n in some)
        require(done == list(range(trials)), f"{len(done)} results for {trials} trials")
        require(subject.ledger.job(job.id).ended == trials, "the job counted otherwise")
        require(subject.ledger.counts("default").trials == trials, "the project counted otherwise")
        require(broken_event(subject.ledger.events(job.id)) is None, "the audit trail is broken")
