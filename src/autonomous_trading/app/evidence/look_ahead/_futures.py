"""Markets whose later bars are gone or replaced: what could have come instead, valid and of the same length."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias, final

import numpy as np

from autonomous_trading.app.evidence.look_ahead._findings import CheckName
from autonomous_trading.core import Bars, FloatArray, IntArray, time_text

World: TypeAlias = Mapping[str, Bars]
"""Bars by symbol: everything that a column may be computed from."""

_FEW = 5  # bars
_JUMPS = (0.5, -0.5, 8.0, -8.0)  # of the next bar, in deviations of a return
_SCALES = (0.3, 1.0, 5.0)  # of all later returns, as a multiple of those that were
_SMALLEST_SIGMA = 1e-3
_FARTHEST = 5.0  # log price that a replaced future moves away at most
_FEW_VALUES = 12  # a column with no more distinct values is one of categories
_OTHER_START_NS = (11 * 24 + 7) * 3_600 * 1_000_000_000


@final
@dataclass(frozen=True, slots=True)
class Altered:
    """A world that is the same before `moment` (UTC nanoseconds), and what was done to it from then on.

    `only`: the instrument whose columns are compared, where just the others were changed; empty for all.
    """

    check: CheckName
    change: str
    moment: int
    world: World
    only: str = ""


def truncated(world: World, moment: int) -> Altered:
    """The world without bars from `moment` on; instruments that begin later are not in it."""
    left = {symbol: bars[: rows_before(bars, moment)] for symbol, bars in world.items() if rows_before(bars, moment)}
    return Altered("truncation", f"when the bars end before {time_text(moment)}", moment, left)


def next_bar_futures(world: World, moment: int, rng: np.random.Generator) -> Iterator[Altered]:
    """Only the bar at `moment` is another one (small and large moves, up and down), then only the next few bars."""
    for jump in _JUMPS:
        changed = {symbol: _other(bars, moment, rng, length=1, jump=jump) for symbol, bars in world.items()}
        yield Altered("scramble", f"when only the bar of {time_text(moment)} is another", moment, changed)
    changed = {symbol: _other(bars, moment, rng, length=_FEW) for symbol, bars in world.items()}
    yield Altered("scramble", f"when only {_FEW} bars from {time_text(moment)} on are others", moment, changed)


def whole_futures(world: World, moment: int, rng: np.random.Generator) -> Iterator[Altered]:
    """All bars from `moment` on are others: calmer, as restless as they were, and wilder."""
    for scale in _SCALES:
        changed = {symbol: _other(bars, moment, rng, scale=scale) for symbol, bars in world.items()}
        yield Altered("scramble", f"when all bars from {time_text(moment)} on are others", moment, changed)


def other_instruments(world: World, moment: int, symbol: str, rng: np.random.Generator) -> Iterator[Altered]:
    """The future of every instrument but `symbol` is another, ends, or is joined by a newcomer's."""
    own = world[symbol]
    for scale in _SCALES:
        others = {
            name: bars if name == symbol else _other(bars, moment, rng, scale=scale) for name, bars in world.items()
        }
        yield Altered(
            "universe", f"when other instruments go on otherwise from {time_text(moment)} on", moment, others, symbol
        )
    left = {
        name: bars if name == symbol else bars[: rows_before(bars, moment)]
        for name, bars in world.items()
        if name == symbol or rows_before(bars, moment)
    }
    yield Altered("universe", f"when the other instruments end before {time_text(moment)}", moment, left, symbol)
    born = rows_before(own, moment)
    if born < len(own):
        newcomer = scrambled(own, 0, len(own), rng)[born:]
        yield Altered(
            "universe",
            f"when a further instrument begins at {time_text(moment)}",
            moment,
            {**world, "NEW": newcomer},
            symbol,
        )


def another_world(world: World, rng: np.random.Generator) -> World:
    """Other bars at other times throughout: what depends on bars or clock cannot stay the same."""
    return {symbol: _moved(scrambled(bars, 0, len(bars), rng), _OTHER_START_NS) for symbol, bars in world.items()}


def rows_before(bars: Bars, moment: int) -> int:
    """How many bars begin before `moment`."""
    return int(np.searchsorted(bars.time, moment))


def clock_of(world: World) -> IntArray:
    """Every time at which some instrument has a bar."""
    times = [bars.time for bars in world.values()]
    return times[0] if len(times) == 1 else np.unique(np.concatenate(times))


def scrambled(
    bars: Bars, start: int, stop: int, rng: np.random.Generator, *, scale: float = 1.0, jump: float = 0.0
) -> Bars:
    """The same times and the same bars, but rows start .. stop - 1 replaced by a random walk that goes on from there.

    Returns have `scale` times the deviation of those that were; the first one is moved by `jump` deviations more.
    Prices are valid: positive, the range holds open and close. Volumes and extra columns are drawn from their own
    values, moved a little unless they are categories.
    """
    count = stop - start
    sigma = _deviation(bars.close) * scale
    steps = rng.normal(0.0, sigma, count)
    steps[0] += jump * sigma
    before = bars.close[start - 1] if start else bars.open[0]
    walk = _FARTHEST * np.tanh(np.cumsum(steps) / _FARTHEST)
    closes = before * np.exp(walk)
    opens = np.concatenate(([before], closes[:-1])) * np.exp(rng.normal(0.0, 0.3 * sigma, count))
    highs = np.maximum(opens, closes) * np.exp(np.abs(rng.normal(0.0, 0.4 * sigma, count)))
    lows = np.minimum(opens, closes) * np.exp(-np.abs(rng.normal(0.0, 0.4 * sigma, count)))
    busy = rng.permutation(bars.volume)[:count] * rng.lognormal(0.0, 0.5, count)
    made = {"open": opens, "high": highs, "low": lows, "close": closes, "volume": busy + rng.random(count)}
    columns = {name: _replaced(getattr(bars, name), start, values) for name, values in made.items()}
    extra = {name: _replaced(values, start, _drawn(values, count, rng)) for name, values in bars.extra.items()}
    return Bars(bars.time, **columns, symbol=bars.symbol, extra=extra)


def _other(
    bars: Bars, moment: int, rng: np.random.Generator, *, length: int = 0, scale: float = 1.0, jump: float = 0.0
) -> Bars:
    """The bars with `length` of them (0: all) from `moment` on replaced; as they are where there are none."""
    start = rows_before(bars, moment)
    stop = min(start + length, len(bars)) if length else len(bars)
    return scrambled(bars, start, stop, rng, scale=scale, jump=jump) if start < stop else bars


def _moved(bars: Bars, by: int) -> Bars:
    columns = {name: getattr(bars, name) for name in ("open", "high", "low", "close", "volume")}
    return Bars(bars.time + by, **columns, symbol=bars.symbol, extra=dict(bars.extra))


def _deviation(closes: FloatArray) -> float:
    returns = np.diff(np.log(closes))
    return max(float(np.std(returns)), _SMALLEST_SIGMA) if len(returns) else _SMALLEST_SIGMA


def _replaced(values: FloatArray, start: int, by: FloatArray) -> FloatArray:
    return np.concatenate((values[:start], by, values[start + len(by) :]))


def _drawn(values: FloatArray, count: int, rng: np.random.Generator) -> FloatArray:
    """Other values of the same kind: drawn from those there are, moved where they are no categories."""
    known = values[np.isfinite(values)]
    distinct = np.unique(known)
    if len(distinct) < 2:
        return rng.normal(float(distinct[0]) if len(distinct) else 0.0, 1.0, count)
    drawn = rng.choice(distinct if len(distinct) <= _FEW_VALUES else known, count)
    return drawn if len(distinct) <= _FEW_VALUES else drawn + rng.normal(0.0, 0.1 * float(np.std(known)), count)
