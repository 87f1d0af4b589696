// Whether the service lives: a stream of events with a beat, a call where it falls silent, a plain screen when nobody
// answers, and the page anew as soon as somebody does.
const SILENT = 6_000;
const PATIENCE = 2_000;
const TRIES = 2;

/** Follow the stream. `told(snapshot)` gets screens, `lost(is)` learns whether the service is gone. */
export function follow(address, ping, told, lost) {
  let heard = performance.now();
  let stream;
  let failures = 0;
  const note = () => {
    heard = performance.now();
    failures = 0;
  };
  const open = () => {
    stream?.close();
    stream = new EventSource(address);
    stream.addEventListener("screen", ({ data }) => {
      note();
      told(JSON.parse(data));
    });
    stream.addEventListener("beat", note);
  };
  const judge = async () => {
    if (performance.now() - heard < SILENT && stream.readyState !== EventSource.CLOSED) return;
    if (await answers(ping)) {
      failures = 0;
      if (stream.readyState === EventSource.CLOSED || performance.now() - heard > 2 * SILENT) {
        heard = performance.now();
        open();
      }
      lost(false);
    } else {
      failures += 1;
      if (failures >= TRIES) lost(true);
    }
  };
  addEventListener("kiosk:cut", () => {
    stream.close();
    judge();
  });
  open();
  setInterval(judge, PATIENCE);
}

/** Whether anybody answers at an address. */
export async function answers(address) {
  try {
    return (await fetch(address, { cache: "no-store", signal: AbortSignal.timeout(PATIENCE) })).ok;
  } catch {
    return false;
  }
}
