"""What a person gets back: results, studies and walk-forward runs, as frames, plain data and words."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

import autonomous_trading as at
from autonomous_trading.backtest import BACKTEST_METRICS
from autonomous_trading.core import NothingToReport, UnknownName
from autonomous_trading.interfaces.python import FoldView, ParetoPoint, Trial, _result
from autonomous_trading.testing.markets import random_walk
from autonomous_trading.validation import Evidence
from tests.small_strategies import Changeable, Cross, Never, Sized, bars

BARS = bars(seed=1)
TWO = {"A": BARS, "B": bars(seed=2)[40:]}


def search(**changes: Any) -> at.Study:
    given = {"objectives": ["sharpe_ratio", "max_drawdown"], "method": "random", "trials": 40, "seed": 2, **changes}
    return at.optimize(given.pop("strategy", Cross), given.pop("data", BARS), **given)


def walk(**changes: Any) -> at.WalkForwardResult:
    given = {"train": 100, "test": 40, "step": 20, "unit": "bars", "trials": 6, **changes}
    return at.walk_forward(given.pop("strategy", Cross), given.pop("data", BARS), **given)


# ------------------------------------------------------------------------------------------ Result


def test_a_result_is_aligned_with_the_bars_it_traded() -> None:
    result = at.backtest(Cross, BARS, start=50, stop=250)
    np.testing.assert_array_equal(result.time, BARS.time[50:250])
    assert result.equity.name == "equity"
    assert result.equity.index.name == "timestamp"
    assert len(result.equity) == 200
    assert result.equity.iloc[-1] == pytest.approx(100_000 + result.metrics["net_profit"])


def test_trades_are_a_frame() -> None:
    result = at.backtest(Cross, TWO, exits=at.Exits(stop_loss=0.02))
    trades = result.trades
    assert list(trades.columns[:3]) == ["symbol", "entry_time", "exit_time"]
    assert set(trades["symbol"]) == {"A", "B"}
    assert set(trades["side"]) == {"long"}
    assert (trades["exit_time"] >= trades["entry_time"]).all()
    gross = trades["units"] * (trades["exit_price"] - trades["entry_price"])
    np.testing.assert_allclose(trades["gross_profit"], gross, atol=1e-6)
    np.testing.assert_allclose(trades["return"], trades["net_profit"] / (trades["units"] * trades["entry_price"]))
    assert {"stop_loss", "signal"} <= set(trades["reason"])
    assert "symbol" not in at.backtest(Cross, BARS).trades.columns
    short = at.simulate(BARS, -np.ones(300)).trades
    assert list(short["side"]) == ["short"]
    assert list(short["reason"]) == ["open"]
    assert at.simulate(BARS, np.zeros(300)).trades.empty


def test_dictionaries_of_a_result_are_copies() -> None:
    result = at.backtest(Cross, BARS)
    result.metrics.clear()
    result.benchmark.clear()
    assert set(result.metrics) == set(result.benchmark) == {*BACKTEST_METRICS, "psr"}


def test_warnings_say_what_is_suspicious() -> None:
    quiet = at.backtest(Cross, BARS)
    assert quiet.warnings == ()
    flat = at.Bars(BARS.time, BARS.close, BARS.high, BARS.low, BARS.close, np.ones(300))
    said = at.backtest(Cross, flat, execution=at.Execution(fill="same_close")).warnings
    assert any("volume" in each for each in said)
    assert any(each.startswith("same-bar: ") for each in said)
    several = at.backtest(Cross, {"A": flat, "B": BARS}).warnings
    assert several
    assert all(each.startswith("A: ") for each in several)
    ruined = at.simulate(
        random_walk(600, 1), np.full(600, -5.0), execution=at.Execution(leverage=5.0), costs=at.Costs(borrow_rate=9.0)
    )
    assert ruined.ruined
    assert any(each.startswith("ruin: ") for each in ruined.warnings)


def test_a_result_says_what_a_repetition_needs() -> None:
    result = at.backtest(
        Cross(fast=4),
        TWO,
        costs=at.Costs(per_unit=0.5),
        exits=at.Exits(stop_loss=0.1),
        execution=at.Execution(fill="close"),
    )
    facts: dict[str, Any] = result.provenance
    assert facts["data"] == {"A": BARS.content_id, "B": TWO["B"].content_id}
    assert facts["costs"]["per_unit"] == 0.5
    assert facts["exits"]["stop_loss"] == 0.1
    assert "take_profit" not in facts["exits"]
    assert facts["execution"]["fill"] == "close"
    assert facts["strategy"] == "cross"
    assert facts["parameters"] == {"fast": 4, "slow": 20}
    assert facts["fill_contract"] == 1
    assert facts["engine"]


def test_an_engine_that_is_not_installed_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    from importlib import metadata

    def missing(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", missing)
    assert (
        _result.provenance(at.backtest(Cross, BARS).market, at.backtest(Cross, BARS).rules)["engine"] == "uninstalled"
    )


def test_plain_data_of_a_result() -> None:
    result = at.backtest(Cross, BARS)
    data = json.loads(json.dumps(result.to_dict()))
    assert data["metrics"] == pytest.approx(result.metrics, nan_ok=True)
    assert data["trade_count"] == result.trade_count
    assert data["explanation"]["stages"][0] == {"stage": "bars", "count": 300}
    assert data["explanation"]["message"] == result.explain().message
    assert not data["same_bar"]
    assert repr(result) == "Result(strategy='cross', parameters=ParameterSet({'fast': 3, 'slow': 20}))"


# ------------------------------------------------------------------------------------------- Study


def test_trials_are_a_frame_with_one_row_per_set_in_order() -> None:
    study = search(metrics=["cagr", "omega_ratio"])
    assert list(study.trials.columns) == [
        "fast", "slow", "sharpe_ratio", "max_drawdown", "cagr", "omega_ratio", "trade_count",
    ]  # fmt: skip
    assert len(study.trials) == study.n_trials == 40
    assert study.trials["fast"].dtype == np.int64
    assert study.trials.loc[3, "fast"] == study.found.trials.parameters.row(3)["fast"]
    assert study.trials is study.trials


def test_a_metric_called_like_a_parameter_keeps_both_columns() -> None:
    class Volatile(at.Strategy):
        volatility = at.FloatParameter(0.1, 0.9, default=0.5)

        def signals(self, see: at.Columns) -> at.Expression:
            return see.rsi(14) > 100 * self.volatility

    study = search(strategy=Volatile, objectives="volatility", trials=5)
    assert study.trials["volatility"].between(0.1, 0.9).all()
    best = study.trials["metric_volatility"].min()
    assert study.best().metrics["volatility"] == best


def test_the_front_holds_what_nothing_beats_best_first() -> None:
    study = search()
    front = study.pareto_front
    assert all(isinstance(point, ParetoPoint) and point.rank == 1 for point in front)
    values = np.array([[point.objectives["sharpe_ratio"], -point.objectives["max_drawdown"]] for point in front])
    assert (np.diff(values[:, 0]) <= 0).all()
    everything = study.trials[["sharpe_ratio", "max_drawdown"]].dropna().to_numpy() * [1.0, -1.0]
    for row in values:
        assert not ((everything >= row).all(axis=1) & (everything > row).any(axis=1)).any()
    assert len({point.parameters.id for point in front}) == len(front)


def test_the_best_is_asked_for_by_any_name_of_an_objective() -> None:
    study = search()
    best = study.best()
    assert isinstance(best, Trial)
    assert best == study.best("sharpe_ratio") == study.best("sharpe")
    assert study.best("drawdown").metrics["max_drawdown"] == study.trials["max_drawdown"].min()
    with pytest.raises(
        UnknownName, match=r"^unknown objective of this study 'sharp'. Fix: use one of max_drawdown, sharpe_ratio"
    ):
        study.best("sharp")


def test_importance_shares_out_the_variation() -> None:
    assert set(search().importance) == {"fast", "slow"}
    assert sum(search().importance.values()) == pytest.approx(1.0)
    fixed = search(fixed={"fast": 3})
    assert fixed.importance == pytest.approx({"slow": 1.0})


def test_without_a_hold_out_there_is_nothing_out_of_sample() -> None:
    study = search(train_fraction=1.0)
    assert study.out_of_sample is None
    assert set(study.benchmark) == {"in_sample"}
    data = study.to_dict()
    assert data["out_of_sample"] is None
    np.testing.assert_equal(study.in_sample, study.best_result().metrics)


def test_a_fraction_near_one_still_keeps_a_bar() -> None:
    study = search(train_fraction=0.9999)
    assert study.sweep is not None
    assert study.sweep.in_sample == (0, 299)
    assert study.sweep.out_of_sample == (299, 300)
    assert study.out_of_sample is not None


def test_the_best_result_is_a_backtest_of_all_bars() -> None:
    study = search()
    result = study.best_result("max_drawdown")
    assert result.parameters == study.best("max_drawdown").parameters
    assert len(result.equity) == 300
    np.testing.assert_equal(result.metrics, at.backtest(Cross(**result.parameters), BARS).metrics)


def test_the_verdict_counts_every_trial_and_their_spread() -> None:
    study = search()
    verdict = study.verdict
    assert verdict.n_trials == 40
    assert verdict.n_bars == 210
    spread = float(np.var(study.trials["sharpe_ratio"].dropna(), ddof=1))
    assert spread > 0.0
    alone = search(trials=1)
    assert alone.verdict.luck_sharpe == 0.0
    assert alone.verdict.n_trials == 1
    many, few = search(trials=200).verdict, search(trials=3).verdict
    assert many.n_trials > few.n_trials


def test_the_verdict_does_not_depend_on_the_metrics_kept() -> None:
    assert search(metrics=["cagr"], objectives="cagr").verdict == search(objectives="cagr").verdict


def test_plain_data_of_a_study() -> None:
    study = search()
    data = json.loads(json.dumps(study.to_dict()))
    assert data["best"]["parameters"] == dict(study.best().parameters)
    assert data["objectives"] == ["sharpe_ratio", "max_drawdown"]
    assert data["trials"] == 40
    assert data["strategy"] == "cross"
    assert data["verdict"]["words"] == study.verdict.words
    assert data["verdict"]["evidence"] in set(Evidence)
    assert data["provenance"]["method"] == "random"
    assert data["provenance"]["seed"] == 2
    assert data["pareto_front"][0]["rank"] == 1
    assert data["seconds"] > 0
    assert repr(study).startswith(
        "Study(objectives=('sharpe_ratio', 'max_drawdown'), method='random', seed=2, seconds="
    )


def test_a_search_in_which_nothing_traded_says_so() -> None:
    study = search(strategy=Never, trials=4)
    assert study.pareto_front == []
    assert all(math.isnan(share) for share in study.importance.values())
    for ask in (study.best, study.best_result, study.to_dict):
        with pytest.raises(NothingToReport, match=r"^none of the 4 evaluated sets traded, so none has a sharpe_ratio"):
            ask()


def test_bounds_are_replaced_and_parameters_held_still() -> None:
    study = search(space={"fast": (4, 5)}, fixed={"slow": 30})
    assert set(study.trials["fast"]) == {4, 5}
    assert set(study.trials["slow"]) == {30}
    grid = search(method="grid", trials=None, resolution=3)
    assert grid.trials.groupby(["fast", "slow"]).ngroups == grid.n_trials <= 9
    ready = search(space={"fast": at.IntParameter(6, 6, default=6)})
    assert set(ready.trials["fast"]) == {6}


@pytest.mark.parametrize(("method", "trials"), [("random", 500), ("bayesian", 200), ("grid", 303), ("genetic", 2_000)])
def test_every_method_has_a_number_of_trials_of_its_own(method: str, trials: int) -> None:
    assert search(method=method, trials=None, strategy=Wide if method != "grid" else Cross).n_trials == trials


class Wide(at.Strategy):
    """A space with more sets than any default asks for."""

    level = at.FloatParameter(0.0, 100.0, default=50.0)

    def signals(self, see: at.Columns) -> at.Expression:
        return see.rsi(14) > self.level


# --------------------------------------------------------------------------- Studies of a function


def test_numbers_called_minimize_go_down_and_known_metrics_as_declared() -> None:
    space = {"x": (0.0, 1.0)}

    def both(x: float) -> tuple[float, float]:
        return x, 1.0 - x

    study = at.optimize(objective=both, space=space, objectives=["minimize", "minimize"], method="random", trials=30)
    assert study.objectives == ("minimize_1", "minimize_2")
    assert len(study.pareto_front) == 30
    named = at.optimize(objective=both, space=space, objectives=["max_drawdown", "gain"], method="random", trials=30)
    assert named.best().metrics["max_drawdown"] == named.trials["max_drawdown"].min()
    assert named.best("gain").metrics["gain"] == named.trials["gain"].max()
    mixed = at.optimize(objective=both, space=space, objectives=["maximise_gain", "minimise_loss"], trials=15)
    assert mixed.best().metrics["maximise_gain"] == mixed.trials["maximise_gain"].max()
    single = at.optimize(objective=lambda x: x, space=space, objectives="minimize", method="random", trials=9)
    assert single.best().metrics["minimize"] == single.trials["minimize"].min()


def test_a_function_gets_plain_values_by_name() -> None:
    seen: list[dict[str, object]] = []

    def remember(**values: object) -> float:
        seen.append(values)
        return 0.0

    space = {"x": (0.0, 1.0), "n": range(5, 50, 5), "k": ["a", "b"], "flag": [True, False], "m": (1, 3)}
    at.optimize(objective=remember, space=space, method="random", trials=20, fixed={"m": 2})
    assert len(seen) == 20
    for values in seen:
        assert [type(values[name]) for name in space] == [float, int, str, bool, int]
        assert values["m"] == 2
        assert values["n"] in range(5, 50, 5)


def test_values_that_are_no_number_are_never_best() -> None:
    def shaky(x: float) -> float:
        return math.nan if x < 0.3 else math.inf if x < 0.6 else x

    study = at.optimize(objective=shaky, space={"x": (0.0, 1.0)}, method="random", trials=60, seed=1)
    assert study.best().parameters["x"] == study.trials["x"].max()
    assert len(study.pareto_front) == 1
    hopeless = at.optimize(objective=lambda x: math.nan, space={"x": (0.0, 1.0)}, method="random", trials=5)
    with pytest.raises(
        NothingToReport, match=r"^none of the 5 evaluated sets has a objective: each is NaN or infinite"
    ):
        hopeless.best()


def test_plain_data_of_a_study_of_a_function() -> None:
    study = at.optimize(objective=lambda x: x, space=at.Space.of({"x": (0.0, 1.0)}), method="random", trials=9, seed=3)
    data = json.loads(json.dumps(study.to_dict()))
    assert data["provenance"] == {"method": "random", "seed": 3, "trials": 9}
    assert "verdict" not in data
    assert data["best"]["metrics"] == {"objective": study.trials["objective"].max()}


# ------------------------------------------------------------------------------------ WalkForward


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
    assert {(later - earlier).days for earlier, later in zip(starts[:-1], starts[1:], strict=True)} == {14}


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
    assert repr(result).startswith("WalkForwardResult(objective='calmar_ratio', method='grid', seed=0, seconds=")


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
