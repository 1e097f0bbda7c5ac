"""Look-ahead and start-up checks at array level: the past has to stay what it is, whatever the future brings.

Two ways to take the future away: the bars are cut (truncation), or kept in number and replaced by others (scramble),
by all of them or by the very next one alone. What a column says of a bar may not change with either. With several
instruments the others have futures, too (universe). Where the history begins may change a column for a while
(warm-up): how long is said, and forbids nothing.

Sources: F8 of our oracles (change what comes after, what came before stays); Bailey, Borwein, Lopez de Prado and Zhu
(2014) on why a leak is worth more than any edge.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

import numpy as np

from autonomous_trading.app._cuts import some_of, turns_of
from autonomous_trading.app._market import Market
from autonomous_trading.app.evidence.look_ahead._causes import findings_of, outside_note, repeat_finding, start_note
from autonomous_trading.app.evidence.look_ahead._comparison import Ask, Columns, Comparison, Key, as_columns, same_bits
from autonomous_trading.app.evidence.look_ahead._findings import CausalityReport, Finding
from autonomous_trading.app.evidence.look_ahead._futures import (
    Altered,
    World,
    another_world,
    clock_of,
    next_bar_futures,
    other_instruments,
    truncated,
    whole_futures,
)
from autonomous_trading.app.evidence.look_ahead._start import stable_after
from autonomous_trading.core import (
    MISTAKES,
    Bars,
    FloatArray,
    IntArray,
    InvalidInput,
    Refused,
    TradingError,
    code_of,
    evaluate,
)
from autonomous_trading.features import ColumnStore
from autonomous_trading.strategies import Columns as See
from autonomous_trading.strategies import Strategy, signals_of

ColumnFunction: TypeAlias = Callable[[Any], Any]
"""A function of Bars, or of bars by symbol.

Of Bars: one array of their length, or several in a tuple, a list or a mapping of names. Of bars by symbol: the same for
every symbol; a symbol that is left out has no value on any bar.
"""

_FEWEST_BARS = 20
_SPREAD_CUTS = 12
_RUN_OF_CUTS = 7  # next to each other: a week of daily bars, whatever it begins with
_TURNS = 6
_SCRAMBLED_TURNS = 3
_SCRAMBLED_SPREAD = 4
_WHOLE_FUTURES = 3
_OTHERS = 4  # instruments whose peers are changed
_RESTLESS = 0.5  # a column that changes on more of its rows has no turns to look at


def check_strategy(strategy: Strategy, market: Market, *, seed: int = 0) -> CausalityReport:
    """Whether what a strategy wants of a bar, or one of its settings, changes with bars that come later.

    Its target and settings are compared on every instrument of the market; `seed` draws the cuts and the other
    futures. Raises Refused where it cannot be checked, CodeFailed where its signals fail on all bars.
    """
    name = type(strategy).name
    world = {each.bars.symbol: each.bars for each in market.instruments}

    def ask(asked: World) -> Columns:
        return {
            Key(symbol, label): values
            for symbol, bars in asked.items()
            for label, values in signal_columns(strategy, bars).items()
        }

    return _report((name, "strategy"), ask, world, seed)


def check_columns(
    function: ColumnFunction, bars: Bars | Mapping[str, Bars], *, seed: int = 0, name: str = ""
) -> CausalityReport:
    """Whether a function of bars, or of the bars of several instruments by symbol, looks ahead.

    Of several instruments one may look at the past of the others, not at their futures, nor at who joins or leaves
    later. Values are compared bit for bit; differences as small as rounding are allowed, and said. Raises Refused
    where it cannot be checked, CodeFailed where it fails on all bars, InvalidInput for fewer than 20 bars.
    """
    label = name or getattr(function, "__name__", "column").strip("<>")
    alone = bars.symbol if isinstance(bars, Bars) else None

    def ask(world: World) -> Columns:
        answers = {alone: function(world[alone])} if alone is not None else function(world)
        return {
            Key(symbol, key): each
            for symbol, found in answers.items()
            for key, each in as_columns(found, len(world[symbol]), label).items()
        }

    return _report((label, "column"), ask, {bars.symbol: bars} if isinstance(bars, Bars) else dict(bars), seed)


def signal_columns(strategy: Strategy, bars: Bars) -> Mapping[str, FloatArray]:
    """What a strategy wants on every bar ("target", NaN where it holds), and its settings, repeated for every bar."""
    see = See(ColumnStore(bars))
    signals = signals_of(strategy, see)
    parts = {"target": signals.target, **signals.settings}
    return {label: evaluate(part, see.store) for label, part in parts.items()}


def compared(ask: Ask, whole: Columns, world: World, rng: np.random.Generator, *, first: int = 1) -> Comparison:
    """The columns of the world beside those of truncated and scrambled ones, cut at bar `first` or later."""
    comparison = Comparison(ask, whole)
    clock = clock_of(world)
    cuts = [cut for cut in _cuts(whole, len(clock), rng) if cut >= first]
    comparison.run(truncated(world, int(clock[cut])) for cut in cuts)
    comparison.run(_scrambles(whole, world, rng, first))
    if len(world) > 1:
        comparison.run(_universes(world, rng))
    return comparison


def _report(named: tuple[str, str], ask: Ask, world: World, seed: int) -> CausalityReport:
    name, kind = named
    rng = np.random.default_rng(seed)
    if not world or len(clock_of(world)) < _FEWEST_BARS:
        raise InvalidInput(f"{name} cannot be checked on fewer than {_FEWEST_BARS} bars", fix="give more bars")
    with code_of(name):
        whole = ask(world)
        again = ask(world)
    labels = tuple(dict.fromkeys(key.column for key in whole))
    unsteady = [key for key in whole if key not in again or not same_bits(whole[key], again[key]).all()]
    if unsteady:
        found = tuple(repeat_finding(key, whole[key], again.get(key), world) for key in unsteady)
        return CausalityReport(name, kind, labels, found, {"repeat": 1})
    comparison = compared(ask, whole, world, rng)
    deaf = _deaf(ask, whole, world, rng)
    _refuse_unchecked(name, comparison, deaf)
    stable = stable_after(ask, whole, world)
    said = {key for key, _ in comparison.changes} | set(deaf)
    notes: list[Finding] = [
        start_note(key, whole[key], world) for key, rows in stable.items() if rows is None and key not in said
    ]
    notes += [outside_note(key, whole[key], world) for key in deaf]
    return CausalityReport(
        name,
        kind,
        labels,
        (*findings_of(comparison, world), *notes),
        dict(comparison.tried),
        sum(comparison.failed.values()),
        comparison.exact,
        _by_label(stable),
    )


def _cuts(whole: Columns, n_bars: int, rng: np.random.Generator) -> list[int]:
    """Lengths to cut to, the longest first: the last bars, a run of neighbours, turns of the columns, and spread."""
    edges = np.linspace(1, n_bars, _SPREAD_CUTS + 1)
    spread = rng.uniform(edges[:-1], edges[1:]).astype(np.int64)  # not evenly: a week has five bars every time
    middle = int(rng.integers(n_bars // 3, max(2 * n_bars // 3, n_bars // 3 + 1)))
    turns = _turns(whole, _TURNS)
    found = {n_bars - 1, n_bars - 2, n_bars - 3, *range(middle, middle + _RUN_OF_CUTS)}
    found |= {*spread.tolist(), *turns.tolist(), *(turns + 1).tolist()}
    return sorted((cut for cut in found if 0 < cut < n_bars), reverse=True)


def _turns(whole: Columns, count: int) -> IntArray:
    """Rows on which columns change that mostly stand still: there a wrong last value shows."""
    found: set[int] = set()
    for values in whole.values():
        turns = turns_of(values)
        if 0 < len(turns) < _RESTLESS * len(values):
            found.update(some_of(turns, count).tolist())
    return some_of(np.array(sorted(found), dtype=np.int64), 2 * count)


def _scrambles(whole: Columns, world: World, rng: np.random.Generator, first: int) -> Iterator[Altered]:
    clock = clock_of(world)
    n_bars = len(clock)
    turns = some_of(_turns(whole, _SCRAMBLED_TURNS), _SCRAMBLED_TURNS)
    spread = rng.integers(n_bars // 10 + 1, n_bars - 1, _SCRAMBLED_SPREAD)
    cuts = sorted({n_bars - 1, *spread.tolist(), *turns.tolist(), *(turns + 1).tolist()}, reverse=True)
    usable = [int(clock[cut]) for cut in cuts if first <= cut < n_bars]
    for moment in usable:
        yield from next_bar_futures(world, moment, rng)
    for cut in np.linspace(max(first, n_bars // 4), 3 * n_bars // 4, _WHOLE_FUTURES).astype(np.int64):
        yield from whole_futures(world, int(clock[min(int(cut), n_bars - 1)]), rng)


def _universes(world: World, rng: np.random.Generator) -> Iterator[Altered]:
    clock = clock_of(world)
    symbols = list(world)
    for number in some_of(np.arange(len(symbols)), _OTHERS):
        for cut in np.linspace(len(clock) // 3, 2 * len(clock) // 3, 2).astype(np.int64):
            yield from other_instruments(world, int(clock[cut]), symbols[number], rng)


def _deaf(ask: Ask, whole: Columns, world: World, rng: np.random.Generator) -> list[Key]:
    """Columns that vary and are the same for other bars at other times: they do not come from what they are given."""
    try:
        other = ask(another_world(world, rng))
    except (*MISTAKES, TradingError):
        return []
    varied = [key for key, values in whole.items() if len(turns_of(values))]
    return [key for key in varied if key in other and same_bits(whole[key], other[key]).all()]


def _refuse_unchecked(name: str, comparison: Comparison, deaf: list[Key]) -> None:
    """Refused where no bar could be taken away and nothing says that the values come from the bars at all."""
    cut = comparison.tried.get("truncation", 0)
    if cut or (comparison.tried.get("scramble", 0) and not deaf):
        return
    raise Refused(
        f"{name} cannot be checked for look-ahead: it fails with fewer bars, and other bars change nothing in it",
        fix="compute it from the bars it is given, for any number of them",
    )


def _by_label(stable: Mapping[Key, int | None]) -> dict[str, int | None]:
    """The latest of all instruments for every column."""
    found: dict[str, int | None] = {}
    for key, rows in stable.items():
        latest = found.get(key.column, 0)
        found[key.column] = None if rows is None or latest is None else max(rows, latest)
    return found
