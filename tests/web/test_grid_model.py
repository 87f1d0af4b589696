"""The rows of a child table in the browser, without a browser: what is sent of cells that the engine gives."""

import json
import shutil
import subprocess
from pathlib import Path

import engine.web

SCRIPT = """
import { Model } from %s;
const columns = [
  { name: "from", widget: "text", editable: true },
  { name: "copy", widget: "text", editable: true, sources: [0] },
];
const model = new Model({ columns, editable: true, rows: [{ id: "1", v: ["a", "b"], fixed: [] }] });
const seen = [model.sent()];
model.setCells([[0, 1, ""]]);
seen.push(model.sent());
model.setCells([[0, 0, "c"]]);
seen.push(model.sent());
console.log(JSON.stringify(seen.map((rows) => rows[0].copy)));
"""


def test_a_copy_that_was_emptied_goes_as_null_until_its_source_changes():
    node, model = shutil.which("node"), Path(engine.web.__file__).parent / "static/js/grid/model.js"
    assert node is not None
    script = SCRIPT % json.dumps(model.as_uri())
    done = subprocess.run([node, "--input-type=module", "-e", script], capture_output=True, text=True, check=True)  # noqa: S603 - our own script
    assert json.loads(done.stdout) == ["b", None, ""]
