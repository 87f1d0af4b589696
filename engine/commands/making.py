"""`guiju new`: a system, a document or a field to begin with, each with the line that editors take their help from."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from engine.commands.composition import Composition
from engine.commands.output import fault, line
from engine.commands.parsers import Verbs, verb
from engine.loading.editor import modeline

_ID = re.compile(r"[a-z][a-z0-9_]*")

_SYSTEM = """system: {id}
title: {title}
uses: [{uses}]
roles:
  clerk: {{title: 经办人}}
menu:
  - {{title: {title}, pages: []}}
"""
_DOCUMENT = """document: {id}
title: {title}
number: "{prefix}{{today:%Y%m%d}}{{seq:04}}"
fields:
  name: {{title: 名称, type: text, max: 60, required: true}}
search: [name, number]
"""
_MACHINE = """machine: {id}
states:
  draft: {{title: 草稿}}
  done:  {{title: 已完成, final: true}}
events:
  enter:  {{title: 保存, from: new, to: draft, by: clerk}}
  finish: {{title: 完成, from: draft, to: done, by: clerk}}
"""
_ACCESS = """access:
  clerk: {{read: "*", create: true, edit: {{when: "state == 'draft'", fields: "*"}}, events: "*", print: "*"}}
"""


def add(verbs: Verbs) -> None:
    """`new system ID | document SYSTEM/ID | field SYSTEM/DOCUMENT.NAME`."""
    example = "guiju new document office/leave --title 请假单"
    parser = verb(verbs, "new", "Begin a system, a document or a field.", example, act)
    parser.add_argument("what", choices=("system", "document", "field"))
    parser.add_argument("name", help="system: ID; document: SYSTEM/ID; field: SYSTEM/DOCUMENT.FIELD")
    parser.add_argument("--title", default="", help="title in Chinese")
    parser.add_argument("--type", default="text", help="type of a new field")


def act(composition: Composition, options: argparse.Namespace) -> int:
    """Run the verb; nothing that stands is overwritten."""
    parts = re.split(r"[/.]", options.name)
    wanted = {"system": 1, "document": 2, "field": 3}[options.what]
    if len(parts) != wanted or not all(_ID.fullmatch(part) or options.what == "field" for part in parts):
        fault(f"{options.name!r}: see guiju new --help")
        return 1
    title = options.title or parts[-1]
    if options.what == "field":
        return _field(composition.definitions / parts[0] / parts[1] / "document.yaml", parts[2], title, options.type)
    folder = composition.definitions.joinpath(*parts)
    made = _system(folder, parts[0], title) if options.what == "system" else _document(folder, parts[1], title)
    return 0 if made else 1


def _system(folder: Path, name: str, title: str) -> bool:
    uses = "shared" if (folder.parent / "shared").is_dir() else ""
    return _write(folder / "system.yaml", folder.parent, _SYSTEM.format(id=name, title=title, uses=uses))


def _document(folder: Path, name: str, title: str) -> bool:
    files = {"document": _DOCUMENT, "machine": _MACHINE, "access": _ACCESS}
    prefix = "".join(part[0] for part in name.split("_")).upper()
    texts = {kind: text.format(id=name, title=title, prefix=prefix) for kind, text in files.items()}
    made = [_write(folder / f"{kind}.yaml", folder.parent.parent, text) for kind, text in texts.items()]
    return all(made)


def _write(path: Path, root: Path, text: str) -> bool:
    if path.exists():
        fault(f"{path} stands already")
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(modeline(path.relative_to(root).as_posix(), root) + text, encoding="utf-8")
    line(f"{path}")
    return True


def _field(path: Path, name: str, title: str, kind: str) -> int:
    """Add one line at the end of `fields:`; the rest of the file stays as it is."""
    if not path.exists():
        fault(f"{path} is not there")
        return 1
    lines = path.read_text(encoding="utf-8").splitlines()
    start = next((index for index, text in enumerate(lines) if text.startswith("fields:")), None)
    if start is None:
        lines += ["fields:"]
        start = len(lines) - 1
    later = range(start + 1, len(lines))
    end = next((i for i in later if lines[i].strip() and not lines[i].startswith(" ")), len(lines))
    while end > start + 1 and not lines[end - 1].strip():
        end -= 1
    lines.insert(end, f"  {name}: {{title: {title}, type: {kind}}}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    line(f"{path}:{end + 1}")
    return 0
