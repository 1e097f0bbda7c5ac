"""The test for superior ability: equal to arch with the same blocks, and in own units of error where asked."""

from __future__ import annotations

import math

import numpy as np
import pytest
from arch.bootstrap import SPA, StationaryBootstrap

from autonomous_trading.core import FloatArray
from autonomous_trading.validation import superior_predictive_ability


def noise(seed: int, scales: tuple[float, ...], periods: int = 300) -> FloatArray:
    found: FloatArray = np.random.default_rng(seed).normal(0.0, scales, (periods, len(scales)))
    return found


@pytest.mark.parametrize("block", [1, 7, 20])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_p_values_are_those_of_arch_with_the_same_blocks(seed: int, block: int) -> None:
    returns = noise(seed, (0.01, 0.02, 0.01, 0.03, 0.01)) + np.array([0.001, 0.0, -0.004, 0.001, 0.0005])
    held = noise(seed + 50, (0.01,))[:, 0]
    theirs = SPA(-held, -returns, block_size=block, reps=400, seed=seed)
    theirs.compute()
    found = superior_predictive_ability(returns, held, seed=seed, block_length=block, repetitions=400)
    assert found[:3] == tuple(theirs.pvalues[name] for name in ("lower", "consistent", "upper"))
    assert found.reality_check == theirs.pvalues["upper"]


def slowly(returns: FloatArray, block: int, repetitions: int, seed: int) -> list[float]:
    """Hansen's three p-values as the paper writes them, one history and one set at a time."""
    n, sets = returns.shape
    deviations = []
    for k in range(sets):
        away = returns[:, k] - returns[:, k].mean()
        variance = float(np.mean(away * away))
        for i in range(1, n):
            stays = 1.0 - 1.0 / block
            kappa = (1.0 - i / n) * stays**i + (i / n) * stays ** (n - i)
            variance += 2.0 * kappa * float(np.sum(away[: n - i] * away[i:])) / n
        deviations.append(math.sqrt(variance))
    means = [float(returns[:, k].mean()) for k in range(sets)]
    seen = max(math.sqrt(n) * mean / deviation for mean, deviation in zip(means, deviations, strict=True))
    threshold = math.sqrt(2.0 * math.log(math.log(n)))
    centres = [
        [max(mean, 0.0) for mean in means],
        [
            mean if math.sqrt(n) * mean / deviation >= -threshold else 0.0
            for mean, deviation in zip(means, deviations, strict=True)
        ],
        means,
    ]
    beaten = [0, 0, 0]
    for (drawn,), _ in StationaryBootstrap(block, returns, seed=seed).bootstrap(repetitions):
        for which, centre in enumerate(centres):
            largest = max(math.sqrt(n) * (float(drawn[:, k].mean()) - centre[k]) / deviations[k] for k in range(sets))
            beaten[which] += largest > seen
    return [(count + 1) / (repetitions + 1) for count in beaten]


@pytest.mark.parametrize("seed", range(4))
def test_studentised_is_what_the_paper_says(seed: int) -> None:
    returns = noise(seed, (0.01, 0.002, 0.05), 120) + np.array([0.0005, -0.002, 0.001])
    found = superior_predictive_ability(returns, seed=seed, block_length=6, repetitions=200, studentized=True)
    assert list(found[:3]) == pytest.approx(slowly(returns, 6, 200, seed))


def test_wild_sets_drown_a_steady_one_only_without_units_of_error() -> None:
    returns = noise(0, (0.001, 0.1, 0.1, 0.1, 0.1), 1_000)
    returns += np.array([0.0003, 0.0, 0.0, 0.0, 0.0]) - returns.mean(axis=0)
    assert superior_predictive_ability(returns, seed=1).consistent > 0.5
    assert superior_predictive_ability(returns, seed=1, studentized=True).consistent < 0.01


def test_scaling_one_set_changes_nothing_in_units_of_error() -> None:
    returns = noise(4, (0.01, 0.02, 0.03))
    scaled = returns * np.array([1.0, 8.0, 0.25])
    before, after = (superior_predictive_ability(each, seed=2, studentized=True)[:3] for each in (returns, scaled))
    assert before == after


def test_more_sets_at_once_than_fit_a_step() -> None:
    returns = np.tile(noise(6, (0.01, 0.02)), (1, 5_000))
    few, many = (
        superior_predictive_ability(each, seed=3, repetitions=50, block_length=9) for each in (returns[:, :2], returns)
    )
    assert list(many) == pytest.approx(list(few))
