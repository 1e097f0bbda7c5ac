"""What a page says of a search: points of the front once each, the results of folds where they are seen."""

import re
from dataclasses import replace

import numpy as np

from autonomous_trading.core import FloatArray
from autonomous_trading.interfaces.report import Fold, Objective, ReportContent, Trials, WalkForward, render_report
from autonomous_trading.interfaces.report._downsample import front_points
from autonomous_trading.interfaces.report._reasons import UNKNOWN_REASON, reason_for
from tests.unit.interfaces.test_report_page import payload, text_of


def test_the_result_of_a_fold_stands_before_its_parameters() -> None:
    fold = Fold(
        train_start=0, train_stop=10, test_start=10, test_stop=20, in_sample=1.5, out_of_sample=0.5,
        parameters={f"parameter_{number}": number for number in range(12)},
    )  # fmt: skip
    page = render_report(
        ReportContent(title="Wide", walk_forward=WalkForward(objective=Objective("cagr"), folds=(fold,)))
    )
    heads = re.findall(r"<th[^>]*>([^<]*)</th>", page[page.index("<thead>") : page.index("</thead>")])
    assert heads[:5] == ["Fold", "Judged on", "CAGR in-sample", "CAGR out-of-sample", "parameter_0"]
    assert heads[-1] == "Fitted on"


def test_sets_with_equal_objectives_are_one_point_of_the_front() -> None:
    trials = Trials(
        objectives=(Objective("sharpe_ratio"), Objective("max_drawdown", "minimize")),
        values=[[1.0, 0.2], [2.0, 0.3], [1.0, 0.2], [0.5, 0.4], [1.0, 0.2]],
        parameters={"fast": [1, 2, 3, 4, 5]},
        on_front=[True, True, True, False, True],
        chosen=2,
    )
    page = render_report(ReportContent(title="Front", trials=trials))
    assert "2 points, reached by 4 sets, cannot be improved in one objective without losing" in text_of(page)
    assert payload(page)["trials"]["front"] == [-1, 1, 3, 0, -1]
    alone = render_report(
        ReportContent(title="Front", trials=replace(trials, on_front=[True, True, False, False, False]))
    )
    assert "2 sets cannot be improved in one objective" in text_of(alone)


def test_a_front_without_marks_has_no_points() -> None:
    values: FloatArray = np.array([[1.0, 2.0], [2.0, 1.0]])
    trials = Trials(objectives=(Objective("cagr"), Objective("volatility", "minimize")), values=values, parameters={})
    assert front_points(trials).rows.tolist() == []


def test_every_metric_of_a_run_that_can_be_undefined_has_a_reason() -> None:
    traded = {"trade_count": 2.0, "win_rate": 1.0, "volatility": 0.1}
    assert reason_for("profit_factor", traded) == "no losing trade"
    assert reason_for("average_win_loss_ratio", traded) == "no losing trade"
    assert reason_for("average_win_loss_ratio", {**traded, "win_rate": 0.0}) == "no winning trade"
    assert reason_for("sharpe_ratio", traded) == "the returns never varied"
    assert reason_for("sharpe_ratio", {**traded, "volatility": np.nan}) == "one bar has no spread"
    for name in ("volatility", "psr", "sortino_ratio", "omega_ratio", "calmar_ratio", "information_ratio"):
        assert reason_for(name, traded) != UNKNOWN_REASON
        assert reason_for(name, {"trade_count": 0.0}) == "no trades in this sample"
    assert reason_for("of_my_own", traded) == UNKNOWN_REASON
