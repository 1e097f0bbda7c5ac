"""The chosen set, ready to be run again: with other targets, under other rules, on other bars."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from autonomous_trading.app._evaluator import Evaluator, Rules
from autonomous_trading.app._market import Market
from autonomous_trading.app._programs import Batch, batch_of, direct_program
from autonomous_trading.backtest import BACKTEST_METRICS
from autonomous_trading.core import Bars, FloatArray, IntArray, InvalidInput

METRICS = BACKTEST_METRICS
TARGET_BUDGET = 64 * 2**20  # bytes of targets that are held at a time


def chosen_batch(evaluator: Evaluator, parameters: Mapping[str, Any]) -> Batch:
    """The targets and settings of one parameter set on the market of the evaluator. Refused where it looks ahead."""
    return batch_of(evaluator.strategy.holding(dict(parameters)), evaluator.market)


def targets_of(batch: Batch) -> FloatArray:
    """Target exposures of a batch of one set [instruments, bars], NaN where there is no opinion."""
    return np.concatenate([program.matrix for program in batch.programs])


def retargeted(batch: Batch, targets: FloatArray) -> Batch:
    """Other targets [instruments, sets, bars] under the settings of a batch of one set."""
    n_sets = targets.shape[1]
    settings = {name: np.repeat(values, n_sets) for name, values in batch.settings.items()}
    return Batch(np.arange(n_sets, dtype=np.int64), [direct_program(each) for each in targets], settings)


def measured(evaluator: Evaluator, batch: Batch, span: tuple[int, int]) -> dict[str, FloatArray]:
    """Every metric of every set of a batch over the bars of the span, [n_sets] each."""
    return evaluator.measure_batch(batch, METRICS, *span)


def own_metrics(evaluator: Evaluator, parameters: Mapping[str, Any], span: tuple[int, int]) -> dict[str, float]:
    """Every metric of the chosen set itself."""
    found = measured(evaluator, chosen_batch(evaluator, parameters), span)
    return {name: float(values[0]) for name, values in found.items()}


def on_other_bars(evaluator: Evaluator, bars: Mapping[str, Bars], rules: Rules | None = None) -> Evaluator:
    """The same strategy under the same rules on other bars; whom the real market trusts is trusted here.

    Whether a strategy looks ahead is found out on the real bars: here it would be asked again for every market made.
    """
    market = replace(Market.of(bars), trusted=evaluator.market.trusted)
    return Evaluator.of(evaluator.strategy, market, rules or evaluator.rules)


def bars_of(evaluator: Evaluator) -> dict[str, Bars]:
    """The bars of every instrument by symbol."""
    return {each.bars.symbol: each.bars for each in evaluator.market.instruments}


def rules_on_rows(rules: Rules, rows: IntArray) -> Rules:
    """The same rules on some bars of the clock: costs that are a column of bars lose the others."""
    costs = rules.costs
    spread, funding = (
        each[..., rows] if isinstance(each, np.ndarray) else each for each in (costs.half_spread, costs.funding_rate)
    )
    return replace(rules, costs=replace(costs, half_spread=spread, funding_rate=funding))


def check_count(name: str, value: object) -> None:
    """InvalidInput where a number of runs is no whole number of at least 1."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise InvalidInput(f"{name} must be a whole number of at least 1; got {value!r}", fix=f"use {name}=100")
