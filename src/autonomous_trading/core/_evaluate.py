"""Evaluation with plain numpy: what an expression means, column by column, for one set of parameters.

Compiled programs give the same bits; this is the definition they are held to.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from autonomous_trading.core._arrays import FloatArray
from autonomous_trading.core._column_source import ColumnSource
from autonomous_trading.core._expression import Expression
from autonomous_trading.core._node import Context, as_float, run
from autonomous_trading.core._parameter_sets import ParameterTable
from autonomous_trading.core.errors import InvalidExpression

_NO_PARAMETERS: Mapping[str, object] = MappingProxyType({})


def evaluate(
    expression: Expression, source: ColumnSource, parameters: Mapping[str, object] = _NO_PARAMETERS
) -> FloatArray:
    """Get the values [n_bars] of an expression; conditions are 0.0 and 1.0, unknown values NaN.

    What is the same for every bar is repeated. Raises UnknownName for a parameter without a value, and what
    the source raises for a column it cannot supply. The result may be shared: do not write to it.
    """
    values = {
        name: np.array([value], dtype=object if isinstance(value, str) else None) for name, value in parameters.items()
    }
    result = run(expression, Context(source.n_bars, source, values))
    return np.full(source.n_bars, as_float(result.item())) if expression.is_static else result


def evaluate_static(expression: Expression, table: ParameterTable) -> npt.NDArray[Any]:
    """Get the values [n_sets] of an expression without columns: int64, float64 or bool, one per set.

    Raises InvalidExpression when a column is in it, and UnknownName for a parameter the table does not have.
    """
    if not expression.is_static:
        raise InvalidExpression(
            f"{expression!s} has one value per bar, not one per set", fix="use evaluate(expression, source)"
        )
    return np.broadcast_to(run(expression, Context(0, None, table.columns)), (len(table),))
