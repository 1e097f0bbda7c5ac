"""What a model is fitted to: features by name beside their labels, row by row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol, final

import numpy as np

from autonomous_trading.core import FloatArray, IntArray, InvalidInput, time_text, unknown_name
from autonomous_trading.models.labels import Labels
from autonomous_trading.validation import Split, WalkForwardSplit, walk_forward_windows

Target = Literal["value", "return"]
_TARGETS = ("value", "return")
_TESTS = 5


class Folds(Protocol):
    """Whatever splits rows into training and test: every splitter of `validation`."""

    def folds(self, n_samples: int) -> Iterator[Split]:
        """The splits of so many samples."""


@final
@dataclass(frozen=True, slots=True, eq=False)
class FeatureTable:
    """Features [labels, features] by name, and the labels of the same rows; `of` makes one from columns of bars."""

    names: tuple[str, ...]
    values: FloatArray
    labels: Labels

    def __post_init__(self) -> None:
        if self.values.shape != (len(self.labels), len(self.names)) or not self.names:
            raise InvalidInput(
                f"features have shape {self.values.shape} for {len(self.labels)} labels and {len(self.names)} names",
                fix="give one row per label and one column per name",
            )
        if len(set(self.names)) != len(self.names):
            raise InvalidInput("two features have the same name", fix="give every feature a name of its own")
        if bool(np.isinf(self.values).any()):
            column = int(np.flatnonzero(np.isinf(self.values).any(axis=0))[0])
            raise InvalidInput(f"feature {self.names[column]} is infinite", fix="use NaN for what is not known")

    @staticmethod
    def of(
        columns: Mapping[str, FloatArray], labels: Labels, *, complete: bool = True, time: IntArray | None = None
    ) -> FeatureTable:
        """The rows of `columns` (one number per bar each) that have labels.

        `complete`: rows in which a feature is NaN (warm-up) are left out; else the model has to cope with them.
        `time`: the starts of the bars of `columns`, UTC nanoseconds; labels of any other bars are then refused. Give
        it wherever columns and labels do not come from the same array of bars: rows that are off by a few look ahead.
        Raises InvalidInput.
        """
        if time is not None:
            check_same_bars(time, labels)
        n_bars = int(labels.ends.max(initial=0)) + 1
        for name, column in columns.items():
            if column.ndim != 1 or len(column) < n_bars or (time is not None and len(column) != len(time)):
                reach = f"labels reach bar {n_bars - 1}" if time is None else f"there are {len(time)} bars"
                raise InvalidInput(
                    f"feature {name} has shape {column.shape}, and {reach}",
                    fix="give one number per bar of the bars that were labelled",
                )
        values = np.column_stack([column[labels.rows] for column in columns.values()]).astype(np.float64)
        if not complete:
            return FeatureTable(tuple(columns), values, labels)
        whole = np.flatnonzero(~np.isnan(values).any(axis=1))
        if not len(whole):
            raise InvalidInput("no row has all features", fix="leave out the one that warms up longest")
        return FeatureTable(tuple(columns), values[whole], labels.take(whole))

    def __len__(self) -> int:
        return len(self.labels)


def check_same_bars(time: IntArray, labels: Labels) -> None:
    """Refuse labels of other bars than those that begin at `time`: their rows would belong to other moments."""
    if int(labels.ends.max(initial=-1)) >= len(time) or int(labels.rows.min(initial=0)) < 0:
        raise InvalidInput(
            f"labels reach bar {int(labels.ends.max())}, and the features end at bar {len(time) - 1}",
            fix="label the bars that the features are computed from",
        )
    wrong = np.flatnonzero(time[labels.rows] != labels.time)
    if len(wrong):
        row, said = int(labels.rows[wrong[0]]), int(labels.time[wrong[0]])
        raise InvalidInput(
            f"labels are those of other bars: bar {row} begins at {time_text(int(time[row]))}, its label says"
            f" {time_text(said)}",
            fix="label the very bars that the features are computed from",
        )
    last = np.minimum(np.searchsorted(time, labels.end_time), len(time) - 1)
    wrong = np.flatnonzero((time[last] != labels.end_time) | (last < labels.ends))
    if len(wrong):
        raise InvalidInput(
            f"the label of bar {int(labels.rows[wrong[0]])} ends at {time_text(int(labels.end_time[wrong[0]]))}:"
            " no bar of the features begins there, or it is before the bar the label ends in",
            fix="label the very bars that the features are computed from",
        )


def target_of(table: FeatureTable, target: str) -> FloatArray:
    """What the model learns; refuses a target that never changes."""
    if target not in _TARGETS:
        raise unknown_name("target", target, _TARGETS)
    found = table.labels.value if target == "value" else table.labels.returns
    if float(np.ptp(found)) == 0.0:
        raise InvalidInput(f"the {target} of every label is the same", fix="label so that there is something to learn")
    return found


def overlap_of(labels: Labels) -> int:
    """How many labels after it the longest reaching label still overlaps, at least 1."""
    reach = np.searchsorted(labels.time, labels.end_time, side="right") - np.arange(len(labels))
    return max(1, int(reach.max()) - 1)


def usual_folds(labels: Labels) -> Folds:
    """Five tests of the second half, one after another, each of a model trained on all labels known by then."""
    n = len(labels)
    if n < 4 * _TESTS:
        raise InvalidInput(f"{n} labels are too few for {_TESTS} tests", fix="bring more bars")
    test = n // (2 * _TESTS)
    windows = walk_forward_windows(
        labels.time, train=n - _TESTS * test, test=test, step=test, unit="bars", expanding=True
    )
    return WalkForwardSplit(windows, start=labels.time, label_end=labels.end_time)


def trains_ahead(folds: Folds, rows: int) -> bool:
    """Whether a fold trains on rows that come after the first of its test."""
    return any(len(split.train) and int(split.train.max()) > int(split.test.min()) for split in folds.folds(rows))
