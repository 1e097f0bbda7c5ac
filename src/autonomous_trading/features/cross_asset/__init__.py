"""How does it move with others? Betas, correlations, lead and lag, spreads."""

from collections.abc import Mapping

from autonomous_trading.features._definitions import ColumnDefinition
from autonomous_trading.features.cross_asset import _pairs, _relations

__all__ = ["COLUMNS"]

COLUMNS: Mapping[str, ColumnDefinition] = {**_relations.COLUMNS, **_pairs.COLUMNS}
"""The columns of this group, by name."""
