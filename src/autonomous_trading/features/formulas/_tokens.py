"""The words of a formula: numbers, names, texts, timeframes and signs, each with its place."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias, final

from autonomous_trading.features.formulas._limits import FormulaLimits
from autonomous_trading.features.formulas._places import Written, printable

Kind: TypeAlias = Literal["number", "name", "text", "frame", "sign", "end"]

LONGEST_WORD = 64
"""Characters of a name, a number or a text."""

# Every alternative begins with another character and none backtracks over another: reading takes linear time.
_WORD = re.compile(
    r"""(?P<number>(?:[0-9]+(?:_[0-9]+)*(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"""
    r"""|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"""
    r"""|(?P<text>"[^"]*"|'[^']*')"""
    r"""|(?P<frame>@[A-Za-z0-9]*)"""
    r"""|(?P<sign>\*\*|//|<=|>=|==|!=|[-+*/%<>&|^~(),.=])"""
)
_SPACE = " \t\r\n"
_NUMBER_RUNS_ON = re.compile(r"[A-Za-z0-9_.]")
_REMEDIES = {
    "[": "write shift(x, k) for the value k bars ago",
    "!": "write not or ~ for the opposite, and != for unequal",
    "?": "write where(condition, a, b)",
    ":": "write one value; nothing is defined or assigned in a formula",
    "#": "leave comments out",
    '"': "close the quotation mark",
    "'": "close the quotation mark",
}
_REMEDY = "write columns, numbers, arithmetic, comparisons, and, or, not and brackets"


@final
@dataclass(frozen=True, slots=True)
class Token:
    """One word of a formula; `at` is the position of its first character."""

    kind: Kind
    text: str
    at: int


def tokens_of(written: Written, limits: FormulaLimits) -> list[Token]:
    """All words of a formula and an end; InvalidExpression with the place for anything that is no word."""
    if len(written.text) > limits.characters:
        raise written.error(
            limits.characters,
            f"a formula of {len(written.text):,} characters is longer than {limits.characters:,}",
            fix="make it shorter, or make columns of its parts",
        )
    found: list[Token] = []
    for token in _words(written):
        if len(found) == limits.tokens:
            raise written.error(
                token.at, f"a formula has at most {limits.tokens:,} words and signs", fix="make it shorter"
            )
        found.append(token)
    return [*found, Token("end", "", len(written.text))]


def _words(written: Written) -> Iterator[Token]:
    text, at = written.text, 0
    while at < len(text):
        if text[at] in _SPACE:
            at += 1
            continue
        match = _WORD.match(text, at)
        if match is None or match.lastgroup is None:
            sign = printable(text[at])
            raise written.error(at, f"{sign!r} has no place in a formula", fix=_REMEDIES.get(text[at], _REMEDY))
        kinds: dict[str, Kind] = {"number": "number", "name": "name", "text": "text", "frame": "frame"}
        token = Token(kinds.get(match.lastgroup, "sign"), match.group(), at)
        _check(written, token)
        yield token
        at = match.end()


def _check(written: Written, token: Token) -> None:
    if len(token.text) > LONGEST_WORD:
        raise written.error(
            token.at, f"a {token.kind} of {len(token.text)} characters is longer than {LONGEST_WORD}", fix="shorten it"
        )
    after = token.at + len(token.text)
    if token.kind == "number" and _NUMBER_RUNS_ON.match(written.text, after):
        raise written.error(
            token.at, "a number and what follows it run together", fix="write decimals such as 12, 0.5 or 1e-3"
        )
    if token.kind == "name" and token.text.startswith("_"):
        raise written.error(
            token.at, f"{token.text!r} has no place in a formula: names begin with a letter", fix="write a column"
        )
    if token.kind == "text" and not token.text.isprintable():
        raise written.error(token.at, "a text holds what cannot be printed", fix="write plain letters between quotes")
