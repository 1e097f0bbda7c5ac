"""All evidence on the best set of a search, and the judgement that follows from it.

every tried set, once, on the development bars  ->  what choosing among them is worth      (selection)
chosen again on the past of every window        ->  what was earned on the bars after      (walk-forward)
the chosen set, again and again                 ->  costs, delays, other data, neighbours  (stress, sensitivity)
the future taken away and replaced              ->  does it see it?                        (causality)
last of all, once: the hold-out                 ->  what nobody had seen                   (hold-out)
                                                ->  figures -> rules -> judgement
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import final

import numpy as np

from autonomous_trading.app import (
    Evaluator,
    Found,
    Objective,
    Performance,
    Search,
    WalkForward,
    hold_performance,
    performance_of,
    run_one,
)
from autonomous_trading.app.evidence._out_of_sample import (
    Record,
    holdout_figures,
    on_holdout,
    record_of,
    sharpes_of_both,
    walked_forward,
)
from autonomous_trading.app.evidence._sensitivity import SensitivitySettings, sensitivity_of
from autonomous_trading.app.evidence._sensitivity_found import Sensitivity
from autonomous_trading.app.evidence._set_returns import MOST_PERIODS, Periods, market_returns, set_returns
from autonomous_trading.app.evidence.look_ahead._causality import check_strategy
from autonomous_trading.app.evidence.look_ahead._findings import CausalityReport
from autonomous_trading.app.evidence.stress._delay_stress import DelayStress
from autonomous_trading.app.evidence.stress._stress import Stress, StressSizes, stress_of
from autonomous_trading.core import FloatArray, ParameterSet, Space
from autonomous_trading.validation import (
    LEAST_PERIODS,
    LEAST_TRADES,
    Design,
    Figures,
    Judgement,
    Outcome,
    Pair,
    SelectionEvidence,
    SelectionPlan,
    WalkForwardDesign,
    Window,
    beyond_market,
    judged,
    may_still_pass,
    periods_to_tell,
    return_moments,
    selection_evidence,
    walk_forward_design,
)

_LEAST_FOR_DESIGNS = 120
_TRAINED_PARTS, _TESTED_PARTS = (8, 5, 3, 2), (40, 20, 10)
Span = tuple[int, int]
Opening = Callable[[], bool]
"""Records that the hold-out is opened now, and says whether nobody had seen it before."""


@final
@dataclass(frozen=True, slots=True)
class ValidationPlan:
    """How a set is judged: windows of the walk-forward, corrections for choosing, how much is run again, the seed.

    `holdout`: rows that were kept out of the search; None where there are none, or where they stay closed.
    `search`: how sets are proposed in every window, for a method that learns; None where sets owe nothing to the bars.
    """

    development: Span
    windows: tuple[Window, ...]
    objective: Objective
    selection: SelectionPlan
    holdout: Span | None = None
    search: Search | None = None
    most_periods: int = MOST_PERIODS
    stress: StressSizes = field(default_factory=StressSizes)
    sensitivity: SensitivitySettings = field(default_factory=SensitivitySettings)
    seed: int = 0


@final
@dataclass(frozen=True, slots=True)
class Choice:
    """What choosing among all tried sets is worth on the development bars, as traded and beyond the market.

    `design`: how the walk-forward depends on the lengths of its windows.
    """

    traded: SelectionEvidence
    beyond: SelectionEvidence
    design: WalkForwardDesign | None
    periods: Periods
    periods_per_year: float


@final
@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that was found on the best set of a search, and the judgement on it.

    `in_sample` and `held` are the set and buy-and-hold on the development bars; `holdout` is None where it stays
    closed.
    `learned`: the sets were proposed by a method that had seen the bars they are judged on. `evaluated` counts the sets
    that were run again to look at the chosen one: none of them was a candidate.
    """

    parameters: ParameterSet
    n_trials: int
    in_sample: Performance
    held: Performance
    choice: Choice
    walk_forward: WalkForward
    out_of_sample: Record
    stress: Stress
    sensitivity: Sensitivity | None
    causality: CausalityReport
    learned: bool
    holdout: Record | None
    figures: Figures
    judgement: Judgement
    periods_needed: float

    @property
    def evaluated(self) -> int:
        """Sets that were run again to look at the chosen one."""
        return self.stress.evaluated + (0 if self.sensitivity is None else self.sensitivity.evaluated)

    @property
    def years_needed(self) -> float:
        """Years more out of sample that would decide what is undecided for lack of them; 0 where nothing is.

        Until a Sharpe ratio like the one seen is told from zero, four times in five, and until there are enough trades,
        at the rate of those so far.
        """
        undecided = {finding.rule for finding in self.judgement.of(Outcome.UNDECIDED)}
        have, needed = float(self.figures.periods), 0.0
        if "out_of_sample" in undecided:
            needed = self.periods_needed
        if "sample" in undecided:
            trades = self.figures.trades
            rate = have * LEAST_TRADES / trades if trades else math.inf
            needed = max(needed, LEAST_PERIODS, rate if trades < LEAST_TRADES else 0.0)
        return max(0.0, needed - have) / self.choice.periods_per_year


def gathered(
    evaluator: Evaluator,
    space: Space,
    found: Found,
    plan: ValidationPlan,
    *,
    n_trials: int,
    opening: Opening,
) -> Evidence:
    """The evidence on the best set of a search.

    n_trials: sets ever evaluated, in the whole life of a project. The hold-out is run last, after all the rest, and
    only where it could complete the evidence: looking uses it up. `opening` is asked at that moment.
    Raises NothingToReport where no set is best, InvalidInput where there are too few bars.
    """
    row = found.best(plan.objective.name)
    parameters = found.trials.parameters.row(row)
    choice = _choice(evaluator, found, row, plan, n_trials)
    walk = walked_forward(evaluator, space, found, plan.windows, plan.objective, search=plan.search)
    rng = np.random.default_rng(plan.seed)
    record = record_of(evaluator, walk.stitched, walk.benchmark, choice.periods.bars, rng)
    stress = stress_of(evaluator, parameters, plan.development, space=space, sizes=plan.stress, seed=plan.seed)
    sensitivity = _sensitivity(evaluator, space, parameters, plan)
    causality = check_strategy(evaluator.strategy.holding(dict(parameters)), evaluator.market, seed=plan.seed)
    inside = performance_of(run_one(evaluator, parameters, plan.development), evaluator.simulator, plan.development)
    held = hold_performance(evaluator, plan.development)
    numbers = any(space.parameters[name].is_numeric for name in space.names)
    figures = _figures(
        choice, record, (stress, sensitivity, causality), numbers=numbers, learned=plan.search is not None
    )
    holdout, needed = None, _periods_needed(record)
    if plan.holdout is not None and may_still_pass(figures):
        fresh = opening()
        holdout = on_holdout(evaluator, parameters, plan.holdout, choice.periods.bars, rng)
        figures = _with_holdout(figures, record, holdout, rng, fresh=fresh)
        needed = _periods_needed(record, holdout) if fresh else needed
    return Evidence(
        parameters=parameters,
        n_trials=n_trials,
        in_sample=inside,
        held=held,
        choice=choice,
        walk_forward=walk,
        out_of_sample=record,
        stress=stress,
        sensitivity=sensitivity,
        causality=causality,
        learned=plan.search is not None,
        holdout=holdout,
        figures=figures,
        judgement=judged(figures),
        periods_needed=needed,
    )


def _choice(evaluator: Evaluator, found: Found, row: int, plan: ValidationPlan, n_trials: int) -> Choice:
    """Every tried set evaluated once on the development bars, and what choosing the best of them is worth."""
    periods = Periods.of(*plan.development, plan.most_periods)
    returns = set_returns(evaluator, found.trials.parameters, periods)
    market = market_returns(evaluator, periods)
    left = beyond_market(returns, market)
    traded, beyond = (selection_evidence(each, row, n_trials=n_trials, plan=plan.selection) for each in (returns, left))
    per_year = evaluator.market.bars.bars_per_year / periods.bars
    return Choice(traded, beyond, _design(returns, evaluator, periods, plan), periods, per_year)


def _design(
    returns: FloatArray, evaluator: Evaluator, periods: Periods, plan: ValidationPlan
) -> WalkForwardDesign | None:
    """The walk-forward with other windows, in parts of the development bars; None where there was nothing to choose."""
    n = len(returns)
    if returns.shape[1] < 2 or n < _LEAST_FOR_DESIGNS:
        return None
    times = evaluator.market.bars.time[periods.ends - 1]
    first = plan.windows[0]
    lengths = [max(2, round((part.stop - part.start) / periods.bars)) for part in (first.train, first.test)]
    own = Design(lengths[0], lengths[1], plan.windows[-1].train.start == first.train.start)
    trains, tests = ([max(2, n // part) for part in parts] for parts in (_TRAINED_PARTS, _TESTED_PARTS))
    fits = own.train + own.test <= n
    return walk_forward_design(returns, times, trains=trains, tests=tests, unit="bars", own=own if fits else None)


def _sensitivity(
    evaluator: Evaluator, space: Space, parameters: ParameterSet, plan: ValidationPlan
) -> Sensitivity | None:
    """How the set depends on its numbers; None where nothing was free to choose."""
    if not space.dimension:
        return None
    return sensitivity_of(evaluator, space, parameters, plan.development, seed=plan.seed, settings=plan.sensitivity)


def _figures(
    choice: Choice,
    record: Record,
    fragility: tuple[Stress, Sensitivity | None, CausalityReport],
    *,
    numbers: bool,
    learned: bool,
) -> Figures:
    """What the rules look at before the hold-out. numbers: the set has some that could be moved.

    Where a method learned from these bars, its sets are good here because they were looked for here: tests that take
    them for sets which owe nothing to the bars know nothing, and luck counts every one of them.
    """
    stress, sensitivity, causality = fragility
    both = choice.traded, choice.beyond
    unknown = Pair(math.nan, math.nan)
    ability = Pair(*(math.nan if each.ability is None else each.ability.consistent for each in both))
    losing = Pair(*(each.losing for each in both))
    return Figures(
        clean=causality.clean,
        trades=len(record.performance.trades),
        periods=len(record.returns),
        out_of_sample=record.estimates,
        out_of_sample_lower=record.lower,
        out_of_sample_upper=record.upper,
        dsr_effective=Pair(*(min(each.dsr, each.dsr_effective) if learned else each.dsr_effective for each in both)),
        ability=unknown if learned else ability,
        pbo=Pair(*(math.nan if each.overfitting is None else each.overfitting.pbo for each in both)),
        losing=unknown if learned else losing,
        random_entry=stress.entry.p_values["sharpe_ratio"],
        costs_on=stress.costs.basis_points != 0.0,
        break_even=stress.costs.break_even,
        delayed=_delayed(stress.delays),
        plateau=_plateau(sensitivity) if numbers else None,
        learned=learned,
        holdout=None,
    )


def _plateau(sensitivity: Sensitivity | None) -> float:
    """Share of the Sharpe ratio that neighbours keep; NaN where there is nothing above 0 to keep."""
    return math.nan if sensitivity is None or not sensitivity.center > 0.0 else sensitivity.neighbourhood.plateau_score


def _with_holdout(
    figures: Figures, record: Record, holdout: Record, rng: np.random.Generator, *, fresh: bool
) -> Figures:
    """The figures with those of the hold-out. Bars nobody had seen lengthen the record out of sample."""
    found = replace(figures, holdout=holdout_figures(holdout, record, fresh=fresh))
    if not fresh:
        return found
    traded, beyond = sharpes_of_both(record, holdout, rng)
    return replace(
        found,
        trades=figures.trades + len(holdout.performance.trades),
        periods=figures.periods + len(holdout.returns),
        out_of_sample=Pair(traded.estimate, beyond.estimate),
        out_of_sample_lower=Pair(traded.lower, beyond.lower),
        out_of_sample_upper=Pair(traded.upper, beyond.upper),
    )


def _delayed(delays: DelayStress) -> float:
    """Sharpe ratio with every decision acted on one bar later."""
    return float(delays.metrics["sharpe_ratio"][delays.delays.index(1)]) if 1 in delays.delays else math.nan


def _periods_needed(*records: Record) -> float:
    """Periods out of sample until a true Sharpe ratio like the worse one seen is told from zero, four times in five."""
    returns, market = (
        np.concatenate(parts) for parts in zip(*((each.returns, each.market) for each in records), strict=True)
    )
    needed = []
    for each in (returns, beyond_market(returns, market)):
        sharpe, _, skew, kurtosis = return_moments(each)
        needed.append(periods_to_tell(sharpe, skew=skew, kurtosis=kurtosis) if math.isfinite(sharpe) else math.inf)
    return max(needed)
