"""The page as text: what appears when, what is escaped, and that it needs nothing from outside."""

import hashlib
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from importlib import resources

import numpy as np
import pytest

from autonomous_trading.interfaces.report import (
    Check,
    DataWarning,
    EquityCurve,
    Fold,
    Funnel,
    Importance,
    MetricColumn,
    Objective,
    Provenance,
    ReportContent,
    Surface,
    Trades,
    Trials,
    Verdict,
    WalkForward,
    render_report,
)
from tests.e2e.report_content import full_content, synthetic_bars

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>"
LIMIT = 2_000_000
POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"


@pytest.fixture(scope="module")
def full() -> ReportContent:
    return full_content(synthetic_bars(5_000), title="Moving-average cross")


@pytest.fixture(scope="module")
def page(full: ReportContent) -> str:
    return render_report(full)


class Outline(HTMLParser):
    """The elements of a page that could load something, and the ids on it."""

    def __init__(self) -> None:
        super().__init__()
        self.sources: list[str] = []
        self.ids: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            if name in ("src", "href", "action", "srcset", "data", "poster"):
                self.sources.append(value or "")


def outline(page: str) -> Outline:
    parser = Outline()
    parser.feed(page)
    return parser


def payload(page: str) -> dict[str, dict[str, list[float]]]:
    found = re.search(r'id="report-data">(.*?)</script>', page, re.DOTALL)
    data: dict[str, dict[str, list[float]]] = json.loads(found.group(1) if found else "{}")
    return data


def text_of(page: str) -> str:
    """The words of the page without the scripts and styles."""
    body = re.sub(r"<(script|style)\b.*?</\1>", " ", page, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


def test_a_report_of_5000_bars_is_small(page: str) -> None:
    assert len(page.encode()) < LIMIT


def test_the_same_content_gives_the_same_page(full: ReportContent, page: str) -> None:
    assert render_report(full) == page


def test_the_page_loads_nothing(page: str) -> None:
    sources = outline(page).sources
    assert all(source.startswith(("#", "data:")) for source in sources)
    assert "@import" not in page
    assert "url(" not in re.sub(r"<script\b.*?</script>", "", page, flags=re.DOTALL)


def test_the_policy_allows_inline_only_and_comes_first(page: str) -> None:
    assert f'<meta http-equiv="Content-Security-Policy" content="{POLICY}' in page
    assert page.index("Content-Security-Policy") < page.index("<style") < page.index("<script")


def test_ids_are_unique(page: str) -> None:
    ids = outline(page).ids
    assert len(ids) == len(set(ids))


def test_every_chart_has_its_data_and_every_section_its_link(page: str) -> None:
    names = re.findall(r'data-chart="([^"]+)"', page)
    assert set(names) <= set(payload(page))
    for anchor in re.findall(r'href="#([^"]+)"', page):
        assert f'id="{anchor}"' in page


def test_a_title_is_enough_and_brings_no_library() -> None:
    page = render_report(ReportContent(title="Nothing yet"))
    assert "<h1>Nothing yet</h1>" in page
    assert "<section" not in page
    assert len(page) < 100_000


@pytest.mark.parametrize(
    ("part", "anchor"),
    [
        ("warnings", "data-warnings"),
        ("metrics", "metrics"),
        ("price", "price"),
        ("equity", "equity"),
        ("equity", "monthly"),
        ("trades", "trades"),
        ("trials", "search"),
        ("importance", "search"),
        ("surfaces", "surface"),
        ("sensitivity", "sensitivity"),
        ("walk_forward", "folds"),
        ("funnel", "funnel"),
        ("provenance", "provenance"),
        ("verdict", "verdict"),
    ],
)
def test_a_section_appears_only_when_its_facts_are_given(full: ReportContent, part: str, anchor: str) -> None:
    alone = render_report(replace(ReportContent(title="One part"), **{part: getattr(full, part)}))
    assert f'id="{anchor}"' in alone
    assert f'id="{anchor}"' not in render_report(ReportContent(title="One part"))


def test_hostile_names_stay_text() -> None:
    column = MetricColumn(label=HOSTILE, role="in_sample", values={HOSTILE: 1.0}, note=HOSTILE)
    content = ReportContent(
        title=HOSTILE,
        subtitle=HOSTILE,
        verdict=Verdict(headline=HOSTILE, passes=HOSTILE, checks=(Check(name=HOSTILE, passed=None, detail=HOSTILE),)),
        warnings=(DataWarning(code=HOSTILE, message=HOSTILE),),
        metrics=(column,),
        trials=Trials(
            objectives=(Objective(HOSTILE), Objective("max_drawdown", "minimize")),
            values=[[1.0, 2.0], [3.0, 4.0]],
            parameters={HOSTILE: [HOSTILE, "b"]},
        ),
        importance=Importance(objective=HOSTILE, shares={HOSTILE: 0.5}, method=HOSTILE),
        surfaces=(
            Surface(
                objective=Objective(HOSTILE),
                x_name=HOSTILE,
                x_values=[HOSTILE],
                y_name=HOSTILE,
                y_values=[1],
                values=[[0.5]],
                note=HOSTILE,
            ),
        ),
        funnel=Funnel(stages=((HOSTILE, 0),), reason=HOSTILE, fix=HOSTILE),
        provenance=Provenance(command=HOSTILE, more={HOSTILE: HOSTILE}),
    )
    page = render_report(content)
    assert "<script>alert" not in page
    assert "<img" not in page
    assert "img" not in outline(page).tags
    assert "<\\/script>" in page
    plain = render_report(ReportContent(title="plain", trials=content.trials))
    assert page.count("</script>") == plain.count("</script>")


def test_missing_numbers_say_why() -> None:
    columns = (
        MetricColumn(
            label="In-sample", role="in_sample", values={"trade_count": 0.0, "win_rate": np.nan, "sharpe_ratio": np.nan}
        ),
        MetricColumn(
            label="Out-of-sample",
            role="out_of_sample",
            values={"sharpe_ratio": np.nan, "of_my_own": np.nan, "profit_factor": np.nan, "win_rate": 1.0},
            reasons={"sharpe_ratio": "the account was never funded"},
        ),
        MetricColumn(label="Buy and hold", role="benchmark", values={"sharpe_ratio": 0.5}),
    )
    words = text_of(render_report(ReportContent(title="Gaps", metrics=columns)))
    for reason in (
        "no trades in this sample",
        "the account was never funded",
        "no losing trade",
        "not defined for this sample, and no reason was recorded",
        "not computed for out-of-sample",
        "does not apply to buy and hold",
    ):
        assert reason in words
    assert "nan" not in words.lower().split()


def test_no_trades_are_explained_at_the_top() -> None:
    funnel = Funnel(
        stages=(("Bars", 5_000), ("After warm-up", 4_800), ("Signals", 0), ("Orders", 0), ("Fills", 0)),
        reason="fast > slow is never true",
        fix="make fast smaller than slow",
    )
    empty = np.array([], dtype=np.float64)
    none = Trades(
        entry_time=empty.astype(np.int64), exit_time=empty.astype(np.int64), entry_price=empty, exit_price=empty,
        side=empty.astype(np.int64), units=empty, costs=empty, net_profit=empty, net_return=empty, reason=[],
    )  # fmt: skip
    bars = synthetic_bars(300)
    column = MetricColumn(label="In-sample", role="in_sample", values={"trade_count": 0.0})
    page = render_report(ReportContent(title="Empty", funnel=funnel, trades=none, price=bars, metrics=(column,)))
    words = text_of(page)
    assert "Why there are no trades" in words
    assert "Nothing got as far as \u201cSignals\u201d" in words
    assert "make fast smaller than slow" in words
    assert page.index('id="funnel"') < page.index('id="metrics"')
    assert 'id="trades"' not in page


def test_a_funnel_that_reaches_the_end_stands_after_the_trades(page: str) -> None:
    assert page.index('id="trades"') < page.index('id="funnel"')


def test_without_out_of_sample_the_headline_says_so() -> None:
    column = MetricColumn(label="In-sample", role="in_sample", values={"sharpe_ratio": 2.0})
    words = text_of(render_report(ReportContent(title="Fitted", metrics=(column,))))
    assert "fitted on this data, so expect less later" in words


def test_thinning_is_said_where_it_is_done() -> None:
    content = full_content(synthetic_bars(20_000), title="Long")
    page = render_report(content)
    words = text_of(page)
    assert "20,000 bars, grouped into 5,000 candles of 4 bars" in words
    assert re.search(r"[\d,]+ of 20,000 bars are drawn; every peak and trough is kept", words)
    assert len(page.encode()) < LIMIT
    highs = payload(page)["price"]["high"]
    assert max(highs) == pytest.approx(float(np.max(content.price.high)) if content.price else 0.0, rel=1e-5)


def test_what_is_not_thinned_says_nothing(page: str) -> None:
    assert "are drawn" not in text_of(page)
    assert "grouped" not in text_of(page)


@pytest.mark.parametrize(
    ("step_minutes", "count", "expected"),
    [(1_440, 5_000, ["3 months", "1 year", "5 years"]), (1_440, 40, ["1 month"]), (5, 6_000, ["1 day", "1 week"])],
)
def test_range_buttons_fit_the_data(step_minutes: int, count: int, expected: list[str]) -> None:
    bars = replace(synthetic_bars(count), time=np.arange(count, dtype=np.int64) * step_minutes * 60_000_000_000)
    page = render_report(ReportContent(title="Ranges", price=bars))
    assert re.findall(r'data-action="range"[^>]*>([^<]+)<', page) == [*expected, "All"]


def test_an_equity_that_touches_zero_has_no_log_scale() -> None:
    curve = EquityCurve(time=[0, 1], equity=[100.0, 0.0])
    assert 'data-action="log"' not in render_report(ReportContent(title="Ruin", equity=curve))


def test_a_chosen_set_outside_the_plateau_or_at_the_edge_is_named() -> None:
    surface = Surface(
        objective=Objective("sharpe_ratio"),
        x_name="fast",
        x_values=np.array([5, 10, 15]),
        y_name="slow",
        y_values=[50, 100, 150],
        values=np.arange(9.0).reshape(3, 3),
        plateau=np.eye(3, dtype=np.bool_),
        chosen=(15, 100),
    )
    words = text_of(render_report(ReportContent(title="Edge", surfaces=(surface,))))
    assert "The chosen set lies outside it. It is at the edge of what was searched for fast." in words
    inside = text_of(render_report(ReportContent(title="Middle", surfaces=(replace(surface, chosen=(10, 100)),))))
    assert "The chosen set lies inside it." in inside
    assert "at the edge" not in inside
    elsewhere = text_of(render_report(ReportContent(title="Else", surfaces=(replace(surface, chosen=(7, 100)),))))
    assert "The chosen set is not one of these pairs." in elsewhere


def many_trades(count: int) -> Trades:
    rng = np.random.default_rng(6)
    net = rng.normal(0, 0.02, count)
    entry = np.arange(count, dtype=np.int64) * 86_400_000_000_000
    price = np.full(count, 100.0)
    return Trades(
        entry_time=entry,
        exit_time=entry + 3_600_000_000_000,
        entry_price=price,
        exit_price=price * (1 + net),
        side=np.where(net > 0.01, -1, 1),
        units=price,
        costs=price / 100,
        net_profit=net * 100,
        net_return=net,
        reason=["signal"] * count,
    )


def test_many_trades_are_counted_marked_and_listed_in_part() -> None:
    page = render_report(ReportContent(title="Busy", trades=many_trades(2_000), price=synthetic_bars(3_000)))
    words = text_of(page)
    assert "The 1,500 largest gains and losses of 2,000 trades are marked." in words
    assert "The first 200 of 2,000 trades" in words
    assert page.count('data-action="show-trade"') == 200
    assert "Short entry" in words
    assert "1970-01-01 01:00" in words


def test_trades_without_price_have_no_button_to_show_them() -> None:
    assert 'data-action="show-trade"' not in render_report(ReportContent(title="Trades", trades=many_trades(3)))


def test_returns_that_are_unknown_leave_the_list_without_a_histogram() -> None:
    unknown = replace(many_trades(2), net_return=np.full(2, np.nan), net_profit=np.array([np.nan, 0.0]))
    page = render_report(ReportContent(title="Unknown", trades=unknown))
    assert 'data-chart="distribution"' not in page
    assert "n/a" in text_of(page)


def test_many_parameters_are_drawn_in_part_and_said_so() -> None:
    rng = np.random.default_rng(8)
    names = [f"parameter_{number}" for number in range(25)]
    trials = Trials(
        objectives=(Objective("sharpe_ratio"),),
        values=rng.normal(size=(4_000, 1)),
        parameters={**{name: rng.normal(size=4_000) for name in names}, "constant": [1] * 4_000},
    )
    shares = {name: float(number) for number, name in enumerate(names)} | {"parameter_0": np.nan}
    importance = Importance(objective="sharpe_ratio", shares=shares)
    page = render_report(ReportContent(title="Wide", trials=trials, importance=importance))
    words = text_of(page)
    assert "The 12 that matter most are drawn; 13 are not." in words
    assert "The 20 largest of 25 parameters are drawn." in words
    assert "1,481 of 4,000 are drawn: every improvement and an even sample of the rest." in words
    assert 'data-chart="pareto"' not in page
    assert len(page.encode()) < LIMIT


def test_folds_say_what_they_lack() -> None:
    fold = Fold(
        train_start=0, train_stop=10, test_start=10, test_stop=20, in_sample=np.nan, out_of_sample=np.nan, parameters={}
    )
    walk = WalkForward(
        objective=Objective("sharpe_ratio"), folds=(fold, replace(fold, parameters={"fast": 5})), note="Anchored."
    )
    page = render_report(ReportContent(title="Folds", walk_forward=walk))
    words = text_of(page)
    assert "2 folds, each fitted on the past and judged on what followed. Anchored." in words
    assert 'data-chart="in-out"' not in page
    assert words.count("n/a") == 5


def test_an_equity_that_only_rises_has_no_fall_to_name() -> None:
    curve = EquityCurve(time=[0, 1, 2], equity=[100.0, 101.0, 102.0])
    assert "The equity never fell below its peak." in text_of(render_report(ReportContent(title="Up", equity=curve)))


def test_provenance_without_facts_leaves_no_box() -> None:
    assert 'id="provenance"' not in render_report(ReportContent(title="Bare", provenance=Provenance()))


def test_the_vendored_library_is_the_recorded_one() -> None:
    vendor = resources.files("autonomous_trading.interfaces.report") / "vendor"
    recorded = re.search(r"sha256 ([0-9a-f]{64})", (vendor / "VERSION").read_text(encoding="utf-8"))
    assert recorded is not None
    assert hashlib.sha256((vendor / "echarts.min.js").read_bytes()).hexdigest() == recorded.group(1)
    assert all((vendor / name).is_file() for name in ("LICENSE", "NOTICE", "LICENSES-BUNDLED"))


def test_scripts_and_styles_are_files_a_person_can_read() -> None:
    assets = resources.files("autonomous_trading.interfaces.report") / "assets"
    for file in assets.iterdir():
        assert len(file.read_text(encoding="utf-8").splitlines()) <= 400, file.name
