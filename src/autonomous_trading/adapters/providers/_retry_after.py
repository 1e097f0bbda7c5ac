"""How long a source asks to be left alone: the header Retry-After, in both ways in which it may be written."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

__all__ = ["LONGEST_ASKED", "seconds_asked"]

LONGEST_ASKED: Final = 86_400.0
"""Seconds: what asks for more is taken to ask for a day."""

_SECONDS: Final = re.compile(r"[0-9]+(\.[0-9]+)?")
_LONGEST_TEXT: Final = 64


def seconds_asked(text: str | None, now: float) -> float | None:
    """The seconds in a Retry-After header, at most a day; None where it is missing or cannot be understood.

    Seconds and dates are understood (RFC 9110, 10.2.3); a date that is over is 0.0, negative seconds are none. `now` is
    in seconds since 1970, by our clock.

    >>> seconds_asked("120", now=0.0), seconds_asked("Thu, 01 Jan 1970 00:01:00 GMT", now=0.0)
    (120.0, 60.0)
    >>> seconds_asked("-5", now=0.0), seconds_asked("soon", now=0.0)
    (None, None)
    """
    written = (text or "").strip()
    if not written or len(written) > _LONGEST_TEXT:
        return None
    if _SECONDS.fullmatch(written):
        return min(float(written), LONGEST_ASKED)
    moment = _moment(written)
    return None if moment is None else min(max(0.0, moment - now), LONGEST_ASKED)


def _moment(written: str) -> float | None:
    """A date of HTTP in seconds since 1970; None for what is none."""
    try:
        found = parsedate_to_datetime(written)
        zoned = found.replace(tzinfo=UTC) if found.tzinfo is None else found
        return (zoned - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()
    except (ValueError, OverflowError):  # no date, or one beyond the years that there are
        return None
