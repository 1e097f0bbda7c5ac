"""One quantity over time, each value with the moment from which anybody could have known it."""

from dataclasses import dataclass
from typing import Final, final

import numpy as np

from autonomous_trading.core import FloatArray, IntArray, InvalidInput
from autonomous_trading.data.knowable._arrays import floats, integers, same_length

__all__ = ["KnowableSeries"]

_TAKEN: Final = ("time", "open", "high", "low", "close", "volume", "symbol", "extra")


@final
@dataclass(frozen=True, slots=True, eq=False)
class KnowableSeries:
    """Values by the date they are about (`reference`) and the moment they could be known (`knowable_at`).

    Both are UTC nanoseconds. Several vintages of one reference are revisions, each with its own `knowable_at`; NaN
    says that there is no value (withdrawn, not measured). Rows are put in order of `knowable_at`, then `reference`.
    `name` becomes the name of a column, so it is one: letters, digits and underscores. `unit`, `source` and `lag` are
    words; `lag` says from when values were taken as known, where somebody had to decide that.

    Raises InvalidInput; also where two rows claim the same reference at the same moment.
    """

    name: str
    knowable_at: IntArray
    reference: IntArray
    value: FloatArray
    unit: str = ""
    source: str = ""
    lag: str = ""

    def __post_init__(self) -> None:
        if not self.name.isidentifier() or self.name in _TAKEN:
            raise InvalidInput(
                f"a series cannot be called {self.name!r}",
                fix="use letters, digits and underscores, and no name that bars have already: cpi_yoy",
            )
        knowable = integers("knowable_at", self.knowable_at)
        reference = integers("reference", self.reference)
        value = floats("value", self.value)
        same_length(self.name, {"knowable_at": knowable, "reference": reference, "value": value})
        order = np.lexsort((reference, knowable))
        knowable, reference, value = knowable[order], reference[order], value[order]
        twice = np.flatnonzero((np.diff(knowable) == 0) & (np.diff(reference) == 0))
        if len(twice):
            date = np.datetime64(int(reference[twice[0]]), "ns").astype("datetime64[s]")
            raise InvalidInput(
                f"{self.name}: the value for {date} came twice at the same moment",
                fix="keep one of the two, or give the later one the time at which it was published",
            )
        for name, column in (("knowable_at", knowable), ("reference", reference), ("value", value)):
            column.flags.writeable = False
            object.__setattr__(self, name, column.view())

    def __len__(self) -> int:
        return len(self.value)

    def __repr__(self) -> str:
        return f"KnowableSeries({self.name!r}, {len(self)} values, unit {self.unit!r}, source {self.source!r})"

    def known_by(self, when: int) -> "KnowableSeries":
        """What could be known at a time: the rows with `knowable_at` <= `when`."""
        rows = slice(0, int(np.searchsorted(self.knowable_at, when, side="right")))
        return KnowableSeries(
            self.name, self.knowable_at[rows], self.reference[rows], self.value[rows], self.unit, self.source, self.lag
        )

    def named(self, name: str) -> "KnowableSeries":
        """The same series under another name."""
        return KnowableSeries(name, self.knowable_at, self.reference, self.value, self.unit, self.source, self.lag)
