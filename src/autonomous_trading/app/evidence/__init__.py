"""What speaks for a parameter set, and what against it: everything a sceptic asks before paper trading."""

from autonomous_trading.app.evidence._sensitivity import SensitivitySettings, sensitivity_of
from autonomous_trading.app.evidence._sensitivity_found import (
    FRAGILE,
    Curve,
    Neighbourhood,
    Sensitivity,
    SpaceIndices,
)

__all__ = [
    "FRAGILE",
    "Curve",
    "Neighbourhood",
    "Sensitivity",
    "SensitivitySettings",
    "SpaceIndices",
    "sensitivity_of",
]
