"""The pieces every section is made of: cards, chart figures, legends, buttons, scrolling tables."""

from collections.abc import Iterable
from typing import NamedTuple

from autonomous_trading.interfaces.report._markup import Markup, element

__all__ = ["ChartFrame", "button", "card", "chart_figure", "legend", "notes_list", "scrolling_table", "side_by_side"]


class ChartFrame(NamedTuple):
    """How one chart stands on the page: `name` finds its data, `kind` its drawing, `summary` says what it shows."""

    name: str
    kind: str
    title: str
    subtitle: str
    summary: str
    zoomable: bool = False


def side_by_side(*figures: Markup) -> Markup:
    """Figures next to each other where the screen is wide enough, below each other elsewhere."""
    return element("div", *figures, class_="pair") if len(figures) > 1 else Markup("".join(figures))


def card(title: str, subtitle: str, *body: str, class_: str = "") -> Markup:
    """A titled card at heading level 3."""
    head = element("header", element("h3", title), element("p", subtitle, class_="sub") if subtitle else None)
    return element("article", head, *body, class_=f"card {class_}".strip())


def chart_figure(frame: ChartFrame, *above: str) -> Markup:
    """A chart with its title, its subtitle, controls or a legend above it, and its meaning for screen readers."""
    hint = " Arrow keys move, plus and minus zoom, 0 shows everything." if frame.zoomable else ""
    canvas = element(
        "div",
        class_=f"chart chart-{frame.kind}",
        data_chart=frame.name,
        data_kind=frame.kind,
        role="img",
        tabindex=0 if frame.zoomable else None,
        aria_label=f"{frame.title}. {frame.summary}{hint}",
    )
    head = element(
        "figcaption",
        element("h3", frame.title),
        element("p", frame.subtitle, class_="sub") if frame.subtitle else None,
    )
    tools = element("div", *above, class_="tools") if above else None
    return element("figure", head, tools, canvas, class_="card", id=f"chart-{frame.name}")


def legend(*items: tuple[str, str]) -> Markup:
    """A legend of (mark, words) pairs; the mark names a style such as "line strategy" or "up long"."""
    entries = (
        element("li", element("i", class_=f"mark {mark}", aria_hidden="true"), words, class_="legend-item")
        for mark, words in items
    )
    return element("ul", *entries, class_="legend")


def button(label: str, action: str, *, value: str = "", pressed: bool | None = None) -> Markup:
    """A button the page's script answers to; `pressed` makes it a switch."""
    state = None if pressed is None else str(pressed).lower()
    return element("button", label, type="button", data_action=action, data_value=value or None, aria_pressed=state)


def scrolling_table(caption: str, head: Markup, body: Markup, *, class_: str = "") -> Markup:
    """A table that scrolls inside its own frame, by keyboard too, so the page never scrolls sideways."""
    table = element("table", element("caption", caption, class_="hidden"), head, body, class_=class_ or None)
    return element("div", table, class_="scroll", role="region", aria_label=caption, tabindex=0)


def notes_list(notes: Iterable[str]) -> Markup | None:
    """Numbered notes under a table, or None when there are none."""
    items = [element("li", note) for note in notes]
    return element("ol", *items, class_="notes") if items else None
