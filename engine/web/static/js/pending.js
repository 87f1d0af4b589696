// What a form still waits for before it can go: a form that is sent meanwhile goes when all of it has come.

const waiting = new WeakMap();

/** Note that a form waits for something; gives the promise back. */
export function busy(element, promise) {
  const form = element.closest("form");
  if (!form) return promise;
  const all = waiting.get(form) ?? new Set();
  waiting.set(form, all.add(promise));
  const done = () => all.delete(promise);
  promise.then(done, done);
  return promise;
}

/** Hold a form back while it waits, then send it the same way. */
export function holdBack(form) {
  form.addEventListener(
    "submit",
    (event) => {
      const all = waiting.get(form);
      if (!all?.size) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      Promise.allSettled([...all]).then(() => setTimeout(() => form.requestSubmit(event.submitter)));
    },
    { capture: true },
  );
}
