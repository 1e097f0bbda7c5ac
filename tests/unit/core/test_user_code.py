"""A person's code that fails: one error, with the place, chained to what happened."""

from __future__ import annotations

import json

import numpy as np
import pytest

from autonomous_trading.core import InvalidInput, NothingToReport, code_of


def test_code_that_works_is_left_alone() -> None:
    with code_of("nothing"):
        done = True
    assert done


def test_a_mistake_is_named_with_the_line_of_the_code_it_is_in() -> None:
    def divide() -> float:
        return 1 / 0

    with pytest.raises(InvalidInput) as raised, code_of("the work"):
        divide()
    line = divide.__code__.co_firstlineno + 1
    assert str(raised.value) == (
        f"the work failed: ZeroDivisionError: division by zero (test_user_code.py, line {line})."
        " Fix: correct that code, then run it again"
    )
    assert isinstance(raised.value.__cause__, ZeroDivisionError)


def test_the_line_is_the_innermost_one_of_that_code_not_of_the_library_it_called() -> None:
    def parse() -> object:
        return json.loads("{")

    with pytest.raises(InvalidInput) as raised, code_of("the work"):
        parse()
    assert f"(test_user_code.py, line {parse.__code__.co_firstlineno + 1})" in str(raised.value)


def test_a_mistake_without_code_of_a_person_has_no_line() -> None:
    error = InvalidInput("ours", fix="x")
    with pytest.raises(InvalidInput, match=r"^ours"), code_of("the work"):
        raise error
    with pytest.raises(NothingToReport), code_of("the work"):
        raise NothingToReport("nothing")


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, MemoryError, GeneratorExit])
def test_what_is_no_mistake_passes(error: type[BaseException]) -> None:
    with pytest.raises(error), code_of("the work"):
        raise error


@pytest.mark.parametrize(
    "error",
    [ArithmeticError, AssertionError, AttributeError, EOFError, ImportError, KeyError, NameError, OSError, RuntimeError,
     RecursionError, TypeError, ValueError, np.linalg.LinAlgError],
)  # fmt: skip
def test_every_kind_of_mistake_is_caught(error: type[Exception]) -> None:
    with pytest.raises(InvalidInput, match=rf"^the work failed: {error.__name__}: "), code_of("the work"):
        raise error("why")
