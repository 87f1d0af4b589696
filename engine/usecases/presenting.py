"""Records as people see them: fields worded, masked and gathered into sections, after the projection.

In: a document type, a record's values, the actor's rights on it. Out: views. Nothing that the rights do not grant gets
into a view; a masked value leaves only its masked text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from engine.access.masks import masked
from engine.access.rights import RecordRights
from engine.documents.compute import row_envs
from engine.documents.field_kinds import text_of
from engine.documents.rules import condition
from engine.expressions.environment import Env
from engine.model.documents import Document, Field
from engine.model.formula import Title
from engine.model.system import Panel
from engine.problems import Finding
from engine.usecases.views import FieldView, SectionView
from engine.usecases.world import RecordWorld

Row = Mapping[str, object]
NO_TITLE = Title()
TRUTH = {"zh": ("否", "是"), "en": ("No", "Yes")}


def label_field(document: Document) -> str:
    """The field that names a record to people."""
    if document.label:
        return document.label
    if document.number is not None:
        return "number"
    texts = (name for name, field in document.fields.items() if field.kind == "text" and not field.protect)
    return next(texts, "number")


class Presenter:
    """Words values for one actor and language within one world."""

    def __init__(self, world: RecordWorld) -> None:
        self.world = world
        self.definitions = world.runtime.definitions
        self.language = world.actor.language
        self._titles: dict[tuple[str, str], str] = {}

    def label(self, document: str, values: Row, rights: RecordRights | None = None) -> str:
        """What a record is called, as far as the actor may know; its id's beginning when it has no name."""
        declared, rights = self.definitions.documents[document], rights or self.rights(document, values)
        name = label_field(declared)
        field, text = declared.fields.get(name), ""
        if field is not None and rights.reads(name):
            text = self._shown_text(field, self.spoken(field, values, rights), name in rights.masked)
        return text or self.number(values, rights) or str(values["id"])[:8]

    def spoken(self, field: Field, values: Row, rights: RecordRights | None = None) -> object:
        """The value of a field as the reader is told it: in English where another field says it so, and may be seen."""
        value, twin = values.get(field.name), field.english
        if self.language != "en" or not twin or value is None:
            return value
        seen = rights is None or (rights.reads(twin) and not {twin, field.name} & rights.masked)
        return (values.get(twin) if seen else None) or value

    def number(self, values: Row, rights: RecordRights) -> str:
        """A record's number, where the actor may know it."""
        return str(values.get("number") or "") if rights.reads("number") else ""

    def apart(self, document: str, values: Row, rights: RecordRights) -> str:
        """What tells a record apart from others of its name, or its number; protected fields are masked in it."""
        declared, texts = self.definitions.documents[document], []
        for name in declared.told_apart_by:
            field = declared.fields[name]
            if rights.reads(name):
                hidden = name in rights.masked or bool(field.protect)
                texts.append(self._shown_text(field, values.get(name), hidden))
        return " · ".join(text for text in texts if text) or self.number(values, rights)

    def text(self, field: Field, value: object) -> str:
        """A value worded: titles of codes, labels of records, the type's own wording."""
        if value is None:
            return ""
        if field.kind == "code":
            return self._code(field.type.of, str(value))
        if field.kind == "codes":
            # Whose account it is that acts, his roles are a set.
            codes = sorted(value) if isinstance(value, frozenset) else value if isinstance(value, tuple) else (value,)
            return "、".join([self._code(field.type.of, str(code)) for code in codes])
        if field.kind in ("ref", "refs"):
            several = value if isinstance(value, tuple) else (value,)
            return "、".join(self._reference(field, str(one)) for one in several)
        if field.kind == "boolean" and self.language in TRUTH:
            return TRUTH[self.language][value is True]
        return text_of(value, field.kind)

    def _code(self, codes: str, code: str) -> str:
        key = (codes, code)
        found = self._titles.get(key)
        if found is None:
            titles = (self.world.code(codes, code, column) for column in (self.language, "title"))
            found = self._titles[key] = str(next(filter(None, titles), code))
        return found

    def _reference(self, field: Field, value: str) -> str:
        document, record_id = _target(field, value)
        row = self.world.follow(document, record_id)
        if row is None:
            return ""
        rights = self.rights(document, row)
        if not rights.reads(label_field(self.definitions.documents[document])):
            return "（无权查看）" if self.language == "zh" else "(not visible)"
        return self.label(document, row, rights)

    def rights(self, document: str, values: Row | None) -> RecordRights:
        """The actor's rights on a record, or in general."""
        held = self.world.runtime.rights(document, self.world.actor)
        return held.in_general() if values is None else held.on(values, self.world)

    # --- fields ------------------------------------------------------------------------------------------------

    def field(
        self,
        field: Field,
        values: Row,
        env: Env,
        rights: RecordRights,
        *,
        editable: frozenset[tuple[str, ...]] = frozenset(),
        findings: Sequence[Finding] = (),
    ) -> FieldView:
        """One field of a record; `editable` are the paths that the present form lets change."""
        path = (field.name,)
        value = values.get(field.name)
        hidden = field.name in rights.masked
        mine = tuple([finding for finding in findings if finding.at[:1] == path]) if findings else ()
        if field.is_table:
            return self._table(field, {} if hidden else values, env, editable, mine)
        return FieldView(
            field.name,
            field,
            None if hidden or field.kind == "password" else value,
            self._shown_text(field, value if path in editable else self.spoken(field, values, rights), hidden),
            condition(field.show, env, True),
            condition(field.required, env),
            path in editable,
            hidden,
            self._link(field, value),
            findings=mine,
        )

    def cell(self, field: Field, values: Row, rights: RecordRights) -> FieldView:
        """One field of a record as a list has it: its text, its value for programs."""
        if field.is_table:
            return self.field(field, values, Env(values, self.world, this=values), rights)
        value, hidden = values.get(field.name), field.name in rights.masked
        seen = None if hidden or field.kind == "password" else value
        text = self._shown_text(field, self.spoken(field, values, rights), hidden)
        return FieldView(field.name, field, seen, text, masked=hidden)

    def _shown_text(self, field: Field, value: object, hidden: bool) -> str:
        text = self.text(field, value)
        return masked(text, field.mask) if hidden and text else text

    def _link(self, field: Field, value: object) -> tuple[str, str] | None:
        if field.kind != "ref" or value is None:
            return None
        document, record_id = _target(field, str(value))
        row = self.world.follow(document, record_id)
        there = row is not None and not row.get("deleted")
        return (document, record_id) if there and self.rights(document, row).any else None

    def _table(
        self, table: Field, values: Row, env: Env, editable: frozenset[tuple[str, ...]], findings: Sequence[Finding]
    ) -> FieldView:
        rows = values.get(table.name) or []
        assert isinstance(rows, list)
        columns = tuple(self._cell(table, field, None, env, editable, ()) for field in table.fields.values())
        by_row: dict[str, list[Finding]] = {}
        for finding in findings:
            by_row.setdefault(finding.at[1] if len(finding.at) > 1 else "", []).append(finding)
        shown = []
        for index, inner in enumerate(row_envs(rows, values, self.world)):
            row, own = rows[index], by_row.get(str(index), ())
            shown.append(
                {name: self._cell(table, field, row, inner, editable, own) for name, field in table.fields.items()}
            )
        return FieldView(
            table.name,
            table,
            shown=condition(table.show, env, True),
            required=table.rows_min > 0 or condition(table.required, env),
            editable=(table.name,) in editable,
            columns=columns,
            rows=tuple(shown),
            row_ids=tuple(str(row["id"]) for row in rows),
            findings=tuple(by_row.get("", ())),
        )

    def _cell(
        self,
        table: Field,
        field: Field,
        row: Row | None,
        env: Env,
        editable: frozenset[tuple[str, ...]],
        findings: Iterable[Finding],
    ) -> FieldView:
        value = None if row is None else row.get(field.name)
        return FieldView(
            field.name,
            field,
            value,
            self.text(field, value if row is None or editable else self.spoken(field, row)),
            True if row is None else condition(field.show, env, True),
            field.required is True if row is None else condition(field.required, env),
            (table.name, field.name) in editable,
            link=None if editable else self._link(field, value),
            findings=tuple(finding for finding in findings if finding.at[2:3] == (field.name,)),
        )

    # --- sections ----------------------------------------------------------------------------------------------

    def sections(
        self,
        document: Document,
        values: Row,
        rights: RecordRights,
        *,
        editable: frozenset[tuple[str, ...]] = frozenset(),
        findings: Sequence[Finding] = (),
        read_only: bool = False,
    ) -> tuple[SectionView, ...]:
        """The panels of a form, or of a page to read, with every field the actor may read."""
        env = Env(values, self.world, this=values)
        made = []
        for panel in self.panels(document, read_only=read_only):
            fields = tuple(
                self.field(document.fields[name], values, env, rights, editable=editable, findings=findings)
                for name in panel.fields
                if name in document.fields and rights.reads(name)
            )
            if fields:
                shown = panel.show is None or panel.show.holds(env)
                made.append(SectionView(panel.title, fields, shown))
        return tuple(made)

    def panels(self, document: Document, *, read_only: bool = False) -> Sequence[Panel]:
        """Declared panels, those of `detail` for a page to read; without any, plain fields first, then each table."""
        what = "detail panels" if read_only else "panels"
        return self.world.runtime.force.once(what, document.id, lambda: self._panels(document, read_only=read_only))

    def _panels(self, document: Document, *, read_only: bool) -> Sequence[Panel]:
        pages = self.definitions.pages.get(document.id)
        declared = () if pages is None else (pages.detail if read_only and pages.detail else pages.form)
        if declared:
            return declared
        plain = tuple(field.name for field in document.fields.values() if not field.is_table)
        tables = [Panel(field.title, (field.name,)) for field in document.fields.values() if field.is_table]
        return [*([Panel(document.title, plain)] if plain else []), *tables]


def _target(field: Field, value: str) -> tuple[str, str]:
    if field.type.of:
        return field.type.of, value
    document, _, record_id = value.partition(":")
    return document, record_id
