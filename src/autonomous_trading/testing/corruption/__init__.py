"""How does data go bad? Every way we know, done on purpose, with the rows it was done to."""

from autonomous_trading.testing.corruption._catalogue import CORRUPTIONS, corrupted
from autonomous_trading.testing.corruption._kit import Apply, Corrupted, Corruption, Truth

__all__ = ["CORRUPTIONS", "Apply", "Corrupted", "Corruption", "Truth", "corrupted"]
