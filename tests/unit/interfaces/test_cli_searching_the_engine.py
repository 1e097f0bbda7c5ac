"""What the engine understands by its name can be searched for every strategy, declared or not."""

from pathlib import Path
from typing import Any

import pytest

import autonomous_trading as at
from autonomous_trading.core import InvalidInput, UnknownName
from tests.unit.interfaces.commands import autotrade

pytestmark = pytest.mark.usefixtures("folder")

RECENT = ("--start", "2015-01-01", "--quiet")
OPTIMIZE = ("optimize", *RECENT, "--trials", "20", "--method", "random")
OWN = """
import autonomous_trading as at


class Own(at.Strategy):
    window = at.IntParameter(2, 50, default=10)
    stop_loss = at.FloatParameter(0.01, 0.2, default=0.02)

    def signals(self, see):
        return see.close > see.sma(self.window)
"""


def test_a_stop_is_searched_between_the_bounds_that_were_given() -> None:
    document = autotrade(*OPTIMIZE, "--json", "--space", "stop_loss=0.02:0.04", "--space", "max_bars_held=5:9").document
    best = document["best"]["parameters"]
    assert list(best) == ["fast", "slow", "stop_loss", "max_bars_held"]
    assert 0.02 <= best["stop_loss"] <= 0.04
    assert best["max_bars_held"] in range(5, 10)
    assert document["strategy"] == "ma_cross"
    assert "stop_loss" in document["importance"]


def test_a_searched_set_does_what_the_same_set_does_alone() -> None:
    held = ("--set", "fast=10", "--set", "slow=40")
    searched = autotrade(*OPTIMIZE, *held, "--json", "--train-fraction", "1", "--space", "leverage=1.5:1.5").document
    alone = autotrade("backtest", *RECENT, *held, "--json", "--set", "leverage=1.5").document
    for name in ("total_return", "trade_count", "max_drawdown"):
        assert searched["in_sample"][name] == pytest.approx(alone["metrics"][name])


def test_walk_forward_searches_it_too() -> None:
    ask = ("walk-forward", *RECENT, "--step", "30", "--trials", "3", "--json", "--space", "take_profit=0.02:0.03")
    chosen = [fold["parameters"] for fold in autotrade(*ask).document["folds"]]
    assert all(0.02 <= parameters["take_profit"] <= 0.03 for parameters in chosen if parameters)


def test_one_that_the_strategy_declares_keeps_its_place(folder: Path) -> None:
    (folder / "own.py").write_text(OWN)
    ask = (*OPTIMIZE, "--strategy", "own.py", "--json", "--space", "stop_loss=0.05:0.06")
    best = autotrade(*ask).document["best"]["parameters"]
    assert list(best) == ["window", "stop_loss"]
    assert 0.05 <= best["stop_loss"] <= 0.06


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("--space stop_loss=0.01:3", "stop_loss must be a number between 1e-12 and 1; got 3.0"),
        ("--space leverage=0:2", "leverage must be a number between 1e-09 and 1000; got 0.0"),
        ("--space stop_loss=0.1:0.01", "low must not be above high; got low=0.1, high=0.01. Fix: swap the two bounds"),
        ("--space stop_loss=0.1:0.2 --set stop_loss=0.1", "--set holds stop_loss still, and --space says where"),
        ("--space stoploss=0.1:0.2", "unknown parameter of ma_cross 'stoploss'. Fix: did you mean 'stop_loss'?"),
        ("--space foo=1:2", "use one of fast, leverage, max_bars_held, position_size, slow, stop_loss, take_profit"),
    ],
)
def test_bounds_that_the_engine_would_refuse_are_refused_first(options: str, message: str) -> None:
    answer = autotrade("optimize", *RECENT, *options.split())
    assert answer.code == 2
    assert message in answer.complaint


def test_a_name_that_is_suggested_is_taken() -> None:
    suggested = autotrade("optimize", *RECENT, "--space", "foo=1:2").complaint.partition("use one of ")[2].split(", ")
    for name in suggested:
        assert autotrade(*OPTIMIZE, "--trials", "2", "--space", f"{name}=1:1").code in (0, 2, 3), name
    answers = [autotrade(*OPTIMIZE, "--trials", "2", "--space", f"{name}=1:1").err for name in suggested]
    assert not any("unknown parameter" in answer for answer in answers)


def test_stops_in_multiples_of_the_true_range() -> None:
    wide = autotrade("backtest", *RECENT, "--json", "--set", "stop_loss=3", "--exit-unit", "atr", "--atr-window", "20")
    exits = wide.document["provenance"]["exits"]
    assert (exits["stop_loss"], exits["unit"], exits["atr_window"]) == (3.0, "atr", 20)
    assert autotrade(*OPTIMIZE, "--space", "stop_loss=2:4", "--exit-unit", "atr").code == 0


def test_python_searches_the_engine_by_the_same_names() -> None:
    space = {"stop_loss": (0.01, 0.1), "fast": (5, 20)}
    study = at.optimize("ma_cross", "sample:sp500", method="random", trials=5, space=space)
    assert study.trials["stop_loss"].between(0.01, 0.1).all()
    assert set(study.best().parameters) == {"fast", "slow", "stop_loss"}
    plain = at.optimize("ma_cross", "sample:sp500", method="random", trials=5)
    assert study.provenance["source"] == plain.provenance["source"]
    walk = at.walk_forward("ma_cross", "sample:sp500", trials=3, train=2000, test=500, step=500, space=space)
    assert all(fold.parameters is not None and "stop_loss" in fold.parameters for fold in walk.folds)
    with pytest.raises(UnknownName, match="unknown parameter 'stop_los'"):
        at.optimize("ma_cross", "sample:sp500", method="random", trials=5, space={"stop_los": (0.01, 0.1)})


def test_python_checks_what_the_command_checks() -> None:
    search: dict[str, Any] = {"method": "random", "trials": 6}
    study = at.optimize("ma_cross", "sample:sp500", space={"leverage": (1, 3)}, execution=at.Execution(), **search)
    assert not study.trials["leverage"].isin([1.0, 2.0, 3.0]).all()
    refused: list[dict[str, tuple[float, float]]] = [
        {"max_bars_held": (-5, 5)},
        {"stop_loss": (-0.1, -0.05)},
        {"stop_loss": (1.5, 2.5)},
    ]
    for space in refused:
        with pytest.raises(InvalidInput):
            at.optimize("ma_cross", "sample:sp500", space=space, **search)
    wide = at.optimize("ma_cross", "sample:sp500", space={"stop_loss": (1, 5)}, exits=at.Exits(unit="atr"), **search)
    assert wide.trials["stop_loss"].max() > 1
    with pytest.raises(UnknownName, match="did you mean 'stop_loss'"):
        at.optimize("ma_cross", "sample:sp500", space={"stop_los": (0.01, 0.1)}, **search)


def test_what_a_search_chose_can_be_held_still_in_the_next() -> None:
    first = at.optimize("ma_cross", "sample:sp500", space={"stop_loss": (0.01, 0.1)}, method="random", trials=5)
    chosen = dict(first.best().parameters)
    held = at.optimize("ma_cross", "sample:sp500", fixed=chosen, method="random", trials=2)
    assert dict(held.best().parameters) == chosen
    assert held.best().metrics["sharpe_ratio"] == first.best().metrics["sharpe_ratio"]
