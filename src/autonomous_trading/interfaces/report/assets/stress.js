// Stress: histograms with the strategy's own value marked, the curve of costs, and the fan of equity paths.
"use strict";

(() => {
  const { fade, number, brief, date, tip, tooltip, axis, topName, define, timeAxis } = Report;

  function upright(theme, value, line) {
    return { xAxis: value, lineStyle: { color: theme.ink, width: 2, type: "solid", ...line } };
  }

  function marks(...data) {
    return {
      type: "line", data: [], silent: true,
      markLine: { silent: true, symbol: "none", label: { show: false }, data, animation: false },
    };
  }

  // ---- samples -----------------------------------------------------------------------------------------------------

  define("samples", {
    option({ data, theme }) {
      const { edges, counts, own, kind } = data;
      const known = own === null ? [] : [own];
      const bars = {
        type: "custom", clip: true, encode: { x: [0, 1], y: 2 },
        data: counts.map((count, i) => [edges[i], edges[i + 1], count]),
        renderItem: (params, api) => {
          const [left, top] = api.coord([api.value(0), api.value(2)]);
          const [right, bottom] = api.coord([api.value(1), 0]);
          const shape = { x: left + 0.5, y: top, width: Math.max(1, right - left - 1), height: bottom - top, r: [2, 2, 0, 0] };
          return { type: "rect", shape, style: { fill: fade(theme.benchmark, 0.55) } };
        },
      };
      return {
        grid: { left: 4, right: 16, top: 14, bottom: 26, containLabel: true },
        xAxis: {
          ...axis(theme, { label: { formatter: (value) => brief(value, kind), showMinLabel: false, showMaxLabel: false } }),
          type: "value", splitLine: { show: false },
          min: Math.min(edges[0], ...known), max: Math.max(edges[edges.length - 1], ...known),
          axisLine: { show: true, lineStyle: { color: theme.lineStrong } }, name: data.name, nameLocation: "middle", nameGap: 28,
        },
        yAxis: { ...axis(theme), type: "value", minInterval: 1 },
        tooltip: tooltip(theme, {
          trigger: "item",
          formatter: ({ value }) => tip(`${number(value[0], kind)} to ${number(value[1], kind)}`, [[data.what, number(value[2], "count")]]),
        }),
        series: [bars, marks(...known.map((value) => upright(theme, value, { color: theme.strategy, width: 3 })))],
      };
    },
  });

  // ---- costs -------------------------------------------------------------------------------------------------------

  define("cost-curve", {
    option({ data, theme }) {
      const { factors, values, breakEven, kind } = data;
      const points = factors.map((factor, i) => [factor, values[i]]);
      const last = factors[factors.length - 1];
      const shown = breakEven !== null && breakEven <= last ? [upright(theme, breakEven, { type: "dashed" })] : [];
      const nothing = { yAxis: 0, lineStyle: { color: theme.lineStrong, width: 1, type: "solid" } };
      return {
        grid: { left: 4, right: 16, top: 32, bottom: 26, containLabel: true },
        xAxis: {
          ...axis(theme, { label: { formatter: (value) => `${brief(value, "plain")}\u00d7` } }), type: "value", min: factors[0], max: last,
          splitLine: { show: false }, axisLine: { show: true, onZero: false, lineStyle: { color: theme.lineStrong } },
          name: "Costs, in multiples of those assumed", nameLocation: "middle", nameGap: 28,
        },
        yAxis: { ...axis(theme, { label: { formatter: (value) => brief(value, kind) } }), type: "value", scale: true, ...topName(theme, data.name) },
        tooltip: tooltip(theme, {
          trigger: "item", formatter: ({ value }) => tip(`${brief(value[0], "plain")} times the costs`, [[data.name, number(value[1], kind)]]),
        }),
        series: [
          {
            type: "line", data: points, symbol: "circle", symbolSize: 8, z: 5,
            lineStyle: { color: theme.strategy, width: 2.5 }, itemStyle: { color: theme.strategy },
          },
          {
            type: "scatter", data: points.filter(([factor]) => factor === 1), symbolSize: 16, z: 6, silent: true,
            itemStyle: { color: "transparent", borderColor: theme.chosen, borderWidth: 3, opacity: 1 },
          },
          marks(nothing, ...shown),
        ],
      };
    },
  });

  // ---- fan ---------------------------------------------------------------------------------------------------------

  function band(data, low, high, fill) {
    return {
      type: "custom", silent: true, clip: true, z: 2, data: [[data.time[0], data.curves[low][0]]],
      renderItem: (params, api) => {
        const upper = data.curves[high].map((value, i) => api.coord([data.time[i], value]));
        const lower = data.curves[low].map((value, i) => api.coord([data.time[i], value])).reverse();
        return { type: "polygon", shape: { points: [...upper, ...lower] }, style: { fill } };
      },
    };
  }

  function fanTip(data, row) {
    const [low, quarter, middle, more, high] = data.curves.map((curve) => number(curve[row], "ratio"));
    return tip(date(data.time[row], data.daily), [
      ["The run", number(data.real[row], "ratio")], ["Median path", middle],
      ["Half of the paths", `${quarter} to ${more}`], ["Nine in ten", `${low} to ${high}`],
    ]);
  }

  define("fan", {
    option({ data, theme, element }) {
      const line = (values, style) => ({
        type: "line", data: data.time.map((moment, i) => [moment, values[i]]), symbol: "none", z: 5, lineStyle: { width: 2.5, ...style },
        itemStyle: { color: style.color },
      });
      const [from, to] = [data.time[0], data.time[data.time.length - 1]];
      const names = timeAxis.calendar(from, to, Math.max(2, Math.floor(element.clientWidth / 80)));
      const customValues = [...names.keys()];
      const [low, , , , high] = data.curves;
      const [least, most] = [Math.min(...low, ...data.real), Math.max(...high, ...data.real)];
      const logarithmic = least > 0 && most / least > 30;
      return {
        grid: { left: 4, right: 16, top: 14, bottom: 4, containLabel: true },
        xAxis: {
          ...axis(theme, { label: { customValues, formatter: (moment) => names.get(moment) || "" } }),
          axisTick: { show: false, customValues }, type: "value", min: from, max: to, splitLine: { show: false },
        },
        yAxis: {
          ...axis(theme, { label: { formatter: (value) => `${brief(value, "ratio")}\u00d7` } }),
          type: logarithmic ? "log" : "value", scale: true, ...(logarithmic && { min: least, max: most }),
        },
        tooltip: tooltip(theme, {
          trigger: "axis", axisPointer: { type: "line", lineStyle: { color: theme.inkSoft } },
          formatter: (items) => fanTip(data, items[0].dataIndex),
        }),
        series: [
          // lines nobody sees stretch the axis to the ends of the fan
          line(low, { color: theme.benchmark, width: 0 }), line(high, { color: theme.benchmark, width: 0 }),
          band(data, 0, 4, fade(theme.benchmark, 0.22)), band(data, 1, 3, fade(theme.benchmark, 0.35)),
          line(data.curves[2], { color: theme.benchmark, type: "dashed", width: 2 }), line(data.real, { color: theme.strategy }),
        ],
      };
    },
  });
})();
