"""HTML that cannot be injected into: text is escaped unless it was built here."""

import html
import json
import re
from typing import NamedTuple, final

import numpy as np

from autonomous_trading.core import FloatArray, IntArray

__all__ = ["JsonValue", "Markup", "Section", "element", "json_for_script", "number_list", "stepped", "without_end_tag"]

JsonValue = None | bool | int | float | str | list["JsonValue"] | dict[str, "JsonValue"]


@final
class Markup(str):
    """Text that is already HTML. Everything else handed to `element` is escaped."""

    __slots__ = ()


class Section(NamedTuple):
    """One part of the page: its anchor and name in the contents, its HTML, and the data of the charts inside it."""

    anchor: str
    label: str
    body: Markup
    charts: dict[str, JsonValue]


def element(name: str, *children: str | None, **attributes: str | int | bool | None) -> Markup:
    """An HTML element. Children that are not `Markup` are escaped, None is skipped.

    Attribute names are written with underscores: `class_`, `data_chart`, `aria_label`. True gives a bare attribute,
    None and False leave it out.

    >>> element("p", "a < b", class_="note")
    '<p class="note">a &lt; b</p>'
    """
    parts = [name]
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        label = key.rstrip("_").replace("_", "-")
        parts.append(label if value is True else f'{label}="{html.escape(str(value))}"')
    inside = "".join(_escaped(child) for child in children if child is not None)
    return Markup(f"<{' '.join(parts)}>{inside}</{name}>")


def json_for_script(value: JsonValue) -> Markup:
    r"""JSON that can stand inside a script element: no text in it can close the element or open a comment.

    >>> json_for_script({"name": "</script>"})
    '{"name":"<\\/script>"}'
    """
    text = json.dumps(value, separators=(",", ":"), allow_nan=False, ensure_ascii=True)
    return Markup(re.sub("<(?!/)", r"\\u003c", text).replace("</", r"<\/"))


def without_end_tag(source: str) -> Markup:
    r"""JavaScript source that can stand inside a script element: "</script" is written "<\/script"."""
    return Markup(source.replace("</script", "<\\/script"))


def number_list(values: FloatArray, *, digits: int = 7) -> list[JsonValue]:
    """Numbers for JSON with `digits` significant digits, whole ones without a point, NaN and infinities as null."""
    return [_short(value, digits) for value in np.asarray(values, dtype=np.float64).tolist()]


def stepped(values: IntArray) -> dict[str, JsonValue]:
    """Ascending whole numbers for JSON as a start and steps in their largest common unit: far shorter for times."""
    steps = np.diff(values)
    unit = max(1, int(np.gcd.reduce(steps))) if len(steps) else 1
    return {"start": int(values[0]), "unit": unit, "steps": [int(step) for step in steps // unit]}


def _short(value: float, digits: int) -> int | float | None:
    if not np.isfinite(value):
        return None
    short = float(f"{value:.{digits}g}")
    return int(short) if short.is_integer() else short


def _escaped(child: str) -> str:
    return child if isinstance(child, Markup) else html.escape(child)
