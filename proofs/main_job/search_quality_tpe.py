"""TPE with its default settings on two functions of the optimisation literature.

A hundred evaluations, ten seeds, the distance of the best value found from the known minimum: the median over
the seeds. Random search with the same number of evaluations is shown beside it.
"""

import numpy as np

from autonomous_trading.search import make_optimizer
from autonomous_trading.testing.objectives import BRANIN, HARTMANN6, Landscape
from proofs.claims import Figure, at_most, holds, run

TITLE = "TPE: median distance from the minimum after 100 evaluations"

TRIALS = 100
SEEDS = range(10)


def measure() -> list[Figure]:
    """The median regret on each function, and that it is smaller than the one of random search."""
    figures = []
    for name, landscape, bound in (("Branin", BRANIN, 0.06), ("Hartmann6", HARTMANN6, 0.35)):
        tpe, fair = (median_regret(method, landscape) for method in ("tpe", "random"))
        figures += [
            at_most(f"{name}, median of {len(SEEDS)} seeds", tpe, bound),
            holds(f"{name}, better than random", tpe < fair, bound=f"< {fair:.3g}", figure=f"{tpe:.3g}"),
        ]
    return figures


def median_regret(method: str, landscape: Landscape) -> float:
    """The middle one of the distances from the minimum, one per seed."""
    return float(np.median([regret(method, landscape, seed) for seed in SEEDS]))


def regret(method: str, landscape: Landscape, seed: int) -> float:
    """How far the best of all evaluated sets is from the minimum."""
    optimizer = make_optimizer(method, landscape.space, trials=TRIALS, seed=seed)
    best = np.inf
    while len(batch := optimizer.ask()):
        values = landscape(batch)
        best = min(best, values.min())
        optimizer.tell(batch, values)
    return float(best - landscape.best)


if __name__ == "__main__":
    raise SystemExit(run(TITLE, measure))
