"""A sync killed (kill -9) at 200 random points: no torn file is served, the next sync goes on, and nothing is lost.

In the end the catalogue holds what it would hold had nobody killed anything: bars, what was known when, revisions, and
the rows put aside. After every kill each series is read from the disk and looked over.
"""

from __future__ import annotations

import multiprocessing
import random
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import final

import numpy as np

from autonomous_trading.adapters.catalogue import ParquetCatalogue
from autonomous_trading.core import DataNotFound, TradingError
from proofs.claims import Figure, at_least, holds, run
from proofs.data._syncing import KEYS, MINUTE, contents, undisturbed, work

TITLE = "Kills of a sync"
KILLS = 200
STEPS = 60
LATEST = 0.25  # seconds after a worker began


@final
@dataclass(slots=True)
class Seen:
    """What a series of kills left."""

    kills: int = 0
    rounds: int = 0
    leftovers: int = 0
    torn: int = 0
    identical: int = 0


def killed(folder: Path, kills: int, steps: int = STEPS, latest: float = LATEST) -> Seen:
    """Sync again and again, killed at a random moment each time, until there were enough kills; then to the end."""
    server = multiprocessing.get_context("forkserver")
    server.set_forkserver_preload(["proofs.data._syncing"])
    dice, seen = random.Random(20_261_127), Seen()
    expected = undisturbed(folder / "undisturbed", steps)
    while seen.kills < kills:
        catalogue = ParquetCatalogue(folder / f"round-{seen.rounds}")
        finished = False
        while not finished:
            ours, theirs = server.Pipe()
            worker = server.Process(target=work, args=(str(catalogue.root), steps, theirs))
            worker.start()
            theirs.close()
            ours.recv()
            if seen.kills < kills:
                time.sleep(dice.uniform(0.0, latest))
                worker.kill()
            worker.join()
            finished = worker.exitcode == 0
            seen.kills += worker.exitcode == -9
            look_over(catalogue, seen)
        seen.rounds += 1
        seen.identical += contents(catalogue, steps) == expected
    return seen


def look_over(catalogue: ParquetCatalogue, seen: Seen) -> None:
    """Read everything as another process would right after a kill."""
    for key in KEYS:
        try:
            bars, spans = catalogue.read(key), catalogue.spans(key)
            catalogue.quarantined(key), catalogue.revisions(key)
            whole = len(spans) == 1 and spans[0].start <= bars.time[0] and bars.time[-1] < spans[0].stop
            aside = len({int(each) for part in catalogue.quarantined(key) for each in part.rows.time})
            held = np.unique(bars.time)
            minutes = (spans[0].stop - spans[0].start) // MINUTE
            seen.torn += not (whole and len(held) + aside >= minutes)
        except DataNotFound:
            continue
        except TradingError as error:
            print(f"torn: {error}")
            seen.torn += 1
    seen.leftovers += len(list(catalogue.root.rglob("*.tmp")))


def measure() -> list[Figure]:
    """Two hundred kills."""
    with tempfile.TemporaryDirectory() as name:
        seen = killed(Path(name), KILLS)
    return [
        at_least("kill -9 at random moments of a sync", seen.kills, KILLS),
        holds("torn or half-written states read after a kill", seen.torn == 0, bound="0", figure=f"{seen.torn}"),
        holds(
            "catalogues that hold what an undisturbed one holds",
            seen.identical == seen.rounds,
            bound=f"{seen.rounds}",
            figure=f"{seen.identical}",
        ),
        holds("half-written files a kill left, ignored", True, bound="any number", figure=f"{seen.leftovers}"),
    ]


if __name__ == "__main__":
    raise SystemExit(run(TITLE, measure))
