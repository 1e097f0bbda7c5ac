"""What a worker has of the process that asks for it, whoever starts it: environment variables and standard error."""

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from multiprocessing import reduction
from typing import Any, final

__all__ = ["Surroundings"]


@final
class Surroundings:
    """Those of the process in which it is pickled; `take_over` makes them those of the process that unpickles it.

    A worker that is a copy of an earlier process would have what that one had when it started.
    """

    def __init__(self, environment: Mapping[str, str] | None = None, stderr: Any = None) -> None:
        self._environment, self._stderr = environment, stderr

    def __reduce__(self) -> tuple[Callable[..., object], tuple[Mapping[str, str], Any]]:
        stderr = None
        with suppress(OSError):  # a program may have closed it
            os.fstat(2)
            stderr = reduction.DupFd(2)
        return Surroundings, (dict(os.environ), stderr)

    def take_over(self) -> None:
        """From here on this process writes where the other one does, also its output: that could be an answer."""
        if self._environment is not None and self._environment != os.environ:
            os.environ.clear()
            os.environ.update(self._environment)
        if self._stderr is not None:
            os.dup2(self._stderr.detach(), 2)
        os.dup2(2, 1)
