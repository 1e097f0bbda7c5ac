"""Why there are no trades: the first empty stage, the right reason for it, and a way out."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pytest

from autonomous_trading.app import Explanation, Market, Rules, backtest, simulate
from autonomous_trading.backtest import Costs, Execution
from autonomous_trading.core import Bars, BoolParameter, FloatArray, FloatParameter, IntParameter, where
from autonomous_trading.strategies import Columns, Signals, SignalsLike, Strategy
from tests.small_strategies import bars

BARS = bars(seed=1)
TOTAL = (
    "bars",
    "bars after warm-up",
    "bars with a wanted position",
    "changes of the target (signals)",
    "orders",
    "fills",
)


def saying(signals: Callable[[Columns], SignalsLike]) -> Strategy:
    """The strategy that answers what a function of columns answers."""

    class Chosen(Strategy):
        def signals(self, see: Columns) -> SignalsLike:
            return signals(see)

    return Chosen()


def explained(
    signals: Callable[[Columns], SignalsLike],
    data: Bars | Mapping[str, Bars] = BARS,
    rules: Rules | None = None,
    span: tuple[int, int] | None = None,
) -> Explanation:
    return backtest(saying(signals), Market.of(data), rules or Rules(), span).explanation


def counts(explanation: Explanation) -> dict[str, int]:
    return dict(explanation.stages)


def test_stages_run_from_bars_to_fills() -> None:
    explanation = explained(lambda see: see.close > see.sma(20))
    found = counts(explanation)
    assert tuple(found) == TOTAL
    assert found["bars"] == 300
    assert found["bars after warm-up"] == 281
    assert 0 < found["bars with a wanted position"] < 281
    assert found["fills"] == found["orders"] == found["changes of the target (signals)"] > 0
    assert explanation.fix == ""
    trades = (found["fills"] + 1) // 2
    assert explanation.message == f"{trades} trades from {found['fills']} fills"


def test_one_trade_is_singular() -> None:
    assert explained(lambda see: see.close > 0).message == "1 trade from 1 fill"


def test_text_lists_the_stages_and_the_way_out() -> None:
    lines = str(explained(lambda see: see.close < 0)).splitlines()
    assert lines[0] == f"{300:>12}  bars"
    assert len(lines) == len(TOTAL) + 2
    assert lines[-2].startswith("no trades: ")
    assert lines[-1].startswith("Fix: ")
    assert "Fix" not in str(explained(lambda see: see.close > 0))


@pytest.mark.parametrize(
    ("signals", "warm_up"),
    [
        (lambda see: see.sma(200) > see.close, 199),
        (lambda see: see.close.rolling_mean(200) > see.close, 199),
        (lambda see: see.close.shift(40) < see.close, 40),
        (lambda see: see.sma(50).shift(10).rolling_max(5) < see.close, 63),
        (lambda see: see.close.crossed_above(see.sma(30)), 30),
        (lambda see: see.returns.ewm_mean(30) > 0, 1),
        (lambda see: see.sma(60).fillna(0.0) < see.close, 0),
        (lambda see: np.nan_to_num(see.sma(60)) < see.close, 0),
        (lambda see: where(see.sma(60) > see.close, 1.0, np.nan), 59),
        (lambda see: see.close > 0, 0),
        (lambda see: np.where(np.arange(see.n_bars) < 100, np.nan, 1.0), 0),
        (lambda see: see.custom(lambda b: np.where(np.arange(len(b)) < 25, np.nan, 1.0)) > 0, 25),
        (
            lambda see: Signals(
                entries=see.rsi(14) < 30,
                exits=see.rsi(14) > 50,
                short_entries=see.rsi(14) > 70,
                short_exits=see.rsi(14) < 50,
            ),
            14,
        ),
    ],
)
def test_warm_up_ends_where_the_last_column_gets_a_value(
    signals: Callable[[Columns], SignalsLike], warm_up: int
) -> None:
    assert counts(explained(signals))["bars after warm-up"] == 300 - warm_up


def test_warm_up_of_a_span_counts_its_own_bars_only() -> None:
    def signals(see: Columns) -> SignalsLike:
        return see.sma(200) > 0

    assert counts(explained(signals, span=(150, 300)))["bars after warm-up"] == 101
    assert counts(explained(signals, span=(250, 300)))["bars after warm-up"] == 50
    assert counts(explained(signals, span=(20, 120)))["bars after warm-up"] == 0


@pytest.mark.parametrize(
    ("signals", "named"),
    [
        (lambda see: see.sma(200) > see.close, "sma(200)"),
        (lambda see: see.close.rolling_mean(150) > see.close, "rolling_mean(close, 150)"),
        (lambda see: see.sma(60).shift(60) > see.close, "shift(sma(60), 60)"),
        (lambda see: (see.sma(101) > see.close) & (see.sma(5) > 0), "sma(101)"),
    ],
)
def test_too_few_bars_name_the_column_that_needs_more(signals: Callable[[Columns], SignalsLike], named: str) -> None:
    explanation = explained(signals, BARS[:100])
    assert counts(explanation)["bars after warm-up"] == 0
    assert explanation.message == f"no trades: {named} has no value yet on any of the 100 bars"
    assert "more data" in explanation.fix


@pytest.mark.parametrize(
    ("signals", "reason"),
    [
        (
            lambda see: (see.close > 1) & (see.close > 1e9),
            "the first condition that is never true is close > 1000000000.0",
        ),
        (lambda see: (see.close > 1e9) | (see.close < 0), "never true is (close > 1000000000.0) | (close < 0)"),
        (lambda see: ~(see.close > 0), "never true is ~(close > 0)"),
        (lambda see: see.sma(5).crossed_above(see.close * 9), "never true is crossed_above(sma(5), close * 9)"),
        (lambda see: (see.close > 1e9) * 0.5, "never true is close > 1000000000.0"),
        (lambda see: 0.5 * (-((see.close > 1e9) * see.close)) / 3.0, "never true is close > 1000000000.0"),
        (lambda see: Signals(entries=see.rsi(14) > 101, exits=see.rsi(14) < 50), "never true is rsi(14) > 101"),
        (lambda see: Signals((see.rsi(14) > 101) & True, size=0.3), "never true is rsi(14) > 101"),
        (
            lambda see: where(see.close > 1e9, 1.0, where(see.close < 0, -1.0, 0.0)),
            "close > 1000000000.0; and the first condition that is never true is close < 0",
        ),
        (lambda see: (see.close > 1e9) * 1.0 - (see.close < 0), "close > 1000000000.0; and the first condition"),
        (lambda see: where(see.close > 0, where(see.close < 0, 1.0, 0.0), np.nan), "never true is close < 0"),
        (lambda see: np.maximum((see.close < 0) * 1.0, 0.0), "never true is close < 0"),
        (
            lambda see: see.custom(lambda b: np.where(np.arange(len(b)) < 299, np.nan, -1.0)) > 0,
            "never true is custom:",
        ),
    ],
)
def test_the_condition_that_is_never_true_is_named(signals: Callable[[Columns], SignalsLike], reason: str) -> None:
    explanation = explained(signals)
    assert counts(explanation)["bars with a wanted position"] == 0
    assert reason in explanation.message
    assert "loosen it" in explanation.fix


def early(data: Bars) -> FloatArray:
    """A column with one value, on bar 5."""
    return np.where(np.arange(len(data)) == 5, 1.0, np.nan)


def test_a_column_without_values_in_the_span_is_named_beside_its_condition() -> None:
    explanation = explained(lambda see: (see.close > 0) & (see.custom(early) > 0), span=(50, 300))
    assert "never true is custom:early > 0 (custom:early has no value on any of these bars)" in explanation.message


def test_conditions_that_are_never_true_together_are_named() -> None:
    explanation = explained(
        lambda see: (see.close > see.sma(20)) & True & (see.volume >= 0) & (see.close < see.sma(20))
    )
    found = counts(explained(lambda see: see.close < see.sma(20)))["bars with a wanted position"]
    assert explanation.message == (
        f"no trades: close < sma(20) is true on {found} bars, but never together with close > sma(20) & volume >= 0"
    )
    assert explanation.fix == "loosen one of the two: each is true at times"


class Parametric(Strategy):
    """Its conditions hold parameters: the words hold their values."""

    window = IntParameter(2, 40, default=20)
    level = FloatParameter(0.0, 1e12, default=1e9)
    strict = BoolParameter(default=True)

    def signals(self, see: Columns) -> SignalsLike:
        return see.sma(self.window) > self.level


def test_words_hold_the_values_of_parameters() -> None:
    explanation = backtest(Parametric(window=7), Market.of(BARS), Rules()).explanation
    assert explanation.message.endswith("never true is sma(7) > 1000000000.0")
    assert counts(explanation)["bars after warm-up"] == 294


@pytest.mark.parametrize(
    ("signals", "what"),
    [
        (lambda see: see.close * 0.0, "is 0 wherever it has an opinion"),
        (lambda see: where(see.close > 0, 0.0, 1.0), "is 0 wherever it has an opinion"),
        (lambda see: see.close * np.nan, "has no opinion (NaN) on any bar"),
        (lambda see: np.full(see.n_bars, np.nan), "has no opinion (NaN) on any bar"),
        (lambda see: np.zeros(see.n_bars), "is 0 wherever it has an opinion"),
        (lambda see: Signals(see.close > 0, size=0.0), "is 0 wherever it has an opinion"),
        (lambda see: where(see.close > 0, 0.0, where(see.close > 0, 1.0, 0.0)), "is 0 wherever it has an opinion"),
        (lambda see: see.close.rolling_sum(3) - see.close.rolling_sum(3), "is 0 wherever it has an opinion"),
    ],
)
def test_targets_that_are_nothing_are_told_apart(signals: Callable[[Columns], SignalsLike], what: str) -> None:
    explanation = explained(signals)
    assert explanation.message == f"no trades: the target {what}"
    assert "1.0 is long" in explanation.fix


def test_a_very_deep_target_is_explained_all_the_same() -> None:
    def signals(see: Columns) -> SignalsLike:
        target = where(see.close < 0, 1.0, 0.0)
        for number in range(60):
            target = where(see.close < -number, 1.0, target)
        return target

    assert "never true is close < -59" in explained(signals).message


def test_a_wish_on_the_last_bar_alone_cannot_be_filled() -> None:
    explanation = explained(lambda see: see.close == BARS.close[-1])
    assert counts(explanation)["bars with a wanted position"] == 1
    assert "no later bar can fill it" in explanation.message
    filled = explained(lambda see: see.close == BARS.close[-1], rules=Rules(execution=Execution(fill="same_close")))
    assert filled.message == "1 trade from 1 fill"


def test_one_bar_is_too_few_to_fill_anything() -> None:
    assert "no later bar can fill it" in explained(lambda see: see.close > 0, BARS[:1]).message


def without_volume(data: Bars) -> Bars:
    return Bars(data.time, data.open, data.high, data.low, data.close, np.zeros(len(data)))


def test_a_participation_cap_without_volume_is_named() -> None:
    explanation = explained(lambda see: see.close > 0, without_volume(BARS), Rules(Costs(participation=0.05)))
    assert counts(explanation)["orders"] > 0
    assert counts(explanation)["fills"] == 0
    assert "0.05 of the volume of a bar, and the volume is 0 on every bar" in explanation.message
    assert "participation" in explanation.fix


class Small(Strategy):
    """Long with a size that may be 0."""

    position_size = FloatParameter(0.0, 1.0, default=0.0)

    def signals(self, see: Columns) -> SignalsLike:
        return see.close > 0


@pytest.mark.parametrize("rules", [Rules(), Rules(Costs(participation=0.5))])
def test_orders_for_nothing_point_at_the_size(rules: Rules) -> None:
    explanation = backtest(Small(), Market.of(BARS), rules).explanation
    assert counts(explanation)["orders"] == 1
    assert explanation.message == "no trades: every order was for 0 units"
    assert "position_size" in explanation.fix


def test_several_instruments_are_explained_together() -> None:
    data = {"A": BARS[:100], "B": bars(seed=3)}
    never = explained(lambda see: see.close > 1e9, data)
    assert counts(never)["bars"] == 300
    assert never.message.endswith("never true is close > 1000000000.0 on A")
    silent = explained(lambda see: see.close * 0.0, data)
    assert silent.message == "no trades: the target is 0 wherever it has an opinion on A"
    short = explained(lambda see: see.sma(150) > 0, data)
    assert counts(short)["bars after warm-up"] == 300 - 149
    assert counts(short)["bars with a wanted position"] == 300 - 149
    none = explained(lambda see: see.sma(350) > 0, data)
    assert none.message == "no trades: sma(350) has no value yet on any of the 300 bars"


@pytest.mark.parametrize(
    ("target", "message"),
    [
        (np.zeros(300), "no trades: the target is 0 wherever it has an opinion"),
        (np.full(300, np.nan), "no trades: the target has no opinion (NaN) on any bar"),
        (np.concatenate([np.full(299, np.nan), [0.0]]), "no trades: the target is 0 wherever it has an opinion"),
        (np.concatenate([np.zeros(299), [1.0]]), "no trades: a position is wanted only where no later bar can fill it"),
        (np.ones(300), "1 trade from 1 fill"),
    ],
)
def test_given_targets_are_explained_too(target: FloatArray, message: str) -> None:
    explanation = simulate(target[None, :], Market.of(BARS), Rules()).explanation
    assert explanation.message.startswith(message)
    assert tuple(counts(explanation)) == tuple(stage for stage in TOTAL if stage != "bars after warm-up")


def test_no_opinion_goes_on_wanting_what_was_wanted() -> None:
    target = np.full(300, np.nan)
    target[[10, 50]] = 1.0, 0.0
    given = simulate(target[None, :], Market.of(BARS), Rules()).explanation
    assert counts(given)["bars with a wanted position"] == 40
    kept = explained(lambda see: where(see.close.shift(1) > 0, np.nan, 1.0))
    assert counts(kept)["bars with a wanted position"] == 300
