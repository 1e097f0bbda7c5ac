"""Searches recorded in a ledger from Python: the same answers, resumed, replayed, counted for life, or refused."""

from __future__ import annotations

import random
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autonomous_trading as at
from autonomous_trading.adapters.store import SqlLedger, open_store
from autonomous_trading.app import JobState
from autonomous_trading.core import DataNotFound, InvalidInput, NothingToReport, Refused, UnknownName
from autonomous_trading.testing import random_walk

SPACE = {"x": (-5.0, 5.0), "n": (1, 100)}
BARS = random_walk(400, seed=9, volatility=0.01)


def bowl(x: float, n: int) -> float:
    """A function of a person's own."""
    return x**2 + n / 100.0


def seeded(x: float, seed: int) -> float:
    """One that draws with the seed it is given."""
    return x**2 + random.Random(seed).random()


CALLS: list[float] = []


def stopping(x: float, n: int) -> float:
    """Somebody presses Ctrl-C at the sixtieth call."""
    CALLS.append(x)
    if len(CALLS) == 60:
        raise KeyboardInterrupt
    return x**2 + n / 100.0


def ledger_in(folder: Path) -> str:
    return str(folder / "trials.db")


def search(folder: Path, function: Any = bowl, **more: Any) -> at.Study:
    """A recorded search of the bowl."""
    settings = {"space": SPACE, "objectives": ["minimize"], "method": "random", "trials": 40, "seed": 4, **more}
    return at.optimize(objective=function, ledger=ledger_in(folder), **settings)


def test_a_recorded_search_finds_what_one_in_memory_finds(tmp_path: Path) -> None:
    recorded = search(tmp_path)
    plain = at.optimize(objective=bowl, space=SPACE, objectives=["minimize"], method="random", trials=40, seed=4)
    assert recorded.trials.equals(plain.trials)
    assert recorded.best() == plain.best()
    assert plain.recording is None
    found = recorded.recording
    assert found is not None
    assert (found.project, found.state, found.lifetime_trials, found.replayed) == ("default", "done", 40, True)
    assert recorded.to_dict()["ledger"]["job"] == found.job


def test_seeds_do_not_depend_on_the_ledger(tmp_path: Path) -> None:
    recorded = search(tmp_path, seeded, space={"x": (-1.0, 1.0)})
    settings: dict[str, Any] = {"space": {"x": (-1.0, 1.0)}, "objectives": ["minimize"], "method": "random"}
    plain = at.optimize(objective=seeded, trials=40, seed=4, **settings)
    assert recorded.trials.equals(plain.trials)


def test_a_strategy_is_recorded_with_what_it_needs_to_be_repeated(tmp_path: Path) -> None:
    study = at.optimize("ma_cross", BARS, method="random", trials=30, ledger=ledger_in(tmp_path), project="walks")
    assert study.recording is not None
    assert (study.recording.lifetime_trials, study.recording.looks) == (30, 1)
    with closing(open_store(ledger_in(tmp_path), read_only=True)) as store:
        (job,) = SqlLedger(store).jobs("walks")
        kinds = [event.kind for event in SqlLedger(store).events(job.id)]
    assert job.spec.evaluation["data"] == {BARS.symbol: BARS.content_id}
    assert job.spec.search["method"] == "random"
    assert list(dict.fromkeys(kinds)) == ["opened", "proposed", "finished", "closed", "replayed", "look"]


def test_the_same_search_again_is_another_run_and_counts_again(tmp_path: Path) -> None:
    first, second = search(tmp_path), search(tmp_path)
    assert first.recording is not None
    assert second.recording is not None
    assert second.recording.job == first.recording.job.replace("-1", "-2")
    assert second.recording.lifetime_trials == 80
    assert second.lifetime_trials == 80


def test_the_verdict_counts_what_the_project_ever_tried(tmp_path: Path) -> None:
    settings: dict[str, Any] = {"method": "random", "trials": 30, "ledger": ledger_in(tmp_path)}
    first = at.optimize("ma_cross", BARS, **settings)
    second = at.optimize("ma_cross", BARS, seed=1, **settings)
    other = at.optimize("ma_cross", BARS, seed=1, project="another", **settings)
    assert (first.verdict.n_trials, second.verdict.n_trials, other.verdict.n_trials) == (30, 60, 30)


def test_a_stopped_search_goes_on(tmp_path: Path) -> None:
    CALLS.clear()
    settings: dict[str, Any] = {"trials": 100, "options": {"batch_size": 20}}
    with pytest.raises(KeyboardInterrupt) as stop:
        search(tmp_path, stopping, **settings)
    with closing(open_store(ledger_in(tmp_path), read_only=True)) as store:
        (job,) = SqlLedger(store).jobs()
    assert (job.state, job.proposed) == (JobState.RUNNING, 80)  # random draws need no results: one batch ahead
    assert stop.value.__notes__ == [f'job {job.id} keeps its {job.ended} ended trials; go on with: resume="{job.id}"']
    assert 40 <= job.ended < 60
    study = search(tmp_path, stopping, resume=job.id[:6], **settings)
    assert study.recording is not None
    assert (study.recording.job, study.recording.lifetime_trials, study.n_trials) == (job.id, 100, 100)


def test_a_search_that_is_done_gives_its_answer_again_and_counts_nothing(tmp_path: Path) -> None:
    settings: dict[str, Any] = {"method": "tpe", "trials": 20, "ledger": ledger_in(tmp_path)}
    first = at.optimize("ma_cross", BARS, **settings)
    assert first.recording is not None
    again = at.optimize("ma_cross", BARS, **settings, resume=first.recording.job)
    assert again.trials.equals(first.trials)
    assert again.recording == first.recording
    assert (again.recording.lifetime_trials, again.recording.looks) == (20, 1)


def test_whoever_resumes_makes_no_ledger(tmp_path: Path) -> None:
    with pytest.raises(DataNotFound, match="is not there"):
        search(tmp_path, resume="3f2a")
    with pytest.raises(InvalidInput, match="lies in a folder that is not there"):
        search(tmp_path / "none")
    assert list(tmp_path.iterdir()) == []


def test_what_changed_is_refused_and_named(tmp_path: Path) -> None:
    study = search(tmp_path)
    assert study.recording is not None
    with pytest.raises(Refused, match=r"cannot go on.*seed was 4 and is 5"):
        search(tmp_path, resume=study.recording.job, seed=5)
    with pytest.raises(Refused, match=r"cannot go on.*ahead was 0 and is 2"):
        search(tmp_path, resume=study.recording.job, ahead=2)
    with pytest.raises(Refused, match=r"space\.x\.high was 5\.0 and is 6\.0"):
        search(tmp_path, resume=study.recording.job, space={**SPACE, "x": (-5.0, 6.0)})
    with pytest.raises(InvalidInput, match="is of project 'default', not 'other'"):
        search(tmp_path, resume=study.recording.job, project="other")
    with pytest.raises(UnknownName, match="unknown job 'nobody'"):
        search(tmp_path, resume="nobody")


@pytest.mark.parametrize(
    ("settings", "match"),
    [
        ({"costs": at.Costs(half_spread=np.full(400, 0.0002))}, "cost_columns was"),
        ({"robust": at.Robustness(folds=3)}, r"robust\.folds was"),
        ({"constraints": lambda metrics: metrics["trade_count"] > 2}, "rules was"),
        ({"fixed": {"slow": 50}}, r"space\.slow"),
    ],
    ids=["cost column", "folds", "rule", "fixed"],
)
def test_a_strategy_does_not_go_on_under_other_rules(tmp_path: Path, settings: dict[str, Any], match: str) -> None:
    asked: dict[str, Any] = {
        "costs": at.Costs(half_spread=np.full(400, 0.0001)),
        "robust": at.Robustness(folds=4),
        "constraints": lambda metrics: metrics["trade_count"] > 1,
        "ledger": ledger_in(tmp_path),
        "method": "random",
        "trials": 10,
    }
    study = at.optimize("ma_cross", BARS, **asked)
    assert study.recording is not None
    with pytest.raises(Refused, match=match):
        at.optimize("ma_cross", BARS, resume=study.recording.job, **{**asked, **settings})


@pytest.mark.parametrize("name", ["", "  ", "two\nlines", "x" * 201, 7])
def test_a_project_has_a_name(tmp_path: Path, name: object) -> None:
    with pytest.raises(InvalidInput, match="project"):
        search(tmp_path, project=name)
    assert list(tmp_path.iterdir()) == []


def test_a_trial_is_replayed_bit_for_bit(tmp_path: Path) -> None:
    study = search(tmp_path)
    assert study.recording is not None
    settings: dict[str, Any] = {"space": SPACE, "objectives": ["minimize"], "method": "random", "trials": 40, "seed": 4}
    settings |= {"objective": bowl, "ledger": ledger_in(tmp_path)}
    best = at.replay(study.recording.job, **settings)
    assert best.same
    assert best.parameters == dict(study.best().parameters)
    third = at.replay(study.recording.job, trial=3, **settings)
    assert third.recorded == {"minimize": float(study.trials["minimize"][3])}
    with pytest.raises(InvalidInput, match="no evaluated trial 40: 40 of 40 have ended"):
        at.replay(study.recording.job, trial=40, **settings)
    with pytest.raises(InvalidInput, match="a replay needs the ledger"):
        at.replay(study.recording.job, **{**settings, "ledger": None})


def test_a_best_that_does_not_reproduce_is_refused(tmp_path: Path) -> None:
    dice = random.Random(1)

    def noisy(x: float, n: int) -> float:
        return x**2 + n + dice.random()

    with pytest.raises(Refused, match=r"trial \d+, the best of job .*, does not reproduce: minimize was"):
        search(tmp_path, noisy)
    with closing(open_store(ledger_in(tmp_path), read_only=True)) as store:
        (job,) = SqlLedger(store).jobs()
        assert (job.state, job.ended) == (JobState.DONE, 40)
        assert SqlLedger(store).events(job.id)[-1].payload["same"] is False


def test_a_set_that_fails_does_not_end_the_search(tmp_path: Path) -> None:
    def picky(x: float, n: int) -> float:
        if n > 80:
            raise ValueError("too large")
        return x**2

    study = search(tmp_path, picky)
    failed = study.trials["n"] > 80
    assert failed.any()
    assert study.trials["minimize"].isna().equals(failed)


def test_where_nothing_has_a_value_nothing_is_best(tmp_path: Path) -> None:
    study = search(tmp_path, lambda x, n: float("nan") * x * n)
    assert study.recording is not None
    assert study.recording.replayed is None
    with pytest.raises(NothingToReport):
        study.best()


def test_constraints_are_texts_or_functions(tmp_path: Path) -> None:
    texts = search(tmp_path, constraints=["minimize >= 1", "minimize < 9"])
    rule = search(tmp_path, constraints=lambda metrics: (metrics["minimize"] >= 1) & (metrics["minimize"] < 9))
    assert texts.best() == rule.best()
    assert texts.best().metrics["minimize"] >= 1
    assert texts.found.broken().keys() == {"minimize >= 1", "minimize < 9"}


@pytest.mark.parametrize(
    ("settings", "match"),
    [
        ({"constraints": "loss >= 1"}, "a constraint names 'loss', and the objective returns minimize"),
        ({"constraints": 7}, "constraints must be texts or functions; got 7"),
        ({"constraints": [7]}, "a constraint is a text or a function; got 7"),
        ({"constraints": ["minimize"]}, "compares nothing"),
        ({"constraints": [lambda _: np.zeros(3)]}, "gave float64 of shape"),
        ({"executor": "cloud"}, "unknown executor 'cloud'"),
        ({"executor": "processes", "workers": 0}, "workers must be"),
        ({"project": 7}, "project"),
    ],
)
def test_what_cannot_be_is_refused(tmp_path: Path, settings: dict[str, Any], match: str) -> None:
    with pytest.raises(InvalidInput, match=match):
        search(tmp_path, **settings)


@pytest.mark.parametrize("name", ["project", "executor", "workers", "resume"])
def test_what_belongs_to_a_ledger_needs_one(name: str) -> None:
    with pytest.raises(InvalidInput, match=f"{name} needs a search that is recorded"):
        at.optimize(objective=bowl, space=SPACE, **{name: 1})  # type: ignore[arg-type]


def test_robust_scores_are_searched_for_and_counted(tmp_path: Path) -> None:
    study = at.optimize(
        "ma_cross",
        BARS,
        objectives=["plateau_sharpe", "worst_fold_total_return"],
        method="random",
        trials=20,
        robust=at.Robustness(folds=3, neighbours=4),
        constraints="trade_count >= 1",
        ledger=ledger_in(tmp_path),
    )
    assert study.objectives == ("plateau_sharpe_ratio", "worst_fold_total_return")
    assert study.recording is not None
    assert study.recording.lifetime_trials == 20 * 5
    assert study.best().metrics["trade_count"] >= 1
    with pytest.raises(InvalidInput, match="robust"):
        at.optimize("ma_cross", BARS, robust=7)  # type: ignore[arg-type]
