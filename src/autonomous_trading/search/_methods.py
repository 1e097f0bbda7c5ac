"""The catalogue of methods, and the one function that builds an optimiser from a name."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from autonomous_trading.core import Space, UnknownName, unknown_name
from autonomous_trading.search._cmaes import CMAES
from autonomous_trading.search._gp import gaussian_process_search
from autonomous_trading.search._grid import GridSearch
from autonomous_trading.search._nsga2 import NSGA2
from autonomous_trading.search._nsga3 import NSGA3
from autonomous_trading.search._optimizer import Optimizer
from autonomous_trading.search._random import RandomSearch
from autonomous_trading.search._random_forest import random_forest_search
from autonomous_trading.search._tpe import TPESearch
from autonomous_trading.search._xgboost import xgboost_search


class Method(NamedTuple):
    """How to build an optimiser, which options it takes beside the common ones, and what it is good for."""

    build: Callable[..., Optimizer]
    options: tuple[str, ...]
    summary: str


METHODS: Mapping[str, Method] = {
    "grid": Method(GridSearch, ("resolution", "batch_size"), "every combination, or an even spread of them"),
    "random": Method(RandomSearch, ("batch_size",), "independent fair draws, the yardstick"),
    "tpe": Method(TPESearch, ("batch_size", "startup", "candidates"), "few evaluations: up to about 1,000"),
    "nsga2": Method(
        NSGA2, ("population", "crossover_eta", "mutation_eta"), "several objectives, thousands of evaluations"
    ),
    "gp": Method(gaussian_process_search, ("batch_size", "startup"), "few evaluations of something smooth: up to 300"),
    "random_forest": Method(random_forest_search, ("batch_size", "startup", "trees"), "few"),
    "xgboost": Method(xgboost_search, ("batch_size", "startup", "members"), "few"),
    "cmaes": Method(CMAES, ("population", "sigma"), "few"),
    "nsga3": Method(NSGA3, ("population", "crossover_eta", "mutation_eta"), "few"),
}

ALIASES: Mapping[str, str] = {"bayesian": "tpe", "genetic": "nsga2"}


def make_optimizer(
    method: str,
    space: Space,
    *,
    n_objectives: int = 1,
    trials: int | None = None,
    seed: int = 0,
    options: Mapping[str, object] | None = None,
) -> Optimizer:
    """A fresh optimiser: "grid", "random", "tpe" (also "bayesian") or "nsga2" (also "genetic").

    `trials` is the number of sets to evaluate; None takes the method's default (grid: all). Same arguments and
    same values told: same proposals. Raises UnknownName for a method or an option that does not exist, and
    InvalidInput for numbers out of range.
    """
    name = ALIASES.get(method, method)
    if name not in METHODS:
        raise unknown_name("search method", method, [*METHODS, *ALIASES])
    chosen = METHODS[name]
    given = dict(options or {})
    unknown = [option for option in given if option not in chosen.options]
    if unknown:
        raise UnknownName(
            f"method {name!r} has no option {', '.join(repr(option) for option in unknown)}",
            fix=f"its options are {', '.join(chosen.options)}",
        )
    return chosen.build(space, n_objectives=n_objectives, trials=trials, seed=seed, **given)
