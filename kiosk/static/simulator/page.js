// The simulated cabinet: what stands is asked for twice a second, and drawn anew where it has changed.
const words = JSON.parse(document.getElementById("words").textContent);
const { state: stateAt, act: actAt } = document.body.dataset;
const at = (id) => document.getElementById(id);
const drawn = new Map();
const FAULTS = ["silent", "noise", "split", "glued", "stale", "instead", "flip", "cut", "echo", "delay"];
const FINGERS = ["A", "B", "C"];
const BAD = /lost|forced|left_open|low|active|failed/;

function made(tag, { text, order, press, ...attributes } = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false && value !== undefined) element.setAttribute(name, value === true ? "" : value);
  }
  if (text !== undefined) element.textContent = text;
  if (order) element.dataset.order = JSON.stringify(order);
  if (press !== undefined) element.setAttribute("aria-pressed", String(press));
  element.append(...children.filter((child) => child !== null));
  return element;
}

async function order(told) {
  const answer = await fetch(actAt, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(told) });
  const found = await answer.json().catch(() => ({}));
  at("gone").hidden = answer.ok;
  at("gone").textContent = answer.ok ? words.gone : `${words.wrong}: ${found.wrong ?? answer.status}`;
  await look();
}

function redrawn(id, told, draw) {
  const key = JSON.stringify(told);
  if (drawn.get(id) === key || at(id).contains(document.activeElement) && document.activeElement.matches("input, select")) return;
  drawn.set(id, key);
  const former = document.activeElement?.dataset?.order;
  at(id).replaceChildren(...draw());
  if (former) [...at(id).querySelectorAll("[data-order]")].find((one) => one.dataset.order === former)?.focus();
}

function drawer(board, lock) {
  const { open, items, stuck, wired } = board;
  const states = [open.includes(lock) && "open", items.includes(lock) && "item", stuck.includes(lock) && "stuck", String(lock) in wired && "wired"].filter(Boolean);
  const said = states.map((name) => words[name]).join(", ") || words.shut;
  return made("button", { type: "button", class: ["drawer", ...states].join(" "), text: String(lock), "data-board": board.name, "data-lock": lock, "aria-label": `${board.name} ${lock} ${said}` });
}

function boardOf(board) {
  const locks = Array.from({ length: board.locks }, (_, index) => index + 1);
  const head = made("h3", { text: board.name }, made("small", { text: `${words.pulses} ${board.pulsed}` }));
  return made("div", { class: board.plugged && board.power ? "board" : "board away" }, head, made("div", { class: "drawers" }, ...locks.map((lock) => drawer(board, lock))));
}

function group(title, ...things) {
  return made("div", { class: "group" }, made("b", { text: title }), made("div", { class: "things" }, ...things));
}

function desk(cabinet) {
  const found = [];
  for (const form of ["book", "one_line", "card"]) {
    const papers = cabinet.shelf.filter((one) => one.form === form);
    found.push(group(words[`shelf.${form}`], ...papers.map((one) => made("button", { type: "button", class: `paper ${form}`, text: one.title, title: one.number, order: { act: "lay", item: one.id } }))));
  }
  const cards = cabinet.devices.find((one) => one.adapter === "cards_sdt");
  if (cards) found.push(group("", made("button", { type: "button", text: words.lift, order: { act: "lift" } }), made("button", { type: "button", text: words.lift_during, order: { act: "lift_during", step: "read" } })));
  const finger = cabinet.devices.find((one) => one.kind === "finger");
  if (finger) {
    const one = (name, text) => made("button", { type: "button", text, press: finger.finger === name, order: { act: "finger", finger: name || null } });
    found.push(group(`${words.finger} · ${words.kept} ${Object.keys(finger.kept).join(" ") || "0"}`, one("", words["finger.none"]), ...[...new Set([...Object.values(finger.kept), ...FINGERS])].map((name) => one(name, name)), one("poor", words["finger.poor"])));
  }
  return found;
}

function toggle(title, on, orders) {
  return made("div", { class: "switch" }, made("span", { text: title }), made("button", { type: "button", class: on ? "on" : "off", text: on ? words.on : words.off, order: orders(!on) }));
}

function power(cabinet) {
  const supply = cabinet.devices.find((one) => one.kind === "supply");
  const found = [];
  if (supply) {
    found.push(toggle(words.mains, supply.mains, (on) => ({ act: "mains", on })));
    const low = Number(supply.battery_volt) < 11;
    found.push(made("div", { class: "switch" }, made("span", { text: `${words.battery} ${supply.battery_volt} V` }), made("button", { type: "button", class: low ? "off" : "on", text: low ? words["battery.low"] : words["battery.full"], order: { act: "battery", volt: low ? "13.6" : "10.4" } })));
  }
  found.push(toggle(words.network, cabinet.network, (on) => ({ act: "network", on })));
  found.push(toggle(words.camera, cabinet.camera, (on) => ({ act: "camera", on })));
  return found;
}

function measure(act, name, device) {
  const label = made("label", { for: `m-${name}`, text: words[name] });
  return [label, made("input", { id: `m-${name}`, inputmode: "decimal", value: device[name], "data-measure": act, name })];
}

function air(cabinet) {
  const of = (kind) => cabinet.devices.find((one) => one.kind === kind);
  const climate = of("climate"), current = of("current"), radio = of("radio"), contacts = of("contacts");
  const rows = [
    ...(climate ? [...measure("climate", "temperature", climate), ...measure("climate", "humidity", climate)] : []),
    ...(current ? measure("current", "volt", current) : []),
    ...(radio ? measure("radio", "signal", radio) : []),
  ];
  const found = [made("div", { class: "measure" }, ...rows)];
  if (contacts) {
    const inputs = Array.from({ length: 8 }, (_, index) => index + 1);
    found.push(group(words.inputs, ...inputs.map((input) => made("button", { type: "button", text: String(input), press: contacts.active.includes(input), order: { act: "input", input, active: !contacts.active.includes(input) } })), made("button", { type: "button", text: words["input.pulse"], order: { act: "input", input: 1, ms: 300 } })));
  }
  if (radio?.sent.length) found.push(group(words.sent, ...radio.sent.slice(-3).map(([number, text]) => made("small", { text: `${number}: ${text}` }))));
  return found;
}

function lines(cabinet, health) {
  return cabinet.devices.map((one) => {
    const condition = health[one.name] ?? "new";
    const fault = FAULTS.find((name) => name in one.faults) ?? "none";
    const choice = made("select", { "data-fault": one.name, "aria-label": `${words.fault} ${one.name}` }, ...["none", ...FAULTS].map((name) => made("option", { value: name, text: words[`fault.${name}`], selected: name === fault })));
    return made("tr", {},
      made("td", { text: one.name }, made("small", { text: one.adapter })),
      made("td", {}, made("span", { class: `condition ${condition}`, text: words[`health.${condition}`] })),
      made("td", {}, made("button", { type: "button", class: one.plugged ? "on" : "off", text: one.plugged ? words.on : words.off, order: { act: one.plugged ? "unplug" : "plug", device: one.name } })),
      made("td", {}, made("button", { type: "button", class: one.power ? "on" : "off", text: one.power ? words.on : words.off, order: { act: "power", device: one.name, on: !one.power } })),
      made("td", {}, choice));
  });
}

function heard(found) {
  if (!found.length) return [made("li", { class: "none", text: words.nothing })];
  return found.toReversed().map((one) => made("li", { class: BAD.test(one.name) ? "bad" : "" }, made("time", { text: one.at }), made("span", {}, made("b", { text: one.name }), ` ${Object.entries(one.values).map(([name, value]) => `${name} ${value}`).join(" · ")}`)));
}

function facts(measured) {
  const told = [["temperature", "°C"], ["humidity", "%"], ["volt", "V"], ["cpu", "% CPU"]];
  return told.filter(([name]) => name in measured).map(([name, unit]) => made("span", { text: `${measured[name]}${unit}` }));
}

async function look() {
  try {
    const { cabinet, health, measured, heard: known } = await (await fetch(stateAt)).json();
    const boards = cabinet.devices.filter((one) => one.kind === "lock");
    redrawn("boards", boards, () => boards.map(boardOf));
    redrawn("desk", [cabinet.shelf, cabinet.devices.filter((one) => ["finger", "reader"].includes(one.kind))], () => desk(cabinet));
    redrawn("power", [cabinet.network, cabinet.camera, cabinet.devices.filter((one) => one.kind === "supply")], () => power(cabinet));
    redrawn("air", cabinet.devices.filter((one) => ["climate", "current", "radio", "contacts"].includes(one.kind)), () => air(cabinet));
    redrawn("heard", known, () => heard(known));
    redrawn("facts", measured, () => facts(measured));
    const rows = lines(cabinet, health);
    const key = JSON.stringify([cabinet.devices.map((one) => [one.plugged, one.power, one.faults]), health]);
    const body = at("lines").tBodies[0];
    if (drawn.get("lines") !== key && !body.contains(document.activeElement)) {
      drawn.set("lines", key);
      body.replaceChildren(...rows);
    }
    at("gone").hidden = true;
  } catch {
    at("gone").textContent = words.gone;
    at("gone").hidden = false;
  }
}

const HANDS = {
  door: (board, lock) => ({ act: "door", board, lock }),
  item: (board, lock, states) => ({ act: states.contains("item") ? "take" : "put", board, lock }),
  stick: (board, lock, states) => ({ act: "stick", board, lock, on: !states.contains("stuck") }),
  wire: (board, lock, states) => ({ act: "wire", board, lock, to: states.contains("wired") ? null : lock + 1 }),
};

document.addEventListener("click", (event) => {
  const pressed = event.target.closest("[data-order], .drawers .drawer");
  if (!pressed) return;
  if (pressed.dataset.order) {
    order(JSON.parse(pressed.dataset.order));
    if (at("lines").contains(pressed)) pressed.blur();
    return;
  }
  const hand = document.querySelector("input[name=hand]:checked").value;
  order(HANDS[hand](pressed.dataset.board, Number(pressed.dataset.lock), pressed.classList));
});
document.addEventListener("change", (event) => {
  const { fault, measure: act } = event.target.dataset;
  if (fault) {
    const name = event.target.value;
    order({ act: "fault", device: fault, ...(name === "none" ? {} : { [name]: name === "cut" ? 2 : name === "delay" ? 0.4 : true }) });
    event.target.blur();
  }
  if (act) order({ act, [event.target.name]: event.target.value });
});
look();
setInterval(look, 500);
