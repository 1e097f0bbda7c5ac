"""What results have to keep: a bound on one metric, or a rule of a person's own about all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import final

import numpy as np

from autonomous_trading.core import BoolArray, FloatArray, InvalidInput, code_of
from autonomous_trading.search import ValueConstraint


@final
@dataclass(frozen=True, slots=True)
class ResultConstraint:
    """A rule that the metrics of a set have to keep; a set that breaks it is never best, and methods avoid its kind.

    names: the metrics it looks at. rule: which sets keep it, from all metrics by name, [n_sets] booleans.
    """

    text: str
    names: tuple[str, ...]
    rule: Callable[[Mapping[str, FloatArray]], object]

    @staticmethod
    def of_value(constraint: ValueConstraint) -> ResultConstraint:
        """The rule of a bound on one metric; a set without a value of it breaks it."""
        name = constraint.name
        return ResultConstraint(str(constraint), (name,), lambda metrics: constraint.violation(metrics[name]) == 0.0)

    def broken(self, metrics: Mapping[str, FloatArray]) -> BoolArray:
        """Which sets break it. InvalidInput where a rule of a person's own gives anything but a boolean per set."""
        rows = len(next(iter(metrics.values())))
        with code_of(f"the constraint {self.text}"):
            kept = np.asarray(self.rule(metrics))
        if kept.shape != (rows,) or kept.dtype != np.bool_:
            raise InvalidInput(
                f"the constraint {self.text} gave {kept.dtype} of shape {list(kept.shape)} for {rows} sets",
                fix="compare columns of metrics: lambda metrics: metrics['trade_count'] >= 30",
            )
        broken: BoolArray = ~kept
        return broken

    def __str__(self) -> str:
        return self.text
