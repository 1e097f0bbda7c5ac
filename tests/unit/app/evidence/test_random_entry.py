"""The lottery test: tickets keep what they promise, an edge is found, and what has none is not."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autonomous_trading.app import Evaluator, Market, Rules
from autonomous_trading.app.evidence.stress import _random_entry, random_entry
from autonomous_trading.app.evidence.stress._random_entry import _held_on, _p_value, _ticket
from autonomous_trading.app.evidence.stress._replay import own_metrics
from autonomous_trading.backtest import Costs, Execution, Exits
from autonomous_trading.core import Bars, FloatArray, InvalidInput
from autonomous_trading.strategies import Columns, SignalsLike, Strategy
from tests.small_strategies import Cross, bars

SPAN = (20, 280)
PARAMETERS = {"fast": 3, "slow": 20}
DAY = 86_400 * 10**9


def priced(returns: FloatArray) -> Bars:
    """Daily bars that open where the one before closed."""
    close = 100.0 * np.exp(np.cumsum(returns))
    opening = np.concatenate([[100.0], close[:-1]])
    time = np.arange(len(close), dtype=np.int64) * DAY
    return Bars(time, opening, np.maximum(opening, close), np.minimum(opening, close), close, np.ones(len(close)))


class Knows(Strategy):
    """Long for the next bar where the volume says so, long or short half of the time otherwise."""

    def signals(self, see: Columns) -> SignalsLike:
        return see.volume > 1.5


class Holds(Strategy):
    """Always invested."""

    def signals(self, see: Columns) -> SignalsLike:
        return see.close > 0


def told(seed: int, *, edge: float, drift: float = 0.0, n: int = 400) -> Market:
    """Bars whose volume is drawn at random, and whose next return is larger by `edge` where it is 2."""
    rng = np.random.default_rng(seed)
    says = np.repeat(rng.random(n // 4) < 0.4, 4)
    returns = rng.normal(drift, 0.01, n)
    returns[1:] += edge * says[:-1]
    made = priced(returns)
    columns = {name: getattr(made, name) for name in ("time", "open", "high", "low", "close")}
    return Market.of(Bars(**columns, volume=1.0 + says.astype(np.float64)))


def p_value(market: Market, seed: int = 0, tickets: int = 199) -> float:
    found = random_entry(
        Evaluator.of(Knows, market, Rules(costs=Costs.free())), {}, (0, market.n_bars), tickets=tickets, seed=seed
    )
    return found.p_values["sharpe_ratio"]


def test_a_planted_edge_is_found() -> None:
    assert max(p_value(told(seed, edge=0.005)) for seed in range(10)) < 0.01


@pytest.mark.parametrize("drift", [0.0, 0.004])
def test_noise_gives_even_p_values_and_a_rising_market_alone_is_no_edge(drift: float) -> None:
    found = np.sort([p_value(told(seed, edge=0.0, drift=drift), seed, 79) for seed in range(60)])
    even = np.arange(1, 61) / 60.0
    distance = float(np.max(np.abs(found - even)))  # Kolmogorov and Smirnov: 5 % of such samples exceed 0.172
    assert distance < 0.172
    assert 0 < np.mean(found < 0.5) < 0.75


class Rides(Strategy):
    """Long above the average of the last bars, as long as nothing stops it."""

    def signals(self, see: Columns) -> SignalsLike:
        return see.close > see.sma(20)


@pytest.mark.parametrize("exits", [Exits(stop_loss=0.01), Exits(max_bars_held=5), Exits(trailing_stop=0.015)])
def test_tickets_hold_the_market_as_long_as_a_set_that_is_stopped(exits: Exits) -> None:
    market = Market.of(bars(4, 400))
    evaluator = Evaluator.of(Rides, market, Rules(costs=Costs.free(), exits=exits))
    stopped = own_metrics(evaluator, {}, (20, 380))
    found = random_entry(evaluator, {}, (20, 380), tickets=40)
    assert found.own["exposure"] == pytest.approx(stopped["exposure"], abs=0.02)
    spread = found.tickets.quantiles("exposure", (0.0, 1.0))
    assert spread[0.0] == pytest.approx(found.own["exposure"], abs=0.03)
    assert spread[1.0] == pytest.approx(found.own["exposure"], abs=0.03)


def test_a_rising_market_and_a_stop_are_no_timing() -> None:
    rules = Rules(costs=Costs.free(), exits=Exits(stop_loss=0.02))
    markets = (told(seed, edge=0.0, drift=0.002) for seed in range(40))
    found = [random_entry(Evaluator.of(Rides, each, rules), {}, (25, 400), tickets=79).p_values for each in markets]
    assert np.mean([each["sharpe_ratio"] <= 0.05 for each in found]) <= 0.125  # 2 of 40 expected


def test_holding_all_the_time_leaves_nothing_to_draw() -> None:
    found = random_entry(Evaluator.of(Holds, told(0, edge=0.0, drift=0.01), Rules()), {}, (5, 300), tickets=20)
    assert set(found.p_values.values()) == {1.0}
    assert found.tickets.quantiles("exposure") == dict.fromkeys((0.05, 0.25, 0.5, 0.75, 0.95), found.own["exposure"])


@given(
    spells=st.lists(st.tuples(st.sampled_from([-1.0, 0.0, 0.5, 1.0]), st.integers(1, 9)), min_size=1, max_size=12),
    seed=st.integers(0, 1_000),
)
@settings(max_examples=200, deadline=None)
def test_a_ticket_holds_as_much_as_long_on_the_same_side(spells: list[tuple[float, int]], seed: int) -> None:
    row = np.concatenate([np.full(length, value) for value, length in spells])
    ticket = _ticket(row[np.newaxis], np.random.default_rng(seed))[0]
    assert Counter(ticket.tolist()) == Counter(row.tolist())
    before, after = (trades_of(each) for each in (row, ticket))
    if row[0] * row[-1] <= 0.0:  # otherwise the last trade and the first may become one
        assert after == before
    else:
        assert abs(sum(after.values()) - sum(before.values())) <= 1


def trades_of(row: FloatArray) -> Counter[tuple[float, int]]:
    """How many trades there are of each side and length."""
    runs = [(float(side), len(list(run))) for side, run in groupby(np.sign(row).tolist())]
    return Counter(each for each in runs if each[0] != 0.0)


def test_tickets_are_not_all_the_same() -> None:
    row = np.array([[0.0, 0, 1, 1, 0, 1, 0, 0, 0, -1, -1, -1]])
    rng = np.random.default_rng(0)
    found = {tuple(_ticket(row, rng)[0].tolist()) for _ in range(200)}
    assert len(found) > 60


@pytest.mark.parametrize("fill", ["open", "close", "same_close"])
def test_tickets_are_in_the_market_as_long_and_trade_as_often(fill: str) -> None:
    market = Market.of(bars(seed=6))
    found = random_entry(
        Evaluator.of(Cross, market, Rules(execution=Execution(fill=fill))), PARAMETERS, SPAN, tickets=40
    )
    exposure = found.tickets.values["exposure"]
    assert np.abs(exposure - found.own["exposure"]).max() <= 1.0 / 260.0
    assert np.abs(found.tickets.values["trade_count"] - found.own["trade_count"]).max() <= 1.0
    assert found.evaluated == len(found.tickets) == 40


def test_several_instruments_are_turned_together() -> None:
    market = Market.of({"A": bars(seed=6), "B": bars(seed=7)})
    found = random_entry(Evaluator.of(Cross, market, Rules()), PARAMETERS, SPAN, tickets=30)
    gaps = Market.of({"A": bars(seed=6), "B": bars(seed=7)[60:250]})
    other = random_entry(Evaluator.of(Cross, gaps, Rules()), PARAMETERS, SPAN, tickets=30)
    for each in (found, other):
        assert 0.0 < each.p_values["total_return"] <= 1.0
        assert len(np.unique(each.tickets.values["total_return"])) > 20
    turned = _random_entry._turned(np.arange(8.0).reshape(2, 4), np.random.default_rng(1))
    assert (turned[1] - turned[0]).tolist() == [4.0] * 4


def test_the_same_seed_gives_the_same_tickets_in_any_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    evaluator = Evaluator.of(Cross, Market.of(bars(seed=6)), Rules())
    first, other = (random_entry(evaluator, PARAMETERS, SPAN, tickets=40, seed=seed) for seed in (3, 4))
    monkeypatch.setattr(_random_entry, "TARGET_BUDGET", 1)
    again = random_entry(evaluator, PARAMETERS, SPAN, tickets=40, seed=3)
    assert first.to_dict() == again.to_dict() != other.to_dict()


def test_p_values_count_the_strategy_itself_and_know_which_way_is_better() -> None:
    values = np.array([1.0, 2.0, 3.0, np.nan])
    assert _p_value("cagr", 2.0, values) == 3 / 5
    assert _p_value("max_drawdown", 2.0, values) == 3 / 5
    assert _p_value("max_drawdown", 0.5, values) == 1 / 5
    assert _p_value("cagr", float("nan"), values) == 1.0
    held: Any = _held_on(np.array([[np.nan, 1.0, np.nan, 0.0, np.nan]]))
    assert held.tolist() == [[0.0, 1.0, 1.0, 0.0, 0.0]]
    with pytest.raises(InvalidInput, match="tickets must be a whole number of at least 1; got 0"):
        random_entry(Evaluator.of(Cross, Market.of(bars(seed=6)), Rules()), PARAMETERS, SPAN, tickets=0)
