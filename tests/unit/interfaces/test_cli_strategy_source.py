"""A strategy by name, from a person's own file, and from a module."""

import os
import sys
from pathlib import Path
from unittest.mock import Mock

import pytest

from autonomous_trading.adapters import strategy_named
from autonomous_trading.core import DataNotFound, IntParameter, InvalidInput, UnknownName
from autonomous_trading.strategies import STRATEGIES, Strategy
from tests.unit.interfaces.commands import autotrade

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
    # A folder that another test looked in may hold a file of the same name.
    monkeypatch.setattr(sys, "path", [place for place in sys.path if not Path(place, "own.py").exists()])
    monkeypatch.setattr(sys, "modules", {name: module for name, module in sys.modules.items() if name != "own"})
    (folder / "neighbour.py").write_text("WINDOW = 12\n")
    (folder / "own.py").write_text(OWN)
    return folder


def test_a_name_of_the_library() -> None:
    assert strategy_named("ma_cross") is STRATEGIES["ma_cross"]
    with pytest.raises(UnknownName, match="did you mean 'ma_cross'"):
        strategy_named("macross")


def _highest(strategy: type[Strategy]) -> object:
    window = strategy.space().parameters["window"]
    assert isinstance(window, IntParameter)
    return window.high


def test_a_file_is_read_as_it_is_now(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    file = own / "own.py"
    assert _highest(strategy_named("own.py:Own")) == 50
    before = file.stat()
    file.write_text(OWN.replace("2, 50, default=WINDOW", "2, 60, default=WINDOW"))  # as long, and in the same second
    os.utime(file, (before.st_atime, before.st_mtime))
    assert _highest(strategy_named("own.py:Own")) == 60
    assert not list(own.glob("__pycache__/own*"))


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
    (own / "none.py").write_text("x = 1\n")
    with pytest.raises(InvalidInput, match=r"none.py holds no strategy of its own. Fix: derive a class"):
        strategy_named("none.py")
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


def refusal(text: str) -> str:
    with pytest.raises(InvalidInput) as caught:
        strategy_named(text)
    return str(caught.value)


def test_what_the_library_refuses_in_a_file_is_said_once_with_the_files_line(own: Path) -> None:
    (own / "badb.py").write_text(
        "import autonomous_trading as at\n\nclass Own(at.Strategy):\n    fast = at.IntParameter(50, 5, default=10)\n"
    )
    assert refusal("badb.py") == (
        "badb.py cannot be loaded at badb.py:4: IntParameter: low must not be above high; got low=50, high=5."
        " Fix: swap the two bounds"
    )


def test_a_mistake_in_a_neighbour_is_found_there(own: Path) -> None:
    (own / "neighbour.py").write_text("WINDOW = 12\nWINDOW.missing\n")
    assert "own.py cannot be loaded: AttributeError at neighbour.py:2: " in refusal("own.py:Own")


def test_a_file_that_may_not_be_read_is_not_a_mistake_in_the_file(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refuse = Mock(side_effect=PermissionError(13, "Permission denied"))
    monkeypatch.setattr("importlib.machinery.SourceFileLoader.get_data", refuse)
    assert refusal(str(own / "own.py")).endswith(
        "own.py cannot be read: Permission denied. Fix: make it a file you may read"
    )


def test_a_file_that_cannot_find_its_own_file_says_so(own: Path) -> None:
    (own / "opens.py").write_text('open("no such file")\n')
    assert "FileNotFoundError at opens.py:1: " in refusal("opens.py")


def test_a_file_that_ends_the_program_is_refused(own: Path) -> None:
    (own / "ends.py").write_text("import sys\nsys.exit(0)\n")
    assert "ends.py cannot be loaded: it ends the program at ends.py:2. Fix: " in refusal("ends.py")


def test_a_file_with_null_bytes_is_not_python(own: Path) -> None:
    (own / "null.py").write_bytes(b"a = 1\0\n")
    assert "null.py is not Python: " in refusal("null.py")


def test_a_file_does_not_take_the_place_of_a_library(own: Path) -> None:
    (own / "json.py").write_text("raise RuntimeError('shadowed')\n")
    (own / "uses.py").write_text("import json\n" + OWN)
    assert strategy_named("uses.py:Own").name == "own"


def test_what_a_strategy_prints_does_not_spoil_the_answer(folder: Path) -> None:
    (folder / "talks.py").write_text(
        "import autonomous_trading as at\n\n\nprint('hello')\n\n\nclass Talks(at.Strategy):\n"
        "    def signals(self, see):\n        print('thinking')\n        return see.close > see.sma(20)\n"
    )
    answer = autotrade("backtest", "--strategy", "talks.py", "--json", "--quiet")
    assert answer.document["trade_count"] > 0
    assert "hello" in answer.err
    assert "thinking" in answer.err
