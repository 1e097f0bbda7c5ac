"""What is done to features before a model sees them, fitted on a training slice and on nothing else."""

from autonomous_trading.features.transforms._fractional_difference import FractionalDifference, fractional_weights
from autonomous_trading.features.transforms._imputation import ImputationPolicy, complete_rows
from autonomous_trading.features.transforms._pipeline import feature_pipeline
from autonomous_trading.features.transforms._selection import CorrelationSelector, ImportanceSelector
from autonomous_trading.features.transforms._winsorizer import Winsorizer

__all__ = [
    "CorrelationSelector",
    "FractionalDifference",
    "ImportanceSelector",
    "ImputationPolicy",
    "Winsorizer",
    "complete_rows",
    "feature_pipeline",
    "fractional_weights",
]
