"""One HTML file from the facts of a run: assembled here, drawn by the scripts inlined into it."""

from collections.abc import Iterator
from importlib import resources
from string import Template

from autonomous_trading.interfaces.report._content import ReportContent
from autonomous_trading.interfaces.report._equity_section import equity_section, monthly_section
from autonomous_trading.interfaces.report._evidence_section import evidence_section
from autonomous_trading.interfaces.report._folds_section import folds_section
from autonomous_trading.interfaces.report._markup import (
    JsonValue,
    Markup,
    Section,
    element,
    json_for_script,
    without_end_tag,
)
from autonomous_trading.interfaces.report._overview_section import (
    funnel_section,
    metrics_section,
    title_block,
    verdict_block,
    warnings_section,
)
from autonomous_trading.interfaces.report._price_section import price_section
from autonomous_trading.interfaces.report._provenance import provenance_footer
from autonomous_trading.interfaces.report._search_section import search_section
from autonomous_trading.interfaces.report._sensitivity_section import sensitivity_section
from autonomous_trading.interfaces.report._stress_section import stress_section
from autonomous_trading.interfaces.report._surface_section import surface_section
from autonomous_trading.interfaces.report._trades_section import trades_section

__all__ = ["assembled", "render_report"]

_PACKAGE = "autonomous_trading.interfaces.report"
_STYLES = ("page.css", "tables.css", "charts.css")
_SCRIPTS = (
    "report.js",
    "time_axis.js",
    "market.js",
    "search.js",
    "surface.js",
    "sensitivity.js",
    "folds.js",
    "stress.js",
    "data.js",
    "features.js",
    "tables.js",
    "start.js",
)


def render_report(content: ReportContent) -> str:
    """The whole report as one HTML page that needs nothing else: no network, no other file, any modern browser.

    The same content always gives the same page. Sections without facts are left out. Bars beyond 6,000 and trials
    beyond 3,000 are thinned, and the chart's subtitle says so. Write it as UTF-8.
    """
    return assembled(
        content.title,
        title_block(content),
        verdict_block(content) or "",
        list(_sections(content)),
        provenance_footer(content.provenance) or "",
    )


def assembled(title: str, heading: str, verdict: str, sections: list[Section], footer: str) -> str:
    """The one file that some sections become: styles, scripts, data and the chart library inside it."""
    charts: dict[str, JsonValue] = {}
    for section in sections:
        charts.update(section.charts)
    needs_charts = any("data-chart=" in section.body for section in sections)
    page = Template(_read("assets", "page.html"))
    return page.substitute(
        title=element("title", title),
        style=element("style", Markup("\n".join(_read("assets", name) for name in _STYLES))),
        navigation=_navigation(sections),
        heading=heading,
        verdict=verdict,
        sections="\n".join(_section(section) for section in sections),
        footer=footer,
        data=json_for_script(charts),
        library=element("script", without_end_tag(_read("vendor", "echarts.min.js"))) if needs_charts else "",
        scripts="\n".join(element("script", without_end_tag(_read("assets", name))) for name in _SCRIPTS),
    )


def _sections(content: ReportContent) -> Iterator[Section]:
    funnel = funnel_section(content.funnel)
    explains = content.funnel is not None and content.funnel.first_empty is not None
    candidates = (
        warnings_section(content.warnings),
        evidence_section(content.evidence),
        funnel if explains else None,
        metrics_section(content.metrics),
        equity_section(content),
        monthly_section(content.equity),
        price_section(content),
        trades_section(content.trades, on_price=content.price is not None),
        None if explains else funnel,
        search_section(content),
        surface_section(content.surfaces),
        sensitivity_section(content.sensitivity),
        stress_section(content.stress),
        folds_section(content.walk_forward),
    )
    return (section for section in candidates if section is not None)


def _section(section: Section) -> Markup:
    title = element("h2", section.label, class_="hidden")
    return element("section", title, section.body, id=section.anchor, class_="section", aria_label=section.label)


def _navigation(sections: list[Section]) -> Markup:
    links = [element("li", element("a", section.label, href=f"#{section.anchor}")) for section in sections]
    return element("nav", element("ul", *links), aria_label="Contents")


def _read(folder: str, name: str) -> str:
    return resources.files(_PACKAGE).joinpath(folder, name).read_text(encoding="utf-8")
