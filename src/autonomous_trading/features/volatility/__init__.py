"""How much does it move? Estimators from closes, ranges, models and intraday bars."""

from collections.abc import Mapping

from autonomous_trading.features._definitions import ColumnDefinition
from autonomous_trading.features.volatility import _closes, _garch, _har, _ranges
from autonomous_trading.features.volatility._garch import garch_moments
from autonomous_trading.features.volatility._garch_fit import GarchFit, fit_garch
from autonomous_trading.features.volatility._ranges import (
    garman_klass_analytic,
    garman_klass_variance,
    parkinson_variance,
    rogers_satchell_variance,
    yang_zhang_weight,
)

__all__ = [
    "COLUMNS",
    "GarchFit",
    "fit_garch",
    "garch_moments",
    "garman_klass_analytic",
    "garman_klass_variance",
    "parkinson_variance",
    "rogers_satchell_variance",
    "yang_zhang_weight",
]

COLUMNS: Mapping[str, ColumnDefinition] = {**_closes.COLUMNS, **_ranges.COLUMNS, **_garch.COLUMNS, **_har.COLUMNS}
"""The columns of this group, by name."""
