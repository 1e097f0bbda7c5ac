// Tables that sort: numbers by their value, words by the alphabet, unknown values always last.
"use strict";

Report.tables = (() => {
  function keyOf(row, column, kind) {
    const cell = row.cells[column];
    if (kind !== "number") return cell.textContent;
    return cell.dataset.v === "" ? null : Number(cell.dataset.v);
  }

  function compare(first, second, kind) {
    if (first === null || second === null) return (first === null) - (second === null);
    return kind === "number" ? first - second : first.localeCompare(second, "en");
  }

  function sort(button) {
    const heading = button.closest("th");
    const body = heading.closest("table").tBodies[0];
    const { kind } = button.dataset;
    const rising = heading.getAttribute("aria-sort") !== "ascending";
    const column = heading.cellIndex;
    const keyed = [...body.rows].map((row) => [keyOf(row, column, kind), row]);
    keyed.sort(([first], [second]) => {
      const order = compare(first, second, kind);
      return first === null || second === null || rising ? order : -order;
    });
    for (const other of heading.parentElement.cells) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", rising ? "ascending" : "descending");
    body.append(...keyed.map(([, row]) => row));
  }

  // bring one trade into view on the candles, with a little of what came before and after
  function showTrade(button) {
    const context = Report.drawn.get("price");
    const [entry, exit] = [...button.closest("tr").querySelectorAll("td.time")].map((cell) => Number(cell.dataset.v));
    const { lowerBound, zoom } = Report.timeAxis;
    const [from, to] = [entry, exit].map((moment) => lowerBound(context.axis.time, moment));
    const room = Math.max(20, Math.round((to - from) * 0.6));
    zoom(context, from - room, to + room);
    context.element.scrollIntoView({ block: "center" });
    context.element.focus({ preventScroll: true });
  }

  return { sort, showTrade };
})();
