"""Values as typed become values as declared, or are refused with the name and the rule."""

from datetime import UTC, datetime

import pytest
import typer

from autonomous_trading.core import (
    BoolParameter,
    CategoricalParameter,
    FloatParameter,
    IntParameter,
    InvalidInput,
    InvalidParameter,
    UnknownName,
)
from autonomous_trading.interfaces.cli._assignments import assigned, bounds, engine_bounds
from autonomous_trading.interfaces.cli._numbers import amount, fraction, moment, nanoseconds, positive, whole
from autonomous_trading.strategies import Columns, SignalsLike, Strategy


class Every(Strategy):
    """One parameter of every kind."""

    window = IntParameter(5, 50, default=10)
    share = FloatParameter(0.0, 1.0, default=0.5)
    average = CategoricalParameter(["sma", "ema"], default="sma")
    level = CategoricalParameter([1, 2], default=1)
    short = BoolParameter(default=False)

    def signals(self, see: Columns) -> SignalsLike:
        return see.close > see.sma(self.window)


def test_values_take_the_kind_that_is_declared() -> None:
    texts = ["window=20", " share = 0.25", "average=ema", "level=2", "short=Yes"]
    found = assigned(Every, texts).parameters
    assert found == {"window": 20, "share": 0.25, "average": "ema", "level": 2, "short": True}
    assert [type(value) for value in found.values()] == [int, float, str, int, bool]


def test_a_whole_number_may_carry_a_decimal_point() -> None:
    assert assigned(Every, ["window=20.0", "share=1"]).parameters == {"window": 20, "share": 1.0}


def test_settings_every_strategy_takes_are_kept_apart() -> None:
    found = assigned(Every, ["stop_loss=0.02", "max_bars_held=10", "window=6"])
    assert found.parameters == {"window": 6}
    assert found.settings == {"stop_loss": 0.02, "max_bars_held": 10}
    assert isinstance(found.settings["max_bars_held"], int)


@pytest.mark.parametrize(
    ("texts", "error", "message"),
    [
        (["window"], InvalidInput, "--set 'window' is not NAME=VALUE"),
        (["=5"], InvalidInput, "is not NAME=VALUE"),
        (["window="], InvalidInput, "is not NAME=VALUE"),
        (["window=5", "window=6"], InvalidInput, "--set gives window twice"),
        (["windw=5"], UnknownName, "unknown parameter of every 'windw'. Fix: did you mean 'window'?"),
        (["stoploss=5"], UnknownName, "did you mean 'stop_loss'?"),
        (["window=ten"], InvalidParameter, "window is a number, got 'ten'"),
        (["share=5%"], InvalidParameter, "5% is written 0.05"),
        (["window=2.5"], InvalidParameter, "must be a whole number; got 2.5"),
        (["window=4"], InvalidParameter, "must be between 5 and 50; got 4"),
        (["share=nan"], InvalidParameter, "must be a finite number"),
        (["share=inf"], InvalidParameter, "must be a finite number"),
        (["average=wma"], InvalidParameter, "must be one of 'sma', 'ema'; got 'wma'"),
        (["short=maybe"], InvalidParameter, "short is true or false, got 'maybe'"),
        (["max_bars_held=1.5"], InvalidParameter, "max_bars_held is a whole number"),
    ],
)
def test_what_does_not_fit_is_refused(texts: list[str], error: type[InvalidInput], message: str) -> None:
    with pytest.raises(error) as caught:
        assigned(Every, texts)
    assert message in str(caught.value)
    assert "Fix: " in str(caught.value)


def test_bounds_and_choices_to_search() -> None:
    found = bounds(Every, ["window=5:30", "share=0:1", "average=ema,sma"])
    assert found == {"window": (5, 30), "share": (0.0, 1.0), "average": ["ema", "sma"]}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("window=5", "names no bounds"),
        ("window=a:b", "window is a number, got 'a'"),
        ("windw=5:9", "unknown parameter of every 'windw'"),
        ("average=wma", "must be one of"),
    ],
)
def test_bounds_that_are_none(text: str, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        bounds(Every, [text])


def test_bounds_of_what_every_strategy_has() -> None:
    found = engine_bounds(Every, ["window=5:30", "stop_loss=0.01:1", "max_bars_held=5:50"])
    assert found == {"stop_loss": (0.01, 1.0), "max_bars_held": (5, 50)}
    for text, message in (
        ("stop_loss=5", "names no bounds"),
        ("stop_loss=0.1:b", "stop_loss is a number, got 'b'"),
        ("max_bars_held=1.5:9", "max_bars_held is a whole number"),
    ):
        with pytest.raises(InvalidInput, match=message):
            engine_bounds(Every, [text])
    assert [type(end) for ends in found.values() for end in ends] == [float, float, int, int]


def test_readers_of_numbers() -> None:
    assert whole("--n", least=0, example=1)("7") == 7
    assert fraction("--f", example=0.1)("0.5") == 0.5
    assert fraction("--f", example=0.1, low=-1.0)("-0.5") == -0.5
    assert positive("--p", example=1)("2.5") == 2.5
    assert amount("--a", example=1)("0") == 0.0
    with pytest.raises(typer.BadParameter, match=r"not a percentage, got '12%'. Fix: write --f 0.12"):
        fraction("--f", example=0.1)("12%")


def test_dates_are_utc_to_the_nanosecond() -> None:
    read = moment("--start")
    assert read("2010-01-31") == datetime(2010, 1, 31, tzinfo=UTC)
    assert read("2010-01-31T12:00+02:00") == datetime(2010, 1, 31, 10, tzinfo=UTC)
    assert nanoseconds(datetime(2010, 1, 1, tzinfo=UTC)) == 1_262_304_000_000_000_000
    assert nanoseconds(datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)) == -1_000
    with pytest.raises(typer.BadParameter, match="--start takes a date"):
        read("31.01.2010")
