// What pages take of ECharts: four forms of charts, drawn as SVG.
import { BarChart, LineChart, PieChart } from "echarts/charts";
import { AriaComponent, GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

use([
  AriaComponent, BarChart, GridComponent, LegendComponent, LineChart, PieChart, SVGRenderer, TooltipComponent,
]);

export { init };
