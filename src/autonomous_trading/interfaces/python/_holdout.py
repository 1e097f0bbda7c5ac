"""Who has seen the hold-out before? The looks of a project at the same bars with the same strategy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from autonomous_trading.app import Job, Ledger

_LOOK = "look"
_VALIDATION = "validation"


class EarlierLooks(NamedTuple):
    """Jobs of the same strategy that showed some of these bars, and how many other jobs of the project did."""

    jobs: tuple[str, ...]
    others: int


def earlier_looks(ledger: Ledger, job: Job, holdout: Mapping[str, Any]) -> EarlierLooks:
    """The looks at bars of a hold-out (`start`, `stop` as ISO dates) before this job; runs of the same job are none.

    The same job gives the same answer: asking it again tells nothing new.
    """
    same: list[str] = []
    others = 0
    for each in ledger.jobs(job.spec.project):
        if each.spec.id == job.spec.id or _symbols(each) != _symbols(job) or not _looked(ledger, each, holdout):
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


def _symbols(job: Job) -> list[Any]:
    return list(job.spec.evaluation.get("symbols", ()))


def _looked(ledger: Ledger, job: Job, holdout: Mapping[str, Any]) -> bool:
    """Whether a job showed a bar of the hold-out. ISO dates of one form stand in the order of time."""
    for event in ledger.events(job.id):
        seen = event.payload.get("facts", {}).get("kept_out") if event.kind == _LOOK else None
        if seen and str(seen["start"]) < str(holdout["stop"]) and str(holdout["start"]) < str(seen["stop"]):
            return True
    return False
