"""Constraints on results: what is read, what is refused, and by how much a value breaks a bound."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autonomous_trading.core import InvalidInput
from autonomous_trading.search import ValueConstraint, parse_constraint

FINITE = st.floats(allow_nan=False, allow_infinity=False)
SMALLEST = np.nextafter(0.0, 1.0)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("trade_count >= 30", ValueConstraint("trade_count", ">=", 30.0)),
        ("  max_drawdown<=.25 ", ValueConstraint("max_drawdown", "<=", 0.25)),
        ("a.b > -1e-3", ValueConstraint("a.b", ">", -0.001)),
        ("x<+2.", ValueConstraint("x", "<", 2.0)),
        ("x == 7", ValueConstraint("x", "==", 7.0)),
    ],
)
def test_a_text_means_a_constraint(text: str, meant: ValueConstraint) -> None:
    assert parse_constraint(text) == meant


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("trade_count", "compares nothing: it has no operator"),
        ("", "compares nothing"),
        ("trade_count != 3", "unknown operator '!='"),
        ("trade_count = 3", "unknown operator '='"),
        ("trade_count => 3", "unknown operator '=>'"),
        (">= 3", "has to start with one name; got ''"),
        ("a + b >= 3", r"has to start with one name; got 'a \+ b'"),
        ("3 <= a", "has to start with one name; got '3'"),
        ("a >= b", "has to end with a finite number; got 'b'"),
        ("a >= 3 >= 2", "has to end with a finite number; got '3 >= 2'"),
        ("a >= 1e999", "has to end with a finite number"),
        ("a >= inf", "has to end with a finite number; got 'inf'"),
        ("a >= nan", "has to end with a finite number"),
        ("a >= 1_000", "has to end with a finite number"),
        ("a >= 30 %", "has to end with a finite number; got '30 %'"),
        ("__import__('os') >= 3", "has to start with one name"),
    ],
)
def test_anything_else_is_refused_with_an_example(text: str, complaint: str) -> None:
    with pytest.raises(InvalidInput, match=f'{complaint}.*Fix: write a name, .* such as "trade_count >= 30"'):
        parse_constraint(text)


def test_what_is_no_text_is_refused() -> None:
    with pytest.raises(InvalidInput, match="a constraint is a text; got 3"):
        parse_constraint(3)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "violations"),
    [
        ("x >= 1", [3.0, 0.0, 0.0, 0.0, np.inf, np.inf]),
        ("x <= 1", [0.0, 0.0, 1.0, np.inf, 0.0, np.inf]),
        ("x > 1", [3.0, SMALLEST, 0.0, 0.0, np.inf, np.inf]),
        ("x < 1", [0.0, SMALLEST, 1.0, np.inf, 0.0, np.inf]),
        ("x == 1", [3.0, 0.0, 1.0, np.inf, np.inf, np.inf]),
    ],
)
def test_how_far_a_value_is_from_the_bound(text: str, violations: list[float]) -> None:
    values = np.array([-2.0, 1.0, 2.0, np.inf, -np.inf, np.nan])
    assert parse_constraint(text).violation(values).tolist() == violations


@given(operator=st.sampled_from([">=", "<=", ">", "<", "=="]), bound=FINITE, value=FINITE)
def test_a_violation_is_zero_exactly_where_the_comparison_holds(operator: str, bound: float, value: float) -> None:
    constraint = parse_constraint(f"x {operator} {bound!r}")
    kept = {">=": value >= bound, "<=": value <= bound, ">": value > bound, "<": value < bound, "==": value == bound}
    violation = constraint.violation(np.array([value]))[0]
    assert (violation == 0.0) == kept[operator]
    assert violation >= 0.0


@given(operator=st.sampled_from([">=", "<=", ">", "<", "=="]), bound=FINITE)
def test_its_text_means_the_same_again(operator: str, bound: float) -> None:
    constraint = parse_constraint(f"sharpe_ratio {operator} {bound!r}")
    assert parse_constraint(str(constraint)) == constraint
