"""The same sweep in vectorbt 1.2.0 and here, in one run: python -m benchmarks.peer_vectorbt."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks._sweep import (
    FEW_BARS,
    PAIRS,
    Timing,
    hourly_bars,
    question_of,
    sweep,
    timed,
)
from benchmarks.peers import VECTORBT, Arrays, PeerMissing, ask
from proofs.claims import table

REPETITIONS: Final = 3
_SCRIPT: Final = Path(__file__).resolve().parent / "_vectorbt_sweep.py"


def vectorbt_sweep(n_bars: int, repetitions: int = REPETITIONS) -> tuple[Timing, Arrays]:
    """How long vectorbt takes for the sweep, warm, and the statistics it found; PeerMissing when it is not there."""
    question = question_of(hourly_bars(n_bars))
    question |= {"windows": np.arange(5, 205, 5), "repetitions": repetitions}
    answer = ask(VECTORBT, _SCRIPT, question)
    load = os.getloadavg()[0] / (os.cpu_count() or 1)
    return Timing(tuple(float(each) for each in answer["seconds"]), load), answer


def main() -> int:
    """Time both and print a table; 1 when vectorbt cannot be had."""
    bars = hourly_bars(FEW_BARS)
    try:
        theirs, _ = vectorbt_sweep(FEW_BARS)
    except PeerMissing as missing:
        print(missing, file=sys.stderr)
        return 1
    ours = timed(lambda: sweep(bars, threads=2), 40)
    rows: list[tuple[str, ...]] = [("engine", "best", "median", "evaluations/s (best)", "times as fast (best, median)")]
    for name, timing in (("vectorbt 1.2.0", theirs), ("autonomous_trading", ours)):
        taken = [f"{seconds * 1e3:,.1f} ms" for seconds in (timing.best, timing.median)]
        times = f"{theirs.best / timing.best:,.0f}, {theirs.median / timing.median:,.0f}"
        rows.append((name, *taken, f"{timing.rate(FEW_BARS, timing.best) / 1e6:,.1f} M", times))
    print(f"{PAIRS} pairs x {FEW_BARS:,} bars, stops and costs on, statistics only, second call, two threads")
    print(table(rows))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
