"""The page of a data check: its words, its charts, and text that stays text."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import numpy as np

from autonomous_trading.core import Timeframe
from autonomous_trading.data import RawBars, around_the_clock
from autonomous_trading.data.quality import QualityReport, examine
from autonomous_trading.interfaces.report import render_data_check

DAY = 86_400 * 10**9
START = int(np.datetime64("2020-01-01", "ns").astype(np.int64))
HOSTILE = "</script><script>window.hacked=1</script>"


def examined(n: int, *, missing: int = 0, spoiled: bool = False, symbol: str = "X") -> QualityReport:
    rng = np.random.default_rng(n)
    time = np.delete(START + np.arange(n + missing, dtype=np.int64) * DAY, slice(5, 5 + missing))
    close = 100.0 * np.exp(np.cumsum(rng.normal(0.0, 0.01, n)))
    high, low = close * 1.01, close * 0.99
    if spoiled:
        high[n // 2] = 1.0
    raw = RawBars(symbol, time, close * 1.001, high, low, close, rng.uniform(1.0, 2.0, n), 0)
    return examine(raw, Timeframe.of("1d"), around_the_clock(START, START + (n + missing + 1) * DAY))


def charts_of(page: str) -> dict[str, dict[str, object]]:
    found = re.search(r'<script type="application/json" id="report-data">(.*?)</script>', page)
    assert found is not None
    charts: dict[str, dict[str, object]] = json.loads(found[1])
    return charts


def test_a_page_without_findings_says_so() -> None:
    page = render_data_check({"X": examined(100)})
    assert "Nothing was found that makes results wrong" in page
    assert "Nothing was found." in page
    assert set(charts_of(page)) == {"checked-0"}


def test_findings_are_told_and_marked() -> None:
    report = examined(900, missing=40, spoiled=True)
    page = render_data_check({"X": report}, ["times are taken as UTC"], source="folder/prices.csv")
    assert "<h1>Data check of prices.csv</h1>" in page
    assert "Errors in X" in page
    assert "Error: 1 row put aside: the high is below the low" in page
    assert "Warning: 40 bars are missing" in page
    assert "times are taken as UTC" in page
    charts = charts_of(page)
    marks = charts["checked-0"]["marks"]
    assert isinstance(marks, dict)
    assert marks["when"] == ["2021-05-05", "2020-01-06"]
    assert charts["coverage-0"]["years"] == ["2020", "2021", "2022"]
    assert charts["coverage-0"]["least"] == 0.8


def test_the_scale_of_the_coverage_follows_the_worst_year() -> None:
    assert charts_of(render_data_check({"X": examined(500, missing=1)}))["coverage-0"]["least"] == 0.98
    assert charts_of(render_data_check({"X": examined(500, missing=300)}))["coverage-0"]["least"] == 0.0


def test_long_histories_are_thinned_and_said_so() -> None:
    page = render_data_check({"X": examined(5_000)})
    assert "of 5,000 are drawn, peaks and troughs kept" in page
    assert len(page.encode()) < 2_000_000


def test_the_first_twelve_are_drawn_those_with_errors_first() -> None:
    reports = {f"S{number}": examined(50, spoiled=number == 13) for number in range(15)}
    page = render_data_check(reports)
    assert len(charts_of(page)) == 12
    assert 'aria-label="S13: what was found where' in page
    assert "15 instruments" in page


def test_without_a_calendar_there_is_no_coverage() -> None:
    report = replace(examined(100), coverage=None, calendar="")
    page = render_data_check({"": report})
    assert "<td>none</td><td>n/a</td><td>n/a</td>" in page


def test_hostile_names_stay_text() -> None:
    page = render_data_check({HOSTILE: examined(100)}, [HOSTILE], source=HOSTILE)
    assert HOSTILE not in page
