"""A recorded search: the same sets and values whether it was stopped or not, alone or with others."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from autonomous_trading.app import (
    Context,
    Desk,
    Executor,
    Found,
    JobSpec,
    JobState,
    Objective,
    Outcome,
    ResultConstraint,
    Search,
    TrialState,
    changed_facts,
    run_recorded_search,
    run_search,
    trial_seeds,
)
from autonomous_trading.core import FloatArray, IntArray, NothingToReport, ParameterTable, Refused, Space
from autonomous_trading.search import make_optimizer, parse_constraint
from autonomous_trading.testing.ledger import MemoryLedger

SPACE = Space.of({"x": (-5.0, 5.0), "n": (1, 100)})
GOAL = Objective("value", maximize=False)
TRIALS = 90


class Stopped(Exception):
    """Somebody pulled the plug."""


def spec(method: str = "random", **changes: Any) -> JobSpec:
    """The job of a search of the bowl."""
    search = {"method": method, "trials": TRIALS, "seed": 3, "objectives": ["value"]}
    return JobSpec("p", "bowl", {"function": "bowl"}, {**search, **changes}, ("value", "draw"), {})


def bowl(table: ParameterTable, seeds: IntArray) -> Mapping[str, FloatArray]:
    """A bowl, and a number that only the seed decides."""
    return {"value": table.column("x") ** 2 + table.column("n") / 100.0, "draw": seeds.astype(np.float64)}


@dataclass
class Fake(Executor):
    """Evaluates when it is waited for, in an order of its own; `before` may fail or lose a table."""

    width: int = 1
    newest_first: bool = False
    before: Callable[[ParameterTable], Outcome | None] = lambda _: None
    out: deque[tuple[int, ParameterTable, IntArray]] = field(default_factory=deque)
    tables: list[int] = field(default_factory=list)

    @property
    def slots(self) -> int:
        return self.width

    def submit(self, ticket: int, table: ParameterTable, seeds: IntArray, context: Context | None = None) -> None:
        assert context is None
        self.out.append((ticket, table, seeds))
        self.tables.append(len(table))

    def wait(self, seconds: float) -> Outcome | None:
        assert seconds > 0.0
        if not self.out:
            return None
        ticket, table, seeds = self.out.pop() if self.newest_first else self.out.popleft()
        told = self.before(table)
        if told is not None:
            return Outcome(ticket, told.columns, told.error, told.lost, told.cause)
        return Outcome(ticket, bowl(table, seeds))

    def close(self) -> None:
        self.out.clear()


def search(ledger: MemoryLedger, executor: Executor, method: str = "random", **more: Any) -> Found:
    """Begin or go on."""
    job = ledger.open_job(spec(method))
    ledger.reclaim(job.id)
    optimizer = make_optimizer(method, SPACE, trials=TRIALS, seed=3, options=OPTIONS.get(method))
    desk = Desk(ledger, job, "w", executor, lambda _: None, lambda: 0.0)
    return run_recorded_search(optimizer, [GOAL], 3, desk, **more)


OPTIONS: dict[str, dict[str, object]] = {"random": {"batch_size": 20}, "tpe": {"batch_size": 15}}
METHODS = ["random", "tpe", "nsga2", "grid"]


def _stop(_: ParameterTable) -> None:
    raise Stopped


def same(one: Found, other: Found) -> bool:
    """The same sets in the same order, with the same bits."""
    rows = list(one.trials.parameters.rows()) == list(other.trials.parameters.rows())
    return rows and all(
        values.tobytes() == other.trials.metrics[name].tobytes() for name, values in one.trials.metrics.items()
    )


@pytest.mark.parametrize("method", METHODS)
def test_it_finds_what_a_search_without_a_ledger_finds(method: str) -> None:
    done = 0

    def measure(table: ParameterTable) -> Mapping[str, FloatArray]:
        nonlocal done
        done += len(table)
        return bowl(table, trial_seeds(3, done - len(table), len(table)))

    plain = run_search(SPACE, measure, [GOAL], Search(method, TRIALS, 3, OPTIONS.get(method, {})))
    ledger = MemoryLedger()
    assert same(search(ledger, Fake(), method), plain)
    (job,) = ledger.jobs()
    assert (job.state, job.ended, ledger.counts("p").trials) == (JobState.DONE, len(plain.trials), len(plain.trials))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("width", [1, 3])
def test_stopped_anywhere_it_goes_on_as_if_it_had_not(method: str, width: int) -> None:
    whole = search(MemoryLedger(), Fake(), method)
    ledger = MemoryLedger()
    stops, found = 0, None
    while found is None:
        left = (0, 1, 2, 1, 3, 2)[stops % 6]

        def pull(_: ParameterTable) -> None:
            nonlocal left
            if left == 0:
                raise Stopped
            left -= 1

        with suppress(Stopped):
            found = search(ledger, Fake(width, before=pull), method)
        stops += found is None
    assert stops > 0
    assert same(found, whole)
    assert ledger.counts("p").trials == len(whole.trials)


@pytest.mark.parametrize("width", [1, 2, 5])
@pytest.mark.parametrize("newest_first", [False, True])
def test_neither_workers_nor_the_order_of_completion_matter(width: int, newest_first: bool) -> None:
    whole = search(MemoryLedger(), Fake(), "tpe")
    executor = Fake(width, newest_first)
    assert same(search(MemoryLedger(), executor, "tpe"), whole)
    assert len(executor.tables) > 90 // 15 or width == 1


def test_tables_grow_while_they_are_quick_and_shrink_towards_the_end_of_a_batch() -> None:
    inline, three = Fake(), Fake(3)
    search(MemoryLedger(), inline)
    search(MemoryLedger(), three)
    assert inline.tables == [2, 8, 10, 20, 20, 20, 10]
    assert three.tables[:6] == [2, 2, 2, 3, 2, 2]


def test_slow_tables_stay_small_so_that_little_is_lost() -> None:
    now = 0.0

    def slow(_: ParameterTable) -> None:
        nonlocal now
        now += 3.0

    ledger, executor = MemoryLedger(), Fake(before=slow)
    job = ledger.open_job(spec())
    optimizer = make_optimizer("random", SPACE, trials=TRIALS, seed=3, options=OPTIONS["random"])
    run_recorded_search(optimizer, [GOAL], 3, Desk(ledger, job, "w", executor, lambda _: None, lambda: now))
    assert executor.tables == [2] + [1] * (TRIALS - 2)


def test_what_another_worker_finishes_while_we_look_is_not_taken_for_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    whole, ledger = search(MemoryLedger(), Fake()), MemoryLedger()
    with suppress(Stopped):
        search(ledger, Fake(before=_stop))
    (job,) = ledger.jobs()
    asked: list[str] = []
    ended = ledger.ended

    def ended_then(job_id: str, batch: Any) -> bool:
        found = ended(job_id, batch)
        if not asked:
            asked.append("the other worker does all of it now")
            search(ledger, Fake())
        return found

    monkeypatch.setattr(ledger, "ended", ended_then)
    optimizer = make_optimizer("random", SPACE, trials=TRIALS, seed=3, options=OPTIONS["random"])
    found = run_recorded_search(optimizer, [GOAL], 3, Desk(ledger, job, "v", Fake(), lambda _: None, lambda: 0.0))
    assert same(found, whole)


def test_a_set_that_fails_is_failed_alone() -> None:
    def refuse(table: ParameterTable) -> Outcome | None:
        return Outcome(0, error="line 7: no") if (table.column("n") > 90).any() else None

    ledger = MemoryLedger()
    found = search(ledger, Fake(before=refuse))
    rows = ledger.trials(ledger.jobs()[0].id)
    bad = found.trials.parameters.column("n") > 90
    assert bad.any()
    assert [row.state is TrialState.FAILED for row in rows] == bad.tolist()
    assert {row.error for row in rows if row.state is TrialState.FAILED} == {"line 7: no"}
    assert np.isnan(found.trials.metrics["value"][bad]).all()
    assert np.isfinite(found.trials.metrics["value"][~bad]).all()


def test_a_set_that_takes_its_worker_down_dies_and_takes_no_other_with_it() -> None:
    poison = search(MemoryLedger(), Fake()).trials.parameters.column("x")[33]

    def kill(table: ParameterTable) -> Outcome | None:
        return Outcome(0, lost=True, cause="killed") if (table.column("x") == poison).any() else None

    ledger = MemoryLedger()
    found = search(ledger, Fake(2, before=kill))
    rows = ledger.trials(ledger.jobs()[0].id)
    assert [row.n for row in rows if row.state is TrialState.DEAD] == [33]
    assert np.flatnonzero(np.isnan(found.trials.metrics["value"])).tolist() == [33]


def test_a_cancelled_search_ends_with_what_it_has() -> None:
    ledger = MemoryLedger()
    calls = 0

    def cancel(_: ParameterTable) -> None:
        nonlocal calls
        calls += 1
        if calls == 5:
            ledger.close(ledger.jobs()[0].id, JobState.CANCELLED)

    found = search(ledger, Fake(before=cancel))
    assert len(found.trials) == ledger.jobs()[0].ended == 40
    assert ledger.jobs()[0].state is JobState.CANCELLED


def test_what_changed_is_named() -> None:
    again = spec(trials=91)
    assert changed_facts(spec(), spec()) == []
    assert changed_facts(spec(), again) == ["trials was 90 and is 91"]
    other = JobSpec("p", "x", {"function": "cone", "data": {"A": "1"}}, spec().search, ("value",), {})
    assert changed_facts(spec(), other) == [
        "function was 'bowl' and is 'cone'",
        "metrics was ['value', 'draw'] and is ['value']",
        "data.A was not given and is '1'",
    ]
    assert spec().id != again.id
    assert spec().evaluation_id == again.evaluation_id


def test_another_sampler_is_refused() -> None:
    ledger = MemoryLedger()
    with suppress(Stopped):

        def pull(_: ParameterTable) -> None:
            raise Stopped

        search(ledger, Fake(before=pull))
    job = ledger.open_job(spec())
    optimizer = make_optimizer("random", SPACE, trials=TRIALS, seed=4, options=OPTIONS["random"])
    with pytest.raises(Refused, match="batch 0 would propose other sets"):
        run_recorded_search(optimizer, [GOAL], 3, Desk(ledger, job, "w", Fake(), lambda _: None, lambda: 0.0))


def test_a_set_that_breaks_a_constraint_is_never_best() -> None:
    rule = ResultConstraint.of_value(parse_constraint("value >= 1"))
    found = search(MemoryLedger(), Fake(), constraints=[rule])
    values = found.trials.metrics["value"]
    assert values.min() < 1.0
    assert values[found.best()] == values[values >= 1.0].min()
    assert found.broken() == {"value >= 1": int((values < 1.0).sum())}
    never = search(MemoryLedger(), Fake(), constraints=[ResultConstraint.of_value(parse_constraint("value > 99"))])
    with pytest.raises(NothingToReport, match="keeps every constraint: 90 break value > 99"):
        never.best()


def test_progress_counts_trials_that_ended() -> None:
    seen: list[int] = []
    search(MemoryLedger(), Fake(), progress=lambda done, _: seen.append(done))
    assert seen == [2, 10, 20, 40, 60, 80, 90]


def test_seeds_are_those_of_the_numbers() -> None:
    assert trial_seeds(5, 0, 100).tolist()[40:60] == trial_seeds(5, 40, 20).tolist()
    assert len(set(trial_seeds(5, 0, 10_000).tolist())) == 10_000
    assert trial_seeds(5, 0, 3).tolist() != trial_seeds(6, 0, 3).tolist()
    assert trial_seeds(0, 0, 2).min() >= 0
