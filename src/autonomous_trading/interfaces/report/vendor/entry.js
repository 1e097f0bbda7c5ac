// What the report needs of Apache ECharts and nothing else; echarts.min.js is built from this file (see VERSION).
import { use } from "echarts/core";
import { BarChart, CandlestickChart, CustomChart, HeatmapChart, LineChart, ScatterChart } from "echarts/charts";
import {
  DataZoomInsideComponent,
  DataZoomSliderComponent,
  GridComponent,
  MarkAreaComponent,
  MarkLineComponent,
  TooltipComponent,
  VisualMapContinuousComponent,
} from "echarts/components";
import { CanvasRenderer } from "echarts/renderers";

use([
  BarChart, CandlestickChart, CustomChart, HeatmapChart, LineChart, ScatterChart,
  DataZoomInsideComponent, DataZoomSliderComponent, GridComponent, MarkAreaComponent, MarkLineComponent,
  TooltipComponent, VisualMapContinuousComponent, CanvasRenderer,
]);

export { init, version } from "echarts/core";
