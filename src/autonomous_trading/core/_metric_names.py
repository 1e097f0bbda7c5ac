"""The metrics by name: what each one says, in which unit, and which way is better. Declared once, here."""

from types import MappingProxyType
from typing import Final, Literal, NamedTuple

from autonomous_trading.core.errors import InvalidInput, unknown_name

Direction = Literal["maximize", "minimize"]


class Metric(NamedTuple):
    """One metric: its key in every table and file, the better direction, a description and a unit."""

    name: str
    direction: Direction
    description: str
    unit: str


_MAXIMIZED: Final[dict[str, tuple[str, str]]] = {
    "total_return": ("final equity over initial equity, minus one", "fraction"),
    "annualized_return": ("mean return per bar times bars per year", "fraction per year"),
    "cagr": ("compound annual growth rate of equity", "fraction per year"),
    "sharpe_ratio": ("annualized mean over standard deviation of returns per bar, risk-free rate 0", "ratio"),
    "sortino_ratio": ("annualized mean over downside deviation of returns per bar, target 0", "ratio"),
    "calmar_ratio": ("cagr over max_drawdown", "ratio"),
    "information_ratio": ("annualized mean over standard deviation of returns beyond buy-and-hold", "ratio"),
    "omega_ratio": ("sum of gains over sum of losses of returns per bar", "ratio"),
    "win_rate": ("share of trades with a net profit", "fraction"),
    "profit_factor": ("net profit of winning trades over net loss of losing trades", "ratio"),
    "average_win_loss_ratio": ("average net profit of winners over average net loss of losers", "ratio"),
    "expectancy": ("average net profit of a trade as a share of what was invested in it", "fraction"),
    "trade_count": ("trades from flat to flat; one still open at the end counts, marked at the last close", "trades"),
    "average_hold_time": ("average time from entry to exit", "days"),
    "signal_frequency": ("changes of the target per year", "per year"),
    "exposure": ("share of bars with a position", "fraction"),
    "consistency_score": ("share of calendar months with a gain", "fraction"),
    "parameter_stability_score": ("how much of the metric the neighbouring parameter sets keep", "fraction"),
    "net_profit": ("final equity minus initial equity", "currency"),
    "psr": ("probability that the true Sharpe ratio is above zero", "probability"),
    "dsr": (
        "probability that the true Sharpe ratio is above the best of as many lucky trials",
        "probability",
    ),
}

_MINIMIZED: Final[dict[str, tuple[str, str]]] = {
    "volatility": ("annualized standard deviation of returns per bar", "fraction per year"),
    "max_drawdown": ("largest fall of equity from its running peak", "fraction"),
    "value_at_risk": ("loss per bar exceeded on 5 % of bars, as a positive number", "fraction"),
    "conditional_value_at_risk": ("average loss per bar on the worst 5 % of bars", "fraction"),
    "turnover": ("value traded per year, in multiples of the initial cash", "per year"),
    "costs_paid": ("commissions, spread and slippage of all fills", "currency"),
    "parameter_sensitivity": ("how much the metric moves when the parameters move a little", "fraction"),
    "pbo": ("probability that the best set of the past is below the median afterwards", "probability"),
}

SCORES: Final = MappingProxyType(
    {
        "worst_fold": "the worst of the folds",
        "median_fold": "the middle one of the folds",
        "mean_fold": "the mean of the folds",
        "worst_timeframe": "the worst of the timeframes",
        "mean_timeframe": "the mean of the timeframes",
        "plateau": "the middle one of the set and its neighbours",
        "stressed": "at higher costs",
    }
)
"""How a metric of a parameter set becomes a robust score: `worst_fold_sharpe_ratio`, `stressed_total_return`."""

_BEYOND_ONE_RUN: Final = ("parameter_stability_score", "parameter_sensitivity", "psr", "dsr", "pbo")

METRICS: Final = MappingProxyType(
    {name: Metric(name, "maximize", *about) for name, about in _MAXIMIZED.items()}
    | {name: Metric(name, "minimize", *about) for name, about in _MINIMIZED.items()}
)
"""Every metric by name."""

_SCORED: Final = {
    f"{score}_{name}": Metric(f"{score}_{name}", metric.direction, f"{metric.description}: {words}", metric.unit)
    for score, words in SCORES.items()
    for name, metric in METRICS.items()
    if name not in _BEYOND_ONE_RUN
}

METRIC_ALIASES: Final = MappingProxyType(
    {
        "annual_return": "annualized_return",
        "annualised_return": "annualized_return",
        "average_win_loss": "average_win_loss_ratio",
        "avg_win_loss": "average_win_loss_ratio",
        "calmar": "calmar_ratio",
        "compound_annual_growth_rate": "cagr",
        "consistency": "consistency_score",
        "cvar": "conditional_value_at_risk",
        "deflated_sharpe_ratio": "dsr",
        "drawdown": "max_drawdown",
        "expected_shortfall": "conditional_value_at_risk",
        "hold_time": "average_hold_time",
        "maximum_drawdown": "max_drawdown",
        "number_of_trades": "trade_count",
        "omega": "omega_ratio",
        "parameter_stability": "parameter_stability_score",
        "probabilistic_sharpe_ratio": "psr",
        "probability_of_backtest_overfitting": "pbo",
        "profit": "net_profit",
        "return": "total_return",
        "sensitivity": "parameter_sensitivity",
        "sharpe": "sharpe_ratio",
        "sortino": "sortino_ratio",
        "var": "value_at_risk",
    }
)
"""Other names that people use, and the metric each one means."""


def resolve_metric(name: str) -> str:
    """The key of a metric from any of its names: "Sharpe ratio", "sharpe", "maximize_sharpe_ratio".

    Raises UnknownName with the nearest names, and InvalidInput when a "maximize_" or "minimize_" in
    front contradicts the declared direction.
    """
    key = name.strip().lower().replace(" ", "_").replace("-", "_")
    wanted, _, rest = key.partition("_")
    directed = wanted in ("maximize", "minimize", "maximise", "minimise")
    bare = rest if directed else key
    score, below = split_score(bare)
    plain = METRIC_ALIASES.get(below, below)
    canonical = f"{score}_{plain}" if score else plain
    if canonical not in METRICS and canonical not in _SCORED:
        raise unknown_name("metric", name, [*_SCORED] if score else [*METRICS, *METRIC_ALIASES])
    declared = metric_named(canonical).direction
    if directed and not declared.startswith(wanted[:3]):
        raise InvalidInput(
            f"objective {name!r} contradicts the direction of {canonical}, which is to {declared}",
            fix=f"use {canonical!r}: its direction is known",
        )
    return canonical


def metric_named(name: str) -> Metric:
    """What a metric or a robust score of one says, by its key. Raises UnknownName."""
    found = METRICS.get(name) or _SCORED.get(name)
    if found is None:
        raise unknown_name("metric", name, METRICS)
    return found


def is_metric(name: str) -> bool:
    """Whether a name is the key of a metric, or of a robust score of one."""
    return name in METRICS or name in _SCORED


def direction(name: str) -> Direction:
    """Which way is better for a metric, by any of its names."""
    return metric_named(resolve_metric(name)).direction


def split_score(name: str) -> tuple[str, str]:
    """The score and the metric in a name: ("worst_fold", "sharpe_ratio"); ("", name) for a plain metric."""
    for score in SCORES:
        if name.startswith(f"{score}_"):
            return score, name[len(score) + 1 :]
    return "", name
