// Short lists are chosen by typing too: a code or the pinyin of a title, initials or whole, beside what the browser itself does.

const PAUSE = 900; // milliseconds after which typing begins anew

/** Bring all short lists below an element to life. */
export function startSelects(below) {
  for (const select of below.querySelectorAll("select[data-typed]:not([data-live])")) start(select);
}

function start(select) {
  select.dataset.live = "yes";
  let typed = "";
  let at = 0;
  select.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || !/^[a-z0-9]$/i.test(event.key)) return;
    typed = (event.timeStamp - at < PAUSE ? typed : "") + event.key.toLowerCase();
    at = event.timeStamp;
    const found = [...select.options].find((one) => one.value && (one.dataset.keys?.split(" ").some((key) => key.startsWith(typed)) || one.value.toLowerCase().startsWith(typed)));
    if (!found) return;
    event.preventDefault();
    if (select.value === found.value) return;
    select.value = found.value;
    for (const kind of ["input", "change"]) select.dispatchEvent(new Event(kind, { bubbles: true }));
  });
}
