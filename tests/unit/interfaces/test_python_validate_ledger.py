"""A validation in a ledger: who has seen the hold-out, when that is recorded, and what is counted for life."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

import autonomous_trading as at
from autonomous_trading.adapters.store import SqlLedger, open_store
from autonomous_trading.core import Refused
from autonomous_trading.interfaces import python
from autonomous_trading.interfaces.python._holdout import EarlierLooks
from autonomous_trading.interfaces.python._provenance import span_facts
from autonomous_trading.testing.markets import random_walk, trending
from tests.small_strategies import Cross

N = 300
GOOD = trending(N, seed=3, drift=0.008)
"""So good that the hold-out is opened."""
BAD = random_walk(N, seed=5)
"""So bad that it stays closed."""
QUICK: Any = {"trials": 8, "sensitivity_sets": 0, "simulated_markets": 0}


class Slower(Cross):
    """Another strategy that does the same."""


def validate(data: Any = GOOD, strategy: Any = Cross, **more: Any) -> at.Validation:
    return at.validate(strategy, data, **{**QUICK, **more})


def answer(found: at.Validation) -> dict[str, Any]:
    """What was found, without how long it took and where it is kept."""
    return {name: value for name, value in found.to_dict().items() if name not in ("seconds", "ledger")}


@pytest.fixture
def place(tmp_path: Path) -> str:
    return str(tmp_path / "trials.db")


def jobs_in(place: str) -> Mapping[str, list[str]]:
    """The kinds of events of every job."""
    with closing(open_store(place, read_only=True)) as store:
        ledger = SqlLedger(store)
        return {job.id: [event.kind for event in ledger.events(job.id)] for job in ledger.jobs()}


def recorded(found: at.Validation) -> python.Recording:
    assert found.study.recording is not None
    return found.study.recording


def test_the_look_is_recorded_when_it_happens(place: str) -> None:
    found = validate(ledger=place)
    assert answer(found)["holdout"]["earlier_looks"] == []
    assert json.dumps(answer(found)["rules"]) == json.dumps(answer(validate())["rules"])
    ((job, kinds),) = jobs_in(place).items()
    assert (kinds.count("look"), kinds.count("validation")) == (1, 1)
    assert kinds.index("look") < kinds.index("validation")
    assert (recorded(found).job, recorded(found).looks, recorded(found).lifetime_trials) == (job, 1, 8)
    with closing(open_store(place, read_only=True)) as store:
        events = {event.kind: event.payload for event in SqlLedger(store).events(job)}
    assert events["look"]["facts"]["kept_out"] == span_facts(found.evaluator.market, (240, 300))
    assert events["validation"]["decision"] == found.decision.value
    assert events["validation"]["holdout_opened"] is True
    assert events["validation"]["rules"] == {each.rule: each.outcome.value for each in found.findings}


@pytest.mark.parametrize(("data", "settings"), [(BAD, {}), (GOOD, {"open_holdout": False})], ids=["rejected", "closed"])
def test_what_stays_closed_is_no_look(place: str, data: Any, settings: dict[str, Any]) -> None:
    found = validate(data, ledger=place, **settings)
    (kinds,) = jobs_in(place).values()
    assert kinds.count("look") == 0
    assert kinds.count("validation") == 1
    assert recorded(found).looks == 0
    assert found.holdout.earlier is None


def test_the_same_job_gives_the_same_answer_and_counts_nothing(place: str) -> None:
    first = validate(ledger=place)
    again = validate(ledger=place, resume=recorded(first).job)
    assert json.dumps(answer(again)) == json.dumps(answer(first))
    assert recorded(again) == recorded(first)
    (kinds,) = jobs_in(place).values()
    assert (kinds.count("look"), kinds.count("validation")) == (1, 1)


def test_another_search_of_the_same_strategy_has_seen_it(place: str) -> None:
    first = validate(ledger=place)
    second = validate(ledger=place, seed=5, holdout=0.25)  # other bars, but some of the same
    assert second.holdout.earlier == EarlierLooks((recorded(first).job,), 0)
    assert f"; seen before by job {recorded(first).job}" in second.holdout_words
    assert second.evidence.figures.holdout is not None
    assert second.evidence.figures.holdout.fresh is False
    (finding,) = [each for each in second.findings if each.rule == "holdout"]
    assert finding.outcome != "passed"
    assert answer(second)["holdout"]["earlier_looks"] == [recorded(first).job]
    assert recorded(second).lifetime_trials == second.evidence.n_trials == 16
    assert "16 in the whole life of the project" in second.summary()
    third = validate(ledger=place, seed=2)
    assert f"seen before by jobs {recorded(first).job}, {recorded(second).job}" in third.holdout_words
    again = validate(ledger=place, resume=recorded(first).job)
    assert again.holdout.earlier == EarlierLooks((), 0)  # what others saw later does not make an answer wrong
    assert again.evidence.figures.holdout is not None
    assert again.evidence.figures.holdout.fresh is True


def test_other_strategies_are_counted_apart(place: str) -> None:
    validate(ledger=place)
    other = validate(strategy=Slower, ledger=place)
    assert other.holdout.earlier == EarlierLooks((), 1)
    assert other.holdout_words.endswith("; 1 job of other strategies had seen it")
    assert other.evidence.figures.holdout is not None
    assert other.evidence.figures.holdout.fresh is True


def test_an_optimization_has_looked_at_what_it_kept_out(place: str) -> None:
    study = at.optimize(Cross, GOOD, method="random", trials=8, train_fraction=0.8, ledger=place)
    assert study.recording is not None
    found = validate(ledger=place)
    assert found.holdout.earlier == EarlierLooks((study.recording.job,), 0)
    assert recorded(found).job.split("-")[0] != study.recording.job.split("-")[0]
    with pytest.raises(Refused, match="validated"):
        at.optimize(
            Cross, GOOD, method="random", trials=8, train_fraction=0.8, ledger=place, resume=recorded(found).job
        )


def test_whoever_showed_or_searched_these_bars_has_seen_them(place: str) -> None:
    def look(data: Any, **more: Any) -> str:
        study = at.optimize(Cross, data, method="random", trials=8, ledger=place, **more)
        assert study.recording is not None
        return study.recording.job

    def seen(seed: int) -> tuple[str, ...]:
        found = validate(ledger=place, seed=seed).holdout.earlier
        assert found is not None
        return found.jobs

    look(GOOD[:200])
    assert seen(11) == ()
    jobs = [
        look({"A": GOOD, "B": BAD}),  # the same bars by another name
        look(GOOD, project="another"),
        look(GOOD, train_fraction=1.0),  # it showed nothing and searched everything
    ]
    assert set(jobs) < set(seen(12))


def test_the_same_again_is_the_same_answer_and_counts_nothing(place: str) -> None:
    first, again = (validate(ledger=place) for _ in range(2))
    assert recorded(first).job == recorded(again).job
    assert recorded(first).lifetime_trials == recorded(again).lifetime_trials == 8
    assert recorded(first).looks == recorded(again).looks == 1
    assert first.words == again.words


def test_other_windows_are_another_question(place: str) -> None:
    first = validate(ledger=place)
    other = validate(ledger=place, train=100, test=20, unit="bars")
    assert recorded(other).job != recorded(first).job
    assert other.holdout.earlier is not None
    assert other.holdout.earlier.jobs == (recorded(first).job,)
    assert next(each for each in other.findings if each.rule == "holdout").outcome == "undecided"
