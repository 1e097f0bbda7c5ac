"""Made-up stress and evidence for a report with every section filled."""

import numpy as np

from autonomous_trading.core import FloatArray, IntArray
from autonomous_trading.interfaces.report import (
    CostCurve,
    EquityFan,
    EvidencePart,
    OverfittingChart,
    RandomEntries,
    SimulatedDrawdowns,
    StressRow,
    StressTest,
    Validation,
)


def stress_of(time: IntArray, equity: FloatArray, deepest: float) -> StressTest:
    """Made-up runs around the real one: random entries, multiplied costs, and its returns drawn again."""
    rng = np.random.default_rng(5)
    changes = np.diff(np.log(equity))
    rows = np.linspace(0, len(equity) - 1, 200).astype(int)
    drawn = rng.normal(changes.mean(), changes.std(), (300, len(rows) - 1)) * np.sqrt(len(equity) / len(rows))
    paths = np.exp(np.concatenate([np.zeros((300, 1)), np.cumsum(drawn, axis=1)], axis=1))
    return StressTest(
        entries=RandomEntries(metric="sharpe_ratio", values=rng.normal(0.2, 0.25, 500), own=0.6, p_value=0.06),
        costs=CostCurve(
            metric="total_return",
            factors=np.array([0.0, 0.5, 1.0, 2.0, 3.0, 5.0]),
            values=np.array([0.9, 0.7, 0.5, 0.2, -0.05, -0.4]),
            break_even=2.8,
            words="costs that would kill it: 2.8 times those assumed",
        ),
        fan=EquityFan(
            time=time[rows],
            curves={share: np.quantile(paths, share, axis=0) for share in (0.05, 0.25, 0.5, 0.75, 0.95)},
            real=equity[rows] / equity[0],
            paths=300,
        ),
        drawdowns=SimulatedDrawdowns(values=rng.beta(3.0, 6.0, 300), own=deepest, ruin=0.5, chance_of_ruin=0.11),
        rows=(
            StressRow(
                label="1 bar later", runs=1, sharpe_ratio=(0.4,) * 3, max_drawdown=(0.2,) * 3, share_losing=0.0, note=""
            ),
        ),
    )


def evidence_of(n_halves: int = 400) -> Validation:
    """Made-up winners of halves, and the parts of a page."""
    rng = np.random.default_rng(6)
    inside = rng.normal(0.9, 0.2, n_halves)
    return Validation(
        parts=(
            EvidencePart(title="What was tried", lines=("190 sets by grid search", "like 12 different ones")),
            EvidencePart(title="Afterwards", lines=("hold-out: stays closed, because a rule failed without it",)),
        ),
        overfitting=OverfittingChart(
            label="as traded",
            logits=rng.normal(0.4, 1.2, n_halves),
            in_sample=inside,
            out_of_sample=0.5 - 0.3 * inside + rng.normal(0.0, 0.2, n_halves),
            probability=0.37,
            loss=0.21,
            slope=-0.3,
        ),
    )
