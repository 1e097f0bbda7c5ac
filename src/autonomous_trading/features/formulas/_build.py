"""From the syntax tree of a formula to an expression: what names mean, and whether everything fits."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import final

from autonomous_trading.core import Column, Constant, Expression, InvalidInput, column
from autonomous_trading.features._catalogue import column_names, find
from autonomous_trading.features._store import EXTRA_PREFIX
from autonomous_trading.features._timeframes import on_timeframe, split_timeframe
from autonomous_trading.features.formulas._columns import Placed, called, output_of, unknown_column
from autonomous_trading.features.formulas._functions import FUNCTIONS
from autonomous_trading.features.formulas._operands import bound
from autonomous_trading.features.formulas._syntax import Binary, Call, Framed, Member, Name, Number, Syntax, Text, Unary
from autonomous_trading.features.formulas._values import (
    ManyOutputs,
    Reading,
    TextValue,
    Value,
    binary,
    is_static,
    unary,
)

EXTRA = "extra"
TRUTHS: Mapping[str, bool] = {"true": True, "True": True, "false": False, "False": False}


@final
@dataclass(frozen=True, slots=True)
class Names:
    """What names mean beside the catalogue: parameters by name, and the columns that came with the bars.

    `extra` is None where the bars are not known yet: `extra.NAME` then stands for whatever they bring.
    """

    parameters: Mapping[str, Expression]
    extra: Collection[str] | None = None


@final
class Builder:
    """Builds the expression of one tree."""

    def __init__(self, reading: Reading, names: Names) -> None:
        self._reading = reading
        self._names = names

    def expression(self, tree: Syntax) -> Expression:
        """The whole formula as an expression."""
        return self._reading.expression(self._value(tree), _place(tree), "a column")

    def _value(self, tree: Syntax) -> Value:
        match tree:
            case Binary():
                return self._joined(tree)
            case Unary(sign, operand, at):
                return unary(self._reading, sign, self._value(operand), (at, _place(operand)))
            case Number(text, at):
                return self._reading.constant(at, _number(text))
            case Text(value, _):
                return TextValue(value)
            case Name(name, at):
                return self._named(name, at)
            case Member():
                return self._member(tree)
            case Call():
                return self._called(tree)
            case Framed():
                return self._framed(tree)

    def _joined(self, tree: Binary) -> Value:
        """a + b + c + ... leans to the left and may be long: a loop, not a descent."""
        chain: list[Binary] = []
        left: Syntax = tree
        while isinstance(left, Binary):
            chain.append(left)
            left = left.left
        found, place = self._value(left), _place(left)
        for each in reversed(chain):
            right = self._value(each.right)
            found = binary(self._reading, each.sign, (found, right), (place, each.at, _place(each.right)))
        return found

    def _named(self, name: str, at: int) -> Value:
        if name in self._names.parameters:
            return self._names.parameters[name]
        if name in TRUTHS:
            return Constant(TRUTHS[name])
        if name in column_names() and name not in FUNCTIONS:
            entry = find(name)
            return called(self._reading, entry, (), {}, at) if entry.callable else column(name)
        if name in (self._names.extra or ()):
            return column(EXTRA_PREFIX + name)
        if name in FUNCTIONS:
            self._reading.refuse(at, f"{name} is a function", fix=f"write {FUNCTIONS[name].signature()}")
        if name == EXTRA:
            self._reading.refuse(at, "extra is not a column", fix="write extra.NAME, the name of a column of the bars")
        raise unknown_column(self._reading, name, self._known(), at)

    def _known(self) -> Sequence[str]:
        return (*self._names.parameters, *(self._names.extra or ()), *FUNCTIONS, *column_names())

    def _member(self, tree: Member) -> Value:
        if isinstance(tree.owner, Name) and tree.owner.name == EXTRA:
            return self._extra(tree.name, tree.at)
        owner = self._value(tree.owner)
        if isinstance(owner, ManyOutputs):
            return output_of(self._reading, owner, tree.name, tree.at)
        if tree.name in FUNCTIONS:
            self._reading.refuse(tree.at, f"{tree.name} is a function", fix=f"write {FUNCTIONS[tree.name].signature()}")
        raise self._reading.written.error(
            tree.at,
            f"{tree.name!r} has no place here: what stands before the dot has no outputs",
            fix="a dot chooses an output, as in macd(12, 26, 9).macdhist, or calls a function, as in close.shift(1)",
        )

    def _extra(self, name: str, at: int) -> Expression:
        if self._names.extra is not None and name not in self._names.extra:
            raise unknown_column(self._reading, name, tuple(self._names.extra), at)
        return column(EXTRA_PREFIX + name)

    def _called(self, tree: Call) -> Value:
        function = tree.function
        operands = [(self._value(each), _place(each)) for each in tree.operands]
        named = {key.name: (self._value(each), _place(each)) for key, each in tree.named}
        if isinstance(function, Member):
            if function.name not in FUNCTIONS:
                raise unknown_column(self._reading, function.name, tuple(FUNCTIONS), function.at)
            owner = (self._value(function.owner), _place(function.owner))
            return bound(self._reading, FUNCTIONS[function.name], [owner, *operands], named, function.at)
        return self._call_of(function, operands, named)

    def _call_of(self, function: Name, operands: Sequence[Placed], named: Mapping[str, Placed]) -> Value:
        name, at = function.name, function.at
        plain = (*self._names.parameters, *TRUTHS, *(self._names.extra or ()))
        if name in plain and name not in column_names() and name not in FUNCTIONS:
            self._reading.refuse(at, f"{name} takes no arguments", fix=f"write {name} without ()")
        if name == EXTRA and len(operands) == 1 and not named and isinstance(operands[0][0], TextValue):
            return self._extra(operands[0][0].text, operands[0][1])
        known = name in column_names()
        if name in FUNCTIONS and not (known and self._is_column(name, operands, named, at)):
            return bound(self._reading, FUNCTIONS[name], operands, named, at)
        if known:
            entry = find(name)
            if not entry.callable:
                self._reading.refuse(at, f"{name} takes no arguments", fix=f"write {name} without ()")
            return called(self._reading, entry, operands, named, at)
        raise unknown_column(self._reading, name, self._known(), at)

    def _is_column(self, name: str, operands: Sequence[Placed], named: Mapping[str, Placed], at: int) -> bool:
        """Whether a name that both a function and a column of the catalogue have means the column here.

        It does without operands and with numbers alone: `min(14)`, `sqrt(source=volume)`. With a series it is the
        function; only where that could be meant either way, as in max(high, 20), is it refused.
        """
        entry, function = find(name), FUNCTIONS[name]
        keywords = {rule.name for rule in entry.parameters} | {each.keyword for each in entry.inputs}
        if keywords & set(named):
            return True
        series = [not is_static(value) for value, _ in operands]
        if not any(series):
            return len(operands) <= len(entry.parameters)
        if function.instead and series[0] and not all(series):
            self._reading.refuse(at, f"{name} of a column and a number may mean two things", fix=function.instead)
        return False

    def _framed(self, tree: Framed) -> Expression:
        found = self._reading.expression(self._value(tree.operand), _place(tree.operand), "a column")
        if not isinstance(found, Column) or found.name.startswith(EXTRA_PREFIX):
            self._reading.refuse(
                tree.at, "only a column of the catalogue has another timeframe", fix="write rsi(14)@4h, close@1d"
            )
        if found.inputs or split_timeframe(found.name)[0]:
            self._reading.refuse(
                tree.at,
                "a column of another timeframe is computed from the prices of that timeframe, and from nothing else",
                fix="leave out the series, and write one timeframe",
            )
        try:
            name = on_timeframe(found.name, tree.timeframe)
        except InvalidInput as error:
            raise self._reading.written.placed(tree.at, error) from None
        return column(name, found.arguments, output=found.output)


def _number(text: str) -> int | float:
    return int(text) if text.replace("_", "").isdecimal() else float(text)


def _place(tree: Syntax) -> int:
    """Where a part of the formula begins."""
    while True:
        match tree:
            case Binary(_, left, _, _):
                tree = left
            case Member(owner, _, _) | Framed(owner, _, _):
                tree = owner
            case Call(function, _, _, _):
                tree = function
            case _:
                return tree.at
