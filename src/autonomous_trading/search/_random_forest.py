"""Random forest: the model for results that jump, with choices and switches among the parameters."""

from functools import partial
from typing import Any, final

import numpy as np

from autonomous_trading.core import FloatArray, Space
from autonomous_trading.search._optimizer import whole_number
from autonomous_trading.search._surrogate import Surrogate, SurrogateSearch

_STARTUP = 10
_TREES = 32


def random_forest_search(
    space: Space,
    *,
    n_objectives: int = 1,
    trials: int | None = None,
    seed: int = 0,
    batch_size: int | None = None,
    startup: int = _STARTUP,
    trees: int = _TREES,
) -> SurrogateSearch:
    """A search for the largest expected improvement under a random forest; see SurrogateSearch for the options."""
    return SurrogateSearch(
        space,
        partial(RandomForest, trees=whole_number(trees, "trees", least=2)),
        n_objectives=n_objectives,
        trials=trials,
        seed=seed,
        batch_size=batch_size,
        startup=startup,
    )


@final
class RandomForest(Surrogate):
    """scikit-learn's forest of extremely randomised trees; the deviation of a guess is how far they are apart.

    Splits are drawn at random between the results instead of halfway, and every tree has its own sample of the
    results: trees then differ between results, and not only near them. Source: Hutter et al. (2011, SMAC);
    Geurts et al. (2006) for the random splits.
    """

    def __init__(self, seed: int, *, trees: int = _TREES) -> None:
        self._seed = seed
        self._trees = trees
        self._members: list[Any] = []

    def fit(self, features: FloatArray, targets: FloatArray, *, tune: bool) -> None:
        from sklearn.ensemble import ExtraTreesRegressor

        del tune  # a forest has nothing to tune
        forest = ExtraTreesRegressor(
            self._trees, bootstrap=True, max_features=5.0 / 6.0, random_state=self._seed, n_jobs=1
        )
        forest.fit(features, targets)
        self._members = [member.tree_ for member in forest.estimators_]

    def predict(self, features: FloatArray) -> tuple[FloatArray, FloatArray]:
        rows = np.ascontiguousarray(features, dtype=np.float32)
        guesses = np.stack([member.predict(rows)[:, 0] for member in self._members])
        return guesses.mean(axis=0), guesses.std(axis=0)
