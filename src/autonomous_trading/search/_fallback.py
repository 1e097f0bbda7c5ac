"""Fallback: a method that learns, and evolution from its results when its model fails."""

from collections.abc import Callable
from typing import Final, final

import numpy as np

from autonomous_trading.core import FloatArray, ParameterTable, Space
from autonomous_trading.search._nsga2 import NSGA2
from autonomous_trading.search._optimizer import Learner, Optimizer, Turns, whole_number

_TRIALS = 200

MODEL_FAILURES: Final = (np.linalg.LinAlgError, FloatingPointError, OverflowError)
"""What counts as the failure of a model: a matrix without a factor, and numbers that left their range."""


@final
class FallbackSearch(Learner):
    """A method until its model fails, then NSGA-II, which is given everything evaluated so far.

    `primary` builds the method; it gets the same arguments as every optimiser. It has failed when it raises one of
    MODEL_FAILURES, and when it has nothing to propose although trials are left. Any other error is a mistake and is
    not caught. `trials` (default 200) are shared: NSGA-II has those that are left.
    """

    def __init__(
        self,
        space: Space,
        primary: Callable[..., Optimizer],
        *,
        n_objectives: int = 1,
        trials: int | None = None,
        seed: int = 0,
    ) -> None:
        self._space = space
        self._turns = Turns(n_objectives)
        self._left = whole_number(_TRIALS if trials is None else trials, "trials", least=1)
        self._seed = whole_number(seed, "seed", least=0)
        self._search = primary(space, n_objectives=n_objectives, trials=self._left, seed=seed)
        self._asked = self._search
        self._history: list[tuple[ParameterTable, FloatArray]] = []
        self._rescued = False

    @property
    def rescued(self) -> bool:
        """Whether NSGA-II has taken over."""
        return self._rescued

    def ask(self) -> ParameterTable:
        self._turns.open()
        batch = self._first_choice()
        if batch is None or not (len(batch) or self._rescued or not self._left):
            self._rescue()
            batch = self._search.ask()
        self._left -= len(batch)
        self._asked = self._search
        return self._turns.asked(batch)

    def tell(self, table: ParameterTable, values: FloatArray) -> None:
        self._turns.told(table, values)
        if self._asked is self._search:
            self._take(self._search.tell, table, values)
        else:  # the model failed while its batch was out
            self._learned(table, values)

    def learn(self, table: ParameterTable, values: FloatArray) -> None:
        self._turns.learned(table, values)
        self._learned(table, values)

    def _learned(self, table: ParameterTable, values: FloatArray) -> None:
        self._take(self._search.learn if isinstance(self._search, Learner) else _ignore, table, values)

    def _take(
        self,
        listener: Callable[[ParameterTable, FloatArray], None],
        table: ParameterTable,
        values: FloatArray,
    ) -> None:
        """Let the method in charge hear of results, and replace it where its model fails over them."""
        failed = False
        try:
            listener(table, values)
        except MODEL_FAILURES:
            failed = True
        self._history.append((table, np.array(values, dtype=np.float64)))
        if failed and self._left:
            self._rescue()

    def _first_choice(self) -> ParameterTable | None:
        """The batch of the method in charge; None when its model failed."""
        try:
            return self._search.ask()
        except MODEL_FAILURES:
            return None

    def _rescue(self) -> None:
        """NSGA-II in place of what failed, with every result so far."""
        rescue = NSGA2(self._space, n_objectives=self._turns.n_objectives, trials=self._left, seed=self._seed)
        for table, values in self._history:
            rescue.learn(table, values)
        self._search, self._rescued = rescue, True


def _ignore(_table: ParameterTable, _values: FloatArray) -> None:
    """A primary that takes no results of others is left alone."""
