"""Values that break a rule, and values that break none and are wrong all the same."""

from typing import Final

import numpy as np

from autonomous_trading.core import FloatArray, IntArray
from autonomous_trading.data import RawBars
from autonomous_trading.testing.corruption._kit import Apply, Corrupted, Kind, in_place, scattered, usual_move

__all__ = [
    "beyond_range",
    "constant",
    "high_below_low",
    "moved_close",
    "moved_extreme",
    "negated",
    "revised",
    "whole_rows",
]

_SPIKE: Final = 20.0
_PRICES: Final = ("open", "high", "low", "close")


def constant(column: str, value: float, *, reason: str, kind: Kind = "rule") -> Apply:
    """A column becomes one number in scattered rows."""

    def apply(raw: RawBars, rng: np.random.Generator) -> Corrupted:
        return in_place(raw, scattered(raw, rng), {column: value}, kind=kind, reason=reason)

    return apply


def whole_rows(value: float) -> Apply:
    """All four prices become one number in scattered rows: no rule of a row is broken."""

    def apply(raw: RawBars, rng: np.random.Generator) -> Corrupted:
        return in_place(raw, scattered(raw, rng), dict.fromkeys(_PRICES, value), kind="statistical")

    return apply


def negated(column: str, reason: str) -> Apply:
    """A column changes its sign in scattered rows; where it was 0 it becomes -1."""

    def apply(raw: RawBars, rng: np.random.Generator) -> Corrupted:
        rows = scattered(raw, rng)
        before = getattr(raw, column)[rows]
        return in_place(raw, rows, {column: np.where(before > 0.0, -before, -1.0)}, kind="rule", reason=reason)

    return apply


def high_below_low(raw: RawBars, rng: np.random.Generator) -> Corrupted:
    """High and low change places; where they are the same the high falls by a hundredth."""
    rows = scattered(raw, rng)
    high, low = raw.high[rows], raw.low[rows]
    flat = high == low
    new = {"high": np.where(flat, 0.99 * low, low), "low": high}
    return in_place(raw, rows, new, kind="rule", reason="high_below_low")


def beyond_range(column: str) -> Apply:
    """Open or close leaves the range from low to high, by one usual move, up or down."""

    def apply(raw: RawBars, rng: np.random.Generator) -> Corrupted:
        rows = scattered(raw, rng)
        step = np.exp(usual_move(raw))
        up = rng.random(len(rows)) < 0.5
        new = np.where(up, raw.high[rows] * step, raw.low[rows] / step)
        return in_place(raw, rows, {column: new}, kind="rule", reason="outside_range")

    return apply


def moved_close(factor: float | None, direction: float = 1.0) -> Apply:
    """The close is multiplied by `factor`, or moves by 20 usual moves; high or low follow, so that no rule breaks."""

    def apply(raw: RawBars, rng: np.random.Generator) -> Corrupted:
        rows = scattered(raw, rng)
        times = np.exp(direction * _SPIKE * usual_move(raw)) if factor is None else factor
        close = raw.close[rows] * times
        side = "high" if times > 1.0 else "low"
        return in_place(raw, rows, {"close": close, side: _reaching(raw, rows, side, close)}, kind="statistical")

    return apply


def moved_extreme(side: str) -> Apply:
    """The high is 20 usual moves above, or the low 20 below, what it was; open and close stay."""

    def apply(raw: RawBars, rng: np.random.Generator) -> Corrupted:
        rows = scattered(raw, rng)
        direction = 1.0 if side == "high" else -1.0
        moved = getattr(raw, side)[rows] * np.exp(direction * _SPIKE * usual_move(raw))
        return in_place(raw, rows, {side: moved}, kind="statistical")

    return apply


def revised(raw: RawBars, rng: np.random.Generator) -> Corrupted:
    """The close moves within the range by less than a usual move, the volume by some hundredths."""
    rows = scattered(raw, rng)
    nudged = raw.close[rows] * np.exp(0.3 * usual_move(raw) * rng.choice([-1.0, 1.0], len(rows)))
    close = np.clip(nudged, raw.low[rows], raw.high[rows])
    volume = raw.volume[rows] * rng.uniform(1.01, 1.1, len(rows)) + 1.0
    return in_place(raw, rows, {"close": close, "volume": volume}, kind="comparison")


def _reaching(raw: RawBars, rows: IntArray, side: str, close: FloatArray) -> FloatArray:
    held: FloatArray = getattr(raw, side)[rows]
    return np.maximum(held, close) if side == "high" else np.minimum(held, close)
