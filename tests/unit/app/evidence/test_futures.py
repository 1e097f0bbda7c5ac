"""Other futures: valid bars that are the same before the moment, and others from it on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autonomous_trading.app.evidence.look_ahead._futures import (
    Altered,
    another_world,
    clock_of,
    next_bar_futures,
    other_instruments,
    rows_before,
    scrambled,
    truncated,
    whole_futures,
)
from autonomous_trading.core import Bars
from autonomous_trading.testing import random_walk

BARS = random_walk(60, seed=1)
NAMES = ("open", "high", "low", "close", "volume")


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


@settings(max_examples=60)
@given(
    start=st.integers(0, 59),
    length=st.integers(1, 60),
    seed=st.integers(0, 10**6),
    scale=st.sampled_from([0.3, 1.0, 5.0, 200.0]),
    volatility=st.sampled_from([0.0, 1e-6, 0.01, 0.5]),
)
def test_only_the_rows_asked_for_are_replaced_and_the_bars_are_valid(
    start: int, length: int, seed: int, scale: float, volatility: float
) -> None:
    bars = random_walk(60, seed, volatility=volatility)
    stop = min(start + length, 60)
    found = scrambled(bars, start, stop, rng(seed), scale=scale, jump=-8.0)  # Bars refuses what is not valid
    np.testing.assert_array_equal(found.time, bars.time)
    for name in NAMES:
        before, after = getattr(bars, name), getattr(found, name)
        np.testing.assert_array_equal(after[:start], before[:start])
        np.testing.assert_array_equal(after[stop:], before[stop:])
        assert (after[start:stop] != before[start:stop]).all()


def test_extra_columns_are_drawn_from_their_own_kind() -> None:
    extra = {
        "flag": np.arange(60) % 2.0,
        "fear": np.random.default_rng(3).normal(20.0, 5.0, 60),
        "empty": np.full(60, np.nan),
        "same": np.full(60, 3.0),
    }
    found = scrambled(replace(BARS, extra=extra), 30, 60, rng()).extra
    assert set(found["flag"].tolist()) == {0.0, 1.0}
    for name in ("fear", "empty", "same"):
        np.testing.assert_array_equal(found[name][:30], extra[name][:30])
        assert not np.isin(found[name][30:], extra[name]).any()


def test_a_truncated_world_ends_before_the_moment() -> None:
    late = replace(random_walk(60, seed=2), symbol="LATE")[40:]
    found = truncated({"A": BARS, "LATE": late}, int(BARS.time[40]))
    assert {symbol: len(bars) for symbol, bars in found.world.items()} == {"A": 40}
    assert found.change == "when the bars end before 2000-02-28T00:00:00Z"


def differing(altered: Altered, world: dict[str, Bars]) -> dict[str, list[int]]:
    """The rows of every instrument whose close is another one."""
    return {
        symbol: np.flatnonzero(bars.close != altered.world[symbol].close).tolist() for symbol, bars in world.items()
    }


def test_the_next_bar_alone_then_a_few_then_all() -> None:
    world, moment = {"A": BARS}, int(BARS.time[50])
    near = [differing(each, world)["A"] for each in next_bar_futures(world, moment, rng())]
    assert near == [[50]] * 4 + [[50, 51, 52, 53, 54]]
    far = [differing(each, world)["A"] for each in whole_futures(world, moment, rng())]
    assert far == [list(range(50, 60))] * 3


def test_other_instruments_change_end_or_begin_and_ones_own_bars_stay() -> None:
    world = {"A": BARS, "B": replace(random_walk(60, seed=2), symbol="B")}
    found = list(other_instruments(world, int(BARS.time[20]), "A", rng()))
    assert {each.only for each in found} == {"A"}
    assert all(each.world["A"] is BARS for each in found)
    assert [differing(each, world)["B"] for each in found[:3]] == [list(range(20, 60))] * 3
    assert len(found[3].world["B"]) == 20
    assert int(found[4].world["NEW"].time[0]) == int(BARS.time[20])
    assert rows_before(found[4].world["NEW"], int(BARS.time[20])) == 0


def test_another_world_has_other_times() -> None:
    (found,) = another_world({"A": BARS}, rng()).values()
    assert (found.close != BARS.close).all()
    assert set((found.time - BARS.time).tolist()) == {(11 * 24 + 7) * 3_600 * 10**9}


def test_the_clock_holds_every_time_once() -> None:
    assert clock_of({"A": BARS[:40], "B": BARS[30:]}).tolist() == BARS.time.tolist()


@pytest.mark.parametrize("start", [0, 59])
def test_the_first_and_the_last_bar_can_be_replaced(start: int) -> None:
    assert scrambled(BARS, start, start + 1, rng()).close[start] != BARS.close[start]
