"""`autotrade data check` and `at.check_data`: what they print, what they write, and how they end."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import autonomous_trading as at
from autonomous_trading.core import InvalidInput, UnknownName
from tests.unit.interfaces.commands import autotrade

pytestmark = pytest.mark.usefixtures("folder")


def days(path: Path, *, spoiled: bool = False) -> None:
    """A year of weekdays as CSV, with a high below its low on one of them."""
    dates = np.arange("2024-01-01", "2025-01-01", dtype="datetime64[D]")
    rng = np.random.default_rng(3)
    close = 100.0 * np.exp(np.cumsum(rng.normal(0.0, 0.01, len(dates))))
    rows = ["date,open,high,low,close,volume"]
    for at_, date in enumerate(dates):
        if np.is_busday(date):
            low, high = close[at_] * 0.98, close[at_] * 1.02
            if spoiled and str(date) == "2024-05-02":
                high = low * 0.9
            rows.append(f"{date},{close[at_] * 1.001:.4f},{high:.4f},{low:.4f},{close[at_]:.4f},{1000 + at_}")
    path.write_text("\n".join(rows) + "\n")


def test_sound_bars_are_0() -> None:
    answer = autotrade("data", "check", "sample:sp500", "--calendar", "XNYS")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.startswith("sp500: 5,031 bars of 1d, 100.00% of those that XNYS expects\n")
    assert "warning stale_open" in answer.out


def test_errors_are_4_with_a_date_and_a_fix(folder: Path) -> None:
    days(folder / "bad.csv", spoiled=True)
    answer = autotrade("data", "check", "bad.csv", "--calendar", "", "--timeframe", "1d")
    assert (answer.code, answer.err) == (4, "")
    assert "error high_below_low: 1 row put aside: the high is below the low, at 2024-05-02. Fix: " in answer.out
    assert "taken as UTC" in answer.out


def test_the_document_and_the_page(folder: Path) -> None:
    days(folder / "bad.csv", spoiled=True)
    answer = autotrade("data", "check", "bad.csv", "--json", "--html", "page.html")
    document = answer.document
    assert answer.code == 4
    assert (document["command"], document["source"], document["ok"]) == ("data check", "bad.csv", False)
    (report,) = document["instruments"]
    assert report["findings"][0]["code"] == "high_below_low"
    assert document["page"] == "page.html"
    assert "Data check of bad.csv" in (folder / "page.html").read_text()


def test_several_instruments_have_a_line_in_all(folder: Path) -> None:
    (folder / "prices").mkdir()
    days(folder / "prices" / "A.csv")
    days(folder / "prices" / "B.csv", spoiled=True)
    answer = autotrade("data", "check", "prices", "--html", "page.html")
    assert answer.code == 4
    assert "2 instruments: 1 with errors" in answer.out
    assert answer.out.endswith("Wrote page.html\n")


def test_a_calendar_is_found() -> None:
    found = at.check_data("sample:sp500").reports["sp500"]
    note = found.found("calendar")
    assert found.calendar == "XNYS"
    assert note is not None
    assert "held against the calendar XNYS, which fits best" in note.message


def test_no_calendar_is_forced() -> None:
    time = np.cumsum(np.random.default_rng(0).integers(1, 5, 400)) * 86_400 + 1_500_000_000 // 86_400 * 86_400
    price = np.linspace(10.0, 12.0, 400)
    check = at.check_data({"time": time, "open": price, "high": price, "low": price, "close": price}, timeframe="1d")
    (report,) = check.reports.values()
    note = report.found("calendar")
    assert report.calendar == ""
    assert note is not None
    assert note.message.startswith("no calendar fits: the nearest, ")
    assert str(check).startswith("data: 400 bars of 1d\n")
    assert check.ok


def test_bars_with_nothing_wrong_say_so() -> None:
    rng = np.random.default_rng(1)
    time = 1_700_006_400 + np.arange(500) * 86_400
    close = 100.0 * np.exp(np.cumsum(rng.normal(0.0, 0.01, 500)))
    open_ = close * np.exp(rng.normal(0.0, 0.002, 500))
    columns = {"open": open_, "high": np.maximum(open_, close) * 1.01, "low": np.minimum(open_, close) * 0.99}
    check = at.check_data({"time": time, **columns, "close": close, "volume": time % 997}, calendar="24/7")
    assert check.lines() == ["data: 500 bars of 1d, 100.00% of those that 24/7 expects: nothing found"]
    assert check.to_dict()["ok"] is True


def test_nothing_but_bad_rows(folder: Path) -> None:
    check = at.check_data({"time": [1_700_006_400], "open": [-1.0], "high": [1.0], "low": [1.0], "close": [1.0]})
    assert not check.ok
    assert "none of which can be used" in check.report(folder / "page.html").read_text()


def test_what_cannot_be_asked_is_refused() -> None:
    with pytest.raises(UnknownName, match="did you mean 'XNYS'"):
        at.check_data("sample:sp500", calendar="XNSY")
    with pytest.raises(InvalidInput, match="is no timeframe"):
        at.check_data("sample:sp500", timeframe="daily")
    answer = autotrade("data", "check", "sample:sp500", "--html", "page.txt")
    assert answer.code == 2
    assert "a report is an HTML page" in answer.complaint
    assert autotrade("data", "check", "nowhere.csv").code == 2
