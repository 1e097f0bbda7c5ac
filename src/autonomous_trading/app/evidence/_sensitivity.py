"""How a chosen parameter set depends on its exact values: each parameter alone, all a little, all over the space.

What is worth something only at one exact number is not worth much: the market of tomorrow moves the best values at
least as far as a neighbour lies away. Nothing here chooses a set. What is looked at are bars that were looked at
before, again, and `evaluated` says how often.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import final

import numpy as np

from autonomous_trading.app._evaluator import Evaluator, checked_metrics
from autonomous_trading.app._neighbours import neighbours_of, step_of
from autonomous_trading.app._parts import together
from autonomous_trading.app.evidence._sensitivity_found import Curve, Neighbourhood, Sensitivity, SpaceIndices
from autonomous_trading.core import (
    BoolArray,
    FloatArray,
    InvalidInput,
    ParameterSet,
    ParameterTable,
    ParameterValue,
    Space,
    direction,
    split_score,
)
from autonomous_trading.validation import (
    kept_shares,
    parameter_sensitivity,
    parameter_stability_score,
    plateau_score,
    saltelli_points,
    sobol_indices,
)

_BATCH = 512
"""Sets that are run at a time: their columns and programs are what takes memory."""
_LEAST_BASE = 16
_TRADES = "trade_count"
_ROUNDING = 1e-9
"""Of a coordinate in the unit cube, which is worked out in two ways."""


@final
@dataclass(frozen=True, slots=True)
class SensitivitySettings:
    """How closely is looked.

    points: most values of a number over its whole range. neighbours: sets drawn around the chosen one, every number
    moved by up to `radius` of its range (by one step at least), choices left alone. sobol_sets: most sets for the Sobol
    indices over the whole space, 0 for none of them.
    """

    points: int = 21
    neighbours: int = 64
    radius: float = 0.05
    sobol_sets: int = 1024

    def __post_init__(self) -> None:
        for name, least, most in (("points", 2, 1_000), ("neighbours", 1, 100_000), ("sobol_sets", 0, 1_000_000)):
            value: object = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
                raise InvalidInput(
                    f"{name} must be a whole number from {least:,} to {most:,}; got {value!r}",
                    fix=f"leave {name} out",
                )
        radius: object = self.radius
        if isinstance(radius, bool) or not isinstance(radius, int | float) or not 0.0 < radius <= 0.5:
            raise InvalidInput(f"radius must be above 0 and at most 0.5; got {radius!r}", fix="leave radius out")


def sensitivity_of(
    evaluator: Evaluator,
    space: Space,
    parameters: Mapping[str, object],
    span: tuple[int, int],
    *,
    metric: str = "sharpe_ratio",
    seed: int = 0,
    settings: SensitivitySettings | None = None,
) -> Sensitivity:
    """How `metric` of a set of the space depends on its values, on rows span[0] .. span[1] - 1 of the market.

    The same seed, 0 or more, gives the same answer. No set is run twice. Raises InvalidInput for a metric that one
    backtest does not give, a set that the space does not hold, a space without free parameters, and too few
    `sobol_sets` for it.
    """
    settings = SensitivitySettings() if settings is None else settings
    if not space.dimension:
        raise InvalidInput(
            "there are no free parameters, so nothing can be sensitive to them",
            fix="declare parameters, or fix fewer of them",
        )
    base = _base(space.dimension, settings.sobol_sets)
    runs = _Runs(evaluator, space, span, _plain_metric(metric))
    chosen = space.choose(parameters)
    center = float(runs.values(space.table([chosen]))[0])
    curves = tuple(_curve(runs, chosen, center, name, settings) for name in space.names)
    neighbourhood = _neighbourhood(runs, chosen, center, settings, seed)
    indices = _indices(runs, base, seed) if base else None
    return Sensitivity(
        metric=runs.metric,
        parameters=chosen,
        center=center,
        curves=curves,
        neighbourhood=neighbourhood,
        indices=indices,
        evaluated=len(runs.known),
    )


def _plain_metric(metric: str) -> str:
    (name,) = checked_metrics([metric])
    if split_score(name)[0]:
        raise InvalidInput(
            f"{name} is already a score over parts or neighbours", fix=f'ask for "{split_score(name)[1]}"'
        )
    return name


def least_sobol_sets(dimension: int) -> int:
    """The fewest sets that give Sobol indices for so many parameters."""
    return _LEAST_BASE * (dimension + 2)


def _base(dimension: int, sets: int) -> int:
    """The largest power of 2 of base points that `sets` suffice for; 0 where no indices are asked for."""
    if not sets:
        return 0
    most = sets // (dimension + 2)
    if sets < least_sobol_sets(dimension):
        raise InvalidInput(
            f"sobol_sets={sets} are too few for {dimension} parameters: {least_sobol_sets(dimension):,} is the least",
            fix="allow more, or pass sobol_sets=0 to leave the indices out",
        )
    return 1 << (most.bit_length() - 1)


@final
@dataclass(frozen=True, slots=True)
class _Runs:
    """The sets that were run, by their ids, each with its metric and its number of trades: none is run twice."""

    evaluator: Evaluator
    space: Space
    span: tuple[int, int]
    metric: str
    known: dict[str, tuple[float, float]] = field(default_factory=dict)

    @property
    def maximize(self) -> bool:
        """Whether more of the metric is better."""
        return direction(self.metric) == "maximize"

    def values(self, table: ParameterTable) -> FloatArray:
        """The metric of every set; NaN where it has none or the constraint refuses the set."""
        return self.measured(table, self.space.feasible(table))[:, 0]

    def measured(self, table: ParameterTable, allowed: BoolArray) -> FloatArray:
        """Metric and number of trades of every set, [n, 2]; NaN where it is not allowed."""
        found = np.full((len(table), 2), np.nan)
        rows = np.flatnonzero(allowed)
        for low in range(0, len(rows), _BATCH):
            part = rows[low : low + _BATCH]
            ids = [table.row(int(row)).id for row in part]
            self._run(table, {each: int(row) for each, row in zip(ids, part, strict=True) if each not in self.known})
            found[part] = [self.known[each] for each in ids]
        return found

    def _run(self, table: ParameterTable, fresh: Mapping[str, int]) -> None:
        if fresh:
            measured = self.evaluator.measure(table.take(list(fresh.values())), (self.metric, _TRADES), *self.span)
            pairs = zip(measured[self.metric].tolist(), measured[_TRADES].tolist(), strict=True)
            self.known.update(zip(fresh, pairs, strict=True))


def _curve(runs: _Runs, chosen: ParameterSet, center: float, name: str, settings: SensitivitySettings) -> Curve:
    table = _distinct(runs.space.table([{**chosen, name: value} for value in _values(runs, chosen, name, settings)]))
    allowed = runs.space.feasible(table)
    metric = runs.measured(table, allowed)[:, 0]
    near = _near(runs.space, chosen, name, table, settings.radius)
    kept = kept_shares(center, metric[allowed & near], maximize=runs.maximize)
    return Curve(
        name=name,
        chosen=chosen[name],
        values=tuple(row[name] for row in table.rows()),
        metric=metric,
        allowed=allowed,
        near=near,
        kept_nearby=float(kept.min()) if len(kept) else math.nan,
    )


def _values(runs: _Runs, chosen: ParameterSet, name: str, settings: SensitivitySettings) -> list[ParameterValue]:
    """Over the whole range, and of numbers also half way and all the way to the end of the radius."""
    space, parameter = runs.space, runs.space.parameters[name]
    values = [*parameter.grid(settings.points), chosen[name]]
    if not parameter.is_numeric:
        return list(dict.fromkeys(values))
    directions = np.zeros((4, space.dimension))
    directions[:, space.names.index(name)] = (-1.0, -0.5, 0.5, 1.0)
    unit = np.repeat(space.to_unit(space.table([chosen])), 4, axis=0)
    beside = neighbours_of(space, unit, directions, settings.radius).column(name).tolist()
    return sorted({*values, *beside})


def _distinct(table: ParameterTable) -> ParameterTable:
    """Every set once: where a parameter does not count, all of its values are one set."""
    first: dict[str, int] = {}
    for number, row in enumerate(table.rows()):
        first.setdefault(row.id, number)
    return table.take(list(first.values()))


def _near(space: Space, chosen: ParameterSet, name: str, table: ParameterTable, radius: float) -> BoolArray:
    """Which of these other values of a number lie within the radius, or one step away."""
    parameter = space.parameters[name]
    if not parameter.is_numeric:
        return np.zeros(len(table), dtype=np.bool_)
    middle = parameter.to_unit(parameter.column([chosen[name]]))
    away = np.abs(parameter.to_unit(table.column(name)) - middle)
    near: BoolArray = (away > 0.0) & (away <= max(radius, step_of(space, name)) + _ROUNDING)
    return near


def _neighbourhood(
    runs: _Runs, chosen: ParameterSet, center: float, settings: SensitivitySettings, seed: int
) -> Neighbourhood:
    space = runs.space
    unit = np.repeat(space.to_unit(space.table([chosen])), settings.neighbours, axis=0)
    directions = np.random.default_rng(seed).uniform(-1.0, 1.0, unit.shape)
    table = neighbours_of(space, unit, directions, settings.radius)
    table = table.take(np.array([row.id != chosen.id for row in table.rows()]))  # the set itself where no number counts
    allowed = space.feasible(table)
    values = runs.measured(table, allowed)[allowed, 0]
    return Neighbourhood(
        radius=settings.radius,
        sets=len(values),
        refused=int(np.count_nonzero(~allowed)),
        without_value=int(np.count_nonzero(~np.isfinite(values))),
        median=_together("median", runs.metric, values),
        worst=_together("worst", runs.metric, values),
        share_positive=float(np.mean(values > 0.0)) if len(values) else math.nan,
        plateau_score=plateau_score(center, values, maximize=runs.maximize),
        parameter_stability_score=parameter_stability_score(center, values, maximize=runs.maximize),
        parameter_sensitivity=parameter_sensitivity(center, values),
    )


def _together(how: str, metric: str, values: FloatArray) -> float:
    """Median or worst of a metric, one without a value counting as the worst; NaN where it is that one."""
    found = float(together(how, metric, values[:, np.newaxis])[0]) if len(values) else math.nan
    return found if math.isfinite(found) else math.nan


def _indices(runs: _Runs, base: int, seed: int) -> SpaceIndices:
    space = runs.space
    table = space.from_unit(saltelli_points(space.dimension, base, seed=seed))
    allowed = space.feasible(table)
    values, trades = runs.measured(table, allowed).T
    idle = ~np.isfinite(values) & (trades == 0.0)
    values = np.where(idle, 0.0, values)
    unknown = ~np.isfinite(values)
    middle = float(values[~unknown].mean()) if not unknown.all() else 0.0
    return SpaceIndices(
        names=space.names,
        found=sobol_indices(np.where(unknown, middle, values), space.dimension, seed=seed),
        sets=len(table),
        refused=float(np.mean(~allowed)),
        untraded=float(np.mean(idle)),
        without_value=float(np.mean(unknown & allowed)),
    )
