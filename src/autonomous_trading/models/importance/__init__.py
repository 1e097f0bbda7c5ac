"""Which features a model needs on data it was not fitted to, and how sure that is given how many were asked."""

from autonomous_trading.models.importance._clusters import feature_clusters
from autonomous_trading.models.importance._feature_importance import METHODS, feature_importance
from autonomous_trading.models.importance._report import Importance, ImportanceReport
from autonomous_trading.models.importance._settings import CORRECTIONS, ImportanceSettings
from autonomous_trading.models.importance._table import FeatureTable, Folds

__all__ = [
    "CORRECTIONS",
    "METHODS",
    "FeatureTable",
    "Folds",
    "Importance",
    "ImportanceReport",
    "ImportanceSettings",
    "feature_clusters",
    "feature_importance",
]
