// Walk-forward: the folds in time, and what each promised in-sample against what it gave afterwards.
"use strict";

(() => {
  const { fade, number, brief, date, tip, tooltip, axis, topName, define, timeAxis } = Report;

  const MOST_NUMBERED = 20; // more would cover each other

  function foldTip(data, i) {
    const [trainStart, trainStop, testStart, testStop] = (data.spans ? data.spans[i] : []).map((moment) => date(moment, true));
    const periods = data.spans ? [["Fitted on", `${trainStart} to ${trainStop}`], ["Judged on", `${testStart} to ${testStop}`]] : [];
    return tip(`Fold ${i + 1}`, [
      ...periods,
      [`${data.objective.label} in-sample`, number(data.inSample[i], data.objective.kind)],
      [`${data.objective.label} out-of-sample`, number(data.outOfSample[i], data.objective.kind)],
    ]);
  }

  function stretch(data, theme, judged) {
    return {
      type: "custom", clip: false, encode: { x: [0, 1], y: 2 },
      data: data.spans.map((span, i) => [span[judged ? 2 : 0], span[judged ? 3 : 1], i]),
      renderItem: (params, api) => {
        const i = api.value(2);
        const [left, y] = api.coord([api.value(0), i]);
        const [right] = api.coord([api.value(1), i]);
        const height = Math.min(20, api.size([0, 1])[1] * 0.66);
        const shape = { x: left, y: y - height / 2, width: Math.max(2, right - left), height, r: 3 };
        const fill = judged ? theme.outOfSample : fade(theme.inSample, 0.3);
        const bar = { type: "rect", shape, style: { fill } };
        if (!judged) return bar;
        const text = number(data.outOfSample[i], data.objective.kind);
        const label = { type: "text", style: { x: right + 6, y, text, fill: theme.ink, font: "12px system-ui, sans-serif", verticalAlign: "middle" } };
        return { type: "group", children: [bar, label] };
      },
    };
  }

  define("folds", {
    height: ({ data, narrow }) => Math.max(narrow ? 140 : 380, Math.min(720, data.spans.length * 28 + 40)),
    option({ data, theme, element }) {
      const moments = data.spans.flat();
      const [from, to] = [Math.min(...moments), Math.max(...moments)];
      const names = timeAxis.calendar(from, to, Math.max(2, Math.floor(element.clientWidth / 80)));
      const customValues = [...names.keys()];
      return {
        grid: { left: 4, right: 56, top: 4, bottom: 4, containLabel: true },
        xAxis: {
          ...axis(theme, { label: { customValues, formatter: (moment) => names.get(moment) || "" } }),
          axisTick: { show: false, customValues }, type: "value", min: from, max: to,
        },
        yAxis: {
          ...axis(theme, { label: { color: theme.ink } }), type: "category", inverse: true, splitLine: { show: false },
          data: data.spans.map((_, i) => `Fold ${i + 1}`),
        },
        tooltip: tooltip(theme, { trigger: "item", formatter: (item) => foldTip(data, item.value[2]) }),
        series: [stretch(data, theme, false), stretch(data, theme, true)],
      };
    },
  });

  define("in-out", {
    option({ charts, data, theme }) {
      const { objective } = data;
      const points = data.inSample.map((value, i) => [value, data.outOfSample[i], i]).filter(([x, y]) => x !== null && y !== null);
      const values = points.flatMap(([x, y]) => [x, y]);
      const [low, high] = [Math.min(...values), Math.max(...values)];
      const pad = (high - low || Math.abs(high) || 1) * 0.08;
      const side = (naming) => ({
        ...axis(theme, { label: { formatter: (value) => brief(value, objective.kind), showMinLabel: false, showMaxLabel: false } }),
        type: "value", min: low - pad, max: high + pad, ...naming,
      });
      return {
        grid: { left: 4, right: 22, top: 32, bottom: 26, containLabel: true },
        xAxis: side({ name: `${objective.label} in-sample`, nameLocation: "middle", nameGap: 30 }),
        yAxis: side(topName(theme, `${objective.label} out-of-sample`)),
        tooltip: tooltip(theme, { trigger: "item", formatter: (item) => foldTip(charts.folds || data, item.value[2]) }),
        series: [
          {
            type: "line", data: [[low - pad, low - pad], [high + pad, high + pad]], symbol: "none", silent: true,
            lineStyle: { color: theme.ink, width: 1.5, type: "dashed", opacity: 0.6 },
          },
          {
            type: "scatter", data: points, symbolSize: points.length > MOST_NUMBERED ? 10 : 22, z: 5, itemStyle: { color: theme.strategy, borderColor: theme.surface, borderWidth: 1.5, opacity: 1 },
            label: { show: points.length <= MOST_NUMBERED, color: theme.surface, fontSize: 11, fontWeight: 600, formatter: (item) => String(item.value[2] + 1) },
          },
        ],
      };
    },
  });
})();
