"""Pruned searches from Python: the same trials anywhere, counted, shown, replayed, and no kinder a verdict."""

from __future__ import annotations

import json
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autonomous_trading as at
from autonomous_trading.adapters.store import SqlLedger, open_store
from autonomous_trading.core import InvalidInput
from autonomous_trading.interfaces.python._replays import replayed_trial
from autonomous_trading.testing import random_walk

BARS = random_walk(700, seed=9, volatility=0.01)
OBJECTIVES = ["worst_fold_sharpe_ratio", "mean_fold_max_drawdown"]
ASKED: dict[str, Any] = {
    "objectives": OBJECTIVES,
    "robust": at.Robustness(folds=4, prune=0.3, prune_after=10),
    "method": "nsga2",
    "options": {"population": 16},
    "trials": 96,
    "seed": 5,
}
ONE: dict[str, Any] = {**ASKED, "objectives": OBJECTIVES[:1], "method": "tpe", "options": {}}


def search(folder: Path | None = None, **more: Any) -> at.Study:
    """The search in memory, or recorded in a folder."""
    place = {} if folder is None else {"ledger": str(folder / "trials.db")}
    return at.optimize("ma_cross", BARS, **{**ASKED, **place, **more})


@pytest.mark.parametrize("asked", [ASKED, ONE], ids=["two objectives", "one"])
def test_recorded_it_finds_what_it_finds_in_memory(tmp_path: Path, asked: dict[str, Any]) -> None:
    plain, recorded = search(**asked), search(tmp_path, **asked)
    assert 10 < plain.n_pruned < 90
    assert recorded.trials.equals(plain.trials)
    assert recorded.recording is not None
    assert (recorded.recording.lifetime_trials, recorded.recording.replayed) == (96, True)
    assert recorded.recording.failed == 0


@pytest.mark.slow
@pytest.mark.parametrize(("workers", "ahead"), [(1, 0), (3, 0), (3, 2)])
def test_processes_find_the_same(tmp_path: Path, workers: int, ahead: int) -> None:
    found = search(tmp_path, executor="processes", workers=workers, ahead=ahead)
    assert found.trials.equals(search(ahead=ahead).trials)


@pytest.mark.parametrize("more", [{}, {"ahead": 2}, {"method": "random", "options": {}}], ids=["", "ahead", "random"])
def test_stopped_anywhere_it_goes_on_as_if_it_had_not(tmp_path: Path, more: dict[str, Any]) -> None:
    whole, stops = search(**more).trials, 0
    found: at.Study | None = None
    while found is None:
        left = (0, 1, 2, 4)[stops % 4]

        def pull(_done: int, _total: int | None) -> None:
            nonlocal left
            if left == 0:
                raise KeyboardInterrupt
            left -= 1

        with suppress(KeyboardInterrupt):
            found = search(tmp_path, progress=pull, **more)
        stops += found is None
    assert stops > 3
    assert found.trials.equals(whole)


def test_survivors_are_worth_what_they_are_without_pruning() -> None:
    asked: dict[str, Any] = {"method": "random", "options": {"batch_size": 32}}
    pruned = search(**asked).trials
    whole = search(**asked, robust=at.Robustness(folds=4)).trials
    left = ~pruned["pruned"]
    assert 0 < left.sum() < len(pruned)
    for name in ("fast", "slow", *OBJECTIVES, "sharpe_ratio", "trade_count"):
        assert pruned[name][left].equals(whole[name][left])


def test_methods_that_do_not_learn_propose_in_batches_that_can_be_compared() -> None:
    study = search(method="random", options={})
    assert study.n_pruned > 0
    assert study.asked["options"] == {"batch_size": 16}
    assert search(method="grid", options={"resolution": 12}, trials=None).n_pruned > 0
    assert search(method="random", options={"batch_size": 96}).n_pruned == 0


def test_results_say_how_many_were_pruned() -> None:
    study = search()
    rows = study.trials
    assert study.n_pruned == rows["pruned"].sum() == study.to_dict()["pruned"]
    assert f"96 sets, {study.n_pruned} of them pruned" in study.summary()
    gone = rows[rows["pruned"]]
    assert gone[OBJECTIVES].isna().all().all()
    assert (gone["folds_evaluated"] < 4).all()
    assert gone["fold_1_sharpe_ratio"].notna().any()
    assert gone["fold_4_sharpe_ratio"].isna().all()
    assert (rows[~rows["pruned"]]["folds_evaluated"] == 4).all()
    plain = search(robust=at.Robustness(folds=4))
    assert (plain.n_pruned, plain.to_dict()["pruned"]) == (0, 0)
    assert "pruned" not in plain.summary()
    assert {"pruned", "folds_evaluated"}.isdisjoint(plain.trials)


def test_of_a_pruned_set_it_is_not_known_whether_it_breaks_a_constraint() -> None:
    study = search(constraints="trade_count >= 3")
    counts = study.trials["trade_count"]
    assert study.found.broken() == {"trade_count >= 3": int((counts < 3).sum())}


def test_a_pruned_trial_is_replayed_as_far_as_it_was_measured(tmp_path: Path) -> None:
    study = search(tmp_path)
    assert study.recording is not None
    pruned = np.flatnonzero(study.trials["pruned"])
    settings: dict[str, Any] = {**ASKED, "ledger": str(tmp_path / "trials.db")}
    for trial in (int(pruned[0]), int(pruned[-1]), int(np.flatnonzero(~study.trials["pruned"])[-1])):
        again = at.replay(study.recording.job, "ma_cross", BARS, trial=trial, **settings)
        assert again.same
        np.testing.assert_equal(dict(again.again), dict(again.recorded))
    assert at.replay(study.recording.job, "ma_cross", BARS, **settings).same


def test_a_replay_compares_what_was_measured_and_only_that(tmp_path: Path) -> None:
    study = search(tmp_path)
    assert study.recording is not None
    trial = int(np.flatnonzero(study.trials["folds_evaluated"] == 2)[0])
    with closing(open_store(str(tmp_path / "trials.db"))) as store:
        ledger = SqlLedger(store)
        job = ledger.job(study.recording.job)
        values = dict(zip(job.spec.metrics, ledger.trials(job.id, trial, 1)[0].values, strict=True))
        for name in job.spec.metrics:
            changed = {**values, name: 7.0}

            def again(*_: object, found: dict[str, float] = changed) -> dict[str, Any]:
                return {name: np.array([value]) for name, value in found.items()}

            replay = replayed_trial(ledger, job, study.space, trial, again)
            assert replay.same == (not name.startswith(("fold_1_", "fold_2_"))), name


def test_a_pruned_set_has_no_neighbours_to_count(tmp_path: Path) -> None:
    study = search(tmp_path, metrics=["plateau_sharpe_ratio"], robust=at.Robustness(4, (), 3, prune=0.3))
    assert study.recording is not None
    assert study.n_pruned > 0
    assert study.recording.lifetime_trials == study.n_pruned + 4 * (96 - study.n_pruned)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_verdict_is_no_kinder_with_pruning(seed: int) -> None:
    asked: dict[str, Any] = {"method": "random", "options": {"batch_size": 32}, "trials": 200, "seed": seed}
    asked["objectives"] = OBJECTIVES[:1]
    pruned = at.optimize("ma_cross", at.sample("sp500"), robust=at.Robustness(folds=5, prune=0.5), **asked)
    whole = at.optimize("ma_cross", at.sample("sp500"), robust=at.Robustness(folds=5), **asked)
    assert pruned.n_pruned > 50
    assert pruned.best().parameters == whole.best().parameters
    assert pruned.verdict.n_trials == whole.verdict.n_trials == 200
    assert pruned.verdict.dsr <= whole.verdict.dsr
    spread = np.nanstd(pruned.trials["sharpe_ratio"], ddof=1)
    assert spread < np.nanstd(whole.trials["sharpe_ratio"], ddof=1)  # survivors alone would be too kind


@pytest.mark.parametrize(
    ("more", "match"),
    [
        ({"objectives": ["sharpe_ratio"]}, r"sharpe_ratio is no score over folds.*worst_fold_sharpe_ratio"),
        ({"objectives": ["worst_fold_cagr", "plateau_cagr"]}, r"plateau_cagr is no score over folds.*worst_fold_cagr"),
    ],
)
def test_every_objective_must_be_a_score_over_folds(more: dict[str, Any], match: str) -> None:
    with pytest.raises(InvalidInput, match=match):
        search(**more)


@pytest.mark.parametrize("share", [0, 0.0, 1, 1.0, -0.5, 1.5, True, "0.5", float("nan")])
def test_a_share_is_between_nothing_and_everything(share: Any) -> None:
    with pytest.raises(InvalidInput, match="prune must be above 0 and below 1"):
        at.Robustness(prune=share)


@pytest.mark.parametrize("sets", [0, 257, 2.0, True])
def test_a_fold_needs_some_earlier_sets(sets: Any) -> None:
    with pytest.raises(InvalidInput, match="prune_after must be a whole number from 1 to 256"):
        at.Robustness(prune=0.5, prune_after=sets)


def test_a_job_says_how_it_prunes_and_goes_on_only_so(tmp_path: Path) -> None:
    study = search(tmp_path)
    assert study.recording is not None
    with closing(open_store(str(tmp_path / "trials.db"), read_only=True)) as store:
        spec = SqlLedger(store).job(study.recording.job).spec
    assert json.loads(json.dumps(spec.evaluation))["robust"]["prune"] == 0.3
    with pytest.raises(at.TradingError, match=r"robust\.prune was 0\.3 and is 0\.4"):
        search(tmp_path, resume=study.recording.job, robust=at.Robustness(folds=4, prune=0.4, prune_after=10))
