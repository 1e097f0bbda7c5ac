"""What else would have become of one set? Other costs, fills, data, numbers, entries, prices and paths."""

from autonomous_trading.app.evidence.stress._cost_stress import CostStress, cost_stress
from autonomous_trading.app.evidence.stress._data_stress import DataStress, data_stress
from autonomous_trading.app.evidence.stress._delay_stress import DelayStress, delay_stress
from autonomous_trading.app.evidence.stress._distribution import Distribution
from autonomous_trading.app.evidence.stress._parameter_jitter import ParameterJitter, parameter_jitter
from autonomous_trading.app.evidence.stress._path_risk import Fan, PathRisk, path_risk
from autonomous_trading.app.evidence.stress._random_entry import RandomEntry, random_entry
from autonomous_trading.app.evidence.stress._simulated_markets import (
    MARKET_MODELS,
    RUIN,
    MarketModel,
    SimulatedMarket,
    simulated_markets,
)
from autonomous_trading.app.evidence.stress._stress import Stress, StressSizes, stress_of

__all__ = [
    "MARKET_MODELS",
    "RUIN",
    "CostStress",
    "DataStress",
    "DelayStress",
    "Distribution",
    "Fan",
    "MarketModel",
    "ParameterJitter",
    "PathRisk",
    "RandomEntry",
    "SimulatedMarket",
    "Stress",
    "StressSizes",
    "cost_stress",
    "data_stress",
    "delay_stress",
    "parameter_jitter",
    "path_risk",
    "random_entry",
    "simulated_markets",
    "stress_of",
]
