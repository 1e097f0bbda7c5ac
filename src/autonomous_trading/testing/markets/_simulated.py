"""A simulated market beside what is true of it, and how its random numbers and its bars are made."""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import TYPE_CHECKING, Generic, TypeVar, final

import numpy as np

from autonomous_trading.core import Bars, FloatArray, IntArray, InvalidInput

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

__all__ = ["SimulatedMarket", "bars_along", "simulated", "stream"]

Truth = TypeVar("Truth", bound="DataclassInstance")


@final
@dataclass(frozen=True, slots=True, eq=False)
class SimulatedMarket(Generic[Truth]):
    """Bars by symbol, the law they follow, its parameters, the seed, and the truth a method may be judged by.

    `truth` is a record of arrays (one entry per bar unless it says otherwise) and numbers, of its own type per law.
    Nothing in it may be given to a method that is judged.
    """

    law: str
    seed: int
    parameters: Mapping[str, object]
    instruments: Mapping[str, Bars]
    truth: Truth

    @property
    def bars(self) -> Bars | dict[str, Bars]:
        """What every door takes: the bars of one instrument, or several by symbol."""
        return self.single if len(self.instruments) == 1 else dict(self.instruments)

    @property
    def single(self) -> Bars:
        """The bars of the one instrument. Raises InvalidInput where there are several."""
        if len(self.instruments) != 1:
            names = ", ".join(self.instruments)
            raise InvalidInput(f"{self.law} has {len(self.instruments)} instruments", fix=f"choose one of {names}")
        return next(iter(self.instruments.values()))


def simulated(
    name: str, seed: int, law: "DataclassInstance", instruments: Mapping[str, Bars], truth: Truth, **further: object
) -> SimulatedMarket[Truth]:
    """The market of a law (a record of parameters), with the arrays of its truth closed for writing."""
    for field in fields(truth):
        value = getattr(truth, field.name)
        if isinstance(value, np.ndarray):
            value.flags.writeable = False
    parameters = {field.name: getattr(law, field.name) for field in fields(law)} | further
    return SimulatedMarket(name, seed, MappingProxyType(parameters), MappingProxyType(dict(instruments)), truth)


def stream(seed: int, name: str) -> np.random.Generator:
    """A generator of its own for every ingredient of a market.

    So that the first bars do not depend on how many are asked for: each stream is read from its beginning, in order.
    """
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(zlib.crc32(name.encode()),)))


def bars_along(
    time: IntArray,
    opens: FloatArray,
    closes: FloatArray,
    deviation: FloatArray | float,
    rng: np.random.Generator,
    symbol: str = "SIMULATED",
) -> Bars:
    """Bars with these opens and closes, whose highs and lows are those of a Brownian path between them.

    `deviation` is that of the log return of each bar. The maximum of a Brownian bridge has the law
    (x + sqrt(x^2 - 2 s^2 ln U)) / 2 (Karatzas and Shreve 1991, 4.3.40), the minimum likewise: each is exact, and they
    are drawn independently of each other. Volume is lognormal and grows with the size of the move.
    """
    n = len(closes)
    draws = rng.random((n, 3))  # in rows: the first bars do not depend on n
    move = np.log(closes / opens)
    spread = np.broadcast_to(np.asarray(deviation, dtype=np.float64), (n,))
    above, below = (np.sqrt(move * move - 2.0 * spread * spread * np.log1p(-draws[:, column])) for column in (0, 1))
    high = np.maximum(opens * np.exp(0.5 * (move + above)), np.maximum(opens, closes))
    low = np.minimum(opens * np.exp(0.5 * (move - below)), np.minimum(opens, closes))
    usual = np.where(spread > 0.0, spread, 1.0)
    busy = (1.0 + np.abs(move) / usual) * np.exp(0.6 * (draws[:, 2] - 0.5))
    return Bars(time, opens, high, low, closes, np.round(1e6 * busy), symbol)
