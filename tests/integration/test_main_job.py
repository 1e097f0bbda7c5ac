"""The main job end to end on bundled real prices: backtest, search with every method, walk forward, report."""

from __future__ import annotations

import gc
import json
import math
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import autonomous_trading as at
from autonomous_trading.search import ALIASES, METHODS
from tests.small_strategies import Cross, bars

TRIALS = 60


@pytest.fixture(scope="module")
def sp500() -> at.Bars:
    return at.sample("sp500")


def strict(data: object) -> str:
    """The data as JSON that holds nothing but plain values."""
    return json.dumps(data, sort_keys=True)


@pytest.mark.parametrize("name", at.STRATEGIES)
def test_every_strategy_of_the_library_is_backtested(name: str, sp500: at.Bars) -> None:
    result = at.backtest(name, sp500)
    assert result.strategy == name
    assert result.trade_count > 0
    assert result.explain().fix == ""
    assert len(result.equity) == len(sp500)
    assert math.isfinite(result.metrics["sharpe_ratio"])
    assert result.benchmark["total_return"] == pytest.approx(sp500.close[-1] / sp500.open[1] - 1.0, abs=0.002)
    strict(result.to_dict())


@pytest.mark.parametrize("method", [*METHODS, *ALIASES])
def test_every_method_finds_a_set_and_judges_it_on_bars_it_did_not_see(method: str, sp500: at.Bars) -> None:
    seen: list[tuple[int, int | None]] = []
    study = at.optimize(
        "ma_cross",
        sp500,
        objectives=["sharpe_ratio", "max_drawdown"][: METHODS[ALIASES.get(method, method)].most_objectives],
        method=method,
        trials=TRIALS,
        seed=7,
        progress=lambda done, total: seen.append((done, total)),
    )
    assert study.n_trials == len(study.trials) == TRIALS
    assert seen[-1] == (TRIALS, TRIALS)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    best = study.best()
    assert best.metrics["sharpe_ratio"] == study.trials["sharpe_ratio"].max()
    assert study.in_sample["sharpe_ratio"] == best.metrics["sharpe_ratio"]
    assert study.out_of_sample is not None
    assert study.out_of_sample != study.in_sample
    assert f"{TRIALS} trials" in study.verdict.words or "not enough" in study.verdict.words
    assert sum(study.importance.values()) == pytest.approx(1.0)
    assert study.best_result().parameters == best.parameters
    data = study.to_dict()
    assert data["best"]["parameters"] == dict(best.parameters)
    assert data["trials"] == TRIALS
    strict(data)


def test_more_trials_of_one_method_never_find_less_in_sample(sp500: at.Bars) -> None:
    few, many = (at.optimize("momentum", sp500, method="random", trials=trials, seed=1) for trials in (20, 200))
    assert many.best().metrics["sharpe_ratio"] >= few.best().metrics["sharpe_ratio"]
    assert many.trials.head(20).equals(few.trials)


def test_walking_forward_trades_every_bar_after_the_first_training_window_once(sp500: at.Bars) -> None:
    seen: list[tuple[int, int | None]] = []
    result = at.walk_forward(
        "ma_cross",
        sp500[:1500],
        train=500,
        test=100,
        step=50,
        unit="bars",
        trials=20,
        progress=lambda done, total: seen.append((done, total)),
    )
    windows = [fold.window for fold in result.outcome.folds]
    traded = np.concatenate([np.arange(window.stitched.start, window.stitched.stop) for window in windows])
    np.testing.assert_array_equal(traded, np.arange(500, 1500))
    times = pd.DatetimeIndex(sp500.time[500:1500].astype("datetime64[ns]"), tz="UTC")
    assert result.equity.index.equals(times)
    assert seen == [(number, len(windows)) for number in range(1, len(windows) + 1)]
    assert result.n_trials == 20 * len(windows)
    assert result.folds[0].train_start == "1999-01-04"
    assert result.folds[-1].test_stop > result.folds[-1].test_start
    assert math.isfinite(result.out_of_sample["sharpe_ratio"])
    assert "probability" in result.verdict.words or "not enough" in result.verdict.words
    strict(result.to_dict())


def test_reports_of_all_three_are_one_file_each(sp500: at.Bars, tmp_path: Path) -> None:
    short = sp500[:800]
    made: dict[str, at.Result | at.Study | at.WalkForwardResult] = {
        "backtest": at.backtest("ma_cross", short),
        "targets": at.simulate(short, np.ones(800)),
        "study": at.optimize("ma_cross", short, method="random", trials=20),
        "walk_forward": at.walk_forward("ma_cross", short, train=300, test=60, step=60, unit="bars", trials=5),
        "function": at.optimize(objective=lambda x: x * (1 - x), space={"x": (0.0, 1.0)}, method="random", trials=20),
        "empty": at.simulate(short, np.zeros(800)),
    }
    (tmp_path / "reports").mkdir()
    for name, result in made.items():
        path = result.report(tmp_path / "reports" / f"{name}.html")
        assert path.stat().st_size < 2 * 2**20
        assert "</html>" in path.read_text(encoding="utf-8")


def test_a_first_call_in_a_fresh_process_works_whatever_name_is_used_first(tmp_path: Path) -> None:
    script = """
import sys
import autonomous_trading as at
assert not {name for name in sys.modules if name.startswith("autonomous_trading.")}, "a room was imported"
costs = at.Costs()
from autonomous_trading.app import Rules
import autonomous_trading.backtest
assert callable(at.backtest) and at.backtest.__module__.startswith("autonomous_trading.interfaces")
from autonomous_trading.backtest import Costs
assert Costs is at.Costs
from autonomous_trading import backtest
assert backtest is at.backtest
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads the memory of the process from /proc")
def test_searching_again_and_again_does_not_grow_memory() -> None:
    data = bars(n=2_000)

    def search() -> None:
        study = at.optimize(Cross, data, method="random", trials=200, metrics=["consistency_score"], seed=1)
        assert study.out_of_sample is not None

    def resident() -> float:
        gc.collect()
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20

    for _ in range(5):
        search()
    before = resident()
    for _ in range(20):
        search()
    assert resident() - before < 8.0, "megabytes after 20 more searches"
