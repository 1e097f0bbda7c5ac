"""Random search: independent fair draws, the yardstick for every other method."""

from typing import final

import numpy as np

from autonomous_trading.core import FloatArray, ParameterTable, Space
from autonomous_trading.search._optimizer import Learner, Turns, whole_number
from autonomous_trading.search._sampling import FeasibleSampler, row_keys

_TRIALS = 1000
_BATCH_SIZE = 4096


@final
class RandomSearch(Learner):
    """Feasible sets drawn at random, each parameter fair on its own scale; distinct if it is finite.

    `trials` sets (default 1,000), or all of them when the space has fewer.
    """

    def __init__(
        self,
        space: Space,
        *,
        n_objectives: int = 1,
        trials: int | None = None,
        seed: int = 0,
        batch_size: int = _BATCH_SIZE,
        ahead: int = 0,
    ) -> None:
        self._space = space
        self._turns = Turns(n_objectives, ahead)
        self._left = whole_number(_TRIALS if trials is None else trials, "trials", least=1)
        self._batch_size = whole_number(batch_size, "batch_size", least=1)
        rng = np.random.default_rng(whole_number(seed, "seed", least=0))
        self._sampler = FeasibleSampler(space, rng, expected=self._left)
        self._remember = space.size() is not None
        self._seen: set[bytes] = set()

    @property
    def ahead(self) -> int:
        """How many more batches may be asked for while one is out: what they are worth changes nothing."""
        return self._turns.ahead

    def ask(self) -> ParameterTable:
        self._turns.open()
        unit = self._sampler.draw(min(self._batch_size, self._left), self._seen)
        table = self._space.from_unit(unit)
        self._left = self._left - len(table) if len(table) else 0
        if self._remember:
            self._seen.update(row_keys(self._space, table))
        return self._turns.asked(table)

    def tell(self, table: ParameterTable, values: FloatArray) -> None:
        self._turns.told(table, values)

    def learn(self, table: ParameterTable, values: FloatArray) -> None:
        self._turns.learned(table, values)
        if self._remember:
            self._seen.update(row_keys(self._space, table))
