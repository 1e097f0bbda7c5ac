"""What a person reads first: summaries, explanations, verdicts of reports, and where reports may go."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

import autonomous_trading as at
from autonomous_trading.core import InvalidInput
from autonomous_trading.interfaces.python import report_of_study, report_of_walk_forward
from tests.small_strategies import Cross, Never, bars

BARS = bars(seed=1)


def study_of(strategy: object = Cross, **changes: Any) -> at.Study:
    return at.optimize(strategy, BARS, method="random", trials=20, seed=2, **changes)


def walk() -> at.WalkForwardResult:
    return at.walk_forward(Cross, BARS, train=100, test=40, step=20, unit="bars", trials=6)


def rows_of(summary: str) -> dict[str, list[str]]:
    """The table of a summary, by the words in front of its numbers."""
    table = summary.split("\n\n")[1].splitlines()
    return {line[:12].strip(): line[12:].replace(" %", "%").split() for line in table[1:]}


def test_a_result_in_a_few_lines() -> None:
    result = at.backtest(Cross, BARS, start=100)
    said = result.summary()
    assert said.startswith("cross fast=3 slow=20\n2000-05-22 to 2001-02-23, 200 bars\n")
    assert said.splitlines()[3].split("  ")[-2:] == ["strategy", "buy and hold"]
    assert rows_of(said)["total return"] == [
        f"{100 * values['total_return']:.1f}%" for values in (result.metrics, result.benchmark)
    ]
    assert rows_of(said)["trade count"] == [str(result.trade_count), "1"]
    assert said.endswith(result.explain().message)
    nothing = at.backtest(Never, BARS).summary()
    assert "n/a" in nothing
    assert "\nFix: " in nothing


def test_a_study_in_a_few_lines() -> None:
    study = study_of()
    said = study.summary()
    assert said.startswith("cross: random, 20 sets\nBest set: fast=")
    assert len(rows_of(said)["sharpe ratio"]) == 4
    assert said.endswith(f"Verdict: {study.verdict.words}")
    assert len(rows_of(study_of(train_fraction=1.0).summary())["sharpe ratio"]) == 2
    own = at.optimize(objective=lambda x: x, space={"x": (0.0, 1.0)}, method="random", trials=5)
    assert own.summary().startswith("random, 5 sets\nBest: objective ")


def test_a_walk_in_a_few_lines() -> None:
    result = walk()
    said = result.summary()
    assert said.startswith(f"cross: walk forward, 9 folds, 54 sets\n{result.folds[0].test_start} to ")
    assert "in sample (mean)  out of sample  buy and hold" in said
    assert said.endswith(f"\n\nVerdict: {result.verdict.words}")
    rising = at.walk_forward(Cross, bars(seed=3), train=100, test=40, step=20, unit="bars", trials=6)
    assert f"\nEfficiency: {rising.efficiency:.2f}\nVerdict: {rising.verdict.words}" in rising.summary()


def test_a_search_that_found_nothing_explains_the_bars_it_saw() -> None:
    study = study_of(train_fraction=0.02)
    assert study.sweep is not None
    explanation = study.explain()
    assert explanation.stages[0] == ("bars", 6)
    assert explanation.stages[-1] == ("fills", 0)
    assert explanation.message.startswith("no trades: ")
    assert str(explanation) in study.summary()
    found = study_of()
    best = at.backtest(Cross(**found.best().parameters), BARS, stop=210)
    assert found.explain() == best.explain()


@pytest.mark.parametrize(
    ("place", "match"),
    [
        ("nope/x.html", r"^report .*x.html: the folder .*nope does not exist. Fix: make it first: mkdir -p .*nope"),
        ("x.txt", r"^report .*x.txt: a report is an HTML page. Fix: give it a name that ends in .html"),
        (".", r"^report .*: that is a folder. Fix: name a file in it"),
    ],
)
def test_reports_go_to_html_files_in_folders_that_exist(tmp_path: Path, place: str, match: str) -> None:
    for each in (at.backtest(Cross, BARS), study_of(), walk()):
        with pytest.raises(InvalidInput, match=match):
            each.report(tmp_path / place)
    assert list(tmp_path.iterdir()) == []


def test_a_report_that_may_not_be_written_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.access", lambda *_: False)
    with pytest.raises(InvalidInput, match=r"may not be written to. Fix: choose another place"):
        at.backtest(Cross, BARS).report(tmp_path / "page.HTM")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("mine.py:Own", "from mine import Own"),
        ("dir/mine.py", "from mine import YourStrategy"),
        ("a.b:C", "from a.b import C"),
    ],
)
def test_a_strategy_in_a_file_is_imported_not_named(text: str, line: str) -> None:
    with pytest.raises(InvalidInput, match=rf"which only the command line loads. Fix: import the class .*: {line}$"):
        at.backtest(text, BARS)


def test_the_page_of_a_search_tells_the_two_holds_apart() -> None:
    content = report_of_study(study_of())
    assert [column.label for column in content.metrics] == [
        "In sample", "Out of sample", "Buy and hold, in sample", "Buy and hold, out of sample",
    ]  # fmt: skip
    assert content.verdict is not None
    assert len(content.verdict.checks) == 3


def test_one_trial_is_not_deflated() -> None:
    result = walk()
    verdict = report_of_walk_forward(result).verdict
    assert verdict is not None
    assert [check.name for check in verdict.checks] == ["Sharpe ratio above zero", "Enough trades and bars to tell"]
    assert "the 54 sets tried inside the folds were not chosen by these bars" in verdict.checks[0].detail
    assert verdict.passes.endswith("of 2 checks passed")


def test_the_probabilistic_sharpe_of_a_walk_is_in_its_table() -> None:
    result = walk()
    assert result.out_of_sample["psr"] == result.verdict.psr
    assert 0.0 < result.out_of_sample["psr"] < 1.0
    flat = at.walk_forward(Never, BARS, train=100, test=40, step=20, unit="bars", trials=2)
    assert math.isnan(flat.out_of_sample["psr"])
