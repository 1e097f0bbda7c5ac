"""A store that cannot be written says why, keeps what was committed, and goes on when the obstacle is gone."""

import errno
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from autonomous_trading.adapters.store import SqlLedger, audit, open_store
from autonomous_trading.adapters.store._failures import explained, story_of_file_error
from autonomous_trading.core import StoreDamaged, StoreUnavailable, TradingError
from tests.postgres import Server
from tests.small_stores import run_batch, spec

FILL = """
import resource, sys
from autonomous_trading.adapters.store import SqlLedger, open_store
from autonomous_trading.core import StoreUnavailable
from tests.small_stores import run_batch, spec
ledger = SqlLedger(open_store(sys.argv[1]))
job = ledger.open_job(spec())
if int(sys.argv[2]):
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
told = 0
try:
    for _ in range(10_000):
        run_batch(ledger, job.id, 50)
        told += 50
except StoreUnavailable as error:
    print(told, error)
"""


def _fill(path: Path, most_bytes: int) -> tuple[int, str]:
    """Fills a store until nothing more goes in: trials that were told, and the error."""
    root = Path(__file__).resolve().parents[4]
    done = subprocess.run(
        [sys.executable, "-c", FILL, str(path), str(most_bytes)],
        capture_output=True,
        text=True,
        cwd=root,
        env={**os.environ, "PYTHONPATH": f"{root / 'src'}{os.pathsep}{root}"},
        check=True,
    )
    told, _, error = done.stdout.strip().partition(" ")
    return int(told), error


def _goes_on(path: Path, told: int) -> None:
    """What was acknowledged is there, the file is sound, and there is room for more."""
    store = open_store(path)
    ledger = SqlLedger(store)
    job = ledger.open_job(spec())
    assert job.ended == told
    assert ledger.counts("default").trials == told
    assert audit(store) == []
    open_trials = ledger.claim(job.id, "w", most=1000, lease_seconds=1)
    assert len(open_trials) <= 50
    ledger.release(job.id, open_trials, reason="test", blame=False)
    if job.proposed == told:
        run_batch(ledger, job.id, 10)
    ledger.shut()


def test_a_quota_is_reached(tmp_path: Path) -> None:
    path = tmp_path / "trials.db"
    told, error = _fill(path, 400_000)
    assert told > 0
    assert "trials.db" in error
    assert "Fix: make room and run it again: everything that was committed is kept" in error
    _goes_on(path, told)


@contextmanager
def small_disk(folder: Path, kilobytes: int) -> Iterator[Path]:
    """A disk of that size; skips where none can be made."""
    folder.mkdir()
    mount = shutil.which("mount")
    command = [mount or "mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(folder)]
    if mount is None or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("no small disk can be made here: it takes the rights of root")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], capture_output=True, check=True)


def test_the_disk_is_full(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 700) as disk:
        path = disk / "trials.db"
        told, error = _fill(path, 0)
        assert told > 0
        assert "the disk is full" in error
        ballast = disk / "ballast"
        assert not ballast.exists()
        subprocess.run(["mount", "-o", "remount,size=4000k", str(disk)], capture_output=True, check=True)
        _goes_on(path, told)


@contextmanager
def as_nobody() -> Iterator[None]:
    """As a user without rights, where the tests run as root."""
    me = os.geteuid()
    if me == 0:
        os.seteuid(65_534)
    try:
        yield
    finally:
        os.seteuid(me)


@pytest.fixture
def open_folder(tmp_path: Path) -> Path:
    """A folder that another user may enter."""
    for folder in (tmp_path, *tmp_path.parents):
        if str(folder).startswith("/tmp/pytest-of"):
            folder.chmod(folder.stat().st_mode | 0o055)
    return tmp_path


def test_a_folder_that_may_not_be_written(open_folder: Path) -> None:
    folder = open_folder / "mine"
    folder.mkdir()
    folder.chmod(0o555)
    with as_nobody(), pytest.raises(StoreUnavailable, match=r"cannot be written: Permission denied.*Fix: name a file"):
        open_store(folder / "trials.db")
    assert list(folder.iterdir()) == []


def test_a_file_that_may_not_be_read(open_folder: Path) -> None:
    path = open_folder / "trials.db"
    open_store(path).close()
    path.chmod(0o000)
    with as_nobody(), pytest.raises(StoreUnavailable, match=r"cannot be opened.*Fix: name a file that you may"):
        open_store(path, read_only=True)


def test_a_file_that_may_only_be_read_can_be_looked_at(open_folder: Path) -> None:
    path = open_folder / "trials.db"
    ledger = SqlLedger(open_store(path))
    job = ledger.open_job(spec())
    ledger.shut()
    path.chmod(0o444)
    with as_nobody():
        reader = SqlLedger(open_store(path, read_only=True))
        assert reader.jobs() == [job]
        reader.shut()


def test_a_server_that_is_not_there() -> None:
    with pytest.raises(StoreUnavailable, match=r"out of reach.*Fix: check that the server runs"):
        open_store("postgresql://trader:secret@127.0.0.1:1/x")


def test_a_database_that_is_not_there(postgres_server: Server) -> None:
    url = f"postgresql://trader@127.0.0.1:{postgres_server.port}/nothing"
    with pytest.raises(StoreUnavailable, match="nothing"):
        open_store(url)


def test_a_server_that_crashes_and_comes_back(postgres_server: Server) -> None:
    ledger = SqlLedger(open_store(postgres_server.database()))
    job = ledger.open_job(spec())
    run_batch(ledger, job.id, 20)
    postgres_server.stop("immediate")
    with pytest.raises(StoreUnavailable, match=r"out of reach.*what was committed is kept"):
        run_batch(ledger, job.id, 20)
    postgres_server.start()
    assert ledger.job(job.id).ended == 20
    run_batch(ledger, job.id, 20)
    assert ledger.job(job.id).ended == 40
    ledger.shut()


@pytest.mark.parametrize(
    ("code", "kind", "what"),
    [
        (sqlite3.SQLITE_FULL, StoreUnavailable, "the disk is full"),
        (sqlite3.SQLITE_IOERR_WRITE, StoreUnavailable, "the disk does not take"),
        (sqlite3.SQLITE_BUSY, StoreUnavailable, "kept it locked"),
        (sqlite3.SQLITE_READONLY_DBMOVED, StoreUnavailable, "may not be written"),
        (sqlite3.SQLITE_CORRUPT, StoreDamaged, "is damaged"),
    ],
)
def test_what_the_library_says_in_words(code: int, kind: type[TradingError], what: str) -> None:
    error = sqlite3.OperationalError("it failed")
    error.sqlite_errorcode = code
    with pytest.raises(kind, match=rf"trials.db.*{what}"), explained("trials.db"):
        raise error


class Told(Exception):
    """What a server said, with the code it said it by."""

    def __init__(self, state: str | None) -> None:
        super().__init__("the first line\nand more")
        self.sqlstate = state


@pytest.mark.parametrize(
    ("state", "kind", "what"),
    [
        ("53100", StoreUnavailable, "the disk of the server is full"),
        ("28P01", StoreUnavailable, "the password is wrong"),
        ("25P03", StoreUnavailable, "stopped for too long"),
        ("57P01", StoreUnavailable, "is out of reach: the first line. Fix"),
        (None, StoreUnavailable, "is out of reach"),
        ("XX001", StoreDamaged, "is damaged: the first line. Fix: restore"),
        ("42P01", OperationalError, "the first line"),
    ],
)
def test_what_a_server_says_in_words(state: str | None, kind: type[Exception], what: str) -> None:
    with pytest.raises(kind, match=what), explained("the store"):
        raise OperationalError("SELECT 1", {}, Told(state))


def test_mistakes_of_our_own_pass_as_they_are() -> None:
    with pytest.raises(sqlite3.OperationalError, match="no such table"), explained("trials.db"):
        raise sqlite3.OperationalError("no such table: x")


def test_no_space_for_a_file_is_about_room() -> None:
    assert "make room" in str(story_of_file_error("x", OSError(errno.ENOSPC, "No space left on device")))
