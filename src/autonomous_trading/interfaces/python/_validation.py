"""The result of a validation, as a person sees it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple, final

from autonomous_trading.adapters import write_text_atomic
from autonomous_trading.app import Evaluator
from autonomous_trading.app.evidence import Evidence, ValidationPlan
from autonomous_trading.core import BarWarning, ParameterSet
from autonomous_trading.interfaces.python._checks import file_path
from autonomous_trading.interfaces.python._holdout import EarlierLooks
from autonomous_trading.interfaces.python._provenance import finite, market_name, span_facts, span_words
from autonomous_trading.interfaces.python._study import Study, Sweep
from autonomous_trading.interfaces.python._validation_data import evidence_data, record_data
from autonomous_trading.interfaces.python._validation_words import Part, page_text, parts_of, samples_of
from autonomous_trading.validation import RULES, Decision, Judgement, Outcome, RuleFinding


class HoldoutState(NamedTuple):
    """The bars kept out of the search: which rows, whether they were opened, and who had seen them before.

    `asked`: False where they were to stay closed. `earlier` is None where nothing is recorded, so nobody knows.
    """

    span: tuple[int, int] | None
    opened: bool
    asked: bool
    earlier: EarlierLooks | None


@final
@dataclass(frozen=True, repr=False)
class Validation:
    """Whether the best set of a search is real: what was tried, what speaks for it, what against it, and a decision.

    `study` is the search on the development bars, `evidence` every number behind the decision.
    """

    study: Study
    sweep: Sweep
    evidence: Evidence
    plan: ValidationPlan
    holdout: HoldoutState
    seconds: float

    def __repr__(self) -> str:
        """The decision, and on what: Validation(ma_cross, 200 sets: reject)."""
        return f"Validation({self.strategy}, {self.study.n_trials:,} sets: {self.decision})"

    @property
    def strategy(self) -> str:
        """Name of the strategy."""
        return self.evaluator.strategy.name

    @property
    def evaluator(self) -> Evaluator:
        """The market, the rules and the strategy."""
        return self.sweep.evaluator

    @property
    def parameters(self) -> ParameterSet:
        """The set that was judged: the best of the search."""
        return self.evidence.parameters

    @property
    def judgement(self) -> Judgement:
        """The decision and the finding of every rule."""
        return self.evidence.judgement

    @property
    def decision(self) -> Decision:
        """ "reject", "not enough evidence" or "worth paper trading"."""
        return self.judgement.decision

    @property
    def findings(self) -> tuple[RuleFinding, ...]:
        """What every rule found, in order."""
        return self.judgement.findings

    @property
    def words(self) -> str:
        """The decision and its reasons in a sentence, with how much more data would tell."""
        return f"{self.decision}: {self.judgement.words}{self._how_much_more}"

    @property
    def headline(self) -> str:
        """The decision, how many rules speak for it, and how much more data would tell."""
        counts = {each: len(self.judgement.of(each)) for each in Outcome}
        said = ", ".join(f"{count} {outcome}" for outcome, count in counts.items() if count)
        return f"{self.decision}: of {len(self.findings)} rules {said}{self._how_much_more}"

    @property
    def _how_much_more(self) -> str:
        if self.decision is not Decision.MORE:
            return ""
        years = self.evidence.years_needed
        if years <= 0.0 or years == float("inf"):
            return ""
        length = f"{12.0 * years:.0f} months" if years < 2.0 else f"{years:,.0f} years"
        return f"; about {length} more out of sample would decide what is undecided for lack of them"

    @property
    def samples(self) -> dict[str, dict[str, float]]:
        """Metrics by sample: in sample, walked forward, on the hold-out where it was opened, and holding beside."""
        return samples_of(self.evidence)

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """The page in parts: a title and a few lines each."""
        return parts_of(self)

    @property
    def how_searched(self) -> str:
        """How many sets, by which method, on which bars."""
        span = span_words(self.evaluator.market, self.sweep.in_sample)
        count = self.study.n_trials
        return f"{count:,} {'set' if count == 1 else 'sets'} by {self.study.method} search on {span}"

    @property
    def holdout_words(self) -> str:
        """What became of the bars that nobody was to see before the end."""
        state, record = self.holdout, self.evidence.holdout
        bars = "no bars" if state.span is None else span_words(self.evaluator.market, state.span)
        if record is None:
            why = "for it could not make the answer better" if state.asked else "as asked"
            return f"hold-out, {bars}: stays closed, {why}"
        seen = ""
        if state.earlier is not None and state.earlier.jobs:
            seen = (
                f"; seen before by {'job' if len(state.earlier.jobs) == 1 else 'jobs'} {', '.join(state.earlier.jobs)}"
            )
        if state.earlier is not None and state.earlier.others:
            count = state.earlier.others
            seen += f"; {count} {'job' if count == 1 else 'jobs'} of other strategies had seen it"
        return (
            f"hold-out, {bars}: Sharpe ratio {record.traded.estimate:.2f}, beyond the market"
            f" {record.beyond.estimate:.2f}{seen}"
        )

    def summary(self) -> str:
        """One page in plain words: what was tried, what it earned where, corrected, fragile where, and the decision."""
        return page_text(self)

    @property
    def market(self) -> str:
        """What a person calls the market."""
        return market_name(self.evaluator.market)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What had to be assumed to read the data, and what is suspicious about it or the best set, a sentence each."""
        return self.study.warnings

    @property
    def objective(self) -> str:
        """What the best set was chosen by."""
        return self.study.objectives[0]

    @property
    def data_warnings(self) -> tuple[BarWarning, ...]:
        """What is suspicious about the bars."""
        return self.evaluator.market.warnings

    @property
    def provenance(self) -> dict[str, object]:
        """What a repetition needs."""
        return self.study.provenance

    @property
    def judgement_facts(self) -> dict[str, object]:
        """What the ledger keeps: the set, the decision, and the outcome of every rule."""
        return {
            "parameters": dict(self.parameters),
            "decision": self.decision.value,
            "words": self.judgement.words,
            "rules": {finding.rule: finding.outcome.value for finding in self.findings},
            "holdout_opened": self.holdout.opened,
        }

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON: decision, words, rules, tried, corrected, samples, fragility, holdout, provenance.

        None stands for what is no finite number.
        """
        market, span = self.evaluator.market, self.holdout.span
        return dict(
            finite(
                {
                    "strategy": self.strategy,
                    "parameters": dict(self.parameters),
                    "decision": self.decision.value,
                    "words": self.words,
                    "rules": [
                        {
                            **finding._asdict(),
                            "question": RULES[finding.rule].question,
                            "passes": RULES[finding.rule].passes,
                            "fails": RULES[finding.rule].fails,
                            "source": RULES[finding.rule].source,
                        }
                        for finding in self.findings
                    ],
                    **evidence_data(self.evidence),
                    "holdout": {
                        "bars": None if span is None else span_facts(market, span),
                        "opened": self.holdout.opened,
                        "record": None if self.evidence.holdout is None else record_data(self.evidence.holdout),
                        "earlier_looks": None if self.holdout.earlier is None else list(self.holdout.earlier.jobs),
                        "looks_of_other_strategies": None
                        if self.holdout.earlier is None
                        else self.holdout.earlier.others,
                    },
                    "seconds": self.seconds,
                    "warnings": list(self.warnings),
                    "provenance": self.study.provenance,
                    "ledger": None if self.study.recording is None else asdict(self.study.recording),
                }
            )
        )

    def report(self, path: str | Path) -> Path:
        """Write one self-contained HTML file and get its path."""
        from autonomous_trading.interfaces.python._validation_report import report_of_validation
        from autonomous_trading.interfaces.report import render_report

        return write_text_atomic(file_path(path), render_report(report_of_validation(self)))
