// The page of all components: everything lives, nothing goes anywhere.
import { startCombos } from "./combo.js";
import { startDates } from "./dates.js";
import { startFiles } from "./files.js";
import { startGrids } from "./grid/start.js";
import { startGroups } from "./groups.js";

for (const start of [startCombos, startDates, startFiles, startGroups, startGrids]) start(document);
for (const form of document.querySelectorAll(".specimen-form")) form.addEventListener("submit", (event) => event.preventDefault());
