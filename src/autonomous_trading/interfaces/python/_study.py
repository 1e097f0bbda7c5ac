"""The result of a search, as a person sees it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, final

import numpy as np

from autonomous_trading.adapters import write_text_atomic
from autonomous_trading.app import (
    FOLDS_EVALUATED,
    Evaluator,
    Explanation,
    Found,
    Performance,
    backtest,
    hold_performance,
    moments_of,
    performance_of,
    run_one,
    trial_sharpes,
)
from autonomous_trading.core import InvalidInput, NothingToReport, ParameterSet, Space
from autonomous_trading.interfaces.python._checks import file_path
from autonomous_trading.interfaces.python._objectives import chosen_objective
from autonomous_trading.interfaces.python._provenance import finite, market_facts, source_of
from autonomous_trading.interfaces.python._recording import Recording
from autonomous_trading.interfaces.python._report_facts import Trial
from autonomous_trading.interfaces.python._result import Result, named
from autonomous_trading.interfaces.python._sensitivity import sensitivity_of_best
from autonomous_trading.interfaces.python._spaces import beyond_declared
from autonomous_trading.interfaces.python._summary import summary_text
from autonomous_trading.search import parameter_importance
from autonomous_trading.validation import Verdict, sharpe_verdict

if TYPE_CHECKING:
    import pandas as pd

    from autonomous_trading.app.evidence import Sensitivity


class ParetoPoint(NamedTuple):
    """One set and its objectives; rank 1 is not dominated by any other."""

    rank: int
    parameters: ParameterSet
    objectives: dict[str, float]


@final
@dataclass(frozen=True)
class Sweep:
    """What a search of a strategy needs to answer more: its evaluator, the bars it saw and those it did not."""

    evaluator: Evaluator
    in_sample: tuple[int, int]
    out_of_sample: tuple[int, int] | None


@final
@dataclass(frozen=True, repr=False)
class Study:
    """Every parameter set a search evaluated, the best of them, and what that is worth.

    `objectives` in the order asked for. Searches of a strategy keep the last part of the bars out of the
    optimiser's sight; `out_of_sample` is what the best set did there. `asked`: what was searched and how, as plain
    values.
    """

    objectives: tuple[str, ...]
    found: Found
    space: Space
    method: str
    seed: int
    seconds: float
    sweep: Sweep | None = None
    asked: Mapping[str, object] = field(default_factory=dict)
    recording: Recording | None = None

    def __repr__(self) -> str:
        """What was searched and what was best: Study(tpe, 200 sets: sharpe_ratio 0.54 at fast=57 slow=199)."""
        return f"Study({self.method}, {self.n_trials:,} sets: {self._best_in_words()})"

    def _best_in_words(self) -> str:
        if self._no_best is not None:
            valued = self.found.valued().any()
            return "none keeps every constraint" if valued else f"none has a {self.objectives[0]}"
        best = self.best()
        return named(f"{self.objectives[0]} {best.metrics[self.objectives[0]]:.4g} at", best.parameters)

    @property
    def n_trials(self) -> int:
        """How many sets were evaluated."""
        return len(self.found.trials)

    @property
    def n_pruned(self) -> int:
        """How many of them were given up after their first folds, because earlier sets were clearly better there."""
        return int(np.count_nonzero(self.found.pruned()))

    @property
    def lifetime_trials(self) -> int:
        """How many sets count as tried: those of this search, or all that its project evaluated in its whole life."""
        return self.n_trials if self.recording is None else max(self.n_trials, self.recording.lifetime_trials)

    @cached_property
    def trials(self) -> pd.DataFrame:
        """One row per evaluated set, in order: its parameters, its metrics, and with several objectives its rank.

        A metric that has the name of a parameter is called metric_<name>. Where sets are pruned, `pruned` says which
        were, `folds_evaluated` after how many folds; what was not measured is NaN.
        """
        import pandas as pd

        table = self.found.trials
        parameters = {name: table.parameters.column(name) for name in table.parameters.names}
        metrics = {f"metric_{name}" if name in parameters else name: each for name, each in table.metrics.items()}
        ranks = {"pareto_rank": self.found.ranks()} if len(self.objectives) > 1 else {}
        pruned = {"pruned": self.found.pruned()} if FOLDS_EVALUATED in metrics and "pruned" not in parameters else {}
        return pd.DataFrame({**parameters, **metrics, **pruned, **ranks})

    @cached_property
    def pareto_front(self) -> list[ParetoPoint]:
        """The sets no other set beats in every objective, best in the first objective first."""
        ranks = self.found.ranks()
        rows = np.flatnonzero(ranks == 1)
        losses = self.found.losses()[rows]
        seen: dict[str, ParetoPoint] = {}
        for row in rows[np.argsort(losses[:, 0], kind="stable")]:
            parameters = self.found.trials.parameters.row(int(row))
            seen.setdefault(parameters.id, ParetoPoint(1, parameters, self._objectives_of(int(row))))
        return list(seen.values())

    def _objectives_of(self, row: int) -> dict[str, float]:
        return {name: float(self.found.trials.metric(name)[row]) for name in self.objectives}

    def best(self, objective: str | None = None) -> Trial:
        """The best set by one objective (default: the first).

        Raises NothingToReport when no set has a value, or none of those that have one keeps the constraints.
        """
        chosen = None if objective is None else chosen_objective(objective, self.objectives)
        if self._no_best is not None:
            raise NothingToReport(self._no_best.what, fix=self._no_best.fix)
        row = self.found.best(chosen)
        metrics = {name: float(values[row]) for name, values in self.found.trials.metrics.items()}
        return Trial(self.found.trials.parameters.row(row), metrics)

    @cached_property
    def _no_best(self) -> NothingToReport | None:
        """Why no set is best; None where one is."""
        try:
            self.found.best()
        except NothingToReport as nothing:
            if self.recording is None or not self.recording.failed or self._came_to_something:
                return nothing
            failed, first = self.recording.failed, self.recording.first_error
            return NothingToReport(
                f"no set has a value: {failed:,} failed, the first with: {first}",
                fix="mend the strategy, then start a new run",
            )
        return None

    @property
    def _came_to_something(self) -> bool:
        """Whether any set of a strategy traded, or any set of a function has a value."""
        if self.sweep is None:
            return bool(self.found.valued().any())
        return bool((self.found.trials.metric("trade_count") > 0.0).any())

    @cached_property
    def nothing(self) -> Explanation | None:
        """Why there is nothing to show: no set traded, has a value or keeps the constraints; None where one is best.

        It has stages, those of `example`, where no set traded.
        """
        if self._no_best is None and (self.sweep is None or self._came_to_something):
            return None
        return self._reason() or self.explain()

    def _reason(self) -> Explanation | None:
        """Why no set is best, where that is not that none of them traded; None where no reason is known."""
        failed = self.recording is not None and self.recording.failed  # to evaluate one here might end this program
        if self._no_best is None or not (failed or self._came_to_something or self.sweep is None):
            return None
        return Explanation((), self._no_best.what, self._no_best.fix)

    @cached_property
    def importance(self) -> dict[str, float]:
        """Share of each free parameter in the variation of the first objective, largest first."""
        values = self.found.trials.metric(self.objectives[0])
        return dict(parameter_importance(self.found.trials.parameters, values, self.space, seed=self.seed))

    def sensitivity(self, metric: str | None = None, **settings: Any) -> Sensitivity:
        """How the best set depends on its values, on the bars the search saw. Settings: SensitivitySettings, seed."""
        best, run = self.best().parameters, self._asked()
        metric = self.objectives[0] if metric is None else metric
        return sensitivity_of_best(run.evaluator, self.space, best, run.in_sample, metric=metric, settings=settings)

    @cached_property
    def _best_inside(self) -> Performance:
        sweep = self._asked()
        result = run_one(sweep.evaluator, self.best().parameters, sweep.in_sample)
        return performance_of(result, sweep.evaluator.simulator, sweep.in_sample)

    @cached_property
    def _best_outside(self) -> Performance | None:
        sweep = self._asked()
        if sweep.out_of_sample is None:
            return None
        result = run_one(sweep.evaluator, self.best().parameters, sweep.out_of_sample)
        return performance_of(result, sweep.evaluator.simulator, sweep.out_of_sample)

    def _asked(self) -> Sweep:
        if self.sweep is None:
            raise InvalidInput(
                "this study searched a function of its own, not a strategy",
                fix="ask for best(), trials, pareto_front or importance",
            )
        return self.sweep

    @property
    def in_sample(self) -> dict[str, float]:
        """Every metric of the best set on the bars the optimiser saw: what selection makes look good."""
        return dict(self._best_inside.metrics)

    @property
    def out_of_sample(self) -> dict[str, float] | None:
        """Every metric of the best set on the bars kept out of sight; None when all were searched."""
        return None if self._best_outside is None else dict(self._best_outside.metrics)

    @cached_property
    def benchmark(self) -> dict[str, dict[str, float]]:
        """Metrics of buy-and-hold on the same bars: in_sample, and out_of_sample where there is one."""
        return {name: dict(performance.metrics) for name, performance in self._held.items()}

    @cached_property
    def _held(self) -> dict[str, Performance]:
        """Buy-and-hold on the same bars."""
        sweep = self._asked()
        spans = {"in_sample": sweep.in_sample, "out_of_sample": sweep.out_of_sample}
        return {name: hold_performance(sweep.evaluator, span) for name, span in spans.items() if span is not None}

    @cached_property
    def verdict(self) -> Verdict:
        """Whether the best Sharpe ratio in sample is more than the best of so many tries would show by luck.

        How much luck shows depends on how far the Sharpe ratios of all sets lie apart. A set that was pruned counts as
        tried, with the Sharpe ratio that its folds let expect: without the sets that were given up for being bad, the
        others would look alike, and the best of them like more than luck.
        """
        inside = self._best_inside
        cash = self._asked().evaluator.rules.execution.initial_cash
        sharpes = trial_sharpes(self.found.trials.metrics)
        variance = math.nan
        if np.count_nonzero(np.isfinite(sharpes)) > 1:
            per_year = self._asked().evaluator.market.bars.bars_per_year
            variance = float(np.var(sharpes[np.isfinite(sharpes)], ddof=1)) / per_year
        return sharpe_verdict(
            moments_of(inside, cash),
            n_trials=self.lifetime_trials,
            trials_variance=variance,
            trade_count=int(inside.metrics["trade_count"]),
            held_sharpe=moments_of(self._held["in_sample"], cash).sharpe,
        )

    @property
    def warnings(self) -> tuple[str, ...]:
        """What had to be assumed to read the data, and what is suspicious about it or the best set, a sentence each."""
        evaluator = self._asked().evaluator
        market, beyond = evaluator.market, beyond_declared(evaluator.strategy, self.example)
        return (*market.notes, *(warning.message for warning in market.warnings), *beyond)

    def best_result(self, objective: str | None = None) -> Result:
        """A full backtest of the best set over all bars, in sample and out of sample together."""
        evaluator = self._asked().evaluator
        parameters = self.best(objective).parameters
        strategy = evaluator.strategy.holding(dict(parameters))
        outcome = backtest(strategy, evaluator.market, evaluator.rules)
        source = source_of(evaluator.strategy)
        kind, market = evaluator.strategy, evaluator.market
        return Result(kind.name, parameters, market, evaluator.rules, outcome, source, kind)

    @property
    def example(self) -> ParameterSet:
        """The best set, or the first one where none is best."""
        return self.found.trials.parameters.row(0) if self._no_best is not None else self.best().parameters

    def explain(self) -> Explanation:
        """From bars to fills on the bars the search saw, for the best set; for the first where no set traded.

        Where sets traded and still none is best, it has no stages: its message says why, as best() does.
        """
        sweep, reason = self._asked(), self._reason()
        if reason is not None:
            return reason
        strategy = sweep.evaluator.strategy.holding(dict(self.example))
        return backtest(strategy, sweep.evaluator.market, sweep.evaluator.rules, sweep.in_sample).explanation

    def summary(self) -> str:
        """The best set in sample, out of sample and beside buy-and-hold, and the verdict, as a few lines of text."""
        pruned = f", {self.n_pruned:,} of them pruned" if self.n_pruned else ""
        name = "" if self.sweep is None else f"{self.sweep.evaluator.strategy.name}: "
        heading = f"{name}{self.method}, {self.n_trials:,} sets{pruned}"
        if self._no_best is not None:
            return "\n".join([heading, *self._nothing_in_words()])
        if self.sweep is None:
            return f"{heading}\nBest: {self._best_in_words()}"
        best = named("Best set:", self.best().parameters)
        samples = {"in sample": self.in_sample, "out of sample": self.out_of_sample}
        held = {"hold (in)": self.benchmark["in_sample"], "hold (out)": self.benchmark.get("out_of_sample")}
        columns = {name: values for name, values in {**samples, **held}.items() if values is not None}
        return summary_text([heading, best], columns, [f"Verdict: {self.verdict.words}"])

    def _nothing_in_words(self) -> list[str]:
        """Why no set is best, and where the trades are lost or else what to do about it."""
        reason = self._reason()
        if reason is None:
            return [f"No best set: {self._best_in_words()}", "", str(self.explain())]
        return [f"No best set: {reason.message}", f"Fix: {reason.fix}"]

    @property
    def provenance(self) -> dict[str, object]:
        """What a repetition needs: what was searched, where and how, and for a strategy the data and the rules."""
        search = {**self.asked, "method": self.method, "seed": self.seed, "trials": self.n_trials}
        if self.sweep is None:
            return search
        evaluator = self.sweep.evaluator
        return {**market_facts(evaluator.market, evaluator.rules), "strategy": evaluator.strategy.name, **search}

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON: best, pareto_front, trials, pruned, seconds, verdict, in and out of sample, importance.

        None stands for what is no finite number, and for what there is not where no set is best: then `explanation`
        says why, with `parameters` for the one set it looks at.
        """
        data: dict[str, Any] = {
            **self._best_data(),
            "objectives": list(self.objectives),
            "trials": self.n_trials,
            "pruned": self.n_pruned,
            "seconds": self.seconds,
            "importance": self.importance,
            "provenance": self.provenance,
            "ledger": None if self.recording is None else asdict(self.recording),
        }
        if self.sweep is None:
            return dict(finite(data))
        found = self.nothing is None
        whole = {
            **data,
            "strategy": self.sweep.evaluator.strategy.name,
            "verdict": verdict_data(self.verdict) if found else None,
            "in_sample": self.in_sample if found else None,
            "out_of_sample": self.out_of_sample if found else None,
            "benchmark": self.benchmark,
            "warnings": list(self.warnings),
        }
        return dict(finite(whole))

    def _best_data(self) -> dict[str, Any]:
        """The best set and the front, or why there is neither."""
        if self.nothing is not None:
            looked_at = dict(self.example) if self.nothing.stages else None
            why = {"parameters": looked_at, "explanation": self.nothing.to_dict()}
            return {"best": None, "pareto_front": [], **why}
        best = self.best()
        front = [
            {"rank": each.rank, "parameters": dict(each.parameters), "objectives": each.objectives}
            for each in self.pareto_front
        ]
        return {"best": {"parameters": dict(best.parameters), "metrics": best.metrics}, "pareto_front": front}

    def report(self, path: str | Path) -> Path:
        """Write one self-contained HTML file and get its path."""
        from autonomous_trading.interfaces.python._report_content import report_of_study
        from autonomous_trading.interfaces.report import render_report

        return write_text_atomic(file_path(path), render_report(report_of_study(self)))


def verdict_data(verdict: Verdict) -> dict[str, object]:
    """A verdict as plain data: evidence, words, dsr, psr, counts."""
    return {
        "evidence": verdict.evidence.value,
        "words": verdict.words,
        "dsr": verdict.dsr,
        "psr": verdict.psr,
        "trials": verdict.n_trials,
        "bars": verdict.n_bars,
        "trades": verdict.trade_count,
        "bars_needed": verdict.bars_needed,
    }
