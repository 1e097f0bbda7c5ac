// The ground the charts stand on: errors, data, colours, numbers, tooltips, and drawing one chart.
// Text from the data reaches the page through textContent or the canvas only, never as HTML.
"use strict";

window.__reportErrors = [];
window.addEventListener("error", (event) => window.__reportErrors.push(String(event.message)));
window.addEventListener("unhandledrejection", (event) => window.__reportErrors.push(String(event.reason)));

const Report = (() => {
  const charts = JSON.parse(document.getElementById("report-data").textContent);
  const kinds = {};
  const drawn = new Map();
  const MINUS = "\u2212";
  const COLOURS = [
    "ink", "ink-soft", "line", "line-strong", "surface", "raised", "strategy", "benchmark", "gain", "loss",
    "chosen", "in-sample", "out-of-sample",
  ];

  // light-dark() is only resolved on a real property, so each variable is read back through a probe's colour
  function theme() {
    const probe = document.body.appendChild(document.createElement("i"));
    const colours = {};
    for (const name of COLOURS) {
      probe.style.color = `var(--${name})`;
      colours[name.replace(/-./g, (pair) => pair[1].toUpperCase())] = getComputedStyle(probe).color;
    }
    probe.remove();
    return colours;
  }

  function fade(colour, alpha) {
    const [red, green, blue] = colour.match(/[\d.]+/g);
    return `rgba(${red}, ${green}, ${blue}, ${alpha})`;
  }

  function fixed(size, digits) {
    return size.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  }

  function magnitude(size, kind) {
    switch (kind) {
      case "fraction": return fixed(size * 100, size < 10 ? 2 : 0) + "%";
      case "probability": return fixed(size * 100, 1) + "%";
      case "count": return fixed(size, Number.isInteger(size) ? 0 : 1);
      case "money": return fixed(size, size < 1000 ? 2 : 0);
      case "bars":
      case "days": return `${fixed(size, 1)} ${kind}`;
      case "tenths": return fixed(size, 1);
      case "ratio": return fixed(size, size < 100 ? 2 : 0);
      case "price": return size >= 10 ? fixed(size, 2) : size >= 1 ? fixed(size, 4) : String(Number(size.toPrecision(6)));
      default: return size.toLocaleString("en-US", { maximumSignificantDigits: 6 });
    }
  }

  // the twin of _numbers.format_number
  function number(value, kind) {
    if (value === null || value === undefined || Number.isNaN(value)) return "n/a";
    const text = magnitude(Math.abs(value), kind);
    return value < 0 && /[1-9]/.test(text) ? MINUS + text : text;
  }

  function brief(value, kind) {
    const size = Math.abs(value);
    const percent = kind === "fraction" || kind === "probability";
    const scaled = percent ? size * 100 : size;
    const text = scaled.toLocaleString("en-US", { notation: "compact", maximumSignificantDigits: scaled < 1000 ? 4 : 3 });
    return (value < 0 && /[1-9]/.test(text) ? MINUS : "") + text + (percent ? "%" : "");
  }

  function word(value) {
    return typeof value === "number" ? number(value, "plain") : String(value);
  }

  const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

  function date(seconds, daily) {
    const iso = new Date(seconds * 1000).toISOString();
    return daily ? iso.slice(0, 10) : iso.slice(0, 16).replace("T", " ");
  }

  function tip(title, rows) {
    const box = document.createElement("div");
    box.className = "tip";
    const head = box.appendChild(document.createElement("p"));
    head.textContent = title;
    for (const [name, value] of rows) {
      const row = box.appendChild(document.createElement("div"));
      row.appendChild(document.createElement("span")).textContent = name;
      row.appendChild(document.createElement("b")).textContent = value;
    }
    return box;
  }

  function tooltip(theme, more) {
    return {
      confine: true,
      transitionDuration: 0,
      backgroundColor: theme.surface,
      borderColor: theme.lineStrong,
      textStyle: { color: theme.ink },
      padding: [8, 11],
      ...more,
    };
  }

  function axis(theme, more) {
    return {
      axisLine: { show: false, onZero: false, lineStyle: { color: theme.lineStrong } },
      axisTick: { show: false },
      axisLabel: { color: theme.inkSoft, fontSize: 12, hideOverlap: true, ...(more && more.label) },
      nameTextStyle: { color: theme.inkSoft, fontSize: 12 },
      splitLine: { lineStyle: { color: theme.line } },
      ...(more && more.axis),
    };
  }

  // ascending numbers are sent as a start and steps in a common unit
  function unstep({ start, unit, steps }) {
    const values = [start];
    for (const step of steps) values.push(values[values.length - 1] + step * unit);
    return values;
  }

  // the name of an upright axis reads across, above it
  function topName(theme, name) {
    return {
      name, nameLocation: "end", nameGap: 12, nameMoveOverlap: false,
      nameTextStyle: { color: theme.inkSoft, fontSize: 12, align: "left", padding: [0, 0, 0, -26] },
    };
  }

  // generated names differ at their end as often as at their start, so the middle goes
  function shortened(name, most) {
    if (name.length <= most) return name;
    const half = Math.floor((most - 1) / 2);
    return `${name.slice(0, half)}\u2026${name.slice(-half)}`;
  }

  function define(kind, drawing) {
    kinds[kind] = drawing;
  }

  function draw(context) {
    const { element } = context;
    context.theme = theme();
    context.narrow = element.clientWidth < 520;
    if (context.drawing.height) element.style.height = `${context.drawing.height(context)}px`;
    const first = !context.chart;
    if (first) {
      context.chart = echarts.init(element, null, { renderer: "canvas" });
      context.chart.on("finished", () => { element.dataset.drawn = "true"; });
    } else {
      context.chart.resize();
    }
    const option = {
      animation: false,
      useUTC: true,
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
      ...context.drawing.option(context),
    };
    context.chart.setOption(option, { notMerge: true });
    if (first && context.drawing.ready) context.drawing.ready(context);
  }

  function open(element) {
    const name = element.dataset.chart;
    const context = { element, name, data: charts[name], charts, state: {}, drawing: kinds[element.dataset.kind] };
    context.redraw = () => attempt(context);
    drawn.set(name, context);
    attempt(context);
    return context;
  }

  function attempt(context) {
    try {
      draw(context);
    } catch (error) {
      window.__reportErrors.push(`${context.name}: ${error.message}`);
      context.element.classList.add("failed");
      context.element.textContent = `This chart could not be drawn: ${error.message}`;
    }
  }

  return { charts, drawn, define, open, theme, fade, number, brief, word, date, tip, tooltip, axis, topName, shortened, unstep, MONTHS };
})();
