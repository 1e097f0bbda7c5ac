"""What the catalogue says about a column: its arguments with their ranges, its inputs and its outputs."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, final

from autonomous_trading.core import InvalidParameter, unknown_name

ArgumentValue = int | float | str


@final
@dataclass(frozen=True, slots=True)
class ArgumentRule:
    """One argument of a column: what may be given, and what is taken when nothing is.

    `low` and `high` are inclusive. `choices` maps the names that may be written instead of a number
    (`matype="ema"`); it is empty for arguments that are plain numbers.
    """

    name: str
    kind: Literal["int", "float"]
    default: int | float
    low: float
    high: float
    choices: Mapping[str, int] = field(default_factory=dict)

    def canonical(self, column: str, value: ArgumentValue) -> int | float:
        """The value as the indicator takes it; InvalidParameter names the column, the rule and the value."""
        if type(value) is int and self.kind == "int" and self.low <= value <= self.high:
            return value  # the usual case
        number = self._number(column, value)
        if math.isnan(number) or not self.low <= number <= self.high:
            raise InvalidParameter(
                f"{column}: {self.name} must lie in [{self.low:g}, {self.high:g}], got {value!r}",
                fix=f"choose {self.name} inside that range (default {self.default})",
            )
        return int(number) if self.kind == "int" else float(number)

    def _number(self, column: str, value: ArgumentValue) -> float:
        if isinstance(value, str):
            if not self.choices:
                raise InvalidParameter(
                    f"{column}: {self.name} must be a number, got the text {value!r}",
                    fix=f"give a number in [{self.low:g}, {self.high:g}]",
                )
            if value.lower() not in self.choices:
                raise unknown_name(f"{self.name} of {column}", value, self.choices)
            return self.choices[value.lower()]
        number = float(value)
        if self.kind == "int" and not number.is_integer():
            raise InvalidParameter(
                f"{column}: {self.name} must be a whole number, got {value!r}",
                fix="declare it as an IntParameter, or round it",
            )
        return number


class Reach(NamedTuple):
    """How far back a column looks under some arguments, in bars; see `CatalogueEntry` for what each means."""

    warm_up: int
    memory: int | None
    tolerance: float


@final
@dataclass(frozen=True, slots=True)
class ColumnInput:
    """One series a column is computed from: the keyword that replaces it, and the column used otherwise.

    `default` is empty for an input that has to be given.
    """

    keyword: str
    default: str


@final
@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """One column of the catalogue.

    `outputs` is empty for a column with a single output. `warm_up` is the number of leading bars without a
    value under the default arguments. `callable` is False for plain columns such as `close`.

    `formula` says how it is computed in the field's own notation, `units` what a value is measured in ("price",
    "fraction", "bars", "1" for a plain number), `source` the paper or book. `memory` is how many bars before a bar
    still matter to its value under the default arguments: bars cut off before them change it by no more than
    `tolerance`, a fraction of the value or of the column's mean absolute value, whichever is larger. None: everything
    since the first bar matters, as in a running total.

    `zero_first` names the outputs that hold 0 instead of NaN while they warm up ("" for the only one). `sparse`: a
    value is known on some bars only (after an event), so that the first one may come later than `warm_up` says.
    """

    name: str
    group: str
    description: str
    parameters: tuple[ArgumentRule, ...] = ()
    inputs: tuple[ColumnInput, ...] = ()
    outputs: tuple[str, ...] = ()
    warm_up: int = 0
    callable: bool = True
    formula: str = ""
    units: str = "1"
    source: str = ""
    memory: int | None = 0
    tolerance: float = 0.0
    zero_first: tuple[str, ...] = ()
    sparse: bool = False

    def fill(self, positional: Sequence[object], keywords: Mapping[str, object]) -> tuple[object, ...]:
        """Every argument in order, defaults filled in: values are not looked at, names and number are."""
        if len(positional) > len(self.parameters):
            raise InvalidParameter(
                f"{self.name} takes {len(self.parameters)} arguments, got {len(positional)}",
                fix=f"write {self.signature()}",
            )
        names = [parameter.name for parameter in self.parameters]
        for keyword in keywords:
            if keyword not in names:
                known = names + [each.keyword for each in self.inputs]
                raise unknown_name(f"argument of {self.name}", keyword, known)
            if names.index(keyword) < len(positional):
                raise InvalidParameter(
                    f"{self.name}: {keyword} is given twice, by position and by name", fix="give it once"
                )
        rest = self.parameters[len(positional) :]
        return (*positional, *(keywords.get(parameter.name, parameter.default) for parameter in rest))

    def canonical(self, arguments: Sequence[ArgumentValue]) -> tuple[int | float, ...]:
        """Every argument checked against its range, defaults filled in."""
        filled = (*arguments, *(parameter.default for parameter in self.parameters[len(arguments) :]))
        if len(filled) > len(self.parameters):
            self.fill(arguments, {})
        return tuple(
            parameter.canonical(self.name, value) for parameter, value in zip(self.parameters, filled, strict=True)
        )

    def output(self, name: str) -> str:
        """The name of one output, checked: empty for a column with a single output."""
        if name == "" and not self.outputs:
            return ""
        if name not in self.outputs:
            raise unknown_name(f"output of {self.name}", name, self.outputs)
        return name

    def signature(self) -> str:
        """How the column is written, with its defaults: "sma(timeperiod=30, source=close)"."""
        if not self.callable:
            return self.name
        parts = [f"{parameter.name}={parameter.default}" for parameter in self.parameters]
        parts += [f"{each.keyword}={each.default or '...'}" for each in self.inputs]
        return f"{self.name}({', '.join(parts)})"
