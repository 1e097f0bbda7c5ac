"""What does a person who wants to learn from markets ask for? Features, from bars to evidence, in one object."""

from autonomous_trading.ml._feature_engineer import FeatureEngineer

__all__ = ["FeatureEngineer"]
