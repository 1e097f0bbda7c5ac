"""The noun of this room: one label per row, with the rows and times it reaches over."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields, replace
from typing import Final, final

import numpy as np

from autonomous_trading.core import BoolArray, FloatArray, IntArray, InvalidInput
from autonomous_trading.models.labels._entry import Entry, checked_entry

UPPER: Final = 1
LOWER: Final = -1
HORIZON: Final = 0
_WHOLE: Final = ("rows", "ends", "held_to", "time", "end_time", "barrier")
_REAL: Final = ("value", "returns", "weight")


@final
@dataclass(frozen=True, slots=True, eq=False)
class Labels:
    """Labels of one instrument, one per decision, in the order of their rows; arrays are copied and read-only.

    | field | one number per label |
    |---|---|
    | `rows` | the bar at whose close is decided, strictly increasing; features of this row belong to the label |
    | `ends` | the bar in which the position ends |
    | `held_to` | the last bar whose return the position earned: `ends`, or the bar before where it ends at an open |
    | `time` | start of the bar `rows`, UTC nanoseconds |
    | `end_time` | start of the last bar that was read to make the label, UTC nanoseconds: purge by it |
    | `value` | what is to be learned: -1, 0 or 1, or for meta-labels 0 or 1 |
    | `returns` | what the position earned as a fraction, before costs |
    | `weight` | how much it counts in training, 1 unless said otherwise |
    | `barrier` | what ended it: `UPPER` (the profit of a position with a side), `LOWER`, `HORIZON` |

    `entry` says where it begins: "next_open" (the open of the bar after `rows`, as in the fill contract) or "close".
    A splitter takes `start=labels.time, label_end=labels.end_time`: both count starts of bars, so they are one clock.
    Raises InvalidInput where an array has another length, is not finite, or runs backwards.
    """

    rows: IntArray
    ends: IntArray
    held_to: IntArray
    time: IntArray
    end_time: IntArray
    value: FloatArray
    returns: FloatArray
    weight: FloatArray
    barrier: IntArray
    entry: Entry = "next_open"

    def __post_init__(self) -> None:
        checked_entry(self.entry)
        for name in _WHOLE:
            object.__setattr__(self, name, _closed(np.array(getattr(self, name), dtype=np.int64)))
        for name in _REAL:
            object.__setattr__(self, name, _closed(np.array(getattr(self, name), dtype=np.float64)))
        for name in (*_WHOLE, *_REAL):
            if getattr(self, name).shape != (len(self.rows),):
                raise InvalidInput(
                    f"{name} of labels has shape {getattr(self, name).shape} for {len(self.rows)} rows",
                    fix="give one number per label",
                )
        _check_order(self)

    def __len__(self) -> int:
        return len(self.rows)

    def __repr__(self) -> str:
        values, counts = np.unique(self.value, return_counts=True)
        seen = ", ".join(f"{count} of {value:g}" for value, count in zip(values, counts, strict=True))
        return f"Labels({len(self)} labels: {seen}; entry {self.entry!r})"

    @property
    def content_id(self) -> str:
        """Sixteen hexadecimal digits that name these labels on every machine (sha256)."""
        digest = hashlib.sha256(self.entry.encode())
        for each in fields(self):
            if each.name != "entry":
                values = getattr(self, each.name)
                digest.update(f"\n{each.name}\n".encode())
                digest.update((values + 0).astype("<i8" if each.name in _WHOLE else "<f8").tobytes())
        return digest.hexdigest()[:16]

    def take(self, chosen: IntArray | BoolArray) -> Labels:
        """Some of these labels: positions in order, or a mask with one truth per label."""
        return replace(self, **{name: getattr(self, name)[chosen] for name in (*_WHOLE, *_REAL)})

    def with_weight(self, weight: FloatArray) -> Labels:
        """The same labels with other weights, none of them negative."""
        return replace(self, weight=weight)


def _check_order(labels: Labels) -> None:
    for name in ("rows", "time"):
        if bool((np.diff(getattr(labels, name)) <= 0).any()):
            raise InvalidInput(f"{name} of labels must increase strictly", fix="sort them, one label per bar")
    late = labels.held_to > labels.ends
    if bool(((labels.held_to <= labels.rows) | late | (labels.end_time <= labels.time)).any()):
        raise InvalidInput("a label ends at or before the bar that asks it", fix="end it in a later bar")
    for name in _REAL:
        if not bool(np.isfinite(getattr(labels, name)).all()):
            raise InvalidInput(f"{name} of labels holds a number that is not finite", fix="leave those labels out")
    if bool((labels.weight < 0.0).any()):
        raise InvalidInput("the weight of a label is negative", fix="use weights of 0 and above")


def _closed(array: IntArray | FloatArray) -> IntArray | FloatArray:
    array.flags.writeable = False
    return array
