"""Faults of stretches of bars: units, splits, frozen feeds."""

from typing import Final

import numpy as np

from autonomous_trading.data import RawBars
from autonomous_trading.testing.corruption._kit import Apply, Corrupted, in_place, one_block

__all__ = ["changed_unit", "changed_volume_unit", "frozen", "frozen_open", "unadjusted_split"]

_PRICES: Final = ("open", "high", "low", "close")
_FROZEN_ROWS: Final = 12
_UNIT_ROWS: Final = 20


def changed_unit(factor: float) -> Apply:
    """All prices of a stretch are multiplied: pence for pounds."""

    def apply(raw: RawBars, rng: np.random.Generator) -> Corrupted:
        rows = one_block(raw, rng, _UNIT_ROWS)
        scaled = {name: getattr(raw, name)[rows] * factor for name in _PRICES}
        return in_place(raw, rows, scaled, kind="statistical", onsets=rows[:1])

    return apply


def changed_volume_unit(raw: RawBars, rng: np.random.Generator) -> Corrupted:
    """From a row on volume is given in lots of 100."""
    rows = np.arange(one_block(raw, rng, 1)[0], len(raw), dtype=np.int64)
    return in_place(raw, rows, {"volume": raw.volume[rows] / 100.0}, kind="statistical", onsets=rows[:1])


def unadjusted_split(new_shares: float) -> Apply:
    """From a row on prices are those after a split into `new_shares` per share (0.05: 1 for 20), volume likewise."""

    def apply(raw: RawBars, rng: np.random.Generator) -> Corrupted:
        rows = np.arange(one_block(raw, rng, 1)[0], len(raw), dtype=np.int64)
        scaled = {name: getattr(raw, name)[rows] / new_shares for name in _PRICES}
        scaled["volume"] = raw.volume[rows] * new_shares
        return in_place(raw, rows, scaled, kind="statistical", onsets=rows[:1])

    return apply


def frozen(raw: RawBars, rng: np.random.Generator) -> Corrupted:
    """For a stretch of bars all prices are the last close, as of a feed that repeats itself; volume goes on."""
    rows = one_block(raw, rng, _FROZEN_ROWS)
    held = raw.close[rows[0] - 1]
    return in_place(raw, rows, dict.fromkeys(_PRICES, held), kind="statistical", onsets=rows[:1])


def frozen_open(raw: RawBars, rng: np.random.Generator) -> Corrupted:
    """For a stretch of bars the open does not change; high and low reach to hold it, so that no rule breaks."""
    rows = one_block(raw, rng, _FROZEN_ROWS)
    held = raw.open[rows[0] - 1]
    new = {
        "open": np.full(len(rows), held),
        "high": np.maximum(raw.high[rows], held),
        "low": np.minimum(raw.low[rows], held),
    }
    return in_place(raw, rows, new, kind="statistical", onsets=rows[:1])
