"""Bad input at every door: one InvalidInput that says what, why and how to fix it, before any work starts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

import autonomous_trading as at
from autonomous_trading.core import InvalidInput
from tests.small_strategies import Changeable, Cross, Sized, bars

# What is wrong with nothing else than its type.
NO_RULES: tuple[object, ...] = (0.001, 0, "low", {}, [], at.Costs)
NO_CASH: tuple[object, ...] = (0, -5, float("nan"), float("inf"), "100", True, [1], 1 + 1j)
NO_COUNT: tuple[object, ...] = (0, -1, 1.5, True, "2", [2])
NO_SEED: tuple[object, ...] = (-1, 1.5, "a", None, True)
NO_TEXT: tuple[object, ...] = (None, 3, ["tpe"])
NO_MAPPING: tuple[object, ...] = (3, "x", [1])
NO_STRATEGY: tuple[object, ...] = (3, dict, object(), ["ma_cross"])
NO_FRACTION: tuple[object, ...] = (0, -0.1, float("nan"), "x", None, True)
NO_NAMES: tuple[object, ...] = ([], (), {})
NO_LENGTH: tuple[object, ...] = (0, -1, "a", None, True, float("nan"), float("inf"))
NO_DATE: tuple[object, ...] = ("x", "", pd.NaT, "1500-01-01", "2015-13-41", np.datetime64("NaT"))
NO_MOMENT: tuple[object, ...] = (True, 1.5, [3], {})
NO_SPACE: tuple[object, ...] = (None, {}, at.Space({}))

BARS = bars(seed=1)
TWO = {"A": BARS, "B": bars(seed=2)}
Call = Callable[..., object]


def backtest(**changes: Any) -> object:
    return at.backtest(changes.pop("strategy", Cross), changes.pop("data", BARS), **changes)


def optimize(**changes: Any) -> object:
    given = {"method": "random", "trials": 4, **changes}
    return at.optimize(given.pop("strategy", Cross), given.pop("data", BARS), **given)


def walk_forward(**changes: Any) -> object:
    given = {"train": 100, "test": 30, "step": 30, "trials": 3, **changes}
    return at.walk_forward(given.pop("strategy", Cross), given.pop("data", BARS), **given)


def simulate(**changes: Any) -> object:
    return at.simulate(changes.pop("data", BARS), changes.pop("target", np.ones(300)), **changes)


def own(**changes: Any) -> object:
    given = {"objective": lambda x: x, "space": {"x": (0.0, 1.0)}, "method": "random", "trials": 4, **changes}
    return at.optimize(**given)


def refused(call: Call, changes: dict[str, Any], match: str) -> None:
    with pytest.raises(InvalidInput, match=match) as raised:
        call(**changes)
    assert raised.value.fix, "an error says how to fix it"
    assert "\n" not in str(raised.value)
    assert raised.value.exit_code == 2


RULES: list[tuple[dict[str, Any], str]] = [
    *(({"costs": wrong}, r"^costs must be an at\.Costs; got .* Fix: pass costs=at\.Costs\(commission=0\.001\)")
      for wrong in (*NO_RULES, at.Exits())),
    *(({"exits": wrong}, r"^exits must be an at\.Exits; got ") for wrong in (*NO_RULES, at.Costs())),
    *(({"execution": wrong}, r"^execution must be an at\.Execution; got ") for wrong in (*NO_RULES, "open")),
    *(({"initial_cash": wrong}, r"^initial_cash must be a number above 0; got .* Fix: pass initial_cash=100_000")
      for wrong in NO_CASH),
    ({"initial_cash": 1e20}, r"^Execution: initial_cash must be a number between"),
    *(({"threads": wrong}, r"^threads must be a whole number of at least 1; got .* Fix: pass threads=1")
      for wrong in NO_COUNT),
]  # fmt: skip
DATA: list[tuple[dict[str, Any], str]] = [
    ({"data": 3}, r"^a int cannot be read as bars"),
    ({"data": "nope.csv"}, r"^there is no file nope\.csv"),
    ({"data": "sample:nope"}, r"^unknown sample 'nope'"),
    ({"data": []}, r"^the list is empty"),
    ({"data": {}}, r"no column for open"),
    ({"data": {"A": {}}}, r"no column for open"),
    ({"data": {"A": BARS, "B": 3}}, r"^a int cannot be read as bars"),
    ({"data": pd.DataFrame()}, r"no column for open"),
    ({"data": np.zeros((3, 3))}, r"^the array has shape \[3, 3\]"),
]
STRATEGIES: list[tuple[dict[str, Any], str]] = [
    *(({"strategy": wrong}, r"^a strategy is a class, an instance of one, or a name; got .* Fix: derive a class")
      for wrong in NO_STRATEGY),
    ({"strategy": "ma_cros"}, r"^unknown strategy 'ma_cros'. Fix: did you mean 'ma_cross'"),
    ({"strategy": at.Strategy}, r"^Strategy has no signals. Fix: define signals"),
]  # fmt: skip
SEARCH: list[tuple[dict[str, Any], str]] = [
    *(({"trials": wrong}, r"^trials must be a whole number of at least 1; got ") for wrong in NO_COUNT),
    *(({"seed": wrong}, r"^seed must be a whole number of at least 0; got ") for wrong in NO_SEED),
    *(({"method": wrong}, r"^method is named by a text; got ") for wrong in NO_TEXT),
    ({"method": "bayes"}, r"^unknown search method 'bayes'. Fix: did you mean 'bayesian'"),
    *(({"options": wrong}, r"^options must map names to values; got ") for wrong in NO_MAPPING),
    ({"options": {"nope": 1}}, r"^method 'random' has no option 'nope'. Fix: its options are batch_size"),
    *(({"progress": wrong}, r"^progress must be a function; got ") for wrong in (3, "x", True)),
    *(({"fixed": wrong}, r"^fixed must map names to values; got ") for wrong in NO_MAPPING),
    *(({"space": wrong}, r"^space must map names to values; got ") for wrong in NO_MAPPING),
]
BOUNDS: list[tuple[dict[str, Any], str]] = [
    ({"fixed": {"fats": 3}}, r"^unknown parameter 'fats'. Fix: did you mean 'fast'"),
    ({"fixed": {3: 4}}, r"^unknown parameter 3"),
    ({"fixed": {"fast": 99}}, r"^parameter 'fast' must be between 2 and 10; got 99"),
    ({"fixed": {"fast": "a"}}, r"^parameter 'fast' must be a whole number"),
    ({"fixed": {"fast": 9, "slow": 5}}, r"^the constraint refuses all"),
    ({"space": {"fats": (2, 3)}}, r"^unknown parameter 'fats'. Fix: did you mean 'fast'"),
    ({"space": {"fast": 5}}, r"^parameter 'fast' cannot be declared as 5"),
    ({"space": {"fast": (9, 3)}}, r"^parameter 'fast': low must not be above high"),
    ({"space": {"fast": ("a", "b")}}, r"^parameter 'fast' cannot be declared"),
    ({"space": {"fast": (30, 40), "slow": (5, 9)}}, r"^the constraint refuses all"),
]


@pytest.mark.parametrize("call", [backtest, optimize, walk_forward, simulate])
@pytest.mark.parametrize(("changes", "match"), [*RULES, *DATA])
def test_rules_and_data_at_every_door(call: Call, changes: dict[str, Any], match: str) -> None:
    refused(call, dict(changes), match)


@pytest.mark.parametrize("call", [backtest, walk_forward, simulate])
def test_no_data_at_every_door(call: Call) -> None:
    refused(call, {"data": None}, r"^a NoneType cannot be read as bars")


@pytest.mark.parametrize("call", [backtest, optimize, walk_forward])
@pytest.mark.parametrize(("changes", "match"), STRATEGIES)
def test_what_is_no_strategy(call: Call, changes: dict[str, Any], match: str) -> None:
    refused(call, dict(changes), match)


@pytest.mark.parametrize("call", [optimize, walk_forward])
@pytest.mark.parametrize(("changes", "match"), [*SEARCH, *BOUNDS])
def test_settings_of_a_search(call: Call, changes: dict[str, Any], match: str) -> None:
    refused(call, dict(changes), match)


@pytest.mark.parametrize(("changes", "match"), SEARCH)
def test_settings_of_a_search_of_ones_own(changes: dict[str, Any], match: str) -> None:
    refused(own, dict(changes), match)


@pytest.mark.parametrize(
    ("call", "changes", "match"),
    [
        (backtest, {"cost": 3}, r"^unknown setting of backtest 'cost'. Fix: did you mean 'costs'"),
        (simulate, {"start": 3}, r"^unknown setting of simulate 'start'"),
        (optimize, {"comission": 3}, r"^unknown setting of optimize 'comission'"),
        (walk_forward, {"train_fraction": 0.5}, r"^unknown setting of walk_forward 'train_fraction'"),
        (own, {"costs": at.Costs()}, r"^unknown setting of optimize with an objective of your own 'costs'"),
        (own, {"train_fraction": 0.5}, r"^unknown setting of optimize with an objective of your own"),
    ],
)
def test_unknown_settings(call: Call, changes: dict[str, Any], match: str) -> None:
    refused(call, changes, match)


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        *(({"objectives": wrong}, r"^there is nothing to optimise\. Fix: pass objectives=\[\"sharpe_ratio\"\]")
          for wrong in NO_NAMES),
        ({"objectives": 3}, r"^objectives must be a list of names; got 3"),
        ({"objectives": [3]}, r"^a metric is named by a text; got 3"),
        ({"objectives": "sharp"}, r"^unknown metric 'sharp'. Fix: did you mean"),
        ({"objectives": ["minimize_sharpe_ratio"]}, r"contradicts the direction of sharpe_ratio"),
        *(({"objectives": [wrong]}, rf"^{wrong} is not a number of one backtest") for wrong in ("psr", "dsr", "pbo")),
        ({"metrics": 3}, r"^metrics must be a list of names; got 3"),
        ({"metrics": ["psr"]}, r"^psr is not a number of one backtest"),
        ({"metrics": "nope"}, r"^unknown metric 'nope'"),
        *(({"train_fraction": wrong}, r"^train_fraction must be a number above 0; got ")
          for wrong in NO_FRACTION),
        ({"train_fraction": 1.1}, r"^train_fraction must be above 0 and at most 1; got 1\.1"),
        ({"train_fraction": 0.001}, r"^0\.001 of 300 bars leaves 0 to search, at least 2 are needed"),
        ({"data": BARS[:1]}, r"^0\.7 of 1 bars leaves 0 to search"),
        ({"data": BARS[:1], "train_fraction": 1.0}, r"^1 of 1 bars leaves 1 to search"),
        ({"data": BARS[:2]}, r"^0\.7 of 2 bars leaves 1 to search"),
        *(({"resolution": wrong, "method": "grid"}, r"^resolution must be a whole number of at least 1")
          for wrong in NO_COUNT),
        ({"resolution": 3}, r"^method 'random' has no option 'resolution'"),
        ({"strategy": None}, r"^optimize needs a strategy and data, or objective= and space="),
        ({"data": None}, r"^optimize needs a strategy and data, or objective= and space="),
        ({"strategy": Cross(fast=9)}, r"^a search chooses the values itself, and Cross\(fast=9, slow=20\) already has"),
    ],
)  # fmt: skip
def test_what_only_optimize_takes(changes: dict[str, Any], match: str) -> None:
    refused(optimize, changes, match)


def test_two_things_to_optimise_are_one_too_many() -> None:
    refused(own, {"strategy": Cross, "data": BARS}, r"^optimize got both a strategy and an objective of your own")
    refused(own, {"data": BARS}, r"^optimize got both")


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        *(({name: wrong}, rf"^{name} must be a number above 0; got ")
          for name in ("train", "test", "step") for wrong in NO_LENGTH),
        ({"train": 1e9}, r"^train of 1e\+09 days is longer than any data"),
        ({"step": 99}, r"^step \(99 days\) is longer than test"),
        ({"unit": "dayz"}, r"^unknown unit 'dayz'. Fix: did you mean 'days'"),
        ({"unit": 3}, r"^unknown unit 3"),
        ({"unit": "bars", "train": 50.5}, r"^train must be a whole number of bars"),
        ({"expanding": "yes"}, r"^expanding must be True or False; got 'yes'"),
        ({"objective": "psr"}, r"^psr is not a number of one backtest"),
        *(({"objective": wrong}, r"^a metric is named by a text") for wrong in NO_TEXT),
        ({"data": BARS[:1]}, r"^walk-forward needs at least 2 bars"),
        ({"data": BARS[:50]}, r"^walk-forward needs 130 days"),
        ({"strategy": Sized(position_size=0.3)}, r"^a search chooses the values itself"),
    ],
)  # fmt: skip
def test_what_only_walk_forward_takes(changes: dict[str, Any], match: str) -> None:
    refused(walk_forward, changes, match)


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"start": 5, "stop": 3}, r"^start 5 and stop 3 leave no bars"),
        ({"start": 5, "stop": 5}, r"leave no bars"),
        ({"start": -5}, r"^start is a row number of at least 0; got -5. Fix: .* the last 5 begin at row 295"),
        ({"start": 400}, r"leave no bars"),
        ({"stop": 301}, r"leave no bars"),
        ({"stop": "1999-01-01"}, r"leave no bars"),
        ({"start": "2050-01-01"}, r"leave no bars"),
        *(({name: wrong}, rf"^{name} is not a date; got ")
          for name in ("start", "stop") for wrong in NO_DATE),
        *(({name: wrong}, rf"^{name} is neither a row number nor a date; got ")
          for name in ("start", "stop") for wrong in NO_MOMENT),
    ],
)  # fmt: skip
def test_spans(changes: dict[str, Any], match: str) -> None:
    refused(backtest, changes, match)


@pytest.mark.parametrize(
    ("target", "match"),
    [
        ([], r"^target has shape \[0\], and the market asks for \[300\]"),
        (1.0, r"^target has shape \[\], and the market asks for \[300\]"),
        (None, r"^target has shape \[\], and the market asks for \[300\]"),
        (np.zeros(299), r"^target has shape \[299\]"),
        (np.zeros((2, 300)), r"^target has shape \[2, 300\]"),
        (np.zeros((300, 1)), r"^target has shape \[300, 1\]"),
        (np.zeros((1, 1, 300)), r"^target has shape \[1, 1, 300\]"),
        ("x", r"^target holds <U1 values, not numbers"),
        (["1"] * 300, r"^target holds <U1 values, not numbers"),
        (pd.Series(["1"] * 300), r"^target holds .* values, not numbers"),
        (np.zeros(300, dtype=complex), r"^target holds complex128 values, not numbers"),
        ([object()] * 300, r"^target holds object values, not numbers"),
        ([[1], [2, 3]], r"^target cannot be read as numbers"),
        (np.full(300, np.inf), r"^target holds an infinite value"),
        ({"A": np.zeros(300)}, r"^target names A, the market SYNTHETIC"),
        ({}, r"^target names nothing, the market SYNTHETIC"),
        (pd.DataFrame({"A": np.zeros(300), "B": np.zeros(300)}), r"^target names A, B, the market SYNTHETIC"),
        (
            pd.Series(np.zeros(300), index=pd.date_range("2001-01-01", periods=300)),
            r"^target is indexed by other times",
        ),
        (pd.Series(np.zeros(9), index=pd.date_range("2001-01-01", periods=9)), r"^target has shape \[9\]"),
    ],
)
def test_targets_of_one_instrument(target: object, match: str) -> None:
    refused(simulate, {"target": target}, match)


@pytest.mark.parametrize(
    ("target", "match"),
    [
        (np.zeros(300), r"^target has shape \[300\], and the market asks for \[2, 300\] \(instruments x bars\)"),
        ({"A": np.zeros(300)}, r"^target names A, the market A, B"),
        ({"A": np.zeros(300), "C": np.zeros(300)}, r"^target names A, C, the market A, B"),
        ({"A": np.zeros(300), "B": np.zeros(299)}, r"^target of B has shape \[299\] for 300 bars"),
        ({"A": "x", "B": np.zeros(300)}, r"^target of A holds <U1 values"),
        ({"A": 3, "B": 4}, r"^target of A has shape \[\] for 300 bars"),
        ({"A": np.zeros((1, 300)), "B": np.zeros(300)}, r"^target of A has shape \[1, 300\] for 300 bars"),
        ({"A": np.full(300, -np.inf), "B": np.zeros(300)}, r"^target of A holds an infinite value"),
        (pd.DataFrame({"A": np.zeros(300)}), r"^target names A, the market A, B"),
    ],
)
def test_targets_of_several_instruments(target: object, match: str) -> None:
    refused(simulate, {"target": target, "data": TWO}, match)


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        *(({"space": wrong}, r"^an objective of your own needs a space") for wrong in NO_SPACE),
        ({"space": {"x": 3}}, r"^parameter 'x' cannot be declared as 3"),
        ({"space": {"x": (1.0, 0.0)}}, r"^parameter 'x': low must not be above high"),
        ({"space": {"x": []}}, r"^parameter 'x' cannot be declared"),
        ({"space": {"x": range(0)}}, r"^parameter 'x' cannot be declared"),
        ({"fixed": {"y": 1}}, r"^unknown parameter 'y'"),
        ({"fixed": {"x": 3.0}}, r"^parameter 'x' must be between"),
        ({"objective": 3}, r"^objective must be a function; got 3"),
        (
            {"objective": lambda **_: None},
            r"^the objective returned None at x=.*, and one number is what objectives name",
        ),
        ({"objective": lambda **_: "a"}, r"^the objective returned 'a' at x="),
        ({"objective": lambda x: {"gain": x}}, r"^the objective returned \{'gain'"),
        ({"objective": lambda **_: 1j}, r"^the objective returned 1j"),
        ({"objective": lambda x: (x, x)}, r"^the objective returned \(.*, and one number is what"),
        ({"objective": lambda x: x, "objectives": ["a", "b"]}, r"and 2 numbers is what objectives name"),
        ({"objective": lambda x: [[x], [x, x]]}, r"^the objective returned \[\["),
        ({"objective": lambda **_: np.zeros((1, 1))}, r"^the objective returned array"),
        ({"objective": lambda y: y}, r"^the objective at x=.* failed: TypeError: .*unexpected keyword argument 'x'"),
        (
            {"objective": lambda **_: 1 / 0},
            r"failed: ZeroDivisionError: division by zero \(test_python_bad_input\.py, line",
        ),
        ({"objectives": []}, r"^there is nothing to optimise\. Fix: pass objectives=\[\"objective\"\]"),
        ({"objectives": [3]}, r"^objectives is named by a text; got 3"),
        ({"objectives": ["gain", "gain"]}, r"^objective 'gain' is named twice"),
    ],
)
def test_objectives_of_ones_own(changes: dict[str, Any], match: str) -> None:
    refused(own, changes, match)


class Mistaken(at.Strategy):
    """Its constraint is wrong."""

    window = at.IntParameter(2, 9, default=3)

    def constraint(self) -> bool:
        return self.windw > 3  # type: ignore[attr-defined, no-any-return]

    def signals(self, see: at.Columns) -> at.Expression:
        return see.close > see.sma(self.window)


class Demanding(at.Strategy):
    """Wants an argument of its own."""

    def __init__(self, level: float) -> None:
        super().__init__()
        self.level = level

    def signals(self, see: at.Columns) -> at.Expression:
        return see.close > self.level


@pytest.mark.parametrize("method", ["grid", "random", "tpe", "nsga2"])
def test_a_constraint_that_fails(method: str) -> None:
    match = r"^constraint of Mistaken failed: AttributeError: .*'windw' \(test_python_bad_input\.py, line "
    refused(optimize, {"strategy": Mistaken, "method": method}, match)
    refused(walk_forward, {"strategy": Mistaken, "method": method}, match)


def test_a_strategy_that_cannot_be_made_of_its_defaults() -> None:
    refused(backtest, {"strategy": Mistaken}, r"^constraint of Mistaken failed: AttributeError: ")
    refused(backtest, {"strategy": Demanding}, r"^Demanding\(\) failed: TypeError: .*level")
    result = at.backtest(Demanding(1e9), BARS)
    assert result.trade_count == 0


@pytest.mark.parametrize("path", [3, None, "", " ", "/", b"report.html"])
def test_reports_go_to_files(path: Any) -> None:
    made: list[Any] = [
        at.backtest(Cross, BARS),
        at.optimize(Cross, BARS, method="random", trials=2),
        at.walk_forward(Cross, BARS, train=100, test=100, step=100, unit="bars", trials=2),
    ]
    for each in made:
        refused(each.report, {"path": path}, r"^a report is written to a file; got .* Fix: pass a path such as")


def test_a_study_of_ones_own_has_no_bars_to_ask_about() -> None:
    study = at.optimize(objective=lambda x: x, space={"x": (0.0, 1.0)}, method="random", trials=4)
    for name in ("in_sample", "out_of_sample", "benchmark", "verdict"):
        with pytest.raises(InvalidInput, match=r"^this study searched a function of its own"):
            getattr(study, name)
    with pytest.raises(InvalidInput, match=r"^unknown objective of this study 'gain'. Fix: use one of objective"):
        study.best("gain")


@pytest.mark.parametrize(
    ("name", "value"),
    [("threads", np.int64(2)), ("initial_cash", np.float64(5.0)), ("initial_cash", 10), ("start", np.int32(7)),
     ("start", date(2000, 3, 1)), ("stop", pd.Timestamp("2000-06-01", tz="Europe/Paris")), ("stop", 280),
     ("start", np.datetime64("2000-03-01"))],
)  # fmt: skip
def test_what_means_the_same_is_taken(name: str, value: Any) -> None:
    assert isinstance(backtest(**{name: value}), at.Result)


def test_numbers_of_numpy_are_taken_by_a_search() -> None:
    study = optimize(seed=np.int64(3), trials=np.int64(3), threads=np.int64(1), strategy=Changeable)
    assert isinstance(study, at.Study)
    assert study.seed == 3
    assert type(study.seed) is int
    assert study.n_trials == 3
