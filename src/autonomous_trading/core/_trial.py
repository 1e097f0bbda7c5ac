"""Trials: parameter sets that were evaluated, and what came out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import final

import numpy as np

from autonomous_trading.core._arrays import BoolArray, FloatArray, IntArray, closed, owned
from autonomous_trading.core._parameter_sets import ParameterTable, positions
from autonomous_trading.core.errors import InvalidInput, unknown_name


@final
@dataclass(frozen=True, slots=True, eq=False)
class TrialTable:
    """One row per evaluated parameter set: its parameters, its metrics (NaN: not defined), its feasibility.

    Rows are in the order of evaluation. A set that is not feasible was never simulated.
    """

    parameters: ParameterTable
    metrics: Mapping[str, FloatArray]
    feasible: BoolArray

    def __post_init__(self) -> None:
        metrics = {str(name): owned(np.asarray(values, dtype=np.float64)) for name, values in self.metrics.items()}
        feasible = owned(np.asarray(self.feasible, dtype=np.bool_))
        for name, values in {**metrics, "feasible": feasible}.items():
            if values.shape != (len(self.parameters),):
                raise InvalidInput(
                    f"trial column {name!r} must have {len(self.parameters)} values; got shape {list(values.shape)}",
                    fix="give one value per parameter set",
                )
        object.__setattr__(self, "metrics", MappingProxyType(metrics))
        object.__setattr__(self, "feasible", feasible)

    def __reduce__(self) -> tuple[type["TrialTable"], tuple[object, ...]]:
        return TrialTable, (self.parameters, dict(self.metrics), self.feasible)

    def __repr__(self) -> str:
        return f"TrialTable({len(self)} trials; {', '.join(self.metrics)})"

    def __len__(self) -> int:
        return len(self.parameters)

    def metric(self, name: str) -> FloatArray:
        """One metric, one value per trial."""
        if name not in self.metrics:
            raise unknown_name("metric", name, self.metrics)
        return self.metrics[name]

    def take(self, index: IntArray | BoolArray | Sequence[int] | slice) -> "TrialTable":
        """The trials at these positions, in this order; or those where a boolean mask is True; or a slice."""
        chosen = positions(index, len(self))
        metrics = {name: closed(values[chosen]) for name, values in self.metrics.items()}
        return TrialTable(self.parameters.take(chosen), metrics, closed(self.feasible[chosen]))

    @staticmethod
    def concat(tables: Sequence["TrialTable"]) -> "TrialTable":
        """All trials, one table after the other; a metric that a table lacks is NaN there."""
        names = list(dict.fromkeys(name for table in tables for name in table.metrics))
        metrics = {
            name: np.concatenate([table.metrics.get(name, np.full(len(table), np.nan)) for table in tables])
            for name in names
        }
        feasible = [table.feasible for table in tables]
        return TrialTable(
            ParameterTable.concat([table.parameters for table in tables]),
            {name: closed(values) for name, values in metrics.items()},
            closed(np.concatenate(feasible)) if feasible else np.zeros(0, dtype=np.bool_),
        )
