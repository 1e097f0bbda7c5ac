"""Trial tables: parameters, metrics and feasibility stay side by side."""

import copy

import numpy as np
import pytest

from autonomous_trading.core import InvalidInput, ParameterTable, TrialTable, UnknownName


def trials(*sharpe: float) -> TrialTable:
    rows = len(sharpe)
    return TrialTable(
        ParameterTable({"fast": np.arange(rows)}),
        {"sharpe_ratio": np.array(sharpe)},
        np.ones(rows, dtype=np.bool_),
    )


def test_columns_are_kept_and_closed() -> None:
    mine = np.array([0.5, np.nan])
    table = TrialTable(ParameterTable({"fast": np.arange(2)}), {"cagr": mine}, np.array([True, False]))
    mine[0] = 9.0
    assert len(table) == 2
    np.testing.assert_array_equal(table.metric("cagr"), [0.5, np.nan])
    assert table.feasible.tolist() == [True, False]
    assert not table.metric("cagr").flags.writeable
    assert repr(table) == "TrialTable(2 trials; cagr)"
    with pytest.raises(TypeError):
        table.metrics["other"] = mine  # type: ignore[index]


def test_unknown_metric_is_refused() -> None:
    with pytest.raises(UnknownName, match="did you mean 'sharpe_ratio'"):
        trials(1.0).metric("sharpe")


@pytest.mark.parametrize("rows", [1, 3])
def test_other_lengths_are_refused(rows: int) -> None:
    parameters = ParameterTable({"fast": np.arange(2)})
    with pytest.raises(InvalidInput, match="'cagr' must have 2 values"):
        TrialTable(parameters, {"cagr": np.ones(rows)}, np.ones(2, dtype=np.bool_))
    with pytest.raises(InvalidInput, match="'feasible' must have 2 values"):
        TrialTable(parameters, {"cagr": np.ones(2)}, np.ones(rows, dtype=np.bool_))


def test_take_keeps_rows_together() -> None:
    table = trials(0.1, 0.2, 0.3)
    for taken in (table.take([2, 0]), table.take(slice(None, None, -2))):
        assert taken.metric("sharpe_ratio").tolist() == [0.3, 0.1]
        assert taken.parameters.column("fast").tolist() == [2, 0]
    assert len(table.take(table.metric("sharpe_ratio") > 0.15)) == 2


def test_concat_fills_missing_metrics_with_nan() -> None:
    other = TrialTable(ParameterTable({"fast": np.array([7])}), {"cagr": np.array([0.4])}, np.array([False]))
    joined = TrialTable.concat([trials(0.1, 0.2), other])
    np.testing.assert_array_equal(joined.metric("sharpe_ratio"), [0.1, 0.2, np.nan])
    np.testing.assert_array_equal(joined.metric("cagr"), [np.nan, np.nan, 0.4])
    assert joined.parameters.column("fast").tolist() == [0, 1, 7]
    assert joined.feasible.tolist() == [True, True, False]


def test_concat_of_nothing_is_empty() -> None:
    assert len(TrialTable.concat([])) == 0


def test_a_copy_is_the_same() -> None:
    again = copy.deepcopy(trials(0.1, 0.2))
    assert again.metric("sharpe_ratio").tolist() == [0.1, 0.2]
    assert not again.feasible.flags.writeable
