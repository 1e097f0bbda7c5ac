"""The functions of the expression language by the names that a formula calls them by, and what each takes."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias, final

from autonomous_trading.core import Constant, Expression, Operation, where

Takes: TypeAlias = Literal["value", "column", "condition", "bars", "count"]
"""What an operand is: any value; a value per bar; true or false; a number of bars; a plain whole number."""


@final
@dataclass(frozen=True, slots=True)
class Operand:
    """One operand of a function, by its name."""

    name: str
    takes: Takes = "value"
    required: bool = True


@final
@dataclass(frozen=True, slots=True)
class FormulaFunction:
    """One function: how it is called, what it takes in order, and what it says.

    `instead` says what to write where a column of the catalogue has the same name and could be meant as well.
    """

    name: str
    operands: tuple[Operand, ...]
    build: Callable[..., Expression]
    description: str
    instead: str = ""

    def signature(self) -> str:
        """How it is written: "rolling_std(x, window, [ddof])"."""
        return f"{self.name}({', '.join(o.name if o.required else f'[{o.name}]' for o in self.operands)})"


def _one(name: str, description: str, op: str = "") -> FormulaFunction:
    operation = op or name

    def build(x: Expression) -> Expression:
        return Operation(operation, (x,))

    return FormulaFunction(name, (Operand("x"),), build, description)


_TWO_MEANINGS = "write {0}imum(x, n) to compare every bar with n, or rolling_{0}(x, n) for the {1} of the last n bars"


def _two(name: str, description: str, op: str = "", *, instead: str = "") -> FormulaFunction:
    operation = op or name

    def build(a: Expression, b: Expression) -> Expression:
        return Operation(operation, (a, b))

    return FormulaFunction(name, (Operand("a"), Operand("b")), build, description, instead)


def _over(name: str, build: Callable[..., Expression], description: str, *, window: str = "window") -> FormulaFunction:
    return FormulaFunction(name, (Operand("x", "column"), Operand(window, "bars")), build, description)


def _where(name: str) -> FormulaFunction:
    operands = (Operand("condition", "condition"), Operand("chosen"), Operand("other"))
    return FormulaFunction(name, operands, where, "`chosen` where the condition is true, `other` elsewhere")


def _back(name: str, build: Callable[..., Expression], description: str) -> FormulaFunction:
    operands = (Operand("x", "column"), Operand("bars", "bars", required=False))
    return FormulaFunction(name, operands, build, description)


def _crossing(name: str, build: Callable[..., Expression], description: str) -> FormulaFunction:
    return FormulaFunction(name, (Operand("x"), Operand("other")), build, description)


def _finite(x: Expression) -> Expression:
    return Operation("less", (abs(x), Constant(math.inf)), ("isfinite", (x,)))  # as np.isfinite builds it


_ALL = (
    FormulaFunction(
        "shift",
        (Operand("x", "column"), Operand("bars", "bars")),
        lambda x, bars: x.shift(bars),
        "the value so many bars ago; never a later one",
    ),
    _back("diff", lambda x, bars=1: x.diff(bars), "change over so many bars (1)"),
    _back("pct_change", lambda x, bars=1: x.pct_change(bars), "change over so many bars (1), as a fraction"),
    _over("rolling_sum", lambda x, window: x.rolling_sum(window), "sum of the last values; of a condition: a count"),
    _over("rolling_mean", lambda x, window: x.rolling_mean(window), "mean of the last values"),
    FormulaFunction(
        "rolling_std",
        (Operand("x", "column"), Operand("window", "bars"), Operand("ddof", "count", required=False)),
        lambda x, window, ddof=0: x.rolling_std(window, ddof),
        "standard deviation of the last values, with divisor window - ddof (0)",
    ),
    _over("rolling_min", lambda x, window: x.rolling_min(window), "smallest of the last values"),
    _over("rolling_max", lambda x, window: x.rolling_max(window), "largest of the last values"),
    _over("rolling_median", lambda x, window: x.rolling_median(window), "median of the last values"),
    _over("zscore", lambda x, window: x.zscore(window), "distance from the mean of the last values, in deviations"),
    _over("ewm_mean", lambda x, span: x.ewm_mean(span), "exponential mean, weight 2 / (span + 1)", window="span"),
    _crossing("crossed_above", lambda x, other: x.crossed_above(other), "true on the bar where x moves above other"),
    _crossing("crossed_below", lambda x, other: x.crossed_below(other), "true on the bar where x moves below other"),
    _where("where"),
    _where("if"),
    FormulaFunction(
        "clip",
        (Operand("x"), Operand("low"), Operand("high", required=False)),
        lambda x, low, high=None: x.clip(low, high),
        "x, moved to low where it is below and to high where it is above",
    ),
    FormulaFunction(
        "fillna", (Operand("x"), Operand("value")), lambda x, value: x.fillna(value), "x, or value where x is NaN"
    ),
    _one("isnan", "true where x is NaN"),
    FormulaFunction("isfinite", (Operand("x"),), _finite, "true where x is neither NaN nor infinite"),
    _one("abs", "x without its sign", "absolute"),
    _one("absolute", "the same as abs"),
    _one("sign", "-1, 0 or 1"),
    _one("sqrt", "square root"),
    _one("log", "natural logarithm"),
    _one("log1p", "natural logarithm of 1 + x"),
    _one("exp", "e to the power of x"),
    _one("tanh", "hyperbolic tangent"),
    _one("arctan", "inverse tangent, in radians"),
    _one("sin", "sine of radians"),
    _one("cos", "cosine of radians"),
    _one("floor", "the whole number below"),
    _one("ceil", "the whole number above"),
    _two("minimum", "the smaller of two values of one bar"),
    _two("min", "the same as minimum, of two columns", "minimum", instead=_TWO_MEANINGS.format("min", "smallest")),
    _two("maximum", "the larger of two values of one bar"),
    _two("max", "the same as maximum, of two columns", "maximum", instead=_TWO_MEANINGS.format("max", "largest")),
)

FUNCTIONS: Mapping[str, FormulaFunction] = {function.name: function for function in _ALL}
"""Every function a formula can call, by name."""
