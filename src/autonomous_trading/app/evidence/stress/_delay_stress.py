"""What is left when the same decisions are acted on later: an edge that lives for one bar is a race to be lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, final

import numpy as np

from autonomous_trading.app._evaluator import Evaluator
from autonomous_trading.app.evidence.stress._replay import chosen_batch, measured, retargeted, targets_of
from autonomous_trading.core import FloatArray, InvalidInput

DELAYS = (0, 1, 2, 5)


@final
@dataclass(frozen=True, slots=True)
class DelayStress:
    """Metrics [delays] with every decision acted on so many bars of its instrument later."""

    delays: tuple[int, ...]
    metrics: Mapping[str, FloatArray]
    evaluated: int

    def to_dict(self) -> dict[str, Any]:
        """Plain data: delays, metrics by delay, evaluated."""
        return {
            "delays": list(self.delays),
            "metrics": {name: values.tolist() for name, values in self.metrics.items()},
            "evaluated": self.evaluated,
        }


def delay_stress(
    evaluator: Evaluator, parameters: Mapping[str, Any], span: tuple[int, int], *, delays: Sequence[int] = DELAYS
) -> DelayStress:
    """The targets of the set, acted on `delays` bars later than the fill of the rules says; all in one run.

    Raises InvalidInput for a delay that is no whole number of at least 0.
    """
    given: Sequence[object] = delays
    if not given or any(isinstance(each, bool) or not isinstance(each, int) or each < 0 for each in given):
        raise InvalidInput(f"delays must be whole numbers of bars, 0 or more; got {list(delays)!r}", fix="use (0, 1)")
    batch = chosen_batch(evaluator, parameters)
    targets = targets_of(batch)
    later = np.full((len(targets), len(delays), targets.shape[1]), np.nan)
    for number, (instrument, values) in enumerate(zip(evaluator.market.instruments, targets, strict=True)):
        rows = instrument.rows
        for place, delay in enumerate(delays):
            kept = max(len(rows) - delay, 0)
            later[number, place, rows[len(rows) - kept :]] = values[rows[:kept]]
    return DelayStress(tuple(delays), measured(evaluator, retargeted(batch, later), span), len(delays))
