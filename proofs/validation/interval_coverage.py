"""Intervals for a Sharpe ratio hold the truth as often as they say, where returns have memory and clusters.

First-order autoregressions and GARCH(1,1) with Student's errors, whose Sharpe ratio per period is known; two, five and
ten years of days. `python -m benchmarks.interval_coverage` shows independent returns and plain standard errors, too.
"""

from __future__ import annotations

from benchmarks._coverage import LENGTHS, LEVELS, PROCESSES, Coverage, coverage
from proofs.claims import Figure, at_most, holds, run

TITLE = "Coverage of the intervals of validation"
SIMULATIONS = 1_000
POINTS = 0.02
PROVEN = tuple(name for name in PROCESSES if name != "iid")


def measure() -> list[Figure]:
    """What was counted beside what is said, and how sure the count is."""
    figures, errors = [], []
    for process in PROVEN:
        for periods in LENGTHS:
            # Drawn paths are measured in many ways besides; the shortest record is the hardest one for them.
            for found in coverage(process, periods, SIMULATIONS, paths=periods == LENGTHS[0]):
                if not found.assumes:
                    figures += _figures(f"{process}, {periods:,} days: {found.interval}", found)
                    errors += list(found.errors)
    return [*figures, at_most("Monte Carlo error of a share", 100.0 * max(errors), 1.0, "points")]


def _figures(name: str, found: Coverage) -> list[Figure]:
    return [
        holds(
            f"{name}, {level:.0%}",
            abs(share - level) <= POINTS,
            bound=f"{level:.1%} +- {100.0 * POINTS:g} points",
            figure=f"{share:.1%}",
        )
        for level, share in zip(LEVELS.tolist(), found.shares, strict=True)
    ]


if __name__ == "__main__":
    raise SystemExit(run(TITLE, measure))
