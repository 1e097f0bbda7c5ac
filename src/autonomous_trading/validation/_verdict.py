"""What a Sharpe ratio found by a search is worth, in plain words."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import final

from autonomous_trading.core import InvalidInput
from autonomous_trading.validation._moments import ReturnMoments
from autonomous_trading.validation._sharpe import (
    expected_maximum_sharpe,
    minimum_track_record_length,
    probabilistic_sharpe_ratio,
)

MINIMUM_TRADES = 30
"""Below this many closed trades a win rate of one half is uncertain by 18 points: no verdict is given."""

MINIMUM_BARS = 60
"""Below this many bars skew and kurtosis, on which every formula rests, are noise: no verdict is given."""

CONFIDENCE = 0.95
"""Deflated Sharpe ratio from which luck alone is called unlikely."""


class Evidence(StrEnum):
    """The three things that can be said."""

    TOO_LITTLE = "not enough evidence"
    LUCK = "compatible with luck"
    BEYOND_LUCK = "unlikely to be luck alone"


@final
@dataclass(frozen=True, slots=True)
class Verdict:
    """A verdict in words, with the numbers behind it.

    `dsr` and `psr` are probabilities (deflated; and against zero, as if nothing had been searched).
    `luck_sharpe` is the Sharpe ratio per bar that the best of `n_trials` worthless sets would have shown.
    `bars_needed` is the track record, in bars, after which this Sharpe ratio would stand out from it:
    infinite where it lies below.
    """

    evidence: Evidence
    words: str
    dsr: float
    psr: float
    n_trials: int
    n_bars: int
    trade_count: int | None
    luck_sharpe: float
    bars_needed: float


def sharpe_verdict(
    moments: ReturnMoments,
    *,
    n_trials: int,
    trials_variance: float | None = None,
    trade_count: int | None = None,
    held_sharpe: float | None = None,
) -> Verdict:
    """Verdict on the best of `n_trials` evaluated sets, from the moments of its returns per bar.

    `n_trials` counts every set that was ever evaluated. `trials_variance` is the variance of their Sharpe
    ratios per bar; where it is not known (None or NaN) the variance of worthless Sharpe ratios on this
    many bars, 1 / (n - 1), stands in. `trade_count` None means that trades were not counted. Fewer than
    `MINIMUM_TRADES` trades or `MINIMUM_BARS` bars is not enough evidence, whatever the Sharpe ratio.

    The test is against a Sharpe ratio of zero, so a rising market alone can pass it: with `held_sharpe`, that of
    buying and holding per bar, the words say so where holding did better.

    >>> sharpe_verdict(ReturnMoments(0.08, 1250), n_trials=5_000, trials_variance=0.0005).words
    'compatible with luck after 5,000 trials (deflated Sharpe 0.46)'
    >>> sharpe_verdict(ReturnMoments(0.2, 1250), n_trials=1, trade_count=12).words
    'not enough evidence: 12 trades, at least 30 are needed'
    """
    if trade_count is not None and trade_count < 0:
        raise InvalidInput(f"trade_count must not be negative, got {trade_count}", fix="count the closed trades")
    sharpe, n, skew, kurtosis = moments
    luck_sharpe = expected_maximum_sharpe(n_trials, _variance_or_null(trials_variance, n))
    psr = dsr = bars_needed = math.nan
    if n >= 2 and math.isfinite(sharpe):
        psr = probabilistic_sharpe_ratio(sharpe, n, skew=skew, kurtosis=kurtosis)
        dsr = probabilistic_sharpe_ratio(sharpe, n, skew=skew, kurtosis=kurtosis, benchmark=luck_sharpe)
        bars_needed = minimum_track_record_length(
            sharpe, skew=skew, kurtosis=kurtosis, benchmark=luck_sharpe, confidence=CONFIDENCE
        )
    evidence, words = _say(moments, dsr, n_trials=n_trials, trade_count=trade_count)
    if evidence is not Evidence.TOO_LITTLE and held_sharpe is not None and held_sharpe >= sharpe > 0.0:
        words += "; holding had the higher Sharpe ratio"
    return Verdict(evidence, words, dsr, psr, n_trials, n, trade_count, luck_sharpe, bars_needed)


def _say(moments: ReturnMoments, dsr: float, *, n_trials: int, trade_count: int | None) -> tuple[Evidence, str]:
    missing = _what_is_missing(moments, trade_count)
    if missing:
        return Evidence.TOO_LITTLE, f"{Evidence.TOO_LITTLE}: {missing}"
    evidence = Evidence.BEYOND_LUCK if dsr >= CONFIDENCE else Evidence.LUCK
    # Cut, not rounded: 0.9496 must not read 0.95 beside a threshold of 0.95.
    shown = math.floor(dsr * 100.0) / 100.0
    if n_trials == 1:
        return evidence, f"{evidence} (the true Sharpe ratio is above 0 with probability {shown:.2f})"
    return evidence, f"{evidence} after {n_trials:,} trials (deflated Sharpe {shown:.2f})"


def _what_is_missing(moments: ReturnMoments, trade_count: int | None) -> str:
    if trade_count == 0:
        return "no trades"
    if trade_count is not None and trade_count < MINIMUM_TRADES:
        trades = "1 trade" if trade_count == 1 else f"{trade_count} trades"
        return f"{trades}, at least {MINIMUM_TRADES} are needed"
    if moments.n < MINIMUM_BARS:
        bars = "1 bar" if moments.n == 1 else f"{moments.n} bars"
        return f"{bars}, at least {MINIMUM_BARS} are needed"
    if not math.isfinite(moments.sharpe):
        return "the equity never moved, so there is no Sharpe ratio"
    return ""


def _variance_or_null(trials_variance: float | None, n: int) -> float:
    if trials_variance is None or math.isnan(trials_variance):
        return 1.0 / max(n - 1, 1)
    return trials_variance
