"""Combinatorial purged folds are those of skfolio, sample for sample, for hundreds of numbers of folds and gaps.

With as many samples in every fold: where they do not come out even it lengthens the last fold and we the first ones.
It runs in an environment of its own.
"""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np

from autonomous_trading.validation import CombinatorialPurgedCV
from benchmarks.peers import SKFOLIO, PeerMissing, ask
from proofs.claims import Figure, holds, not_measured, run

TITLE = "Folds beside skfolio"
SCRIPT = Path(__file__).with_name("_skfolio_folds.py")
FOLDS = ((3, 2), (4, 2), (5, 2), (5, 3), (6, 2), (6, 4), (8, 2), (8, 5), (10, 2), (10, 8))
GAPS = tuple((purge, embargo) for purge, embargo in product(range(5), range(5)) if purge + embargo < 8)
SIZE = 11  # samples of a fold; skfolio wants purge and embargo together below this less one
CASES = [(n_folds * SIZE, n_folds, n_tested, *gap) for (n_folds, n_tested), gap in product(FOLDS, GAPS)]


def measure() -> list[Figure]:
    """How many cases agree in every split and path."""
    names = ("samples trained on", "splits of every path")
    bound = f"{len(CASES)} cases"
    try:
        theirs = ask(SKFOLIO, SCRIPT, {"cases": CASES})
    except PeerMissing as missing:
        return [not_measured(name, bound, str(missing)) for name in names]
    alike = [0, 0]
    for number, (n_samples, n_folds, n_tested, purge, embargo) in enumerate(CASES):
        ours = CombinatorialPurgedCV(n_folds, n_tested, purge=purge, embargo=embargo)
        trained = np.array([np.isin(np.arange(n_samples), split.train) for split in ours.folds(n_samples)])
        alike[0] += bool(np.array_equal(trained, theirs[f"train{number}"]))
        alike[1] += bool(np.array_equal(ours.paths.T, theirs[f"paths{number}"]))
    return [
        holds(name, count == len(CASES), bound=bound, figure=f"{count} cases")
        for name, count in zip(names, alike, strict=True)
    ]


if __name__ == "__main__":
    raise SystemExit(run(TITLE, measure))
