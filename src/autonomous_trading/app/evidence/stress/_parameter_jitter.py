"""What sets beside the chosen one are worth: whether it stands on a plateau or on a needle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, final

import numpy as np

from autonomous_trading.app._evaluator import Evaluator
from autonomous_trading.app._neighbours import neighbours_of
from autonomous_trading.app.evidence.stress._distribution import Distribution
from autonomous_trading.app.evidence.stress._replay import METRICS, check_count, own_metrics
from autonomous_trading.core import InvalidInput, ParameterTable, Space


@final
@dataclass(frozen=True, slots=True)
class ParameterJitter:
    """Metrics of sets drawn around the chosen one, beside its own; `evaluated` of `drawn` were allowed by the space.

    Every number moves by up to `radius` of its range, by one step at least; choices stay.
    """

    own: Mapping[str, float]
    nearby: Distribution
    radius: float
    drawn: int
    evaluated: int

    def to_dict(self) -> dict[str, Any]:
        """Plain data: own metrics, quantiles of the neighbours', radius, drawn, evaluated."""
        return {
            "own": dict(self.own),
            "nearby": self.nearby.to_dict(),
            "radius": self.radius,
            "drawn": self.drawn,
            "evaluated": self.evaluated,
        }


def parameter_jitter(
    evaluator: Evaluator,
    parameters: Mapping[str, Any],
    span: tuple[int, int],
    *,
    space: Space | None = None,
    sets: int = 100,
    radius: float = 0.1,
    seed: int = 0,
) -> ParameterJitter:
    """The set among others drawn around it in the `space` (default: what the strategy declares), all in one run.

    Raises InvalidInput where `sets` or `radius` is out of range.
    """
    check_count("sets", sets)
    if not 0.0 < radius <= 0.5:
        raise InvalidInput(f"radius must be above 0 and at most 0.5; got {radius!r}", fix="use radius=0.1")
    own = own_metrics(evaluator, parameters, span)
    space = evaluator.strategy.space() if space is None else space
    if not any(space.parameters[name].is_numeric for name in space.names):
        empty = {name: np.empty(0) for name in METRICS}
        return ParameterJitter(own, Distribution(empty), radius, 0, 0)
    unit = space.to_unit(ParameterTable.from_rows([dict(parameters)]))
    directions = np.random.default_rng(seed).uniform(-1.0, 1.0, (sets, unit.shape[1]))
    near = neighbours_of(space, unit, directions, radius)
    allowed = space.feasible(near)
    found = evaluator.measure(near.take(allowed), METRICS, *span)
    return ParameterJitter(own, Distribution(found), radius, sets, int(np.count_nonzero(allowed)))
