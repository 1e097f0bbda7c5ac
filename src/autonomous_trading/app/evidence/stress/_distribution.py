"""What a metric was over many runs: its values, and the few quantiles a person reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import final

import numpy as np

from autonomous_trading.core import FloatArray

SHARES = (0.05, 0.25, 0.5, 0.75, 0.95)


@final
@dataclass(frozen=True, slots=True)
class Distribution:
    """Values of every metric over many runs, [runs] each, in the order they were run; NaN where a run had none."""

    values: Mapping[str, FloatArray]

    def __len__(self) -> int:
        """How many runs there are."""
        return len(next(iter(self.values.values()), ()))

    @staticmethod
    def joined(parts: Sequence[Mapping[str, FloatArray]]) -> Distribution:
        """Runs of several portions, one after the other."""
        return Distribution({name: np.concatenate([part[name] for part in parts]) for name in parts[0]})

    def quantiles(self, metric: str, shares: tuple[float, ...] = SHARES) -> dict[float, float]:
        """Values of a metric that these shares of the runs do not exceed; runs without a value are left out."""
        values = self.values[metric]
        known = values[np.isfinite(values)]
        found = np.quantile(known, shares) if len(known) else np.full(len(shares), np.nan)
        return dict(zip(shares, found.tolist(), strict=True))

    def share_below(self, metric: str, bound: float) -> float:
        """Share of all runs whose metric lies below a bound; a run without a value does not. NaN without runs."""
        values = self.values[metric]
        return float(np.mean(values < bound)) if len(values) else float("nan")

    def to_dict(self) -> dict[str, dict[str, float]]:
        """Plain data: of every metric its quantiles, {"sharpe_ratio": {"5%": ..., "50%": ...}}."""
        return {name: {f"{share:.0%}": value for share, value in self.quantiles(name).items()} for name in self.values}
