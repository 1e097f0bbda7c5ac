"""One flaw at a time, planted into sound bars: found by its code, where it is; and sound bars are left in peace."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from autonomous_trading.core import IntArray, Timeframe
from autonomous_trading.data import RawBars, Sessions, around_the_clock
from autonomous_trading.data.quality import CODES, QualityReport, examine, expected_starts
from tests.unit.data.market import DAY, HOUR, MONDAY, changed, walk, weekday_sessions

HOURLY, DAILY = Timeframe.of("1h"), Timeframe.of("1d")
YEAR = weekday_sessions(420)
DAYS = expected_starts(YEAR, DAILY)


def found(raw: RawBars, timeframe: Timeframe = DAILY, sessions: Sessions | None = YEAR) -> QualityReport:
    return examine(raw, timeframe, sessions)


def codes(report: QualityReport) -> set[str]:
    assert {finding.code for finding in report.findings} <= set(CODES)
    return {finding.code for finding in report.findings}


def rows(raw: RawBars, order: IntArray) -> RawBars:
    return raw.taken(order)


def test_sound_bars_have_no_findings() -> None:
    report = found(walk(DAYS))
    assert report.ok
    assert codes(report) == set()
    assert report.coverage is not None
    assert report.coverage.share == 1.0
    assert report.to_dict()["missing"] == 0


def test_a_year_with_a_slip_of_a_digit_costs_no_memory() -> None:
    raw = walk(np.append(DAYS, [DAYS[-1] + 100 * 366 * DAY, DAYS[-1] + 101 * 366 * DAY]))
    stray = found(raw).found("stray_time")
    assert stray is not None
    assert stray.message.startswith("2 bars lie years away from the others, at 2125-")
    assert found(raw).gaps.missing == 0
    one = found(raw.taken(np.arange(len(DAYS) + 1)), sessions=None).found("stray_time")
    assert one is not None
    assert one.message.startswith("1 bar lies years away")


def test_half_the_months_an_hour_off_and_half_three() -> None:
    sessions = weekday_sessions(360)
    time = expected_starts(sessions, HOURLY)
    late = time >= MONDAY + 180 * DAY
    assert found(walk(time + (1 + 2 * late) * HOUR, volatility=0.001), HOURLY, sessions).found("time_zone") is None


def test_without_a_session_in_sight_nothing_is_expected() -> None:
    hours = expected_starts(weekday_sessions(20), HOURLY)
    empty = np.empty(0, dtype=np.int64)
    none = Sessions("NONE", empty, empty, empty, np.empty((0, 2), dtype=np.int64))
    report = found(walk(hours, volatility=0.001), HOURLY, none)
    assert report.coverage is not None
    assert report.coverage.share == 1.0
    assert report.found("gap") is None


def test_missing_bars_are_a_gap_with_its_dates() -> None:
    report = found(walk(np.delete(DAYS, [10, 11, 12, 50])))
    gap = report.found("gap")
    assert gap is not None
    assert (
        gap.message == "4 bars are missing by the calendar TEST in 2 gaps, the longest 3 from 2024-01-15 to 2024-01-17"
    )
    assert gap.count == 4
    assert report.coverage is not None
    assert report.coverage.present == len(DAYS) - 4
    assert report.coverage.by_year[2025] == 1.0
    assert report.coverage.by_year[2024] < 1.0
    assert report.ok  # a warning


def test_one_missing_bar_is_named() -> None:
    gap = found(walk(np.delete(DAYS, [10]))).found("gap")
    assert gap is not None
    assert gap.message == "1 bar is missing by the calendar TEST at 2024-01-15"


def test_without_a_calendar_gaps_are_judged_by_the_pauses() -> None:
    report = found(walk(np.delete(DAYS, slice(30, 60))), sessions=None)
    gap = report.found("gap")
    assert gap is not None
    assert "no calendar was named" in gap.message
    assert report.coverage is None
    assert report.to_dict()["coverage"] is None


def test_a_row_put_aside_is_an_error_and_no_gap() -> None:
    report = found(changed(walk(DAYS), 100, high=0.5))
    assert codes(report) == {"high_below_low"}
    assert not report.ok
    assert report.coverage is not None
    assert report.coverage.present == len(DAYS) - 1


def test_a_time_that_is_missing_is_reported_without_a_date() -> None:
    report = found(changed(walk(DAYS), 100, time=0.0))
    error = report.found("bad_time")
    assert error is not None
    assert error.spans == ()


def test_nothing_usable_is_said() -> None:
    assert codes(found(changed(walk(DAYS), slice(None), close=-1.0))) == {"not_positive", "no_bars"}
    assert found(changed(walk(DAYS), slice(None), close=-1.0)).to_dict()["first"] is None


def test_repeated_rows_and_conflicting_ones() -> None:
    raw = walk(DAYS)
    assert codes(found(RawBars.joined([raw, raw.taken(np.array([259]))]))) >= {"duplicate", "out_of_order"}
    again = RawBars.joined([raw.taken(np.arange(100)), raw.taken(np.arange(99, len(raw)))])
    assert codes(found(again)) == {"duplicate"}
    other = changed(raw.taken(np.array([99, 99])), 1, volume=2.0)
    conflict = RawBars.joined([raw.taken(np.arange(99)), other, raw.taken(np.arange(100, len(raw)))])
    assert codes(found(conflict)) == {"conflicting_duplicate"}


def test_rows_out_of_order() -> None:
    raw = walk(DAYS)
    newest_first = found(rows(raw, np.arange(len(raw))[::-1].copy())).found("out_of_order")
    assert newest_first is not None
    assert newest_first.message == "rows are newest first"
    order = np.arange(len(raw))
    order[[5, 6]] = [6, 5]
    swapped = found(rows(raw, order)).found("out_of_order")
    assert swapped is not None
    assert swapped.message.startswith("1 row comes after a later one, the first 2024-01-08")


def test_bars_on_days_without_a_session() -> None:
    extra = found(walk(np.sort(np.append(DAYS, [DAYS[4] + DAY, DAYS[9] + DAY]))))
    outside = extra.found("outside_session")
    assert outside is not None
    assert outside.count == 2
    assert "2024-01-06" in outside.message


def test_bars_between_the_others_are_of_another_length() -> None:
    sessions = weekday_sessions(60)
    hours = expected_starts(sessions, HOURLY)
    mixed = found(walk(np.sort(np.append(hours, hours[22] + HOUR // 2)), volatility=0.001), HOURLY, sessions)
    assert codes(mixed) == {"mixed_bars"}


def test_the_first_bar_of_a_session_may_begin_before_it() -> None:
    sessions = weekday_sessions(60)
    report = found(walk(expected_starts(sessions, HOURLY, aligned="clock"), volatility=0.001), HOURLY, sessions)
    assert report.alignment == "clock"
    assert codes(report) == {"alignment"}
    assert report.ok


@pytest.mark.parametrize("hours", [-5, 1, 4])
def test_hours_in_another_zone(hours: int) -> None:
    sessions = weekday_sessions(120)
    report = found(walk(expected_starts(sessions, HOURLY) + hours * HOUR, volatility=0.001), HOURLY, sessions)
    zone = report.found("time_zone")
    assert zone is not None
    assert f"moved by {-hours:+d} h" in zone.message
    assert not report.ok


@pytest.mark.parametrize(("winter", "words"), [(0, "ignore daylight saving"), (4, "local times taken as UTC")])
def test_summer_and_winter_apart(winter: int, words: str) -> None:
    sessions = weekday_sessions(360)
    time = expected_starts(sessions, HOURLY)
    summer = (time >= MONDAY + 90 * DAY) & (time < MONDAY + 270 * DAY)
    report = found(walk(time + (winter + summer) * HOUR, volatility=0.001), HOURLY, sessions)
    zone = report.found("time_zone")
    assert zone is not None
    assert words in zone.message


def test_extended_hours_are_no_other_zone() -> None:
    sessions = weekday_sessions(60)
    wide = weekday_sessions(60, opens=9.0, closes=24.0)
    report = found(walk(expected_starts(wide, HOURLY, aligned="clock"), volatility=0.001), HOURLY, sessions)
    outside = report.found("outside_session")
    assert outside is not None
    assert "right calendar" in outside.fix
    assert report.found("time_zone") is None


def test_a_few_bars_in_wrong_months_are_not_called_a_zone() -> None:
    sessions = weekday_sessions(120)
    time = expected_starts(sessions, HOURLY)
    noisy = time + np.where(np.arange(len(time)) % 3 == 0, 9 * HOUR, 0)
    assert found(walk(np.unique(noisy), volatility=0.001), HOURLY, sessions).found("time_zone") is None


@pytest.mark.parametrize(("days", "word"), [(-1, "early"), (1, "late")])
def test_dates_a_day_off(days: int, word: str) -> None:
    zone = found(walk(DAYS + days * DAY)).found("time_zone")
    assert zone is not None
    assert f"one day {word}" in zone.message


@pytest.mark.parametrize("hour", [5, 15])
def test_daily_bars_at_another_midnight(hour: int) -> None:
    moved = DAYS + hour * HOUR - (DAY if hour >= 12 else 0)
    report = found(walk(moved))
    assert codes(report) == {"daily_time"}


def test_a_market_that_never_closes_has_no_zone() -> None:
    sessions = around_the_clock(MONDAY, MONDAY + 60 * DAY)
    hours = MONDAY + np.arange(24 * 60, dtype=np.int64) * HOUR
    assert codes(found(walk(hours + 3 * HOUR, volatility=0.001), HOURLY, sessions)) == set()


def test_weekly_bars_have_no_zone_and_gaps_all_the_same() -> None:
    weeks = expected_starts(YEAR, Timeframe.of("1w"))
    report = found(walk(np.delete(weeks, 7)), Timeframe.of("1w"))
    assert codes(report) == {"gap"}


@pytest.mark.parametrize(
    ("factor", "words"), [(0.5, "a 2:1 split"), (4.0, "a 1:4 reverse split"), (2 / 3, "a 3:2 split")]
)
def test_a_leap_by_a_whole_ratio(factor: float, words: str) -> None:
    leapt = changed(walk(DAYS), slice(200, None), open=factor, high=factor, low=factor, close=factor)
    split = found(leapt).found("split")
    assert split is not None
    assert words in split.message
    assert split.severity == "warning"


def test_a_split_that_is_known_is_a_note() -> None:
    leapt = changed(walk(DAYS), slice(200, None), open=0.5, high=0.5, low=0.5, close=0.5)
    told = examine(leapt, DAILY, YEAR, splits=np.array([DAYS[200]])).found("split")
    factor = np.where(np.arange(len(DAYS)) < 200, 0.5, 1.0)
    shown = found(replace(leapt, extra={"adj_factor": factor})).found("split")
    assert told is not None
    assert shown is not None
    assert told.severity == shown.severity == "note"
    denied = found(replace(leapt, extra={"adj_factor": np.ones(len(DAYS))}))
    assert codes(denied) == {"leap"}


def test_another_unit_is_an_error() -> None:
    pence = changed(walk(DAYS), slice(200, None), open=100.0, high=100.0, low=100.0, close=100.0)
    unit = found(pence).found("unit")
    assert unit is not None
    assert unit.severity == "error"
    assert "100" in unit.message


def test_a_leap_of_no_ratio_is_one_all_the_same() -> None:
    assert codes(found(changed(walk(DAYS), slice(200, None), open=2.4, high=2.4, low=2.4, close=2.4))) == {"leap"}


def test_a_long_hole_and_another_price() -> None:
    time = np.delete(DAYS, slice(100, 170))
    sold = changed(walk(time), slice(100, None), open=3.3, high=3.3, low=3.3, close=3.3)
    assert codes(found(sold)) == {"gap", "recycled"}


def test_prices_that_do_not_move() -> None:
    raw = walk(DAYS)
    still = {name: getattr(raw, name).copy() for name in ("open", "high", "low", "close")}
    for name in still:
        still[name][150:160] = getattr(raw, name)[150]
    frozen = found(replace(raw, **still)).found("frozen")
    assert frozen is not None
    assert frozen.count == 9


def test_bars_without_a_range() -> None:
    raw = walk(DAYS)
    line = replace(raw, open=raw.close, high=raw.close, low=raw.close)
    whole = found(line).found("flat")
    assert whole is not None
    assert "only one price a bar" in whole.message
    half = np.arange(len(raw)) < 100
    part = replace(
        raw,
        open=np.where(half, raw.close, raw.open),
        high=np.where(half, raw.close, raw.high),
        low=np.where(half, raw.close, raw.low),
    )
    assert (flat := found(part).found("flat")) is not None
    assert flat.count == 100


def test_opens_that_are_the_close_before() -> None:
    raw = walk(DAYS)
    open_ = np.concatenate((raw.open[:1], raw.close[:-1]))
    stale = replace(raw, open=open_, high=np.maximum(raw.high, open_), low=np.minimum(raw.low, open_))
    assert codes(found(stale)) == {"stale_open"}
    days = MONDAY + np.arange(len(raw), dtype=np.int64) * DAY
    always = around_the_clock(MONDAY, MONDAY + 420 * DAY)
    assert codes(found(replace(stale, time=days), sessions=always)) == set()


def test_volume_that_says_nothing() -> None:
    raw = walk(DAYS)
    n = len(raw)
    assert codes(found(replace(raw, volume=np.zeros(n)))) == {"no_volume"}
    assert codes(found(replace(raw, volume=np.full(n, 7.0)))) == {"constant_volume"}
    run = raw.volume.copy()
    run[50:58] = 0.0
    assert codes(found(replace(raw, volume=run))) == {"zero_volume"}
    mostly = raw.volume * (np.arange(n) % 2)
    assert codes(found(replace(raw, volume=mostly))) == {"zero_volume"}
    level = raw.volume.copy()
    level[150:] *= 100.0
    assert codes(found(replace(raw, volume=level))) == {"volume_level"}


def test_a_handful_of_bars_is_examined_too() -> None:
    assert codes(found(walk(DAYS[:2]))) == set()
    assert codes(found(walk(DAYS[:60]))) == set()


def test_errors_come_first_and_the_document_is_plain() -> None:
    report = found(changed(walk(np.delete(DAYS, 30)), 100, high=0.5))
    assert [finding.severity for finding in report.findings] == ["error", "warning"]
    document = report.to_dict()
    assert document["ok"] is False
    assert document["findings"][0]["code"] == "high_below_low"
    assert document["findings"][1]["spans"] == [{"start": "2024-02-12T00:00:00Z", "stop": "2024-02-13T00:00:00Z"}]
    assert document["coverage"]["last_two_years"] < 1.0
