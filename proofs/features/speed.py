"""What columns cost: the whole catalogue at once, a sweep of one indicator, and one more bar.

Each time is the best of several, after everything was asked for once on few bars (which compiles the kernels). It is
the processor's time, summed over all threads: what the clock shows on a machine that does nothing else, or more. The
catalogue is asked of one store, as a strategy asks: TA-Lib holds Python's lock while it computes, so that a second
thread gains nothing, and a second process is not needed.

A sweep asks for 1,000 windows of one indicator on 100,000 bars. It is compared with calls of TA-Lib that do the same
with their results: drop them, keep the last 256 MB, or write them into the one matrix a search reads. Both take turns.
Memory that is touched for the first time costs more than a cheap indicator does, so calls whose results are dropped are
not compared with a sweep whose results are kept.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

import numpy as np

from autonomous_trading.core import (
    Bars,
    FloatArray,
    ParameterRef,
    ParameterTable,
    bind,
    column,
    compile_expression,
)
from autonomous_trading.features import ColumnStore, catalogue, find
from autonomous_trading.testing.contracts.features import column_market, made_up_inputs, other_arguments
from proofs.claims import Figure, at_least, at_most, run

TITLE = "Speed of columns"
SEED = 5
BARS = 100_000
HISTORY = 5_000
LIVE_COLUMNS = 300
WINDOWS = 1_000
MATRIX_WINDOWS = 200  # 160 MB: with more, what fresh memory costs hides everything else
MATRIX_TURNS = 7
SWEPT = ("sma", "rsi", "adx")
BUDGET = 256 * 2**20
FEW = 4  # columns

Asked = tuple[str, tuple[int | float, ...]]


def measure() -> list[Figure]:
    """The catalogue, the sweeps, the live bar."""
    bars = column_market("clean", BARS, SEED)
    names = [entry.name for entry in catalogue()]
    for name in names:
        _ask(ColumnStore(bars[:1_000]), (name, ()))
    whole = min(_seconds(bars, [(name, ()) for name in names]) for _ in range(3))
    figures = [
        at_least("columns of the catalogue", len(names), 222),
        at_most(f"the whole catalogue on {BARS:,} bars", whole, 20.0, "s"),
        *(_sweep(name, bars) for name in SWEPT),
        *(_kept_sweep(name, bars) for name in SWEPT),
        *(_matrix_sweep(name, bars) for name in SWEPT),
        _live(names),
    ]
    _slowest(bars, names)
    return figures


def _live(names: list[str]) -> Figure:
    """A new bar as a live strategy meets it: a history one bar longer in a fresh store, every column again."""
    rng = np.random.default_rng(SEED)
    asked: list[Asked] = [(name, ()) for name in rng.permutation(names)[:LIVE_COLUMNS].tolist()]
    varied = [name for name in names if find(name).parameters]
    while len(asked) < LIVE_COLUMNS:
        name = str(rng.choice(varied))
        asked.append((name, other_arguments(name, rng)))
    bars = column_market("clean", 2 * HISTORY, SEED)
    seconds = min(_seconds(bars[:length], asked) for length in range(HISTORY, HISTORY + 15))
    return at_most(f"a new bar: {LIVE_COLUMNS} columns of {HISTORY:,} bars", 1_000.0 * seconds, 50.0, "ms")


def _sweep(name: str, bars: Bars) -> Figure:
    """Both drop what they computed: what asking costs."""

    def by_store() -> None:
        store = ColumnStore(bars, budget_bytes=FEW * 8 * BARS)
        for window in range(2, 2 + WINDOWS):
            _ask(store, (name, (window,)))

    def by_hand() -> None:
        for window in range(2, 2 + WINDOWS):
            _talib(name, bars, window)

    return at_most(f"sweep of {name}, results dropped: store / TA-Lib", _ratio(by_store, by_hand), 1.3)


def _kept_sweep(name: str, bars: Bars) -> Figure:
    """Both keep the last 256 MB of what they computed."""

    def by_store() -> None:
        store = ColumnStore(bars, budget_bytes=BUDGET)
        for window in range(2, 2 + WINDOWS):
            _ask(store, (name, (window,)))

    def by_hand() -> None:
        kept: deque[FloatArray] = deque(maxlen=BUDGET // (8 * BARS))
        for window in range(2, 2 + WINDOWS):
            kept.append(_talib(name, bars, window))

    return at_most(f"sweep of {name}, results kept: store / TA-Lib", _ratio(by_store, by_hand), 1.3)


def _matrix_sweep(name: str, bars: Bars) -> Figure:
    """A search's matrix of all windows, through `bind` and a store that keeps nothing beside it, and by hand."""
    program = compile_expression(column(name, (ParameterRef("window"),)) > 0.0)
    table = ParameterTable({"window": np.arange(2, 2 + MATRIX_WINDOWS)}, MATRIX_WINDOWS)

    def by_search() -> None:
        bind(program, table, ColumnStore(bars, budget_bytes=FEW * 8 * BARS))

    def by_hand() -> None:
        matrix = np.empty((MATRIX_WINDOWS, BARS))
        for row in range(MATRIX_WINDOWS):
            matrix[row] = _talib(name, bars, 2 + row)

    ratio = _ratio(by_search, by_hand, MATRIX_TURNS, MATRIX_WINDOWS)
    return at_most(f"{MATRIX_WINDOWS} windows of {name} into one matrix: bind / TA-Lib", ratio, 1.3)


def _talib(name: str, bars: Bars, window: int) -> FloatArray:
    """The compiled function itself, as a user of TA-Lib calls it."""
    import talib

    found: FloatArray = getattr(talib, name.upper())(
        *(getattr(bars, each.default) for each in find(name).inputs), window
    )
    return found


def _seconds(bars: Bars, asked: list[Asked]) -> float:
    """For all of these columns, in a fresh store."""
    started = time.process_time()
    store = ColumnStore(bars)
    for each in asked:
        _ask(store, each)
    return time.process_time() - started


def _ask(store: ColumnStore, asked: Asked) -> None:
    name, arguments = asked
    entry = find(name)
    store.column(name, arguments, made_up_inputs(entry)(store), (entry.outputs or ("",))[0])


def _ratio(ours: Callable[[], None], theirs: Callable[[], None], turns: int = 3, windows: int = WINDOWS) -> float:
    """The best of each, in turns."""
    best = [float("inf"), float("inf")]
    for _ in range(turns):
        for side, work in enumerate((ours, theirs)):
            started = time.process_time()
            work()
            best[side] = min(best[side], time.process_time() - started)
    print(f"  {1e6 * best[0] / windows:.0f} and {1e6 * best[1] / windows:.0f} microseconds a window", flush=True)
    return best[0] / best[1]


def _slowest(bars: Bars, names: list[str]) -> None:
    costs = sorted(((_seconds(bars, [(name, ())]), name) for name in names), reverse=True)
    print("slowest:", ", ".join(f"{name} {1e3 * seconds:.0f} ms" for seconds, name in costs[:8]))


if __name__ == "__main__":
    raise SystemExit(run(TITLE, measure))
