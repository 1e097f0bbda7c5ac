"""The options on one underlying, as quoted at one moment."""

from dataclasses import dataclass, field
from typing import Final, final

import numpy as np

from autonomous_trading.core import FloatArray, IntArray, InvalidInput
from autonomous_trading.data.knowable._arrays import floats, integers, same_length

__all__ = ["CALL", "PUT", "OptionChain"]

CALL: Final = 1
PUT: Final = -1

_NUMBERS: Final = (
    "bid", "ask", "last", "implied_volatility", "delta", "gamma", "theta", "vega", "rho", "open_interest",
)  # fmt: skip
_NONE: Final = np.empty(0, dtype=np.float64)


@final
@dataclass(frozen=True, slots=True, eq=False)
class OptionChain:
    """One row per contract, known at `as_of` (UTC nanoseconds).

    `expiry` is 00:00 UTC of the expiry date, `right` CALL (1) or PUT (-1). Prices in the currency of the underlying,
    implied volatility per year as a fraction; NaN where the source gives none. Columns left out are NaN throughout.
    Rows are put in order of expiry, strike, right. Raises InvalidInput, also where a contract comes twice.
    """

    underlying: str
    as_of: int
    strike: FloatArray
    expiry: IntArray
    right: IntArray
    symbols: tuple[str, ...] = ()
    bid: FloatArray = field(default_factory=lambda: _NONE)
    ask: FloatArray = field(default_factory=lambda: _NONE)
    last: FloatArray = field(default_factory=lambda: _NONE)
    implied_volatility: FloatArray = field(default_factory=lambda: _NONE)
    delta: FloatArray = field(default_factory=lambda: _NONE)
    gamma: FloatArray = field(default_factory=lambda: _NONE)
    theta: FloatArray = field(default_factory=lambda: _NONE)
    vega: FloatArray = field(default_factory=lambda: _NONE)
    rho: FloatArray = field(default_factory=lambda: _NONE)
    open_interest: FloatArray = field(default_factory=lambda: _NONE)

    def __post_init__(self) -> None:
        strike, expiry = floats("strike", self.strike), integers("expiry", self.expiry)
        right = integers("right", self.right)
        rows = len(strike)
        numbers = {name: _column(name, getattr(self, name), rows) for name in _NUMBERS}
        symbols = np.array(self.symbols or ("",) * rows, dtype=object)
        what = f"options on {self.underlying}"
        same_length(what, {"strike": strike, "expiry": expiry, "right": right, "symbols": symbols, **numbers})
        if not (strike > 0.0).all() or not np.isin(right, (CALL, PUT)).all():
            raise InvalidInput(f"{what}: a strike is not positive, or a right is not 1 or -1", fix="drop that contract")
        order = np.lexsort((right, strike, expiry))
        same = (np.diff(expiry[order]) == 0) & (np.diff(strike[order]) == 0) & (np.diff(right[order]) == 0)
        if same.any():
            raise InvalidInput(f"{what}: a contract comes twice", fix="keep one row per expiry, strike and right")
        object.__setattr__(self, "symbols", tuple(str(each) for each in symbols[order]))
        for name, values in {"strike": strike, "expiry": expiry, "right": right, **numbers}.items():
            ordered = values[order]
            ordered.flags.writeable = False
            object.__setattr__(self, name, ordered)

    def __len__(self) -> int:
        return len(self.strike)


def _column(name: str, values: FloatArray, rows: int) -> FloatArray:
    return np.full(rows, np.nan) if values is _NONE else floats(name, values)
