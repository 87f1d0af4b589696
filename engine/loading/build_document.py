"""Building of document types: all that its own files, its parts and its extensions say, as one.

In: `Layers`. Out: a `DocumentSet` with the document, its machine, grants, pages, queries and named actions. Shapes are
completed when all document types are known.
"""

from __future__ import annotations

import keyword
from collections.abc import Mapping
from dataclasses import dataclass

from engine.loading.build_actions import ActionBuilder
from engine.loading.build_fields import FieldBuilder
from engine.loading.build_free_pages import build_beside
from engine.loading.build_machine import MachineBuilder, MachineParts
from engine.loading.build_pages import build_pages
from engine.loading.build_queries import QueryBuilder
from engine.loading.build_rules import build_grant, build_rule
from engine.loading.entry import Entry, formula_of
from engine.loading.parts import Layers, Owned, PartBook, combined
from engine.loading.piece import is_mapping
from engine.model.access import Grant
from engine.model.documents import Document, Field, Freeze, Rule, UniqueKey
from engine.model.free_pages import FreePage
from engine.model.machines import Machine
from engine.model.system import NamedAction, Pages, Query
from engine.model.types import SYSTEM_FIELDS, Kind, Shape, Type

_WORDS = frozenset(keyword.kwlist) | {"true", "false", "null"}


@dataclass(frozen=True, slots=True)
class DocumentSet:
    """Everything that belongs to one document type."""

    document: Document
    machine: Machine
    access: Mapping[str, Grant]
    pages: Mapping[str, Pages]
    beside: FreePage | None
    queries: Mapping[str, Query]
    actions: Mapping[str, NamedAction]


@dataclass(frozen=True, slots=True)
class DocumentBuilder:
    """Builds document types; `shapes` are the shapes that other types see already, filled when all are built."""

    fields: FieldBuilder
    book: PartBook

    def build(self, key: str, layers: Layers) -> DocumentSet:
        """One document type with its registry key."""
        root = layers.root("document")
        actions = layers.named("machine", "actions", "named_action")
        local = {name: f"{key}.{name}" for name in actions}
        builder = ActionBuilder(self.fields.names, local)
        machine = MachineBuilder(self.fields, builder).machine(key, _machine_parts(layers))
        fields, rules = self._fields(layers)
        queries = layers.named("document", "queries", "query")
        return DocumentSet(
            document=self._document(key, layers, root, fields, rules),
            machine=machine,
            access={
                role: build_grant(role, entry) for role, entry in layers.named("access", "access", "grant").items()
            },
            pages={name: page for entry in layers.roots("pages") for name, page in build_pages(key, entry).items()},
            beside=build_beside(key, layers.roots("pages")),
            queries={
                f"{key}.{name}": QueryBuilder(self.fields).query(name, entry, key) for name, entry in queries.items()
            },
            actions={
                local[name]: named_action(name, entry, builder, self.fields, key) for name, entry in actions.items()
            },
        )

    def _document(
        self, key: str, layers: Layers, root: Entry, fields: dict[str, Field], rules: dict[str, Rule]
    ) -> Document:
        was = root.entry("was", "was")
        expect = root.entry("expect", "expect")
        retain = root.piece("retain")
        return Document(
            id=key,
            system=layers.own.system,
            title=root.title(),
            fields=fields,
            shape=Shape(key, {}, document=key),
            where=layers.own.files["document"].where,
            number=root.template("number"),
            business_date=root.formula("business_date"),
            label=root.text("label") or _label(root, fields),
            rules=rules,
            uniques=tuple(key for entry in layers.roots("document") for key in _uniques(entry)),
            freeze=_freeze(root),
            search=_joined(layers, "search"),
            told_apart_by=_joined(layers, "told_apart_by"),
            expected_rows=(expect.whole("rows") if expect else None) or 0,
            expected_children=_children(expect),
            retain={state: piece.raw for state, piece in (retain.entries() if retain else {}).items()},
            renamed=_renamed(was),
            tree=root.text("tree") or _tree(key, fields),
            parts=tuple(layer.id for layer in layers.layers[: layers.parts]),
        )

    def _fields(self, layers: Layers) -> tuple[dict[str, Field], dict[str, Rule]]:
        """Fields with those of parts, and all rules, those that a table's part brings among them."""
        beside = layers.named("rules", "rules", "rule")
        rules = layers.named("document", "rules", "rule")
        for name in rules.keys() & beside.keys():
            related = (rules[name].where,)
            beside[name].report("NAM002", beside[name].where, related=related, kind="@rule", name=name)
        rules |= beside
        built = {name: build_rule(name, entry) for name, entry in rules.items()}
        fields: dict[str, Field] = {}
        for name, entry in layers.named("document", "fields", "field").items():
            _check_name(name, entry, SYSTEM_FIELDS)
            merged, parts = self._table_fields(layers, entry)
            fields[name] = self.fields.field(name, merged)
            for part in parts:
                found = _section(part, "document", "rules", "rule") | _section(part, "rules", "rules", "rule")
                built |= {f"{name}.{rule}": build_rule(rule, found[rule], name) for rule in found}
        return fields, built

    def _table_fields(self, layers: Layers, entry: Entry) -> tuple[Entry, list[Owned]]:
        """A table with the fields of the parts that it uses before its own."""
        parts = self.book.used(entry, entry.origin)
        own = entry.entries("fields", "field")
        merged: dict[str, Entry] = {}
        for part in parts:
            for name, found in _section(part, "document", "fields", "field").items():
                if name in merged and name not in own:
                    entry.report(
                        "NAM004", found.where, related=(merged[name].where,), name=name, document=layers.own.id
                    )
                merged[name] = found
        for name, found in own.items():
            _check_name(name, found, {})
            merged[name] = combined(merged[name], found, (), layers.places) if name in merged else found
        return (TableEntry(entry, merged), parts) if parts else (entry, [])


class TableEntry(Entry):
    """A table whose fields come from several files."""

    __slots__ = ("merged",)

    def __init__(self, entry: Entry, merged: dict[str, Entry]) -> None:
        super().__init__(entry.pieces, entry.shape, entry.where, entry.origin)
        self.merged = merged

    def entries(self, key: str, shape: str) -> dict[str, Entry]:
        """The merged fields; everything else as written."""
        return self.merged if key == "fields" else super().entries(key, shape)


def named_action(
    name: str, entry: Entry, builder: ActionBuilder, fields: FieldBuilder, document: str = ""
) -> NamedAction:
    """An action made of actions."""
    return NamedAction(
        id=name, takes=fields.parameters(entry), do=builder.actions(entry), where=entry.where,
        system=entry.origin.system, document=document, title=entry.title(),
    )  # fmt: skip


def _section(owned: Owned, kind: str, section: str, shape: str) -> dict[str, Entry]:
    piece = owned.files.get(kind)
    return {} if piece is None else Entry.of(piece, kind).entries(section, shape)


def _machine_parts(layers: Layers) -> MachineParts:
    root = layers.root("machine")
    where = layers.own.files["machine"].where if "machine" in layers.own.files else layers.own.files["document"].where
    return MachineParts(
        states=layers.named("machine", "states", "state", ("enter", "leave")),
        events=layers.named("machine", "events", "event", ("do",)),
        timers=layers.named("machine", "timers", "timer"),
        approvals=layers.named("machine", "approvals", "approval"),
        late_events=root.text("late_events"),
        where=where,
    )


def _check_name(name: str, entry: Entry, taken: Mapping[str, object]) -> None:
    if name in taken:
        entry.report("NAM007", entry.where, name=name)
    elif name in _WORDS or not name.isidentifier():
        entry.report("NAM008", entry.where, name=name)


def _uniques(entry: Entry) -> list[UniqueKey]:
    keys = []
    for group in entry.several("unique"):
        pieces = group.items()
        conditions = [
            formula_of(piece.entries()["when"]) for piece in pieces if is_mapping(piece.value) and "when" in piece.value
        ]
        told = [piece.entries()["at"].raw for piece in pieces if is_mapping(piece.value) and "at" in piece.value]
        fields = tuple(piece.raw for piece in pieces if not is_mapping(piece.value))
        keys.append(UniqueKey(fields, conditions[0] if conditions else None, group.where, told[0] if told else ""))
    return keys


def _freeze(root: Entry) -> Freeze:
    freeze = root.entry("freeze", "freeze")
    return Freeze() if freeze is None else Freeze(freeze.names("on"), freeze.names("fields"))


def _joined(layers: Layers, key: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for entry in layers.roots("document") for name in entry.names(key)))


def _children(expect: Entry | None) -> dict[str, int]:
    piece = expect.piece("children") if expect is not None else None
    found = {} if piece is None else piece.entries()
    return {name: one.value for name, one in found.items() if isinstance(one.value, int)}


def _renamed(was: Entry | None) -> dict[str, str]:
    fields = was.piece("fields") if was is not None else None
    return {} if fields is None else {name: piece.raw for name, piece in fields.entries().items()}


def _label(root: Entry, fields: Mapping[str, Field]) -> str:
    """The field that names a record to people: the number, else the first text."""
    if "number" in root:
        return "number"
    return next((name for name, field in fields.items() if field.type.kind is Kind.TEXT), "")


def _tree(key: str, fields: Mapping[str, Field]) -> str:
    """The field that refers to the record above, of the same type."""
    found = (name for name, field in fields.items() if field.type == Type(Kind.REF, key) and field.back)
    return next((name for name in found if fields[name].find is None), "")
