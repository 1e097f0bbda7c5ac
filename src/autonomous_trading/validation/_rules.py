"""The rules of a judgement: what each asks, when it passes and when it fails, where that comes from.

Figures with a pair are those of the returns as traded and of what is left beyond the market; the worse one counts, so
that a rising market alone passes nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from autonomous_trading.validation._figures import Figures, Outcome, Pair

CONFIDENT: Final = 0.95
"""Probability from which luck is called unlikely, and one minus the p-value that passes."""
LEAST_TRADES: Final = 30
LEAST_PERIODS: Final = 60
MOST_LOSING: Final = 0.15
"""Share of the halves of history in which the best set of the other half may lose money.

A test of 5 % would allow 0.23, and this one has 1.3 %: so many of 300 searches of noise stayed at or below it.
"""
MOSTLY_LOST: Final = 0.95
"""Share of the halves from which losing is no accident."""
COINS: Final = 0.5
"""Probability of overfitting from which choosing is no better than tossing a coin."""
COSTS: Final = 2.0
"""Multiple of the assumed costs that a strategy has to bear."""
PLATEAU: Final = 0.5
"""Share of its Sharpe ratio that the neighbours of a set have to keep."""
HOLDOUT_ODDS: Final = 0.025
"""Probability of doing as badly on the hold-out, below which it contradicts what came before; there are two of them."""
WORTHWHILE: Final = 0.5
"""Annual Sharpe ratio that is worth trading for: about what holding an index has earned."""


_LEARNED: Final = "a method that learned from these bars chose the sets; search with random or grid to ask this"


class Answer(NamedTuple):
    """What a rule makes of the figures, in words."""

    outcome: Outcome
    words: str


class Rule(NamedTuple):
    """One rule: its question, when it passes and when it fails, where that comes from, and how it answers."""

    question: str
    passes: str
    fails: str
    source: str
    answer: Callable[[Figures], Answer]


def _three(passed: bool, failed: bool, words: str) -> Answer:
    outcome = Outcome.PASSED if passed else Outcome.FAILED if failed else Outcome.UNDECIDED
    return Answer(outcome, words)


def _number(value: float) -> str:
    return "not known" if math.isnan(value) else f"{value:.2f}"


def _cut(probability: float) -> str:
    """A probability that is not rounded up: neither to the bound it stays below, nor to certainty."""
    return "not known" if math.isnan(probability) else f"{math.floor(probability * 100.0) / 100.0:.2f}"


def _p_value(value: float) -> str:
    """Three digits, not rounded to the bounds that a p-value is held against."""
    if math.isnan(value):
        return "not known"
    shown = round(value, 3)
    for bound in (1.0 - CONFIDENT, COINS):
        shown += 0.001 if value > bound >= shown else -0.001 if value < bound <= shown else 0.0
    return "below 0.001" if value < 0.0005 else f"{shown:.3f}"


def _rounded(value: float, *bounds: float) -> float:
    """A number with two digits that rounding does not carry to a bound it does not reach; NaN stays NaN."""
    shown = round(value, 2)
    for bound in bounds:
        if value < bound <= shown:
            shown -= 0.01
        elif value > bound >= shown:
            shown += 0.01
    return shown


def _causality(figures: Figures) -> Answer:
    if figures.clean is None:
        return Answer(Outcome.UNDECIDED, "not looked at for look-ahead")
    words = "nothing changes when the future does" if figures.clean else "it sees the future"
    return _three(figures.clean, not figures.clean, words)


def _sample(figures: Figures) -> Answer:
    enough = figures.trades >= LEAST_TRADES and figures.periods >= LEAST_PERIODS
    trades = "1 trade" if figures.trades == 1 else f"{figures.trades:,} trades"
    words = f"{trades} in {figures.periods:,} periods out of sample"
    if not enough:
        words += f", {LEAST_TRADES} in {LEAST_PERIODS} are needed"
    return _three(enough, False, words)


def _out_of_sample(figures: Figures) -> Answer:
    estimates, lowers, uppers = figures.out_of_sample, figures.out_of_sample_lower, figures.out_of_sample_upper
    lower, upper = lowers.lowest(), uppers.lowest()
    where = (
        "walked forward and on the hold-out"
        if figures.holdout is not None and figures.holdout.fresh
        else "walked forward"
    )
    words = f"Sharpe ratio {_number(estimates.traded)} {where}, {_number(estimates.beyond)} beyond the market"
    if upper < WORTHWHILE:
        words += f" ({_worse_of(uppers)} at most {_number(_rounded(upper, WORTHWHILE))})"
    elif lower <= 0.0:
        words += f" ({_worse_of(lowers)} it may be {_number(_rounded(lower, 0.0))})"
    nothing = estimates.beyond == 0.0  # it only follows the market: there is nothing beyond it to wait for
    return _three(lower > 0.0, upper < WORTHWHILE or nothing, words)


def _worse_of(pair: Pair) -> str:
    return "as traded" if pair.traded <= pair.beyond else "beyond it"


def _luck(figures: Figures) -> Answer:
    dsr = figures.dsr_effective.lowest()
    return _three(dsr >= CONFIDENT, False, f"deflated Sharpe ratio {_cut(dsr)}")


def _data_snooping(figures: Figures) -> Answer:
    p_value = figures.ability.highest()
    if figures.learned:
        return Answer(Outcome.UNDECIDED, "data snooping not known: " + _LEARNED)
    words = f"p-value {_p_value(p_value)} that no tried set earns anything"
    return _three(p_value <= 1.0 - CONFIDENT, False, words)


def _overfitting(figures: Figures) -> Answer:
    if figures.learned:
        return Answer(Outcome.UNDECIDED, "overfitting not known: " + _LEARNED)
    kinds = [_overfitting_of(*each) for each in zip(figures.pbo, figures.losing, strict=True)]
    order = [Outcome.FAILED, Outcome.UNDECIDED, Outcome.PASSED]
    return min(kinds, key=lambda answer: order.index(answer.outcome))


def _overfitting_of(pbo: float, losing: float) -> Answer:
    if math.isnan(losing):
        return Answer(Outcome.UNDECIDED, "overfitting not known: nothing moved, or too little")
    share = f"{_rounded(losing, MOST_LOSING, MOSTLY_LOST):.0%}"
    words = f"the best of one half lost in {share} of the others"
    if not math.isnan(pbo):
        words += f", probability of overfitting {_number(pbo)}"
    passed = losing <= MOST_LOSING
    if passed and pbo >= COINS:
        words += ": choosing among them is worth nothing, for any of them earns"
    return _three(passed, losing >= MOSTLY_LOST, words)


def _random_entry(figures: Figures) -> Answer:
    p_value = figures.random_entry
    words = f"p-value {_p_value(p_value)} against the same trades at random times"
    return _three(p_value <= 1.0 - CONFIDENT, p_value >= COINS, words)


def _costs(figures: Figures) -> Answer:
    if not figures.costs_on:
        return Answer(Outcome.UNDECIDED, "no costs were assumed")
    times = figures.break_even
    shown = _number(_rounded(times, COSTS))
    words = "no costs would kill it" if times == math.inf else f"costs of {shown} times those assumed kill it"
    if times == 0.0:
        words = "it earns nothing even without costs"
    return _three(times >= COSTS, times < COSTS, words)


def _delay(figures: Figures) -> Answer:
    shown = _number(_rounded(figures.delayed, 0.0))
    return _three(figures.delayed > 0.0, figures.delayed <= 0.0, f"Sharpe ratio {shown} a bar later")


def _plateau(figures: Figures) -> Answer:
    kept = figures.plateau
    if kept is None:
        return Answer(Outcome.PASSED, "there are no numbers to move")
    shown = f"{_rounded(kept, PLATEAU):.0%}"
    words = (
        "neighbouring sets not known, or nothing to keep"
        if math.isnan(kept)
        else f"neighbouring sets keep {shown} of it"
    )
    return _three(kept >= PLATEAU, kept <= 0.0, words)


def _holdout(figures: Figures) -> Answer:
    found = figures.holdout
    if found is None:
        return Answer(Outcome.UNDECIDED, "the hold-out stays closed")
    words = (
        f"Sharpe ratio {_number(found.sharpe.traded)} on the hold-out, {_number(found.sharpe.beyond)} beyond the market"
    )
    failed = found.sharpe.lowest() <= 0.0 and found.odds.lowest() < HOLDOUT_ODDS
    if not found.fresh and not failed:
        return Answer(Outcome.UNDECIDED, f"{words}, but it had been opened before: only newer bars can tell")
    return _three(found.sharpe.lowest() > 0.0, failed, words)


RULES: Final[Mapping[str, Rule]] = MappingProxyType(
    {
        "look_ahead": Rule(
            "Does it use what was not known yet?",
            "no value changes when later bars are taken away or replaced",
            "one does",
            "Lopez de Prado (2018), chapter 11; every claim below rests on it",
            _causality,
        ),
        "sample": Rule(
            "Is there enough to look at?",
            f"at least {LEAST_TRADES} trades in {LEAST_PERIODS} periods, out of sample",
            "never: it takes time, not rejection",
            "a win rate of 30 trades is uncertain by 18 points (binomial)",
            _sample,
        ),
        "out_of_sample": Rule(
            "Did sets chosen on the past earn anything afterwards?",
            "the lower bound of the Sharpe ratio out of sample is above 0 (one-sided 95 %)",
            f"its upper bound is below {WORTHWHILE}, what holding an index earns, or nothing is left beyond the market",
            "Pardo (2008); interval: Ledoit and Wolf (2008)",
            _out_of_sample,
        ),
        "luck": Rule(
            "Is the best more than the best of so many lucky ones?",
            f"deflated Sharpe ratio of {CONFIDENT:.2f} or more, by all trials of a whole life and how alike they are",
            "never: what is compatible with luck may still be true",
            "Bailey and Lopez de Prado (2014)",
            _luck,
        ),
        "data_snooping": Rule(
            "Does any of the sets earn anything?",
            f"p-value of superior predictive ability of {1.0 - CONFIDENT:.2f} or less",
            "never: not found is not absent",
            "White (2000), Hansen (2005)",
            _data_snooping,
        ),
        "overfitting": Rule(
            "Is the best of one half any good in the other?",
            f"it loses in {MOST_LOSING:.0%} of the halves or fewer",
            f"it loses in {MOSTLY_LOST:.0%} of them or more",
            "Bailey, Borwein, Lopez de Prado and Zhu (2015): probability of loss; their ranks are shown beside it",
            _overfitting,
        ),
        "random_entry": Rule(
            "Do the times of its trades matter?",
            f"p-value of {1.0 - CONFIDENT:.2f} or less against as many trades, as long, at random times",
            f"{COINS:.0%} of the random ones did as well or better",
            "Chen and Navet (2007), lottery trading; Phipson and Smyth (2010)",
            _random_entry,
        ),
        "costs": Rule(
            "Would higher costs kill it?",
            f"something is left at {COSTS:g} times the assumed costs, which are not zero",
            "nothing is left there",
            "Bajgrowicz and Scaillet (2012); Barroso and Detzel (2021)",
            _costs,
        ),
        "delay": Rule(
            "Does it still work a bar later?",
            "the Sharpe ratio is above 0 when every order comes one bar later",
            "it is 0 or less",
            "Shu, Yu and Mulvey (2024) test delays; live orders are late",
            _delay,
        ),
        "plateau": Rule(
            "Does it depend on exact numbers?",
            f"the middle one of its neighbours keeps {PLATEAU:.0%} of its Sharpe ratio or more",
            "it keeps nothing",
            "Pardo (2008): choose plateaus, not peaks",
            _plateau,
        ),
        "holdout": Rule(
            "What did the bars say that nobody had seen?",
            "the Sharpe ratio is above 0 on a hold-out that is opened for the first time",
            f"it is not, and would be so low in fewer than {HOLDOUT_ODDS:.1%} of cases if all before were true",
            "Arnott, Harvey and Markowitz (2019), a backtesting protocol",
            _holdout,
        ),
    }
)
"""The rules by name, in the order in which they are asked."""
