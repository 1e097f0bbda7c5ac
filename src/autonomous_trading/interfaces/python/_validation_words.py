"""A validation as one page in plain words: the same parts for a terminal, a text and a report."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple, Protocol

from autonomous_trading.app.evidence import Evidence
from autonomous_trading.core import ParameterSet
from autonomous_trading.interfaces.python._result import named
from autonomous_trading.interfaces.python._summary import summary_text
from autonomous_trading.validation import Decision, RuleFinding, SelectionEvidence, WalkForwardDesign

_MARKS = {"passed": "+", "undecided": "?", "failed": "-"}


class Part(NamedTuple):
    """A title and a few lines."""

    title: str
    lines: tuple[str, ...]


class ValidationFacts(Protocol):
    """What the page needs to know of a validation."""

    @property
    def evidence(self) -> Evidence: ...
    @property
    def strategy(self) -> str: ...
    @property
    def market(self) -> str: ...
    @property
    def headline(self) -> str: ...
    @property
    def parameters(self) -> ParameterSet: ...
    @property
    def findings(self) -> tuple[RuleFinding, ...]: ...
    @property
    def parts(self) -> tuple[Part, ...]: ...
    @property
    def how_searched(self) -> str: ...
    @property
    def holdout_words(self) -> str: ...


def samples_of(found: Evidence) -> dict[str, dict[str, float]]:
    """The metrics side by side: chosen in sample, walked forward, on the hold-out, and holding over the same bars."""
    record, holdout = found.out_of_sample, found.holdout
    samples = {
        "in sample": found.in_sample.metrics,
        "walked forward": record.performance.metrics,
        "hold-out": None if holdout is None else holdout.performance.metrics,
        "hold (in)": found.held.metrics,
        "hold (walked)": record.benchmark.metrics,
        "hold (out)": None if holdout is None else holdout.benchmark.metrics,
    }
    return {name: values for name, values in samples.items() if values is not None}


def page_text(validation: ValidationFacts) -> str:
    """The whole page."""
    heading = [f"{validation.strategy} on {validation.market}", validation.headline, ""]
    heading += [named("Best set:", validation.parameters)]
    parts = [line for part in validation.parts for line in ("", part.title, *(f"  {line}" for line in part.lines))]
    return summary_text(heading, samples_of(validation.evidence), parts[1:])


def parts_of(validation: ValidationFacts) -> tuple[Part, ...]:
    """The parts of the page, in the order in which a sceptic asks."""
    found = validation.evidence
    parts = (
        Part("What was tried", tuple(_tried(validation))),
        Part("What is left after correcting for that", tuple(_corrected(found))),
        Part("Afterwards", tuple(_afterwards(validation))),
        Part("What else could have happened", tuple(_paths(found))),
        Part("Where it breaks", tuple(_fragile(found))),
        Part("The rules: + passed, ? undecided, - failed", tuple(_rules(validation.findings))),
    )
    return tuple(part for part in parts if part.lines)


def _tried(validation: ValidationFacts) -> Iterator[str]:
    found, traded = validation.evidence, validation.evidence.choice.traded
    yield validation.how_searched
    if found.n_trials > traded.n_sets:
        yield f"{found.n_trials:,} in the whole life of the project; all of them count"
    if traded.n_sets > 1:
        ones = "one" if traded.n_effective == 1 else f"{traded.n_effective:,} different ones"
        yield f"that is like {ones}: sets that do the same on the same days are one idea"
    if found.choice.periods.bars > 1:
        yield (
            f"for what follows, returns are put together to periods of {found.choice.periods.bars} bars, so that Sharpe"
            " ratios differ a little from those above"
        )
    if found.learned:
        yield (
            "the method learned from these bars, so what follows about choosing among its sets is kinder than it should"
            " be; every window of the walk-forward was searched anew"
        )
    yield f"{found.evaluated:,} runs more only looked at the chosen set; none of them was a candidate"


def _corrected(found: Evidence) -> Iterator[str]:
    root = math.sqrt(found.choice.periods_per_year)
    for name, each in (("as traded", found.choice.traded), ("beyond the market", found.choice.beyond)):
        if math.isnan(each.moments.sharpe):
            yield f"{name}: nothing is left" + (", for it only follows the market" if name != "as traded" else "")
            continue
        yield (
            f"{name}: Sharpe ratio {_number(each.moments.sharpe * root)} in sample; luck alone shows"
            f" {_number(each.luck_effective * root)} ({_number(each.luck * root)} by the raw count)"
        )
        sets = "1 set" if each.n_effective == 1 else f"{each.n_effective:,} different sets"
        yield f"  deflated Sharpe ratio {_share(each.dsr_effective)} by {sets}, {_share(each.dsr)} by {each.n_trials:,}"
        yield from (f"  {line}" for line in _choosing(each, root))


def _choosing(found: SelectionEvidence, root: float) -> Iterator[str]:
    if found.haircut is not None:
        yield f"haircut for so many tests: {found.haircut.haircut:.0%}, {_number(found.haircut.sharpe * root)} is left"
    if found.ability is not None:
        hansen, white = (_p_value(each) for each in (found.ability.consistent, found.ability.reality_check))
        yield f"superior ability: p-value {hansen}, reality check {white}"
    if found.overfitting is not None:
        overfitting = found.overfitting
        yield (
            f"probability of overfitting {_number(overfitting.pbo)}; the best of one half lost in"
            f" {overfitting.probability_of_loss:.0%} of the others; slope {_number(overfitting.degradation.slope)}"
        )
    if found.choice is not None:
        sharpes = found.choice.path_sharpes * root
        known = sharpes[sharpes == sharpes]
        if len(known):
            yield (
                f"combinatorial paths: Sharpe ratio {known.min():.2f} to {known.max():.2f} on {len(known)} histories"
            )


def _afterwards(validation: ValidationFacts) -> Iterator[str]:
    found, record = validation.evidence, validation.evidence.out_of_sample
    yield (
        f"walked forward through {len(found.walk_forward.folds):,} windows: Sharpe ratio"
        f" {_number(record.traded.estimate)} ({_number(record.traded.lower)} to {_number(record.traded.upper)}),"
        f" beyond the market {_number(record.beyond.estimate)}"
        f" ({_number(record.beyond.lower)} to {_number(record.beyond.upper)}), intervals of 90 %"
    )
    against = record.against_holding
    if against.p_value == against.p_value:
        yield (
            f"that is {abs(against.difference):.2f} {'more' if against.difference >= 0.0 else 'less'} than holding had,"
            f" p-value {_p_value(against.p_value)} that the two are equal"
        )
    if found.choice.design is not None:
        yield _design(found.choice.design, math.sqrt(found.choice.periods_per_year))
    yield validation.holdout_words
    if record.upper.lowest() < 0.0:
        yield "that is below zero, and not by accident"
    elif found.years_needed > 0.0 and found.judgement.decision is Decision.MORE:
        years = found.years_needed
        yield (
            "no amount of data like this would decide it"
            if math.isinf(years)
            else f"about {years:,.1f} years more out of sample would decide what is undecided for lack of them"
        )


def _design(found: WalkForwardDesign, root: float) -> str:
    low, high = found.range
    known = int((found.windows > 0).sum())
    own = ""
    if found.own_percentile == found.own_percentile:
        place = "apart from all of them" if found.own_is_outlier else f"above {found.own_percentile:.0%} of them"
        own = f"; the windows used here lie {place}"
    return (
        f"with {known} other lengths of windows: Sharpe ratio {_number(found.median * root)} in the middle"
        f" ({_number(low * root)} to {_number(high * root)}), above zero in {found.share_above_zero:.0%}{own}"
    )


def _paths(found: Evidence) -> Iterator[str]:
    paths = found.stress.paths.bootstrapped
    if paths is not None:
        drawdowns = paths.quantiles("max_drawdown", (0.05, 0.5, 0.95))
        low, middle, high = drawdowns.values()
        yield (
            f"{len(paths):,} histories of its own returns in blocks: a loss in {paths.chance_of_loss():.0%}, drawdown"
            f" {middle:.0%} ({low:.0%} to {high:.0%}), half of the money lost once in {paths.chance_of_ruin(0.5):.1%}"
        )
    for market in found.stress.markets:
        if market.problem:
            yield f"{market.model}: {market.problem}"
        else:
            sharpe = market.strategy.quantiles("sharpe_ratio", (0.05, 0.5, 0.95))
            low, middle, high = sharpe.values()
            yield (
                f"{market.model}: Sharpe ratio {middle:.2f} ({low:.2f} to {high:.2f}) on {len(market.strategy):,}"
                f" invented histories; {market.keeps}"
            )


def _fragile(found: Evidence) -> Iterator[str]:
    yield found.stress.costs.words
    delays = found.stress.delays
    values = ", ".join(
        f"{_number(value)} after {delay}"
        for delay, value in zip(delays.delays, delays.metrics["sharpe_ratio"], strict=True)
    )
    yield f"Sharpe ratio by bars of delay: {values}"
    yield f"the same trades at random times do as well with p-value {_p_value(found.figures.random_entry)}"
    if found.sensitivity is not None:
        near = found.sensitivity.neighbourhood
        fragile = ", ".join(found.sensitivity.fragile) or "none"
        metric = found.sensitivity.metric.replace("_", " ")
        yield (
            f"neighbouring sets keep {_percent(near.plateau_score)} of its {metric}, the worst has"
            f" {_number(near.worst)}; parameters that lose half when moved a little: {fragile}"
        )
    for finding in found.causality.leaks[:3]:
        yield str(finding)


def _rules(findings: tuple[RuleFinding, ...]) -> Iterator[str]:
    for finding in findings:
        yield f"{_MARKS[finding.outcome]} {finding.rule.replace('_', ' ')}: {finding.words}"


def _number(value: float) -> str:
    return "n/a" if math.isnan(value) else f"{value:.2f}"


def _p_value(value: float) -> str:
    """Three digits: a bootstrap of a thousand histories knows no more."""
    return "n/a" if math.isnan(value) else "below 0.001" if value < 0.0005 else f"{value:.3f}"


def _share(value: float) -> str:
    """A probability, cut and not rounded: 0.9496 must not read 0.95 beside a threshold of 0.95."""
    return "n/a" if math.isnan(value) else f"{math.floor(value * 100.0) / 100.0:.2f}"


def _percent(value: float) -> str:
    return "n/a" if math.isnan(value) else f"{value:.0%}"
