"""Parameter sets of one strategy on one market, as a task."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple, final

import numpy as np

from autonomous_trading.adapters._own_code import reference_to, strategy_named
from autonomous_trading.adapters.compute._market_arrays import arrays_of, market_on
from autonomous_trading.app import (
    Evaluate,
    Evaluator,
    Market,
    Recipe,
    Robustness,
    Rules,
    SharedArray,
    Task,
    evaluation_of,
    window_evaluation,
)
from autonomous_trading.backtest import Simulator
from autonomous_trading.core import InvalidInput, Parameter, Space
from autonomous_trading.strategies import Strategy

__all__ = ["StrategyTask"]

_TABLE: Final = "table"


@final
@dataclass(frozen=True, slots=True)
class StrategyTask(Task):
    """What parameter sets of a strategy are worth on bars span[0] .. span[1] - 1 of a market.

    strategy: a class, or the text `strategy_named` finds it by. To be sent elsewhere the class must be defined in a
    file. Every worker uses one thread. space and robustness are needed where robust scores are among the metrics.
    windows: spans of bars; where there are some, every set names the one it is measured on, and span tells nothing.
    """

    strategy: type[Strategy] | str
    market: Market
    metrics: tuple[str, ...]
    span: tuple[int, int]
    rules: Rules = field(default_factory=Rules)
    space: Space | None = None
    robustness: Robustness = field(default_factory=Robustness)
    windows: tuple[tuple[int, int], ...] = ()

    def build(self) -> Evaluate:
        """The evaluation, in this process."""
        strategy = strategy_named(self.strategy) if isinstance(self.strategy, str) else self.strategy
        evaluator = Evaluator.of(strategy, self.market, _alone(self.rules))
        if self.windows:
            return window_evaluation(evaluator, self.metrics, self.windows)
        return evaluation_of(evaluator, self.metrics, self.span, self.space, self.robustness)

    def split(self, *, mapped: bool) -> tuple[Recipe, Mapping[str, SharedArray]]:
        """A record that names the strategy, and the arrays of the market; mapped ones with the kernel's table too."""
        rules = _alone(self.rules)
        name, declared = _named(self.strategy)
        searched = None if self.space is None else _searched(self.space, self.robustness)
        spans = _Spans(self.span, self.windows)
        recipe = _StrategyRecipe(name, declared, self.market.symbols, rules, self.metrics, spans, searched)
        arrays = arrays_of(self.market)
        if mapped:
            arrays[_TABLE] = self.market.simulator(rules.costs, rules.exits, rules.execution).table
        return recipe, arrays


class _Searched(NamedTuple):
    """What is searched, without the constraint: that is code, and comes with the strategy."""

    parameters: Mapping[str, Parameter]
    fixed: Mapping[str, object]
    robustness: Robustness


class _Spans(NamedTuple):
    """The bars all sets are measured on, or those of the windows that sets name."""

    whole: tuple[int, int]
    windows: tuple[tuple[int, int], ...]


@final
@dataclass(frozen=True, slots=True)
class _StrategyRecipe(Recipe):
    strategy: str
    declared: Mapping[str, Parameter]
    symbols: tuple[str, ...]
    rules: Rules
    metrics: tuple[str, ...]
    spans: _Spans
    searched: _Searched | None

    def build_on(self, arrays: Mapping[str, SharedArray]) -> Evaluate:
        strategy = strategy_named(self.strategy)
        if self.declared:
            strategy = strategy.declaring(self.declared)
        of_market = {name: values for name, values in arrays.items() if name != _TABLE}
        market = market_on(of_market, self.symbols)
        if _TABLE not in arrays:
            return self._on(Evaluator.of(strategy, market, self.rules))
        table = np.asarray(arrays[_TABLE], dtype=np.float64)
        simulator = Simulator.on(table, market.bars, self.rules.costs, self.rules.exits, self.rules.execution)
        return self._on(Evaluator(strategy, market, self.rules, simulator))

    def _on(self, evaluator: Evaluator) -> Evaluate:
        if self.spans.windows:
            return window_evaluation(evaluator, self.metrics, self.spans.windows)
        if self.searched is None:
            return evaluation_of(evaluator, self.metrics, self.spans.whole, None, Robustness())
        parameters, fixed, robustness = self.searched
        space = Space(parameters, evaluator.strategy.space().constraint, fixed)
        return evaluation_of(evaluator, self.metrics, self.spans.whole, space, robustness)


def _searched(space: Space, robustness: Robustness) -> _Searched:
    return _Searched(dict(space.parameters), dict(space.fixed), robustness)


def _alone(rules: Rules) -> Rules:
    return replace(rules, threads=1)


def _named(strategy: type[Strategy] | str) -> tuple[str, Mapping[str, Parameter]]:
    """The text a strategy is found by, and the parameters that were declared on top of what is found there."""
    if isinstance(strategy, str):
        return strategy, {}
    declared: dict[str, Parameter] = {}
    for cls in strategy.__mro__:
        if not issubclass(cls, Strategy) or cls.__qualname__ != strategy.__qualname__:
            break
        if _is_found(cls):
            return reference_to(cls), declared
        declared = {name: value for name, value in vars(cls).items() if isinstance(value, Parameter)} | declared
    return reference_to(strategy), {}


def _is_found(cls: type[Strategy]) -> bool:
    try:
        reference_to(cls)
    except InvalidInput:
        return False
    return True
