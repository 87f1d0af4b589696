// Attachments go to the server at once, with progress; the form keeps what names them.
import { icon, make } from "./elements.js";
import { token } from "./http.js";
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
    const input = root.querySelector("input[type=file]");
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
    for (const file of this.many ? chosen : [...chosen].slice(0, 1)) {
      const bar = make("progress", { max: 1, value: 0, "aria-label": `${say("uploading")} ${file.name}` });
      const row = make("li", {}, icon("file"), make("span", { textContent: file.name }), bar);
      this.list.append(row);
      try {
        const stored = await send(this.root.dataset.upload, file, (share) => (bar.value = share));
        this.files = this.many ? [...this.files, stored] : [stored];
        this.draw();
        this.keep();
      } catch (error) {
        bar.replaceWith(make("small", { className: "told" }, make("p", { className: "error" }, error.message || say("upload_failed"))));
        row.append(this.remover(() => row.remove(), file.name));
      }
    }
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
    this.list.replaceChildren(
      ...this.files.map((file, place) =>
        make("li", {}, icon("file"), make("span", { textContent: file.name }), make("small", { textContent: size(file.size) }),
          this.remover(() => {
            this.files.splice(place, 1);
            this.draw();
            this.keep();
          }, file.name),
        ),
      ),
    );
  }
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
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1048576 ? `${Math.round(bytes / 1024)} KB` : `${(bytes / 1048576).toFixed(1)} MB`;
}
