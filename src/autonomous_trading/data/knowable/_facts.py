"""News and what companies report: single facts, each with the moment from which anybody could have known it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import final

import numpy as np

from autonomous_trading.core import InvalidInput, time_text
from autonomous_trading.data.knowable._series import KnowableSeries

__all__ = ["Fundamental", "NewsItem", "fundamental_series"]


@final
@dataclass(frozen=True, slots=True)
class NewsItem:
    """A piece of text about some symbols, knowable from `knowable_at` (UTC nanoseconds) on."""

    knowable_at: int
    symbols: tuple[str, ...]
    headline: str
    text: str = ""
    source: str = ""


@final
@dataclass(frozen=True, slots=True)
class Fundamental:
    """One reported figure of one company: of the period that ended at `period_end`, filed at `knowable_at`.

    Both UTC nanoseconds. A later filing for the same period is a revision. Raises InvalidInput where it is filed
    before the period was over.
    """

    symbol: str
    name: str
    period_end: int
    knowable_at: int
    value: float
    unit: str = ""
    source: str = ""

    def __post_init__(self) -> None:
        if self.knowable_at < self.period_end:
            raise InvalidInput(
                f"{self.symbol} {self.name}: filed {time_text(self.knowable_at)}, before the period ended"
                f" {time_text(self.period_end)}",
                fix="look whether the two dates are swapped",
            )
        if not np.isfinite(self.value):
            raise InvalidInput(f"{self.symbol} {self.name} is {self.value}", fix="leave out what was not reported")


def fundamental_series(facts: Iterable[Fundamental], symbol: str, name: str) -> KnowableSeries:
    """What was known about one figure of one company over time; raises InvalidInput where there is no such fact."""
    found = [fact for fact in facts if fact.symbol == symbol and fact.name == name]
    if not found:
        raise InvalidInput(f"there is no {name} of {symbol} among these facts", fix="name a figure that was reported")
    return KnowableSeries(
        name,
        np.array([fact.knowable_at for fact in found], dtype=np.int64),
        np.array([fact.period_end for fact in found], dtype=np.int64),
        np.array([fact.value for fact in found], dtype=np.float64),
        found[0].unit,
        found[0].source,
    )
