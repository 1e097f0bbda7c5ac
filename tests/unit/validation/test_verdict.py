"""The words a trader reads, and the numbers behind them."""

import math

import numpy as np
import pytest

from autonomous_trading.core import InvalidInput
from autonomous_trading.validation import (
    MINIMUM_BARS,
    MINIMUM_TRADES,
    Evidence,
    ReturnMoments,
    deflated_sharpe_ratio,
    probabilistic_sharpe_ratio,
    return_moments,
    sharpe_verdict,
)

PUBLISHED = ReturnMoments(2.5 / math.sqrt(250.0), 1250, skew=-3.0, kurtosis=10.0)
VARIANCE = 0.5 / 250.0


def test_the_published_example_is_compatible_with_luck() -> None:
    verdict = sharpe_verdict(PUBLISHED, n_trials=100, trials_variance=VARIANCE, trade_count=400)
    assert verdict.words == "compatible with luck after 100 trials (deflated Sharpe 0.90)"
    assert verdict.evidence is Evidence.LUCK
    assert round(verdict.dsr, 4) == 0.9004
    assert verdict.psr == probabilistic_sharpe_ratio(PUBLISHED.sharpe, 1250, skew=-3.0, kurtosis=10.0)
    assert (verdict.n_trials, verdict.n_bars, verdict.trade_count) == (100, 1250, 400)


def test_fewer_trials_tip_the_same_record_over() -> None:
    # 0.9505 with 46 trials: the example of the paper on the other side of the threshold.
    verdict = sharpe_verdict(PUBLISHED, n_trials=46, trials_variance=VARIANCE)
    assert verdict.words == "unlikely to be luck alone after 46 trials (deflated Sharpe 0.95)"
    assert verdict.evidence is Evidence.BEYOND_LUCK


def test_a_value_just_under_the_threshold_does_not_read_as_the_threshold() -> None:
    verdict = sharpe_verdict(PUBLISHED, n_trials=47, trials_variance=VARIANCE)
    assert 0.945 < verdict.dsr < 0.95
    assert "deflated Sharpe 0.94" in verdict.words


def test_thousands_are_readable() -> None:
    verdict = sharpe_verdict(PUBLISHED, n_trials=5_000, trials_variance=VARIANCE)
    assert verdict.words.startswith("compatible with luck after 5,000 trials")


def test_one_trial_speaks_of_no_selection() -> None:
    verdict = sharpe_verdict(PUBLISHED, n_trials=1, trials_variance=VARIANCE)
    assert "(the true Sharpe ratio is above 0 with probability " in verdict.words


@pytest.mark.parametrize(
    ("moments", "trade_count", "words"),
    [
        (PUBLISHED, 0, "not enough evidence: no trades"),
        (PUBLISHED, 1, "not enough evidence: 1 trade, at least 30 are needed"),
        (PUBLISHED, MINIMUM_TRADES - 1, "not enough evidence: 29 trades, at least 30 are needed"),
        (ReturnMoments(3.0, MINIMUM_BARS - 1), 99, "not enough evidence: 59 bars, at least 60 are needed"),
        (ReturnMoments(math.nan, 1), None, "not enough evidence: 1 bar, at least 60 are needed"),
        (
            ReturnMoments(math.nan, 500),
            None,
            "not enough evidence: the equity never moved, so there is no Sharpe ratio",
        ),
    ],
)
def test_too_little_to_say_anything(moments: ReturnMoments, trade_count: int | None, words: str) -> None:
    verdict = sharpe_verdict(moments, n_trials=100, trials_variance=VARIANCE, trade_count=trade_count)
    assert verdict.words == words
    assert verdict.evidence is Evidence.TOO_LITTLE


@pytest.mark.parametrize("unknown", [None, math.nan])
def test_without_the_variance_of_the_trials_the_null_stands_in(unknown: float | None) -> None:
    verdict = sharpe_verdict(PUBLISHED, n_trials=100, trials_variance=unknown)
    expected = deflated_sharpe_ratio(
        PUBLISHED.sharpe, 1250, n_trials=100, trials_variance=1.0 / 1249.0, skew=-3.0, kurtosis=10.0
    )
    assert verdict.dsr == expected


def test_bars_needed_is_where_the_verdict_turns() -> None:
    verdict = sharpe_verdict(PUBLISHED, n_trials=100, trials_variance=VARIANCE)
    enough = math.ceil(verdict.bars_needed)
    for n, evidence in ((enough - 1, Evidence.LUCK), (enough + 1, Evidence.BEYOND_LUCK)):
        longer = PUBLISHED._replace(n=n)
        assert sharpe_verdict(longer, n_trials=100, trials_variance=VARIANCE).evidence is evidence


def test_a_negative_trade_count_is_refused() -> None:
    with pytest.raises(InvalidInput, match="trade_count must not be negative, got -1"):
        sharpe_verdict(PUBLISHED, n_trials=1, trade_count=-1)


def test_moments_of_returns_worked_by_hand() -> None:
    # Deviations -3, -1, 1, 3 (in per cent) around a mean of 2 %: variance 20/3 with ddof 1, fourth moment 41.
    moments = return_moments(np.array([-0.01, 0.01, 0.03, 0.05]))
    assert moments.sharpe == pytest.approx(0.02 / math.sqrt(20.0 / 3.0 * 1e-4))
    assert moments.skew == pytest.approx(0.0, abs=1e-12)
    assert moments.kurtosis == pytest.approx(41.0 / 25.0)
    assert moments.n == 4


def test_skew_of_two_valued_returns() -> None:
    # One of four: skew 2 / sqrt(3), kurtosis 1 + skew^2, the smallest kurtosis such a skew can have.
    moments = return_moments(np.array([0.0, 0.0, 0.0, 0.04]))
    assert moments.skew == pytest.approx(2.0 / math.sqrt(3.0))
    assert moments.kurtosis == pytest.approx(1.0 + 4.0 / 3.0)
    assert not math.isnan(sharpe_verdict(moments, n_trials=2).dsr)


@pytest.mark.parametrize("returns", [[], [0.1], [0.001] * 50, [0.0] * 9, [0.1, math.nan], [0.1, math.inf]])
def test_returns_without_a_sharpe_ratio(returns: list[float]) -> None:
    moments = return_moments(np.array(returns))
    assert math.isnan(moments.sharpe)
    assert moments.n == len(returns)


def test_a_rising_market_is_no_skill() -> None:
    better = sharpe_verdict(PUBLISHED, n_trials=1, trials_variance=VARIANCE, held_sharpe=PUBLISHED.sharpe * 1.1)
    assert better.words.endswith("; holding had the higher Sharpe ratio")
    worse = sharpe_verdict(PUBLISHED, n_trials=1, trials_variance=VARIANCE, held_sharpe=PUBLISHED.sharpe * 0.9)
    assert better.words.startswith(worse.words)
    assert "holding" not in worse.words
    short = sharpe_verdict(PUBLISHED, n_trials=1, trade_count=3, held_sharpe=9.0)
    assert "holding" not in short.words, "nothing is said of what has no evidence"
