"""Who we are to Alpaca."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, final

from autonomous_trading.adapters.providers._secret import Secret
from autonomous_trading.core import SourceDenied

__all__ = ["KEY_VARIABLES", "AlpacaKeys", "keys_in"]

KEY_VARIABLES: Final = ("APCA_API_KEY_ID", "APCA_API_SECRET_KEY")
"""The environment variables that Alpaca's own tools read keys from."""


@final
@dataclass(frozen=True, slots=True)
class AlpacaKeys:
    """The two halves of an API key; neither is shown by any text."""

    key_id: Secret
    secret_key: Secret

    @staticmethod
    def of(key_id: str, secret_key: str) -> "AlpacaKeys":
        """Keys from plain texts."""
        return AlpacaKeys(Secret(key_id), Secret(secret_key))

    def hidden_in(self, words: str) -> str:
        """The words with both halves blotted out."""
        return self.secret_key.hidden_in(self.key_id.hidden_in(words))


def keys_in(environment: Mapping[str, str]) -> AlpacaKeys:
    """The keys that the environment holds. Raises SourceDenied naming the variables that are missing."""
    found = [Secret(environment.get(name, "").strip()) for name in KEY_VARIABLES]
    missing = [name for name, value in zip(KEY_VARIABLES, found, strict=True) if not value]
    if missing:
        raise SourceDenied(
            f"Alpaca asks for keys, and the environment holds no {' and no '.join(missing)}",
            fix=f"make a key at app.alpaca.markets (a paper account will do) and set {' and '.join(KEY_VARIABLES)}",
        )
    return AlpacaKeys(*found)
