"""Does it see the future? Bars taken away, bars replaced, other instruments, training."""

from autonomous_trading.app.evidence.look_ahead._causality import (
    ColumnFunction,
    check_columns,
    check_strategy,
    signal_columns,
)
from autonomous_trading.app.evidence.look_ahead._causality_models import (
    DataOf,
    Model,
    RowsOf,
    TrainingData,
    check_model,
    known_before,
)
from autonomous_trading.app.evidence.look_ahead._comparison import as_columns, same_bits
from autonomous_trading.app.evidence.look_ahead._findings import CausalityReport, CheckName, Finding, Severity

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
