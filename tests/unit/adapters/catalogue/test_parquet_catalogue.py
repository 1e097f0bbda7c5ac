"""What only a catalogue on a disk can get wrong: damage, leftovers, many parts, several processes."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autonomous_trading.adapters.catalogue import ParquetCatalogue
from autonomous_trading.adapters.catalogue import _catalogue as catalogue_module
from autonomous_trading.adapters.catalogue import _parts as parts_module
from autonomous_trading.adapters.catalogue._manifest import Manifest, read_manifest, sealed_text
from autonomous_trading.adapters.catalogue._names import folder_name
from autonomous_trading.adapters.catalogue._parts import buckets
from autonomous_trading.adapters.catalogue._rows import decoded
from autonomous_trading.app.market_data import Delivery
from autonomous_trading.core import (
    Bars,
    DataNotFound,
    InvalidInput,
    StoreDamaged,
    StoreUnavailable,
    Timeframe,
    TradingError,
)
from autonomous_trading.data import SeriesKey, Span
from autonomous_trading.data.actions import CorporateAction
from autonomous_trading.testing.contracts.catalogues import delivered, made_bars

KEY = SeriesKey("contract", "BTC/USDT:USDT", Timeframe.of("1m"))


@pytest.fixture
def catalogue(tmp_path: Path) -> ParquetCatalogue:
    return ParquetCatalogue(tmp_path / "root")


def filled(catalogue: ParquetCatalogue, deliveries: int = 3) -> Path:
    """The folder of a series with some deliveries."""
    for step in range(deliveries):
        catalogue.commit(KEY, delivered(made_bars(step * 5, 5), step * 5, 5, 1_000 + step))
    return next(catalogue.root.rglob("manifest.json")).parent


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_a_summary_is_read_from_the_manifest(catalogue: ParquetCatalogue) -> None:
    folder = filled(catalogue)
    catalogue.commit(KEY, delivered(made_bars(0, 2, close=101.0), 0, 2, 2_000))
    found = catalogue.summary(KEY)
    sizes = sum(len(data) for name, data in files(folder).items() if name.endswith(".parquet"))
    assert (found.bars, found.revisions, found.refused, found.files, found.size) == (15, 2, 0, 4, sizes)
    assert (found.first, found.last) == (made_bars(0, 1).time[0], made_bars(14, 1).time[0])
    (revised,) = catalogue.revisions(KEY)
    assert revised.close.tolist() == made_bars(0, 2, close=101.0).close.tolist()
    assert revised.received_at == found.received_at == delivered(None, 0, 1, 2_000).received_at
    with pytest.raises(DataNotFound, match=r"holds nothing of x:Y:1m\. Fix: fetch it first"):
        catalogue.summary(SeriesKey("x", "Y", Timeframe.of("1m")))


def test_times_are_those_of_the_bars(catalogue: ParquetCatalogue) -> None:
    assert len(catalogue.times(KEY)) == 0
    filled(catalogue)
    catalogue.commit(KEY, delivered(made_bars(0, 2, close=101.0), 0, 2, 2_000))
    assert catalogue.times(KEY).tolist() == catalogue.read(KEY).time.tolist()
    span = Span(*made_bars(3, 2).time.tolist())
    assert catalogue.times(KEY, span).tolist() == [span.start]


def test_the_same_values_again_write_nothing_but_that_they_were_seen(catalogue: ParquetCatalogue) -> None:
    folder = filled(catalogue)
    parts = {path: path.stat().st_mtime_ns for path in folder.iterdir() if path.suffix == ".parquet"}
    deliveries = catalogue.summary(KEY)
    catalogue.commit(KEY, delivered(made_bars(0, 15), 0, 15, 5_000))
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir() if path.suffix == ".parquet"} == parts
    seen = replace(deliveries, received_at=delivered(None, 0, 1, 5_000).received_at)
    assert catalogue.summary(KEY) == seen
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir() if path.name != "lock"}
    catalogue.commit(KEY, delivered(made_bars(0, 15), 0, 15, 4_000))
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir() if path.name != "lock"} == before


def test_no_flipped_byte_is_served(catalogue: ParquetCatalogue) -> None:
    folder = filled(catalogue)
    expected = catalogue.read(KEY).content_id
    dice = random.Random(7)
    for path in [path for path in folder.iterdir() if path.name != "lock"]:
        data = path.read_bytes()
        for at in dice.sample(range(len(data)), 25):
            path.write_bytes(data[:at] + bytes([data[at] ^ (1 << dice.randrange(8))]) + data[at + 1 :])
            with pytest.raises(StoreDamaged, match=f"{path.name} is damaged") as caught:
                catalogue.read(KEY)
            assert "fetch the data again" in caught.value.fix
        path.write_bytes(data)
    assert catalogue.read(KEY).content_id == expected


def test_a_part_that_is_gone_is_damage(catalogue: ParquetCatalogue) -> None:
    folder = filled(catalogue)
    next(folder.glob("bars-*")).unlink()
    with pytest.raises(StoreDamaged, match="the file is gone"):
        catalogue.read(KEY)


def test_a_manifest_in_the_wrong_place_is_damage(catalogue: ParquetCatalogue) -> None:
    folder = filled(catalogue)
    other = SeriesKey("contract", "ETH", Timeframe.of("1m"))
    catalogue.commit(other, delivered(made_bars(0, 1), 0, 1, 9))
    (elsewhere,) = {path.parent for path in catalogue.root.rglob("manifest.json")} - {folder}
    (elsewhere / "manifest.json").write_bytes((folder / "manifest.json").read_bytes())
    with pytest.raises(StoreDamaged, match="it is that of contract:BTC/USDT:USDT:1m, not of contract:ETH:1m"):
        catalogue.read(other)
    with pytest.raises(StoreDamaged, match="which lies elsewhere"):
        catalogue.series()


def test_a_manifest_of_another_version_is_left_alone(catalogue: ParquetCatalogue) -> None:
    folder = filled(catalogue)
    (folder / "manifest.json").write_text(sealed_text({"format": 99}))
    with pytest.raises(StoreUnavailable, match="another version"):
        catalogue.commit(KEY, delivered(None, 0, 1, 1))


@pytest.mark.parametrize(
    "change",
    [
        lambda whole: {**whole, "parts": [["../../x.parquet", *[0] * 8]]},
        lambda whole: {**whole, "key": [1]},
        lambda whole: {**whole, "spans": 1},
        lambda _: {"format": 1},
        lambda _: [],
    ],
)
def test_a_manifest_that_somebody_else_sealed_is_damage(
    catalogue: ParquetCatalogue, change: Callable[[Any], Any]
) -> None:
    """Above all one that names files elsewhere: what it names is read, and opened to questions in SQL."""
    path = filled(catalogue) / "manifest.json"
    path.write_text(sealed_text(change(json.loads(path.read_text().partition("\n")[2]))))
    with pytest.raises(StoreDamaged, match=r"it is no manifest|it holds something else"):
        catalogue.read(KEY)


def test_a_lock_that_is_a_link_is_not_followed(catalogue: ParquetCatalogue, tmp_path: Path) -> None:
    lock = filled(catalogue) / "lock"
    lock.unlink()
    lock.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StoreUnavailable, match=r"cannot write .*lock"):
        catalogue.commit(KEY, delivered(made_bars(900, 5), 900, 5, 2_000))
    assert not (tmp_path / "elsewhere").exists()


def test_what_a_crash_left_is_ignored_and_taken_away(catalogue: ParquetCatalogue) -> None:
    folder = filled(catalogue)
    expected = catalogue.read(KEY).content_id
    left = [folder / "bars-00000009-deadbeef.parquet", folder / ".manifest.json.0011223344556677.tmp"]
    for path in left:
        path.write_bytes(b"half of somethi")
    (folder / "notes.txt").write_text("mine")
    assert catalogue.read(KEY).content_id == expected
    catalogue.commit(KEY, delivered(made_bars(20, 1), 20, 1, 2_000))
    assert not any(path.exists() for path in left)
    assert (folder / "notes.txt").exists()


def test_many_parts_become_few_and_lose_nothing(catalogue: ParquetCatalogue) -> None:
    written = 0
    for step in range(60):
        catalogue.commit(KEY, delivered(made_bars(step * 5, 5), step * 5, 5, step * 5 + 5))
        catalogue.commit(KEY, delivered(made_bars(step, 1, close=100.0 + step + 1), step, 1, step * 5 + 6))
        written = max(written, catalogue.summary(KEY).files)
    assert written < 40
    assert len(catalogue.read(KEY)) == 300
    assert sum(len(each) for each in catalogue.revisions(KEY)) == catalogue.summary(KEY).revisions == 60
    folder = next(catalogue.root.rglob("manifest.json")).parent
    assert len(files(folder)) == catalogue.summary(KEY).files + 2


def test_a_large_part_is_not_written_again_with_small_ones(catalogue: ParquetCatalogue) -> None:
    catalogue.commit(KEY, delivered(made_bars(0, 5_000), 0, 5_000, 5_000))
    (large,) = (path.name for path in catalogue.root.rglob("*.parquet"))
    for step in range(40):
        at = 5_000 + step * 3
        catalogue.commit(KEY, delivered(made_bars(at, 3), at, 3, at + 3))
    assert large in {path.name for path in catalogue.root.rglob("*.parquet")}
    assert catalogue.summary(KEY).files < 16


def test_a_stretch_that_is_over_is_kept_in_few_parts(catalogue: ParquetCatalogue) -> None:
    year = 365 * 24 * 60
    for step in range(8):
        catalogue.commit(KEY, delivered(made_bars(step * 3, 3), step * 3, 3, 9))
    assert catalogue.summary(KEY).files == 8
    catalogue.commit(KEY, delivered(made_bars(year, 3), year, 3, year + 9))
    assert catalogue.summary(KEY).files == 2
    assert len(catalogue.read(KEY)) == 27


def test_parts_stay_small_enough_to_read(catalogue: ParquetCatalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts_module, "MOST_ROWS", 20)
    filled(catalogue, 20)
    assert catalogue.summary(KEY).files == 20


@pytest.mark.parametrize(("frame", "count"), [("1s", 24), ("1m", 2), ("59m", 2), ("1h", 1), ("1d", 1), ("1M", 1)])
def test_stretches(frame: str, count: int) -> None:
    months = np.arange("2022-01", "2024-01", dtype="datetime64[M]").astype("datetime64[ns]").astype(np.int64)
    assert len(np.unique(buckets(Timeframe.of(frame), months))) == count


def test_a_reader_goes_on_while_parts_are_put_together(
    catalogue: ParquetCatalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(catalogue, 15)
    late = [True]

    def then_more(folder: Path, key: SeriesKey | None = None) -> object:
        found = read_manifest(folder, key)
        if late:
            late.clear()
            catalogue.commit(KEY, delivered(made_bars(75, 5), 75, 5, 9_000))
        return found

    monkeypatch.setattr(parts_module, "read_manifest", then_more)
    assert len(catalogue.read(KEY)) == 80
    assert catalogue.summary(KEY).files == 1


def test_a_reader_gives_up_on_what_never_rests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    count = iter(range(1_000))
    monkeypatch.setattr(parts_module, "read_manifest", lambda *_: Manifest(KEY, deliveries=next(count)))

    def gone(_: Manifest) -> int:
        raise parts_module.PartGone("bars-1")

    with pytest.raises(StoreUnavailable, match="changes faster than it can be read"):
        parts_module.settled(tmp_path, KEY, gone, 0)


def test_a_series_that_vanishes_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    catalogue = ParquetCatalogue(tmp_path)
    filled(catalogue)
    monkeypatch.setattr(catalogue_module, "read_manifest", lambda *_: None)
    assert catalogue.series() == ()


def test_places_that_are_no_catalogue(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(InvalidInput, match="is a file, and a catalogue is a folder"):
        ParquetCatalogue(tmp_path / "file")
    with pytest.raises(StoreUnavailable, match="cannot write"):
        ParquetCatalogue("/proc/here").commit(KEY, delivered(None, 0, 1, 1))
    assert ParquetCatalogue(tmp_path / "nothing").series() == ()
    assert not (tmp_path / "nothing").exists()


@pytest.mark.parametrize("spoiled", ["manifest.json", "actions.json"])
def test_a_place_that_cannot_be_written_or_read(catalogue: ParquetCatalogue, spoiled: str) -> None:
    folder = filled(catalogue) if spoiled == "manifest.json" else catalogue.root
    if spoiled == "actions.json":
        catalogue.commit_actions("s", "X", Span(0, 10), [], 5)
        folder = next(catalogue.root.rglob(spoiled)).parent
    (folder / spoiled).unlink()
    (folder / spoiled).mkdir()
    with pytest.raises(StoreUnavailable, match="cannot read"):
        catalogue.actions("s", "X") if spoiled == "actions.json" else catalogue.read(KEY)


def test_a_part_that_cannot_be_read(catalogue: ParquetCatalogue) -> None:
    folder = filled(catalogue)
    part = next(folder.glob("bars-*"))
    part.unlink()
    part.mkdir()
    with pytest.raises(StoreUnavailable, match="cannot read"):
        catalogue.read(KEY)


def test_no_name_leads_out(catalogue: ParquetCatalogue, tmp_path: Path) -> None:
    for name in ("../x", "..", "/etc/passwd", "a/../../b", "x" * 5_000, "\N{KELVIN SIGN}", "con", "~"):
        catalogue.commit(SeriesKey(name, name, Timeframe.of("1m")), delivered(made_bars(0, 1), 0, 1, 9))
    assert [path.name for path in tmp_path.iterdir()] == ["root"]
    names = [folder_name(text) for text in ("AAPL", "aapl", "Aapl", "A/B", "A:B", "A-B")]
    assert len({name.lower() for name in names}) == len(names)


def test_a_link_that_leads_out_is_refused(catalogue: ParquetCatalogue, tmp_path: Path) -> None:
    folder = filled(catalogue)
    (tmp_path / "outside").mkdir()
    link = catalogue.root / folder_name("linked")
    link.symlink_to(tmp_path / "outside")
    with pytest.raises(StoreDamaged, match="a link that leads out of the catalogue"):
        catalogue.commit(SeriesKey("linked", "X", Timeframe.of("1m")), delivered(made_bars(0, 1), 0, 1, 9))
    assert not list((tmp_path / "outside").iterdir())
    assert folder.exists()


def test_actions_that_are_damaged(catalogue: ParquetCatalogue) -> None:
    action = CorporateAction("dividend", "X", 5, 5, amount=1.0)
    catalogue.commit_actions("s", "X", Span(0, 10), [action], 5)
    path = next(catalogue.root.rglob("actions.json"))
    before = path.stat().st_mtime_ns
    catalogue.commit_actions("s", "X", Span(0, 10), [action], 9)
    assert path.stat().st_mtime_ns == before
    data = path.read_bytes()
    path.write_bytes(data.replace(b"1.0", b"2.0"))
    with pytest.raises(StoreDamaged, match=r"actions\.json is damaged: its checksum does not hold"):
        catalogue.actions("s", "X")
    path.write_text(sealed_text({"format": 1, "actions": [[0, None, {"what": 1}]]}))
    with pytest.raises(StoreDamaged, match="it holds no corporate actions"):
        catalogue.actions("s", "X")


@pytest.mark.parametrize("without", ["first", "second"])
def test_extra_columns_may_come_and_go(catalogue: ParquetCatalogue, without: str) -> None:
    extra = {"trades": np.arange(5.0)}
    for at, name in ((0, "first"), (5, "second")):
        bars = made_bars(at, 5, extra=None if name == without else extra)
        catalogue.commit(KEY, delivered(bars, at, 5, 20))
    trades = catalogue.read(KEY).extra["trades"]
    assert np.isnan(trades).sum() == 5
    told = catalogue.commit(KEY, delivered(made_bars(0, 10, extra={"trades": np.arange(10.0)}), 0, 10, 30))
    assert told.revised >= 5


def test_reading_checks_the_rules_of_bars_once_more(
    catalogue: ParquetCatalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(catalogue)
    monkeypatch.setattr(parts_module, "decoded", lambda data, _: {**decoded(data), "close": -decoded(data)["close"]})
    with pytest.raises(TradingError, match="close must be positive"):
        catalogue.read(KEY)


def test_bars_are_the_same_bits(catalogue: ParquetCatalogue) -> None:
    tiny = Bars(np.array([1]), *(np.array([5e-324]),) * 5)
    catalogue.commit(KEY, delivered(made_bars(0, 1), 0, 1, 5))
    series = SeriesKey("tiny", "X", Timeframe.of("1m"))
    catalogue.commit(series, Delivery(Span(0, 2), tiny, 5))
    assert catalogue.read(series).content_id == tiny.content_id
