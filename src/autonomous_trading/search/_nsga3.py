"""NSGA-III (pymoo): the method for three objectives and more."""

import math
from typing import Any, final

import numpy as np

from autonomous_trading.core import FloatArray, ParameterTable, Space
from autonomous_trading.search._generations import Breeding, Generations
from autonomous_trading.search._nsga2 import crowding_algorithm
from autonomous_trading.search._optimizer import Learner

# As in the paper: every pair of parents is crossed, and children stay closer to them than in NSGA-II.
_CROSSED = 1.0
_CROSSOVER_ETA = 30.0
_MUTATION_ETA = 20.0


@final
class NSGA3(Learner):
    """NSGA-II with another rule for who lives on: the front is kept spread along fixed directions.

    With three objectives and more nearly every set is undominated, and the distance to the neighbours says little;
    directions spread evenly over the simplex do better. As many of them as fit the population (Das and Dennis, 1998,
    with the finest division that does). The options are those of NSGA2, with `crossover_eta` 30. With one objective
    there is one direction, and who lives on is decided as in NSGA2. Source: Deb and Jain (2014).
    """

    def __init__(
        self,
        space: Space,
        *,
        n_objectives: int = 1,
        trials: int | None = None,
        seed: int = 0,
        population: int | None = None,
        crossover_eta: float = _CROSSOVER_ETA,
        mutation_eta: float = _MUTATION_ETA,
    ) -> None:
        breeding = Breeding(population, _CROSSED, crossover_eta, mutation_eta)
        self._generations = Generations(
            space, direction_algorithm, breeding, n_objectives=n_objectives, trials=trials, seed=seed
        )

    def ask(self) -> ParameterTable:
        return self._generations.ask()

    def tell(self, table: ParameterTable, values: FloatArray) -> None:
        self._generations.tell(table, values)

    def learn(self, table: ParameterTable, values: FloatArray) -> None:
        self._generations.learn(table, values)


def direction_algorithm(n_objectives: int, population: int, operators: dict[str, Any]) -> Any:
    """pymoo's NSGA-III along as many directions as the population has members; NSGA-II for one objective."""
    if n_objectives == 1:
        return crowding_algorithm(n_objectives, population, operators)
    from pymoo.algorithms.moo.nsga3 import NSGA3 as PymooNSGA3
    from pymoo.operators.selection.tournament import TournamentSelection
    from pymoo.util.ref_dirs import get_reference_directions

    partitions = direction_partitions(n_objectives, population)
    directions = get_reference_directions("das-dennis", n_objectives, n_partitions=partitions)
    selection = TournamentSelection(func_comp=_less_failed)
    return PymooNSGA3(directions, pop_size=max(population, len(directions)), selection=selection, **operators)


def _less_failed(pop: Any, pairs: Any, random_state: np.random.Generator, **_: Any) -> Any:
    """Of every pair the parent that failed less, else one of them by lot: pymoo's rule with the dice of the search.

    Its own draws from the global generator where both failed, so that no search with failures could be repeated.
    """
    failures = pop.get("CV")[:, 0]
    chosen = [
        (one if failures[one] < failures[other] else other)
        if failures[one] != failures[other]
        else random_state.choice([one, other])
        for one, other in pairs
    ]
    return np.array(chosen, dtype=np.int64)[:, None]


def direction_partitions(n_objectives: int, population: int) -> int:
    """Into how many parts an edge of the simplex is divided: the most that gives no more directions than members.

    One part at least, which gives a direction per objective.
    """
    partitions = 1
    while math.comb(partitions + n_objectives, n_objectives - 1) <= population:
        partitions += 1
    return partitions
