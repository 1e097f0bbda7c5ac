"""Texts that are nearly formulas: characters and words lost, doubled, swapped, and foreign ones put in."""

import re

import numpy as np

_WORD = re.compile(r"\w+|\s+|[^\w\s]")
_FOREIGN = (
    "(", ")", "[", "]", "{", "}", ",", ".", "..", "=", "==", ":=", ":", ";", "#", "@", "@4h", "@os", "**", "//", "<",
    ">", "<>", "!", "!=", "&", "&&", "|", "~", "^", "'", '"', "\\", "\n", "\t", "\x00", " ", "0", "-1", "1e999",
    "9" * 30, "__class__", "__import__('os')", "eval", "exec(", "lambda: 0", "import os", "close", "extra.", "self",
    "None", "nan", "and", "or", "not", "if", "else", "for", "in", "await ", "yield", "\u0441lose", "\u2212", "\u00d7",
    "\u200b", "macd", "shift(-1)", "**9**9", "f'{close}'", "`id`", "$(id)", "{{7*7}}", "%s", "true", ".macdhist",
    "source=", "close[-1]",
)  # fmt: skip


def mutated(text: str, rng: np.random.Generator) -> str:
    """The text with one to four changes drawn from `rng`; some are formulas still."""
    words: list[str] = _WORD.findall(text)
    for _ in range(int(rng.integers(1, 5))):
        at = int(rng.integers(len(words) + 1))
        way = int(rng.integers(6))
        if way == 0 and at < len(words):
            del words[at]
        elif way == 1 and at < len(words):
            words.insert(at, words[int(rng.integers(len(words)))])
        elif way == 2 and at < len(words):
            other = int(rng.integers(len(words)))
            words[at], words[other] = words[other], words[at]
        elif way == 3 and at < len(words) and words[at]:
            words[at] = _spoilt(words[at], rng)
        elif way == 4 and at < len(words):
            words[at] = _FOREIGN[int(rng.integers(len(_FOREIGN)))]
        else:
            words.insert(at, _FOREIGN[int(rng.integers(len(_FOREIGN)))])
    return "".join(words)


def _spoilt(word: str, rng: np.random.Generator) -> str:
    """A word with one character lost, doubled, or replaced by any other."""
    at, way = int(rng.integers(len(word))), int(rng.integers(3))
    if way == 2:
        return word[:at] + chr(int(rng.integers(0x250))) + word[at + 1 :]
    return word[:at] + word[at] * (2 * way) + word[at + 1 :]
