"""Labels: kernels are their slow twins, the simulator earns what a label says, and a label knows when it was known."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from autonomous_trading.backtest import Costs, Execution, Exits, Request, SetOptions, Simulator
from autonomous_trading.core import Bars
from autonomous_trading.models.labels import (
    Barriers,
    Labels,
    fixed_horizon,
    meta_labels,
    sequential_bootstrap,
    trend_scanning,
    triple_barrier,
    uniqueness_weights,
)
from autonomous_trading.testing import random_walk
from tests.twins import labels as twin
from tests.twins.kernel import direct

N = 80
_ENTRIES: tuple[Literal["next_open", "close"], ...] = ("next_open", "close")
MARKETS = st.integers(0, 10_000).map(lambda seed: random_walk(N, seed, volatility=0.02))
RULES = st.builds(
    Barriers,
    horizon=st.integers(1, 12),
    upper=st.sampled_from([0.005, 0.02, 0.05, math.inf]),
    lower=st.sampled_from([0.005, 0.02, 0.05, math.inf]),
    path=st.sampled_from(["pessimistic", "optimistic", "nearest"]),
    entry=st.sampled_from(_ENTRIES),
    at_horizon=st.sampled_from(["sign", "zero"]),
)


def same(one: Labels, other: Labels) -> bool:
    return len(one) == len(other) and one.content_id == other.content_id


@given(MARKETS, RULES)
def test_barriers_are_met_where_the_twin_says(bars: Bars, rules: Barriers) -> None:
    labels = triple_barrier(bars, rules)
    for k, row in enumerate(labels.rows.tolist()):
        end, price, barrier = twin.barrier_of(bars, row, rules, 1.0, 1)
        entry = float(bars.open[row + 1] if rules.entry == "next_open" else bars.close[row])
        assert (labels.ends[k], labels.barrier[k]) == (end, barrier)
        assert labels.returns[k] == pytest.approx(price / entry - 1.0, abs=1e-14)


@given(MARKETS, RULES, st.integers(0, 1_000))
def test_a_position_with_a_side_ends_where_the_twin_says(bars: Bars, rules: Barriers, seed: int) -> None:
    side = np.random.default_rng(seed).choice([-1.0, 1.0], N)
    labels = meta_labels(bars, side, rules, rows=np.arange(N))
    for k, row in enumerate(labels.rows.tolist()):
        sign = int(side[row])
        end, price, barrier = twin.barrier_of(bars, row, rules, 1.0, sign)
        entry = float(bars.open[row + 1] if rules.entry == "next_open" else bars.close[row])
        assert (labels.ends[k], labels.barrier[k]) == (end, barrier)
        assert labels.returns[k] == pytest.approx(sign * (price / entry - 1.0), abs=1e-14)
        assert labels.value[k] == (labels.returns[k] > 0.0)


@given(MARKETS, st.sampled_from([-1.0, 1.0]), st.sampled_from(["pessimistic", "optimistic", "nearest"]))
def test_a_label_earns_what_the_simulator_earns(
    bars: Bars, side: float, path: Literal["pessimistic", "optimistic", "nearest"]
) -> None:
    rules = Barriers(8, 0.03, 0.02, path)
    exits = Exits(stop_loss=0.02, take_profit=0.03, max_bars_held=8, path=path)
    label = meta_labels(bars, np.full(N, side), rules, rows=np.array([10]))
    target = np.zeros((1, N))
    target[0, 10:] = side
    free = Costs(commission=0.0, slippage=0.0)
    run = Simulator(bars, free).run(
        [direct(target)], SetOptions.of(1, exits, Execution()), 0, N, request=Request(trades=True)
    )
    assert run.trades is not None
    entry_bar, exit_bar, _, _, entry, exit_price = run.trades[0][:6]
    assert (entry_bar, exit_bar) == (11, label.ends[0])
    assert side * (exit_price / entry - 1.0) == pytest.approx(label.returns[0], abs=1e-12)


@given(MARKETS, st.sets(st.integers(3, 15), min_size=1), st.sampled_from(_ENTRIES))
def test_trends_are_the_lines_of_least_squares(
    bars: Bars, lengths: set[int], entry: Literal["next_open", "close"]
) -> None:
    labels = trend_scanning(bars, sorted(lengths), entry=entry)
    lag = 1 if entry == "next_open" else 0
    for k in range(0, len(labels), 7):
        first = int(labels.rows[k]) + lag
        length, t_value = twin.trend_of(bars.close[first:].tolist(), sorted(lengths))
        assert labels.weight[k] == pytest.approx(abs(t_value), rel=1e-6)
        assert labels.value[k] == np.sign(t_value)
        assert labels.ends[k] == first + length - 1 + lag


def made(bars: Bars, kind: str, rules: Barriers) -> Labels:
    if kind == "trend":
        return trend_scanning(bars, (3, rules.horizon + 3), entry=rules.entry)
    if kind == "fixed":
        return fixed_horizon(bars, rules.horizon, entry=rules.entry)
    return triple_barrier(bars, rules)


@given(MARKETS, st.sampled_from(["fixed", "barrier", "trend"]), RULES, st.integers(30, N - 1))
def test_a_label_reads_no_bar_after_its_end_time(bars: Bars, kind: str, rules: Barriers, cut: int) -> None:
    whole, part = made(bars, kind, rules), made(bars[:cut], kind, rules)
    assert same(whole.take(np.arange(len(part))), part)
    assert bool((part.end_time <= bars.time[cut - 1]).all())


@given(MARKETS, RULES, st.integers(5, 40), st.integers(0, 100))
def test_what_follows_the_end_time_may_be_anything(bars: Bars, rules: Barriers, row: int, seed: int) -> None:
    one = triple_barrier(bars, rules, rows=np.array([row]))
    end = int(np.searchsorted(bars.time, one.end_time[0])) + 1
    other = random_walk(N, seed)
    columns = {
        name: np.concatenate([getattr(bars, name)[:end], getattr(other, name)[end:]])
        for name in ("open", "high", "low", "close", "volume")
    }
    changed = Bars.adopt({"time": bars.time, **columns})
    again = triple_barrier(changed, rules, rows=np.array([row]))
    assert same(one, again)


@given(MARKETS, RULES)
def test_uniqueness_is_what_the_matrix_says(bars: Bars, rules: Barriers) -> None:
    labels = triple_barrier(bars, rules)
    wanted = twin.average_uniqueness((labels.rows + 1).tolist(), labels.held_to.tolist())
    assert uniqueness_weights(labels) == pytest.approx(wanted, abs=1e-12)


@given(st.integers(1, 10), st.sampled_from(_ENTRIES))
def test_positions_one_after_another_share_no_bar(horizon: int, entry: Literal["next_open", "close"]) -> None:
    bars = random_walk(N, 1)
    rows = np.arange(0, N - horizon - 1, horizon)
    assume(len(rows) > 1)
    assert uniqueness_weights(fixed_horizon(bars, horizon, rows=rows, entry=entry)) == pytest.approx(1.0)


@given(st.integers(0, 1_000), st.integers(1, 60))
def test_the_same_generator_draws_the_same(seed: int, size: int) -> None:
    labels = fixed_horizon(random_walk(N, 1), 5)
    one, other = (sequential_bootstrap(labels, size, np.random.default_rng(seed)) for _ in range(2))
    assert one.tolist() == other.tolist()
    assert len(one) == size
    assert set(one.tolist()) <= set(range(len(labels)))
