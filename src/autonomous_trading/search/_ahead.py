"""Proposing ahead: several batches out at once, from instances of a method that hear of each other's sets."""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple, final

import numpy as np

from autonomous_trading.core import FloatArray, InvalidInput, ParameterTable, Space
from autonomous_trading.search._optimizer import Learner, Optimizer, Turns, whole_number
from autonomous_trading.search._sampling import FeasibleSampler, row_keys

MOST_AHEAD = 16
"""A search that is further ahead would hardly learn any more."""


@final
@dataclass(slots=True)
class _Lane:
    """One instance of the method, and the proposal of it that it was not told yet: its rows by name."""

    search: Learner
    table: ParameterTable | None = None
    keys: dict[bytes, None] = field(default_factory=dict)
    over: bool = False


class _Batch(NamedTuple):
    """What was handed out: the sets, their names, and whose proposal they come from (None: nobody's)."""

    table: ParameterTable
    keys: list[bytes]
    lane: _Lane | None


@final
class AheadSearch(Learner):
    """A method that has up to 1 + `ahead` batches out at once, in 1 + `ahead` lanes.

    `build` makes the method, once per lane, each with a seed of its own (the first with that of the search) and the
    whole budget of `trials`. Lanes take turns: batch n is the proposal of lane n mod (1 + ahead). A lane is told its
    own batches and learns those of the others. Batch n is proposed from what the batches up to n - 1 - ahead were
    worth, also where later ones have been told already: so proposals depend on values only, and not on when they are
    asked for, which is what makes a search the same on any number of workers.

    What another lane has proposed already is taken out of a proposal; its lane is told what became known of it, in the
    same call as of the rest. Where that leaves nothing, and where a lane has nothing left, fair draws step in, so that
    the search ends with its trials or with the space.
    """

    def __init__(
        self,
        space: Space,
        build: Callable[..., Optimizer],
        *,
        ahead: int,
        trials: int,
        n_objectives: int = 1,
        seed: int = 0,
    ) -> None:
        self._space = space
        self._turns = Turns(n_objectives, ahead)
        self._left = self._trials = whole_number(trials, "trials", least=1)
        first = whole_number(seed, "seed", least=0)
        spawned = [int(each.generate_state(1)[0]) for each in np.random.SeedSequence(first).spawn(ahead + 1)]
        self._lanes = [
            _Lane(_learner(build(space, n_objectives=n_objectives, trials=trials, seed=each)))
            for each in (first, *spawned[:-1])
        ]
        self._draws_seed = spawned[-1]
        self._draws: FeasibleSampler | None = None
        # Every set that was handed out or learned, and what it was worth; nothing where the lanes may not know yet.
        self._known: dict[bytes, tuple[float, ...]] = {}
        self._out: deque[_Batch] = deque()
        self._told: deque[tuple[_Batch, FloatArray]] = deque()
        self._number = 0
        self._passed_on = 0

    @property
    def ahead(self) -> int:
        return self._turns.ahead

    def ask(self) -> ParameterTable:
        self._turns.open()
        batch = _Batch(self._space.table([]), [], None)
        if self._left:
            while self._passed_on < self._number - self.ahead:
                self._pass_on(*self._told.popleft())
            batch = self._next_batch()
        self._left = self._left - len(batch.table) if len(batch.table) else 0
        if len(batch.table):
            self._known.update(dict.fromkeys(batch.keys, ()))
            self._out.append(batch)
            self._number += 1
        return self._turns.asked(batch.table)

    def tell(self, table: ParameterTable, values: FloatArray) -> None:
        self._turns.told(table, values)
        self._told.append((self._out.popleft(), np.array(values, dtype=np.float64)))

    def learn(self, table: ParameterTable, values: FloatArray) -> None:
        self._turns.learned(table, values)
        self._teach(table, row_keys(self._space, table), np.array(values, dtype=np.float64))

    def _next_batch(self) -> _Batch:
        """The new sets of the lane whose turn it is, or of the next one that has some; else fair draws."""
        wanted = 1
        for lane in self._free_lanes():
            table = lane.search.ask()
            if not len(table):
                lane.over = True
                continue
            wanted, keys = len(table), row_keys(self._space, table)
            lane.table, lane.keys = table, dict.fromkeys(keys)
            new = [row for row, key in enumerate(keys) if key not in self._known][: self._left]
            if new:
                return _Batch(table.take(np.array(new)), [keys[row] for row in new], lane)
            return self._drawn(wanted, lane)
        return self._drawn(wanted, None)

    def _free_lanes(self) -> Iterator[_Lane]:
        """Lanes that may propose, the one whose turn it is first. One that was not told its last batch may not."""
        turn = self._number % len(self._lanes)
        for lane in (*self._lanes[turn:], *self._lanes[:turn]):
            if not lane.over and lane.table is None:
                yield lane

    def _drawn(self, wanted: int, lane: _Lane | None) -> _Batch:
        if self._draws is None:
            rng = np.random.default_rng(self._draws_seed)
            self._draws = FeasibleSampler(self._space, rng, expected=self._trials)
        table = self._space.from_unit(self._draws.draw(min(wanted, self._left), self._known.keys()))
        return _Batch(table, row_keys(self._space, table), lane)

    def _pass_on(self, batch: _Batch, values: FloatArray) -> None:
        """Let every lane know what a batch was worth."""
        self._teach(batch.table, batch.keys, values)
        lane = batch.lane
        if lane is not None and lane.table is not None:
            # Rows of other lanes are older than this batch, so what they were worth is known by now.
            lane.search.tell(lane.table, np.array([self._known[key] for key in lane.keys]))
            lane.table, lane.keys = None, {}
        self._passed_on += 1

    def _teach(self, table: ParameterTable, keys: list[bytes], values: FloatArray) -> None:
        """Every lane learns the rows that it is not going to be told."""
        self._known.update(zip(keys, map(tuple, values.tolist()), strict=True))
        for lane in self._lanes:
            rows = np.array([row for row, key in enumerate(keys) if key not in lane.keys], dtype=np.int64)
            if len(rows) and not lane.over:
                lane.search.learn(table.take(rows), values[rows])


def _learner(search: Optimizer) -> Learner:
    if not isinstance(search, Learner):
        raise InvalidInput(
            "this method cannot propose ahead: it takes no results of others", fix="leave ahead out, or use ahead=0"
        )
    return search
