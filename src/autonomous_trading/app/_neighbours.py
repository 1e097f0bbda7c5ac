"""Parameter sets near others: how far each number may move, and where it goes when it would leave its range."""

from __future__ import annotations

import numpy as np

from autonomous_trading.core import FloatArray, ParameterTable, Space


def moved(space: Space, unit: FloatArray, directions: FloatArray, radius: float) -> ParameterTable:
    """Sets beside others: points of the unit cube [sets, dimension], moved by a radius times directions in -1 .. 1.

    Choices stay. What has steps moves by one at least, and what would leave the range moves the other way: a neighbour
    that is the set itself would tell nothing. Directions are one row for all sets, or one row per set.
    """
    reach = np.array([radius if space.parameters[name].is_numeric else 0.0 for name in space.names])
    least = np.array([_step(space, name) for name in space.names])
    move = np.sign(directions) * np.maximum(np.abs(directions) * reach, least)
    there = np.where((unit + move < 0.0) | (unit + move > 1.0), unit - move, unit + move)
    return space.from_unit(np.clip(there, 0.0, 1.0))


def _step(space: Space, name: str) -> float:
    """From one value to the next in the unit cube; 0 for a continuum, for choices, and for one value alone."""
    parameter = space.parameters[name]
    values = parameter.cardinality
    return 1.0 / values if parameter.is_numeric and values is not None and values > 1 else 0.0
