"""Where the truth is known: worthless searches are hardly ever called worth paper trading.

500 searches of 200 sets on ten years of days without a pattern in their direction (clusters, fat tails, every second
market rising), with each strategy of the library in turn. It takes about half an hour;
`python -m benchmarks.honesty` prints which rules decided.
"""

from __future__ import annotations

import os

from benchmarks.honesty import share, verdicts
from proofs.claims import Figure, at_most, run

TITLE = "Honesty by simulation: pure noise"
SEARCHES = 500


def measure() -> list[Figure]:
    """How often noise is called worth paper trading."""
    found = verdicts("noise", SEARCHES, max(1, os.cpu_count() or 1))
    return [at_most(f"{SEARCHES} searches: worth paper trading", share(found), 0.05)]


if __name__ == "__main__":
    raise SystemExit(run(TITLE, measure))
