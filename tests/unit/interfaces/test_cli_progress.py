"""Progress: silent at first, then rate and time left, on stderr."""

import io
from pathlib import Path

import pytest

from autonomous_trading.core import jit
from autonomous_trading.interfaces.cli._progress import Meter, announce_first_run, progress


class Clock:
    """A clock that stands still until it is told."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Terminal(io.StringIO):
    """A stream that somebody watches."""

    def isatty(self) -> bool:
        return True


def test_a_short_job_says_nothing() -> None:
    clock, stream = Clock(), io.StringIO()
    meter = Meter("optimize", "sets", stream=stream, clock=clock)
    for done in range(100):
        clock.now += 0.009
        meter(done, 100)
    meter.close()
    assert stream.getvalue() == ""


def test_a_long_job_says_how_far_how_fast_and_how_long() -> None:
    clock, stream = Clock(), io.StringIO()
    meter = Meter("optimize", "sets", stream=stream, clock=clock)
    for done in range(0, 3_001, 100):
        meter(done, 5_000)
        clock.now += 0.5
    assert stream.getvalue().splitlines() == [
        "optimize: 200 of 5,000 sets, 200/s, 24 s left",
        "optimize: 1,200 of 5,000 sets, 200/s, 19 s left",
        "optimize: 2,200 of 5,000 sets, 200/s, 14 s left",
    ]


def test_what_is_counted_anew_has_a_rate_of_its_own() -> None:
    clock, stream = Clock(), io.StringIO()
    meter = Meter("validate", "done", stream=stream, clock=clock)
    for done, total in ((100, 200), (200, 200), (1, 7), (2, 7), (4, 7)):
        meter(done, total)
        clock.now += 2.0
    meter.close()
    assert stream.getvalue().splitlines() == [
        "validate: 200 of 200 done, 50/s, 0 s left",
        "validate: 4 of 7 done, 0.8/s, 4 s left",
    ]


def test_without_a_total_there_is_no_time_left() -> None:
    clock, stream = Clock(), io.StringIO()
    meter = Meter("optimize", "sets", stream=stream, clock=clock)
    meter(0, None)
    clock.now += 2.0
    meter(5, None)
    assert stream.getvalue() == "optimize: 5 sets, 2.5/s\n"


def test_loading_before_the_first_call_does_not_count_as_slowness() -> None:
    clock, stream = Clock(), io.StringIO()
    meter = Meter("optimize", "sets", stream=stream, clock=clock)
    clock.now += 60.0
    meter(100, 1_000)
    clock.now += 1.0
    meter(200, 1_000)
    assert stream.getvalue() == "optimize: 200 of 1,000 sets, 100/s, 8 s left\n"


def test_a_terminal_gets_a_bar(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "80")
    clock = Clock()
    meter = Meter("walk-forward", "folds", stream=Terminal(), clock=clock)
    for done in range(5):
        clock.now += 1.0
        meter(done, 10)
    meter.close()
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "walk-forward" in captured.err
    assert "folds, 1.0/s" in captured.err


def test_a_quiet_meter_measures_and_says_nothing() -> None:
    clock, stream = Clock(), Terminal()
    meter = Meter("optimize", "sets", stream=stream, clock=clock, quiet=True)
    assert meter.speed == 0.0
    for done in (20, 40, 120):
        clock.now += 2.0
        meter(done, 120)
    assert meter.speed == 25.0  # 100 sets in 4 seconds: the first 20 came with starting up
    assert stream.getvalue() == ""


def test_the_meter_of_a_command_is_closed_at_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    with progress("optimize", "sets", quiet=True) as meter:
        meter(5, 10)
    assert meter.speed == 0.0
    assert capsys.readouterr() == ("", "")


def test_the_first_run_says_why_it_is_slow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(jit, "cache_directory", lambda: tmp_path)
    announce_first_run(quiet=True)
    assert capsys.readouterr().err == ""
    announce_first_run(quiet=False)
    assert "first run: compiling the simulator" in capsys.readouterr().err
    (tmp_path / "kernel.nbi").touch()
    announce_first_run(quiet=False)
    assert capsys.readouterr().err == ""
