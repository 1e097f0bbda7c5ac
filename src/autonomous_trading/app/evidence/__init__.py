"""What speaks for a parameter set, and what against it: everything a sceptic asks before paper trading."""

from autonomous_trading.app.evidence._causality import ColumnFunction, check_columns, check_strategy, signal_columns
from autonomous_trading.app.evidence._causality_models import (
    DataOf,
    Model,
    RowsOf,
    TrainingData,
    check_model,
    known_before,
)
from autonomous_trading.app.evidence._comparison import as_columns, same_bits
from autonomous_trading.app.evidence._findings import CausalityReport, CheckName, Finding, Severity

__all__ = [
    "CausalityReport",
    "CheckName",
    "ColumnFunction",
    "DataOf",
    "Finding",
    "Model",
    "RowsOf",
    "Severity",
    "TrainingData",
    "as_columns",
    "check_columns",
    "check_model",
    "check_strategy",
    "known_before",
    "same_bits",
    "signal_columns",
]
