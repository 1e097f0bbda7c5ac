"""How long a person waits before the command answers: help, and a backtest once its code is compiled.

Wall time of fresh processes, the median of several. The first backtest compiles the simulator and fills the disk
cache; it is shown, and bounds nothing. The figures are those of a quiet machine: on one where other programs use
all cores they show how busy it is.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from proofs.claims import Figure, at_most, holds, run

TITLE = "Seconds until the command answers"

HELP_SECONDS = 0.5
BACKTEST_SECONDS = 2.0
REPEATS = 7
SCRIPT = Path(sys.executable).with_name("autotrade")
COMMAND = (str(SCRIPT),) if SCRIPT.exists() else (sys.executable, "-m", "autonomous_trading.interfaces.cli")


def measure() -> list[Figure]:
    """The median wait for help, and for a backtest of the bundled S&P 500 (5,031 bars)."""
    with tempfile.TemporaryDirectory() as folder:
        waits = [seconds(folder, "--help") for _ in range(REPEATS)]
        first = seconds(folder, "backtest")
        later = [seconds(folder, "backtest") for _ in range(REPEATS)]
        written = os.listdir(folder)
    print(f"  first backtest here {first:.2f} s; later ones {', '.join(f'{each:.2f}' for each in sorted(later))} s")
    return [
        at_most("autotrade --help, median", statistics.median(waits), HELP_SECONDS, "s"),
        at_most("second autotrade backtest, fresh process, median", statistics.median(later), BACKTEST_SECONDS, "s"),
        holds("nothing written", not written),
    ]


def seconds(folder: str, *arguments: str) -> float:
    """Wall time of one fresh process. Raises when it does not end well."""
    started = time.perf_counter()
    subprocess.run([*COMMAND, *arguments], cwd=folder, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - started


if __name__ == "__main__":
    raise SystemExit(run(TITLE, measure))
