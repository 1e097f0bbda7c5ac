"""A function that workers evaluate; where a folder of kills is named, it ends its own process now and then."""

from __future__ import annotations

import math
import os
import random
import signal
from pathlib import Path

KILLS_FOLDER = "PROOF_KILLS_FOLDER"
MOST_KILLS = 20
ONE_IN = 8


def bowl(x: float, y: float, n: int, kind: str, seed: int) -> tuple[float, float]:
    """A bowl with an offset per kind, and a draw from the seed."""
    _die_once(seed)
    offset = {"a": 0.0, "b": 0.3, "c": 0.7}[kind]
    return x**2 + math.sin(9.0 * y) + n / 1e4 + offset, random.Random(seed).gauss(0.0, 1.0)


def _die_once(seed: int) -> None:
    """Take the process down with some trials, each the first time only, and so often in all."""
    folder = os.environ.get(KILLS_FOLDER)
    if not folder or seed % ONE_IN or len(list(Path(folder).iterdir())) >= MOST_KILLS:
        return
    try:
        (Path(folder) / str(seed)).touch(exist_ok=False)
    except FileExistsError:
        return
    os.kill(os.getpid(), signal.SIGKILL)
