"""What had to be assumed, said once."""

from collections.abc import Iterable
from typing import Final

__all__ = ["notes_together"]

_SHOWN: Final = 20


def notes_together(notes: Iterable[str]) -> tuple[str, ...]:
    """Each note once; where several places ("PLACE: what had to be assumed") say the same, one note that names them.

    >>> notes_together(["A.csv: no zone", "B.csv: no zone", "B.csv: no volume"])
    ('A.csv, B.csv: no zone', 'B.csv: no volume')
    """
    places: dict[str, dict[str, None]] = {}
    for note in notes:
        place, colon, said = note.partition(": ")
        places.setdefault(said if colon else note, {}).setdefault(place if colon else "")
    return tuple(f"{_listed(list(where))}: {said}" if any(where) else said for said, where in places.items())


def _listed(places: list[str]) -> str:
    named = [place for place in places if place]
    more = f" and {len(named) - _SHOWN} more" if len(named) > _SHOWN else ""
    return f"{', '.join(named[:_SHOWN])}{more}"
