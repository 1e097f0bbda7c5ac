"""Functions of one's own: what is passed, what is kept, and which way is better."""

from __future__ import annotations

import json
import math

import pytest

import autonomous_trading as at
from autonomous_trading.core import NothingToReport


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
    hopeless = at.optimize(objective=lambda **_: math.nan, space={"x": (0.0, 1.0)}, method="random", trials=5)
    with pytest.raises(
        NothingToReport, match=r"^none of the 5 evaluated sets has a value for objective: each is NaN or infinite"
    ):
        hopeless.best()


def test_plain_data_of_a_study_of_a_function() -> None:
    study = at.optimize(objective=lambda x: x, space=at.Space.of({"x": (0.0, 1.0)}), method="random", trials=9, seed=3)
    data = json.loads(json.dumps(study.to_dict()))
    facts = data["provenance"]
    assert (facts["method"], facts["seed"], facts["trials"], facts["objectives"]) == ("random", 3, 9, ["objective"])
    assert facts["space"] == {"x": {"type": "FloatParameter", "low": 0.0, "high": 1.0, "default": 0.5}}
    assert facts["source"]["file"] == "test_python_own_objective.py"
    assert "verdict" not in data
    assert data["best"]["metrics"] == {"objective": study.trials["objective"].max()}
