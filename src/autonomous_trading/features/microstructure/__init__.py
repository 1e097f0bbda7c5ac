"""What does trading cost, and who pushes? Spreads, impact, order flow and the book."""

from collections.abc import Mapping

from autonomous_trading.features._definitions import ColumnDefinition
from autonomous_trading.features.microstructure import (
    _edge,
    _efficiency,
    _flow,
    _impact,
    _profile,
    _quotes,
    _spreads,
)

__all__ = ["COLUMNS"]

COLUMNS: Mapping[str, ColumnDefinition] = {
    **_spreads.COLUMNS,
    **_edge.COLUMNS,
    **_impact.COLUMNS,
    **_flow.COLUMNS,
    **_efficiency.COLUMNS,
    **_profile.COLUMNS,
    **_quotes.COLUMNS,
}
"""The columns of this group, by name."""
