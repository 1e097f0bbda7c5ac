"""The same sweep in backtesting.py and here, in one run: python -m benchmarks.peer_backtesting_py."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks._sweep import (
    FEW_BARS,
    PAIRS,
    hourly_bars,
    question_of,
    sweep,
    timed,
)
from benchmarks.peers import BACKTESTING, PeerMissing, ask
from proofs.claims import table

SAMPLE: Final = ((5, 20), (10, 50), (50, 100), (20, 150), (100, 200))
_SCRIPT: Final = Path(__file__).resolve().parent / "_backtesting_sweep.py"


def main() -> int:
    """Time both and print a table; 1 when backtesting.py cannot be had."""
    bars = hourly_bars(FEW_BARS)
    question = question_of(bars) | {"pairs": np.array(SAMPLE)}
    try:
        seconds = ask(BACKTESTING, _SCRIPT, question)["seconds"]
    except PeerMissing as missing:
        print(missing, file=sys.stderr)
        return 1
    ours = timed(lambda: sweep(bars, threads=2), 40)
    theirs = float(np.mean(seconds)) * PAIRS
    rows: list[tuple[str, ...]] = [("engine", "whole sweep", "evaluations/s", "times as fast")]
    for name, whole in (("backtesting.py 0.6.6", theirs), ("autonomous_trading", ours.best)):
        rate = PAIRS * FEW_BARS / whole / 1e6
        rows.append((name, f"{whole * 1e3:,.1f} ms", f"{rate:,.3f} M", f"{theirs / whole:,.0f}"))
    print(f"{PAIRS} pairs x {FEW_BARS:,} bars; backtesting.py from {len(SAMPLE)} pairs, in one process")
    print(table(rows))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
