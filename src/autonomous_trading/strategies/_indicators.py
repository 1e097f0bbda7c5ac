"""Functions that make columns: `see.sma(20)` checks its arguments and builds an expression."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NoReturn, TypeAlias, final

import numpy as np

from autonomous_trading.core import (
    BoolArray,
    Expression,
    FloatArray,
    InvalidExpression,
    InvalidParameter,
    as_expression,
    column,
    unknown_name,
)
from autonomous_trading.features import ArgumentRule, CatalogueEntry, ColumnStore

Argument: TypeAlias = Expression | int | float | str
"""What a column takes as an argument: a plain value, a parameter, or arithmetic of both."""

Series: TypeAlias = Expression | FloatArray | BoolArray
"""What a column may be computed from instead of prices: an expression, or an array with one value per bar."""


@final
class ColumnOutputs(Sequence[Expression]):
    """The outputs of an indicator that has several: by name (`macd.macdhist`), by position, or unpacked."""

    __slots__ = ("_name", "_outputs")

    def __init__(self, name: str, outputs: Mapping[str, Expression]) -> None:
        self._name = name
        self._outputs = dict(outputs)

    def __getattr__(self, output: str) -> Expression:
        if output.startswith("_"):
            raise AttributeError(output)
        if output not in self._outputs:
            raise unknown_name(f"output of {self._name}", output, self._outputs)
        return self._outputs[output]

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._outputs]

    def __len__(self) -> int:
        return len(self._outputs)

    def __iter__(self) -> Iterator[Expression]:
        return iter(self._outputs.values())

    def __getitem__(self, index: Any) -> Any:
        return tuple(self._outputs.values())[index]

    def __repr__(self) -> str:
        return f"<outputs of {self._name}: {', '.join(self._outputs)}>"

    def _choose(self, _other: object = None) -> NoReturn:
        first = next(iter(self._outputs))
        raise InvalidExpression(
            f"{self._name} has several outputs: {', '.join(self._outputs)}",
            fix=f"choose one, such as see.{self._name}(...).{first}",
        )

    __lt__ = __le__ = __gt__ = __ge__ = __add__ = __radd__ = __sub__ = __rsub__ = _choose
    __mul__ = __rmul__ = __truediv__ = __rtruediv__ = __and__ = __or__ = __neg__ = __invert__ = _choose


@final
class ColumnFunction:
    """Makes the column of one indicator: `see.sma(20)`, `see.rsi(self.period, source=see.volume)`."""

    __slots__ = ("_entry", "_prefix", "_store")

    def __init__(self, entry: CatalogueEntry, store: ColumnStore, prefix: str = "") -> None:
        self._entry = entry
        self._store = store
        self._prefix = prefix

    def __call__(self, *arguments: Argument, **keywords: Argument | Series) -> Expression:
        """The column as an expression; arguments in the catalogue's order or by name, series by keyword."""
        values, inputs = _split(self._entry, self._column, arguments, keywords)
        return column(self._prefix + self._entry.name, values, inputs=inputs, source=self._store)

    def _column(self, name: str) -> Expression:
        return column(self._prefix + name, source=self._store)

    def __repr__(self) -> str:
        return f"<{self._entry.signature()}: {self._entry.description}>"


@final
class OutputsFunction:
    """Makes the columns of an indicator with several outputs: `see.macd(12, 26, 9).macdhist`."""

    __slots__ = ("_entry", "_prefix", "_store")

    def __init__(self, entry: CatalogueEntry, store: ColumnStore, prefix: str = "") -> None:
        self._entry = entry
        self._store = store
        self._prefix = prefix

    def __call__(self, *arguments: Argument, **keywords: Argument | Series) -> ColumnOutputs:
        """One expression per output; arguments in the catalogue's order or by name, series by keyword."""
        entry = self._entry
        values, inputs = _split(entry, self._column, arguments, keywords)
        outputs = {
            output: column(self._prefix + entry.name, values, inputs=inputs, output=output, source=self._store)
            for output in entry.outputs
        }
        return ColumnOutputs(entry.name, outputs)

    def _column(self, name: str) -> Expression:
        return column(self._prefix + name, source=self._store)

    def __repr__(self) -> str:
        return f"<{self._entry.signature()} -> {', '.join(self._entry.outputs)}: {self._entry.description}>"


def _split(
    entry: CatalogueEntry,
    column_named: Callable[[str], Expression],
    arguments: Sequence[Argument],
    keywords: Mapping[str, Argument | Series],
) -> tuple[list[Expression | float], list[Expression]]:
    """Every argument in order, and the series to compute from (none: those the indicator implies)."""
    for value in (*arguments, *(keywords.get(rule.name) for rule in entry.parameters)):
        _check_not_a_column(entry, value)
    known = {each.keyword for each in entry.inputs}
    series = {name: value for name, value in keywords.items() if name in known}
    named = {name: value for name, value in keywords.items() if name not in known}
    filled = entry.fill(arguments, named)
    values = [_argument(entry, rule, value) for rule, value in zip(entry.parameters, filled, strict=True)]
    return values, _inputs(entry, column_named, series)


def _argument(entry: CatalogueEntry, rule: ArgumentRule, value: object) -> Expression | float:
    if isinstance(value, Expression):
        if value.parameters:
            return value  # checked when its value is known
        value = float(value)
    if not isinstance(value, int | float | str | np.integer | np.floating):
        raise InvalidParameter(
            f"{entry.name}: {rule.name} must be a number, got {value!r}", fix=f"write {entry.signature()}"
        )
    return rule.canonical(entry.name, value if isinstance(value, str) else float(value))


def _check_not_a_column(entry: CatalogueEntry, value: object) -> None:
    """The mistake of those who know TA-Lib: there the series comes first."""
    if isinstance(value, np.ndarray) or (isinstance(value, Expression) and not value.is_static):
        raise InvalidExpression(
            f"{entry.name} takes numbers as arguments, got a column",
            fix=f"write {entry.signature()}; the series to compute from is given by keyword",
        )


def _inputs(
    entry: CatalogueEntry, column_named: Callable[[str], Expression], given: Mapping[str, object]
) -> list[Expression]:
    missing = [each.keyword for each in entry.inputs if not each.default and each.keyword not in given]
    if missing:
        raise InvalidExpression(
            f"{entry.name} needs the series {missing[0]}",
            fix=f"give it by keyword: see.{entry.name}(..., {missing[0]}=...)",
        )
    if not given:
        return []
    defaults = {each.keyword: column_named(each.default) for each in entry.inputs if each.default}
    chosen = {name: as_expression(value) for name, value in given.items()}  # type: ignore[arg-type]
    if all(name in defaults and defaults[name].same(value) for name, value in chosen.items()):
        return []
    return [{**defaults, **chosen}[each.keyword] for each in entry.inputs]
