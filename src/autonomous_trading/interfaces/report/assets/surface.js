// The objective over two parameters: brighter is better, the outline holds the plateau, the ring is the chosen set.
"use strict";

(() => {
  const { number, tip, tooltip, axis, topName, define } = Report;
  // viridis: even steps of lightness, the same order for every kind of colour vision
  const VIRIDIS = ["#440154", "#482878", "#3e4989", "#31688e", "#26828e", "#1f9e89", "#35b779", "#6ece58", "#b5de2b", "#fde725"];

  // the sides of plateau cells that do not touch another plateau cell
  function outline(data) {
    const width = data.x.length;
    const inside = (column, row) =>
      column >= 0 && column < width && row >= 0 && row < data.y.length && data.plateau[row * width + column] === 1;
    const sides = [];
    data.plateau.forEach((flag, cell) => {
      if (!flag) return;
      const [column, row] = [cell % width, Math.floor(cell / width)];
      if (!inside(column - 1, row)) sides.push([column, row, -1, -1, -1, 1]);
      if (!inside(column + 1, row)) sides.push([column, row, 1, -1, 1, 1]);
      if (!inside(column, row - 1)) sides.push([column, row, -1, -1, 1, -1]);
      if (!inside(column, row + 1)) sides.push([column, row, -1, 1, 1, 1]);
    });
    return sides;
  }

  function plateau(data, colour) {
    return {
      type: "custom", silent: true, z: 6, data: data.plateau ? outline(data) : [], encode: { x: 0, y: 1 },
      renderItem: (params, api) => {
        const [x, y] = api.coord([api.value(0), api.value(1)]);
        const [width, height] = api.size([1, 1]);
        const at = (dx, dy) => [x + (dx * width) / 2, y - (dy * height) / 2];
        const [x1, y1] = at(api.value(2), api.value(3));
        const [x2, y2] = at(api.value(4), api.value(5));
        return { type: "line", shape: { x1, y1, x2, y2 }, style: { stroke: colour, lineWidth: 2.5, lineCap: "square" } };
      },
    };
  }

  define("surface", {
    option({ data, theme, narrow }) {
      const { objective } = data;
      const width = data.x.length;
      const cells = data.values.map((value, cell) => [cell % width, Math.floor(cell / width), value]).filter((cell) => cell[2] !== null);
      const values = cells.map((cell) => cell[2]);
      const place = (names, short, naming) => ({
        ...axis(theme, { label: { formatter: (name, index) => short[index] } }), type: "category", data: names, ...naming, splitLine: { show: false }, boundaryGap: true,
      });
      return {
        grid: { left: 4, right: narrow ? 8 : 16, top: 30, bottom: 70, containLabel: true },
        xAxis: place(data.x, data.xShort, { name: data.xName, nameLocation: "middle", nameGap: 28 }),
        yAxis: place(data.y, data.yShort, topName(theme, data.yName)),
        visualMap: {
          type: "continuous", seriesIndex: 0, dimension: 2, min: Math.min(...values), max: Math.max(...values), orient: "horizontal",
          left: "center", bottom: 2, itemHeight: narrow ? 130 : 220, itemWidth: 12, textStyle: { color: theme.inkSoft, fontSize: 12 },
          text: [Math.max(...values), Math.min(...values)].map((value) => number(value, objective.kind)),
          inRange: { color: objective.maximize ? VIRIDIS : [...VIRIDIS].reverse() },
        },
        tooltip: tooltip(theme, {
          trigger: "item",
          formatter: ({ value }) => tip(objective.label, [
            ["Value", number(value[2], objective.kind)],
            [data.xName, data.x[value[0]]],
            [data.yName, data.y[value[1]]],
          ]),
        }),
        series: [
          { type: "heatmap", data: cells, progressive: 0, itemStyle: { borderWidth: 0 }, emphasis: { itemStyle: { borderColor: theme.ink, borderWidth: 1.5 } } },
          plateau(data, theme.ink),
          {
            type: "scatter", data: data.chosen ? [data.chosen] : [], silent: true, z: 9, symbol: "circle", symbolSize: 16,
            itemStyle: { color: "transparent", borderColor: theme.chosen, borderWidth: 3.5, opacity: 1 },
          },
        ],
      };
    },
  });
})();
