"""Where the truth is known: a planted edge is mostly called worth paper trading.

100 searches of 200 sets on ten years of days of a market whose best set has an annual Sharpe ratio of 1.5 after costs.
`python -m benchmarks.honesty` prints which rules decided, and a second kind of edge.
"""

from __future__ import annotations

import os

from benchmarks._honesty_markets import true_sharpes
from benchmarks.honesty import share, verdicts
from proofs.claims import Figure, at_least, at_most, run

TITLE = "Honesty by simulation: a planted edge"
KIND, SEARCHES = "foretold", 100


def measure() -> list[Figure]:
    """The truth of the planted edge, then how often it is called worth paper trading."""
    best, _ = true_sharpes(KIND)
    found = verdicts(KIND, SEARCHES, max(1, os.cpu_count() or 1))
    return [
        at_least("true annual Sharpe ratio of the best of 200 sets", best, 1.45),
        at_most("true annual Sharpe ratio of the best of 200 sets", best, 1.55),
        at_least(f"{SEARCHES} searches: worth paper trading", share(found), 0.8),
    ]


if __name__ == "__main__":
    raise SystemExit(run(TITLE, measure))
