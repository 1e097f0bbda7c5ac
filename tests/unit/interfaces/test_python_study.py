"""A study, as a person gets it: every trial, the best, the front, the verdict, and the bars it did not see."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest

import autonomous_trading as at
from autonomous_trading.core import NothingToReport, UnknownName
from autonomous_trading.interfaces.python import ParetoPoint, Trial
from autonomous_trading.validation import Evidence
from tests.small_strategies import Cross, Never, Wide, bars

BARS = bars(seed=1)


def search(**changes: Any) -> at.Study:
    given = {"objectives": ["sharpe_ratio", "max_drawdown"], "method": "random", "trials": 40, "seed": 2, **changes}
    return at.optimize(given.pop("strategy", Cross), given.pop("data", BARS), **given)


def test_trials_are_a_frame_with_one_row_per_set_in_order() -> None:
    study = search(metrics=["cagr", "omega_ratio"])
    assert list(study.trials.columns) == [
        "fast", "slow", "sharpe_ratio", "max_drawdown", "cagr", "omega_ratio", "trade_count", "pareto_rank",
    ]  # fmt: skip
    assert (study.trials["pareto_rank"] == study.found.ranks()).all()
    assert "pareto_rank" not in search(objectives="sharpe_ratio").trials
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
    assert {type(point) for point in front} == {ParetoPoint}
    assert {point.rank for point in front} == {1}
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


def test_a_search_in_which_nothing_traded_says_so() -> None:
    study = search(strategy=Never, trials=4)
    assert study.pareto_front == []
    assert all(math.isnan(share) for share in study.importance.values())
    for ask in (study.best, study.best_result):
        with pytest.raises(
            NothingToReport,
            match=r"^none of the 4 evaluated sets traded, so there is no value for sharpe_ratio and max",
        ):
            ask()


def test_plain_data_of_a_search_in_which_nothing_traded_explains_it() -> None:
    for objective in ("sharpe_ratio", "total_return"):  # without a value, and worth 0.0, for who never trades
        data = json.loads(json.dumps(search(strategy=Never, trials=4, objectives=objective).to_dict(), allow_nan=False))
        assert (data["best"], data["pareto_front"], data["verdict"], data["in_sample"]) == (None, [], None, None)
        assert data["parameters"] is not None
        assert data["explanation"]["stages"][-1] == {"stage": "fills", "count": 0}
        assert data["explanation"]["fix"]
        assert data["trials"] == 4
        assert data["benchmark"]["in_sample"]["trade_count"] == 1


def test_where_no_set_keeps_the_constraints_the_reason_is_said() -> None:
    study = search(constraints=["trade_count >= 1e9", "max_drawdown < 2"])
    reason = "none of the 40 evaluated sets keeps every constraint: 40 break trade_count >= 1000000000; "
    assert study.nothing is not None
    assert study.nothing.message.startswith(reason)
    assert study.summary().splitlines()[1:] == [f"No best set: {study.nothing.message}", f"Fix: {study.nothing.fix}"]
    assert study.explain() == study.nothing
    assert study.explain().stages == ()  # nothing is lost on the way from bars to fills
    assert repr(study) == "Study(random, 40 sets: none keeps every constraint)"
    data = json.loads(json.dumps(study.to_dict(), allow_nan=False))
    assert (data["best"], data["verdict"], data["parameters"]) == (None, None, None)
    assert data["explanation"] == study.nothing.to_dict()
    with pytest.raises(NothingToReport, match=f"^{reason}"):
        study.best()


def test_a_function_without_a_best_says_why() -> None:
    study = at.optimize(
        objective=lambda x: x, space={"x": (0.0, 1.0)}, method="random", trials=5, constraints="objective > 7"
    )
    reason = "none of the 5 evaluated sets keeps every constraint: 5 break objective > 7"
    assert f"No best set: {reason}" in study.summary()
    assert (study.to_dict()["best"], study.to_dict()["explanation"]["message"]) == (None, reason)


def test_a_best_set_that_never_trades_is_one_where_others_trade() -> None:
    study = search(strategy=Wide, objectives="max_drawdown", trials=30)
    assert study.best().metrics["trade_count"] == 0
    assert (study.trials["trade_count"] > 0).any()
    assert study.nothing is None
    assert study.to_dict()["best"]["metrics"]["max_drawdown"] == 0.0


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


def test_a_study_shows_how_much_was_searched_and_the_best() -> None:
    study = search()
    best = study.best()
    fast, slow = best.parameters["fast"], best.parameters["slow"]
    found = f"sharpe_ratio {best.metrics['sharpe_ratio']:.4g} at fast={fast} slow={slow}"
    assert repr(study) == f"Study(random, 40 sets: {found})"
    assert repr(search(strategy=Never, trials=3)) == "Study(random, 3 sets: none has a sharpe_ratio)"
