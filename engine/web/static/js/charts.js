// Charts and tabs of free pages. A chart is drawn from the data that stands in its own element.
import { init } from "../vendor/charts.mjs";

const FORMS = { line: "line", area: "line", bar: "bar" };
const DAY = /^\d{4}-\d\d(-\d\d( \d\d:\d\d(:\d\d)?)?)?$/;
const drawn = new Map();
const resized = new ResizeObserver((entries) => entries.forEach(({ target }) => fit(target)));

/** A colour of the page's tokens. */
const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

/** Colours for series: the page's own, told apart in light and dark and by those who do not see red and green apart. */
const palette = () => Array.from({ length: 12 }, (_, at) => token(`chart-${at + 1}`));

const number = (text) => (text === null ? null : Number(text));

/** How wide a text is, in signs of full width. */
const wide = (name) => [...name].reduce((sum, sign) => sum + (sign > "\u2e7f" ? 1 : 0.56), 0);

/** How many lines a legend takes beneath a pie. */
function legendLines(names, text, width) {
  let [lines, used] = [1, 0];
  for (const name of names) {
    const long = 32 + wide(name) * text.fontSize;
    if (used && used + long > width - 10) [lines, used] = [lines + 1, 0];
    used += long;
  }
  return lines;
}

function pie(data, text, box) {
  const [first] = data.series;
  const worded = (name) => `${name} ${first?.values[data.categories.indexOf(name)] ?? ""}`;
  const lines = data.categories.length > 8 ? 1 : legendLines(data.categories.map(worded), text, box.clientWidth);
  const room = Math.max(80, box.clientHeight - lines * (text.fontSize + 8) - 14);
  const radius = (Math.min(room, box.clientWidth) / 2) * 0.94;
  return {
    series: [
      {
        type: "pie",
        radius: [radius * 0.65, radius],
        center: ["50%", room / 2],
        itemStyle: { borderColor: token("sheet"), borderWidth: 2 },
        label: { show: false },
        data: data.categories.map((name, at) => ({ name, value: number(first?.values[at] ?? null) })),
      },
    ],
    legend: {
      bottom: 0,
      type: data.categories.length > 8 ? "scroll" : "plain",
      textStyle: text,
      itemHeight: 8,
      itemWidth: 14,
      formatter: worded,
    },
  };
}

function axes(data, text) {
  const line = { lineStyle: { color: token("line") } };
  const days = data.categories.every((name) => DAY.test(name));
  const years = new Set(data.categories.map((name) => name.slice(0, 4)));
  const lying = !days && data.form === "bar" && (data.categories.length > 6 || (data.categories.length > 1 && data.categories.some((name) => wide(name) > 8)));
  const formatter = days && years.size === 1 && data.categories[0].length > 7 ? (name) => name.slice(5) : undefined;
  const along = { type: "category", data: data.categories, axisLabel: { ...text, hideOverlap: true, formatter }, axisLine: line, axisTick: { show: false }, boundaryGap: data.form === "bar", inverse: lying };
  const up = { type: "value", name: data.unit, nameTextStyle: text, axisLabel: text, splitLine: line, minInterval: data.unit ? 0 : 1 };
  return {
    grid: { left: 8, right: days && data.categories[0].length > 10 ? 34 : 16, top: data.series.length > 1 || data.unit ? 34 : 14, bottom: 6, containLabel: true },
    xAxis: lying ? up : along,
    yAxis: lying ? along : up,
    series: data.series.map(({ name, values }) => ({
      name,
      type: FORMS[data.form],
      data: values.map(number),
      stack: data.splits.length && data.form !== "line" ? "all" : undefined,
      areaStyle: data.form === "area" ? { opacity: 0.18 } : undefined,
      barMaxWidth: 28,
      symbol: values.length > 40 ? "none" : "circle",
      symbolSize: 5,
      lineStyle: { width: 2 },
    })),
  };
}

function options(data, box) {
  const text = { color: token("ink-2"), fontFamily: token("sans"), fontSize: Number.parseInt(token("size-chart"), 10) || 12 };
  const several = data.series.length > 1 && data.form !== "pie";
  return {
    animation: !matchMedia("(prefers-reduced-motion: reduce)").matches,
    animationDuration: 250,
    aria: { enabled: true },
    color: palette(),
    textStyle: text,
    legend: several ? { top: 0, left: 0, textStyle: text, itemHeight: 8, itemWidth: 14, type: "scroll", pageIconColor: text.color, pageIconInactiveColor: token("line-strong"), pageTextStyle: text } : undefined,
    // Rich text is drawn by the chart itself: no style reaches the page from inside.
    tooltip: { trigger: data.form === "pie" ? "item" : "axis", renderMode: "richText", backgroundColor: token("raised"), borderColor: token("line-strong"), textStyle: { ...text, color: token("ink") } },
    ...(data.form === "pie" ? pie(data, text, box) : axes(data, text)),
  };
}

/** A chart in the room that its box has now; a pie leaves some of it to its legend. */
function fit(box) {
  const chart = drawn.get(box);
  if (!chart) return;
  chart.resize();
  const data = JSON.parse(box.dataset.chart);
  if (data.form === "pie") chart.setOption(options(data, box));
}

function draw(box) {
  const data = JSON.parse(box.dataset.chart);
  const chart = init(box, null, { renderer: "svg" });
  chart.setOption(options(data, box));
  if (data.address) chart.on("click", ({ dataIndex, seriesIndex }) => follow(data, dataIndex, seriesIndex));
  drawn.set(box, chart);
  resized.observe(box);
}

/** Open what a point is made of. */
function follow(data, at, series) {
  const address = new URL(data.address, location.href);
  address.searchParams.set("x", data.keys[at]);
  if (data.splits.length) address.searchParams.set("split", data.splits[series]);
  location.assign(address);
}

/** Fresh data for a chart that stays where it is. */
function renew() {
  for (const fresh of document.querySelectorAll("[data-chart-of]")) {
    const box = document.getElementById(fresh.dataset.chartOf);
    if (!box || box.dataset.chart === fresh.dataset.fresh) continue;
    box.dataset.chart = fresh.dataset.fresh;
    drawn.get(box)?.setOption(options(JSON.parse(box.dataset.chart), box));
  }
}

function drawAll() {
  renew();
  for (const [box, chart] of drawn) {
    if (box.isConnected) continue;
    resized.unobserve(box);
    chart.dispose();
    drawn.delete(box);
  }
  for (const box of document.querySelectorAll("[data-chart]")) if (!drawn.has(box)) draw(box);
}

/** Show one tab of its group, and put the focus on it. */
function choose(tab) {
  const tabs = [...tab.parentElement.children];
  for (const one of tabs) {
    one.setAttribute("aria-selected", String(one === tab));
    one.tabIndex = one === tab ? 0 : -1;
    document.getElementById(one.getAttribute("aria-controls")).hidden = one !== tab;
  }
  tab.focus();
  drawAll();
}

document.addEventListener("click", ({ target }) => {
  const tab = target.closest('[data-tabs] [role="tab"]');
  if (tab) choose(tab);
});
document.addEventListener("keydown", (event) => {
  const tab = event.target.closest('[data-tabs] [role="tab"]');
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!tab || !step) return;
  const tabs = [...tab.parentElement.children];
  choose(tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length]);
  event.preventDefault();
});
document.addEventListener("change", ({ target }) => target.closest("[data-submit-on-change]")?.requestSubmit());
document.addEventListener("htmx:afterSwap", drawAll);
for (const body of document.querySelectorAll("[data-refresh]")) {
  setInterval(() => document.hidden || body.dispatchEvent(new Event("fresh")), Number(body.dataset.refresh) * 1000);
}
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  for (const [box, chart] of drawn) chart.setOption(options(JSON.parse(box.dataset.chart), box), true);
});
drawAll();
