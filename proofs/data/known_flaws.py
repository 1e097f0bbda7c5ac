"""Every bar file of a folder of real data is read and checked, and the check says what is known to be wrong with it.

The folder holds files of several sources with a README of their known flaws. What is no table of bars is refused with a
sentence that says what is missing. Without the folder nothing is measured.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from autonomous_trading.adapters import read_raw
from autonomous_trading.core import InvalidInput
from autonomous_trading.data.quality import Finding, QualityReport
from autonomous_trading.interfaces.python import DataCheck, check_data
from proofs.claims import Figure, holds, not_measured, run

TITLE = "Known flaws of real data, found by the check"
DATA = Path(os.environ.get("AUTOTRADE_REAL_DATA") or "no-folder-named")
_GOLD = "XAUUSD"
# file, and the calendar that the check has to find by itself
BARS = {
    "equity/us_daily_lean_1998_2021": "XNYS",
    "equity/us_hourly_lean_1998_2021": "XNYS",
    "equity/us_88_daily_stocknet_2012_2017": "XNYS",
    "fx/fx_daily_lean_oanda": "24/5",
    "fx/fx_hourly_lean_oanda": "24/5",
    "crypto/btcusd_coinbase_daily_lean": "24/7",
    "crypto/btc_perp_1m_2022-01": "24/7",
    "futures/6EH4_1m_2024-01": "CMES",
    "macro/vix_daily_ohlc": "XNYS",
}
NO_BARS = (
    "futures/futures_daily_pysystemtrade",
    "macro/macro_series_long",
    "text/stocknet_tweets_2014_2015",
    "ticks/ibm_trades_2013-10-07_11_lean",
    "ticks/ibm_quotes_2013-10-07_11_lean",
    "ticks/binance_btcusdt_perp_2024-08-08_L1",
    "ticks/binance_btcusdt_perp_2024-08-08_L2",
    "ticks/binance_btcusdt_perp_2024-08-08_trades",
)


def measure() -> list[Figure]:
    """What was read, then flaw by flaw."""
    if not DATA.is_dir():
        return [not_measured("files read and checked", "all", "AUTOTRADE_REAL_DATA names no folder with them")]
    checks = {name: check_data(str(DATA / f"{name}.parquet")) for name in BARS}
    return [*_read(checks), *_equities(checks), *_others(checks)]


def _read(checks: dict[str, DataCheck]) -> list[Figure]:
    instruments = sum(len(check.reports) for check in checks.values())
    bars = sum(_count(report) for check in checks.values() for report in check.reports.values())
    found = {
        name: {report.calendar for symbol, report in check.reports.items() if symbol != _GOLD}
        for name, check in checks.items()
    }
    right = sum(found[name] == {calendar} for name, calendar in BARS.items())
    wrong = "".join(f", {name}: {sorted(found[name])}" for name, calendar in BARS.items() if found[name] != {calendar})
    return [
        holds(
            "files of bars read and checked", len(checks) == len(BARS), figure=f"{instruments} series, {bars:,} bars"
        ),
        holds(
            "calendar found without being told (gold, which pauses as on CMES since some year, left out)",
            right == len(BARS),
            bound=f"{len(BARS)} files",
            figure=f"{right}{wrong}",
        ),
        holds("files that hold no bars refused in one sentence", all(map(_refused, NO_BARS)), bound=f"{len(NO_BARS)}"),
    ]


def _equities(checks: dict[str, DataCheck]) -> list[Figure]:
    daily = checks["equity/us_daily_lean_1998_2021"].reports
    hourly = checks["equity/us_hourly_lean_1998_2021"].reports
    split = hourly["VXX"].found("split")
    reverse = 0 if split is None else split.count
    early = [report.found("alignment") for report in hourly.values()]
    stocks = checks["equity/us_88_daily_stocknet_2012_2017"].reports
    lost = sum(report.gaps.missing for report in daily.values())
    return [
        _said("GOOGL 2008-09-30, a wild close", daily["GOOGL"], "outlier", "2008-09-30"),
        holds(
            "GOOGL before 2014-04-03 is GOOG: a leap of 2:1 that a factor explains",
            _at(daily["GOOGL"].found("split"), "2014-04-03"),
        ),
        holds("VXX reverse splits (the README says four, the file's factors five)", reverse >= 4, figure=f"{reverse}"),
        _said("VXX is another note from 2019-05 on: a hole of 93 days", hourly["VXX"], "recycled", "2019-05-02"),
        holds("hourly bars: the first begins at 09:00 in New York", all(early), figure=_first_words(early)),
        holds("recycled tickers were cut: no hole in 13 series", lost <= 1, bound="<= 1 bar", figure=f"{lost} missing"),
        holds(
            "88 stocks, split-adjusted: series with an unexplained split",
            sum(report.found("split") is not None for report in stocks.values()) <= 1,
            bound="<= 1",
            figure=", ".join(name for name, report in stocks.items() if report.found("split")) or "none",
        ),
    ]


def _others(checks: dict[str, DataCheck]) -> list[Figure]:
    bitcoin = checks["crypto/btcusd_coinbase_daily_lean"].reports["btcusd_coinbase_daily_lean"]
    vix = checks["macro/vix_daily_ohlc"].reports["vix_daily_ohlc"]
    outside, flat = vix.found("outside_range"), vix.found("flat")
    last = "" if outside is None else str(np.datetime64(int(vix.refused.time.max()), "ns"))[:10]
    foreign = [*checks["fx/fx_daily_lean_oanda"].reports.values(), *checks["fx/fx_hourly_lean_oanda"].reports.values()]
    silent = sum(report.found("no_volume") is not None for report in foreign)
    perpetual = checks["crypto/btc_perp_1m_2022-01"].reports["BTC-PERP"]
    return [
        holds("BTCUSD: about 30 missing days", 25 <= bitcoin.gaps.missing <= 40, figure=f"{bitcoin.gaps.missing}"),
        holds(
            "VIX: 47 days open outside high and low, 1992 to 2006",
            outside is not None and outside.count == 47,
            bound="47",
            figure=f"{0 if outside is None else outside.count}, the last {last}",
        ),
        holds(
            "VIX before 1992: open, high, low and close are one",
            flat is not None and flat.count >= 500,
            figure=f"{0 if flat is None else flat.count} bars",
        ),
        holds("FX has no volume", silent == len(foreign), bound=f"{len(foreign)} series", figure=f"{silent}"),
        holds("BTC perpetual, one month of minutes: nothing wrong", perpetual.ok and not perpetual.gaps.missing),
        _crude(),
    ]


def _crude() -> Figure:
    """WTI is one series of a long table without bars; its close of 2020-04-20 is negative, and a rule refuses it."""
    import pyarrow.compute as pc
    from pyarrow import parquet

    table = parquet.read_table(DATA / "macro" / "macro_series_long.parquet")
    table = table.filter(pc.equal(table["series"], "WTI"))
    value = table["value"].to_numpy()
    columns = dict.fromkeys(("open", "high", "low", "close"), value)
    report = check_data({"time": table["timestamp"].to_numpy(), **columns}, calendar="XNYS").reports[""]
    found, flat = report.found("not_positive"), report.found("flat")
    good = _at(found, "2020-04-20") and flat is not None and "only one price" in flat.message
    return holds("WTI is no series of bars: one price a day, below 0 on 2020-04-20", good)


def _count(report: QualityReport) -> int:
    return 0 if report.bars is None else len(report.bars)


def _refused(name: str) -> bool:
    try:
        read_raw(str(DATA / f"{name}.parquet"))
    except InvalidInput as error:
        return "no column for" in str(error) and "Fix:" in str(error)
    return False


def _said(what: str, report: QualityReport, code: str, day: str) -> Figure:
    found = report.found(code)
    return holds(what, _at(found, day), bound=f"{code} on {day}", figure="" if found is None else found.message[:90])


def _at(finding: Finding | None, day: str) -> bool:
    """Whether a finding names this day."""
    days = () if finding is None else finding.spans
    return any(str(np.datetime64(span.start, "ns")).startswith(day) for span in days)


def _first_words(findings: list[Finding | None]) -> str:
    return next((each.message[:70] for each in findings if each is not None), "")


if __name__ == "__main__":
    raise SystemExit(run(TITLE, measure))
