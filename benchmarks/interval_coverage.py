"""How often intervals hold the truth: python -m benchmarks.interval_coverage [--simulations 1000] [--only GARCH-t].

Every interval of the validation room is asked about simulated returns whose Sharpe ratio per period is known, and it is
counted how often that lies inside. What is asked, and of what, is in benchmarks/_coverage.py.
"""

from __future__ import annotations

import argparse
import time

from benchmarks._coverage import LENGTHS, LEVELS, PROCESSES, coverage
from proofs.claims import table


def main() -> int:
    """Simulate, count, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--simulations", type=int, default=1_000)
    parser.add_argument("--only", choices=tuple(PROCESSES), help="one process instead of all")
    parser.add_argument("--periods", type=int, choices=LENGTHS, help="one length instead of all")
    parser.add_argument(
        "--without-paths", action="store_true", help="leave out the quantiles of drawn paths, half the time"
    )
    asked = parser.parse_args()
    rows: list[tuple[str, ...]] = [("process", "periods", "interval", *(f"{level:.0%}" for level in LEVELS), "assumes")]
    began, largest = time.process_time(), 0.0
    for name in PROCESSES if asked.only is None else (asked.only,):
        for periods in LENGTHS if asked.periods is None else (asked.periods,):
            for found in coverage(name, periods, asked.simulations, paths=not asked.without_paths):
                shares = (f"{share:.1%}" for share in found.shares)
                rows.append((name, f"{periods:,}", found.interval, *shares, found.assumes))
                largest = max(largest, *found.errors)
    print(table(rows))
    seconds = time.process_time() - began
    print(f"\nMonte Carlo error: up to {100.0 * largest:.1f} points; {seconds:.0f} s of processor time")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
