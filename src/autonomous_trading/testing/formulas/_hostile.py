"""Texts that mean harm: escapes known from evaluators of Python, and whatever else is sent to a field for formulas.

None of them is a formula: each has to be refused, which is the truth they come with. Families follow what broke eval
with emptied builtins, simpleeval, asteval, numexpr, pandas.eval and template engines.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import final

from autonomous_trading.testing.formulas._payloads import PAYLOADS, sized_payloads

_AROUND = (
    "{0}", "close + {0}", "sma({0})", "({0}) > 0", "where(close > open, {0}, 0)", "ema({0}, 12) / ema(close, 26) - 1",
    "zscore(rsi(14), 100) > 2 and {0}", "ma(10, matype={0})", "macd(12, 26, 9).{0}", "close.shift({0})", "-{0}",
    "rolling_mean({0}, 5) * 2",
)  # fmt: skip

HOSTILE_FAMILIES: Sequence[str] = (*PAYLOADS, "size")
"""The kinds of harm, by name."""


@final
@dataclass(frozen=True, slots=True)
class HostileText:
    """One text that has to be refused, and the kind of harm it tries."""

    family: str
    text: str


def hostile_texts(canary: str = "canary") -> tuple[HostileText, ...]:
    """More than 2,000 different texts. Those that try to run something would write the file `canary`.

    >>> texts = hostile_texts()
    >>> len(texts) == len({each.text for each in texts}) > 2_000
    True
    """
    found: dict[str, str] = {}
    for family, text in _all(canary):
        found.setdefault(text, family)
    return tuple(HostileText(family, text) for text, family in found.items())


def _all(canary: str) -> Iterator[tuple[str, str]]:
    payloads: Mapping[str, Sequence[str]] = PAYLOADS
    for family, texts in payloads.items():
        for text in texts:
            payload = text.replace("CANARY", canary)
            yield from ((family, around.replace("{0}", payload)) for around in _AROUND)
    yield from (("size", text) for text in sized_payloads())
