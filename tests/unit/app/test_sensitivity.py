"""How a set depends on its values: each number equals what measuring the sets one by one gives."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest

from autonomous_trading.app import Evaluator, Market, Rules
from autonomous_trading.app.evidence import Sensitivity, SensitivitySettings, sensitivity_of
from autonomous_trading.core import (
    CategoricalParameter,
    Expression,
    FloatArray,
    FloatParameter,
    IntParameter,
    InvalidInput,
    InvalidParameter,
    ParameterTable,
    Space,
)
from autonomous_trading.strategies import STRATEGIES, Columns, Strategy
from autonomous_trading.testing import random_walk
from autonomous_trading.validation import parameter_sensitivity, parameter_stability_score, plateau_score

BARS = random_walk(1_500, seed=5, volatility=0.01, drift=0.0004)
CROSS = STRATEGIES["ma_cross"]
SPACE = CROSS.space()
SPAN = (100, 1_300)
EVALUATOR = Evaluator.of(CROSS, Market.of(BARS), Rules())
CHOSEN = {"fast": 20, "slow": 60}
QUICK = SensitivitySettings(points=9, neighbours=20, radius=0.1, sobol_sets=128)


class Kinds(Strategy):
    """Above an average of one of two kinds; the width of a band counts for one of them, a number for nothing."""

    kind = CategoricalParameter(["plain", "band"], default="plain")
    window = IntParameter(10, 60, default=30, step=10)
    width = FloatParameter(0.0, 0.02, default=0.01, when={"kind": "band"})
    idle = FloatParameter(0.0, 1.0, default=0.5)

    def signals(self, see: Columns) -> Expression:
        if self.kind == "band":
            return see.close > see.sma(self.window) * (1.0 + self.width)
        return see.close > see.sma(self.window) * (1.0 + 0.0 * self.idle)


class Never(Strategy):
    """Trades where its threshold is low, and not at all where it is high."""

    threshold = FloatParameter(0.0, 1.0, default=0.25)

    def signals(self, see: Columns) -> Expression:
        return see.close * self.threshold < see.sma(20) * 0.5


KINDS = Evaluator.of(Kinds, Market.of(BARS), Rules())
NEVER = Evaluator.of(Never, Market.of(BARS), Rules())


def found_of(metric: str = "sharpe_ratio", seed: int = 0, settings: SensitivitySettings = QUICK) -> Sensitivity:
    return sensitivity_of(EVALUATOR, SPACE, CHOSEN, SPAN, metric=metric, seed=seed, settings=settings)


def measured(evaluator: Evaluator, rows: list[dict[str, Any]], metric: str = "sharpe_ratio") -> FloatArray:
    """Each set by itself."""
    tables = [ParameterTable.from_rows([row]) for row in rows]
    return np.array([evaluator.measure(table, [metric], *SPAN)[metric][0] for table in tables])


def test_a_curve_is_each_set_by_itself_over_the_whole_range() -> None:
    found = found_of()
    assert [curve.name for curve in found.curves] == ["fast", "slow"]
    assert found.center == measured(EVALUATOR, [CHOSEN])[0]
    for curve in found.curves:
        parameter = SPACE.parameters[curve.name]
        assert set(parameter.grid(9)) | {CHOSEN[curve.name]} <= set(curve.values)
        assert list(curve.values) == sorted(curve.values, key=float)
        rows = [{**CHOSEN, curve.name: value} for value in curve.values]
        allowed = np.array([float(row["fast"]) < float(row["slow"]) for row in rows])
        np.testing.assert_array_equal(curve.allowed, allowed)
        expected = np.where(allowed, measured(EVALUATOR, rows), np.nan)
        np.testing.assert_array_equal(curve.metric, expected)
        assert not allowed.all()


def test_what_is_kept_nearby_is_the_worst_within_the_radius() -> None:
    for curve in found_of().curves:
        parameter = SPACE.parameters[curve.name]
        values = np.array(curve.values)
        middle = parameter.to_unit(np.array([curve.chosen]))
        away = np.abs(parameter.to_unit(values) - middle)
        near = (away > 0.0) & (away <= 0.1 + 1e-9)
        np.testing.assert_array_equal(curve.near, near)
        assert near.sum() >= 4
        kept = curve.metric[near & curve.allowed] / found_of().center
        assert curve.kept_nearby == pytest.approx(kept.min())
        assert curve.fragile == (curve.kept_nearby < 0.5)


def test_the_neighbourhood_is_scored_by_the_definitions() -> None:
    found = found_of("total_return")
    unit = SPACE.to_unit(SPACE.table([CHOSEN]))
    draws = np.random.default_rng(0).uniform(-1.0, 1.0, (20, 2))
    least = np.array([1.0 / (SPACE.parameters[name].cardinality or 1) for name in SPACE.names])
    move = np.sign(draws) * np.maximum(0.1 * np.abs(draws), least)
    table = SPACE.from_unit(unit + move)
    values = EVALUATOR.measure(table, ["total_return"], *SPAN)["total_return"][SPACE.feasible(table)]
    near = found.neighbourhood
    assert (near.sets, near.refused, near.without_value) == (len(values), 20 - len(values), 0)
    assert near.median == np.median(values)
    assert near.worst == values.min()
    assert near.share_positive == np.mean(values > 0.0)
    assert near.plateau_score == plateau_score(found.center, values)
    assert found.parameter_stability_score == parameter_stability_score(found.center, values)
    assert found.parameter_sensitivity == parameter_sensitivity(found.center, values)


def test_of_a_metric_to_minimise_the_worst_is_the_largest() -> None:
    found = found_of("max_drawdown")
    assert found.neighbourhood.worst >= found.neighbourhood.median
    for curve in found.curves:
        kept = 2.0 - curve.metric[curve.near & curve.allowed] / found.center
        assert curve.kept_nearby == pytest.approx(kept.min())


def test_no_set_is_run_twice_and_every_set_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    run: list[str] = []
    measure = Evaluator.measure

    def counting(self: Evaluator, table: ParameterTable, *rest: Any) -> dict[str, FloatArray]:
        run.extend(row.id for row in table.rows())
        assert len(table) <= 50
        return measure(self, table, *rest)

    monkeypatch.setattr("autonomous_trading.app.evidence._sensitivity._BATCH", 50)
    monkeypatch.setattr(Evaluator, "measure", counting)
    found = found_of()
    assert len(run) == len(set(run)) == found.evaluated
    assert found.evaluated > 100


def test_the_same_seed_gives_the_same_answer_and_another_one_another() -> None:
    assert json.dumps(found_of(seed=3).to_dict()) == json.dumps(found_of(seed=3).to_dict())
    assert found_of(seed=3).to_dict()["sobol"] != found_of(seed=4).to_dict()["sobol"]
    assert found_of(seed=3).neighbourhood != found_of(seed=4).neighbourhood


def test_what_comes_after_the_span_changes_nothing() -> None:
    cut = Evaluator.of(CROSS, Market.of(BARS[: SPAN[1]]), Rules())
    found = sensitivity_of(cut, SPACE, CHOSEN, SPAN, settings=QUICK)
    assert found.to_dict() == found_of().to_dict()


def test_the_order_of_the_parameters_does_not_matter_to_a_curve() -> None:
    turned = Space(dict(reversed(list(SPACE.parameters.items()))), SPACE.constraint)
    found = sensitivity_of(EVALUATOR, turned, CHOSEN, SPAN, settings=QUICK)
    expected = found_of()
    assert found.to_dict()["one_at_a_time"] == expected.to_dict()["one_at_a_time"]
    assert found.indices is not None
    assert expected.indices is not None
    assert found.indices.names == ("slow", "fast")


def test_indices_find_the_parameter_that_counts() -> None:
    settings = SensitivitySettings(sobol_sets=400, neighbours=4)
    space = Kinds.space().fix({"kind": "plain"})
    found = sensitivity_of(KINDS, space, {"window": 30}, SPAN, settings=settings)
    assert found.indices is not None
    assert found.indices.names == ("window", "width", "idle")
    assert found.indices.sets == 64 * 5
    np.testing.assert_allclose(found.indices.found.total, [1.0, 0.0, 0.0], atol=0.25)
    assert found.indices.found.total[1:].tolist() == [0.0, 0.0]
    # and the same set is one set: only the windows and the values of `idle` differ
    assert {curve.name: len(curve.values) for curve in found.curves}["width"] == 1
    assert found.curves[1].values == (0.01,)


def test_choices_are_held_still_nearby_and_drawn_over_the_range() -> None:
    found = sensitivity_of(KINDS, Kinds.space(), {"kind": "band", "width": 0.005}, SPAN, settings=QUICK)
    kind, window, width, _ = found.curves
    assert kind.values == ("plain", "band")
    assert math.isnan(kind.kept_nearby)
    assert not kind.fragile
    assert not kind.near.any()
    assert window.values == (10, 20, 30, 40, 50, 60)  # one step is the least, whatever the radius
    assert window.near.tolist() == [False, True, False, True, False, False]
    assert len(width.values) >= 9
    rows = [
        {"window": 30, "idle": 0.5, "width": width, "kind": kind} for kind, width in (("plain", 0.01), ("band", 0.005))
    ]
    np.testing.assert_array_equal(kind.metric, measured(KINDS, rows))


def test_where_no_number_counts_there_are_no_neighbours() -> None:
    space = Kinds.space().fix({"window": 30, "idle": 0.5})
    found = sensitivity_of(KINDS, space, {"kind": "plain"}, SPAN, settings=SensitivitySettings(sobol_sets=0))
    near = found.neighbourhood
    assert (near.sets, near.refused, near.without_value) == (0, 0, 0)
    for value in (near.median, near.worst, near.share_positive, near.plateau_score, found.parameter_stability_score):
        assert math.isnan(value)
    assert found.indices is None
    assert found.fragile == ()
    assert found.to_dict()["sobol"] is None
    assert found.to_dict()["parameter_stability_score"] is None


def test_sets_that_do_not_trade_count_as_zero_in_the_indices_and_as_lost_nearby() -> None:
    settings = SensitivitySettings(points=11, neighbours=40, radius=0.5, sobol_sets=96)
    found = sensitivity_of(NEVER, Never.space(), {"threshold": 0.45}, SPAN, settings=settings)
    (curve,) = found.curves
    idle = np.isnan(curve.metric)
    assert 0 < idle.sum() < len(idle)
    assert curve.allowed.all()
    assert curve.kept_nearby == -math.inf
    assert found.fragile == ("threshold",)
    assert found.neighbourhood.without_value > 0
    assert found.indices is not None
    assert 0.1 < found.indices.untraded < 0.9
    assert found.indices.refused == found.indices.without_value == 0.0
    np.testing.assert_allclose(found.indices.found.total, [1.0], atol=0.3)
    assert "of the space does not trade and counts as 0" in str(found)
    assert "without a value" in str(found)
    assert "nothing" in str(found)
    assert json.loads(json.dumps(found.to_dict(), allow_nan=False))["one_at_a_time"]["threshold"]["kept_nearby"] is None


def test_a_chosen_set_that_does_not_trade_has_no_scores() -> None:
    found = sensitivity_of(NEVER, Never.space(), {"threshold": 0.95}, SPAN, settings=QUICK)
    assert math.isnan(found.center)
    assert math.isnan(found.parameter_stability_score)
    assert found.fragile == ()
    assert found.to_dict()["center"] is None
    assert "The set has no sharpe_ratio above 0" in str(found)


def test_refused_sets_count_as_the_mean_in_the_indices() -> None:
    """A metric that is the same wherever a set is allowed does not vary because of the constraint."""
    same = Space(
        Kinds.space().fix({"kind": "plain", "window": 30}).parameters, lambda table: table.column("idle") < 0.6
    )
    space = same.fix({"kind": "plain", "window": 30})
    found = sensitivity_of(KINDS, space, {}, SPAN, settings=QUICK)
    assert found.indices is not None
    assert found.indices.refused == pytest.approx(0.4, abs=0.1)
    assert np.isnan(found.indices.found.total).all()
    assert "of the space is refused by the constraint and counts as the mean" in str(found)
    assert found.parameter_stability_score == 1.0
    assert found.parameter_sensitivity == 0.0


def test_a_set_that_traded_and_has_no_value_counts_as_the_mean() -> None:
    """Five bars: some sets never lost, and have no profit factor though they traded."""
    found = sensitivity_of(EVALUATOR, SPACE, CHOSEN, (100, 160), metric="profit_factor", settings=QUICK)
    assert found.indices is not None
    assert found.indices.without_value > 0.0


def test_as_text() -> None:
    lines = str(found_of()).splitlines()
    assert lines[0].endswith("at fast=20 slow=60")
    assert lines[0].startswith("sharpe_ratio ")
    assert "neighbours within 10 % of each range: median " in lines[1]
    assert "parameter_stability_score" in lines[2]
    assert lines[4].split() == [
        "parameter", "chosen", "kept", "nearby", "explains", "alone", "has", "a", "part", "in", "95", "%", "interval",
    ]  # fmt: skip
    assert lines[-1] == f"{found_of().evaluated:,} sets were run"
    without = str(found_of(settings=SensitivitySettings(sobol_sets=0)))
    assert "explains alone" not in without


def test_what_cannot_be_asked_is_refused() -> None:
    with pytest.raises(InvalidInput, match="plateau_sharpe_ratio is already a score over parts or neighbours"):
        found_of("plateau_sharpe_ratio")
    with pytest.raises(InvalidInput, match="psr is not a number of one backtest"):
        found_of("psr")
    with pytest.raises(InvalidInput, match="there are no free parameters, so nothing can be sensitive to them"):
        sensitivity_of(EVALUATOR, SPACE.fix(CHOSEN), CHOSEN, SPAN)
    with pytest.raises(InvalidInput, match="sobol_sets=60 are too few for 2 parameters: 64 is the least"):
        found_of(settings=SensitivitySettings(sobol_sets=60))
    with pytest.raises(InvalidParameter, match="the constraint refuses fast=60, slow=20"):
        sensitivity_of(EVALUATOR, SPACE, {"fast": 60, "slow": 20}, SPAN)


@pytest.mark.parametrize(
    ("name", "value", "rule"),
    [
        ("points", 1, "points must be a whole number from 2 to 1,000; got 1"),
        ("neighbours", 0, "neighbours must be a whole number from 1 to 100,000; got 0"),
        ("sobol_sets", -1, "sobol_sets must be a whole number from 0 to 1,000,000; got -1"),
        ("sobol_sets", True, "got True"),
        ("points", 2.0, "got 2.0"),
        ("radius", 0.0, "radius must be above 0 and at most 0.5; got 0.0"),
        ("radius", 0.6, "got 0.6"),
        ("radius", "wide", "got 'wide'"),
    ],
)
def test_settings_out_of_range_are_refused(name: str, value: object, rule: str) -> None:
    settings: dict[str, Any] = {name: value}
    with pytest.raises(InvalidInput, match=rule):
        SensitivitySettings(**settings)
