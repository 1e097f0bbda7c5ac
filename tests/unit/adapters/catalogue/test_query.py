"""Questions in SQL: the views answer, and nothing else can be reached or changed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from autonomous_trading.adapters.catalogue import VIEWS, ParquetCatalogue, query
from autonomous_trading.adapters.catalogue import _query as query_module
from autonomous_trading.adapters.catalogue._engine import Failure, Found, Question, asked
from autonomous_trading.adapters.catalogue._names import series_folder
from autonomous_trading.app.market_data import Delivery
from autonomous_trading.core import (
    Bars,
    DataNotFound,
    InvalidInput,
    Refused,
    StoreDamaged,
    StoreUnavailable,
    Timeframe,
)
from autonomous_trading.data import RawBars, SeriesKey, Span
from autonomous_trading.testing.contracts.catalogues import delivered, made_bars

KEY = SeriesKey("contract", "BTC/USDT:USDT", Timeframe.of("1m"))
OTHER = SeriesKey("contract", "it's", Timeframe.of("1m"))
MINUTE = 60_000_000_000
START = int(made_bars(0, 1).time[0])
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


def test_a_series_that_is_named_twice_counts_once(catalogue: ParquetCatalogue) -> None:
    assert query(catalogue, "SELECT count(*) FROM bars", keys=[OTHER, KEY, OTHER]).rows == ((8,),)
    assert query(catalogue, "SELECT count(*) FROM series", keys=iter([OTHER, OTHER])).rows == ((1,),)


def test_the_revisions_of_now_are_those_of_a_time_after_all(tmp_path: Path) -> None:
    """A bar that an earlier answer did not have is a revision, whether or not anybody asks as of when."""
    made = ParquetCatalogue(tmp_path / "root")
    made.commit(KEY, delivered(made_bars(0, 5), 0, 9, 10))
    made.commit(KEY, delivered(made_bars(4, 3, close=200.0), 4, 7, 20))  # one that differs, two that are new
    rows = "SELECT count(*) FROM revisions"
    counted = "SELECT sum(revisions)::INT FROM series"
    found = {query(made, sql, known_at=then).rows[0][0] for sql in (rows, counted) for then in (None, 2**62)}
    assert found == {3}
    assert made.summary(KEY).revisions == sum(len(each) for each in made.revisions(KEY)) == 3


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


def flipped(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))


def test_what_is_damaged_is_left_out_and_named(catalogue: ParquetCatalogue) -> None:
    folder = series_folder(catalogue.root, KEY)
    part = next(folder.glob("bars-*.parquet"))
    flipped(part)
    answer = query(catalogue, "SELECT DISTINCT symbol FROM bars")
    assert answer.rows == (("it's",),)
    ((place, key, error),) = [(each.folder, each.key, each.error) for each in answer.left_out]
    assert (place, key) == (folder.resolve(), KEY)
    assert f"{part.name} is damaged: its checksum does not hold. Fix: put back" in str(error)
    assert query(catalogue, "SELECT symbol FROM series", keys=[OTHER]).left_out == ()
    with pytest.raises(StoreDamaged, match=f"{part.name} is damaged"):
        query(catalogue, "SELECT 1", keys=[KEY])


def test_a_torn_manifest_and_a_part_that_is_gone(catalogue: ParquetCatalogue) -> None:
    torn = series_folder(catalogue.root, KEY) / "manifest.json"
    torn.write_bytes(torn.read_bytes()[:40])
    gone = next(series_folder(catalogue.root, OTHER).glob("bars-*.parquet"))
    gone.unlink()
    for _ in range(2):  # it does not mend itself: asking again is no way out
        answer = query(catalogue, "SELECT symbol FROM series")
        assert [(each.key, str(each.error).partition(" is damaged: ")[2]) for each in answer.left_out] == [
            (None, f"its checksum does not hold. Fix: {_fix(torn.parent)}"),
            (OTHER, f"the file is gone. Fix: {_fix(gone.parent.resolve())}"),
        ]
        assert answer.rows == ()
    with pytest.raises(StoreDamaged, match="the file is gone"):
        query(catalogue, "SELECT 1", keys=[OTHER])
    assert catalogue.verify(OTHER) is not None
    assert catalogue.survey().keys == (OTHER,)


def _fix(folder: Path) -> str:
    return f"put back {folder} from a backup, or remove that folder and fetch the data again"


def test_a_part_that_goes_away_meanwhile(catalogue: ParquetCatalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    def taken_away(question: Question, seconds: float) -> Found | Failure:
        for path in catalogue.root.rglob("*.parquet"):
            path.unlink()
        return asked(question, seconds)

    monkeypatch.setattr(query_module, "asked", taken_away)
    with pytest.raises(StoreUnavailable, match="changed while it was read"):
        query(catalogue, "SELECT * FROM bars")


def test_the_views_of_a_time(catalogue: ParquetCatalogue) -> None:
    """At every moment at which something changes, and just before it: what `read` says in other words."""
    catalogue.commit(KEY, replace(delivered(made_bars(9, 3), 9, 3, 13), live=True))
    catalogue.commit(KEY, delivered(made_bars(3, 1, close=300.0), 3, 1, 30))
    counts = set()
    for minute in (0, 1, 8, 9, 13, 20, 30):
        for moment in (START + minute * MINUTE - 1, START + minute * MINUTE):
            rows = query(catalogue, "SELECT epoch_ns(time), close FROM bars ORDER BY 1", keys=[KEY], known_at=moment)
            try:
                bars = catalogue.read(KEY, known_at=moment)
                expected = tuple(zip(bars.time.tolist(), bars.close.tolist(), strict=True))
            except DataNotFound:
                expected = ()
            assert rows.rows == expected, (minute, moment)
            told = query(catalogue, "SELECT bars, revisions, refused FROM series", keys=[KEY], known_at=moment)
            counts.add(told.rows[0])
            assert told.rows[0][0] == len(expected)
    assert {(0, 0, 0), (5, 0, 1), (8, 2, 1), (8, 3, 1)} <= counts
    assert query(catalogue, "SELECT count(*) FROM revisions", known_at=START + 20 * MINUTE).rows == ((2,),)
    assert query(catalogue, "SELECT count(*) FROM refused", known_at=START + 9 * MINUTE).rows == ((0,),)


def test_months_end_by_the_calendar(tmp_path: Path) -> None:
    catalogue, key = ParquetCatalogue(tmp_path), SeriesKey("contract", "M", Timeframe.of("1M"))
    time = np.array(["2024-01-01", "2024-02-01", "2024-03-01"], dtype="datetime64[ns]").astype(np.int64)
    ones = np.full(3, 1.0)
    catalogue.commit(key, Delivery(Span(int(time[0]), int(time[-1]) + 1), Bars(time, ones, ones, ones, ones, ones), 9))
    for moment in (int(time[1]), int(time[2]) - 1, int(time[2])):
        (count,) = query(catalogue, "SELECT count(*) FROM bars", known_at=moment).rows[0]
        assert count == len(catalogue.read(key, known_at=moment))
