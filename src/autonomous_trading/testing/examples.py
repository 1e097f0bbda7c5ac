"""How an example of look-ahead, or of what only looks like it, is held and examined.

Examples know the bars they are examined on: synthetic ones, so that the same thing is found everywhere.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, final

import numpy as np

from autonomous_trading.app import Market
from autonomous_trading.app.evidence import (
    CausalityReport,
    CheckName,
    RowsOf,
    TrainingData,
    check_columns,
    check_model,
    check_strategy,
    known_before,
)
from autonomous_trading.core import Bars, FloatArray
from autonomous_trading.strategies import Strategy
from autonomous_trading.testing.markets import random_walk

N_BARS = 300
TEST_START = 200
_STARTS = (0, 0, 40, 80)  # the bar with which each instrument of the universe begins


@final
@dataclass(frozen=True, slots=True)
class Example:
    """One thing to examine. `check` names the check that has to find a leak in it; None: nothing may be found."""

    name: str
    what: str
    subject: Any
    examine: Callable[[int], CausalityReport]
    check: CheckName | None = None

    def found(self, seed: int = 0) -> bool:
        """Whether what has to be found is found, or nothing where nothing may be."""
        report = self.examine(seed)
        return report.clean if self.check is None else self.check in {leak.check for leak in report.leaks}


def example_bars() -> Bars:
    """The bars that columns, strategies and models are examined on."""
    return random_walk(N_BARS, seed=23)


def example_universe() -> Mapping[str, Bars]:
    """Four instruments on one clock, two of which begin later."""
    return {
        symbol: replace(random_walk(N_BARS, seed=40 + number), symbol=symbol)[start:]
        for number, (symbol, start) in enumerate(zip("ABCD", _STARTS, strict=True))
    }


def column(name: str, what: str, function: Callable[[Bars], Any], check: CheckName | None = None) -> Example:
    """A function of bars."""
    return Example(
        name, what, function, lambda seed: check_columns(function, example_bars(), seed=seed, name=name), check
    )


def universe(
    name: str, what: str, function: Callable[[Mapping[str, Bars]], Any], check: CheckName | None = None
) -> Example:
    """A function of the bars of several instruments."""
    return Example(
        name, what, function, lambda seed: check_columns(function, example_universe(), seed=seed, name=name), check
    )


def strategy(name: str, what: str, subject: Strategy, check: CheckName | None = None) -> Example:
    """A strategy with its values."""
    return Example(
        name, what, subject, lambda seed: check_strategy(subject, Market.of(example_bars()), seed=seed), check
    )


def model(
    name: str,
    what: str,
    subject: "LeastSquares",
    data: Callable[[Bars], TrainingData],
    *,
    rows: RowsOf = known_before,
    check: CheckName | None = None,
) -> Example:
    """A model with what it is taught."""

    def examine(seed: int) -> CausalityReport:
        return check_model(subject, example_bars(), data, test_start=TEST_START, rows=rows, seed=seed, name=name)

    return Example(name, what, subject, examine, check)


@final
class LeastSquares:
    """A linear model that scales its features with what it was fitted on; small enough to need no library.

    `scales_what_it_predicts`: the mistake of scaling the rows that are to be predicted with their own mean and
    deviation, the later ones of them included.
    """

    def __init__(self, *, scales_what_it_predicts: bool = False) -> None:
        self._careless = scales_what_it_predicts
        self._mean: FloatArray = np.zeros(0)
        self._deviation: FloatArray = np.ones(0)
        self._weights: FloatArray = np.zeros(0)

    def fit(self, features: FloatArray, labels: FloatArray) -> None:
        """Learn scale and weights from these rows."""
        self._scale_by(features)
        self._weights = np.asarray(np.linalg.lstsq(self._ready(features), labels, rcond=None)[0], dtype=np.float64)

    def predict(self, features: FloatArray) -> FloatArray:
        """One value for every row."""
        if self._careless:
            self._scale_by(features)
        predicted: FloatArray = np.sum(self._ready(features) * self._weights, axis=1)
        return predicted

    def _scale_by(self, features: FloatArray) -> None:
        self._mean = np.mean(features, axis=0, dtype=np.float64)
        self._deviation = np.std(features, axis=0, dtype=np.float64)

    def _ready(self, features: FloatArray) -> FloatArray:
        scaled = (features - self._mean) / self._deviation
        return np.column_stack([np.ones(len(features)), scaled])


def returns_of(closes: FloatArray, bars: int) -> FloatArray:
    """The return of the last `bars` bars, NaN before there are so many."""
    found = np.full(len(closes), np.nan)
    found[bars:] = closes[bars:] / closes[:-bars] - 1.0
    return found


def return_to_come(closes: FloatArray, bars: int) -> FloatArray:
    """The return of the next `bars` bars, NaN where they are not there yet: a label, and no feature."""
    found = np.full(len(closes), np.nan)
    found[:-bars] = closes[bars:] / closes[:-bars] - 1.0
    return found


def regime_likelihoods(bars: Bars) -> FloatArray:
    """How likely each log return [bars] is in a calm and in a restless market [bars, 2], with fixed deviations."""
    returns = np.diff(np.log(bars.close), prepend=np.log(bars.close[0]))
    deviations = np.array([0.006, 0.014])
    density: FloatArray = np.exp(-0.5 * (returns[:, np.newaxis] / deviations) ** 2) / deviations
    return density


def forward_probabilities(likelihoods: FloatArray, stay: float) -> FloatArray:
    """Filtered probabilities [bars, 2] of two states that last: what was known at each bar (Hamilton 1989)."""
    change = np.array([[stay, 1.0 - stay], [1.0 - stay, stay]])
    state = np.array([0.5, 0.5])
    found = np.empty_like(likelihoods)
    for row, likelihood in enumerate(likelihoods):
        state = (change.T @ state) * likelihood
        state = state / state.sum()
        found[row] = state
    return found
