"""Building of ledgers: their keys, amounts and entries, and the document types in which they are stored.

In: entries judged by the schema. Out: a `LedgerSet`. Accounts and entries are document types without any event, so that
they are read, listed, queried and guarded like every other; only postings write them. Whether an entry adds to amounts
that there are is found by the checks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from engine.expressions import syntax
from engine.expressions.grammar import parse_expression
from engine.expressions.syntax import Parsed
from engine.loading.build_fields import FieldBuilder
from engine.loading.entry import Entry, formula_of, template_of, title_of
from engine.loading.phrases import read_type
from engine.loading.piece import Piece, is_mapping
from engine.model.access import Grant
from engine.model.documents import Document, Field
from engine.model.field_types import FIELD_TYPES
from engine.model.formula import Formula, Title
from engine.model.ledgers import ENTRIES, FROM, KINDS, TO, EntryKind, Ledger, Never
from engine.model.machines import Machine, State
from engine.model.pages import Pages
from engine.model.system import CodeEntry, CodeList
from engine.model.types import DATE, DATETIME, JSON, TEXT, Kind, Shape, Type

KEYS = frozenset({
    Kind.TEXT, Kind.CODE, Kind.REF, Kind.INTEGER, Kind.NUMBER, Kind.BOOLEAN, Kind.DATE, Kind.DATETIME, Kind.TIME,
})  # fmt: skip
"""What can be a key: values that are equal or not."""
NUMBERS = ("integer", "money", "decimal")
_WORDS = frozenset({"values", "today", "now"})


def _own(name: str, zh: str, en: str, kind: str, type_: Type, *, show: bool = True) -> Field:
    return Field(name, Title(zh, en), kind, type_, edit=False, show=show)


OWN = (
    _own("at", "时间", "At", "datetime", DATETIME),
    _own("actor", "经办", "By", "text", TEXT),
    _own("document", "单据", "Document", "ref", Type(Kind.REF)),
    _own("cause", "事件", "Event", "text", TEXT),
    _own("side", "方向", "Side", "text", TEXT),
    _own("posting", "笔", "Posting", "text", TEXT, show=False),
    _own("taken_from", "取自", "Taken from", "text", TEXT, show=False),
    _own("given", "给出的数", "Given", "json", JSON, show=False),
)
"""What every entry tells beside its account and amounts. `cause` is the event, `posting` the same for all that it
posted at once, `taken_from` the posting whose accounts and amounts were taken, `given` what the event gave by name."""
ACCOUNT, ENTRY = "account", "entry"
UNTIL = "until"
OPENING = "opening"
"""The entry by which an account has its amounts from the beginning, where that is told without any event."""


@dataclass(frozen=True, slots=True)
class LedgerSet:
    """A ledger with the document types that keep it, their machines, and the list of its kinds of entries."""

    ledger: Ledger
    documents: tuple[Document, ...]
    codes: CodeList

    @property
    def machines(self) -> Iterator[Machine]:
        """No event at all: what is kept of a ledger is never changed by anybody."""
        return (Machine(one.id, {"": State("", Title())}, {}, where=one.where) for one in self.documents)

    def signed(self, people: str) -> LedgerSet:
        """The same, where entries refer to the document type of those who log in."""
        accounts, entries, *closed = self.documents
        actor = replace(entries.fields["actor"], kind="ref", type=Type(Kind.REF, people))
        entries = replace(entries, fields={**entries.fields, "actor": actor})
        return replace(self, documents=(accounts, entries, *closed)) if people else self

    @property
    def pages(self) -> dict[str, Pages]:
        """Lists are filtered by the keys of accounts; entries by what they are and the first key."""
        ledger, system = self.ledger, self.ledger.system
        keys = [name for name, field in ledger.keys.items() if field.type.kind in KEYS]
        kept = {ledger.id: tuple(keys), ledger.records: (ENTRY, *keys[:1])}
        return {
            name: Pages(document=name, filters=filters, system=system, where=ledger.where)
            for name, filters in kept.items()
        }


def build_ledger(key: str, entry: Entry, fields: FieldBuilder) -> LedgerSet:
    """One ledger with its registry key."""
    keys = {name: _key(fields, name, found) for name, found in entry.entries("per", "ledger_key").items()}
    amounts = {name: _amount(name, piece) for name, piece in _pieces(entry, "amounts")}
    derived = {name: _derived(name, found) for name, found in entry.entries("derived", "ledger_derived").items()}
    ledger = Ledger(
        id=key,
        title=entry.title(),
        system=entry.origin.system,
        keys=keys,
        amounts=amounts,
        derived=derived,
        never=tuple(_never(text, piece) for text, piece in _pieces(entry, "never")),
        entries={name: _kind(name, found) for name, found in entry.entries("entries", "ledger_entry").items()},
        closing=entry.text("closing"),
        where=entry.where,
    )
    closed = (_closings(ledger),) if ledger.closing else ()
    return LedgerSet(ledger, (_accounts(ledger), _entries(ledger), *closed), _codes(ledger))


def ledger_grants(entry: Entry, copies: int) -> dict[str, list[Grant]]:
    """What roles see of a ledger: of its accounts, its entries and closed balances, each with formulas of its own."""
    roles = {role: Entry.of(piece, "ledger_grant") for role, piece in entry.pieces.items() if is_mapping(piece.value)}
    return {role: [_grant(role, found) for _ in range(copies)] for role, found in roles.items()}


def _grant(role: str, entry: Entry) -> Grant:
    return Grant(
        role, entry.formula("rows"), entry.names("read"), entry.names("hide"), entry.names("mask"),
        export=entry.flag("export"), deny=entry.names("deny"), where=entry.where,
    )  # fmt: skip


def _pieces(entry: Entry, key: str) -> Iterator[tuple[str, Piece]]:
    piece = entry.piece(key)
    yield from () if piece is None else piece.entries().items()


# --- keys and amounts ------------------------------------------------------------------------------------------------


def _key(fields: FieldBuilder, name: str, entry: Entry) -> Field:
    """A key: a field that is required unless it is said, and that nothing but a posting gives."""
    read = Entry(entry.pieces, "ledger_key", entry.where, entry.origin)
    length = read.whole("max")
    required = read.flag("required", default=True)
    found = fields.field(name, _Plain(entry))
    return Field(
        name, read.title(), found.kind, found.type, entry.where, hint=read.title("hint"), required=required, edit=False,
        maximum=None if length is None else Decimal(length), digits=found.digits, scale=found.scale,
        mask=read.text("mask"),
    )  # fmt: skip


class _Plain(Entry):
    """A key read as a field: of its keys only those that say its type."""

    __slots__ = ()

    def __init__(self, entry: Entry) -> None:
        kept = {name: piece for name, piece in entry.pieces.items() if name in ("type", "to", "in")}
        super().__init__(kept, entry.shape, entry.where, entry.origin)

    def piece(self, key: str) -> Piece | None:
        return super().piece(key) if key in ("type", "to", "in") else None


def _amount(name: str, piece: Piece) -> Field:
    if not is_mapping(piece.value):
        return Field(name, title_of(piece), "decimal", Type(Kind.NUMBER), piece.key_where, edit=False)
    entry = Entry.of(piece, "ledger_amount")
    return _number(name, entry)


def _derived(name: str, entry: Entry) -> Field:
    return replace(_number(name, entry), value=entry.formula("value") or Formula("null", entry.where))


def _number(name: str, entry: Entry) -> Field:
    """A field of a number; what is none is told, and read as a decimal."""
    text = entry.text("type", "decimal")
    phrase = read_type(text)
    if phrase is None or phrase.kind not in NUMBERS:
        entry.report("LED012", entry.at("type"), name=name, type=text)
        phrase = read_type("decimal")
    assert phrase is not None
    kind = Type(FIELD_TYPES[phrase.kind])
    return Field(
        name, entry.title(), phrase.kind, kind, entry.where, edit=False, digits=phrase.digits, scale=phrase.scale
    )


def _never(text: str, piece: Piece) -> Never:
    """The key is the condition, the value what is said when it would hold."""
    where = piece.key_where
    if piece.origin.source.text[piece.key] in "'\"":
        where = where.shifted(1, len(text) + 1)
    return Never(Formula(text, where), template_of(piece), Formula("", where))


# --- kinds of entries ------------------------------------------------------------------------------------------------


def _kind(name: str, entry: Entry) -> EntryKind:
    sides = {side: _changes(Entry.of(piece, "").pieces) for side in (FROM, TO) if (piece := entry.piece(side))}
    plain = _changes({name: piece for name, piece in entry.pieces.items() if name not in ("title", FROM, TO)})
    if plain or not sides:
        sides = {"": plain, **sides}
    formulas = [formula for changes in sides.values() for formula in changes.values()]
    parameters = dict.fromkeys(name for formula in formulas for name in _names(formula))
    return EntryKind(name, entry.title(), sides, tuple(parameters), entry.where)


def _changes(pieces: Mapping[str, Piece]) -> dict[str, Formula]:
    found = {name: formula_of(piece) for name, piece in pieces.items()}
    return {name: _signed(formula) for name, formula in found.items() if formula is not None}


def _signed(formula: Formula) -> Formula:
    """Without the plus that says that an amount grows; expressions know none before a name."""
    text = formula.text.lstrip()
    if not text.startswith("+"):
        return formula
    bare = text[1:].lstrip()
    start = len(formula.text) - len(bare)
    return Formula(bare, formula.where.shifted(start, len(formula.text)))


def _names(formula: Formula) -> Iterator[str]:
    """Names that a posting has to give."""
    parsed = parse_expression(formula.text, formula.where)
    if isinstance(parsed, Parsed):
        yield from (name for name in _inside(parsed.root) if name not in _WORDS)


def _inside(node: object) -> Iterator[str]:
    if isinstance(node, syntax.Name):
        yield node.name
    elif isinstance(node, tuple):
        for member in node:
            yield from _inside(member)
    elif hasattr(node, "__slots__"):
        for slot in node.__slots__:
            yield from _inside(getattr(node, slot))


# --- document types --------------------------------------------------------------------------------------------------


def _accounts(ledger: Ledger) -> Document:
    fields = {**ledger.keys, **ledger.amounts, **ledger.derived}
    return _document(ledger, ledger.id, ledger.title, fields, next(iter(ledger.keys), ""))


def _entries(ledger: Ledger) -> Document:
    """Entries repeat the keys of their account, so that they are read, filtered and guarded by themselves."""
    account = Field(ACCOUNT, Title("账户", "Account"), "ref", Type(Kind.REF, ledger.id), edit=False, back=ENTRIES)
    entry = Field(ENTRY, Title("账目", "Entry"), "code", Type(Kind.CODE, KINDS + ledger.id), edit=False)
    at, *others = OWN
    keys = {name: replace(field, required=False) for name, field in ledger.keys.items()}
    amounts = {name: replace(field) for name, field in ledger.amounts.items()}
    own = {field.name: field for field in others}
    fields = {ENTRY: entry, at.name: at, **keys, **amounts, **own, ACCOUNT: account}
    zh, en = ledger.title.zh, ledger.title.worded("en")
    return _document(ledger, ledger.records, Title(f"{zh}·流水", f"{en}: entries"), fields, ENTRY)


def _closings(ledger: Ledger) -> Document:
    """What each account was at the end of a period: its last day, the account, its keys and amounts."""
    until = _own(UNTIL, "截至", "Until", "date", DATE)
    account = Field(ACCOUNT, Title("账户", "Account"), "ref", Type(Kind.REF, ledger.id), edit=False)
    keys = {name: replace(field, required=False) for name, field in ledger.keys.items()}
    amounts = {name: replace(field) for name, field in ledger.amounts.items()}
    zh, en = ledger.title.zh, ledger.title.worded("en")
    fields = {UNTIL: until, **keys, **amounts, ACCOUNT: account}
    return _document(ledger, ledger.closed, Title(f"{zh}·结账", f"{en}: closed"), fields, UNTIL)


def _document(ledger: Ledger, key: str, title: Title, fields: Mapping[str, Field], label: str) -> Document:
    return Document(
        id=key, system=ledger.system, title=title, fields=fields, shape=Shape(key, {}, document=key),
        where=ledger.where, label=label, ledger=ledger.id,
    )  # fmt: skip


def _codes(ledger: Ledger) -> CodeList:
    titles = {OPENING: Title("期初", "Opening")} | {kind.name: kind.title for kind in ledger.entries.values()}
    entries = [CodeEntry(name, {"title": title.zh or name, "en": title.en or None}) for name, title in titles.items()]
    return CodeList(KINDS + ledger.id, {"title": TEXT, "en": TEXT}, entries, ledger.where, system=ledger.system)
