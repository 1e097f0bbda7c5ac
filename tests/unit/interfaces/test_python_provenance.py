"""Provenance is what a repetition needs: which bars, whose code, and how it was searched, as JSON has it."""

from __future__ import annotations

import hashlib
import inspect
import json
from typing import Any

import numpy as np
import pytest

import autonomous_trading as at
from autonomous_trading.interfaces.python._provenance import plain, source_of
from tests.small_strategies import BranchingCross, Cross, bars

BARS = bars(seed=1)


def written(result: Any) -> dict[str, Any]:
    """Provenance as it comes out of a JSON file."""
    facts: dict[str, Any] = json.loads(json.dumps(result.provenance))
    return facts


def test_the_dates_of_the_span_give_the_same_run_again() -> None:
    result = at.backtest(Cross, BARS, start=40, stop=200)
    traded = written(result)["traded"]
    assert traded["bars"] == 160
    again = at.backtest(Cross, BARS, start=traded["start"], stop=traded["stop"])
    assert again.metrics == pytest.approx(result.metrics, nan_ok=True)
    whole = written(at.backtest(Cross, BARS))["traded"]
    assert len(at.backtest(Cross, BARS, start=whole["start"], stop=whole["stop"]).equity) == 300


def test_a_strategy_of_ones_own_is_named_by_its_file_and_its_source() -> None:
    source = written(at.backtest(Cross(fast=4), BARS))["source"]
    assert source["name"] == "Cross"
    assert source["module"] == "tests.small_strategies"
    assert source["file"] == "small_strategies.py"
    assert source["sha256"] == hashlib.sha256(inspect.getsource(Cross).encode()).hexdigest()
    assert source_of(BranchingCross)["sha256"] != source["sha256"]
    assert written(at.simulate(BARS, np.ones(300)))["source"] is None


def test_code_without_a_source_has_no_hash() -> None:
    made = type("Made", (at.Strategy,), {"__module__": "nowhere", "signals": lambda _, see: see.close > 0})
    source = written(at.backtest(made, BARS))["source"]
    assert source == {"name": "Made", "module": "nowhere", "file": None, "sha256": None}


def test_a_search_says_where_and_how_it_looked() -> None:
    study = at.optimize(
        Cross, BARS, objectives=["cagr", "max_drawdown"], method="grid", resolution=3, fixed={"slow": np.int64(30)},
        space={"fast": (4, 9)}, train_fraction=0.5,
    )  # fmt: skip
    facts = written(study)
    assert facts["objectives"] == ["cagr", "max_drawdown"]
    assert facts["space"] == {"fast": {"type": "IntParameter", "low": 4, "high": 9, "default": 6}}
    assert facts["fixed"] == {"slow": 30}
    assert (facts["method"], facts["resolution"], facts["options"], facts["train_fraction"]) == ("grid", 3, {}, 0.5)
    assert facts["searched"]["bars"] == facts["kept_out"]["bars"] == 150
    assert facts["searched"]["stop"] == facts["kept_out"]["start"]
    assert facts["source"]["name"] == written(study.best_result())["source"]["name"] == "Cross"
    assert written(at.optimize(Cross, BARS, method="random", trials=3, train_fraction=1))["kept_out"] is None


def test_a_walk_says_how_its_windows_lay() -> None:
    walk = at.walk_forward(
        Cross, BARS, train=100, test=40, step=20, unit="bars", expanding=True, trials=6, options={}, seed=3
    )
    facts = written(walk)
    windows = {name: facts[name] for name in ("train", "test", "step", "unit", "expanding", "trials_per_window")}
    assert windows == {
        "train": 100, "test": 40, "step": 20, "unit": "bars", "expanding": True, "trials_per_window": 6,
    }  # fmt: skip
    assert facts["trials"] == 6 * len(walk.folds)
    assert facts["traded"]["bars"] == 200
    assert facts["source"]["file"] == "small_strategies.py"


def test_the_report_says_it_too() -> None:
    from autonomous_trading.interfaces.python import report_of_study, report_of_walk_forward

    study = at.optimize(Cross, BARS, method="random", trials=4, fixed={"fast": 3})
    content = report_of_study(study).provenance
    assert content is not None
    assert content.more["space"] == "slow (type IntParameter, low 5, high 40, default 20)"
    assert content.more["fixed"] == "fast 3"
    assert "sha256" in content.more["source"]
    walk = at.walk_forward(Cross, BARS, train=100, test=40, step=20, unit="bars", trials=3)
    shown = report_of_walk_forward(walk).provenance
    assert shown is not None
    assert (shown.more["train"], shown.more["expanding"], shown.more["trials_per_window"]) == ("100", "no", "3")


def test_what_json_does_not_have_is_written_as_python_shows_it() -> None:
    assert plain({"a": np.arange(2), 3: (np.float64(0.5), None, True), "kind": int}) == {
        "a": [0, 1], "3": [0.5, None, True], "kind": "<class 'int'>",
    }  # fmt: skip
