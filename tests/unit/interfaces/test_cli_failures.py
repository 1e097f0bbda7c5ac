"""Every failure ends in one line and an exit code; a traceback only for those who ask."""

import errno
import re
from pathlib import Path

import pytest

from autonomous_trading.core import InvalidInput, NothingToReport, Refused, TradingError
from autonomous_trading.interfaces.cli import _commands, _main
from autonomous_trading.interfaces.cli._failures import failure_of, one_line
from tests.unit.interfaces.commands import autotrade


@pytest.mark.parametrize(
    ("error", "code", "text"),
    [
        (TradingError("it failed"), 1, "error: it failed"),
        (InvalidInput("bad", fix="better"), 2, "error: bad. Fix: better"),
        (NothingToReport("no trades", fix="more data"), 3, "error: no trades. Fix: more data"),
        (Refused("too risky", fix="less"), 4, "error: too risky. Fix: less"),
        (MemoryError(), 1, "error: out of memory. Fix: "),
        (OSError(errno.ENOSPC, "No space left on device"), 1, "error: no space left to write to. Fix: "),
        (KeyError("x"), 1, "error: this should not happen: KeyError: 'x'. Fix: run it again with AUTOTRADE_DEBUG=1"),
        (RuntimeError("two\nlines"), 1, "error: this should not happen: RuntimeError: two lines. Fix: "),
    ],
)
def test_an_error_becomes_a_line_and_a_code(error: Exception, code: int, text: str) -> None:
    failure = failure_of(error)
    assert failure.exit_code == code
    assert failure.line.startswith(text)
    assert "\n" not in failure.line


def test_one_line_shows_what_a_terminal_would_obey() -> None:
    assert one_line("a\x1b[31m\n  b\x07") == "a\\x1b[31m b\\x07"


def raising(error: BaseException) -> object:
    def run(_: list[str]) -> int:
        raise error

    return run


def test_an_interrupt_is_one_line_and_130(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_commands, "run", raising(KeyboardInterrupt()))
    answer = autotrade("backtest")
    assert answer.code == 130
    assert answer.complaint == "interrupted: nothing was left half-written"


def test_a_reader_that_left_is_no_drama(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_commands, "run", raising(BrokenPipeError()))
    assert autotrade("backtest") == (141, "", "")


def test_a_reader_that_left_while_a_table_was_printed_is_no_drama_either(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(_: list[str]) -> int:
        try:
            raise BrokenPipeError
        except BrokenPipeError:
            raise SystemExit(1) from None

    monkeypatch.setattr(_commands, "run", run)
    assert autotrade("backtest") == (141, "", "")


def test_any_other_end_of_the_program_is_not_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_commands, "run", raising(SystemExit(7)))
    with pytest.raises(SystemExit, match="7"):
        autotrade("backtest")


@pytest.mark.usefixtures("folder")
def test_a_traceback_only_for_those_who_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_commands, "run", raising(KeyError("x")))
    assert "Traceback" not in autotrade("backtest").complaint
    monkeypatch.setenv("AUTOTRADE_DEBUG", "0")
    assert "Traceback" not in autotrade("backtest").complaint
    monkeypatch.setenv("AUTOTRADE_DEBUG", "1")
    answer = autotrade("backtest")
    assert answer.code == 1
    assert "Traceback (most recent call last)" in answer.err
    assert answer.err.splitlines()[-1].startswith("error: ")


def test_a_mistake_in_a_persons_own_strategy_is_named_with_its_line(folder: Path) -> None:
    (folder / "own.py").write_text(
        "import autonomous_trading as at\n\n\nclass Own(at.Strategy):\n    def signals(self, see):\n"
        "        return see.close > 1 / 0\n"
    )
    answer = autotrade("backtest", "--strategy", "own.py:Own", "--quiet")
    assert answer.code == 2
    assert all(word in answer.complaint for word in ("own.py", "6", "ZeroDivisionError: division by zero", "Fix: "))


def test_code_from_outside_is_named_with_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_commands, "run", raising(KeyError("x")))
    answer = autotrade("backtest")
    assert answer.code == 1
    assert re.search(r"test_cli_failures.py:\d+ failed with KeyError: 'x'. Fix: correct it there", answer.complaint)


def test_main_returns_and_does_not_exit() -> None:
    assert _main.main(["--version"]) == 0
