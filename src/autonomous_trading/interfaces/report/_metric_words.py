"""How each metric is named, grouped, written and explained to a reader."""

from typing import NamedTuple

from autonomous_trading.interfaces.report._numbers import NumberKind

__all__ = ["GROUPS", "METRIC_WORDS", "MetricWords", "in_sentence", "metric_words"]


class MetricWords(NamedTuple):
    """A metric's name on the page, the kind of its number, the group it stands in and what it means in one line."""

    label: str
    kind: NumberKind
    group: str
    meaning: str


GROUPS = ("Return", "Risk", "Return for risk", "Trades", "Cost and use", "Can it be believed?", "Other")

METRIC_WORDS: dict[str, MetricWords] = {
    "total_return": MetricWords("Total return", "fraction", "Return", "Last equity over first, minus one"),
    "annualized_return": MetricWords(
        "Annualised return", "fraction", "Return", "Mean return per bar times bars per year"
    ),
    "cagr": MetricWords("CAGR", "fraction", "Return", "Constant yearly growth that gives the total return"),
    "net_profit": MetricWords("Net profit", "money", "Return", "Money made after all costs"),
    "volatility": MetricWords("Volatility", "fraction", "Risk", "Yearly standard deviation of returns"),
    "max_drawdown": MetricWords("Maximum drawdown", "fraction", "Risk", "Largest fall from a peak"),
    "value_at_risk": MetricWords("Value at risk", "fraction", "Risk", "Loss per bar exceeded in one bar of twenty"),
    "conditional_value_at_risk": MetricWords("Conditional value at risk", "fraction", "Risk", "Mean loss beyond it"),
    "sharpe_ratio": MetricWords("Sharpe ratio", "ratio", "Return for risk", "Yearly excess return over volatility"),
    "sortino_ratio": MetricWords("Sortino ratio", "ratio", "Return for risk", "Like Sharpe, counting only downside"),
    "calmar_ratio": MetricWords("Calmar ratio", "ratio", "Return for risk", "Yearly return over maximum drawdown"),
    "information_ratio": MetricWords(
        "Information ratio", "ratio", "Return for risk", "Return beyond the benchmark per risk"
    ),
    "omega_ratio": MetricWords("Omega ratio", "ratio", "Return for risk", "Sum of gains over sum of losses, per bar"),
    "trade_count": MetricWords("Closed trades", "count", "Trades", ""),
    "win_rate": MetricWords("Win rate", "fraction", "Trades", "Share of trades with a net profit"),
    "profit_factor": MetricWords("Profit factor", "ratio", "Trades", "Money won over money lost"),
    "average_win_loss_ratio": MetricWords("Average win to loss", "ratio", "Trades", "Mean win over mean loss"),
    "expectancy": MetricWords("Expectancy", "money", "Trades", "Mean net profit per trade"),
    "average_hold_time": MetricWords("Average hold", "bars", "Trades", "Mean bars in a trade"),
    "signal_frequency": MetricWords("Signal frequency", "ratio", "Trades", "How often the target changes"),
    "exposure": MetricWords("Exposure", "fraction", "Cost and use", "Share of bars with a position"),
    "turnover": MetricWords("Turnover", "ratio", "Cost and use", "Value traded per year over equity"),
    "costs_paid": MetricWords("Costs paid", "money", "Cost and use", "Commission, spread, slippage and carry"),
    "psr": MetricWords(
        "Probabilistic Sharpe", "probability", "Can it be believed?", "Chance that the true Sharpe is above zero"
    ),
    "dsr": MetricWords(
        "Deflated Sharpe", "probability", "Can it be believed?", "The same, after counting every set tried"
    ),
    "pbo": MetricWords(
        "Probability of overfitting",
        "probability",
        "Can it be believed?",
        "Chance the best set ranks below the median later",
    ),
    "consistency_score": MetricWords(
        "Consistency", "ratio", "Can it be believed?", "How evenly the result is spread over time"
    ),
    "parameter_sensitivity": MetricWords(
        "Parameter sensitivity", "ratio", "Can it be believed?", "How much a small step changes the result"
    ),
    "parameter_stability_score": MetricWords(
        "Parameter stability", "ratio", "Can it be believed?", "How alike neighbouring sets perform"
    ),
}


def metric_words(name: str) -> MetricWords:
    """The words for a metric key; an unknown key is shown under its own name, as a plain number."""
    known = METRIC_WORDS.get(name)
    return known or MetricWords(name.replace("_", " ").capitalize(), "plain", "Other", "")


def in_sentence(label: str) -> str:
    """A label as it stands inside a sentence: "Total return" becomes "total return", names such as "Sharpe" stay."""
    first = label.split(" ", 1)[0]
    return label if first in _NAMES or not first[1:].islower() else label[0].lower() + label[1:]


_NAMES = ("Sharpe", "Sortino", "Calmar", "Omega")
