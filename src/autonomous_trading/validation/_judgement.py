"""Reject, not enough evidence, or worth paper trading: what figures say, by rules that are written down.

Every rule asks one question and answers *passed*, *undecided* or *failed*. One that failed is evidence against, and the
answer is *reject*; otherwise one that is undecided makes it *not enough evidence*; where all passed it is *worth paper
trading*, which is not worth money yet.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple, final

from autonomous_trading.validation._figures import Figures, Outcome
from autonomous_trading.validation._rules import RULES

_OPEN_TO_HOLDOUT: Final = ("sample", "out_of_sample", "holdout")


class Decision(StrEnum):
    """The three things that can be said."""

    REJECT = "reject"
    MORE = "not enough evidence"
    PAPER = "worth paper trading"


class RuleFinding(NamedTuple):
    """The answer of one rule."""

    rule: str
    outcome: Outcome
    words: str


@final
@dataclass(frozen=True, slots=True)
class Judgement:
    """A decision, the reason in one sentence, and the finding of every rule in order."""

    decision: Decision
    words: str
    findings: tuple[RuleFinding, ...]

    def of(self, outcome: Outcome) -> tuple[RuleFinding, ...]:
        """The findings with this outcome: "passed", "undecided" or "failed"."""
        return tuple(finding for finding in self.findings if finding.outcome == outcome)


def judged(figures: Figures) -> Judgement:
    """The decision that follows from the figures, rule by rule.

    The same figures always give the same decision: nothing else is looked at.
    """
    findings = tuple(RuleFinding(name, *rule.answer(figures)) for name, rule in RULES.items())
    for decision, outcome in ((Decision.REJECT, Outcome.FAILED), (Decision.MORE, Outcome.UNDECIDED)):
        deciding = [finding.words for finding in findings if finding.outcome is outcome]
        if deciding:
            return Judgement(decision, "; ".join(deciding), findings)
    return Judgement(Decision.PAPER, "every rule passed", findings)


def may_still_pass(figures: Figures) -> bool:
    """Whether a hold-out could complete the evidence: every rule that it cannot change has passed, and none failed.

    Only then is it worth what looking costs. More bars out of sample can decide `sample` and `out_of_sample`.
    """
    return all(
        finding.outcome is Outcome.PASSED or (finding.outcome is Outcome.UNDECIDED and finding.rule in _OPEN_TO_HOLDOUT)
        for finding in judged(figures).findings
    )
