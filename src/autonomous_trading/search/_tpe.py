"""Tree-structured Parzen estimators (Optuna): the method for few, expensive evaluations."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple, final

import numpy as np

from autonomous_trading.core import FloatArray, ParameterTable, Space
from autonomous_trading.search._optimizer import STARTUP, Learner, Turns, whole_number
from autonomous_trading.search._sampling import FeasibleSampler, row_keys

if TYPE_CHECKING:
    from optuna.study import Study
    from optuna.trial import Trial

_TRIALS = 200
_ROUNDS = 50
_LARGEST_BATCH = 16
_CANDIDATES = 24
# Proposals per wanted set, and a few more, that may turn out infeasible before random sets step in. Repetitions
# are given up sooner: they say that the model has seen what it likes.
_PROPOSALS_PER_SET = 2
_MORE_PROPOSALS = 4
# How many unordered parameters are drawn anew per proposal, on average, and the most likely this is for each.
_REDRAWN = 0.5
_MOST_REDRAWN = 0.2
# The name under which Optuna learns which sets were infeasible or failed.
_REFUSED = "refused"


class _Proposal(NamedTuple):
    """A point of the unit cube that is in the batch; `trial` is None where it was not the model's idea."""

    point: FloatArray
    trial: "Trial | None"


@final
class TPESearch(Learner):
    """Bayesian optimisation by density ratio: seeks what resembles the best sets and not the rest.

    `trials` sets (default 200), in batches of `batch_size` (default: a 50th of the trials, at most 16; within a
    batch Optuna's constant liar keeps the sets apart). The first `startup` sets are random; after them each
    set is the best of `candidates` draws. In every second set or so one of its choices and booleans is drawn
    anew, because the model settles on those too early. Infeasible and repeated proposals go back to the model
    and are never handed out. The model's own time grows with the square of `trials`, and with several objectives
    also with the number of parameters: above about 1,000 sets, or for a front, use "nsga2".
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
        startup: int = STARTUP,
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
        self._rng = np.random.default_rng(seeds[0])
        self._sampler = FeasibleSampler(space, self._rng, expected=self._left)
        self._model = _Model(
            space,
            n_objectives=self._turns.n_objectives,
            candidates=whole_number(candidates, "candidates", least=1),
            seed=int(seeds[1]),
        )
        self._redraw = _redraw_probabilities(space)
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

    def learn(self, table: ParameterTable, values: FloatArray) -> None:
        told = self._turns.learned(table, values)
        self._seen.update(row_keys(self._space, table))
        for point, row in zip(self._space.to_unit(table), told, strict=True):
            self._model.learn(_Proposal(point, None), row)

    def _propose(self, wanted: int, batch: dict[bytes, _Proposal]) -> None:
        """Fills the batch with the model's new, feasible proposals, as far as it has any."""
        repetitions = 0
        for idea in self._model.proposals(_PROPOSALS_PER_SET * wanted + _MORE_PROPOSALS):
            proposal = self._redrawn(idea)
            table = self._space.from_unit(proposal.point[None, :])
            key = row_keys(self._space, table)[0]
            if not self._space.feasible(table)[0]:
                self._model.learn(proposal, np.array([np.nan]))
            elif key in self._seen or key in batch:
                self._model.forget(proposal)
                repetitions += 1
            else:
                batch[key] = proposal
            if len(batch) == wanted or repetitions > wanted:
                return

    def _redrawn(self, idea: _Proposal) -> _Proposal:
        """The same proposal, or one with another choice somewhere, which is then no longer the model's."""
        redraw = self._rng.random(len(idea.point)) < self._redraw
        if not redraw.any():
            return idea
        self._model.forget(idea)
        return _Proposal(np.where(redraw, self._rng.random(len(idea.point)), idea.point), None)

    def _key(self, point: FloatArray) -> bytes:
        return row_keys(self._space, self._space.from_unit(point[None, :]))[0]


@final
class _Model:
    """Optuna's TPE sampler over the unit cube, with a study of its own in memory.

    Numbers, whole ones too, are coordinates from 0 to 1: scales and steps are the space's business. Choices and
    booleans are told to Optuna by position, without an order.
    """

    def __init__(self, space: Space, *, n_objectives: int, candidates: int, seed: int) -> None:
        from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution

        self._levels = {
            name: None if space.parameters[name].is_numeric else space.parameters[name].cardinality
            for name in space.names
        }
        self._axes: dict[str, BaseDistribution] = {
            name: FloatDistribution(0.0, 1.0) if levels is None else CategoricalDistribution(range(levels))
            for name, levels in self._levels.items()
        }
        self._zeros = [0.0] * n_objectives
        self._study = _study(n_objectives, candidates=candidates, seed=seed)

    def proposals(self, most: int) -> Iterator[_Proposal]:
        """Up to `most` sets that the model expects much of, one after the other."""
        for _ in range(most):
            trial = self._study.ask(self._axes)
            params = trial.params
            point = [
                params[name] if levels is None else (params[name] + 0.5) / levels
                for name, levels in self._levels.items()
            ]
            yield _Proposal(np.array(point), trial)

    def learn(self, proposal: _Proposal, values: FloatArray) -> None:
        """What a set was worth; infeasible or failed (a NaN) means: not near here."""
        failed = bool(np.isnan(values).any())
        told = self._zeros if failed else [float(value) for value in values]
        constraints = {_REFUSED: 1.0} if failed else {}
        if proposal.trial is None:
            self._add(proposal.point, told, constraints)
            return
        for name, violation in constraints.items():
            proposal.trial.set_constraint(name, violation)
        self._study.tell(proposal.trial, told)

    def forget(self, proposal: _Proposal) -> None:
        """A proposal that is not followed up: nothing was learned."""
        from optuna.trial import TrialState

        if proposal.trial is not None:
            self._study.tell(proposal.trial, state=TrialState.FAIL)

    def _add(self, point: FloatArray, told: list[float], constraints: dict[str, float]) -> None:
        from optuna.trial import create_trial

        params = {
            name: float(coordinate) if levels is None else min(int(coordinate * levels), levels - 1)
            for coordinate, (name, levels) in zip(point, self._levels.items(), strict=True)
        }
        self._study.add_trial(
            create_trial(values=told, params=params, distributions=self._axes, constraints=constraints)
        )


def _redraw_probabilities(space: Space) -> FloatArray:
    """Per free parameter how likely its proposed value is replaced by a fair draw: zero for numbers."""
    unordered = np.array([not space.parameters[name].is_numeric for name in space.names], dtype=np.bool_)
    return np.where(unordered, min(_MOST_REDRAWN, _REDRAWN / max(int(unordered.sum()), 1)), 0.0)


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
