"""Rows as they came: what the door would refuse is read here, and told apart from what is no table of prices."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from autonomous_trading.adapters import raw_readings, read_raw, sample
from autonomous_trading.adapters.catalogue import ParquetCatalogue
from autonomous_trading.app.market_data import Delivery
from autonomous_trading.core import DataNotFound, InvalidBars, InvalidInput, Timeframe, time_text
from autonomous_trading.data import RawBars, SeriesKey, Span
from autonomous_trading.data.actions import CorporateAction

BAD = """date,open,high,low,close,volume,name,oi
2024-01-03,1,2,0.5,1.5,10,a,1
2024-01-02,1,0.5,2,1.5x,10,b,2
2024-01-02,-1,2,1,1.5,,c,3
"""


def test_rows_that_break_rules_are_read(tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(BAD)
    (reading,) = raw_readings(str(path)).values()
    rows = reading.rows
    assert rows.symbol == "bad"
    assert len(rows) == 3
    assert rows.time[0] > rows.time[1] == rows.time[2]
    assert rows.open.tolist() == [1.0, 1.0, -1.0]
    assert np.isnan(rows.close[1])
    assert np.isnan(rows.volume[2])
    assert rows.extra["oi"].tolist() == [1.0, 2.0, 3.0]
    assert "name" not in rows.extra
    assert any("holds text where numbers belong" in note for note in reading.notes)
    assert any("taken as UTC" in note for note in reading.notes)


def test_a_missing_time_is_0_and_a_missing_volume_is_0() -> None:
    times = pa.array([1_704_153_600 * 10**9, None], pa.timestamp("ns", "UTC"))
    prices = {name: pa.array([1.0, 1.0]) for name in ("open", "high", "low", "close")}
    (reading,) = raw_readings(pa.table({"time": times, **prices})).values()
    assert reading.rows.time.tolist()[1] == 0
    assert reading.rows.volume.tolist() == [0.0, 0.0]
    assert any("no volume column" in note for note in reading.notes)


def test_a_folder_has_an_instrument_for_each_symbol(tmp_path: Path) -> None:
    head, row = "date,symbol,open,high,low,close\n", "{},{},1,2,1,2\n"
    (tmp_path / "one.csv").write_text(head + row.format("2024-01-02", "A") + row.format("2024-01-02", "B"))
    (tmp_path / "two.csv").write_text(head + row.format("2024-01-03", "A"))
    found = read_raw(tmp_path)
    assert {symbol: len(rows) for symbol, rows in found.items()} == {"A": 2, "B": 1}


def test_what_is_in_memory() -> None:
    bars = sample("sp500")
    assert read_raw(bars)["sp500"].time.tolist() == bars.time.tolist()
    assert len(read_raw("sample:sp500")["sp500"]) == len(bars)
    assert set(read_raw({"X": bars, "Y": bars})) == {"X", "Y"}
    raw = RawBars.of(bars, 1)
    assert read_raw(raw)["sp500"] is raw


def test_what_is_no_table_of_prices_is_refused(tmp_path: Path) -> None:
    (tmp_path / "close.csv").write_text("date,close\n2024-01-02,1\n")
    with pytest.raises(InvalidBars, match="no column for open, high, low"):
        read_raw(tmp_path / "close.csv")
    (tmp_path / "empty.csv").write_text("date,open,high,low,close\n")
    with pytest.raises(InvalidBars):
        read_raw(tmp_path / "empty.csv")
    with pytest.raises(DataNotFound):
        read_raw("nowhere.csv")
    flags = {name: pa.array([True]) for name in ("open", "high", "low", "close")}
    with pytest.raises(InvalidBars, match="not numbers"):
        read_raw(pa.table({"time": pa.array([1_700_000_000]), **flags}))
    two = {"time": [1, 2], "open": [1.0, 1.0], "high": [1.0, 1.0], "low": [1.0, 1.0], "close": [1.0, 1.0]}
    frame = pa.table({**two, "time": pa.array([1_700_000_000, 1_700_086_400]), "symbol": ["A", "B"]})
    with pytest.raises(InvalidBars, match="'X' holds 2 instruments"):
        read_raw({"X": frame})
    none = pa.table({"time": pa.array([], pa.int64()), **{name: pa.array([], pa.float64()) for name in flags}})
    with pytest.raises(InvalidBars, match="no rows"):
        read_raw(none)


def test_series_of_a_catalogue_with_what_is_known_of_them(tmp_path: Path) -> None:
    """Bars as they were known, the splits inside, and a note on what was put aside."""
    bars, key = sample("sp500")[:50], SeriesKey("sample", "X", Timeframe.of("1d"))
    kept, span = ParquetCatalogue(tmp_path / "kept"), Span(int(bars.time[0]), int(bars.time[-1]) + 1)
    spoilt = RawBars.of(bars[:1], span.stop)
    kept.commit(key, Delivery(span, bars[1:], span.stop, spoilt, ("not_finite",)))
    ex = int(bars.time[20])
    kept.commit_actions("sample", "X", span, [CorporateAction("split", "X", ex, ex, ratio=2.0)], span.stop)
    (reading,) = raw_readings("sample:X:1d", catalogue=tmp_path / "kept").values()
    assert (len(reading.rows), reading.splits) == (49, (ex,))
    assert reading.notes == (
        "sample:X:1d: 1 rows were put aside when it was fetched, see 'autotrade data show sample:X:1d'",
    )
    (early,) = raw_readings("sample:X:1d", catalogue=tmp_path / "kept", known_at=ex - 1).values()
    assert (len(early.rows), early.splits) == (18, ())  # without the first, and the day that is over at the ex time
    assert early.notes[0] == f"sample:X:1d: as it was known at {time_text(ex - 1)}"
    with pytest.raises(InvalidInput, match="does not say when its values were known"):
        raw_readings(bars, known_at=ex)
