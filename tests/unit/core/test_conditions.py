"""Parameters that count only beside certain values of others."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autonomous_trading.core import (
    BoolParameter,
    CategoricalParameter,
    FloatParameter,
    IntParameter,
    InvalidParameter,
    Space,
    UnknownName,
)
from autonomous_trading.search import METHODS, make_optimizer


def space() -> Space:
    """A kind of average, with a window for two of three kinds and a shape for one of the two, if it is used."""
    return Space(
        {
            "kind": CategoricalParameter(["sma", "ema", "none"], default="sma"),
            "window": IntParameter(2, 5, default=3, when={"kind": ["sma", "ema"]}),
            "shaped": BoolParameter(default=False, when={"kind": "ema"}),
            "shape": FloatParameter(0.5, 2.0, default=1.0, step=0.5, when={"shaped": True}),
        }
    )


def test_what_does_not_count_holds_its_default() -> None:
    table = space().from_unit(np.random.default_rng(3).random((500, 4)))
    rows = [dict(row) for row in table.rows()]
    assert {row["window"] for row in rows if row["kind"] == "none"} == {3}
    assert {row["shaped"] for row in rows if row["kind"] != "ema"} == {False}
    assert {row["shape"] for row in rows if not row["shaped"]} == {1.0}
    assert {row["shape"] for row in rows if row["shaped"]} == {0.5, 1.0, 1.5, 2.0}


def test_a_grid_has_every_different_set_once() -> None:
    rows = list(space().grid().rows())
    assert len(rows) == len(set(rows)) == 4 + 4 + 4 * 4 + 1


def test_a_value_for_what_does_not_count_is_refused() -> None:
    assert space().choose({"kind": "none"})["window"] == 3
    assert space().choose({"kind": "ema", "shaped": True, "shape": 2.0})["shape"] == 2.0
    with pytest.raises(InvalidParameter, match="'window' counts only where kind is 'sma' or 'ema'; it was given 5"):
        space().choose({"kind": "none", "window": 5})
    with pytest.raises(InvalidParameter, match="'shape' counts only where shaped is True"):
        space().choose({"kind": "ema", "shape": 2.0})


@given(st.integers(0, 2**32))
def test_a_set_keeps_its_values_on_the_way_to_the_unit_cube_and_back(seed: int) -> None:
    table = space().from_unit(np.random.default_rng(seed).random((8, 4)))
    again = space().from_unit(space().to_unit(table))
    assert list(again.rows()) == list(table.rows())


@pytest.mark.parametrize("method", [name for name, each in METHODS.items() if name != "cmaes"])
def test_every_method_evaluates_no_set_twice(method: str) -> None:
    optimizer = make_optimizer(method, space(), trials=60, seed=1)
    found = []
    while len(batch := optimizer.ask()):
        found += list(batch.rows())
        optimizer.tell(batch, np.arange(len(batch), dtype=np.float64)[:, None])
    assert len(found) == len(set(found)) == 25


@pytest.mark.parametrize(
    ("when", "match"),
    [
        ("kind", "when must name another parameter and its values"),
        (7, "when must name another parameter and its values"),
        ({}, "when must name another parameter and its values"),
    ],
)
def test_a_condition_has_a_form(when: object, match: str) -> None:
    with pytest.raises(InvalidParameter, match=match):
        IntParameter(1, 2, default=1, when=when)


def test_a_condition_asks_for_what_is_there_before_it() -> None:
    number = IntParameter(1, 2, default=1, when={"kind": "a"})
    kind = CategoricalParameter(["a", "b"], default="a")
    with pytest.raises(UnknownName, match="unknown parameter in when of 'x'"):
        Space({"x": number})
    with pytest.raises(InvalidParameter, match="asks for 'kind', which is not declared before it"):
        Space({"x": number, "kind": kind})
    with pytest.raises(InvalidParameter, match="must be one of 'a', 'b'; got 'c'"):
        Space({"kind": kind, "x": IntParameter(1, 2, default=1, when={"kind": "c"})})
    with pytest.raises(InvalidParameter, match="names no value of 'kind'"):
        Space({"kind": kind, "x": IntParameter(1, 2, default=1, when={"kind": []})})
