"""What came in, and may it be believed? Market data before it is trusted, and when each piece of it was knowable."""

from autonomous_trading.data._band import Band
from autonomous_trading.data._raw_bars import RawBars
from autonomous_trading.data._requests import BarsRequest, SeriesKey, Span, merged_spans, missing_spans
from autonomous_trading.data._screening import REASONS, Screened, screened
from autonomous_trading.data._sessions import Sessions, around_the_clock

__all__ = [
    "REASONS",
    "Band",
    "BarsRequest",
    "RawBars",
    "Screened",
    "SeriesKey",
    "Sessions",
    "Span",
    "around_the_clock",
    "merged_spans",
    "missing_spans",
    "screened",
]
