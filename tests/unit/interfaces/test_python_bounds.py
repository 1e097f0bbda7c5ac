"""Bounds that replace the declared ones keep the kind of the parameter."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import autonomous_trading as at
from autonomous_trading.core import InvalidInput
from tests.small_strategies import Cross, Everything, bars
from tests.unit.interfaces.commands import autotrade

BARS = bars(seed=1)
COUNTED = """
import autonomous_trading as at


class Counted(at.Strategy):
    lim = at.IntParameter(5, 60, default=30)

    def signals(self, see):
        return see.rsi(14) < self.lim
"""


class Counted(at.Strategy):
    """A whole number that no indicator checks."""

    lim = at.IntParameter(5, 60, default=30)

    def signals(self, see: at.Columns) -> at.Expression:
        return see.rsi(14) < self.lim


def search(strategy: Any, space: dict[str, object]) -> at.Study:
    return at.optimize(strategy, BARS, method="random", trials=4, space=space)


def walk(strategy: Any, space: dict[str, object]) -> object:
    return at.walk_forward(strategy, BARS, train=100, test=100, step=100, unit="bars", trials=2, space=space)


@pytest.mark.parametrize("ends", [(30.0, 50.0), (30, 50.0), (30.0, 50)])
def test_whole_floats_are_whole_numbers_where_one_is_declared(ends: tuple[float, float]) -> None:
    study = search(Counted, {"lim": ends})
    assert study.space.parameters["lim"] == at.IntParameter(30, 50, default=40, name="lim")
    at.backtest(Counted(**study.best().parameters), BARS)


@pytest.mark.parametrize("ends", [(30.0, 50.5), (30.5, 50.5), (30, 50.5)])
@pytest.mark.parametrize("call", [search, walk])
def test_fractions_are_refused_where_a_whole_number_is_declared(call: Any, ends: tuple[float, float]) -> None:
    with pytest.raises(InvalidInput, match=r"^parameter 'lim' is a whole number, and so are its bounds; got ") as said:
        call(Counted, {"lim": ends})
    assert said.value.fix == 'pass whole bounds, such as space={"lim": (5, 50)}'


@pytest.mark.parametrize("strategy", [Cross, Everything])
def test_bars_held_are_counted_whether_declared_or_not(strategy: Any) -> None:
    found = search(strategy, {"max_bars_held": (3.0, 8.0)}).space.parameters["max_bars_held"]
    assert found == at.IntParameter(3, 8, default=5, name="max_bars_held")
    with pytest.raises(InvalidInput, match=r"^parameter 'max_bars_held' is a whole number"):
        search(strategy, {"max_bars_held": (3.0, 8.5)})


def test_fractions_stay_where_a_fraction_is_declared() -> None:
    found = search(Everything, {"threshold": (0.0, 1.0)}).space.parameters["threshold"]
    assert isinstance(found, at.FloatParameter)


def test_the_command_line_says_the_same(folder: Path) -> None:
    (folder / "counted.py").write_text(COUNTED)
    ask = ("optimize", "--start", "2015-01-01", "--quiet", "--strategy", "counted.py", "--trials", "4")
    assert "parameter 'lim' is a whole number" in autotrade(*ask, "--space", "lim=30.5:50.5").complaint
    best = autotrade(*ask, "--space", "lim=30.0:50.0", "--json").document["best"]["parameters"]
    assert isinstance(best["lim"], int)


BEYOND = "was searched, and a backtest refuses it: parameter 'lim' must be between 5 and 60; got "


@pytest.mark.parametrize("call", [search, walk])
def test_a_set_that_the_declaration_does_not_allow_is_warned_of(call: Any) -> None:
    assert any(BEYOND in warning for warning in call(Counted, {"lim": (70, 90)}).warnings)
    assert not any("was searched" in warning for warning in call(Counted, {"lim": (30, 50)}).warnings)


def test_the_command_line_warns_of_it_and_says_how_to_run_it(folder: Path) -> None:
    (folder / "counted.py").write_text(COUNTED)
    common = ("--start", "2015-01-01", "--quiet", "--strategy", "counted.py")
    ask = ("optimize", *common, "--trials", "4", "--space", "lim=70:90")
    assert any(BEYOND in warning for warning in autotrade(*ask, "--json").document["warnings"])
    assert BEYOND in " ".join(autotrade(*ask).out.split())
    assert "or declare wider bounds" in autotrade("backtest", *common, "--set", "lim=80").complaint
