"""A walk-forward recorded in a ledger: the same answer, every set counted, resumed, replayed, refused."""

from __future__ import annotations

from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autonomous_trading as at
from autonomous_trading.adapters.store import SqlLedger, open_store
from autonomous_trading.app import (
    WINDOW,
    Evaluator,
    JobState,
    LedgerConflict,
    Market,
    Rules,
    Search,
    WindowSearch,
    window_evaluation,
)
from autonomous_trading.core import InvalidInput, NothingToReport, Refused, Space
from autonomous_trading.strategies import STRATEGIES
from autonomous_trading.testing import random_walk

BARS = random_walk(500, seed=9, volatility=0.01)
LENGTHS: dict[str, Any] = {"train": 200, "test": 60, "step": 60, "unit": "bars", "seed": 3}
WINDOWS = 5


def walk(**more: Any) -> at.WalkForwardResult:
    return at.walk_forward("ma_cross", BARS, **{**LENGTHS, "trials": 8, **more})


def answer(result: at.WalkForwardResult) -> dict[str, Any]:
    """What was found, without how it was found."""
    return {name: value for name, value in result.to_dict().items() if name not in ("seconds", "ledger")}


@pytest.fixture
def place(tmp_path: Path) -> str:
    return str(tmp_path / "trials.db")


@pytest.mark.parametrize("settings", [{"method": "random"}, {"method": "tpe"}, {"method": "grid", "trials": None}])
def test_a_recorded_walk_finds_what_one_in_memory_finds(place: str, settings: dict[str, Any]) -> None:
    settings = {**settings, "space": {"fast": (5, 8), "slow": (20, 22)}}
    recorded = walk(ledger=place, **settings)
    assert repr(answer(recorded)) == repr(answer(walk(**settings)))
    assert len(recorded.folds) == WINDOWS
    assert recorded.recording is not None
    assert (recorded.recording.lifetime_trials, recorded.recording.looks) == (recorded.n_trials, 1)
    assert recorded.recording.replayed is True


def test_workers_find_the_same(place: str) -> None:
    recorded = walk(ledger=place, executor="processes", workers=2)
    assert repr(answer(recorded)) == repr(answer(walk()))


class Stopped(Exception):
    """Somebody pulls the plug."""


def test_a_walk_that_was_stopped_goes_on(place: str) -> None:
    def stop(done: int, _: int | None) -> None:
        if done > 12:  # in the second window
            raise Stopped

    with pytest.raises(Stopped):
        walk(ledger=place, progress=stop)
    counted = [0]
    resumed = walk(ledger=place, progress=lambda done, _: counted.append(done), project="default")
    assert repr(answer(resumed)) == repr(answer(walk()))
    assert resumed.recording is not None
    assert resumed.recording.lifetime_trials == 8 * WINDOWS  # none of them twice
    assert min(counted[1:]) > 12
    with closing(open_store(place, read_only=True)) as store:
        (job,) = SqlLedger(store).jobs("default")
        trials = SqlLedger(store).trials(job.id)
    assert len({trial.id for trial in trials}) == 8 * WINDOWS
    assert job.spec.search["trials"] == 8 * WINDOWS


def test_whoever_looks_again_tries_again(place: str) -> None:
    first, second = walk(ledger=place), walk(ledger=place, seed=4)
    assert (first.verdict.n_trials, second.verdict.n_trials) == (1, 2)
    assert second.verdict.dsr <= walk(seed=4).verdict.dsr


def test_a_set_is_replayed_in_its_window(place: str) -> None:
    recorded = walk(ledger=place)
    assert recorded.recording is not None
    job = recorded.recording.job
    found = at.replay_walk_forward(job, "ma_cross", BARS, trial=19, ledger=place, **{**LENGTHS, "trials": 8})
    assert found.same is True
    assert found.parameters[WINDOW] == 2
    chosen = recorded.folds[2].parameters
    assert chosen is not None
    best = at.replay_walk_forward(job, "ma_cross", BARS, ledger=place, **{**LENGTHS, "trials": 8})
    assert best.recorded["sharpe_ratio"] == max(fold.in_sample["sharpe_ratio"] for fold in recorded.folds)
    with pytest.raises(InvalidInput, match="needs the ledger"):
        at.replay_walk_forward(job, "ma_cross", BARS)


def test_other_windows_are_another_walk(place: str) -> None:
    recorded = walk(ledger=place)
    assert recorded.recording is not None
    with pytest.raises(Refused, match="windows"):
        walk(ledger=place, resume=recorded.recording.job, test=50, step=50)


def test_a_walk_that_was_cancelled_has_no_answer(place: str) -> None:
    def cancel(done: int, _: int | None) -> None:
        if done > 12:  # in the second window
            with suppress(LedgerConflict):
                held[0].close(held[0].jobs()[0].id, JobState.CANCELLED)

    held: list[SqlLedger] = []
    closing_in = SqlLedger.finish

    def finish(self: SqlLedger, *told: Any) -> int:
        held[:] = [self]
        return closing_in(self, *told)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SqlLedger, "finish", finish)
        with pytest.raises(NothingToReport, match=r"was cancelled after \d+ trials, before there was an answer"):
            walk(ledger=place, progress=cancel)
    with closing(open_store(place, read_only=True)) as store:
        assert SqlLedger(store).counts("default").looks == 0


def test_a_walk_chooses_by_a_plain_metric(place: str) -> None:
    with pytest.raises(InvalidInput, match="plain metric, not by worst_fold_sharpe_ratio"):
        walk(ledger=place, objective="worst_fold_sharpe_ratio")


def test_a_parameter_may_not_have_the_name_of_the_window() -> None:
    space = Space.of({WINDOW: (1, 5)})
    with pytest.raises(InvalidInput, match="for itself"):
        WindowSearch(space, 3, Search("random", 4))


def test_a_set_is_worth_what_it_is_on_the_bars_of_its_window() -> None:
    """Against measuring each set alone, for sets of all windows mixed in one table."""
    strategy = STRATEGIES["ma_cross"]
    evaluator = Evaluator.of(strategy, Market.of(BARS), Rules())
    spans = ((0, 200), (100, 300), (250, 500))
    search = WindowSearch(strategy.space(), len(spans), Search("random", 6, seed=1))
    tables = []
    while len(table := search.ask()):
        tables.append(table)
        search.tell(table, np.zeros((len(table), 1)))
    mixed = type(tables[0]).concat(tables).take(np.random.default_rng(0).permutation(18))
    metrics = ("sharpe_ratio", "trade_count")
    found = window_evaluation(evaluator, metrics, spans)(mixed, np.zeros(18, dtype=np.int64))
    for row, parameters in enumerate(mixed.rows()):
        own = {name: value for name, value in parameters.items() if name != WINDOW}
        alone = evaluator.measure(strategy.space().table([own]), metrics, *spans[int(parameters[WINDOW])])
        assert [found[name][row].tobytes() for name in metrics] == [alone[name][0].tobytes() for name in metrics]


def test_every_window_is_searched_as_if_it_were_alone() -> None:
    """What a window proposes depends on what was told of it, and of no other."""
    space = Space.of({"x": (0.0, 1.0)})
    search = WindowSearch(space, 2, Search("tpe", 15, seed=2))
    proposed: dict[int, list[float]] = {0: [], 1: []}
    while len(table := search.ask()):
        x = table.column("x")
        proposed[int(table.column(WINDOW)[0])] += x.tolist()
        search.tell(table, (x[:, None] - 0.25) ** 2)
    assert proposed[0] == proposed[1]
