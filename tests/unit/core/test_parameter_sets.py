"""Parameter sets and tables: immutable, equal by content, the same in rows and in columns."""

import copy
from typing import Any

import numpy as np
import pytest

from autonomous_trading.core import InvalidInput, InvalidParameter, ParameterSet, ParameterTable, UnknownName


def test_a_set_is_a_mapping() -> None:
    values = ParameterSet({"fast": 10, "stop_loss": 0.02, "kind": "simple", "reverse": True})
    assert values["fast"] == 10
    assert dict(values) == {"fast": 10, "stop_loss": 0.02, "kind": "simple", "reverse": True}
    assert len(values) == 4
    assert repr(values) == "ParameterSet({'fast': 10, 'stop_loss': 0.02, 'kind': 'simple', 'reverse': True})"


def test_numpy_values_are_unwrapped() -> None:
    values = ParameterSet({"a": np.int64(3), "b": np.float64(0.5), "c": np.True_, "d": np.str_("x")})
    assert [type(value) for value in values.values()] == [int, float, bool, str]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), np.float64("-inf")])
def test_numbers_that_are_not_finite_are_refused(value: object) -> None:
    with pytest.raises(InvalidParameter, match="'a' must be a finite number"):
        ParameterSet({"a": value})


@pytest.mark.parametrize("value", [None, [1], 1j])
def test_other_kinds_of_value_are_refused(value: object) -> None:
    with pytest.raises(InvalidParameter, match="'a' must be a number, a text or a boolean"):
        ParameterSet({"a": value})


def test_canonical_json_is_sorted_and_exact() -> None:
    values = ParameterSet({"slow": 30, "fast": 0.1, "kind": "é", "flag": True, "zero": -0.0})
    assert values.canonical_json == '{"fast":0.1,"flag":true,"kind":"\\u00e9","slow":30,"zero":0.0}'


def test_the_id_is_fixed_for_ever() -> None:
    # sha256 of {"fast":10,"stop_loss":0.02}, first 16 digits: ids are stored, so they may never change.
    assert ParameterSet({"stop_loss": 0.02, "fast": 10}).id == "1d9d16528c0f87c5"


def test_sets_are_equal_by_content() -> None:
    one, same, other = ParameterSet({"a": 1, "b": 2}), ParameterSet({"b": 2, "a": 1}), ParameterSet({"a": 1})
    assert one == same
    assert hash(one) == hash(same)
    assert one.id == same.id
    assert one != other
    assert one == {"b": 2, "a": 1}
    assert one != 3
    assert len({one, same, other}) == 2


def test_a_whole_number_is_not_a_float_nor_a_boolean() -> None:
    ids = {ParameterSet({"a": value}).id for value in (1, 1.0, True, "1")}
    assert len(ids) == 4
    assert ParameterSet({"a": 1}) != ParameterSet({"a": 1.0})


def test_a_set_never_changes() -> None:
    given = {"a": 1}
    values = ParameterSet(given)
    given["a"] = 2
    assert values["a"] == 1
    with pytest.raises(InvalidParameter, match="never changes"):
        values._values = {}
    with pytest.raises(TypeError):
        values["a"] = 2  # type: ignore[index]


def test_a_set_survives_a_copy() -> None:
    values = ParameterSet({"a": 1, "b": "x"})
    assert copy.deepcopy(values) == values


def table() -> ParameterTable:
    return ParameterTable(
        {
            "fast": np.array([1, 2, 3], dtype=np.int32),
            "stop_loss": np.array([0.1, 0.2, 0.3]),
            "kind": np.array(["a", "b", "a"]),
            "reverse": np.array([True, False, True]),
        }
    )


def test_columns_have_four_types() -> None:
    assert [table().column(name).dtype for name in table().names] == [np.int64, np.float64, object, np.bool_]
    assert table().names == ("fast", "stop_loss", "kind", "reverse")
    assert repr(table()) == "ParameterTable(fast, stop_loss, kind, reverse; 3 rows)"


def test_rows_are_sets_of_plain_python_values() -> None:
    row = table().row(1)
    assert row == {"fast": 2, "stop_loss": 0.2, "kind": "b", "reverse": False}
    assert [type(value) for value in row.values()] == [int, float, str, bool]
    assert table().row(-1) == table().row(2)
    assert [row["fast"] for row in table().rows()] == [1, 2, 3]


@pytest.mark.parametrize("index", [3, -4])
def test_rows_outside_the_table_are_refused(index: int) -> None:
    with pytest.raises(InvalidInput, match=f"row {index} does not exist: the table has 3 rows"):
        table().row(index)


def test_unknown_column_is_refused() -> None:
    with pytest.raises(UnknownName, match="did you mean 'fast'"):
        table().column("fat")


def test_columns_are_closed_and_writeable_ones_are_copied() -> None:
    mine = np.array([1, 2])
    made = ParameterTable({"a": mine})
    mine[0] = 9
    assert made.column("a").tolist() == [1, 2]
    with pytest.raises(ValueError, match="read-only"):
        made.column("a")[0] = 3
    with pytest.raises(TypeError):
        made.columns["b"] = mine  # type: ignore[index]
    shared = made.column("a")
    assert np.shares_memory(ParameterTable({"a": shared}).column("a"), shared)


@pytest.mark.parametrize("index", [[2, 0], np.array([2, 0]), np.array([2, 0], dtype=np.uint8), slice(None, None, -2)])
def test_take(index: Any) -> None:
    taken = table().take(index)
    assert [row["fast"] for row in taken.rows()] == [3, 1]
    assert not taken.column("fast").flags.writeable


def test_take_a_mask_and_nothing() -> None:
    assert table().take(np.array([True, False, True])).column("stop_loss").tolist() == [0.1, 0.3]
    nothing = table().take([])
    assert len(nothing) == 0
    assert nothing.names == table().names


def test_concat_and_from_rows_undo_each_other() -> None:
    joined = ParameterTable.concat([table(), table().take([1])])
    assert len(joined) == 4
    again = ParameterTable.from_rows(list(joined.rows()))
    assert [again.row(k).id for k in range(4)] == [joined.row(k).id for k in range(4)]
    assert [again.column(name).dtype for name in again.names] == [np.int64, np.float64, object, np.bool_]


def test_concat_joins_by_name_and_widens_types() -> None:
    one = ParameterTable({"a": np.array([1]), "b": np.array([True])})
    two = ParameterTable({"b": np.array([3]), "a": np.array([0.5])})
    joined = ParameterTable.concat([one, two])
    assert joined.column("a").tolist() == [1.0, 0.5]
    assert joined.column("b").tolist() == [True, 3]
    assert joined.column("b").dtype == object


def test_concat_of_nothing_is_empty() -> None:
    assert len(ParameterTable.concat([])) == 0


def test_concat_of_different_parameters_is_refused() -> None:
    with pytest.raises(InvalidInput, match=r"same parameters; got \['a'\] and \['b'\]"):
        ParameterTable.concat([ParameterTable({"a": np.ones(1)}), ParameterTable({"b": np.ones(1)})])


def test_from_rows_needs_the_same_names() -> None:
    with pytest.raises(InvalidInput, match=r"row 1 names .*'b'.*, row 0 names .*'a'"):
        ParameterTable.from_rows([{"a": 1}, {"b": 1}])


def test_from_rows_joins_numbers_and_keeps_other_mixtures() -> None:
    mixed = ParameterTable.from_rows([{"a": 1, "b": 1}, {"a": 0.5, "b": "x"}])
    assert mixed.column("a").dtype == np.float64
    assert mixed.column("b").tolist() == [1, "x"]
    assert len(ParameterTable.from_rows([])) == 0


def test_a_table_without_columns_still_counts_its_rows() -> None:
    assert len(ParameterTable({})) == 0
    assert len(ParameterTable({}, 4)) == 4
    assert len(ParameterTable({}, 4).take([1, 2])) == 2
    assert [dict(row) for row in ParameterTable({}, 2).rows()] == [{}, {}]
    assert len(ParameterTable.concat([ParameterTable({}, 1), ParameterTable({}, 2)])) == 3
    assert len(ParameterTable.from_rows([{}, {}])) == 2


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"a": np.ones(2), "b": np.ones(3)}, "expected 2 rows, 'b' has 3"),
        ({"a": np.ones((2, 2))}, r"one dimension; got shape \(2, 2\)"),
    ],
)
def test_misshapen_columns_are_refused(columns: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        ParameterTable(columns)


def test_a_length_that_contradicts_the_columns_is_refused() -> None:
    with pytest.raises(InvalidInput, match="expected 5 rows, 'a' has 2"):
        ParameterTable({"a": np.ones(2)}, 5)


def test_a_table_survives_a_copy_and_stays_closed() -> None:
    again = copy.deepcopy(table())
    assert list(again.rows()) == list(table().rows())
    assert not again.column("fast").flags.writeable
