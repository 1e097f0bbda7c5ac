"""The nouns everything else is made of: bars, parameters, spaces, trials, metric names and errors."""

from autonomous_trading.core._arrays import BoolArray, FloatArray, IntArray
from autonomous_trading.core._bar_warnings import BarWarning, inspect_bars, mixed_bars
from autonomous_trading.core._bars import Bars
from autonomous_trading.core._binding import BoundProgram, bind, distinct_columns
from autonomous_trading.core._calendar import infer_bars_per_year, time_text
from autonomous_trading.core._column_source import ColumnArgument, ColumnSource
from autonomous_trading.core._evaluate import evaluate, evaluate_static
from autonomous_trading.core._expression import (
    ArrayColumn,
    Constant,
    Expression,
    Operand,
    Operation,
    as_expression,
    where,
)
from autonomous_trading.core._inspect import (
    columns_of,
    conditions_of,
    crossed_above,
    crossed_below,
    parameters_of,
)
from autonomous_trading.core._leaves import Column, ParameterRef, column
from autonomous_trading.core._metric_names import (
    METRIC_ALIASES,
    METRICS,
    SCORES,
    Direction,
    Metric,
    direction,
    is_metric,
    metric_named,
    resolve_metric,
    split_score,
)
from autonomous_trading.core._operations import OPERATIONS, OperationRule
from autonomous_trading.core._panel import Panel
from autonomous_trading.core._parameter import Parameter, ParameterValue
from autonomous_trading.core._parameter_sets import ParameterSet, ParameterTable
from autonomous_trading.core._parameters import (
    BoolParameter,
    CategoricalParameter,
    FloatParameter,
    IntParameter,
)
from autonomous_trading.core._program import Program, compile_expression
from autonomous_trading.core._resample import resample, timeframe_ns
from autonomous_trading.core._space import Constraint, Space
from autonomous_trading.core._timeframe import Timeframe
from autonomous_trading.core._trial import TrialTable
from autonomous_trading.core._user_code import MISTAKES, code_of
from autonomous_trading.core.errors import (
    CodeFailed,
    DataNotFound,
    InvalidBars,
    InvalidExpression,
    InvalidInput,
    InvalidParameter,
    NothingToReport,
    Refused,
    SourceCorrupt,
    SourceDenied,
    SourceUnavailable,
    StoreDamaged,
    StoreUnavailable,
    TradingError,
    UnknownName,
    Untraceable,
    unknown_name,
)

__all__ = [
    "METRICS",
    "METRIC_ALIASES",
    "MISTAKES",
    "OPERATIONS",
    "SCORES",
    "ArrayColumn",
    "BarWarning",
    "Bars",
    "BoolArray",
    "BoolParameter",
    "BoundProgram",
    "CategoricalParameter",
    "CodeFailed",
    "Column",
    "ColumnArgument",
    "ColumnSource",
    "Constant",
    "Constraint",
    "DataNotFound",
    "Direction",
    "Expression",
    "FloatArray",
    "FloatParameter",
    "IntArray",
    "IntParameter",
    "InvalidBars",
    "InvalidExpression",
    "InvalidInput",
    "InvalidParameter",
    "Metric",
    "NothingToReport",
    "Operand",
    "Operation",
    "OperationRule",
    "Panel",
    "Parameter",
    "ParameterRef",
    "ParameterSet",
    "ParameterTable",
    "ParameterValue",
    "Program",
    "Refused",
    "SourceCorrupt",
    "SourceDenied",
    "SourceUnavailable",
    "Space",
    "StoreDamaged",
    "StoreUnavailable",
    "Timeframe",
    "TradingError",
    "TrialTable",
    "UnknownName",
    "Untraceable",
    "as_expression",
    "bind",
    "code_of",
    "column",
    "columns_of",
    "compile_expression",
    "conditions_of",
    "crossed_above",
    "crossed_below",
    "direction",
    "distinct_columns",
    "evaluate",
    "evaluate_static",
    "infer_bars_per_year",
    "inspect_bars",
    "is_metric",
    "metric_named",
    "mixed_bars",
    "parameters_of",
    "resample",
    "resolve_metric",
    "split_score",
    "time_text",
    "timeframe_ns",
    "unknown_name",
    "where",
]
