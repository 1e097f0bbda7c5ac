"""A walk-forward run, as a person gets it: folds with their dates, one account, and what is said of it."""

from __future__ import annotations

import json
import math
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest

import autonomous_trading as at
from autonomous_trading.interfaces.python import FoldView
from autonomous_trading.testing.markets import random_walk
from tests.small_strategies import Changeable, Cross, Never, Sized, Wide, bars

BARS = bars(seed=1)


def walk(**changes: Any) -> at.WalkForwardResult:
    given = {"train": 100, "test": 40, "step": 20, "unit": "bars", "trials": 6, **changes}
    return at.walk_forward(given.pop("strategy", Cross), given.pop("data", BARS), **given)


def test_folds_say_when_and_what() -> None:
    result = walk()
    assert all(isinstance(fold, FoldView) for fold in result.folds)
    first, last = result.folds[0], result.folds[-1]
    assert (first.train_start, first.train_stop, first.test_start) == ("2000-01-03", "2000-05-22", "2000-05-22")
    assert last.test_stop == "2001-02-24", "a day after the last bar, 2001-02-23"
    assert result.folds is result.folds
    assert result.n_trials == 6 * len(result.folds)
    assert set(result.in_sample) == set(first.in_sample)
    values = [fold.in_sample["sharpe_ratio"] for fold in result.folds]
    assert result.in_sample["sharpe_ratio"] == pytest.approx(np.nanmean(values))


def test_intraday_folds_say_the_hour() -> None:
    result = walk(data=random_walk(300, 1, timeframe="1h"))
    assert result.folds[0].test_start == "2000-01-07T04:00:00"
    assert result.folds[-1].test_stop == "2000-01-15T12:00:00"


def test_the_stitched_account_is_a_series() -> None:
    result = walk()
    assert len(result.equity) == 200
    assert result.equity.iloc[-1] == pytest.approx(100_000 * (1 + result.out_of_sample["total_return"]))
    assert result.benchmark["trade_count"] == 1.0
    assert result.verdict.n_trials == 1
    assert result.verdict.trade_count == int(result.out_of_sample["trade_count"])


def test_an_expanding_window_starts_at_the_first_bar() -> None:
    assert {fold.train_start for fold in walk(expanding=True).folds} == {"2000-01-03"}
    assert len({fold.train_start for fold in walk().folds}) > 1


def test_days_are_calendar_days() -> None:
    result = at.walk_forward(Cross, BARS, train=140, test=30, step=14, trials=3)
    starts = [pd.Timestamp(fold.test_start) for fold in result.folds]
    assert {(later - earlier).days for earlier, later in pairwise(starts)} == {14}


def test_a_walk_without_an_answer_is_flat_and_says_so() -> None:
    result = walk(strategy=Never)
    assert all(fold.parameters is None for fold in result.folds)
    assert math.isnan(result.efficiency)
    assert math.isnan(result.in_sample["sharpe_ratio"])
    data = result.to_dict()
    assert data["folds"][0]["parameters"] is None
    assert data["verdict"]["words"] == "not enough evidence: no trades"


def test_plain_data_of_a_walk() -> None:
    result = walk(strategy=Sized, objective="calmar", method="grid", trials=3, costs=at.Costs(commission=0.002))
    data = json.loads(json.dumps(result.to_dict()))
    assert data["objective"] == "calmar_ratio"
    assert len(data["folds"]) == len(result.folds)
    assert data["folds"][0]["parameters"] == dict(result.folds[0].parameters or {})
    assert data["provenance"]["method"] == "grid"
    assert data["provenance"]["trials"] == data["trials"] == 3 * len(result.folds)
    assert data["provenance"]["costs"]["commission"] == 0.002


def test_a_walk_takes_what_a_search_takes() -> None:
    result = walk(fixed={"slow": 30}, space={"fast": (4, 6)}, seed=9, threads=2, initial_cash=5_000, progress=None)
    for fold in result.folds:
        assert fold.parameters is not None
        assert fold.parameters["slow"] == 30
        assert fold.parameters["fast"] in (4, 5, 6)
    assert result.equity.iloc[0] == pytest.approx(5_000, rel=0.05)
    every = walk(strategy=Changeable, method="grid", trials=None)
    assert every.n_trials == 28 * len(every.folds)
    default = walk(strategy=Wide, trials=None)
    assert default.n_trials == 100 * len(default.folds)


def test_a_walk_forward_run_shows_what_was_left_out_of_sample() -> None:
    result = walk()
    total = f"total_return {result.out_of_sample['total_return']:.4g}"
    head = f"WalkForwardResult({result.evaluator.strategy.name}, {len(result.folds)} folds"
    assert repr(result).startswith(f"{head}, out of sample: {total}, ")
    assert repr(result).endswith(f"efficiency {result.efficiency:.3g})")


def test_bars_after_the_last_whole_window_are_told() -> None:
    result = walk(train=100, test=40, step=40)
    assert result.untraded == (300 - 140) % 40 == 0
    assert result.warnings == ()
    longer = walk(train=110, test=40, step=40)
    assert longer.untraded == (300 - 150) % 40 == 30
    assert longer.warnings == ("the last 30 bars were not traded: too few for one more test window",)
    assert longer.to_dict()["untraded_bars"] == 30
