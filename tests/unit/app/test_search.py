"""The search loop: everything asked is told, kept and counted; what has no value is never best."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from autonomous_trading.app import Found, Objective, Search, run_search
from autonomous_trading.core import (
    FloatArray,
    InvalidInput,
    NothingToReport,
    ParameterTable,
    Space,
    TrialTable,
    UnknownName,
)

SPACE = Space.of({"x": (0.0, 1.0), "n": range(1, 9)})
UP, DOWN = Objective("gain", True), Objective("loss", False)


def found(objectives: tuple[Objective, ...], **columns: list[float]) -> Found:
    rows = len(next(iter(columns.values())))
    table = ParameterTable({"n": np.arange(rows)})
    metrics = {name: np.array(values) for name, values in columns.items()}
    return Found(TrialTable(table, metrics, np.ones(rows, dtype=np.bool_)), objectives)


def test_the_direction_of_a_metric_is_its_declared_one() -> None:
    assert Objective.of("sharpe_ratio").maximize
    assert not Objective.of("max_drawdown").maximize


def test_the_best_goes_up_or_down_and_the_first_of_equals_wins() -> None:
    assert found((UP,), gain=[1.0, 3.0, 3.0, 2.0]).best() == 1
    assert found((DOWN,), loss=[1.0, 0.5, 0.5, 2.0]).best() == 1
    both = found((UP, DOWN), gain=[1.0, 3.0, 2.0], loss=[0.1, 0.9, 0.5])
    assert both.best() == both.best("gain") == 1
    assert both.best("loss") == 0


@pytest.mark.parametrize("nothing", [np.nan, np.inf, -np.inf])
def test_what_has_no_value_is_never_best(nothing: float) -> None:
    assert found((UP,), gain=[nothing, -5.0, nothing]).best() == 1
    assert found((DOWN,), loss=[nothing, 5.0, nothing]).best() == 1
    both = found((UP, DOWN), gain=[nothing, 3.0, 2.0], loss=[0.0, 0.9, 0.5])
    assert both.best("loss") == 2, "a set without a gain does not count, however small its loss"
    np.testing.assert_array_equal(both.ranks(), [0, 1, 1])


def test_ranks_count_fronts_from_one() -> None:
    table = found((UP, DOWN), gain=[3.0, 1.0, 2.0, np.nan], loss=[0.9, 0.1, 0.95, 0.0])
    np.testing.assert_array_equal(table.ranks(), [1, 1, 2, 0])


def test_an_unknown_objective_is_refused() -> None:
    with pytest.raises(UnknownName, match=r"^unknown objective of this search 'gains'. Fix: did you mean 'gain'"):
        found((UP,), gain=[1.0]).best("gains")


def test_nothing_to_choose_says_whether_anything_traded() -> None:
    with pytest.raises(
        NothingToReport, match=r"^none of the 2 evaluated sets traded, so there is no value for gain\. Fix: backtest"
    ):
        found((UP,), gain=[np.nan] * 2, trade_count=[0.0, 0.0]).best()
    with pytest.raises(
        NothingToReport, match=r"has a value for gain and loss: each is NaN or infinite\. Fix: look at the trials"
    ):
        found((UP, DOWN), gain=[np.nan, 1.0], loss=[1.0, np.inf], trade_count=[0.0, 9.0]).best()
    with pytest.raises(NothingToReport, match=r"each is NaN or infinite"):
        found((UP,), gain=[np.nan]).best()


@pytest.mark.parametrize("method", ["grid", "random", "tpe", "nsga2"])
def test_every_set_is_measured_once_and_kept_in_order(method: str) -> None:
    measured: list[ParameterTable] = []
    seen: list[tuple[int, int | None]] = []

    def measure(table: ParameterTable) -> Mapping[str, FloatArray]:
        measured.append(table)
        return {"gain": table.column("x") + table.column("n"), "loss": table.column("x"), "more": np.zeros(len(table))}

    result = run_search(
        SPACE, measure, [UP, DOWN], Search(method, 30, 4), lambda done, total: seen.append((done, total))
    )
    assert len(result.trials) == 30
    assert sum(len(table) for table in measured) == 30
    np.testing.assert_array_equal(
        result.trials.parameters.column("x"), np.concatenate([table.column("x") for table in measured])
    )
    np.testing.assert_array_equal(
        result.trials.metric("gain"), result.trials.parameters.column("x") + result.trials.parameters.column("n")
    )
    assert set(result.trials.metrics) == {"gain", "loss", "more"}
    assert seen[-1] == (30, 30)
    assert result.trials.feasible.all()
    assert len({result.trials.parameters.row(row).id for row in range(30)}) == 30


def test_objectives_that_go_up_are_told_upside_down() -> None:
    def measure(table: ParameterTable) -> Mapping[str, FloatArray]:
        return {"gain": -((table.column("x") - 0.25) ** 2), "loss": (table.column("x") - 0.75) ** 2}

    up = run_search(SPACE, measure, [UP], Search("tpe", 60, 1))
    down = run_search(SPACE, measure, [DOWN], Search("tpe", 60, 1))
    assert up.trials.parameters.column("x")[up.best()] == pytest.approx(0.25, abs=0.05)
    assert down.trials.parameters.column("x")[down.best()] == pytest.approx(0.75, abs=0.05)


def test_nothing_to_optimise_is_refused() -> None:
    with pytest.raises(InvalidInput, match=r"^there is nothing to optimise"):
        run_search(SPACE, lambda _: {}, [], Search("random", 3))


def test_a_search_without_a_count_says_so_to_progress() -> None:
    seen: list[tuple[int, int | None]] = []
    space = Space.of({"n": range(1, 9)})
    run_search(
        space, lambda table: {"gain": table.column("n") * 1.0}, [UP], Search("grid"), lambda *said: seen.append(said)
    )
    assert seen == [(8, None)]
