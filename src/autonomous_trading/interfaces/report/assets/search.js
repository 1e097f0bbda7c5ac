// What the search did: best so far, trade-offs, importance, and the objective against each parameter.
"use strict";

(() => {
  const { fade, number, brief, word, tip, tooltip, axis, topName, shortened, define } = Report;

  function trialTip(trials, i) {
    const rows = trials.objectives.map((objective, k) => [objective.label, number(trials.values[k][i], objective.kind)]);
    const parameters = Object.entries(trials.parameters).map(([name, column]) => [name, word(column[i])]);
    const alike = trials.front[i] > 1 ? [["Sets at this point", number(trials.front[i], "count")]] : [];
    return tip(`Set ${number(trials.number[i], "count")}`, [...rows, ...alike, ...parameters]);
  }

  function valueAxis(theme, objective, more) {
    return {
      ...axis(theme, { label: { formatter: (value) => brief(value, objective.kind) } }),
      type: "value", scale: true, ...more,
    };
  }

  function ring(theme, data) {
    return {
      type: "scatter", name: "chosen", data, z: 9, silent: true, symbol: "circle", symbolSize: 15,
      itemStyle: { color: "transparent", borderColor: theme.chosen, borderWidth: 3, opacity: 1 },
    };
  }

  function cloud(theme, data, size = 5) {
    return {
      type: "scatter", name: "sets", data, symbolSize: size, z: 2, large: false,
      itemStyle: { color: fade(theme.benchmark, data.length > 800 ? 0.3 : 0.5) },
      emphasis: { itemStyle: { color: theme.strategy, opacity: 1 } },
    };
  }

  // ---- history -----------------------------------------------------------------------------------------------------

  define("history", {
    option({ charts, data, theme, state }) {
      const { trials } = charts;
      const k = state.objective || 0;
      const objective = trials.objectives[k];
      const steps = data.steps[k];
      const best = steps.number.map((set, i) => [set, steps.value[i]]);
      if (best.length) best.push([data.total, best[best.length - 1][1]]);
      const chosen = trials.chosen === null ? [] : [[trials.number[trials.chosen], trials.values[k][trials.chosen]]];
      return {
        grid: { left: 4, right: 16, top: 32, bottom: 26, containLabel: true },
        xAxis: {
          ...axis(theme), type: "value", min: 0, max: data.total, splitLine: { show: false },
          axisLine: { show: true, lineStyle: { color: theme.lineStrong } }, name: "Sets tried", nameLocation: "middle", nameGap: 28,
        },
        yAxis: valueAxis(theme, objective, topName(theme, objective.label)),
        tooltip: tooltip(theme, { trigger: "item", formatter: (item) => trialTip(trials, item.value[2]) }),
        series: [
          cloud(theme, trials.number.map((set, i) => [set, trials.values[k][i], i])),
          {
            type: "line", name: "best", data: best, step: "end", symbol: "none", silent: true, z: 5,
            lineStyle: { color: theme.strategy, width: 2.5 },
          },
          ring(theme, chosen),
        ],
      };
    },
    actions: {
      objective(context, value) {
        context.state.objective = Number(value);
        context.redraw();
      },
    },
  });

  // ---- trade-offs --------------------------------------------------------------------------------------------------

  define("pareto", {
    option({ charts, theme, state }) {
      const { trials } = charts;
      const [x, y] = [state.x ?? 0, state.y ?? 1];
      const place = (i) => [trials.values[x][i], trials.values[y][i], i];
      const all = trials.number.map((_, i) => i);
      const sides = [trials.objectives[x], trials.objectives[y]];
      // left to right; where two stand above each other, in the order the stairs climb
      const climb = sides[0].maximize === sides[1].maximize ? -1 : 1;
      // sets with equal objectives are one point of the front: a positive count stands for them all
      const front = all.filter((i) => trials.front[i] > 0).map(place).sort((a, b) => a[0] - b[0] || climb * (a[1] - b[1]));
      const better = sides.map((side) => `${side.label} (${side.maximize ? "more is better" : "less is better"})`);
      return {
        grid: { left: 4, right: 22, top: 32, bottom: 26, containLabel: true },
        xAxis: valueAxis(theme, sides[0], { name: better[0], nameLocation: "middle", nameGap: 30 }),
        yAxis: valueAxis(theme, sides[1], topName(theme, better[1])),
        tooltip: tooltip(theme, { trigger: "item", formatter: (item) => trialTip(trials, item.value[2]) }),
        series: [
          cloud(theme, all.filter((i) => !trials.front[i]).map(place), 6),
          {
            type: "line", data: trials.objectives.length === 2 && x !== y ? front : [], symbol: "none", silent: true, z: 4,
            step: sides[0].maximize ? "start" : "end", lineStyle: { color: theme.strategy, width: 1.5 },
          },
          {
            type: "scatter", name: "front", data: front, symbol: "diamond", symbolSize: 11, z: 6,
            itemStyle: { color: theme.strategy, borderColor: theme.surface, borderWidth: 1.5, opacity: 1 },
          },
          ring(theme, trials.chosen === null ? [] : [place(trials.chosen)]),
        ],
      };
    },
    actions: {
      "axis-x"(context, value) {
        context.state.x = Number(value);
        context.redraw();
      },
      "axis-y"(context, value) {
        context.state.y = Number(value);
        context.redraw();
      },
    },
  });

  // ---- importance --------------------------------------------------------------------------------------------------

  function whiskers(theme, data) {
    return {
      type: "custom", silent: true, z: 5,
      data: data.shares.map((share, i) => [Math.max(0, share - data.errors[i]), share + data.errors[i], i]),
      encode: { x: [0, 1], y: 2 }, clip: false,
      renderItem: (params, api) => {
        const i = api.value(2);
        const [x1, y] = api.coord([api.value(0), i]);
        const [x2] = api.coord([api.value(1), i]);
        const known = data.errors[i] !== null;
        const text = number(data.shares[i], "probability") + (known ? ` \u00b1 ${number(data.errors[i], "probability")}` : "");
        const label = { type: "text", style: { x: x2 + 8, y, text, fill: theme.ink, font: "13px system-ui, sans-serif", verticalAlign: "middle" } };
        const line = { type: "line", shape: { x1, y1: y, x2, y2: y }, style: { stroke: theme.ink, lineWidth: 1.5 } };
        return { type: "group", children: known ? [line, label] : [label] };
      },
    };
  }

  define("importance", {
    height: ({ data }) => Math.max(110, data.names.length * 32 + 34),
    option({ data, theme, narrow }) {
      return {
        grid: { left: 4, right: narrow ? 88 : 110, top: 4, bottom: 4, containLabel: true },
        xAxis: { ...axis(theme, { label: { formatter: (value) => brief(value, "fraction") } }), type: "value", min: 0 },
        yAxis: {
          ...axis(theme, { label: { color: theme.ink, fontSize: 13, formatter: (name) => shortened(name, narrow ? 14 : 30) } }),
          type: "category", inverse: true, data: data.names, splitLine: { show: false },
        },
        tooltip: tooltip(theme, {
          trigger: "item",
          formatter: ({ dataIndex: i }) => tip(data.names[i], [
            ["Share", number(data.shares[i], "probability")],
            ...(data.errors[i] === null ? [] : [["Give or take", number(data.errors[i], "probability")]]),
          ]),
        }),
        series: [
          {
            type: "bar", data: data.shares, barMaxWidth: 18, itemStyle: { color: theme.strategy, borderRadius: [0, 3, 3, 0] },
          },
          whiskers(theme, data),
        ],
      };
    },
  });

  // ---- slices ------------------------------------------------------------------------------------------------------

  define("slice", {
    option({ charts, data, theme }) {
      const { trials } = charts;
      const [objective] = trials.objectives;
      const column = trials.parameters[data.parameter];
      const at = (value) => (data.numeric ? value : String(value));
      const line = (values, type) => ({
        type: "line", data: data.groups.map((group, i) => [at(group), values[i]]), symbol: data.numeric ? "none" : "circle",
        symbolSize: 7, silent: true, z: 5, lineStyle: { color: theme.strategy, width: 2, type }, itemStyle: { color: theme.strategy },
      });
      const chosen = data.chosen === null || trials.chosen === null ? [] : [[at(data.chosen), trials.values[0][trials.chosen]]];
      const across = data.numeric
        ? { ...axis(theme, { label: { formatter: word } }), type: "value", scale: true, splitLine: { show: false }, splitNumber: 5 }
        : { ...axis(theme), type: "category", data: data.groups.map(String), splitLine: { show: false } };
      return {
        grid: { left: 4, right: 12, top: 10, bottom: 4, containLabel: true },
        xAxis: { ...across, axisLine: { show: true, lineStyle: { color: theme.lineStrong } } },
        yAxis: valueAxis(theme, objective, { splitNumber: 4 }),
        tooltip: tooltip(theme, { trigger: "item", formatter: (item) => trialTip(trials, item.value[2]) }),
        series: [
          cloud(theme, column.map((value, i) => [at(value), trials.values[0][i], i]), 4),
          line(data.median, "dashed"),
          line(data.best, "solid"),
          ring(theme, chosen),
        ],
      };
    },
  });
})();
