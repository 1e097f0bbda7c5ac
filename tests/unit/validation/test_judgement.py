"""The rules: what passes, what is undecided and what fails each of them, and the decision that follows."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autonomous_trading.validation import (
    RULES,
    Decision,
    Figures,
    HoldoutFigures,
    Outcome,
    Pair,
    judged,
    may_still_pass,
)

GOOD = Figures(
    clean=True,
    trades=200,
    periods=1_000,
    out_of_sample=Pair(1.2, 1.0),
    out_of_sample_lower=Pair(0.6, 0.4),
    out_of_sample_upper=Pair(1.8, 1.6),
    dsr_effective=Pair(0.99, 0.97),
    ability=Pair(0.01, 0.02),
    pbo=Pair(0.1, 0.2),
    losing=Pair(0.0, 0.01),
    random_entry=0.01,
    costs_on=True,
    break_even=4.0,
    delayed=1.0,
    plateau=0.9,
    learned=False,
    holdout=HoldoutFigures(Pair(0.8, 0.5), Pair(0.3, 0.3), fresh=True),
)
NAN = Pair(math.nan, math.nan)
OPENED = HoldoutFigures(Pair(0.8, 0.5), Pair(0.3, 0.3), fresh=False)
SHUT_OUT = HoldoutFigures(Pair(-0.9, 0.5), Pair(0.01, 0.3), fresh=True)
STALE_AND_BAD = HoldoutFigures(Pair(-0.9, 0.5), Pair(0.01, 0.3), fresh=False)
WEAK = HoldoutFigures(Pair(0.3, -0.1), Pair(0.2, 0.1), fresh=True)

CASES: tuple[tuple[str, Figures, Outcome], ...] = (
    ("look_ahead", replace(GOOD, clean=False), Outcome.FAILED),
    ("look_ahead", replace(GOOD, clean=None), Outcome.UNDECIDED),
    ("sample", replace(GOOD, trades=29), Outcome.UNDECIDED),
    ("sample", replace(GOOD, trades=1), Outcome.UNDECIDED),
    ("sample", replace(GOOD, periods=59), Outcome.UNDECIDED),
    ("out_of_sample", replace(GOOD, out_of_sample_lower=Pair(0.6, 0.0)), Outcome.UNDECIDED),
    ("out_of_sample", replace(GOOD, out_of_sample_lower=NAN), Outcome.UNDECIDED),
    (
        "out_of_sample",
        replace(GOOD, out_of_sample=Pair(0.1, -0.2), out_of_sample_lower=Pair(-1.0, -1.2)),
        Outcome.UNDECIDED,
    ),
    (
        "out_of_sample",
        replace(GOOD, out_of_sample_lower=Pair(-0.6, -0.4), out_of_sample_upper=Pair(0.6, 0.49)),
        Outcome.FAILED,
    ),
    (
        "out_of_sample",
        replace(GOOD, out_of_sample=Pair(0.4, 0.0), out_of_sample_lower=Pair(0.1, math.nan), out_of_sample_upper=NAN),
        Outcome.FAILED,
    ),
    ("luck", replace(GOOD, dsr_effective=Pair(0.99, 0.9499)), Outcome.UNDECIDED),
    ("luck", replace(GOOD, dsr_effective=NAN), Outcome.UNDECIDED),
    ("data_snooping", replace(GOOD, ability=Pair(0.051, 0.01)), Outcome.UNDECIDED),
    ("data_snooping", replace(GOOD, ability=NAN), Outcome.UNDECIDED),
    ("overfitting", replace(GOOD, losing=Pair(0.01, 0.16)), Outcome.UNDECIDED),
    ("overfitting", replace(GOOD, losing=NAN), Outcome.UNDECIDED),
    ("overfitting", replace(GOOD, pbo=Pair(0.9, 0.2), losing=Pair(0.4, 0.1)), Outcome.UNDECIDED),
    ("overfitting", replace(GOOD, pbo=Pair(0.5, 0.9), losing=Pair(0.5, 0.94)), Outcome.UNDECIDED),
    ("overfitting", replace(GOOD, losing=Pair(0.0, 0.95)), Outcome.FAILED),
    ("random_entry", replace(GOOD, random_entry=0.06), Outcome.UNDECIDED),
    ("random_entry", replace(GOOD, random_entry=0.5), Outcome.FAILED),
    ("costs", replace(GOOD, costs_on=False), Outcome.UNDECIDED),
    ("costs", replace(GOOD, break_even=1.99), Outcome.FAILED),
    ("delay", replace(GOOD, delayed=0.0), Outcome.FAILED),
    ("delay", replace(GOOD, delayed=math.nan), Outcome.UNDECIDED),
    ("plateau", replace(GOOD, plateau=0.49), Outcome.UNDECIDED),
    ("plateau", replace(GOOD, plateau=0.0), Outcome.FAILED),
    ("plateau", replace(GOOD, plateau=math.nan), Outcome.UNDECIDED),
    ("holdout", replace(GOOD, holdout=None), Outcome.UNDECIDED),
    ("holdout", replace(GOOD, holdout=OPENED), Outcome.UNDECIDED),
    ("holdout", replace(GOOD, holdout=WEAK), Outcome.UNDECIDED),
    ("holdout", replace(GOOD, holdout=SHUT_OUT), Outcome.FAILED),
    ("holdout", replace(GOOD, holdout=STALE_AND_BAD), Outcome.FAILED),
)
DECISIONS = {Outcome.FAILED: Decision.REJECT, Outcome.UNDECIDED: Decision.MORE}


def test_everything_good_is_worth_paper_trading() -> None:
    found = judged(GOOD)
    assert found.decision is Decision.PAPER
    assert [finding.rule for finding in found.of(Outcome.PASSED)] == list(RULES)
    assert found.words == "every rule passed"


@pytest.mark.parametrize(("rule", "figures", "outcome"), CASES)
def test_one_rule_alone_decides(rule: str, figures: Figures, outcome: Outcome) -> None:
    found = judged(figures)
    assert [(finding.rule, finding.outcome) for finding in found.findings if finding.outcome is not Outcome.PASSED] == [
        (rule, outcome)
    ]
    assert found.decision is DECISIONS[outcome]
    assert found.words == next(finding.words for finding in found.findings if finding.rule == rule)


def test_every_rule_has_a_case_that_does_not_pass() -> None:
    assert {rule for rule, _, _ in CASES} == set(RULES)


def test_failing_outweighs_undecided_and_all_reasons_are_given() -> None:
    found = judged(replace(GOOD, trades=5, delayed=-0.2, break_even=0.5))
    assert found.decision is Decision.REJECT
    assert found.words == "costs of 0.50 times those assumed kill it; Sharpe ratio -0.20 a bar later"


def test_words_never_round_across_a_bound() -> None:
    assert "0.94" in judged(replace(GOOD, dsr_effective=Pair(0.9499, 0.99))).words
    assert judged(replace(GOOD, break_even=math.inf)).findings[7].words == "no costs would kill it"


@given(st.floats(-2.0, 2.0), st.floats(-2.0, 2.0), st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_a_better_figure_never_makes_the_decision_worse(lower: float, more: float, dsr: float, p_value: float) -> None:
    order = [Decision.REJECT, Decision.MORE, Decision.PAPER]
    worse = replace(
        GOOD,
        out_of_sample=Pair(lower + 0.1, lower + 0.1),
        out_of_sample_lower=Pair(lower, lower),
        dsr_effective=Pair(dsr, dsr),
        ability=Pair(p_value, p_value),
    )
    better = replace(
        worse,
        out_of_sample=Pair(lower + 0.1 + abs(more), lower + 0.1 + abs(more)),
        out_of_sample_lower=Pair(lower + abs(more), lower + abs(more)),
        dsr_effective=Pair(min(1.0, dsr + 0.1), min(1.0, dsr + 0.1)),
        ability=Pair(p_value / 2.0, p_value / 2.0),
    )
    assert order.index(judged(better).decision) >= order.index(judged(worse).decision)


def test_the_worse_of_a_pair_counts_and_nothing_known_is_nothing() -> None:
    assert (Pair(1.0, 2.0).lowest(), Pair(1.0, 2.0).highest()) == (1.0, 2.0)
    assert math.isnan(Pair(math.nan, 1.0).lowest())
    assert math.isnan(Pair(1.0, math.nan).highest())


def test_of_two_kinds_of_returns_the_words_are_those_of_the_worse() -> None:
    found = judged(replace(GOOD, pbo=Pair(0.7, 0.1), losing=Pair(0.02, 0.3))).findings[5]
    assert found.words == "the best of one half lost in 30% of the others, probability of overfitting 0.10"
    plateau = judged(replace(GOOD, pbo=Pair(0.7, 0.6), losing=Pair(0.02, 0.03))).findings[5]
    assert plateau.outcome is Outcome.PASSED
    assert plateau.words.endswith("choosing among them is worth nothing, for any of them earns")


@pytest.mark.parametrize(
    ("figures", "worth"),
    [
        (replace(GOOD, holdout=None), True),
        (replace(GOOD, holdout=None, trades=3, out_of_sample_lower=Pair(-0.1, -0.2)), True),
        (replace(GOOD, holdout=None, ability=Pair(0.2, 0.2)), False),
        (replace(GOOD, holdout=None, delayed=-0.1), False),
        (
            replace(GOOD, holdout=None, out_of_sample_lower=Pair(-0.5, -0.6), out_of_sample_upper=Pair(0.4, 0.3)),
            False,
        ),
    ],
)
def test_a_holdout_is_worth_opening_where_it_could_complete_the_evidence(figures: Figures, worth: bool) -> None:
    assert may_still_pass(figures) is worth


def test_what_a_method_that_learned_chose_is_not_told_from_luck_by_its_own_sets() -> None:
    found = judged(replace(GOOD, learned=True, ability=NAN, losing=NAN))
    assert [finding.rule for finding in found.of(Outcome.UNDECIDED)] == ["data_snooping", "overfitting"]
    assert "search with random or grid" in found.words
    assert not may_still_pass(replace(GOOD, learned=True, ability=NAN, losing=NAN, holdout=None))


def test_without_numbers_there_are_no_neighbours_to_ask() -> None:
    finding = judged(replace(GOOD, plateau=None)).findings[9]
    assert (finding.rule, finding.outcome, finding.words) == ("plateau", Outcome.PASSED, "there are no numbers to move")


def test_a_bound_is_said_of_the_figure_it_belongs_to() -> None:
    beyond = judged(replace(GOOD, out_of_sample_lower=Pair(0.3, -0.2))).words
    traded = judged(replace(GOOD, out_of_sample_lower=Pair(-0.31, 0.32))).words
    joined = "Sharpe ratio 1.20 walked forward and on the hold-out, 1.00 beyond the market"
    assert beyond == f"{joined} (beyond it it may be -0.20)"
    assert traded == f"{joined} (as traded it may be -0.31)"


def test_findings_can_be_asked_for_by_text() -> None:
    assert [finding.rule for finding in judged(replace(GOOD, delayed=-1.0)).of(Outcome("failed"))] == ["delay"]


@pytest.mark.parametrize("name", RULES)
def test_every_rule_says_when_it_passes_and_where_that_comes_from(name: str) -> None:
    rule = RULES[name]
    assert rule.question.endswith("?")
    assert all((rule.passes, rule.fails, rule.source))


@pytest.mark.parametrize(
    ("rule", "figures", "said"),
    [
        ("luck", replace(GOOD, dsr_effective=Pair(0.9496, 0.99)), "0.94"),
        ("data_snooping", replace(GOOD, ability=Pair(0.01, 0.0504)), "p-value 0.051"),
        ("random_entry", replace(GOOD, random_entry=0.0504), "p-value 0.051"),
        ("overfitting", replace(GOOD, losing=Pair(0.0, 0.152)), "lost in 16% of"),
        ("overfitting", replace(GOOD, losing=Pair(0.0, 0.948)), "lost in 94% of"),
        ("costs", replace(GOOD, break_even=1.996), "costs of 1.99 times"),
        ("plateau", replace(GOOD, plateau=0.497), "keep 49% of"),
    ],
)
def test_words_do_not_round_a_figure_to_the_bound_it_misses(rule: str, figures: Figures, said: str) -> None:
    (finding,) = (each for each in judged(figures).findings if each.rule == rule)
    assert finding.outcome is not Outcome.PASSED
    assert re.search(said, finding.words)
