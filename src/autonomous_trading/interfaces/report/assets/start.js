// Draw everything, one chart at a time so the page stays alive, and listen to every control from one place.
"use strict";

(() => {
  const scheme = window.matchMedia("(prefers-color-scheme: dark)");
  const redrawAll = () => Report.drawn.forEach((context) => context.redraw());
  const charts = document.querySelectorAll("[data-chart]");

  const pageActions = {
    sort: (button) => Report.tables.sort(button),
    "show-trade": (button) => Report.tables.showTrade(button),
    theme() {
      const root = document.documentElement;
      const now = root.style.colorScheme || (scheme.matches ? "dark" : "light");
      root.style.colorScheme = now === "dark" ? "light" : "dark";
      redrawAll();
    },
  };

  function act(control, value) {
    const { action } = control.dataset;
    if (pageActions[action]) return pageActions[action](control);
    const chart = control.closest("figure").querySelector("[data-chart]");
    const context = Report.drawn.get(chart.dataset.chart);
    return context.drawing.actions[action](context, value, control);
  }

  document.addEventListener("click", (event) => {
    const control = event.target.closest("button[data-action]");
    if (control) act(control, control.dataset.value);
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches("select[data-action]")) act(event.target, event.target.value);
  });
  scheme.addEventListener("change", redrawAll);
  // paper does not wait: what has not been drawn yet is drawn before it is printed
  window.addEventListener("beforeprint", () => {
    document.documentElement.style.colorScheme = "light";
    redrawAll();
    charts.forEach(open);
  });
  window.addEventListener("afterprint", () => {
    document.documentElement.style.colorScheme = "";
    redrawAll();
  });

  // a change of width redraws, because label counts and heights depend on it
  const widths = new WeakMap();
  const watcher = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      const width = target.clientWidth;
      if (width && widths.has(target) && widths.get(target) !== width) Report.drawn.get(target.dataset.chart).redraw();
      widths.set(target, width);
    }
  });

  function open(element) {
    if (Report.drawn.has(element.dataset.chart)) return;
    const context = Report.open(element);
    if (element.tabIndex === 0 && context.axis) Report.timeAxis.keys(context);
    watcher.observe(element);
  }

  // "load" waits for images: a pause made of one leaves the page alive between two charts, and whoever takes a picture
  // of the page once it has loaded finds all of them drawn
  function pause(number) {
    return new Promise((resume) => {
      const image = new Image();
      image.onload = image.onerror = () => resume();
      image.src = `data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==#${number}`;
    });
  }

  async function drawAll() {
    for (const [number, element] of charts.entries()) {
      open(element);
      await pause(number);
    }
  }

  drawAll();
})();
