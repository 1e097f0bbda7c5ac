"""A store is opened when everything about it is right, and says what is wrong otherwise."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from autonomous_trading.adapters import store as face
from autonomous_trading.adapters.store import SqlLedger, open_store
from autonomous_trading.adapters.store._address import address_of
from autonomous_trading.adapters.store._schema import REVISIONS, found_revision, migrate, standing
from autonomous_trading.adapters.store._sqlite_file import journal_mode, refuse_old_library
from autonomous_trading.adapters.store._store import Store, connected
from autonomous_trading.adapters.store._tables import COLLECTIONS, METADATA
from autonomous_trading.core import DataNotFound, InvalidInput, Refused, StoreDamaged, StoreUnavailable
from tests.small_stores import filled, spec


@pytest.fixture(params=["file", "server"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A new place on either database."""
    return str(tmp_path / "trials.db") if request.param == "file" else request.getfixturevalue("postgres_url")


@pytest.mark.parametrize(
    ("version", "mode"),
    [((3, 40, 1), "DELETE"), ((3, 51, 2), "DELETE"), ((3, 51, 3), "WAL"), ((3, 52, 0), "WAL"), ((4, 0, 0), "WAL")],
)
def test_the_journal_that_is_safe(version: tuple[int, ...], mode: str) -> None:
    assert journal_mode(version) == mode


def test_a_library_without_strict_tables_is_refused() -> None:
    refuse_old_library((3, 37, 0))
    with pytest.raises(StoreUnavailable, match=r"library is 3.36.0, and a store needs 3.37"):
        refuse_old_library((3, 36, 0))


def test_a_file_is_opened_as_it_should(tmp_path: Path) -> None:
    store = open_store(tmp_path / "trials.db")
    with store.read() as connection:
        pragmas = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        found = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in pragmas]
    store.close()
    assert found == [journal_mode(sqlite3.sqlite_version_info).lower(), 2, 1, 30_000]


@pytest.mark.parametrize("newer", [True, False])
def test_the_journal_follows_the_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, newer: bool) -> None:
    path = tmp_path / "trials.db"
    for version in ((3, 60, 0), (3, 45, 0)) if newer else ((3, 45, 0), (3, 60, 0)):
        monkeypatch.setattr(sqlite3, "sqlite_version_info", version)
        store = open_store(path)
        with store.read() as connection:
            assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == journal_mode(version).lower()
        store.close()


def test_a_write_ahead_log_in_use_is_not_trusted_to_an_old_library(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "trials.db"
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 60, 0))
    open_store(path).close()
    other = sqlite3.connect(path)
    other.execute("SELECT * FROM job").fetchall()
    other.execute("BEGIN")
    other.execute("SELECT * FROM job").fetchall()
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 45, 0))
    with pytest.raises(StoreUnavailable, match=r"(cannot be trusted with|kept it locked)"):
        open_store(path)
    other.close()
    open_store(path).close()


@pytest.mark.parametrize("form", ["{path}", "sqlite:///{path}"])
def test_a_file_by_path_or_url(tmp_path: Path, form: str) -> None:
    path = tmp_path / "a folder" / "trials.db"
    with pytest.raises(InvalidInput, match="lies in a folder that is not there"):  # a mistyped one, most likely
        open_store(form.format(path=path))
    assert not path.parent.exists()
    path.parent.mkdir()
    open_store(form.format(path=path)).close()
    assert path.read_bytes().startswith(b"SQLite format 3")


@pytest.mark.parametrize(
    ("written", "what"),
    [
        ("", "a store needs a name"),
        ("a\0b", "a store needs a name"),
        ("sqlite://", "in memory would be gone"),
        (":memory:", "in memory would be gone"),
        ("mysql://host/x", "mysql is not a store"),
        ("postgresql+asyncpg://host/x", "is not a store"),
        ("://", "cannot be read"),
        (".", "is a folder"),
    ],
)
def test_what_is_no_address(written: str, what: str) -> None:
    with pytest.raises(InvalidInput, match=what):
        address_of(written)


@pytest.mark.parametrize("form", ["postgresql", "postgres", "postgresql+psycopg"])
def test_a_server_by_any_of_its_names_and_without_its_password(form: str) -> None:
    address = address_of(f"{form}://me:secret@host/x")
    assert address.server.drivername == "postgresql+psycopg"
    assert address.server.password == "secret"
    assert address.name.endswith("://me:***@host/x")


def test_without_the_driver_the_command_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(InvalidInput, match=r'psycopg.*not installed. Fix: run pip install "autonomous-trading\[postgr'):
        open_store("postgresql://localhost/x")


def test_a_place_is_a_file_or_a_server() -> None:
    with pytest.raises(InvalidInput, match="is not a server"):
        _ = address_of("x.db").server
    with pytest.raises(InvalidInput, match="is not a file"):
        _ = address_of("postgresql://localhost/x").file


def test_nothing_is_made_unasked(tmp_path: Path, postgres_url: str) -> None:
    for options in ({"create": False}, {"read_only": True}):
        with pytest.raises(DataNotFound, match=r"missing.db is not there"):
            open_store(tmp_path / "missing.db", **options)
        with pytest.raises(DataNotFound, match="holds no store"):
            open_store(postgres_url, **options)
    assert list(tmp_path.iterdir()) == []


def test_a_new_store_has_every_table(place: str) -> None:
    open_store(place).close()
    store = open_store(place, create=False)
    with store.read() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, METADATA) == []
    store.close()
    assert len(COLLECTIONS) == 9


def test_tables_of_a_file_are_strict(tmp_path: Path) -> None:
    store = open_store(tmp_path / "trials.db")
    with store.read() as connection:
        listed = connection.exec_driver_sql("PRAGMA table_list").all()
    store.close()
    strict = {row[1]: row[5] for row in listed if not row[1].startswith(("sqlite_", "alembic_"))}
    assert strict == dict.fromkeys(METADATA.tables, 1)


def test_the_known_revisions_are_those_that_are_shipped() -> None:
    folder = Path(str(face.__file__)).parent / "migrations"
    scripts = list(ScriptDirectory(str(folder)).walk_revisions())
    assert tuple(script.revision for script in reversed(scripts)) == REVISIONS


@pytest.mark.parametrize(("found", "is_"), [("0002", "current"), ("0001", "older"), ("0009", "newer"), ("", "foreign")])
def test_how_a_schema_stands(found: str, is_: str) -> None:
    assert standing(found, ("0001", "0002")) == is_


def _set_schema(place: str, revision: str) -> None:
    with connected(address_of(place), create=True, read_only=False) as store:
        with store.write() as connection:
            migrate(connection, "0001")
            connection.execute(text("UPDATE alembic_version SET version_num = :found"), {"found": revision})
        store.close()


@pytest.mark.parametrize("read_only", [False, True])
def test_another_schema_is_refused_with_what_to_do(place: str, read_only: bool) -> None:
    _set_schema(place, "0001")
    with pytest.raises(Refused, match=r"schema 0001, and this program needs 0002. Fix: run 'autotrade store upgrade"):
        open_store(place, read_only=read_only)
    _raise_schema(place)
    with pytest.raises(Refused, match=r"schema 0999, which is newer.*Fix: update the program"):
        open_store(place, read_only=read_only)


def _raise_schema(place: str) -> None:
    with connected(address_of(place), create=False, read_only=False) as store:
        with store.write() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '0999'"))
        store.close()


def test_the_database_of_another_program_is_left_alone(place: str) -> None:
    with connected(address_of(place), create=True, read_only=False) as store:
        with store.write() as connection:
            connection.execute(text("CREATE TABLE history (url TEXT)"))
        store.close()
    with pytest.raises(Refused, match="is the database of another program"):
        open_store(place)


def test_a_migration_happens_whole_or_not_at_all(place: str) -> None:
    class Stop(Exception):
        pass

    def make_and_stop(store: Store) -> None:
        with store.write() as connection:
            migrate(connection)
            raise Stop

    with connected(address_of(place), create=True, read_only=False) as store:
        with pytest.raises(Stop):
            make_and_stop(store)
        with store.read() as connection:
            assert found_revision(connection) is None
        store.close()
    open_store(place).close()


@pytest.fixture
def reader_and_writer(place: str) -> Iterator[tuple[SqlLedger, SqlLedger]]:
    writer = SqlLedger(open_store(place))
    reader = SqlLedger(open_store(place, read_only=True))
    yield reader, writer
    reader.shut()
    writer.shut()


def test_reading_while_another_writes(reader_and_writer: tuple[SqlLedger, SqlLedger]) -> None:
    reader, writer = reader_and_writer
    job = writer.open_job(spec())
    assert reader.jobs() == [job]
    writer.record(job.id, "note", {})
    assert len(reader.events(job.id)) == 2
    with pytest.raises(StoreUnavailable, match="open for reading only"):
        reader.record(job.id, "note", {})


def test_a_claim_reads_open_trials_only(tmp_path: Path) -> None:
    filled(tmp_path / "trials.db")
    plans: list[str] = []
    connection = sqlite3.connect(tmp_path / "trials.db")
    where = "job = 1 AND state IN ('pending', 'running')"
    for query in (
        f"SELECT n FROM trial WHERE {where} AND (state = 'pending' OR lease_until < 1) ORDER BY n LIMIT 9",
        f"SELECT n FROM trial WHERE {where} AND n >= 3 AND n < 9 LIMIT 1",
    ):
        plans += [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {query}")]
    connection.close()
    assert len(plans) == 2
    assert all("USING INDEX trial_open" in plan for plan in plans), plans


def test_a_mistake_of_our_own_passes_as_it_is(tmp_path: Path) -> None:
    store = open_store(tmp_path / "trials.db")
    with pytest.raises(Exception, match="no such table: nowhere") as caught, store.read() as connection:
        connection.exec_driver_sql("SELECT * FROM nowhere")
    assert not isinstance(caught.value, StoreDamaged | StoreUnavailable)
    store.close()
