"""Probability of backtest overfitting: would the set that was best here have been any good there?

Combinatorially symmetric cross-validation cuts the returns of all sets into S blocks. Each half of the blocks is the
in-sample once, the rest its out-of-sample: S over S/2 pairs, in lexicographic order. In each the best set in sample is
looked up out of sample.

    blocks     0 1 2 3          in sample      out of sample
    pair 0     # # . .          winner w  ->   rank of w among all sets, 1 the worst
    pair 1     # . # .          ...            logit = ln(rank / (N + 1 - rank))
    ...

Source: Bailey, Borwein, Lopez de Prado and Zhu, "The Probability of Backtest Overfitting" (2015).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, islice
from typing import Literal, NamedTuple, TypeAlias, final

import numpy as np

from autonomous_trading.core import FloatArray, IntArray, InvalidInput, unknown_name
from autonomous_trading.validation._part_scores import PartSums, existing

Score = Literal["sharpe_ratio", "mean"]
_SCORES = ("sharpe_ratio", "mean")
_MOST_BLOCKS = 20
_VALUES_AT_ONCE = 1 << 18  # of one matrix of pairs x sets: it stays in the cache of a processor
_DUST = 64.0 * float(np.finfo(np.float64).eps)


class Degradation(NamedTuple):
    """Straight line through the winners: score out of sample = intercept + slope x score in sample.

    `r_squared` is the share of the variation it explains. NaN where every winner had the same score in sample.
    """

    slope: float
    intercept: float
    r_squared: float


@final
@dataclass(frozen=True, slots=True)
class Overfitting:
    """What became of the winners, one value per pair of halves: `winners` are columns, `ranks` 1 (worst) to N.

    Scores are per period. A winner whose score out of sample does not exist (it never moved) has the worst rank.
    """

    winners: IntArray
    ranks: FloatArray
    in_sample: FloatArray
    out_of_sample: FloatArray
    n_sets: int
    n_blocks: int

    @property
    def logits(self) -> FloatArray:
        """ln(w / (1 - w)) of the relative ranks w = rank / (N + 1): 0 is the median, below is the worse half."""
        logits: FloatArray = np.log(self.ranks / (self.n_sets + 1.0 - self.ranks))
        return logits

    @property
    def pbo(self) -> float:
        """Share of the winners that came out in the worse half; one exactly at the median counts as worse.

        About 0.5 when no set is better than another, 0 when the best one really is.
        """
        return float(np.mean(2.0 * self.ranks <= self.n_sets + 1.0))

    @property
    def probability_of_loss(self) -> float:
        """Share of the winners whose score out of sample was below zero."""
        return float(np.mean(self.out_of_sample < 0.0))

    @property
    def degradation(self) -> Degradation:
        """How the winners' scores out of sample go with those in sample: a slope near 1 means they keep them."""
        kept = np.isfinite(self.in_sample) & np.isfinite(self.out_of_sample)
        here, there = self.in_sample[kept], self.out_of_sample[kept]
        if here.size < 2:
            return Degradation(math.nan, math.nan, math.nan)
        dx, dy = here - here.mean(), there - there.mean()
        spread = float(dx @ dx)
        if spread <= (_DUST * float(np.max(np.abs(here)))) ** 2 * here.size:
            return Degradation(math.nan, math.nan, math.nan)
        slope = float(dx @ dy) / spread
        total = float(dy @ dy)
        explained = 1.0 if total == 0.0 else slope * float(dx @ dy) / total
        return Degradation(slope, float(there.mean() - slope * here.mean()), explained)


def probability_of_backtest_overfitting(
    returns: FloatArray, *, n_blocks: int = 16, score: Score = "sharpe_ratio"
) -> Overfitting:
    """What becomes of the set that is best in sample, over every way to halve the blocks.

    `returns` [periods, sets]: simple returns of every set that was tried, in the order of time, all on the same
    periods. `n_blocks` (even, 4 to 20) is S of the paper; blocks differ by at most one period. `score` is the Sharpe
    ratio per period (ddof 1) or the mean. Of several best sets the first one is the winner; equal scores share a rank.

    Raises InvalidInput for fewer than two sets, for returns that are not finite, and for blocks of less than two
    periods.

    >>> rng = np.random.default_rng(7)
    >>> found = probability_of_backtest_overfitting(rng.normal(0.0, 0.01, (1000, 50)), n_blocks=8)
    >>> len(found.logits), found.n_sets
    (70, 50)
    """
    if score not in _SCORES:
        raise unknown_name("score", score, _SCORES)
    _check(returns, n_blocks)
    edges = np.linspace(0, len(returns), n_blocks + 1).astype(np.int64)
    sums = PartSums.of(returns, edges, with_squares=score == "sharpe_ratio")
    # Pairs mirror each other: the last one is the first with its halves exchanged, and so on inwards.
    parts = [_of_pairs(sums, chosen) for chosen in _first_half_of_pairs(n_blocks, returns.shape[1])]
    forth, back = (tuple(np.concatenate(each) for each in zip(*half, strict=True)) for half in zip(*parts, strict=True))
    winners, ranks, here, there = (np.concatenate([one, two[::-1]]) for one, two in zip(forth, back, strict=True))
    return Overfitting(winners, ranks, here, there, returns.shape[1], n_blocks)


_Found: TypeAlias = tuple[IntArray, FloatArray, FloatArray, FloatArray]
"""Winners, their ranks, their scores in sample and out of sample."""


def _first_half_of_pairs(n_blocks: int, n_sets: int) -> Iterator[FloatArray]:
    """The in-sample halves that hold block 0 as rows of zeros and ones, in lexicographic order, some at a time."""
    halves = combinations(range(1, n_blocks), n_blocks // 2 - 1)
    while some := list(islice(halves, max(1, _VALUES_AT_ONCE // n_sets))):
        chosen = np.zeros((len(some), n_blocks))
        chosen[:, 0] = 1.0
        np.put_along_axis(chosen, np.array(some), 1.0, axis=1)
        yield chosen


def _of_pairs(sums: PartSums, chosen: FloatArray) -> tuple[_Found, _Found]:
    one, other = sums.scores(chosen), sums.scores(1.0 - chosen)
    return _looked_up(one, other), _looked_up(other, one)


def _looked_up(here: FloatArray, there: FloatArray) -> _Found:
    winners = np.argmax(here, axis=1)
    at = np.arange(len(winners)), winners
    won = there[at][:, np.newaxis]
    # The mean of the places that equal scores share.
    below, equal = (np.count_nonzero(each, axis=1) for each in (there < won, there == won))
    return winners.astype(np.int64), below + (equal + 1.0) / 2.0, existing(here[at]), existing(there[at])


def _check(returns: FloatArray, n_blocks: int) -> None:
    if returns.ndim != 2 or returns.shape[1] < 2:
        raise InvalidInput(
            f"overfitting is about choosing among sets: returns must be [periods, sets], got shape {returns.shape}",
            fix="pass the returns of every set that was tried, one column each",
        )
    if n_blocks % 2 or not 4 <= n_blocks <= _MOST_BLOCKS:
        raise InvalidInput(f"n_blocks must be even and between 4 and {_MOST_BLOCKS}, got {n_blocks}", fix="use 16")
    if len(returns) < 2 * n_blocks:
        raise InvalidInput(
            f"{len(returns)} periods are too few for {n_blocks} blocks of two or more",
            fix=f"use n_blocks={max(4, len(returns) // 4 * 2)}, or bring more data",
        )
    wrong = np.argwhere(~np.isfinite(returns))
    if len(wrong):
        row, column = wrong[0].tolist()
        raise InvalidInput(
            f"the return of set {column} in period {row} is {returns[row, column]}",
            fix="leave out sets that failed, and periods that not every set has",
        )
