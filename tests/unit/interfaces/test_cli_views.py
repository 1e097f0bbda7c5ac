"""What a person reads stays true where numbers are odd, bars are short and terminals are narrow."""

import itertools
from pathlib import Path

import pytest

from autonomous_trading.interfaces.cli._views import _span, _survived
from tests.unit.interfaces.commands import autotrade

pytestmark = pytest.mark.usefixtures("folder")

RECENT = ("--start", "2015-01-01", "--quiet")
SEVERAL = ("--objective", "sharpe_ratio", "--objective", "max_drawdown")


def test_walk_forward_takes_one_objective() -> None:
    answer = autotrade("walk-forward", *RECENT, *SEVERAL)
    assert answer.code == 2
    assert answer.complaint == (
        "error: walk-forward takes one --objective, because every window chooses one set; got sharpe_ratio,"
        " max_drawdown. Fix: keep one of them; autotrade optimize takes several"
    )


def test_sets_that_do_the_same_are_one_point_of_the_front() -> None:
    ask = ("optimize", *RECENT, *SEVERAL, "--trials", "30", "--set", "fast=20", "--set", "slow=100")
    never_hit = ("--space", "stop_loss=0.8:0.9")
    answer = autotrade(*ask, *never_hit)
    assert "Pareto front: 1 point, 30 sets that no other set beats in everything" in answer.out
    (row,) = [line for line in answer.out.splitlines() if " fast=20 slow=100 stop_loss=0.8" in line][1:]
    assert row.split()[3] == "30"
    assert len(autotrade(*ask, *never_hit, "--json").document["pareto_front"]) == 30


def test_a_record_that_lost_money_kept_nothing() -> None:
    assert _survived(-2.69) == "nothing of the in-sample return survived: out of sample the strategy lost money"
    assert _survived(0.08) == "8% of the annualised in-sample return survived out of sample"
    assert _survived(float("nan")) == "none, because there was no in-sample return to keep"


@pytest.mark.parametrize(
    ("start", "stop", "text"),
    [
        ("2024-03-10T05:00:00", "2024-03-10T11:30:00", "2024-03-10 05:00 to 11:30"),
        ("2024-03-10", "2024-03-10T11:30:00", "2024-03-10 00:00 to 11:30"),
        ("2024-03-10T05:00:00", "2024-03-11", "2024-03-10 05:00 to 03-11 00:00"),
        ("2024-12-31T05:00:00", "2025-01-01T05:00:00", "2024-12-31 05:00 to 2025-01-01 05:00"),
        ("2024-03-10T05:00:10", "2024-03-10T05:01:00", "2024-03-10 05:00:10 to 05:01:00"),
    ],
)
def test_windows_of_short_bars_have_times(start: str, stop: str, text: str) -> None:
    assert _span(start, stop, to_the_minute=True) == text


def test_windows_of_daily_bars_have_dates() -> None:
    assert _span("2024-03-10T05:00:00", "2024-04-10T05:00:00", to_the_minute=False) == "2024-03-10 to 2024-04-10"


def test_folds_of_an_hourly_file_show_hours(folder: Path) -> None:
    rows = [f"2024-03-{1 + n // 24:02d}T{n % 24:02d}:00Z,{100 + n % 7},{110},{90},{100 + n % 5},5" for n in range(240)]
    (folder / "hours.csv").write_text("\n".join(["time,open,high,low,close,volume", *rows]))
    ask = ("walk-forward", "--data", "hours.csv", "--unit", "bars", "--train", "100", "--test", "10", "--step", "10")
    answer = autotrade(*ask, "--quiet", "--trials", "5", "--space", "slow=5:20", "--space", "fast=2:4")
    assert "2024-03-10 14:00 to 03-11 00:00" in answer.out


def test_a_short_search_has_no_rate_and_a_longer_one_has() -> None:
    ask = ("optimize", *RECENT)
    (short,) = (line for line in autotrade(*ask, "--trials", "5").out.splitlines() if line.startswith("Evaluated"))
    assert "/s)" not in short
    (longer,) = (line for line in autotrade(*ask, "--trials", "60").out.splitlines() if line.startswith("Evaluated"))
    assert "/s), tpe" in longer


@pytest.mark.parametrize("width", [80, 60, 40, 30])
def test_no_column_is_lost_in_a_narrow_terminal(monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    for command, headings in (
        (("backtest",), ("strategy", "buy and hold")),
        (("optimize", "--trials", "10"), ("in-sample", "out-of-sample", "hold (in)", "hold (out)")),
    ):
        out = autotrade(*command, *RECENT).out
        table = out.partition("\n\n")[2]
        assert all(heading in table for heading in headings)
        rows = [line for line in table.splitlines() if line.startswith(("Total return", "Sharpe ratio", "─"))]
        assert max(len(row) for row in rows) <= width
        assert "…" not in table


def test_folds_in_a_narrow_terminal_keep_what_was_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    out = autotrade("walk-forward", *RECENT, "--step", "30", "--trials", "3").out
    folds = out.partition("The last 5 of")[2].partition("Next:")[0]
    assert "fast=" in folds
    assert "slow=" in folds
    assert max(len(line) for line in itertools.islice(folds.splitlines(), 1, None)) <= 40


def test_a_strategy_shows_its_constraint() -> None:
    assert "Not every combination is allowed: fast < slow" in autotrade("strategies", "show", "ma_cross").out
    assert autotrade("strategies", "show", "ma_cross", "--json").document["constraint_text"] == "fast < slow"
    assert autotrade("strategies", "show", "momentum", "--json").document["constraint_text"] is None


def test_a_constraint_that_is_no_expression_speaks_for_itself(folder: Path) -> None:
    (folder / "own.py").write_text(
        "import autonomous_trading as at\n\n\nclass Own(at.Strategy):\n    a = at.IntParameter(2, 50, default=10)\n"
        "    def constraint(self):\n        return self.a > 3 and self.a < 40\n"
        "    def signals(self, see):\n        return see.close > see.sma(self.a)\n"
    )
    assert "the constraint of the strategy says which" in autotrade("strategies", "show", "own.py").out
    assert (
        "the constraint refuses a=3" in autotrade("backtest", *RECENT, "--strategy", "own.py", "--set", "a=3").complaint
    )


def test_the_next_command_starts_at_the_same_moment() -> None:
    out = autotrade("backtest", "--start", "2015-01-01T12:00", "--stop", "2018-01-01", "--quiet").out
    assert "--start 2015-01-01T12:00:00 --stop 2018-01-01 --strategy" in out


def test_a_folder_that_takes_no_files_is_found_out_first(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: object) -> object:
        raise FileNotFoundError(2, "No such file or directory")  # what /proc says

    monkeypatch.setattr("tempfile.TemporaryFile", refuse)
    answer = autotrade("demo")
    assert answer.code == 2
    assert f"nothing can be written in {folder.resolve()}: No such file or directory" in answer.complaint
