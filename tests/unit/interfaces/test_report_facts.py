"""Facts that contradict themselves are refused, with the field, the rule and the row."""

from dataclasses import replace

import numpy as np
import pytest

from autonomous_trading.core import InvalidInput
from autonomous_trading.interfaces.report import (
    EquityCurve,
    Fold,
    Funnel,
    Objective,
    PriceBars,
    Surface,
    Trials,
    WalkForward,
)

OBJECTIVE = Objective("sharpe_ratio")
FOLD = Fold(
    train_start=0, train_stop=1, test_start=1, test_stop=2, in_sample=1.0, out_of_sample=0.5, parameters={"fast": 5}
)
SURFACE = Surface(
    objective=OBJECTIVE,
    x_name="x",
    x_values=[1, 2],
    y_name="y",
    y_values=[1],
    values=[[0.1, 0.2]],
    plateau=[[True, False]],
)


def test_columns_of_different_length() -> None:
    with pytest.raises(InvalidInput, match=r"price\.low has 1 values where 2 were expected"):
        PriceBars(time=[0, 1], open=[1, 1], high=[1, 1], low=[1], close=[1, 1])


def test_times_that_do_not_increase() -> None:
    with pytest.raises(InvalidInput, match=r"equity\.time must strictly increase; row 2 does not"):
        EquityCurve(time=[0, 5, 5], equity=[1, 1, 1])


def test_no_rows() -> None:
    with pytest.raises(InvalidInput, match="equity has no rows"):
        EquityCurve(time=[], equity=[])


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_equity_that_is_not_a_number(wrong: float) -> None:
    with pytest.raises(InvalidInput, match=r"equity\.benchmark is not a finite number at row 1"):
        EquityCurve(time=[0, 1], equity=[1, 1], benchmark=[1, wrong])


def test_trials_that_do_not_fit_their_objectives() -> None:
    with pytest.raises(InvalidInput, match=r"trials\.values has shape \(2, 2\) for 1 objectives"):
        Trials(objectives=(OBJECTIVE,), values=[[1, 2], [3, 4]], parameters={})
    with pytest.raises(InvalidInput, match="trials has no rows"):
        Trials(objectives=(OBJECTIVE,), values=np.empty((0, 1)), parameters={})
    with pytest.raises(InvalidInput, match=r"trials\.fast has 1 values"):
        Trials(objectives=(OBJECTIVE,), values=[[1], [2]], parameters={"fast": [5]})
    with pytest.raises(InvalidInput, match=r"trials\.chosen is 2 but there are 2 trials"):
        Trials(objectives=(OBJECTIVE,), values=[[1], [2]], parameters={}, chosen=2)


def test_a_surface_that_does_not_fit_its_axes() -> None:
    with pytest.raises(InvalidInput, match=r"surface\.values has shape \(1, 1\) where \(1, 2\) was expected"):
        replace(SURFACE, values=[[0.1]])
    with pytest.raises(InvalidInput, match=r"surface\.plateau has shape \(1, 1\)"):
        replace(SURFACE, plateau=[[True]])


def test_folds_that_end_before_they_start() -> None:
    with pytest.raises(InvalidInput, match="fold 2 ends before it starts"):
        WalkForward(objective=OBJECTIVE, folds=(FOLD, replace(FOLD, test_stop=1)))
    with pytest.raises(InvalidInput, match="walk_forward has no folds"):
        WalkForward(objective=OBJECTIVE, folds=())


def test_a_funnel_knows_its_first_empty_stage() -> None:
    assert Funnel(stages=(("Bars", 3), ("Signals", 0), ("Fills", 0))).first_empty == "Signals"
    assert Funnel(stages=(("Bars", 3), ("Fills", 2))).first_empty is None
