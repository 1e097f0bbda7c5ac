"""Damage to a file is found when it is opened or audited, or it changes nothing; and nothing is ever repaired."""

import random
import shutil
import sqlite3
from pathlib import Path

import pytest

from autonomous_trading.adapters.store import SqlLedger, audit, open_store
from autonomous_trading.adapters.store import _sqlite_file as sqlite_file
from autonomous_trading.core import StoreDamaged, TradingError
from tests.small_stores import filled, rows_of, run_batch, spec


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sound") / "trials.db"
    filled(path, jobs=2, batches=4, count=100)
    return path


def _fate(sound: Path, folder: Path, offset: int, change: int) -> str:
    """What comes of one changed byte: found at the start, found by the audit, harmless; or a sentence that fails."""
    path = folder / "flipped.db"
    content = bytearray(sound.read_bytes())
    content[offset] ^= change
    path.write_bytes(content)
    try:
        store = open_store(path)
    except TradingError:
        assert path.read_bytes() == bytes(content), "a damaged file was changed"
        return "start"
    try:
        found = audit(store)
    except StoreDamaged:
        found = ["it cannot be read"]
    finally:
        store.close()
    if found:
        return "audit"
    same = rows_of(path) == rows_of(sound)
    return "harmless" if same else f"byte {offset} ^ {change} went unnoticed"


def _flips(sound: Path, folder: Path, seed: int, count: int) -> dict[str, int]:
    dice = random.Random(seed)
    size = sound.stat().st_size
    fates = [_fate(sound, folder, dice.randrange(size), dice.randrange(1, 256)) for _ in range(count)]
    return {fate: fates.count(fate) for fate in sorted(set(fates))}


def test_changed_bytes(sound: Path, tmp_path: Path) -> None:
    fates = _flips(sound, tmp_path, 1, 50)
    assert set(fates) <= {"start", "audit", "harmless"}, fates


@pytest.mark.nightly
def test_many_changed_bytes(sound: Path, tmp_path: Path) -> None:
    fates = _flips(sound, tmp_path, 2, 500)
    assert set(fates) <= {"start", "audit", "harmless"}, fates


def test_every_byte_of_the_header(sound: Path, tmp_path: Path) -> None:
    fates = {_fate(sound, tmp_path, offset, 0xFF) for offset in range(100)}
    assert fates <= {"start", "audit", "harmless"}, fates


def test_a_sound_store_is_sound(sound: Path) -> None:
    store = open_store(sound)
    assert audit(store) == []
    store.close()


@pytest.mark.parametrize(
    "content", [b"not a database at all, but long enough to be taken for one" * 100, b"SQLite format 3\0" + b"x" * 5000]
)
def test_what_is_not_a_database(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "trials.db"
    path.write_bytes(content)
    with pytest.raises(StoreDamaged, match=r"not a database, or its beginning is damaged.*autotrade store restore"):
        open_store(path)
    assert path.read_bytes() == content


def test_a_file_cut_short(sound: Path, tmp_path: Path) -> None:
    path = tmp_path / "trials.db"
    path.write_bytes(sound.read_bytes()[:-4096])
    with pytest.raises(StoreDamaged, match="is damaged"):
        open_store(path)


def test_an_empty_file_becomes_a_store(tmp_path: Path) -> None:
    path = tmp_path / "trials.db"
    path.touch()
    open_store(path).close()
    assert path.stat().st_size > 0


def test_a_large_file_is_checked_without_its_trials(
    sound: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_file, "MOST_BYTES_CHECKED", 1000)
    path = Path(shutil.copy(sound, tmp_path / "large.db"))
    ledger = SqlLedger(open_store(path))
    run_batch(ledger, ledger.open_job(spec()).id, 5)
    ledger.shut()
    path.write_bytes(path.read_bytes().replace(b'"value":0.1', b'"value"\xff0.1'))
    store = open_store(path)
    with pytest.raises(StoreDamaged):
        SqlLedger(store).events(SqlLedger(store).jobs()[-1].id)
    store.close()


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("UPDATE trial SET result = zeroblob(16) WHERE job = 1 AND n = 3", "results told in event"),
        ("UPDATE trial SET error = '' WHERE job = 1 AND n = 0", "results told in event"),
        ("UPDATE trial SET parameters = '{}' WHERE job = 2 AND n = 3", "parameters or seeds of batch 0"),
        ("UPDATE trial SET batch = 2 WHERE job = 2 AND n = 3", "parameters or seeds of batch 0"),
        ("DELETE FROM trial WHERE job = 2 AND n = 3", "trials are missing"),
        ("UPDATE batch SET digest = 'x' WHERE job = 1", "batches were changed"),
        ("UPDATE job SET ended = 59 WHERE number = 1", "ended was changed"),
        ("UPDATE job SET state = 'running' WHERE number = 1", "state was changed"),
        ("UPDATE job SET run = 4 WHERE number = 1", "run was changed"),
        ("UPDATE job SET spec = replace(spec, 'ma_cross', 'mb_cross')", "spec was changed"),
        ("UPDATE job SET spec = '{}'", "it cannot be read"),
        ("UPDATE event SET payload = '{' WHERE number = 2", "it cannot be read"),
        ("UPDATE event SET at = '2020' WHERE number = 2", "event 2 was changed"),
        ("DELETE FROM event WHERE job = 1 AND kind = 'closed'", "the end of the audit trail is missing"),
        ("DELETE FROM event WHERE job = 1 AND number = 2", "event 2 was changed, or the one before it is gone"),
        ("UPDATE project SET trials = 5", "5 trials and 2 looks are not what its jobs add up to"),
        ("DELETE FROM job WHERE number = 1", "rows of table trial belong to no job"),
    ],
)
def test_the_audit_names_what_was_changed(sound: Path, tmp_path: Path, change: str, found: str) -> None:
    path = Path(shutil.copy(sound, tmp_path / "trials.db"))
    connection = sqlite3.connect(path)
    connection.execute(change)
    connection.commit()
    connection.close()
    store = open_store(path)
    told = audit(store)
    store.close()
    assert any(found in sentence for sentence in told), told


def test_a_search_does_not_go_on_from_damaged_results(tmp_path: Path) -> None:
    path = tmp_path / "trials.db"
    ledger = SqlLedger(open_store(path))
    job = ledger.open_job(spec())
    run_batch(ledger, job.id, 10)
    assert ledger.open_job(spec()).ended == 10
    ledger.shut()
    connection = sqlite3.connect(path)
    connection.execute("UPDATE trial SET result = zeroblob(16) WHERE n = 3")
    connection.commit()
    connection.close()
    ledger = SqlLedger(open_store(path))
    with pytest.raises(StoreDamaged, match=r"is damaged: results told in event 2 were changed.*restore a sound backup"):
        ledger.open_job(spec())
    connection = sqlite3.connect(path)
    connection.execute("UPDATE trial SET result = zeroblob(8) WHERE n = 3")
    connection.commit()
    connection.close()
    with pytest.raises(StoreDamaged, match="values of trials 0 to 9 are cut short"):
        ledger.values(job.id, 0, 10)
    ledger.shut()


@pytest.mark.parametrize("change", ["DROP TABLE signals", "ALTER TABLE signals DROP COLUMN bar_time"])
def test_a_table_that_is_not_what_its_schema_says(sound: Path, tmp_path: Path, change: str) -> None:
    path = Path(shutil.copy(sound, tmp_path / "trials.db"))
    connection = sqlite3.connect(path)
    connection.execute(change)
    connection.close()
    with pytest.raises(StoreDamaged, match="its tables cannot be read"):
        open_store(path)
