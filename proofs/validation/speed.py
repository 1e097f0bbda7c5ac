"""Seconds for the statistics of thousands of sets or paths, after one small call that imports what is needed."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from autonomous_trading.validation import (
    CombinatorialPurgedCV,
    bootstrapped_paths,
    combinatorial_choice,
    probability_of_backtest_overfitting,
)
from proofs.claims import Figure, at_most, run

TITLE = "Speed of validation"
DAYS = 2_500


def measure() -> list[Figure]:
    """Each at its full size."""
    rng = np.random.default_rng(0)
    returns = rng.normal(0.0003, 0.01, (DAYS, 5_000))
    folds = CombinatorialPurgedCV(10, 2, purge=1, embargo=5)
    small = returns[:200, :10]
    warm = (
        lambda: probability_of_backtest_overfitting(small),
        lambda: combinatorial_choice(small, folds),
        lambda: bootstrapped_paths(small[:, 0], paths=10, rng=rng),
    )
    for each in warm:
        each()
    return [
        at_most(
            f"PBO, 2,000 sets x {DAYS:,} days, 16 blocks",
            _seconds(lambda: probability_of_backtest_overfitting(returns[:, :2_000])),
            5.0,
            "s",
        ),
        at_most(
            "CPCV, 5,000 sets x 45 splits, from their returns",
            _seconds(lambda: combinatorial_choice(returns, folds)),
            10.0,
            "s",
        ),
        at_most(
            f"Monte Carlo, 10,000 paths x {DAYS:,} bars",
            _seconds(lambda: bootstrapped_paths(returns[:, 0], paths=10_000, rng=rng)),
            5.0,
            "s",
        ),
    ]


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


if __name__ == "__main__":
    raise SystemExit(run(TITLE, measure))
