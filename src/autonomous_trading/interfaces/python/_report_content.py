"""What a report shows of a result, a study or a walk-forward run: plain facts, in the report's nouns."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from autonomous_trading.app import Backtest
from autonomous_trading.core import FloatArray, direction
from autonomous_trading.interfaces import report
from autonomous_trading.interfaces.python._report_facts import ResultFacts, StudyFacts, WalkForwardFacts
from autonomous_trading.interfaces.python._report_market import (
    equity_of,
    folds_of,
    moment_of,
    names_of,
    parameters_words,
    price_of,
    trades_of,
    warnings_of,
)
from autonomous_trading.interfaces.python._report_words import provenance_of, verdict_of

_LARGEST_SURFACE = 60


def report_of_result(result: ResultFacts) -> report.ReportContent:
    """The report of one backtest."""
    outcome = result.outcome
    low, high = outcome.performance.span
    return report.ReportContent(
        title=f"{result.strategy} on {names_of(result.market)}",
        subtitle=parameters_words(result.parameters),
        warnings=warnings_of((*result.market.warnings, *outcome.warnings)),
        metrics=(
            report.MetricColumn(label="Backtest", role="whole", values=result.metrics, note="chosen by you"),
            report.MetricColumn(label="Buy and hold", role="benchmark", values=result.benchmark),
        ),
        price=price_of(result.market, low, high),
        trades=trades_of(result.market, outcome.performance),
        equity=equity_of(result.market, outcome.performance, outcome.benchmark, result.rules),
        funnel=_funnel(outcome),
        provenance=provenance_of(result.provenance, 1),
    )


def report_of_study(study: StudyFacts) -> report.ReportContent:
    """The report of a search: the best set over all bars, what the optimiser saw of them, and every trial."""
    if study.sweep is None:
        return _report_of_function(study)
    best, market = study.best_result(), study.sweep.evaluator.market
    outcome = best.outcome
    return report.ReportContent(
        title=f"{best.strategy} on {names_of(market)}: best of {study.n_trials:,} parameter sets",
        subtitle=parameters_words(best.parameters),
        verdict=verdict_of(study.verdict),
        warnings=warnings_of((*market.warnings, *outcome.warnings)),
        metrics=_study_columns(study),
        samples=_samples(study),
        price=price_of(market, 0, market.n_bars),
        trades=trades_of(market, outcome.performance),
        equity=equity_of(market, outcome.performance, outcome.benchmark, best.rules),
        trials=_trials(study),
        importance=_importance(study),
        surfaces=_surfaces(study),
        funnel=_funnel(outcome),
        provenance=provenance_of(study.provenance, study.n_trials),
    )


def report_of_walk_forward(result: WalkForwardFacts) -> report.ReportContent:
    """The report of a walk-forward run: every fold, and the one account that traded them all."""
    outcome, market = result.outcome, result.evaluator.market
    low, high = outcome.stitched.span
    goal = report.Objective(result.objective, direction(result.objective))
    folds = folds_of(market, outcome.folds, result.objective)
    return report.ReportContent(
        title=f"{result.evaluator.strategy.name} on {names_of(market)}: walk-forward, {len(folds):,} folds",
        subtitle=f"re-optimised in every fold for {result.objective}, one account through all of them",
        verdict=verdict_of(
            result.verdict, f"the {result.n_trials:,} sets tried inside the folds were not chosen by these bars"
        ),
        warnings=warnings_of(market.warnings),
        metrics=(
            report.MetricColumn(
                label="In sample",
                role="in_sample",
                values=result.in_sample,
                note="mean of the folds' training bars",
                reasons=dict.fromkeys(result.in_sample, "not defined in any fold"),
            ),
            report.MetricColumn(
                label="Out of sample", role="out_of_sample", values=result.out_of_sample, note="stitched account"
            ),
            report.MetricColumn(label="Buy and hold", role="benchmark", values=result.benchmark),
        ),
        price=price_of(market, low, high),
        trades=trades_of(market, outcome.stitched),
        equity=equity_of(market, outcome.stitched, outcome.benchmark, result.evaluator.rules),
        walk_forward=report.WalkForward(objective=goal, folds=folds),
        provenance=provenance_of(result.provenance, result.n_trials),
    )


def _report_of_function(study: StudyFacts) -> report.ReportContent:
    return report.ReportContent(
        title=f"Search for {', '.join(study.objectives)}: {study.n_trials:,} parameter sets",
        subtitle=parameters_words(study.best().parameters),
        trials=_trials(study),
        importance=_importance(study),
        surfaces=_surfaces(study),
        provenance=provenance_of(study.provenance, study.n_trials),
    )


def _funnel(outcome: Backtest) -> report.Funnel:
    explanation = outcome.explanation
    return report.Funnel(stages=explanation.stages, reason=explanation.message, fix=explanation.fix)


def _study_columns(study: StudyFacts) -> tuple[report.MetricColumn, ...]:
    held = study.benchmark
    inside = (
        report.MetricColumn(
            label="In sample", role="in_sample", values=study.in_sample, note=f"best of {study.n_trials:,} sets"
        ),
        report.MetricColumn(label="Buy and hold, in sample", role="benchmark", values=held["in_sample"]),
    )
    if study.out_of_sample is None:
        return inside
    return (
        inside[0],
        report.MetricColumn(
            label="Out of sample",
            role="out_of_sample",
            values=study.out_of_sample,
            note="bars the search did not see",
        ),
        inside[1],
        report.MetricColumn(label="Buy and hold, out of sample", role="benchmark", values=held["out_of_sample"]),
    )


def _samples(study: StudyFacts) -> tuple[report.SamplePeriod, ...]:
    sweep = study.sweep
    if sweep is None:
        return ()
    market = sweep.evaluator.market
    spans = [("in_sample", sweep.in_sample)]
    if sweep.out_of_sample is not None:
        spans.append(("out_of_sample", sweep.out_of_sample))
    labels: Mapping[str, Any] = {"in_sample": "in_sample", "out_of_sample": "out_of_sample"}
    return tuple(
        report.SamplePeriod(kind=labels[kind], start=moment_of(market, span[0]), stop=moment_of(market, span[1]))
        for kind, span in spans
    )


def _trials(study: StudyFacts) -> report.Trials:
    table = study.found.trials
    values = np.stack([table.metric(name) for name in study.objectives], axis=1)
    return report.Trials(
        objectives=tuple(
            report.Objective(each.name, "maximize" if each.maximize else "minimize") for each in study.found.objectives
        ),
        values=values,
        parameters={name: _plain(table.parameters.column(name)) for name in table.parameters.names},
        on_front=(study.found.ranks() == 1) if len(study.objectives) > 1 else None,
        chosen=study.found.best(),
    )


def _plain(column: Any) -> Any:
    return column.tolist() if column.dtype == object else column


def _importance(study: StudyFacts) -> report.Importance | None:
    shares = {name: share for name, share in study.importance.items() if math.isfinite(share)}
    if not shares:
        return None
    return report.Importance(objective=study.objectives[0], shares=shares, method="random forest, total effect")


def _surfaces(study: StudyFacts) -> tuple[report.Surface, ...]:
    """The first objective over the two most important numeric parameters, where the search was dense enough to draw."""
    table = study.found.trials.parameters
    names = [name for name in study.importance if table.column(name).dtype != object][:2]
    if len(names) < 2:
        return ()
    x_name, y_name = names
    x_values, x_of = np.unique(table.column(x_name), return_inverse=True)
    y_values, y_of = np.unique(table.column(y_name), return_inverse=True)
    cells = len(x_values) * len(y_values)
    if max(len(x_values), len(y_values)) > _LARGEST_SURFACE or len(table) < 0.25 * cells:
        return ()
    goal = study.found.objectives[0]
    sign = 1.0 if goal.maximize else -1.0
    scores = study.found.trials.metric(goal.name) * sign
    grid: FloatArray = np.full((len(y_values), len(x_values)), -np.inf)
    np.maximum.at(grid, (y_of, x_of), np.where(np.isfinite(scores), scores, -np.inf))
    grid[~np.isfinite(grid)] = np.nan
    best = study.best().parameters
    return (
        report.Surface(
            objective=report.Objective(goal.name, "maximize" if goal.maximize else "minimize"),
            x_name=x_name,
            x_values=x_values,
            y_name=y_name,
            y_values=y_values,
            values=grid * sign,
            chosen=(best[x_name], best[y_name]),
            note="Best value over the other parameters.",
        ),
    )
