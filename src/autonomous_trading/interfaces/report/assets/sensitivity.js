// How the chosen set depends on its values: one parameter at a time, and shares of the variance.
"use strict";

(() => {
  const { fade, number, brief, word, tip, tooltip, axis, shortened, define } = Report;

  // ---- one parameter at a time -------------------------------------------------------------------------------------

  // from the lowest to the highest value nearby, the chosen one between them
  function nearby(data) {
    const places = data.values.map((_, i) => i).filter((i) => data.near[i] || i === data.chosen);
    return places.length > 1 ? [data.values[places[0]], data.values[places[places.length - 1]]] : null;
  }

  define("alone", {
    option({ data, theme }) {
      const at = (i) => (data.numeric ? data.values[i] : data.short[i]);
      const points = data.values.map((_, i) => [at(i), data.scores[i], i]);
      const edges = data.numeric ? nearby(data) : null;
      const spread = data.bounds === null ? 0 : (data.bounds[1] - data.bounds[0]) * 0.06;
      const across = data.numeric
        ? { ...axis(theme, { label: { formatter: word } }), type: "value", min: "dataMin", max: "dataMax", splitLine: { show: false }, splitNumber: 4 }
        : { ...axis(theme), type: "category", data: data.short, splitLine: { show: false } };
      return {
        grid: { left: 4, right: 16, top: 12, bottom: 4, containLabel: true },
        xAxis: { ...across, axisLine: { show: true, onZero: false, lineStyle: { color: theme.lineStrong } } },
        yAxis: {
          ...axis(theme, { label: { formatter: (value) => brief(value, data.objective.kind), showMinLabel: false, showMaxLabel: false } }),
          type: "value", splitNumber: 4,
          ...(data.bounds === null ? {} : { min: data.bounds[0] - spread, max: data.bounds[1] + spread }),
        },
        tooltip: tooltip(theme, {
          trigger: "item",
          formatter: (item) => tip(data.parameter, [
            ["Value", word(data.values[item.value[2]])],
            [data.objective.label, number(data.scores[item.value[2]], data.objective.kind)],
          ]),
        }),
        series: [
          {
            type: "line", name: "alone", data: points, z: 4, connectNulls: false, symbol: "circle", symbolSize: data.numeric ? 5 : 9,
            lineStyle: { color: theme.strategy, width: data.numeric ? 2 : 0 }, itemStyle: { color: theme.strategy },
            markArea: edges === null ? undefined : {
              silent: true, itemStyle: { color: fade(theme.chosen, 0.14) }, data: [[{ xAxis: edges[0] }, { xAxis: edges[1] }]],
            },
          },
          {
            type: "scatter", name: "chosen", data: [points[data.chosen]], z: 9, silent: true, symbol: "circle", symbolSize: 15,
            itemStyle: { color: "transparent", borderColor: theme.chosen, borderWidth: 3, opacity: 1 },
          },
        ],
      };
    },
  });

  // ---- shares of the variance --------------------------------------------------------------------------------------

  function whiskers(theme, data) {
    return {
      type: "custom", silent: true, z: 6, data: data.names.map((_, i) => [Math.max(0, data.low[i]), data.high[i], i]),
      encode: { x: [0, 1], y: 2 }, clip: false,
      renderItem: (params, api) => {
        const [x1, y] = api.coord([api.value(0), api.value(2)]);
        const [x2] = api.coord([api.value(1), api.value(2)]);
        const ends = [x1, x2].map((x) => ({ type: "line", shape: { x1: x, y1: y - 4, x2: x, y2: y + 4 }, style: { stroke: theme.ink, lineWidth: 1.5 } }));
        const line = { type: "line", shape: { x1, y1: y, x2, y2: y }, style: { stroke: theme.ink, lineWidth: 1.5 } };
        const i = api.value(2);
        const text = number(data.total[i], "probability");
        const [end] = api.coord([Math.max(data.high[i], data.total[i], data.alone[i]), i]);
        const label = { type: "text", style: { x: end + 10, y, text, fill: theme.ink, font: "13px system-ui, sans-serif", verticalAlign: "middle" } };
        return { type: "group", children: [line, ...ends, label] };
      },
    };
  }

  define("sobol", {
    height: ({ data }) => Math.max(120, data.names.length * 36 + 34),
    option({ data, theme, narrow }) {
      return {
        grid: { left: 4, right: 64, top: 4, bottom: 4, containLabel: true },
        xAxis: { ...axis(theme, { label: { formatter: (value) => brief(value, "fraction") } }), type: "value", min: 0 },
        yAxis: {
          ...axis(theme, { label: { color: theme.ink, fontSize: 13, formatter: (name) => shortened(name, narrow ? 14 : 30) } }),
          type: "category", inverse: true, data: data.names, splitLine: { show: false },
        },
        tooltip: tooltip(theme, {
          trigger: "item",
          formatter: ({ dataIndex: i }) => tip(data.names[i], [
            ["Explains alone", number(data.alone[i], "probability")],
            ["Has a part in", number(data.total[i], "probability")],
            ["Interval", `${number(data.low[i], "probability")} to ${number(data.high[i], "probability")}`],
          ]),
        }),
        series: [
          { type: "bar", data: data.total.map((share) => Math.max(0, share)), barWidth: 18, z: 3, itemStyle: { color: fade(theme.strategy, 0.35) } },
          { type: "bar", data: data.alone.map((share) => Math.max(0, share)), barWidth: 18, barGap: "-100%", z: 4, itemStyle: { color: theme.strategy } },
          whiskers(theme, data),
        ],
      };
    },
  });
})();
