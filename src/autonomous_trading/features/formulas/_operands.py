"""Operands given to a function of the expression language: by position and by name, each of the kind it takes."""

from collections.abc import Mapping, Sequence

from autonomous_trading.core import Constant, Expression, unknown_name
from autonomous_trading.features.formulas._columns import Placed
from autonomous_trading.features.formulas._functions import FormulaFunction, Operand
from autonomous_trading.features.formulas._values import Reading, is_static


def bound(
    reading: Reading, function: FormulaFunction, operands: Sequence[Placed], named: Mapping[str, Placed], at: int
) -> Expression:
    """The function of these operands."""
    given = _by_name(reading, function, operands, named, at)
    if function.name.startswith("crossed_") and all(is_static(value) for value, _ in given.values()):
        reading.refuse(at, f"{function.name} looks over bars and is given no column", fix="give it a column")
    ready: list[object] = []
    for operand in function.operands:
        if operand.name not in given:
            break  # those that may be left out are the last ones
        ready.append(_checked(reading, function, operand, given[operand.name]))
        if operand.takes == "count":
            _check_count(reading, function, ready, given[operand.name][1])
    return reading.built(at, function.build, *ready)


def _by_name(
    reading: Reading, function: FormulaFunction, operands: Sequence[Placed], named: Mapping[str, Placed], at: int
) -> Mapping[str, Placed]:
    names = [operand.name for operand in function.operands]
    if len(operands) > len(names):
        reading.refuse(
            operands[len(names)][1],
            f"{function.name} takes {len(names)} operands, got {len(operands)}",
            fix=f"write {function.signature()}",
        )
    given = dict(zip(names, operands, strict=False))
    for name, placed in named.items():
        if name not in names:
            raise reading.written.placed(placed[1], unknown_name(f"operand of {function.name}", name, names))
        if name in given:
            reading.refuse(placed[1], f"{function.name}: {name} is given twice", fix="give it once")
        given[name] = placed
    missing = [operand.name for operand in function.operands if operand.required and operand.name not in given]
    if missing:
        reading.refuse(at, f"{function.name} needs {missing[0]}", fix=f"write {function.signature()}")
    return given


def _checked(reading: Reading, function: FormulaFunction, operand: Operand, placed: Placed) -> object:
    """The operand as it is handed on: an expression, or the plain whole number of a count."""
    value, at = placed
    if operand.takes == "condition":
        return reading.condition(value, at, function.name)
    found = reading.expression(value, at, f"{operand.name} of {function.name}")
    if operand.takes == "column" and found.is_static:
        reading.refuse(
            at,
            f"{function.name} looks over bars, and {operand.name} is the same for every bar",
            fix=f"give it a column: {function.signature()}",
        )
    if operand.takes in ("bars", "count"):
        _check_bars(reading, function, operand, (found, at))
    if operand.takes == "count" and isinstance(found, Constant):
        return found.value
    return found


def _check_bars(reading: Reading, function: FormulaFunction, operand: Operand, placed: tuple[Expression, int]) -> None:
    found, at = placed
    what = f"{operand.name} of {function.name}"
    if not found.is_static:
        reading.refuse(at, f"{what} changes from bar to bar", fix="give a number or a parameter")
    value = found.value if isinstance(found, Constant) else None
    if isinstance(value, bool) or found.is_condition:
        reading.refuse(at, f"{what} is a number of bars, not a condition", fix="give a whole number")
    if value is None and operand.takes == "count":
        reading.refuse(at, f"{what} has to be a plain number", fix="write the number")
    if isinstance(value, int | float) and value > reading.limits.window:
        reading.refuse(at, f"{what} is at most {reading.limits.window:,} bars here", fix="use a shorter one")


def _check_count(reading: Reading, function: FormulaFunction, ready: Sequence[object], at: int) -> None:
    """The divisor window - ddof has to stay positive."""
    *_, window, lost = ready
    longest = window.value if isinstance(window, Constant) and isinstance(window.value, int | float) else None
    if not isinstance(lost, int) or lost < 0 or (longest is not None and lost >= longest):
        reading.refuse(
            at, f"ddof of {function.name} must be a whole number from 0 to below the window", fix="use 0 or 1"
        )
