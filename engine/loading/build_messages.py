"""Building of prints and mappings: what goes out on paper and over the wire.

In: entries judged by the schema, and the texts of templates beside them. Out: `PrintForm`s and `MessageMapping`s. How a
message is written is not known here.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath

from engine.loading.build_actions import ActionBuilder
from engine.loading.build_guards import build_guards, build_security, code_of
from engine.loading.entry import Entry, formula_of, text_of, title_of
from engine.loading.names import Names
from engine.loading.piece import Piece, is_mapping
from engine.model.envelopes import Envelope
from engine.model.formula import DatedSpan, Formula
from engine.model.messages import Match, MessageLeaf, MessageMapping, Seal, Sign
from engine.model.prints import Bundle, BundledPrint, PrintForm, Scanned, Verify, Wording
from engine.model.system import SHARED
from engine.model.types import BOOLEAN, DATE, DATETIME, INTEGER, NUMBER, TEXT, Kind, Type


def build_print(name: str, entry: Entry, names: Names, texts: Mapping[str, str]) -> PrintForm:
    """One print with the text of its template; `texts` are the files beside definitions, by path."""
    folder = str(PurePosixPath(entry.where.file).parent)
    template = entry.text("template")
    anchors = entry.piece("anchors")
    paper = entry.entry("paper", "paper")
    charts = entry.piece("charts")
    path = f"{folder}/{template}"
    if template and path not in texts:
        entry.report("NAM009", entry.at("template"), file=path)
    return PrintForm(
        id=name,
        title=entry.title(),
        document=_document(entry, names),
        template=template,
        where=entry.where,
        paper="" if paper else entry.text("paper", "A4"),
        anchors={anchor: title_of(piece) for anchor, piece in (anchors.entries() if anchors else {}).items()},
        qr=entry.template("qr"),
        folder=folder,
        source=texts.get(path, ""),
        wording=tuple(_wording(found, folder, texts) for found in entry.each("wording", "wording")),
        system=entry.origin.system,
        bundle=_bundle(entry.entry("bundle", "bundle"), names),
        raw=entry.text("raw"),
        archive=entry.flag("archive", default=True),
        width=paper.text("width") if paper else "",
        height=paper.text("height") if paper else "",
        is_roll=paper.flag("roll") if paper else False,
        style=texts.get(str(PurePosixPath(path).with_suffix(".css")), ""),
        others=_beside(folder, texts),
        verify=_verify(entry.entry("verify", "verify")),
        scanned=_scanned(entry.entry("scanned", "scanned")),
        charts=tuple(charts.entries()) if charts else (),
    )


def _verify(entry: Entry | None) -> Verify | None:
    if entry is None:
        return None
    facts = entry.piece("facts")
    return Verify(
        {name: piece.raw for name, piece in (facts.entries() if facts else {}).items()}, entry.formula("valid")
    )


def _scanned(entry: Entry | None) -> Scanned | None:
    return None if entry is None else Scanned(entry.text("event"), entry.text("into"), entry.where)


def _beside(folder: str, texts: Mapping[str, str]) -> dict[str, str]:
    """Templates of a folder by name."""
    paths = {PurePosixPath(path): text for path, text in texts.items() if path.endswith(".html")}
    return {path.name: text for path, text in paths.items() if str(path.parent) == folder}


def _wording(entry: Entry, folder: str, texts: Mapping[str, str]) -> Wording:
    template = entry.text("template")
    return Wording(entry.dated(), entry.text("note"), template, texts.get(f"{folder}/{template}", ""))


def _document(entry: Entry, names: Names) -> str:
    piece = entry.piece("document")
    if piece is None:
        return ""
    return names.resolve("document", text_of(piece), piece.origin.system, piece.where, piece.origin.problems)


def _bundle(entry: Entry | None, names: Names) -> Bundle | None:
    if entry is None:
        return None
    prints = tuple(
        BundledPrint(
            names.resolve("print", one.text("print"), one.origin.system, one.at("print"), one.origin.problems),
            one.formula("of"),
        )
        for one in entry.each("prints", "bundled_print")
    )
    return Bundle(entry.formula("each") or Formula("null", entry.where), prints)


def build_mapping(
    name: str, entry: Entry, names: Names, actions: ActionBuilder, texts: Mapping[str, str]
) -> MessageMapping:
    """One mapping, out or in; `texts` are the files beside definitions, by path."""
    tree = entry.piece("tree")
    message, edition = entry.entry("message", "message"), entry.entry("edition", "edition")
    return MessageMapping(
        id=name,
        document=_document(entry, names),
        format=entry.text("format"),
        tree=_leaves(tree, names),
        to=entry.text("to"),
        kind=entry.text("kind"),
        where=entry.where,
        system=entry.origin.system,
        envelope=_envelope(entry, names),
        root=message.text("root") if message else "",
        also=message.names("also") if message else (),
        namespaces=_texts(message.piece("namespace") if message else None),
        attributes=message.formulas("attributes") if message else {},
        schema=_schema(message, texts) if message else "",
        most=message.whole("most") if message else None,
        is_strict=message.flag("strict") if message else False,
        each=entry.text("each"),
        match=tuple(_match(one, names) for one in entry.each("match", "match")),
        event=entry.formula("event"),
        values=entry.givens("with"),
        set=entry.givens("set"),
        sign=_sign(entry.entry("sign", "sign")),
        edition_of=_edition_of(edition, names),
        dated=DatedSpan(edition.text("from"), edition.text("until")) if edition is not None else DatedSpan(),
        answers=_texts(entry.piece("answers")),
        encoding=entry.text("encoding"),
        pad=entry.text("pad"),
        title=entry.title(),
        keep_unmatched=_acts(entry, "unmatched").flag("keep"),
        unmatched=actions.actions(_acts(entry, "unmatched")),
        creates=_acts(entry, "unmatched").text("create"),
        org=entry.formulas("org"),
        refused=actions.actions(_acts(entry, "refused")),
        accept=build_guards(entry, names),
        seal=_seal(entry.entry("seal", "seal")),
        sender=entry.formula("sender"),
        receiver=entry.formula("receiver"),
    )


def build_envelope(name: str, entry: Entry, names: Names, texts: Mapping[str, str]) -> Envelope:
    """One envelope; `texts` are the files beside definitions, by path."""
    message = entry.entry("message", "message")
    mapping = MessageMapping(
        id=name,
        document="",
        format=entry.text("format"),
        tree=_leaves(entry.piece("tree"), names),
        where=entry.where,
        system=entry.origin.system,
        root=message.text("root") if message else "",
        namespaces=_texts(message.piece("namespace") if message else None),
        attributes=message.formulas("attributes") if message else {},
        schema=_schema(message, texts) if message else "",
        sign=_sign(entry.entry("sign", "sign")),
        seal=_seal(entry.entry("seal", "seal")),
        title=entry.title(),
    )
    codes = entry.piece("codes")
    return Envelope(
        name,
        mapping,
        entry.where,
        entry.origin.system,
        entry.title(),
        build_security(entry.entry("security", "security")),
        build_guards(entry, names),
        {word: code_of(piece) for word, piece in (codes.entries() if codes else {}).items()},
        _leaves(entry.piece("answer"), names),
    )


def _edition_of(edition: Entry | None, names: Names) -> str:
    if edition is None:
        return ""
    where = edition.at("of")
    return names.resolve("mapping", edition.text("of"), edition.origin.system, where, edition.origin.problems)


def _sign(entry: Entry | None) -> Sign | None:
    if entry is None:
        return None
    profile = entry.text("profile", "xmldsig")
    return Sign(
        profile,
        entry.text("key"),
        entry.text("before"),
        entry.formula("when"),
        entry.where,
        entry.names("over"),
        entry.text("value"),
        entry.text("number"),
    )


def _seal(entry: Entry | None) -> Seal | None:
    return None if entry is None else Seal(entry.formula("for"), entry.text("key"), entry.where)


def _acts(entry: Entry, key: str) -> Entry:
    return entry.entry(key, key) or Entry({}, key, entry.where, entry.origin)


def _match(entry: Entry, names: Names) -> Match:
    return Match(_document(entry, names), entry.names("by"), entry.where)


def _schema(message: Entry, texts: Mapping[str, str]) -> str:
    """The path of a schema: beside the mapping, else with the system's mappings, else with the shared ones."""
    name = message.text("schema")
    if not name:
        return ""
    places = [
        PurePosixPath(message.where.file).parent,
        *(PurePosixPath(one, "mappings") for one in (message.origin.system, SHARED)),
    ]
    paths = [str(place / name) for place in places]
    found = next((path for path in paths if path in texts), "")
    if not found:
        message.report("NAM009", message.at("schema"), file=paths[0])
    return found


def _leaves(piece: Piece | None, names: Names) -> tuple[MessageLeaf, ...]:
    return tuple(_leaf(name, found, names) for name, found in (piece.entries() if piece else {}).items())


def _leaf(name: str, piece: Piece, names: Names) -> MessageLeaf:
    """A leaf is an expression; a mapping with `value`, `each` or `tree` says more about one, any other is a branch."""
    if not is_mapping(piece.value):
        return MessageLeaf(name, formula_of(piece), where=piece.where)
    if not {"value", "each", "tree", "mapping"} & piece.value.keys():
        return MessageLeaf(name, children=_leaves(piece, names), where=piece.where)
    entry = Entry.of(piece, "leaf")
    return MessageLeaf(
        name=name,
        value=entry.formula("value"),
        format=entry.text("format"),
        each=entry.formula("each"),
        children=_leaves(entry.piece("tree"), names),
        also=entry.names("also"),
        wrap=entry.names("wrap"),
        codes=_codes(entry, names),
        type=_TYPES.get(entry.text("type")),
        pattern=entry.text("pattern"),
        size=entry.whole("size"),
        mapping=_nested(entry, names),
        attributes=entry.formulas("attributes"),
        where=piece.where,
    )


_TYPES: Mapping[str, Type] = {
    "text": TEXT, "integer": INTEGER, "decimal": NUMBER, "boolean": BOOLEAN, "date": DATE, "datetime": DATETIME,
    "file": Type(Kind.FILE),
}  # fmt: skip


def _envelope(entry: Entry, names: Names) -> str:
    name = entry.text("envelope")
    where = entry.at("envelope")
    return names.resolve("envelope", name, entry.origin.system, where, entry.origin.problems) if name else ""


def _nested(entry: Entry, names: Names) -> str:
    name, where = entry.text("mapping"), entry.at("mapping")
    return names.resolve("mapping", name, entry.origin.system, where, entry.origin.problems) if name else ""


def _codes(entry: Entry, names: Names) -> str:
    name = entry.text("in")
    return names.resolve("code", name, entry.origin.system, entry.at("in"), entry.origin.problems) if name else ""


def _texts(piece: Piece | None) -> dict[str, str]:
    return {name: text_of(found) for name, found in (piece.entries() if piece else {}).items()}
