"""What a corruption is made of, and how its rows are chosen."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal, final

import numpy as np

from autonomous_trading.core import FloatArray, IntArray, InvalidInput
from autonomous_trading.data import RawBars

__all__ = [
    "FEWEST_ROWS",
    "RATE",
    "Apply",
    "Corrupted",
    "Corruption",
    "Kind",
    "Truth",
    "in_place",
    "one_block",
    "rearranged",
    "scattered",
    "usual_move",
    "usual_step",
]

Kind = Literal["rule", "statistical", "calendar", "comparison"]
FEWEST_ROWS: Final = 60
RATE: Final = 0.005
_QUIET: Final = 30  # rows at the beginning that are left alone, so that a check has seen something before
_APART: Final = 5  # rows between two that are corrupted


@final
@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """What was done, row by row.

    `kind` says what it takes to see it: "rule" (the rows alone, by a rule of `core.Bars` or of their order),
    "statistical" (the rows around them), "calendar" (knowing when the market is open), "comparison" (another delivery
    of the same bars). `reason` is the code of `data.REASONS` under which `data.screened` puts the rows aside, ""
    where it does not. `columns` are those that changed. `source` has one entry per corrupted row: the row of the
    original it came from. `missing` are rows of the original that are not there any more. `onsets` are the rows,
    counted like `Corrupted.rows`, where something becomes visible: the first of every run.
    """

    kind: Kind
    reason: str
    columns: tuple[str, ...]
    source: IntArray
    missing: IntArray
    onsets: IntArray


@final
@dataclass(frozen=True, slots=True, eq=False)
class Corrupted:
    """Rows after a corruption; `rows` are the positions in `raw` that are not what the original says.

    Of bars that went missing `rows` holds the row behind each gap.
    """

    raw: RawBars
    rows: IntArray
    truth: Truth


Apply = Callable[[RawBars, np.random.Generator], Corrupted]


@final
@dataclass(frozen=True, slots=True)
class Corruption:
    """One way in which data goes bad: its name, what it is in a sentence, and the function that does it.

    `apply(raw, rng)` leaves `raw` as it is and gives the same corruption for the same generator state. Raises
    InvalidInput for fewer rows than 60.
    """

    name: str
    what: str
    apply: Apply


def scattered(raw: RawBars, rng: np.random.Generator) -> IntArray:
    """Rows for a corruption of single rows, ascending: one in 200, at least one, five apart, none of the first 30."""
    check_length(raw)
    wanted = max(1, round(len(raw) * RATE))
    slots = np.arange(_QUIET, len(raw) - 1, _APART, dtype=np.int64)
    return np.sort(rng.choice(slots, size=min(wanted, len(slots)), replace=False))


def one_block(raw: RawBars, rng: np.random.Generator, length: int) -> IntArray:
    """Consecutive rows, `length` of them and fewer where there are not so many, none of the first 30."""
    check_length(raw)
    length = min(length, (len(raw) - _QUIET) // 2)
    first = int(rng.integers(_QUIET, len(raw) - length))
    return np.arange(first, first + length, dtype=np.int64)


def check_length(raw: RawBars) -> None:
    """InvalidInput for fewer rows than a corruption needs."""
    if len(raw) < FEWEST_ROWS:
        raise InvalidInput(f"{len(raw)} rows are too few to corrupt", fix=f"give {FEWEST_ROWS} or more")


def usual_step(raw: RawBars) -> int:
    """Nanoseconds from one row to the next, as it mostly is."""
    return int(np.median(np.diff(np.sort(raw.time))))


def usual_move(raw: RawBars) -> float:
    """The robust deviation of log returns (from their median absolute deviation); 0.01 where nothing moves."""
    moves = np.diff(np.log(raw.close))
    spread = 1.4826 * float(np.median(np.abs(moves - np.median(moves))))
    return spread if np.isfinite(spread) and spread > 0.0 else 0.01


def in_place(
    raw: RawBars,
    rows: IntArray,
    values: Mapping[str, FloatArray | IntArray | float],
    *,
    kind: Kind,
    reason: str = "",
    onsets: IntArray | None = None,
) -> Corrupted:
    """The same rows with other values in some columns; `values` holds one number for each of `rows`, or one for all."""
    changed = {}
    for name, new in values.items():
        column = getattr(raw, name).copy()
        column[rows] = new
        changed[name] = column
    truth = Truth(
        kind=kind,
        reason=reason,
        columns=tuple(values),
        source=np.arange(len(raw), dtype=np.int64),
        missing=np.empty(0, dtype=np.int64),
        onsets=rows if onsets is None else onsets,
    )
    return Corrupted(replace(raw, **changed), rows, truth)


def rearranged(raw: RawBars, source: IntArray, rows: IntArray, *, kind: Kind, reason: str = "") -> Corrupted:
    """Other rows of the original: `source` says which, in order, and `rows` which positions of the result are wrong."""
    missing = np.setdiff1d(np.arange(len(raw), dtype=np.int64), source)
    truth = Truth(kind=kind, reason=reason, columns=(), source=source, missing=missing, onsets=rows)
    return Corrupted(raw.taken(source), rows, truth)
