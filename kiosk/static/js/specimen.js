// The page of specimens: keys and paging alive, nothing sent.
import { Keyboard } from "./keyboard.js";
import { layOut } from "./paging.js";
import { load } from "./pinyin.js";

const quiet = { changed: () => {}, finished: () => {}, candidatesAt: document.body.dataset.candidates };

await load(document.body.dataset.pinyin).catch(() => {});
for (const box of document.querySelectorAll("[data-specimen-keys]")) {
  const field = box.querySelector("input");
  const keys = new Keyboard(box, quiet);
  keys.open(field);
  if (box.dataset.specimenKeys === "text") for (const letter of "zhang") keys.act(letter);
}
for (const pad of document.querySelectorAll("[data-keypad]")) {
  new Keyboard(pad.querySelector("[data-mount]"), { ...quiet, inline: true }).open(pad.querySelector("input"));
}
layOut(document, () => {});
