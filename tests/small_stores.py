"""Stores with a little in them, for tests that damage, copy, move or crash them."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from autonomous_trading.adapters.store import SqlLedger, open_store
from autonomous_trading.app import Batch, JobSpec, JobState, TrialResult

METRICS = ("sharpe_ratio", "total_return")


def spec(title: str = "a search", project: str = "default") -> JobSpec:
    """A spec that differs from others by its title alone."""
    return JobSpec(project, title, {"strategy": "ma_cross"}, {"title": title}, METRICS, {"command": ["optimize"]})


def run_batch(ledger: SqlLedger, job_id: str, count: int) -> None:
    """Proposes the next batch of a job, evaluates it (every seventh fails) and tells the results."""
    there = ledger.batches(job_id)
    batch = Batch(len(there), sum(one.count for one in there), count, f"digest {len(there)}")
    ledger.propose(job_id, batch, [(f'{{"fast":{k},"slow":{k + 20}}}', k * 7919) for k in range(count)])
    claims = ledger.claim(job_id, "worker", most=count, lease_seconds=600)
    results = [
        TrialResult(one.n, one.epoch, (one.n / 7, -one.n / 3), "" if one.n % 7 else "ZeroDivisionError: by zero")
        for one in claims
    ]
    ledger.finish(job_id, results)


def filled(place: str | Path, *, jobs: int = 2, batches: int = 3, count: int = 20) -> None:
    """Makes a store with jobs that ended, trials done and failed, notes and looks."""
    ledger = SqlLedger(open_store(place))
    for k in range(jobs):
        job = ledger.open_job(spec(f"search {k}"))
        for _ in range(batches):
            run_batch(ledger, job.id, count)
        ledger.record(job.id, "note", {"text": "größer", "value": 0.1})
        ledger.look("default", job.id, {"total_return": 0.25})
        ledger.close(job.id, JobState.DONE)
    ledger.shut()


def rows_of(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table, as it is."""
    connection = sqlite3.connect(path)
    try:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        kept = sorted(name for name in tables if not name.startswith("sqlite_"))
        return {name: list(connection.execute(f'SELECT * FROM "{name}"')) for name in kept}
    finally:
        connection.close()
