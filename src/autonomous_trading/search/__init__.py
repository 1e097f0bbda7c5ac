"""Where to look next: optimisers that propose parameter sets and learn from what they were worth."""

from autonomous_trading.search._constraints import ValueConstraint, parse_constraint
from autonomous_trading.search._grid import GridSearch
from autonomous_trading.search._importance import parameter_importance
from autonomous_trading.search._methods import ALIASES, METHODS, Method, make_optimizer
from autonomous_trading.search._nsga2 import NSGA2
from autonomous_trading.search._optimizer import Optimizer
from autonomous_trading.search._pareto import hypervolume, pareto_ranks
from autonomous_trading.search._random import RandomSearch
from autonomous_trading.search._tpe import TPESearch

__all__ = [
    "ALIASES",
    "METHODS",
    "NSGA2",
    "GridSearch",
    "Method",
    "Optimizer",
    "RandomSearch",
    "TPESearch",
    "ValueConstraint",
    "hypervolume",
    "make_optimizer",
    "parameter_importance",
    "pareto_ranks",
    "parse_constraint",
]
