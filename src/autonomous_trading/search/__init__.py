"""Where to look next: optimisers that propose parameter sets and learn from what they were worth."""

from autonomous_trading.search._ahead import MOST_AHEAD, AheadSearch
from autonomous_trading.search._cmaes import CMAES
from autonomous_trading.search._constraints import ValueConstraint, parse_constraint
from autonomous_trading.search._ensemble import EnsembleSearch
from autonomous_trading.search._fallback import MODEL_FAILURES, FallbackSearch
from autonomous_trading.search._grid import GridSearch
from autonomous_trading.search._importance import parameter_importance
from autonomous_trading.search._methods import ALIASES, METHODS, Method, make_optimizer
from autonomous_trading.search._nsga2 import NSGA2
from autonomous_trading.search._nsga3 import NSGA3
from autonomous_trading.search._optimizer import Learner, Optimizer
from autonomous_trading.search._optuna_export import Exported, export_to_optuna
from autonomous_trading.search._pareto import hypervolume, pareto_ranks
from autonomous_trading.search._random import RandomSearch
from autonomous_trading.search._surrogate import Surrogate, SurrogateSearch
from autonomous_trading.search._tpe import TPESearch

__all__ = [
    "ALIASES",
    "CMAES",
    "METHODS",
    "MODEL_FAILURES",
    "MOST_AHEAD",
    "NSGA2",
    "NSGA3",
    "AheadSearch",
    "EnsembleSearch",
    "Exported",
    "FallbackSearch",
    "GridSearch",
    "Learner",
    "Method",
    "Optimizer",
    "RandomSearch",
    "Surrogate",
    "SurrogateSearch",
    "TPESearch",
    "ValueConstraint",
    "export_to_optuna",
    "hypervolume",
    "make_optimizer",
    "parameter_importance",
    "pareto_ranks",
    "parse_constraint",
]
