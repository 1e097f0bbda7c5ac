"""Who has seen the hold-out before? Looks at the same bars with the same strategy, in any project of a ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from autonomous_trading.app import Job, Ledger

_LOOK = "look"
_VALIDATION = "validation"
_Seen = tuple[str, Mapping[str, Any]]
"""When, and from which bar to which."""


class EarlierLooks(NamedTuple):
    """Jobs of the same strategy that showed some of these bars, and how many jobs of other strategies did."""

    jobs: tuple[str, ...]
    others: int


def earlier_looks(ledger: Ledger, job: Job, holdout: Mapping[str, Any]) -> EarlierLooks:
    """Who had seen bars of a hold-out (`start`, `stop` as ISO dates) before this job looked, in any project.

    Seen are bars that a job kept out and showed in the end, and those it searched. Runs of the same job are none: the
    same job gives the same answer, and what others saw after it first looked does not make it wrong.
    """
    same: list[str] = []
    others = 0
    jobs = ledger.jobs()
    own = [at for each in jobs if each.spec.id == job.spec.id for at, _ in _looks(ledger, each)]
    before = min(own, default=None)
    for each in jobs:
        if each.spec.id == job.spec.id or not _same_market(each, job):
            continue
        seen = [*_looks(ledger, each), *_searched(each)]
        if not _looked(seen, holdout, before):
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


def _same_market(one: Job, other: Job) -> bool:
    """Whether two jobs share an instrument: by its symbol, or by the content of its bars."""
    markets = [(set(each.spec.evaluation.get("symbols", ())), _contents(each)) for each in (one, other)]
    return any(bool(first & second) for first, second in zip(*markets, strict=True))


def _contents(job: Job) -> set[Any]:
    data = job.spec.evaluation.get("data", {})
    return set(data.values()) if isinstance(data, Mapping) else set()


def _looks(ledger: Ledger, job: Job) -> list[_Seen]:
    """When a job looked, and the bars it showed."""
    return [
        (event.at, event.payload["facts"]["kept_out"])
        for event in ledger.events(job.id)
        if event.kind == _LOOK and "kept_out" in event.payload["facts"]
    ]


def _searched(job: Job) -> list[_Seen]:
    """When a search began, and its bars: whoever searched them has seen them."""
    span = job.spec.search.get("searched")
    return [(job.created_at, span)] if isinstance(span, Mapping) else []


def _looked(seen: Sequence[_Seen], holdout: Mapping[str, Any], before: str | None) -> bool:
    """Whether one of them showed a bar of the hold-out, before some moment where there is one.

    ISO dates of one form stand in the order of time, and so do moments of one clock.
    """
    return any(
        (before is None or at < before)
        and str(span["start"]) < str(holdout["stop"])
        and str(holdout["start"]) < str(span["stop"])
        for at, span in seen
    )
