"""The ledger on the command line: record, list, show, replay, resume, cancel, check, copy, restore.

Commands answer in this process, as `main` does for a shell; what has to die or be interrupted has one of its own.
"""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import optuna
import pytest
from optuna.trial import TrialState

import autonomous_trading as at
from autonomous_trading.core import BoolArray, FloatArray
from tests.unit.interfaces import commands
from tests.unit.interfaces.commands import Answer

OPTIMIZE = ["optimize", "--method", "random", "--trials", "60", "--quiet", "--ledger", "trials.db"]


def autotrade(folder: Path, *arguments: str) -> Answer:
    """One command, given in this folder."""
    with contextlib.chdir(folder):
        return commands.autotrade(*arguments)


def document(folder: Path, *arguments: str, code: int = 0) -> dict[str, Any]:
    """What a command answers with --json."""
    done = autotrade(folder, *arguments, "--json")
    assert done.code == code, done.err
    return done.document


def refusal(folder: Path, *arguments: str, code: int = 2) -> str:
    """The one line of a command that is refused."""
    done = autotrade(folder, *arguments)
    assert done.code == code, done.err
    return done.complaint


def started(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    """A command in a process of its own."""
    command = [sys.executable, "-m", "autonomous_trading.interfaces.cli", *arguments]
    return subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one recorded search."""
    place = tmp_path_factory.mktemp("runs")
    assert autotrade(place, *OPTIMIZE, "--constraint", "trade_count >= 5").code == 0
    return place


def job_in(folder: Path, older: int = 0) -> str:
    """The newest job, or one of those before it."""
    found = document(folder, "runs", "list", "--ledger", "trials.db")
    return str(found["runs"][older]["job"])


def test_it_is_listed_and_shown(folder: Path) -> None:
    found = document(folder, "runs", "list", "--ledger", "trials.db")
    (run,) = found["runs"]
    assert run["trials"] == {"wanted": 60, "proposed": 60, "ended": 60}
    assert (run["state"], run["project"], run["method"]) == ("done", "default", "random")
    assert found["projects"] == {"default": {"trials": 60, "looks": 1}}
    shown = document(folder, "runs", "show", run["job"][:8], "--ledger", "trials.db")
    assert shown["search"]["constraints"] == ["trade_count >= 5"]
    values = [trial["metrics"]["sharpe_ratio"] for trial in shown["best"]]
    assert values == sorted(values, reverse=True)
    assert shown["events"][-1]["kind"] == "look"
    text = autotrade(folder, "runs", "show", run["job"], "--ledger", "trials.db").out
    assert f"Next: autotrade runs replay {run['job']} --ledger trials.db" in text
    assert "unknown project 'nope'" in refusal(folder, "runs", "list", "--project", "nope", "--ledger", "trials.db")
    assert "60/60" in autotrade(folder, "runs", "list", "--ledger", "trials.db").out


def test_it_is_replayed(folder: Path) -> None:
    job = job_in(folder)
    best = document(folder, "runs", "replay", job, "--ledger", "trials.db")
    assert best["same"] is True
    assert best["recorded"] == best["again"]
    third = document(folder, "runs", "replay", job, "--trial", "3", "--ledger", "trials.db")
    assert third["trial"] == 3
    said = autotrade(folder, "runs", "replay", job, "--ledger", "trials.db")
    assert "The same bits again in all" in said.out
    assert "no evaluated trial 999" in refusal(folder, "runs", "replay", job, "--trial", "999", "--ledger", "trials.db")


def test_what_has_ended_gives_its_answer_again_and_is_not_cancelled(folder: Path) -> None:
    job = job_in(folder)
    again = document(folder, "runs", "resume", job, "--ledger", "trials.db")
    assert (again["ledger"]["job"], again["ledger"]["lifetime_trials"]) == (job, 60)  # its answer, and nothing counted
    assert "is done already" in refusal(folder, "runs", "cancel", job, "--ledger", "trials.db")


def test_it_is_exported_to_a_study_of_optuna(folder: Path) -> None:
    job = job_in(folder)
    shown = document(folder, "runs", "show", job, "--ledger", "trials.db")
    found = document(folder, "runs", "export", job, "study.db", "--ledger", "trials.db")
    assert found["trials"] == 60
    study = optuna.load_study(study_name=job, storage=f"sqlite:///{folder / 'study.db'}")
    assert study.direction.name == "MAXIMIZE"
    best = max((trial for trial in study.trials if trial.value is not None), key=lambda trial: trial.value or 0.0)
    assert len(study.trials) == 60
    assert best.value == shown["best"][0]["metrics"]["sharpe_ratio"]
    assert best.params == shown["best"][0]["parameters"]
    assert best.user_attrs["trade_count"] == shown["best"][0]["metrics"]["trade_count"]
    assert "study.db exists" in refusal(folder, "runs", "export", job, "study.db", "--ledger", "trials.db", code=4)


def test_the_best_of_an_exported_study_keeps_the_constraints(tmp_path: Path) -> None:
    bounded = document(tmp_path, *OPTIMIZE, "--constraint", "trade_count >= 60", "--constraint", "win_rate > 0.1")
    study = _exported(tmp_path, bounded["ledger"]["job"])
    complete = [trial for trial in study.trials if trial.state is TrialState.COMPLETE]
    assert any(trial.user_attrs["trade_count"] < 60 for trial in complete)
    assert study.best_trial.params == bounded["best"]["parameters"]
    assert study.best_trial.constraints == {"trade_count >= 60": 0.0, "win_rate > 0.10000000000000001": 0.0}
    assert all(trial.constraints["trade_count >= 60"] == max(0.0, 60 - _trades(trial)) for trial in complete)


def test_a_front_that_is_exported_keeps_the_constraints(tmp_path: Path) -> None:
    goals = ("--objective", "sharpe_ratio", "--objective", "max_drawdown", "--constraint", "trade_count >= 60")
    bounded = document(tmp_path, *OPTIMIZE, *goals)
    study = _exported(tmp_path, bounded["ledger"]["job"])
    front = {tuple(sorted(trial.params.items())) for trial in study.best_trials}
    assert {tuple(sorted(point["parameters"].items())) for point in bounded["pareto_front"]} == front
    assert all(_trades(trial) >= 60 for trial in study.best_trials)


def test_sets_that_were_given_up_are_pruned_trials(tmp_path: Path) -> None:
    asked = [*OPTIMIZE, "--objective", "worst_fold_sharpe_ratio", "--prune", "0.5", "--constraint", "trade_count >= 5"]
    pruned = document(tmp_path, *asked)
    study = _exported(tmp_path, pruned["ledger"]["job"])
    given_up = [trial for trial in study.trials if trial.state is TrialState.PRUNED]
    assert len(given_up) == pruned["pruned"] > 0
    assert all(not trial.constraints for trial in given_up)  # what they would have kept is not known
    assert study.best_trial.params == pruned["best"]["parameters"]


def test_constraints_that_are_functions_are_named_where_a_study_leaves_them_out(tmp_path: Path) -> None:
    def often(metrics: Mapping[str, FloatArray]) -> BoolArray:
        return metrics["x"] > 0.5

    study = at.optimize(
        objective=lambda x: x,
        objectives=["x"],
        space={"x": (0.0, 1.0)},
        method="random",
        trials=5,
        constraints=[often, "x >= 0.1"],
        ledger=str(tmp_path / "trials.db"),
    )
    assert study.recording is not None
    asked = ("runs", "export", study.recording.job)
    assert document(tmp_path, *asked, "a.db", "--ledger", "trials.db")["not_exported"] == ["often"]
    assert "Not in it: often, constraints that are" in autotrade(tmp_path, *asked, "b.db", "--ledger", "trials.db").out


def _exported(folder: Path, job: str) -> optuna.Study:
    """The study of Optuna that a job is exported to."""
    document(folder, "runs", "export", job, "study.db", "--ledger", "trials.db")
    return optuna.load_study(study_name=job, storage=f"sqlite:///{folder / 'study.db'}")


def _trades(trial: optuna.trial.FrozenTrial) -> float:
    return float(trial.user_attrs["trade_count"])


def test_it_is_checked_copied_and_restored(folder: Path) -> None:
    assert document(folder, "store", "check", "--ledger", "trials.db")["problems"] == []
    document(folder, "store", "backup", "copy.db", "--ledger", "trials.db")
    assert "exists" in refusal(folder, "store", "backup", "copy.db", "--ledger", "trials.db", code=4)
    assert "does not exist" in refusal(folder, "store", "backup", "away/b.db", "--ledger", "trials.db", code=2)
    assert not (folder / "away").exists()
    document(folder, "store", "restore", "copy.db", "--ledger", "other.db")
    assert job_in(folder) in autotrade(folder, "runs", "list", "--ledger", "other.db").out
    assert "holds a store" in refusal(folder, "store", "restore", "copy.db", "--ledger", "other.db", code=4)
    document(folder, "store", "restore", "copy.db", "--overwrite", "--ledger", "other.db")
    assert document(folder, "store", "upgrade", "--ledger", "other.db")["backup"] is None


def test_a_walk_forward_is_recorded_too(tmp_path: Path) -> None:
    asked = ["walk-forward", "--train", "1460", "--test", "365", "--step", "365", "--trials", "5", "--quiet"]
    found = document(tmp_path, *asked, "--ledger", "trials.db")
    job = found["ledger"]["job"]
    assert found["ledger"]["lifetime_trials"] == found["trials"] == 5 * len(found["folds"])
    replayed = document(tmp_path, "runs", "replay", job, "--trial", "7", "--ledger", "trials.db")
    assert (replayed["same"], replayed["parameters"]["walk_forward_window"]) == (True, 1)
    again = document(tmp_path, "runs", "resume", job, "--ledger", "trials.db")
    assert (again["folds"], again["ledger"]["looks"]) == (found["folds"], 1)
    assert f"Recorded: job {job}"[:-1] in autotrade(tmp_path, *asked, "--ledger", "trials.db").out
    assert document(tmp_path, "runs", "list", "--ledger", "trials.db")["projects"]["default"]["looks"] == 2


def test_what_is_shown_as_best_keeps_the_constraints(tmp_path: Path) -> None:
    bounded = document(tmp_path, *OPTIMIZE, "--constraint", "trade_count <= 12")
    shown = document(tmp_path, "runs", "show", bounded["ledger"]["job"], "--ledger", "trials.db")
    assert shown["best"][0]["parameters"] == bounded["best"]["parameters"]
    assert all(trial["metrics"]["trade_count"] <= 12 for trial in shown["best"])
    replayed = document(tmp_path, "runs", "replay", bounded["ledger"]["job"], "--ledger", "trials.db")
    assert replayed["parameters"] == bounded["best"]["parameters"]


def test_a_constraint_that_nothing_keeps_is_named(tmp_path: Path) -> None:
    found = document(tmp_path, *OPTIMIZE, "--constraint", "trade_count >= 100000", code=3)
    assert found["best"] is None
    assert "60 break trade_count >= 100000" in found["explanation"]["message"]
    assert found["ledger"]["lifetime_trials"] == 60


def test_sets_that_fail_are_counted_and_the_first_is_quoted(tmp_path: Path) -> None:
    breaking = SLOW.replace("time.sleep(0.02)", "assert self.fast < 40, f'{self.fast} is too long'")
    (tmp_path / "mine.py").write_text(breaking, encoding="utf-8")
    asked = ["optimize", "--strategy", "mine.py:Slow", "--trials", "46", "--method", "random", "--quiet"]
    found = document(tmp_path, *asked, "--ledger", "trials.db")
    assert found["ledger"]["failed"] == 11  # 40 to 50
    job = found["ledger"]["job"]
    shown = document(tmp_path, "runs", "show", job, "--ledger", "trials.db")
    assert (shown["failed"], shown["first_error"]) == (11, found["ledger"]["first_error"])
    assert "is too long" in shown["first_error"]
    said = autotrade(tmp_path, "runs", "show", job, "--ledger", "trials.db").out
    assert "Failed: 11 sets, the first with:" in said


def test_a_strategy_that_ends_its_process_does_not_end_the_program(tmp_path: Path) -> None:
    deadly = SLOW.replace("time.sleep(0.02)", "multiprocessing.parent_process() and os._exit(7)")
    (tmp_path / "mine.py").write_text("import multiprocessing\nimport os\n" + deadly, encoding="utf-8")
    asked = ["optimize", "--strategy", "mine.py:Slow", "--trials", "4", "--method", "random", "--quiet"]
    found = document(tmp_path, *asked, "--ledger", "t.db", "--executor", "processes", "--workers", "2", code=3)
    assert found["best"] is None
    assert found["explanation"]["message"].startswith("no set has a value: 4 failed, the first with: ")
    assert found["ledger"]["failed"] == 4
    job = str(document(tmp_path, "runs", "list", "--ledger", "t.db")["runs"][0]["job"])
    again = autotrade(tmp_path, "runs", "resume", job, "--executor", "inline", "--ledger", "t.db")
    assert (again.code, again.err) == (3, "")  # its answer, and no word about workers
    assert "No best set: no set has a value: 4 failed" in again.out


def test_a_search_that_is_interrupted_says_how_it_goes_on(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("import time\n" + SLOW, encoding="utf-8")
    command = [*OPTIMIZE, "--strategy", "mine.py:Slow", "--data", "sample:nasdaq"]
    worker = started(tmp_path, *command)
    try:
        _until_ended(tmp_path, 5)
        worker.send_signal(signal.SIGINT)
        _, said = worker.communicate(timeout=60)
    finally:
        worker.kill()
        worker.wait()
    job = job_in(tmp_path)
    assert worker.returncode == 130
    assert f"go on with: autotrade runs resume {job} --ledger trials.db" in said
    shown = autotrade(tmp_path, "runs", "show", job, "--ledger", "trials.db").out
    assert f"go on with: autotrade runs resume {job} --ledger trials.db" in shown
    elsewhere = ("--executor", "processes", "--workers", "2")
    assert document(tmp_path, "runs", "resume", job, *elsewhere, "--ledger", "trials.db")["ledger"]["job"] == job
    assert "executor" in refusal(tmp_path, "runs", "resume", job, "--executor", "moon", "--ledger", "trials.db")


def test_the_ledger_may_be_named_in_the_settings(tmp_path: Path) -> None:
    (tmp_path / "autotrade.toml").write_text('[ledger]\nstore = "mine.db"\nproject = "p"\n', encoding="utf-8")
    assert autotrade(tmp_path, *OPTIMIZE[:-2]).code == 0
    assert document(tmp_path, "runs", "list")["runs"][0]["project"] == "p"


def test_what_is_not_there_is_said_and_nothing_is_made(tmp_path: Path) -> None:
    assert "no ledger is named" in refusal(tmp_path, "runs", "list")
    for command in (("runs", "list"), ("runs", "show", "x"), ("runs", "cancel", "x"), ("store", "check")):
        assert "none.db is not there" in refusal(tmp_path, *command, "--ledger", "none.db")
    assert "needs a search that is recorded" in refusal(tmp_path, "optimize", "--quiet", "--workers", "2")
    assert list(tmp_path.iterdir()) == []


def test_a_job_from_python_is_resumed_and_replayed_in_python(tmp_path: Path) -> None:
    place = str(tmp_path / "trials.db")
    at.optimize(objective=lambda x: x, space={"x": (0.0, 1.0)}, method="random", trials=5, ledger=place)
    at.walk_forward("ma_cross", "sample:sp500", train=3000, test=2000, step=2000, trials=2, ledger=place)
    for door, job in (("", job_in(tmp_path, 1)), ("_walk_forward", job_in(tmp_path, 0))):
        said = refusal(tmp_path, "runs", "resume", job, "--ledger", "trials.db")
        assert "was started from Python" in said
        assert f"at.{door.removeprefix('_') or 'optimize'}(...)" in said
        assert f'at.replay{door}("{job}"' in refusal(tmp_path, "runs", "replay", job, "--ledger", "trials.db")


def test_a_killed_search_is_resumed_and_what_changed_is_refused(tmp_path: Path) -> None:
    slow = "import time\n" + SLOW
    (tmp_path / "mine.py").write_text(slow, encoding="utf-8")
    command = [*OPTIMIZE, "--strategy", "mine.py:Slow", "--data", "sample:nasdaq"]
    worker = started(tmp_path, *command)
    try:
        _until_ended(tmp_path, 5)
    finally:
        worker.kill()
        worker.communicate()
    job = job_in(tmp_path)
    (tmp_path / "mine.py").write_text(slow.replace("0.02", "0.03"), encoding="utf-8")
    said = refusal(tmp_path, "runs", "resume", job, "--ledger", "trials.db", code=4)
    assert "cannot go on" in said
    assert "source.sha256 was" in said
    (tmp_path / "mine.py").write_text(slow, encoding="utf-8")
    resumed = document(tmp_path, "runs", "resume", job, "--ledger", "trials.db")
    assert resumed["ledger"]["job"] == job
    assert resumed["ledger"]["lifetime_trials"] == 46  # values of the one parameter
    plain = document(tmp_path, *OPTIMIZE[:-2], "--strategy", "mine.py:Slow", "--data", "sample:nasdaq")
    assert plain["best"] == resumed["best"]
    first = document(tmp_path, "runs", "replay", job, "--trial", "0", "--ledger", "trials.db")
    assert first["same"] is True  # what the process that was killed had found


SLOW = '''
import autonomous_trading as at


class Slow(at.Strategy):
    """A crossover that cannot be traced and takes its time."""

    fast = at.IntParameter(5, 50, default=10)

    def signals(self, see: at.Columns) -> at.Expression:
        time.sleep(0.02)
        return see.sma(int(self.fast)) > see.sma(100)
'''


def _until_ended(folder: Path, count: int) -> None:
    """Wait until so many trials of the search have ended."""
    for _ in range(600):
        done = autotrade(folder, "runs", "list", "--json", "--ledger", "trials.db")
        if done.code == 0:
            runs = done.document["runs"]
            if runs and runs[0]["trials"]["proposed"] >= count:
                return
        time.sleep(0.05)
    raise AssertionError("the search recorded nothing")
