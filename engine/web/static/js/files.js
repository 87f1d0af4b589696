// Attachments go to the server at once, with progress; the form keeps what names them.
import { icon, make } from "./elements.js";
import { token } from "./http.js";
import { busy } from "./pending.js";
import { isShown } from "./preview.js";
import { say } from "./words.js";

/** Bring all file fields below an element to life. */
export function startFiles(below) {
  for (const root of below.querySelectorAll("[data-files]:not([data-live])")) new Files(root);
}

class Files {
  constructor(root) {
    root.dataset.live = "yes";
    this.root = root;
    this.many = "many" in root.dataset;
    this.hidden = root.querySelector("input[type=hidden]");
    this.list = root.querySelector(".file-list");
    const kept = this.hidden.value ? JSON.parse(this.hidden.value) : [];
    this.files = Array.isArray(kept) ? kept : [kept];
    this.held = new Set([...root.querySelectorAll("[data-hash]")].map((row) => row.dataset.hash));
    const input = (this.input = root.querySelector("input[type=file]"));
    input.addEventListener("change", (event) => {
      event.stopPropagation();
      this.take(input.files);
      input.value = "";
    });
    const drop = root.querySelector(".file-drop");
    for (const kind of ["dragover", "dragleave", "drop"]) {
      drop.addEventListener(kind, (event) => {
        event.preventDefault();
        drop.classList.toggle("over", kind === "dragover");
        if (kind === "drop") this.take(event.dataTransfer.files);
      });
    }
    this.draw();
  }

  async take(chosen) {
    const several = this.many ? [...chosen] : [...chosen].slice(0, 1);
    await Promise.all(several.map((file) => this.takeOne(file)));
  }

  async takeOne(file) {
    const row = make("li", {}, icon("file"), make("span", { textContent: file.name }), make("small", { textContent: size(file.size) }));
    this.list.append(row);
    const fault = this.fault(file);
    if (fault) return this.refuse(row, file, fault, false);
    const bar = make("progress", { max: 1, value: 0, "aria-label": `${say("uploading")} ${file.name}` });
    row.append(bar);
    try {
      const stored = await busy(this.root, send(this.root.dataset.upload, file, (share) => (bar.value = share)));
      this.files = this.many ? [...this.files, stored] : [stored];
      if (this.many) row.replaceWith(this.line(stored));
      else this.draw();
      this.keep();
    } catch (error) {
      bar.remove();
      this.refuse(row, file, error.message || say("upload_failed"), true);
    }
  }

  /** What keeps a file from being sent at all; nothing goes up in vain. */
  fault(file) {
    const most = Number(this.root.dataset.most);
    if (!file.size) return say("file_empty");
    if (most && file.size > most) return say("file_large", { size: size(file.size), most: size(most) });
    const kinds = (this.input.accept || "").split(",").filter(Boolean);
    if (!kinds.length || kinds.some((kind) => fits(file, kind))) return "";
    return say("file_kind", { kinds: kinds.map((kind) => kind.replace(/^.*[./]/, "").toUpperCase()).join("、") });
  }

  refuse(row, file, text, mayTryAgain) {
    const told = make("small", { className: "told", role: "alert" }, make("p", { className: "error" }, icon("error"), text));
    row.append(told);
    if (mayTryAgain) {
      const again = make("button", { type: "button", className: "button quiet small", textContent: say("again") });
      again.addEventListener("click", () => (row.remove(), this.takeOne(file)));
      row.append(again);
    }
    row.append(this.remover(() => row.remove(), file.name));
  }

  keep() {
    this.hidden.value = this.files.length ? JSON.stringify(this.many ? this.files : this.files[0]) : "";
    this.hidden.dispatchEvent(new Event("change", { bubbles: true }));
  }

  remover(act, name) {
    const button = make("button", { type: "button", className: "drop-tag", "aria-label": `${say("remove")} ${name}` }, icon("close"));
    button.addEventListener("click", act);
    return button;
  }

  draw() {
    this.list.replaceChildren(...this.files.map((file) => this.line(file)));
  }

  line(file) {
    const name = isShown(file.name)
      ? make("a", { href: this.address(file), "data-preview": file.name, textContent: file.name, target: "_blank", rel: "noopener" })
      : make("span", { textContent: file.name });
    const row = make("li", {}, icon("file"), name, make("small", { textContent: size(file.size) }));
    row.append(
      this.remover(() => {
        this.files = this.files.filter((one) => one !== file);
        row.remove();
        this.keep();
      }, file.name),
    );
    return row;
  }

  /** Files that the document holds come from it; those just brought are one's own until the form is sent. */
  address(file) {
    const { _record } = this.root.closest("form")?.elements ?? {};
    const document = this.root.dataset.upload.split("/upload/")[0];
    return _record && this.held.has(file.hash) ? `${document}/${_record.value}/files/${file.hash}` : `/uploads/${file.hash}`;
  }
}

/** Whether a file is of a kind as `accept` names it: an ending, a media type, or a family of them. */
function fits(file, kind) {
  if (!kind.includes("/")) return file.name.toLowerCase().endsWith(kind.toLowerCase()) || (/^\.jpe?g$/i.test(kind) && /\.jpe?g$/i.test(file.name));
  return kind.endsWith("/*") ? file.type.startsWith(kind.slice(0, -1)) : file.type === kind;
}

/** Send one file up; its stored form. fetch has no progress of what goes up. */
export function send(address, file, progress = () => {}) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const body = new FormData();
    body.append("file", file);
    request.open("POST", address);
    request.setRequestHeader("X-CSRFToken", token());
    request.setRequestHeader("Accept", "application/json");
    request.responseType = "json";
    request.upload.onprogress = (event) => event.lengthComputable && progress(event.loaded / event.total);
    request.onerror = () => reject(new Error(say("upload_failed")));
    request.onload = () =>
      request.status === 201 ? resolve(request.response) : reject(new Error(request.response?.error?.message));
    request.send(body);
  });
}

function size(bytes) {
  const step = bytes % 1000 === 0 ? 1000 : 1024; // limits are declared in round kilobytes
  if (bytes < step) return `${bytes} B`;
  return bytes < step * step ? `${Math.round(bytes / step)} KB` : `${(bytes / step / step).toFixed(1)} MB`;
}
