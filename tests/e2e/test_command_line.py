"""The command as a shell sees it: exit codes, what goes where, and what is left behind."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

pytestmark = pytest.mark.e2e

SCRIPT = Path(sys.executable).with_name("autotrade")
COMMAND = [str(SCRIPT)] if SCRIPT.exists() else [sys.executable, "-m", "autonomous_trading.interfaces.cli"]
RECENT = ("--start", "2015-01-01")
PATIENCE_SECONDS = 300.0


class Answer(NamedTuple):
    """What the process said and how it ended."""

    code: int
    out: str
    err: str


def environment(**variables: str) -> dict[str, str]:
    """This environment without anything that changes what the command shows."""
    kept = {name: value for name, value in os.environ.items() if not name.upper().startswith("AUTOTRADE")}
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "PYTHONWARNINGS"):
        kept.pop(name, None)
    return {**kept, **variables}


def run(folder: Path, *arguments: str, variables: Mapping[str, str] | None = None) -> Answer:
    """The answer of the command, run in `folder`."""
    done = subprocess.run(
        [*COMMAND, *arguments],
        cwd=folder,
        env=environment(**(variables or {})),
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    return Answer(done.returncode, done.stdout, done.stderr)


def document(answer: Answer) -> dict[str, Any]:
    """Stdout as one JSON document without NaN or Infinity, which JSON does not have."""

    def refuse(constant: str) -> float:
        raise ValueError(f"{constant} is not JSON")

    found: dict[str, Any] = json.loads(answer.out, parse_constant=refuse)
    return found


KEYS = (
    (
        ("backtest", *RECENT),
        {"command", "data", "strategy", "parameters", "metrics", "benchmark", "trade_count", "explanation"}
        | {"same_bar", "ruined", "warnings", "settings", "notes", "provenance", "report"},
    ),
    (
        ("optimize", *RECENT, "--trials", "20"),
        {"command", "data", "strategy", "best", "objectives", "pareto_front", "trials", "seconds", "verdict"}
        | {"in_sample", "out_of_sample", "benchmark", "importance", "warnings", "settings", "notes", "provenance"}
        | {"report", "ledger", "pruned"},
    ),
    (
        ("walk-forward", *RECENT, "--trials", "5", "--step", "30"),
        {
            "command",
            "data",
            "strategy",
            "objective",
            "folds",
            "out_of_sample",
            "in_sample",
            "benchmark",
            "efficiency",
            "untraded_bars",
        }
        | {"trials", "seconds", "verdict", "warnings", "settings", "notes", "provenance", "report", "ledger"},
    ),
    (("check", "ma_cross", *RECENT[:2]), {"command", "data", "clean", "checks", "notes"}),
    (("strategies", "list"), {"command", "strategies"}),
    (
        ("strategies", "show", "momentum"),
        {"command", "name", "summary", "description", "parameters", "constraint", "constraint_text"},
    ),
    (("doctor",), {"command", "ok", "checks"}),
)


@pytest.mark.parametrize(("arguments", "keys"), KEYS, ids=[" ".join(arguments[:2]) for arguments, _ in KEYS])
def test_json_is_one_document_with_the_documented_keys(tmp_path: Path, arguments: list[str], keys: set[str]) -> None:
    answer = run(tmp_path, *arguments, "--json", "--quiet")
    assert (answer.code, answer.err) == (0, "")
    assert set(document(answer)) == keys
    assert list(tmp_path.iterdir()) == []


def test_the_documented_keys_are_the_keys() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "reference" / "command-line.md").read_text(encoding="utf-8")
    for arguments, keys in KEYS:
        heading = f"### `{' '.join(arguments[: 2 if arguments[0] == 'strategies' else 1])}`"
        section = page.partition(heading)[2].partition("\n### ")[0]
        assert [key for key in sorted(keys) if f"`{key}`" not in section] == []


@pytest.mark.slow
def test_demo_is_the_whole_job(tmp_path: Path) -> None:
    answer = run(tmp_path, "demo", "--json", "--quiet", "--report", "demo.html")
    found = document(answer)
    assert (answer.code, answer.err) == (0, "")
    parts = {"backtest", "optimize", "walk_forward"}
    assert set(found) == {"command", "data", *parts, "seconds", "settings", "notes", "report"}
    assert found["report"] == "demo.html"
    assert found["optimize"]["trials"] == 2_000
    assert [path.name for path in tmp_path.iterdir()] == ["demo.html"]
    assert (tmp_path / "demo.html").read_text(encoding="utf-8").startswith("<!")


def test_progress_goes_to_stderr_and_data_to_stdout(tmp_path: Path) -> None:
    answer = run(tmp_path, "walk-forward", "--trials", "200", "--json")
    assert answer.code == 0
    assert document(answer)["folds"]
    lines = [line for line in answer.err.splitlines() if not line.startswith("first run:")]
    assert lines
    assert all(line.startswith("walk-forward: ") and " folds, " in line for line in lines)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--version",), 0),
        (("--help",), 0),
        (("backtset",), 2),
        (("backtest", "--set", "fsat=3"), 2),
        (("backtest", *RECENT, "--data", "missing.csv"), 2),
    ],
    ids=str,
)
def test_exit_codes(tmp_path: Path, arguments: list[str], code: int) -> None:
    answer = run(tmp_path, *arguments)
    assert answer.code == code
    if code:
        (line,) = answer.err.splitlines()
        assert ". Fix: " in line
        assert answer.out == ""
    assert list(tmp_path.iterdir()) == []


def test_an_own_strategy_that_never_trades_ends_with_3(tmp_path: Path) -> None:
    (tmp_path / "never.py").write_text(
        "import autonomous_trading as at\n\n\nclass Never(at.Strategy):\n    def signals(self, see):\n"
        "        return see.close < 0\n"
    )
    answer = run(tmp_path, "backtest", *RECENT, "--strategy", "never.py:Never")
    assert answer.code == 3
    assert "close < 0" in answer.out
    assert [path.name for path in tmp_path.iterdir()] == ["never.py"]


def test_nobody_watching_means_no_codes(tmp_path: Path) -> None:
    plain = run(tmp_path, "backtest", *RECENT)
    assert "\x1b" not in plain.out + plain.err
    loud = run(tmp_path, "backtest", *RECENT, variables={"FORCE_COLOR": "1"})
    assert "\x1b" in loud.out
    silent = run(tmp_path, "backtest", *RECENT, variables={"FORCE_COLOR": "1", "NO_COLOR": "1"})
    assert silent.out == plain.out


def test_a_terminal_that_knows_no_unicode_gets_ascii(tmp_path: Path) -> None:
    answer = run(tmp_path, "backtest", *RECENT, variables={"PYTHONIOENCODING": "ascii"})
    assert answer.code == 0
    assert answer.out.isascii()


def test_settings_of_the_folder_and_the_environment_are_in_force(tmp_path: Path) -> None:
    (tmp_path / "autotrade.toml").write_text("[costs]\ncommission = 0.002\nslippage = 0.003\n")
    answer = run(tmp_path, "backtest", *RECENT, "--json", "--quiet", variables={"AUTOTRADE__COSTS__SLIPPAGE": "0.004"})
    assert document(answer)["provenance"]["costs"] == {"commission": 0.002, "slippage": 0.004}


@pytest.mark.parametrize("arguments", [("strategies", "list", "--json"), ("backtest", *RECENT)], ids=["json", "table"])
def test_a_reader_that_stops_reading_ends_the_program_without_a_word(tmp_path: Path, arguments: list[str]) -> None:
    command = subprocess.Popen(
        [*COMMAND, *arguments],
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert command.stdout is not None
    command.stdout.close()
    assert command.stderr is not None
    assert [line for line in command.stderr.read().splitlines() if not line.startswith("first run:")] == []
    assert command.wait(PATIENCE_SECONDS) == 141
    command.stderr.close()


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a folder that takes no files")
def test_a_place_that_takes_no_report_is_found_out_before_the_work(tmp_path: Path) -> None:
    answer = run(tmp_path, "demo", "--report", "/proc/demo.html")
    assert (answer.code, answer.out) == (2, "")
    assert "nothing can be written in /proc: " in answer.err


def test_control_c_is_one_line_130_and_nothing_written(tmp_path: Path) -> None:
    command = subprocess.Popen(
        [*COMMAND, "walk-forward", "--trials", "4000", "--report", "page.html"],
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert command.stderr is not None
    for line in command.stderr:  # the first line of progress: it is in the middle of its work
        if line.startswith("walk-forward: "):
            break
    command.send_signal(signal.SIGINT)
    out, err = command.communicate(timeout=PATIENCE_SECONDS)
    assert command.returncode == 130
    assert out == ""
    assert [line for line in err.splitlines() if not line.startswith("walk-forward: ")] == [
        "interrupted: nothing was left half-written"
    ]
    assert list(tmp_path.iterdir()) == []
