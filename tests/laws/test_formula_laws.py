"""Laws of formulas: what is read can be written and read again, evaluation is the expression's, harm is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autonomous_trading.core import Expression, InvalidExpression, InvalidInput, ParameterRef, columns_of, evaluate
from autonomous_trading.features import ColumnStore, split_timeframe
from autonomous_trading.features.formulas import evaluate_formula, formula_text, parse
from autonomous_trading.testing import random_walk
from autonomous_trading.testing.formulas import (
    HOSTILE_FAMILIES,
    FormulaMix,
    hostile_texts,
    mutated,
    random_formula,
)
from tests.twins.expressions import expressions

MIX = FormulaMix(parameters=("fast",), timeframes=("4h", "1d"), extra=("vix",), depth=4)
STORE = ColumnStore(replace(random_walk(120, seed=5), extra={"vix": np.arange(120.0)}))


def read(text: str) -> Expression:
    return parse(text, parameters=("fast",), extra=("vix",))


def answer(text: str) -> Expression | InvalidInput:
    """What a text means, or the error it is refused with."""
    try:
        return read(text)
    except InvalidInput as error:
        return error


@settings(max_examples=300, deadline=None)
@given(seed=st.integers(0, 2**40))
def test_a_random_formula_is_read_written_and_read_again(seed: int) -> None:
    found = read(random_formula(np.random.default_rng(seed), mix=MIX))
    text = formula_text(found)
    assert read(text).same(found)
    assert formula_text(read(text)) == text


@settings(max_examples=300, deadline=None)
@given(seed=st.integers(0, 2**40))
def test_a_spoilt_formula_is_refused_or_means_something(seed: int) -> None:
    rng = np.random.default_rng(seed)
    text = mutated(random_formula(rng, mix=MIX), rng)
    found = answer(text)
    if isinstance(found, InvalidInput):
        assert "\n" not in str(found)
    else:
        assert read(formula_text(found)).same(found)


@settings(max_examples=300, deadline=None)
@given(text=st.text(max_size=60))
def test_any_text_is_a_formula_or_an_error_of_ours(text: str) -> None:
    found = answer(text)
    assert not isinstance(found, InvalidInput) or found.fix


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 2**40))
def test_values_are_those_of_the_expression(seed: int) -> None:
    found = read(random_formula(np.random.default_rng(seed), mix=MIX))
    if any(split_timeframe(each.name)[0] for each in columns_of(found)):
        return
    try:
        expected = evaluate(found, STORE, {"fast": 5})
    except InvalidInput:  # TA-Lib refuses arguments that do not fit together
        return
    values = evaluate_formula(found, STORE, {"fast": 5})
    assert values.shape == (120,)
    assert np.array_equal(values, expected, equal_nan=True)
    if found.is_condition:
        assert set(values.tolist()) <= {0.0, 1.0}


@settings(max_examples=150, deadline=None)
@given(expression=expressions())
def test_what_has_a_formula_is_read_as_the_same(expression: Expression) -> None:
    try:
        text = formula_text(expression)
    except InvalidExpression:
        return
    refs = [ParameterRef("flag", boolean=True), *map(ParameterRef, ("fast", "slow", "weight"))]
    assert parse(text, parameters=refs).same(expression)


@pytest.mark.parametrize("family", HOSTILE_FAMILIES)
def test_harm_is_refused(family: str) -> None:
    texts = [each.text for each in hostile_texts() if each.family == family]
    assert len(texts) > 100
    for text in texts:
        with pytest.raises(InvalidInput):
            parse(text)
