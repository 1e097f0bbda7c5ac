"""NSGA-II with its default settings on two problems of Zitzler, Deb and Thiele, thirty variables each.

Population 100 (the default for so many trials), 250 generations, five seeds, the median over them. The
hypervolume (reference 1.1 in both objectives) is that of all evaluated sets, because that is what a study keeps;
a population alone has somewhat less. The whole front of the first problem has 0.8767, of the second 0.5433.
"""

import numpy as np

from autonomous_trading.core import FloatArray
from autonomous_trading.search import hypervolume, make_optimizer
from autonomous_trading.testing.objectives import ZDT1, ZDT2, Landscape
from proofs.claims import Figure, at_least, run

TITLE = "NSGA-II: hypervolume after 250 generations of 100"

POPULATION = 100
GENERATIONS = 250
SEEDS = range(5)
REFERENCE = (1.1, 1.1)


def measure() -> list[Figure]:
    """The median hypervolume on each problem."""
    figures = []
    for name, landscape, bound in (("ZDT1", ZDT1, 0.865), ("ZDT2", ZDT2, 0.53)):
        found = [evaluated(landscape, seed) for seed in SEEDS]
        whole = np.median([hypervolume(values, REFERENCE) for values in found])
        figures.append(at_least(f"{name}, all sets, median of {len(SEEDS)} seeds", float(whole), bound))
    return figures


def evaluated(landscape: Landscape, seed: int) -> FloatArray:
    """The values of every evaluated set, in order."""
    optimizer = make_optimizer("nsga2", landscape.space, n_objectives=2, trials=POPULATION * GENERATIONS, seed=seed)
    found = []
    while len(batch := optimizer.ask()):
        found.append(landscape(batch))
        optimizer.tell(batch, found[-1])
    return np.concatenate(found)


if __name__ == "__main__":
    raise SystemExit(run(TITLE, measure))
