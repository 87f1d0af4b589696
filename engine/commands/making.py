"""`guiju new`: a system, document type, field, print, decision table or code list to begin with.

What it makes is complete and sound: it passes `guiju check`, and a document type brings an example for `guiju test`.
Each file has the line that editors take their help from. Nothing that stands is overwritten.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from engine.commands import inserting, scaffolds
from engine.commands.composition import Composition
from engine.commands.output import fault, line, meant
from engine.commands.parsers import Verbs, verb
from engine.commands.recording import Unusable
from engine.console import say
from engine.loading import DiskTree, Loaded, load
from engine.loading.editor import modeline
from engine.model.field_types import FIELD_TYPES
from engine.model.system import SHARED

_ID = re.compile(r"[a-z][a-z0-9_]*")
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_REFERRING = {"ref": ("to", "document"), "refs": ("to", "document"), "code": ("in", "code"), "codes": ("in", "code")}
_UNPRINTED = ("table", "password", "file", "image", "json")
_FIRST_NODE = "demo"
_NAMES = {
    "system": "ID", "document": "SYSTEM/ID", "field": "SYSTEM/DOCUMENT.FIELD", "print": "SYSTEM/DOCUMENT/ID",
    "table": "SYSTEM/ID", "codes": "SYSTEM/ID",
}  # fmt: skip


def add(verbs: Verbs) -> None:
    """`new system | document | field | print | table | codes NAME`."""
    example = "guiju new field office/leave.kind --title 类别 --type code --in leave_kinds"
    parser = verb(verbs, "new", say("new.help"), example, act)
    parser.add_argument("what", choices=tuple(_NAMES))
    parser.add_argument("name", help="; ".join(f"{kind}: {form}" for kind, form in _NAMES.items()))
    parser.add_argument("--title", default="", help=say("new.title"))
    parser.add_argument("--role", default="", help=say("new.role"))
    parser.add_argument("--type", default="text", help=say("new.type"))
    parser.add_argument("--to", default="", metavar="DOCUMENT", help=say("new.to"))
    parser.add_argument("--in", default="", dest="codes", metavar="CODES", help=say("new.in"))
    parser.add_argument("--required", action="store_true", help=say("new.required"))


def act(composition: Composition, options: argparse.Namespace) -> int:
    """Run the verb."""
    parts = tuple(re.split(r"[/.]", options.name))
    form = _NAMES[options.what]
    if len(parts) != len(re.split(r"[/.]", form)) or not all(_fits(options.what, part) for part in parts):
        fault(say("new.form", name=options.name, form=form, what=options.what, example=form.lower()))
        return 1
    making = _Making(composition.definitions, options, parts)
    try:
        making.make()
    except Unusable as wrong:
        for text in wrong.lines:
            fault(text)
        return 1
    return 0


def _fits(what: str, part: str) -> bool:
    return bool((_PLAIN if what in ("field", "print") else _ID).fullmatch(part))


class _Making:
    """One call of the verb."""

    def __init__(self, root: Path, options: argparse.Namespace, parts: tuple[str, ...]) -> None:
        self.root, self.options, self.parts = root, options, parts
        self.title = options.title or parts[-1]

    @property
    def loaded(self) -> Loaded:
        """The definitions as they stand now, problems and all."""
        return load(DiskTree(self.root))

    def make(self) -> None:
        """Do what is asked. Raises Unusable."""
        if self.options.what != "system" and not (self.root / self.parts[0] / "system.yaml").exists():
            self._unknown("system", self.parts[0], self.loaded.definitions.systems)
        getattr(self, f"_{self.options.what}")()

    # --- one of each -----------------------------------------------------------------------------------------------

    def _system(self) -> None:
        (name,) = self.parts
        if not (self.root / SHARED).is_dir():
            self._write(scaffolds.office(_FIRST_NODE, name, self.title))
            return
        self._write({f"{name}/system.yaml": scaffolds.system(name, self.title, self._roles())})
        nodes = sorted((self.root / "nodes").glob("*.yaml"))
        for path in nodes if len(nodes) == 1 else ():
            text = path.read_text(encoding="utf-8")
            path.write_text(inserting.system_into_node(text, name), encoding="utf-8")
            line(say("new.runs", path=path, name=name))
        if len(nodes) != 1:
            line(say("new.node", name=name))

    def _document(self) -> None:
        system, name = self.parts
        roles = self.loaded.definitions.systems[system].roles
        role = self.options.role or next(iter(roles), "")
        if role not in roles:
            self._unknown("role", role, roles)
        self._write(scaffolds.document(system, name, self.title, role))
        self._insert(self.root / system / "system.yaml", "menu", f"  - {{title: {self.title}, pages: [{name}]}}")

    def _field(self) -> None:
        system, document, name = self.parts
        options, kind = self.options, self.options.type
        path = self.root / system / document / "document.yaml"
        if not path.exists():
            self._unknown("document", document, self.loaded.names.known("document", system))
        if kind not in FIELD_TYPES:
            self._unknown("type", kind, FIELD_TYPES)
        keys = {"title": self.title, "type": kind}
        if kind in _REFERRING:
            key, known = _REFERRING[kind]
            keys[key] = self._referred(key, known, options.to if key == "to" else options.codes)
        if kind == "table":
            keys["fields"] = "{name: {title: 名称, type: text}}"
        if options.required:
            keys["required"] = "true"
        written = ", ".join(f"{key}: {text}" for key, text in keys.items())
        self._insert(path, "fields", f"  {name}: {{{written}}}")
        if options.required:
            line(say("new.scenarios", document=document, name=name))

    def _print(self) -> None:
        system, document, name = self.parts
        loaded = self.loaded
        key = loaded.names.key("document", document, system)
        declared = loaded.definitions.documents.get(key or "")
        if declared is None:
            self._unknown("document", document, loaded.names.known("document", system))
        else:
            plain = {one.name: one.title.zh for one in declared.fields.values() if one.kind not in _UNPRINTED}
            title = self.options.title or declared.title.zh
            self._write(scaffolds.printed(f"{system}/{document}", document, name, title, plain))

    def _table(self) -> None:
        system, name = self.parts
        self._write(scaffolds.table(system, name, self.title))

    def _codes(self) -> None:
        system, name = self.parts
        self._write(scaffolds.codes(system, name))

    # --- parts ---------------------------------------------------------------------------------------------------

    def _roles(self) -> Mapping[str, str]:
        """The roles that accounts may hold, by title; those of a first system where none are listed."""
        definitions = self.loaded.definitions
        for node in definitions.nodes.values():
            accounts = node.accounts
            document = definitions.documents.get(accounts.document) if accounts is not None else None
            field = document.fields.get(accounts.roles) if document is not None and accounts is not None else None
            codes = definitions.codes.get(field.type.of) if field is not None else None
            if codes is not None:
                return {entry.code: str(entry.columns.get("title") or entry.code) for entry in codes.entries}
        return scaffolds.FIRST_ROLES

    def _referred(self, key: str, kind: str, name: str) -> str:
        known = self.loaded.names.known(kind, self.parts[0])
        if not name:
            raise Unusable(say("new.needs", type=self.options.type, key=key, known=", ".join(known)))
        if self.loaded.names.key(kind, name, self.parts[0]) is None:
            hint = say("new.codes", name=f"{self.parts[0]}/{name}") if kind == "code" else ""
            self._unknown(kind, name, known, hint)
        return name

    def _unknown(self, kind: str, name: str, known: Iterable[str], hint: str = "") -> None:
        said = say(f"new.kind.{kind}")
        raise Unusable(say("new.unknown", kind=said, name=name, near=meant(name, list(known)), hint=hint))

    def _write(self, texts: Mapping[str, str]) -> None:
        standing = [file for file in texts if (self.root / file).exists()]
        if standing:
            raise Unusable(*(say("new.stands", path=self.root / file) for file in standing))
        for file, text in texts.items():
            path = self.root / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(modeline(file, self.root) + text, encoding="utf-8")
            line(f"{path}")

    def _insert(self, path: Path, section: str, text: str) -> None:
        whole, at = inserting.under(path.read_text(encoding="utf-8"), section, text)
        path.write_text(whole, encoding="utf-8")
        line(f"{path}:{at}")
