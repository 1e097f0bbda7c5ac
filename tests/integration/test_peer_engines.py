"""Our engine equals vectorbt and backtesting.py on the semantics they share, where they are installed.

`python -m benchmarks.peers` installs them, each in an environment of its own.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from autonomous_trading import Exits
from benchmarks.peers import Peer, installed
from tests.integration.peer_scenarios import (
    SCENARIOS,
    Difference,
    Scenario,
    compare,
    difference,
    market,
    ours,
    target,
)

TOLERANCE = 1e-9


@cache
def _compared(peer: Peer) -> dict[str, Difference]:
    return compare(peer)


def _difference(scenario: Scenario) -> Difference:
    if not installed(scenario.peer):
        pytest.skip(f"{scenario.peer.name} is not installed: python -m benchmarks.peers")
    return _compared(scenario.peer)[scenario.name]


@pytest.mark.slow
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda each: f"{each.peer.name}: {each.name}")
def test_equity_bars_prices_and_profits_are_the_same(scenario: Scenario) -> None:
    found = _difference(scenario)
    assert found.positions > 100
    assert found.largest <= TOLERANCE


@pytest.mark.slow
@pytest.mark.parametrize(
    "scenario", [each for each in SCENARIOS if each.exits != Exits()], ids=lambda each: f"{each.peer.name}: {each.name}"
)
def test_what_was_compared_holds_gaps_and_touches(scenario: Scenario) -> None:
    found = _difference(scenario)
    assert found.gap_exits > 10
    assert found.inside_exits > 20
    if scenario.fill == "open":
        assert found.entry_bar_exits > 0


def test_a_slightly_different_level_is_seen() -> None:
    scenario = next(each for each in SCENARIOS if each.name == "stop loss")
    other = Scenario(
        scenario.name, scenario.peer, scenario.levels, scenario.costs, Exits(stop_loss=0.01500001), "close"
    )
    bars = market(0)
    wanted = target(bars, scenario.levels, 0)
    found = difference(scenario, [ours(scenario, bars, wanted)], [ours(other, bars, wanted)], [bars])
    assert TOLERANCE < found.largest < np.inf


def test_positions_on_other_bars_are_seen() -> None:
    scenario = next(each for each in SCENARIOS if each.name == "stop loss")
    other = Scenario(scenario.name, scenario.peer, scenario.levels, scenario.costs, Exits(stop_loss=0.01), "close")
    bars = market(0)
    wanted = target(bars, scenario.levels, 0)
    found = difference(scenario, [ours(scenario, bars, wanted)], [ours(other, bars, wanted)], [bars])
    assert found.largest == np.inf
