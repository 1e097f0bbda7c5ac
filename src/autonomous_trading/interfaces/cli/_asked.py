"""How the running command was asked for, so that a recorded search can be asked for again."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple

__all__ = ["ask_again", "asked", "asked_with"]


class _Asked(NamedTuple):
    arguments: tuple[str, ...]
    run: Callable[[list[str]], int]


_ASKED: ContextVar[_Asked | None] = ContextVar("asked", default=None)


@contextmanager
def asked_with(arguments: Sequence[str], run: Callable[[list[str]], int]) -> Iterator[None]:
    """Remember the arguments while their command runs, and the function that runs others."""
    token = _ASKED.set(_Asked(tuple(arguments), run))
    try:
        yield
    finally:
        _ASKED.reset(token)


def asked() -> tuple[str, ...]:
    """The arguments of the running command, its name first."""
    found = _ASKED.get()
    return () if found is None else found.arguments


def ask_again(arguments: Sequence[str]) -> int:
    """Run another command in place of this one; its exit code."""
    found = _ASKED.get()
    return 1 if found is None else found.run(list(arguments))
