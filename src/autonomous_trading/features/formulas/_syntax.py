"""The syntax tree of a formula, read from its words: which part belongs to which, before anything is known of names.

A Pratt parser: every sign has a strength, and an operand belongs to the stronger of its neighbours. Python's order of
strength, with `and`, `or`, `not` below comparisons and `&`, `|`, `~` above them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias, Union, final

from autonomous_trading.core import InvalidExpression
from autonomous_trading.features.formulas._limits import FormulaLimits
from autonomous_trading.features.formulas._places import Written
from autonomous_trading.features.formulas._tokens import Token, tokens_of

Syntax: TypeAlias = Union["Number", "Text", "Name", "Member", "Call", "Unary", "Binary", "Framed"]

COMPARISONS = ("<", "<=", ">", ">=", "==", "!=")
WORDS = ("and", "or", "not")
_NOT, _COMPARED, _SIGNED = 3, 4, 9
_STRENGTH: Mapping[str, int] = {
    "or": 1,
    "and": 2,
    **dict.fromkeys(COMPARISONS, _COMPARED),
    "|": 5,
    "^": 6,
    "&": 7,
    **dict.fromkeys("+-", 8),
    **dict.fromkeys(("*", "/", "//", "%"), _SIGNED),
}
_NO_PLACE = {"if": "where(condition, a, b)", "else": "where(condition, a, b)", "lambda": "the formula itself"}


@final
@dataclass(frozen=True, slots=True)
class Number:
    """A number as it was written."""

    text: str
    at: int


@final
@dataclass(frozen=True, slots=True)
class Text:
    """A text between quotation marks, without them."""

    value: str
    at: int


@final
@dataclass(frozen=True, slots=True)
class Name:
    """A name: what it means is decided later."""

    name: str
    at: int


@final
@dataclass(frozen=True, slots=True)
class Member:
    """A name after a dot: one of several outputs, or a function of what stands before the dot."""

    owner: Syntax
    name: str
    at: int


@final
@dataclass(frozen=True, slots=True)
class Call:
    """A name or a member with brackets: operands by position, then by name."""

    function: Name | Member
    operands: tuple[Syntax, ...]
    named: tuple[tuple[Name, Syntax], ...]
    at: int


@final
@dataclass(frozen=True, slots=True)
class Unary:
    """`-`, `~` or `not` before an operand."""

    sign: str
    operand: Syntax
    at: int


@final
@dataclass(frozen=True, slots=True)
class Binary:
    """A sign or word between two operands."""

    sign: str
    left: Syntax
    right: Syntax
    at: int


@final
@dataclass(frozen=True, slots=True)
class Framed:
    """A column of another timeframe: `rsi(14)@4h`."""

    operand: Syntax
    timeframe: str
    at: int


def read(text: str, limits: FormulaLimits) -> Syntax:
    """The tree of a formula; InvalidExpression with the place where it cannot be one."""
    written = Written(text)
    return _Reader(written, tokens_of(written, limits), limits).formula()


@final
class _Reader:
    """Reads one formula from its words, left to right, never back."""

    def __init__(self, written: Written, tokens: list[Token], limits: FormulaLimits) -> None:
        self._written = written
        self._tokens = tokens
        self._limits = limits
        self._next = 0
        self._depth = 0
        self._nodes = 0

    def formula(self) -> Syntax:
        """The whole text as one formula."""
        found = self._expression(0)
        if self._token.kind != "end":
            raise self._unexpected()
        return found

    @property
    def _token(self) -> Token:
        return self._tokens[self._next]

    def _take(self) -> Token:
        token = self._token
        self._next += 1
        self._nodes += 1
        if self._nodes > self._limits.nodes:
            raise self._written.error(
                token.at,
                f"a formula has at most {self._limits.nodes} names, numbers and signs between them",
                fix="make columns of its parts",
            )
        return token

    def _taken(self, sign: str) -> bool:
        """Whether the next word is this sign, which is then taken."""
        found = self._token.kind == "sign" and self._token.text == sign
        self._next += found
        return found

    def _deeper(self, levels: int) -> None:
        """Every step down is counted, so that no text reaches the end of Python's stack."""
        self._depth += levels
        if self._depth > self._limits.depth:
            raise self._written.error(
                self._token.at,
                f"a formula is nested at most {self._limits.depth} deep",
                fix="make columns of its parts, or leave out brackets",
            )

    def _expression(self, least: int) -> Syntax:
        """The longest expression from here whose signs are all at least this strong."""
        self._deeper(1)
        left = self._not() if self._token.text == "not" and least <= _NOT else self._signed()
        compared = False
        while (strength := self._strength()) >= max(least, 1):
            if compared and strength == _COMPARED:
                raise self._written.error(
                    self._token.at,
                    "comparisons cannot be chained: a < x < b has no place in a formula",
                    fix="write (a < x) and (x < b); a comparison next to & or | needs brackets",
                )
            compared = compared or strength == _COMPARED
            sign = self._take()
            left = Binary(sign.text, left, self._expression(strength + 1), sign.at)
        self._depth -= 1
        return left

    def _strength(self) -> int:
        token = self._token
        return _STRENGTH.get(token.text, 0) if token.kind in ("sign", "name") else 0

    def _not(self) -> Syntax:
        word = self._take()
        return Unary("not", self._expression(_NOT), word.at)

    def _signed(self) -> Syntax:
        """A sign and its operand, or an operand and its power: -x ** 2 is -(x ** 2), and 2 ** -1 is 0.5."""
        token = self._token
        if token.kind == "sign" and token.text in ("-", "+", "~"):
            self._deeper(1)
            self._take()
            operand = self._signed()
            self._depth -= 1
            return operand if token.text == "+" else Unary(token.text, operand, token.at)
        base = self._followed()
        if not (self._token.kind == "sign" and self._token.text == "**"):
            return base
        self._deeper(1)
        sign = self._take()
        power = Binary("**", base, self._signed(), sign.at)
        self._depth -= 1
        return power

    def _followed(self) -> Syntax:
        """An operand and what follows it directly: .output, .function(...), (...), @timeframe."""
        found = self._operand()
        before = self._depth
        while self._token.kind == "frame" or self._token.text in ("(", "."):
            self._deeper(1)
            token = self._tokens[self._next]
            self._next += 1
            if token.kind == "frame":
                found = Framed(found, token.text[1:], token.at)
            elif token.text == ".":
                found = Member(found, self._name("a name has to follow the dot"), token.at + 1)
            elif isinstance(found, Name | Member):
                found = self._called(found)
            else:
                raise self._written.error(token.at, "only a name can be called", fix="write a sign between the two")
        self._depth = before
        return found

    def _operand(self) -> Syntax:
        token = self._token
        if self._taken("("):
            found = self._expression(0)
            self._closed(token)
            return found
        if token.kind == "number":
            self._take()
            return Number(token.text, token.at)
        if token.kind == "text":
            self._take()
            return Text(token.text[1:-1], token.at)
        if token.kind == "name" and token.text not in (*WORDS, *_NO_PLACE):
            self._take()
            return Name(token.text, token.at)
        if token.kind == "name" and token.text == "if" and self._tokens[self._next + 1].text == "(":
            self._take()
            return Name(token.text, token.at)
        raise self._unexpected()

    def _called(self, function: Name | Member) -> Call:
        opening = self._tokens[self._next - 1]
        operands: list[Syntax] = []
        named: dict[str, tuple[Name, Syntax]] = {}
        while not self._taken(")"):
            token, after = self._token, self._tokens[min(self._next + 1, len(self._tokens) - 1)]
            if token.kind == "name" and after.kind == "sign" and after.text == "=":
                key = Name(self._name("a name has to stand before ="), token.at)
                self._next += 1
                if key.name in named:
                    raise self._written.error(token.at, f"{key.name} is given twice", fix="give it once")
                named[key.name] = (key, self._expression(0))
            elif named:
                raise self._written.error(
                    token.at, "what has no name stands before what has one", fix="write f(a, b, name=c)"
                )
            else:
                operands.append(self._expression(0))
            if not self._taken(","):
                self._closed(opening)
                break
        return Call(function, tuple(operands), tuple(named.values()), function.at)

    def _name(self, why: str) -> str:
        token = self._token
        if token.kind != "name":
            raise self._written.error(token.at, why, fix="write a name of letters, digits and _")
        return self._take().text

    def _closed(self, opening: Token) -> None:
        if not self._taken(")"):
            if self._token.kind != "end":
                raise self._unexpected()
            raise self._written.error(opening.at, "this bracket is never closed", fix="close it")

    def _unexpected(self) -> InvalidExpression:
        token = self._token
        if token.kind == "end":
            what = "the formula cannot be read: it ends where an operand is missing" if self._next else "it is empty"
            return self._written.error(token.at, what, fix='write a formula such as "ema(close, 12) / ema(close, 26)"')
        instead = _NO_PLACE.get(token.text) if token.kind == "name" else None
        fix = f"write {instead}" if instead else "put an operand before and after every sign, and a sign between two"
        if token.text == "=":
            fix = "write == to compare; = gives an argument by name"
        return self._written.error(token.at, f"{token.text!r} has no place here", fix=fix)
