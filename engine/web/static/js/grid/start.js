// Child tables of a page: each place with data becomes a grid.
import { Grid } from "./grid.js";

/** The grids below an element, by field name. */
export function startGrids(below) {
  const found = {};
  for (const place of below.querySelectorAll("[data-grid]:not([data-live])")) {
    place.dataset.live = "yes";
    const data = JSON.parse(below.querySelector(`[data-grid-data="${CSS.escape(place.dataset.grid)}"]`).textContent);
    const document = `/d/${encodeURIComponent(data.document)}`;
    const grid = new Grid(place, data, {
      options: (path) => `${document}/options/${path}`,
      upload: (path) => `${document}/upload/${path}`,
    });
    place.rows = () => grid.rows();
    found[data.field] = grid;
  }
  return found;
}
