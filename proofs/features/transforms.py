"""Transforms: published weights to their digits, and nothing learned from rows outside the training slice.

Truncation: fitted on a slice, every row is transformed to the same number whatever comes after it, and fitting on data
that were cut at the end of the slice gives the same transform. 200 random tables with missing values and heavy tails.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from autonomous_trading.core import FloatArray
from autonomous_trading.features.transforms import FractionalDifference, feature_pipeline, fractional_weights
from proofs.claims import Figure, at_most, equals, holds, run

TITLE = "Transforms are what they say, and know the training slice only"
TABLES = 200
ROWS, SLICE = 170, 100
_IMPUTATIONS: tuple[Literal["median", "forward_fill"], ...] = ("median", "forward_fill")
_SCALES: tuple[Literal["standard", "robust", "quantile", "none"], ...] = ("standard", "robust", "quantile", "none")
# Weights of (1 - B)^d: closed form, quoted in the design as oracle B5.
PUBLISHED = {
    0.4: (1.0, -0.4, -0.12, -0.064, -0.0416, -0.029952),
    0.5: (1.0, -0.5, -0.125, -0.0625, -0.0390625, -0.02734375),
}


def measure() -> list[Figure]:
    """Digits, then truncations, then a leak that has to be seen."""
    return [*_digits(), *_truncations(), _canary()]


def _digits() -> list[Figure]:
    return [
        equals(f"weight {k} of order {order:g}", float(seen), printed, digits=8)
        for order, weights in PUBLISHED.items()
        for k, (seen, printed) in enumerate(zip(fractional_weights(order, width=6), weights, strict=True))
    ]


def _table(seed: int) -> FloatArray:
    rng = np.random.default_rng(seed)
    values = rng.standard_t(3.0, (ROWS, 8)).cumsum(axis=0)
    values[:, 1] = 3.0 * values[:, 0] + rng.normal(size=ROWS)
    values[rng.random(values.shape) < 0.02] = np.nan
    return values


def _truncations() -> list[Figure]:
    worst, changed = 0.0, 0
    for seed in range(TABLES):
        rng = np.random.default_rng(1_000 + seed)
        values, target = _table(seed), rng.normal(size=ROWS)
        cut = int(rng.integers(SLICE, ROWS))
        other = np.concatenate([values[:cut], 100.0 * _table(seed + TABLES)[cut:]])
        steps = [
            feature_pipeline(
                imputation=_IMPUTATIONS[seed % 2],
                scale=_SCALES[seed % 4],
                correlated=0.95,
                keep=5,
                components=3,
            ).fit(table[:SLICE], target[:SLICE])
            for table in (values, other)
        ]
        one, two = steps[0].transform(values)[:cut], steps[1].transform(other)[:cut]
        worst = max(worst, float(np.abs(one - two).max()), float(np.abs(one - steps[0].transform(values[:cut])).max()))
        apart = FractionalDifference(0.4, width=20)
        changed += not np.array_equal(
            apart.fit_transform(values)[:cut], apart.fit_transform(values[:cut]), equal_nan=True
        )
        changed += not np.array_equal(
            FractionalDifference(0.4, width=20, border="continue").fit(values[:SLICE]).transform(values[SLICE:]),
            apart.fit_transform(values)[SLICE:],
            equal_nan=True,
        )
    return [
        at_most(f"largest change of a row by later rows, pipelines on {TABLES} tables", worst, 1e-10),
        holds(
            "fractional differences changed by later rows, or at a border", changed == 0, bound="0", figure=f"{changed}"
        ),
    ]


def _canary() -> Figure:
    """Fitted on everything instead, rows do change with later rows: the check above can fail."""
    values = _table(0)
    other = np.concatenate([values[:120], 100.0 * _table(1)[120:]])
    whole = [feature_pipeline().fit(table).transform(table)[:120, :8] for table in (values, other)]
    apart = float(np.abs(whole[0] - whole[1]).max())
    return holds("the same check sees a scaler fitted on all rows", apart > 1e-3, figure=f"changed by {apart:.3g}")


if __name__ == "__main__":
    raise SystemExit(run(TITLE, measure))
