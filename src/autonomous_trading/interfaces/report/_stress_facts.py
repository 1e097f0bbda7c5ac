"""The facts of a stress test: random entries, a curve of costs, a fan of paths, and quantiles by kind of stress."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

import numpy as np

from autonomous_trading.core import FloatArray, IntArray, InvalidInput

__all__ = ["CostCurve", "EquityFan", "RandomEntries", "SimulatedDrawdowns", "StressRow", "StressTest"]


@final
@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RandomEntries:
    """A metric of random entries [tickets], NaN where one did not trade, beside the strategy's own and its p-value."""

    metric: str
    values: FloatArray
    own: float
    p_value: float


@final
@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CostCurve:
    """A metric at multiples of the costs assumed, and the multiple that leaves nothing (infinite: none does)."""

    metric: str
    factors: FloatArray
    values: FloatArray
    break_even: float
    words: str

    def __post_init__(self) -> None:
        _same_shape("cost curve", self.factors, self.values)


@final
@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EquityFan:
    """Equity over its start at some times (UTC ns, ascending): shares of the paths to curves, and the real one."""

    time: IntArray
    curves: Mapping[float, FloatArray]
    real: FloatArray
    paths: int

    def __post_init__(self) -> None:
        for curve in (self.real, *self.curves.values()):
            _same_shape("fan", self.time, curve)
        missing = [share for share in (0.05, 0.25, 0.5, 0.75, 0.95) if share not in self.curves]
        if missing:
            raise InvalidInput(f"the fan has no curve for the share {missing[0]}", fix="give 5, 25, 50, 75 and 95 %")


@final
@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SimulatedDrawdowns:
    """Largest drawdown of every path (positive fractions) beside the real one; `ruin`: the loss that is called so."""

    values: FloatArray
    own: float
    ruin: float
    chance_of_ruin: float


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class StressRow:
    """One kind of stress: Sharpe ratio and largest drawdown that 5, 50 and 95 % of its runs do not exceed."""

    label: str
    runs: int
    sharpe_ratio: tuple[float, float, float]
    max_drawdown: tuple[float, float, float]
    share_losing: float
    note: str = ""


@final
@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StressTest:
    """Whatever was tested; what is None or empty is not drawn."""

    entries: RandomEntries | None = None
    costs: CostCurve | None = None
    fan: EquityFan | None = None
    drawdowns: SimulatedDrawdowns | None = None
    rows: tuple[StressRow, ...] = ()


def _same_shape(what: str, first: FloatArray | IntArray, second: FloatArray) -> None:
    if np.shape(first) != np.shape(second) or np.ndim(first) != 1 or len(first) == 0:
        raise InvalidInput(
            f"the {what} has {np.shape(first)} places and {np.shape(second)} values", fix="give one value per place"
        )
