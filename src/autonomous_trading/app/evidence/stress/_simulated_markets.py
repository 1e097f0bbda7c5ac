"""The strategy traded again on hundreds of price histories that could have been, beside buy-and-hold on the same ones.

Every path model keeps something of the real bars and destroys the rest; what a strategy earns on such paths is owed to
what they keep. All of them destroy a pattern that is longer than their memory: for trends they are worlds without one,
so a strategy is not expected to earn there beyond holding, and what it loses there is what it loses when its pattern
ends. Drawdowns and ruin are the honest use: volatility and tails are real.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, final

import numpy as np

from autonomous_trading.app._evaluator import Evaluator
from autonomous_trading.app._programs import Batch, direct_program
from autonomous_trading.app.evidence.stress._distribution import Distribution
from autonomous_trading.app.evidence.stress._replay import METRICS, check_count, chosen_batch, on_other_bars, targets_of
from autonomous_trading.app.evidence.stress._simulated_bars import BarShapes
from autonomous_trading.backtest import Execution, Exits, Request, RunResult, SetOptions, curve_metrics, metrics_of
from autonomous_trading.core import FloatArray, IntArray, InvalidInput, Refused
from autonomous_trading.validation import BlockBootstrap, GarchPaths, PathModel, RegimePaths

LOWEST = "lowest_equity"
RUIN = 0.5  # a loss of half of the money is called ruin: few go on after it
_BUDGET = 32 * 2**20  # bytes of drawn returns at a time
_AT_ONCE = 32
_CURVES = Request(extended=True, curves=True)
_PLAIN = SetOptions.of(1, Exits(), Execution())  # no exits, full size
_OPTIONS = tuple(each.name for each in fields(SetOptions))

MakesPaths = Callable[[FloatArray], PathModel]


@final
@dataclass(frozen=True, slots=True)
class MarketModel:
    """How price histories are drawn, and in words what they keep of the real one and what they destroy."""

    make: MakesPaths
    keeps: str
    destroys: str


MARKET_MODELS: dict[str, MarketModel] = {
    "garch": MarketModel(
        GarchPaths,
        "clusters of volatility, fat tails and skew, the mean return",
        "every pattern in the direction of returns, leverage effects, lasting regimes",
    ),
    "regimes": MarketModel(
        RegimePaths,
        "calm and turbulent times, each with its mean return and volatility",
        "patterns inside a regime, tails beyond those two normal distributions make together",
    ),
    "blocks": MarketModel(
        BlockBootstrap,
        "the returns themselves, patterns and clusters within a block",
        "every pattern longer than a block, the order of the blocks",
    ),
}


@final
@dataclass(frozen=True, slots=True)
class SimulatedMarket:
    """Metrics of the strategy and of buy-and-hold on the histories of one model; also "lowest_equity" over its start.

    problem: why the model could not be fitted or its histories not be traded; then nothing was evaluated.
    """

    model: str
    keeps: str
    destroys: str
    strategy: Distribution
    hold: Distribution
    evaluated: int
    problem: str = ""

    def chance_of_loss(self) -> float:
        """Share of the histories on which the strategy loses."""
        return self.strategy.share_below("total_return", 0.0)

    def chance_of_ruin(self, loss: float = RUIN) -> float:
        """Share of the histories on which equity once had lost this fraction of its start or more."""
        return self.strategy.share_below(LOWEST, np.nextafter(1.0 - loss, 2.0))

    def to_dict(self) -> dict[str, Any]:
        """Plain data: the model in words, quantiles for strategy and buy-and-hold, chances, evaluated."""
        return {
            "model": self.model,
            "keeps": self.keeps,
            "destroys": self.destroys,
            "strategy": self.strategy.to_dict(),
            "hold": self.hold.to_dict(),
            "chance_of_loss": self.chance_of_loss(),
            "ruin": RUIN,
            "chance_of_ruin": self.chance_of_ruin(),
            "evaluated": self.evaluated,
            "problem": self.problem,
        }


def simulated_markets(
    evaluator: Evaluator,
    parameters: Mapping[str, Any],
    span: tuple[int, int],
    *,
    paths: int = 200,
    models: Mapping[str, MarketModel] = MARKET_MODELS,
    seed: int = 0,
) -> tuple[SimulatedMarket, ...]:
    """The set and buy-and-hold on `paths` histories of every model, fitted to the returns of the span.

    Histories begin where the bars before the span end, with the same times and costs; signals are computed anew. Memory
    does not grow with `paths`, but for the metrics. Raises InvalidInput where no bar is common to all instruments.
    """
    check_count("paths", paths)
    shapes = BarShapes.of(evaluator, span)
    chosen_batch(evaluator, parameters)  # refused here where it looks ahead, and trusted on every history
    found = []
    for number, (name, model) in enumerate(models.items()):
        rng = np.random.default_rng([seed, number])
        try:
            parts = list(_portions(evaluator, parameters, span, shapes=shapes, drawn=_drawn(model, shapes, paths, rng)))
            problem = ""
        except (InvalidInput, Refused) as error:
            nothing = {metric: np.empty((2, 0)) for metric in (*METRICS, LOWEST)}
            parts, problem = [nothing], error.what
        strategy, hold = (Distribution.joined([_row(part, place) for part in parts]) for place in (0, 1))
        found.append(
            SimulatedMarket(name, model.keeps, model.destroys, strategy, hold, len(strategy) + len(hold), problem)
        )
    return tuple(found)


def _row(values: Mapping[str, FloatArray], place: int) -> dict[str, FloatArray]:
    return {name: each[place] for name, each in values.items()}


def _drawn(model: MarketModel, shapes: BarShapes, paths: int, rng: np.random.Generator) -> Iterator[FloatArray]:
    """Returns of the market, some histories at a time."""
    fitted = model.make(shapes.returns)
    size = shapes.stop - shapes.first
    step = max(1, min(_AT_ONCE, _BUDGET // (8 * size)))
    for low in range(0, paths, step):
        yield fitted.draw(min(step, paths - low), size, rng)


def _portions(
    evaluator: Evaluator,
    parameters: Mapping[str, Any],
    span: tuple[int, int],
    *,
    shapes: BarShapes,
    drawn: Iterator[FloatArray],
) -> Iterator[dict[str, FloatArray]]:
    """Every metric [strategy and buy-and-hold, histories] of one portion of histories after the other."""
    for returns in drawn:
        runs: list[RunResult] = []
        for row in returns:
            other = on_other_bars(evaluator, shapes.simulated(evaluator, row))
            runs += _beside_holding(other, chosen_batch(other, parameters), span)
        yield _metrics(runs, evaluator.market.bars.time[span[0] : span[1]])


def _beside_holding(evaluator: Evaluator, batch: Batch, span: tuple[int, int]) -> list[RunResult]:
    """The strategy and buy-and-hold, as two sets of one run where no rule keeps them apart: it costs as much as one."""
    if evaluator.rules.execution.rebalance_band is not None:
        return [evaluator.run(batch, *span, _CURVES), evaluator.hold(*span, _CURVES)]
    market = evaluator.market
    held = np.zeros(market.n_bars)
    held[max(span[0] - (0 if evaluator.rules.execution.fill == "same_close" else 1), 0) :] = 1.0
    programs = [
        direct_program(np.stack([own, held if market.one_clock else market.on_clock(number, held[each.rows])]))
        for number, (own, each) in enumerate(zip(targets_of(batch), market.instruments, strict=True))
    ]
    chosen = SetOptions.of(1, evaluator.rules.exits, evaluator.rules.execution, batch.settings)
    both = {each: np.concatenate([getattr(chosen, each), getattr(_PLAIN, each)]) for each in _OPTIONS}
    options = SetOptions(**both).scaled(1.0 / len(programs))
    return [evaluator.simulator.run(programs, options, *span, request=_CURVES)]


def _metrics(runs: Sequence[RunResult], time: IntArray) -> dict[str, FloatArray]:
    """Every metric of runs in the order strategy, buy-and-hold, strategy, ...: [2, histories] each."""
    statistics = replace(runs[0].statistics, values=np.concatenate([run.statistics.values for run in runs]))
    equity = np.concatenate([run.curves.equity for run in runs if run.curves is not None])
    found = metrics_of(statistics, METRICS) | curve_metrics(equity, time, statistics, METRICS)
    found[LOWEST] = np.minimum(equity.min(axis=1) / statistics.initial_cash, 1.0)
    return {name: values.reshape(-1, 2).T for name, values in found.items()}
