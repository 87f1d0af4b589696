"""Checks of what secures messages: guards, signatures and ciphers of envelopes, wrappings of single elements.

In: envelopes and mappings. Out: problems. A guard names what the tree holds and, of a caller, a document type with that
field; what must be proved needs the keys that prove it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.checks.subject import Subject, problem, unknown
from engine.envelopes.wrapping import SEALED_KEY, SIGNATURE
from engine.mappings.nesting import holds_itself
from engine.model.envelopes import Envelope, Security
from engine.model.guards import Fresh, Guard, Known, Once, Rate, Unsealed, Verified
from engine.model.messages import MessageLeaf, MessageMapping
from engine.problems import Problem, Span

_SEALS = frozenset({"sealed", "signed"})
_TEXTS = frozenset({"base64", "hex"})
WORDS = (
    "ok", "malformed", "missing", "bad_code", "duplicate", "unknown", "not_allowed", "unreachable", "internal",
)  # fmt: skip


def check_envelope(subject: Subject, envelope: Envelope) -> Iterator[Problem]:
    """The security, guards and codes of one envelope."""
    for word in envelope.codes:
        if word not in WORDS:
            yield unknown("MSG023", word, WORDS, subject.places.key(envelope.where, "codes", word))
    yield from check_guards(subject, envelope.where, envelope.accept, envelope.mapping.tree)
    names = names_of(envelope.mapping.tree)
    security = envelope.security
    if security is not None:
        if envelope.mapping.format != "json":
            yield problem("MSG020", subject.places.key(envelope.where, "security"))
        yield from _security(subject, envelope, security, names)
    wanted = [one for one in envelope.accept if isinstance(one, Verified | Unsealed)]
    if envelope.mapping.format == "json" and wanted and security is None:
        yield problem("MSG021", wanted[0].where, key="security")


def _security(subject: Subject, envelope: Envelope, security: Security, names: set[str]) -> Iterator[Problem]:
    for key in ("key", "sign" if security.over else "seal"):
        if not getattr(security, key):
            yield problem("MSG021", security.where, key=key)
    tops = [leaf.name for leaf in envelope.mapping.tree]
    for name, place in subject.listed(security.where, "over", names=security.over):
        if name not in tops:
            yield unknown("MSG019", name, tops, place)
    if security.sign and SIGNATURE not in names:
        yield problem("MSG022", subject.places.value(security.where, "sign"), name=SIGNATURE)
    if security.seal and SEALED_KEY not in names:
        yield problem("MSG022", subject.places.value(security.where, "seal"), name=SEALED_KEY)
    if security.partner_name and security.partner_name not in names:
        place = subject.places.value(security.where, "certificate_of")
        yield unknown("MSG019", security.partner_name, names, place)
    known = envelope.known
    document = subject.definitions.documents.get(known.document) if known is not None else None
    if document is not None:
        field = document.fields.get(security.certificate)
        place = subject.places.value(security.where, "certificate")
        if field is None or field.kind != "file":
            files = [name for name, one in document.fields.items() if one.kind == "file"]
            yield unknown("REF002", security.certificate, files, place, owner=document.id)


def check_guards(
    subject: Subject, owner: Span, guards: Sequence[Guard], tree: Sequence[MessageLeaf]
) -> Iterator[Problem]:
    """Names in guards, and the document type of the caller."""
    names = names_of(tree) | {"message.id", "message.kind", "message.at"}
    for guard in guards:
        word, name = _named(guard)
        if name and name not in names and not (isinstance(guard, Verified) and name == SIGNATURE):
            yield unknown("MSG019", name, names, subject.places.value(guard.where, *word))
        if isinstance(guard, Verified) and guard.number and guard.number not in names:
            yield unknown("MSG019", guard.number, names, subject.places.value(guard.where, "number"))
        if isinstance(guard, Known):
            document = subject.definitions.documents.get(guard.document)
            if document is None:
                known = subject.known("document", "")
                yield unknown("REF001", guard.document, known, subject.places.value(guard.where, "in"))
            elif guard.by not in document.fields and guard.by != "number":
                place = subject.places.value(guard.where, "by")
                yield unknown("REF002", guard.by, document.fields, place, owner=document.id)


def _named(guard: Guard) -> tuple[tuple[str, ...], str]:
    """Where a guard names something of the tree, and what."""
    if isinstance(guard, Fresh):
        return ("at",), guard.at
    if isinstance(guard, Rate):
        return ("rate", "per"), guard.limit.per
    words = {Once: "once", Known: "known", Verified: "verify", Unsealed: "open"}
    if isinstance(guard, Once | Known | Verified | Unsealed):
        return (words[type(guard)],), guard.of
    return (), ""


def names_of(tree: Sequence[MessageLeaf]) -> set[str]:
    """Names of the values of a tree."""
    found = set()
    for leaf in tree:
        if leaf.value is not None:
            found.add(leaf.value.text)
        found |= names_of(leaf.children)
    return found


def check_wrap(subject: Subject, mapping: MessageMapping, leaf: MessageLeaf) -> Iterator[Problem]:
    """Wrappings with keys, and mappings within."""
    sealed = [one for one in leaf.wrap if one in _SEALS]
    if sealed and mapping.seal is None:
        yield problem("MSG024", subject.places.key(leaf.where, "wrap"), word=sealed[0])
    if sealed and leaf.wrap[-1] not in _TEXTS:
        yield problem("MSG025", subject.places.key(leaf.where, "wrap"), word=leaf.wrap[-1])
    if leaf.mapping and leaf.mapping not in subject.definitions.mappings:
        place = subject.places.value(leaf.where, "mapping")
        yield unknown("REF011", leaf.mapping, subject.known("mapping", mapping.system), place)
    elif leaf.mapping and holds_itself(subject.definitions.mappings, leaf.mapping, mapping.id):
        yield problem("MSG026", subject.places.value(leaf.where, "mapping"), name=leaf.mapping)
