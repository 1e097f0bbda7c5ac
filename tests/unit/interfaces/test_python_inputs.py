"""What a person may hand over: data in any form, strategies in three, spans and targets as they have them."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import autonomous_trading as at
from autonomous_trading.adapters import bars_to_frame
from autonomous_trading.core import FloatArray, InvalidInput
from autonomous_trading.interfaces.python import bars_of, market_of, strategy_class, strategy_instance
from autonomous_trading.interfaces.python._inputs import searched_class, span_of
from autonomous_trading.interfaces.python._settings import rules_from, thread_count
from autonomous_trading.interfaces.python._targets import targets_of
from tests.small_strategies import Cross, Never, bars

BARS = bars(seed=1)
TIMES = pd.DatetimeIndex(BARS.time.astype("datetime64[ns]"), tz="UTC")
MARKET = market_of(BARS)
TWO = market_of({"A": BARS, "B": bars(seed=2)[50:200]})


def test_bars_are_taken_from_anything() -> None:
    assert bars_of(BARS) is BARS
    np.testing.assert_array_equal(bars_of(bars_to_frame(BARS)).close, BARS.close)
    assert bars_of("sample:nasdaq").symbol == "nasdaq"


@pytest.mark.parametrize("symbol", ["V", "O", "C", "H", "L", "close", "A"])
def test_a_symbol_may_be_called_like_a_column(symbol: str) -> None:
    market = market_of({symbol: BARS, "Z": BARS})
    assert market.symbols == (symbol, "Z")
    assert market_of({symbol: BARS}).symbols == (symbol,)


def test_a_mapping_of_columns_is_one_instrument() -> None:
    columns = {name: getattr(BARS, name) for name in ("time", "open", "high", "low", "close", "volume")}
    market = market_of(columns)
    assert len(market.instruments) == 1
    np.testing.assert_array_equal(market.bars.close, BARS.close)


def test_a_folder_and_a_frame_of_several_tickers_are_several_instruments(tmp_path: Path) -> None:
    for name in ("A", "B"):
        bars_to_frame(BARS).to_csv(tmp_path / f"{name}.csv")
    assert market_of(tmp_path).symbols == ("A", "B")
    frames = {name: bars_to_frame(BARS)[["open", "high", "low", "close", "volume"]] for name in ("A", "B")}
    assert market_of(pd.concat(frames, axis=1)).symbols == ("A", "B")


def test_what_had_to_be_assumed_is_kept_once() -> None:
    naive = bars_to_frame(BARS).tz_localize(None)
    notes = market_of({"A": naive, "B": naive}).notes
    assert len(notes) == 1
    assert "UTC" in notes[0]
    assert market_of(BARS).notes == ()


def test_a_strategy_is_a_class_an_instance_or_a_name() -> None:
    assert strategy_class(Cross) is strategy_class(Cross(fast=4)) is Cross
    assert strategy_class("ma_cross") is at.STRATEGIES["ma_cross"]
    one = Cross(fast=4)
    assert strategy_instance(one) is one
    assert strategy_instance(Cross).parameters == Cross().parameters
    assert strategy_instance("momentum").parameters == at.STRATEGIES["momentum"].space().defaults()


def test_a_search_takes_an_instance_that_has_nothing_to_lose() -> None:
    assert searched_class(Cross()) is Cross
    with pytest.raises(InvalidInput, match=r"Fix: pass the class Cross, and fixed=\{\.\.\.\} for values to hold still"):
        searched_class(Cross(fast=9))


@pytest.mark.parametrize(
    ("start", "stop", "rows"),
    [
        (None, None, (0, 300)),
        (10, 290, (10, 290)),
        (np.int64(10), np.int16(20), (10, 20)),
        ("2000-01-03", "2000-01-05", (0, 2)),
        ("2000-01-08", None, (5, 300)),
        (date(2000, 1, 10), datetime(2000, 1, 12, tzinfo=UTC), (5, 7)),
        (pd.Timestamp("2000-01-10 01:00", tz="Europe/Paris"), "2000-01-11", (5, 6)),
        (np.datetime64("2000-01-10"), "2000-01-11T00:00:01", (5, 7)),
        ("1990", "2199", (0, 300)),
    ],
)
def test_a_span_is_told_by_rows_or_dates(start: object, stop: object, rows: tuple[int, int]) -> None:
    assert span_of(MARKET, start, stop) == rows


def test_threads_are_one_per_core_unless_told() -> None:
    assert thread_count(None) == (os.cpu_count() or 1)
    assert thread_count(3) == 3


def test_rules_have_defaults_and_the_cash_given_beside_them_counts() -> None:
    assert rules_from({}).costs == at.Costs()
    assert rules_from({}).exits == at.Exits()
    rules = rules_from({"execution": at.Execution(fill="close", leverage=2.0), "initial_cash": 5.0, "threads": 1})
    assert rules.execution == at.Execution(fill="close", leverage=2.0, initial_cash=5.0)
    assert rules_from({"execution": at.Execution(initial_cash=7.0)}).execution.initial_cash == 7.0
    assert rules_from({"costs": None, "exits": None, "execution": None, "initial_cash": None}).costs == at.Costs()


def targets(values: object) -> FloatArray:
    (row,) = targets_of(values, MARKET)
    found: FloatArray = row
    return found


PATTERN = np.array([1.0, 0.0, np.nan] * 100)
NULLS: list[Any] = [1, 0, None] * 100


@pytest.mark.parametrize(
    "same",
    [
        [1, 0, None] * 100,
        PATTERN,
        PATTERN[None, :],
        pd.Series(PATTERN),
        pd.Series(NULLS, dtype="Int64"),
        pd.Series([True, False, None] * 100, dtype="boolean"),
        pd.Series(NULLS, dtype=object),
        pd.Series(PATTERN, index=TIMES),
        pd.Series(PATTERN, index=TIMES.tz_localize(None)),
        pd.DataFrame({"anything": PATTERN}),
        {"SYNTHETIC": PATTERN},
    ],
)
def test_targets_in_any_form(same: object) -> None:
    np.testing.assert_array_equal(targets(same), PATTERN)


def test_truth_values_are_all_or_nothing() -> None:
    np.testing.assert_array_equal(targets(np.array([True, False] * 150)), [1.0, 0.0] * 150)


def test_targets_of_several_lie_on_the_common_clock() -> None:
    own, common = np.linspace(0, 1, 150), np.linspace(-1, 1, 300)
    rows = targets_of({"B": own, "A": common}, TWO)
    np.testing.assert_array_equal(rows[0], common)
    np.testing.assert_array_equal(rows[1, 50:200], own)
    assert np.isnan(rows[1, :50]).all()
    rows = targets_of({"A": common, "B": common}, TWO)
    np.testing.assert_array_equal(rows, [common, common])
    frame = pd.DataFrame({"A": common, "B": -common})
    np.testing.assert_array_equal(targets_of(frame, TWO), [common, -common])
    np.testing.assert_array_equal(targets_of(np.stack([common, -common]), TWO), [common, -common])


def test_a_series_on_other_days_is_refused_with_the_first_of_them() -> None:
    index = TIMES
    shifted = pd.Series(np.ones(300), index=index[:250].append(index[250:] + pd.Timedelta(days=1)))
    with pytest.raises(InvalidInput, match=r"^target is indexed by other times than the bars: row 250 is 2000-12-19"):
        targets_of(shifted, MARKET)
    with pytest.raises(
        InvalidInput, match=r"^target of B is indexed by other times.*Fix: reindex it to the bars first"
    ):
        targets_of({"A": np.ones(300), "B": pd.Series(np.ones(150), index=index[:150])}, TWO)
    assert targets_of({"A": np.ones(300), "B": pd.Series(np.ones(300), index=index)}, TWO).shape == (2, 300)


def test_strategies_that_never_trade_are_results_too() -> None:
    result = at.backtest(Never, BARS)
    assert result.trade_count == 0
    assert result.explain().fix
