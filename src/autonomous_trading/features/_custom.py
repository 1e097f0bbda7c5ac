"""User columns: any function of bars, seen like an indicator."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, ClassVar, final

import numpy as np

from autonomous_trading.core import Bars, FloatArray, InvalidExpression
from autonomous_trading.features._entries import ArgumentValue


@final
class UserFunction(str):
    """The name of a user column, carrying the function it names.

    Expressions know columns by name alone. A name that carries its function needs no registry, and as long as
    the name is held no other function can get the same one. `layout` has one letter per argument after the
    bars: "s" for a series, "v" for a plain value; an empty layout takes all series first.
    """

    SERIES: ClassVar[str] = "s"
    VALUE: ClassVar[str] = "v"
    __slots__ = ("function", "layout")
    function: Callable[..., Any]
    layout: str

    def __new__(cls, function: Callable[..., Any], layout: str = "") -> "UserFunction":
        place = getattr(function, "__qualname__", type(function).__qualname__)
        name = super().__new__(cls, f"custom:{place}#{id(function):x}{layout}")
        name.function = function
        name.layout = layout
        return name

    def __reduce__(self) -> tuple[type["UserFunction"], tuple[Callable[..., Any], str]]:
        return UserFunction, (self.function, self.layout)

    @property
    def place(self) -> str:
        """What the function is called where it was written."""
        return self.removeprefix("custom:").rpartition("#")[0]


def compute_custom(
    name: UserFunction, bars: Bars, values: Sequence[ArgumentValue], series: Sequence[FloatArray]
) -> FloatArray:
    """The column of a user function as float64, one value a bar; conditions become 0 and 1."""
    result = np.asarray(name.function(bars, *_in_order(name.layout, iter(values), iter(series))))
    if result.shape != (len(bars),):
        raise InvalidExpression(
            f"custom column {name.place} returned shape {result.shape} for {len(bars)} bars",
            fix="return a one-dimensional array with one value per bar (NaN where there is none yet)",
        )
    if result.dtype.kind not in "biuf":
        raise InvalidExpression(
            f"custom column {name.place} returned {result.dtype} values", fix="return numbers or booleans"
        )
    return result.astype(np.float64)


def _in_order(
    layout: str, values: Iterator[ArgumentValue], series: Iterator[FloatArray]
) -> Iterator[ArgumentValue | FloatArray]:
    for letter in layout:
        yield next(series) if letter == UserFunction.SERIES else next(values)
    yield from series
    yield from values
