"""Small tasks to try an executor with. Their functions do on purpose what a person's code may do by accident."""

from __future__ import annotations

import hashlib
import os
import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

import numpy as np

from autonomous_trading.app import Context, Evaluate, EvaluateInContext, Recipe, SharedArray, Task
from autonomous_trading.core import FloatArray, IntArray, ParameterTable

__all__ = ["Reading", "Stamping", "drawn", "killing", "pair", "sleeping"]

FATAL = 13
"""The value of x that `killing` dies of."""


def pair(x: float, y: int) -> tuple[float, float]:
    """Two numbers that depend on every bit of x."""
    return float(np.sin(x) * y), x / 3.0


def drawn(x: float, seed: int) -> float:
    """A draw that no other seed gives."""
    return x + float(np.random.default_rng(seed).random())


def killing(x: float) -> float:
    """x, or the sudden end of the process."""
    if x == FATAL:
        os.kill(os.getpid(), signal.SIGKILL)
    return x


def sleeping(x: float) -> float:
    """x, after so many seconds."""
    time.sleep(x)
    return x


@final
@dataclass(frozen=True, slots=True)
class Reading(Task):
    """Another task, built but not asked: every set is worth the sum of all its arrays, each of which is read."""

    inner: Task

    def build(self) -> Evaluate:
        """The sum, in this process."""
        return _Sum(self.inner.build(), self.inner.split(mapped=True)[1])

    def split(self, *, mapped: bool) -> tuple[Recipe, Mapping[str, SharedArray]]:
        """The parts of the other task, to be read elsewhere."""
        recipe, arrays = self.inner.split(mapped=mapped)
        return _ReadingRecipe(recipe), arrays


@final
@dataclass(frozen=True, slots=True)
class _ReadingRecipe(Recipe):
    inner: Recipe

    def build_on(self, arrays: Mapping[str, SharedArray]) -> Evaluate:
        return _Sum(self.inner.build_on(arrays), arrays)


@final
@dataclass(frozen=True, slots=True)
class _Sum:
    built: Evaluate
    arrays: Mapping[str, SharedArray]

    def __call__(self, table: ParameterTable, _seeds: IntArray) -> Mapping[str, FloatArray]:
        total = float(sum(float(array.sum(dtype=np.float64)) for array in self.arrays.values()))
        return {"total": np.full(len(table), total)}


@final
@dataclass(frozen=True, slots=True)
class Stamping(Task):
    """Another task, and beside its columns a number that every name, shape and bit of the context decides; or 0."""

    inner: Task

    def build(self) -> Evaluate:
        """The evaluation, in this process."""
        return _stamping(self.inner.build())

    def split(self, *, mapped: bool) -> tuple[Recipe, Mapping[str, SharedArray]]:
        """The parts of the other task."""
        recipe, arrays = self.inner.split(mapped=mapped)
        return _StampingRecipe(recipe), arrays


@final
@dataclass(frozen=True, slots=True)
class _StampingRecipe(Recipe):
    inner: Recipe

    def build_on(self, arrays: Mapping[str, SharedArray]) -> Evaluate:
        return _stamping(self.inner.build_on(arrays))


def _stamping(evaluate: Evaluate) -> EvaluateInContext:
    def stamped(table: ParameterTable, seeds: IntArray, context: Context | None) -> Mapping[str, FloatArray]:
        facts = [(name, each.shape, each.tobytes()) for name, each in (context or {}).items()]
        stamp = int.from_bytes(hashlib.sha256(repr(facts).encode()).digest()[:6], "big") if facts else 0
        return {**evaluate(table, seeds), "stamp": np.full(len(table), float(stamp))}

    return EvaluateInContext(stamped)
