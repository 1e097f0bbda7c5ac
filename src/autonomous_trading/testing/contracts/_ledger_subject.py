"""What the ledger suites start from: a subject, a spec, a batch, a result."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from autonomous_trading.app import (
    Batch,
    Claim,
    Job,
    JobSpec,
    Ledger,
    TrialResult,
    digest_of,
)
from autonomous_trading.testing.contracts._require import require

__all__ = ["LATER", "LONG", "SHORT", "Subject", "propose", "result", "rows_of", "spec"]

LONG = 600.0
"""Seconds of a lease that does not run out."""
SHORT = 0.05
"""Seconds of a lease that does."""
LATER = 0.1
"""Seconds after which it has."""


class Subject(NamedTuple):
    """The ledger under test, empty; `pass_time` lets so many seconds go by on its clock."""

    ledger: Ledger
    pass_time: Callable[[float], None]


def spec(title: str = "a search", *, project: str = "default", metrics: Sequence[str] = ("return", "risk")) -> JobSpec:
    """A spec that differs from others by its title alone."""
    evaluation = {"strategy": "ma_cross", "costs": {"fee": 0.001}, "span": [0, 10]}
    search = {"method": "random", "trials": 100, "seed": 7, "title": title}
    return JobSpec(project, title, evaluation, search, tuple(metrics), {"command": ["optimize", title]})


def rows_of(batch: Batch) -> list[tuple[str, int]]:
    """Parameters and seeds of a batch, different for every trial; seeds up to the largest there are."""
    return [(f'{{"x":{n}}}', (n * 0x9E3779B97F4A7C15) % 2**63) for n in range(batch.first, batch.first + batch.count)]


def propose(ledger: Ledger, job: Job, count: int) -> Batch:
    """The next batch of a job, proposed."""
    there = ledger.batches(job.id)
    first = sum(batch.count for batch in there)
    batch = Batch(len(there), first, count, digest_of(f"{job.id} {first}"))
    require(ledger.propose(job.id, batch, rows_of(batch)), "a new batch was taken for an old one")
    return batch


def result(claim: Claim, *values: float, error: str = "") -> TrialResult:
    """The result of a claim: two values unless others are given."""
    return TrialResult(claim.n, claim.epoch, values or (float(claim.n), -float(claim.n)), error)
