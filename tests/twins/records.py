"""What a twin simulation is given and what it answers: plain lists of floats."""

from __future__ import annotations

from dataclasses import dataclass

DAY_NS = 86_400_000_000_000
YEAR_NS = 365 * DAY_NS


@dataclass
class TwinMarket:
    """The bars of one instrument and the columns the costs and exits need; one entry per bar."""

    time: list[int]  # UTC nanoseconds, start of the bar
    open: list[float]
    high: list[float]
    low: list[float]
    close: list[float]
    volume: list[float]
    atr: list[float]  # in price, NaN = not known yet
    sigma: list[float]  # volatility per bar, a fraction, NaN = not known yet
    half_spread: list[float]  # fraction of price
    funding: list[float]  # fraction of position value paid by longs at this bar


@dataclass
class TwinCosts:
    """Rates of every cost; the per-bar ones (half spread, funding) are columns of the market."""

    commission: float = 0.0  # fraction of notional
    per_unit: float = 0.0  # currency per unit
    minimum: float = 0.0  # currency per fill
    slippage: float = 0.0  # fraction of price
    slippage_atr: float = 0.0  # multiples of ATR
    impact: float = 0.0  # k of k * sigma * sqrt(order / volume)
    participation: float | None = None  # largest fraction of the bar's volume one fill may take
    borrow_rate: float = 0.0  # per year, on shorts
    cash_rate: float = 0.0  # per year, received on own cash
    leverage_rate: float = 0.0  # per year, paid on borrowed cash


@dataclass
class TwinExits:
    """Protective exits; None = this one is off."""

    stop_loss: float | None = None
    take_profit: float | None = None
    trailing_stop: float | None = None
    max_bars_held: int | None = None
    unit: str = "fraction"  # or "atr"
    path: str = "pessimistic"  # or "optimistic", "nearest"


@dataclass
class TwinRun:
    """How the run is made; bars `start` to `stop - 1` are simulated."""

    stop: int
    start: int = 0
    fill: str = "open"  # or "close", "same_close"
    leverage: float = 1.0
    scale: float = 1.0  # position_size * leverage
    rebalance_band: float | None = None
    initial_cash: float = 1000.0


@dataclass
class TwinTrade:
    """One position from flat to flat; bars are indices into the market, not into the run."""

    entry_bar: int
    exit_bar: int
    side: int  # +1 long, -1 short
    units: float  # largest |units|
    entry_price: float  # final average
    exit_price: float  # average of what was sold (long) or bought back (short)
    costs: float  # fees and distance from the reference prices
    gross_profit: float
    net_profit: float  # gross - fees
    reason: str
    instrument: int = 0


@dataclass
class TwinTotals:
    """The answer of a run; the lists have one entry per bar of the run, at its close."""

    equity: list[float]
    cash: list[float]
    trades: list[TwinTrade]
    costs_paid: float
    turnover: float  # currency
    fills: int
    signals: int
    cuts: int
    financing: float  # + = received
    ruined: bool


@dataclass
class TwinResult(TwinTotals):
    """The answer for one instrument: `units[bar]`."""

    units: list[float]


@dataclass
class TwinPortfolioResult(TwinTotals):
    """The answer for several instruments on one account: `units[instrument][bar]`."""

    units: list[list[float]]
