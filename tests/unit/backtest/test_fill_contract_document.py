"""The written contract and its examples name each other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

HERE = Path(__file__).parent
DOCUMENT = HERE.parents[2] / "docs" / "reference" / "fill-contract.md"
EXAMPLES = sorted(HERE.glob("test_fill_contract*_examples.py"))


def clauses() -> dict[str, str]:
    """Text of each clause by its number."""
    parts = re.split(r"^## (F\d+) ", DOCUMENT.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def examples() -> set[str]:
    """Names of all hand-worked examples."""
    return {
        name
        for path in EXAMPLES
        for name in re.findall(r"^ +def (test_\w+)", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    }


@pytest.mark.parametrize("number", [f"F{n}" for n in range(1, 11)])
def test_every_clause_names_examples_that_exist(number: str) -> None:
    named = set(re.findall(r"`(test_\w+)`", clauses()[number]))
    assert named, f"clause {number} names no example"
    assert named - examples() == set()


def test_every_example_is_named() -> None:
    named = set(re.findall(r"`(test_\w+)`", DOCUMENT.read_text(encoding="utf-8")))
    assert examples() - named == set()
