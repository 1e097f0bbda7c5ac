"""A hundred million bars in one catalogue: a symbol-year is read at once, and a sync touches what is new.

A thousand symbols have 100,000 bars of a minute each (a year of a share, sessions only). Written is what any program
would see: files by their size and number, bytes by what lies in them after a commit that did not before.
"""

from __future__ import annotations

import gc
import resource
import tempfile
import time
from pathlib import Path

import numpy as np

from autonomous_trading.adapters.catalogue import ParquetCatalogue
from autonomous_trading.app.market_data import Delivery
from autonomous_trading.core import Bars, IntArray, Timeframe
from autonomous_trading.data import SeriesKey, Span
from proofs.claims import Figure, at_least, at_most, run

TITLE = "A hundred million bars"
SYMBOLS = 1_000
BARS = 100_000
READS = 25
SYNCS = 60
_MINUTE = 60_000_000_000
_DAY = 86_400_000_000_000
_SESSION = 390
_START = 1_672_531_200_000_000_000  # 2023-01-01


def times_of(first: int, count: int) -> IntArray:
    """The minutes number `first` and on of sessions of 390, one a day, from 14:30 UTC."""
    at = np.arange(first, first + count, dtype=np.int64)
    return _START + at // _SESSION * _DAY + (870 + at % _SESSION) * _MINUTE


def bars_of(symbol: int, first: int, count: int) -> Bars:
    """A random walk in cents, with another seed for every symbol."""
    rng = np.random.default_rng([symbol, first])
    steps = rng.normal(0.0, 0.0005, (4, count))
    close = np.round(100.0 * np.exp(np.cumsum(steps[0])), 2)
    open_ = np.round(close * (1.0 + steps[1]), 2)
    high = np.round(np.maximum(open_, close) * (1.0 + np.abs(steps[2])) + 0.005, 2)
    low = np.round(np.minimum(open_, close) * (1.0 - np.abs(steps[3])) - 0.005, 2)
    return Bars(times_of(first, count), open_, high, low, close, rng.integers(0, 5_000, count).astype(np.float64))


def delivery(bars: Bars) -> Delivery:
    """A delivery for whole days."""
    span = Span(int(bars.time[0]) // _DAY * _DAY, (int(bars.time[-1]) // _DAY + 1) * _DAY)
    return Delivery(span, bars, span.stop)


def key(symbol: int) -> SeriesKey:
    """One symbol."""
    return SeriesKey("size", f"S{symbol:04d}", Timeframe.of("1m"))


def measure() -> list[Figure]:
    """Write them, read some, and go on with one."""
    with tempfile.TemporaryDirectory() as name:
        catalogue = ParquetCatalogue(name)
        started = time.perf_counter()
        memory = []
        for symbol in range(SYMBOLS):
            catalogue.commit(key(symbol), delivery(bars_of(symbol % 20, 0, BARS)))
            if symbol in (SYMBOLS // 10, SYMBOLS - 1):
                gc.collect()
                memory.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
        seconds = time.perf_counter() - started
        series = catalogue.series()
        held = sum(catalogue.summary(each).bars for each in series)
        size = sum(catalogue.summary(each).size for each in series)
        return [
            at_least("bars held", held, SYMBOLS * BARS),
            at_most("bytes a bar on the disk", size / held, 40.0),
            at_least("bars written a second", held / seconds, 50_000),
            at_most("peak memory after all against after a tenth", memory[1] / memory[0], 1.1, "times"),
            _reads(catalogue),
            *_syncs(catalogue),
        ]


def _reads(catalogue: ParquetCatalogue) -> Figure:
    """Each symbol for the first time: nothing is warm but the libraries."""
    dice = np.random.default_rng(5)
    slowest = 0.0
    for symbol in dice.choice(SYMBOLS, READS, replace=False):
        started = time.perf_counter()
        bars = ParquetCatalogue(catalogue.root).read(key(int(symbol)))
        slowest = max(slowest, time.perf_counter() - started)
        if len(bars) != BARS:
            raise ValueError(f"{len(bars)} bars were read")
    return at_most(f"slowest of {READS} reads of a symbol-year (checked by sha256)", slowest, 0.5, "s")


def _syncs(catalogue: ParquetCatalogue) -> list[Figure]:
    """Day by day for one symbol, and every file of the catalogue looked at after each of them."""
    first = -(-BARS // _SESSION) * _SESSION
    folder = next(path.parent for path in catalogue.root.rglob("manifest.json") if "S0000~" in str(path))
    once = _SESSION * catalogue.summary(key(0)).size / BARS  # what a day weighs among many
    written, files, most = 0, 0, 0
    before = _files(folder)
    for day in range(SYNCS):
        catalogue.commit(key(0), delivery(bars_of(0, first + day * _SESSION, _SESSION)))
        after = _files(folder)
        fresh = {name: size for name, (size, when) in after.items() if before.get(name) != (size, when)}
        written += sum(fresh.values())
        files += len(fresh)
        most = max(most, len(after))
        before = after
    return [
        at_most(f"bytes written by {SYNCS} daily syncs, times what their bars weigh", written / (SYNCS * once), 4.0),
        at_most("files written by a sync, on average (a part, the manifest, now and then a merge)", files / SYNCS, 3.0),
        at_most("files of a series, at most", most, 40),
    ]


def _files(folder: Path) -> dict[str, tuple[int, int]]:
    return {
        path.name: (path.stat().st_size, path.stat().st_mtime_ns) for path in folder.iterdir() if path.name != "lock"
    }


if __name__ == "__main__":
    raise SystemExit(run(TITLE, measure))
