"""Strategies that see what they could not have known are refused, wherever they are run; the others are not."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autonomous_trading as at
from autonomous_trading.app import Market, Rules, backtest
from autonomous_trading.core import Bars, Refused
from autonomous_trading.testing.markets import random_walk

BARS = random_walk(400, seed=3)
Wish = Callable[[Any, at.Columns], Any]


def strategy(wish: Wish) -> type[at.Strategy]:
    class Wishing(at.Strategy):
        n = at.IntParameter(2, 30, default=10)
        kind = at.CategoricalParameter(["plain", "other"], default="plain")

        def signals(self, see: at.Columns) -> Any:
            return wish(self, see)

    return Wishing


def centred(bars: Bars) -> np.ndarray[Any, Any]:
    return np.convolve(bars.close, np.ones(5) / 5, mode="same")


def trailing(bars: Bars, n: int) -> np.ndarray[Any, Any]:
    sums = np.cumsum(np.concatenate([np.zeros(n), bars.close]))
    return np.asarray((sums[n:] - sums[:-n]) / n)


SEERS: dict[str, Wish] = {
    "tomorrow's close": lambda _, see: np.roll(see.close, -1) > see.close,
    "the mean of all closes": lambda _, see: see.close > np.mean(see.close),
    "the rank among all closes": lambda _, see: np.argsort(np.argsort(see.close)) > 200,
    "a centred average": lambda _, see: see.close > see.custom(centred),
    "the number of bars": lambda _, see: np.arange(see.n_bars) > see.n_bars / 2,
    "a stop made from the whole market": lambda self, see: at.Signals(
        see.close > see.sma(self.n), stop_loss=float(np.std(np.log(np.asarray(see.close))))
    ),
}
HONEST: dict[str, Wish] = {
    "an expression": lambda self, see: see.close > see.sma(self.n),
    "plain arrays": lambda self, see: np.asarray(see.close) > np.asarray(see.sma(int(self.n))),
    "a column of its own": lambda self, see: see.close > see.custom(trailing, self.n),
    "nothing at all": lambda _, see: np.zeros(see.n_bars),
    "a stop of the parameters": lambda self, see: at.Signals(see.close > see.sma(self.n), stop_loss=self.n / 1000),
}


@pytest.mark.parametrize("wish", SEERS.values(), ids=list(SEERS))
def test_look_ahead_is_refused_by_every_door(wish: Wish) -> None:
    seer = strategy(wish)
    for run in (
        lambda: at.backtest(seer(), BARS),
        lambda: at.optimize(seer, BARS, method="random", trials=3),
        lambda: at.walk_forward(seer, BARS, train=100, test=50, step=50, unit="bars", trials=2),
    ):
        with pytest.raises(Refused, match=r"look-ahead: .*Wishing"):
            run()


@pytest.mark.parametrize("wish", HONEST.values(), ids=list(HONEST))
def test_what_sees_no_later_bar_runs(wish: Wish) -> None:
    honest = strategy(wish)
    assert at.backtest(honest(), BARS).metrics["trade_count"] >= 0
    assert at.optimize(honest, BARS, method="random", trials=3).n_trials == 3


def test_the_refusal_names_the_bar_and_both_answers() -> None:
    seer = strategy(lambda _, see: np.arange(see.n_bars) >= see.n_bars - 2)
    day = str(BARS.time[397].astype("datetime64[ns]").astype("datetime64[s]"))
    expected = f"Wishing on SYNTHETIC at bar 397 ({day}Z) is 0 with all bars, but 1 when the market ends before bar 399"
    with pytest.raises(Refused, match=re.escape(expected)) as refused:
        at.backtest(seer(), BARS)
    assert refused.value.exit_code == 4


def test_a_set_is_looked_at_once_and_every_choice_for_itself() -> None:
    asked: list[int] = []

    def wish(self: Any, see: at.Columns) -> Any:
        asked.append(see.n_bars)
        return see.close > (np.mean(see.close) if self.kind == "other" else see.sma(int(self.n)))

    seer, market = strategy(wish), Market.of(BARS)
    for _ in range(3):
        backtest(seer(), market, Rules())
    assert asked.count(len(BARS) - 1) == 1
    backtest(seer(n=20), market, Rules())
    assert asked.count(len(BARS) - 1) == 2, "another number may run other code"
    with pytest.raises(Refused):
        backtest(seer(kind="other"), market, Rules())


def test_one_expression_is_looked_at_once_for_all_its_sets() -> None:
    asked: list[int] = []

    def wish(self: Any, see: at.Columns) -> Any:
        asked.append(see.n_bars)
        return see.close > see.sma(self.n)

    at.walk_forward(strategy(wish), BARS, train=100, test=50, step=50, unit="bars", trials=5)
    assert asked.count(len(BARS) - 1) == 2, "once for each kind"


@pytest.mark.parametrize("method", ["grid", "random", "tpe"])
def test_the_set_a_search_chooses_is_looked_at_for_itself(method: str) -> None:
    class Lag(at.Strategy):
        lag = at.IntParameter(0, 3, default=0)

        def signals(self, see: at.Columns) -> Any:
            return np.roll(see.close, -int(self.lag)) > np.asarray(see.close.shift(1))

    assert at.backtest(Lag(), BARS).trade_count > 0, "without a lag it is honest"
    with pytest.raises(Refused, match="look-ahead: Lag on SYNTHETIC"):
        at.optimize(Lag, BARS, method=method, trials=None if method == "grid" else 20)
    with pytest.raises(Refused, match="look-ahead: Lag on SYNTHETIC"):
        at.walk_forward(Lag, BARS, train=200, test=100, step=100, unit="bars", trials=4, method="grid")


@pytest.mark.parametrize(
    "wish",
    [
        lambda _, see: see.close > 0.9 * float(np.max(np.asarray(see.high)[60:])),
        lambda _, see: see.close / float(np.max(np.asarray(see.high))) > 0.8,
        lambda _, see: see.close < 1.1 * float(np.min(np.asarray(see.low)[150:]) if see.n_bars > 150 else 1.0),
    ],
)
def test_a_number_made_from_all_bars_is_seen_inside_an_expression(wish: Wish) -> None:
    with pytest.raises(Refused, match="look-ahead"):
        at.backtest(strategy(wish)(), BARS)


def test_the_high_of_a_day_is_not_known_within_the_day() -> None:
    hours = random_walk(600, seed=5, timeframe="1h")

    def high_of_day(bars: Bars) -> np.ndarray[Any, Any]:
        day = bars.time // 86_400_000_000_000
        return np.array([bars.high[day == each].max() for each in day])

    with pytest.raises(Refused, match="look-ahead"):
        at.backtest(strategy(lambda _, see: see.close < 0.99 * see.custom(high_of_day))(), hours)


def test_a_strategy_that_needs_many_bars_is_looked_at_where_it_can_answer() -> None:
    def wish(_: Any, see: at.Columns) -> Any:
        if see.n_bars < 300:
            raise ValueError("needs 300 bars to fit")
        level = float(np.mean(np.asarray(see.close)[:300]))
        return see.close > level

    class Fitted(at.Strategy):
        def signals(self, see: at.Columns) -> Any:
            return np.where(np.arange(see.n_bars) < 300, np.nan, np.asarray(wish(self, see), dtype=np.float64))

    assert at.backtest(Fitted(), BARS).metrics["trade_count"] >= 0


def test_a_strategy_that_needs_all_bars_cannot_be_checked() -> None:
    finished = np.sign(np.sin(np.arange(len(BARS)) / 10))
    with pytest.raises(Refused, match=r"cannot be checked for look-ahead: with the first 399 of 400 bars .*simulate"):
        at.backtest(strategy(lambda *_: finished)(), BARS)
    assert at.simulate(BARS, finished).trade_count > 10


def test_two_bars_are_too_few_to_take_one_away() -> None:
    seer = strategy(lambda _, see: np.roll(see.close, -1) > see.close)
    assert at.backtest(seer(), BARS[:2]).metrics["total_return"] == 0
