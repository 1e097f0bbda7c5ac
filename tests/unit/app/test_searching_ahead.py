"""Recorded searches with several batches open: the same trials as ever, and workers that never wait."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from autonomous_trading.app import (
    Claim,
    Context,
    Desk,
    Found,
    JobState,
    Outcome,
    Search,
    TrialState,
    run_recorded_search,
    run_search,
    trial_seeds,
)
from autonomous_trading.core import FloatArray, IntArray, InvalidInput, ParameterTable
from autonomous_trading.search import METHODS, Optimizer, make_optimizer
from autonomous_trading.testing.ledger import MemoryLedger
from tests.unit.app.test_recorded_search import GOAL, OPTIONS, SPACE, TRIALS, Fake, Stopped, bowl, same, spec

LEARNING = ["tpe", "nsga2"]
FEW: dict[str, dict[str, object]] = {"nsga2": {"population": 15}, **OPTIONS}


def optimizer_of(method: str, ahead: int) -> Optimizer:
    return Search(method, TRIALS, 3, FEW.get(method, {}), ahead).optimizer(SPACE, 1)


def desk_of(ledger: MemoryLedger, executor: Fake, method: str, **more: Any) -> Desk:
    job = ledger.open_job(spec(method))
    ledger.reclaim(job.id)
    return Desk(ledger, job, "w", executor, more.pop("pause", lambda _: None), lambda: 0.0, **more)


def search(ledger: MemoryLedger, executor: Fake, method: str, ahead: int, **more: Any) -> Found:
    """Begin or go on."""
    return run_recorded_search(optimizer_of(method, ahead), [GOAL], 3, desk_of(ledger, executor, method, **more))


def in_memory(method: str, ahead: int) -> Found:
    """The same search without a ledger."""
    done = 0

    def measure(table: ParameterTable) -> Mapping[str, FloatArray]:
        nonlocal done
        done += len(table)
        return bowl(table, trial_seeds(3, done - len(table), len(table)))

    return run_search(SPACE, measure, [GOAL], Search(method, TRIALS, 3, FEW.get(method, {}), ahead))


@pytest.mark.parametrize("method", [*LEARNING, "random", "grid"])
@pytest.mark.parametrize("ahead", [0, 1, 2, 5])
def test_the_trials_do_not_depend_on_who_evaluates(method: str, ahead: int) -> None:
    expected = in_memory(method, ahead)
    assert len(expected.trials) == TRIALS
    for width, newest_first, elsewhere in [(1, False, False), (1, False, True), (3, True, False), (4, True, True)]:
        ledger = MemoryLedger()
        found = search(ledger, Fake(width, newest_first), method, ahead, elsewhere=elsewhere)
        assert same(found, expected), (width, newest_first, elsewhere)
        (job,) = ledger.jobs()
        assert (job.state, job.ended, ledger.counts("p").trials) == (JobState.DONE, TRIALS, TRIALS)


@pytest.mark.parametrize("method", LEARNING)
def test_being_ahead_is_a_setting_that_changes_what_is_proposed(method: str) -> None:
    assert not same(in_memory(method, 0), in_memory(method, 1))
    assert not same(in_memory(method, 1), in_memory(method, 2))


def test_what_does_not_learn_proposes_the_same_however_far_ahead() -> None:
    assert same(in_memory("random", 0), in_memory("random", 3))
    assert optimizer_of("random", 0).ahead == optimizer_of("grid", 0).ahead == 1
    assert optimizer_of("random", 3).ahead == 3
    assert optimizer_of("tpe", 0).ahead == 0


@pytest.mark.parametrize(
    ("method", "width", "ahead"),
    [("tpe", 3, 2), *[(m, w, k) for m in ("nsga2", "random") for w in (1, 3) for k in (1, 3)]],
)
def test_stopped_anywhere_it_goes_on_as_if_it_had_not(method: str, width: int, ahead: int) -> None:
    expected = in_memory(method, ahead)
    ledger = MemoryLedger()
    stops, most_open, found = 0, 0, None
    while found is None:
        left = (0, 1, 2, 1, 5, 2)[stops % 6]

        def pull(_: ParameterTable) -> None:
            nonlocal left
            if left == 0:
                raise Stopped
            left -= 1

        with suppress(Stopped):
            found = search(ledger, Fake(width, newest_first=True, before=pull), method, ahead)
        (job,) = ledger.jobs()
        most_open = max(most_open, sum(not ledger.ended(job.id, each) for each in ledger.batches(job.id)))
        stops += found is None
        assert all(row.state is not TrialState.RUNNING for row in ledger.trials(job.id)), "a claim was kept"
    assert stops > 0
    assert most_open == ahead + 1
    assert same(found, expected)
    assert ledger.counts("p").trials == TRIALS


@pytest.mark.parametrize("ahead", [1, 2])
@pytest.mark.parametrize("moment", [1, 3, 8, 13])
def test_a_worker_goes_on_where_another_one_has_gone_ahead(ahead: int, moment: int) -> None:
    """While the first evaluates a table the second does all the rest that it can, later batches included."""
    ledger, calls = MemoryLedger(), 0

    def stop(_: float) -> None:
        raise Stopped  # nothing is left that others do not hold

    def other(_: ParameterTable) -> None:
        nonlocal calls
        calls += 1
        if calls == moment:
            with suppress(Stopped):
                run_recorded_search(optimizer_of("tpe", ahead), [GOAL], 3, second)

    first = desk_of(ledger, Fake(2, before=other), "tpe")
    second = Desk(ledger, first.job, "v", Fake(3), stop, lambda: 0.0)
    found = run_recorded_search(optimizer_of("tpe", ahead), [GOAL], 3, first)
    assert calls >= moment
    assert same(found, in_memory("tpe", ahead))
    assert ledger.counts("p").trials == TRIALS


@pytest.mark.parametrize("ahead", [0, 1, 2])
def test_two_workers_at_one_job_find_what_one_finds(ahead: int) -> None:
    ledger, founds = MemoryLedger(), list[Found]()
    job = ledger.open_job(spec("tpe"))

    def work(name: str) -> None:
        desk = Desk(ledger, job, name, Fake(2), time.sleep, lambda: 0.0, elsewhere=True, poll_seconds=0.001)
        founds.append(run_recorded_search(optimizer_of("tpe", ahead), [GOAL], 3, desk))

    workers = [threading.Thread(target=work, args=(name,)) for name in ("v", "w")]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(120.0)
    assert len(founds) == 2
    assert all(same(found, in_memory("tpe", ahead)) for found in founds)
    assert ledger.counts("p").trials == TRIALS


@pytest.mark.parametrize("elsewhere", [False, True])
def test_what_others_have_done_to_the_end_is_told_to_the_end(
    monkeypatch: pytest.MonkeyPatch, *, elsewhere: bool
) -> None:
    ledger = MemoryLedger()
    desk = desk_of(ledger, Fake(), "tpe", elsewhere=elsewhere)
    claim, others = ledger.claim, list[str]()

    def claim_late(job_id: str, worker: str, **more: Any) -> Sequence[Claim]:
        if not others:
            others.append("do all of it first")
            search(ledger, Fake(), "tpe", 2)
        return claim(job_id, worker, **more)

    monkeypatch.setattr(ledger, "claim", claim_late)
    found = run_recorded_search(optimizer_of("tpe", 2), [GOAL], 3, desk)
    assert same(found, in_memory("tpe", 2))


def test_a_cancelled_search_tells_whole_batches_only() -> None:
    ledger, calls = MemoryLedger(), 0

    def cancel(_: ParameterTable) -> None:
        nonlocal calls
        calls += 1
        if calls == 12:
            ledger.close(ledger.jobs()[0].id, JobState.CANCELLED)

    found = search(ledger, Fake(3, before=cancel), "tpe", 2)
    (job,) = ledger.jobs()
    assert job.state is JobState.CANCELLED
    assert 0 < len(found.trials) <= job.ended < TRIALS
    assert same(Found(in_memory("tpe", 2).trials.take(slice(0, len(found.trials))), (GOAL,)), found)


def test_a_set_that_takes_its_worker_down_dies_alone() -> None:
    poison = in_memory("tpe", 2).trials.parameters.column("x")[20]

    def kill(table: ParameterTable) -> Outcome | None:
        return Outcome(0, lost=True, cause="killed") if (table.column("x") == poison).any() else None

    ledger = MemoryLedger()
    found = search(ledger, Fake(2, before=kill), "tpe", 2)
    rows = ledger.trials(ledger.jobs()[0].id)
    assert [row.n for row in rows if row.state is TrialState.DEAD] == [20]
    assert np.flatnonzero(np.isnan(found.trials.metrics["value"])).tolist() == [20]


@dataclass
class Watched(Optimizer):
    """An optimiser, and how many tables were out whenever it was asked."""

    inner: Optimizer
    executor: Fake
    out: list[int] = field(default_factory=list)

    @property
    def ahead(self) -> int:
        return self.inner.ahead

    def ask(self) -> ParameterTable:
        self.out.append(len(self.executor.out))
        return self.inner.ask()

    def tell(self, table: ParameterTable, values: FloatArray) -> None:
        self.inner.tell(table, values)


@dataclass
class Counting(Fake):
    """Counts how many slots are busy whenever somebody waits."""

    busy: list[int] = field(default_factory=list)

    def wait(self, seconds: float) -> Outcome | None:
        self.busy.append(len(self.out))
        return super().wait(seconds)


def occupied(ahead: int) -> tuple[list[int], list[int]]:
    """How many of three slots are busy whenever the optimiser is asked, and whenever somebody waits."""
    executor = Counting(3)
    optimizer = Watched(optimizer_of("tpe", ahead), executor)
    run_recorded_search(optimizer, [GOAL], 3, desk_of(MemoryLedger(), executor, "tpe"))
    return optimizer.out, executor.busy


def test_workers_have_work_while_the_optimiser_thinks_and_at_the_end_of_a_batch() -> None:
    thinking, waiting = occupied(0)
    assert set(thinking) == {0}, "nothing is out while the next batch is thought of"
    assert waiting.count(1) >= TRIALS // 15, "at the end of every batch slots are empty"
    thinking, waiting = occupied(1)
    assert thinking[0] == 0
    assert thinking[1:-1] == [3] * (len(thinking) - 2), "every slot has work while the next batch is thought of"
    assert waiting == [3] * (len(waiting) - 2) + [2, 1], "only the end of the search leaves slots empty"


@dataclass
class Slow(Watched):
    """Thinks from its third batch on until somebody has waited for a table meanwhile."""

    waited: threading.Event = field(default_factory=threading.Event)

    def ask(self) -> ParameterTable:
        if len(self.out) in (2, 3):
            assert self.waited.wait(60.0), "nobody waits for the workers while the optimiser thinks"
        return super().ask()

    def tell(self, table: ParameterTable, values: FloatArray) -> None:
        self.waited.clear()  # whoever tells asks next
        super().tell(table, values)


@dataclass
class Telling(Fake):
    """Says when it is waited for."""

    waited: threading.Event = field(default_factory=threading.Event)

    def wait(self, seconds: float) -> Outcome | None:
        self.waited.set()
        return super().wait(seconds)


def test_workers_are_served_while_the_optimiser_thinks() -> None:
    executor = Telling(2)
    optimizer = Slow(optimizer_of("tpe", 1), executor, waited=executor.waited)
    desk = desk_of(MemoryLedger(), executor, "tpe", elsewhere=True)
    assert same(run_recorded_search(optimizer, [GOAL], 3, desk), in_memory("tpe", 1))


@dataclass
class Breaking(Watched):
    """Breaks at its third batch."""

    def ask(self) -> ParameterTable:
        if len(self.out) == 2:
            raise InvalidInput("no more ideas", fix="none")
        return super().ask()


@pytest.mark.parametrize("elsewhere", [False, True])
def test_what_the_optimiser_raises_ends_the_search_and_gives_claims_back(*, elsewhere: bool) -> None:
    ledger, executor = MemoryLedger(), Fake(2)
    optimizer = Breaking(optimizer_of("tpe", 1), executor)
    with pytest.raises(InvalidInput, match="no more ideas"):
        run_recorded_search(optimizer, [GOAL], 3, desk_of(ledger, executor, "tpe", elsewhere=elsewhere))
    (job,) = ledger.jobs()
    assert all(row.state is not TrialState.RUNNING for row in ledger.trials(job.id))
    assert len(search(ledger, Fake(), "tpe", 1).trials) == TRIALS


def test_progress_counts_what_has_ended_in_every_open_batch() -> None:
    seen: list[int] = []
    desk = desk_of(MemoryLedger(), Fake(3, newest_first=True), "tpe")
    run_recorded_search(optimizer_of("tpe", 2), [GOAL], 3, desk, lambda done, _: seen.append(done))
    assert seen == sorted(set(seen))
    assert seen[-1] == TRIALS


@pytest.mark.parametrize("method", list(METHODS))
def test_every_method_can_be_asked_ahead(method: str) -> None:
    optimizer = make_optimizer(method, SPACE, trials=30, ahead=2)
    assert optimizer.ahead == 2


def test_seeds_follow_the_numbers_of_the_trials() -> None:
    noted: list[int] = []

    class Noting(Fake):
        def submit(self, ticket: int, table: ParameterTable, seeds: IntArray, context: Context | None = None) -> None:
            noted.extend(seeds.tolist())
            super().submit(ticket, table, seeds, context)

    search(MemoryLedger(), Noting(3), "tpe", 2)
    assert sorted(noted) == sorted(trial_seeds(3, 0, TRIALS).tolist())
