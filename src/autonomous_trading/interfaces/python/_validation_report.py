"""What a report shows of a validation: the decision, the account out of sample, and where the set breaks."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Protocol

from autonomous_trading.app import Evaluator
from autonomous_trading.app.evidence import Evidence
from autonomous_trading.core import BarWarning, direction
from autonomous_trading.interfaces import report
from autonomous_trading.interfaces.python._report_market import (
    equity_of,
    folds_of,
    names_of,
    parameters_words,
    trades_of,
    warnings_of,
)
from autonomous_trading.interfaces.python._report_sensitivity import report_of_sensitivity
from autonomous_trading.interfaces.python._report_words import provenance_of
from autonomous_trading.interfaces.python._stress import stress_facts
from autonomous_trading.interfaces.python._validation_words import Part
from autonomous_trading.validation import RULES, Decision, Judgement, Outcome, SelectionEvidence

_TONES: Mapping[Decision, Any] = {Decision.PAPER: "good", Decision.MORE: "caution", Decision.REJECT: "bad"}
_PASSED: Mapping[Outcome, bool | None] = {Outcome.PASSED: True, Outcome.UNDECIDED: None, Outcome.FAILED: False}


class ValidationFacts(Protocol):
    """What the report needs to know of a validation."""

    @property
    def evidence(self) -> Evidence:
        """Every number."""
        ...

    @property
    def evaluator(self) -> Evaluator:
        """The market and the rules."""
        ...

    @property
    def judgement(self) -> Judgement:
        """The decision and its findings."""
        ...

    @property
    def headline(self) -> str:
        """The decision in a line."""
        ...

    @property
    def parts(self) -> tuple[Part, ...]:
        """The page in parts."""
        ...

    @property
    def objective(self) -> str:
        """What the best set was chosen by."""
        ...

    @property
    def provenance(self) -> Mapping[str, object]:
        """What a repetition needs."""
        ...

    @property
    def data_warnings(self) -> tuple[BarWarning, ...]:
        """What is suspicious about the bars."""
        ...


def report_of_validation(found: ValidationFacts) -> report.ReportContent:
    """The report of a validation: decision and rules first, then the evidence, then the account out of sample."""
    evidence, market = found.evidence, found.evaluator.market
    walk, record = evidence.walk_forward, evidence.out_of_sample
    sensitivity = evidence.sensitivity
    return report.ReportContent(
        title=f"{found.evaluator.strategy.name} on {names_of(market)}: {found.judgement.decision}",
        subtitle=f"best of {evidence.choice.traded.n_sets:,} sets: {parameters_words(evidence.parameters)}",
        verdict=_verdict(found),
        warnings=warnings_of(found.data_warnings),
        metrics=_columns(evidence),
        trades=trades_of(market, record.performance),
        equity=equity_of(market, record.performance, record.benchmark, found.evaluator.rules),
        walk_forward=report.WalkForward(
            objective=report.Objective(found.objective, direction(found.objective)),
            folds=folds_of(market, walk.folds, found.objective),
        ),
        sensitivity=None if sensitivity is None else report_of_sensitivity(sensitivity),
        stress=stress_facts(evidence.stress, market),
        evidence=report.Validation(
            parts=tuple(report.EvidencePart(title=part.title, lines=part.lines) for part in found.parts[:-1]),
            overfitting=_overfitting(evidence.choice.traded, evidence.choice.periods_per_year),
        ),
        provenance=provenance_of(found.provenance, evidence.choice.traded.n_sets),
    )


def _verdict(found: ValidationFacts) -> report.Verdict:
    findings = found.judgement.findings
    passed = len(found.judgement.of(Outcome.PASSED))
    return report.Verdict(
        headline=found.headline[:1].upper() + found.headline[1:],
        passes=f"{passed} of {len(findings)} rules passed",
        tone=_TONES[found.judgement.decision],
        checks=tuple(
            report.Check(
                name=RULES[finding.rule].question,
                passed=_PASSED[finding.outcome],
                detail=f"{finding.words}. To pass: {RULES[finding.rule].passes} ({RULES[finding.rule].source})",
            )
            for finding in findings
        ),
    )


def _columns(found: Evidence) -> tuple[report.MetricColumn, ...]:
    record, holdout = found.out_of_sample, found.holdout
    columns = [
        report.MetricColumn(
            label="Walked forward",
            role="out_of_sample",
            values=record.performance.metrics,
            note="chosen on the past of every window",
        ),
        report.MetricColumn(
            label="In sample",
            role="in_sample",
            values=found.in_sample.metrics,
            note="the chosen set, where it was chosen",
        ),
    ]
    if holdout is not None:
        columns.append(
            report.MetricColumn(label="Hold-out", role="whole", values=holdout.performance.metrics, note="opened once")
        )
    columns.append(
        report.MetricColumn(label="Buy and hold, walked forward", role="benchmark", values=record.benchmark.metrics)
    )
    return tuple(columns)


def _overfitting(found: SelectionEvidence, per_year: float) -> report.OverfittingChart | None:
    overfitting, root = found.overfitting, math.sqrt(per_year)
    if overfitting is None:
        return None
    return report.OverfittingChart(
        label="as traded",
        logits=overfitting.logits,
        in_sample=overfitting.in_sample * root,
        out_of_sample=overfitting.out_of_sample * root,
        probability=overfitting.pbo,
        loss=overfitting.probability_of_loss,
        slope=overfitting.degradation.slope,
    )
