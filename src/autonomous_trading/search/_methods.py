"""The catalogue of methods, and the one function that builds an optimiser from a name."""

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from autonomous_trading.core import InvalidInput, Space, UnknownName, unknown_name
from autonomous_trading.search._ahead import MOST_AHEAD, AheadSearch
from autonomous_trading.search._cmaes import CMAES
from autonomous_trading.search._ensemble import EnsembleSearch
from autonomous_trading.search._fallback import FallbackSearch
from autonomous_trading.search._gp import gaussian_process_search
from autonomous_trading.search._grid import GridSearch
from autonomous_trading.search._nsga2 import NSGA2
from autonomous_trading.search._nsga3 import NSGA3
from autonomous_trading.search._optimizer import STARTUP, Optimizer, whole_number
from autonomous_trading.search._random import RandomSearch
from autonomous_trading.search._random_forest import random_forest_search
from autonomous_trading.search._tpe import TPESearch
from autonomous_trading.search._xgboost import xgboost_search

_ENSEMBLE = ("gp", "tpe", "cmaes", "nsga2")
_ENSEMBLE_OF_SEVERAL_OBJECTIVES = ("gp", "nsga2", "nsga3")


class Method(NamedTuple):
    """How to build an optimiser, which options it takes beside the common ones, and what it is good for.

    `trials`: sets when nobody says how many, None all. `learns`: what it is told changes what it proposes.
    `most_objectives`: how many it can follow, None any number.
    """

    build: Callable[..., Optimizer]
    options: tuple[str, ...]
    summary: str
    trials: int | None
    learns: bool = True
    most_objectives: int | None = None


def fallback_search(
    space: Space, *, n_objectives: int = 1, trials: int | None = None, seed: int = 0, method: str = "gp"
) -> FallbackSearch:
    """`method` until its model fails, then NSGA-II with everything found so far; see FallbackSearch."""
    return FallbackSearch(space, _builder(method), n_objectives=n_objectives, trials=trials, seed=seed)


def ensemble_search(
    space: Space,
    *,
    n_objectives: int = 1,
    trials: int | None = None,
    seed: int = 0,
    methods: Sequence[str] | None = None,
) -> EnsembleSearch:
    """These methods together on one budget; see EnsembleSearch.

    Default: "gp", "tpe", "cmaes" and "nsga2", with several objectives "gp", "nsga2" and "nsga3".
    """
    if methods is None:
        methods = _ENSEMBLE_OF_SEVERAL_OBJECTIVES if _is_several(n_objectives) else _ENSEMBLE
    if isinstance(methods, str) or not isinstance(methods, Sequence):
        raise InvalidInput(f"methods must be a list of names; got {methods!r}", fix='use ["tpe", "nsga2"]')
    members = {_name(method): _builder(method) for method in methods}
    return EnsembleSearch(space, members, n_objectives=n_objectives, trials=trials, seed=seed)


METHODS: Mapping[str, Method] = {
    "grid": Method(
        GridSearch, ("resolution", "batch_size"), "every combination, or an even spread of them", None, learns=False
    ),
    "random": Method(RandomSearch, ("batch_size",), "independent fair draws, the yardstick", 1000, learns=False),
    "tpe": Method(TPESearch, ("batch_size", "startup", "candidates"), "few evaluations: up to about 1,000", 200),
    "gp": Method(
        gaussian_process_search,
        ("batch_size", "startup"),
        "fewest evaluations of something smooth: up to about 300",
        200,
    ),
    "random_forest": Method(
        random_forest_search,
        ("batch_size", "startup", "trees"),
        "few evaluations of something that jumps, with choices: up to about 500",
        200,
    ),
    "xgboost": Method(
        xgboost_search,
        ("batch_size", "startup", "members"),
        "few evaluations, boosted trees as the model (needs the extra boosting)",
        200,
    ),
    "cmaes": Method(
        CMAES,
        ("population", "sigma"),
        "one objective, many numbers, thousands of evaluations",
        2500,
        most_objectives=1,
    ),
    "nsga2": Method(
        NSGA2, ("population", "crossover_eta", "mutation_eta"), "several objectives, thousands of evaluations", 5000
    ),
    "nsga3": Method(
        NSGA3,
        ("population", "crossover_eta", "mutation_eta"),
        "three objectives and more, thousands of evaluations",
        5000,
    ),
    "fallback": Method(fallback_search, ("method",), "a method that goes on as nsga2 when its model fails", 200),
    "ensemble": Method(ensemble_search, ("methods",), "several methods on one budget, when none is known to fit", 500),
}

ALIASES: Mapping[str, str] = {
    "bayesian": "tpe",
    "genetic": "nsga2",
    "gaussian_process": "gp",
    "forest": "random_forest",
    "boosting": "xgboost",
    "cma-es": "cmaes",
    "cma_es": "cmaes",
}


def make_optimizer(
    method: str,
    space: Space,
    *,
    n_objectives: int = 1,
    trials: int | None = None,
    seed: int = 0,
    options: Mapping[str, object] | None = None,
    ahead: int = 0,
) -> Optimizer:
    """A fresh optimiser: one of METHODS, such as "grid", "tpe" (also "bayesian") or "nsga2" (also "genetic").

    `trials` is the number of sets to evaluate; None takes the method's default (grid: all). `ahead` (0 to 16): how
    many more batches may be asked for while one is out. A method that learns then proposes with that many batches
    less in mind, and its lanes share the option `startup`; see AheadSearch. Same arguments and same values told: same
    proposals. Raises UnknownName for a method or an option that does not exist, and InvalidInput for numbers out of
    range.
    """
    name = _name(method)
    chosen = METHODS[name]
    given = dict(options or {})
    unknown = [option for option in given if option not in chosen.options]
    if unknown:
        raise UnknownName(
            f"method {name!r} has no option {', '.join(repr(option) for option in unknown)}",
            fix=f"its options are {', '.join(chosen.options)}",
        )
    trials = chosen.trials if trials is None else trials
    behind = _checked_ahead(ahead)
    if behind and "startup" in chosen.options:
        # One start for all lanes together: with a whole one each, most of a short search would be random.
        startup = whole_number(given.get("startup", STARTUP), "startup", least=1)
        given["startup"] = math.ceil(startup / (1 + behind))
    build = partial(chosen.build, **given)
    if not chosen.learns:
        return build(space, n_objectives=n_objectives, trials=trials, seed=seed, ahead=behind)
    if behind and trials is not None:
        return AheadSearch(space, build, ahead=behind, n_objectives=n_objectives, trials=trials, seed=seed)
    return build(space, n_objectives=n_objectives, trials=trials, seed=seed)


def _checked_ahead(ahead: object) -> int:
    found = whole_number(ahead, "ahead", least=0)
    if found > MOST_AHEAD:
        raise InvalidInput(
            f"ahead must be a whole number of at most {MOST_AHEAD}; got {found}", fix="use ahead=1, or a few more"
        )
    return found


def _name(method: str) -> str:
    """The name in METHODS that a name or an alias leads to."""
    name = ALIASES.get(method, method)
    if name not in METHODS:
        raise unknown_name("search method", method, [*METHODS, *ALIASES])
    return name


def _builder(method: str) -> Callable[..., Optimizer]:
    return partial(make_optimizer, _name(method))


def _is_several(n_objectives: object) -> bool:
    return isinstance(n_objectives, int) and n_objectives > 1
