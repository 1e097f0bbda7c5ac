"""What can be predicted? Labels that say when they end, and what a model's features are worth out of sample."""

from autonomous_trading.models.labels import Labels

__all__ = ["Labels"]
