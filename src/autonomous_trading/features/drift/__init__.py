"""Does a feature still look as it did when the model learned? Distances from the training distribution."""

from autonomous_trading.features.drift._drift import (
    DriftLimits,
    FeatureDrift,
    effective_count,
    feature_drift,
    population_stability,
)

__all__ = ["DriftLimits", "FeatureDrift", "effective_count", "feature_drift", "population_stability"]
