"""A search made ready: what is searched, what the sets are worth, and what the search is called in a ledger."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from typing import final

from autonomous_trading.adapters.compute import FunctionTask, StrategyTask
from autonomous_trading.app import (
    BASIC_METRICS,
    Evaluate,
    Evaluator,
    Found,
    Measure,
    Objective,
    Progress,
    Reference,
    ResultConstraint,
    Robustness,
    Search,
    checked_metrics,
    evaluate_within,
    evaluation_of,
    fold_columns,
    run_search,
    sets_per_row,
    trial_seeds,
)
from autonomous_trading.core import (
    FloatArray,
    InvalidInput,
    NothingToReport,
    ParameterTable,
    Space,
    resolve_metric,
    split_score,
)
from autonomous_trading.interfaces.python._checks import instance_of, listed, positive, refuse_unknown
from autonomous_trading.interfaces.python._code_identity import identity_of
from autonomous_trading.interfaces.python._inputs import market_of, searched_class
from autonomous_trading.interfaces.python._objectives import goals_of, objective_names
from autonomous_trading.interfaces.python._provenance import (
    code_facts,
    market_facts,
    market_name,
    plain,
    search_facts,
    source_of,
    span_facts,
)
from autonomous_trading.interfaces.python._recording import RECORDED, Asked, Places, Recorder, Recording
from autonomous_trading.interfaces.python._result_constraints import one_of, result_constraints
from autonomous_trading.interfaces.python._settings import SearchSettings, rules_from
from autonomous_trading.interfaces.python._spaces import declared_space, strategy_space, with_engine_parameters
from autonomous_trading.interfaces.python._study import Sweep
from autonomous_trading.search import ALIASES, METHODS, Optimizer

ALWAYS_KEPT = ("sharpe_ratio", "trade_count")
"""Kept for every set whatever is asked for: the verdict needs the first, an explanation the second."""


_COMPARED_BATCH = 16
"""Where sets are compared with those of earlier batches, methods that do not learn propose so many at once."""


@final
@dataclass(frozen=True, slots=True)
class Prepared:
    """Everything a search needs but the way it is run: in memory, or through a ledger.

    facts: what is searched and how, as plain values. sweep: None where a function of one's own is searched. pruning:
    how sets are measured, where those that are clearly beaten are given up.
    """

    goals: tuple[Objective, ...]
    constraints: tuple[ResultConstraint, ...]
    space: Space
    search: Search
    facts: Mapping[str, object]
    asked: Asked
    places: Places
    sweep: Sweep | None = None
    pruning: Robustness | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """What is searched for."""
        return tuple(goal.name for goal in self.goals)

    def searched(self, recorder: Recorder | None, progress: Progress | None) -> tuple[Found, Recording | None]:
        """Every set that was evaluated: in memory, or through a ledger. Refused where what was chosen looks ahead."""
        if recorder is None:
            found, recording = self._in_memory(progress), None
        else:
            found, recording = recorder.search(self, progress)
        self.refuse_chosen_that_look_ahead(found)
        return found, recording

    def _in_memory(self, progress: Progress | None) -> Found:
        return run_search(self.space, self.measure(), self.goals, self.search, progress, constraints=self.constraints)

    def measure(self) -> Measure:
        """What tables are worth one after the other: each set with the seed of its number, as in a ledger."""
        return _numbered(self.places.evaluate, self.search.seed, self.reference())

    def reference(self) -> Reference | None:
        """What sets will be compared with, empty; None where no set is given up."""
        if self.pruning is None:
            return None
        ahead = self.optimizer().ahead
        return Reference(self.names, self.pruning.folds, self.pruning.prune_after, self.constraints, ahead)

    def optimizer(self) -> Optimizer:
        """A fresh optimiser of this search."""
        return self.search.optimizer(self.space, len(self.goals))

    def best_rows(self, found: Found) -> list[int]:
        """Row of the best set of every objective."""
        rows = []
        for objective in found.objectives:
            with suppress(NothingToReport):
                rows.append(found.best(objective.name))
        return rows

    def refuse_chosen_that_look_ahead(self, found: Found) -> None:
        """A search looks at one set of each kind for look-ahead; what it found best is looked at for itself."""
        if self.sweep is None:
            return
        for objective in found.objectives:
            with suppress(NothingToReport):
                best = found.trials.parameters.row(found.best(objective.name))
                self.sweep.evaluator.refuse_look_ahead(best)


def prepared_strategy(
    strategy: object, data: object, objectives: object, search: Search, settings: SearchSettings
) -> Prepared:
    """The search of a strategy on the first part of the bars. Raises InvalidInput."""
    names = checked_metrics(objective_names(objectives, "sharpe_ratio"))
    constraints = result_constraints(settings.get("constraints"), _one_run)
    robust = settings.get("robust") or Robustness()
    instance_of("robust", robust, Robustness, "at.Robustness(folds=5)")
    pruning = _pruning(robust, names)
    metrics = _kept_metrics(names, constraints, settings)
    if pruning is not None:
        metrics, search = (*metrics, *fold_columns(names, robust.folds)), _compared(search)
    chosen = with_engine_parameters(searched_class(strategy), settings)
    space = strategy_space(chosen, settings.get("space"), settings.get("fixed"))
    rules, market = rules_from(settings), market_of(data, settings)
    evaluator = Evaluator.of(chosen, market, rules)
    split = split_row(market.n_bars, settings.get("train_fraction", 0.7))
    inside, outside = (0, split), (split, market.n_bars) if split < market.n_bars else None
    evaluate = evaluation_of(evaluator, metrics, inside, space, robust)
    task = StrategyTask(chosen, market, metrics, inside, rules, space, robust)
    sweep = Sweep(evaluator, inside, outside)
    facts = {
        "source": dict(source_of(chosen)),
        "objectives": list(names),
        "constraints": [str(each) for each in constraints],
        "trials_asked": search.trials,
        "train_fraction": plain(settings.get("train_fraction", 0.7)),
        **_span_facts(sweep),
        **search_facts(space, search),
    }
    return Prepared(
        goals=tuple(Objective.of(name) for name in names),
        constraints=constraints,
        space=space,
        search=search,
        facts=facts,
        asked=Asked(
            _title(sweep), lambda: _evaluation_facts(sweep, robust, constraints), facts, metrics, space, search
        ),
        places=Places(evaluate, task, facts["kept_out"], sets_per_row(metrics, robust)),
        sweep=sweep,
        pruning=pruning,
    )


def _title(sweep: Sweep) -> str:
    return f"{sweep.evaluator.strategy.name} on {market_name(sweep.evaluator.market)}"


def _span_facts(sweep: Sweep) -> dict[str, object]:
    """The bars that are searched, and those that are kept out of sight."""
    market, outside = sweep.evaluator.market, sweep.out_of_sample
    kept_out = None if outside is None else span_facts(market, outside)
    return {"searched": span_facts(market, sweep.in_sample), "kept_out": kept_out}


def _pruning(robust: Robustness, objectives: Sequence[str]) -> Robustness | None:
    """How sets are given up; None where they are not. InvalidInput for objectives that folds say nothing about."""
    if robust.prune is None:
        return None
    others = [name for name in objectives if not split_score(name)[0].endswith("_fold")]
    if others:
        raise InvalidInput(
            f"prune compares sets fold by fold, and {' and '.join(others)} is no score over folds",
            fix=f'search for "worst_fold_{split_score(others[0])[1]}", or leave prune out',
        )
    return robust


def _compared(search: Search) -> Search:
    """The search in batches small enough for sets to be compared with earlier ones: learning methods have such."""
    method = METHODS.get(ALIASES.get(search.method, search.method))
    if method is None or method.learns or "batch_size" in search.options:
        return search
    return replace(search, options={**search.options, "batch_size": _COMPARED_BATCH})


def _evaluation_facts(
    sweep: Sweep, robust: Robustness, constraints: Sequence[ResultConstraint]
) -> Mapping[str, object]:
    """All that decides what a set of a strategy is worth."""
    return {
        **code_and_market_facts(sweep.evaluator),
        "span": list(sweep.in_sample),
        "robust": asdict(robust),
        "rules": _identity_of_rules(constraints),
    }


def code_and_market_facts(evaluator: Evaluator) -> Mapping[str, object]:
    """What decides the results of a strategy beside its parameters and the bars it is measured on."""
    return {
        "strategy": evaluator.strategy.name,
        "code": identity_of(evaluator.strategy),
        **market_facts(evaluator.market, evaluator.rules),
        "symbols": list(evaluator.market.symbols),
        "cost_columns": identity_of(asdict(evaluator.rules.costs)),
    }


def _identity_of_rules(constraints: Sequence[ResultConstraint]) -> str:
    """What tells functions that results have to keep from others; texts tell themselves."""
    return identity_of([each.rule for each in constraints if not each.names])


def prepared_function(
    function: Callable[..., float | Sequence[float]], objectives: object, search: Search, settings: SearchSettings
) -> Prepared:
    """The search of a function of one's own. Raises InvalidInput."""
    goals = goals_of(objective_names(objectives, "objective"))
    refuse_unknown(
        "optimize with an objective of your own",
        settings,
        ("seed", "space", "fixed", "resolution", "options", "ahead", "constraints", "progress", *RECORDED),
    )
    if not callable(function):
        raise InvalidInput(f"objective must be a function; got {function!r}", fix="pass objective=my_function")
    space = declared_space(settings.get("space"), settings.get("fixed"))
    names = tuple(goal.name for goal in goals)
    constraints = result_constraints(settings.get("constraints"), one_of(names))
    source, task = code_facts(function), FunctionTask(function, names)
    facts = {
        "source": source,
        "objectives": list(names),
        "constraints": [str(each) for each in constraints],
        "trials_asked": search.trials,
        **search_facts(space, search),
    }

    def evaluation() -> Mapping[str, object]:
        codes = {"code": identity_of(function), "feasible": identity_of(space.constraint)}
        return {"function": source, **codes, "rules": _identity_of_rules(constraints)}

    return Prepared(
        goals=goals,
        constraints=constraints,
        space=space,
        search=search,
        facts=facts,
        asked=Asked(str(source["name"]), evaluation, facts, names, space, search),
        places=Places(task.build(), task),
    )


def _kept_metrics(
    names: Sequence[str], constraints: Sequence[ResultConstraint], settings: SearchSettings
) -> tuple[str, ...]:
    """What is kept for every set: what is searched for and bounded, what a person asked for, what a verdict needs."""
    kept = settings.get("metrics")
    asked = listed("metrics", BASIC_METRICS if kept is None else kept, "cagr")
    bounded = [name for each in constraints for name in each.names]
    return checked_metrics((*names, *bounded, *asked, *ALWAYS_KEPT))


def _one_run(name: str) -> str:
    (canonical,) = checked_metrics([resolve_metric(name)])
    return canonical


def _numbered(evaluate: Evaluate, seed: int, reference: Reference | None = None) -> Measure:
    done = 0

    def measure(table: ParameterTable) -> Mapping[str, FloatArray]:
        nonlocal done
        seeds = trial_seeds(seed, done, len(table))
        done += len(table)
        if reference is None:
            return evaluate(table, seeds)
        found = evaluate_within(evaluate, table, seeds, reference.context())
        reference.tell(found)
        return found

    return measure


def split_row(n_bars: int, fraction: object) -> int:
    """Row where the optimiser's sight ends: at least one bar is kept unless all are asked for."""
    if positive("train_fraction", fraction, "0.7") > 1.0:
        raise InvalidInput(
            f"train_fraction must be above 0 and at most 1; got {fraction!r}",
            fix="use 0.7 to keep the last 30 % out of sight, 1.0 to search all bars",
        )
    share = float(positive("train_fraction", fraction, "0.7"))
    rows = n_bars if share == 1.0 else min(round(n_bars * share), n_bars - 1)
    if rows < 2:
        raise InvalidInput(
            f"{share:g} of {n_bars:,} bars leaves {max(rows, 0)} to search, at least 2 are needed", fix="use more data"
        )
    return rows
