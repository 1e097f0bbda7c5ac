"""What every corruption of the catalogue promises: other rows are left alone, and the truth says which are not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from autonomous_trading.core import InvalidInput, UnknownName
from autonomous_trading.data import REASONS, RawBars, screened
from autonomous_trading.testing.corruption import CORRUPTIONS, Corrupted, Corruption, corrupted
from autonomous_trading.testing.markets import MARKETS, MarketLaw, clustered, random_walk

COLUMNS = ("time", "open", "high", "low", "close", "volume")
SUBJECTS = {
    "days": RawBars.of(random_walk(600, seed=1), received_at=0),
    "minutes": RawBars.of(clustered(2_000, seed=2, timeframe="5m"), received_at=0),
    "few": RawBars.of(random_walk(60, seed=3, timeframe="1h"), received_at=0),
}
each_corruption = pytest.mark.parametrize("corruption", CORRUPTIONS.values(), ids=lambda each: each.name)
each_subject = pytest.mark.parametrize("raw", SUBJECTS.values(), ids=SUBJECTS)


def applied(corruption: Corruption, raw: RawBars, seed: int = 7) -> Corrupted:
    return corruption.apply(raw, np.random.default_rng(seed))


def same(one: RawBars, other: RawBars) -> bool:
    return all(np.array_equal(getattr(one, name), getattr(other, name), equal_nan=name != "time") for name in COLUMNS)


def differing(found: Corrupted, raw: RawBars) -> dict[str, set[int]]:
    """For each column the rows whose value is not that of the row they came from."""
    origin = raw.taken(found.truth.source)
    return {
        name: set(np.flatnonzero(getattr(found.raw, name) != getattr(origin, name)).tolist())
        for name in COLUMNS
        if (getattr(found.raw, name) != getattr(origin, name)).any()
    }


@each_corruption
@each_subject
def test_only_the_named_rows_and_columns_change(corruption: Corruption, raw: RawBars) -> None:
    found = applied(corruption, raw)
    changes = differing(found, raw)
    assert set().union(*changes.values()) <= set(found.rows.tolist())
    assert set(changes) <= set(found.truth.columns)
    if found.truth.columns:
        assert set().union(*changes.values()) == set(found.rows.tolist())


@each_corruption
@each_subject
def test_something_is_wrong_and_it_is_said_where(corruption: Corruption, raw: RawBars) -> None:
    found = applied(corruption, raw)
    assert not same(found.raw, raw)
    assert len(found.rows) > 0
    assert (np.diff(found.rows) > 0).all()
    assert found.rows[0] >= 0
    assert found.rows[-1] < len(found.raw)
    assert len(found.truth.source) == len(found.raw)
    assert set(found.truth.onsets.tolist()) <= set(found.rows.tolist())
    assert set(found.truth.missing.tolist()) == set(range(len(raw))) - set(found.truth.source.tolist())


@each_corruption
@each_subject
def test_the_original_is_left_as_it_was(corruption: Corruption, raw: RawBars) -> None:
    kept = replace(raw, **{name: getattr(raw, name).copy() for name in COLUMNS})
    applied(corruption, raw)
    assert same(raw, kept)


@each_corruption
def test_the_generator_decides_everything(corruption: Corruption) -> None:
    raw = SUBJECTS["days"]
    first, again = applied(corruption, raw), applied(corruption, raw)
    assert same(first.raw, again.raw)
    assert np.array_equal(first.rows, again.rows)
    everywhere = len(first.rows) == len(raw) or corruption.name == "summer_ignored"
    others = [applied(corruption, raw, seed) for seed in range(20, 24)]
    assert everywhere or any(not np.array_equal(first.rows, other.rows) for other in others)


@each_corruption
@each_subject
def test_the_reason_is_the_one_for_which_the_rows_are_put_aside(corruption: Corruption, raw: RawBars) -> None:
    found = applied(corruption, raw)
    door = screened(found.raw)
    if found.truth.reason:
        assert found.truth.kind == "rule"
        assert found.truth.reason in REASONS
        assert set(door.reasons) == {found.truth.reason}
        expected = len(found.rows) * (2 if found.truth.reason == "conflicting_duplicate" else 1)
        assert len(door.refused) == expected
    elif corruption.name not in ("summer_ignored", "time_in_seconds"):  # these may put two bars at one time
        assert door.reasons == ()


@each_corruption
def test_a_rule_without_a_reason_is_one_the_door_repairs(corruption: Corruption) -> None:
    raw = SUBJECTS["days"]
    found = applied(corruption, raw)
    if found.truth.kind == "rule" and not found.truth.reason:
        bars = screened(found.raw).bars
        assert bars is not None
        assert same(RawBars.of(bars, received_at=0), raw)


@each_corruption
def test_too_few_rows_are_refused(corruption: Corruption) -> None:
    few = SUBJECTS["days"].taken(np.arange(59))
    with pytest.raises(InvalidInput, match=r"59 rows are too few to corrupt. Fix: give 60 or more"):
        applied(corruption, few)


def test_every_corruption_has_its_own_name_and_says_what_it_is() -> None:
    assert len(CORRUPTIONS) >= 30
    assert len({each.what for each in CORRUPTIONS.values()}) == len(CORRUPTIONS)
    assert all(name == each.name and name.isidentifier() for name, each in CORRUPTIONS.items())


def test_a_corruption_by_name_and_seed() -> None:
    raw = SUBJECTS["minutes"]
    assert same(corrupted(raw, "spike_up", seed=3).raw, corrupted(raw, "spike_up", seed=3).raw)
    with pytest.raises(UnknownName, match="unknown corruption 'spike_upp'"):
        corrupted(raw, "spike_upp", seed=3)


def test_prices_that_never_move_can_be_corrupted_too() -> None:
    raw = SUBJECTS["few"]
    five = np.full(len(raw), 5.0)
    flat = replace(raw, open=five, high=five, low=five, close=five)
    for corruption in CORRUPTIONS.values():
        found = applied(corruption, flat)
        assert len(found.rows) > 0
    assert applied(CORRUPTIONS["high_below_low"], flat).truth.reason == "high_below_low"


def test_bars_that_lie_in_one_winter_have_a_late_hour_all_the_same() -> None:
    raw = SUBJECTS["few"]
    found = applied(CORRUPTIONS["summer_ignored"], raw)
    assert 0 < len(found.rows) < len(raw)
    assert (found.raw.time[found.rows] - raw.time[found.rows] == 3_600_000_000_000).all()


@pytest.mark.parametrize("law", MARKETS.values(), ids=lambda each: each.name)
def test_every_simulated_market_can_go_bad_in_every_way(law: MarketLaw) -> None:
    for bars in law.make(120, 11).instruments.values():
        raw = RawBars.of(bars, received_at=0)
        for corruption in CORRUPTIONS.values():
            found = applied(corruption, raw)
            assert set().union(*differing(found, raw).values()) <= set(found.rows.tolist())
            assert len(found.rows) > 0


def test_further_columns_go_along() -> None:
    raw = replace(SUBJECTS["few"], extra={"spread": np.arange(60.0)})
    for corruption in CORRUPTIONS.values():
        found = applied(corruption, raw)
        np.testing.assert_array_equal(found.raw.extra["spread"], found.truth.source.astype(np.float64))
