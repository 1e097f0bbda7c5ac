"""A search made ready: what is searched, what the sets are worth, and what the search is called in a ledger."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import final

from autonomous_trading.adapters.compute import FunctionTask, StrategyTask
from autonomous_trading.app import BASIC_METRICS, Evaluator, Found, Measure, Objective, Search, checked_metrics
from autonomous_trading.core import FloatArray, InvalidInput, NothingToReport, ParameterTable, Space
from autonomous_trading.interfaces.python._checks import listed, positive, refuse_unknown
from autonomous_trading.interfaces.python._inputs import market_of, searched_class
from autonomous_trading.interfaces.python._objectives import OwnObjective, goals_of, objective_names
from autonomous_trading.interfaces.python._provenance import (
    code_facts,
    market_facts,
    market_name,
    plain,
    search_facts,
    source_of,
    span_facts,
)
from autonomous_trading.interfaces.python._recording import RECORDED, Asked, Places
from autonomous_trading.interfaces.python._settings import SearchSettings, rules_from
from autonomous_trading.interfaces.python._spaces import declared_space, strategy_space, with_engine_parameters
from autonomous_trading.interfaces.python._study import Sweep

ALWAYS_KEPT = ("sharpe_ratio", "trade_count")
"""Kept for every set whatever is asked for: the verdict needs the first, an explanation the second."""


@final
@dataclass(frozen=True, slots=True)
class Prepared:
    """Everything a search needs but the way it is run: in memory, or through a ledger.

    facts: what is searched and how, as plain values. sweep: None where a function of one's own is searched.
    """

    goals: tuple[Objective, ...]
    space: Space
    search: Search
    measure: Measure
    facts: Mapping[str, object]
    asked: Asked
    places: Places
    sweep: Sweep | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """What is searched for."""
        return tuple(goal.name for goal in self.goals)

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
    kept = settings.get("metrics")
    metrics = checked_metrics(
        (*names, *listed("metrics", BASIC_METRICS if kept is None else kept, "cagr"), *ALWAYS_KEPT)
    )
    chosen = with_engine_parameters(searched_class(strategy), settings)
    space = strategy_space(chosen, settings.get("space"), settings.get("fixed"))
    rules, market = rules_from(settings), market_of(data)
    evaluator = Evaluator.of(chosen, market, rules)
    split = split_row(market.n_bars, settings.get("train_fraction", 0.7))
    inside, outside = (0, split), (split, market.n_bars) if split < market.n_bars else None

    def measure(table: ParameterTable) -> Mapping[str, FloatArray]:
        return evaluator.measure(table, metrics, *inside)

    facts = {
        "source": dict(source_of(chosen)),
        "objectives": list(names),
        "trials_asked": search.trials,
        "train_fraction": plain(settings.get("train_fraction", 0.7)),
        "searched": span_facts(market, inside),
        "kept_out": None if outside is None else span_facts(market, outside),
        **search_facts(space, search),
    }
    evaluation = {"strategy": chosen.name, **market_facts(market, rules), "span": list(inside)}
    title = f"{chosen.name} on {market_name(market)}"
    return Prepared(
        goals=tuple(Objective.of(name) for name in names),
        space=space,
        search=search,
        measure=measure,
        facts=facts,
        asked=Asked(title, evaluation, facts, metrics, space, search),
        places=Places(
            lambda table, _: measure(table), lambda: StrategyTask.of(evaluator, metrics, inside), facts["kept_out"]
        ),
        sweep=Sweep(evaluator, inside, outside),
    )


def prepared_function(
    function: Callable[..., float | Sequence[float]], objectives: object, search: Search, settings: SearchSettings
) -> Prepared:
    """The search of a function of one's own. Raises InvalidInput."""
    goals = goals_of(objective_names(objectives, "objective"))
    refuse_unknown(
        "optimize with an objective of your own",
        settings,
        ("seed", "space", "fixed", "resolution", "options", "progress", *RECORDED),
    )
    if not callable(function):
        raise InvalidInput(f"objective must be a function; got {function!r}", fix="pass objective=my_function")
    space = declared_space(settings.get("space"), settings.get("fixed"))
    names, own = tuple(goal.name for goal in goals), OwnObjective(function, goals)
    source = code_facts(function)
    facts = {
        "source": source,
        "objectives": list(names),
        "trials_asked": search.trials,
        **search_facts(space, search),
    }
    return Prepared(
        goals=goals,
        space=space,
        search=search,
        measure=own,
        facts=facts,
        asked=Asked(str(source["name"]), {"function": source}, facts, names, space, search),
        places=Places(own.with_seeds, lambda: FunctionTask.of(function, names)),
    )


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
