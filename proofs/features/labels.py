"""Labels: the kernels are their slow twins, weights are the book's, and purging by label end stops the leak it should.

The leak (Lopez de Prado 2018, chapter 7): returns are independent, so nothing can be predicted. Labels of twenty days
overlap, so a forest in shuffled folds finds its test labels in its training labels and scores well on nothing. Purged,
embargoed folds by `end_time` score nothing on nothing.
"""

from __future__ import annotations

import time
from typing import Literal

import numpy as np
from sklearn.ensemble import RandomForestRegressor
from sklearn.model_selection import KFold, cross_val_predict

from autonomous_trading.core import FloatArray
from autonomous_trading.models.labels import (
    Barriers,
    Labels,
    draw_probabilities,
    fixed_horizon,
    meta_labels,
    triple_barrier,
    uniqueness_weights,
)
from autonomous_trading.testing.markets import random_walk
from autonomous_trading.validation import PurgedKFold
from proofs.claims import Figure, at_least, at_most, equals, holds, run
from tests.twins.labels import barrier_of

TITLE = "Labels that are what they say, and end when they say"
SERIES = 300
CANARIES = 12
LAST = 120
_PATHS: tuple[Literal["pessimistic", "optimistic", "nearest"], ...] = ("pessimistic", "optimistic", "nearest")
_ENTRIES: tuple[Literal["next_open", "close"], ...] = ("next_open", "close")


def measure() -> list[Figure]:
    """Twin, book, leak, speed."""
    return [_twin(), *_book(), *_leak(), _speed()]


def _twin() -> Figure:
    wrong = count = 0
    for seed in range(SERIES):
        rng = np.random.default_rng(seed)
        bars = random_walk(LAST, seed, volatility=0.02)
        widths = rng.choice([0.005, 0.02, 0.06], 2)
        rules = Barriers(
            int(rng.integers(1, 25)), float(widths[0]), float(widths[1]), _PATHS[seed % 3], _ENTRIES[seed % 2]
        )
        side = rng.choice([-1.0, 1.0], LAST)
        labels = meta_labels(bars, side, rules, rows=np.arange(LAST))
        for k, row in enumerate(labels.rows.tolist()):
            end, price, barrier = barrier_of(bars, row, rules, 1.0, int(side[row]))
            start = float(bars.open[row + 1] if rules.entry == "next_open" else bars.close[row])
            same = (int(labels.ends[k]), int(labels.barrier[k])) == (end, barrier)
            wrong += not (same and abs(labels.returns[k] - side[row] * (price / start - 1.0)) < 1e-12)
            count += 1
    return holds(
        f"labels unlike the twin's, {SERIES} random markets", wrong == 0, bound="0", figure=f"{wrong} of {count:,}"
    )


def _book() -> list[Figure]:
    """The example of Lopez de Prado (2018), section 4.5.3: labels over r(0,3), r(2,4), r(4,6)."""
    rows, ends = np.array([0, 2, 4]), np.array([3, 4, 6])
    ones, none = np.ones(3), np.zeros(3, dtype=np.int64)
    labels = Labels(rows, ends, ends, rows, ends, ones, ones, ones, none, entry="close")
    weights, chances = uniqueness_weights(labels), draw_probabilities(labels, np.array([1]))
    wanted = zip((5 / 6, 3 / 4, 1.0), weights.tolist(), strict=True)
    drawn = zip((5 / 14, 3 / 14, 6 / 14), chances.tolist(), strict=True)
    return [
        *(
            equals(f"average uniqueness of label {k + 1}", seen, book, digits=6)
            for k, (book, seen) in enumerate(wanted)
        ),
        *(
            equals(f"its chance in the second draw ({k + 1})", seen, book, digits=6)
            for k, (book, seen) in enumerate(drawn)
        ),
    ]


def _leak() -> list[Figure]:
    """Pitfall 1 of the design: independent returns, labels of 20 days, a forest."""
    shuffled, purged = [], []
    for seed in range(CANARIES):
        bars = random_walk(1_000, 500 + seed)
        labels = fixed_horizon(bars, 20)
        steps = np.diff(np.log(bars.close), prepend=np.log(bars.close[0]))
        columns = [np.convolve(steps, np.ones(k) / k)[: len(steps)] for k in (5, 10, 20, 40, 60)]
        kept = labels.rows >= 60
        labels = labels.take(kept)
        features = np.column_stack([column[labels.rows] for column in columns])
        forest = RandomForestRegressor(40, min_samples_leaf=5, random_state=seed, n_jobs=1)
        mixed = cross_val_predict(forest, features, labels.returns, cv=KFold(5, shuffle=True, random_state=seed))
        shuffled.append(float(np.corrcoef(mixed, labels.returns)[0, 1]))
        day = int(np.diff(bars.time).min())
        folds = PurgedKFold(5, start=labels.time, label_end=labels.end_time, embargo=60 * day)
        purged.append(_within_folds(folds, forest, features, labels.returns))
    return [
        at_least(
            f"out-of-sample correlation in shuffled folds, mean of {CANARIES} (the leak is seen)",
            float(np.mean(shuffled)),
            0.15,
        ),
        at_most("the same in purged folds, size of the mean (and stopped)", abs(float(np.mean(purged))), 0.12),
    ]


def _within_folds(folds: PurgedKFold, forest: RandomForestRegressor, features: FloatArray, target: FloatArray) -> float:
    """Mean over folds of the correlation: across folds, means of training and test are opposed by construction."""
    found = []
    for train, test in folds.folds(len(target)):
        says = forest.fit(features[train], target[train]).predict(features[test])
        found.append(float(np.corrcoef(says, target[test])[0, 1]))
    return float(np.mean(found))


def _speed() -> Figure:
    bars = random_walk(100_000, 1, volatility=0.004, timeframe="1h")
    triple_barrier(bars, Barriers(50, 0.05, 0.05))  # compiles
    best = np.inf
    for _ in range(3):
        started = time.perf_counter()
        triple_barrier(bars, Barriers(50, 0.05, 0.05))
        best = min(best, time.perf_counter() - started)
    return at_most("triple barriers of 100,000 bars, horizon 50", float(best), 1.0, "s")


if __name__ == "__main__":
    raise SystemExit(run(TITLE, measure))
