"""The stress test behind a result: the same set, market, rules and bars, and answers in words and plain data."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

import autonomous_trading as at
from autonomous_trading.app.evidence import CostStress, SimulatedMarket
from autonomous_trading.core import InvalidInput
from autonomous_trading.interfaces.python._stress import StressResult, _between, _market_words
from tests.small_strategies import Cross, bars

SMALL: Any = {"damaged": 2, "neighbours": 5, "tickets": 20, "markets": 2, "paths": 20}


@pytest.fixture(scope="module")
def result() -> at.Result:
    return at.backtest(Cross(), bars(seed=6), start=20, stop=280, costs=at.Costs(commission=0.002))


@pytest.fixture(scope="module")
def stress(result: at.Result) -> StressResult:
    return result.stress(seed=3, **SMALL)


def test_what_is_stressed_is_what_was_run(result: at.Result, stress: StressResult) -> None:
    outcome = stress.outcome
    assert outcome.performance.metrics["total_return"] == result.metrics["total_return"]
    assert outcome.performance.span == (20, 280)
    assert outcome.seed == 3
    assert (outcome.entry.evaluated, len(outcome.markets[0].strategy)) == (20, 2)
    assert f"{outcome.evaluated:,} runs and paths" in repr(stress)
    costs: CostStress = outcome.costs
    assert costs.metrics["total_return"][list(costs.factors).index(1.0)] == result.metrics["total_return"]


def test_answers_are_sentences_and_plain_data(stress: StressResult) -> None:
    text = stress.summary()
    for word in (
        "cross fast=3 slow=20",
        "260 bars",
        "1 bar later",
        "2 bars later",
        "random entry: p = ",
        "opens stale",
    ):
        assert word in text
    assert all(line in text for line in stress.words)
    plain = json.loads(json.dumps(stress.to_dict(), allow_nan=False))
    assert plain["evaluated"] == stress.outcome.evaluated
    assert plain["words"] == list(stress.words)
    assert plain["traded"]["bars"] == 260


def test_a_set_of_a_search_can_be_stressed_too() -> None:
    study = at.optimize(Cross, bars(seed=6), trials=4, method="random")
    found = study.best_result().stress(**SMALL)
    assert found.outcome.performance.metrics["total_return"] == study.best_result().metrics["total_return"]


def test_facts_for_a_report_are_those_of_the_outcome(stress: StressResult) -> None:
    facts = stress.facts()
    assert facts.fan is not None
    assert facts.drawdowns is not None
    assert facts.entries is not None
    assert facts.fan.time[0] == stress.market.bars.time[20]
    assert facts.fan.time[-1] == stress.market.bars.time[279]
    assert facts.entries.p_value == stress.outcome.entry.p_values["sharpe_ratio"]
    labels = [row.label for row in facts.rows]
    assert labels[:5] == ["1 bar later", "2 bars later", "5 bars later", "Noise", "Missing"]
    assert labels.count("Holding there") == 3


def test_a_run_without_trades_is_stressed_without_paths() -> None:
    found = at.backtest(Cross(), bars(seed=6), start=0, stop=10).stress(**SMALL)
    facts = found.facts()
    assert facts.fan is None
    assert facts.drawdowns is None
    assert "it earns nothing even without costs" in found.words
    assert "finite returns or more" in found.summary()
    json.dumps(found.to_dict(), allow_nan=False)


def test_words_for_what_was_not_evaluated(stress: StressResult) -> None:
    nothing = stress.outcome.jitter.nearby
    empty = type(nothing)({name: values[:0] for name, values in nothing.values.items()})
    assert _between(empty) == "n/a"
    market = SimulatedMarket("garch", "clusters", "patterns", empty, empty, 0, "no GARCH fits these returns")
    assert _market_words(market) == "simulated, garch: no GARCH fits these returns"


def test_targets_have_no_strategy_to_run_again() -> None:
    market = bars(seed=6)
    result = at.simulate(market, np.ones(len(market)))
    with pytest.raises(
        InvalidInput, match=r"nothing to run again on other prices.*Fix: write the targets as a strategy"
    ):
        result.stress()


def test_settings_are_checked(result: at.Result) -> None:
    wrong: Any = {"ticket": 3}
    with pytest.raises(InvalidInput, match="tickets"):
        result.stress(**wrong)
    with pytest.raises(InvalidInput, match="paths must be a whole number of at least 1; got 0"):
        result.stress(**{**SMALL, "paths": 0})
