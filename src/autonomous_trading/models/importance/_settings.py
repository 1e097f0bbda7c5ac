"""How importance is measured and tested."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, final

from autonomous_trading.core import InvalidInput, unknown_name

CORRECTIONS: Final = ("max", "holm", "fdr")
_LEAST: Final = {"draws": 99, "refits": 19, "repeats": 1, "top": 1}


@final
@dataclass(frozen=True, slots=True)
class ImportanceSettings:
    """What may be chosen about a measurement of importance; the defaults suit a thousand rows or more and ten features.

    level: chance of naming a feature of a target that is noise, after `correction`: "max" compares each feature with
    the largest of all under noise (Westfall and Young), "holm" needs nothing about how they depend, "fdr" bounds the
    share of false ones instead of the chance of one (Benjamini and Hochberg).
    draws: of noise, where they are cheap. refits: of noise, where each fits a forest ("impurity"). repeats: how often
    a feature is permuted. clusters: rank correlation in size from which on features are asked together (None: each
    alone). top: names in `top_features`.
    """

    level: float = 0.05
    correction: Literal["max", "holm", "fdr"] = "max"
    draws: int = 999
    refits: int = 99
    repeats: int = 5
    clusters: float | None = None
    top: int = 3

    def __post_init__(self) -> None:
        if self.correction not in CORRECTIONS:
            raise unknown_name("correction", self.correction, CORRECTIONS)
        if not 0.0 < self.level < 1.0:
            raise InvalidInput(f"level must lie between 0 and 1, got {self.level}", fix="use level=0.05")
        for name, least in _LEAST.items():
            if getattr(self, name) < least:
                raise InvalidInput(f"{name} must be at least {least}, got {getattr(self, name)}", fix=f"use {least}")
        if self.clusters is not None and not 0.0 < self.clusters <= 1.0:
            raise InvalidInput(f"clusters must be above 0 and at most 1, got {self.clusters}", fix="use clusters=0.7")
