"""Published numbers of the statistics of Sharpe ratios, overfitting and folds, to the printed digit.

Sources beside each group: Bailey and Lopez de Prado (2012, 2014), Lopez de Prado, Lipton and Zoonekynd (2025/26), Lo
(2002), Bailey et al. (2015), the tests of skfolio.
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

from autonomous_trading.validation import (
    CombinatorialPurgedCV,
    ReturnMoments,
    annual_sharpe_factor,
    deflated_sharpe_ratio,
    expected_maximum_sharpe,
    minimum_backtest_length,
    minimum_track_record_length,
    observed_false_discovery_rate,
    planned_false_discovery_rate,
    probabilistic_sharpe_ratio,
    probability_of_backtest_overfitting,
    sharpe_error_of_moments,
    sharpe_power,
    sharpe_standard_error,
)
from proofs.claims import Figure, equals, holds, run

TITLE = "Published numbers of validation statistics"
MONTHLY = 0.036 / 0.079
SKEW, KURTOSIS = -2.448, 10.164
TOY = np.array([[3, 1, -1], [-1, 2, 0], [2, -1, 1], [1, 0, 2], [-2, 1, 3], [0, 2, -1], [-1, 1, 2], [1, -1, 1]], float)
PRINTED: tuple[tuple[Literal["2012", "2026"], int, tuple[float, float]], ...] = (
    ("2012", 7, (0.9127093, 0.8553606)),
    ("2026", 3, (0.987, 0.939)),
)
LAGS = np.arange(1.0, 12.0)
TRAINED = {
    (0, 0): [[8, 9, 10, 11], [4, 5, 6, 7], [0, 1, 2, 3]],
    (1, 0): [[9, 10, 11], [5, 6], [0, 1, 2]],
    (0, 1): [[9, 10, 11], [5, 6, 7], [0, 1, 2, 3]],
}


def measure() -> list[Figure]:
    """Every number beside what is printed."""
    return [*_deflated(), *_conventions(), *_discoveries(), *_remembered(), *_lo(), *_overfitting(), *_folds()]


def _deflated() -> list[Figure]:
    daily, variance = 2.5 / math.sqrt(250), 0.5 / 250
    found = [
        equals(
            f"deflated Sharpe ratio, best of {n}",
            deflated_sharpe_ratio(daily, 1250, n_trials=n, trials_variance=variance, skew=-3.0, kurtosis=10.0),
            expected,
            digits=7,
        )
        for n, expected in ((46, 0.9505017), (88, 0.9101530), (100, 0.9003968))
    ]
    normal = deflated_sharpe_ratio(daily, 1250, n_trials=88, trials_variance=variance)
    found.append(equals("the same, normal returns, best of 88", normal, 0.9504908, digits=7))
    luck = expected_maximum_sharpe(100, variance)
    found.append(equals("the luck of 100, a day", luck, 0.1131720, digits=7))
    found.append(equals("the luck of 100, a year", luck * math.sqrt(250), 1.78941, digits=5))
    for n, highest in ((10, 1.5745983), (100, 2.5306029), (1000, 3.2551215)):
        found.append(equals(f"expected maximum of {n} normals", expected_maximum_sharpe(n, 1.0), highest, digits=7))
    found.append(equals("years for the best of 45", minimum_backtest_length(45), 4.9981, digits=4))
    return found


def _conventions() -> list[Figure]:
    found = []
    for convention, digits, values in PRINTED:
        for benchmark, expected in zip((0.0, 0.1), values, strict=True):
            value = probabilistic_sharpe_ratio(
                MONTHLY,
                24,
                benchmark=benchmark,
                convention=convention,
                skew=SKEW,
                kurtosis=KURTOSIS,
            )
            found.append(equals(f"PSR({benchmark:g}), {convention}", value, expected, digits=digits))
    old = minimum_track_record_length(MONTHLY, skew=SKEW, kurtosis=KURTOSIS)
    new = minimum_track_record_length(MONTHLY, convention="2026", skew=SKEW, kurtosis=KURTOSIS)
    normal = minimum_track_record_length(MONTHLY)
    found.append(equals("minimum track record, 2012", old, 34.7614, digits=4))
    found.append(equals("minimum track record, 2012, normal", normal, 15.3816, digits=4))
    found.append(equals("minimum track record, 2026", new, 13.029, digits=3))
    return found


def _discoveries() -> list[Figure]:
    """The example of "How to use the Sharpe ratio", as the code beside the paper asserts it."""
    seen = ReturnMoments(MONTHLY, 24, SKEW, KURTOSIS)
    beta = 1.0 - sharpe_power(0.5, 24, skew=SKEW, kurtosis=KURTOSIS)
    planned = planned_false_discovery_rate(prior=0.05, size=0.05, power=1.0 - 0.315)
    observed = observed_false_discovery_rate(seen, alternative=0.5, prior=0.05)
    normal = sharpe_error_of_moments(ReturnMoments(MONTHLY, 24))
    return [
        equals("standard error", sharpe_error_of_moments(seen), 0.329, digits=3),
        equals("standard error, normal", normal, 0.214, digits=3),
        equals("chance of a miss, true Sharpe 0.5", beta, 0.315, digits=3),
        equals("planned false discovery rate", planned, 0.581, digits=3),
        equals("observed false discovery rate", observed, 0.306, digits=3),
    ]


def _remembered() -> list[Figure]:
    """The same with an autocorrelation of 0.2."""
    seen = ReturnMoments(MONTHLY, 24, SKEW, KURTOSIS)
    error = sharpe_error_of_moments(seen, autocorrelation=0.2)
    found = [equals("rho 0.2: standard error", error, 0.37949, digits=5)]
    for benchmark, expected in ((0.0, 0.965832), (0.1, 0.900476)):
        value = probabilistic_sharpe_ratio(
            MONTHLY,
            24,
            skew=SKEW,
            kurtosis=KURTOSIS,
            benchmark=benchmark,
            convention="2026",
            autocorrelation=0.2,
        )
        found.append(equals(f"rho 0.2: PSR({benchmark:g})", value, expected, digits=6))
    needed = minimum_track_record_length(MONTHLY, skew=SKEW, kurtosis=KURTOSIS, convention="2026", autocorrelation=0.2)
    observed = observed_false_discovery_rate(seen, alternative=0.5, prior=0.05, autocorrelation=0.2)
    found.append(equals("rho 0.2: minimum track record", needed, 19.5432, digits=4))
    found.append(equals("rho 0.2: observed false discovery rate", observed, 0.543665, digits=6))
    return found


def _lo() -> list[Figure]:
    factors = ((-0.2, 4.170848), (0.0, 3.464102), (0.2, 2.878849), (0.5, 2.121288), (0.9, 1.207038))
    returns = np.random.default_rng(0).normal(size=60)
    returns = (returns - returns.mean()) / returns.std(ddof=1) + 1.5
    error = sharpe_standard_error(returns, method="normal")
    return [
        equals("standard error, Sharpe 1.5 in 60 periods", error, 0.1881932, digits=7),
        *(
            equals(f"eta(12), rho {rho:g}", annual_sharpe_factor(rho**LAGS, 12), each, digits=6)
            for rho, each in factors
        ),
    ]


def _overfitting() -> list[Figure]:
    found = probability_of_backtest_overfitting(TOY, n_blocks=4)
    many = np.random.default_rng(0).normal(size=(64, 3))
    ranks, winners = found.ranks.tolist(), found.winners.tolist()
    return [
        holds("toy: winners", winners == [0, 1, 1, 2, 2, 2], bound="0, 1, 1, 2, 2, 2", figure=_list(winners)),
        holds("toy: ranks", ranks == [1, 1, 2, 2, 2, 1.5], bound="1, 1, 2, 2, 2, 1.5", figure=_list(ranks)),
        equals("toy: logit of the last pair", float(found.logits[-1]), -0.5108, digits=4),
        equals("toy: PBO, the median counted", found.pbo, 1.0, digits=4),
        equals("toy: PBO, below the median", float(np.mean(found.logits < 0.0)), 0.5, digits=4),
        equals("pairs of 16 blocks", float(len(probability_of_backtest_overfitting(many).winners)), 12870, digits=0),
    ]


def _folds() -> list[Figure]:
    found = []
    for (purge, embargo), expected in TRAINED.items():
        folds = CombinatorialPurgedCV(3, 2, purge=purge, embargo=embargo)
        trained = [split.train.tolist() for split in folds.folds(12)]
        name = f"CPCV of 12, 3 folds, 2 tested, purge {purge}, embargo {embargo}"
        found.append(holds(name, trained == expected, bound="the indices of skfolio", figure=str(trained)))
    for n, k, splits, paths in ((6, 2, 15, 5), (10, 2, 45, 9), (10, 8, 45, 36)):
        made = CombinatorialPurgedCV(n, k)
        seen = made.get_n_splits(), made.n_paths
        found.append(
            holds(
                f"splits and paths, {k} of {n}", seen == (splits, paths), bound=f"{splits}, {paths}", figure=_list(seen)
            )
        )
    return found


def _list(values: list[int] | list[float] | tuple[int, int]) -> str:
    return ", ".join(f"{each:g}" for each in values)


if __name__ == "__main__":
    raise SystemExit(run(TITLE, measure))
