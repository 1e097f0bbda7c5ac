"""`autotrade data join`: a file that every command reads, and nothing written on bad input."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import autonomous_trading as at
from autonomous_trading.adapters.catalogue import ParquetCatalogue
from autonomous_trading.app.market_data import Delivery
from autonomous_trading.core import Timeframe
from autonomous_trading.data import SeriesKey, Span
from autonomous_trading.data.actions import CorporateAction
from tests.unit.interfaces.commands import autotrade

pytestmark = pytest.mark.usefixtures("folder")


@pytest.fixture(autouse=True)
def files(folder: Path) -> None:
    dates = np.arange("2024-01-01", "2024-03-01", dtype="datetime64[D]").astype(str)
    rows = [f"{date},{100 + row},{100 + row},{100 + row},{100 + row},{5}" for row, date in enumerate(dates)]
    header = "timestamp,open,high,low,close,volume"
    (folder / "prices.csv").write_text("\n".join([header, *rows]))
    several = [f"{row},{symbol}" for symbol in "AB" for row in rows]
    (folder / "both.csv").write_text("\n".join([f"{header},symbol", *several]))
    (folder / "rates.csv").write_text("date,value,series,freq\n2024-01-01,5.5,DFF,D\n2023-12-01,300,CPI,M\n")


@pytest.mark.parametrize("suffix", ["csv", "parquet", "feather"])
def test_what_is_written_is_read(folder: Path, suffix: str) -> None:
    answer = autotrade(
        "data", "join", "prices.csv", "--series", "rate=rates.csv:DFF", "--series", "rates.csv:CPI",
        "--output", f"joined.{suffix}",
    )  # fmt: skip
    assert answer.code == 0
    first, second, third, *_, last = answer.out.splitlines()
    lag = "after its period, when that date is over"
    assert first == f"Wrote 60 bars of prices to joined.{suffix}."
    assert second == f"  rate: a value on 56 bars, first known 2024-01-06T00:00:00Z; taken as known 4 days {lag}"
    assert third == f"  cpi: a value on 30 bars, first known 2024-02-01T00:00:00Z; taken as known 31 days {lag}"
    assert last == f"Next: autotrade backtest --data joined.{suffix} --strategy NAME"
    bars = at.load_bars(folder / f"joined.{suffix}")
    assert np.isnan(bars.extra["rate"][:4]).all()
    assert bars.extra["rate"][4:].tolist() == [5.5] * 56
    assert bars.time.tolist() == at.load_bars(folder / "prices.csv").time.tolist()


def test_several_instruments_are_told_apart(folder: Path) -> None:
    answer = autotrade("data", "join", "both.csv", "--series", "rates.csv:DFF", "--output", "joined.parquet", "--json")
    assert answer.document["instruments"] == [{"symbol": "A", "bars": 60}, {"symbol": "B", "bars": 60}]
    assert answer.document["columns"][0]["bars_with_a_value"] == 112
    assert answer.document["notes"]
    again = autotrade("data", "join", "joined.parquet", "--series", "rates.csv:CPI", "--output", "more.csv")
    assert again.out.startswith("Wrote 120 bars of 2 instruments to more.csv.")
    assert (folder / "more.csv").read_text().splitlines()[0].endswith("dff,cpi,symbol")


def test_options_change_what_is_known() -> None:
    ask = ("data", "join", "prices.csv", "--series", "rates.csv:DFF", "--json")
    old = autotrade(*ask, "--max-age", "3d", "--timeframe", "1d", "--output", "a.csv")
    assert old.document["columns"][0]["bars_with_a_value"] == 4
    opened = autotrade(*ask, "--decide-at", "open", "--output", "b.csv")
    assert opened.document["columns"][0]["bars_with_a_value"] == 55


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--series", "rates.csv:DFF", "--output", "prices.csv"), 4, "prices.csv exists"),
        (("--series", "rates.csv:DFF", "--output", "out.xlsx"), 2, "out.xlsx is no file that bars are written to"),
        (("--output", "out.csv"), 2, "there is no series to join"),
        (("--series", "rates.csv:DFX", "--output", "out.csv"), 2, "unknown series 'DFX'"),
        (("--series", "rates.csv:DFF", "--decide-at", "noon", "--output", "out.csv"), 2, "decide_at is 'noon'"),
    ],
)
def test_nothing_is_written_on_bad_input(folder: Path, arguments: tuple[str, ...], code: int, words: str) -> None:
    before = sorted(path.name for path in folder.iterdir())
    answer = autotrade("data", "join", "prices.csv", *arguments)
    assert answer.code == code
    assert words in answer.complaint
    assert sorted(path.name for path in folder.iterdir()) == before


def test_series_of_a_catalogue_as_they_were_known(folder: Path) -> None:
    """Bars of a catalogue that is named, without what was revised later, and across a split."""
    bars = at.load_bars(folder / "prices.csv")
    raw = replace(bars, symbol="X")
    key, span = SeriesKey("sample", "X", Timeframe.of("1d")), Span(int(bars.time[0]), int(bars.time[-1]) + 1)
    catalogue, ex = ParquetCatalogue(folder / "elsewhere"), int(bars.time[30])
    catalogue.commit(key, Delivery(span, raw, received_at=span.stop))
    split = CorporateAction("split", "X", ex, ex, ratio=2.0)
    catalogue.commit_actions("sample", "X", span, [split], received_at=span.stop)
    ask = ("data", "join", "sample:X:1d", "--series", "rates.csv:DFF", "--catalogue", "elsewhere")
    whole = autotrade(*ask, "--output", "whole.csv", "--json", "--adjust", "splits")
    assert whole.document["instruments"] == [{"symbol": "X", "bars": 60}]
    assert "adjusted for 1 split" in whole.document["notes"][0]
    np.testing.assert_allclose(at.load_bars("whole.csv").open[30:], 2.0 * raw.open[30:])
    early = autotrade(*ask, "--output", "early.csv", "--known-at", "2024-01-31T00:00Z")
    assert early.out.startswith("Wrote 30 bars of X to early.csv.")
    assert "as it was known at 2024-01-31T00:00:00Z" in early.out
    other = autotrade(*ask[:-1], "nowhere", "--output", "none.csv")
    assert (other.code, "is not in the catalogue nowhere" in other.complaint) == (2, True)


def test_it_says_from_when_a_value_counts(folder: Path) -> None:
    (folder / "stated.csv").write_text("date,value,released\n2024-01-01,1.0,2024-01-09\n2024-01-02,2.0,2024-01-10\n")
    (folder / "vix.csv").write_text("date,close\n2024-01-01,1.0\n2024-01-02,2.0\n")
    series = ("cpi=rates.csv:CPI", "stated.csv", "vix.csv", "year=rates.csv:CPI@yoy")
    options = [word for each in series for word in ("--series", each)]
    columns = autotrade("data", "join", "prices.csv", *options, "--output", "a.csv", "--json").document["columns"]
    assert [each["lag"] for each in columns] == [
        "31 days after its period, when that date is over",
        "as its column released says",
        "when its bar is over",
        "31 days after its period, when that date is over",
    ]
    told = autotrade("data", "join", "prices.csv", "--series", "stated.csv", "--output", "b.csv").out
    assert "taken as known as its column released says" in told


def test_a_note_is_said_once_for_all_instruments(folder: Path) -> None:
    (folder / "several").mkdir()
    for symbol in "ABC":
        (folder / "several" / f"{symbol}.csv").write_text((folder / "prices.csv").read_text())
    answer = autotrade("data", "join", "several", "--series", "rates.csv:DFF", "--output", "a.csv")
    noted = [line for line in answer.out.splitlines() if line.startswith("- ")]
    assert len(noted) == 1
    assert "A.csv, B.csv, C.csv: times without a zone are taken as UTC" in noted[0]
