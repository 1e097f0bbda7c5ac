"""Gradient boosting (XGBoost): the model for many results with interactions."""

from functools import partial
from typing import Any, final

import numpy as np

from autonomous_trading.core import FloatArray, InvalidInput, Space
from autonomous_trading.search._optimizer import whole_number
from autonomous_trading.search._surrogate import Surrogate, SurrogateSearch

_STARTUP = 10
_MEMBERS = 8
_ROUNDS = 40
_SETTINGS = {
    "tree_method": "exact",  # every split is tried: there are hundreds of results, not millions
    "max_depth": 4,
    "eta": 0.2,
    "lambda": 0.3,
    "min_child_weight": 1.0,
    "nthread": 1,
    "verbosity": 0,
}


def xgboost_search(
    space: Space,
    *,
    n_objectives: int = 1,
    trials: int | None = None,
    seed: int = 0,
    batch_size: int | None = None,
    startup: int = _STARTUP,
    members: int = _MEMBERS,
) -> SurrogateSearch:
    """A search for the largest expected improvement under boosted trees; see SurrogateSearch for the options.

    Raises InvalidInput where XGBoost is not installed.
    """
    return SurrogateSearch(
        space,
        partial(BoostedTrees, members=whole_number(members, "members", least=2)),
        n_objectives=n_objectives,
        trials=trials,
        seed=seed,
        batch_size=batch_size,
        startup=startup,
    )


@final
class BoostedTrees(Surrogate):
    """Several XGBoost models, each of its own bootstrap sample; the deviation is how far they are apart.

    Single precision inside, one thread, the same trees for the same seed.
    """

    def __init__(self, seed: int, *, members: int = _MEMBERS) -> None:
        self._engine = _xgboost()
        self._seed = seed
        self._members = members
        self._boosters: list[Any] = []

    def fit(self, features: FloatArray, targets: FloatArray, *, tune: bool) -> None:
        del tune  # the settings are fixed
        rng = np.random.default_rng(self._seed)
        self._boosters = []
        for member in range(self._members):
            rows = rng.integers(len(targets), size=len(targets))
            sample = self._engine.DMatrix(features[rows], label=targets[rows], nthread=1)
            settings = {**_SETTINGS, "seed": member}
            self._boosters.append(self._engine.train(settings, sample, num_boost_round=_ROUNDS))

    def predict(self, features: FloatArray) -> tuple[FloatArray, FloatArray]:
        guesses = np.stack([booster.inplace_predict(features) for booster in self._boosters]).astype(np.float64)
        return guesses.mean(axis=0), guesses.std(axis=0)


def _xgboost() -> Any:
    """The module, or InvalidInput with the command that installs it."""
    try:
        import xgboost
    except ImportError as error:
        raise InvalidInput(
            'method "xgboost" needs the package xgboost, which is not installed',
            fix='pip install "autonomous-trading[boosting]", or use method "random_forest", which needs nothing more',
        ) from error
    return xgboost
