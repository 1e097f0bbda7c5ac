"""Questions that would eat the machine are ended within their time and memory, and nothing is left of them."""

from __future__ import annotations

import datetime
import decimal
import os
import resource
import signal
import subprocess
import sys
import threading
import time
import uuid
from pathlib import Path

import pytest

from autonomous_trading.adapters.catalogue import ParquetCatalogue, _engine, query
from autonomous_trading.adapters.catalogue import _query as query_module
from autonomous_trading.core import InvalidInput, StoreUnavailable

BOMBS = {
    "a repeat": "SELECT repeat('x', 1000000000)",
    "a repeat that is only measured": "SELECT length(repeat('x', 1000000000))",
    "a cross join": "SELECT count(*) FROM range(1000000000) AS a, range(1000000000) AS b",
    "a list": "SELECT list(range) FROM range(500000000)",
    "a recursion": "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT count(*) FROM t",
    "a recursion of texts": "WITH RECURSIVE t(n) AS (SELECT repeat('x', 99) UNION ALL FROM t) SELECT max(n) FROM t",
}


@pytest.fixture
def catalogue(tmp_path: Path) -> ParquetCatalogue:
    return ParquetCatalogue(tmp_path)


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> set[int]:
    """The numbers of the processes of the engine: each is ended, and noted when it is."""
    ended: set[int] = set()
    end = _engine._kill

    def noted(child: subprocess.Popen[bytes]) -> None:
        ended.add(child.pid)
        end(child)

    monkeypatch.setattr(_engine, "_kill", noted)
    return ended


def is_gone(number: int) -> bool:
    """Whether no process of a group is left; one that has ended and that nobody has asked about yet is gone too."""
    try:
        os.killpg(number, 0)
    except ProcessLookupError:
        return True
    status = Path(f"/proc/{number}/stat")
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] == "Z"


@pytest.mark.parametrize("sql", BOMBS.values(), ids=BOMBS)
def test_a_bomb_is_ended(
    catalogue: ParquetCatalogue, monkeypatch: pytest.MonkeyPatch, started: set[int], sql: str
) -> None:
    """Within the time or the memory, whichever is over first; what was held is the engine's, never ours."""
    monkeypatch.setattr(query_module, "MEMORY", 200)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(InvalidInput, match=r"that SQL (takes more than 2 s|needs more than 200 MB|ended .* 200 MB)"):
        query(catalogue, sql, seconds=2.0)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000  # kilobytes
    assert len(started) == 1
    assert all(map(is_gone, started))
    assert not [each.name for each in threading.enumerate() if each.name.startswith("query")]


def test_one_call_that_hears_nothing_is_ended_in_its_time(catalogue: ParquetCatalogue) -> None:
    """Interrupting the engine would not do: it looks for that between vectors, and this is one value."""
    with pytest.raises(InvalidInput, match=r"takes more than 0\.2 s.*Fix: ask for less"):
        query(catalogue, "SELECT length(replace(repeat('x', 300000000), 'x', 'yy'))", seconds=0.2)


def test_an_answer_that_is_too_long_is_not_read(catalogue: ParquetCatalogue, started: set[int]) -> None:
    with pytest.raises(InvalidInput, match=r"finds more than 67,108,864 bytes"):
        query(catalogue, "SELECT repeat('x', 1000000) FROM range(100)")
    assert all(map(is_gone, started))


def test_values_come_back_as_they_are(catalogue: ParquetCatalogue) -> None:
    sql = """
        SELECT 1, 170141183460469231731687303715884105727, 1.5::DOUBLE, 'nan'::DOUBLE IS NULL, '-inf'::DOUBLE, 'é',
        NULL, TRUE, '2024-01-02'::DATE, '2024-01-02 03:04:05.6'::TIMESTAMP, '03:04:05'::TIME, INTERVAL 36 HOUR,
        1.10::DECIMAL(9,2), '12345678-1234-5678-1234-567812345678'::UUID, '\\xAA'::BLOB, [1, NULL, 2],
        {'a': [DATE '2024-01-02']}, MAP {1: 'x'}, MAP {[1]: 2}, (1, 'x')
    """
    row = query(catalogue, sql).rows[0]
    assert row == (
        *(1, 2**127 - 1, 1.5, False, float("-inf"), "é", None, True),
        datetime.date(2024, 1, 2),
        datetime.datetime.fromisoformat("2024-01-02T03:04:05.6"),
        datetime.time(3, 4, 5),
        datetime.timedelta(hours=36),
        decimal.Decimal("1.10"),
        uuid.UUID("12345678-1234-5678-1234-567812345678"),
        b"\xaa",
        [1, None, 2],
        {"a": [datetime.date(2024, 1, 2)]},
        {1: "x"},
        row[18],
        (1, "x"),
    )
    assert type(row[3]) is bool


def test_an_engine_that_does_not_start_is_told(
    catalogue: ParquetCatalogue, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "nothing"))
    with pytest.raises(StoreUnavailable, match=r"the engine for questions in SQL does not start: .*Fix:"):
        query(catalogue, "SELECT 1")
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(StoreUnavailable, match=r"the engine for questions in SQL does not start\. Fix:"):
        query(catalogue, "SELECT 1")


def test_nothing_is_left_when_whoever_asked_is_killed(tmp_path: Path) -> None:
    code = f"""
import subprocess
from autonomous_trading.adapters.catalogue import ParquetCatalogue, query
start = subprocess.Popen
def told(*arguments, **options):
    child = start(*arguments, **options)
    print(child.pid, flush=True)
    return child
subprocess.Popen = told
query(ParquetCatalogue({str(tmp_path)!r}), "SELECT count(*) FROM range(1000000000) AS a, range(1000000000) AS b")
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as asking:
        assert asking.stdout is not None
        number = int(asking.stdout.readline())
        time.sleep(2.0)
        asking.send_signal(signal.SIGKILL)
    until = time.monotonic() + 60.0
    while not is_gone(number) and time.monotonic() < until:
        time.sleep(0.1)
    assert is_gone(number)
