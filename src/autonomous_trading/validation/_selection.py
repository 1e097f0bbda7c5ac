"""What choosing the best of many sets is worth: every correction for it, from one matrix of returns.

returns of every tried set [periods, sets]  ->  effective number of trials   how many different things were tried
                                            ->  deflated Sharpe ratio        by that number, and by the count for life
                                            ->  haircut, superior ability    the best of many, if all were worthless
                                            ->  probability of overfitting   would the best here be good there
                                            ->  paths of combinatorial folds a spread of histories instead of one
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import final

import numpy as np

from autonomous_trading.core import FloatArray, InvalidInput
from autonomous_trading.validation._cross_validation import CombinatorialChoice, combinatorial_choice
from autonomous_trading.validation._effective_trials import EffectiveTrials, effective_trials
from autonomous_trading.validation._folds import CombinatorialPurgedCV
from autonomous_trading.validation._moments import ReturnMoments, return_moments
from autonomous_trading.validation._multiple_testing import HaircutSharpe, haircut_sharpe
from autonomous_trading.validation._overfitting import Overfitting, probability_of_backtest_overfitting
from autonomous_trading.validation._part_scores import sharpe_ratios
from autonomous_trading.validation._sharpe import expected_maximum_sharpe, probabilistic_sharpe_ratio
from autonomous_trading.validation._superior_ability import SuperiorPredictiveAbility, superior_predictive_ability

_MOST_CLUSTERED = 2_000
_LEAST_PERIODS = 16


@final
@dataclass(frozen=True, slots=True)
class SelectionPlan:
    """How the corrections are made: combinatorial folds, blocks of the overfitting probability, bootstrap and seed."""

    folds: int = 10
    test_folds: int = 2
    blocks: int = 16
    repetitions: int = 1_000
    seed: int = 0

    def __post_init__(self) -> None:
        CombinatorialPurgedCV(self.folds, self.test_folds)
        if self.blocks % 2 or not 4 <= self.blocks <= 20:
            raise InvalidInput(f"blocks must be even and between 4 and 20, got {self.blocks}", fix="use 16")
        if not 100 <= self.repetitions <= 100_000:
            raise InvalidInput(f"repetitions must lie between 100 and 100,000, got {self.repetitions}", fix="use 1000")


@final
@dataclass(frozen=True, slots=True)
class SelectionEvidence:
    """The chosen set among all that were tried; Sharpe ratios are per period.

    `dsr` deflates by `n_trials` (every set ever evaluated) and how far their Sharpe ratios lie apart, which is more
    where some are truly better. `dsr_effective` deflates by what `n_effective` different groups, or `n_trials` sets
    that correlate as these do, would have shown if all were worthless, whichever is more. Both are probabilities;
    `luck` and `luck_effective` are those Sharpe ratios. `losing`: share of the halves of history in which the best set
    of the other half lost. `overfitting` and `choice` are None where there is nothing to choose from, or too few
    periods, `ability` where nothing moved.
    """

    moments: ReturnMoments
    n_sets: int
    n_trials: int
    n_effective: int
    average_correlation: float
    psr: float
    dsr: float
    dsr_effective: float
    luck: float
    luck_effective: float
    haircut: HaircutSharpe | None
    ability: SuperiorPredictiveAbility | None
    losing: float
    overfitting: Overfitting | None
    choice: CombinatorialChoice | None


def selection_evidence(
    returns: FloatArray, chosen: int, *, n_trials: int, plan: SelectionPlan | None = None
) -> SelectionEvidence:
    """What column `chosen` of returns [periods, sets] is worth, given every set tried and `n_trials` in a whole life.

    The sets of earlier searches, which are not here, count as different ideas each.
    Raises InvalidInput for returns that are not finite, and where fewer are counted than are here.
    """
    plan = plan or SelectionPlan()
    n, sets = returns.shape
    if n_trials < sets:
        raise InvalidInput(f"n_trials counts every set, and {sets:,} are here; got {n_trials}", fix="count them all")
    if n < _LEAST_PERIODS:
        raise InvalidInput(
            f"{n} periods are too few to judge a choice, {_LEAST_PERIODS} are needed", fix="use more data"
        )
    moments = return_moments(returns[:, chosen])
    sharpes = sharpe_ratios(returns)
    groups = _groups(returns, plan.seed)
    share = groups.number / min(sets, _MOST_CLUSTERED)
    # Sets of earlier searches are not here to be looked at: each of them counts as an idea of its own.
    n_effective = max(1, round(share * sets)) + n_trials - sets
    luck = expected_maximum_sharpe(n_trials, _spread(sharpes, n))
    luck_effective = max(_luck_of_groups(groups, n_effective, n), _luck_of_alike(groups, sets, n))
    moved = bool(np.isfinite(sharpes).any())
    many = sets > 1 and moved
    # One set beside its own likeness: nothing to choose, but whether it earns, and where it loses, can be asked.
    alone = returns if sets > 1 else np.repeat(returns, 2, axis=1)
    return SelectionEvidence(
        moments=moments,
        n_sets=sets,
        n_trials=n_trials,
        n_effective=n_effective,
        average_correlation=groups.average_correlation,
        psr=_above(moments, 0.0),
        dsr=_above(moments, luck),
        dsr_effective=_above(moments, luck_effective),
        luck=luck,
        luck_effective=luck_effective,
        haircut=haircut_sharpe(sharpes, n, n_trials=n_trials) if many else None,
        ability=_ability(alone, plan) if moved else None,
        losing=_overfitting(alone, plan).probability_of_loss if moved else math.nan,
        overfitting=_overfitting(returns, plan) if many else None,
        choice=_choice(returns, plan) if many else None,
    )


def _luck_of_groups(groups: EffectiveTrials, number: int, n: int) -> float:
    """What the best of so many worthless groups would have shown, by how far their Sharpe ratios lie apart.

    Where there are more than the groups seen here, those others lie as far apart as worthless ones do, at least.
    """
    worthless = 1.0 / (n - 1)
    variance = groups.variance if math.isfinite(groups.variance) else worthless
    variance = max(variance, worthless) if number > groups.number else variance
    return expected_maximum_sharpe(number, variance)


def _luck_of_alike(groups: EffectiveTrials, number: int, n: int) -> float:
    """What the best of so many worthless sets would have shown that correlate as these do.

    A part rho of their variance is shared by all; the best one stands out by the rest alone, which varies by
    (1 - rho) / (n - 1). Sets of one group are still many draws of that rest: the number of groups does not see them.
    """
    rho = groups.average_correlation if math.isfinite(groups.average_correlation) else 0.0
    return expected_maximum_sharpe(number, min(1.0, 1.0 - rho) / (n - 1))


def _groups(returns: FloatArray, seed: int) -> EffectiveTrials:
    """Groups of all sets, or of 2,000 of them drawn at random: a tree of more takes gigabytes."""
    sets = returns.shape[1]
    if sets <= _MOST_CLUSTERED:
        return effective_trials(returns)
    some = np.random.default_rng(seed).choice(sets, _MOST_CLUSTERED, replace=False)
    return effective_trials(returns[:, np.sort(some)])


def _spread(sharpes: FloatArray, n: int) -> float:
    """Variance of the Sharpe ratios of all sets; that of worthless ones on so many periods where it is not known."""
    known = sharpes[np.isfinite(sharpes)]
    return float(known.var(ddof=1)) if len(known) > 1 else 1.0 / (n - 1)


def _above(moments: ReturnMoments, benchmark: float) -> float:
    sharpe, n, skew, kurtosis = moments
    if not math.isfinite(sharpe):
        return math.nan
    return probabilistic_sharpe_ratio(sharpe, n, skew=skew, kurtosis=kurtosis, benchmark=benchmark)


def _ability(returns: FloatArray, plan: SelectionPlan) -> SuperiorPredictiveAbility:
    return superior_predictive_ability(returns, seed=plan.seed, repetitions=plan.repetitions, studentized=True)


def _overfitting(returns: FloatArray, plan: SelectionPlan) -> Overfitting:
    """With fewer blocks where the periods are too few for those asked for."""
    blocks = min(plan.blocks, max(4, len(returns) // 4 * 2))
    return probability_of_backtest_overfitting(returns, n_blocks=blocks)


def _choice(returns: FloatArray, plan: SelectionPlan) -> CombinatorialChoice | None:
    if len(returns) < 4 * plan.folds:
        return None
    return combinatorial_choice(returns, CombinatorialPurgedCV(plan.folds, plan.test_folds, purge=1))
