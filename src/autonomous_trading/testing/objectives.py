"""Functions with known optima: what a search is measured on.

Each is a `Landscape`: a space, a function of a table of sets, and the best that can be reached.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import final

import numpy as np

from autonomous_trading.core import FloatArray, ParameterTable, Space


@final
@dataclass(frozen=True, slots=True)
class Landscape:
    """A space and what its sets are worth; calling it gives float64 [len(table), n_objectives], to be minimised.

    `best` is the global minimum of one objective, or the hypervolume of the whole Pareto front against the
    reference point with 1.1 in every objective.
    """

    space: Space
    values: Callable[[FloatArray], FloatArray]
    best: float

    def __call__(self, table: ParameterTable) -> FloatArray:
        return self.values(np.column_stack([table.column(name) for name in self.space.names]))


def branin(points: FloatArray) -> FloatArray:
    """Branin's function of points [n, 2], x in [-5, 10] and y in [0, 15]: three equal minima of 0.397887."""
    x, y = points.T
    curve = y - 5.1 / (4.0 * np.pi**2) * x**2 + 5.0 / np.pi * x - 6.0
    values: FloatArray = (curve**2 + 10.0 * (1.0 - 1.0 / (8.0 * np.pi)) * np.cos(x) + 10.0)[:, None]
    return values


def hartmann6(points: FloatArray) -> FloatArray:
    """Hartmann's function of points [n, 6] in the unit cube: six local minima, the global one -3.32237."""
    distance = (points[:, None, :] - _HARTMANN_CENTRES) ** 2
    values: FloatArray = -(np.exp(-(_HARTMANN_WIDTHS * distance).sum(axis=2)) @ _HARTMANN_HEIGHTS)[:, None]
    return values


def sphere(points: FloatArray) -> FloatArray:
    """Squared distance of points [n, d] from 0.3 in every coordinate: one minimum, 0."""
    values: FloatArray = ((points - 0.3) ** 2).sum(axis=1, keepdims=True)
    return values


def zdt1(points: FloatArray) -> FloatArray:
    """Zitzler, Deb and Thiele's first problem, points [n, d] in the unit cube: convex front f2 = 1 - sqrt(f1)."""
    first, rest = points[:, 0], 1.0 + 9.0 * points[:, 1:].mean(axis=1)
    return np.column_stack([first, rest * (1.0 - np.sqrt(first / rest))])


def zdt2(points: FloatArray) -> FloatArray:
    """Zitzler, Deb and Thiele's second problem, points [n, d] in the unit cube: concave front f2 = 1 - f1**2."""
    first, rest = points[:, 0], 1.0 + 9.0 * points[:, 1:].mean(axis=1)
    return np.column_stack([first, rest * (1.0 - (first / rest) ** 2)])


def zdt3(points: FloatArray) -> FloatArray:
    """Zitzler, Deb and Thiele's third problem, points [n, d] in the unit cube: a front in five pieces."""
    first, rest = points[:, 0], 1.0 + 9.0 * points[:, 1:].mean(axis=1)
    return np.column_stack([first, rest * (1.0 - np.sqrt(first / rest)) - first * np.sin(10.0 * np.pi * first)])


def dtlz2(points: FloatArray) -> FloatArray:
    """Deb, Thiele, Laumanns and Zitzler's second problem, three objectives, points [n, d] in the unit cube.

    The front is the part of the unit sphere with positive coordinates.
    """
    first, second = 0.5 * np.pi * points[:, 0], 0.5 * np.pi * points[:, 1]
    radius = 1.0 + ((points[:, 2:] - 0.5) ** 2).sum(axis=1)
    direction = [np.cos(first) * np.cos(second), np.cos(first) * np.sin(second), np.sin(first)]
    values: FloatArray = radius[:, None] * np.column_stack(direction)
    return values


def rosenbrock(points: FloatArray) -> FloatArray:
    """Rosenbrock's function of points [n, d]: a bent valley, one minimum, 0, where every coordinate is 1."""
    ahead, behind = points[:, 1:], points[:, :-1]
    values: FloatArray = (100.0 * (ahead - behind**2) ** 2 + (1.0 - behind) ** 2).sum(axis=1, keepdims=True)
    return values


_HARTMANN_HEIGHTS = np.array([1.0, 1.2, 3.0, 3.2])
_HARTMANN_WIDTHS = np.array(
    [
        [10.0, 3.0, 17.0, 3.5, 1.7, 8.0],
        [0.05, 10.0, 17.0, 0.1, 8.0, 14.0],
        [3.0, 3.5, 1.7, 10.0, 17.0, 8.0],
        [17.0, 8.0, 0.05, 10.0, 0.1, 14.0],
    ]
)
_HARTMANN_CENTRES = 1e-4 * np.array(
    [
        [1312.0, 1696.0, 5569.0, 124.0, 8283.0, 5886.0],
        [2329.0, 4135.0, 8307.0, 3736.0, 1004.0, 9991.0],
        [2348.0, 1451.0, 3522.0, 2883.0, 3047.0, 6650.0],
        [4047.0, 8828.0, 8732.0, 5743.0, 1091.0, 381.0],
    ]
)


def _unit_cube(dimension: int) -> Space:
    return Space.of({f"x{k}": (0.0, 1.0) for k in range(dimension)})


BRANIN = Landscape(Space.of({"x": (-5.0, 10.0), "y": (0.0, 15.0)}), branin, best=0.397887)
HARTMANN6 = Landscape(_unit_cube(6), hartmann6, best=-3.32237)
SPHERE = Landscape(_unit_cube(3), sphere, best=0.0)
ZDT1 = Landscape(_unit_cube(30), zdt1, best=0.8766667)
ZDT2 = Landscape(_unit_cube(30), zdt2, best=0.5433333)
SPHERE10 = Landscape(_unit_cube(10), sphere, best=0.0)
ROSENBROCK10 = Landscape(Space.of({f"x{k}": (-2.0, 2.0) for k in range(10)}), rosenbrock, best=0.0)
ZDT3 = Landscape(_unit_cube(30), zdt3, best=1.3317629)
# A cube of 1.1 less the eighth of the unit ball that no set reaches.
DTLZ2 = Landscape(_unit_cube(12), dtlz2, best=1.331 - np.pi / 6.0)
