"""What goes into the audit beside the history of documents: who read protected fields, and what was refused to whom."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from engine.access.rights import RecordRights
from engine.model.documents import Document
from engine.model.records import AuditEntry
from engine.problems import Refused
from engine.usecases.runtime import Runtime
from engine.usecases.views import Actor, EventRequest

_ASKED = frozenset({"filter", "cursor"})
_SUSPECT = frozenset({"not_editable", "unknown_field", "outside_choice", "unknown_choice", "unknown_file"})


def note_reading(
    runtime: Runtime, actor: Actor, action: str, document: str, record_id: str, names: Sequence[str]
) -> None:
    """Keep who saw which protected fields in the clear."""
    _note(runtime, actor, action, document, record_id, names)


def note_protected(runtime: Runtime, actor: Actor, document: Document, record_id: str, rights: RecordRights) -> None:
    """Keep which protected fields of a record somebody has seen in the clear."""
    fields = document.fields.items()
    clear = [name for name, field in fields if field.protect and rights.reads(name) and name not in rights.masked]
    if clear and not actor.special:
        note_reading(runtime, actor, "read", document.id, record_id, clear)


class Hidden(Refused):
    """There is such a thing, but not for this actor. To whoever asks it is the same as if there were none."""

    def __init__(self) -> None:
        super().__init__((), kind="not_found")


@contextmanager
def watched(runtime: Runtime, actor: Actor, action: str, document: str, record_id: str = "") -> Iterator[None]:
    """Around a reading: keep in the audit who asked for what is hidden from them or forbidden to them.

    What is simply not there is not kept: people follow old links.
    """
    try:
        yield
    except Refused as refused:
        suspect = sorted({finding.code for finding in refused.findings} & _ASKED)
        if not actor.special and (suspect or isinstance(refused, Hidden) or refused.kind == "forbidden"):
            names = [action, refused.kind, *suspect]
            _note(runtime, actor, "refused", document[:100], record_id[:100], names)
        raise


def note_forgery(runtime: Runtime, actor: Actor, what: str) -> None:
    """Keep a form that came in somebody's session without the token of that session."""
    _note(runtime, actor, "forged_form", "", "", [what[:100]])


def note_refusal(runtime: Runtime, actor: Actor, request: EventRequest, refused: Refused) -> None:
    """Keep what no page of ours would have asked for: another's record, an event or field not granted.

    Ordinary mistakes in a form are not kept; values never are.
    """
    suspect = sorted({finding.code for finding in refused.findings} & _SUSPECT)
    if actor.special or not (suspect or refused.kind in ("forbidden", "not_found")):
        return
    names = [request.event, refused.kind, *suspect]
    _note(runtime, actor, "refused", request.document[:100], (request.record_id or "")[:100], names)


def _note(runtime: Runtime, actor: Actor, action: str, document: str, record_id: str, names: Sequence[str]) -> None:
    detail = {"fields": list(names)}
    runtime.store.note(AuditEntry(runtime.clock.now(), actor.id, action, document, record_id, detail, actor.address))
