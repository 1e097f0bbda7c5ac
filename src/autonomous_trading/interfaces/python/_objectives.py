"""What is searched for: metrics by name, or what a function of one's own returns."""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import final

import numpy as np

from autonomous_trading.app import Objective
from autonomous_trading.core import (
    METRIC_ALIASES,
    METRICS,
    FloatArray,
    IntArray,
    InvalidInput,
    ParameterTable,
    code_of,
    direction,
    unknown_name,
)
from autonomous_trading.interfaces.python._checks import listed, text

_BARE = ("minimize", "minimise", "maximize", "maximise")


def objective_names(names: object, default: str) -> tuple[object, ...]:
    """The names asked for, at least one."""
    found = (default,) if names is None else listed("objectives", names, default)
    if not found:
        raise InvalidInput("there is nothing to optimise", fix=f'pass objectives=["{default}"]')
    return found


def goals_of(names: Sequence[object]) -> tuple[Objective, ...]:
    """Goals of a function of one's own: "minimize" or "minimize_loss" push down, known metrics as declared, others up.

    Several that are called only "minimize" or "maximize" are numbered in their order.
    """
    labels = [text("objectives", name, "minimize") for name in names]
    counts = Counter(labels)
    seen: Counter[str] = Counter()
    goals = []
    for label in labels:
        seen[label] += 1
        if counts[label] > 1 and label not in _BARE:
            raise InvalidInput(f"objective {label!r} is named twice", fix="give every number its own name")
        name = f"{label}_{seen[label]}" if counts[label] > 1 else label
        goals.append(Objective(name, _goes_up(label)))
    return tuple(goals)


def _goes_up(label: str) -> bool:
    if label.startswith(("minimi", "maximi")):
        return label.startswith("maximi")
    known = label in METRICS or label in METRIC_ALIASES
    return direction(label) == "maximize" if known else True


def chosen_objective(name: object, objectives: Sequence[str]) -> str:
    """The objective of a study by any name of its metric."""
    if not isinstance(name, str) or METRIC_ALIASES.get(name, name) not in objectives:
        raise unknown_name("objective of this study", name, objectives)
    return METRIC_ALIASES.get(name, name) if name not in objectives else name


@final
@dataclass(frozen=True, slots=True)
class OwnObjective:
    """A function of one's own, called once per set with the parameters by name."""

    function: Callable[..., object]
    goals: tuple[Objective, ...]

    def __call__(self, table: ParameterTable) -> Mapping[str, FloatArray]:
        """What the function returned for every set, by the names of the goals."""
        values = np.stack([self._values(row) for row in table.rows()])
        return {goal.name: values[:, position] for position, goal in enumerate(self.goals)}

    def with_seeds(self, table: ParameterTable, seeds: IntArray) -> Mapping[str, FloatArray]:
        """The same, giving the function the seed of each set where it takes one."""
        given = seeds.tolist() if takes_seed(self.function) else [None] * len(table)
        values = np.stack([self._values(row, seed) for row, seed in zip(table.rows(), given, strict=True)])
        return {goal.name: values[:, position] for position, goal in enumerate(self.goals)}

    def _values(self, row: Mapping[str, object], seed: int | None = None) -> FloatArray:
        shown = ", ".join(f"{name}={value!r}" for name, value in row.items())
        with code_of(f"the objective at {shown}"):
            answer = self.function(**row) if seed is None else self.function(**row, seed=seed)
        numbers = _numbers(answer)
        if numbers is None or numbers.shape != (len(self.goals),):
            wanted = "one number" if len(self.goals) == 1 else f"{len(self.goals)} numbers"
            raise InvalidInput(
                f"the objective returned {answer!r} at {shown}, and {wanted} is what objectives name",
                fix="return one number for every name in objectives=[...]",
            )
        return numbers


def takes_seed(function: Callable[..., object]) -> bool:
    """Whether a function has a parameter called seed, to draw with."""
    try:
        return "seed" in inspect.signature(function).parameters
    except (TypeError, ValueError):  # no signature to be had
        return False


def _numbers(answer: object) -> FloatArray | None:
    """An answer as a row of numbers; None when it is none."""
    try:
        found = np.atleast_1d(np.asarray(answer))
    except ValueError:  # rows of different lengths
        return None
    return found.astype(np.float64) if found.dtype.kind in "biuf" else None
