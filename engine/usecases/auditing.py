"""What goes into the audit beside the history of documents: who read protected fields, and what was refused to whom."""

from __future__ import annotations

from collections.abc import Sequence

from engine.model.records import AuditEntry
from engine.problems import Refused
from engine.usecases.runtime import Runtime
from engine.usecases.views import Actor, EventRequest

_SUSPECT = frozenset({"not_editable", "unknown_field", "outside_choice", "unknown_choice", "unknown_file"})


def note_reading(
    runtime: Runtime, actor: Actor, action: str, document: str, record_id: str, names: Sequence[str]
) -> None:
    """Keep who saw which protected fields in the clear."""
    _note(runtime, actor, action, document, record_id, names)


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
    with runtime.store.begin() as unit:
        detail = {"fields": list(names)}
        unit.append_audit(AuditEntry(runtime.clock.now(), actor.id, action, document, record_id, detail, actor.address))
