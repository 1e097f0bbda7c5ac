"""Random expressions, with a source of columns for them."""

import math
import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from hypothesis import strategies as st

from autonomous_trading.core import (
    Column,
    ColumnArgument,
    Constant,
    Expression,
    FloatArray,
    Operation,
    ParameterRef,
    ParameterTable,
    as_expression,
    column,
    evaluate,
    where,
)

SPECIAL = (0.0, -0.0, 1.0, -1.0, 0.5, 2.0, math.inf, -math.inf, math.nan, 1e-300, 1e300)
CLOSE, OPEN = column("close"), column("open")
FAST, SLOW, WEIGHT, FLAG = (
    ParameterRef("fast"),
    ParameterRef("slow"),
    ParameterRef("weight"),
    ParameterRef("flag", boolean=True),
)
ELEMENTWISE_1 = ("negative", "absolute", "sqrt", "floor", "ceil", "sign", "log", "log1p", "exp", "tanh", "sin")
ELEMENTWISE_2 = ("add", "subtract", "multiply", "divide", "minimum", "maximum", "floor_divide", "remainder")
COMPARISONS = ("less", "less_equal", "greater", "greater_equal", "equal", "not_equal")
ROLLING = ("rolling_mean", "rolling_sum", "rolling_min", "rolling_max", "zscore")


class SixBars:
    """Six bars with known columns; `scaled` multiplies its input or the close by its argument."""

    n_bars = 6

    def __init__(self) -> None:
        self.close = np.array([1.0, 2.0, 4.0, 3.0, 3.0, 5.0])
        self.open = np.array([2.0, 2.0, 2.0, 2.0, 3.0, np.nan])
        self.asked: list[tuple[Any, ...]] = []

    def column(
        self, name: str, arguments: tuple[Any, ...], inputs: tuple[FloatArray, ...] | None, output: str
    ) -> FloatArray:
        self.asked.append((name, arguments, output))
        if name == "scaled":
            return np.asarray((self.close if inputs is None else inputs[0]) * arguments[0])
        return {"close": self.close, "open": self.open, "short": self.close[:3]}[name]


def built(value: Any) -> Expression:
    """The same expression, for what numpy's type hints take for an array."""
    assert isinstance(value, Expression)
    return value


def values(expression: Any, **parameters: float | str) -> list[float]:
    """Values of an expression on the six bars."""
    found: list[float] = evaluate(built(expression), SixBars(), parameters).tolist()
    return found


def sma(window: Expression | int) -> Expression:
    """A column with one argument."""
    return column("sma", [window])


class SeededColumns:
    """Columns made up from a seed, their name, arguments and inputs; a tenth of the values are special ones."""

    def __init__(self, n_bars: int, seed: int) -> None:
        self.n_bars = n_bars
        self.seed = seed
        self.calls = 0

    def column(
        self,
        name: str,
        arguments: tuple[ColumnArgument, ...],
        inputs: tuple[FloatArray, ...] | None,
        output: str,
    ) -> FloatArray:
        self.calls += 1
        text = f"{name} {arguments} {output}"
        rng = np.random.default_rng([self.seed, *text.encode()])
        values = np.round(rng.normal(0.0, 3.0, self.n_bars), 1)
        odd = rng.random(self.n_bars) < 0.1
        values[odd] = rng.choice(SPECIAL, int(odd.sum()))
        for part in inputs or ():
            values = np.where(np.isfinite(part), values + 0.25 * np.sign(part), np.nan)
        return values


def tables(rows: int, seed: int) -> ParameterTable:
    """`rows` random sets of the four parameters used here; whole numbers repeat often."""
    rng = np.random.default_rng([seed, 1])
    return ParameterTable(
        {
            "fast": rng.integers(1, 4, rows),
            "slow": rng.integers(1, 6, rows),
            "weight": rng.choice([0.0, 0.5, 1.5, -2.0, 0.1], rows),
            "flag": rng.random(rows) < 0.5,
        }
    )


def one_of(*choices: Expression) -> st.SearchStrategy[Expression]:
    """One of these (a parameter cannot be hashed, which sampling from a list would do)."""
    return st.integers(0, len(choices) - 1).map(lambda index: choices[index])


def statics() -> st.SearchStrategy[Expression]:
    """Numbers of bars: whole, at least 1."""
    return one_of(FAST, SLOW, FAST + 1, SLOW * 2 - 1, as_expression(2), built(np.maximum(FAST, SLOW)))


@st.composite
def numbers(draw: st.DrawFn, depth: int) -> Expression:
    """A number for every bar, or for all of them, at most `depth` operations deep."""
    shape = draw(st.integers(0, 2 if depth == 0 else 9))
    if shape == 0:
        return column(draw(st.sampled_from(["close", "noise"])))
    if shape == 1:
        return column("average", [draw(statics())])
    if shape == 2:
        return draw(one_of(WEIGHT, FAST, as_expression(2), as_expression(-0.5), WEIGHT / 3 - FAST, FAST**2))
    below = numbers(depth - 1)
    if shape == 3:
        return Operation(draw(st.sampled_from(ELEMENTWISE_1)), (draw(below),))
    if shape in (4, 5):
        return Operation(draw(st.sampled_from(ELEMENTWISE_2)), (draw(below), draw(below)))
    if shape == 6:
        return where(draw(conditions(depth - 1)), draw(below), draw(below))
    if shape == 7:
        bars = draw(st.one_of(st.integers(0, 3).map(as_expression), statics()))
        return draw(below).shift(bars)
    if shape == 8:
        inputs = (draw(below) + column("close"),)
        return column("filtered", [draw(statics())], inputs=inputs, output="upper")
    rolled = draw(below) + column("noise")
    return Operation(draw(st.sampled_from(ROLLING)), (rolled, draw(statics())))


@st.composite
def conditions(draw: st.DrawFn, depth: int) -> Expression:
    """A condition at most `depth` operations deep."""
    shape = draw(st.integers(0, 1 if depth == 0 else 5))
    if shape == 0:
        return draw(one_of(FLAG, FAST > SLOW, column("close") > column("noise")))
    below = numbers(max(depth - 1, 0))
    if shape == 1:
        return Operation(draw(st.sampled_from(COMPARISONS)), (draw(below), draw(below)))
    first = draw(conditions(depth - 1))
    if shape == 2:
        return Operation(draw(st.sampled_from(["and", "or", "xor"])), (first, draw(conditions(depth - 1))))
    if shape == 3:
        return ~first
    if shape == 4:
        return first.shift(draw(st.integers(0, 2)))
    crossing = draw(below).crossed_above(draw(below))
    return where(first, crossing, np.isnan(draw(below)))


def expressions(depth: int = 4) -> st.SearchStrategy[Expression]:
    """Numbers and conditions."""
    return st.one_of(numbers(depth), conditions(depth))


PYTHON: dict[str, Callable[..., Any]] = {
    "add": operator.add,
    "subtract": operator.sub,
    "multiply": operator.mul,
    "divide": operator.truediv,
    "floor_divide": operator.floordiv,
    "remainder": operator.mod,
    "power": operator.pow,
    "less": operator.lt,
    "less_equal": operator.le,
    "greater": operator.gt,
    "greater_equal": operator.ge,
    "equal": operator.eq,
    "not_equal": operator.ne,
    "and": operator.and_,
    "or": operator.or_,
    "xor": operator.xor,
    "not": operator.not_,
    "negative": operator.neg,
    "absolute": abs,
    "minimum": np.minimum,
    "maximum": np.maximum,
    "sqrt": np.sqrt,
    "floor": np.floor,
    "ceil": np.ceil,
    "sign": np.sign,
    "isnan": np.isnan,
    "log": np.log,
    "log1p": np.log1p,
    "exp": np.exp,
    "tanh": np.tanh,
    "sin": np.sin,
}


def with_plain_numbers(expression: Expression, chosen: Mapping[str, Any]) -> Any:
    """What the same strategy builds when it is given plain numbers: Python computes what is known, the rest stays."""
    match expression:
        case ParameterRef():
            return chosen[expression.name]
        case Constant():
            return expression.value
        case Column():
            arguments = [with_plain_numbers(part, chosen) for part in expression.arguments]
            inputs = [with_plain_numbers(part, chosen) for part in expression.inputs]
            return column(expression.name, arguments, inputs=inputs, output=expression.output)
        case Operation():
            operands = [with_plain_numbers(part, chosen) for part in expression.operands]
            if expression.op in PYTHON and not any(isinstance(part, Expression) for part in operands):
                with np.errstate(all="ignore"):
                    return PYTHON[expression.op](*operands)
            return Operation(expression.op, tuple(as_expression(part) for part in operands))
    raise TypeError(expression)
