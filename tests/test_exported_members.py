"""What the package promises: the names of its face and of every room's, pinned. A change here is a change for users."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import autonomous_trading as at
from tests import house_rules

PACKAGE = Path(__file__).resolve().parent.parent / "src" / "autonomous_trading"

FACE = """
    Bars BoolParameter CategoricalParameter Columns Costs Execution Exits Expression FloatParameter IntParameter
    ParameterSet Result Robustness STRATEGIES Signals Space Strategy Study TradingError Validation WalkForwardResult
    backtest check check_data crossed_above crossed_below fetch formula hypervolume join load_bars load_series optimize
    rank replay replay_walk_forward sample simulate validate walk_forward where
"""
ROOMS = {
    "adapters": """
        ADJUSTMENTS BarsReading CATALOGUE DataString RawReading SAMPLES as_bars as_panel bars_to_frame calendar_names
        data_string_of function_named known_moment load_bars load_many notes_together own_place raw_readings
        read_bars read_many read_raw reference_to sample sessions_of strategy_named write_bytes_atomic write_text_atomic
    """,
    "adapters.providers.alpaca": """
        AlpacaKeys AlpacaPlace AlpacaProvider AlpacaReader DATA_URL FEEDS KEY_VARIABLES MarketClock TRADING_URL
        alpaca_from corporate_actions keys_in market_clock news option_chain quotes require_open trades
    """,
    "adapters.catalogue": "Answer DamagedSeries ParquetCatalogue SeriesSummary Survey VIEWS query",
    "adapters.compute": """
        KINDS FunctionTask InlineExecutor ProcessExecutor RayExecutor StrategyTask open_executor
    """,
    "adapters.store": "Collection Entry SqlLedger Store audit backup open_store restore shown_name upgrade",
    "app": """
        BASIC_METRICS Backtest Batch Claim Context Counts Desk ENDED Evaluate EvaluateInContext Evaluator EventRow
        Executor Explanation FOLDS_EVALUATED FailedTrials Fold Found Instrument Job JobSpec JobState Ledger
        LedgerConflict MOST_ATTEMPTS Market Measure Objective Outcome Performance Progress Recipe Reference
        ResultConstraint Robustness Rules Scorer Search SharedArray Task Trades TrialResult TrialRow TrialState
        WINDOW WalkForward WindowSearch backtest batch_digest best_of_windows best_trials broken_event
        canonical_json changed_facts checked_metrics digest_of evaluate_within evaluation_of fold_columns
        found_by_window hold_performance moments_of next_event parameters_json_of performance_of pruned_rows
        ranges_of run_one run_recorded_search run_search sets_per_row simulate space_of_windows training_spans
        trial_seeds trial_sharpes walk_forward was_measured window_evaluation window_metrics
    """,
    "data.quality": """
        ALIGNMENTS CODES Coverage Finding Gaps QualityReport examine expected_starts gaps_of main_stretch misfits
        usual_timeframe
    """,
    "adapters.streams": """
        ALPACA_FEED STREAM_URL AlpacaStream AssembledStream ExchangeStream LiveFeed PollingStream SystemClock live_bars
        stream_named
    """,
    "data.streaming": """
        Arrival BarGrid EMITTED FeedWatch KINDS MergeSettings MergeState ORIGINS Outcome Reading Settled SteadyTime
        WatchSettings merge merge_from steady_time watch_feed witnessed
    """,
    "interfaces.python": """
        DataCheck FoldView ParetoPoint Ranked Recording Replay Result Study Trial Validation WalkForwardResult backtest
        bars_of check check_data check_library fetch formula goes_up join market_of optimize rank replay
        replay_walk_forward
        report_of_result report_of_study report_of_walk_forward simulate space_of strategy_class strategy_instance
        validate walk_forward
    """,
    "features.formulas": """
        FUNCTIONS FormulaCost FormulaFunction FormulaLimits FormulaParameters evaluate_formula formula_cost formula_text
        parse
    """,
    "testing.formulas": """
        HOSTILE_FAMILIES FormulaMix HostileText hostile_texts mutated random_formula
    """,
    "search": """
        ALIASES AheadSearch CMAES EnsembleSearch Exported FallbackSearch GridSearch Learner METHODS MODEL_FAILURES
        MOST_AHEAD Method
        NSGA2 NSGA3 Optimizer RandomSearch Surrogate SurrogateSearch TPESearch ValueConstraint
        export_to_optuna hypervolume make_optimizer parameter_importance pareto_ranks parse_constraint
    """,
}


def rooms() -> list[str]:
    """Every folder that promises names, the rooms inside rooms included."""
    faces = sorted(face for face in PACKAGE.rglob("__init__.py") if "__all__" in face.read_text(encoding="utf-8"))
    names = [".".join(face.parent.relative_to(PACKAGE).parts) for face in faces]
    return [name for name in names if name]


def face_of(room: str) -> ModuleType:
    return importlib.import_module(f"autonomous_trading.{room}")


def test_the_face_of_the_package_is_what_it_says() -> None:
    assert sorted(at.__all__) == sorted(FACE.split())
    assert dir(at) == sorted(at.__all__)


@pytest.mark.parametrize("name", FACE.split())
def test_every_name_of_the_face_comes_from_a_room(name: str) -> None:
    value = getattr(at, name)
    assert not isinstance(value, ModuleType)
    homes = [room for room in rooms() if name in face_of(room).__all__]
    assert any(getattr(face_of(room), name) is value for room in homes)


@pytest.mark.parametrize("room", ROOMS)
def test_the_face_of_a_room_is_what_it_says(room: str) -> None:
    assert sorted(face_of(room).__all__) == sorted(ROOMS[room].split())


@pytest.mark.parametrize("room", rooms())
def test_every_room_promises_names_that_exist_in_order_and_once(room: str) -> None:
    face = face_of(room)
    assert len(set(face.__all__)) == len(face.__all__)
    for name in face.__all__:
        assert getattr(face, name) is not None
        assert not name.startswith("_")


def test_pinned_rooms_exist() -> None:
    assert set(ROOMS) <= set(rooms())
    assert set(house_rules.rooms(PACKAGE)) <= set(rooms())


def test_another_name_is_not_there() -> None:
    with pytest.raises(AttributeError, match=r"module 'autonomous_trading' has no attribute 'bakctest'"):
        _ = at.bakctest


def test_importing_the_package_imports_no_room_and_no_library() -> None:
    script = (
        "import sys, autonomous_trading;"
        "heavy = {'numpy', 'pandas', 'numba', 'scipy', 'optuna', 'pymoo'} & set(sys.modules);"
        "rooms = {name for name in sys.modules if name.startswith('autonomous_trading.')}; print(sorted(heavy | rooms))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("first", ["Costs", "Result", "backtest", "simulate"])
def test_backtest_is_the_function_whatever_was_imported_before_it(first: str) -> None:
    script = (
        f"import autonomous_trading as at; at.{first}; import autonomous_trading.backtest;"
        "from autonomous_trading.backtest import Costs; from autonomous_trading import backtest;"
        "print(type(at.backtest).__name__, backtest is at.backtest, Costs is at.Costs)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["function", "True", "True"]


def test_other_attributes_can_be_set_on_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(at, "MADE_UP", 3, raising=False)
    assert vars(at)["MADE_UP"] == 3
