"""Who saw which protected fields in the clear at a kiosk: kept in the audit with the step that shows them.

In: the step at which a flow comes to rest, whoever stands there. Out: entries of the audit, in the transaction of the
step: what cannot be noted is not shown. Told once for each standing, however often its screen is drawn.
"""

from __future__ import annotations

from collections.abc import Mapping

from engine.expressions.environment import Env
from engine.model.flows import Flow, Step
from engine.model.free_pages import Text, inside
from engine.model.records import AuditEntry
from engine.model.touch_parts import Details
from engine.model.types import Kind
from engine.sources.criteria import checked_of
from engine.usecases.shown_fields import ShownField, clear_of, is_clear, shown_by
from engine.usecases.work import Work


def note_shown(work: Work, place: str, flow: Flow, step: Step, env: Env) -> None:
    """Keep what a step shows in the clear to whoever is there."""
    seen: dict[tuple[str, str], set[str]] = {}
    many = []
    for component in inside(step.screen):
        if not isinstance(component.part, Details | Text):
            many.append(component.part)
            continue
        standing = _standing(work, component.part, env)
        for one in shown_by(work.runtime.definitions, component.part) if standing is not None else ():
            record_id = _record(one, standing)
            if _clear(work, one, record_id):
                seen.setdefault((one.document, record_id), set()).add(one.name)
    for document, names in clear_of(work.runtime, work.actor, many).items():
        seen.setdefault((document, ""), set()).update(names)
    for (document, record_id), clear in seen.items():
        about = {"fields": sorted(clear), "place": place, "step": f"{flow.id}.{step.name}"}
        action = "read" if record_id else "page"
        work.unit.append_audit(
            AuditEntry(work.now, work.actor.id, action, document, record_id, about, work.actor.address)
        )


def _standing(work: Work, part: Details | Text, env: Env) -> Env | None:
    """What the expressions of a component are evaluated in; None where there is no row to show."""
    if isinstance(part, Text):
        return env
    kind, value = checked_of(part.row).type, part.row(env)
    document = kind.of if kind.kind is Kind.REF else kind.shape.document if kind.shape is not None else ""
    found = work.world.follow(document, value) if isinstance(value, str) else value
    return env.inner(found, names=env.locals) if isinstance(found, Mapping) else None


def _record(one: ShownField, env: Env | None) -> str:
    """The id of the record that a field is shown of; nothing where it may be of several."""
    found = one.record(env) if one.record is not None else None
    return str(found.get("id") or "") if isinstance(found, Mapping) else found if isinstance(found, str) else ""


def _clear(work: Work, one: ShownField, record_id: str) -> bool:
    """Whether a field is shown as it is."""
    held = work.runtime.rights(one.document, work.actor)
    if not record_id:
        return one.record is None and is_clear(held.in_general(), one.name)
    row = work.world.follow(one.document, record_id)
    return row is not None and is_clear(held.on(row, work.world), one.name)
