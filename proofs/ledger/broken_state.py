"""Bad input and broken state: one clear line with a remedy, and what was committed stays.

Unknown objective, impossible constraint, empty space, NaN objective, full disk, corrupt file, wrong schema, second
instance, and their neighbours; each through the public door, on a ledger that already holds a search.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import autonomous_trading as at
from autonomous_trading.adapters.store import open_store
from proofs.claims import Figure, at_least, holds, run
from proofs.ledger._killing import Holdings, holdings

TITLE = "Bad input and broken state around a ledger"
SPACE: dict[str, Any] = {"x": (0.0, 1.0)}
FEWEST = 16


def line(x: float) -> float:
    """An objective."""
    return x


def search(place: Path, **changes: Any) -> at.Study:
    """A recorded search of the line."""
    settings: dict[str, Any] = {"objective": line, "space": SPACE, "method": "random", "trials": 20, "seed": 3}
    return at.optimize(**{**settings, "ledger": str(place), **changes})


def of_strategy(place: Path, objective: str) -> at.Study:
    """A recorded search of a strategy."""
    return at.optimize("ma_cross", "sample:sp500", objectives=objective, ledger=str(place))


def text_file(place: Path) -> None:
    place.write_text("time,open\n", encoding="utf-8")
    search(place)


def damaged(place: Path) -> None:
    content = bytearray(place.read_bytes())
    for offset in range(4096, min(len(content), 12_288), 7):
        content[offset] ^= 0xFF
    place.write_bytes(content)
    search(place)


def other_schema(revision: str) -> Callable[[Path], None]:
    def run_it(place: Path) -> None:
        with closing(sqlite3.connect(place)) as database:
            database.execute("UPDATE alembic_version SET version_num = ?", (revision,))
            database.commit()
        search(place, seed=4)

    return run_it


def held(place: Path) -> None:
    """Another process has the ledger open."""
    ready, done = multiprocessing.Event(), multiprocessing.Event()
    other = multiprocessing.Process(target=_hold, args=(str(place), ready, done))
    other.start()
    ready.wait(30)
    try:
        search(place, seed=4)
    finally:
        done.set()
        other.join()


def _hold(place: str, ready: Any, done: Any) -> None:
    with closing(open_store(place)):
        ready.set()
        done.wait(30)


def full_disk(place: Path) -> None:
    """Files may not grow beyond what there is and a little more."""
    limit = place.stat().st_size + 40_000
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        search(place, seed=4, trials=20_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))


def no_values(place: Path) -> None:
    search(place, objective=lambda x: float("nan") * x).best()


def nothing_feasible(place: Path) -> None:
    search(place, constraints=["objective > 7"]).best()


def unrepeatable(place: Path) -> None:
    calls: list[float] = []

    def counting(x: float) -> float:
        calls.append(x)
        return x + len(calls)

    search(place, objective=counting)


CASES: tuple[tuple[str, Callable[[Path], object], bool], ...] = (
    ("unknown objective", lambda p: of_strategy(p, "sharp"), False),
    ("unknown method", lambda p: search(p, method="magic"), False),
    ("constraint that is no comparison", lambda p: search(p, constraints="objective"), False),
    ("constraint on what is not returned", lambda p: search(p, constraints="profit > 1"), False),
    ("constraint that nothing keeps", nothing_feasible, True),
    ("empty space", lambda p: search(p, space={}), False),
    ("bounds the wrong way round", lambda p: search(p, space={"x": (1.0, 0.0)}), False),
    ("objective that is NaN everywhere", no_values, True),
    ("objective that does not reproduce", unrepeatable, True),
    ("unknown executor", lambda p: search(p, executor="cloud"), False),
    ("job that is not there", lambda p: search(p, resume="nobody"), False),
    ("job of another search", lambda p: search(p, resume=_job(p), seed=9), False),
    ("a text file as ledger", text_file, False),
    ("a damaged file", damaged, False),
    ("an older schema", other_schema("0001"), False),
    ("a newer schema", other_schema("9999"), False),
    ("a second instance", held, False),
    ("a full disk", full_disk, True),
)  # fmt: skip


def _job(place: Path) -> str:
    from autonomous_trading.adapters.store import SqlLedger

    with closing(open_store(place, read_only=True)) as store:
        return SqlLedger(store).jobs()[-1].id


def measure() -> list[Figure]:
    """Each case on a copy of one ledger."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sound = folder / "sound.db"
        search(sound)
        before = holdings(str(sound))
        complaints = [_tried(case, sound, before, folder) for case in CASES]
    wrong = [complaint for complaint in complaints if complaint]
    return [
        at_least("cases tried", len(CASES), FEWEST),
        holds(
            "one clear line with a remedy, committed rows as they were",
            not wrong,
            bound=f"{len(CASES)} of {len(CASES)}",
            figure="; ".join(wrong)[:300] or f"{len(CASES)} of {len(CASES)}",
        ),
    ]


def _tried(case: tuple[str, Callable[[Path], object], bool], sound: Path, before: Holdings, folder: Path) -> str:
    """What is wrong with the answer to a case; empty where nothing is."""
    name, attempt, adds = case
    place = folder / f"{CASES.index(case)}.db"
    shutil.copyfile(sound, place)
    try:
        attempt(place)
    except at.TradingError as error:
        said = str(error)
        if "\n" in said or "Fix: " not in said:
            return f"{name}: says {said!r}"
    except Exception as error:  # noqa: BLE001 - what must not happen is what this looks for
        return f"{name}: {type(error).__name__}: {error}"
    else:
        return f"{name}: was accepted"
    return "" if name in _UNREADABLE or _kept(place, before, adds=adds) else f"{name}: committed rows changed"


_UNREADABLE = ("a text file as ledger", "a damaged file", "an older schema", "a newer schema")


def _kept(place: Path, before: Holdings, *, adds: bool) -> bool:
    """Whether the first search is there as it was; where something was added, in a job of its own."""
    from autonomous_trading.adapters.store import SqlLedger, audit

    with closing(open_store(place, read_only=True)) as store:
        jobs = SqlLedger(store).jobs()
        rows = SqlLedger(store).trials(jobs[-1].id)
        return len(rows) == len(before.trials) and not audit(store) and (adds or len(jobs) == 1)


if __name__ == "__main__":
    if sys.platform != "win32":
        import signal

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a file that may not grow is an error of the write, as when full
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    raise SystemExit(run(TITLE, measure))
