"""What decides a result changes the identity of a search; what does not, leaves it."""

from __future__ import annotations

import functools
import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from autonomous_trading.interfaces.python._code_identity import identity_of, program_identity

SOURCE = """
import helper
STEP = {step}

def score(x, base={base}):
    return helper.twice(x) + base + STEP

class Keeper:
    def __init__(self, weight):
        self.weight = weight
    def __call__(self, x):
        return x * self.weight
    def method(self, x):
        return x + self.weight

def made(limit):
    def inner(x):
        return min(x, limit)
    return inner
"""
HELPER = "def twice(x):\n    return x * {factor}\n"

Load = Callable[..., ModuleType]


@pytest.fixture(autouse=True)
def nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files change within a second here, and what Python compiled and kept is told from them by whole seconds."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    """A module of a person's own, written and imported again with other numbers in it."""
    monkeypatch.syspath_prepend(tmp_path)

    def again(step: int = 1, base: int = 2, factor: int = 2, before: str = "") -> ModuleType:
        (tmp_path / "scored.py").write_text(before + SOURCE.format(step=step, base=base))
        (tmp_path / "helper.py").write_text(HELPER.format(factor=factor))
        for name in ("scored", "helper"):
            monkeypatch.delitem(sys.modules, name, raising=False)
        importlib.invalidate_caches()
        return importlib.import_module("scored")

    return again


def test_the_same_code_has_the_same_identity(load: Load) -> None:
    first = identity_of(load().score)
    assert len(first) == 32
    assert identity_of(load().score) == first


@pytest.mark.parametrize("changed", [{"step": 9}, {"base": 9}, {"factor": 9}], ids=["global", "default", "module"])
def test_a_number_that_decides_a_result_makes_another_identity(load: Load, changed: dict[str, int]) -> None:
    assert identity_of(load().score) != identity_of(load(**changed).score)


@pytest.mark.parametrize(
    "make",
    [
        lambda module, value: functools.partial(module.score, base=value),
        lambda module, value: functools.partial(module.score, value),
        lambda module, value: module.made(value),
        lambda module, value: module.Keeper(value),
        lambda module, value: module.Keeper(value).method,
        lambda module, value: module.Keeper({"a": [value, 1]}),
        lambda module, value: module.Keeper({value, "b"}),
        lambda module, value: module.Keeper(np.array([1.0, value])),
        lambda module, value: functools.partial(functools.partial(module.score, base=1), value),
    ],
    ids=["keyword", "argument", "closure", "object", "method", "nested", "set", "array", "partial of a partial"],
)
def test_what_code_was_made_with_counts(load: Load, make: Callable[[ModuleType, int], Any]) -> None:
    module = load()
    assert identity_of(make(module, 1)) == identity_of(make(module, 1))
    assert identity_of(make(module, 1)) != identity_of(make(module, 2))


def test_where_an_object_lies_does_not_count(load: Load) -> None:
    module = load()
    assert identity_of(module.Keeper(object())) == identity_of(module.Keeper(object()))


def test_code_that_holds_itself_has_an_identity(load: Load) -> None:
    keeper = load().Keeper(1)
    keeper.weight = keeper
    assert identity_of(keeper) == identity_of(keeper)


def test_an_edit_after_the_import_does_not_change_what_runs(load: Load, tmp_path: Path) -> None:
    module = load()
    before = identity_of(module.score)
    (tmp_path / "helper.py").write_text(HELPER.format(factor=9))
    assert identity_of(module.score) == before


TYPED = """
class Kept:
    size = 3
    def __call__(self, x):
        return [y + 1 for y in x]
"""


def typed_in(folder: Path, text: str) -> ModuleType:
    """A module that Python finds no source of: what a notebook or a prompt defines."""
    path = folder / "typed.py"
    path.write_text(text)
    spec = importlib.util.spec_from_file_location("__main__", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    path.unlink()
    return module


@pytest.mark.parametrize(("old", "new"), [("y + 1", "y + 2"), ("y + 1", "y - 1"), ("size = 3", "size = 4")])
def test_code_that_was_typed_in_has_an_identity(tmp_path: Path, old: str, new: str) -> None:
    first, same, other = (typed_in(tmp_path, text).Kept for text in (TYPED, TYPED, TYPED.replace(old, new)))
    assert identity_of(first()) == identity_of(same()) != identity_of(other())
    assert identity_of(first) == identity_of(same) != identity_of(other)


def test_a_function_that_was_typed_in_has_an_identity(tmp_path: Path) -> None:
    first, same, other = (typed_in(tmp_path, f"def f(x):\n    return x + {step}\n").f for step in (1, 1, 2))
    assert identity_of(first) == identity_of(same) != identity_of(other)
    assert identity_of(len) != identity_of(max)


def test_the_program_has_one() -> None:
    assert len(program_identity()) == 16
    assert program_identity() == program_identity()
