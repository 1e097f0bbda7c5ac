"""Momentum over months: how far it came, leaving out the last weeks."""

from collections.abc import Mapping

from autonomous_trading.core import FloatArray
from autonomous_trading.features._definitions import ColumnDefinition, whole
from autonomous_trading.features._primitives import ratio, shift

_GROUP = "Price"


def momentum_skip(close: FloatArray, period: int, skip: int) -> FloatArray:
    """Return over `period` bars that ended `skip` bars ago, as a fraction."""
    return ratio(shift(close, skip), shift(close, skip + period)) - 1.0


COLUMNS: Mapping[str, ColumnDefinition] = {
    "momentum_skip": ColumnDefinition(
        momentum_skip,
        group=_GROUP,
        description="Return over a period that ended some bars ago: momentum without short-term reversal",
        formula="close[-skip] / close[-skip - period] - 1",
        units="fraction",
        source="Jegadeesh and Titman (1993), J. Finance 48(1); the skipped month as in Fama and French's UMD",
        parameters=(whole("period", 231), whole("skip", 21, low=0)),
        warm_up=lambda period, skip: period + skip,
        memory=lambda period, skip: period + skip,
    ),
}
