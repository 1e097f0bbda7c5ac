"""Questions in SQL: the views answer, and nothing else can be reached or changed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from autonomous_trading.adapters.catalogue import VIEWS, ParquetCatalogue, query
from autonomous_trading.adapters.catalogue import _query as query_module
from autonomous_trading.adapters.catalogue._engine import Failure, Found, Question, asked
from autonomous_trading.adapters.catalogue._parts import PartGone
from autonomous_trading.app.market_data import Delivery
from autonomous_trading.core import DataNotFound, InvalidInput, Refused, StoreDamaged, StoreUnavailable, Timeframe
from autonomous_trading.data import RawBars, SeriesKey
from autonomous_trading.testing.contracts.catalogues import delivered, made_bars

KEY = SeriesKey("contract", "BTC/USDT:USDT", Timeframe.of("1m"))
OTHER = SeriesKey("contract", "it's", Timeframe.of("1m"))
REACHING_OUT = (
    "SELECT * FROM read_csv('{file}')",
    "SELECT * FROM '{file}'",
    "SELECT * FROM read_text('{file}')",
    "SELECT * FROM read_blob('{file}')",
    "SELECT * FROM glob('{folder}/*')",
    "SELECT * FROM sniff_csv('{file}')",
    "SELECT * FROM parquet_metadata('{file}')",
    "SELECT * FROM read_parquet('http://127.0.0.1:1/x.parquet')",
    "SELECT * FROM read_text('{folder}/link')",
)
CHANGING = (
    "COPY (SELECT 1) TO '{file}'",
    "COPY (SELECT 1) TO '{part}'",
    "EXPORT DATABASE '{folder}/x'",
    "ATTACH '{folder}/x.db'",
    "INSTALL httpfs",
    "LOAD httpfs",
    "SET enable_external_access = true",
    "PRAGMA version",
    "CREATE TABLE x AS SELECT 1",
    "DROP VIEW bars",
    "UPDATE bars SET open = 1",
    "CALL duckdb_functions()",
    "EXPLAIN SELECT 1",
    "SELECT 1; SELECT 2",
    "",
)


@pytest.fixture
def catalogue(tmp_path: Path) -> ParquetCatalogue:
    made = ParquetCatalogue(tmp_path / "root")
    raw = RawBars.of(made_bars(6, 1), 9)
    spoilt = RawBars("x", raw.time, raw.open * np.nan, raw.high, raw.low, raw.close, raw.volume, 9)
    first = delivered(made_bars(0, 5), 0, 9, 10)
    made.commit(KEY, Delivery(first.span, first.bars, first.received_at, spoilt, ("not_finite",)))
    made.commit(KEY, delivered(made_bars(2, 2, close=200.0), 2, 2, 20))
    made.commit(OTHER, delivered(made_bars(0, 3), 0, 3, 10))
    return made


def test_the_views(catalogue: ParquetCatalogue) -> None:
    found = query(
        catalogue, "SELECT symbol, count(*) AS n, max(close) AS most FROM bars GROUP BY symbol ORDER BY symbol"
    )
    assert found.columns == ("symbol", "n", "most")
    assert found.rows == (("BTC/USDT:USDT", 5, made_bars(3, 1, close=200.0).close[0]), ("it's", 3, 100.02 + 0.0))
    assert not found.cut_off
    assert query(catalogue, "SELECT close FROM revisions ORDER BY time").rows[0] == (
        made_bars(2, 1, close=200.0).close[0],
    )
    assert query(catalogue, "SELECT reason, symbol FROM refused").rows == (("not_finite", "BTC/USDT:USDT"),)
    assert query(catalogue, "FROM series ORDER BY symbol DESC").rows[0][-3:] == (3, 0, 0)


def test_values_are_those_that_are_read(catalogue: ParquetCatalogue) -> None:
    rows = query(
        catalogue, "SELECT epoch_ns(time), open, high, low, close, volume FROM bars WHERE symbol <> 'it''s' ORDER BY 1"
    )
    bars = catalogue.read(KEY)
    columns = [bars.time, bars.open, bars.high, bars.low, bars.close, bars.volume]
    assert rows.rows == tuple(zip(*(column.tolist() for column in columns), strict=True))


def test_some_series_and_some_rows(catalogue: ParquetCatalogue) -> None:
    found = query(catalogue, "SELECT DISTINCT symbol FROM bars", keys=[OTHER])
    assert found.rows == (("it's",),)
    found = query(catalogue, "SELECT * FROM bars", most=2)
    assert (len(found.rows), found.cut_off) == (2, True)
    with pytest.raises(DataNotFound, match="holds nothing of contract:Z:1m"):
        query(catalogue, "SELECT 1", keys=[SeriesKey("contract", "Z", Timeframe.of("1m"))])


@pytest.mark.parametrize("view", VIEWS)
def test_an_empty_catalogue_has_the_same_views(tmp_path: Path, catalogue: ParquetCatalogue, view: str) -> None:
    nothing = query(ParquetCatalogue(tmp_path / "nothing"), f"FROM {view}")
    assert nothing.rows == ()
    assert nothing.columns == query(catalogue, f"FROM {view}").columns


@pytest.mark.parametrize("sql", REACHING_OUT)
def test_no_other_file_is_read(catalogue: ParquetCatalogue, tmp_path: Path, sql: str) -> None:
    file = tmp_path / "secret.csv"
    file.write_text("a,b\n1,2\n")
    (tmp_path / "link").symlink_to(file)
    with pytest.raises(Refused, match="a question reads the catalogue alone"):
        query(catalogue, sql.format(file=file, folder=tmp_path))


@pytest.mark.parametrize("sql", CHANGING)
def test_nothing_is_changed(catalogue: ParquetCatalogue, tmp_path: Path, sql: str) -> None:
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    part = next(catalogue.root.rglob("*.parquet"))
    with pytest.raises(Refused, match="only one SELECT at a time"):
        query(catalogue, sql.format(file=tmp_path / "x", folder=tmp_path, part=part))
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("SELECT", "that SQL cannot be read: Parser Error"),
        ("SELECT * FROM nothing", "that SQL does not run: Catalog Error"),
        ("SELECT nothing FROM bars", "that SQL does not run: Binder Error"),
        ("SELECT getenv('HOME')", "that SQL does not run: Catalog Error"),
        ("SELECT * FROM catalogue", "that SQL does not run: Catalog Error"),
        ("SELECT CAST('x' AS INTEGER)", "that SQL does not run: Conversion Error"),
    ],
)
def test_sql_that_does_not_run(catalogue: ParquetCatalogue, sql: str, message: str) -> None:
    with pytest.raises(InvalidInput, match=f"{message}.*Fix: ask the views bars, revisions, refused, series"):
        query(catalogue, sql)


def test_damage_is_found_before_the_engine_reads(catalogue: ParquetCatalogue) -> None:
    path = next(catalogue.root.rglob("bars-*.parquet"))
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))
    with pytest.raises(StoreDamaged, match=f"{path.name} is damaged"):
        query(catalogue, "SELECT 1")


def test_a_part_that_goes_away_meanwhile(catalogue: ParquetCatalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: object) -> None:
        raise PartGone("bars-1")

    with monkeypatch.context() as patched:
        patched.setattr(query_module, "checked_bytes", gone)
        with pytest.raises(StoreUnavailable, match="changed while it was read"):
            query(catalogue, "SELECT 1")

    def taken_away(question: Question, seconds: float) -> Found | Failure:
        for path in catalogue.root.rglob("*.parquet"):
            path.unlink()
        return asked(question, seconds)

    monkeypatch.setattr(query_module, "asked", taken_away)
    with pytest.raises(StoreUnavailable, match="changed while it was read"):
        query(catalogue, "SELECT * FROM bars")
