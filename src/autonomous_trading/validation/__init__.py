"""Is it real? Folds that leak nothing, and how much of a result is luck, selection and a lucky path."""

from autonomous_trading.validation._block_bootstrap import block_indices, block_length
from autonomous_trading.validation._cross_validation import CombinatorialChoice, combinatorial_choice
from autonomous_trading.validation._effective_trials import EffectiveTrials, effective_trials
from autonomous_trading.validation._folds import CombinatorialPurgedCV, PurgedKFold, Split
from autonomous_trading.validation._judgement import (
    RULES,
    Decision,
    Figures,
    HoldoutFigures,
    Judgement,
    Outcome,
    Pair,
    RuleFinding,
    judged,
)
from autonomous_trading.validation._market_exposure import beyond_market, market_exposure
from autonomous_trading.validation._moments import ReturnMoments, return_moments
from autonomous_trading.validation._monte_carlo import (
    PATH_METRICS,
    PathStatistics,
    bootstrapped_paths,
    path_statistics,
    reordered_trades,
)
from autonomous_trading.validation._multiple_testing import (
    ConfidenceSet,
    Discoveries,
    HaircutSharpe,
    benjamini_hochberg,
    haircut_sharpe,
    model_confidence_set,
    superior_sets,
)
from autonomous_trading.validation._overfitting import Degradation, Overfitting, probability_of_backtest_overfitting
from autonomous_trading.validation._path_models import BlockBootstrap, GarchPaths, PathModel, RegimePaths
from autonomous_trading.validation._selection import SelectionEvidence, SelectionPlan, selection_evidence
from autonomous_trading.validation._sensitivity import (
    SobolIndices,
    kept_shares,
    parameter_sensitivity,
    parameter_stability_score,
    plateau_score,
    saltelli_points,
    sobol_indices,
)
from autonomous_trading.validation._sharpe import (
    deflated_sharpe_ratio,
    expected_maximum_sharpe,
    minimum_backtest_length,
    minimum_track_record_length,
    probabilistic_sharpe_ratio,
)
from autonomous_trading.validation._sharpe_errors import annual_sharpe_factor, periods_to_tell, sharpe_standard_error
from autonomous_trading.validation._sharpe_tests import Interval, SharpeDifference, sharpe_difference, sharpe_interval
from autonomous_trading.validation._superior_ability import SuperiorPredictiveAbility, superior_predictive_ability
from autonomous_trading.validation._verdict import (
    CONFIDENCE,
    MINIMUM_BARS,
    MINIMUM_TRADES,
    Evidence,
    Verdict,
    sharpe_verdict,
)
from autonomous_trading.validation._walk_forward import Window, walk_forward_efficiency, walk_forward_windows

__all__ = [
    "CONFIDENCE",
    "MINIMUM_BARS",
    "MINIMUM_TRADES",
    "PATH_METRICS",
    "RULES",
    "BlockBootstrap",
    "CombinatorialChoice",
    "CombinatorialPurgedCV",
    "ConfidenceSet",
    "Decision",
    "Degradation",
    "Discoveries",
    "EffectiveTrials",
    "Evidence",
    "Figures",
    "GarchPaths",
    "HaircutSharpe",
    "HoldoutFigures",
    "Interval",
    "Judgement",
    "Outcome",
    "Overfitting",
    "Pair",
    "PathModel",
    "PathStatistics",
    "PurgedKFold",
    "RegimePaths",
    "ReturnMoments",
    "RuleFinding",
    "SelectionEvidence",
    "SelectionPlan",
    "SharpeDifference",
    "SobolIndices",
    "Split",
    "SuperiorPredictiveAbility",
    "Verdict",
    "Window",
    "annual_sharpe_factor",
    "benjamini_hochberg",
    "beyond_market",
    "block_indices",
    "block_length",
    "bootstrapped_paths",
    "combinatorial_choice",
    "deflated_sharpe_ratio",
    "effective_trials",
    "expected_maximum_sharpe",
    "haircut_sharpe",
    "judged",
    "kept_shares",
    "market_exposure",
    "minimum_backtest_length",
    "minimum_track_record_length",
    "model_confidence_set",
    "parameter_sensitivity",
    "parameter_stability_score",
    "path_statistics",
    "periods_to_tell",
    "plateau_score",
    "probabilistic_sharpe_ratio",
    "probability_of_backtest_overfitting",
    "reordered_trades",
    "return_moments",
    "saltelli_points",
    "selection_evidence",
    "sharpe_difference",
    "sharpe_interval",
    "sharpe_standard_error",
    "sharpe_verdict",
    "sobol_indices",
    "superior_predictive_ability",
    "superior_sets",
    "walk_forward_efficiency",
    "walk_forward_windows",
]
