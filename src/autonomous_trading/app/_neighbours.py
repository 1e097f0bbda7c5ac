"""Sets beside a set: every number moved a little, within a radius of its range."""

from __future__ import annotations

import numpy as np

from autonomous_trading.core import FloatArray, ParameterTable, Space


def neighbours_of(space: Space, unit: FloatArray, directions: FloatArray, radius: float) -> ParameterTable:
    """A neighbour for every row of `unit` [n, dimension], points of the unit cube of the space; the constraint is not
    asked.

    directions: [dimension] for all of them or [n, dimension], from -1 to 1 in units of `radius`; 0 leaves a parameter
    alone, and choices are always left alone. What has steps moves by one at least, and what would leave the range moves
    the other way: a neighbour that is the set itself would tell nothing.
    """
    numbers = np.array([space.parameters[name].is_numeric for name in space.names])
    least = np.array([step_of(space, name) for name in space.names])
    move = np.sign(directions) * np.maximum(np.abs(directions) * np.where(numbers, radius, 0.0), least)
    there = np.where((unit + move < 0.0) | (unit + move > 1.0), unit - move, unit + move)
    return space.from_unit(np.clip(there, 0.0, 1.0))


def step_of(space: Space, name: str) -> float:
    """From one value to the next in the unit cube; 0 for a continuum, for choices, and for one value alone."""
    parameter = space.parameters[name]
    values = parameter.cardinality
    return 1.0 / values if parameter.is_numeric and values is not None and values > 1 else 0.0
