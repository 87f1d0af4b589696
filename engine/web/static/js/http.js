// Requests of scripts: JSON in and out, with the token against forged requests.

/** The token of this session. */
export function token() {
  return document.querySelector('meta[name="csrf-token"]')?.content ?? "";
}

/** A refused or failed request; `status` is 0 when there was no answer at all. */
export class RequestFailed extends Error {
  constructor(status, body) {
    super(body?.error?.message || String(status));
    this.status = status;
    this.body = body;
  }
}

/** Post JSON; the answer's JSON. Throws RequestFailed. */
export async function postJson(address, body, signal, more = {}) {
  let answer;
  try {
    answer = await fetch(address, {
      method: "POST",
      signal,
      ...more,
      headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": token() },
      body: JSON.stringify(body),
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new RequestFailed(0, null);
  }
  const found = await answer.json().catch(() => null);
  if (!answer.ok) throw new RequestFailed(answer.status, found);
  return found;
}
