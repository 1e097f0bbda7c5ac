"""How a contract suite fails: with a sentence, also where Python was told to leave `assert` out."""

from typing import final


@final
class ContractBroken(AssertionError):
    """A member of a family does not do what its contract promises; the message says what."""


def require(holds: object, otherwise: str) -> None:
    """Nothing when `holds`, or ContractBroken with what is the case otherwise."""
    if not holds:
        raise ContractBroken(otherwise)
