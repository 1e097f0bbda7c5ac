"""A validation from Python: one page, plain data, a hold-out that is seen once, one clear error for what is wrong."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autonomous_trading as at
from autonomous_trading.app import Market
from autonomous_trading.app.evidence import check_strategy
from autonomous_trading.core import InvalidInput, NothingToReport, TradingError
from autonomous_trading.interfaces import python
from autonomous_trading.interfaces.python._validating import _sensitivity
from autonomous_trading.interfaces.python._validation import HoldoutState
from autonomous_trading.interfaces.python._validation_report import report_of_validation
from autonomous_trading.interfaces.report import render_report
from autonomous_trading.strategies import Columns, SignalsLike, Strategy
from autonomous_trading.testing.markets import random_walk, trending
from tests.small_strategies import Changeable, Cross, Never, spliced

N = 300
GOOD = trending(N, seed=3, drift=0.006)
"""So good that the hold-out is opened."""
BAD = random_walk(N, seed=5)
"""So bad that it stays closed."""
QUICK: Any = {"trials": 8, "sensitivity_sets": 0, "simulated_markets": 0}


class Plain(Strategy):
    """Nothing to choose."""

    def signals(self, see: Columns) -> SignalsLike:
        return see.close > see.sma(10)


class Tomorrow(Strategy):
    """Looks at the next close."""

    def signals(self, see: Columns) -> SignalsLike:
        close = np.asarray(see.close)
        return np.append(close[1:] > close[:-1], False)


def validate(data: Any = GOOD, strategy: Any = Cross, **more: Any) -> at.Validation:
    return at.validate(strategy, data, **{**QUICK, **more})


def answer(found: at.Validation) -> dict[str, Any]:
    """What was found, without how long it took and where it is kept."""
    return {name: value for name, value in found.to_dict().items() if name not in ("seconds", "ledger")}


@pytest.fixture(scope="module")
def opened() -> at.Validation:
    return validate(sensitivity_sets=64, simulated_markets=2)


@pytest.fixture(scope="module")
def rejected() -> at.Validation:
    return validate(BAD)


@pytest.fixture
def place(tmp_path: Path) -> str:
    return str(tmp_path / "trials.db")


def test_the_faces_hand_it_over() -> None:
    assert python.Validation is at.Validation
    with pytest.raises(AttributeError, match="has no attribute 'Nonsense'"):
        _ = python.Nonsense


def test_the_same_seed_gives_the_same_answer_on_any_number_of_threads() -> None:
    one, two = (validate(BAD, threads=threads) for threads in (1, 2))
    assert json.dumps(answer(one)) == json.dumps(answer(two))


def test_plain_data_is_json_with_all_there_is(opened: at.Validation) -> None:
    found = json.loads(json.dumps(opened.to_dict(), allow_nan=False))
    assert found["decision"] == opened.decision.value
    assert found["words"] == opened.words
    assert len(found["rules"]) == len(opened.findings) == 11
    assert {"rule", "outcome", "words", "question", "passes", "fails", "source"} == set(found["rules"][0])
    assert found["tried"]["sets"] == found["tried"]["lifetime"] == 8
    assert found["holdout"]["opened"] is True
    assert found["holdout"]["bars"]["bars"] == 60
    assert found["holdout"]["earlier_looks"] is None  # nothing is recorded, so nobody knows
    assert found["holdout"]["record"]["metrics"]["trade_count"] > 0
    assert found["walk_forward"]["windows"] == len(opened.evidence.walk_forward.folds)
    assert found["sensitivity"]["evaluated"] > 64
    assert len(found["stress"]["markets"]) == 3
    assert found["ledger"] is None
    assert list(found["corrected"]) == ["traded", "beyond"]


def test_the_page_says_it_all(opened: at.Validation, rejected: at.Validation) -> None:
    text = opened.summary()
    assert text.startswith(f"cross on SYNTHETIC\n{opened.headline}")
    for words in (
        "What was tried",
        "8 sets by random search on 2000-01-03 to 2000-12-01, 240 bars",
        "deflated Sharpe ratio",
        "superior ability",
        "probability of overfitting",
        "combinatorial paths",
        "walked forward through 15 windows",
        "other lengths of windows",
        "hold-out, 2000-12-04 to 2001-02-23, 60 bars: Sharpe ratio",
        "histories of its own returns in blocks",
        "on 2 invented histories",
        "Sharpe ratio by bars of delay",
        "of its sharpe ratio, the worst has",
        "+ look ahead: nothing changes when the future does",
    ):
        assert words in text, words
    assert "nan" not in text
    assert "stays closed, for it could not make the answer better" in rejected.summary()
    assert "no invented histories" not in rejected.summary()
    assert repr(opened) == f"Validation(cross, 8 sets: {opened.decision})"
    assert opened.words.startswith(f"{opened.decision}: ")


def test_what_could_not_be_done_and_what_leaks_is_named(opened: at.Validation) -> None:
    found = opened.evidence
    broken = replace(found.stress.markets[0], problem="no model fits these returns")
    report = check_strategy(Tomorrow(), Market.of(BAD))
    assert report.leaks
    other = replace(found, stress=replace(found.stress, markets=(broken,)), causality=report)
    text = replace(opened, evidence=other).summary()
    assert f"{broken.model}: no model fits these returns" in text
    assert str(report.leaks[0]) in text


def test_samples_stand_side_by_side(opened: at.Validation, rejected: at.Validation) -> None:
    assert list(opened.samples) == [
        "in sample",
        "walked forward",
        "hold-out",
        "hold (in)",
        "hold (walked)",
        "hold (out)",
    ]
    assert list(rejected.samples) == ["in sample", "walked forward", "hold (in)", "hold (walked)"]
    table = opened.samples["walked forward"]["sharpe_ratio"]
    assert opened.evidence.out_of_sample.traded.estimate == pytest.approx(table, rel=1e-9)  # one page, one number


def test_a_hold_out_may_stay_closed() -> None:
    closed = validate(open_holdout=False)
    assert closed.holdout == HoldoutState((240, 300), False, False, None)
    assert closed.holdout_words == "hold-out, 2000-12-04 to 2001-02-23, 60 bars: stays closed, as asked"
    assert closed.decision != "worth paper trading"


def test_more_data_is_asked_for_where_that_helps() -> None:
    found = validate(open_holdout=False, objective="max_drawdown")
    years = found.evidence.years_needed
    said = found.words.removeprefix(f"{found.decision}: {found.judgement.words}")
    if found.decision == "not enough evidence" and 0.0 < years < math.inf:
        assert "more out of sample would decide what is undecided for lack of them" in said
    else:
        assert said == ""
    assert found.headline.endswith(said)


def test_prices_of_the_hold_out_change_nothing_before_it() -> None:
    other = spliced(GOOD, random_walk(N, seed=77, start=float(GOOD.close[239])), 240)
    here, there = (answer(validate(each, open_holdout=False)) for each in (GOOD, other))
    # Data has another name, and how much could be compared in the search for look-ahead differs.
    for found in (here, there):
        found["provenance"]["data"] = None
        found["look_ahead"]["tried"] = None
    assert json.dumps(here) == json.dumps(there)


@pytest.mark.parametrize(
    ("strategy", "settings"),
    [
        (Changeable, {"method": "grid", "trials": None, "resolution": 3}),
        (Cross, {"method": "tpe", "objective": "total_return", "holdout": 0.5}),
        (Cross, {"constraints": "trade_count >= 5", "train": 100, "test": 20}),
        (Cross, {"train": 100, "test": 20, "step": 10, "unit": "bars", "expanding": False}),
        (Cross, {"fixed": {"fast": 3, "slow": 20}, "cv_folds": 4, "cv_test_folds": 1, "blocks": 4}),
    ],
    ids=str,
)
def test_however_it_is_asked_for(strategy: type[Strategy], settings: dict[str, Any]) -> None:
    found = validate(BAD, strategy, **settings)
    json.dumps(found.to_dict(), allow_nan=False)
    assert "nan" not in found.summary()
    if "constraints" in settings:
        assert found.evidence.in_sample.metrics["trade_count"] >= 5
    if settings.get("train") == 100:
        test = found.evidence.walk_forward.folds[0].window.test
        assert test.stop - test.start == (20 if settings.get("unit") == "bars" else 14)
    starts = {fold.window.train.start for fold in found.evidence.walk_forward.folds}
    assert (starts == {0}) is settings.get("expanding", True)
    if "cv_folds" in settings:
        assert found.plan.selection.folds == 4
    if settings.get("method") == "tpe":
        assert found.to_dict()["tried"]["learned_from_these_bars"] is True
        assert "the method learned from these bars" in found.summary()
    if "fixed" in settings:
        assert found.study.n_trials == 1
        assert "  1 set by random search" in found.summary()
        assert "that is like" not in found.summary()


def test_several_instruments() -> None:
    found = validate({"A": GOOD, "B": trending(N, seed=9, drift=0.006)})
    assert found.market in found.summary()
    json.dumps(found.to_dict(), allow_nan=False)
    page = render_report(report_of_validation(found))
    assert "A, B" in page


def test_nothing_to_choose_and_nothing_traded() -> None:
    found = validate(BAD, Plain)
    assert (found.study.n_trials, found.evidence.sensitivity) == (1, None)
    assert "there are no numbers to move" in found.summary()
    still = validate(BAD, Never, objective="total_return")
    text = still.summary()
    assert "nan" not in text
    assert "What else could have happened" not in text  # without trades there is nothing to say
    render_report(report_of_validation(still))
    with pytest.raises(NothingToReport, match="none of the 8 evaluated sets traded") as error:
        validate(BAD, Never)
    assert error.value.exit_code == 3
    with pytest.raises(NothingToReport, match="8 break trade_count >= 5000"):
        validate(BAD, constraints="trade_count >= 5000")


def test_indices_have_enough_sets_by_default() -> None:
    assert _sensitivity(None, 40).sobol_sets == 16 * 42
    assert _sensitivity(None, 2).sobol_sets == 600
    assert _sensitivity(0, 2).sobol_sets == 0


@pytest.mark.parametrize(
    ("settings", "match"),
    [
        ({"holdout": 0}, r"holdout must be a number above 0; got 0\. Fix: pass holdout=0.2"),
        ({"holdout": 0.1}, "a hold-out of 30 bars says nothing, at least 60 are needed"),
        ({"holdout": 0.6}, r"holdout must be above 0 and at most 0\.5; got 0\.6\. Fix: use 0\.2"),
        ({"holdout": float("nan")}, "holdout must be a number above 0; got nan"),
        ({"holdout": "a fifth"}, "holdout must be a number above 0; got 'a fifth'"),
        ({"blocks": 7}, "blocks must be even and between 4 and 20, got 7"),
        ({"blocks": 2}, "blocks must be a whole number of at least 4; got 2"),
        ({"cv_folds": 1}, "cv_folds must be a whole number of at least 3; got 1"),
        ({"cv_folds": 2.5}, "cv_folds must be a whole number"),
        ({"cv_test_folds": 0}, "cv_test_folds must be a whole number of at least 1; got 0"),
        ({"cv_folds": 3, "cv_test_folds": 3}, "cv_test_folds must be fewer than cv_folds.*got 3 of 3"),
        ({"cv_test_folds": 12}, r"got 12 of 10\. Fix: use cv_test_folds=2"),
        ({"cv_folds": 30, "cv_test_folds": 15}, "15 of 30 folds can be chosen in 155,117,520 ways"),
        ({"test": 30}, "a walk-forward needs train and test; not given: train"),
        ({"train": 30}, "not given: test"),
        ({"step": 30}, r"not given: train and test\. Fix: give both, such as train=365 and test=90, or neither"),
        ({"unit": "bars"}, "unit='bars' says what train and test count, and they are not given"),
        ({"unit": "hours", "train": 9, "test": 3}, "unknown unit 'hours'"),
        ({"train": 0, "test": 30}, "train must be a number above 0; got 0"),
        ({"train": 100, "test": 20, "step": 0}, "step must be a number above 0; got 0"),
        ({"train": 60, "test": 20, "step": 40, "unit": "bars"}, r"step \(40 bars\) is longer than test \(20 bars\)"),
        ({"train": 5000, "test": 20, "unit": "bars"}, "walk-forward needs 5020 bars .* and the data has 240"),
        ({"objective": "worst_fold_sharpe_ratio"}, r"judged by one plain metric, not by worst_fold.*use sharpe_ratio"),
        ({"objective": ["sharpe_ratio"]}, "objective is named by a text"),
        ({"objective": "sharp"}, "unknown metric 'sharp'"),
        ({"hold_out": 0.2}, "unknown setting of validate 'hold_out'.*did you mean 'holdout'"),
        ({"train_fraction": 0.5}, "unknown setting of validate 'train_fraction': it is one of optimize"),
        ({"robust": at.Robustness(prune=0.5)}, "unknown setting of validate 'robust'"),
        ({"sensitivity_sets": -1}, "sensitivity_sets must be a whole number of at least 0; got -1"),
        ({"sensitivity_sets": 20}, "sensitivity_sets=20 are too few for 2 parameters: 64 is the least"),
        ({"sensitivity_sets": 10_000_000}, "sensitivity_sets must be at most 1,000,000; got 10,000,000"),
        ({"simulated_markets": 1.5}, "simulated_markets must be a whole number of at least 0; got 1.5"),
        ({"open_holdout": 1}, "open_holdout must be True or False; got 1"),
        ({"expanding": "yes"}, "expanding must be True or False"),
        ({"seed": -1}, "seed must be a whole number"),
        ({"method": "guess"}, "unknown search method 'guess'"),
        ({"method": 3}, "method is named by a text; got 3"),
        ({"trials": 0}, "trials must be a whole number of at least 1"),
        ({"progress": 3}, "progress must be a function"),
        ({"constraints": "nonsense >= 1"}, "unknown metric 'nonsense'"),
        ({"data": random_walk(249, seed=1)}, "249 bars are too few to judge a strategy, at least 300 are needed"),
    ],
    ids=str,
)
def test_what_is_wrong_is_said_before_anything_is_written(place: str, settings: dict[str, Any], match: str) -> None:
    with pytest.raises(InvalidInput, match=match) as error:
        validate(settings.get("data", BAD), ledger=place, **{k: v for k, v in settings.items() if k != "data"})
    assert error.value.exit_code == 2
    assert " Fix: " in str(error.value)
    assert not Path(place).exists()


def test_what_is_no_strategy_or_no_ledger_is_refused() -> None:
    with pytest.raises(TradingError):
        validate(BAD, "nothing_like_it")
    with pytest.raises(InvalidInput, match="resume needs a search that is recorded"):
        validate(BAD, resume="3f2a")


def test_a_report_has_every_part(opened: at.Validation, rejected: at.Validation, tmp_path: Path) -> None:
    page = opened.report(tmp_path / "page.html").read_text(encoding="utf-8")
    assert len(page.encode()) < 2_000_000
    for section in ("equity", "evidence", "stress", "sensitivity", "folds", "trades"):
        assert f'id="{section}"' in page, section
    for chart in ("logits", "degradation", "entries", "cost-curve", "fan", "drawdowns", "equity", "folds", "alone-1"):
        assert f'data-chart="{chart}"' in page, chart
    for words in ("What was tried", "Hold-out", "Does it use what was not known yet?", "Chen and Navet"):
        assert words in page, words
    content = report_of_validation(rejected)
    assert [column.label for column in content.metrics] == [
        "Walked forward",
        "In sample",
        "Buy and hold, walked forward",
    ]
    assert content.verdict is not None
    assert content.verdict.tone == "bad"
    with pytest.raises(InvalidInput, match=r"give it a name that ends in \.html"):
        opened.report(tmp_path / "page.txt")


def test_progress_counts_the_sets_of_the_search() -> None:
    told: list[tuple[int, int | None]] = []
    validate(BAD, progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (8, 8)
