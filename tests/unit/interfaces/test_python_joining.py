"""`at.join`: whatever a person hands over becomes bars with columns, and a strategy sees them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import autonomous_trading as at
from autonomous_trading.core import InvalidInput
from autonomous_trading.data.knowable import KnowableSeries

DAY = 86_400_000_000_000


def bars(count: int = 60) -> at.Bars:
    close = 100.0 + np.sin(np.arange(count))
    return at.Bars(time=np.arange(count) * DAY, open=close, high=close, low=close, close=close, volume=np.zeros(count))


class WhenCalm(at.Strategy):
    """Long while the VIX is below a level."""

    level = at.FloatParameter(10.0, 40.0, default=20.0)

    def signals(self, see: at.Columns) -> at.Expression:
        return see.extra("vix") < self.level


def vix(folder: Path) -> Path:
    dates = np.arange(60).astype("datetime64[D]").astype(str)
    lines = [f"{date},{10 + row}" for row, date in enumerate(dates)]
    (folder / "vix.csv").write_text("timestamp,close\n" + "\n".join(lines))
    return folder / "vix.csv"


def test_a_strategy_sees_the_column(tmp_path: Path) -> None:
    joined = at.join(bars(), vix(tmp_path))
    assert joined.extra["vix"].tolist() == list(range(10, 70))
    assert at.backtest(WhenCalm(), joined).trade_count >= 1
    assert not at.check(WhenCalm, joined).leaks


def test_series_texts_and_spans_are_taken(tmp_path: Path) -> None:
    series = KnowableSeries("x", np.array([5 * DAY]), np.array([0]), np.array([1.0]))
    joined = at.join(bars(10), series, f"{vix(tmp_path)}", decide_at="open", timeframe="1d", max_age="2d")
    assert np.flatnonzero(~np.isnan(joined.extra["x"])).tolist() == [5, 6, 7]
    assert np.isnan(joined.extra["vix"][0])
    late = at.join(bars(10), series, decide_at=np.full(10, 9 * DAY))
    assert late.extra["x"].tolist() == [1.0] * 10


def test_what_is_no_series_is_refused() -> None:
    with pytest.raises(InvalidInput, match="there is no series to join"):
        at.join(bars())
    with pytest.raises(InvalidInput, match="a series is a KnowableSeries or a text; got float"):
        at.join(bars(), 3.0)  # type: ignore[arg-type]
