"""Errors that say where in a formula: the place is marked in the text."""

from dataclasses import dataclass
from typing import final

from autonomous_trading.core import InvalidExpression, InvalidInput, InvalidParameter, UnknownName

_SHOWN = 24  # characters on both sides of the place


@final
@dataclass(frozen=True, slots=True)
class Written:
    """The text of a formula, as errors point into it."""

    text: str

    def error(self, at: int, what: str, *, fix: str) -> InvalidExpression:
        """The error of what stands at position `at`."""
        return InvalidExpression(f"{what}, {self.place(at)}", fix=fix)

    def placed(self, at: int, error: InvalidInput) -> InvalidInput:
        """An error of something behind the formula, with the place that caused it: UnknownName stays one."""
        kinds: tuple[type[InvalidInput], ...] = (UnknownName, InvalidParameter, InvalidExpression)
        kind = next((each for each in kinds if isinstance(error, each)), InvalidExpression)
        return kind(f"{error.what.rstrip('.')}, {self.place(at)}", fix=error.fix)

    def place(self, at: int) -> str:
        """Words for the position, counted from 1, with the text around it and a mark before it."""
        start, stop = max(at - _SHOWN, 0), at + _SHOWN
        before = ("..." if start else "") + printable(self.text[start:at])
        after = printable(self.text[at:stop]) + ("..." if stop < len(self.text) else "")
        return f"at character {at + 1}: {before}\N{BLACK RIGHT-POINTING SMALL TRIANGLE}{after}"


def printable(text: str) -> str:
    """The text with what does not print written as a code: a terminal shows it and does nothing else."""
    return "".join(sign if sign.isascii() and sign.isprintable() else f"<U+{ord(sign):04X}>" for sign in text)
