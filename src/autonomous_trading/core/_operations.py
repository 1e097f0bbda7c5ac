"""The operation table: what every operation of an expression is called, takes, gives and computes.

Two families. *Kernel* operations have an opcode and run inside the compiled simulator. They are exactly
rounded (or select one of their operands), so machine code and numpy agree in every bit. *Array* operations
have none: they are computed with numpy over whole columns, and compiled code sees their result as one more
column.

Numbers follow numpy: NaN compares false except with `!=`, x / 0 is infinite or NaN. Conditions are 0.0 and
1.0. Two choices numpy leaves open are fixed here: minimum and maximum give their second operand when both are
equal (which matters for -0.0 and 0.0), and power multiplies for an exponent of 2, takes the root for 0.5 and
divides for -1.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, final

import numpy as np
import numpy.typing as npt

from autonomous_trading.core import rolling
from autonomous_trading.core._arrays import FloatArray
from autonomous_trading.core.opcodes import (
    ABS,
    ADD,
    AND,
    CEIL,
    DIV,
    EQ,
    FLOOR,
    GE,
    GT,
    ISNAN,
    LE,
    LT,
    MAX,
    MIN,
    MUL,
    NE,
    NEG,
    NOT,
    OR,
    SHIFT,
    SIGN,
    SQRT,
    SUB,
    WHERE,
    XOR,
)

# What is the same for every bar: one value per parameter set [n_sets], or a constant []. int64, float64, bool
# or text.
StaticArray: TypeAlias = npt.NDArray[Any]
Kind: TypeAlias = Literal["number", "condition"]


@final
@dataclass(frozen=True, slots=True)
class OperationRule:
    """What one operation takes, gives and computes.

    `takes` names the kind each operand must have ("any" for either); `gives` is the kind of the result, or
    "branches": a condition when all operands are. `columns` computes on float64 columns [n_bars] and plain
    floats, at least one of them a column. `statics` computes on one value per parameter set and keeps whole
    numbers whole; it is None for operations `over_bars`: those look at bars before, so their first operand is
    a column, and the others are numbers of bars that `check` may refuse.
    """

    name: str
    takes: tuple[Kind | Literal["any"], ...]
    gives: Kind | Literal["branches"]
    columns: Callable[..., FloatArray]
    statics: Callable[..., StaticArray] | None
    opcode: int | None = None
    symbol: str = ""
    check: Callable[[Any, str], object] | None = None

    @property
    def over_bars(self) -> bool:
        return self.statics is None


def _numbers(values: StaticArray) -> StaticArray:
    """Truth values as 0 and 1, so that arithmetic on them counts."""
    return values.astype(np.int64) if values.dtype == np.bool_ else values


def _contiguous(values: FloatArray | float) -> FloatArray:
    # numpy has other code for strided memory, which may differ in the last bit.
    return np.ascontiguousarray(values, dtype=np.float64)


def _arithmetic(ufunc: np.ufunc) -> Callable[..., StaticArray]:
    def compute(*operands: StaticArray) -> StaticArray:
        result: StaticArray = ufunc(*map(_numbers, operands))
        return result

    return compute


def _truth(ufunc: np.ufunc) -> Callable[..., FloatArray]:
    """A ufunc that answers true or false, answering 1.0 or 0.0."""

    def compute(*operands: FloatArray) -> FloatArray:
        result: FloatArray = ufunc(*operands).astype(np.float64)
        return result

    return compute


def _one_by_one(ufunc: np.ufunc) -> Callable[[StaticArray], StaticArray]:
    """The ufunc called with one Python number at a time, as plain numbers in a strategy call it."""

    def compute(values: StaticArray) -> StaticArray:
        answers = [ufunc(value) for value in _numbers(values).ravel().tolist()]
        return np.array(answers, dtype=np.float64).reshape(values.shape)

    return compute


def _smaller(a: Any, b: Any) -> Any:
    return np.where((a < b) | (a != a), a, b)


def _larger(a: Any, b: Any) -> Any:
    return np.where((a > b) | (a != a), a, b)


def _power(base: FloatArray | float, exponent: FloatArray | float) -> FloatArray:
    bases, exponents = np.broadcast_arrays(base, exponent)
    # numpy multiplies instead when one exponent serves all bars: full columns keep it to one method.
    result: FloatArray = np.power(_contiguous(bases), _contiguous(exponents))
    for value, exact in ((2.0, np.square), (0.5, np.sqrt), (-1.0, np.reciprocal)):
        chosen = exponents == value
        if chosen.any():
            result[chosen] = exact(bases[chosen])
    return result


def _python_power(base: float, exponent: float) -> float:
    try:
        return math.pow(base, exponent)
    except (ValueError, OverflowError):  # numpy knows the infinity or NaN that Python refuses to give
        return float(np.power(np.float64(base), np.float64(exponent)))


def _static_power(base: StaticArray, exponent: StaticArray) -> StaticArray:
    """Python's ** for every set: whole where a whole base meets a constant exponent of 0, 1, 2, ..."""
    base, exponent = _numbers(base), _numbers(exponent)
    if base.dtype.kind == exponent.dtype.kind == "i" and exponent.ndim == 0 and exponent >= 0:
        return np.asarray(np.power(base, exponent))
    bases, exponents = np.broadcast_arrays(base.astype(np.float64), exponent.astype(np.float64))
    answers = map(_python_power, bases.ravel().tolist(), exponents.ravel().tolist())
    return np.array(list(answers), dtype=np.float64).reshape(bases.shape)


def _where(condition: FloatArray, chosen: FloatArray | float, other: FloatArray | float) -> FloatArray:
    return np.where(np.not_equal(condition, 0.0), chosen, other)


def _binary(name: str, symbol: str, ufunc: np.ufunc, opcode: int | None) -> OperationRule:
    return OperationRule(name, ("any", "any"), "number", ufunc, _arithmetic(ufunc), opcode, symbol=symbol)


def _unary(name: str, ufunc: np.ufunc, opcode: int, *, symbol: str = "") -> OperationRule:
    return OperationRule(name, ("any",), "number", ufunc, _arithmetic(ufunc), opcode, symbol=symbol)


def _comparison(name: str, symbol: str, ufunc: np.ufunc, opcode: int) -> OperationRule:
    statics = _arithmetic(ufunc)
    return OperationRule(name, ("any", "any"), "condition", _truth(ufunc), statics, opcode, symbol=symbol)


def _logic(name: str, symbol: str, ufunc: np.ufunc, opcode: int) -> OperationRule:
    condition: Kind = "condition"
    return OperationRule(name, (condition,) * ufunc.nin, "condition", _truth(ufunc), ufunc, opcode, symbol=symbol)


def _curve(name: str, ufunc: np.ufunc) -> OperationRule:
    """A smooth function, rounded as numpy rounds it: an array operation."""
    return OperationRule(name, ("any",), "number", lambda x: ufunc(_contiguous(x)), _one_by_one(ufunc))


def _over_bars(
    function: Callable[..., FloatArray],
    check: Callable[[Any, str], object] = rolling.checked_window,
    *,
    operands: int = 2,
    opcode: int | None = None,
) -> OperationRule:
    """A function of the bars before: the column first, then numbers of bars."""
    either: Literal["any"] = "any"
    name, takes = function.__name__, (either,) * operands
    return OperationRule(name, takes, "number", function, None, opcode, check=check)


_ALL = (
    _over_bars(rolling.shift, rolling.checked_lag, opcode=SHIFT),
    _binary("add", "+", np.add, ADD),
    _binary("subtract", "-", np.subtract, SUB),
    _binary("multiply", "*", np.multiply, MUL),
    _binary("divide", "/", np.divide, DIV),
    _binary("floor_divide", "//", np.floor_divide, None),
    _binary("remainder", "%", np.remainder, None),
    OperationRule("power", ("any", "any"), "number", _power, _static_power, symbol="**"),
    OperationRule("minimum", ("any", "any"), "number", _smaller, lambda a, b: _smaller(_numbers(a), _numbers(b)), MIN),
    OperationRule("maximum", ("any", "any"), "number", _larger, lambda a, b: _larger(_numbers(a), _numbers(b)), MAX),
    _comparison("less", "<", np.less, LT),
    _comparison("less_equal", "<=", np.less_equal, LE),
    _comparison("greater", ">", np.greater, GT),
    _comparison("greater_equal", ">=", np.greater_equal, GE),
    _comparison("equal", "==", np.equal, EQ),
    _comparison("not_equal", "!=", np.not_equal, NE),
    _logic("and", "&", np.logical_and, AND),
    _logic("or", "|", np.logical_or, OR),
    _logic("xor", "^", np.logical_xor, XOR),
    _logic("not", "~", np.logical_not, NOT),
    _unary("negative", np.negative, NEG, symbol="-"),
    _unary("absolute", np.absolute, ABS),
    _unary("sqrt", np.sqrt, SQRT),
    _unary("floor", np.floor, FLOOR),
    _unary("ceil", np.ceil, CEIL),
    _unary("sign", np.sign, SIGN),
    OperationRule("isnan", ("any",), "condition", _truth(np.isnan), _arithmetic(np.isnan), ISNAN),
    OperationRule("where", ("condition", "any", "any"), "branches", _where, np.where, WHERE),
    _curve("log", np.log),
    _curve("log1p", np.log1p),
    _curve("exp", np.exp),
    _curve("tanh", np.tanh),
    _curve("arctan", np.arctan),
    _curve("sin", np.sin),
    _curve("cos", np.cos),
    _over_bars(rolling.rolling_sum),
    _over_bars(rolling.rolling_mean),
    _over_bars(rolling.rolling_std, operands=3),
    _over_bars(rolling.rolling_min),
    _over_bars(rolling.rolling_max),
    _over_bars(rolling.rolling_median),
    _over_bars(rolling.zscore),
    _over_bars(rolling.ewm_mean, rolling.checked_span),
)

OPERATIONS: Mapping[str, OperationRule] = {rule.name: rule for rule in _ALL}

# The numpy functions that mean one of our operations when an expression is among their arguments.
UFUNCS: Mapping[np.ufunc, str] = {
    np.add: "add",
    np.subtract: "subtract",
    np.multiply: "multiply",
    np.divide: "divide",
    np.floor_divide: "floor_divide",
    np.remainder: "remainder",
    np.power: "power",
    np.negative: "negative",
    np.absolute: "absolute",
    np.sqrt: "sqrt",
    np.floor: "floor",
    np.ceil: "ceil",
    np.sign: "sign",
    np.minimum: "minimum",
    np.maximum: "maximum",
    np.less: "less",
    np.less_equal: "less_equal",
    np.greater: "greater",
    np.greater_equal: "greater_equal",
    np.equal: "equal",
    np.not_equal: "not_equal",
    np.logical_and: "and",
    np.logical_or: "or",
    np.logical_xor: "xor",
    np.logical_not: "not",
    np.bitwise_and: "and",
    np.bitwise_or: "or",
    np.bitwise_xor: "xor",
    np.invert: "not",
    np.isnan: "isnan",
    np.log: "log",
    np.log1p: "log1p",
    np.exp: "exp",
    np.tanh: "tanh",
    np.arctan: "arctan",
    np.sin: "sin",
    np.cos: "cos",
}
