"""NSGA-II (pymoo): the method for several objectives and for thousands of evaluations."""

from typing import Any, final

import numpy as np

from autonomous_trading.core import BoolArray, FloatArray, InvalidInput, ParameterTable, Space
from autonomous_trading.search._optimizer import Optimizer, Turns, whole_number
from autonomous_trading.search._sampling import FeasibleSampler, row_keys

_TRIALS = 5000
_GENERATIONS = 50
_LEAST_POPULATION = 20
_LARGEST_POPULATION = 100
_CROSSOVER_ETA = 15.0
_MUTATION_ETA = 20.0
# How often pymoo may mate anew to replace infeasible and known offspring before random sets fill the gap.
_MATINGS = 20


@final
class NSGA2(Optimizer):
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
        self._space = space
        self._turns = Turns(n_objectives)
        self._left = whole_number(_TRIALS if trials is None else trials, "trials", least=1)
        if population is None:
            population = min(max(self._left // _GENERATIONS, _LEAST_POPULATION), _LARGEST_POPULATION)
        self._population = whole_number(population, "population", least=2)
        self._etas = _eta(crossover_eta, "crossover_eta"), _eta(mutation_eta, "mutation_eta")
        seeds = np.random.SeedSequence(whole_number(seed, "seed", least=0)).generate_state(2)
        self._sampler = FeasibleSampler(space, np.random.default_rng(seeds[0]), expected=self._left)
        self._seed = int(seeds[1])
        self._seen: set[bytes] = set()
        self._algorithm: Any = None
        self._generation: Any = None

    def ask(self) -> ParameterTable:
        from pymoo.core.population import Population

        self._turns.open()
        wanted = min(self._population, self._left)
        offspring = self._offspring(wanted)
        known = self._seen.union(self._keys(offspring))
        points = np.concatenate([offspring, self._sampler.draw(wanted - len(offspring), known)])
        self._left = self._left - len(points) if len(points) else 0
        table = self._space.from_unit(points)
        self._seen.update(row_keys(self._space, table))
        self._generation = Population.new(X=points)
        return self._turns.asked(table)

    def tell(self, table: ParameterTable, values: FloatArray) -> None:
        from pymoo.core.evaluator import Evaluator
        from pymoo.problems.static import StaticProblem

        told = self._turns.told(table, values)
        if not self._space.dimension:
            return  # one set only: there is nothing to breed
        if self._algorithm is None:
            self._algorithm = self._new_algorithm()
        failed: BoolArray = np.asarray(np.isnan(told).any(axis=1))
        told[failed] = 0.0  # never compared: a violated constraint loses against everything else
        problem = StaticProblem(self._algorithm.problem, F=told, G=failed[:, None].astype(np.float64))
        Evaluator().eval(problem, self._generation)
        self._algorithm.tell(infills=self._generation)

    def _offspring(self, wanted: int) -> FloatArray:
        """New feasible children, shape [at most wanted, dimension]; none before the first tell."""
        none = np.empty((0, self._space.dimension))
        if self._algorithm is None or not wanted or len(self._algorithm.pop) < 2:
            return none
        children = self._algorithm.ask()
        self._algorithm.termination.force_termination = False  # pymoo gives up where mating finds nothing new
        return none if children is None else np.asarray(children.get("X"), dtype=np.float64)[:wanted]

    def _keys(self, points: FloatArray) -> list[bytes]:
        return row_keys(self._space, self._space.from_unit(points))

    def _new_algorithm(self) -> Any:
        from pymoo.algorithms.moo.nsga2 import NSGA2 as PymooNSGA2
        from pymoo.core.problem import Problem
        from pymoo.core.termination import NoTermination
        from pymoo.operators.crossover.sbx import SBX
        from pymoo.operators.mutation.pm import PM

        problem = Problem(n_var=self._space.dimension, n_obj=self._turns.n_objectives, n_ieq_constr=1, xl=0.0, xu=1.0)
        crossover_eta, mutation_eta = self._etas
        algorithm = PymooNSGA2(
            pop_size=self._population,
            crossover=SBX(eta=crossover_eta, prob=0.9),
            mutation=_Mutation(PM(eta=mutation_eta), self._space),
            eliminate_duplicates=_NewAndFeasible(self._space, self._seen),
        )
        algorithm.mating.n_max_iterations = _MATINGS
        algorithm.setup(problem, termination=NoTermination(), seed=self._seed)
        return algorithm


@final
class _NewAndFeasible:
    """Stands where pymoo removes duplicates: keeps the offspring that are worth evaluating.

    The constraint says yes or no. With such a constraint an infeasible child could only ever lose against the
    feasible parents, so it is replaced before it takes a place in the generation.
    """

    def __init__(self, space: Space, seen: set[bytes]) -> None:
        self._space = space
        self._seen = seen

    def do(self, children: Any, _parents: Any, siblings: Any = ()) -> Any:
        table = self._table(children)
        taken = set(row_keys(self._space, self._table(siblings))) if len(siblings) else set()
        keep = np.zeros(len(children), dtype=np.bool_)
        for k, (key, feasible) in enumerate(
            zip(row_keys(self._space, table), self._space.feasible(table), strict=True)
        ):
            if feasible and key not in self._seen and key not in taken:
                taken.add(key)
                keep[k] = True
        return children[keep]

    def _table(self, population: Any) -> ParameterTable:
        return self._space.from_unit(np.asarray(population.get("X"), dtype=np.float64))


@final
class _Mutation:
    """Polynomial mutation for what has an order; a fresh draw, one gene in `dimension`, for what has none."""

    def __init__(self, polynomial: Any, space: Space) -> None:
        self._polynomial = polynomial
        self._unordered = [k for k, n in enumerate(space.names) if not space.parameters[n].is_numeric]

    def __call__(self, problem: Any, children: Any, *, random_state: np.random.Generator, **rest: Any) -> Any:
        genes = children.get("X")[:, self._unordered]
        mutated = self._polynomial(problem, children, random_state=random_state, **rest)
        if self._unordered:
            points = mutated.get("X")
            fresh = random_state.random(genes.shape)
            chosen = random_state.random(genes.shape) < 1.0 / problem.n_var
            points[:, self._unordered] = np.where(chosen, fresh, genes)
            mutated.set("X", points)
        return mutated


def _eta(value: object, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | np.number) or not 1.0 <= value <= 100.0:
        raise InvalidInput(
            f"{name} must be a number from 1 to 100; got {value!r}", fix=f"leave {name} out, or use 15 or 20"
        )
    return float(value)
