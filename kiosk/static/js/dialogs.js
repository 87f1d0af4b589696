// Questions in the middle of the page: whether a button is meant, and what a field is chosen from.
import { make } from "./words.js";

const SEEN = 8;

/** Ask before a button counts; true when it does. */
export function confirmed(text, button) {
  const dialog = document.getElementById("ask");
  dialog.querySelector("[data-text]").textContent = text;
  dialog.querySelector("[data-yes]").textContent = button;
  return new Promise((resolve) => {
    const end = (answer) => {
      dialog.onclose = null;
      dialog.close();
      resolve(answer);
    };
    dialog.querySelector("[data-yes]").onclick = () => end(true);
    dialog.querySelector("[data-no]").onclick = () => end(false);
    dialog.onclose = () => resolve(false);
    dialog.showModal();
  });
}

/** Let people choose one of many; gives [value, text], or null where they do not. */
export function chosen(heading, options, previous, next) {
  const dialog = document.getElementById("chooser");
  const list = dialog.querySelector("[data-choices]");
  const pages = dialog.querySelector("[data-pages]");
  dialog.querySelector("h2").textContent = heading;
  let page = 0;
  return new Promise((resolve) => {
    const end = (answer) => {
      dialog.onclose = null;
      dialog.close();
      resolve(answer);
    };
    const turn = (text, step, disabled) => {
      const button = make("button", "step", text);
      button.disabled = disabled;
      button.onclick = () => draw((page += step));
      return button;
    };
    const draw = () => {
      list.replaceChildren();
      for (const [value, text] of options.slice(page * SEEN, (page + 1) * SEEN)) {
        const button = make("button", "choice", text);
        button.onclick = () => end([value, text]);
        list.append(button);
      }
      pages.replaceChildren();
      if (options.length > SEEN) pages.append(turn(previous, -1, page === 0), turn(next, 1, (page + 1) * SEEN >= options.length));
    };
    draw();
    dialog.querySelector("[data-no]").onclick = () => end(null);
    dialog.onclose = () => resolve(null);
    dialog.showModal();
  });
}

/** Close whatever is open: the screen beneath has changed. */
export function closeAll() {
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
}
