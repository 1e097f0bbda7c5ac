"""Where a model may look: points of the unit cube near the best sets and anywhere, and what it sees of them."""

from collections.abc import Container
from typing import final

import numpy as np

from autonomous_trading.core import FloatArray, Space
from autonomous_trading.search._sampling import row_keys

# Of the steps around a set, this share moves every parameter and the rest about two of them.
_SHARE_OF_FULL_STEPS = 0.5
_PARAMETERS_PER_SMALL_STEP = 2.0
# A whole number or a stepped one moves by this many of its steps at least, in standard deviations.
_LEAST_STEPS = 0.7
# How often an unordered parameter that may move is drawn anew.
_REDRAWN = 0.5


@final
class Candidates:
    """Draws points to be judged by a model; the same generator gives the same points."""

    def __init__(self, space: Space, rng: np.random.Generator) -> None:
        parameters = [space.parameters[name] for name in space.names]
        self._space = space
        self._rng = rng
        self._finite = space.size() is not None
        self._ordered = np.array([parameter.is_numeric for parameter in parameters], dtype=np.bool_)
        self._least = np.array([_LEAST_STEPS / (p.cardinality or np.inf) for p in parameters])

    def anywhere(self, count: int) -> FloatArray:
        """Fair draws, shape [count, dimension]."""
        return self._rng.random((count, self._space.dimension))

    def around(self, parents: FloatArray, count: int, scale: float) -> FloatArray:
        """Steps of about `scale` away from `parents` [n, dimension], reflected at the walls of the cube."""
        shape = count, self._space.dimension
        points = parents[self._rng.integers(len(parents), size=count)]
        few = min(1.0, _PARAMETERS_PER_SMALL_STEP / max(shape[1], 1))
        share = np.where(self._rng.random(count) < _SHARE_OF_FULL_STEPS, 1.0, few)
        moves = self._rng.random(shape) < share[:, None]
        steps = self._rng.standard_normal(shape) * np.maximum(scale, self._least)
        stepped = 1.0 - np.abs(1.0 - np.abs(points + steps) % 2.0)
        fresh = np.where(self._rng.random(shape) < _REDRAWN, self._rng.random(shape), points)
        return np.where(moves, np.where(self._ordered, stepped, fresh), points)

    def new(self, points: FloatArray, seen: Container[bytes]) -> FloatArray:
        """Those of `points` that are feasible, not in `seen`, and different from each other."""
        table = self._space.from_unit(points)
        if self._finite:
            points = self._space.to_unit(table)
        kept: dict[bytes, int] = {}
        for row, (key, allowed) in enumerate(
            zip(row_keys(self._space, table), self._space.feasible(table), strict=True)
        ):
            if allowed and key not in seen:
                kept.setdefault(key, row)
        return points[list(kept.values())]


def model_features(space: Space, unit: FloatArray) -> FloatArray:
    """What a model learns from, one row per point: numbers as coordinates, choices as one column per choice."""
    columns: list[FloatArray] = []
    for axis, name in enumerate(space.names):
        parameter = space.parameters[name]
        levels = parameter.cardinality
        if parameter.is_numeric or levels is None or levels <= 2:
            columns.append(unit[:, axis : axis + 1])
        else:
            position = np.minimum((unit[:, axis] * levels).astype(np.int64), levels - 1)
            columns.append(np.eye(levels)[position])
    return np.hstack(columns)
