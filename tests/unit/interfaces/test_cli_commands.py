"""The commands: what they print, which keys their documents have, and how they end."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from autonomous_trading.core import METRICS
from autonomous_trading.interfaces.cli import _demo, _doctor
from autonomous_trading.interfaces.cli._options import MarketOptions
from autonomous_trading.strategies import STRATEGIES
from tests.unit.interfaces.commands import Answer, autotrade

pytestmark = pytest.mark.usefixtures("folder")

RECENT = ("--start", "2015-01-01", "--quiet")
NEVER = """
import autonomous_trading as at


class Never(at.Strategy):
    \"\"\"Never in the market.\"\"\"

    window = at.IntParameter(2, 50, default=10)

    def signals(self, see):
        return see.rsi(self.window) > 1000
"""
VERDICT_KEYS = {"evidence", "words", "dsr", "psr", "trials", "bars", "trades", "bars_needed"}


@pytest.fixture
def never(folder: Path) -> tuple[str, str]:
    """A strategy that never trades, as the options that name it."""
    (folder / "never.py").write_text(NEVER)
    return ("--strategy", "never.py:Never")


def widest(answer: Answer) -> int:
    """Width of the widest line of a table; sentences and parameter sets may be longer than a terminal."""
    sentences = ("Best set:", "Next:", "Parameters:", "Verdict:", "Why:", "Fix:", "Report:")
    return max(len(line) for line in answer.out.splitlines() if not line.startswith(sentences))


def test_backtest_as_a_document() -> None:
    answer = autotrade("backtest", *RECENT, "--json", "--set", "fast=10", "--set", "stop_loss=0.05")
    document = answer.document
    assert (answer.code, answer.err) == (0, "")
    assert document["command"] == "backtest"
    assert document["data"]["source"] == "sample:sp500"
    assert document["data"]["instruments"][0]["first"] == "2015-01-02"
    assert document["parameters"] == {"fast": 10, "slow": 100}
    assert set(document["metrics"]) <= set(METRICS)
    assert document["trade_count"] >= document["metrics"]["trade_count"] > 0
    assert set(document["explanation"]) == {"stages", "message", "fix"}
    assert document["explanation"]["stages"][0] == {"stage": "bars", "count": 1006}
    assert document["provenance"]["exits"]["stop_loss"] == 0.05
    assert document["report"] is None


def test_backtest_for_a_person() -> None:
    answer = autotrade("backtest", *RECENT)
    assert (answer.code, answer.err) == (0, "")
    for words in ("Backtest of ma_cross", "buy and hold", "Sharpe ratio", "Max drawdown", "Next: autotrade optimize"):
        assert words in answer.out
    assert widest(answer) <= 80


def test_what_is_suspicious_about_the_data_is_said() -> None:
    warnings = autotrade("backtest", "--json", "--quiet").document["warnings"]
    shown = " ".join(autotrade("backtest", "--quiet").out.partition("To know about this run")[2].split())
    assert any("open equals the previous close" in warning for warning in warnings)
    assert all(warning in shown for warning in warnings)


def test_no_trades_is_explained_and_3(never: tuple[str, str]) -> None:
    answer = autotrade("backtest", *RECENT, *never)
    assert answer.code == 3
    assert "0  bars with a wanted position  <- nothing left here" in answer.out
    assert "rsi(10) > 1000" in answer.out
    document = autotrade("backtest", *RECENT, *never, "--json")
    assert document.code == 3
    assert document.document["trade_count"] == 0
    assert "rsi(10) > 1000" in document.document["explanation"]["message"]


def test_optimize_as_a_document() -> None:
    answer = autotrade(
        *("optimize", *RECENT, "--json", "--method", "random", "--trials", "40", "--seed", "3"),
        *("--objective", "sharpe", "--objective", "max_drawdown", "--set", "slow=60", "--space", "fast=5:20"),
    )
    document = answer.document
    assert (answer.code, answer.err) == (0, "")
    assert document["best"]["parameters"]["slow"] == 60
    assert 5 <= document["best"]["parameters"]["fast"] <= 20
    assert {"sharpe_ratio", "max_drawdown"} <= set(document["best"]["metrics"])
    assert document["objectives"] == ["sharpe_ratio", "max_drawdown"]
    assert document["pareto_front"]
    for point in document["pareto_front"]:
        assert set(point) == {"rank", "parameters", "objectives"}
        assert point["rank"] == 1
        assert set(point["objectives"]) == {"sharpe_ratio", "max_drawdown"}
    assert document["trials"] <= 40
    assert document["seconds"] > 0
    assert set(document["verdict"]) == VERDICT_KEYS
    assert set(document["benchmark"]) == {"in_sample", "out_of_sample"}
    assert set(document["in_sample"]) == set(document["out_of_sample"])
    assert isinstance(document["importance"], dict)


def test_optimize_gives_the_same_answer_to_the_same_seed() -> None:
    ask = ("optimize", *RECENT, "--json", "--trials", "20", "--seed", "5", "--method", "nsga2")
    first, second = (autotrade(*ask, "--threads", threads).document for threads in ("1", "2"))
    assert first["best"] == second["best"]


def test_optimize_for_a_person() -> None:
    answer = autotrade("optimize", *RECENT, "--trials", "30", "--objective", "cagr", "--objective", "max_drawdown")
    assert answer.code == 0
    for words in ("in-sample", "out-of-sample", "hold (in)", "hold (out)", "Best set: fast=", "Verdict:", "30 sets in"):
        assert words in answer.out
    assert "Pareto front" in answer.out
    assert widest(answer) <= 80


def test_optimize_without_a_hold_out() -> None:
    ask = ("optimize", *RECENT, "--trials", "10", "--train-fraction", "1")
    assert "out-of-sample" not in autotrade(*ask).out
    assert autotrade(*ask, "--json").document["out_of_sample"] is None


def test_a_front_of_a_strategy_with_many_parameters_fits() -> None:
    ask = ("optimize", *RECENT, "--trials", "30", "--strategy", "confluence", "--method", "random")
    answer = autotrade(*ask, "--objective", "cagr", "--objective", "max_drawdown")
    assert answer.code == 0
    assert widest(answer) <= 80


@pytest.mark.parametrize("objective", ["sharpe_ratio", "total_return"])
def test_a_search_where_nothing_trades_is_explained(never: tuple[str, str], objective: str) -> None:
    ask = ("optimize", *RECENT, *never, "--trials", "5", "--objective", objective)
    answer = autotrade(*ask)
    assert answer.code == 3
    assert "None of the" in answer.out
    assert "<- nothing left here" in answer.out
    document = autotrade(*ask, "--json")
    assert document.code == 3
    assert document.document["best"] is None
    assert document.document["explanation"]["fix"]
    assert document.document["ledger"] is None


def test_a_search_where_nothing_keeps_the_constraints_says_so() -> None:
    ask = ("optimize", *RECENT, "--method", "random", "--trials", "5", "--constraint", "trade_count >= 1e9")
    reason = "none of the 5 evaluated sets keeps every constraint: 5 break trade_count >= 1000000000"
    answer, document = autotrade(*ask), autotrade(*ask, "--json")
    assert (answer.code, answer.err, document.code, document.err) == (3, "", 3, "")
    assert f"No best set: {reason}\nFix: loosen" in answer.out
    assert "No trades" not in answer.out
    assert document.document["best"] is None
    assert document.document["parameters"] is None
    assert (document.document["explanation"]["stages"], document.document["explanation"]["message"]) == ([], reason)


def test_walk_forward_as_a_document() -> None:
    ask = ("walk-forward", *RECENT, "--train", "250", "--test", "60", "--step", "60", "--unit", "bars")
    answer = autotrade(*ask, "--trials", "10", "--json", "--objective", "cagr")
    document = answer.document
    assert (answer.code, answer.err) == (0, "")
    assert len(document["folds"]) == 12
    assert set(document["folds"][0]) == {
        *("train_start", "train_stop", "test_start", "test_stop", "parameters", "in_sample", "out_of_sample")
    }
    assert "sharpe_ratio" in document["out_of_sample"]
    assert "efficiency" in document
    assert document["objective"] == "cagr"
    assert set(document["verdict"]) == VERDICT_KEYS


def test_walk_forward_for_a_person(folder: Path) -> None:
    ask = ("walk-forward", *RECENT, "--train", "400", "--test", "90", "--step", "90", "--trials", "10", "--expanding")
    answer = autotrade(*ask, "--report", "forward.html")
    assert answer.code == 0
    for words in (
        "in-sample (mean)",
        "out-of-sample",
        "buy and hold",
        "Efficiency:",
        "Verdict:",
        "Report: forward.html",
    ):
        assert words in answer.out
    assert widest(answer) <= 80
    assert "<html" in (folder / "forward.html").read_text(encoding="utf-8")


def test_walk_forward_where_nothing_trades(never: tuple[str, str]) -> None:
    ask = ("walk-forward", *RECENT, *never, "--trials", "3", "--step", "30")
    assert "<- nothing left here" in autotrade(*ask).out
    answer = autotrade(*ask, "--json")
    assert answer.code == 3
    assert answer.document["explanation"]["message"].startswith("no trades")
    assert answer.document["folds"][0]["parameters"] is None


def test_a_report_is_written_where_it_was_asked_for(folder: Path) -> None:
    answer = autotrade("report", *RECENT, "--out", "page.html", "--json")
    assert answer.code == 0
    assert answer.document["report"] == "page.html"
    assert answer.document["command"] == "report"
    assert [path.name for path in folder.iterdir()] == ["page.html"]
    assert autotrade("backtest", *RECENT, "--report", "again.html").code == 0
    assert (folder / "again.html").stat().st_size == (folder / "page.html").stat().st_size


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nowhere/page.html", "the folder nowhere does not exist. Fix: make it first: mkdir -p nowhere"),
        (".", "that names no file"),
        ("page.csv", "a report is an HTML page. Fix: give it a name that ends in .html"),
        ("sub", "that is a folder. Fix: name a file in it, such as sub/report.html"),
        ("", "that names no file"),
    ],
)
def test_a_report_that_could_not_be_written_is_refused_first(folder: Path, text: str, message: str) -> None:
    (folder / "sub").mkdir()
    for command in (("backtest", "--report"), ("optimize", "--report"), ("report", "--out"), ("demo", "--report")):
        answer = autotrade(*command, text)
        assert answer.code == 2
        assert message in answer.complaint
    assert [path.name for path in folder.iterdir()] == ["sub"]


def test_several_instruments_share_an_account(folder: Path) -> None:
    for name, factor in (("up", 1.01), ("down", 0.995)):
        rows = [f"2020-{1 + day // 28:02d}-{1 + day % 28:02d},{100 * factor**day}" for day in range(150)]
        lines = [f"{row.split(',')[0]},{','.join([row.split(',')[1]] * 4)},1000" for row in rows]
        (folder / f"{name}.csv").write_text("\n".join(["date,open,high,low,close,volume", *lines]))
    answer = autotrade("backtest", "--data", ".", "--set", "fast=2", "--set", "slow=5", "--json", "--quiet")
    assert {each["symbol"] for each in answer.document["data"]["instruments"]} == {"up", "down"}
    assert any("taken as UTC" in note for note in answer.document["notes"])
    shown = autotrade("backtest", "--data", ".", "--set", "fast=2", "--set", "slow=5", "--quiet").out
    assert "2 instruments (down, up): 300 bars" in shown


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("--start 2018-01-01 --stop 2017-01-01", "--start 2018-01-01 is not before --stop 2017-01-01"),
        ("--start 2030-01-01", "no bar of sp500 lies between --start and --stop. Fix: choose dates inside 1999-01-04"),
        ("--data sample:sp50", "did you mean 'sp500'"),
        ("--fill clse", "did you mean 'close'"),
        ("--set fast=90 --set slow=50", "the constraint fast < slow refuses fast=90, slow=50"),
        ("--set stop_loss=3", "stop_loss must be a number"),
    ],
)
def test_what_cannot_be_run_is_refused(options: str, message: str) -> None:
    answer = autotrade("backtest", *options.split())
    assert answer.code == 2
    assert message in answer.complaint


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("--set fast=5 --space fast=5:9", "--set holds fast still, and --space says where to search it"),
        ("--resolution 5", "--resolution spaces the values of a grid. Fix: add --method grid"),
        ("--method gird", "did you mean 'grid'"),
        ("--objective shrpe", "unknown metric 'shrpe'"),
        ("--objective minimize_sharpe_ratio", "contradicts the direction"),
        ("--train-fraction 0", "above 0; got 0.0"),
    ],
)
def test_what_cannot_be_searched_is_refused(options: str, message: str) -> None:
    answer = autotrade("optimize", "--quiet", *options.split())
    assert answer.code == 2
    assert message in answer.complaint


def test_demo_for_a_person(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_demo, "MarketOptions", lambda: MarketOptions(start=datetime(2016, 1, 1, tzinfo=UTC)))
    monkeypatch.setattr(_demo, "_TRIALS", 60)
    answer = autotrade("demo", "--quiet")
    assert (answer.code, answer.err) == (0, "")
    for words in ("1 of 3", "2 of 3", "3 of 3", "buy and hold", "out-of-sample", "Efficiency:", "Verdict:"):
        assert words in answer.out
    assert "Report: autotrade-demo.html" in answer.out
    assert widest(answer) <= 80
    page = (folder / "autotrade-demo.html").read_text(encoding="utf-8")
    assert all(f'data-chart="{chart}"' in page for chart in ("price", "equity", "folds"))


def test_the_library_is_listed() -> None:
    answer = autotrade("strategies", "list")
    assert all(name in answer.out for name in STRATEGIES)
    assert widest(answer) <= 80
    entries = autotrade("strategies", "list", "--json").document["strategies"]
    assert [entry["name"] for entry in entries] == list(STRATEGIES)
    assert all(entry["summary"] and entry["parameters"] for entry in entries)


@pytest.mark.parametrize("name", STRATEGIES)
def test_every_strategy_can_be_shown(name: str) -> None:
    answer = autotrade("strategies", "show", name)
    assert (answer.code, answer.err) == (0, "")
    assert widest(answer) <= 80
    document = autotrade("strategies", "show", name, "--json").document
    declared = STRATEGIES[name].space().parameters
    assert {entry["name"]: entry["default"] for entry in document["parameters"]} == {
        key: parameter.default for key, parameter in declared.items()
    }


def test_a_strategy_of_ones_own_can_be_shown(never: tuple[str, str]) -> None:
    document = autotrade("strategies", "show", never[1], "--json").document
    assert document["summary"] == "Never in the market."
    assert document["parameters"] == [
        {"name": "window", "kind": "int", "default": 10, "low": 2, "high": 50, "step": 1, "log": False}
    ]
    assert document["constraint"] is False


def test_doctor_finds_nothing_to_mend() -> None:
    answer = autotrade("doctor")
    assert (answer.code, answer.err) == (0, "")
    assert "Everything a run needs is there." in answer.out
    document = autotrade("doctor", "--json").document
    assert document["ok"] is True
    assert {"python", "numpy", "kernels", "samples", "settings", "threads"} <= {
        check["name"] for check in document["checks"]
    }
    assert all(set(check) == {"name", "ok", "needed", "detail", "fix"} for check in document["checks"])


def test_doctor_says_how_to_mend_what_is_broken(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "autotrade.toml").write_text("[cost]\n")
    monkeypatch.setattr(_doctor, "_NEEDED", (("no-such-library", "no_such_library", "this test"),))

    def broken() -> _doctor.Check:
        raise ImportError("half installed")

    monkeypatch.setattr(_doctor, "_samples", broken)
    answer = autotrade("doctor")
    assert answer.code == 1
    assert "Something a run needs is broken." in answer.out
    for words in ("pip install no-such-library", "did you mean 'costs'?", "ImportError: half installed"):
        assert words in answer.out
    assert json.loads(autotrade("doctor", "--json").out)["ok"] is False
