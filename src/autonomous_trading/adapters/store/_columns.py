"""Trials as columns, and the hashes that name them: what is written is hashed, and what is read is held against it.

Column by column, because a search of a million trials waits for this before it goes on: joining a column costs a
fraction of writing a line for every row.
"""

import hashlib
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any, Final, NamedTuple, TypeVar

import numpy as np
from sqlalchemy import Connection, select

from autonomous_trading.adapters.store._tables import trial
from autonomous_trading.adapters.store._trials import Written, raw_rows
from autonomous_trading.core import FloatArray, IntArray

__all__ = ["TrialColumns", "proposal_digest", "results_digest"]

_Kept = TypeVar("_Kept")
_BETWEEN: Final = "\0"
"""Stands between texts: neither parameters (JSON) nor an error that was stored can hold it."""


class TrialColumns(NamedTuple):
    """The trials of a job in trial order, column by column. results: None where a trial has not ended."""

    n: IntArray
    epoch: IntArray
    attempts: IntArray
    seed: IntArray
    batch: IntArray
    states: list[str]
    results: list[bytes | None]
    errors: list[str]
    parameters: list[str]

    @classmethod
    def read(cls, connection: Connection, job: int, stop: int) -> "TrialColumns":
        """Those with numbers below `stop`."""
        names = ("n", "epoch", "attempts", "seed", "batch", "state", "result", "error", "parameters")
        query = select(*(trial.c[name] for name in names)).where(trial.c.job == job)
        whole: list[list[IntArray]] = [[np.empty(0, dtype=np.int64)] for _ in range(5)]
        texts: tuple[list[Any], ...] = ([], [], [], [])
        for rows in raw_rows(connection, query, range(stop)):
            if rows:
                columns = list(zip(*rows, strict=True))
                for kept, column in zip(whole, columns[:5], strict=True):
                    kept.append(np.array(column, dtype=np.int64))
                for kept_texts, column in zip(texts, columns[5:], strict=True):
                    kept_texts.extend(column)
        n, epoch, attempts, seed, batch = map(np.concatenate, whole)
        return cls(n, epoch, attempts, seed, batch, *texts)

    def proposed(self, first: int, count: int) -> str:
        """The hash of the proposal of some trials, see `proposal_digest`."""
        span = slice(first, first + count)
        return proposal_digest(self.parameters[span], self.seed[span])

    def told(self, ranges: Iterable[tuple[int, int]]) -> str:
        """The hash of what was told of trials, see `results_digest`. ranges: first and last of each."""
        spans = [slice(first, last + 1) for first, last in ranges]
        whole = [np.concatenate([column[span] for span in spans]) for column in (self.n, self.epoch, self.attempts)]
        return _results_digest(
            whole, _taken(self.states, spans), _taken(self.results, spans), _taken(self.errors, spans)
        )

    def values(self, metrics: int) -> FloatArray:
        """The results of the first trials, up to the first that has none, [trials, metrics]."""
        count = next((n for n, result in enumerate(self.results) if result is None), len(self.results))
        together = b"".join(result for result in self.results[:count] if result is not None)
        return np.frombuffer(together, dtype="<f8").reshape(count, metrics)


def proposal_digest(parameters: Sequence[str], seeds: Sequence[int] | IntArray) -> str:
    """Names proposed trials by the text of their parameters and by their seeds."""
    return _hashed(np.asarray(seeds, dtype="<i8").tobytes(), _BETWEEN.join(parameters).encode())


def results_digest(ended: Sequence[Written]) -> str:
    """Names results by their exact bits, in trial order, and by the attempt that told them."""
    n, epoch, attempts, states, results, errors = zip(*ended, strict=True)
    return _results_digest(
        [np.array(column, dtype=np.int64) for column in (n, epoch, attempts)], states, results, errors
    )


def _results_digest(
    whole: Sequence[IntArray], states: Sequence[str], results: Sequence[bytes | None], errors: Sequence[str]
) -> str:
    there = [result or b"" for result in results]
    lengths = np.array([len(result) for result in there])
    numbers = np.stack([*whole, lengths]).astype("<i8").tobytes()
    return _hashed(numbers, _BETWEEN.join(states).encode(), _BETWEEN.join(errors).encode(), b"".join(there))


def _taken(column: list[_Kept], spans: list[slice]) -> list[_Kept]:
    return list(chain.from_iterable(column[span] for span in spans))


def _hashed(*parts: bytes) -> str:
    whole = hashlib.sha256()
    for part in parts:
        whole.update(len(part).to_bytes(8, "little"))
        whole.update(part)
    return whole.hexdigest()[:32]
