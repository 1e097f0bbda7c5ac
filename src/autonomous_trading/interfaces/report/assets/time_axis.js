// One axis for everything that runs over bars: positions are bar numbers, so weekends and nights leave no holes, and labels
// fall on the first bar of a year, month, day or hour. Charts that share the axis zoom together; keys zoom and move them.
"use strict";

Report.timeAxis = (() => {
  const DAY = 86400;
  const YEARS = (step) => (moment) => Math.floor(moment.getUTCFullYear() / step);
  const MONTHS = (step) => (moment) => Math.floor((moment.getUTCFullYear() * 12 + moment.getUTCMonth()) / step);
  const SECONDS = (step, shift = 0) => (moment) => Math.floor((moment / 1000 + shift) / step);
  const yearName = (moment) => String(moment.getUTCFullYear());
  const dayName = (moment) => `${moment.getUTCDate()} ${Report.MONTHS[moment.getUTCMonth()]}`;
  const monthName = (moment, before) =>
    moment.getUTCFullYear() === before.getUTCFullYear() ? Report.MONTHS[moment.getUTCMonth()] : yearName(moment);
  const hourName = (moment, before) =>
    moment.getUTCDate() === before.getUTCDate() ? moment.toISOString().slice(11, 16) : dayName(moment);
  // finest first: the first step that gives few enough labels is taken
  const STEPS = [
    ...[60, 300, 900, 1800, 3600, 10800, 21600, 43200].map((step) => [SECONDS(step), hourName]),
    [SECONDS(DAY), dayName], [SECONDS(2 * DAY), dayName], [SECONDS(7 * DAY, 3 * DAY), dayName],
    ...[1, 3, 6].map((step) => [MONTHS(step), monthName]),
    ...[1, 2, 5, 10, 20, 50].map((step) => [YEARS(step), yearName]),
  ];

  function lowerBound(sorted, value) {
    let low = 0;
    let high = sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sorted[middle] < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  function labels(data, from, to, most) {
    const first = Math.max(1, lowerBound(data.row, from));
    const last = Math.min(data.row.length, lowerBound(data.row, to + 1));
    const moments = data.time.slice(first - 1, last).map((seconds) => new Date(seconds * 1000));
    for (const [key, name] of STEPS) {
      const found = new Map();
      for (let i = 1; i < moments.length && found.size <= most; i++) {
        if (key(moments[i]) !== key(moments[i - 1])) {
          found.set(data.row[first - 1 + i], name(moments[i], moments[i - 1]));
        }
      }
      if (found.size <= most) return found;
    }
    return new Map();
  }

  // the same labels for an axis of plain time in seconds, looked up on an even grid
  function calendar(from, to, most) {
    const grid = Array.from({ length: 1000 }, (_, i) => Math.round(from + ((to - from) * i) / 999));
    return labels({ row: grid, time: grid }, from, to, most);
  }

  function visible(context) {
    const [zoom] = context.chart.getOption().dataZoom;
    return [zoom.startValue, zoom.endValue];
  }

  function labelled(context, from, to) {
    const most = Math.max(2, Math.floor(context.element.clientWidth / (context.narrow ? 64 : 95)));
    const names = labels(context.axis, from, to, most);
    const customValues = [...names.keys()];
    return {
      axisLabel: { customValues, formatter: (row) => names.get(row) || "" },
      axisTick: { customValues },
      splitLine: { show: false },
    };
  }

  function stateAt(data, row) {
    const place = Math.min(data.row.length - 1, lowerBound(data.row, row));
    const before = Math.max(0, place - 1);
    return Math.abs(data.row[before] - row) < Math.abs(data.row[place] - row) ? before : place;
  }

  function option(context, { from, to, slider }) {
    const { theme, axis } = context;
    const coarse = window.matchMedia("(pointer: coarse)").matches;
    const last = axis.row[axis.row.length - 1];
    const shared = { startValue: from, endValue: to, filterMode: "weakFilter", minValueSpan: Math.min(16, last) };
    const base = Report.axis(theme);
    const parts = labelled(context, from, to);
    const inside = {
      type: "inside", ...shared, zoomOnMouseWheel: "ctrl", moveOnMouseWheel: false,
      moveOnMouseMove: !coarse, preventDefaultMouseMove: false,
    };
    const band = {
      type: "slider", ...shared, height: 30, bottom: 6, brushSelect: false, borderColor: theme.line,
      backgroundColor: "transparent", fillerColor: Report.fade(theme.strategy, 0.12),
      handleStyle: { color: theme.surface, borderColor: theme.strategy }, moveHandleSize: 0, handleSize: "80%",
      dataBackground: { lineStyle: { color: theme.lineStrong }, areaStyle: { color: theme.line } },
      selectedDataBackground: { lineStyle: { color: theme.strategy }, areaStyle: { color: Report.fade(theme.strategy, 0.2) } },
      textStyle: { color: theme.inkSoft, fontSize: 11 }, showDetail: !context.narrow,
      labelFormatter: (row) => Report.date(axis.time[stateAt(axis, row)], axis.daily),
    };
    return {
      xAxis: {
        ...base, type: "value", min: axis.row[0], max: last,
        axisLine: { show: true, onZero: false, lineStyle: { color: theme.lineStrong } }, ...parts,
        axisLabel: { ...base.axisLabel, ...parts.axisLabel },
        axisPointer: { label: { show: false }, lineStyle: { color: theme.inkSoft, type: "dashed" } },
      },
      dataZoom: slider ? [inside, band] : [inside],
    };
  }

  function zoom(context, from, to) {
    const { row } = context.axis;
    const last = row[row.length - 1];
    const span = Math.min(Math.max(to - from, 16), last - row[0]);
    const start = Math.min(Math.max(from, row[0]), last - span);
    context.chart.dispatchAction({ type: "dataZoom", startValue: start, endValue: start + span });
  }

  // after every zoom: new labels here, the same window in the charts of the same group
  function watch(context, group, after) {
    context.chart.on("datazoom", () => {
      const [from, to] = visible(context);
      context.state.window = [from, to];
      const parts = labelled(context, from, to);
      context.chart.setOption({ xAxis: parts, ...(after ? after(from, to) : {}) });
      for (const name of group) {
        const peer = Report.drawn.get(name);
        if (!peer || peer === context || !peer.chart) continue;
        const seen = visible(peer);
        if (Math.abs(seen[0] - from) > 0.01 || Math.abs(seen[1] - to) > 0.01) zoom(peer, from, to);
      }
    });
  }

  // the wheel scrolls the page; only with Ctrl held does it reach the chart, which would otherwise always swallow it
  function leaveWheelToPage(element) {
    for (const name of ["wheel", "mousewheel"]) {
      element.addEventListener(name, (event) => { if (!event.ctrlKey) event.stopPropagation(); }, { capture: true, passive: true });
    }
  }

  function keys(context) {
    leaveWheelToPage(context.element);
    context.element.addEventListener("keydown", (event) => {
      const [from, to] = visible(context);
      const span = to - from;
      const all = context.axis.row;
      const moves = {
        ArrowLeft: [from - span / 5, to - span / 5],
        ArrowRight: [from + span / 5, to + span / 5],
        "+": [from + span / 6, to - span / 6],
        "=": [from + span / 6, to - span / 6],
        "-": [from - span / 4, to + span / 4],
        0: [all[0], all[all.length - 1]],
      };
      if (!moves[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      zoom(context, ...moves[event.key]);
    });
  }

  // the samples as shaded bands, carried by a line without points; names only while they have room
  function bands(context, { named, strength }) {
    const { theme, axis } = context;
    const fills = {
      warm_up: Report.fade(theme.inSample, 0.05 * strength),
      in_sample: Report.fade(theme.inSample, 0.1 * strength),
      out_of_sample: Report.fade(theme.outOfSample, 0.1 * strength),
    };
    const whole = axis.row[axis.row.length - 1] - axis.row[0];
    const roomy = (span) => (axis.row[span.to] - axis.row[span.from]) / whole > (context.narrow ? 0.24 : 0.08);
    const data = axis.spans.map((span) => [
      {
        xAxis: axis.row[span.from],
        itemStyle: { color: fills[span.kind] },
        label: { show: named && roomy(span), position: "insideTop", color: theme.inkSoft, fontSize: 11, formatter: span.label },
      },
      { xAxis: axis.row[span.to] },
    ]);
    return { type: "line", name: "samples", data: [], silent: true, markArea: { silent: true, data } };
  }

  return { option, calendar, watch, keys, zoom, bands, lowerBound, nearest: stateAt, visible };
})();
