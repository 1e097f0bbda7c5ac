"""The expression language: what `see.sma(self.fast) > see.sma(self.slow)` builds instead of computing.

An expression is one value per bar, or the same value for every bar when no column is in it. Operators,
numpy functions and the methods here build larger expressions; nothing is computed until it is evaluated or
compiled. A *condition* is true or false on every bar and never unknown: comparisons with NaN are false, as
in numpy.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, Union, cast, final, runtime_checkable

import numpy as np
import numpy.typing as npt

from autonomous_trading.core._arrays import BoolArray, FloatArray, IntArray
from autonomous_trading.core._node import ATOM, Context, Node, Text, Values, as_float, on_arrays, untraceable
from autonomous_trading.core._operand_rules import check_operands, check_power
from autonomous_trading.core._operations import OPERATIONS, UFUNCS, OperationRule
from autonomous_trading.core.errors import InvalidExpression, unknown_name

# What may stand where an expression is expected: a number is the same for every bar, an array has one value
# per bar.
Operand: TypeAlias = Union["Expression", float, np.number[Any], np.bool_, FloatArray, IntArray, BoolArray]
# A number of bars: a number, a parameter, or arithmetic on them.
Window: TypeAlias = Union["Expression", int]


@runtime_checkable
class _HasArray(Protocol):
    """An array, a number of numpy, a series: anything numpy can make an array of."""

    def __array__(self) -> npt.NDArray[Any]: ...


_UNARY = 7
_BINDING = {"|": 1, "^": 2, "&": 3, "+": 5, "-": 5, "*": 6, "/": 6, "//": 6, "%": 6, "**": 8}
_LARGEST_INT = 2**62


def _infix(op: str, *, reflected: bool = False) -> Callable[["Expression", Operand], "Expression"]:
    def build(self: "Expression", other: Operand) -> "Expression":
        second = _expression_or_none(other)
        if second is None:
            if op in ("equal", "not_equal") and self.parameters:
                raise untraceable(f"{self!s} is compared with {other!r}")
            return cast("Expression", NotImplemented)
        operands = (second, self) if reflected else (self, second)
        if op == "power":
            check_power(*operands, by_numpy=False)
        return Operation(op, operands)

    return build


class Expression(Node):
    """One value per bar, described but not computed. Operators and methods build larger expressions.

    `==` builds a condition like the other comparisons do; `same` compares structure. Methods that look back
    start with NaN (a condition: with false) until there are enough bars.
    """

    __slots__ = ()

    __add__ = _infix("add")
    __radd__ = _infix("add", reflected=True)
    __sub__ = _infix("subtract")
    __rsub__ = _infix("subtract", reflected=True)
    __mul__ = _infix("multiply")
    __rmul__ = _infix("multiply", reflected=True)
    __truediv__ = _infix("divide")
    __rtruediv__ = _infix("divide", reflected=True)
    __floordiv__ = _infix("floor_divide")
    __rfloordiv__ = _infix("floor_divide", reflected=True)
    __mod__ = _infix("remainder")
    __rmod__ = _infix("remainder", reflected=True)
    __pow__ = _infix("power")
    __rpow__ = _infix("power", reflected=True)
    __lt__ = _infix("less")
    __le__ = _infix("less_equal")
    __gt__ = _infix("greater")
    __ge__ = _infix("greater_equal")
    __eq__ = _infix("equal")  # type: ignore[assignment]
    __ne__ = _infix("not_equal")  # type: ignore[assignment]
    __and__ = _infix("and")
    __rand__ = _infix("and", reflected=True)
    __or__ = _infix("or")
    __ror__ = _infix("or", reflected=True)
    __xor__ = _infix("xor")
    __rxor__ = _infix("xor", reflected=True)
    __hash__ = Node.__hash__

    def __invert__(self) -> "Expression":
        return Operation("not", (self,))

    def __neg__(self) -> "Expression":
        return Operation("negative", (self,))

    def __pos__(self) -> "Expression":
        return self

    def __abs__(self) -> "Expression":
        return Operation("absolute", (self,))

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        """np.log(x), np.maximum(x, y), array + x, ...: one of our operations, else computed on arrays now."""
        op = UFUNCS.get(ufunc)
        if method != "__call__" or options or not (op or ufunc is np.isfinite):
            return on_arrays(getattr(ufunc, method), inputs, options)
        operands = tuple(as_expression(value) for value in inputs)
        if op is None:
            return labelled("isfinite", operands, abs(operands[0]) < np.inf)
        if op == "power":
            check_power(*operands, by_numpy=True)
        return Operation(op, operands)

    def __array_function__(
        self, function: Callable[..., Any], types: object, inputs: tuple[Any, ...], options: dict[str, Any]
    ) -> Any:
        """np.where, np.clip and np.nan_to_num build expressions; others are computed on arrays now."""
        build = _NUMPY_FUNCTIONS.get(function)
        if build is None or (function is np.where and len(inputs) == 1):
            return on_arrays(function, inputs, options)
        return build(*inputs, **options)

    def shift(self, bars: Window) -> "Expression":
        """The value `bars` bars ago (0 or more: an expression cannot look ahead)."""
        shifted = Operation("shift", (self, lag := as_expression(bars))) if not self.is_static else self
        if self.is_static or (isinstance(lag, Constant) and lag.value == 0):
            return self
        # Before the first bar nothing was true: NaN > 0 is false.
        return labelled("shift", (self, lag), shifted > 0.0) if self.is_condition else shifted

    def diff(self, bars: Window = 1) -> "Expression":
        """Change over the last `bars` bars."""
        return labelled("diff", (self, as_expression(bars)), self - self.shift(bars))

    def pct_change(self, bars: Window = 1) -> "Expression":
        """Change over the last `bars` bars as a fraction of the older value."""
        return labelled("pct_change", (self, as_expression(bars)), self / self.shift(bars) - 1.0)

    def rolling_sum(self, window: Window) -> "Expression":
        """Sum of the last `window` values; of a condition: how often it was true."""
        return Operation("rolling_sum", (self, as_expression(window)))

    def rolling_mean(self, window: Window) -> "Expression":
        """Mean of the last `window` values."""
        return Operation("rolling_mean", (self, as_expression(window)))

    def rolling_std(self, window: Window, ddof: int = 0) -> "Expression":
        """Standard deviation of the last `window` values, with divisor window - ddof (0 here, 1 in pandas)."""
        return Operation("rolling_std", (self, as_expression(window), Constant(ddof)))

    def rolling_min(self, window: Window) -> "Expression":
        """Smallest of the last `window` values."""
        return Operation("rolling_min", (self, as_expression(window)))

    def rolling_max(self, window: Window) -> "Expression":
        """Largest of the last `window` values."""
        return Operation("rolling_max", (self, as_expression(window)))

    def rolling_median(self, window: Window) -> "Expression":
        """Median of the last `window` values."""
        return Operation("rolling_median", (self, as_expression(window)))

    def ewm_mean(self, span: Window | float) -> "Expression":
        """Exponential mean with weight 2 / (span + 1), started at the first value; a NaN is passed over."""
        return Operation("ewm_mean", (self, as_expression(span)))

    def zscore(self, window: Window) -> "Expression":
        """Distance from the mean of the last `window` values, in their standard deviations (ddof 0)."""
        return Operation("zscore", (self, as_expression(window)))

    def crossed_above(self, other: Operand) -> "Expression":
        """True on the bar where this moves from at or below `other` to above it."""
        line = as_expression(other)
        crossing = (self > line) & (self.shift(1) <= line.shift(1))
        return labelled("crossed_above", (self, line), crossing)

    def crossed_below(self, other: Operand) -> "Expression":
        """True on the bar where this moves from at or above `other` to below it."""
        line = as_expression(other)
        crossing = (self < line) & (self.shift(1) >= line.shift(1))
        return labelled("crossed_below", (self, line), crossing)

    def clip(self, low: Operand | None = None, high: Operand | None = None) -> "Expression":
        """The value, moved to `low` where it is below and to `high` where it is above."""
        bounded = self if low is None else Operation("maximum", (self, as_expression(low)))
        return bounded if high is None else Operation("minimum", (bounded, as_expression(high)))

    def fillna(self, value: Operand) -> "Expression":
        """The value, or `value` where it is NaN."""
        filled = where(Operation("isnan", (self,)), value, self)
        return labelled("fillna", (self, as_expression(value)), filled)


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Constant(Expression):
    """A number, a truth value, or (as an argument of a column) a text."""

    value: int | float | str

    def __post_init__(self) -> None:
        kept = next((kind for kind in (bool, int, float, str) if isinstance(self.value, kind)), None)
        if kept is None:
            raise InvalidExpression(f"{self.value!r} is not a constant", fix="use a number")
        if kept is int and abs(int(self.value)) > _LARGEST_INT:
            kept = float
        object.__setattr__(self, "value", kept(self.value))
        self._settle((), is_condition=isinstance(self.value, bool))

    def __reduce__(self) -> tuple[Any, ...]:
        return Constant, (self.value,)

    def fingerprint(self) -> bytes:
        return f"constant {type(self.value).__name__} {self.value!r}".encode()

    def compute(self, _values: Sequence[Values], _context: Context, /) -> Values:
        return np.array(self.value, dtype=object if isinstance(self.value, str) else None)

    def written(self, _texts: Sequence[Text], /) -> Text:
        text = repr(self.value)
        return text, _UNARY if text.startswith("-") else ATOM


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ArrayColumn(Expression):
    """An array the caller computed, one value per bar: true and false make a condition, numbers a column."""

    values: FloatArray

    def __post_init__(self) -> None:
        given = np.asarray(self.values)
        if given.ndim != 1 or given.dtype.kind not in "buif":
            raise InvalidExpression(
                f"an array of shape {given.shape} and type {given.dtype} cannot be a column",
                fix="pass one number, or true or false, per bar",
            )
        frozen = np.ascontiguousarray(given, dtype=np.float64)
        if frozen.flags.writeable and np.may_share_memory(frozen, given):
            frozen = frozen.copy()
        frozen.flags.writeable = False
        object.__setattr__(self, "values", frozen)
        self._settle((), is_condition=given.dtype.kind == "b", is_static=False, length=len(frozen))

    def __reduce__(self) -> tuple[Any, ...]:
        return ArrayColumn, (self.values.astype(np.bool_) if self.is_condition else self.values,)

    def fingerprint(self) -> bytes:
        return f"array {self.is_condition} ".encode() + self.values.tobytes()

    def compute(self, _values: Sequence[Values], context: Context, /) -> Values:
        if len(self.values) != context.n_bars:
            raise InvalidExpression(
                f"an array of {len(self.values)} values is used with {context.n_bars} bars",
                fix="pass an array with one value per bar",
            )
        return self.values

    def written(self, _texts: Sequence[Text], /) -> Text:
        return f"array[{len(self.values)}]", ATOM


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Operation(Expression):
    """An operation of the table applied to operands. `label` is what the user wrote, if that became this."""

    op: str
    operands: tuple[Expression, ...]
    label: tuple[str, tuple[Expression, ...]] | None = None

    def __post_init__(self) -> None:
        rule = OPERATIONS.get(self.op)
        if rule is None:
            raise unknown_name("operation", self.op, OPERATIONS)
        check_operands(rule, self.operands)
        truth = rule.gives == "condition" or (
            rule.gives == "branches" and all(operand.is_condition for operand in self.operands)
        )
        shown = self.operands if self.label is None else self.label[1]
        self._settle(self.operands, shown=shown, is_condition=truth, is_equality=self.op == "equal")

    def __reduce__(self) -> tuple[Any, ...]:
        return Operation, (self.op, self.operands, self.label)

    @property
    def rule(self) -> OperationRule:
        """The line of the operation table."""
        return OPERATIONS[self.op]

    def fingerprint(self) -> bytes:
        return f"operation {self.op} {len(self.operands)} ".encode()

    def compute(self, values: Sequence[Values], _context: Context, /) -> Values:
        rule = self.rule
        if self.is_static and rule.statics is not None:
            if any(part.dtype == object for part in values):
                raise InvalidExpression(f"{self!s} computes with a text", fix="use numbers")
            return np.asarray(rule.statics(*values))
        pairs = zip(self.operands, values, strict=True)
        return rule.columns(*(as_float(part.item()) if node.is_static else part for node, part in pairs))

    def written(self, texts: Sequence[Text], /) -> Text:
        symbol = self.rule.symbol
        if self.label is not None or not symbol:
            name = self.op if self.label is None else self.label[0]
            return f"{name}({', '.join(text for text, _ in texts)})", ATOM
        binding = _UNARY if len(texts) == 1 else _BINDING.get(symbol, 0)
        # (a - b) - c needs no brackets, a - (b - c) does; powers and comparisons keep theirs on both sides.
        first_loose = symbol != "**" and binding > 0
        parts = [
            text if inner > binding or (inner == binding and position == 0 and first_loose) else f"({text})"
            for position, (text, inner) in enumerate(texts)
        ]
        return (f"{parts[0]} {symbol} {parts[1]}" if len(parts) == 2 else symbol + parts[0]), binding


def as_expression(value: Operand) -> Expression:
    """Get a number, a truth value or an array, one value per bar, as an expression."""
    expression = _expression_or_none(value)
    if expression is None:
        raise InvalidExpression(
            f"{value!r} ({type(value).__name__}) cannot be part of an expression",
            fix="use a column, a parameter, a number, or an array with one value per bar",
        )
    return expression


def labelled(name: str, shown: tuple[Expression, ...], built: Expression) -> Expression:
    """The expression `built`, written as `name(shown...)`."""
    return Operation(built.op, built.operands, (name, shown)) if isinstance(built, Operation) else built


def where(condition: Operand, chosen: Operand, other: Operand) -> Expression:
    """`chosen` on the bars where `condition` is true, `other` elsewhere."""
    return Operation("where", (as_expression(condition), as_expression(chosen), as_expression(other)))


def _expression_or_none(value: object) -> Expression | None:
    if isinstance(value, Expression):
        return value
    if isinstance(value, bool | int | float):
        return Constant(value)
    if isinstance(value, _HasArray) and not isinstance(value, type):
        array = np.asarray(value)
        if array.ndim:
            return ArrayColumn(array)
        return Constant(array.item()) if array.dtype.kind in "buif" else None
    return None


def _nan_to_num(
    x: Operand, copy: bool = True, nan: Operand = 0.0, posinf: Any = None, neginf: Any = None
) -> Expression:
    """np.nan_to_num; `copy` is accepted and means nothing, since an expression is never changed in place."""
    del copy
    ends = np.finfo(np.float64)
    value = as_expression(x)
    finite = where(value == np.inf, float(ends.max) if posinf is None else posinf, value)
    finite = where(value == -np.inf, float(ends.min) if neginf is None else neginf, finite)
    filled = where(Operation("isnan", (value,)), nan, finite)
    return labelled("nan_to_num", (value,), filled)


def _clip(a: Operand, a_min: Operand | None = None, a_max: Operand | None = None, **_: object) -> Expression:
    return as_expression(a).clip(a_min, a_max)


_NUMPY_FUNCTIONS: dict[Callable[..., Any], Callable[..., Expression]] = {
    np.where: where,
    np.clip: _clip,
    np.nan_to_num: _nan_to_num,
}
