"""Walk-forward windows as a splitter for scikit-learn: the only one of the room that simulates live use.

    train     [==========]....~~~                . purged: the label ends in the test    ~ embargo
    test                         [#####)

A model is trained on samples whose labels were known before the test began; an embargo keeps a further distance.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import final

import numpy as np

from autonomous_trading.core import IntArray, InvalidInput
from autonomous_trading.validation._folds import Split, checked_spans, rows_of
from autonomous_trading.validation._walk_forward import Window


@final
class WalkForwardSplit:
    """Trains on each window's past and tests on what followed, with what was not known by then left out.

    `windows` from `walk_forward_windows` (rolling or expanding, in bars or by the calendar). `start` and `label_end`
    are times of every sample (UTC nanoseconds, or any whole numbers), in order of `start`; a label ends at `label_end`,
    which still belongs to it. Without them samples are counted: sample i starts at i and its label ends at i + `purge`.
    A sample is trained on when its label, and `embargo` in the same unit after it, end before the first test sample
    starts.

    Raises InvalidInput for what cannot be split, and for a window that leaves nothing to train on.

    >>> from autonomous_trading.validation import walk_forward_windows
    >>> windows = walk_forward_windows(np.arange(10), train=4, test=3, step=3, unit="bars")
    >>> [(split.train.tolist(), split.test.tolist()) for split in WalkForwardSplit(windows, purge=1).folds(10)]
    [([0, 1, 2], [4, 5, 6]), ([3, 4, 5], [7, 8, 9])]
    """

    def __init__(
        self,
        windows: Sequence[Window],
        *,
        start: IntArray | None = None,
        label_end: IntArray | None = None,
        purge: int = 0,
        embargo: int = 0,
    ) -> None:
        if not windows:
            raise InvalidInput("there is no window to split by", fix="make them with walk_forward_windows")
        for name, value in (("purge", purge), ("embargo", embargo)):
            if value < 0:
                raise InvalidInput(f"{name} must not be negative, got {value}", fix=f"use {name}=0")
        if purge and label_end is not None:
            raise InvalidInput("purge and label_end both say where labels end", fix="leave out purge")
        self.windows = tuple(windows)
        self.purge = purge
        self.embargo = embargo
        self._start = start
        self._label_end = label_end

    def folds(self, n_samples: int) -> Iterator[Split]:
        """The splits of so many samples, in the order of time."""
        last = max(window.test.stop for window in self.windows)
        if n_samples < last:
            raise InvalidInput(
                f"the windows reach sample {last}, but there are {n_samples} samples",
                fix="make the windows from the times of these samples",
            )
        start, end = checked_spans(n_samples, self._start, self._label_end, self.purge)
        for number, window in enumerate(self.windows):
            known = end[window.train] + self.embargo < start[window.test.start]
            train = np.arange(window.train.start, window.train.stop)[known]
            if not len(train):
                raise InvalidInput(
                    f"window {number} has no sample whose label is known before its test",
                    fix="lengthen train, or shorten the embargo",
                )
            yield Split(train, np.arange(window.test.start, window.test.stop))

    def split(self, X: object, y: object = None, groups: object = None) -> Iterator[Split]:
        """The splits of the rows of X, as scikit-learn asks for them."""
        del y, groups
        return self.folds(rows_of(X))

    def get_n_splits(self, X: object = None, y: object = None, groups: object = None) -> int:
        """How many splits there are."""
        del X, y, groups
        return len(self.windows)
