"""Compiled programs: small examples in full, and what binding computes."""

import numpy as np
import pytest

from autonomous_trading.core import (
    ColumnArgument,
    Expression,
    FloatArray,
    InvalidExpression,
    ParameterRef,
    ParameterTable,
    UnknownName,
    as_expression,
    bind,
    column,
    compile_expression,
    distinct_columns,
    evaluate,
    where,
)
from tests.twins.expressions import SeededColumns, built
from tests.twins.programs import interpret

FAST, SLOW = ParameterRef("fast"), ParameterRef("slow")
CLOSE = column("close")


def sma(window: Expression | int) -> Expression:
    return column("sma", [window])


def texts(parts: tuple[Expression, ...]) -> list[str]:
    return [str(part) for part in parts]


def pairs(n_fast: int, n_slow: int) -> ParameterTable:
    fast, slow = np.meshgrid(np.arange(n_fast) + 2, np.arange(n_slow) + 10)
    return ParameterTable({"fast": fast.ravel(), "slow": slow.ravel()})


def test_a_crossing_of_averages_is_three_instructions() -> None:
    program = compile_expression(sma(FAST) > sma(SLOW))
    assert program.code.tolist() == [[0, 0, 0, 0, 0], [0, 1, 1, 0, 0], [11, 2, 0, 1, 0]]
    assert texts(program.leaves) == ["sma(fast)", "sma(slow)"]
    assert program.scalars == ()
    assert (program.n_registers, program.result, program.is_condition, program.halo) == (3, 2, True, 0)


def test_parts_without_parameters_are_columns_as_a_whole() -> None:
    program = compile_expression((CLOSE.rolling_mean(5) / CLOSE - 1) * FAST / 100)
    assert texts(program.leaves) == ["rolling_mean(close, 5) / close - 1"]
    assert texts(program.scalars) == ["fast", "100"]


def test_parts_without_columns_are_one_number() -> None:
    program = compile_expression(CLOSE * (np.log(FAST) + SLOW * 2))
    assert texts(program.leaves) == ["close"]
    assert texts(program.scalars) == ["log(fast) + slow * 2"]


@pytest.mark.parametrize("expression", [CLOSE, sma(FAST), CLOSE > 1, np.log(CLOSE * FAST), CLOSE.shift(FAST)])
def test_a_bare_column_is_one_load(expression: Expression) -> None:
    program = compile_expression(expression)
    assert program.code.tolist() == [[0, 0, 0, 0, 0]]
    assert program.leaves[0].same(expression)


def test_a_bare_number_is_one_load() -> None:
    program = compile_expression(FAST * 2)
    assert program.code.tolist() == [[1, 0, 0, 0, 0]]
    assert texts(program.scalars) == ["fast * 2"]
    bound = bind(program, pairs(2, 1), SeededColumns(4, 0))
    assert bound.matrix.shape == (0, 4)
    assert interpret(bound, 1, 4) == [6.0] * 4


def test_array_operations_become_columns_with_all_that_is_below_them() -> None:
    program = compile_expression(built(np.exp(sma(FAST) * 2)).shift(1) + (sma(FAST) * SLOW).rolling_mean(3))
    assert texts(program.leaves) == ["exp(sma(fast) * 2)", "rolling_mean(sma(fast) * slow, 3)"]
    assert program.halo == 1


def test_shifts_add_up_to_the_halo_and_keep_their_operand() -> None:
    average = sma(FAST)
    program = compile_expression((average.shift(2) + average).shift(3) - average.shift(4))
    assert program.halo == 5
    shifts = program.code[program.code[:, 0] == 2]
    assert sorted(shifts[:, 3].tolist()) == [2, 3, 4]
    assert (shifts[:, 1] != shifts[:, 2]).all()


def test_equal_parts_are_computed_once() -> None:
    twice = (sma(FAST) - sma(SLOW)) * (sma(FAST) - sma(SLOW))
    program = compile_expression(twice + where(sma(FAST) > sma(SLOW), 1.0, 0.0))
    assert program.code[:, 0].tolist().count(4) == 1
    assert texts(program.leaves) == ["sma(fast)", "sma(slow)"]
    assert sorted(texts(program.scalars)) == ["0.0", "1.0"]


def test_registers_are_reused() -> None:
    total: Expression = sma(FAST)
    for k in range(1, 40):
        total = total + sma(FAST + k)
    assert compile_expression(total).n_registers == 3
    other_way: Expression = sma(FAST)
    for k in range(1, 40):
        other_way = sma(FAST + k) - other_way
    assert compile_expression(other_way).n_registers == 3


def test_deep_and_shared_expressions_compile() -> None:
    chain: Expression = sma(FAST)
    for _ in range(2_000):
        chain = chain + SLOW
    assert len(compile_expression(chain).code) == 2_002
    doubled: Expression = sma(FAST)
    for _ in range(50):
        doubled = doubled * doubled
    assert len(compile_expression(doubled).code) == 51


def test_every_different_column_is_computed_once() -> None:
    table, source = pairs(4, 3), SeededColumns(20, 0)
    program = compile_expression(where(sma(FAST) > sma(SLOW), CLOSE, FAST))
    assert distinct_columns(program, table) == 4 + 3 + 1
    bound = bind(program, table, source)
    assert source.calls == 8
    assert bound.matrix.shape == (8, 20)
    assert bound.matrix.flags.c_contiguous
    assert bound.rows.flags.c_contiguous
    assert bound.rows.dtype == np.int64
    for position, leaf in enumerate(program.leaves):
        for row in range(len(table)):
            expected = evaluate(leaf, source, table.row(row))
            np.testing.assert_array_equal(bound.matrix[bound.rows[row, position]], expected)
    np.testing.assert_array_equal(bound.scalars[:, 0], table.column("fast"))


def test_a_column_of_two_parameters_is_computed_for_every_pair_there_is() -> None:
    table = ParameterTable({"fast": np.array([1, 2, 1, 1]), "slow": np.array([5, 5, 5, 6]), "x": np.arange(4.0)})
    program = compile_expression((CLOSE * FAST).rolling_mean(SLOW))
    assert distinct_columns(program, table) == 3
    bound = bind(program, table, SeededColumns(9, 0))
    assert bound.rows[:, 0].tolist() == [0, 2, 0, 1]


def test_parts_without_parameters_are_computed_once_for_all_rows() -> None:
    source = SeededColumns(9, 0)
    bind(compile_expression((built(np.log(CLOSE)) + column("noise")).rolling_mean(FAST)), pairs(5, 1), source)
    assert source.calls == 2


def test_text_booleans_and_fractions_tell_rows_apart() -> None:
    kinds = np.array(["a", "b", "a", "b"], dtype=object)
    table = ParameterTable(
        {"kind": kinds, "flag": np.array([True, True, True, False]), "x": np.array([0.5, 0.5, 0.5, 1.5])}
    )

    class Recording(SeededColumns):
        def column(
            self,
            name: str,
            arguments: tuple[ColumnArgument, ...],
            inputs: tuple[FloatArray, ...] | None,
            output: str,
        ) -> FloatArray:
            seen.append(arguments)
            return super().column(name, arguments, inputs, output)

    seen: list[tuple[ColumnArgument, ...]] = []
    arguments = [ParameterRef("kind"), ParameterRef("flag", boolean=True), ParameterRef("x")]
    bound = bind(compile_expression(column("mix", arguments)), table, Recording(3, 0))
    assert sorted(map(repr, seen)) == ["('a', True, 0.5)", "('b', False, 1.5)", "('b', True, 0.5)"]
    assert bound.rows[0, 0] == bound.rows[2, 0]


def test_a_text_cannot_be_a_scalar() -> None:
    table = ParameterTable({"kind": np.array(["a"], dtype=object)})
    with pytest.raises(InvalidExpression, match="kind is a text where a number is needed"):
        bind(compile_expression(where(CLOSE > 1, ParameterRef("kind"), 0)), table, SeededColumns(3, 0))


def test_a_parameter_missing_from_the_table_is_named() -> None:
    table = ParameterTable({"fats": np.array([3])})
    with pytest.raises(UnknownName, match="unknown parameter 'fast'"):
        bind(compile_expression(sma(FAST)), table, SeededColumns(3, 0))
    with pytest.raises(UnknownName, match="unknown parameter 'fast'"):
        bind(compile_expression(CLOSE * FAST), table, SeededColumns(3, 0))


def test_blocks_of_any_size_give_the_same_values() -> None:
    average = sma(FAST)
    rule = where(average.crossed_above(average.shift(3)), 1.0, where(average < SLOW - 11, 0.0, np.nan)).shift(2)
    table, source = pairs(2, 2), SeededColumns(40, 3)
    bound = bind(compile_expression(rule), table, source)
    for row in range(4):
        expected = evaluate(rule, source, table.row(row))
        for block in (1, 2, 7, 39, 40, 64):
            np.testing.assert_array_equal(interpret(bound, row, block), expected)
    assert bound.halo == 6


def test_a_plain_number_is_a_program_too() -> None:
    bound = bind(compile_expression(as_expression(True)), ParameterTable({}, 3), SeededColumns(2, 0))
    assert bound.is_condition
    assert bound.rows.shape == (3, 0)
    assert bound.scalars.tolist() == [[1.0]] * 3
