"""Tree-structured Parzen estimators (Optuna): the method for few, expensive evaluations."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple, final

import numpy as np

from autonomous_trading.core import FloatArray, ParameterTable, Space
from autonomous_trading.search._optimizer import Optimizer, Turns, whole_number
from autonomous_trading.search._sampling import FeasibleSampler, row_keys

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from optuna.study import Study
    from optuna.trial import Trial

_TRIALS = 200
_ROUNDS = 50
_LARGEST_BATCH = 16
_STARTUP = 10
_CANDIDATES = 24
# Proposals per wanted set, and a few more, that may turn out infeasible before random sets step in. Repetitions
# are given up sooner: they say that the model has seen what it likes.
_PROPOSALS_PER_SET = 2
_MORE_PROPOSALS = 4
# The name under which Optuna learns which sets were infeasible or failed.
_REFUSED = "refused"


class _Proposal(NamedTuple):
    """A point of the unit cube that is in the batch; `trial` is None where it was not the model's idea."""

    point: FloatArray
    trial: "Trial | None"


@final
class TPESearch(Optimizer):
    """Bayesian optimisation by density ratio: seeks what resembles the best sets and not the rest.

    `trials` sets (default 200), in batches of `batch_size` (default: a 50th of the trials, at most 16; within a
    batch Optuna's constant liar keeps the sets apart). The first `startup` sets are random; after them each
    set is the best of `candidates` draws. Infeasible and repeated proposals go back to the model at once and are
    never handed out. The model's own time grows with the square of `trials`, and with several objectives also
    with the number of parameters: above about 1,000 sets, or for a front, use "nsga2".
    Source: Bergstra et al. (2011); for one objective the multivariate form of Falkner et al. (2018, BOHB).
    """

    def __init__(
        self,
        space: Space,
        *,
        n_objectives: int = 1,
        trials: int | None = None,
        seed: int = 0,
        batch_size: int | None = None,
        startup: int = _STARTUP,
        candidates: int = _CANDIDATES,
    ) -> None:
        self._space = space
        self._turns = Turns(n_objectives)
        self._left = whole_number(_TRIALS if trials is None else trials, "trials", least=1)
        if batch_size is None:
            batch_size = min(max(self._left // _ROUNDS, 1), _LARGEST_BATCH)
        self._batch_size = whole_number(batch_size, "batch_size", least=1)
        self._startup = whole_number(startup, "startup", least=1)
        seeds = np.random.SeedSequence(whole_number(seed, "seed", least=0)).generate_state(2)
        self._sampler = FeasibleSampler(space, np.random.default_rng(seeds[0]), expected=self._left)
        self._model = _Model(
            space,
            n_objectives=self._turns.n_objectives,
            candidates=whole_number(candidates, "candidates", least=1),
            seed=int(seeds[1]),
        )
        self._seen: set[bytes] = set()
        self._batch: list[_Proposal] = []

    def ask(self) -> ParameterTable:
        self._turns.open()
        batch: dict[bytes, _Proposal] = {}
        wanted = min(self._batch_size if self._seen else self._startup, self._left)
        if wanted and self._seen and self._space.dimension:
            self._propose(wanted, batch)
        for point in self._sampler.draw(wanted - len(batch), self._seen | batch.keys()):
            batch[self._key(point)] = _Proposal(point, None)
        self._batch = list(batch.values())
        self._seen.update(batch)
        self._left = self._left - len(batch) if batch else 0
        points = np.array([proposal.point for proposal in self._batch])
        return self._turns.asked(self._space.from_unit(points.reshape(len(batch), self._space.dimension)))

    def tell(self, table: ParameterTable, values: FloatArray) -> None:
        told = self._turns.told(table, values)
        for proposal, row in zip(self._batch, told, strict=True):
            self._model.learn(proposal, row)

    def _propose(self, wanted: int, batch: dict[bytes, _Proposal]) -> None:
        """Fills the batch with the model's new, feasible proposals, as far as it has any."""
        repetitions = 0
        for point, trial in self._model.proposals(_PROPOSALS_PER_SET * wanted + _MORE_PROPOSALS):
            table = self._space.from_unit(point[None, :])
            key = row_keys(self._space, table)[0]
            if not self._space.feasible(table)[0]:
                self._model.refuse(trial)
            elif key in self._seen or key in batch:
                self._model.forget(trial)
                repetitions += 1
            else:
                batch[key] = _Proposal(point, trial)
            if len(batch) == wanted or repetitions > wanted:
                return

    def _key(self, point: FloatArray) -> bytes:
        return row_keys(self._space, self._space.from_unit(point[None, :]))[0]


@final
class _Model:
    """Optuna's TPE sampler over the unit cube, with a study of its own in memory.

    Continuous parameters keep their unit coordinate, so logarithmic scales are the space's business; parameters
    with countably many values are told to Optuna by position, choices without an order.
    """

    def __init__(self, space: Space, *, n_objectives: int, candidates: int, seed: int) -> None:
        self._names = space.names
        self._levels = [space.parameters[name].cardinality for name in self._names]
        self._axes = _axes(space)
        self._zeros = [0.0] * n_objectives
        self._study = _study(n_objectives, candidates=candidates, seed=seed)

    def proposals(self, most: int) -> "Iterator[tuple[FloatArray, Trial]]":
        """Up to `most` sets that the model expects much of, one after the other."""
        for _ in range(most):
            trial = self._study.ask(self._axes)
            params = trial.params
            levels = zip(self._names, self._levels, strict=True)
            point = [params[n] if k is None else (params[n] + 0.5) / k for n, k in levels]
            yield np.array(point), trial

    def learn(self, proposal: _Proposal, values: FloatArray) -> None:
        """What a set was worth; failed (a NaN) means: not near here."""
        failed = bool(np.isnan(values).any())
        told = self._zeros if failed else [float(value) for value in values]
        if proposal.trial is None:
            self._add(proposal.point, told, failed=failed)
        elif failed:
            self.refuse(proposal.trial)
        else:
            self._study.tell(proposal.trial, told)

    def refuse(self, trial: "Trial") -> None:
        """An infeasible or failed set: not near here."""
        trial.set_constraint(_REFUSED, 1.0)
        self._study.tell(trial, self._zeros)

    def forget(self, trial: "Trial") -> None:
        """A set that is known already: nothing new to learn."""
        from optuna.trial import TrialState

        self._study.tell(trial, state=TrialState.FAIL)

    def _add(self, point: FloatArray, told: list[float], *, failed: bool) -> None:
        from optuna.trial import create_trial

        coordinates = zip(point, self._levels, strict=True)
        params = [float(u) if k is None else min(int(u * k), k - 1) for u, k in coordinates]
        self._study.add_trial(
            create_trial(
                values=told,
                params=dict(zip(self._names, params, strict=True)),
                distributions=self._axes,
                constraints={_REFUSED: 1.0} if failed else None,
            )
        )


def _axes(space: Space) -> "dict[str, BaseDistribution]":
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    axes: dict[str, BaseDistribution] = {}
    for name in space.names:
        parameter = space.parameters[name]
        if parameter.cardinality is None:
            axes[name] = FloatDistribution(0.0, 1.0)
        elif parameter.is_numeric:
            axes[name] = IntDistribution(0, parameter.cardinality - 1)
        else:
            axes[name] = CategoricalDistribution(range(parameter.cardinality))
    return axes


def _study(n_objectives: int, *, candidates: int, seed: int) -> "Study":
    """A new study in memory, without the line that Optuna logs about it."""
    from optuna import create_study, logging
    from optuna.samplers import TPESampler

    # Random sets come from our own sampler, which knows the constraint: no start-up phase inside.
    sampler = TPESampler(n_startup_trials=0, n_ei_candidates=candidates, seed=seed, constant_liar=True)
    level = logging.get_verbosity()
    logging.set_verbosity(logging.WARNING)
    try:
        return create_study(sampler=sampler, directions=["minimize"] * n_objectives)
    finally:
        logging.set_verbosity(level)
