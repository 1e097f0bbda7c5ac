"""Folds for labels that take time: what was learned must not overlap what it is tested on.

A sample has a start and the end of its label (a return over the next 20 bars ends 20 bars later). A training sample is
*purged* when its span touches the span of a test sample, and *embargoed* when it starts soon after one has ended.

    fold          0        1        2        3
    test                [#######]
    train     [=====]...         ...~~~[=============]      . purged  ~ embargo

`CombinatorialPurgedCV` tests every choice of k of N folds. Each fold is tested several times, by models trained on
different others; put together they are several whole histories (`paths`), not one.

The splitters have the interface of scikit-learn: `cross_val_score(model, X, y, cv=PurgedKFold(5, label_end=end))`.
Training data may lie after the test: good for judging overfitting, no simulation of live use, which walk-forward is.

Source: Lopez de Prado, "Advances in Financial Machine Learning" (2018), chapters 7 and 12.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sized
from itertools import combinations
from typing import NamedTuple, final

import numpy as np

from autonomous_trading.core import BoolArray, IntArray, InvalidInput

_MOST_SPLITS = 100_000


class Split(NamedTuple):
    """Positions of the samples to train on and of those to test on, each in order."""

    train: IntArray
    test: IntArray


class _Spans(NamedTuple):
    """Start of every sample and end of its label, on one clock."""

    start: IntArray
    end: IntArray


class _PurgedSplitter(ABC):
    """What both splitters share: spans of samples, folds of neighbours, purging and embargo."""

    def __init__(
        self,
        n_folds: int = 5,
        *,
        start: IntArray | None = None,
        label_end: IntArray | None = None,
        purge: int = 0,
        embargo: int = 0,
    ) -> None:
        if n_folds < 2:
            raise InvalidInput(f"n_folds must be at least 2, got {n_folds}", fix="use 5")
        for name, value in (("purge", purge), ("embargo", embargo)):
            if value < 0:
                raise InvalidInput(f"{name} must not be negative, got {value}", fix=f"use {name}=0")
        if purge and label_end is not None:
            raise InvalidInput("purge and label_end both say where labels end", fix="leave out purge")
        self.n_folds = n_folds
        self.purge = purge
        self.embargo = embargo
        self._start = start
        self._label_end = label_end

    def _spans(self, n_samples: int) -> _Spans:
        """Spans of so many samples: as given, or positions with labels that end `purge` samples later."""
        if n_samples < self.n_folds:
            raise InvalidInput(f"{n_samples} samples make no {self.n_folds} folds", fix=f"use n_folds={n_samples}")
        return _Spans(*checked_spans(n_samples, self._start, self._label_end, self.purge))

    def _edges(self, n_samples: int) -> IntArray:
        """Where folds begin, and the end: the first ones are longer by a sample where it does not come out even."""
        sizes = np.full(self.n_folds, n_samples // self.n_folds, dtype=np.int64)
        sizes[: n_samples % self.n_folds] += 1
        return np.concatenate([[0], np.cumsum(sizes)])

    def _split(self, spans: _Spans, edges: IntArray, tested: tuple[int, ...]) -> Split:
        test = np.zeros(len(spans.start), dtype=np.bool_)
        for first, last in _blocks(tested):
            test[edges[first] : edges[last + 1]] = True
        train = ~test
        for first, last in _blocks(tested):
            train &= ~self._spoiled(spans, slice(int(edges[first]), int(edges[last + 1])))
        return Split(np.flatnonzero(train), np.flatnonzero(test))

    def _spoiled(self, spans: _Spans, block: slice) -> BoolArray:
        """Samples that know something of a block of test samples."""
        begins, ends = spans.start[block].min(), spans.end[block].max()
        overlap = (spans.end >= begins) & (spans.start <= ends)
        last_start = spans.start[block].max()
        after = (spans.start > last_start) & (spans.start <= max(ends, last_start) + self.embargo)
        spoiled: BoolArray = overlap | after if self.embargo else overlap
        return spoiled

    @property
    @abstractmethod
    def tested(self) -> tuple[tuple[int, ...], ...]:
        """The tested folds of every split."""

    def folds(self, n_samples: int) -> Iterator[Split]:
        """The splits of so many samples."""
        spans, edges = self._spans(n_samples), self._edges(n_samples)
        for tested in self.tested:
            yield self._split(spans, edges, tested)

    def split(self, X: object, y: object = None, groups: object = None) -> Iterator[Split]:
        """The splits of the rows of X, as scikit-learn asks for them."""
        del y, groups
        return self.folds(rows_of(X))

    def get_n_splits(self, X: object = None, y: object = None, groups: object = None) -> int:
        """How many splits there are."""
        del X, y, groups
        return len(self.tested)


@final
class PurgedKFold(_PurgedSplitter):
    """K folds in the order of time, each tested once, with what overlaps it left out of the training.

    `start` and `label_end` are times of every sample (UTC nanoseconds, or any whole numbers), in order of `start`;
    a label ends at `label_end`, which still belongs to it. Without them samples are counted: sample i starts at i and
    its label ends at i + `purge`. `embargo` is in the same unit. Raises InvalidInput for what cannot be split.

    >>> [split.train.tolist() for split in PurgedKFold(3, purge=1).folds(6)]
    [[3, 4, 5], [0, 5], [0, 1, 2]]
    """

    @property
    def tested(self) -> tuple[tuple[int, ...], ...]:
        """The tested folds of every split: one after the other."""
        return tuple((fold,) for fold in range(self.n_folds))


@final
class CombinatorialPurgedCV(_PurgedSplitter):
    """Every choice of `n_tested` of `n_folds` folds as the test, in lexicographic order; see PurgedKFold for the rest.

    >>> cv = CombinatorialPurgedCV(6, 2)
    >>> cv.get_n_splits(), cv.n_paths
    (15, 5)
    """

    def __init__(
        self,
        n_folds: int = 10,
        n_tested: int = 2,
        *,
        start: IntArray | None = None,
        label_end: IntArray | None = None,
        purge: int = 0,
        embargo: int = 0,
    ) -> None:
        super().__init__(n_folds, start=start, label_end=label_end, purge=purge, embargo=embargo)
        if not 1 <= n_tested < n_folds:
            raise InvalidInput(
                f"n_tested must lie between 1 and {n_folds - 1}, got {n_tested}", fix="leave folds to train on"
            )
        if math.comb(n_folds, n_tested) > _MOST_SPLITS:
            raise InvalidInput(
                f"{n_tested} of {n_folds} folds can be chosen in {math.comb(n_folds, n_tested):,} ways",
                fix="use fewer folds",
            )
        self.n_tested = n_tested

    @property
    def tested(self) -> tuple[tuple[int, ...], ...]:
        """The tested folds of every split, in lexicographic order."""
        return tuple(combinations(range(self.n_folds), self.n_tested))

    @property
    def n_paths(self) -> int:
        """How many whole histories the tested folds make: every fold is tested so many times."""
        return math.comb(self.n_folds - 1, self.n_tested - 1)

    @property
    def paths(self) -> IntArray:
        """The split whose test gives each path each of its folds, [paths, folds]: the p-th that tests the fold."""
        splits = [[n for n, tested in enumerate(self.tested) if fold in tested] for fold in range(self.n_folds)]
        return np.array(splits, dtype=np.int64).T

    def fold_bounds(self, n_samples: int) -> IntArray:
        """Where each fold begins, and the end, as positions of samples [folds + 1]."""
        return self._edges(n_samples)


def _blocks(tested: tuple[int, ...]) -> Iterator[tuple[int, int]]:
    """Runs of neighbouring folds as (first, last)."""
    first = previous = tested[0]
    for fold in tested[1:]:
        if fold != previous + 1:
            yield first, previous
            first = fold
        previous = fold
    yield first, previous


def checked_spans(
    n_samples: int, start: IntArray | None, label_end: IntArray | None, purge: int
) -> tuple[IntArray, IntArray]:
    """Start of every sample and end of its label: as given, or positions with labels that end `purge` samples later."""
    begins = np.arange(n_samples) if start is None else np.asarray(start)
    ends = begins + purge if label_end is None else np.asarray(label_end)
    for name, values in (("start", begins), ("label_end", ends)):
        if values.shape != (n_samples,):
            raise InvalidInput(
                f"{name} has shape {values.shape}, but there are {n_samples} samples",
                fix="pass one time per sample",
            )
    _refuse_disorder(begins, ends)
    return begins, ends


def rows_of(table: object) -> int:
    shape = getattr(table, "shape", None)
    if shape:
        return int(shape[0])
    if isinstance(table, Sized):
        return len(table)
    raise InvalidInput(f"X has no rows to split: {type(table).__name__}", fix="pass an array, a frame or a list")


def _refuse_disorder(start: IntArray, end: IntArray) -> None:
    backwards = np.flatnonzero(np.diff(start) < 0)
    if len(backwards):
        raise InvalidInput(
            f"samples must be in the order of their start, sample {int(backwards[0]) + 1} is not",
            fix="sort samples, labels and their ends by start",
        )
    early = np.flatnonzero(end < start)
    if len(early):
        raise InvalidInput(
            f"the label of sample {int(early[0])} ends before it starts", fix="pass the time at which it is known"
        )
