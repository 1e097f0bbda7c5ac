"""Choosing in every combination of folds, against a twin that does each split by itself."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autonomous_trading.core import InvalidInput
from autonomous_trading.validation import CombinatorialPurgedCV, combinatorial_choice


@settings(max_examples=30)
@given(st.integers(3, 6), st.integers(1, 2), st.integers(2, 8), st.integers(0, 3), st.integers(0, 1_000))
def test_it_is_what_its_twin_finds(n_folds: int, n_tested: int, n_sets: int, purge: int, seed: int) -> None:
    returns = np.random.default_rng(seed).normal(0.0, 0.01, (97, n_sets))
    folds = CombinatorialPurgedCV(n_folds, n_tested, purge=purge, embargo=purge)
    found = combinatorial_choice(returns, folds)
    for number, (train, test) in enumerate(folds.folds(97)):
        inside = returns[train].mean(axis=0) / returns[train].std(axis=0, ddof=1)
        best = int(np.argmax(inside))
        assert found.chosen[number] == best
        assert found.in_sample[number] == pytest.approx(inside[best])
        outside = returns[test, best]
        assert found.out_of_sample[number] == pytest.approx(outside.mean() / outside.std(ddof=1))
    for path, used in zip(found.paths, folds.paths, strict=True):
        for fold, split in enumerate(used):
            train, test = list(folds.folds(97))[split]
            span = np.arange(folds.fold_bounds(97)[fold], folds.fold_bounds(97)[fold + 1])
            assert set(span) <= set(test)
            assert np.array_equal(path[span], returns[span, found.chosen[split]])


def test_a_real_edge_is_chosen_and_kept_and_a_lucky_one_is_not() -> None:
    rng = np.random.default_rng(0)
    returns = rng.normal(0.0, 0.01, (2_000, 50))
    folds = CombinatorialPurgedCV(10, 2, purge=1)
    lucky = combinatorial_choice(returns, folds)
    assert lucky.efficiency < 0.5
    returns[:, 9] += 0.002
    real = combinatorial_choice(returns, folds)
    assert set(real.chosen.tolist()) == {9}
    assert real.efficiency == pytest.approx(1.0, abs=0.2)
    assert real.path_sharpes.min() > lucky.path_sharpes.max()


def test_sets_that_never_moved_are_not_chosen() -> None:
    returns = np.zeros((60, 3))
    nothing = combinatorial_choice(returns, CombinatorialPurgedCV(4, 1))
    assert nothing.chosen.tolist() == [-1, -1, -1, -1]
    assert bool(np.isnan(nothing.in_sample).all())
    assert bool(np.isnan(nothing.path_sharpes).all())
    assert math.isnan(nothing.efficiency)
    returns[:, 2] = np.random.default_rng(0).normal(-0.01, 0.001, 60)
    assert set(combinatorial_choice(returns, CombinatorialPurgedCV(4, 1)).chosen.tolist()) == {2}


def test_what_cannot_be_chosen_from_is_refused() -> None:
    with pytest.raises(InvalidInput, match="finite and"):
        combinatorial_choice(np.full((20, 2), np.nan), CombinatorialPurgedCV(4, 1))
    with pytest.raises(InvalidInput, match="fewer than two periods"):
        combinatorial_choice(np.zeros((20, 2)), CombinatorialPurgedCV(4, 1, purge=30))
