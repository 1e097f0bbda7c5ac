"""A strategy by name, from a person's own file, and from a module."""

import sys
from pathlib import Path

import pytest

from autonomous_trading.core import DataNotFound, InvalidInput, UnknownName
from autonomous_trading.interfaces.cli._strategy_source import strategy_named
from autonomous_trading.strategies import STRATEGIES

OWN = '''
import autonomous_trading as at
from neighbour import WINDOW

class Own(at.Strategy):
    """Long above the average."""

    window = at.IntParameter(2, 50, default=WINDOW)

    def signals(self, see):
        return see.close > see.sma(self.window)

class Unfinished(at.Strategy):
    window = at.IntParameter(2, 50, default=10)

number = 7
'''


@pytest.fixture
def own(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "modules", dict(sys.modules))
    (folder / "neighbour.py").write_text("WINDOW = 12\n")
    (folder / "own.py").write_text(OWN)
    return folder


def test_a_name_of_the_library() -> None:
    assert strategy_named("ma_cross") is STRATEGIES["ma_cross"]
    with pytest.raises(UnknownName, match="did you mean 'ma_cross'"):
        strategy_named("macross")


def test_a_class_in_a_file(own: Path) -> None:
    found = strategy_named("own.py:Own")
    assert found.name == "own"
    assert found.space().defaults() == {"window": 12}
    assert strategy_named(str(own / "own.py") + ":Own").name == "own"


def test_loading_a_file_writes_nothing_beside_it(own: Path) -> None:
    strategy_named("own.py:Own")
    assert sorted(path.name for path in own.iterdir()) == ["neighbour.py", "own.py"]


def test_the_only_strategy_of_a_file_needs_no_name(own: Path) -> None:
    (own / "one.py").write_text(OWN.partition("class Unfinished")[0])
    assert strategy_named("one.py").name == "own"
    with pytest.raises(InvalidInput, match=r"holds 2 strategies \(Own, Unfinished\).*own.py:ClassName"):
        strategy_named("own.py")


@pytest.mark.usefixtures("own")
def test_a_class_in_a_module() -> None:
    assert strategy_named("own:Own").name == "own"


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("missing.py:Own", DataNotFound, "there is no strategy file missing.py"),
        ("own.py:Onw", UnknownName, "did you mean 'Own'"),
        ("own.py:number", InvalidInput, "number in own.py is not a strategy"),
        ("own.py:Unfinished", InvalidInput, r"has no signals. Fix: define signals\(self, see\)"),
        ("no_such_module:Own", InvalidInput, "there is no module 'no_such_module'"),
        ("json:JSONDecoder", InvalidInput, "is not a strategy"),
        ("own:", UnknownName, "unknown strategy"),
    ],
)
@pytest.mark.usefixtures("own")
def test_what_is_no_strategy(text: str, error: type[InvalidInput], message: str) -> None:
    with pytest.raises(error, match=message):
        strategy_named(text)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("class Own(:\n", "broken.py:1 is not Python"),
        ("import no_such_module\n", "there is no module 'no_such_module'"),
        ("\n\n1 / 0\n", "ZeroDivisionError at broken.py:3"),
    ],
)
def test_a_file_that_cannot_be_loaded_says_where(own: Path, content: str, message: str) -> None:
    (own / "broken.py").write_text(content)
    with pytest.raises(InvalidInput, match=message):
        strategy_named("broken.py:Own")


def test_a_file_does_not_take_the_place_of_a_library(own: Path) -> None:
    (own / "json.py").write_text("raise RuntimeError('shadowed')\n")
    (own / "uses.py").write_text("import json\n" + OWN)
    assert strategy_named("uses.py:Own").name == "own"
