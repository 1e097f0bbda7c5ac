// A feature under the price it was computed from: two panels, one axis.
"use strict";

(() => {
  const { number, date, tip, tooltip, axis, unstep, define, timeAxis } = Report;

  function line(name, index, row, values, colour) {
    return {
      type: "line", name, xAxisIndex: index, yAxisIndex: index, data: row.map((at) => [at, values[at]]), showSymbol: false,
      connectNulls: false, lineStyle: { color: colour, width: 1.4 }, itemStyle: { color: colour }, z: 3,
    };
  }

  function valueAxis(theme, gridIndex, kind) {
    const base = axis(theme, { label: { formatter: (value) => number(value, kind) } });
    return { ...base, type: "value", scale: true, position: "right", gridIndex, splitNumber: 4 };
  }

  define("feature", {
    option(context) {
      const { data, theme } = context;
      const time = context.axis ? context.axis.time : unstep(data.time);
      context.axis = context.axis || { row: time.map((_, i) => i), time, daily: data.daily, spans: [] };
      const { row } = context.axis;
      const [from, to] = context.state.window || [0, row.length - 1];
      const { xAxis, dataZoom } = timeAxis.option(context, { from, to, slider: true });
      const above = { ...xAxis, gridIndex: 0, axisLabel: { show: false }, axisTick: { show: false } };
      return {
        grid: [
          { left: 4, right: 64, top: 14, height: "40%" },
          { left: 4, right: 64, top: "52%", bottom: 62 },
        ],
        xAxis: [above, { ...xAxis, gridIndex: 1 }],
        yAxis: [valueAxis(theme, 0, "price"), valueAxis(theme, 1, "plain")],
        axisPointer: { link: [{ xAxisIndex: "all" }] },
        dataZoom: dataZoom.map((each) => ({ ...each, xAxisIndex: [0, 1] })),
        tooltip: tooltip(theme, {
          trigger: "axis",
          formatter: (items) => {
            const at = items[0].value[0];
            const value = data.values[at];
            const shown = value === null ? "not known" : number(value, "plain");
            return tip(date(time[at], data.daily), [["Close", number(data.close[at], "price")], [data.name, shown]]);
          },
        }),
        series: [line("close", 0, row, data.close, theme.strategy), line(data.name, 1, row, data.values, theme.chosen)],
      };
    },
    ready: (context) => timeAxis.watch(context, []),
  });
})();
