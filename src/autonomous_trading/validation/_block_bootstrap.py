"""Drawing a history again, in blocks: what depends on what came just before stays together.

Circular blocks have one length and may run over the end to the beginning; stationary blocks have random lengths with
that mean (Politis and Romano 1992, 1994). How long they should be is read off the data (Politis and White 2004, as
corrected by Patton, Politis and White 2009), computed by the library arch.
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

from autonomous_trading.core import FloatArray, IntArray, InvalidInput, unknown_name

BlockScheme = Literal["circular", "stationary"]
_SCHEMES = ("circular", "stationary")


def block_length(returns: FloatArray, *, scheme: BlockScheme = "circular", squares: bool = True) -> float:
    """Length of blocks that suits the returns [periods] and their squares: the longer of the two, at least 1.

    Squares count because turbulent times cluster also where returns do not depend on each other; what is asked about
    means alone leaves them out, for blocks longer than it takes reject too often.
    """
    from arch.bootstrap import optimal_block_length

    _check_scheme(scheme)
    n = len(returns)
    if n < 8 or not bool(np.isfinite(returns).all()):
        raise InvalidInput(f"blocks need eight finite returns or more, got {n}", fix="bring more data")
    if float(np.ptp(returns)) == 0.0:
        return 1.0
    centred = returns - returns.mean()
    with np.errstate(divide="ignore", invalid="ignore"):  # of so few returns arch correlates the last one with itself
        found = optimal_block_length(np.column_stack([centred, centred * centred] if squares else [centred]))
    lengths = found[scheme].to_numpy(dtype=np.float64)
    usable = lengths[np.isfinite(lengths)]
    return float(np.clip(usable.max() if len(usable) else 1.0, 1.0, max(1.0, n / 3.0)))


def block_indices(
    n: int, paths: int, length: float, rng: np.random.Generator, *, scheme: BlockScheme = "circular", size: int = 0
) -> IntArray:
    """Positions that make `paths` new histories of `size` periods (default n) out of n, [paths, size].

    >>> block_indices(5, 1, 5, np.random.default_rng(0)).tolist()
    [[4, 0, 1, 2, 3]]
    """
    _check_scheme(scheme)
    size = size or n
    if scheme == "stationary":
        return _stationary(n, paths, max(length, 1.0), rng, size)
    whole = max(1, min(n, math.ceil(length)))
    starts = rng.integers(n, size=(paths, math.ceil(size / whole)))
    index: IntArray = (starts[:, :, np.newaxis] + np.arange(whole)).reshape(paths, -1)[:, :size] % n
    return index


def _stationary(n: int, paths: int, length: float, rng: np.random.Generator, size: int) -> IntArray:
    """Blocks of geometric length, as many per path as it takes, each cut where the path ends."""
    ends = np.zeros((paths, 1), dtype=np.int64)
    while int(ends[:, -1].min()) < size:
        lengths = rng.geometric(1.0 / length, size=(paths, math.ceil(1.2 * size / length) + 8))
        ends = np.concatenate([ends, ends[:, -1:] + np.cumsum(lengths, axis=1)], axis=1)
    begins = np.minimum(ends[:, :-1], size)
    counts = np.minimum(ends[:, 1:], size) - begins
    starts = rng.integers(n, size=begins.shape)
    shift = np.repeat((starts - begins).ravel(), counts.ravel()).reshape(paths, size)
    shift += np.arange(size)
    index: IntArray = np.mod(shift, n, out=shift)
    return index


def _check_scheme(scheme: str) -> None:
    if scheme not in _SCHEMES:
        raise unknown_name("scheme", scheme, _SCHEMES)
