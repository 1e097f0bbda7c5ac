"""What several objectives together are worth: Pareto ranks and the hypervolume."""

import reprlib
from collections.abc import Sequence

import numpy as np

from autonomous_trading.core import FloatArray, IntArray, InvalidInput


def pareto_ranks(values: FloatArray) -> IntArray:
    """Rank per row of values [n, n_objectives], smaller is better: 1 = no row dominates it.

    A row dominates another when it is nowhere worse and somewhere better; rank k + 1 is what is undominated
    once ranks 1 to k are taken away. Equal rows share a rank. Rows with a NaN get rank 0.
    """
    table = _matrix(values)
    ranks = np.zeros(len(table), dtype=np.int64)
    known = ~np.isnan(table).any(axis=1)
    if known.any():
        from pymoo.util.nds.non_dominated_sorting import NonDominatedSorting

        # Only the order within a column counts, and whole numbers are safe: moocore 0.3.2, which sorts for pymoo,
        # gives wrong ranks or crashes the process when it meets infinities.
        order = np.column_stack([np.unique(column, return_inverse=True)[1] for column in table[known].T])
        ranks[known] = 1 + np.asarray(NonDominatedSorting().do(order, return_rank=True)[1])
    return ranks


def hypervolume(values: FloatArray, reference: Sequence[float] | FloatArray) -> float:
    """Volume of the objective space that the rows of values [n, n_objectives] dominate, up to `reference`.

    Smaller values are better; exact. Rows with a NaN and rows that are not better than the reference in every
    objective add nothing. The reference has one finite number per objective.
    """
    table = _matrix(values)
    corner = _numbers("the reference", reference)
    if corner.shape != (table.shape[1],) or not np.isfinite(corner).all():
        raise InvalidInput(
            f"the reference must hold {table.shape[1]} finite numbers, one per objective; got {corner.tolist()}",
            fix="use the worst acceptable value of each objective",
        )
    inside = table[(table < corner).all(axis=1)]
    if not len(inside):
        return 0.0
    if not np.isfinite(inside).all():
        raise InvalidInput(
            "the hypervolume of a set that holds -inf is infinite",
            fix="leave out the rows with infinite values",
        )
    if table.shape[1] == 1:
        return float(corner[0] - inside.min())
    from pymoo.indicators.hv import HV

    return float(HV(ref_point=corner)(inside))


def _numbers(what: str, values: object) -> FloatArray:
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InvalidInput(
            f"{what} must be numbers; got {reprlib.repr(values)}", fix="pass an array of numbers"
        ) from error


def _matrix(values: FloatArray) -> FloatArray:
    table = _numbers("objective values", values)
    if table.ndim != 2 or not table.shape[1]:
        raise InvalidInput(
            f"values must have shape [n, n_objectives]; got {list(table.shape)}",
            fix="use values.reshape(-1, 1) for one objective",
        )
    return table
