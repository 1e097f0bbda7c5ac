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
from autonomous_trading.app.evidence._cost_stress import CostStress, cost_stress
from autonomous_trading.app.evidence._data_stress import DataStress, data_stress
from autonomous_trading.app.evidence._delay_stress import DelayStress, delay_stress
from autonomous_trading.app.evidence._distribution import Distribution
from autonomous_trading.app.evidence._findings import CausalityReport, CheckName, Finding, Severity
from autonomous_trading.app.evidence._out_of_sample import Record
from autonomous_trading.app.evidence._parameter_jitter import ParameterJitter, parameter_jitter
from autonomous_trading.app.evidence._path_risk import Fan, PathRisk, path_risk
from autonomous_trading.app.evidence._random_entry import RandomEntry, random_entry
from autonomous_trading.app.evidence._sensitivity import SensitivitySettings, least_sobol_sets, sensitivity_of
from autonomous_trading.app.evidence._sensitivity_found import FRAGILE, Curve, Neighbourhood, Sensitivity, SpaceIndices
from autonomous_trading.app.evidence._set_returns import MOST_PERIODS, Periods, market_returns, set_returns
from autonomous_trading.app.evidence._simulated_markets import (
    MARKET_MODELS,
    RUIN,
    MarketModel,
    SimulatedMarket,
    simulated_markets,
)
from autonomous_trading.app.evidence._stress import Stress, StressSizes, stress_of
from autonomous_trading.app.evidence._validation import Choice, Evidence, ValidationPlan, gathered

__all__ = [
    "FRAGILE",
    "MARKET_MODELS",
    "MOST_PERIODS",
    "RUIN",
    "CausalityReport",
    "CheckName",
    "Choice",
    "ColumnFunction",
    "CostStress",
    "Curve",
    "DataOf",
    "DataStress",
    "DelayStress",
    "Distribution",
    "Evidence",
    "Fan",
    "Finding",
    "MarketModel",
    "Model",
    "Neighbourhood",
    "ParameterJitter",
    "PathRisk",
    "Periods",
    "RandomEntry",
    "Record",
    "RowsOf",
    "Sensitivity",
    "SensitivitySettings",
    "Severity",
    "SimulatedMarket",
    "SpaceIndices",
    "Stress",
    "StressSizes",
    "TrainingData",
    "ValidationPlan",
    "as_columns",
    "check_columns",
    "check_model",
    "check_strategy",
    "cost_stress",
    "data_stress",
    "delay_stress",
    "gathered",
    "known_before",
    "least_sobol_sets",
    "market_returns",
    "parameter_jitter",
    "path_risk",
    "random_entry",
    "same_bits",
    "sensitivity_of",
    "set_returns",
    "signal_columns",
    "simulated_markets",
    "stress_of",
]
