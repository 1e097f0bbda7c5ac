"""Costs, delays, damaged data and neighbours: nothing changed is the plain run to the bit, and the rest by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autonomous_trading.app import Evaluator, Market, Rules
from autonomous_trading.app.evidence import (
    CostStress,
    cost_stress,
    data_stress,
    delay_stress,
    parameter_jitter,
)
from autonomous_trading.app.evidence.stress._cost_stress import _largest_factor
from autonomous_trading.backtest import BACKTEST_METRICS, Costs, Execution, Exits
from autonomous_trading.core import Bars, CategoricalParameter, FloatArray, InvalidInput, ParameterTable
from autonomous_trading.strategies import Columns, Strategy
from tests.small_strategies import Cross, EverythingPlain, bars

SPAN = (20, 280)
PARAMETERS = {"fast": 3, "slow": 20}
ONE = Market.of(bars(seed=6))
TWO_CLOCKS = Market.of({"A": bars(seed=6), "B": bars(seed=7)[60:250]})
MARKETS = pytest.mark.parametrize("market", [ONE, TWO_CLOCKS], ids=["one", "two clocks"])


class Bought(Strategy):
    """Holds from the bar after number 20 to the one after number 39."""

    way = CategoricalParameter(["long", "short"], default="long")

    def signals(self, see: Columns) -> Any:
        target = np.zeros(len(np.asarray(see.close)))
        target[20:40] = 1.0 if self.way == "long" else -1.0
        return target


def plain_run(evaluator: Evaluator, parameters: dict[str, Any], span: tuple[int, int]) -> dict[str, FloatArray]:
    return evaluator.measure(ParameterTable.from_rows([parameters]), BACKTEST_METRICS, *span)


@MARKETS
def test_nothing_changed_is_the_plain_run_to_the_bit(market: Market) -> None:
    evaluator = Evaluator.of(Cross, market, Rules(exits=Exits(stop_loss=0.05)))
    plain = plain_run(evaluator, PARAMETERS, SPAN)
    still = {"noise": 0.0, "missing": 0.0, "stale": 0.0}
    data = data_stress(evaluator, PARAMETERS, SPAN, sizes=still, draws=2)
    jitter = parameter_jitter(evaluator, PARAMETERS, SPAN, sets=2)
    for name, values in plain.items():
        expected = values[0]
        np.testing.assert_array_equal(cost_stress(evaluator, PARAMETERS, SPAN, factors=[1]).metrics[name], [expected])
        np.testing.assert_array_equal(delay_stress(evaluator, PARAMETERS, SPAN, delays=[0]).metrics[name], [expected])
        np.testing.assert_array_equal([data.own[name], jitter.own[name]], [expected] * 2)
        for found in data.damaged.values():
            np.testing.assert_array_equal(found.values[name], [expected] * 2)


def test_costs_that_kill_one_trade_are_those_worked_out_by_hand() -> None:
    """Bought for c more and sold for c less: (1 - f c) out / ((1 + f c) in) is 1 at f = (out - in) / (c (out + in))."""
    market = Market.of(bars(seed=6))
    opens = market.bars.open
    way = "long" if opens[40] > opens[20 + 1] else "short"
    rules = Rules(costs=Costs(commission=0.0, slippage=0.0004), execution=Execution(fill="open"))
    found = cost_stress(Evaluator.of(Bought, market, rules), {"way": way}, (0, 300))
    entry, exit_ = opens[21], opens[41]
    assert found.break_even == pytest.approx(abs(exit_ - entry) / (0.0004 * (exit_ + entry)), rel=1e-5)
    assert found.break_even_basis_points == pytest.approx(found.break_even * 4.0, rel=0.01)
    assert found.basis_points == pytest.approx(4.0, rel=0.01)
    assert f"{found.break_even:.3g} times those assumed, i.e." in found.words
    assert found.evaluated > len(found.factors)


def test_what_loses_without_costs_cannot_be_killed_and_neither_what_costs_nothing() -> None:
    opens = ONE.bars.open
    ways = ("short", "long") if opens[41] > opens[21] else ("long", "short")
    losing = cost_stress(Evaluator.of(Bought, ONE, Rules()), {"way": ways[0]}, (0, 300))
    assert (losing.break_even, losing.words) == (0.0, "it earns nothing even without costs")
    free = cost_stress(Evaluator.of(Bought, ONE, Rules(costs=Costs.free())), {"way": ways[1]}, (0, 300))
    assert (free.break_even, free.words) == (np.inf, "no costs were assumed")
    assert free.to_dict()["words"] == free.words
    assert CostStress((1.0,), {}, np.inf, 2.0, np.inf, 1).words == "no multiple of the costs assumed kills it"
    idle = cost_stress(Evaluator.of(Bought, ONE, Rules()), {"way": "long"}, (100, 200))
    assert idle.break_even == 0.0
    assert np.isnan(idle.basis_points)


@given(seed=st.integers(0, 10_000), factors=st.lists(st.floats(0.0, 20.0), min_size=2, max_size=4, unique=True))
@settings(max_examples=25, deadline=None)
def test_higher_costs_never_help(seed: int, factors: list[float]) -> None:
    evaluator = Evaluator.of(Cross, Market.of(bars(seed=seed)), Rules())
    found = cost_stress(evaluator, PARAMETERS, (0, 300), factors=sorted(factors))
    returns = found.metrics["total_return"]
    assert bool(np.all(np.diff(returns) <= 1e-12))
    before = [value > 0.0 for value in returns]
    assert before == [factor < found.break_even for factor in found.factors]


@pytest.mark.parametrize("delay", [1, 3])
def test_a_later_fill_is_that_of_a_strategy_that_decides_later(delay: int) -> None:
    class Later(Strategy):
        """Bought, decided some bars later."""

        def signals(self, see: Columns) -> Any:
            target = np.zeros(len(np.asarray(see.close)))
            target[20 + delay : 40 + delay] = 1.0
            return target

    found = delay_stress(Evaluator.of(Bought, ONE, Rules()), {"way": "long"}, (0, 300), delays=[0, delay])
    other = Evaluator.of(Later, ONE, Rules())
    (batch,) = other.batches(ParameterTable({}, 1))
    later = other.measure_batch(batch, BACKTEST_METRICS, 0, 300)
    for name, values in later.items():
        np.testing.assert_array_equal(found.metrics[name][1], values[0])
    assert found.to_dict()["delays"] == [0, delay]
    assert found.evaluated == 2


def test_an_instrument_is_delayed_by_bars_of_its_own() -> None:
    sparse = bars(seed=7)
    rows = np.arange(0, 300, 3)
    columns = {name: getattr(sparse, name)[rows] for name in ("time", "open", "high", "low", "close", "volume")}
    market = Market.of({"A": bars(seed=6), "B": Bars(**columns, symbol="B")})
    found = delay_stress(Evaluator.of(Bought, market, Rules()), {"way": "long"}, (0, 300), delays=[0, 1, 400])
    assert found.metrics["trade_count"].tolist() == [2.0, 2.0, 0.0]
    assert found.metrics["average_hold_time"][0] == found.metrics["average_hold_time"][1]


def test_damaged_bars_are_bars_and_the_damage_is_as_large_as_asked_for() -> None:
    from autonomous_trading.app.evidence.stress import _data_stress as damages

    whole = bars(seed=9)
    rng = np.random.default_rng(0)
    noisy = damages._noisy(whole, 0.5, rng)
    scaled = np.log(noisy.close / whole.close) / np.log(whole.high / whole.low)
    assert float(np.std(scaled)) == pytest.approx(0.5, rel=0.15)
    thinned = damages._thinned(replace(whole, extra={"more": whole.close}), 0.3, rng)
    assert len(thinned) == pytest.approx(210, abs=25)
    assert (thinned.time[0], thinned.time[-1]) == (whole.time[0], whole.time[-1])
    np.testing.assert_array_equal(thinned.extra["more"], thinned.close)
    stale = damages._stale(whole, 0.4, rng)
    assert float(np.mean(stale.open[1:] == whole.close[:-1])) == pytest.approx(0.4, abs=0.1)


@MARKETS
def test_damaged_data_and_neighbours_repeat_with_the_seed(market: Market) -> None:
    spread = np.full(300, 0.0002)
    evaluator = Evaluator.of(EverythingPlain, market, Rules(costs=Costs(half_spread=spread, funding_rate=spread)))
    parameters = dict(EverythingPlain().parameters)
    first, again, other = (data_stress(evaluator, parameters, SPAN, draws=3, seed=seed) for seed in (1, 1, 2))
    assert first.to_dict() == again.to_dict() != other.to_dict()
    assert first.evaluated == 9
    assert {len(found) for found in first.damaged.values()} == {3}
    near, same, far = (parameter_jitter(evaluator, parameters, SPAN, sets=20, seed=seed) for seed in (1, 1, 2))
    assert near.to_dict() == same.to_dict() != far.to_dict()


def test_neighbours_are_sets_of_the_space_beside_the_chosen_one() -> None:
    evaluator = Evaluator.of(Cross, ONE, Rules())
    found = parameter_jitter(evaluator, {"fast": 9, "slow": 10}, SPAN, sets=50, radius=0.1)
    assert 0 < found.evaluated == len(found.nearby) < found.drawn == 50  # some are not allowed: fast < slow
    every = {
        float(plain_run(evaluator, {"fast": fast, "slow": slow}, SPAN)["total_return"][0])
        for fast in range(8, 11)
        for slow in range(6, 15)
        if fast < slow
    }
    assert set(found.nearby.values["total_return"].tolist()) <= every
    assert len(set(found.nearby.values["total_return"].tolist())) > 3
    quantiles = found.to_dict()["nearby"]["total_return"]
    assert list(quantiles) == ["5%", "25%", "50%", "75%", "95%"]
    assert sorted(quantiles.values()) == list(quantiles.values())


def test_a_strategy_without_numbers_has_no_neighbours() -> None:
    found = parameter_jitter(Evaluator.of(Bought, ONE, Rules()), {"way": "long"}, SPAN)
    assert (found.drawn, found.evaluated, len(found.nearby)) == (0, 0, 0)
    assert np.isnan(found.nearby.quantiles("cagr")[0.5])
    assert np.isnan(found.nearby.share_below("cagr", 0.0))


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (
            lambda e: cost_stress(e, PARAMETERS, SPAN, factors=[-1.0]),
            r"factors must be numbers of at least 0; got \[-1",
        ),
        (lambda e: cost_stress(e, PARAMETERS, SPAN, factors=[]), r"factors must be numbers of at least 0; got \[\]"),
        (lambda e: delay_stress(e, PARAMETERS, SPAN, delays=[-1]), r"delays must be whole numbers of bars.*\[-1\]"),
        (lambda e: delay_stress(e, PARAMETERS, SPAN, delays=[]), "delays must be whole numbers of bars"),
        (lambda e: data_stress(e, PARAMETERS, SPAN, draws=0), "draws must be a whole number of at least 1; got 0"),
        (lambda e: data_stress(e, PARAMETERS, SPAN, sizes={"noise": 1.5}), "from 0 to below 1; got noise: 1.5"),
        (lambda e: data_stress(e, PARAMETERS, SPAN, sizes={"dust": 0.5}), "sizes must say.*got dust"),
        (lambda e: parameter_jitter(e, PARAMETERS, SPAN, sets=0), "sets must be a whole number"),
        (lambda e: parameter_jitter(e, PARAMETERS, SPAN, radius=0.0), "radius must be above 0 and at most 0.5; got 0"),
    ],
)
def test_what_cannot_be_asked_is_refused(ask: Any, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        ask(Evaluator.of(Cross, ONE, Rules()))


def test_no_factor_makes_costs_that_no_market_has() -> None:
    assert _largest_factor(Costs(commission=0.0, slippage=0.0, half_spread=0.5)) == pytest.approx(2.0, rel=1e-5)
    assert _largest_factor(Costs(commission=1e-9, slippage=0.0)) == 1e6
    assert _largest_factor(Costs.free()) == 1.0
