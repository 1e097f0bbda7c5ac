"""Backups hold everything, are made while a search runs, and are put back whole or not at all."""

import os
import shutil
import sqlite3
import threading
from pathlib import Path

import pytest
from sqlalchemy import text

from autonomous_trading.adapters.store import SqlLedger, audit, backup, open_store, restore, upgrade
from autonomous_trading.adapters.store._address import address_of
from autonomous_trading.adapters.store._schema import migrate
from autonomous_trading.adapters.store._store import connected
from autonomous_trading.core import DataNotFound, InvalidInput, Refused, StoreDamaged, StoreUnavailable
from tests.postgres import Server
from tests.small_stores import filled, rows_of, run_batch, spec


def old_store(place: str) -> None:
    """A store of the first schema, with a project in it."""
    with connected(address_of(place), create=True, read_only=False) as store:
        with store.write() as connection:
            migrate(connection, "0001")
            connection.execute(text("INSERT INTO project (name, trials, looks) VALUES ('kept', 0, 0)"))
        store.close()


def projects(place: str) -> list[str]:
    store = open_store(place, read_only=True)
    with store.read() as connection:
        names = connection.execute(text("SELECT name FROM project")).scalars().all()
    store.close()
    return list(names)


def facts_of(place: str) -> object:
    """All that a ledger says of a store, and that its audit finds nothing."""
    store = open_store(place, read_only=True)
    assert audit(store) == []
    ledger = SqlLedger(store)
    jobs = ledger.jobs()
    trials = [[repr(row) for row in ledger.trials(job.id)] for job in jobs]
    facts = (jobs, trials, [ledger.events(job.id) for job in jobs], ledger.counts("default"))
    ledger.shut()
    return facts


def test_a_file_there_and_back(tmp_path: Path) -> None:
    path, copy, back = (tmp_path / name for name in ("trials.db", "copies/trials.backup", "back.db"))
    filled(path)
    copy.parent.mkdir()
    assert backup(path, copy) == copy
    restore(copy, f"sqlite:///{back}")
    assert rows_of(back) == rows_of(copy) == rows_of(path)
    assert facts_of(str(back)) == facts_of(str(path))
    assert sorted(entry.name for entry in copy.parent.iterdir()) == ["trials.backup"]


def test_no_folder_is_made_for_a_copy(tmp_path: Path) -> None:
    path, away = tmp_path / "trials.db", tmp_path / "away" / "deep" / "copy.db"
    old_store(str(path))
    refusal = r"copy\.db: the folder .* does not exist\. Fix: make it first: mkdir -p"
    with pytest.raises(InvalidInput, match=refusal):
        backup(path, away)
    with pytest.raises(InvalidInput, match=refusal):
        upgrade(path, backup_to=away)
    with pytest.raises(InvalidInput, match=refusal):
        restore(path, away)
    assert not (tmp_path / "away").exists()
    assert projects(upgraded(path)) == ["kept"]


def upgraded(path: Path) -> str:
    """The store, which was left as it was, with the schema of this program."""
    assert upgrade(path) is not None
    return str(path)


def test_a_server_there_and_back(postgres_server: Server, tmp_path: Path) -> None:
    first, second = postgres_server.database(), postgres_server.database()
    filled(first)
    restore(backup(first, tmp_path / "trials.dump"), second)
    assert facts_of(first) == facts_of(second)
    with pytest.raises(Refused, match="holds something"):
        restore(tmp_path / "trials.dump", second)
    ledger = SqlLedger(open_store(second))
    ledger.open_job(spec("another"))
    ledger.shut()
    restore(tmp_path / "trials.dump", second, overwrite=True)
    assert facts_of(first) == facts_of(second)


def test_a_backup_while_a_search_runs(tmp_path: Path) -> None:
    path = tmp_path / "trials.db"
    ledger = SqlLedger(open_store(path))
    job = ledger.open_job(spec())
    stop = threading.Event()

    def search() -> None:
        while not stop.is_set():
            run_batch(ledger, job.id, 10)

    searching = threading.Thread(target=search)
    searching.start()
    try:
        copies = [backup(path, tmp_path / f"{k}.backup") for k in range(4)]
    finally:
        stop.set()
        searching.join()
    ledger.shut()
    for copy in copies:
        facts_of(str(copy))


def test_a_backup_is_never_written_over_another(tmp_path: Path) -> None:
    filled(tmp_path / "trials.db")
    backup(tmp_path / "trials.db", tmp_path / "copy")
    before = (tmp_path / "copy").read_bytes()
    with pytest.raises(Refused, match=r"copy exists. Fix: name another file"):
        backup(tmp_path / "trials.db", tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == before


def test_a_restore_writes_over_nothing_unasked(tmp_path: Path) -> None:
    filled(tmp_path / "trials.db")
    filled(tmp_path / "other.db", jobs=1)
    copy = backup(tmp_path / "trials.db", tmp_path / "copy")
    with pytest.raises(Refused, match=r"other.db holds a store"):
        restore(copy, tmp_path / "other.db")
    (tmp_path / "other.db-journal").write_bytes(b"of the old file")
    restore(copy, tmp_path / "other.db", overwrite=True)
    assert not (tmp_path / "other.db-journal").exists()
    assert rows_of(tmp_path / "other.db") == rows_of(copy)


@pytest.mark.parametrize("kind", ["new", "empty", "damaged", "foreign"])
def test_what_may_be_written_over(tmp_path: Path, kind: str) -> None:
    filled(tmp_path / "trials.db", jobs=1)
    copy = backup(tmp_path / "trials.db", tmp_path / "copy")
    target = tmp_path / "target.db"
    if kind == "new":
        open_store(target).close()
    elif kind == "empty":
        target.touch()
    elif kind == "damaged":
        target.write_bytes(b"SQLite format 3\0" + os.urandom(5000))
    else:
        _make_foreign(target)
    if kind in {"new", "empty"}:
        restore(copy, target)
        assert rows_of(target) == rows_of(copy)
    else:
        with pytest.raises(Refused, match="holds a store"):
            restore(copy, target)


def _make_foreign(path: Path) -> None:
    with connected(address_of(path), create=True, read_only=False) as store:
        with store.write() as connection:
            connection.execute(text("CREATE TABLE history (url TEXT)"))
        store.close()


def test_a_store_in_use_is_not_written_over(tmp_path: Path) -> None:
    filled(tmp_path / "trials.db", jobs=1)
    copy = backup(tmp_path / "trials.db", tmp_path / "copy")
    store = open_store(tmp_path / "used.db")
    with pytest.raises(StoreUnavailable, match=r"used.db"):
        restore(copy, tmp_path / "used.db", overwrite=True)
    store.close()


def test_a_damaged_backup_is_not_restored(tmp_path: Path) -> None:
    filled(tmp_path / "trials.db")
    copy = backup(tmp_path / "trials.db", tmp_path / "copy")
    copy.write_bytes(copy.read_bytes()[:-4096])
    with pytest.raises(StoreDamaged, match="is damaged"):
        restore(copy, tmp_path / "back.db")
    assert not (tmp_path / "back.db").exists()


def test_what_is_no_backup(tmp_path: Path) -> None:
    _make_foreign(tmp_path / "history.db")
    with pytest.raises(InvalidInput, match="is no backup of a store"):
        restore(tmp_path / "history.db", tmp_path / "back.db")
    with pytest.raises(DataNotFound, match="cannot be read"):
        restore(tmp_path / "missing", tmp_path / "back.db")
    with pytest.raises(DataNotFound, match="holds no store"):
        backup(tmp_path / "history.db", tmp_path / "copy")
    with pytest.raises(DataNotFound, match="is not there"):
        backup(tmp_path / "missing.db", tmp_path / "copy")
    (tmp_path / "dump").write_bytes(b"PGDMP and more")
    with pytest.raises(InvalidInput, match=r"is a dump of PostgreSQL. Fix: restore it to postgresql"):
        restore(tmp_path / "dump", tmp_path / "back.db")
    with pytest.raises(InvalidInput, match="is not a dump of PostgreSQL"):
        restore(tmp_path / "history.db", "postgresql://localhost/x")


def test_a_dump_that_breaks_changes_nothing(postgres_server: Server, tmp_path: Path) -> None:
    url = postgres_server.database()
    filled(url, jobs=1)
    before = facts_of(url)
    dump = backup(url, tmp_path / "dump")
    dump.write_bytes(dump.read_bytes()[: dump.stat().st_size // 2])
    with pytest.raises(StoreUnavailable, match="pg_restore failed"):
        restore(dump, url, overwrite=True)
    assert facts_of(url) == before


def test_without_the_programs_of_the_server(postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    open_store(postgres_url).close()
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    with pytest.raises(InvalidInput, match=r"needs pg_dump for this.*apt install postgresql-client"):
        backup(postgres_url, tmp_path / "dump")
    assert list(tmp_path.iterdir()) == []


def test_an_upgrade_makes_a_backup_first(tmp_path: Path) -> None:
    path = tmp_path / "trials.db"
    old_store(str(path))
    kept = upgrade(path)
    assert kept == tmp_path / "trials.db.schema-0001.backup"
    assert projects(str(path)) == ["kept"]
    with pytest.raises(Refused, match="schema 0001"):
        open_store(kept)
    assert upgrade(path) is None
    restore(kept, path, overwrite=True)
    assert upgrade(path) == tmp_path / "trials.db.schema-0001.backup-2"


def test_an_upgrade_of_a_server(postgres_url: str, tmp_path: Path) -> None:
    old_store(postgres_url)
    assert upgrade(postgres_url, backup_to=tmp_path / "old.dump") == tmp_path / "old.dump"
    assert projects(postgres_url) == ["kept"]
    assert (tmp_path / "old.dump").stat().st_size > 0


def test_what_cannot_be_upgraded(tmp_path: Path) -> None:
    with pytest.raises(DataNotFound, match="is not there"):
        upgrade(tmp_path / "missing.db")
    _make_foreign(tmp_path / "history.db")
    with pytest.raises(DataNotFound, match="holds no store"):
        upgrade(tmp_path / "history.db")
    store = open_store(tmp_path / "used.db")
    with pytest.raises(StoreUnavailable, match=r"used.db"):
        upgrade(tmp_path / "used.db")
    store.close()


def test_a_backup_of_a_newer_program_is_refused(tmp_path: Path) -> None:
    filled(tmp_path / "trials.db", jobs=1)
    copy = backup(tmp_path / "trials.db", tmp_path / "copy")
    connection = sqlite3.connect(copy)
    connection.execute("UPDATE alembic_version SET version_num = '0999'")
    connection.commit()
    connection.close()
    with pytest.raises(Refused, match=r"schema 0999, which is newer.*Fix: update the program"):
        restore(copy, tmp_path / "back.db")
    assert not (tmp_path / "back.db").exists()
