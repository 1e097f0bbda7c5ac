"""Every search method beside a library's own on functions with known optima: python -m benchmarks.optimizers.

Few sets (60) for the methods that model the results, 2,500 for CMA-ES, 10,000 for several objectives. The figure is the
distance from the minimum (smaller is better) or, for several objectives, the hypervolume up to 1.1 in every one (larger
is better): the median over the seeds, and the quartiles in brackets. "worse": by more than the reference's
interquartile range.
"""

from __future__ import annotations

import argparse
import importlib.util
from typing import Final

from benchmarks._optimizers import ONE, SEVERAL, Case, Spread, not_worse, ours, reference, spread
from proofs.claims import table

FEW: Final = 60
MANY: Final = 2_500
MOST: Final = 10_000
POPULATION: Final = 100
GAUSSIAN: Final = "Optuna GP" if importlib.util.find_spec("torch") else "Optuna TPE"  # Optuna's GP needs torch
ONE_OBJECTIVE: Final = (
    ("random", "Optuna random", FEW),
    ("tpe", "Optuna TPE", FEW),
    ("gp", GAUSSIAN, FEW),
    ("random_forest", "Optuna TPE", FEW),
    ("xgboost", "Optuna TPE", FEW),
    ("fallback", GAUSSIAN, FEW),
    ("ensemble", "Optuna TPE", FEW),
    ("cmaes", "pycma BIPOP", MANY),
)
SEVERAL_OBJECTIVES: Final = (("nsga2", "pymoo NSGA-II", MOST), ("nsga3", "pymoo NSGA-III", MOST))


def cases() -> list[Case]:
    """Every method on every problem it is for."""
    one = [Case(problem, *row) for problem in ONE for row in ONE_OBJECTIVE]
    return one + [Case(problem, *row, POPULATION) for problem in SEVERAL for row in SEVERAL_OBJECTIVES]


def main() -> int:
    """Search with every seed and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=10, help="searches per cell")
    parser.add_argument("--only", default="", help="one of our methods")
    arguments = parser.parse_args()
    rows: list[tuple[str, ...]] = [("problem", "sets", "method", "here", "reference", "there", "")]
    rows += [_row(case, arguments.seeds) for case in cases() if arguments.only in ("", case.method)]
    print(table(rows))
    return 0


def _row(case: Case, seeds: int) -> tuple[str, ...]:
    here = spread([ours(case, seed) for seed in range(seeds)])
    there = spread([reference(case, seed) for seed in range(seeds)])
    mark = "" if not_worse(here, there, case.problem.n_objectives) else "worse"
    return (
        case.problem.name,
        f"{case.trials:,}",
        case.method,
        _text(here),
        case.reference,
        _text(there),
        mark,
    )


def _text(outcome: Spread) -> str:
    return f"{outcome.median:.3g} [{outcome.lower:.3g}, {outcome.upper:.3g}]"


if __name__ == "__main__":
    raise SystemExit(main())
