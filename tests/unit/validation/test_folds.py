"""Purged folds: the published cases, and no training sample that knows something of a test."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import cross_val_score

from autonomous_trading.core import FloatArray, IntArray, InvalidInput
from autonomous_trading.validation import CombinatorialPurgedCV, PurgedKFold


@pytest.mark.parametrize(
    ("purge", "embargo", "trained"),
    [
        (0, 0, [[8, 9, 10, 11], [4, 5, 6, 7], [0, 1, 2, 3]]),
        (1, 0, [[9, 10, 11], [5, 6], [0, 1, 2]]),
        (0, 1, [[9, 10, 11], [5, 6, 7], [0, 1, 2, 3]]),
    ],
)
def test_the_cases_of_skfolio(purge: int, embargo: int, trained: list[list[int]]) -> None:
    folds = CombinatorialPurgedCV(3, 2, purge=purge, embargo=embargo)
    assert [split.train.tolist() for split in folds.folds(12)] == trained


def marked(n_samples: int, n_folds: int, n_tested: int, purge: int, embargo: int) -> list[list[int]]:
    """Training samples as skfolio finds them: marks around the places where test and training meet (BSD-3, retold)."""
    size = n_samples // n_folds
    found = []
    for tested in combinations(range(n_folds), n_tested):
        mark = [1 if sample // size in tested else 0 for sample in range(n_samples)]
        trained = {sample for sample in range(n_samples) if not mark[sample]}
        for sample in range(1, n_samples):
            if mark[sample] > mark[sample - 1]:
                trained -= {sample - 1 - back for back in range(purge)}
            if mark[sample] < mark[sample - 1]:
                trained -= {sample + ahead for ahead in range(purge + embargo)}
        found.append(sorted(trained))
    return found


@pytest.mark.parametrize(("n_folds", "n_tested"), [(3, 2), (5, 2), (6, 3), (8, 2), (10, 8)])
@pytest.mark.parametrize(("purge", "embargo"), [(0, 0), (1, 0), (0, 1), (2, 3), (4, 1)])
def test_purging_and_embargo_are_those_of_skfolio(n_folds: int, n_tested: int, purge: int, embargo: int) -> None:
    """With as many samples in each fold: where they do not come out even it lengthens the last fold, we the first."""
    folds = CombinatorialPurgedCV(n_folds, n_tested, purge=purge, embargo=embargo)
    n_samples = n_folds * 9
    trained = [split.train.tolist() for split in folds.folds(n_samples)]
    assert trained == marked(n_samples, n_folds, n_tested, purge, embargo)


def test_the_paths_of_skfolio() -> None:
    """Its case of 5 folds, 2 tested: which split tests each fold for each path."""
    paths = CombinatorialPurgedCV(5, 2).paths
    assert paths.T.tolist() == [[0, 1, 2, 3], [0, 4, 5, 6], [1, 4, 7, 8], [2, 5, 7, 9], [3, 6, 8, 9]]


@pytest.mark.parametrize(("n_folds", "n_tested", "splits", "paths"), [(6, 2, 15, 5), (10, 2, 45, 9), (10, 8, 45, 36)])
def test_the_numbers_of_splits_and_paths(n_folds: int, n_tested: int, splits: int, paths: int) -> None:
    folds = CombinatorialPurgedCV(n_folds, n_tested)
    assert (folds.get_n_splits(), folds.n_paths) == (splits, paths)
    assert folds.paths.shape == (paths, n_folds)
    assert len(folds.tested) == splits == math.comb(n_folds, n_tested)


@given(st.integers(3, 8), st.data())
def test_every_path_is_a_whole_history_and_no_test_is_used_twice(n_folds: int, data: st.DataObject) -> None:
    folds = CombinatorialPurgedCV(n_folds, data.draw(st.integers(1, n_folds - 1)))
    paths = folds.paths
    used = [(int(split), fold) for path in paths for fold, split in enumerate(path)]
    assert len(set(used)) == len(used) == folds.n_paths * n_folds
    assert all(fold in folds.tested[split] for split, fold in used)


@st.composite
def labelled(draw: st.DrawFn) -> tuple[IntArray, IntArray]:
    """Starts and ends of labels: uneven steps, several at one time, lengths from nothing to long."""
    steps = draw(st.lists(st.integers(0, 5), min_size=12, max_size=60))
    start = np.cumsum(np.array(steps, dtype=np.int64))
    lengths = draw(st.lists(st.integers(0, 20), min_size=len(steps), max_size=len(steps)))
    return start, start + np.array(lengths)


@given(labelled(), st.integers(2, 5), st.integers(0, 15), st.booleans())
def test_nothing_that_is_trained_on_knows_of_a_test(
    labels: tuple[IntArray, IntArray], n_folds: int, embargo: int, combined: bool
) -> None:
    start, end = labels
    made = (
        CombinatorialPurgedCV(n_folds, n_folds // 2, start=start, label_end=end, embargo=embargo)
        if combined
        else PurgedKFold(n_folds, start=start, label_end=end, embargo=embargo)
    )
    tested = np.zeros(len(start), dtype=int)
    for train, test in made.folds(len(start)):
        tested[test] += 1
        assert not set(train) & set(test)
        for sample in train:
            assert bool(np.all((end[sample] < start[test]) | (start[sample] > end[test])))
    assert len(set(tested.tolist())) == 1


@given(labelled(), st.integers(1, 30))
def test_an_embargo_keeps_what_starts_soon_after_a_test_out(labels: tuple[IntArray, IntArray], embargo: int) -> None:
    start, end = labels
    free = PurgedKFold(3, start=start, label_end=end)
    held = PurgedKFold(3, start=start, label_end=end, embargo=embargo)
    for without, with_it in zip(free.folds(len(start)), held.folds(len(start)), strict=True):
        kept_out = set(without.train) - set(with_it.train)
        last = end[without.test].max()
        assert kept_out == {i for i in without.train if last < start[i] <= last + embargo}


def test_scikit_learn_takes_them() -> None:
    rng = np.random.default_rng(0)
    features = rng.normal(size=(120, 3))
    labels = features @ np.array([1.0, -1.0, 0.5]) + 0.1 * rng.normal(size=120)
    for folds in (PurgedKFold(5, purge=3, embargo=2), CombinatorialPurgedCV(5, 2, purge=3)):
        scores = cross_val_score(LinearRegression(), features, labels, cv=folds)
        assert len(scores) == folds.get_n_splits(features)
        assert min(scores) > 0.9


def test_overlapping_labels_look_predictable_only_where_they_are_not_purged() -> None:
    """Pitfall 1 of the field: labels over 20 bars of returns that nothing predicts."""
    shuffled: list[float] = []
    purged: list[float] = []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        returns = rng.normal(size=700)
        after = np.arange(60, 680)
        labels = np.array([returns[t : t + 20].sum() for t in after])
        features = np.array([[returns[t - n : t].mean() for n in (10, 30, 60)] for t in after])
        for splits, found in (
            (list(_shuffled(len(labels), rng)), shuffled),
            (list(PurgedKFold(5, purge=20, embargo=20).folds(len(labels))), purged),
        ):
            found.append(float(np.mean([_nearest_correlation(features, labels, *split) for split in splits])))
    assert np.mean(shuffled) > 0.15
    assert abs(np.mean(purged)) < 0.12


def _shuffled(n: int, rng: np.random.Generator) -> list[tuple[IntArray, IntArray]]:
    order = rng.permutation(n)
    return [(np.setdiff1d(order, part), part) for part in np.array_split(order, 5)]


def _nearest_correlation(features: FloatArray, labels: FloatArray, train: IntArray, test: IntArray) -> float:
    """How well the label of the nearest sample foretells a label."""
    scaled = features / features.std(axis=0)
    nearest = ((scaled[test, np.newaxis] - scaled[np.newaxis, train]) ** 2).sum(axis=2).argmin(axis=1)
    return float(np.corrcoef(labels[train][nearest], labels[test])[0, 1])


@pytest.mark.parametrize(
    ("make", "n_samples", "message"),
    [
        (lambda: PurgedKFold(1), 10, "at least 2"),
        (lambda: PurgedKFold(5, embargo=-1), 10, "embargo must not be negative"),
        (lambda: PurgedKFold(5, purge=1, label_end=np.arange(10)), 10, "both say"),
        (lambda: PurgedKFold(5, start=np.arange(3)), 10, "start has shape"),
        (lambda: PurgedKFold(5, start=np.array([2, 1, 3, 4, 5])), 5, "sample 1 is not"),
        (lambda: PurgedKFold(5, label_end=np.array([0, 0, 3, 4, 5])), 5, "label of sample 1 ends before"),
        (lambda: PurgedKFold(11), 10, "make no 11 folds"),
        (lambda: CombinatorialPurgedCV(5, 5), 10, "n_tested"),
        (lambda: CombinatorialPurgedCV(40, 20), 100, "ways"),
    ],
)
def test_what_cannot_be_split_is_refused(
    make: Callable[[], PurgedKFold | CombinatorialPurgedCV], n_samples: int, message: str
) -> None:
    with pytest.raises(InvalidInput, match=message):
        list(make().folds(n_samples))


def test_rows_are_those_of_an_array_or_a_list() -> None:
    folds = PurgedKFold(3)
    array, listed = (list(folds.split(each)) for each in (np.zeros((6, 2)), [[0.0, 0.0]] * 6))
    assert [split.test.tolist() for split in array] == [split.test.tolist() for split in listed]
    with pytest.raises(InvalidInput, match="X has no rows to split: int"):
        list(folds.split(6))
