"""What a report says about a search and its validation: trials, importance, surfaces, walk-forward folds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, final

import numpy as np

from autonomous_trading.core import BoolArray, FloatArray, IntArray, InvalidInput
from autonomous_trading.interfaces.report._run_facts import require_same_length

__all__ = ["Fold", "Importance", "Objective", "ParameterColumn", "ParameterValue", "Surface", "Trials", "WalkForward"]

ParameterValue = int | float | str | bool
ParameterColumn = Sequence[ParameterValue] | FloatArray | IntArray | BoolArray


@final
@dataclass(frozen=True, slots=True)
class Objective:
    """A metric key and which way is better."""

    name: str
    direction: Literal["maximize", "minimize"] = "maximize"

    @property
    def sign(self) -> float:
        """+1 when more is better, -1 when less is."""
        return 1.0 if self.direction == "maximize" else -1.0


@final
@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trials:
    """Every evaluated parameter set in the order it was tried: history, Pareto front and slices are drawn from it.

    `values` has one row per trial and one column per objective, in the metric's own sign; NaN is a set that was
    infeasible or failed. `on_front` marks the non-dominated sets, `chosen` is the row of the set the report is about.
    """

    objectives: tuple[Objective, ...]
    values: FloatArray | Sequence[Sequence[float]]
    parameters: Mapping[str, ParameterColumn]
    on_front: BoolArray | Sequence[bool] | None = None
    chosen: int | None = None

    def __post_init__(self) -> None:
        matrix = np.asarray(self.values, dtype=np.float64)
        if not self.objectives or matrix.ndim != 2 or matrix.shape[1] != len(self.objectives):
            raise InvalidInput(
                f"trials.values has shape {matrix.shape} for {len(self.objectives)} objectives",
                fix="give one row per trial and one column per objective",
            )
        if len(matrix) == 0:
            raise InvalidInput("trials has no rows", fix="leave trials out of the report when nothing was searched")
        columns: dict[str, object] = dict(self.parameters)
        if self.on_front is not None:
            columns["on_front"] = self.on_front
        require_same_length("trials", len(matrix), columns)
        if self.chosen is not None and not 0 <= self.chosen < len(matrix):
            raise InvalidInput(
                f"trials.chosen is {self.chosen} but there are {len(matrix)} trials",
                fix="give the row of the chosen trial",
            )

    def matrix(self) -> FloatArray:
        """The objective values as one float array, trials by objectives."""
        return np.asarray(self.values, dtype=np.float64)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Importance:
    """How much each parameter explains of the objective: shares that need not sum to one, with an error when known."""

    objective: str
    shares: Mapping[str, float]
    method: str = ""
    errors: Mapping[str, float] | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Surface:
    """The objective over two parameters: `values[i, j]` belongs to `y_values[i]`, `x_values[j]`; NaN was not evaluated.

    `plateau` marks the region whose neighbours are as good; `chosen` is the (x, y) pair the report is about.
    """

    objective: Objective
    x_name: str
    x_values: Sequence[ParameterValue] | FloatArray | IntArray
    y_name: str
    y_values: Sequence[ParameterValue] | FloatArray | IntArray
    values: FloatArray | Sequence[Sequence[float]]
    plateau: BoolArray | Sequence[Sequence[bool]] | None = None
    chosen: tuple[ParameterValue, ParameterValue] | None = None
    note: str = ""

    def __post_init__(self) -> None:
        expected = (len(self.y_values), len(self.x_values))
        shape = np.asarray(self.values, dtype=np.float64).shape
        if shape != expected or 0 in expected:
            raise InvalidInput(
                f"surface.values has shape {shape} where {expected} was expected",
                fix="give one row per y value and one column per x value",
            )
        if self.plateau is not None and np.asarray(self.plateau).shape != expected:
            raise InvalidInput(
                f"surface.plateau has shape {np.asarray(self.plateau).shape} where {expected} was expected",
                fix="give one flag per cell of surface.values",
            )


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Fold:
    """One walk-forward step: fitted on [train_start, train_stop), judged on [test_start, test_stop), UTC ns.

    `in_sample` and `out_of_sample` are the objective on each stretch; NaN when it was not defined there.
    """

    train_start: int
    train_stop: int
    test_start: int
    test_stop: int
    in_sample: float
    out_of_sample: float
    parameters: Mapping[str, ParameterValue]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class WalkForward:
    """The folds in order and the objective they were fitted to."""

    objective: Objective
    folds: tuple[Fold, ...]
    note: str = ""

    def __post_init__(self) -> None:
        if not self.folds:
            raise InvalidInput(
                "walk_forward has no folds", fix="leave walk_forward out of the report when there are none"
            )
        for number, fold in enumerate(self.folds, start=1):
            if not (fold.train_start < fold.train_stop and fold.test_start < fold.test_stop):
                raise InvalidInput(
                    f"fold {number} ends before it starts", fix="give start < stop for both train and test, in UTC ns"
                )
