"""How sure: what is seen beside what noise gives, for all features at once.

Two kinds of noise. *Signs*: what a feature adds out of sample, summed over blocks of time, would as likely have had
the other sign; the signs of the blocks are drawn again, the same for all features. Nothing is moved in time, so
clusters of volatility stay where they are. It takes folds that train on the past alone: then what is added in a block
is news to all blocks before it. Where folds train on both sides of a test, each of two labels is used to predict the
other, and signs would take the same luck twice. *Shifts*: the target is moved against the features, around the end,
and everything is fitted again; both keep all their memory, and any folds will do. The largest of all features in a
draw bounds the chance of naming any feature of noise, however alike they are.

Source: Westfall and Young, "Resampling-Based Multiple Testing" (1993); Davidson and Flachaire, "The Wild Bootstrap,
Tamed at Last" (2008) for the signs.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from autonomous_trading.core import FloatArray, IntArray, InvalidInput
from autonomous_trading.models.importance._settings import ImportanceSettings
from autonomous_trading.validation import benjamini_hochberg

_LEAST_BLOCKS = 16
_OVERLAPS = 8  # in a block: what runs over its edge is then a small part of it
_LEAST_OVERLAPS = 4
_SLACK = 1e-9  # equal up to rounding is equal


class Test(NamedTuple):
    """A statistic of each group [groups], and the same under noise [draws, groups]: large ones count against noise."""

    seen: FloatArray
    noise: FloatArray


def block_sums(contributions: FloatArray, overlap: int) -> FloatArray:
    """Sums over blocks of neighbouring rows, each several overlaps long, [blocks, groups]."""
    rows = len(contributions)
    least = _LEAST_OVERLAPS * overlap * _LEAST_BLOCKS
    if rows < least:
        raise InvalidInput(
            f"{rows} rows out of sample, with labels that overlap {overlap} others, are too few to tell from noise",
            fix=f"bring {least} rows, or label fewer of them with shorter labels",
        )
    length = max(1, min(_OVERLAPS * overlap, rows // _LEAST_BLOCKS))
    sums: FloatArray = np.add.reduceat(contributions, np.arange(0, rows - rows % length, length), axis=0)
    return sums


def sign_test(sums: FloatArray, draws: int, rng: np.random.Generator) -> Test:
    """Whether the sums of blocks are above zero: their t-values, and those after signs were drawn."""
    scale = _scale(sums)
    signs = rng.choice([-1.0, 1.0], size=(draws, len(sums)))
    return Test(t_values(sums), signs @ sums / scale)


def t_values(sums: FloatArray) -> FloatArray:
    """Of the sums of blocks, each group's; 0 where nothing was added."""
    values: FloatArray = sums.sum(axis=0) / _scale(sums)
    return values


def _scale(sums: FloatArray) -> FloatArray:
    scale = np.sqrt((sums**2).sum(axis=0))
    return np.where(scale > 0.0, scale, np.inf)


def standardised(seen: FloatArray, noise: FloatArray) -> Test:
    """Both in deviations of noise, so that features of different kinds can be compared."""
    together = np.vstack([seen, noise])
    spread = together.std(axis=0)
    together = (together - together.mean(axis=0)) / np.where(spread > 0.0, spread, np.inf)
    return Test(together[0], together[1:])


def shifts(rows: int, overlap: int, draws: int, rng: np.random.Generator) -> IntArray:
    """How far the target is moved in each draw: never so little that its labels still meet their own features."""
    least = max(overlap, rows // 50, 1)
    if rows <= 2 * least + draws // 10:
        raise InvalidInput(f"{rows} rows are too few to move labels that overlap {overlap}", fix="bring more bars")
    return rng.integers(least, rows - least, size=draws)


def p_value(test: Test, column: int) -> float:
    """Of one column alone."""
    as_large = int((test.noise[:, column] >= test.seen[column] - _SLACK).sum())
    return (1.0 + as_large) / (len(test.noise) + 1.0)


def p_values(test: Test, settings: ImportanceSettings) -> tuple[FloatArray, FloatArray]:
    """The p-value of each group alone, and corrected for how many were asked."""
    draws = len(test.noise)
    alone: FloatArray = (1.0 + (test.noise >= test.seen - _SLACK).sum(axis=0)) / (draws + 1.0)
    if settings.correction == "max":
        largest = test.noise.max(axis=1)
        corrected: FloatArray = (1.0 + (largest[:, np.newaxis] >= test.seen - _SLACK).sum(axis=0)) / (draws + 1.0)
        return alone, corrected
    if settings.correction == "fdr":
        return alone, benjamini_hochberg(alone).adjusted
    order = np.argsort(alone, kind="stable")
    steps = np.maximum.accumulate(alone[order] * np.arange(len(alone), 0, -1))
    holm = np.empty(len(alone))
    holm[order] = np.minimum(1.0, steps)
    return alone, holm
