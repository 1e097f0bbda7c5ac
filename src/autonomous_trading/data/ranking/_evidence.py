"""Whether an order of instruments said anything about what they did next."""

from dataclasses import dataclass
from typing import Final, NamedTuple, final

import numpy as np

from autonomous_trading.core import FloatArray, InvalidInput, NothingToReport, Panel
from autonomous_trading.data.ranking._cross_section import mean_ranks
from autonomous_trading.data.ranking._ranking import Ranking

__all__ = ["MeanWithError", "RankingEvidence", "evaluate_ranking"]

_FEWEST_INSTRUMENTS: Final = 5
_FEWEST_DATES: Final = 8


class MeanWithError(NamedTuple):
    """A mean over dates, its standard error, and its interval (Student's t)."""

    mean: float
    error: float
    low: float
    high: float


@final
@dataclass(frozen=True, slots=True, eq=False)
class RankingEvidence:
    """What followed a ranking, at dates whose futures do not overlap.

    `coefficient` is the rank information coefficient: Spearman's correlation of total and return to come across
    instruments, over dates. `spread` is the return of the best `quantiles`-th less that of the worst, over `horizon`
    bars, before costs. `coefficients` has one entry per date.
    """

    horizon: int
    quantiles: int
    confidence: float
    dates: int
    coefficient: MeanWithError
    spread: MeanWithError
    coefficients: FloatArray

    @property
    def verdict(self) -> str:
        """ "evidence" where the interval of the coefficient lies above 0, "evidence against", or "no evidence"."""
        if self.coefficient.low > 0.0:
            return "evidence"
        return "evidence against" if self.coefficient.high < 0.0 else "no evidence"

    @property
    def words(self) -> str:
        """The answer in a sentence."""
        ic = self.coefficient
        answer = {
            "evidence": "the order said something about what came next",
            "evidence against": "the order was the wrong way round",
            "no evidence": "compatible with an order drawn by lot",
        }[self.verdict]
        return (
            f"{self.verdict}: rank IC {ic.mean:+.3f} +/- {ic.error:.3f}, {100 * self.confidence:g} % interval "
            f"{ic.low:+.3f} to {ic.high:+.3f} over {self.dates} dates: {answer}"
        )


def evaluate_ranking(
    ranking: Ranking, panel: Panel, horizon: int = 21, *, quantiles: int = 5, confidence: float = 0.95
) -> RankingEvidence:
    """What instruments did after they were ranked: from the next open on, for `horizon` bars.

    Every date used is at least `horizon` bars after the one before, so that no return counts twice, and has five
    ranked instruments or more whose return is known. An instrument that stops trading is marked at its last price.
    Nothing is fitted, so that all of it is out of sample for weights that were not chosen by looking at it. Raises
    InvalidInput, and NothingToReport for fewer than eight dates.
    """
    if horizon < 1 or quantiles < 2 or not 0.5 < confidence < 1.0:
        raise InvalidInput("a horizon is 1 bar or more, quantiles 2 or more", fix="use horizon=21, quantiles=5")
    if ranking.symbols != panel.symbols or not np.array_equal(panel.time[ranking.rows], ranking.time):
        raise InvalidInput("this ranking is not of this panel", fix="give the panel that was ranked")
    coefficients, spreads = [], []
    following = 0
    for position, row in enumerate(ranking.rows.tolist()):
        stop = row + 1 + horizon
        if row < following or stop >= len(panel):
            continue
        total = ranking.total[:, position]
        came = panel.open[:, stop] / panel.open[:, row + 1] - 1.0
        known = np.isfinite(total) & np.isfinite(came)
        if np.count_nonzero(known) >= max(_FEWEST_INSTRUMENTS, quantiles):
            coefficients.append(_rank_correlation(total[known], came[known]))
            spreads.append(_spread(total[known], came[known], quantiles))
            following = row + horizon
    if len(coefficients) < _FEWEST_DATES:
        raise NothingToReport(
            f"{len(coefficients)} dates with {_FEWEST_INSTRUMENTS} ranked instruments say too little about a ranking",
            fix=f"give {_FEWEST_DATES * horizon} bars more, or a shorter horizon",
        )
    series = np.array(coefficients)
    return RankingEvidence(
        horizon=horizon,
        quantiles=quantiles,
        confidence=confidence,
        dates=len(series),
        coefficient=_mean_with_error(series, confidence),
        spread=_mean_with_error(np.array(spreads), confidence),
        coefficients=series,
    )


def _rank_correlation(one: FloatArray, other: FloatArray) -> float:
    """Spearman's correlation; 0 where one of the two does not differ at all."""
    a, b = (mean_ranks(each) - 0.5 * (len(each) + 1) for each in (one, other))
    size = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum()) / size if size > 0.0 else 0.0


def _spread(total: FloatArray, came: FloatArray, quantiles: int) -> float:
    count = max(1, len(total) // quantiles)
    order = np.argsort(total, kind="stable")
    return float(came[order[-count:]].mean() - came[order[:count]].mean())


def _mean_with_error(values: FloatArray, confidence: float) -> MeanWithError:
    from scipy.special import stdtrit

    mean, error = float(values.mean()), float(values.std(ddof=1) / np.sqrt(len(values)))
    reach = float(stdtrit(len(values) - 1, 0.5 + 0.5 * confidence)) * error
    return MeanWithError(mean, error, mean - reach, mean + reach)
