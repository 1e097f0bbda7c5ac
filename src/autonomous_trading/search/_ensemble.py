"""Ensemble: several methods share one budget, and the one that improves most gets most of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import final

import numpy as np

from autonomous_trading.core import FloatArray, InvalidInput, ParameterTable, Space
from autonomous_trading.search._fallback import MODEL_FAILURES
from autonomous_trading.search._optimizer import Learner, Optimizer, Turns, whole_number
from autonomous_trading.search._pareto import pareto_ranks

_TRIALS = 500
# How much of its old success a member keeps per set, and the share that even a hopeless one gets.
_MEMORY = 0.9
_LEAST_WEIGHT = 0.1


@final
@dataclass(slots=True)
class _Member:
    """One method of the ensemble: how much of its recent sets improved, and what its sets have cost so far."""

    search: Learner
    success: float = 1.0
    spent: float = 0.0
    over: bool = False


@final
class EnsembleSearch(Learner):
    """Methods that take turns and learn from each other's results.

    `members` names the methods and how to build them. A batch succeeds by the share of its sets that nothing before
    was as good as or better than, in every objective. Turns follow stride scheduling (Waldspurger, 1995): a batch
    costs a member its sets divided by its weight, which is its recent success beside that of the best member, a tenth
    at least; the member that has spent least is next. Nothing is random in that. Every member is told its own sets
    and learns those of the others, so none is proposed twice. `trials` sets together (default 500).

    A member whose model fails (MODEL_FAILURES) is out from then on and the others go on, until they have nothing left
    to propose; where no member is left, the failure of the last one is raised.
    """

    def __init__(
        self,
        space: Space,
        members: Mapping[str, Callable[..., Optimizer]],
        *,
        n_objectives: int = 1,
        trials: int | None = None,
        seed: int = 0,
    ) -> None:
        self._space = space
        self._turns = Turns(n_objectives)
        self._left = whole_number(_TRIALS if trials is None else trials, "trials", least=1)
        if not members:
            raise InvalidInput("an ensemble needs at least one member", fix='name some, such as "tpe" and "nsga2"')
        seeds = np.random.SeedSequence(whole_number(seed, "seed", least=0)).generate_state(len(members))
        self._members = [
            _Member(_learner(name, build(space, n_objectives=n_objectives, trials=self._left, seed=int(each))))
            for (name, build), each in zip(members.items(), seeds, strict=True)
        ]
        self._front = np.empty((0, self._turns.n_objectives))
        self._turn = self._members[0]
        self._batch = space.table([])

    def ask(self) -> ParameterTable:
        self._turns.open()
        self._batch = self._space.table([])
        while not len(self._batch) and self._left and (turn := self._next()) is not None:
            self._turn = turn
            try:
                self._batch = turn.search.ask()
                turn.over = not len(self._batch)
            except MODEL_FAILURES as failure:
                self._expel(turn, failure)
        handed_out = self._batch.take(slice(0, self._left))
        self._left -= len(handed_out)
        return self._turns.asked(handed_out)

    def tell(self, table: ParameterTable, values: FloatArray) -> None:
        share = self._improvement(self._turns.told(table, values))
        self._turn.spent += len(table) / self._weight(self._turn)
        kept = _MEMORY ** len(table)
        self._turn.success = kept * self._turn.success + (1.0 - kept) * share
        if not self._left:
            return  # the last batch, which may have been cut short
        for member in list(self._members):
            if member is self._turn:
                self._let_hear(member, member.search.tell, self._batch, values)
            else:
                self._let_hear(member, member.search.learn, table, values)

    def learn(self, table: ParameterTable, values: FloatArray) -> None:
        self._improvement(self._turns.learned(table, values))
        for member in list(self._members):
            self._let_hear(member, member.search.learn, table, values)

    def _let_hear(
        self,
        member: _Member,
        listener: Callable[[ParameterTable, FloatArray], None],
        table: ParameterTable,
        values: FloatArray,
    ) -> None:
        try:
            listener(table, values)
        except MODEL_FAILURES as failure:
            self._expel(member, failure)

    def _expel(self, member: _Member, failure: Exception) -> None:
        """Go on without a member. Raises its failure where it was the last one."""
        self._members = [each for each in self._members if each is not member]
        if not self._members:
            raise failure

    def _next(self) -> _Member | None:
        """The member that has spent least, the first of equals; None when none has anything left to propose."""
        return min((member for member in self._members if not member.over), key=lambda m: m.spent, default=None)

    def _weight(self, member: _Member) -> float:
        most = max(each.success for each in self._members)
        return max(member.success / most, _LEAST_WEIGHT) if most > 0.0 else 1.0

    def _improvement(self, told: FloatArray) -> float:
        """The share of these rows that no earlier one was as good as or better than; they then count as earlier."""
        known = told[~np.isnan(told).any(axis=1)]
        if not len(known):
            return 0.0
        beaten = (self._front[:, None, :] <= known[None, :, :]).all(axis=2).any(axis=0)
        if not beaten.all():
            joined = np.concatenate([self._front, known[~beaten]])
            self._front = joined[pareto_ranks(joined) == 1]
        return float((~beaten).sum() / len(told))


def _learner(name: str, search: Optimizer) -> Learner:
    if not isinstance(search, Learner):
        raise InvalidInput(
            f"method {name!r} cannot be in an ensemble: it takes no results of others",
            fix="leave it out, or search with it alone",
        )
    return search
