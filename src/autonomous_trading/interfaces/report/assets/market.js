// Price with trades, equity against the benchmark, underwater, and the distribution of trades.
"use strict";

(() => {
  const { fade, number, brief, date, tip, tooltip, axis, unstep, define, timeAxis } = Report;
  const MARKS = ["long", "short", "gain", "loss"];
  const MONEY_GROUP = ["equity", "underwater"];

  function priceAxis(data) {
    const time = unstep(data.time);
    return { ...data, time, row: time.map((_, i) => i) };
  }

  function curveAxis({ curves }) {
    return { ...curves, row: unstep(curves.row), time: unstep(curves.time) };
  }

  // ---- price -------------------------------------------------------------------------------------------------------

  function tradesByCandle(trades) {
    const found = new Map();
    const add = (candle, text) => found.set(candle, [...(found.get(candle) || []), text]);
    trades.entry.forEach((candle, i) => add(candle, [
      `Trade ${trades.number[i]} ${trades.side[i] > 0 ? "long" : "short"} entry`, number(trades.entryPrice[i], "price"),
    ]));
    trades.exit.forEach((candle, i) => add(candle, [
      `Trade ${trades.number[i]} exit, ${trades.reasons[trades.reason[i]]}`, number(trades.profit[i], "fraction"),
    ]));
    return found;
  }

  // many marks shrink, so that a whole history stays readable
  function markScale(trades, from, to) {
    const seen = trades.entry.reduce((count, entry, i) => count + (entry <= to && trades.exit[i] >= from), 0);
    return seen > 300 ? 0.45 : seen > 80 ? 0.7 : 1;
  }

  function markSize(pick, scale) {
    const [width, height] = { long: [12, 11], short: [12, 11], gain: [9, 9], loss: [11, 11] }[pick];
    return {
      id: pick, symbolSize: [width * scale, height * scale],
      symbolOffset: [0, { long: 11, short: -11, gain: 0, loss: 0 }[pick] * scale],
    };
  }

  function marks(trades, theme, pick, scale) {
    const styles = {
      long: ["triangle", theme.strategy, trades.entry, trades.entryPrice, 0],
      short: ["triangle", theme.strategy, trades.entry, trades.entryPrice, 180],
      gain: ["circle", theme.gain, trades.exit, trades.exitPrice, 0],
      loss: ["diamond", theme.loss, trades.exit, trades.exitPrice, 0],
    };
    const rules = {
      long: (i) => trades.side[i] > 0,
      short: (i) => trades.side[i] < 0,
      gain: (i) => trades.profit[i] > 0,
      loss: (i) => !(trades.profit[i] > 0),
    };
    const [symbol, colour, candle, price, symbolRotate] = styles[pick];
    const data = trades.number.map((_, i) => i).filter(rules[pick]).map((i) => [candle[i], price[i]]);
    return {
      type: "scatter", data, symbol, symbolRotate, z: 6, ...markSize(pick, scale),
      itemStyle: { color: colour, borderColor: theme.surface, borderWidth: 1, opacity: 1 },
    };
  }

  function journeys(trades, theme) {
    return {
      type: "custom", name: "held", silent: true, z: 4, clip: true,
      // the y dimension is empty on purpose: a trade entered far outside the window must not stretch the price axis
      encode: { x: [0, 1], y: 2 },
      data: trades.number.map((_, i) => [trades.entry[i], trades.exit[i], NaN, i]),
      renderItem: (params, api) => {
        const i = api.value(3);
        const [x1, y1] = api.coord([trades.entry[i], trades.entryPrice[i]]);
        const [x2, y2] = api.coord([trades.exit[i], trades.exitPrice[i]]);
        const stroke = trades.profit[i] > 0 ? theme.gain : theme.loss;
        return { type: "line", shape: { x1, y1, x2, y2 }, style: { stroke, lineWidth: 1.5, lineDash: [5, 4] } };
      },
    };
  }

  function candleTip(context, row) {
    const { data } = context;
    const { time } = context.axis;
    const i = Math.min(Math.max(Math.round(row), 0), time.length - 1);
    const rows = ["open", "high", "low", "close"].map((name) => [name[0].toUpperCase() + name.slice(1), number(data[name][i], "price")]);
    return tip(date(time[i], data.daily), [...rows, ...(context.onCandle.get(i) || [])]);
  }

  define("price", {
    option(context) {
      const { data, theme } = context;
      context.axis = context.axis || priceAxis(data);
      const { time } = context.axis;
      context.onCandle = data.trades ? tradesByCandle(data.trades) : new Map();
      const last = time.length - 1;
      const [from, to] = context.state.window || [Math.max(0, last - (context.narrow ? 90 : 250)), last];
      const candles = {
        type: "candlestick", name: data.symbol || "price", largeThreshold: 2500, barWidth: "64%",
        data: time.map((_, i) => [i, data.open[i], data.close[i], data.low[i], data.high[i]]),
        itemStyle: { color: theme.surface, borderColor: theme.inkSoft, color0: theme.inkSoft, borderColor0: theme.inkSoft },
      };
      const scale = data.trades ? markScale(data.trades, from, to) : 1;
      const trades = data.trades ? [journeys(data.trades, theme), ...MARKS.map((pick) => marks(data.trades, theme, pick, scale))] : [];
      const pointed = { show: true, formatter: ({ value }) => number(value, "price"), color: theme.surface, backgroundColor: theme.inkSoft };
      return {
        ...timeAxis.option(context, { from, to, slider: true }),
        grid: { left: 4, right: 4, top: 14, bottom: 52, containLabel: true },
        yAxis: { ...axis(theme, { label: { formatter: (value) => number(value, "plain") } }), type: "value", scale: true, position: "right", axisPointer: { label: pointed } },
        tooltip: tooltip(theme, {
          trigger: "axis",
          axisPointer: { type: "cross", lineStyle: { color: theme.inkSoft }, crossStyle: { color: theme.inkSoft } },
          formatter: (items) => candleTip(context, items[0].axisValue),
        }),
        series: [candles, timeAxis.bands(context, { named: false, strength: 0.6 }), ...trades],
      };
    },
    ready: (context) => timeAxis.watch(context, [], (from, to) => {
      const { trades } = context.data;
      return trades ? { series: MARKS.map((pick) => markSize(pick, markScale(trades, from, to))) } : {};
    }),
    actions: {
      range(context, value) {
        const { time } = context.axis;
        const last = time.length - 1;
        const [, to] = timeAxis.visible(context);
        const end = value === "all" ? last : Math.min(last, Math.round(to));
        const start = value === "all" ? 0 : timeAxis.lowerBound(time, time[end] - Number(value) * 86400);
        timeAxis.zoom(context, start, end);
      },
    },
  });

  // ---- equity ------------------------------------------------------------------------------------------------------

  function lineStyles(theme) {
    return [
      { color: theme.strategy, width: 2 },
      { color: theme.benchmark, width: 1.5 },
    ];
  }

  function curveTip(context, row, kind) {
    const { axis: bars } = context;
    const i = timeAxis.nearest(bars, row);
    const span = bars.spans.findLast((one) => one.from <= i && i <= one.to);
    const rows = context.data.map((line) => [line.name, number(line.values[i], kind)]);
    return tip(date(bars.time[i], bars.daily), span ? [...rows, ["Sample", span.label]] : rows);
  }

  function valueRange(context, from, to) {
    const first = timeAxis.lowerBound(context.axis.row, from);
    const last = timeAxis.lowerBound(context.axis.row, to + 1);
    let low = Infinity;
    let high = -Infinity;
    for (const line of context.data) {
      for (let i = first; i < last; i++) {
        low = Math.min(low, line.values[i]);
        high = Math.max(high, line.values[i]);
      }
    }
    return [low, high];
  }

  // log values on a linear axis, because a log axis of less than a decade would have a single label
  function logAxis(context, from, to) {
    const [low, high] = valueRange(context, from, to);
    const pad = Math.max(Math.log10(high / low) * 0.05, 0.002);
    const steps = [[1], [1, 3], [1, 2, 5], [1, 1.5, 2, 3, 5, 7], [1, 1.2, 1.4, 1.6, 1.8, 2, 2.5, 3, 3.5, 4, 5, 6, 7, 8, 9]];
    let chosen = [];
    for (const step of steps) {
      const ticks = [];
      for (let power = Math.floor(Math.log10(low)) - 1; power <= Math.ceil(Math.log10(high)); power++) {
        for (const part of step) {
          const tick = Math.log10(part) + power;
          if (tick >= Math.log10(low) - pad && tick <= Math.log10(high) + pad) ticks.push(tick);
        }
      }
      chosen = ticks;
      if (ticks.length >= 4) break;
    }
    if (chosen.length < 2) chosen = [Math.log10(low), Math.log10(high)];
    return {
      min: Math.log10(low) - pad, max: Math.log10(high) + pad,
      axisLabel: { customValues: chosen }, axisTick: { show: false, customValues: chosen },
    };
  }

  function curveOption(context, { kind, height }) {
    const { data, theme, state } = context;
    context.axis = context.axis || curveAxis(context.charts);
    const { row: rows } = context.axis;
    const [from, to] = state.window || [rows[0], rows[rows.length - 1]];
    const log = kind === "money" && state.log;
    const shown = log ? Math.log10 : (value) => value;
    const styles = lineStyles(theme);
    const base = axis(theme, {
      label: { formatter: (value) => brief(log ? 10 ** value : value, kind) },
      axis: log ? logAxis(context, from, to) : {},
    });
    if (log) base.axisLabel = { ...axis(theme).axisLabel, ...base.axisLabel, formatter: (value) => brief(10 ** value, kind) };
    const series = data.map((line, i) => ({
      type: "line", name: line.name, showSymbol: false, z: 5 - i, symbol: "none",
      data: rows.map((row, j) => [row, shown(line.values[j])]),
      lineStyle: styles[i], itemStyle: { color: styles[i].color }, emphasis: { disabled: true },
      areaStyle: kind === "fraction" && i === 0 ? { color: fade(theme.strategy, 0.18) } : undefined,
    }));
    return {
      ...timeAxis.option(context, { from, to, slider: height }),
      grid: { left: 4, right: 4, top: 14, bottom: height ? 52 : 4, containLabel: true },
      yAxis: { ...base, type: "value", scale: true, position: "right", ...(kind === "fraction" ? { max: 0 } : {}) },
      tooltip: tooltip(theme, { trigger: "axis", formatter: (items) => curveTip(context, items[0].axisValue, kind) }),
      series: [...series, timeAxis.bands(context, { named: kind === "money", strength: 1 })],
    };
  }

  define("equity", {
    option: (context) => curveOption(context, { kind: "money", height: true }),
    ready: (context) => timeAxis.watch(context, MONEY_GROUP, (from, to) =>
      (context.state.log ? { yAxis: logAxis(context, from, to) } : {})),
    actions: {
      log(context, value, button) {
        context.state.log = !context.state.log;
        button.setAttribute("aria-pressed", String(context.state.log));
        context.redraw();
      },
    },
  });

  define("underwater", {
    option: (context) => curveOption(context, { kind: "fraction", height: false }),
    ready: (context) => timeAxis.watch(context, MONEY_GROUP),
  });

  // ---- distribution ------------------------------------------------------------------------------------------------

  define("distribution", {
    option({ data, theme }) {
      const { edges, counts } = data;
      const bars = {
        type: "custom", clip: true, encode: { x: [0, 1], y: 2 },
        data: counts.map((count, i) => [edges[i], edges[i + 1], count]),
        renderItem: (params, api) => {
          const [left, top] = api.coord([api.value(0), api.value(2)]);
          const [right, bottom] = api.coord([api.value(1), 0]);
          const fill = api.value(0) >= 0 ? theme.gain : theme.loss;
          return {
            type: "rect", style: { fill },
            shape: { x: left + 0.5, y: top, width: Math.max(1, right - left - 1), height: bottom - top, r: [2, 2, 0, 0] },
          };
        },
      };
      const lines = {
        type: "line", data: [], silent: true,
        markLine: {
          silent: true, symbol: "none", label: { show: false },
          data: [
            { xAxis: data.mean, lineStyle: { color: theme.ink, width: 2, type: "solid" } },
            { xAxis: data.median, lineStyle: { color: theme.ink, width: 2, type: "dashed" } },
          ],
        },
      };
      return {
        grid: { left: 4, right: 16, top: 14, bottom: 26, containLabel: true },
        xAxis: {
          ...axis(theme, { label: { formatter: (value) => brief(value, "fraction") } }), type: "value",
          min: edges[0], max: edges[edges.length - 1], splitLine: { show: false }, axisLine: { show: true, lineStyle: { color: theme.lineStrong } },
          name: "Net profit per trade", nameLocation: "middle", nameGap: 28,
        },
        yAxis: { ...axis(theme), type: "value", minInterval: 1, name: "" },
        tooltip: tooltip(theme, {
          trigger: "item",
          formatter: ({ value }) => tip(`${number(value[0], "fraction")} to ${number(value[1], "fraction")}`, [["Trades", number(value[2], "count")]]),
        }),
        series: [bars, lines],
      };
    },
  });
})();
