"""Who saw which protected fields in the clear at a kiosk: kept in the audit with the step that shows them.

In: the step at which a flow comes to rest, whoever stands there. Out: entries of the audit, in the transaction of the
step: what cannot be noted is not shown. Told once for each standing, however often its screen is drawn.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.expressions.environment import Env
from engine.model.flows import Flow, Step
from engine.model.formula import Formula
from engine.model.free_pages import Text, inside
from engine.model.records import AuditEntry
from engine.model.touch_parts import Details
from engine.model.types import Kind, Type
from engine.sources.criteria import checked_of
from engine.usecases.free_pages import protected_cells
from engine.usecases.work import Work

Seen = tuple[str, str, frozenset[str]]
"""A document type, the id of a record (empty: those of a table), names of fields."""


def note_shown(work: Work, place: str, flow: Flow, step: Step, env: Env) -> None:
    """Keep what a step shows in the clear to whoever is there."""
    seen: dict[tuple[str, str], frozenset[str]] = {}
    for document, record_id, names in _shown(flow, step, env):
        clear = _clear(work, document, record_id, names)
        if clear:
            seen[document, record_id] = seen.get((document, record_id), frozenset()) | clear
    for document, cells in protected_cells(work.runtime, work.actor, step.screen):
        seen[document, ""] = seen.get((document, ""), frozenset()) | frozenset(cells)
    for (document, record_id), clear in seen.items():
        about = {"fields": sorted(clear), "place": place, "step": f"{flow.id}.{step.name}"}
        action = "read" if record_id else "page"
        work.unit.append_audit(
            AuditEntry(work.now, work.actor.id, action, document, record_id, about, work.actor.address)
        )


def _shown(flow: Flow, step: Step, env: Env) -> Iterator[Seen]:
    """Fields of single records on the screen: in rows of details, and in texts."""
    for component in inside(step.screen):
        part = component.part
        if isinstance(part, Details):
            document, record_id = _record(checked_of(part.row).type, part.row(env))
            yield document, record_id, frozenset(_own(formula for _, formula, _ in part.columns))
        elif isinstance(part, Text):
            pieces = (piece for one in (part.text, *part.text.others.values()) for piece in one.pieces)
            formulas = [piece[0] for piece in pieces if not isinstance(piece, str)]
            yield from _said(flow, formulas, env)


def _own(formulas: Iterator[Formula]) -> Iterator[str]:
    for formula in formulas:
        yield from (path[1] for path in checked_of(formula).reads if path[0] == "row" and len(path) > 1)


def _said(flow: Flow, formulas: list[Formula], env: Env) -> Iterator[Seen]:
    for formula in formulas:
        for path in checked_of(formula).reads:
            kept = flow.memory.fields.get(path[1]) if path[0] == "row" and len(path) > 2 else None
            if kept is not None:
                yield *_record(kept.type, env.row.get(path[1])), frozenset({path[2]})


def _record(kind: Type, value: object) -> tuple[str, str]:
    document = kind.of if kind.kind is Kind.REF else kind.shape.document if kind.shape is not None else ""
    found = value.get("id") if isinstance(value, Mapping) else value
    return document, str(found or "")


def _clear(work: Work, document: str, record_id: str, names: frozenset[str]) -> frozenset[str]:
    """Those of some fields that are protected and shown as they are."""
    declared = work.runtime.definitions.documents.get(document)
    row = work.world.follow(document, record_id) if declared is not None and record_id else None
    if declared is None or row is None:
        return frozenset()
    rights = work.runtime.rights(document, work.actor).on(row, work.world)
    protected = {name for name in names if name in declared.fields and declared.fields[name].protect}
    return frozenset(name for name in protected if rights.reads(name) and name not in rights.masked)
