"""A sync that can be killed anywhere and started again: its source gives the same answers for ever.

Every step asks for some more minutes of three symbols; every fourth asks for older ones again, and finds them revised;
every fifth brings rows that have to be put aside. A step that was begun and not ended is done again.
"""

from __future__ import annotations

import importlib
import shutil
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import final

import numpy as np

from autonomous_trading.adapters.catalogue import ParquetCatalogue
from autonomous_trading.app.market_data import BarProvider, Capabilities, SyncRules, sync
from autonomous_trading.core import Timeframe
from autonomous_trading.data import BarsRequest, RawBars, SeriesKey, Span

# A worker that is forked from here writes at once, instead of importing this first.
importlib.import_module("pyarrow.parquet")

MINUTE = 60_000_000_000
START = 1_700_000_000_000_000_000 // 86_400_000_000_000 * 86_400_000_000_000
FRAME = Timeframe.of("1m")
SYMBOLS = ("BTC/USDT:USDT", "EUR=X", "../x")
PER_STEP = 7
KEYS = tuple(SeriesKey("killed", symbol, FRAME) for symbol in SYMBOLS)


@final
class Source(BarProvider):
    """Minutes that depend on their time, their symbol and how often they were revised."""

    def __init__(self, step: int, version: int) -> None:
        self._step, self._version = step, version

    @property
    def name(self) -> str:
        """As in KEYS."""
        return "killed"

    def capabilities(self) -> Capabilities:
        """Minutes."""
        return Capabilities(("1m",), late=0)

    def pages(self, request: BarsRequest) -> Iterator[RawBars]:
        """One page a symbol."""
        at = np.arange(request.span.start // MINUTE, request.span.stop // MINUTE, dtype=np.int64)
        for symbol in request.symbols:
            close = (100.0 + at % 97 + len(symbol) + self._version).astype(np.float64)
            high = np.where((at % 31 == 0) & (self._step % 5 == 0), 1.0, close + 1.0)
            received = START + (self._step + 1) * PER_STEP * MINUTE
            yield RawBars(symbol, at * MINUTE, close, high, close - 1.0, close, close, received + self._version)

    def close(self) -> None:
        """Nothing is open."""


def do_step(catalogue: ParquetCatalogue, step: int) -> None:
    """What a person would do at one moment: fetch, and now and then look for revisions."""

    def now() -> int:
        return START + (step + 1) * PER_STEP * MINUTE

    request = BarsRequest(SYMBOLS, FRAME, Span(START, now()))
    sync(Source(step, 0), catalogue, request, now=now)
    if step % 4 == 3:
        older = BarsRequest(
            SYMBOLS, FRAME, Span(START + (step - 3) * PER_STEP * MINUTE, START + step * PER_STEP * MINUTE)
        )
        sync(Source(step, 1), catalogue, older, now=now, rules=SyncRules(refresh=True))


def steps_done(catalogue: ParquetCatalogue) -> int:
    """How many steps every symbol has: the last one of them may lack its revisions."""
    ends = [max((span.stop for span in catalogue.spans(key)), default=START) for key in KEYS]
    return (min(ends) - START) // (PER_STEP * MINUTE)


def work(place: str, steps: int, said: Connection) -> None:
    """The steps that are left. Says "begun" when it begins and "done" when none is left."""
    catalogue = ParquetCatalogue(place)
    first = max(0, steps_done(catalogue) - 1)
    said.send("begun")
    for step in range(first, steps):
        do_step(catalogue, step)
    said.send("done")


def undisturbed(folder: Path, steps: int) -> str:
    """The contents of a catalogue that nobody killed."""
    catalogue = ParquetCatalogue(folder)
    for step in range(steps):
        do_step(catalogue, step)
    found = contents(catalogue, steps)
    shutil.rmtree(folder)
    return found


def contents(catalogue: ParquetCatalogue, steps: int) -> str:
    """Everything that a catalogue holds, as it is now and as it was known at the end of every step."""
    said = [str(catalogue.series())]
    for key in KEYS:
        said += [str(catalogue.spans(key)), catalogue.read(key).content_id]
        said += [
            catalogue.read(key, known_at=START + step * PER_STEP * MINUTE + 1).content_id
            for step in range(1, steps + 1)
        ]
        said += [f"{each.received_at} {each.time.tolist()} {each.close.tolist()}" for each in catalogue.revisions(key)]
        said += [f"{each.rows.time.tolist()} {each.reasons}" for each in catalogue.quarantined(key)]
    return "\n".join(said)
