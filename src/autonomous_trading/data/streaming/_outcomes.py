"""What became of an arrival."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, final

from autonomous_trading.data._requests import Span
from autonomous_trading.data.streaming._arrivals import Arrival

__all__ = ["EMITTED", "KINDS", "Outcome"]

KINDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "accepted": "the next bar: decide on it",
        "late": "a bar that came after a newer one, in time to be put in order: decide on it",
        "held": "a bar that waits for a missing one before it",
        "duplicate": "the bar was there already, with the same values",
        "revision": "the bar was there already, with other values: kept, and nothing is decided again",
        "quarantined": "too late to be put in order, or against a rule: kept with its reason",
        "future": "the bar begins later than it came",
        "in_progress": "the bar was not over when it came",
        "hole": "bars are missing, and may still come: no new entries",
        "gap": "bars are missing and are waited for no longer: no new entries until they come or are settled",
    }
)
"""What can become of an arrival, by its name; "hole" and "gap" are about bars that did not arrive."""

EMITTED: Final = ("accepted", "late")
"""The outcomes that carry the next bar, in strictly increasing order of time: one decision each."""


@final
@dataclass(frozen=True, slots=True)
class Outcome:
    """One of KINDS, with the arrival it is about or the span of missing bars.

    `reason` says why a bar was quarantined: "late", "off_grid", or a code of `data.REASONS`.
    """

    kind: str
    arrival: Arrival | None = None
    span: Span | None = None
    reason: str = ""

    @property
    def bar(self) -> Arrival | None:
        """The next bar, where this outcome carries it."""
        return self.arrival if self.kind in EMITTED else None
