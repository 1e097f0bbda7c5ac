"""Runs in the environment of skfolio: python _skfolio_folds.py question.npz answer.npz.

Each row of `cases` is samples, folds, tested folds, purge, embargo; back come, for case i, which samples every split
trains on (`train<i>`) and the splits that test each fold (`paths<i>`).
"""

from __future__ import annotations

import importlib
import sys
from typing import Any

import numpy as np


def main(asked: str, answered: str) -> None:
    """Ask skfolio for the folds of every case."""
    folds: Any = importlib.import_module("skfolio.model_selection").CombinatorialPurgedCV
    with np.load(asked, allow_pickle=False) as file:
        cases = file["cases"].tolist()
    found: Any = {}
    for number, (n_samples, n_folds, n_tested, purge, embargo) in enumerate(cases):
        made = folds(n_folds=n_folds, n_test_folds=n_tested, purged_size=purge, embargo_size=embargo)
        trained = np.zeros((made.n_splits, n_samples), dtype=np.bool_)
        for row, (train, _) in zip(trained, made.split(np.zeros((n_samples, 1))), strict=True):
            row[train] = True
        found[f"train{number}"], found[f"paths{number}"] = trained, np.asarray(made.recombined_paths)
    np.savez(answered, **found)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
