"""The sensitivity of the best set of a study, asked in one line."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

import autonomous_trading as at
from autonomous_trading.app.evidence import SensitivitySettings, sensitivity_of
from autonomous_trading.core import InvalidInput, NothingToReport, UnknownName
from autonomous_trading.interfaces.python._report_sensitivity import report_of_sensitivity
from autonomous_trading.interfaces.report import ReportContent, render_report
from tests.small_strategies import Cross, Never, bars

BARS = bars(seed=1)
QUICK: dict[str, Any] = {"points": 5, "neighbours": 6, "sobol_sets": 64}


def search(strategy: type[at.Strategy] = Cross, **changes: Any) -> at.Study:
    return at.optimize(strategy, BARS, **{"method": "random", "trials": 30, "seed": 2, **changes})


def test_it_is_that_of_the_best_set_on_the_bars_the_search_saw() -> None:
    study = search()
    found = study.sensitivity(**QUICK, seed=3)
    sweep = study.sweep
    assert sweep is not None
    assert sweep.in_sample[1] < len(BARS)
    expected = sensitivity_of(
        sweep.evaluator,
        study.space,
        study.best().parameters,
        sweep.in_sample,
        seed=3,
        settings=SensitivitySettings(**QUICK),
    )
    assert found.to_dict() == expected.to_dict()
    assert found.center == pytest.approx(study.best().metrics["sharpe_ratio"])
    assert study.n_trials == 30


def test_its_metric_is_the_one_below_the_first_objective_or_the_one_asked_for() -> None:
    study = search(objectives=["worst_fold_total_return", "max_drawdown"])
    assert study.sensitivity(**QUICK).metric == "total_return"
    assert study.sensitivity("Max drawdown", **QUICK).metric == "max_drawdown"


def test_a_set_with_a_fixed_parameter() -> None:
    found = search(fixed={"slow": 40}).sensitivity(**QUICK)
    assert [curve.name for curve in found.curves] == ["fast"]
    assert found.parameters["slow"] == 40


def test_what_cannot_be_asked() -> None:
    with pytest.raises(UnknownName, match="unknown setting of sensitivity 'raduis'"):
        search().sensitivity(raduis=0.1)
    with pytest.raises(InvalidInput, match="seed must be a whole number of at least 0; got -1"):
        search().sensitivity(seed=-1)
    with pytest.raises(UnknownName, match="sharp"):
        search().sensitivity("sharp_ratoi")
    with pytest.raises(NothingToReport, match=r"none of the .* evaluated sets traded"):
        search(Never).sensitivity()
    own = at.optimize(objective=lambda x: x, space={"x": (0.0, 1.0)}, objectives=["x"], method="random", trials=5)
    with pytest.raises(InvalidInput, match="this study searched a function of its own"):
        own.sensitivity()


def test_it_can_be_drawn() -> None:
    found = search().sensitivity(**QUICK)
    facts = report_of_sensitivity(found)
    assert [curve.parameter for curve in facts.curves] == ["fast", "slow"]
    assert facts.sets == found.evaluated
    assert found.indices is not None
    for place, share in enumerate(facts.shares):
        assert share.total == found.indices.found.total[place]
        assert [share.low, share.high] == found.indices.found.total_interval[place].tolist()
    np.testing.assert_array_equal(facts.curves[0].scores, found.curves[0].metric)
    assert 'id="sensitivity"' in render_report(ReportContent(title="Drawn", sensitivity=facts))
    without = report_of_sensitivity(search().sensitivity(**{**QUICK, "sobol_sets": 0}))
    assert without.shares == ()
    json.dumps(found.to_dict(), allow_nan=False)
