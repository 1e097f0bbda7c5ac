"""The deflated Sharpe ratio of the published example.

Bailey and Lopez de Prado, "The Deflated Sharpe Ratio" (2014): an annual Sharpe ratio of 2.5 over five years
of 250 days, the best of 100 trials whose annual Sharpe ratios have variance 0.5, with skew -3 and kurtosis
10, deflates to 0.9004.
"""

import math

from autonomous_trading.validation import deflated_sharpe_ratio, expected_maximum_sharpe
from proofs.claims import Figure, equals, run

TITLE = "Deflated Sharpe ratio of the published example"

DAYS = 250
SHARPE = 2.5 / math.sqrt(DAYS)
VARIANCE = 0.5 / DAYS
OBSERVED = 5 * DAYS


def measure() -> list[Figure]:
    """The example of the paper, and the two numbers it is made of."""

    def deflated(n_trials: int) -> float:
        return deflated_sharpe_ratio(
            SHARPE, OBSERVED, n_trials=n_trials, trials_variance=VARIANCE, skew=-3.0, kurtosis=10.0
        )

    luck = expected_maximum_sharpe(100, VARIANCE)
    return [
        equals("deflated Sharpe ratio, best of 100 trials", deflated(100), 0.9004, digits=4),
        equals("deflated Sharpe ratio, best of 46 trials", deflated(46), 0.9505, digits=4),
        equals("Sharpe ratio luck alone would show, per day", luck, 0.1132, digits=4),
    ]


if __name__ == "__main__":
    raise SystemExit(run(TITLE, measure))
