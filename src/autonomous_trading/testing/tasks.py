"""Small tasks to try an executor with. Their functions do on purpose what a person's code may do by accident."""

from __future__ import annotations

import os
import signal
import time

import numpy as np

__all__ = ["drawn", "killing", "pair", "sleeping"]

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
