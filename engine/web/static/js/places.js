// Grids of places: a field opens what lies in it; arrow keys walk from field to field. Without scripts a field is a link.

const grids = () => document.querySelectorAll("[data-places]");
const fields = (grid) => [...grid.querySelectorAll("a.place")];

/** One stop for the tab key in each grid; arrows do the rest. */
function arrange() {
  for (const grid of grids()) fields(grid).forEach((field, at) => (field.tabIndex = at ? -1 : 0));
}

const spot = (field) => {
  const cell = field.closest("td");
  return { row: cell.parentElement.rowIndex, column: cell.cellIndex };
};

/** The nearest taken field in a direction: along the line first. */
function next(grid, from, down, right) {
  const here = spot(from);
  const ahead = fields(grid)
    .map((field) => ({ field, at: spot(field) }))
    .map(({ field, at }) => ({ field, along: (at.row - here.row) * down + (at.column - here.column) * right, aside: Math.abs(down ? at.column - here.column : at.row - here.row) }))
    .filter(({ along }) => along > 0);
  return ahead.sort((a, b) => a.aside - b.aside || a.along - b.along)[0]?.field;
}

function focus(grid, field) {
  for (const one of fields(grid)) one.tabIndex = one === field ? 0 : -1;
  field.focus();
}

const STEPS = { ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1] };

document.addEventListener("keydown", (event) => {
  const field = event.target.closest("a.place");
  if (!field) return;
  const grid = field.closest("[data-places]");
  const [first, last] = [fields(grid)[0], fields(grid).at(-1)];
  const found = { Home: first, End: last }[event.key] ?? (STEPS[event.key] && next(grid, field, ...STEPS[event.key]));
  if (event.key === " ") field.click();
  if (found) focus(grid, found);
  if (found || event.key === " " || STEPS[event.key]) event.preventDefault();
});

document.addEventListener("click", (event) => {
  const field = event.target.closest("[data-place]");
  if (field && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    document.getElementById(field.dataset.place).showModal();
  }
  if (event.target.closest(".within [data-close]")) event.target.closest("dialog").close();
  if (event.target.matches("dialog.within")) event.target.close();
});

document.addEventListener("htmx:afterSwap", arrange);
arrange();
