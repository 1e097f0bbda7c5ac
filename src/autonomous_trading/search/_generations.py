"""Evolution in generations (pymoo): what NSGA-II and NSGA-III share."""

from collections.abc import Callable
from typing import Any, NamedTuple, final

import numpy as np

from autonomous_trading.core import BoolArray, FloatArray, ParameterTable, Space
from autonomous_trading.search._optimizer import Turns, real_number, whole_number
from autonomous_trading.search._sampling import FeasibleSampler, row_keys

_TRIALS = 5000
_GENERATIONS = 50
_LEAST_POPULATION = 20
_LARGEST_POPULATION = 100
# How often pymoo may mate anew to replace infeasible and known offspring before random sets fill the gap.
_MATINGS = 20


class Breeding(NamedTuple):
    """Sets per generation (None: a 50th of the trials, from 20 to 100), how often parents are crossed, how close
    children stay to them."""

    population: int | None
    crossover_probability: float
    crossover_eta: float
    mutation_eta: float


# Makes pymoo's algorithm from the number of objectives, the population and the operators.
NewAlgorithm = Callable[[int, int, dict[str, Any]], Any]


@final
class Generations:
    """The ask, tell and learn of a search that breeds each generation from the best sets so far."""

    def __init__(
        self,
        space: Space,
        new_algorithm: NewAlgorithm,
        breeding: Breeding,
        *,
        n_objectives: int,
        trials: int | None,
        seed: int,
    ) -> None:
        self._space = space
        self._new = new_algorithm
        self._turns = Turns(n_objectives)
        self._left = whole_number(_TRIALS if trials is None else trials, "trials", least=1)
        population = breeding.population
        if population is None:
            population = min(max(self._left // _GENERATIONS, _LEAST_POPULATION), _LARGEST_POPULATION)
        self._population = whole_number(population, "population", least=2)
        self._etas = _eta(breeding.crossover_eta, "crossover_eta"), _eta(breeding.mutation_eta, "mutation_eta")
        self._crossed = breeding.crossover_probability
        seeds = np.random.SeedSequence(whole_number(seed, "seed", least=0)).generate_state(2)
        self._sampler = FeasibleSampler(space, np.random.default_rng(seeds[0]), expected=self._left)
        self._seed = int(seeds[1])
        self._seen: set[bytes] = set()
        self._algorithm: Any = None
        self._generation: Any = None
        self._foreign: Any = None

    def ask(self) -> ParameterTable:
        """The next generation: children, and random sets where breeding finds nothing new."""
        from pymoo.core.population import Population

        self._turns.open()
        wanted = min(self._population, self._left)
        if self._foreign is not None and (self._algorithm is not None or 2 * len(self._foreign) >= self._population):
            self._adopt(self._foreign)
            self._foreign = None
        offspring = self._offspring(wanted)
        known = self._seen.union(self._keys(offspring))
        points = np.concatenate([offspring, self._sampler.draw(wanted - len(offspring), known)])
        self._left = self._left - len(points) if len(points) else 0
        table = self._space.from_unit(points)
        self._seen.update(row_keys(self._space, table))
        self._generation = Population.new(X=points)
        return self._turns.asked(table)

    def tell(self, table: ParameterTable, values: FloatArray) -> None:
        """Takes what the generation was worth and selects who lives on."""
        told = self._turns.told(table, values)
        if not self._space.dimension:
            return  # one set only: there is nothing to breed
        self._evaluate(self._generation, told)
        if self._algorithm is None:
            self._adopt(self._generation)
        else:
            self._algorithm.tell(infills=self._generation)

    def learn(self, table: ParameterTable, values: FloatArray) -> None:
        """Takes sets that others evaluated: they join the population before the next generation is bred."""
        from pymoo.core.population import Population

        told = self._turns.learned(table, values)
        self._seen.update(row_keys(self._space, table))
        if not self._space.dimension or not len(table):
            return
        newcomers = Population.new(X=self._space.to_unit(table))
        self._evaluate(newcomers, told)
        self._foreign = newcomers if self._foreign is None else Population.merge(self._foreign, newcomers)

    def _evaluate(self, individuals: Any, told: FloatArray) -> None:
        from pymoo.core.evaluator import Evaluator
        from pymoo.problems.static import StaticProblem

        failed: BoolArray = np.asarray(np.isnan(told).any(axis=1))
        values = np.where(failed[:, None], 0.0, told)  # never compared: a violated constraint loses against all else
        problem = StaticProblem(self._problem(), F=values, G=failed[:, None].astype(np.float64))
        Evaluator().eval(problem, individuals)

    def _adopt(self, individuals: Any) -> None:
        """Lets individuals with known values into the population, which keeps its size."""
        from pymoo.core.population import Population

        if self._algorithm is None:
            self._algorithm = self._new_algorithm()
            self._algorithm.tell(infills=individuals)
            if len(individuals) <= self._population:
                return
            merged = self._algorithm.pop
        else:
            merged = Population.merge(self._algorithm.pop, individuals)
        self._algorithm.pop = self._algorithm.survival.do(
            self._algorithm.problem,
            merged,
            n_survive=self._population,
            algorithm=self._algorithm,
            random_state=self._algorithm.random_state,
        )

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

    def _problem(self) -> Any:
        from pymoo.core.problem import Problem

        return Problem(n_var=self._space.dimension, n_obj=self._turns.n_objectives, n_ieq_constr=1, xl=0.0, xu=1.0)

    def _new_algorithm(self) -> Any:
        from pymoo.core.termination import NoTermination
        from pymoo.operators.crossover.sbx import SBX
        from pymoo.operators.mutation.pm import PM

        crossover_eta, mutation_eta = self._etas
        operators = {
            "crossover": SBX(eta=crossover_eta, prob=self._crossed),
            "mutation": _Mutation(PM(eta=mutation_eta), self._space),
            "eliminate_duplicates": _NewAndFeasible(self._space, self._seen),
        }
        algorithm = self._new(self._turns.n_objectives, self._population, operators)
        algorithm.mating.n_max_iterations = _MATINGS
        algorithm.setup(self._problem(), termination=NoTermination(), seed=self._seed)
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
    return real_number(value, name, low=1.0, high=100.0, example="15 or 20")
