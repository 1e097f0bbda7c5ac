"""What the catalogue holds, as a person and as a program reads it."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import autonomous_trading as at
from autonomous_trading.adapters.catalogue import ParquetCatalogue, Survey, _parts
from autonomous_trading.adapters.catalogue._manifest import own_bytes
from autonomous_trading.app.market_data import Delivery
from autonomous_trading.core import Timeframe, time_text
from autonomous_trading.data import RawBars, SeriesKey, Span
from autonomous_trading.data.actions import CorporateAction
from autonomous_trading.testing.contracts.catalogues import delivered, made_bars
from autonomous_trading.testing.markets import random_walk
from tests.unit.interfaces.commands import autotrade

PRICES = ("open", "high", "low", "close")
KEY = SeriesKey("contract", "BTC/USDT:USDT", Timeframe.of("1m"))
TEXT = "contract:BTC/USDT:USDT:1m"


def fill(place: Path) -> ParquetCatalogue:
    """Bars with revisions, rows put aside and a split; and a series that has only been asked for."""
    catalogue = ParquetCatalogue(place)
    raw = RawBars.of(made_bars(50, 12), 9)
    spoilt = RawBars("x", raw.time, raw.open * np.nan, raw.high, raw.low, raw.close, raw.volume, 9)
    first = delivered(made_bars(0, 50), 0, 70, 100)
    catalogue.commit(KEY, Delivery(first.span, first.bars, first.received_at, spoilt, ("not_finite",) * 12))
    catalogue.commit(KEY, delivered(made_bars(2, 3, close=200.0), 2, 3, 200))
    catalogue.commit(SeriesKey("contract", "EMPTY", Timeframe.of("1d")), delivered(None, 0, 10, 20))
    split = CorporateAction("split", "BTC/USDT:USDT", 10**18, 10**18, ratio=4.0)
    catalogue.commit_actions("contract", "BTC/USDT:USDT", Span(0, 2 * 10**18), [split], 5)
    return catalogue


def test_a_list(folder: Path) -> None:
    fill(folder / "market-data")
    answer = autotrade("data", "list")
    assert (answer.code, answer.err) == (0, "")
    assert "BTC/USDT" in answer.out
    assert "2 series, 50 bars" in answer.out
    assert f"Next: autotrade data show {TEXT}" in answer.out
    document = autotrade("data", "list", "--json").document
    first, second = document["series"]
    assert (first["key"], first["bars"], first["revisions"], first["refused"], first["files"]) == (TEXT, 50, 3, 12, 3)
    assert first["first"] == "2023-11-14T00:00:00Z"
    assert first["coverage"] == {"days": 1, "expected": 1, "measure": "weekdays", "share": 1.0}
    assert first["two_years"] is None
    assert document["damaged"] == []
    assert (second["bars"], second["first"], second["last"]) == (0, None, None)
    assert document["size"] == first["size"]


def test_where_the_catalogue_is(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(folder / "named")
    assert autotrade("data", "list").complaint.startswith("error: there is no catalogue in market-data. Fix: fetch")
    (folder / "autotrade.toml").write_text('[data]\ncatalogue = "elsewhere"\n')
    assert "there is no catalogue in elsewhere" in autotrade("data", "list").complaint
    monkeypatch.setenv("AUTOTRADE__DATA__CATALOGUE", "named")
    assert autotrade("data", "list").code == 0
    assert "there is no catalogue in other" in autotrade("data", "list", "--catalogue", "other").complaint
    (folder / "other").write_text("")
    assert "other is a file, and a catalogue is a folder" in autotrade("data", "list", "--catalogue", "other").complaint
    assert "names no folder: File name too long" in autotrade("data", "list", "--catalogue", "x" * 5_000).complaint


def test_an_empty_catalogue(folder: Path) -> None:
    (folder / "market-data").mkdir()
    assert autotrade("data", "list").out == "market-data holds nothing yet. Next: autotrade data fetch --help\n"
    assert autotrade("data", "list", "--json").document["series"] == []
    complaint = autotrade("data", "show", TEXT)
    assert (complaint.code, "unknown series" in complaint.complaint) == (2, True)


def test_one_series(folder: Path) -> None:
    fill(folder / "market-data")
    answer = autotrade("data", "show", TEXT)
    assert answer.code == 0
    for words in (
        "50 bars, 2023-11-14T00:00:00Z to 2023-11-14T00:49:00Z",
        "100.0% of the days asked for (1 of 1 weekdays)",
        "2023-11-14T00:00:00Z to 2023-11-14T01:10:00Z",
        "Put aside (not_finite 12)",
        "... 4 before these (--json lists all)",
        "2023-11-14T00:03:00Z  close 200.03, received 2023-11-14T03:20:00Z",
        "BTC/USDT:USDT split 4 on 2001-09-09, known 2001-09-09",
    ):
        assert words in answer.out
    document = autotrade("data", "show", TEXT, "--json").document
    assert [len(document[name]) for name in ("spans", "quarantine", "revised", "actions")] == [1, 12, 3, 1]
    empty = autotrade("data", "show", "contract:EMPTY:1d")
    assert "0 bars" in empty.out
    assert "Put aside" not in empty.out


def test_a_series_as_it_was_known(folder: Path) -> None:
    fill(folder / "market-data")
    early = autotrade("data", "show", TEXT, "--known-at", "2023-11-14T00:20Z")
    for words in ("As it was known at 2023-11-14T00:20:00Z", "20 bars, 2023-11-14T00:00:00Z to 2023-11-14T00:19:00Z"):
        assert words in early.out
    assert "Put aside" not in early.out
    assert "Came later" not in early.out
    document = autotrade("data", "show", TEXT, "--known-at", "2023-11-14T03:20Z", "--json").document
    assert (document["known_at"], document["bars"], document["revisions"]) == ("2023-11-14T03:20:00Z", 50, 3)
    assert [len(document[name]) for name in ("quarantine", "revised", "actions")] == [12, 3, 1]
    before = autotrade("data", "show", TEXT, "--known-at", "2001-01-01T00:00Z", "--json").document
    assert (before["bars"], before["first"], before["actions"]) == (0, None, [])
    naive = autotrade("data", "show", TEXT, "--known-at", "2023-11-14T03:20")
    assert (naive.code, "has no time zone" in naive.complaint) == (2, True)


def test_days_are_those_of_the_calendar_that_came_with_the_bars(folder: Path) -> None:
    """An old span is whole although nothing of it lies in the last two years; Thanksgiving is no day without bars."""
    dates = np.array(["2007-11-20", "2007-11-21", "2007-11-23"], dtype="datetime64[ns]").astype(np.int64)
    ones, catalogue = np.ones(3), ParquetCatalogue(folder / "market-data")
    span = Span(int(dates[0]), int(dates[-1]) + 1)
    for calendar, measure, expected in (("XNYS", "sessions of XNYS", 3), ("NONE", "weekdays", 3), ("", "weekdays", 3)):
        key = SeriesKey("sample", calendar or "plain", Timeframe.of("1d"))
        facts = {"calendar": calendar} if calendar else {}
        bars = at.Bars(dates, ones, ones, ones, ones, ones, symbol=key.symbol)
        catalogue.commit(key, Delivery(span, bars, received_at=span.stop, facts=facts))
        shown = autotrade("data", "show", key.text, "--json").document
        assert (shown["coverage"]["measure"], shown["coverage"]["expected"]) == (measure, expected)
        assert shown["two_years"] is None
    listed = autotrade("data", "list")
    row = next(line.split() for line in listed.out.splitlines() if line.startswith("sample:XNYS"))
    assert row[1:6] == ["3", "2007-11-20", "2007-11-23", "100.0%", "-"]
    assert "Of the days asked for and of the last two years: sessions of XNYS and weekdays." in listed.out


def test_a_damaged_series_holds_up_no_other(folder: Path) -> None:
    catalogue = fill(folder / "market-data")
    other = SeriesKey("contract", "SOUND", Timeframe.of("1m"))
    catalogue.commit(other, delivered(made_bars(0, 5), 0, 5, 10))
    part = next(folder.rglob("BTC*/*/bars-*.parquet"))
    part.write_bytes(part.read_bytes()[:-1] + b"?")
    torn = next(folder.rglob("EMPTY*/*/manifest.json"))
    torn.write_text("")
    listed = autotrade("data", "list")
    assert listed.code == 1
    assert "1 series, 5 bars" in listed.out
    fix = "Fix: put back market-data/"
    assert f"DAMAGED {TEXT}: {part.relative_to(folder)} is damaged: its checksum does not hold. {fix}" in listed.out
    assert f"DAMAGED {torn.relative_to(folder)} is damaged: its checksum does not hold. {fix}" in listed.out
    document = autotrade("data", "list", "--json").document
    assert [each["key"] for each in document["series"]] == [other.text]
    assert [each["key"] for each in document["damaged"]] == [None, TEXT]
    assert all("remove that folder and fetch the data again" in each["fix"] for each in document["damaged"])


def test_a_question_beside_damage(folder: Path) -> None:
    fill(folder / "market-data")
    next(folder.rglob("BTC*/*/bars-*.parquet")).unlink()
    sql = "SELECT symbol FROM series"
    for _ in range(2):
        answer = autotrade("data", "query", sql, "--json")
        assert answer.code == 1
        assert [answer.document["rows"], answer.document["left_out"][0]["key"]] == [[{"symbol": "EMPTY"}], TEXT]
        assert answer.err.startswith(f"left out: {TEXT}: ")
        assert "the file is gone. Fix: put back" in answer.err
    named = autotrade("data", "query", sql, "--series", TEXT)
    assert (named.code, "the file is gone" in named.complaint) == (1, True)
    assert autotrade("data", "query", sql, "--series", "contract:EMPTY:1d").code == 0
    assert autotrade("data", "show", "contract:EMPTY:1d").code == 0
    next(folder.rglob("EMPTY*/*/manifest.json")).write_text("torn")
    assert autotrade("data", "show", "contract:EMPTY:1d").code == 1
    assert autotrade("data", "show", "contract:EMTY:1d").code == 2
    assert autotrade("data", "show", "nothing").code == 2


def test_a_question_about_a_time(folder: Path) -> None:
    fill(folder / "market-data")
    ask = ("data", "query", "SELECT count(*) AS n, max(close) AS most FROM bars", "--json")
    early = autotrade(*ask, "--known-at", "2023-11-14T00:20Z").document["rows"]
    assert early == [{"n": 20, "most": 100.19}]
    assert autotrade(*ask).document["rows"] == [{"n": 50, "most": 200.04}]
    assert autotrade(*ask, "--known-at", "2023-11-14").code == 2


@pytest.mark.parametrize("columns", ["40", "80", "200"])
def test_no_number_of_a_list_is_broken(folder: Path, monkeypatch: pytest.MonkeyPatch, columns: str) -> None:
    fill(folder / "market-data")
    monkeypatch.setenv("COLUMNS", columns)
    listed = autotrade("data", "list").out
    for words in ("first", "asked", "two years", "revised", "aside", "MB", "2023-11-14", "100.0%"):
        assert words in listed
    table, _, _ = listed.partition("market-data:")
    assert max(map(len, table.splitlines())) <= int(columns)
    answer = autotrade("data", "query", "SELECT * FROM bars ORDER BY time LIMIT 1").out
    assert max(map(len, answer.splitlines())) <= int(columns)
    for words in ("2023-11-14T00:00:00", "99.66666667", "adjustment", "received_at"):
        assert words in answer
    assert autotrade("data", "query", "SELECT count(*) AS n FROM bars").out.split() == ["n", "─" * 2, "50"]


def test_a_question(folder: Path) -> None:
    fill(folder / "market-data")
    sql = "SELECT symbol, time, close FROM bars ORDER BY time"
    answer = autotrade("data", "query", sql, "--rows", "2")
    assert "2023-11-14T00:01:00" in answer.out
    assert "... and more: these are the first 2 (--rows)" in answer.out
    document = autotrade("data", "query", sql, "--series", TEXT, "--json").document
    assert document["rows"][0] == {"symbol": "BTC/USDT:USDT", "time": "2023-11-14T00:00:00Z", "close": 100.0}
    assert document["cut_off"] is False
    refused = autotrade("data", "query", "DROP VIEW bars")
    assert (refused.code, "only one SELECT" in refused.complaint) == (4, True)
    assert autotrade("data", "query", "SELECT", "--series", "x").code == 2


def test_adjusted_bars_and_those_of_a_time(folder: Path) -> None:
    bars = random_walk(400, seed=2)
    raw = replace(bars, **{name: getattr(bars, name) / np.where(np.arange(400) < 200, 1.0, 4.0) for name in PRICES})
    key = SeriesKey("sample", "X", Timeframe.of("1d"))
    catalogue, span = ParquetCatalogue(folder / "market-data"), Span(int(raw.time[0]), int(raw.time[-1]) + 1)
    catalogue.commit(key, Delivery(span, raw, received_at=span.stop))
    ex = int(raw.time[200])
    split = CorporateAction("split", "X", ex, ex, ratio=4.0)
    before = autotrade("data", "check", "sample:X:1d", "--calendar", "24/7", "--json").document
    assert [(each["severity"]) for each in before["instruments"][0]["findings"] if each["code"] == "split"] == [
        "warning"
    ]
    catalogue.commit_actions("sample", "X", span, [split], received_at=span.stop)
    after = autotrade("data", "check", "sample:X:1d", "--calendar", "24/7", "--json").document
    assert [(each["severity"]) for each in after["instruments"][0]["findings"] if each["code"] == "split"] == ["note"]
    asked = ("backtest", "--strategy", "ma_cross", "--data", "sample:X:1d", "--json", "--quiet")
    found = autotrade(*asked, "--adjust", "splits").document
    whole = at.backtest("ma_cross", bars)
    np.testing.assert_allclose(found["metrics"]["total_return"], whole.metrics["total_return"], rtol=1e-9)
    leapt = autotrade(*asked).document
    assert leapt["metrics"]["total_return"] != found["metrics"]["total_return"]
    held = at.backtest("ma_cross", "sample:X:1d", adjust="splits").benchmark["total_return"]
    np.testing.assert_allclose(held, whole.benchmark["total_return"], rtol=1e-9)
    early = autotrade(*asked, "--known-at", time_text(ex)).document
    assert early["data"]["instruments"][0]["bars"] == 200
    naive = autotrade(*asked, "--known-at", "2024-01-01")
    assert (naive.code, "has no time zone. Fix: write 2024-01-01T00:00Z" in naive.complaint) == (2, True)
    assert autotrade(*asked, "--adjust", "half").code == 2


def test_columns_of_one_name_are_not_lost(folder: Path) -> None:
    fill(folder / "market-data")
    sql = "SELECT bars AS n, revisions AS n FROM series WHERE bars > 0"
    refused = autotrade("data", "query", sql, "--json")
    assert (refused.code, refused.out) == (2, "")
    assert "several columns named 'n', and --json keeps one of a name. Fix: name all but one" in refused.complaint
    assert "50" in autotrade("data", "query", sql).out
    apart = autotrade("data", "query", sql.replace("revisions AS n", "revisions AS other"), "--json")
    assert apart.document["rows"] == [{"n": 50, "other": 3}]
    named = ("--series", TEXT, "--series", TEXT)
    assert autotrade("data", "query", "SELECT count(*) AS n FROM bars", *named, "--json").document["rows"] == [
        {"n": 50}
    ]


def test_a_series_that_is_removed_meanwhile_is_not_listed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    catalogue = fill(folder / "market-data")
    survey = ParquetCatalogue.survey

    def removed_behind_it(kept: ParquetCatalogue) -> Survey:
        found = survey(kept)
        shutil.rmtree(next(catalogue.root.glob("*/EMPTY*")), ignore_errors=True)
        return found

    monkeypatch.setattr(ParquetCatalogue, "survey", removed_behind_it)
    listed = autotrade("data", "list", "--json")
    assert (listed.code, listed.err) == (0, "")
    assert [each["key"] for each in listed.document["series"]] == [TEXT]
    assert listed.document["damaged"] == []


def test_every_file_is_looked_at_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    catalogue = fill(folder / "market-data")
    looked_at: list[str] = []

    def counted(path: Path, size: int) -> bytes:
        looked_at.append(path.name)
        return own_bytes(path, size)

    monkeypatch.setattr(_parts, "own_bytes", counted)
    assert autotrade("data", "list").code == 0
    assert sorted(looked_at) == sorted(path.name for path in catalogue.root.rglob("*.parquet"))
    aside = next(folder.rglob("refused-*.parquet"))
    aside.write_bytes(aside.read_bytes()[:-1] + b"?")
    assert "its checksum does not hold" in autotrade("data", "list").out


def test_times_are_in_order_and_each_once(folder: Path) -> None:
    catalogue = fill(folder / "market-data")
    catalogue.commit(KEY, delivered(made_bars(-20, 5), -20, 5, 300))
    times = catalogue.times(KEY)
    assert times.tolist() == catalogue.read(KEY).time.tolist()
    assert len(times) == 55
