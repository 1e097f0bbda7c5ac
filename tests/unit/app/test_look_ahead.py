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
    expected = "Wishing at bar 397 is 0 with all bars, but 1 when the market ends before bar 399"
    with pytest.raises(Refused, match=re.escape(expected)) as refused:
        at.backtest(seer(), BARS)
    assert refused.value.exit_code == 4


def test_every_choice_is_looked_at_and_each_only_once() -> None:
    asked: list[int] = []

    def wish(self: Any, see: at.Columns) -> Any:
        asked.append(see.n_bars)
        return see.close > (np.mean(see.close) if self.kind == "other" else see.sma(int(self.n)))

    seer, market = strategy(wish), Market.of(BARS)
    backtest(seer(), market, Rules())
    with_the_guard = len(asked)
    backtest(seer(n=20), market, Rules())
    assert asked.count(len(BARS) - 1) == 1, "shortened once, although run twice"
    assert len(asked) - with_the_guard < with_the_guard
    with pytest.raises(Refused):
        backtest(seer(kind="other"), market, Rules())


def test_a_strategy_that_needs_all_bars_cannot_be_checked() -> None:
    finished = np.sign(np.sin(np.arange(len(BARS)) / 10))
    with pytest.raises(Refused, match=r"cannot be checked for look-ahead: with the first 399 of 400 bars .*simulate"):
        at.backtest(strategy(lambda *_: finished)(), BARS)
    assert at.simulate(BARS, finished).trade_count > 10


def test_two_bars_are_too_few_to_take_one_away() -> None:
    seer = strategy(lambda _, see: np.roll(see.close, -1) > see.close)
    assert at.backtest(seer(), BARS[:2]).metrics["total_return"] == 0
