"""Who has seen the hold-out before? The looks of a project at the same bars with the same strategy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from autonomous_trading.app import Job, Ledger

_LOOK = "look"
_VALIDATION = "validation"
_Look = tuple[int, Mapping[str, Any]]


class EarlierLooks(NamedTuple):
    """Jobs of the same strategy that showed some of these bars, and how many other jobs of the project did."""

    jobs: tuple[str, ...]
    others: int


def earlier_looks(ledger: Ledger, job: Job, holdout: Mapping[str, Any]) -> EarlierLooks:
    """The looks at bars of a hold-out (`start`, `stop` as ISO dates) before this job; runs of the same job are none.

    The same job gives the same answer: asking it again tells nothing new, and what others saw after it first looked
    does not make it wrong.
    """
    same: list[str] = []
    others = 0
    jobs = ledger.jobs(job.spec.project)
    own = [number for each in jobs if each.spec.id == job.spec.id for number, _ in _looks(ledger, each)]
    before = min(own, default=None)
    for each in jobs:
        if each.spec.id == job.spec.id or not _symbols(each) & _symbols(job):
            continue
        if not _looked(_looks(ledger, each), holdout, before):
            continue
        if each.spec.evaluation.get("strategy") == job.spec.evaluation.get("strategy"):
            same.append(each.id)
        else:
            others += 1
    return EarlierLooks(tuple(reversed(same)), others)


def record_validation(ledger: Ledger, job: Job, payload: Mapping[str, Any]) -> None:
    """The judgement in the audit trail of its job, once."""
    known = [event.payload for event in ledger.events(job.id) if event.kind == _VALIDATION]
    if payload not in known:
        ledger.record(job.id, _VALIDATION, payload)


def _symbols(job: Job) -> set[Any]:
    return set(job.spec.evaluation.get("symbols", ()))


def _looks(ledger: Ledger, job: Job) -> list[_Look]:
    """The looks of a job: their numbers in the life of the project, and the bars they showed."""
    return [
        (int(event.payload["number"]), event.payload["facts"]["kept_out"])
        for event in ledger.events(job.id)
        if event.kind == _LOOK and "kept_out" in event.payload["facts"]
    ]


def _looked(looks: Sequence[_Look], holdout: Mapping[str, Any], before: int | None) -> bool:
    """Whether one of them showed a bar of the hold-out, before a look of some number where there is one.

    ISO dates of one form stand in the order of time.
    """
    return any(
        (before is None or number < before)
        and str(seen["start"]) < str(holdout["stop"])
        and str(holdout["start"]) < str(seen["stop"])
        for number, seen in looks
    )
