"""Robust scores of parameter sets: the same metric on every fold, every timeframe, beside neighbours, at higher costs.

A set that is best on all bars together may owe it to one lucky stretch, one bar length, one exact number, or costs that
were too kind. Each score asks one of these, and can be an objective or a constraint like any metric.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from typing import final

import numpy as np

from autonomous_trading.app._evaluator import Evaluator
from autonomous_trading.app._executor import Context, Evaluate, EvaluateInContext
from autonomous_trading.app._folds import FoldMeasure
from autonomous_trading.app._market import Market
from autonomous_trading.app._neighbours import neighbours_of
from autonomous_trading.app._parts import together, worst_of
from autonomous_trading.app._pruning import FOLDS_EVALUATED, MOST_COMPARED, beaten_so_far, fold_column, fold_of
from autonomous_trading.backtest import Costs
from autonomous_trading.core import (
    BoolArray,
    FloatArray,
    InvalidInput,
    ParameterTable,
    Space,
    Timeframe,
    resample,
    split_score,
    timeframe_ns,
)

_SCALED = ("commission", "slippage", "per_unit", "minimum", "half_spread", "slippage_atr", "impact")


@final
@dataclass(frozen=True, slots=True)
class Robustness:
    """How the scores are measured.

    folds: equal parts of the bars, each traded from scratch. timeframes: coarser bars beside those given ("5m").
    neighbours: sets around each one, within `radius` of the range of every number, choices left alone. cost_factor:
    what costs are multiplied with for `stressed` scores.

    prune: give a set up after a fold when more than this share of the earlier sets that were measured on it dominate
    it; 0.5 is the median rule, None evaluates every set on all folds. prune_after: a fold needs so many earlier sets.
    """

    folds: int = 5
    timeframes: tuple[str, ...] = ()
    neighbours: int = 8
    radius: float = 0.05
    cost_factor: float = 2.0
    prune: float | None = None
    prune_after: int = 20

    def __post_init__(self) -> None:
        for name, least, most in (("folds", 2, 100), ("neighbours", 1, 256), ("prune_after", 1, MOST_COMPARED)):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
                raise InvalidInput(
                    f"{name} must be a whole number from {least} to {most}; got {value!r}", fix=f"leave {name} out"
                )
        for name, low, high in (("radius", 0.0, 0.5), ("cost_factor", 1.0, 100.0)):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float) or not low < value <= high:
                raise InvalidInput(
                    f"{name} must be above {low:g} and at most {high:g}; got {value!r}", fix=f"leave {name} out"
                )
        for timeframe in self.timeframes:
            timeframe_ns(timeframe)
        share: object = self.prune
        if share is not None and not (isinstance(share, float) and 0.0 < share < 1.0):
            raise InvalidInput(
                f"prune must be above 0 and below 1; got {share!r}",
                fix="use 0.5 to give up what half of the earlier sets beat",
            )


@final
@dataclass(frozen=True, slots=True)
class _Asked:
    """Metrics by what they are measured on: all bars, every fold, and scores over folds or of another kind."""

    plain: tuple[str, ...]
    on_folds: tuple[str, ...]
    over_folds: Mapping[str, Sequence[str]]
    others: Mapping[str, Sequence[str]]

    @staticmethod
    def of(metrics: Sequence[str]) -> _Asked:
        """Every name in its place, each once."""
        columns = [found[1] for found in map(fold_of, metrics) if found is not None]
        named = [name for name in metrics if fold_of(name) is None and name != FOLDS_EVALUATED]
        scores: dict[str, list[str]] = {}
        for score, below in dict.fromkeys(map(split_score, named)):
            scores.setdefault(score, []).append(below)
        plain = dict.fromkeys([*scores.pop("", []), *scores.get("plateau", [])])
        over_folds = {score: names for score, names in scores.items() if score.endswith("_fold")}
        on_folds = dict.fromkeys([*(name for names in over_folds.values() for name in names), *columns])
        others = {score: names for score, names in scores.items() if score not in over_folds}
        return _Asked(tuple(plain), tuple(on_folds), over_folds, others)


@final
@dataclass(frozen=True, slots=True)
class Scorer:
    """Measures metrics and scores of parameter sets on rows span[0] .. span[1] - 1 of the market of an evaluator.

    stressed and coarser: the evaluators of `stressed` scores and of those over timeframes, where they are asked for.
    """

    evaluator: Evaluator
    span: tuple[int, int]
    space: Space
    robustness: Robustness
    stressed: Evaluator | None = None
    coarser: tuple[tuple[Evaluator, tuple[int, int]], ...] = ()

    @staticmethod
    def of(
        evaluator: Evaluator, span: tuple[int, int], space: Space, robustness: Robustness, metrics: Sequence[str]
    ) -> Scorer:
        """A scorer ready for these metrics. InvalidInput where the bars or the settings are not enough for them."""
        scores = {split_score(name)[0] for name in metrics}
        over_timeframes = any(score.endswith("_timeframe") for score in scores)
        if over_timeframes and not robustness.timeframes:
            raise InvalidInput(
                "scores over timeframes need timeframes", fix='pass robust=at.Robustness(timeframes=("5m", "15m"))'
            )
        coarser = tuple(_coarser(evaluator, span, each) for each in robustness.timeframes) if over_timeframes else ()
        stressed = at_cost_factor(evaluator, robustness.cost_factor) if "stressed" in scores else None
        scorer = Scorer(evaluator, span, space, robustness, stressed, coarser)
        if any(score.endswith("_fold") for score in scores):
            scorer.fold_spans()
        return scorer

    def measure(
        self, table: ParameterTable, metrics: Sequence[str], context: Context | None = None
    ) -> Mapping[str, FloatArray]:
        """Every metric and score of every set, [n_sets] each.

        context: earlier sets to compare with, where sets may be given up. One that is has what was measured on its
        folds, and NaN for all the rest.
        """
        asked = _Asked.of(metrics)
        found, whole = self._measured_once(table, asked, context)
        left = table if whole.all() else table.take(whole)
        for score, names in asked.others.items():
            plain = {name: found[name][whole] for name in asked.plain}
            scored = self._scored(score, left, names, plain)
            for name in names:
                found[f"{score}_{name}"] = np.full(len(table), np.nan)
                found[f"{score}_{name}"][whole] = scored[name]
        return {name: found[name] for name in metrics}

    def _measured_once(
        self, table: ParameterTable, asked: _Asked, context: Context | None
    ) -> tuple[dict[str, FloatArray], BoolArray]:
        """Metrics and scores over folds, from columns that are bound once; and which sets were not given up."""
        if not asked.on_folds:
            found = dict(self.evaluator.measure(table, asked.plain, *self.span)) if asked.plain else {}
            return found, np.ones(len(table), dtype=np.bool_)
        beaten = None if context is None else partial(self._beaten, context)
        spans = self.fold_spans()
        values = FoldMeasure(self.evaluator, spans, self.span, asked.on_folds, asked.plain, beaten)(table)
        whole: BoolArray = values.evaluated == len(spans)
        found = {**values.on_all, FOLDS_EVALUATED: values.evaluated.astype(np.float64)}
        for name, parts in values.on_folds.items():
            found |= {fold_column(number + 1, name): part for number, part in enumerate(parts)}
        for score, names in asked.over_folds.items():
            how = score.partition("_")[0]
            for name in names:
                found[f"{score}_{name}"] = np.where(whole, _reduced(how, name, values.on_folds[name]), np.nan)
        return found, whole

    def _beaten(self, context: Context, so_far: Mapping[str, FloatArray]) -> BoolArray:
        share = self.robustness.prune
        return beaten_so_far(so_far, context, 1.0 if share is None else share, self.robustness.prune_after)

    def _scored(
        self, score: str, table: ParameterTable, names: Sequence[str], plain: Mapping[str, FloatArray]
    ) -> Mapping[str, FloatArray]:
        if self.stressed is not None and score == "stressed":
            return self.stressed.measure(table, names, *self.span)
        if score == "plateau":
            return self._plateau(table, names, plain)
        parts = self._timeframe_values(table, names)
        stacked = {name: np.stack([part[name] for part in parts]) for name in names}
        return {name: _reduced(score.partition("_")[0], name, values) for name, values in stacked.items()}

    def fold_spans(self) -> list[tuple[int, int]]:
        """First row and the row after the last of every fold. InvalidInput where there are too few bars."""
        low, high = self.span
        edges = np.linspace(low, high, self.robustness.folds + 1).astype(int).tolist()
        if high - low < 2 * self.robustness.folds:
            raise InvalidInput(
                f"{high - low} bars cannot be cut into {self.robustness.folds} folds",
                fix="use fewer folds, or more bars",
            )
        return list(pairwise(edges))

    def _timeframe_values(self, table: ParameterTable, names: Sequence[str]) -> list[Mapping[str, FloatArray]]:
        views = ((self.evaluator, self.span), *self.coarser)
        return [evaluator.measure(table, names, *span) for evaluator, span in views]

    def _plateau(
        self, table: ParameterTable, names: Sequence[str], plain: Mapping[str, FloatArray]
    ) -> Mapping[str, FloatArray]:
        """The middle of each set and its neighbours; one without a value counts as worse than all that have one."""
        stacked = {name: [plain[name]] for name in names}
        for neighbours, feasible in self._neighbours(table):
            values = self.evaluator.measure(neighbours, names, *self.span)
            for name in names:
                stacked[name].append(np.where(feasible, values[name], worst_of(name)))
        return {name: _reduced("median", name, np.stack(stacked[name])) for name in names}

    def _neighbours(self, table: ParameterTable) -> Iterator[tuple[ParameterTable, BoolArray]]:
        """One table of neighbours after the other, in the same directions for every set; and which are allowed."""
        unit = self.space.to_unit(table)
        directions = np.random.default_rng(0).uniform(-1.0, 1.0, (self.robustness.neighbours, unit.shape[1]))
        for direction in directions:
            near = neighbours_of(self.space, unit, direction, self.robustness.radius)
            yield near, self.space.feasible(near)


def _coarser(evaluator: Evaluator, span: tuple[int, int], timeframe: str) -> tuple[Evaluator, tuple[int, int]]:
    """The evaluator of coarser bars, and those of its rows that are closed before the span ends."""
    market = evaluator.market
    bars = {each.bars.symbol: resample(each.bars, timeframe) for each in market.instruments}
    coarse = Market.of(bars if len(bars) > 1 else next(iter(bars.values())))
    time = coarse.bars.time
    ends = market.bars.time[span[1]] if span[1] < market.n_bars else np.iinfo(np.int64).max
    rows = int(np.searchsorted(Timeframe.of(timeframe).following(time), ends, side="right"))
    first = int(np.searchsorted(time, market.bars.time[span[0]]))
    if rows - first < 2:
        raise InvalidInput(
            f"{span[1] - span[0]} bars make fewer than 2 whole bars of {timeframe}", fix="use more bars, or finer ones"
        )
    return Evaluator.of(evaluator.strategy, coarse, evaluator.rules), (first, rows)


def at_cost_factor(evaluator: Evaluator, factor: float) -> Evaluator:
    """The same evaluator at higher costs of trading; what financing costs stays."""
    rules = evaluator.rules
    higher = {name: getattr(rules.costs, name) * factor for name in _SCALED}
    costs: Costs = replace(rules.costs, **higher)
    return Evaluator.of(evaluator.strategy, evaluator.market, replace(rules, costs=costs))


def evaluation_of(
    evaluator: Evaluator, metrics: Sequence[str], span: tuple[int, int], space: Space | None, robustness: Robustness
) -> Evaluate:
    """What parameter sets are worth on a span of bars, robust scores included; seeds are not needed to backtest.

    space: what is searched, for the neighbours of a set; scores need it. A context is that of a `Reference`.
    """
    if space is None or not any(split_score(name)[0] for name in metrics):
        return lambda table, _: evaluator.measure(table, metrics, *span)
    scorer = Scorer.of(evaluator, span, space, robustness, metrics)
    return EvaluateInContext(lambda table, _, context: scorer.measure(table, metrics, context))


def sets_per_row(metrics: Sequence[str], robustness: Robustness) -> int:
    """How many parameter sets are evaluated for each one: it and its neighbours, where a plateau is asked for."""
    asked = any(split_score(name)[0] == "plateau" for name in metrics)
    return 1 + robustness.neighbours if asked else 1


def _reduced(how: str, name: str, values: FloatArray) -> FloatArray:
    """Worst, middle or mean over the first axis [parts, sets]; a part without a value counts as the worst there is.

    NaN where what comes out is no number: a set that did not trade in a fold has no worst fold.
    """
    found = together(how, name, values)
    result: FloatArray = np.where(np.isfinite(found), found, np.nan)
    return result
