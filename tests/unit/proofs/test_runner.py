"""The runner of the proofs, on topics made up for it: one holds, one falls short, one crashes, one lies."""

import json
import math
import textwrap
from pathlib import Path

import pytest

from proofs import claims, runner

HOLDS = """
    from proofs.claims import at_least, run
    raise SystemExit(run("holds", lambda: [at_least("speed", 5.0, 4.0, "bars/s")]))
"""
FALLS_SHORT = """
    from proofs.claims import at_most, holds, run
    raise SystemExit(run("short", lambda: [at_most("wait", 7.0, 2.0, "s"), holds("same bits", True)]))
"""
CRASHES = """
    raise RuntimeError("the disk is made of cheese")
"""
LIES = """
    from proofs.claims import at_most, run
    run("lies", lambda: [at_most("wait", 7.0, 2.0)])
"""
NOT_HERE = """
    from proofs.claims import not_measured, run
    raise SystemExit(run("peer", lambda: [not_measured("against a peer", ">= 100", "it is not installed")]))
"""


def topics(folder: Path, **files: str) -> Path:
    """A folder of made-up proofs; `fast__speed` becomes fast/speed.py."""
    root = folder / "made_up"
    for name, source in files.items():
        topic, _, file = name.partition("__")
        (root / topic).mkdir(parents=True, exist_ok=True)
        (root / topic / f"{file}.py").write_text(textwrap.dedent(source), encoding="utf-8")
    return root


def test_all_figures_in_one_table_and_exit_code_0(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = topics(tmp_path, fast__speed=HOLDS, slow__peer=NOT_HERE)
    assert runner.main([], root) == 0
    printed = capsys.readouterr()
    assert printed.out.splitlines()[0].split() == ["proof", "claim", "bound", "figure"]
    assert "fast/speed  speed" in printed.out
    assert ">= 4 bars/s  5 bars/s" in printed.out
    assert printed.out.endswith("2 of 2 proofs hold (1 figure not measured here)\n")
    assert "[2/2] slow/peer" in printed.err


def test_a_figure_that_falls_short_fails_the_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = topics(tmp_path, fast__speed=HOLDS, fast__wait=FALLS_SHORT)
    assert runner.main(["fast"], root) == 1
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[-1] for line in lines[2:5]] == ["ok", "FAIL", "ok"]
    assert lines[-1] == "1 of 2 proofs hold"


def test_a_crash_fails_the_run_and_shows_its_last_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert runner.main([], topics(tmp_path, odd__crash=CRASHES)) == 1
    printed = capsys.readouterr().out
    assert "exit code 1, and it left no figures" in printed
    assert "RuntimeError: the disk is made of cheese" in printed


def test_an_exit_code_that_contradicts_the_figures_is_a_failure(tmp_path: Path) -> None:
    root = topics(tmp_path, odd__lies=LIES)
    outcome = runner.prove("odd/lies", root)
    assert outcome.complaint.startswith("exit code 0, and its figures say otherwise")
    assert not outcome.ok


def test_a_proof_that_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "PATIENCE_SECONDS", 0.2)
    outcome = runner.prove("odd/hangs", topics(tmp_path, odd__hangs="import time; time.sleep(60)"))
    assert outcome.complaint == "no answer after 0 s"


@pytest.mark.parametrize(
    ("only", "chosen"),
    [
        ("", ("fast/speed", "fast/wait", "odd/crash")),
        ("fast", ("fast/speed", "fast/wait")),
        ("fast/", ("fast/speed", "fast/wait")),
        ("odd/crash.py", ("odd/crash",)),
        ("fas", ()),
    ],
)
def test_a_topic_or_one_file_can_be_chosen(tmp_path: Path, only: str, chosen: tuple[str, ...]) -> None:
    root = topics(
        tmp_path,
        fast__wait="",
        fast__speed="",
        odd__crash="",
        fast___shared="",
        _hidden__x="",
        __pycache__="",
    )
    assert runner.select(runner.discover(root), only) == chosen


def test_an_unknown_name_is_answered_with_the_nearest(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = topics(tmp_path, main_job__throughput=HOLDS)
    assert runner.main(["main_job/throughputs"], root) == 2
    assert runner.main(["x"], root) == 2
    assert capsys.readouterr().err == (
        "no proof called main_job/throughputs: did you mean main_job/throughput?\n"
        "no proof called x: topics are main_job\n"
    )


def test_a_proof_alone_prints_bound_and_figure_and_exits_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written = tmp_path / "figures.json"
    figures = [claims.at_least("speed", 3.0, 4.0, "bars/s"), claims.equals("pi", math.pi, 3.1416, digits=4)]
    assert claims.run("Speed", lambda: figures, ["--figures", str(written)]) == 1
    printed = capsys.readouterr().out.splitlines()
    assert printed[0] == "Speed"
    assert printed[3].split() == ["speed", ">=", "4", "bars/s", "3", "bars/s", "FAIL"]
    assert printed[4].split() == ["pi", "3.1416", "3.1415927", "ok"]
    assert [claims.Figure(**entry) for entry in json.loads(written.read_text())] == figures


def test_a_proof_without_figures_is_no_proof() -> None:
    with pytest.raises(ValueError, match="has to measure something"):
        claims.run("Nothing", list, [])


def test_nan_keeps_no_bound() -> None:
    assert claims.at_least("x", math.nan, 0.0).ok is False
    assert claims.at_most("x", math.nan, 0.0).ok is False
    assert claims.equals("x", math.nan, 0.0, digits=2).ok is False


def test_numbers_are_grouped_where_they_are_large() -> None:
    assert claims.at_least("x", 512_345_678.0, 4e8, "bars/s").figure == "512,345,678 bars/s"
    assert claims.at_least("x", 0.123456, 0.1).figure == "0.1235"
