"""Who may write, and what happens where nobody can."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from autonomous_trading.adapters.catalogue import ParquetCatalogue
from autonomous_trading.adapters.catalogue import _writer as writer_module
from autonomous_trading.core import InvalidInput, StoreUnavailable, Timeframe
from autonomous_trading.data import SeriesKey
from autonomous_trading.testing.contracts.catalogues import delivered, made_bars

KEY = SeriesKey("contract", "BTC/USDT:USDT", Timeframe.of("1m"))
HOLD = """
import sys, time
from pathlib import Path
from autonomous_trading.adapters.catalogue._writer import one_writer
with one_writer(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def catalogue(tmp_path: Path) -> ParquetCatalogue:
    return ParquetCatalogue(tmp_path / "root")


def filled(catalogue: ParquetCatalogue, deliveries: int = 3) -> Path:
    """The folder of a series with some deliveries."""
    for step in range(deliveries):
        catalogue.commit(KEY, delivered(made_bars(step * 5, 5), step * 5, 5, 1_000 + step))
    return next(catalogue.root.rglob("manifest.json")).parent


def test_writers_wait_for_each_other(catalogue: ParquetCatalogue) -> None:
    def write(first: int) -> None:
        for step in range(5):
            at = first + step * 4
            catalogue.commit(KEY, delivered(made_bars(at, 1), at, 1, 600))

    threads = [threading.Thread(target=write, args=(first,)) for first in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(catalogue.read(KEY)) == 20


def test_another_process_that_writes_is_named(catalogue: ParquetCatalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = filled(catalogue)
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)], stdout=subprocess.PIPE, text=True, env=os.environ.copy()
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        monkeypatch.setattr(writer_module, "_PAUSE", 0.001)
        with (
            pytest.raises(StoreUnavailable, match=r"another process writes in .* Fix: wait for it, or stop it"),
            writer_module.one_writer(folder, patience=0.01),
        ):
            pass
        assert len(catalogue.read(KEY)) == 15
        holder.kill()
        holder.wait()
    catalogue.commit(KEY, delivered(made_bars(20, 1), 20, 1, 2_000))


def test_a_thread_that_writes_is_waited_for(tmp_path: Path) -> None:
    with (
        writer_module.one_writer(tmp_path),
        pytest.raises(StoreUnavailable, match="writes in"),
        writer_module.one_writer(tmp_path, patience=0.01),
    ):
        pass
    with writer_module.one_writer(tmp_path):
        pass


def test_a_full_disk_changes_nothing(catalogue: ParquetCatalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(catalogue)

    def full(*_: object) -> None:
        raise InvalidInput("cannot write", fix="") from OSError(28, "No space left on device")

    monkeypatch.setattr(writer_module, "write_bytes_atomic", full)
    with pytest.raises(StoreUnavailable, match=r"cannot write .*: No space left on device\. Fix: make room"):
        catalogue.commit(KEY, delivered(made_bars(20, 1), 20, 1, 2_000))
    assert len(catalogue.read(KEY)) == 15


def test_other_refusals_pass_through(catalogue: ParquetCatalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(*_: object) -> None:
        raise InvalidInput("no", fix="")

    monkeypatch.setattr(writer_module, "write_bytes_atomic", refuses)
    with pytest.raises(InvalidInput, match="no"):
        catalogue.commit(KEY, delivered(made_bars(20, 1), 20, 1, 2_000))


def test_a_lock_that_cannot_be_opened(tmp_path: Path) -> None:
    (tmp_path / "lock").mkdir()
    with pytest.raises(StoreUnavailable, match="cannot write"), writer_module.one_writer(tmp_path):
        pass


def test_locks_that_are_not_to_be_had(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise OSError(37, "No locks available")

    monkeypatch.setattr("fcntl.lockf", broken)
    with pytest.raises(StoreUnavailable, match="No locks available"), writer_module.one_writer(tmp_path):
        pass
