"""The foot of the page: everything needed to get the same numbers again."""

from autonomous_trading.interfaces.report._markup import Markup, element
from autonomous_trading.interfaces.report._numbers import sentence_case
from autonomous_trading.interfaces.report._run_facts import Provenance

__all__ = ["provenance_footer"]


def provenance_footer(provenance: Provenance | None) -> Markup | None:
    """The facts behind the numbers, each left out when it is not known; None when nothing is."""
    if provenance is None:
        return None
    sets = provenance.sets_evaluated
    facts = {
        "Data": provenance.data_source,
        "Data id": provenance.data_id,
        "Costs": provenance.costs,
        "Seed": "" if provenance.seed is None else str(provenance.seed),
        "Parameter sets evaluated": "" if sets is None else f"{sets:,}",
        "Engine": provenance.engine_version,
        "Created": provenance.created,
        **{sentence_case(name.replace("_", " ")): value for name, value in provenance.more.items()},
    }
    rows = [element("div", element("dt", name), element("dd", value)) for name, value in facts.items() if value]
    command = element("pre", element("code", provenance.command), tabindex=0) if provenance.command else None
    if not rows and command is None:
        return None
    again = element("div", element("p", "Run it again", class_="sub"), command, class_="command") if command else None
    return element(
        "section",
        element("h2", "Where these numbers come from"),
        element("dl", *rows, class_="facts"),
        again,
        class_="card provenance",
        id="provenance",
    )
