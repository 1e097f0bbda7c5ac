"""A target that is noise makes a feature significant in no more than 5 % of runs; a feature that matters is found.

Features are fourteen usual columns of one simulated market (momentum, oscillators, volatility: autocorrelated, alike).
The noise is the triple-barrier label of another, independent market: labels that overlap up to ten others and whose
signs come in runs, as real ones do. A run is a false claim when *any* feature is significant at 5 % after correction.
The bound allows for the Monte Carlo error of the count: 5 % and two of its standard errors.

The planted feature is a fifteenth column with a rank correlation of about 0.2 with the target, autocorrelated like the
others (it halves in five bars).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from autonomous_trading.core import FloatArray
from autonomous_trading.models.importance import FeatureTable, ImportanceReport, feature_importance
from autonomous_trading.models.labels import Barriers, Labels, fixed_horizon, triple_barrier
from autonomous_trading.testing.markets import random_walk
from autonomous_trading.validation import PurgedKFold
from proofs.claims import Figure, at_least, at_most, run
from proofs.features._markets import usual_features

TITLE = "Importance of features: noise is not believed, a planted feature is found"
N_BARS = 1_600
RUNS = 200
REFITTED = 40
PLANTED = 60
_RULES = Barriers(10, 0.02, 0.02)


def measure() -> list[Figure]:
    """False claims per way of measuring, then power."""
    ways = {
        "permutation, forest": ("permutation", _forest()),
        "permutation, ridge": ("permutation", _ridge()),
        "single-feature walk-forward, ridge": ("single", _ridge()),
        "mutual information": ("mutual_information", _ridge()),
    }
    bound = 100.0 * (0.05 + 2.0 * math.sqrt(0.05 * 0.95 / RUNS))
    figures = []
    for name, (method, model) in ways.items():
        claims = sum(bool(_noise(seed, method, model).significant_features) for seed in range(RUNS))
        figures.append(at_most(f"false claims on {RUNS} noise targets: {name}", 100.0 * claims / RUNS, bound, "%"))
    claims = sum(
        bool(_noise(seed, "permutation", _ridge(), purged=True).significant_features) for seed in range(REFITTED)
    )
    bound = 100.0 * (0.05 + 2.0 * math.sqrt(0.05 * 0.95 / REFITTED))
    name = f"false claims on {REFITTED} noise targets: permutation, ridge, purged folds (99 refits)"
    figures.append(at_most(name, 100.0 * claims / REFITTED, bound, "%"))
    for name, (method, model) in ways.items():
        found = ["planted" in _planted(seed, method, model).significant_features for seed in range(PLANTED)]
        share = 100.0 * float(np.mean(found))
        figures.append(at_least(f"planted feature found in {PLANTED} markets: {name}", share, 90.0, "%"))
    return figures


def _forest() -> Any:
    return RandomForestRegressor(24, min_samples_leaf=0.03, max_features="sqrt", random_state=1, n_jobs=1)


def _ridge() -> Any:
    return make_pipeline(StandardScaler(), Ridge(10.0))


def _noise(seed: int, method: str, model: Any, *, purged: bool = False) -> ImportanceReport:
    columns = usual_features(random_walk(N_BARS, 2 * seed))
    labels = triple_barrier(random_walk(N_BARS, 2 * seed + 1), _RULES)
    return _asked(columns, labels, seed, method, model, purged=purged)


def _planted(seed: int, method: str, model: Any) -> ImportanceReport:
    bars = random_walk(N_BARS, 10_000 + seed)
    columns = usual_features(bars)
    rng = np.random.default_rng(seed)
    labels = fixed_horizon(bars, 2)
    signal = np.zeros(len(bars))
    signal[labels.rows] = labels.returns
    kept = 0.5 ** (1.0 / 5.0)
    noise = rng.standard_normal(len(bars))
    for bar in range(1, len(bars)):
        noise[bar] = kept * noise[bar - 1] + math.sqrt(1.0 - kept**2) * noise[bar]
    columns["planted"] = signal / signal.std() + 4.0 * noise
    return _asked(columns, labels, seed, method, model)


def _asked(
    columns: dict[str, FloatArray], labels: Labels, seed: int, method: str, model: Any, *, purged: bool = False
) -> ImportanceReport:
    table = FeatureTable.of(columns, labels)
    folds = PurgedKFold(5, start=table.labels.time, label_end=table.labels.end_time) if purged else None
    return feature_importance(table, rng=np.random.default_rng(seed), method=method, model=model, folds=folds)


if __name__ == "__main__":
    raise SystemExit(run(TITLE, measure))
