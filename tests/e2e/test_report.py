"""The report in a real browser, cut off from the network: every chart drawn, every control working, on every screen.

Needs chromium or google-chrome on the PATH and fails without one, because a check that did not run is not green.
AUTOTRADE_WITHOUT_BROWSER=1 says on purpose that there is none; the tests are then skipped.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, Request, Route, expect, sync_playwright

from autonomous_trading.interfaces.report import ReportContent, render_data_check, render_report
from autonomous_trading.interfaces.report._numbers import NumberKind, format_number
from tests.e2e.report_content import full_content, synthetic_bars
from tests.unit.interfaces.test_report_quality import examined

pytestmark = pytest.mark.e2e

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
WITHOUT = "AUTOTRADE_WITHOUT_BROWSER"
PATIENCE_MS = 30_000
HOSTILE = "</script><script>window.hacked=1</script><img src=x onerror='window.hacked=2'>"
# every chart, and a colour that only its data is drawn in (axes and labels are grey)
CHARTS = {
    "equity": "strategy",
    "underwater": "strategy",
    "price": "loss",
    "distribution": "gain",
    "history": "strategy",
    "pareto": "chosen",
    "importance": "strategy",
    "slice-1": "strategy",
    "slice-2": "strategy",
    "slice-3": "strategy",
    "surface-1": "chosen",
    "alone-1": "strategy",
    "alone-2": "strategy",
    "alone-3": "chosen",
    "sobol": "strategy",
    "entries": "strategy",
    "cost-curve": "strategy",
    "fan": "strategy",
    "drawdowns": "strategy",
    "logits": "strategy",
    "degradation": "strategy",
    "folds": "outOfSample",
    "in-out": "strategy",
}

# share of pixels that are painted, and how many of them in the colour of the data, for every chart on the page
PAINTED = """(colours) => Object.fromEntries([...document.querySelectorAll('[data-chart]')].map((chart) => {
  const name = chart.dataset.chart;
  const wanted = Report.theme()[colours[name]].match(/\\d+/g).map(Number);
  let [all, painted, data] = [0, 0, 0];
  for (const canvas of chart.querySelectorAll('canvas')) {
    const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
    all = pixels.length / 4;
    for (let i = 0; i < pixels.length; i += 4) {
      if (pixels[i + 3] === 0) continue;
      painted += 1;
      data += wanted.every((part, k) => Math.abs(pixels[i + k] - part) <= 40);
    }
  }
  return [name, [painted / Math.max(all, 1), data]];
}))"""


@dataclass
class Opened:
    """A report on screen, with everything the browser complained about or asked for."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def window(self, chart: str) -> list[float]:
        """The first and last bar a chart shows."""
        shown: list[float] = self.page.evaluate(f"Report.timeAxis.visible(Report.drawn.get('{chart}'))")
        return shown

    def picture(self, chart: str) -> str:
        """What a chart looks like, as a data URL."""
        url: str = self.page.evaluate(f"document.querySelector('[data-chart={chart}] canvas').toDataURL()")
        return url


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    executable = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if executable is None:
        if os.environ.get(WITHOUT) == "1":
            pytest.skip(f"{WITHOUT}=1: the report was not looked at in a browser")
        pytest.fail(
            "no chromium or google-chrome on the PATH. Install one (Debian, Ubuntu: apt-get install chromium), or set "
            f"{WITHOUT}=1 to leave the browser tests out knowingly.",
            pytrace=False,
        )
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def content() -> ReportContent:
    return full_content(synthetic_bars(5_000), title="Moving-average cross")


@pytest.fixture(scope="module")
def report(content: ReportContent, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(content, tmp_path_factory.mktemp("report"))


def written(content: ReportContent, folder: Path) -> Path:
    path = folder / "report.html"
    path.write_text(render_report(content), encoding="utf-8")
    return path


@contextmanager
def opened(browser: Browser, path: Path, *, wait: bool = True, **settings: Any) -> Iterator[Opened]:
    """The file in a fresh profile with every request but its own aborted; complaints are checked when it is closed."""
    context = browser.new_context(**settings)
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    seen = Opened(page)

    def only_the_file(route: Route, request: Request) -> None:
        seen.requests.append(request.url)
        if request.url == path.as_uri():
            route.continue_()
        else:
            route.abort()

    context.route("**/*", only_the_file)
    page.on("console", lambda message: seen.complaints.append(f"console {message.type}: {message.text}"))
    page.on("pageerror", lambda error: seen.complaints.append(f"page error: {error}"))
    page.goto(path.as_uri())
    if wait:
        expect(page.locator("[data-chart]:not([data-drawn=true])")).to_have_count(0, timeout=PATIENCE_MS)
    yield seen
    if wait:
        assert page.evaluate("window.__reportErrors") == []
    assert seen.complaints == []
    assert [url for url in seen.requests if url != path.as_uri() and not url.startswith("data:")] == []
    context.close()


@pytest.mark.slow
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_chart_is_drawn(browser: Browser, report: Path, scheme: str, width: int) -> None:
    size = {"width": width, "height": 844}
    with opened(browser, report, viewport=size, color_scheme=scheme) as seen:
        painted = pixels_of_data(seen)
        assert set(painted) == set(CHARTS)
        for name, (share, data) in painted.items():
            assert share > 0.005, f"{name} is blank"
            assert data >= 20, f"{name} shows {data} pixels of its data"
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= width
        text = seen.page.locator("main").inner_text()
        for words in ("Compatible with luck", "Out-of-sample", "Buy and hold", "Maximum drawdown", "n/a"):
            assert words in text


def test_a_loaded_page_has_every_chart_though_nobody_scrolled(browser: Browser, report: Path) -> None:
    with opened(browser, report, wait=False, viewport={"width": 1280, "height": 300}) as seen:
        assert seen.page.locator("[data-chart]").count() == len(CHARTS)
        assert seen.page.locator("[data-chart] canvas").count() >= len(CHARTS)


def test_paper_shows_every_chart_even_before_the_page_was_done(browser: Browser, report: Path, tmp_path: Path) -> None:
    undrawn = tmp_path / "undrawn.html"
    undrawn.write_text(report.read_text(encoding="utf-8").replace("  drawAll();\n", ""), encoding="utf-8")
    with opened(browser, undrawn, wait=False) as seen:
        assert seen.page.locator("[data-chart] canvas").count() == 0
        painted = seen.page.evaluate(
            f"(colours) => {{ window.dispatchEvent(new Event('beforeprint')); return ({PAINTED})(colours); }}", CHARTS
        )
        assert set(painted) == set(CHARTS)
        assert min(share for share, _ in painted.values()) > 0.005


def test_the_results_of_the_folds_are_in_view_on_a_desk(browser: Browser, report: Path) -> None:
    with opened(browser, report, viewport={"width": 1400, "height": 900}) as seen:
        frame = seen.page.locator(".scroll:has(> .folds)")
        edge = frame.evaluate("(frame) => frame.getBoundingClientRect().right")
        for place in (2, 3):
            head = frame.locator("thead th").nth(place)
            assert head.evaluate("(head) => head.getBoundingClientRect().right") <= edge


def test_light_and_dark_differ_in_page_and_charts(browser: Browser, report: Path) -> None:
    looks = {}
    for scheme in ("light", "dark"):
        with opened(browser, report, color_scheme=scheme) as seen:
            ground = seen.page.evaluate("getComputedStyle(document.body).backgroundColor")
            looks[scheme] = (ground, seen.picture("equity"))
    assert looks["light"][0] != looks["dark"][0]
    assert looks["light"][1] != looks["dark"][1]


def test_the_page_follows_a_change_of_scheme_and_the_switch(browser: Browser, report: Path) -> None:
    with opened(browser, report, color_scheme="light") as seen:
        light = seen.picture("equity")
        seen.page.locator("[data-action=theme]").click()
        expect_change(seen, lambda: seen.picture("equity") != light)
        seen.page.locator("[data-action=theme]").click()
        expect_change(seen, lambda: seen.picture("equity") == light)


def test_the_controls_work(browser: Browser, report: Path) -> None:
    with opened(browser, report, viewport={"width": 1280, "height": 900}) as seen:
        page = seen.page
        before = seen.picture("equity")
        page.get_by_role("button", name="Log scale").click()
        assert page.get_by_role("button", name="Log scale").get_attribute("aria-pressed") == "true"
        expect_change(seen, lambda: seen.picture("equity") != before)

        before = seen.picture("pareto")
        page.get_by_label("Across").select_option("1")
        page.get_by_label("Up", exact=True).select_option("0")
        expect_change(seen, lambda: seen.picture("pareto") != before)

        page.get_by_role("button", name="All", exact=True).click()
        expect_change(seen, lambda: seen.window("price") == [0, 4_999])


def test_the_keyboard_zooms_and_linked_charts_follow(browser: Browser, report: Path) -> None:
    with opened(browser, report) as seen:
        seen.page.locator("[data-chart=equity]").focus()
        for key in ("+", "+", "ArrowLeft"):
            seen.page.keyboard.press(key)
        first, last = seen.window("equity")
        assert 0 < first < last < 4_999
        assert seen.window("underwater") == pytest.approx([first, last])
        seen.page.keyboard.press("0")
        assert seen.window("underwater") == [0, 4_999]


def test_the_wheel_scrolls_the_page_and_zooms_only_with_ctrl(browser: Browser, report: Path) -> None:
    with opened(browser, report, viewport={"width": 1280, "height": 900}) as seen:
        page = seen.page
        chart = page.locator("[data-chart=price]")
        chart.scroll_into_view_if_needed()
        chart.hover(position={"x": 400, "y": 200})
        top, window = page.evaluate("scrollY"), seen.window("price")
        page.mouse.wheel(0, 120)
        expect_change(seen, lambda: page.evaluate("scrollY") > top)
        assert seen.window("price") == window
        page.keyboard.down("Control")
        page.mouse.wheel(0, -120)
        page.keyboard.up("Control")
        expect_change(seen, lambda: seen.window("price") != window)


def test_trades_sort_and_show_on_the_price(browser: Browser, report: Path, content: ReportContent) -> None:
    assert content.trades is not None
    returns = [float(value) for value in content.trades.net_return]
    with opened(browser, report) as seen:
        page = seen.page
        heading = page.locator(".trades th", has_text="Net %")
        for direction, chosen in (("ascending", min(returns)), ("descending", max(returns))):
            heading.get_by_role("button").click()
            assert heading.get_attribute("aria-sort") == direction
            cells = page.locator(".trades tbody tr").first.locator("td")
            assert cells.nth(9).inner_text() == format_number(chosen, "fraction", signed=True)
        row = page.locator(".trades tbody tr").first
        number = int(row.locator("td").first.inner_text()) - 1
        row.get_by_role("button", name="Show").click()
        first, last = seen.window("price")
        assert content.price is not None
        entry = int(np.searchsorted(content.price.time, content.trades.entry_time[number]))
        assert first <= entry <= last


def test_tooltips_carry_the_parameters_as_text(browser: Browser, report: Path) -> None:
    with opened(browser, report, viewport={"width": 1280, "height": 900}) as seen:
        chart = seen.page.locator("[data-chart=pareto]")
        chart.scroll_into_view_if_needed()
        x, y = seen.page.evaluate(
            "(() => { const { chart } = Report.drawn.get('pareto');"
            " return chart.convertToPixel('grid', chart.getOption().series[2].data[0]); })()"
        )
        chart.hover(position={"x": x, "y": y})
        tip = chart.locator(".tip")
        expect(tip).to_contain_text("fast")
        expect(tip).to_contain_text("Sharpe ratio")


def test_hostile_names_run_nowhere(browser: Browser, content: ReportContent, tmp_path: Path) -> None:
    trials, price = content.trials, content.price
    assert trials is not None
    assert price is not None
    hostile = replace(
        content,
        title=HOSTILE,
        price=replace(price, symbol=HOSTILE),
        trials=replace(
            trials, parameters={HOSTILE: list(trials.parameters["fast"]), "kind": [HOSTILE] * len(trials.matrix())}
        ),
    )
    with opened(browser, written(hostile, tmp_path), viewport={"width": 1280, "height": 900}) as seen:
        chart = seen.page.locator("[data-chart=history]")
        chart.scroll_into_view_if_needed()
        x, y = seen.page.evaluate(
            "(() => { const { chart } = Report.drawn.get('history');"
            " return chart.convertToPixel('grid', chart.getOption().series[0].data[0].slice(0, 2)); })()"
        )
        chart.hover(position={"x": x, "y": y})
        expect(chart.locator(".tip")).to_contain_text(HOSTILE)
        assert seen.page.evaluate("window.hacked") is None
        assert seen.page.locator("h1").inner_text() == HOSTILE


def test_the_policy_stops_what_would_leave_the_page(browser: Browser, report: Path) -> None:
    with opened(browser, report) as seen:
        blocked = seen.page.evaluate(
            """() => new Promise((resolve) => {
              document.addEventListener('securitypolicyviolation', (event) => resolve(event.violatedDirective));
              fetch('https://example.invalid/').catch(() => {});
            })"""
        )
        assert blocked == "connect-src"
        assert any("example.invalid" in complaint for complaint in seen.complaints)
        seen.complaints.clear()
        seen.requests[:] = [url for url in seen.requests if "example.invalid" not in url]


def test_long_histories_are_thinned_and_drawn(browser: Browser, tmp_path: Path) -> None:
    path = written(full_content(synthetic_bars(20_000), title="Long"), tmp_path)
    with opened(browser, path) as seen:
        painted = pixels_of_data(seen)
        assert min(data for _, data in painted.values()) >= 20


def test_a_data_check_is_drawn(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "check.html"
    path.write_text(render_data_check({"X": examined(900, missing=40, spoiled=True)}), encoding="utf-8")
    for scheme, width in (("light", 1200), ("dark", 390)):
        with opened(browser, path, color_scheme=scheme, viewport={"width": width, "height": 900}) as seen:
            drawn = seen.page.evaluate(PAINTED, {"checked-0": "strategy", "coverage-0": "strategy"})
            assert all(data > 100 for _, data in drawn.values()), drawn
            sideways = seen.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert sideways == 0


def test_without_scripts_the_tables_still_speak(browser: Browser, report: Path) -> None:
    with opened(browser, report, wait=False, java_script_enabled=False) as seen:
        expect(seen.page.get_by_text("Charts need JavaScript")).to_be_visible()
        expect(seen.page.locator(".metrics")).to_contain_text("Sharpe ratio")
        expect(seen.page.locator(".heat")).to_contain_text("Total")


def test_scripts_write_numbers_as_the_page_does(browser: Browser, report: Path) -> None:
    values = [0.0, 0.1234, -0.0567, 1.2341, -12.341, 123.46, 1234.567, -98765.4321, 0.00012345678]
    with opened(browser, report) as seen:
        for kind in get_args(NumberKind):
            numbers = [0.0, 3.0, 1234.0, -7.1] if kind == "count" else values
            shown = seen.page.evaluate("([all, kind]) => all.map((one) => Report.number(one, kind))", [numbers, kind])
            assert shown == [format_number(value, kind) for value in numbers], kind


def pixels_of_data(seen: Opened) -> dict[str, tuple[float, int]]:
    """What every chart shows, with the whole history in view so that there are trades to see."""
    seen.page.get_by_role("button", name="All", exact=True).click()
    last = len(seen.page.evaluate("Report.drawn.get('price').axis.row")) - 1
    expect_change(seen, lambda: seen.window("price") == [0, last])
    painted: dict[str, tuple[float, int]] = seen.page.evaluate(PAINTED, CHARTS)
    return painted


def expect_change(seen: Opened, happened: Callable[[], bool]) -> None:
    """Wait for something a script does after the event that asked for it."""
    for _ in range(100):
        if happened():
            return
        seen.page.wait_for_timeout(50)
    pytest.fail("nothing changed within five seconds")
