"""What a report says of how a chosen set depends on its values: a curve per parameter, and shares of the variance."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np

from autonomous_trading.core import BoolArray, FloatArray, InvalidInput
from autonomous_trading.interfaces.report._run_facts import require_same_length
from autonomous_trading.interfaces.report._study_facts import Objective, ParameterValue

__all__ = ["Sensitivity", "SensitivityCurve", "VarianceShare"]


@final
@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SensitivityCurve:
    """The objective over one parameter, all others held at the chosen set; NaN where a set has no value.

    `near` marks the values within the radius of the chosen one. `kept_nearby` is the least share of the objective kept
    there (NaN for choices), `fragile` whether that is too little.
    """

    parameter: str
    values: Sequence[ParameterValue]
    scores: FloatArray | Sequence[float]
    chosen: ParameterValue
    near: BoolArray | Sequence[bool]
    kept_nearby: float
    fragile: bool

    def __post_init__(self) -> None:
        columns: dict[str, object] = {"scores": self.scores, "near": self.near}
        require_same_length("sensitivity curve", len(self.values), columns)
        if self.chosen not in self.values:
            raise InvalidInput(
                f"the chosen value {self.chosen!r} of {self.parameter} is not among the values of its curve",
                fix="evaluate the curve at the chosen value too",
            )


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class VarianceShare:
    """Sobol indices of one parameter: the share explained alone, that in which it has a part, and its interval."""

    parameter: str
    alone: float
    total: float
    low: float
    high: float


@final
@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sensitivity:
    """How the objective of the chosen set, which is `center`, depends on its values.

    `plateau`, `stability` and `sensitivity` are the scores of `neighbours` sets within `radius` (a fraction of each
    range); NaN where there is none. `shares` may be empty. `sets`: how many were evaluated for all of it. `note`: what
    to beware of in the shares.
    """

    objective: Objective
    center: float
    radius: float
    neighbours: int
    plateau: float
    stability: float
    sensitivity: float
    curves: tuple[SensitivityCurve, ...]
    shares: tuple[VarianceShare, ...] = ()
    confidence: float = 0.95
    note: str = ""
    sets: int = 0

    def bounds(self) -> tuple[float, float] | None:
        """Lowest and highest score of all curves, None without any."""
        scores = [np.asarray(curve.scores, dtype=np.float64) for curve in self.curves]
        known = [each[np.isfinite(each)] for each in scores]
        known = [each for each in known if len(each)]
        return (min(float(each.min()) for each in known), max(float(each.max()) for each in known)) if known else None
