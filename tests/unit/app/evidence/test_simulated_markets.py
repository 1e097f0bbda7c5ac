"""Simulated markets are made of valid bars that look like the real ones, and what runs on them is the plain run."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from autonomous_trading.app import Evaluator, Market, Rules
from autonomous_trading.app.evidence import (
    MARKET_MODELS,
    MarketModel,
    StressSizes,
    path_risk,
    simulated_markets,
    stress_of,
)
from autonomous_trading.app.evidence.stress import _simulated_markets
from autonomous_trading.app.evidence.stress._simulated_bars import BarShapes
from autonomous_trading.backtest import BACKTEST_METRICS, Costs, Execution, Exits, Request, bar_returns, metrics_of
from autonomous_trading.core import FloatArray, InvalidInput, ParameterTable, Refused
from autonomous_trading.strategies import Columns, SignalsLike, Strategy
from autonomous_trading.validation import PathModel
from tests.small_strategies import Cross, EverythingPlain, bars

SPAN = (20, 280)
PARAMETERS = {"fast": 3, "slow": 20}
ONE = Market.of(bars(seed=6))
TWO = Market.of({"A": bars(seed=6), "B": bars(seed=7)})
TWO_CLOCKS = Market.of({"A": bars(seed=6), "B": bars(seed=7)[60:250]})


class Record(PathModel):
    """Every history is the record."""

    def __init__(self, returns: FloatArray) -> None:
        self._returns = returns

    def draw(self, paths: int, periods: int, rng: np.random.Generator) -> FloatArray:
        whole: FloatArray = np.tile(np.resize(self._returns, periods), (paths, 1))
        return whole[rng.permutation(paths)]


RECORD = {"record": MarketModel(Record, "everything", "nothing")}


@pytest.mark.parametrize(
    "rules",
    [
        Rules(),
        Rules(exits=Exits(stop_loss=0.03, max_bars_held=9), execution=Execution(leverage=0.5, fill="close")),
        Rules(execution=Execution(rebalance_band=0.05, position_size=0.7, fill="same_close")),
    ],
)
@pytest.mark.parametrize("market", [ONE, TWO], ids=["one", "two"])
@pytest.mark.parametrize("span", [(0, 300), SPAN])
def test_on_the_record_itself_strategy_and_holding_are_the_plain_runs(
    market: Market, rules: Rules, span: tuple[int, int]
) -> None:
    evaluator = Evaluator.of(Cross, market, rules)
    (found,) = simulated_markets(evaluator, PARAMETERS, span, paths=2, models=RECORD)
    plain = evaluator.measure(ParameterTable.from_rows([PARAMETERS]), BACKTEST_METRICS, *span)
    held = metrics_of(evaluator.hold(*span, Request(extended=True)).statistics, BACKTEST_METRICS)
    for name, values in plain.items():
        assert found.strategy.values[name] == pytest.approx([values[0]] * 2, rel=1e-6, nan_ok=True), name
    for name, values in held.items():
        assert found.hold.values[name] == pytest.approx([values[0]] * 2, rel=1e-6, nan_ok=True), name
    assert found.evaluated == 4


def test_bars_made_of_the_returns_of_the_record_are_the_bars_of_the_record() -> None:
    whole = replace(bars(seed=6), extra={"more": np.arange(300.0)})
    evaluator = Evaluator.of(Cross, Market.of(whole), Rules())
    shapes = BarShapes.of(evaluator, (0, 300))
    (made,) = shapes.simulated(evaluator, shapes.returns).values()
    for name in ("open", "high", "low", "close", "volume"):
        np.testing.assert_allclose(getattr(made, name), getattr(whole, name), rtol=1e-9)
    np.testing.assert_array_equal(made.extra["more"], whole.extra["more"])


@pytest.mark.parametrize("market", [ONE, TWO, TWO_CLOCKS], ids=["one", "two", "two clocks"])
def test_simulated_bars_keep_the_past_and_have_the_returns_they_were_made_of(market: Market) -> None:
    evaluator = Evaluator.of(Cross, market, Rules())
    shapes = BarShapes.of(evaluator, SPAN)
    returns = np.random.default_rng(0).normal(0.0, 0.02, 260)
    returns[7] = -1.0
    made = Market.of(shapes.simulated(evaluator, returns))
    np.testing.assert_array_equal(made.bars.time, market.bars.time)
    ends = []
    for real, each in zip(market.instruments, made.instruments, strict=True):
        past = int(np.searchsorted(real.rows, 20))
        np.testing.assert_array_equal(each.bars.close[:past], real.bars.close[:past])
        later = int(np.searchsorted(real.rows, 280))
        np.testing.assert_array_equal(each.bars.close[later:], real.bars.close[later:])
        ends.append(each.bars.close[past:later])
    if market is not TWO_CLOCKS:
        changes = [end[1:] / end[:-1] - 1.0 for end in ends]
        mean = np.mean(changes, axis=0)
        usual = np.delete(np.arange(259), 6)
        assert mean[usual] == pytest.approx(returns[1:][usual], abs=1e-9)
        assert mean[6] == pytest.approx(-0.95, abs=0.05)  # a price stays above zero


def test_instruments_stay_together() -> None:
    one, other = bars(seed=6), bars(seed=7)
    close = one.close * np.exp(0.2 * np.log(other.close / other.close[0]))
    columns = {"open": close, "high": close * 1.001, "low": close * 0.999, "close": close}
    evaluator = Evaluator.of(Cross, Market.of({"A": one, "B": replace(other, **columns)}), Rules())
    shapes = BarShapes.of(evaluator, (0, 300))
    model = MARKET_MODELS["blocks"].make(shapes.returns)
    made = shapes.simulated(evaluator, model.draw(1, 299, np.random.default_rng(0))[0])
    correlations = [
        np.corrcoef(np.diff(np.log(each["A"].close)), np.diff(np.log(each["B"].close)))[0, 1]
        for each in ({"A": one, "B": replace(other, **columns)}, made)
    ]
    assert correlations[1] == pytest.approx(correlations[0], abs=0.1)


def test_every_model_is_asked_and_repeats_with_the_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    parameters = dict(EverythingPlain().parameters)
    evaluator = Evaluator.of(EverythingPlain, ONE, Rules())
    first, again, other = (simulated_markets(evaluator, parameters, SPAN, paths=5, seed=seed) for seed in (1, 1, 2))
    assert [each.model for each in first] == list(MARKET_MODELS)
    for each, same, different in zip(first, again, other, strict=True):
        assert each.problem == ""
        written, again_written, other_written = (json.dumps(one.to_dict()) for one in (each, same, different))
        assert written == again_written != other_written
        assert (each.evaluated, len(each.strategy), len(each.hold)) == (10, 5, 5)
        returns = each.strategy.values["total_return"]
        assert each.chance_of_loss() == np.mean(returns < 0.0)
        assert each.chance_of_ruin(-1.0) == 1.0
        assert each.chance_of_ruin(0.999) == 0.0
    monkeypatch.setattr(_simulated_markets, "_AT_ONCE", 2)
    (portions,) = simulated_markets(evaluator, parameters, SPAN, paths=5, models=RECORD)
    assert len(portions.strategy) == 5


def test_a_model_that_does_not_fit_says_so() -> None:
    evaluator = Evaluator.of(Cross, ONE, Rules())
    found = simulated_markets(evaluator, PARAMETERS, (20, 60), paths=2)
    assert [each.evaluated for each in found] == [0, 0, 4]
    assert "100 finite returns or more" in found[0].problem
    assert np.isnan(found[0].chance_of_loss())


def test_what_cannot_be_simulated_is_refused() -> None:
    evaluator = Evaluator.of(Cross, Market.of({"A": bars(seed=6)[:100], "B": bars(seed=7)[150:]}), Rules())
    with pytest.raises(InvalidInput, match="no bar in the span that all instruments have"):
        simulated_markets(evaluator, PARAMETERS, (0, evaluator.market.n_bars))

    class Peeks(Strategy):
        """Knows the last price."""

        def signals(self, see: Columns) -> SignalsLike:
            return see.close < float(np.asarray(see.close)[-1])

    with pytest.raises(Refused, match="look-ahead"):
        simulated_markets(Evaluator.of(Peeks, ONE, Rules()), {}, SPAN, paths=1)


def test_all_of_it_in_one_record() -> None:
    evaluator = Evaluator.of(Cross, ONE, Rules(costs=Costs(commission=0.001)))
    sizes = StressSizes(damaged=2, neighbours=10, tickets=20, markets=2, paths=50)
    found = stress_of(evaluator, PARAMETERS, SPAN, sizes=sizes, seed=5)
    plain = found.performance.metrics["total_return"]
    assert found.costs.metrics["total_return"][2] == plain == found.delays.metrics["total_return"][0]
    assert (
        found.data.own["total_return"] == found.jitter.own["total_return"] == found.entry.own["total_return"] == plain
    )
    damaged, neighbours, tickets, markets, paths = 3 * 2, found.jitter.evaluated, 20, 3 * 2 * 2, 2 * 50
    drawn = damaged + neighbours + tickets + markets + paths
    assert found.evaluated == found.costs.evaluated + len(found.delays.delays) + drawn
    again = stress_of(evaluator, PARAMETERS, SPAN, sizes=sizes, seed=5)
    assert json.dumps(found.to_dict()) == json.dumps(again.to_dict())


def test_the_fan_ends_where_the_paths_end_and_the_trades_end_where_the_run_does() -> None:
    evaluator = Evaluator.of(Cross, ONE, Rules())
    performance = stress_of(
        evaluator, PARAMETERS, SPAN, sizes=StressSizes(damaged=1, neighbours=1, tickets=1, markets=1, paths=1)
    ).performance
    found = path_risk(performance, 100_000.0, paths=300, seed=2)
    assert found.fan is not None
    assert found.bootstrapped is not None
    assert found.reordered is not None
    ends = 1.0 + found.bootstrapped.values["total_return"]
    for share, curve in found.fan.curves.items():
        assert curve[0] == 1.0
        assert curve[-1] == pytest.approx(np.quantile(ends, share))
    assert found.fan.real[-1] == pytest.approx(performance.equity[-1] / 100_000.0)
    assert (found.fan.bars[0], found.fan.bars[-1]) == (0, 260)
    np.testing.assert_allclose(found.reordered.values["total_return"], performance.metrics["total_return"], rtol=1e-6)
    assert found.evaluated == 600
    assert found.to_dict()["bootstrapped"]["quantiles"]["max_drawdown"]["50%"] > 0.0
    assert bar_returns(performance.equity, 100_000.0).shape == (260,)


def test_a_run_without_trades_has_no_paths() -> None:
    evaluator = Evaluator.of(Cross, ONE, Rules())
    idle = stress_of(
        evaluator, PARAMETERS, (0, 10), sizes=StressSizes(damaged=1, neighbours=1, tickets=2, markets=1, paths=3)
    )
    assert (idle.paths.bootstrapped, idle.paths.reordered, idle.paths.fan, idle.paths.evaluated) == (
        None,
        None,
        None,
        0,
    )
    assert idle.to_dict()["paths"]["bootstrapped"] is None
    with pytest.raises(InvalidInput, match="paths must be a whole number"):
        path_risk(idle.performance, 100_000.0, paths=0)
