"""Text as a person wrote it, from words that were taken apart."""

import re
from collections.abc import Iterable
from typing import Final

__all__ = ["joined_words"]

_MASKED: Final = re.compile(r"\b(?:AT_USER|URL)\b")
_TIGHT: Final = re.compile(r"\s+([.,!?;:%)\]])|([(\[])\s+")
_CASH: Final = re.compile(r"([$#@])\s+(?=\w)")


def joined_words(words: str | Iterable[str]) -> str:
    """Words with spaces between them, or a list of them, as running text; masked users and addresses are left out.

    >>> joined_words("rt AT_USER $ aapl beats , up 5 % ! URL")
    'rt $aapl beats, up 5%!'
    """
    text = words if isinstance(words, str) else " ".join(words)
    text = _MASKED.sub(" ", text)
    text = _TIGHT.sub(lambda found: found[1] or found[2], text)
    return " ".join(_CASH.sub(r"\1", text).split())
