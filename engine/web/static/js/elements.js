// Making elements without strings of HTML.

const SVG = "http://www.w3.org/2000/svg";
const sprite = new URL("../icons.svg", import.meta.url).pathname;

/** An element with properties, attributes (keys with a dash) and children. */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.includes("-") || name === "role" || name === "for") element.setAttribute(name, value);
    else element[name] = value;
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** An icon of the sprite. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${sprite}#${name}`);
  svg.append(use);
  return svg;
}

/** Call `act` when nothing more has come for `delay` milliseconds; `cancel` and `now` hang on the function. */
export function debounced(act, delay) {
  let timer = 0;
  const later = (...given) => {
    clearTimeout(timer);
    timer = setTimeout(() => act(...given), typeof delay === "function" ? delay() : delay);
  };
  later.cancel = () => clearTimeout(timer);
  return later;
}
