"""What the rules of a judgement look at, and what each of them can say."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, final


class Outcome(StrEnum):
    """What a rule says."""

    PASSED = "passed"
    UNDECIDED = "undecided"
    FAILED = "failed"


class Pair(NamedTuple):
    """One figure of the returns as traded, and of what is left beyond the market."""

    traded: float
    beyond: float

    def lowest(self) -> float:
        """The worse one where more is better; NaN where one is not known."""
        return math.nan if any(map(math.isnan, self)) else min(self)

    def highest(self) -> float:
        """The worse one where less is better; NaN where one is not known."""
        return math.nan if any(map(math.isnan, self)) else max(self)


class HoldoutFigures(NamedTuple):
    """What the bars that were kept out of sight said.

    `sharpe`: annualised. `odds`: probability of so low a Sharpe ratio as traded (and beyond the market), if the one out
    of sample before were the true one. `fresh`: nobody had looked before.
    """

    sharpe: Pair
    odds: Pair
    fresh: bool


@final
@dataclass(frozen=True, slots=True)
class Figures:
    """All that the rules look at; NaN or None stands for what is not known, and decides nothing.

    Sharpe ratios are annualised. `out_of_sample`: walked forward, and then on the hold-out where it was opened
    for the first time; `out_of_sample_lower` and `_upper`: its bounds, each of which holds with 95 %.
    `losing`: share of halves in which the best set of the other half lost. `break_even`: multiple of the costs at
    which nothing is left. `delayed`: Sharpe ratio one bar later. `plateau`: share of it that neighbours keep, None
    where there are no numbers to move. `learned`: the sets were proposed by a method that had seen these bars.
    """

    clean: bool | None
    trades: int
    periods: int
    out_of_sample: Pair
    out_of_sample_lower: Pair
    out_of_sample_upper: Pair
    dsr_effective: Pair
    ability: Pair
    pbo: Pair
    losing: Pair
    random_entry: float
    costs_on: bool
    break_even: float
    delayed: float
    plateau: float | None
    learned: bool
    holdout: HoldoutFigures | None
