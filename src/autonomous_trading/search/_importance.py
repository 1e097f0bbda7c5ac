"""Which parameters the outcome of a search depended on."""

import math
from collections.abc import Mapping

import numpy as np

from autonomous_trading.core import FloatArray, InvalidInput, ParameterTable, Space
from autonomous_trading.search._optimizer import whole_number

_TREES = 64
_LEAST_ROWS = 8
_LARGEST_SAMPLE = 2000
_DONORS = 4


def parameter_importance(
    table: ParameterTable, values: FloatArray, space: Space, *, seed: int = 0
) -> Mapping[str, float]:
    """Share of each free parameter in the variation of `values` [n], largest first, summing to 1.

    A random forest learns the values over the unit cube. The share of a parameter is how much the forest's
    answer moves when its value is swapped for that of another evaluated set, interactions included: the
    total-effect variance of Jansen (1999). Swaps that the constraint refuses are not counted, so nothing is asked
    about sets outside the space. Rows whose value is not finite are left out. Every share is NaN when there is
    nothing to explain: fewer than 8 finite rows, the same value everywhere, or parameters that never changed.
    """
    target = np.asarray(values, dtype=np.float64)
    if target.shape != (len(table),):
        raise InvalidInput(
            f"values must have shape [{len(table)}], one number per set; got {list(target.shape)}",
            fix="ask about one objective at a time: values[:, 0]",
        )
    rng = np.random.default_rng(whole_number(seed, "seed", least=0))
    rows = np.flatnonzero(np.isfinite(target))
    rows = np.sort(rng.permutation(rows)[:_LARGEST_SAMPLE])
    if len(rows) < _LEAST_ROWS or np.ptp(target[rows]) == 0.0 or not space.dimension:
        return dict.fromkeys(space.names, math.nan)
    unit = space.to_unit(table.take(rows))
    effects = _total_effects(unit, target[rows], space, rng)
    total = effects.sum()
    if total <= 0.0:
        return dict.fromkeys(space.names, math.nan)
    order = np.argsort(-effects, kind="stable")
    return {space.names[k]: float(effects[k] / total) for k in order}


def _total_effects(unit: FloatArray, target: FloatArray, space: Space, rng: np.random.Generator) -> FloatArray:
    from sklearn.ensemble import RandomForestRegressor

    forest = RandomForestRegressor(
        n_estimators=_TREES, min_samples_leaf=2, random_state=int(rng.integers(2**31)), n_jobs=1
    )
    forest.fit(unit, (target - target.mean()) / target.std())
    predicted = forest.predict(unit)
    effects = np.zeros(space.dimension)
    for axis in range(space.dimension):
        moves: list[FloatArray] = []
        for _ in range(_DONORS):
            swapped = unit.copy()
            swapped[:, axis] = unit[rng.permutation(len(unit)), axis]
            allowed = space.feasible(space.from_unit(swapped))
            if allowed.any():
                moves.append((forest.predict(swapped[allowed]) - predicted[allowed]) ** 2)
        effects[axis] = 0.5 * np.concatenate(moves).mean() if moves else 0.0
    return effects
