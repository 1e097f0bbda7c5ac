"""What sets did on bars they were not chosen on: walked forward, and on the hold-out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
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
    walk_forward,
    window_metrics,
)
from autonomous_trading.app.evidence._set_returns import Periods
from autonomous_trading.core import FloatArray, ParameterSet, Space, TrialTable
from autonomous_trading.validation import (
    HoldoutFigures,
    Interval,
    Pair,
    SharpeDifference,
    Window,
    beyond_market,
    return_moments,
    sharpe_difference,
    sharpe_interval,
    sharpe_standard_error,
)

_ONE_SIDED = 0.90  # a two-sided interval whose lower bound holds with 95 %
_LEAST_FOR_ERRORS = 20


@final
@dataclass(frozen=True, slots=True)
class Record:
    """Returns of an account and of the market over the same periods, and how sure their Sharpe ratios are.

    `traded` and `beyond`: annualised Sharpe ratio as traded and beyond the market, with the bounds of an interval whose
    lower one holds with 95 %. `against_holding`: the Sharpe ratio less that of holding, annualised, and the p-value of
    "they are equal". `periods_per_year` annualises.
    """

    performance: Performance
    benchmark: Performance
    returns: FloatArray
    market: FloatArray
    periods_per_year: float
    traded: Interval
    beyond: Interval
    against_holding: SharpeDifference

    @property
    def left(self) -> FloatArray:
        """Returns beyond the market, per period."""
        return beyond_market(self.returns, self.market)

    @property
    def estimates(self) -> Pair:
        """Annualised Sharpe ratios."""
        return Pair(self.traded.estimate, self.beyond.estimate)

    @property
    def lower(self) -> Pair:
        """Their lower bounds."""
        return Pair(self.traded.lower, self.beyond.lower)

    @property
    def upper(self) -> Pair:
        """Their upper bounds."""
        return Pair(self.traded.upper, self.beyond.upper)


def record_of(
    evaluator: Evaluator, performance: Performance, benchmark: Performance, bars: int, rng: np.random.Generator
) -> Record:
    """The record of a run beside holding over the same bars, in periods of so many bars."""
    periods = Periods.each(*performance.span, bars)
    cash = evaluator.rules.execution.initial_cash
    returns, market = (periods.returns(each.equity, cash) for each in (performance, benchmark))
    per_year = evaluator.market.bars.bars_per_year / periods.bars
    traded, beyond = _intervals(returns, market, per_year, rng)
    against = _difference(returns, market, per_year, rng)
    return Record(performance, benchmark, returns, market, per_year, traded, beyond, against)


def sharpes_of_both(first: Record, second: Record, rng: np.random.Generator) -> tuple[Interval, Interval]:
    """Annualised Sharpe ratios, as traded and beyond the market, of two records one after the other."""
    returns, market = (
        np.concatenate(pair) for pair in ((first.returns, second.returns), (first.market, second.market))
    )
    return _intervals(returns, market, first.periods_per_year, rng)


def _difference(returns: FloatArray, market: FloatArray, per_year: float, rng: np.random.Generator) -> SharpeDifference:
    """Annualised, by the test of Ledoit and Wolf; NaN where there are too few periods for errors."""
    if len(returns) < _LEAST_FOR_ERRORS:
        return SharpeDifference(math.nan, math.nan, math.nan)
    found = sharpe_difference(returns, market, rng=rng, repetitions=1_000)
    root = math.sqrt(per_year)
    return SharpeDifference(found.difference * root, found.standard_error * root, found.p_value)


def _intervals(
    returns: FloatArray, market: FloatArray, per_year: float, rng: np.random.Generator
) -> tuple[Interval, Interval]:
    """As traded and beyond the market. What only follows the market has a Sharpe ratio of 0 beyond it."""
    traded, beyond = (_annual(each, per_year, rng) for each in (returns, beyond_market(returns, market)))
    if math.isnan(beyond.estimate) and not math.isnan(traded.estimate):
        beyond = Interval(0.0, math.nan, math.nan, math.nan)
    return traded, beyond


def _annual(returns: FloatArray, per_year: float, rng: np.random.Generator) -> Interval:
    """Interval for the annualised Sharpe ratio; the estimate alone where there are too few periods for errors."""
    root = math.sqrt(per_year)
    if len(returns) < _LEAST_FOR_ERRORS:
        return Interval(return_moments(returns).sharpe * root, math.nan, math.nan, math.nan)
    found = sharpe_interval(returns, confidence=_ONE_SIDED, rng=rng, repetitions=1_000)
    # The interval divides by n, the metrics of a run by n - 1: a page shows one Sharpe ratio.
    return Interval(*(value * root * math.sqrt(1.0 - 1.0 / len(returns)) for value in found))


def walked_forward(
    evaluator: Evaluator,
    space: Space,
    found: Found,
    windows: tuple[Window, ...],
    objective: Objective,
    *,
    search: Search | None = None,
) -> WalkForward:
    """The sets that were tried, chosen again on the past of every window and traded after it on one account.

    search: how sets are proposed anew in every window, for a method that learned from all of the bars: the sets it
    proposed know what came after a window.
    """
    if search is not None:
        return walk_forward(evaluator, space, windows, search, objective)
    table = found.trials.parameters
    names = window_metrics(objective)
    bound = evaluator.batches(table)
    searched = []
    for window in windows:
        columns = {name: np.full(len(table), np.nan) for name in names}
        for batch in bound:
            for name, values in evaluator.measure_batch(batch, names, window.train.start, window.train.stop).items():
                columns[name][batch.rows] = values
        searched.append(Found(TrialTable(table, columns, found.trials.feasible), (objective,)))
    return walk_forward(evaluator, space, windows, Search(), objective, searched=searched)


def on_holdout(
    evaluator: Evaluator, parameters: ParameterSet, span: tuple[int, int], bars: int, rng: np.random.Generator
) -> Record:
    """The record of the chosen set on the bars nobody had seen, in periods of so many bars."""
    performance = performance_of(run_one(evaluator, parameters, span), evaluator.simulator, span)
    return record_of(evaluator, performance, hold_performance(evaluator, span), bars, rng)


def holdout_figures(holdout: Record, before: Record, *, fresh: bool) -> HoldoutFigures:
    """The Sharpe ratios on the hold-out, and how probable so low ones are if those out of sample before were true."""
    pairs = ((holdout.returns, before.returns), (holdout.left, before.left))
    odds = [_odds(*pair, holdout.periods_per_year, before.periods_per_year) for pair in pairs]
    return HoldoutFigures(holdout.estimates, Pair(*odds), fresh)


def _odds(after: FloatArray, before: FloatArray, per_year_after: float, per_year_before: float) -> float:
    """Probability of so low an annualised Sharpe ratio after, by the errors of both; NaN where one is not known."""
    if min(len(after), len(before)) < _LEAST_FOR_ERRORS:
        return math.nan
    values = []
    for returns, per_year in ((after, per_year_after), (before, per_year_before)):
        root = math.sqrt(per_year)
        values.append((return_moments(returns).sharpe * root, sharpe_standard_error(returns) * root))
    (low, error), (expected, other) = values
    spread = math.hypot(error, other)
    return NormalDist().cdf((low - expected) / spread) if spread > 0.0 else math.nan
