"""Laws of the ranking: cut anywhere, in any order of instruments, in any unit of money, the same order."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from autonomous_trading.core import FloatArray, Panel
from autonomous_trading.data.ranking import MomentumWindow, RankingRules, RankingWindows, rank_instruments

DAY_NS = 86_400_000_000_000
WINDOWS = RankingWindows((MomentumWindow(8, 1), MomentumWindow(13, 3)), volatility=9, liquidity=6, absent=3)
COUNT, ROWS = 7, 70


def panel_of(seed: int, *, order: list[int] | None = None, unit: FloatArray | None = None) -> Panel:
    """Instruments with heavy tails and holes, some of which begin late or stop."""
    rng = np.random.default_rng(seed)
    close = 50.0 * np.exp(np.cumsum(0.02 * rng.standard_t(3.0, (COUNT, ROWS)), axis=1))
    volume = rng.lognormal(10.0, 1.0, (COUNT, ROWS))
    present = rng.random((COUNT, ROWS)) > 0.04
    present[int(rng.integers(COUNT)), : int(rng.integers(ROWS))] = False
    present[int(rng.integers(COUNT)), int(rng.integers(ROWS)) :] = False
    close = close * (np.ones((COUNT, 1)) if unit is None else unit[:, np.newaxis])
    rows = np.arange(COUNT) if order is None else np.array(order)
    shown = close[rows]
    return Panel(
        tuple(f"S{number}" for number in rows.tolist()),
        np.arange(1, ROWS + 1) * DAY_NS,
        shown,
        shown,
        shown,
        shown,
        volume[rows],
        present[rows],
    )


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), cut=st.integers(1, ROWS - 1), scale=st.sampled_from(["robust", "rank"]))
def test_later_bars_change_nothing(seed: int, cut: int, scale: str) -> None:
    rules = RankingRules(windows=WINDOWS, scale="rank" if scale == "rank" else "robust")
    panel = panel_of(seed)
    whole, part = rank_instruments(panel, rules=rules), rank_instruments(panel[:cut], rules=rules)
    np.testing.assert_array_equal(part.total, whole.total[:, :cut])
    np.testing.assert_array_equal(part.rank, whole.rank[:, :cut])


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), order=st.permutations(list(range(COUNT))))
def test_the_order_in_which_instruments_are_given_does_not_matter(seed: int, order: list[int]) -> None:
    rules = RankingRules(windows=WINDOWS)
    one, other = (rank_instruments(panel_of(seed, order=each), rules=rules) for each in (None, order))
    np.testing.assert_allclose(other.total, one.total[order], rtol=1e-12, atol=1e-12)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), power=st.lists(st.integers(-6, 6), min_size=COUNT, max_size=COUNT))
def test_the_unit_of_a_price_does_not_matter_to_momentum(seed: int, power: list[int]) -> None:
    rules = RankingRules(windows=WINDOWS, weights={"momentum": 1.0})
    unit = 10.0 ** np.array(power)
    one, other = (rank_instruments(panel_of(seed, unit=each), rules=rules) for each in (None, unit))
    np.testing.assert_allclose(other.total, one.total, rtol=1e-6, atol=1e-6)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_ranks_are_one_to_the_number_ranked_and_follow_the_total(seed: int) -> None:
    ranking = rank_instruments(panel_of(seed), rules=RankingRules(windows=WINDOWS))
    for position in range(len(ranking)):
        ranked = np.flatnonzero(ranking.rank[:, position])
        order = ranked[np.argsort(ranking.rank[ranked, position])]
        assert sorted(ranking.rank[ranked, position].tolist()) == list(range(1, len(ranked) + 1))
        assert (np.diff(ranking.total[order, position]) <= 0.0).all()
        assert np.isfinite(ranking.total[ranked, position]).all()
