"""The walk-forward splitter: the window's own indices, nothing that was not known, and scikit-learn's interface."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import TimeSeriesSplit, cross_val_score

from autonomous_trading.core import InvalidInput
from autonomous_trading.validation import WalkForwardSplit, walk_forward_windows

TIMES = np.arange(40, dtype=np.int64)
WINDOWS = walk_forward_windows(TIMES, train=12, test=6, step=6, unit="bars")


def test_without_labels_that_last_it_is_the_windows() -> None:
    splits = list(WalkForwardSplit(WINDOWS).folds(40))
    assert [(split.train.tolist(), split.test.tolist()) for split in splits] == [
        (list(range(w.train.start, w.train.stop)), list(range(w.test.start, w.test.stop))) for w in WINDOWS
    ]


@pytest.mark.parametrize("gap", [0, 3])
def test_expanding_windows_are_the_time_series_split_of_scikit_learn(gap: int) -> None:
    windows = walk_forward_windows(TIMES, train=10, test=6, step=6, unit="bars", expanding=True)
    theirs = TimeSeriesSplit(n_splits=5, test_size=6, gap=gap).split(np.zeros(40))
    for ours, (train, test) in zip(WalkForwardSplit(windows, purge=gap).folds(40), theirs, strict=True):
        assert (ours.train.tolist(), ours.test.tolist()) == (train.tolist(), test.tolist())


@given(st.lists(st.integers(0, 9), min_size=40, max_size=40), st.integers(0, 4), st.booleans())
def test_every_label_is_known_and_an_embargo_old_before_the_test(
    lengths: list[int], embargo: int, expanding: bool
) -> None:
    start = np.cumsum(np.array([1, 2] * 20))
    end = start + np.array(lengths)
    windows = walk_forward_windows(TIMES, train=12, test=6, step=6, unit="bars", expanding=expanding)
    splits = WalkForwardSplit(windows, start=start, label_end=end, embargo=embargo).folds(40)
    for window, (train, test) in zip(windows, splits, strict=True):
        began = start[test[0]]
        inside = range(window.train.start, window.train.stop)
        assert train.tolist() == [i for i in inside if end[i] + embargo < began]
        assert test.tolist() == list(range(window.test.start, window.test.stop))


def test_scikit_learn_takes_it() -> None:
    rng = np.random.default_rng(0)
    features = rng.normal(size=(40, 2))
    labels = features @ np.array([1.0, -1.0]) + 0.01 * rng.normal(size=40)
    folds = WalkForwardSplit(WINDOWS, purge=2, embargo=1)
    scores = cross_val_score(LinearRegression(), features, labels, cv=folds)
    assert len(scores) == folds.get_n_splits(features) == len(WINDOWS)
    assert min(scores) > 0.9


@pytest.mark.parametrize(
    ("make", "n_samples", "message"),
    [
        (lambda: WalkForwardSplit(()), 40, "there is no window to split by"),
        (lambda: WalkForwardSplit(WINDOWS, embargo=-1), 40, "embargo must not be negative, got -1"),
        (lambda: WalkForwardSplit(WINDOWS, purge=1, label_end=TIMES), 40, "purge and label_end both say"),
        (lambda: WalkForwardSplit(WINDOWS), 30, "the windows reach sample 36, but there are 30 samples"),
        (lambda: WalkForwardSplit(WINDOWS, purge=12), 40, "window 0 has no sample whose label is known"),
        (lambda: WalkForwardSplit(WINDOWS, label_end=TIMES[1:]), 40, "label_end has shape (39,)"),
        (lambda: WalkForwardSplit(WINDOWS, start=TIMES[::-1]), 40, "samples must be in the order of their start"),
    ],
)
def test_what_cannot_be_split_is_refused(make: Callable[[], WalkForwardSplit], n_samples: int, message: str) -> None:
    with pytest.raises(InvalidInput, match=re.escape(message)):
        list(make().folds(n_samples))
