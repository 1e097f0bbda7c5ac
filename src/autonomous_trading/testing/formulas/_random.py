"""Random formulas of the grammar, from a seeded generator: every one of them can be read."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, final

import numpy as np

from autonomous_trading.features import CatalogueEntry, catalogue

Kind: TypeAlias = Literal["column", "condition"]
_ROLLING = ("rolling_mean", "rolling_sum", "rolling_std", "rolling_min", "rolling_max", "zscore", "shift", "diff")
_ONE = ("abs", "sign", "log", "sqrt", "tanh", "floor", "arctan", "-", "+")
_TWO = ("+", "-", "*", "/", "//", "%", "minimum", "maximum")
_COMPARED = ("<", "<=", ">", ">=", "==", "!=")
_JOINED = ("&", "|", "^", "and", "or")


@final
@dataclass(frozen=True, slots=True)
class FormulaMix:
    """What random formulas are made of: parameters, timeframes and columns of the bars; none where empty.

    `longest` is the largest window in bars, `depth` how many operations are nested at most.
    """

    parameters: Sequence[str] = ()
    timeframes: Sequence[str] = ()
    extra: Sequence[str] = ()
    depth: int = 3
    longest: int = 50


_DEFAULT = FormulaMix()


def random_formula(rng: np.random.Generator, kind: Kind | None = None, *, mix: FormulaMix = _DEFAULT) -> str:
    """The text of a formula, drawn from `rng`: the same seed gives the same text. Of either kind where none is named.

    >>> random_formula(np.random.default_rng(4), "condition") == random_formula(np.random.default_rng(4), "condition")
    True
    """
    drawn: Kind = kind or ("condition" if rng.random() < 0.5 else "column")
    return _Draw(rng, mix).text(drawn, mix.depth)


@final
class _Draw:
    """One formula in the making."""

    def __init__(self, rng: np.random.Generator, mix: FormulaMix) -> None:
        self._rng = rng
        self._mix = mix

    def text(self, kind: Kind, depth: int) -> str:
        """A part of this kind, nested at most so deep."""
        if kind == "condition":
            return self._condition(depth)
        if depth <= 0 or self._rng.random() < 0.25:
            return self._leaf(depth)
        ways: tuple[Callable[[int], str], ...] = (
            self._one,
            self._two,
            self._two,
            self._over,
            self._chosen,
            self._method,
        )
        return self._among(ways)(depth - 1)

    def _among(self, choices: Sequence[Callable[[int], str]]) -> Callable[[int], str]:
        return choices[int(self._rng.integers(len(choices)))]

    def _word(self, choices: Sequence[str]) -> str:
        return choices[int(self._rng.integers(len(choices)))]

    def _window(self) -> str:
        if self._mix.parameters and self._rng.random() < 0.3:
            return self._word(self._mix.parameters)
        return str(int(self._rng.integers(2, self._mix.longest + 1)))

    def _number(self) -> str:
        drawn = self._rng.random()
        if drawn < 0.4:
            return str(int(self._rng.integers(0, 200)))
        return f"{drawn * 10.0 ** int(self._rng.integers(-3, 4)):.6g}"

    def _leaf(self, depth: int) -> str:
        entries = catalogue()
        entry = entries[int(self._rng.integers(len(entries)))]
        if self._mix.extra and self._rng.random() < 0.1:
            return f"extra.{self._word(self._mix.extra)}"
        if self._rng.random() < 0.35 or not entry.callable:
            entry = entries[int(self._rng.integers(20))]
        return self._column(entry, depth)

    def _column(self, entry: CatalogueEntry, depth: int) -> str:
        """A column of the catalogue; numbers within the ranges of the catalogue, sometimes with a series of its own."""
        if not entry.callable:
            return self._framed(entry.name)
        named = [f"{each.keyword}={self._series(depth)}" for each in entry.inputs if not each.default]
        plain = not named
        if entry.inputs and not named and depth > 0 and self._rng.random() < 0.3:
            named, plain = [f"{entry.inputs[0].keyword}={self._series(depth - 1)}"], False
        given = entry.parameters[: int(self._rng.integers(len(entry.parameters) + 1))]
        numbers = [self._argument(entry, index) for index in range(len(given))]
        output = f".{self._word(entry.outputs)}" if entry.outputs else ""
        text = f"{entry.name}({', '.join([*numbers, *named])}){output}"
        return self._framed(text) if plain else text

    def _argument(self, entry: CatalogueEntry, index: int) -> str:
        rule = entry.parameters[index]
        if rule.choices:
            name = self._word(tuple(rule.choices))
            return f'"{name}"' if self._rng.random() < 0.5 else f"'{name}'"
        if rule.kind == "int":
            low = int(max(rule.low, 1))
            return str(int(self._rng.integers(low, min(int(rule.high), low + self._mix.longest) + 1)))
        return str(rule.default)

    def _series(self, depth: int) -> str:
        return self.text("column", depth - 1) if depth > 0 else self._word(("close", "high", "volume", "hour + 2"))

    def _framed(self, text: str) -> str:
        if self._mix.timeframes and self._rng.random() < 0.2:
            return f"{text}@{self._word(self._mix.timeframes)}"
        return text

    def _one(self, depth: int) -> str:
        name = self._word(_ONE)
        inner = self.text("column", depth)
        return f"{name}({inner})"

    def _two(self, depth: int) -> str:
        sign, left = self._word(_TWO), self.text("column", depth)
        right = self._number() if self._rng.random() < 0.4 else self.text("column", depth)
        if sign in ("//", "%", "/") and _as_number(right) == 0.0:
            right = f"({right} + 1)"
        return f"{sign}({left}, {right})" if sign.isalpha() else f"({left}) {sign} {_bracketed(right)}"

    def _over(self, depth: int) -> str:
        return f"{self._word(_ROLLING)}({self.text('column', depth)}, {self._window()})"

    def _method(self, depth: int) -> str:
        return f"({self.text('column', depth)}).{self._word(_ROLLING)}({self._window()})"

    def _chosen(self, depth: int) -> str:
        condition, first = self.text("condition", depth), self.text("column", depth)
        return f"{self._word(('where', 'if'))}({condition}, {first}, {self._number()})"

    def _condition(self, depth: int) -> str:
        drawn = self._rng.random()
        if depth > 1 and drawn < 0.3:
            left, right = self._condition(depth - 1), self._condition(depth - 1)
            return f"({left}) {self._word(_JOINED)} ({right})"
        if depth > 1 and drawn < 0.4:
            return f"{self._word(('~', 'not '))}({self._condition(depth - 1)})"
        left = self.text("column", depth - 1)
        right = self._number() if self._rng.random() < 0.5 else self.text("column", depth - 1)
        if drawn > 0.9:
            return f"{self._word(('crossed_above', 'crossed_below'))}({left}, {right})"
        return f"({left}) {self._word(_COMPARED)} {_bracketed(right)}"


def _bracketed(text: str) -> str:
    """A right-hand side that stays one: a number as it is, anything else in brackets."""
    return text if text.replace(".", "", 1).isdigit() else f"({text})"


def _as_number(text: str) -> float:
    """The number a text is; NaN for anything else."""
    try:
        return float(text)
    except ValueError:
        return float("nan")
