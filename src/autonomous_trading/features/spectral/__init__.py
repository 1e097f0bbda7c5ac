"""Which rhythms are in it? Windowed Fourier power, dominant cycles and causal wavelets."""

from collections.abc import Mapping

from autonomous_trading.features._definitions import ColumnDefinition
from autonomous_trading.features.spectral import _fourier, _wavelets

__all__ = ["COLUMNS"]

COLUMNS: Mapping[str, ColumnDefinition] = {**_fourier.COLUMNS, **_wavelets.COLUMNS}
"""The columns of this group, by name."""
