"""The verdict and the provenance of a run, in the words of a report."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from autonomous_trading.interfaces import report
from autonomous_trading.validation import CONFIDENCE, Evidence, Verdict

_TONES: Mapping[Evidence, Any] = {
    Evidence.BEYOND_LUCK: "good",
    Evidence.LUCK: "caution",
    Evidence.TOO_LITTLE: "caution",
}
_IN_PLACES_OF_THEIR_OWN = ("data", "costs", "seed", "engine", "trials")


def verdict_of(verdict: Verdict, aside: str = "") -> report.Verdict:
    """The verdict with its checks; `aside` is said beside the probability that the Sharpe ratio is above zero.

    One trial has no best of many: the deflated Sharpe ratio would be the probabilistic one again, and is left out.
    """
    searched = verdict.n_trials > 1
    checks = (*([_above_luck(verdict)] if searched else []), _above_zero(verdict, aside, searched), _enough(verdict))
    passed = sum(check.passed is True for check in checks)
    return report.Verdict(
        headline=verdict.words[:1].upper() + verdict.words[1:],
        passes=f"{passed} of {len(checks)} checks passed",
        tone=_TONES[verdict.evidence],
        checks=checks,
    )


def _above_luck(verdict: Verdict) -> report.Check:
    unknown = math.isnan(verdict.dsr)
    return report.Check(
        name="Sharpe ratio above what luck gives the best of all trials",
        passed=None if unknown else verdict.evidence is Evidence.BEYOND_LUCK,
        detail="no Sharpe ratio" if unknown else f"deflated Sharpe {verdict.dsr:.3f}, {CONFIDENCE} wanted",
    )


def _above_zero(verdict: Verdict, aside: str, searched: bool) -> report.Check:
    unknown = math.isnan(verdict.psr)
    detail = "no Sharpe ratio" if unknown else f"probability {verdict.psr:.3f}, {CONFIDENCE} wanted"
    return report.Check(
        name="Sharpe ratio above zero, had nothing been searched" if searched else "Sharpe ratio above zero",
        passed=None if unknown else verdict.psr >= CONFIDENCE,
        detail=f"{detail}; {aside}" if aside else detail,
    )


def _enough(verdict: Verdict) -> report.Check:
    return report.Check(
        name="Enough trades and bars to tell",
        passed=verdict.evidence is not Evidence.TOO_LITTLE,
        detail=f"{verdict.trade_count or 0:,} trades, {verdict.n_bars:,} bars",
    )


def provenance_of(facts: Mapping[str, object], sets: int) -> report.Provenance:
    """Where the numbers come from: every fact that a repetition needs, in words."""
    seed = facts.get("seed")
    return report.Provenance(
        data_id=_words(facts["data"]) if "data" in facts else "",
        costs=_words(facts["costs"]) if "costs" in facts else "",
        seed=seed if isinstance(seed, int) else None,
        engine_version=str(facts.get("engine", "")),
        sets_evaluated=sets,
        more={
            name: _words(value)
            for name, value in facts.items()
            if name not in _IN_PLACES_OF_THEIR_OWN and value is not None
        },
    )


def _words(value: object) -> str:
    """A plain value as a reader takes it in: "fast 20, slow 100"; what is inside another value stands in brackets."""
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_inner(each)}" for name, each in value.items()) or "none"
    if isinstance(value, list):
        return ", ".join(_inner(each) for each in value) or "none"
    if value is None or isinstance(value, bool):
        return {None: "none", True: "yes", False: "no"}[value]
    return f"{value:,}" if isinstance(value, int) else str(value)


def _inner(value: object) -> str:
    return f"({_words(value)})" if isinstance(value, Mapping | list) else _words(value)
