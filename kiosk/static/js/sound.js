// Sounds made by the browser itself: fine, look here, wrong. Loudness is kept on the machine.
const LEVELS = [0.06, 0.2, 0.5];
const KEPT = "kiosk.volume";
const TUNES = {
  ok: [[660, 0, 0.09], [880, 0.1, 0.16]],
  attention: [[740, 0, 0.14], [740, 0.22, 0.14]],
  error: [[320, 0, 0.2], [240, 0.22, 0.32]],
  key: [[1200, 0, 0.02]],
};
const AGAIN = 10_000;
let context;
let reminder;

/** The loudness chosen: 0, 1 or 2. */
export const volume = () => Math.min(2, Math.max(0, Number(localStorage.getItem(KEPT) ?? 1) || 0));

/** Choose the next loudness. */
export function louder() {
  localStorage.setItem(KEPT, String((volume() + 1) % LEVELS.length));
  play("ok");
  return volume();
}

/** Play a tune by its name; nothing for a name that is none. */
export function play(name) {
  const tune = TUNES[name];
  if (!tune) return;
  context ??= new AudioContext();
  if (context.state === "suspended") context.resume().catch(() => {});
  for (const [pitch, after, length] of tune) tone(pitch, context.currentTime + after, length);
}

function tone(pitch, from, length) {
  const voice = context.createOscillator();
  const loud = context.createGain();
  voice.frequency.value = pitch;
  loud.gain.setValueAtTime(0, from);
  loud.gain.linearRampToValueAtTime(LEVELS[volume()], from + 0.01);
  loud.gain.exponentialRampToValueAtTime(0.0001, from + length);
  voice.connect(loud).connect(context.destination);
  voice.start(from);
  voice.stop(from + length + 0.02);
}

/** Play the sound of a screen; what wants to be seen to is played again and again. */
export function announce(name) {
  clearInterval(reminder);
  play(name);
  if (name === "attention" || name === "error") reminder = setInterval(() => play(name), AGAIN);
}
