"""Probability of overfitting: the worked example, a slow twin, and what has to come out at the ends of the scale."""

from __future__ import annotations

import math
from itertools import combinations, pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from autonomous_trading.core import FloatArray, InvalidInput
from autonomous_trading.validation import probability_of_backtest_overfitting
from autonomous_trading.validation._overfitting import Score

TOY = np.array([[3, 1, -1], [-1, 2, 0], [2, -1, 1], [1, 0, 2], [-2, 1, 3], [0, 2, -1], [-1, 1, 2], [1, -1, 1]], float)


def noise(seed: int, periods: int = 1008, sets: int = 200) -> FloatArray:
    return np.random.default_rng(seed).normal(0.0, 0.01, (periods, sets))


def test_the_worked_example() -> None:
    found = probability_of_backtest_overfitting(TOY, n_blocks=4)
    assert found.winners.tolist() == [0, 1, 1, 2, 2, 2]
    assert found.ranks.tolist() == [1.0, 1.0, 2.0, 2.0, 2.0, 1.5]
    assert found.logits.round(4).tolist() == [-1.0986, -1.0986, 0.0, 0.0, 0.0, -0.5108]
    assert found.pbo == 1.0
    assert np.mean(found.logits < 0.0) == 0.5


def test_sixteen_blocks_make_as_many_pairs_as_the_paper_counts() -> None:
    assert len(probability_of_backtest_overfitting(noise(0, 64, 3), n_blocks=16).winners) == 12_870


def twin(returns: FloatArray, n_blocks: int, score: Score) -> list[tuple[int, float, float, float]]:
    """Each pair of halves by itself, with the returns of every half in full."""
    edges = np.linspace(0, len(returns), n_blocks + 1).astype(int)
    blocks = [returns[first:last] for first, last in pairwise(edges)]

    def scores(half: tuple[int, ...]) -> FloatArray:
        rows = np.concatenate([blocks[each] for each in half])
        if score == "mean":
            return np.asarray(rows.mean(axis=0))
        return np.array([-np.inf if np.ptp(each) == 0.0 else each.mean() / each.std(ddof=1) for each in rows.T])

    found = []
    for half in combinations(range(n_blocks), n_blocks // 2):
        rest = tuple(each for each in range(n_blocks) if each not in half)
        here, there = scores(half), scores(rest)
        winner = int(np.argmax(here))
        found.append((winner, float(stats.rankdata(there)[winner]), float(here[winner]), float(there[winner])))
    return found


@settings(max_examples=40)
@given(st.integers(2, 6), st.integers(12, 31), st.sampled_from([4, 6]), st.data())
def test_it_is_what_its_twin_finds(n_sets: int, periods: int, n_blocks: int, data: st.DataObject) -> None:
    seed = data.draw(st.integers(0, 10_000))
    returns = np.random.default_rng(seed).normal(0.001, 0.01, (periods, n_sets))
    for score in ("sharpe_ratio", "mean"):
        found = probability_of_backtest_overfitting(returns, n_blocks=n_blocks, score=score)
        slow = twin(returns, n_blocks, score)
        assert found.winners.tolist() == [each[0] for each in slow]
        assert found.ranks.tolist() == [each[1] for each in slow]
        np.testing.assert_allclose(found.in_sample, [each[2] for each in slow], rtol=1e-9)
        np.testing.assert_allclose(found.out_of_sample, [each[3] for each in slow], rtol=1e-9, atol=1e-12)


@given(arrays(np.float64, (16, 3), elements=st.sampled_from([-0.01, 0.0, 0.01])))
def test_sets_that_do_the_same_or_nothing_are_ranked(returns: FloatArray) -> None:
    found = probability_of_backtest_overfitting(returns, n_blocks=4)
    assert bool(np.all((found.ranks >= 1.0) & (found.ranks <= 3.0)))
    assert bool(np.isfinite(found.logits).all())
    assert 0.0 <= found.pbo <= 1.0


def test_equal_means_are_always_overfitted() -> None:
    returns = noise(0)
    found = probability_of_backtest_overfitting(returns - returns.mean(axis=0))
    assert found.pbo == 1.0
    assert found.degradation.slope == pytest.approx(-1.0, abs=0.1)
    assert found.probability_of_loss == 1.0


def test_a_real_edge_is_kept() -> None:
    returns = noise(3)
    returns[:, :20] += 0.0015
    found = probability_of_backtest_overfitting(returns)
    assert found.pbo < 0.01
    assert np.mean(found.winners < 20) > 0.99


def test_a_number_of_halves_as_in_the_paper() -> None:
    found = probability_of_backtest_overfitting(noise(1, sets=3), n_blocks=16)
    assert len(found.logits) == math.comb(16, 8) == 12_870


def test_the_size_of_returns_does_not_matter() -> None:
    small, large = (probability_of_backtest_overfitting(noise(2, 300, 20) * scale, n_blocks=8) for scale in (1e-6, 1e6))
    assert small.winners.tolist() == large.winners.tolist()
    assert small.ranks.tolist() == large.ranks.tolist()


def test_a_large_mean_costs_no_digits() -> None:
    returns = noise(4, 400, 5)
    shifted = probability_of_backtest_overfitting(returns + 1e4, n_blocks=4)
    exact = twin(returns + 1e4, 4, "sharpe_ratio")
    np.testing.assert_allclose(shifted.in_sample, [each[2] for each in exact], rtol=1e-6)


def test_without_differences_in_sample_there_is_no_slope() -> None:
    returns = np.tile(np.array([0.01, -0.01]), 20)[:, np.newaxis].repeat(3, axis=1)
    degradation = probability_of_backtest_overfitting(returns, n_blocks=4).degradation
    assert all(math.isnan(each) for each in degradation)


@pytest.mark.parametrize(
    ("returns", "options", "message"),
    [
        (np.zeros(20), {}, r"must be \[periods, sets\]"),
        (np.zeros((100, 1)), {}, "choosing among sets"),
        (np.zeros((100, 3)), {"n_blocks": 5}, "must be even"),
        (np.zeros((100, 3)), {"n_blocks": 22}, "between 4 and 20"),
        (np.zeros((20, 3)), {}, "20 periods are too few"),
        (np.full((100, 3), np.nan), {}, "return of set 0 in period 0 is nan"),
        (np.zeros((100, 3)), {"score": "sortino"}, "score"),
    ],
)
def test_what_cannot_be_judged_is_refused(returns: FloatArray, options: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        probability_of_backtest_overfitting(returns, **options)
