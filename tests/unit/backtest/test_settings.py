"""What a run may assume about the world: every rule of Costs, Exits and Execution, and the text of its refusal."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import pytest

from autonomous_trading.backtest import FILLS, PATHS, Costs, Execution, Exits
from autonomous_trading.core import InvalidInput
from autonomous_trading.core.errors import UnknownName

Settings = type[Costs] | type[Exits] | type[Execution]

# Of every number its smallest and its largest value, as they are printed.
RANGES: list[tuple[Settings, str, float, float]] = [
    (Costs, "commission", 0.0, 10.0),
    (Costs, "slippage", 0.0, 10.0),
    (Costs, "per_unit", 0.0, 1e9),
    (Costs, "minimum", 0.0, 1e9),
    (Costs, "slippage_atr", 0.0, 1e9),
    (Costs, "impact", 0.0, 1e9),
    (Costs, "half_spread", 0.0, 1.0),
    (Costs, "funding_rate", -1.0, 1.0),
    (Costs, "borrow_rate", -1.0, 10.0),
    (Costs, "cash_rate", -1.0, 10.0),
    (Costs, "leverage_rate", -1.0, 10.0),
    (Costs, "participation", 1e-9, 1.0),
    (Exits, "stop_loss", 1e-12, 1.0),
    (Exits, "take_profit", 1e-12, 1e6),
    (Exits, "trailing_stop", 1e-12, 1.0),
    (Exits, "max_bars_held", 1.0, 1e9),
    (Exits, "atr_window", 1.0, 1e9),
    (Execution, "leverage", 1e-9, 1e3),
    (Execution, "position_size", 1e-9, 1e3),
    (Execution, "initial_cash", 1e-9, 1e15),
    (Execution, "rebalance_band", 0.0, 1e3),
]
EVERY_NUMBER = pytest.mark.parametrize(
    ("settings", "name", "low", "high"), RANGES, ids=[f"{row[0].__name__}.{row[1]}" for row in RANGES]
)
MAY_BE_NONE = {"participation", "stop_loss", "take_profit", "trailing_stop", "max_bars_held", "rebalance_band"}
BOTH_COLUMNS = pytest.mark.parametrize("name", ["half_spread", "funding_rate"])


def built(settings: Settings, **values: Any) -> Any:
    """Settings with these values, for values of any type."""
    return settings(**values)


def refusal(settings: Settings, **values: Any) -> str:
    """The text with which settings refuse these values."""
    with pytest.raises(InvalidInput) as caught:
        built(settings, **values)
    return str(caught.value)


def rule(settings: Settings, name: str, low: float, high: float) -> str:
    return f"{settings.__name__}: {name} must be a number between {low:g} and {high:g}"


class TestNumbers:
    @EVERY_NUMBER
    def test_both_ends_of_the_range_are_accepted(self, settings: Settings, name: str, low: float, high: float) -> None:
        for value in (low, high):
            assert getattr(built(settings, **{name: value}), name) == value

    @EVERY_NUMBER
    def test_less_is_refused_with_the_least(self, settings: Settings, name: str, low: float, high: float) -> None:
        value = low - 1.5
        expected = f"{rule(settings, name, low, high)}; got {value!r}. Fix: pass {name}={low:g} or more"
        assert refusal(settings, **{name: value}) == expected

    @EVERY_NUMBER
    def test_more_is_refused_with_the_most(self, settings: Settings, name: str, low: float, high: float) -> None:
        for value in (high * 1.5, math.inf):
            expected = f"{rule(settings, name, low, high)}; got {value!r}. Fix: pass {name}={high:g} or less"
            assert refusal(settings, **{name: value}) == expected

    @EVERY_NUMBER
    @pytest.mark.parametrize("value", [math.nan, True, "0.5", 1j, [0.5]], ids=repr)
    def test_what_is_no_number_is_refused(
        self, settings: Settings, name: str, low: float, high: float, value: object
    ) -> None:
        expected = f"{rule(settings, name, low, high)}; got {value!r}. Fix: pass {name}={low:g} or more"
        assert refusal(settings, **{name: value}) == expected

    @EVERY_NUMBER
    def test_none_is_accepted_only_where_it_means_off(
        self, settings: Settings, name: str, low: float, high: float
    ) -> None:
        if name in MAY_BE_NONE:
            assert getattr(built(settings, **{name: None}), name) is None
        else:
            assert refusal(settings, **{name: None}).startswith(f"{rule(settings, name, low, high)}; got None")

    @EVERY_NUMBER
    @pytest.mark.parametrize("kind", [int, np.int64, np.int8, np.float64, np.float32])
    def test_numbers_of_python_and_numpy_are_accepted(
        self, settings: Settings, name: str, low: float, high: float, kind: type[float]
    ) -> None:
        assert low <= 1 <= high
        assert getattr(built(settings, **{name: kind(1)}), name) == 1

    def test_every_number_of_the_settings_is_listed_here(self) -> None:
        listed = {(row[0], row[1]) for row in RANGES}
        words = {(Exits, "unit"), (Exits, "path"), (Execution, "fill")}
        all_settings: tuple[Settings, ...] = (Costs, Exits, Execution)
        declared = {(settings, each.name) for settings in all_settings for each in dataclasses.fields(settings)}
        assert listed | words == declared

    def test_the_first_of_several_bad_numbers_is_named(self) -> None:
        assert "commission" in refusal(Costs, commission=-1.0, slippage=-1.0)


class TestWholeNumbers:
    @pytest.mark.parametrize("name", ["max_bars_held", "atr_window"])
    def test_a_part_of_a_bar_is_refused(self, name: str) -> None:
        assert refusal(Exits, **{name: 2.5}) == (f"Exits: {name} must be a whole number; got 2.5. Fix: pass {name}=2")

    @pytest.mark.parametrize("name", ["max_bars_held", "atr_window"])
    def test_a_whole_number_may_be_written_as_a_float(self, name: str) -> None:
        assert getattr(built(Exits, **{name: 3.0}), name) == 3


class TestExitUnits:
    @pytest.mark.parametrize("name", ["stop_loss", "trailing_stop"])
    def test_multiples_of_the_atr_may_be_larger_than_a_fraction(self, name: str) -> None:
        assert getattr(built(Exits, unit="atr", **{name: 2.5}), name) == 2.5
        assert refusal(Exits, unit="atr", **{name: 2e6}) == (
            f"Exits: {name} must be a number between 1e-12 and 1e+06; got 2000000.0. Fix: pass {name}=1e+06 or less"
        )

    @pytest.mark.parametrize("name", ["stop_loss", "take_profit", "trailing_stop"])
    def test_a_distance_of_nothing_is_refused(self, name: str) -> None:
        assert refusal(Exits, **{name: 0.0}).startswith(f"Exits: {name} must be a number between 1e-12 and")


class TestWords:
    def test_every_known_word_is_accepted(self) -> None:
        assert [Execution(fill=fill).fill for fill in FILLS] == ["open", "close", "same_close"]
        assert [Exits(path=path).path for path in PATHS] == ["pessimistic", "optimistic", "nearest"]
        assert [Exits(unit=unit).unit for unit in ("fraction", "atr")] == ["fraction", "atr"]

    @pytest.mark.parametrize(
        ("settings", "name", "word", "text"),
        [
            (Execution, "fill", "opening", "unknown fill 'opening'. Fix: did you mean 'open'?"),
            (
                Exits,
                "path",
                "Optimistic",
                "unknown path 'Optimistic'. Fix: did you mean 'optimistic' or 'pessimistic'?",
            ),
            (Exits, "unit", "pips", "unknown unit of exits 'pips'. Fix: use one of atr, fraction"),
        ],
    )
    def test_another_word_is_refused_with_the_nearest(
        self, settings: Settings, name: str, word: str, text: str
    ) -> None:
        with pytest.raises(UnknownName) as caught:
            built(settings, **{name: word})
        assert str(caught.value) == text

    @pytest.mark.parametrize(
        ("settings", "name"), [(Execution, "fill"), (Exits, "path"), (Exits, "unit")], ids=["fill", "path", "unit"]
    )
    def test_no_word_is_refused(self, settings: Settings, name: str) -> None:
        assert "None" in refusal(settings, **{name: None})

    @pytest.mark.parametrize(
        ("settings", "name"), [(Execution, "fill"), (Exits, "path"), (Exits, "unit")], ids=["fill", "path", "unit"]
    )
    @pytest.mark.parametrize("words", [np.array(["open", "fraction"]), ["pessimistic"], 1], ids=repr)
    def test_what_is_no_word_is_refused(self, settings: Settings, name: str, words: object) -> None:
        assert refusal(settings, **{name: words}).startswith("unknown ")


class TestColumns:
    @BOTH_COLUMNS
    @pytest.mark.parametrize("column", [np.array([0.0, 0.5]), np.array([[0.0], [1.0]]), np.array([0, 1])], ids=repr)
    def test_one_number_per_bar_is_accepted(self, name: str, column: Any) -> None:
        assert getattr(built(Costs, **{name: column}), name) is column

    @BOTH_COLUMNS
    @pytest.mark.parametrize("bad", [2.0, -1.5, math.nan, math.inf])
    def test_one_bad_bar_is_refused(self, name: str, bad: float) -> None:
        low = {"half_spread": 0, "funding_rate": -1}[name]
        assert refusal(Costs, **{name: np.array([0.0, bad])}) == (
            f"Costs: {name} must be one number or one column of numbers between {low} and 1; got {bad:g} at bar 1."
            f" Fix: pass {name}=0.0, or an array with one finite value per bar"
        )

    @BOTH_COLUMNS
    def test_of_several_instruments_the_bad_one_is_named_too(self, name: str) -> None:
        column = np.zeros((2, 5))
        column[1, 3] = math.nan
        assert f"{name} must be" in refusal(Costs, **{name: column})
        assert "; got nan at bar 3 of instrument 1. Fix" in refusal(Costs, **{name: column})

    @BOTH_COLUMNS
    @pytest.mark.parametrize(
        ("column", "kind"),
        [
            (np.array(["a"]), "<U1"),
            (np.array([None, 1.0]), "object"),
            (np.array([0.5j]), "complex128"),
            (np.array([True]), "bool"),
            (np.array(["2024-01-01"], dtype="datetime64[D]"), "datetime64[D]"),
        ],
        ids=repr,
    )
    def test_a_column_of_anything_but_numbers_is_refused(self, name: str, column: Any, kind: str) -> None:
        assert f"; got an array of {kind}. Fix: pass {name}=0.0, or" in refusal(Costs, **{name: column})

    @BOTH_COLUMNS
    @pytest.mark.parametrize("shape", [(), (1, 1, 2)], ids=repr)
    def test_other_shapes_are_refused(self, name: str, shape: tuple[int, ...]) -> None:
        assert f"; got an array of shape {list(shape)}. Fix" in refusal(Costs, **{name: np.zeros(shape)})

    def test_a_half_spread_is_not_negative_in_any_bar_but_funding_may_be(self) -> None:
        column = np.array([0.0, -0.5])
        assert "half_spread" in refusal(Costs, half_spread=column)
        assert Costs(funding_rate=column).funding_rate is column


class TestDefaults:
    def test_commission_and_slippage_are_on_and_all_else_is_off(self) -> None:
        assert Costs().describe() == {"commission": 0.0005, "slippage": 0.0002}
        assert Costs().participation is None

    def test_free_is_free(self) -> None:
        assert Costs.free() == Costs(commission=0.0, slippage=0.0)
        assert Costs.free().describe() == {}

    def test_no_exit_is_set(self) -> None:
        assert dataclasses.asdict(Exits()) == {
            "stop_loss": None,
            "take_profit": None,
            "trailing_stop": None,
            "max_bars_held": None,
            "unit": "fraction",
            "path": "pessimistic",
            "atr_window": 14,
        }

    def test_orders_fill_at_the_next_open_with_all_of_100_000(self) -> None:
        assert dataclasses.asdict(Execution()) == {
            "fill": "open",
            "leverage": 1.0,
            "position_size": 1.0,
            "rebalance_band": None,
            "initial_cash": 100_000.0,
        }

    @pytest.mark.parametrize("settings", [Costs(), Exits(), Execution()], ids=["Costs", "Exits", "Execution"])
    def test_settings_never_change(self, settings: Any) -> None:
        name = dataclasses.fields(settings)[0].name
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(settings, name, 0.1)

    def test_equal_settings_are_one_key(self) -> None:
        assert len({Costs(), Costs(commission=0.0005), Costs(minimum=1.0)}) == 2

    @BOTH_COLUMNS
    def test_equal_columns_are_one_key_too(self, name: str) -> None:
        columns: list[Any] = [np.zeros(2), np.zeros(2, dtype=np.int64), np.array([0.0, 0.1]), np.zeros(3), 0.0]
        same, again, other, longer, number = (built(Costs, **{name: column}) for column in columns)
        assert same == again
        assert hash(same) == hash(again)
        assert [same == each for each in (other, longer, number, "costs")] == [False] * 4
        assert len({same, again, other, longer, number}) == 4


class TestWhatCostsTellTheKernel:
    def test_no_cap_on_participation_is_an_infinite_one(self) -> None:
        assert Costs().terms().participation == math.inf
        assert Costs(participation=0.1).terms().participation == 0.1

    def test_every_term_is_a_float(self) -> None:
        terms = built(Costs, commission=1, per_unit=np.float32(2.0), minimum=3, participation=np.int64(1)).terms()
        assert terms == (1.0, 2.0, 3.0, 0.0002, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0)
        assert {type(term) for term in terms} == {float}

    @pytest.mark.parametrize("name", ["borrow_rate", "cash_rate", "leverage_rate", "funding_rate"])
    def test_any_rate_makes_holding_cost_something(self, name: str) -> None:
        assert built(Costs, **{name: -0.01}).finances
        assert not Costs(minimum=1.0, half_spread=0.1).finances

    def test_funding_on_one_bar_is_enough(self) -> None:
        assert Costs(funding_rate=np.array([0.0, 0.001])).finances
        assert not Costs(funding_rate=np.zeros(2)).finances

    def test_a_report_names_a_column_without_its_numbers(self) -> None:
        costs = Costs.free()
        described = dataclasses.replace(costs, half_spread=np.array([0.0, 0.1]), participation=0.2).describe()
        assert described == {"half_spread": "column", "participation": 0.2}
