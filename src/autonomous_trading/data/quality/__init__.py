"""What is wrong with these bars, where, and what can be done about it?"""

from autonomous_trading.data.quality._examine import examine
from autonomous_trading.data.quality._expected import (
    ALIGNMENTS,
    expected_starts,
    main_stretch,
    misfits,
    usual_timeframe,
)
from autonomous_trading.data.quality._findings import CODES, Coverage, Finding, Gaps, QualityReport
from autonomous_trading.data.quality._gaps import gaps_of

__all__ = [
    "ALIGNMENTS",
    "CODES",
    "Coverage",
    "Finding",
    "Gaps",
    "QualityReport",
    "examine",
    "expected_starts",
    "gaps_of",
    "main_stretch",
    "misfits",
    "usual_timeframe",
]
