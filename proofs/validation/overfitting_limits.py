"""Probability of overfitting at the ends of its scale, and the tests of arch beside ours with the same blocks.

Columns that were centred to one mean give 1, sets that are all worthless 0.5 on average, a planted edge less than 0.01.
"""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
from arch.bootstrap import SPA

from autonomous_trading.core import FloatArray
from autonomous_trading.validation import probability_of_backtest_overfitting, superior_predictive_ability
from proofs.claims import Figure, at_least, at_most, equals, holds, run

TITLE = "Probability of overfitting at its limits; p-values beside arch"
SEEDS = 60
PERIODS, SETS = 1008, 200
EDGE, GOOD = 0.0015, 20
BLOCK = 17
TESTED, DAYS, WORTHLESS = 200, 250, 10
VOLATILITY = 0.01


def measure() -> list[Figure]:
    """The limits, then p-values."""
    noise = [_noise(seed) for seed in range(SEEDS)]
    null = np.array([probability_of_backtest_overfitting(each).pbo for each in noise])
    centred = probability_of_backtest_overfitting(noise[0] - noise[0].mean(axis=0))
    planted = noise[1].copy()
    planted[:, :GOOD] += EDGE
    return [
        equals("equal means", centred.pbo, 1.0, digits=6),
        at_most("equal means: slope", centred.degradation.slope, -0.9),
        at_least(f"worthless sets, mean of {SEEDS} seeds", float(null.mean()), 0.35),
        at_most(f"worthless sets, mean of {SEEDS} seeds", float(null.mean()), 0.65),
        at_most("planted edge, daily Sharpe 0.15 in 20 of 200", probability_of_backtest_overfitting(planted).pbo, 0.01),
        _beside_arch(noise[2][:, :30]),
        *_called_good(),
    ]


def _beside_arch(returns: FloatArray) -> Figure:
    test = SPA(np.zeros(len(returns)), -returns, block_size=BLOCK, reps=1_000, seed=4)
    test.compute()
    theirs = tuple(float(test.pvalues[name]) for name in ("lower", "consistent", "upper"))
    ours = superior_predictive_ability(returns, seed=4, block_length=BLOCK, repetitions=1_000)[:3]
    return holds(
        "SPA: lower, consistent, upper",
        ours == theirs,
        bound=", ".join(f"{each:.3f}" for each in theirs),
        figure=", ".join(f"{each:.3f}" for each in ours),
    )


def _called_good() -> list[Figure]:
    """How often one of ten worthless sets is called better than nothing at 5 %, in a year of days.

    On so few histories luck counts: by how much the test that knows their distribution rejects too often is taken off.
    """
    noise = [_noise(seed)[:DAYS, :WORTHLESS] for seed in range(TESTED)]
    p_values = np.array(
        [superior_predictive_ability(each, seed=seed, repetitions=199) for seed, each in enumerate(noise)]
    )
    highest = np.array([each.mean(axis=0).max() for each in noise]) * DAYS**0.5 / VOLATILITY
    luck = float(np.mean(highest > NormalDist().inv_cdf(0.95 ** (1.0 / WORTHLESS)))) - 0.05
    error = (0.05 * 0.95 / TESTED) ** 0.5
    ordered = bool(np.all((p_values[:, 0] <= p_values[:, 1]) & (p_values[:, 1] <= p_values[:, 2])))
    rejected = (p_values <= 0.05).mean(axis=0) - luck
    return [
        holds("SPA: lower <= consistent <= upper", ordered, figure=f"{TESTED} of {TESTED}" if ordered else "no"),
        at_most("SPA of worthless sets: rejected", float(rejected[1]), 0.05 + 2.0 * error),
        at_most("reality check of worthless sets: rejected", float(rejected[3]), 0.05 + 2.0 * error),
    ]


def _noise(seed: int) -> FloatArray:
    return np.random.default_rng(seed).normal(0.0, VOLATILITY, (PERIODS, SETS))


if __name__ == "__main__":
    raise SystemExit(run(TITLE, measure))
