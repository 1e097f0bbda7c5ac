"""Laws of expressions: compiled equals evaluated, and a plain number may stand for the parameter it is a value of."""

import copy

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from autonomous_trading.core import (
    Expression,
    FloatArray,
    InvalidExpression,
    ParameterTable,
    as_expression,
    bind,
    compile_expression,
    distinct_columns,
    evaluate,
    parameters_of,
)
from tests.twins.expressions import SeededColumns, expressions, tables, with_plain_numbers
from tests.twins.programs import interpret


def bits(values: FloatArray | list[float]) -> list[int]:
    """Bit patterns, with one pattern for all NaN."""
    array = np.array(values, dtype=np.float64)
    array[np.isnan(array)] = np.nan
    found: list[int] = array.view(np.int64).tolist()
    return found


@settings(max_examples=150, deadline=None)
@given(
    expression=expressions(),
    n_bars=st.integers(1, 25),
    rows=st.integers(1, 5),
    block=st.integers(1, 12),
    seed=st.integers(0, 10**6),
)
def test_the_compiled_program_gives_the_bits_of_evaluation(
    expression: Expression, n_bars: int, rows: int, block: int, seed: int
) -> None:
    source = SeededColumns(n_bars, seed)
    table = tables(rows, seed)
    program = compile_expression(expression)
    bound = bind(program, table, source)
    assert len(bound.matrix) <= distinct_columns(program, table)
    for row in range(rows):
        expected = bits(evaluate(expression, source, table.row(row)))
        assert bits(interpret(bound, row, n_bars)) == expected
        assert bits(interpret(bound, row, block)) == expected


@settings(max_examples=60, deadline=None)
@given(expression=expressions(), cut=st.integers(1, 20), seed=st.integers(0, 10**6))
def test_conditions_are_never_unknown(expression: Expression, cut: int, seed: int) -> None:
    values = evaluate(expression, SeededColumns(cut, seed), tables(1, seed).row(0))
    assert values.shape == (cut,)
    if expression.is_condition:
        assert set(values.tolist()) <= {0.0, 1.0}


@settings(max_examples=60, deadline=None)
@given(expression=expressions(), seed=st.integers(0, 10**6))
def test_a_table_of_one_set_and_of_many_give_the_same_numbers(expression: Expression, seed: int) -> None:
    source = SeededColumns(9, seed)
    table = tables(4, seed)
    program = compile_expression(expression)
    together = bind(program, table, source)
    for row in range(4):
        alone = bind(program, table.take([row]), source)
        assert bits(alone.scalars[0]) == bits(together.scalars[row])
        for leaf in range(len(program.leaves)):
            expected = bits(together.matrix[together.rows[row, leaf]])
            assert bits(alone.matrix[alone.rows[0, leaf]]) == expected


@settings(max_examples=60, deadline=None)
@given(expression=expressions())
def test_an_expression_survives_copying(expression: Expression) -> None:
    copied = copy.deepcopy(expression)
    assert copied.same(expression)
    assert str(copied) == str(expression)
    assert parameters_of(copied) == parameters_of(expression)
    assert (copied.is_condition, copied.is_static) == (expression.is_condition, expression.is_static)


@settings(max_examples=60, deadline=None)
@given(expression=expressions())
def test_programs_use_only_what_they_computed(expression: Expression) -> None:
    program = compile_expression(expression)
    written: set[int] = set()
    for opcode, out, *operands in program.code.tolist():
        used = {0: 0, 1: 0, 2: 1, 26: 3}.get(opcode, 1 if opcode in range(18, 26) else 2)
        assert set(operands[:used]) <= written
        assert opcode != 2 or operands[0] != out
        written.add(out)
    assert written == set(range(program.n_registers))
    loads = [tuple(line) for line in program.code[program.code[:, 0] < 2][:, [0, 2]].tolist()]
    assert sorted(loads) == [(0, k) for k in range(len(program.leaves))] + [(1, k) for k in range(len(program.scalars))]


@settings(max_examples=30, deadline=None)
@given(expression=expressions(), seed=st.integers(0, 10**6))
def test_an_empty_table_binds(expression: Expression, seed: int) -> None:
    empty = ParameterTable({name: tables(1, seed).column(name)[:0] for name in tables(1, seed).names})
    bound = bind(compile_expression(expression), empty, SeededColumns(5, seed))
    assert bound.rows.shape[0] == 0
    assert bound.scalars.shape[0] == 0


@settings(max_examples=150, deadline=None)
@given(expression=expressions(), seed=st.integers(0, 10**6))
def test_plain_numbers_in_place_of_parameters_give_the_same_bits(expression: Expression, seed: int) -> None:
    source = SeededColumns(12, seed)
    chosen = tables(1, seed).row(0)
    try:
        plain = with_plain_numbers(expression, chosen)
    except (ZeroDivisionError, InvalidExpression):
        return  # Python refuses to divide plain numbers by zero, and 0 bars make no window
    expected = bits(evaluate(expression, source, chosen))
    assert bits(evaluate(as_expression(plain), source)) == expected
