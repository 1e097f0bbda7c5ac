"""Keywords that a door does not have: what was meant, out of everything the door takes."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

import autonomous_trading as at
from autonomous_trading.core import InvalidInput
from tests.small_strategies import Cross, bars

BARS = bars(seed=1)


def complaint(call: Callable[[], object]) -> str:
    with pytest.raises(InvalidInput) as raised:
        call()
    return str(raised.value)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("trails", "trials"),
        ("n_trials", "trials"),
        ("trial", "trials"),
        ("methd", "method"),
        ("objectve", "objective"),
        ("objetives", "objectives"),
        ("strategie", "strategy"),
        ("sed", "seed"),
    ],
)
def test_named_arguments_of_a_search_are_offered_too(typed: str, meant: str) -> None:
    unknown: Any = {typed: 3}
    said = complaint(lambda: at.optimize(Cross, BARS, **unknown))
    assert said.startswith(f"unknown setting of optimize '{typed}'. Fix: did you mean '{meant}'")


def test_named_arguments_of_the_other_doors_are_offered_too() -> None:
    unknown: Any = {"stp": 3}
    assert "'step'" in complaint(lambda: at.walk_forward(Cross, BARS, **unknown))
    unknown = {"strateg": 3}
    assert "'strategy'" in complaint(lambda: at.backtest(Cross, BARS, **unknown))
    unknown = {"targets": 3}
    assert "'target'" in complaint(lambda: at.simulate(BARS, 1.0, **unknown))
    unknown = {"trail": 3}
    assert "'trial'" in complaint(lambda: at.replay("job", Cross, BARS, **unknown))
    assert "'trial'" in complaint(lambda: at.replay_walk_forward("job", Cross, BARS, **unknown))


@pytest.mark.parametrize("name", ["constraints", "ahead", "train_fraction", "robust", "metrics", "resolution"])
@pytest.mark.parametrize("door", ["walk_forward", "replay_walk_forward"])
def test_what_only_a_search_takes_is_said_to_be_of_the_search(door: str, name: str) -> None:
    unknown: Any = {name: 1}
    job = ("job",) if door.startswith("replay") else ()
    said = complaint(lambda: getattr(at, door)(*job, Cross, BARS, **unknown))
    assert re.fullmatch(
        f"unknown setting of {door} '{name}': it is one of optimize, not available for {door}. Fix: leave it out", said
    )


def test_what_only_a_backtest_takes_is_said_to_be_of_the_backtest() -> None:
    unknown: Any = {"start": "2010-01-01"}
    said = complaint(lambda: at.optimize(Cross, BARS, **unknown))
    assert "it is one of backtest, not available for optimize" in said
