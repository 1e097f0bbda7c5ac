"""Splits and dividends that happened, as exchanges and issuers announced them.

The last close before each of them is rounded; it only sets the size of the numbers.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from autonomous_trading.data.actions import CorporateAction

__all__ = ["OF_RECORD", "Record"]


class Record(NamedTuple):
    """Whose, when it traded without, new shares for one old (0.0: none), cash a share, and the last close before."""

    symbol: str
    date: str
    ratio: float
    amount: float
    close: float

    @property
    def action(self) -> CorporateAction:
        """As a corporate action that was knowable when it took effect."""
        when = int(np.datetime64(self.date, "ns").astype(np.int64))
        if self.ratio:
            return CorporateAction("split", self.symbol, when, when, ratio=self.ratio)
        return CorporateAction("dividend", self.symbol, when, when, amount=self.amount)

    @property
    def price_after(self) -> float:
        """What the share is worth without it, had nothing else happened."""
        return self.close / self.ratio if self.ratio else self.close - self.amount


OF_RECORD: Final = (
    Record("AAPL", "2000-06-21", 2.0, 0.0, 101.25),
    Record("AAPL", "2005-02-28", 2.0, 0.0, 88.99),
    Record("AAPL", "2014-06-09", 7.0, 0.0, 645.57),
    Record("AAPL", "2020-08-31", 4.0, 0.0, 499.23),
    Record("AIG", "2009-07-01", 1 / 20, 0.0, 1.16),
    Record("AMZN", "2022-06-06", 20.0, 0.0, 2447.0),
    Record("ANET", "2021-11-18", 4.0, 0.0, 535.0),
    Record("AVGO", "2024-07-15", 10.0, 0.0, 1700.0),
    Record("BRK.B", "2010-01-21", 50.0, 0.0, 3476.0),
    Record("C", "2011-05-09", 1 / 10, 0.0, 4.52),
    Record("CMG", "2024-06-26", 50.0, 0.0, 3283.04),
    Record("CSCO", "2000-03-23", 2.0, 0.0, 144.0),
    Record("GE", "2021-08-02", 1 / 8, 0.0, 12.95),
    Record("GOOGL", "2022-07-18", 20.0, 0.0, 2235.55),
    Record("ISRG", "2021-10-05", 3.0, 0.0, 980.0),
    Record("KO", "2012-08-13", 2.0, 0.0, 78.8),
    Record("LRCX", "2024-10-03", 10.0, 0.0, 797.0),
    Record("MA", "2014-01-22", 10.0, 0.0, 819.0),
    Record("MSFT", "2003-02-18", 2.0, 0.0, 48.3),
    Record("MSTR", "2024-08-08", 10.0, 0.0, 1243.0),
    Record("NFLX", "2015-07-15", 7.0, 0.0, 702.6),
    Record("NKE", "2015-12-24", 2.0, 0.0, 129.0),
    Record("NVDA", "2007-09-11", 3 / 2, 0.0, 48.9),
    Record("NVDA", "2021-07-20", 4.0, 0.0, 751.19),
    Record("NVDA", "2024-06-10", 10.0, 0.0, 1208.88),
    Record("PANW", "2022-09-14", 3.0, 0.0, 546.0),
    Record("SBUX", "2015-04-09", 2.0, 0.0, 95.2),
    Record("SHOP", "2022-06-29", 10.0, 0.0, 334.0),
    Record("TSLA", "2020-08-31", 5.0, 0.0, 2213.4),
    Record("TSLA", "2022-08-25", 3.0, 0.0, 891.29),
    Record("TTD", "2021-06-17", 10.0, 0.0, 620.0),
    Record("USO", "2020-04-28", 1 / 8, 0.0, 2.18),
    Record("V", "2015-03-19", 4.0, 0.0, 267.7),
    Record("VXX", "2010-11-09", 1 / 4, 0.0, 11.9),
    Record("VXX", "2012-10-05", 1 / 4, 0.0, 8.9),
    Record("VXX", "2013-11-08", 1 / 4, 0.0, 12.4),
    Record("VXX", "2016-08-09", 1 / 4, 0.0, 9.3),
    Record("VXX", "2017-08-23", 1 / 4, 0.0, 12.1),
    Record("WMT", "2024-02-26", 3.0, 0.0, 175.56),
    Record("AAPL", "2012-08-09", 0.0, 2.65, 619.86),
    Record("AAPL", "2024-05-10", 0.0, 0.25, 184.57),
    Record("COST", "2012-12-06", 0.0, 7.0, 105.0),
    Record("COST", "2020-12-01", 0.0, 10.0, 391.77),
    Record("COST", "2023-12-27", 0.0, 15.0, 671.0),
    Record("IBM", "2024-05-09", 0.0, 1.67, 169.9),
    Record("JNJ", "2024-05-20", 0.0, 1.24, 154.6),
    Record("KO", "2024-06-14", 0.0, 0.485, 62.9),
    Record("META", "2024-02-21", 0.0, 0.5, 471.75),
    Record("MSFT", "2004-11-15", 0.0, 3.08, 29.97),
    Record("SPY", "2024-06-21", 0.0, 1.759, 547.0),
    Record("XOM", "2024-05-14", 0.0, 0.95, 117.6),
)
"""More than fifty, from 50 new shares for one to one for 20 old ones."""
