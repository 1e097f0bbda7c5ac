"""How each metric is named and grouped on the page; what it means and its unit are declared once, in core."""

from typing import NamedTuple

from autonomous_trading.core import SCORES, is_metric, metric_named, split_score
from autonomous_trading.interfaces.report._numbers import NumberKind, sentence_case

__all__ = ["GROUPS", "LABELS", "UNIT_KINDS", "MetricWords", "in_sentence", "metric_words"]


class MetricWords(NamedTuple):
    """A metric's name on the page, the kind of its number, the group it stands in and what it means in one line."""

    label: str
    kind: NumberKind
    group: str
    meaning: str


GROUPS = ("Return", "Risk", "Return for risk", "Trades", "Cost and use", "Can it be believed?", "Other")

LABELS = {
    "total_return": ("Total return", "Return"),
    "annualized_return": ("Annualized return", "Return"),
    "cagr": ("CAGR", "Return"),
    "net_profit": ("Net profit", "Return"),
    "volatility": ("Volatility", "Risk"),
    "max_drawdown": ("Maximum drawdown", "Risk"),
    "value_at_risk": ("Value at risk", "Risk"),
    "conditional_value_at_risk": ("Conditional value at risk", "Risk"),
    "sharpe_ratio": ("Sharpe ratio", "Return for risk"),
    "sortino_ratio": ("Sortino ratio", "Return for risk"),
    "calmar_ratio": ("Calmar ratio", "Return for risk"),
    "information_ratio": ("Information ratio", "Return for risk"),
    "omega_ratio": ("Omega ratio", "Return for risk"),
    "trade_count": ("Trades", "Trades"),
    "win_rate": ("Win rate", "Trades"),
    "profit_factor": ("Profit factor", "Trades"),
    "average_win_loss_ratio": ("Average win to loss", "Trades"),
    "expectancy": ("Expectancy", "Trades"),
    "average_hold_time": ("Average hold", "Trades"),
    "signal_frequency": ("Signal frequency", "Trades"),
    "exposure": ("Exposure", "Cost and use"),
    "turnover": ("Turnover", "Cost and use"),
    "costs_paid": ("Costs paid", "Cost and use"),
    "psr": ("Probabilistic Sharpe ratio", "Can it be believed?"),
    "dsr": ("Deflated Sharpe ratio", "Can it be believed?"),
    "pbo": ("Probability of overfitting", "Can it be believed?"),
    "consistency_score": ("Consistency", "Can it be believed?"),
    "parameter_sensitivity": ("Parameter sensitivity", "Can it be believed?"),
    "parameter_stability_score": ("Parameter stability", "Can it be believed?"),
}

UNIT_KINDS: dict[str, NumberKind] = {
    "fraction": "fraction",
    "fraction per year": "fraction",
    "probability": "probability",
    "ratio": "ratio",
    "per bar": "ratio",
    "per year": "ratio",
    "currency": "money",
    "trades": "count",
    "bars": "bars",
    "days": "days",
}

_PROPER_NAMES = ("Sharpe", "Sortino", "Calmar", "Omega")


def metric_words(name: str) -> MetricWords:
    """The words for a metric key; an unknown key is shown under its own name, as a plain number."""
    if not is_metric(name):
        return MetricWords(name.replace("_", " ").capitalize(), "plain", "Other", "")
    score, below = split_score(name)
    label, group = LABELS[below]
    if score:
        label = f"{label}, {SCORES[score]}"
    metric = metric_named(name)
    words = (in_sentence(LABELS[word][0]) if word in LABELS else word for word in metric.description.split(" "))
    meaning = " ".join(words)
    return MetricWords(label, UNIT_KINDS[metric.unit], group, sentence_case(meaning))


def in_sentence(label: str) -> str:
    """A label as it stands inside a sentence: "Total return" becomes "total return", names such as "Sharpe" stay."""
    first = label.split(" ", 1)[0]
    return label if first in _PROPER_NAMES or not first[1:].islower() else label[0].lower() + label[1:]
