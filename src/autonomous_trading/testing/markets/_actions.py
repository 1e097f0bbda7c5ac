"""A share with dividends and splits: the raw prices, and what their owner earned."""

from dataclasses import dataclass
from typing import Final, final

import numpy as np

from autonomous_trading.core import FloatArray, IntArray, InvalidInput
from autonomous_trading.testing.markets._plain import times_of
from autonomous_trading.testing.markets._simulated import SimulatedMarket, bars_along, simulated, stream

__all__ = ["ActionLaw", "ActionTruth", "dividends_and_splits"]

_START: Final = 100.0


@final
@dataclass(frozen=True, slots=True, eq=False)
class ActionTruth:
    """Which rows are ex-days, and two series that no action disturbs.

    `split_rows` with `split_ratios` (new shares for one old one), `dividend_rows` with `dividends` (money per share
    as counted on that day, after a split of the same day). `steps` is the log total return of every bar;
    `total_return` its product, starting like the price; `split_adjusted` the raw close times all new shares so far.
    """

    split_rows: IntArray
    split_ratios: FloatArray
    dividend_rows: IntArray
    dividends: FloatArray
    steps: FloatArray
    total_return: FloatArray
    split_adjusted: FloatArray


@final
@dataclass(frozen=True, slots=True)
class ActionLaw:
    """How the total return moves a bar, how often a dividend is paid and how much of the price, how often it splits.

    A split comes with probability `split_intensity` at a bar and is one of `split_ratios` new shares for an old one
    (0.05: twenty old shares are one new).
    """

    volatility: float = 0.012
    drift: float = 0.0003
    dividend_every: int = 63
    dividend_yield: float = 0.006
    split_intensity: float = 0.004
    split_ratios: tuple[float, ...] = (2.0, 10.0, 0.05)

    def __post_init__(self) -> None:
        if not (self.dividend_every >= 1 and 0.0 <= self.dividend_yield < 0.5 and min(self.split_ratios) > 0.0):
            raise InvalidInput(
                f"a dividend of {self.dividend_yield:g} of the price every {self.dividend_every} bars cannot be paid, "
                "or a split ratio is not above 0",
                fix="use dividend_every=63, dividend_yield=0.006, split_ratios=(2.0, 10.0, 0.05)",
            )


def dividends_and_splits(
    n: int, seed: int, law: ActionLaw = ActionLaw(), *, timeframe: str = "1d"
) -> SimulatedMarket[ActionTruth]:
    """Raw prices of a share that pays dividends and splits now and then.

    On an ex-day the bar opens at close before / ratio - dividend, to the last bit, and moves on from there; dividends
    are rounded to a hundredth of a cent.
    """
    steps = law.drift + law.volatility * stream(seed, "walk").standard_normal(n)
    draws = stream(seed, "split").random((n, 2))
    choice = np.minimum((draws[:, 1] * len(law.split_ratios)).astype(np.int64), len(law.split_ratios) - 1)
    splits = draws[:, 0] < law.split_intensity
    ratio = np.where(splits, np.array(law.split_ratios, dtype=np.float64)[choice], 1.0)
    pays = np.arange(1, n + 1) % law.dividend_every == 0
    opens, closes, paid = np.empty(n), np.empty(n), np.zeros(n)
    before = _START
    for row in range(n):
        whole = before / ratio[row]
        paid[row] = np.round(law.dividend_yield * whole, 4) if pays[row] else 0.0
        opens[row] = whole - paid[row]
        before = closes[row] = opens[row] * np.exp(steps[row])
    bars = bars_along(times_of(n, timeframe), opens, closes, law.volatility, stream(seed, "path"))
    ex_dividend = np.flatnonzero(paid > 0.0)
    truth = ActionTruth(
        split_rows=np.flatnonzero(splits),
        split_ratios=ratio[splits],
        dividend_rows=ex_dividend,
        dividends=paid[ex_dividend],
        steps=steps,
        total_return=_START * np.exp(np.cumsum(steps)),
        split_adjusted=closes * np.cumprod(ratio),
    )
    return simulated("dividends_and_splits", seed, law, {"SIMULATED": bars}, truth, timeframe=timeframe)
