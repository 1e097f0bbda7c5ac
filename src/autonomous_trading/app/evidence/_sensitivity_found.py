"""What a look at the surroundings of a parameter set found, and how it is told."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any, final

from autonomous_trading.core import BoolArray, FloatArray, ParameterSet, ParameterValue, metric_named
from autonomous_trading.validation import SobolIndices

FRAGILE = 0.5
"""A parameter is fragile where less than this share of the metric is kept nearby: more than half is lost."""
_MANY = 0.1
"""From this share on, sets that have no value are told in words."""


@final
@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """One parameter over its whole range, all others held: what the metric is at each of `values`.

    `metric` [values] is NaN where a set has none; `allowed` [values] tells those that the constraint refuses, `near`
    [values] the others within the radius, or one step away. One value alone where the parameter does not count for the
    chosen set. `kept_nearby`: the least share of the metric kept nearby; NaN for choices, which have no distance, and
    where no other value lies there.
    """

    name: str
    chosen: ParameterValue
    values: tuple[ParameterValue, ...]
    metric: FloatArray
    allowed: BoolArray
    near: BoolArray
    kept_nearby: float

    @property
    def fragile(self) -> bool:
        """Whether the metric loses more than half within the radius, by this parameter alone."""
        return self.kept_nearby < FRAGILE

    def to_dict(self) -> dict[str, Any]:
        """Plain data: chosen; values, and of each metric, allowed and near; kept_nearby, fragile."""
        return {
            "chosen": self.chosen,
            "values": list(self.values),
            "metric": [_plain(value) for value in self.metric.tolist()],
            "allowed": self.allowed.tolist(),
            "near": self.near.tolist(),
            "kept_nearby": _plain(self.kept_nearby),
            "fragile": self.fragile,
        }


@final
@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """Sets drawn around the chosen one, all numbers moved at once by up to `radius` of their ranges.

    sets: how many of them the constraint allows, a set that was drawn twice counted twice; it refuses `refused`, which
    are left out, and `without_value` of those allowed have no metric. median, worst: of the metric, NaN where that
    neighbour has no value, which counts as the worst there is. share_positive: where the metric is above 0. The three
    scores are defined in `validation`.
    """

    radius: float
    sets: int
    refused: int
    without_value: int
    median: float
    worst: float
    share_positive: float
    plateau_score: float
    parameter_stability_score: float
    parameter_sensitivity: float

    def to_dict(self) -> dict[str, Any]:
        """Every field, None where there is no number."""
        return {name: _plain(value) for name, value in asdict(self).items()}


@final
@dataclass(frozen=True, slots=True, eq=False)
class SpaceIndices:
    """Sobol indices of the free parameters `names` over the whole space, from `sets` points of it.

    Every point needs a value, so one was given to those that have none, whose shares of the points are: `refused` by
    the constraint, and `without_value` though they traded: the mean of all others, which adds no difference of its own
    but blurs the indices the more of them there are. `untraded`: 0, what an account earns that does not trade.
    """

    names: tuple[str, ...]
    found: SobolIndices
    sets: int
    refused: float
    untraded: float
    without_value: float

    def to_dict(self) -> dict[str, Any]:
        """Plain data: sets, shares, and for every parameter both indices with their intervals."""
        found = self.found
        columns = zip(
            self.names,
            found.first_order.tolist(),
            found.first_order_interval.tolist(),
            found.total.tolist(),
            found.total_interval.tolist(),
            strict=True,
        )
        return {
            "sets": self.sets,
            "refused": self.refused,
            "untraded": self.untraded,
            "without_value": self.without_value,
            "confidence": found.confidence,
            "parameters": {
                name: {
                    "first_order": _plain(first),
                    "first_order_interval": [_plain(edge) for edge in first_edges],
                    "total": _plain(total),
                    "total_interval": [_plain(edge) for edge in total_edges],
                }
                for name, first, first_edges, total, total_edges in columns
            },
        }

    def caution(self) -> str:
        """What the points without a value of their own do to the indices; "" where they are few."""
        shares = (
            (self.refused, "is refused by the constraint and counts as the mean"),
            (self.untraded, "does not trade and counts as 0"),
            (self.without_value, "has no value and counts as the mean"),
        )
        return "; ".join(f"{100.0 * share:.0f} % of the space {words}" for share, words in shares if share >= _MANY)


@final
@dataclass(frozen=True, slots=True, eq=False)
class Sensitivity:
    """How `metric` of the set `parameters`, which is `center`, depends on its values.

    `curves`: every free parameter alone, in the order of the space. `indices` is None where they were not asked for.
    `evaluated`: how many different sets were run, the chosen one included. Each is a look at the bars: who chooses
    among them adds them to the trials.
    """

    metric: str
    parameters: ParameterSet
    center: float
    curves: tuple[Curve, ...]
    neighbourhood: Neighbourhood
    indices: SpaceIndices | None
    evaluated: int

    @property
    def fragile(self) -> tuple[str, ...]:
        """The parameters that lose more than half of the metric within the radius, each moved alone."""
        return tuple(curve.name for curve in self.curves if curve.fragile)

    @property
    def parameter_stability_score(self) -> float:
        """How much of the metric the neighbours keep, 0 .. 1."""
        return self.neighbourhood.parameter_stability_score

    @property
    def parameter_sensitivity(self) -> float:
        """How much the metric moves among the neighbours, up or down, 0 .. 1."""
        return self.neighbourhood.parameter_sensitivity

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON; None where there is no number."""
        return {
            "metric": self.metric,
            "parameters": dict(self.parameters),
            "center": _plain(self.center),
            "parameter_stability_score": _plain(self.parameter_stability_score),
            "parameter_sensitivity": _plain(self.parameter_sensitivity),
            "fragile": list(self.fragile),
            "neighbourhood": self.neighbourhood.to_dict(),
            "one_at_a_time": {curve.name: curve.to_dict() for curve in self.curves},
            "sobol": None if self.indices is None else self.indices.to_dict(),
            "evaluated": self.evaluated,
        }

    def __str__(self) -> str:
        near = self.neighbourhood
        values = " ".join(f"{name}={_short(value)}" for name, value in self.parameters.items())
        lines = [
            f"{self.metric} {_number(self.center)} at {values}",
            f"{near.sets:,} neighbours within {100.0 * near.radius:g} % of each range: median {_number(near.median)}, "
            f"worst {_number(near.worst)}, {_percent(near.share_positive)} above 0"
            + (f", {near.without_value:,} without a value" if near.without_value else ""),
            f"plateau_score {_number(near.plateau_score)}, "
            f"parameter_stability_score {_number(near.parameter_stability_score)}, "
            f"parameter_sensitivity {_number(near.parameter_sensitivity)}",
            "",
            *self._table(),
            "",
            f"Fragile: {', '.join(self.fragile) or 'none'}",
        ]
        if metric_named(self.metric).direction == "maximize" and not self.center > 0.0:
            lines.append(f"The set has no {self.metric} above 0: that it is kept nearby is no merit")
        if self.indices is not None and (caution := self.indices.caution()):
            lines.append(f"Caution: {caution}")
        return "\n".join([*lines, f"{self.evaluated:,} sets were run"])

    def _table(self) -> list[str]:
        rows = [["parameter", "chosen", "kept nearby"]]
        rows += [[each.name, _short(each.chosen), _percent(each.kept_nearby)] for each in self.curves]
        if self.indices is not None:
            found = self.indices.found
            rows[0] += ["explains alone", "has a part in", f"{100.0 * found.confidence:g} % interval"]
            for row, first, total, edges in zip(
                rows[1:], found.first_order, found.total, found.total_interval, strict=True
            ):
                row += [_percent(first), _percent(total), f"{_percent(edges[0])} to {_percent(edges[1])}"]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        return ["  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]) for row in rows]


def _plain(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _number(value: float) -> str:
    return "n/a" if math.isnan(value) else f"{value:,.2f}"


def _percent(share: float) -> str:
    if math.isinf(share):
        return "all" if share > 0.0 else "nothing"
    return "n/a" if math.isnan(share) else f"{round(100.0 * share):,} %"


def _short(value: float | str | bool) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)
