"""Scopes in flows: every expression stands in the flow's one row: what it keeps, `form`, `answer` and `number`.

In: a flow and the linker of its system. Out: linked formulas. `form` holds what any screen of the flow takes in, and
`answer` what any of its meetings gives: the same name with two types is of any type.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from engine.checks.linking import UNKNOWN, Linker
from engine.checks.links.actions import ActionLinker, document_of
from engine.checks.links.documents import NUMBER_WORDS, link_fields
from engine.checks.links.free_pages import link_component
from engine.checks.shapes import row_type
from engine.expressions.expression import check_expression, source_scope
from engine.expressions.names import Scope
from engine.model import touch_parts
from engine.model.flow_devices import CALL, WAIT, WAITS, command
from engine.model.flows import FORM, Flow, Meeting, Step, chosen, inputs, row_shape
from engine.model.free_pages import Board, Component, Grid, Source, Table, inside
from engine.model.happenings import HAPPENINGS
from engine.model.types import ANY, BOOLEAN, DURATION, JSON, NUMBER, Kind, Shape, Type
from engine.problems import Problem


def link_flow(linker: Linker, flow: Flow) -> None:
    """Link all expressions of a flow."""
    own = flow.memory.shape.fields
    assert isinstance(own, dict)
    own.update(linker.types(flow.memory.fields))
    scope = _scope(linker, flow)
    for kept in flow.memory.fields.values():
        linker.given(kept.default, scope, linker.wanted(kept))
    linker.template(flow.number, scope.with_locals(**NUMBER_WORDS))
    if flow.idle is not None:
        linker.formula(flow.idle.after, scope, DURATION)
    acting = ActionLinker(linker, memory=flow.memory)
    for step in flow.steps.values():
        _step(linker, acting, step, scope)


def _scope(linker: Linker, flow: Flow) -> Scope:
    """The scope of all expressions of a flow; what is chosen on its screens are rows of sources that stand in it."""
    steps = flow.steps.values()
    typed = _union(
        (name, kind)
        for step in steps
        for name, kind in linker.types({one.name: one for one in inputs(step.screen)}).items()
    )
    picked = [found for step in steps for found in chosen(step.screen)]
    answer = _answer(linker, flow)
    loose = Shape(FORM, {**typed, **{name: ANY for name, _ in picked}})
    first = replace(linker.surroundings, row=row_shape(flow, loose, answer))
    rows = _union((name, _row_of(linker, component, first)) for name, component in picked)
    return replace(linker.surroundings, row=row_shape(flow, Shape(FORM, {**typed, **rows}), answer))


def _row_of(linker: Linker, component: Component, scope: Scope) -> Type:
    """A row of what a component shows; problems of its source are told where it is linked."""
    if (source := shown_source(component)) is None:
        return ANY
    checked, _ = check_expression(source.of.text, source.of.where, scope, linker.catalog, as_rows=True)
    inner = None if checked is None else source_scope(checked, scope, linker.catalog)
    return ANY if inner is None else row_type(inner.row).nullable()


def shown_source(component: Component) -> Source | None:
    """The rows that a component shows and people may tap."""
    part = component.part
    return part.source if isinstance(part, Table | Board | Grid) else None


def _answer(linker: Linker, flow: Flow) -> Type:
    """What meetings of the flow give, and what happened where steps or the flow name it; what an outside service may
    answer is not known."""
    meetings = [meeting for step in flow.steps.values() for meeting in step.meets.values()]
    if any(meeting.kind == CALL for meeting in meetings):
        return JSON
    told = {*flow.always, *(outcome for step in flow.steps.values() for outcome in step.on)}
    given = [gives(linker, flow.system, meeting) for meeting in meetings] + [HAPPENINGS.get(name) for name in told]
    columns = _union(item for shape in given if shape is not None for item in shape.fields.items())
    return Type(Kind.ROW, shape=Shape("answer", columns))


def gives(linker: Linker, system: str, meeting: Meeting) -> Shape | None:
    """What a meeting gives; None where it is unknown."""
    if meeting.kind == WAIT:
        return WAITS.get(meeting.what)
    found = None if meeting.kind == CALL else command(meeting.what, account_document(linker, system))
    return found.gives if found is not None else None


def account_document(linker: Linker, system: str) -> str:
    """The document type of the accounts of the nodes that run a system."""
    accounts = linker.definitions.accounts_of(system)
    return accounts.document if accounts is not None else ""


def _union(columns: Iterable[tuple[str, Type]]) -> dict[str, Type]:
    found: dict[str, Type] = {}
    for name, kind in columns:
        known = found.setdefault(name, kind.nullable())
        if (known.kind, known.of) != (kind.kind, kind.of):
            found[name] = ANY
    return found


# --- steps -----------------------------------------------------------------------------------------------------------


def _step(linker: Linker, acting: ActionLinker, step: Step, scope: Scope) -> None:
    acting.actions(step.do, scope)
    for branch in step.choose:
        linker.formula(branch.when, scope, BOOLEAN)
        acting.actions(branch.do, scope)
    linker.formula(step.timeout, scope, DURATION)
    linker.formula(step.refresh, scope, DURATION)
    for component in inside(step.screen):
        link_component(linker, component, scope)
        _touch_part(linker, component, scope)
    for button in step.buttons.values():
        linker.formula(button.show, scope, BOOLEAN)
        linker.formula(button.badge, scope, NUMBER)
    for asked in step.confirm.values():
        linker.template(asked, scope)
    for meeting in step.meets.values():
        wanted = _wanted(linker, meeting)
        for name, given in meeting.given.items():
            linker.given(given, scope, wanted.get(name))
    if step.run:
        run = linker.definitions.flows.get(step.run)
        for name, given in step.given.items():
            linker.given(given, scope, linker.wanted(run.memory.fields.get(name)) if run is not None else None)


def _wanted(linker: Linker, meeting: Meeting) -> Mapping[str, Type]:
    """Types of what a meeting takes."""
    if meeting.kind == WAIT:
        found = WAITS.get(meeting.what)
        return found.fields if found is not None else {}
    known = None if meeting.kind == CALL else command(meeting.what, account_document(linker, linker.system))
    return {name: kind.nullable() for name, kind in known.arguments.items()} if known is not None else {}


def _touch_part(linker: Linker, component: Component, scope: Scope) -> None:
    part = component.part
    if isinstance(part, touch_parts.Entry):
        for name, given in part.given.items():
            linker.given(given, scope, linker.wanted(part.fields.get(name)))
        if not part.of:
            link_fields(linker, part.fields, scope.inner(Shape(FORM, linker.types(part.fields))))
    elif isinstance(part, touch_parts.Keypad):
        linker.given(part.default, scope, linker.wanted(part.field))
    elif isinstance(part, touch_parts.Picture):
        linker.formula(part.file, scope)
    elif isinstance(part, touch_parts.Details):
        _details(linker, part, scope)


def _details(linker: Linker, part: touch_parts.Details, scope: Scope) -> None:
    found = linker.formula(part.row, scope)
    row = UNKNOWN
    if found is not None and found.kind in (Kind.ROW, Kind.REF):
        row = found.shape or linker.shape(document_of(found))
    elif found is not None and found.kind not in (Kind.ANY, Kind.JSON):
        linker.problems.append(Problem("FLW027", part.row.where, {"text": part.row.text}))
    for _, value, _title in part.columns:
        linker.formula(value, scope.inner(row))
