"""Ten thousand random duplicates: a catalogue that got them holds, byte for byte, what one without them holds.

They come inside an answer, in another order, and as whole answers that come again.
"""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path

import numpy as np

from autonomous_trading.adapters.catalogue import ParquetCatalogue
from autonomous_trading.app.market_data import Delivery
from autonomous_trading.core import Timeframe
from autonomous_trading.data import RawBars, SeriesKey, Span, screened
from autonomous_trading.testing import random_walk
from proofs.claims import Figure, at_least, holds, run

TITLE = "Duplicates with the same values"
DUPLICATES = 10_000
BARS = 4_000
PER_ANSWER = 200
KEY = SeriesKey("twice", "X", Timeframe.of("1m"))


def state(catalogue: ParquetCatalogue) -> str:
    """The digest of everything in the catalogue but the random part of file names."""
    digest = hashlib.sha256(catalogue.read(KEY).content_id.encode())
    summary = catalogue.summary(KEY)
    digest.update(repr((summary.bars, summary.revisions, summary.refused, summary.spans, summary.files)).encode())
    for path in sorted(catalogue.root.rglob("*.parquet")):
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def filled(place: Path, duplicates: int) -> tuple[str, int]:
    """The state of a catalogue after all answers with so many duplicates among them, and how many were counted."""
    dice, catalogue, counted = np.random.default_rng(7), ParquetCatalogue(place), 0
    bars = random_walk(BARS, 3, timeframe="1m")
    answers = [RawBars.of(bars[first : first + PER_ANSWER], 0) for first in range(0, BARS, PER_ANSWER)]
    each = duplicates // len(answers)
    for number, answer in enumerate(answers):
        inside = dice.integers(0, len(answer), each - each // 3)
        rows = dice.permutation(np.concatenate([np.arange(len(answer)), inside])) if each else np.arange(len(answer))
        counted += _kept(catalogue, answer, answer.taken(rows), received=number)
        for _ in range(5 if each else 0):
            again = dice.choice(len(answer), each // 3 // 5, replace=False)
            counted += _kept(catalogue, answer, answer.taken(again), received=1_000 + number)
    return state(catalogue), counted


def _kept(catalogue: ParquetCatalogue, answer: RawBars, rows: RawBars, *, received: int) -> int:
    seen = screened(rows)
    span = Span(int(answer.time[0]), int(answer.time[-1]) + 1)
    told = catalogue.commit(KEY, Delivery(span, seen.bars, received))
    return seen.duplicates + told.repeated


def measure() -> list[Figure]:
    """Once without, once with them."""
    with tempfile.TemporaryDirectory() as name:
        clean, none = filled(Path(name) / "clean", 0)
        found, counted = filled(Path(name) / "twice", DUPLICATES + 1_000)
    return [
        at_least("duplicates sent and counted", counted, DUPLICATES),
        holds("state of the catalogue with them", clean == found and none == 0, bound=clean[:16], figure=found[:16]),
    ]


if __name__ == "__main__":
    raise SystemExit(run(TITLE, measure))
