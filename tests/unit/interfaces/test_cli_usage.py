"""Command lines that cannot be understood: one line, exit code 2, nothing on stdout."""

import os
import shlex
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from autonomous_trading.backtest import Costs, Execution, Exits
from autonomous_trading.interfaces.cli._cost_options import OPTION_NAMES, CostOptions
from autonomous_trading.interfaces.python._doors import DEFAULT_TRIALS
from autonomous_trading.interfaces.python._prepared_walk import DEFAULT_FOLD_TRIALS
from autonomous_trading.search import METHODS
from autonomous_trading.strategies import SETTING_NAMES
from tests.unit.interfaces.commands import autotrade

# Arguments, what the line has to say, and what it has to offer.
MISTAKES = (
    ("backtset", "no such command 'backtset'", "did you mean 'backtest'?"),
    ("xyzzy", "no such command 'xyzzy'", "use one of demo, backtest"),
    ("strategies lst", "no such command 'lst'", "did you mean 'list'?"),
    ("strategies show", "missing argument 'NAME'", "run 'autotrade strategies show --help'"),
    ("--versoin", "autotrade has no option --versoin", "did you mean --version?"),
    ("backtest --dta x", "autotrade backtest has no option --dta", "did you mean --data"),
    ("backtest --zzz", "autotrade backtest has no option --zzz", "run 'autotrade backtest --help'"),
    (
        "backtest --trials 5",
        "--trials: it is an option of optimize, walk-forward and validate, not of backtest",
        "leave it out",
    ),
    (
        "walk-forward --constraint x",
        "--constraint: it is an option of optimize and validate, not of walk-forward",
        "leave it out",
    ),
    ("walk-forward --ahead 1", "--ahead: it is an option of optimize, not of walk-forward", "leave it out"),
    ("walk-forward --trails 1", "autotrade walk-forward has no option --trails", "did you mean --trials"),
    ("backtest --out a.html", "autotrade backtest has no option --out", "did you mean --report?"),
    ("report --report a.html", "autotrade report has no option --report", "did you mean --out?"),
    ("backtest --replay 1", "autotrade backtest has no option --replay", "run 'autotrade backtest --help'"),
    ("runs list --trial 1", "--trial: it is an option of replay, not of list", "run 'autotrade runs list --help'"),
    ("optimize --fix fast=3", "no option --fix", "did you mean --set?"),
    ("optimize --cash 3", "no option --cash", "did you mean --initial-cash?"),
    ("backtest prices.csv", "does not know what to do with 'prices.csv'", "options start with --"),
    ("backtest --data", "--data needs a value", "write --data VALUE"),
    ("backtest --json=yes", "--json takes no value", "write --json alone"),
    ("optimize --trials many", "--trials takes a whole number of at least 1, got 'many'", "write --trials 200"),
    ("optimize --trials 0", "--trials takes a whole number of at least 1, got '0'", "write --trials 200"),
    ("optimize --trials 1e3", "got '1e3'", "write --trials 200"),
    ("optimize --seed -1", "--seed takes a whole number of at least 0", "write --seed 7"),
    ("optimize --train-fraction 70%", "a fraction, not a percentage", "write --train-fraction 0.7"),
    ("backtest --commission 5", "--commission takes a fraction from 0 to 1", "write --commission 0.0005"),
    ("backtest --commission nan", "got 'nan'", "write --commission 0.0005"),
    ("backtest --slippage much", "--slippage takes a fraction", "write --slippage 0.0002"),
    ("backtest --initial-cash 0", "--initial-cash takes a number above 0", "write --initial-cash 100000"),
    ("backtest --start yesterday", "--start takes a date such as 2010-01-31", "write --start 2010-01-31"),
    ("backtest --leverage 2", "no option --leverage", "did you mean --set leverage=VALUE?"),
    ("backtest --stop-loss 0.1", "no option --stop-loss", "did you mean --set stop_loss=VALUE?"),
    ("backtest --spread 1", "no option --spread", "did you mean --half-spread?"),
    ("backtest --minimum -1", "--minimum takes a number of at least 0, got '-1'", "write --minimum 1"),
    ("backtest --cash-rate 3%", "a fraction, not a percentage", "write --cash-rate 0.03"),
    ("backtest --borrow-rate -2", "--borrow-rate takes a fraction from -1 to 10", "write --borrow-rate 0.02"),
    ("walk-forward --train -3", "--train takes a number above 0", "write --train 365"),
    ("walk-forward --threads two", "--threads takes a whole number", "write --threads 2"),
)


@pytest.mark.parametrize(("typed", "what", "fix"), MISTAKES, ids=[typed for typed, _, _ in MISTAKES])
def test_a_mistake_is_one_line_with_its_fix(folder: Path, typed: str, what: str, fix: str) -> None:
    answer = autotrade(*typed.split())
    assert answer.code == 2
    assert answer.complaint.startswith("error: ")
    said, _, offered = answer.complaint.partition(". Fix: ")
    assert what in said
    assert fix in offered
    assert list(folder.iterdir()) == []


def test_control_characters_do_not_reach_the_terminal() -> None:
    answer = autotrade("backtest", "--strategy", "a\x1b[2Jb\nc")
    assert answer.code == 2
    assert "\x1b" not in answer.complaint
    assert "unknown strategy" in answer.complaint


@pytest.mark.parametrize("typed", ["", "--help", "backtest --help", "strategies", "strategies --help"])
def test_help_is_data_on_stdout(typed: str) -> None:
    answer = autotrade(*typed.split())
    assert (answer.code, answer.err) == (0, "")
    assert "Usage: autotrade" in answer.out


def test_every_command_documents_every_option() -> None:
    for command in ("demo", "backtest", "optimize", "walk-forward", "report", "doctor"):
        text = autotrade(command, "--help").out
        assert "--json" in text
        assert "--quiet" in text


def help_of(command: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The help of a command as one line of words."""
    monkeypatch.setenv("COLUMNS", "300")
    return " ".join(autotrade(command, "--help").out.replace("│", " ").split())


def test_each_command_shows_its_own_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    counts = {**DEFAULT_TRIALS, "grid": "all"}
    optimize, forward = (help_of(command, monkeypatch) for command in ("optimize", "walk-forward"))
    assert "fallback or ensemble. [default: (tpe)]" in optimize
    assert all(name in optimize and name in forward for name in METHODS)
    assert set(DEFAULT_TRIALS) == set(METHODS)
    assert f"[default: (grid: {counts['grid']}, " in optimize
    assert all(f"{name} {counts[name]}" in optimize for name in METHODS if name != "grid")
    assert "fallback or ensemble. [default: (random)]" in forward
    assert f"in every window. [default: ({DEFAULT_FOLD_TRIALS}; grid: all)]" in forward


def test_help_says_that_one_file_may_hold_several_instruments(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "(one with a symbol or ticker column holds several instruments)" in help_of("backtest", monkeypatch)


def test_every_setting_has_an_option_or_is_a_parameter() -> None:
    options = {OPTION_NAMES.get(field.name, field.name) for noun in (Costs, Exits, Execution) for field in fields(noun)}
    assert options - set(SETTING_NAMES) == {field.name for field in fields(CostOptions)}


def test_version() -> None:
    answer = autotrade("--version")
    assert answer.code == 0
    assert answer.out.startswith("autotrade ")


@pytest.mark.parametrize(
    "arguments", [("--help",), ("data", "--help"), ("data", "fetch", "--help"), ("optimize", "--help")]
)
def test_help_loads_nothing_heavy(arguments: tuple[str, ...]) -> None:
    heavy = "numpy pandas numba scipy talib pyarrow duckdb optuna pymoo sklearn pydantic pydantic_settings requests"
    program = (
        "import sys; from autonomous_trading.interfaces.cli import main;"
        f" main({list(arguments)!r});"
        f" print(*[name for name in '{heavy}'.split() if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "Usage: autotrade" in done.stdout
    assert done.stderr.split() == []


def test_a_help_names_every_command() -> None:
    """Commands are built when they are asked for, and all of them where names are shown."""
    groups = {"data": 8, "strategies": 2, "runs": 6, "store": 4}
    whole = autotrade("--help").out
    top = ("demo", "backtest", "optimize", "walk-forward", "validate", "check", "report", "doctor", *groups)
    assert [name for name in top if f"│ {name} " not in whole] == []
    for group, count in groups.items():
        listed = autotrade(group, "--help").out.partition("Commands")[2]
        names = [line.split()[1] for line in listed.splitlines() if line.startswith("│ ") and line[2] != " "]
        assert len(names) == count
        for name in names:
            assert f"Usage: autotrade {group} {name}" in autotrade(group, name, "--help").out


def test_the_shell_completes_names() -> None:
    program = [sys.executable, "-m", "autonomous_trading.interfaces.cli"]
    # The shell is found among the processes above: here there is one, whoever runs the tests.
    from_bash = ["bash", "-c", f"{shlex.join([*program, '--show-completion', 'bash'])}; exit $?"]
    shown = subprocess.run(from_bash, capture_output=True, text=True, check=True)
    assert "_AUTOTRADE_COMPLETE=complete_bash" in shown.stdout
    for words, number, wanted in (("autotrade wal", "1", "walk-forward"), ("autotrade data fe", "2", "fetch")):
        asked = {"_AUTOTRADE_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": number}
        found = subprocess.run(program, env={**os.environ, **asked}, capture_output=True, text=True, check=True)
        assert found.stdout.split() == [wanted]
