"""The catalogue: complete, described, and clear about what it refuses."""

import subprocess
import sys

import pytest

from autonomous_trading.core import InvalidParameter, UnknownName
from autonomous_trading.features import catalogue, find


def test_names_are_unique_and_usable_as_attributes() -> None:
    names = [entry.name for entry in catalogue()]
    assert len(names) == len(set(names))
    assert all(name.isidentifier() and name == name.lower() for name in names)


def test_every_entry_describes_itself() -> None:
    for entry in catalogue():
        assert entry.description
        assert entry.group
        assert entry.signature().startswith(entry.name)
        for parameter in entry.parameters:
            assert parameter.low <= parameter.default <= parameter.high


def test_an_entry_tells_arguments_inputs_and_outputs() -> None:
    macd = find("macd")
    assert macd.signature() == "macd(fastperiod=12, slowperiod=26, signalperiod=9, source=close)"
    assert macd.outputs == ("macd", "macdsignal", "macdhist")
    assert macd.warm_up == 33
    assert [each.keyword for each in find("mfi").inputs] == ["high", "low", "close", "volume"]
    assert [each.keyword for each in find("obv").inputs] == ["close", "volume"]
    assert [each.keyword for each in find("beta").inputs] == ["price0", "price1"]
    assert find("close").signature() == "close"
    assert find("sma").outputs == ()


def test_unknown_names_get_a_suggestion() -> None:
    with pytest.raises(UnknownName, match=r"unknown column 'clsoe'.*did you mean 'close'"):
        find("clsoe")


def test_arguments_are_filled_by_position_and_by_name() -> None:
    macd = find("macd")
    assert macd.fill((8,), {"signalperiod": 5}) == (8, 26, 5)
    assert macd.canonical((8.0,)) == (8, 26, 9)


@pytest.mark.parametrize(
    ("positional", "keywords", "error", "message"),
    [
        ((1, 2, 3, 4), {}, InvalidParameter, "macd takes 3 arguments, got 4"),
        (
            (),
            {"fastperid": 3},
            UnknownName,
            "unknown argument of macd 'fastperid'.*did you mean 'fastperiod'",
        ),
        ((3,), {"fastperiod": 3}, InvalidParameter, "fastperiod is given twice"),
    ],
)
def test_arguments_that_do_not_fit(
    positional: tuple[int, ...], keywords: dict[str, int], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        find("macd").fill(positional, keywords)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((1,), r"rsi: timeperiod must lie in \[2, 100000\], got 1"),
        ((200_000,), "got 200000"),
        ((2.5,), "rsi: timeperiod must be a whole number, got 2.5"),
        ((float("nan"),), "timeperiod must be a whole number, got nan"),
        ((14, 2), "rsi takes 1 arguments, got 2"),
    ],
)
def test_values_that_do_not_fit(arguments: tuple[float, ...], message: str) -> None:
    with pytest.raises(InvalidParameter, match=message):
        find("rsi").canonical(arguments)


def test_outputs_are_checked() -> None:
    assert find("sma").output("") == ""
    with pytest.raises(UnknownName, match=r"unknown output of macd 'hist'.*did you mean 'macdhist'"):
        find("macd").output("hist")
    with pytest.raises(UnknownName, match="unknown output of macd ''"):
        find("macd").output("")


def test_importing_the_room_does_not_import_talib() -> None:
    rooms = "autonomous_trading.features, autonomous_trading.strategies"
    code = f"import sys, {rooms}; print('talib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
