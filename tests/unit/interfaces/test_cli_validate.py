"""`autotrade validate`: one page, one document, one report; what comes next runs; what is wrong is one line."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest

import autonomous_trading as at
from autonomous_trading.adapters import bars_to_frame
from autonomous_trading.testing.markets import random_walk, trending
from tests.small_strategies import Cross
from tests.unit.interfaces.commands import Answer, autotrade

pytestmark = pytest.mark.usefixtures("folder")

N = 300
SEARCH = ("--strategy", "ma_cross", "--space", "fast=2:10", "--space", "slow=11:40", "--trials", "8")
QUICK = ("--sensitivity-sets", "0", "--simulated-markets", "0", "--quiet")
GOOD, BAD = ("--data", "good.csv"), ("--data", "bad.csv")
NEVER = """
import autonomous_trading as at

class Never(at.Strategy):
    "Never asks for a position."
    window = at.IntParameter(2, 9, default=3)

    def signals(self, see):
        return see.sma(self.window) < 0.0
"""


@pytest.fixture(autouse=True)
def markets(folder: Path) -> None:
    """A market that trends, and one without a pattern."""
    for name, bars in (("good", trending(N, seed=3, drift=0.006)), ("bad", random_walk(N, seed=5))):
        bars_to_frame(bars).to_csv(folder / f"{name}.csv")


def validate(*arguments: str) -> Answer:
    return autotrade("validate", *SEARCH, *QUICK, *arguments)


def following(answer: Answer) -> list[str]:
    """The arguments of the command that comes next."""
    (line,) = [line for line in answer.out.splitlines() if line.startswith("Next: autotrade ")]
    return shlex.split(line.removeprefix("Next: autotrade "))


def test_a_person_reads_one_page() -> None:
    answer = validate(*GOOD)
    assert answer.code == 0
    assert answer.err == ""
    lines = answer.out.splitlines()
    for words in (
        "Validated",
        "What was tried",
        "  8 sets by random search on 2000-01-03 to 2000-12-01, 240 bars",
        "Afterwards",
        "Where it breaks",
        "The rules: + passed, ? undecided, - failed",
    ):
        assert any(words in line for line in lines), words
    assert any(line.startswith(("reject: of 11 rules", "not enough evidence: of 11 rules")) for line in lines)
    assert any(line.startswith("Best set: fast") for line in lines)
    assert "hold-out, 2000-12-04 to 2001-02-23, 60 bars: Sharpe ratio" in answer.out
    assert "nan" not in answer.out
    assert "\x1b" not in answer.out  # nobody looks at it in colour


def test_what_comes_next_carries_the_options_and_runs(folder: Path) -> None:
    judged = ("--holdout", "0.25", "--train", "60", "--test", "20", "--unit", "bars", "--rolling", "--cv-folds", "5")
    more = ("--commission", "0.002", "--seed", "3", "--objective", "total_return", "--keep-closed", "--blocks", "4")
    answer = validate(*BAD, *judged, *more, "--constraint", "trade_count >= 1")
    words = following(answer)
    assert words[:3] == ["validate", "--data", "bad.csv"]
    for option in (*judged, *more, "trade_count >= 1", "fast=2:10", "--sensitivity-sets", "--simulated-markets"):
        assert option in words, option
    assert words[-2:] == ["--report", "validation.html"]
    again = autotrade(*words, "--quiet")
    assert again.code == 0
    page = (folder / "validation.html").read_text(encoding="utf-8")
    assert len(page.encode()) < 2_000_000
    for chart in ("logits", "degradation", "entries", "cost-curve", "fan", "drawdowns", "folds"):
        assert f'data-chart="{chart}"' in page, chart
    assert 'src="http' not in page
    assert "Report: validation.html" in again.out
    assert "Next:" not in again.out
    assert "stays closed, as asked" in again.out


def test_a_machine_reads_one_document() -> None:
    answer = validate(*GOOD, "--json", "--simulated-markets", "2", "--report", "page.html")
    document = answer.document
    assert document["command"] == "validate"
    assert document["holdout"]["opened"] is True
    assert len(document["rules"]) == 11
    assert document["provenance"]["data"]
    assert "NaN" not in answer.out
    assert "Infinity" not in answer.out
    json.dumps(document, allow_nan=False)
    assert Path("page.html").is_file()


def test_a_narrow_terminal_without_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("FORCE_COLOR", "1")
    answer = validate(*BAD)
    assert answer.code == 0
    assert "\x1b[3" not in answer.out
    assert "…" not in answer.out  # nothing is cut off
    assert "walked" in answer.out


def test_whoever_waits_is_told_when_the_search_is_over() -> None:
    answer = autotrade("validate", *SEARCH, *BAD, "--sensitivity-sets", "0", "--simulated-markets", "0", "--json")
    assert answer.document["tried"]["sets"] == 8
    said = [line for line in answer.err.splitlines() if not line.startswith("first run")]
    assert said == ["validate: every set is evaluated; what follows asks what that is worth"]


def test_nobody_trades(folder: Path) -> None:
    (folder / "mine.py").write_text(NEVER, encoding="utf-8")
    asked = ("validate", "--strategy", "mine.py:Never", *BAD, "--trials", "5", *QUICK)
    answer = autotrade(*asked)
    assert answer.code == 3
    assert "none of the 5 evaluated sets traded" in answer.complaint
    still = autotrade(*asked, "--objective", "total_return")
    assert still.code == 3
    assert "0 trades in 180 periods out of sample" in still.out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--holdout", "0"), "holdout must be a number above 0; got 0.0"),
        (("--holdout", "0.6"), "holdout must be above 0 and at most 0.5; got 0.6"),
        (("--holdout", "nan"), "--holdout takes a fraction from 0 to 1, got 'nan'"),
        (("--holdout", "20%"), "--holdout takes a fraction, not a percentage, got '20%'. Fix: write --holdout 0.2"),
        (("--holdout", "some"), "--holdout takes a fraction"),
        (("--blocks", "7"), "blocks must be even"),
        (("--cv-folds", "1"), "--cv-folds takes a whole number of at least 3"),
        (("--cv-folds", "3", "--cv-test-folds", "3"), "cv_test_folds must be fewer than cv_folds"),
        (("--test", "30"), "a walk-forward needs train and test; not given: train"),
        (("--unit", "bars"), "unit='bars' says what train and test count"),
        (("--train", "60", "--test", "20", "--step", "40", "--unit", "bars"), "is longer than test"),
        (("--train", "9000", "--test", "20"), "walk-forward needs 9020 days"),
        (("--objective", "sharpe_ratio", "--objective", "cagr"), "validate takes one --objective"),
        (("--objective", "worst_fold_sharpe_ratio"), "a set is judged by one plain metric"),
        (("--sensitivity-sets", "20"), "sensitivity_sets=20 are too few for 2 parameters"),
        (("--replay", "3"), "a validation is not replayed set by set"),
        (("--prune", "0.5"), "--prune"),
        (("--hold-out", "0.2"), "--holdout"),
        (("--report", "page.txt"), "--report page.txt: a report is an HTML page"),
        (("--stop", "2000-05-01"), "bars are too few to judge a strategy, at least 300 are needed"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_is_wrong_is_one_line_and_nothing_is_written(
    folder: Path, arguments: tuple[str, ...], message: str
) -> None:
    before = sorted(folder.iterdir())
    answer = validate(*BAD, "--ledger", "trials.db", *arguments)
    assert answer.code == 2
    assert message in answer.complaint
    assert "Fix: " in answer.complaint
    assert sorted(folder.iterdir()) == before


def test_a_job_is_listed_shown_and_asked_again() -> None:
    ledger = ("--ledger", "trials.db")
    first = validate(*GOOD, *ledger, "--json").document
    job = first["ledger"]["job"]
    (run,) = autotrade("runs", "list", *ledger, "--json").document["runs"]
    assert (run["job"], run["state"], run["trials"]["ended"]) == (job, "done", 8)
    shown = autotrade("runs", "show", job, *ledger)
    assert "validation" in shown.out
    assert f"Next: autotrade runs resume {job} --ledger trials.db" in shown.out
    again = autotrade("runs", "resume", job, *ledger, "--json", "--quiet").document
    for found in (first, again):
        del found["seconds"]
    assert again == first
    events = autotrade("runs", "show", job, *ledger, "--json").document["events"]
    assert [event["kind"] for event in events].count("look") == 1
    refused = autotrade("runs", "replay", job, *ledger)
    assert refused.code == 2
    assert "use autotrade runs resume JOB" in refused.complaint
    second = validate(*GOOD, *ledger, "--seed", "4")
    assert f"seen before by job {job}" in second.out
    assert "16 in the whole life of the project" in second.out
    assert "--ledger trials.db" in shlex.join(following(second))


def test_a_job_of_python_is_asked_for_in_python() -> None:
    found = at.validate(
        Cross, random_walk(N, seed=5), trials=5, sensitivity_sets=0, simulated_markets=0, ledger="trials.db"
    )
    assert found.study.recording is not None
    job = found.study.recording.job
    for command in ("resume", "replay"):
        answer = autotrade("runs", command, job, "--ledger", "trials.db")
        assert answer.code == 2
        assert f'call at.validate(...) again with the same arguments, or with resume="{job}"' in answer.complaint
