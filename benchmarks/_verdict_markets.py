"""Real markets, and one validation on each: in a process of its own, so that two run at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, NamedTuple

import autonomous_trading as at

USUAL: Final = at.Costs(commission=0.0005, slippage=0.0002)
"""Shares, funds and currencies: 5 and 2 basis points on every fill."""
CRYPTO: Final = at.Costs(commission=0.0010, slippage=0.0005)
"""10 and 5 basis points on every fill."""
_PRICES = ("open", "high", "low", "close")


class Source(NamedTuple):
    """One file of daily bars below the folder of data: its symbols, and what trading them is assumed to cost.

    A file has the columns timestamp, open, high, low, close and volume, and symbol where it holds several. Prices are
    multiplied by a column `adj_factor` where there is one. `wrong`: days whose prices are known to be wrong, left out.
    """

    path: str
    symbols: tuple[str, ...]
    costs: at.Costs = USUAL
    wrong: tuple[tuple[str, str], ...] = ()


SOURCES: Final = (
    Source(
        "equity/us_daily_lean_1998_2021.parquet",
        ("SPY", "QQQ", "AAPL", "IBM", "GOOGL"),
        wrong=(("GOOGL", "2008-09-30"),),
    ),
    Source("fx/fx_daily_lean_oanda.parquet", ("EURUSD", "GBPUSD", "EURGBP", "NZDUSD", "XAUUSD")),
    Source("crypto/btcusd_coinbase_daily_lean.parquet", ("BTCUSD",), costs=CRYPTO),
)
"""No futures: back-adjusted prices are differences, may be below zero and have one price a day; ratios of them lie."""


class Market(NamedTuple):
    """What is asked for: a bundled sample, or a symbol of a source in a folder."""

    name: str
    folder: str = ""
    source: Source | None = None

    @property
    def costs(self) -> at.Costs:
        """What trading it is assumed to cost."""
        return USUAL if self.source is None else self.source.costs

    def bars(self) -> at.Bars:
        """Its bars, adjusted for splits and dividends where the file knows them."""
        if self.source is None:
            return at.sample(self.name)
        return at.load_bars(_adjusted(Path(self.folder) / self.source.path, self.name, self.source), symbol=self.name)


class Row(NamedTuple):
    """One line of the table. Sharpe ratios are annualised; a pair is as traded, and beyond the market."""

    market: str
    strategy: str
    sets: int
    effective: int
    in_sample: float
    walked: tuple[float, float]
    holdout: tuple[float, float] | None
    held: float
    dsr: float
    dsr_effective: float
    pbo: float
    break_even: float
    decision: str
    failed: tuple[str, ...]
    undecided: tuple[str, ...]
    words: str
    page: str
    warnings: tuple[str, ...]


def markets(folder: str | None) -> list[Market]:
    """The bundled markets, and those whose files lie in the folder."""
    found = [Market("sp500"), Market("nasdaq")]
    if folder is not None:
        for source in SOURCES:
            if (Path(folder) / source.path).exists():
                found += [Market(symbol, folder, source) for symbol in source.symbols]
    return found


def judged(task: tuple[Market, str, int]) -> Row:
    """One search of so many sets by a strategy on a market, and what is said of its best set."""
    market, strategy, trials = task
    found = at.validate(
        strategy,
        market.bars(),
        trials=trials,
        costs=market.costs,
        seed=0,
        threads=1,
        sensitivity_sets=0,
        simulated_markets=0,
    )
    evidence = found.evidence
    # The worse of as traded and beyond the market, as the rules read them.
    worse = min((evidence.choice.traded, evidence.choice.beyond), key=lambda each: each.dsr_effective)
    rules = {finding.rule: finding.outcome.value for finding in found.findings}
    failed, undecided = (tuple(name for name, said in rules.items() if said == one) for one in ("failed", "undecided"))
    record, holdout = evidence.out_of_sample, evidence.holdout
    return Row(
        market=market.name,
        strategy=strategy,
        sets=evidence.n_trials,
        effective=worse.n_effective,
        in_sample=float(evidence.in_sample.metrics["sharpe_ratio"]),
        walked=(record.traded.estimate, record.beyond.estimate),
        holdout=None if holdout is None else (holdout.traded.estimate, holdout.beyond.estimate),
        held=float(record.benchmark.metrics["sharpe_ratio"]),
        dsr=worse.dsr,
        dsr_effective=worse.dsr_effective,
        pbo=evidence.figures.pbo.highest(),
        break_even=evidence.figures.break_even,
        decision=found.decision.value,
        failed=failed,
        undecided=undecided,
        words=found.words,
        page=found.summary(),
        warnings=found.warnings,
    )


def _adjusted(path: Path, symbol: str, source: Source) -> Any:
    """The bars of one symbol in a file, as one pandas table of prices of one kind."""
    import pandas as pd

    table: Any = pd.read_parquet(path)
    if "symbol" in table:
        table = table[table["symbol"] == symbol]
    days = table["timestamp"].dt.strftime("%Y-%m-%d")
    table = table[~days.isin([day for name, day in source.wrong if name == symbol])]
    prices = table[["timestamp", *_PRICES, "volume"]].copy()
    if "adj_factor" in table:
        for name in _PRICES:
            prices[name] = prices[name] * table["adj_factor"]
        # What was traded for is what was traded for: more units where the price was made smaller.
        prices["volume"] = prices["volume"] / table["adj_factor"]
    return prices
