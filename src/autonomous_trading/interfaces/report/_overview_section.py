"""The top of the page: title, verdict, headline numbers, data warnings, the main table, and why there are no trades."""

import math

from autonomous_trading.interfaces.report._content import ReportContent
from autonomous_trading.interfaces.report._figures import card, notes_list, scrolling_table
from autonomous_trading.interfaces.report._markup import Markup, Section, element
from autonomous_trading.interfaces.report._metric_words import GROUPS, LABELS, in_sentence, metric_words
from autonomous_trading.interfaces.report._numbers import NOT_AVAILABLE, counted, format_number, sentence_case
from autonomous_trading.interfaces.report._reasons import reason_for
from autonomous_trading.interfaces.report._run_facts import Check, DataWarning, Funnel, MetricColumn, Verdict

__all__ = ["funnel_section", "metrics_section", "title_block", "verdict_block", "warnings_section"]

_HEADLINE = ("total_return", "sharpe_ratio", "max_drawdown", "trade_count")


def title_block(content: ReportContent) -> Markup:
    """The page heading with its subtitle."""
    subtitle = element("p", content.subtitle, class_="lead") if content.subtitle else None
    return element("div", element("h1", content.title), subtitle, class_="title")


def verdict_block(content: ReportContent) -> Markup | None:
    """The verdict in words beside the headline numbers, or None when there is neither."""
    tiles = _headline(content.metrics)
    verdict = _verdict(content.verdict) if content.verdict else None
    if not (verdict or tiles):
        return None
    return element("section", verdict, tiles, class_="hero", id="verdict", aria_label="Verdict")


def warnings_section(warnings: tuple[DataWarning, ...]) -> Section | None:
    """What a reader must know about the data, or None when there is nothing to warn of."""
    if not warnings:
        return None
    items = (
        element(
            "li",
            element("strong", sentence_case(warning.message)),
            element("span", counted(warning.count, "bar"), class_="count") if warning.count is not None else None,
            element("code", warning.code),
        )
        for warning in warnings
    )
    body = element("ul", *items, class_="warnings")
    return Section("data-warnings", "Data warnings", card("Know this about the data", "", body, class_="caution"), {})


def metrics_section(columns: tuple[MetricColumn, ...]) -> Section | None:
    """The main table: every sample side by side, grouped, with the reason beneath where a number is not available."""
    if not columns:
        return None
    notes: dict[str, int] = {}
    heads = [
        element(
            "th",
            element("span", column.label),
            element("small", column.note) if column.note else None,
            scope="col",
            class_=column.role,
        )
        for column in columns
    ]
    head = element("thead", element("tr", element("th", "Metric", scope="col"), *heads))
    groups = [_metric_group(group, columns, notes) for group in GROUPS]
    table = scrolling_table(
        "Metrics by sample", head, Markup("".join(group for group in groups if group)), class_="metrics"
    )
    subtitle = "Costs included. Drawdown and values at risk are sizes of a loss."
    return Section(
        "metrics", "Metrics", card("The numbers, side by side", subtitle, table, notes_list(notes) or ""), {}
    )


def funnel_section(funnel: Funnel | None) -> Section | None:
    """How far the run got from bars to fills, with the first empty stage named and what to do about it."""
    if funnel is None or not funnel.stages:
        return None
    empty = funnel.first_empty
    most = max(count for _, count in funnel.stages) or 1
    rows = [_funnel_stage(name, count, count / most, first_empty=name == empty) for name, count in funnel.stages]
    advice = [
        element("p", element("strong", "Why: ") if empty else None, funnel.reason) if funnel.reason else "",
        element("p", element("strong", "What to do: "), funnel.fix) if funnel.fix else "",
    ]
    title = "From bars to fills" if empty is None else "Why there are no trades"
    subtitle = "" if empty is None else f"Nothing got as far as \u201c{empty}\u201d."
    body = card(title, subtitle, element("ol", *rows, class_="funnel"), *advice, class_="" if empty is None else "bad")
    return Section("funnel", title, body, {})


def _verdict(verdict: Verdict) -> Markup:
    checks = element("ul", *(_check(check) for check in verdict.checks), class_="checks") if verdict.checks else None
    return element(
        "div",
        element("p", "Verdict", class_="eyebrow"),
        element("h2", verdict.headline),
        element("p", verdict.passes, class_="passes") if verdict.passes else None,
        checks,
        class_=f"card verdict {verdict.tone}",
    )


def _check(check: Check) -> Markup:
    state, word = {True: ("yes", "Passed"), False: ("no", "Failed"), None: ("open", "Not answered")}[check.passed]
    mark = element("i", class_=f"check {state}", aria_hidden="true")
    words = element(
        "span",
        element("span", f"{word}: ", class_="hidden"),
        element("strong", check.name),
        element("span", check.detail, class_="detail") if check.detail else None,
    )
    return element("li", mark, words)


def _headline(columns: tuple[MetricColumn, ...]) -> Markup | None:
    if not columns:
        return None
    lead = next((column for column in columns if column.role == "out_of_sample"), columns[0])
    others = [column for column in columns if column is not lead]
    tiles = [_tile(name, lead, others) for name in _HEADLINE if name in lead.values]
    caption = {
        "out_of_sample": f"{lead.label}: {lead.note or 'data the search never saw'}",
        "in_sample": f"{lead.label} only: fitted on this data, so expect less later",
    }.get(lead.role, lead.label)
    return element(
        "div", element("p", caption, class_="eyebrow"), element("dl", *tiles, class_="tiles"), class_="headline"
    )


def _tile(name: str, lead: MetricColumn, others: list[MetricColumn]) -> Markup:
    words = metric_words(name)
    beside = [
        element("span", f"{column.label} ", element("b", format_number(column.values[name], words.kind)))
        for column in others
        if name in column.values and not math.isnan(column.values[name])
    ]
    return element(
        "div",
        element("dt", words.label),
        element("dd", format_number(lead.values[name], words.kind), class_="value"),
        element("dd", _reason(name, lead), class_="beside") if math.isnan(lead.values[name]) else None,
        element("dd", *beside, class_="beside") if beside else None,
        class_="card tile",
    )


def _metric_group(group: str, columns: tuple[MetricColumn, ...], notes: dict[str, int]) -> Markup | None:
    present = {name for column in columns for name in column.values}
    ordered = [name for name in LABELS if name in present] + sorted(present - LABELS.keys())
    names = [name for name in ordered if metric_words(name).group == group]
    if not names:
        return None
    title = element("tr", element("th", group, colspan=len(columns) + 1, scope="colgroup"), class_="group")
    rows = []
    for name in names:
        words = metric_words(name)
        label = element("th", words.label, element("small", words.meaning) if words.meaning else None, scope="row")
        rows.append(element("tr", label, *(_metric_cell(name, column, notes) for column in columns)))
    return element("tbody", title, *rows)


def _metric_cell(name: str, column: MetricColumn, notes: dict[str, int]) -> Markup:
    value = column.values.get(name, math.nan)
    if not math.isnan(value):
        return element("td", format_number(value, metric_words(name).kind), class_=column.role)
    reason = _reason(name, column)
    number = notes.setdefault(reason, len(notes) + 1)
    mark = element("sup", str(number))
    return element("td", element("abbr", NOT_AVAILABLE, title=reason), mark, class_=f"{column.role} absent")


def _reason(name: str, column: MetricColumn) -> str:
    if name in column.reasons:
        return column.reasons[name]
    if column.role == "benchmark" and name not in column.values:
        return f"does not apply to {in_sentence(column.label)}"
    if name not in column.values:
        return f"not computed for {in_sentence(column.label)}"
    return reason_for(name, column.values)


def _funnel_stage(name: str, count: int, share: float, *, first_empty: bool) -> Markup:
    bar = element("span", element("i", style=f"--share:{share:.4f}"), class_="track", aria_hidden="true")
    text = element("b", f"{count:,}")
    state = "first-empty" if first_empty else "empty" if count == 0 else None
    return element("li", element("span", sentence_case(name), class_="stage"), bar, text, class_=state)
