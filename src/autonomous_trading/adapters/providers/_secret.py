"""Keys and passwords, which no text shows."""

from typing import Final, final

__all__ = ["Secret"]

_LEAST: Final = 6


@final
class Secret:
    """A text that is only given out by `reveal`: never by repr, str, an error, a log line or a pickle.

    >>> Secret("hush"), f"{Secret('hush')}", Secret("hush").reveal()
    (Secret('***'), '***', 'hush')
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself, for whoever sends it to the source."""
        return self._text

    def hidden_in(self, words: str) -> str:
        """The words with this text blotted out, for what a source or a library says about a failure.

        A text of a few letters is no secret, and would blot out half of every sentence.
        """
        return words.replace(self._text, "***") if len(self._text) >= _LEAST else words

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(("Secret", self._text))

    def __repr__(self) -> str:
        return "Secret('***')" if self._text else "Secret('')"

    def __str__(self) -> str:
        return "***" if self._text else ""

    def __reduce__(self) -> tuple[type["Secret"], tuple[str]]:
        return Secret, ("",)
