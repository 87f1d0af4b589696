"""Building of fields: of documents, child tables, questions and parameters.

In: entries judged by the schema, parts already merged. Out: `engine.model.documents.Field`s. Knows field types and how
references name their target; whether formulas make sense is found later.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from engine.loading.entry import Entry, formula_of, given_of, row_source, text_of
from engine.loading.names import Found, Names
from engine.loading.nearest import nearest
from engine.loading.phrases import TypePhrase, read_size, read_type
from engine.loading.piece import Origin, Piece, is_mapping
from engine.model.documents import Field
from engine.model.field_types import FIELD_TYPES
from engine.model.formula import Formula, Given, RowSource, Title
from engine.model.types import INTEGER, Kind, Type
from engine.problems import Problem, Span

# Types of parameters and questions that are no field types.
ROWS_OF, RECORD, ROW_OF, ANY_DOCUMENT = "rows", "record", "row", "document"
_PARAMETERS = (ROWS_OF, RECORD, ROW_OF, ANY_DOCUMENT)
# Kinds of elements whose ids may be handed over as a value.
_IDS = ("mapping", "channel", "print", "notice", "table", "field", "event")
_LISTED = {Kind.CODE, Kind.CODES}
_CAPTURED = {Kind.FILE, Kind.FILES}


class FieldBuilder:
    """Builds fields with the names that are in reach."""

    def __init__(self, names: Names) -> None:
        self.names = names

    def fields(self, entries: Mapping[str, Entry]) -> dict[str, Field]:
        """Fields by name."""
        return {name: self.field(name, entry) for name, entry in entries.items()}

    def field(self, name: str, entry: Entry) -> Field:
        """One field."""
        phrase = self._phrase(entry)
        kind_type = self._type(entry, phrase)
        rows = entry.entry("rows", "row_limits")
        value, copied = entry.piece("value"), entry.piece("from")
        captured = (
            copied is not None and kind_type.kind in _CAPTURED and copied.raw.isidentifier() and "." not in copied.raw
        )
        return Field(
            name=name,
            title=entry.title(),
            kind=phrase.kind,
            type=kind_type,
            where=entry.where,
            hint=entry.title("hint"),
            required=_condition(entry, "required", default=False),
            show=_condition(entry, "show", default=True),
            edit=entry.condition("edit", default=None),
            default=entry.given("default"),
            value=None if value is None or is_mapping(value.value) else formula_of(value),
            copied=None if copied is None or is_mapping(copied.value) or captured else formula_of(copied),
            filter=entry.formula("where"),
            find=entry.formula("find"),
            newest=entry.text("newest"),
            back=entry.text("back"),
            check=entry.formula("check"),
            unique=entry.flag("unique"),
            minimum=entry.limit("min"),
            maximum=entry.limit("max"),
            digits=phrase.digits,
            scale=phrase.scale,
            rows_min=(rows.whole("min") if rows else None) or 0,
            rows_max=rows.whole("max") if rows else None,
            fields=self.fields(entry.entries("fields", "field")),
            filled=_filled(value, copied),
            listed=_listed(value),
            many=entry.flag("many"),
            accept=entry.names("accept"),
            max_size=_size(entry),
            protect="protect" in entry,
            mask=entry.text("mask"),
            widget=entry.text("widget"),
            of=entry.text("of"),
            key=entry.text("key"),
            capture=copied.raw if captured and copied is not None else "",
            english=entry.text("english"),
            also=entry.names("also"),
        )

    def type_of(self, entry: Entry) -> Type:
        """The type that an entry's `type` and `in` or `to` name."""
        return self._type(entry, self._phrase(entry))

    def parameters(self, entry: Entry, key: str = "takes") -> dict[str, Field]:
        """Parameters: types in one phrase, or fields written out."""
        piece = entry.piece(key)
        found = {} if piece is None else piece.entries()
        return {
            name: self.field(name, Entry.of(item, "field")) if is_mapping(item.value) else self._parameter(name, item)
            for name, item in found.items()
        }

    def _parameter(self, name: str, piece: Piece) -> Field:
        kind_type, phrase = self.phrase_type(piece)
        default = None
        if phrase.default:
            start = phrase.default_at
            where = piece.where.shifted(start, start + len(phrase.default))
            default = Given(None, Formula(phrase.default, where), where)
        return Field(
            name, Title(), phrase.kind, kind_type, piece.where,
            required=not phrase.optional, default=default, digits=phrase.digits, scale=phrase.scale,
        )  # fmt: skip

    def phrase_type(self, piece: Piece) -> tuple[Type, TypePhrase]:
        """The type that a phrase names; a document type's own id is a reference to it."""
        phrase = self._known_phrase(piece, read_type(text_of(piece)) or TypePhrase("text"))
        of_where = piece.where.shifted(phrase.of_at, phrase.of_at + len(phrase.of)) if phrase.of else piece.where
        kind = FIELD_TYPES.get(phrase.kind)
        if kind is not None:
            of = self._target(kind, phrase.kind, phrase.of, of_where, piece.origin)
            if of and kind is Kind.TEXT:
                kind = Kind.CODE
            return Type(kind, of, phrase.optional), phrase
        if phrase.kind in _PARAMETERS:
            return self._parameter_type(phrase, of_where, piece.origin), phrase
        found = self.names.find("document", phrase.kind, piece.origin.system)
        if not found.key and not found.ambiguous and phrase.kind in _IDS:
            return Type(Kind.TEXT, optional=phrase.optional), TypePhrase("text", optional=phrase.optional)
        key = self.names.resolve("document", phrase.kind, piece.origin.system, piece.where, piece.origin.problems)
        return Type(Kind.REF, key, phrase.optional), TypePhrase(
            "ref", key, phrase.optional, default=phrase.default, default_at=phrase.default_at
        )

    def _known_phrase(self, piece: Piece, phrase: TypePhrase) -> TypePhrase:
        """The phrase; where its type is not there, told, the one that is probably meant."""
        if phrase.kind in (*FIELD_TYPES, *_PARAMETERS, *_IDS):
            return phrase
        if self.names.find("document", phrase.kind, piece.origin.system) != Found():
            return phrase
        return replace(phrase, kind=self._unknown_type(phrase.kind, piece.where, piece.origin) or phrase.kind)

    def _parameter_type(self, phrase: TypePhrase, where: Span, origin: Origin) -> Type:
        if phrase.kind == ANY_DOCUMENT:
            return Type(Kind.REF, "", phrase.optional)
        if phrase.kind == ROWS_OF:
            return Type(Kind.LIST, phrase.of, phrase.optional, item=INTEGER)
        of = phrase.of
        if phrase.kind == RECORD and of:
            of = self.names.resolve("document", of, origin.system, where, origin.problems)
        return Type(Kind.ROW, of, phrase.optional)

    def _phrase(self, entry: Entry) -> TypePhrase:
        piece = entry.piece("type")
        if piece is None or piece.value is None:
            entry.missing("type")
            return TypePhrase("text")
        phrase = read_type(text_of(piece))
        known = phrase is not None and (phrase.kind in FIELD_TYPES or phrase.kind in _PARAMETERS)
        if phrase is None or not known:
            meant = self._unknown_type(text_of(piece), piece.where, piece.origin, documents=False)
            return TypePhrase(meant or "text")
        return phrase

    def _type(self, entry: Entry, phrase: TypePhrase) -> Type:
        kind = FIELD_TYPES.get(phrase.kind)
        of_key = "to" if kind in (Kind.REF, Kind.REFS) else "in"
        target = entry.piece(of_key)
        name = phrase.of or (text_of(target) if target is not None and target.value is not None else "")
        where = entry.at("type") if phrase.of or target is None else target.where
        origin = entry.origin if target is None else target.origin
        if kind is None:
            return self._parameter_type(phrase, where, origin)
        if kind is Kind.FILE and entry.flag("many"):
            kind = Kind.FILES
        self._needs_target(entry, kind, name)
        of = self._target(kind, phrase.kind, name, where, origin)
        return Type(Kind.CODE if of and kind is Kind.TEXT else kind, of)

    def _needs_target(self, entry: Entry, kind: Kind, name: str) -> None:
        if name:
            return
        if kind in _LISTED:
            entry.missing("in")
        elif kind in (Kind.REF, Kind.REFS):
            entry.missing("to")

    def _target(self, kind: Kind, word: str, name: str, where: Span, origin: Origin) -> str:
        """Registry key of a code list or document type; `any` is the empty key."""
        if not name or (kind in (Kind.REF, Kind.REFS) and name == Kind.ANY):
            return ""
        if kind in _LISTED or kind is Kind.TEXT:
            return self.names.resolve("code", name, origin.system, where, origin.problems)
        if kind not in (Kind.REF, Kind.REFS):
            origin.problems.append(Problem("SHP011", where, {"type": word, "name": name}))
            return ""
        if self.names.find("document", name, origin.system) == Found():
            if key := self.names.key("ledger", name, origin.system):
                return key
            owner, _, table = name.rpartition(".")
            if owner and (key := self.names.key("document", owner, origin.system)):
                return f"{key}.{table}"
        return self.names.resolve("document", name, origin.system, where, origin.problems)

    def _unknown_type(self, word: str, where: Span, origin: Origin, *, documents: bool = True) -> str:
        """Report a type that there is not; the one that it is probably meant to be, with which reading goes on."""
        known = [*FIELD_TYPES, *(self.names.known("document", origin.system) if documents else ())]
        near = nearest(word, known)
        origin.problems.append(Problem("SHP012", where, {"type": word}, near))
        return near


def _condition(entry: Entry, key: str, *, default: bool) -> bool | Formula:
    found = entry.condition(key, default=default)
    return default if found is None else found


def _filled(value: Piece | None, copied: Piece | None) -> RowSource | None:
    for piece, keep in ((value, False), (copied, True)):
        if piece is not None and is_mapping(piece.value) and "each" in piece.value:
            return row_source(Entry.of(piece, "row_source"), keep=keep)
    return None


def _listed(value: Piece | None) -> tuple[Mapping[str, Given], ...]:
    if value is None or not is_mapping(value.value) or "list" not in value.value:
        return ()
    rows = Entry.of(value, "row_source").several("list")
    return tuple({name: given_of(item) for name, item in row.entries().items()} for row in rows)


def _size(entry: Entry) -> int | None:
    piece = entry.piece("max_size")
    if piece is None or piece.value is None:
        return None
    return read_size(piece.raw)


def decimal_of(piece: Piece | None) -> Decimal | None:
    """A number."""
    if piece is None or isinstance(piece.value, bool) or not isinstance(piece.value, int | Decimal):
        return None
    return Decimal(piece.value)
