"""NSGA-II (pymoo): the method for several objectives and for thousands of evaluations."""

from typing import Any, final

from autonomous_trading.core import FloatArray, ParameterTable, Space
from autonomous_trading.search._generations import Breeding, Generations
from autonomous_trading.search._optimizer import Learner

_CROSSED = 0.9
_CROSSOVER_ETA = 15.0
_MUTATION_ETA = 20.0


@final
class NSGA2(Learner):
    """Evolution of a population towards the Pareto front: one generation per batch.

    `trials` sets (default 5,000) in generations of `population` (default: a 50th of the trials, from 20 to 100),
    started from random feasible sets. Simulated binary crossover and polynomial mutation on the unit cube, with
    distribution indices `crossover_eta` and `mutation_eta` (larger: children closer to their parents); choices
    and booleans mutate to any other value. Infeasible offspring and sets that were evaluated before are mated
    anew, so every generation is full. Works for one objective as well. Source: Deb et al. (2002).
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
            space, crowding_algorithm, breeding, n_objectives=n_objectives, trials=trials, seed=seed
        )

    def ask(self) -> ParameterTable:
        return self._generations.ask()

    def tell(self, table: ParameterTable, values: FloatArray) -> None:
        self._generations.tell(table, values)

    def learn(self, table: ParameterTable, values: FloatArray) -> None:
        self._generations.learn(table, values)


def crowding_algorithm(_n_objectives: int, population: int, operators: dict[str, Any]) -> Any:
    """pymoo's NSGA-II: ranks first, then the distance to the neighbours on the front."""
    from pymoo.algorithms.moo.nsga2 import NSGA2 as PymooNSGA2

    return PymooNSGA2(pop_size=population, **operators)
