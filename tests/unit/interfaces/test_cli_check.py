"""`autotrade check`: what it prints, what its document holds, and how it ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from autonomous_trading.core import Bars, FloatArray
from autonomous_trading.features import catalogue
from autonomous_trading.interfaces.cli import _check
from autonomous_trading.interfaces.cli._options import MarketOptions
from autonomous_trading.strategies import STRATEGIES
from tests.unit.interfaces.commands import autotrade

pytestmark = pytest.mark.usefixtures("folder")

RECENT = ("--start", "2017-06-01")
SEER = """
import numpy as np
import autonomous_trading as at


class Seer(at.Strategy):
    \"\"\"Long before it rises.\"\"\"

    days = at.IntParameter(1, 5, default=1)

    def signals(self, see):
        return np.roll(see.close, -int(self.days)) > np.asarray(see.close)
"""


def test_a_clean_strategy_is_0() -> None:
    answer = autotrade("check", "ma_cross", "--set", "fast=5", "--set", "slow=20", *RECENT)
    assert (answer.code, answer.err) == (0, "")
    assert "ma_cross: does not look ahead; where the history begins no longer matters after 19 bars" in answer.out


def test_a_leak_is_4_with_one_line_each_and_a_fix(folder: Path) -> None:
    (folder / "seer.py").write_text(SEER)
    answer = autotrade("check", "seer.py:Seer", "--set", "days=2", *RECENT)
    assert (answer.code, answer.err) == (4, "")
    leaks = [line for line in answer.out.splitlines() if line.startswith("  leak: target of sp500 at bar ")]
    assert len(leaks) == 2
    assert all(" it reads up to 2 bars ahead" in line and " Fix: " in line for line in leaks)


def test_the_document(folder: Path) -> None:
    (folder / "seer.py").write_text(SEER)
    answer = autotrade("check", "seer.py:Seer", *RECENT, "--seed", "3", "--json")
    document = answer.document
    assert (answer.code, answer.err) == (4, "")
    assert set(document) == {"command", "data", "clean", "checks", "notes"}
    assert (document["command"], document["clean"]) == ("check", False)
    (report,) = document["checks"]
    assert report["kind"] == "strategy"
    assert {each["check"] for each in report["findings"]} <= {"truncation", "scramble"}
    assert report["findings"]


def test_a_column_of_the_catalogue() -> None:
    answer = autotrade("check", "--column", "rsi", *RECENT)
    assert answer.code == 0
    assert "rsi: does not look ahead" in answer.out


@pytest.mark.slow
def test_the_library() -> None:
    answer = autotrade("check", "--library", *RECENT)
    outputs = sum(max(len(entry.outputs), 1) for entry in catalogue())
    assert answer.code == 0
    assert f"{len(STRATEGIES)} strategies and {outputs} columns of the catalogue: 0 look ahead" in answer.out


def test_of_a_library_only_what_looks_ahead_is_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    from autonomous_trading.interfaces.cli._market import read_market
    from autonomous_trading.interfaces.python import check

    bars = read_market(MarketOptions(start=None)).bars

    def ahead(bars: Bars) -> FloatArray:
        return bars.close - len(bars)

    reports = [check("close", bars), check(ahead, bars)]
    monkeypatch.setattr(_check, "_library", lambda *_: reports)
    answer = autotrade("check", "--library")
    assert answer.code == 4
    assert "close: " not in answer.out
    assert "ahead: looks ahead, 1 leak" in answer.out
    assert "0 strategies and 2 columns of the catalogue: 1 look ahead" in answer.out


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ((), "error: check takes one of a strategy, --column and --library. Fix: "),
        (("ma_cross", "--library"), "error: check takes one of a strategy, --column and --library. Fix: "),
        (("--column", "rsi", "--set", "fast=3"), "error: --set gives values to a strategy, and none is checked"),
        (("ma_cross", "--set", "stop_loss=0.1"), "error: stop_loss is no parameter of ma_cross"),
        (("ma_crosss",), "error: unknown strategy 'ma_crosss'. Fix: did you mean 'ma_cross'?"),
        (("--column", "rsii"), "error: unknown strategy or column 'rsii'"),
        (("--column", "close.shift(-1)"), "error: shift by -1 bars would read the future"),
        (("ma_cross", "--stop", "1999-01-20"), "error: ma_cross cannot be checked on fewer than 20 bars"),
    ],
)
def test_bad_input_is_2_and_one_line(arguments: tuple[str, ...], complaint: str) -> None:
    answer = autotrade("check", *arguments)
    assert answer.code == 2
    assert answer.complaint.startswith(complaint)
