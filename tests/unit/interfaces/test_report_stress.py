"""The stress section: what is given is drawn and said, what is absent is not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from autonomous_trading.core import InvalidInput
from autonomous_trading.interfaces.report import (
    CostCurve,
    EquityFan,
    RandomEntries,
    SimulatedDrawdowns,
    StressRow,
    StressTest,
)
from autonomous_trading.interfaces.report._stress_section import stress_section

DAY = 86_400_000_000_000
RNG = np.random.default_rng(0)
ENTRIES = RandomEntries(
    metric="sharpe_ratio", values=np.append(RNG.normal(0.2, 0.2, 200), np.nan), own=0.9, p_value=0.004
)
COSTS = CostCurve(
    metric="total_return",
    factors=np.array([0.0, 1.0, 5.0]),
    values=np.array([0.5, 0.3, -0.4]),
    break_even=2.5,
    words="it dies",
)
FAN = EquityFan(
    time=np.arange(3) * DAY,
    curves={share: np.array([1.0, 1.0 + share, 1.0 + 2.0 * share]) for share in (0.05, 0.25, 0.5, 0.75, 0.95)},
    real=np.array([1.0, 1.2, 1.1]),
    paths=1_000,
)
DRAWDOWNS = SimulatedDrawdowns(values=RNG.random(100), own=0.2, ruin=0.5, chance_of_ruin=0.123)
ROW = StressRow(
    label="Noise <b>",
    runs=20,
    sharpe_ratio=(0.1, 0.2, 0.3),
    max_drawdown=(0.1, 0.25, 0.4),
    share_losing=0.05,
    note="off",
)
FULL = StressTest(entries=ENTRIES, costs=COSTS, fan=FAN, drawdowns=DRAWDOWNS, rows=(ROW,))


def test_everything_is_drawn_and_said() -> None:
    section = stress_section(FULL)
    assert section is not None
    assert set(section.charts) == {"entries", "cost-curve", "fan", "drawdowns"}
    for name in section.charts:
        assert f'data-chart="{name}"' in section.body
    for words in (
        "201 random entries",
        "0.90 has p = 0.004: chance rarely does as well.",
        "It dies.",
        "Nothing left",
        "middle one stands at 2.00, nine in ten between 1.10 and 2.90",
        "12.3% of the paths once lose 50.0% of the start",
        "Noise &lt;b&gt;",
        "25.00%",
    ):
        assert words in section.body, words
    entries = section.charts["entries"]
    assert isinstance(entries, dict)
    assert entries["own"] == 0.9
    assert isinstance(entries["counts"], list)
    assert sum(int(str(count)) for count in entries["counts"]) == 200


@pytest.mark.parametrize(
    ("without", "chart"),
    [
        (replace(FULL, entries=None), "entries"),
        (replace(FULL, costs=None), "cost-curve"),
        (replace(FULL, fan=None), "fan"),
        (replace(FULL, drawdowns=None), "drawdowns"),
    ],
)
def test_what_is_absent_is_not_drawn(without: StressTest, chart: str) -> None:
    section = stress_section(without)
    assert section is not None
    assert set(section.charts) == {"entries", "cost-curve", "fan", "drawdowns"} - {chart}


def test_nothing_makes_no_section() -> None:
    assert stress_section(None) is None
    assert stress_section(StressTest()) is None
    idle = replace(ENTRIES, values=np.full(5, np.nan))
    assert stress_section(StressTest(entries=idle)) is None


def test_luck_and_costs_that_never_kill_are_called_so() -> None:
    section = stress_section(
        replace(FULL, entries=replace(ENTRIES, p_value=0.3), costs=replace(COSTS, break_even=np.inf))
    )
    assert section is not None
    assert "chance does as well too often to rule it out" in section.body
    assert "Nothing left" not in section.body
    costs = section.charts["cost-curve"]
    assert isinstance(costs, dict)
    assert costs["breakEven"] is None


def test_one_run_alone_has_no_spread() -> None:
    section = stress_section(StressTest(rows=(replace(ROW, runs=1, note=""),)))
    assert section is not None
    assert "25.00%" in section.body
    assert "40.00%" not in section.body
    assert "<small>" not in section.body


def test_facts_that_do_not_fit_are_refused() -> None:
    with pytest.raises(InvalidInput, match="cost curve has"):
        replace(COSTS, values=np.zeros(2))
    with pytest.raises(InvalidInput, match="fan has"):
        replace(FAN, real=np.zeros(2))
    with pytest.raises(InvalidInput, match=r"no curve for the share 0.95"):
        replace(FAN, curves=dict.fromkeys((0.05, 0.25, 0.5, 0.75), FAN.real))
