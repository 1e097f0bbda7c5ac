"""A walk-forward made ready: its windows, what is searched in each, and what the whole is called in a ledger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

from autonomous_trading.adapters.compute import StrategyTask
from autonomous_trading.app import (
    Evaluator,
    Found,
    Objective,
    Progress,
    ResultConstraint,
    Search,
    WalkForward,
    WindowSearch,
    best_of_windows,
    checked_metrics,
    found_by_window,
    space_of_windows,
    training_spans,
    walk_forward,
    window_evaluation,
    window_metrics,
)
from autonomous_trading.core import InvalidInput, Space, split_score
from autonomous_trading.interfaces.python._checks import positive, text, truth
from autonomous_trading.interfaces.python._inputs import market_of, searched_class
from autonomous_trading.interfaces.python._prepared import code_and_market_facts
from autonomous_trading.interfaces.python._provenance import (
    market_name,
    search_facts,
    source_of,
    span_facts,
    window_facts,
)
from autonomous_trading.interfaces.python._recording import Asked, Places
from autonomous_trading.interfaces.python._settings import WalkForwardSettings, rules_from, search_from
from autonomous_trading.interfaces.python._spaces import strategy_space, with_engine_parameters
from autonomous_trading.validation import Window, walk_forward_windows

DEFAULT_FOLD_TRIALS = 100


@final
@dataclass(frozen=True, slots=True)
class PreparedWalk:
    """Everything a walk-forward needs but the way it is run: in memory, or through a ledger.

    facts: how the windows lie and how each is searched, as plain values.
    """

    objective: Objective
    space: Space
    search: Search
    windows: tuple[Window, ...]
    evaluator: Evaluator
    facts: Mapping[str, object]

    @property
    def goals(self) -> tuple[Objective, ...]:
        """What every window is searched for."""
        return (self.objective,)

    @property
    def constraints(self) -> tuple[ResultConstraint, ...]:
        """None: a walk chooses by its objective alone."""
        return ()

    @property
    def asked(self) -> Asked:
        """What names the job: the sets of all windows together."""
        trials = self.search.trials
        space = space_of_windows(self.space, len(self.windows))
        facts = {
            "objectives": [self.objective.name],
            "constraints": [],
            "trials_asked": trials,
            "windows": len(self.windows),
            **self.facts,
            **search_facts(space, self.search),
        }
        title = f"{self.evaluator.strategy.name} on {market_name(self.evaluator.market)}, walk-forward"
        metrics, parts = window_metrics(self.objective), len(self.windows)
        return Asked(title, self._evaluation, facts, metrics, space, self.search, parts, whole=True)

    def _evaluation(self) -> Mapping[str, object]:
        """All that decides what a set is worth."""
        return {
            **code_and_market_facts(self.evaluator),
            "windows": [list(span) for span in training_spans(self.windows)],
        }

    @property
    def places(self) -> Places:
        """Who can evaluate, and the bars that the answer shows: those traded out of sample."""
        evaluator, spans = self.evaluator, training_spans(self.windows)
        metrics = window_metrics(self.objective)
        task = StrategyTask(
            evaluator.strategy, evaluator.market, metrics, (0, 0), evaluator.rules, self.space, windows=spans
        )
        tested = self.windows[0].stitched.start, self.windows[-1].stitched.stop
        return Places(window_evaluation(evaluator, metrics, spans), task, span_facts(evaluator.market, tested))

    def optimizer(self) -> WindowSearch:
        """A fresh optimiser of all windows, one after the other."""
        return WindowSearch(self.space, len(self.windows), self.search)

    def best_rows(self, found: Found) -> list[int]:
        """Row of the set that every window chose."""
        return best_of_windows(found, len(self.windows))

    def reference(self) -> None:
        """Nothing: every set is measured on all bars of its window."""

    def walked(self, progress: Progress | None, found: Found | None = None) -> WalkForward:
        """The walk: searched now, or as it was found through a ledger."""
        searched = None if found is None else found_by_window(found, len(self.windows))
        return walk_forward(
            self.evaluator, self.space, self.windows, self.search, self.objective, progress, searched=searched
        )


def prepared_walk(
    strategy: object, data: object, lengths: Mapping[str, object], settings: WalkForwardSettings
) -> PreparedWalk:
    """The walk-forward of a strategy. lengths: train, test and step. Raises InvalidInput."""
    chosen = with_engine_parameters(searched_class(strategy), settings)
    (goal,) = checked_metrics([settings.get("objective", "sharpe_ratio")])
    if split_score(goal)[0]:
        raise InvalidInput(f"a walk-forward chooses by one plain metric, not by {goal}", fix="use sharpe_ratio")
    method, trials = text("method", settings.get("method", "random"), "random"), settings.get("trials")
    search = search_from(method, DEFAULT_FOLD_TRIALS if trials is None and method != "grid" else trials, settings)
    space = strategy_space(chosen, settings.get("space"), settings.get("fixed"))
    rules = rules_from(settings)
    market = market_of(data, settings)
    examples = {"train": "365", "test": "30", "step": "7"}
    checked = {name: positive(name, lengths[name], example) for name, example in examples.items()}
    windows = walk_forward_windows(
        market.bars.time,
        **checked,
        unit=settings.get("unit", "days"),
        expanding=truth("expanding", settings.get("expanding", False)),
    )
    facts = {
        "source": dict(source_of(chosen)),
        **window_facts(checked, settings),
        "trials_per_window": search.trials,
        **search_facts(space, search),
    }
    return PreparedWalk(Objective.of(goal), space, search, windows, Evaluator.of(chosen, market, rules), facts)
