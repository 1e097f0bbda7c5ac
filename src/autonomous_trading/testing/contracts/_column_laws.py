"""The laws of columns as functions: each gives nothing, or ContractBroken that says where and by how much."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from autonomous_trading.core import Bars, BoolArray, FloatArray
from autonomous_trading.features import Reach
from autonomous_trading.testing.causality import check_causal, same_bits
from autonomous_trading.testing.contracts._column_markets import column_market, other_future
from autonomous_trading.testing.contracts._column_subject import ColumnSubject
from autonomous_trading.testing.contracts._require import ContractBroken, require

STARTS: Final = (199, 399, 999, 1_999)
"""How many of the last bars a value is computed from again, where its memory allows."""

FUTURES: Final = ("scrambled", "extreme")

ROUNDING: Final = 1e-9
"""What a value may change by rounding alone when running sums start elsewhere, as a fraction: nothing declares it."""

_ENDS: Final = (0, 137, 411)
_WALKS: Final = 4
_SEED: Final = 11
_ROUNDED_UP: Final = 1_000
_STANDING: Final = 1_500  # bars


def check_truncation(column: ColumnSubject, bars: Bars, cuts: int | Sequence[int], seed: int = 0) -> None:
    """Cutting the bars changes nothing before the cut, to the last bit: at these lengths, or at so many random ones."""
    lengths = random_cuts(len(bars), cuts, seed) if isinstance(cuts, int) else cuts
    check_causal(lambda part: list(column.compute(part).values()), bars, cuts=lengths, name=column.name)


def check_other_futures(column: ColumnSubject, kind: str, n: int, cuts: Sequence[int], seed: int) -> None:
    """Scrambled or extreme rows from a cut on change nothing before it. `kind`, `n`, `seed`: of `column_market`."""
    whole = column.compute(column_market(kind, n, seed))
    for cut in cuts:
        for way in FUTURES:
            found = column.compute(other_future(kind, n, seed, cut, way))
            for output, values in whole.items():
                changed = np.flatnonzero(~same_bits(values[:cut], found[output][:cut]))
                require(
                    len(changed) == 0,
                    f"{_called(column, output)} looks ahead: its value at row {changed[:1]} of {kind} bars is another "
                    f"when the bars from row {cut} on are {way}",
                )


def check_warm_up(column: ColumnSubject, bars: Bars) -> None:
    """The first `warm_up` values are not known and the next one is; a sparse column needs no value there."""
    warm_up = column.reach.warm_up
    require(0 <= warm_up < len(bars), f"{column.name} warms up for {warm_up} bars, here are {len(bars)}")
    for output, values in column.compute(bars).items():
        called, early = _called(column, output), values[:warm_up]
        blank: BoolArray = early == 0.0 if output in column.zero_first else np.isnan(early)
        known = np.flatnonzero(~blank)
        require(len(known) == 0, f"{called} is declared to warm up for {warm_up} bars and has a value at {known[:1]}")
        if not column.sparse:
            first = values[warm_up]
            require(np.isfinite(first), f"{called} is declared to be known after {warm_up} bars and is {first}")


def check_values(column: ColumnSubject, bars: Bars, kind: str = "these") -> None:
    """Finite or NaN on every bar, nothing warned about, the bars not written to, and the same when asked again."""
    before = bars.content_id
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        first, second = column.compute(bars), column.compute(bars)
    require(bars.content_id == before, f"{column.name} writes to the bars it is given")
    for output, values in first.items():
        endless = np.flatnonzero(np.isinf(values))
        require(len(endless) == 0, f"{_called(column, output)} is infinite at row {endless[:1]} of {kind} bars")
        same = same_bits(values, second[output]).all()
        require(same, f"{_called(column, output)} gives something else when asked a second time, on {kind} bars")


def check_memory(
    column: ColumnSubject, *, starts: Sequence[int] = STARTS, ends: Sequence[int] = _ENDS, seed: int = _SEED
) -> int:
    """How often the value from the last bars alone was compared with that from all: it agrees within the tolerance.

    Computed again from `memory` + 1 bars and from each of `starts` that is as long, up to bars that end so many bars
    (`ends`) before the last, of `column_market("clean", ..., seed)`. A column without such a memory must show that: its
    value differs when 999 or more bars are kept and those before are cut off: of these bars, or where after them
    prices stand still, or rise by 5% a bar.
    """
    reach = column.reach
    require(reach.tolerance >= 0.0, f"{column.name} declares the tolerance {reach.tolerance}")
    if reach.memory is None:
        return _check_anchored(column, starts, ends, seed)
    require(reach.memory >= reach.warm_up, f"{column.name} warms up for longer than it remembers: {reach}")
    bars = _long_market(reach.memory + max(ends), max(starts) + max(ends), seed)
    compared = 0
    for end in ends:
        whole, scale = _last_values(column, bars[: len(bars) - end])
        for length in (reach.memory + 1, *(each for each in starts if each > reach.memory)):
            part, _ = _last_values(column, bars[len(bars) - end - length : len(bars) - end])
            for output, away in _distances(whole, part, scale).items():
                compared += 1
                require(
                    away <= max(reach.tolerance, ROUNDING),
                    f"{_called(column, output)} is declared to remember {reach.memory} bars within "
                    f"{reach.tolerance:g}: from the last {length} alone its value is {part[output]!r}, from all "
                    f"{whole[output]!r}, {away:.3g} away",
                )
    return compared


def _check_anchored(column: ColumnSubject, starts: Sequence[int], ends: Sequence[int], seed: int) -> int:
    compared = 0
    # Several walks: the highest price so far may lie among the last bars of one of them.
    for walk in range(_WALKS):
        market = _long_market(0, max(starts) + max(ends), seed + walk)
        for bars in (market, _going_on(market, 1.0), _going_on(market, 1.05)):
            for end in ends:
                whole, scale = _last_values(column, bars[: len(bars) - end])
                for length in (each for each in starts if each >= max(999, column.reach.warm_up + 1)):
                    part, _ = _last_values(column, bars[len(bars) - end - length : len(bars) - end])
                    compared += len(whole)
                    distances = _distances(whole, part, scale).values()
                    if any(away > max(column.reach.tolerance, ROUNDING) for away in distances):
                        return compared
    raise ContractBroken(
        f"{column.name} is declared to depend on every bar since the first, and forgets: declare its memory"
    )


def check_described(column: ColumnSubject) -> None:
    """An entry of the catalogue says what it is, its formula, units and source, under names that can be written."""
    entry = column.entry
    require(entry is not None, f"{column.name} is in no catalogue")
    if entry is None:
        return
    for said in ("group", "description", "formula", "units", "source"):
        require(str(getattr(entry, said)).strip(), f"{entry.name} does not say its {said}")
    names = (entry.name, *entry.outputs, *(each.name for each in entry.parameters), *(i.keyword for i in entry.inputs))
    for name in names:
        require(name.isidentifier() and name == name.lower(), f"{entry.name}: {name!r} is no name in lower case")
    keywords = [each.name for each in entry.parameters] + [each.keyword for each in entry.inputs]
    require(len(set(keywords)) == len(keywords), f"{entry.name} has an argument and an input of one name: {keywords}")
    require(len(entry.outputs) != 1 and len(set(entry.outputs)) == len(entry.outputs), f"outputs {entry.outputs}")
    unknown = set(entry.zero_first) - set(entry.outputs or ("",))
    require(not unknown, f"{entry.name} has no outputs {unknown}")
    for rule in entry.parameters:
        kept = rule.canonical(entry.name, rule.default) == rule.default
        require(kept, f"{entry.name}: the default {rule.default} of {rule.name} is none of its values")
    declared = Reach(entry.warm_up, entry.memory, entry.tolerance)
    require(column.reach == declared, f"{entry.name} declares {declared}, and {column.reach} for its defaults")


def random_cuts(n: int, count: int, seed: int) -> list[int]:
    """So many different lengths to cut `n` bars to, ascending; all of them where there are not so many."""
    rng = np.random.default_rng([seed, n, count])
    return [int(cut) for cut in np.sort(1 + rng.permutation(n - 1)[:count])]


def _long_market(needed: int, least: int, seed: int) -> Bars:
    """Clean bars, enough to have something to cut off."""
    wanted = max(needed, least) + _ROUNDED_UP // 2
    return column_market("clean", -(-wanted // _ROUNDED_UP) * _ROUNDED_UP, seed)


def _going_on(bars: Bars, growth: float) -> Bars:
    """These bars up to the last 1,500, and from there on the bar there again and again, with all prices times growth.

    As many bars as a float holds: prices that reached 1e100 stay there.
    """
    first = max(1, len(bars) - _STANDING)
    rows = np.minimum(np.arange(len(bars)), first - 1)
    steps = np.maximum(np.arange(len(bars)) - (first - 1), 0)
    factor = np.minimum(growth ** np.minimum(steps, _STANDING), 1e100)
    return replace(
        bars,
        open=bars.open[rows] * factor,
        high=bars.high[rows] * factor,
        low=bars.low[rows] * factor,
        close=bars.close[rows] * factor,
        volume=bars.volume[rows],
        extra={name: values[rows] * factor for name, values in bars.extra.items()},
    )


def _last_values(column: ColumnSubject, bars: Bars) -> tuple[Mapping[str, float], Mapping[str, float]]:
    """The last value of every output, and the size of its values."""
    columns = column.compute(bars)
    return {each: float(values[-1]) for each, values in columns.items()}, {
        each: _size(values) for each, values in columns.items()
    }


def _size(values: FloatArray) -> float:
    known = np.abs(values[~np.isnan(values)])
    return float(known.mean()) if len(known) else 0.0


def _distances(whole: Mapping[str, float], part: Mapping[str, float], scale: Mapping[str, float]) -> dict[str, float]:
    """How far each output is away, as a fraction; infinite where one is known and the other is not."""
    return {output: _distance(value, part[output], scale[output]) for output, value in whole.items()}


def _distance(value: float, other: float, scale: float) -> float:
    if value == other or (np.isnan(value) and np.isnan(other)):
        return 0.0
    if np.isnan(value) or np.isnan(other):
        return float("inf")
    return abs(value - other) / max(abs(value), scale)


def _called(column: ColumnSubject, output: str) -> str:
    return f"{column.name}.{output}" if output else column.name
