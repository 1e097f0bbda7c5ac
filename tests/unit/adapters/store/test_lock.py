"""A file has one writer: everybody else is told who it is, and a killed one leaves nothing behind."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from multiprocessing.context import ForkContext, SpawnContext
from pathlib import Path

import pytest

from autonomous_trading.adapters.store import SqlLedger, open_store
from autonomous_trading.adapters.store._lock import holder_of
from autonomous_trading.core import StoreUnavailable

HOLD = """
import sys, time
from autonomous_trading.adapters.store import open_store
store = open_store(sys.argv[1])
print("held", flush=True)
time.sleep(60)
"""
RACE = """
import os, sys, time
from pathlib import Path
from autonomous_trading.adapters.store import open_store
from autonomous_trading.core import StoreUnavailable
folder, races = Path(sys.argv[1]), int(sys.argv[2])
print("ready", flush=True)
for line in sys.stdin:
    try:
        store = open_store(folder / f"{line.strip()}.db")
        print("won", flush=True)
    except StoreUnavailable as error:
        store = None
        print(error, flush=True)
    sys.stdin.readline()
    if store is not None:
        store.close()
    print("closed", flush=True)
"""


def _python(code: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def _line(process: subprocess.Popen[str]) -> str:
    if process.stdout is None:
        raise AssertionError("its output is not read")
    return process.stdout.readline().strip()


def _tell(processes: list[subprocess.Popen[str]], line: str) -> None:
    for process in processes:
        if process.stdin is not None:
            process.stdin.write(f"{line}\n")
            process.stdin.flush()


def _close(processes: list[subprocess.Popen[str]]) -> None:
    for process in processes:
        process.kill()
        process.communicate()


def test_the_second_process_is_told_who_is_there_and_a_killed_one_is_not(tmp_path: Path) -> None:
    path = tmp_path / "trials.db"
    holder = _python(HOLD, str(path))
    try:
        assert _line(holder) == "held"
        with pytest.raises(StoreUnavailable, match=rf"another process \(pid {holder.pid}\) uses trials.db. Fix: wait"):
            open_store(path)
        open_store(path, read_only=True).close()
    finally:
        holder.send_signal(signal.SIGKILL)
        holder.communicate()
    open_store(path).close()


def test_the_same_process_opens_a_file_for_writing_once(tmp_path: Path) -> None:
    path = tmp_path / "trials.db"
    store = open_store(path)
    (tmp_path / "link.db").symlink_to(path)
    for name in ("trials.db", "link.db"):
        with pytest.raises(StoreUnavailable, match=rf"this process has {name} open already. Fix: share its Store"):
            open_store(tmp_path / name)
    store.close()
    store.close()
    open_store(path).close()


@pytest.mark.parametrize(
    "context", [multiprocessing.get_context("fork"), multiprocessing.get_context("spawn")], ids=["fork", "spawn"]
)
def test_a_worker_neither_has_the_lock_nor_loses_it(tmp_path: Path, context: ForkContext | SpawnContext) -> None:
    path = tmp_path / "trials.db"
    store = open_store(path)
    worker = context.Process(target=_try_to_open, args=(path,))
    worker.start()
    worker.join(60)
    assert worker.exitcode == 0
    with pytest.raises(StoreUnavailable, match="this process has"):
        open_store(path)
    other = subprocess.run(
        [sys.executable, "-c", HOLD.replace("60", "0"), str(path)], capture_output=True, text=True, check=False
    )
    assert f"another process (pid {os.getpid()}) uses trials.db" in other.stderr
    store.close()


def _try_to_open(path: Path) -> None:
    try:
        open_store(path)
    except StoreUnavailable as error:
        sys.exit(0 if "another process" in str(error) else 2)
    sys.exit(1)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_an_orphan_does_not_keep_the_lock_of_a_killed_parent(tmp_path: Path) -> None:
    path = tmp_path / "trials.db"
    code = HOLD.replace("time.sleep(60)", "import os; os.write(1, b'%d\\n' % os.fork()); time.sleep(60)")
    parent = _python(code, str(path))
    assert _line(parent) == "held"
    orphan = max(int(_line(parent)), int(_line(parent)))
    try:
        os.kill(parent.pid, signal.SIGKILL)
        parent.wait()
        open_store(path).close()
    finally:
        os.kill(orphan, signal.SIGKILL)
        parent.communicate()


def _races(folder: Path, races: int) -> None:
    processes = [_python(RACE, str(folder), str(races)) for _ in range(2)]
    try:
        assert [_line(process) for process in processes] == ["ready", "ready"]
        for race in range(races):
            _tell(processes, str(race))
            told = sorted(_line(process) for process in processes)
            assert told[1] == "won", told
            winner = {process.pid for process in processes}
            assert any(f"another process (pid {pid}) uses {race}.db" in told[0] for pid in winner), told
            _tell(processes, "close")
            assert [_line(process) for process in processes] == ["closed", "closed"]
    finally:
        _close(processes)


def test_races_have_one_winner(tmp_path: Path) -> None:
    _races(tmp_path, 10)


@pytest.mark.nightly
def test_a_hundred_races_have_one_winner_each(tmp_path: Path) -> None:
    _races(tmp_path, 100)


def test_a_reader_does_not_stop_a_writer(tmp_path: Path) -> None:
    store = open_store(tmp_path / "trials.db")
    begun = time.monotonic()
    for _ in range(5):
        reader = open_store(tmp_path / "trials.db", read_only=True)
        assert list(SqlLedger(reader).jobs()) == []
        reader.close()
    store.close()
    assert time.monotonic() - begun < 20


@pytest.mark.parametrize("written", ["", "nobody", "999999999"])
def test_a_number_that_was_left_behind_is_not_taken_for_the_holder(tmp_path: Path, written: str) -> None:
    (tmp_path / "lock").write_text(written)
    with (tmp_path / "lock").open() as stream:
        assert holder_of(stream.fileno()) == ""
    (tmp_path / "lock").write_text(str(os.getpid()))
    with (tmp_path / "lock").open() as stream:
        assert holder_of(stream.fileno()) == f" (pid {os.getpid()})"
