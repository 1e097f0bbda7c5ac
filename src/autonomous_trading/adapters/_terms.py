"""How series of a catalogue are read: what their prices are adjusted for, and by when it had to be known."""

import math
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, final

import numpy as np

from autonomous_trading.core import InvalidInput, unknown_name

__all__ = ["ADJUSTMENTS", "CATALOGUE", "Terms", "known_moment"]

CATALOGUE: Final = "market-data"
"""The folder of the catalogue where nobody names another one."""
ADJUSTMENTS: Final = ("none", "splits", "all")
"""What prices of a catalogue are adjusted for."""

_OF_THE_DATA: Final = "data"
_LAST_NS: Final = 2**63 - 1


@final
@dataclass(frozen=True, slots=True)
class Terms:
    """What was asked of the reading beside the data itself."""

    adjust: str = "none"
    """"none", "splits", "all"; or "data": for whatever the data knows, as `adjust=True` says."""
    known_at: int | None = None
    catalogue: Path = Path(CATALOGUE)

    @staticmethod
    def of(adjust: object = False, known_at: object = None, catalogue: str | os.PathLike[str] | None = None) -> "Terms":
        """The terms that a person asked for. Raises UnknownName, InvalidInput."""
        if isinstance(adjust, bool):
            word = _OF_THE_DATA if adjust else "none"
        elif isinstance(adjust, str) and adjust in ADJUSTMENTS:
            word = adjust
        else:
            raise unknown_name("adjustment", str(adjust), ADJUSTMENTS)
        return Terms(word, known_moment("known_at", known_at), Path(catalogue or CATALOGUE).expanduser())

    @property
    def actions(self) -> str:
        """For which actions the prices of a series are adjusted: "split", "all", or "" for none."""
        return {"none": "", "splits": "split"}.get(self.adjust, "all")

    def scaled_by_close(self, what: str) -> bool:
        """Whether something that is no series of a catalogue is scaled by the adjusted close it holds.

        Raises InvalidInput for what only a catalogue can answer.
        """
        if self.known_at is not None:
            raise InvalidInput(
                f"{what} does not say when its values were known, and known_at asks for that",
                fix="name a series of the catalogue such as alpaca:AAPL:1d, or leave it out",
            )
        if self.adjust in ("splits", "all"):
            raise InvalidInput(
                f"{what} comes with no list of splits and dividends, and adjust={self.adjust!r} asks for one",
                fix="name a series of the catalogue such as alpaca:AAPL:1d, or prices that are adjusted already",
            )
        return self.adjust == _OF_THE_DATA


def known_moment(name: str, when: object) -> int | None:
    """A time as UTC nanoseconds: ISO 8601 text or a datetime, both with a zone, or nanoseconds; None stays None.

    Beyond what 64 bits hold, the last moment that they do.

    Raises InvalidInput, also for a time without a zone: which of 24 hours it means decides what was known.

    >>> known_moment("known_at", "2024-01-31T16:00-05:00")
    1706734800000000000
    """
    if when is None:
        return None
    if isinstance(when, int | np.integer) and not isinstance(when, bool):
        return max(-_LAST_NS, min(int(when), _LAST_NS))
    if isinstance(when, str):
        try:
            moment = datetime.fromisoformat(when.strip())
        except ValueError:
            raise InvalidInput(f"{name} is no time; got {when!r}", fix="write 2024-01-31T21:00Z") from None
    elif isinstance(when, datetime):
        moment = when
    else:
        raise InvalidInput(f"{name} is no time; got {when!r}", fix='pass text such as "2024-01-31T21:00Z"')
    if math.isnan(moment.year):  # the NaT of pandas is a datetime
        raise InvalidInput(f"{name} is no time; got {when!r}", fix='pass text such as "2024-01-31T21:00Z"')
    if moment.utcoffset() is None:
        fix = f"write {moment.isoformat(timespec='minutes')}Z for UTC, or with an offset such as -05:00"
        raise InvalidInput(f"{name} {when} has no time zone", fix=fix)
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    nanoseconds = ((since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds) * 1_000
    return max(-_LAST_NS, min(nanoseconds, _LAST_NS))
