// Bars as they were checked: the close with every finding where it is, and how much of each year is there.
"use strict";

(() => {
  const { number, date, tip, tooltip, axis, unstep, define, timeAxis } = Report;
  const LOOKS = {
    error: ["diamond", "loss", 12],
    warning: ["circle", "chosen", 9],
    note: ["triangle", "benchmark", 8],
  };

  function checkedAxis(data) {
    const time = unstep(data.time);
    return { row: time.map((_, i) => i), time, daily: data.daily, spans: [] };
  }

  function findings(data, severity, theme) {
    const [symbol, colour, symbolSize] = LOOKS[severity];
    const { marks } = data;
    return {
      type: "scatter", name: severity, symbol, symbolSize, z: severity === "error" ? 8 : 6,
      data: marks.row.map((row, i) => [row, data.close[row], i]).filter(([, , i]) => data.findings[marks.finding[i]].severity === severity),
      itemStyle: { color: theme[colour], borderColor: theme.surface, borderWidth: 1, opacity: 1 },
    };
  }

  function markTip({ data }, i) {
    const { severity, code, message } = data.findings[data.marks.finding[i]];
    return tip(`${severity}: ${code}`, [[message, ""], ["At", data.marks.when[i]]]);
  }

  define("checked", {
    option(context) {
      const { data, theme } = context;
      context.axis = context.axis || checkedAxis(data);
      const { time, row } = context.axis;
      const [from, to] = context.state.window || [0, row.length - 1];
      return {
        ...timeAxis.option(context, { from, to, slider: true }),
        grid: { left: 4, right: 4, top: 14, bottom: 52, containLabel: true },
        yAxis: { ...axis(theme, { label: { formatter: (value) => number(value, "plain") } }), type: "value", scale: true, position: "right" },
        tooltip: tooltip(theme, {
          trigger: "item",
          formatter: ({ seriesType, value }) => (seriesType === "scatter"
            ? markTip(context, value[2])
            : tip(date(time[value[0]], data.daily), [["Close", number(value[1], "price")]])),
        }),
        series: [
          {
            type: "line", name: "close", data: row.map((at) => [at, data.close[at]]), showSymbol: false, z: 3,
            lineStyle: { color: theme.strategy, width: 1.5 }, itemStyle: { color: theme.strategy },
          },
          ...Object.keys(LOOKS).map((severity) => findings(data, severity, theme)),
        ],
      };
    },
    ready: (context) => timeAxis.watch(context, []),
  });

  define("coverage", {
    option({ data, theme }) {
      return {
        grid: { left: 4, right: 4, top: 14, bottom: 4, containLabel: true },
        xAxis: { ...axis(theme), type: "category", data: data.years, splitLine: { show: false } },
        yAxis: { ...axis(theme, { label: { formatter: (value) => number(value, "probability") } }), type: "value", min: data.least, max: 1, position: "right" },
        tooltip: tooltip(theme, {
          trigger: "axis", axisPointer: { type: "shadow" },
          formatter: (items) => tip(data.years[items[0].dataIndex], [["Bars there", number(data.shares[items[0].dataIndex], "fraction")]]),
        }),
        series: [{ type: "bar", data: data.shares, itemStyle: { color: theme.strategy }, barMaxWidth: 40 }],
      };
    },
  });
})();
