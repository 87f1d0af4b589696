"""Checks of approvals: who signs, which events follow, where a return leads.

In: a machine's approvals and the states that stand in them. Out: problems.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.checks.subject import Subject, problem, unknown, warning
from engine.model.access import Grant
from engine.model.machines import ANY, Approval, Event, Machine, Participants, State, Step
from engine.problems import Problem, Span

_APPROVAL = "approval"
_MAY = ("transfer", "delegate", "add_signer")
"""What a signer may do that is carried out."""
_RETURNS = ("starter", "previous", "any_passed")


def check_approvals(subject: Subject, machine: Machine, system: str) -> Iterator[Problem]:
    """All approvals of a machine."""
    for approval in machine.approvals.values():
        held = [state for state in machine.states.values() if state.approval == approval.id]
        if not held:
            yield warning("MAC008", subject.name_of(approval.where, approval.id), approval=approval.id)
        yield from _outcomes(subject, machine, approval, held, system)
        yield from _steps(subject, machine, approval, system)
        if approval.nobody.to is not None:
            yield from check_participants(subject, approval.nobody.to, system)


def _outcomes(
    subject: Subject, machine: Machine, approval: Approval, held: list[State], system: str
) -> Iterator[Problem]:
    """Events that follow an approval are its own, and start where it stands."""
    keys: dict[tuple[str, ...], str] = {
        ("agreed",): approval.agreed,
        ("refused",): approval.refused,
        ("return", "event"): approval.return_event,
        ("withdraw", "event"): approval.withdraw_event,
    }
    for path, name in keys.items():
        if not name:
            continue
        place = subject.places.value(approval.where, *path)
        event = machine.events.get(name)
        if event is None:
            yield unknown("REF004", name, machine.events, place, document=machine.document)
            continue
        closed = event.by != type(event.by)() and _APPROVAL not in event.by.special
        if path[0] != "withdraw" and closed and set(event.by.roles) <= set(subject.roles(system)):
            yield problem("MAC006", place, related=(event.where,), event=name, approval=approval.id)
        for state in held:
            if not _starts(event, state):
                values = {"event": name, "approval": approval.id, "state": state.name}
                yield problem("MAC007", place, related=(event.where,), **values)


def _starts(event: Event, state: State) -> bool:
    return state.name in event.sources or (ANY in event.sources and not state.final)


def _steps(subject: Subject, machine: Machine, approval: Approval, system: str) -> Iterator[Problem]:
    seen: dict[str, Step] = {}
    for step in approval.steps:
        if step.id in seen:
            place = subject.places.value(step.where, "id")
            yield problem("MAC011", place, related=(seen[step.id].where,), step=step.id)
        seen.setdefault(step.id, step)
        yield from check_participants(subject, step.who, system)
        for way, place in subject.listed(step.where, "may", names=step.may):
            if way not in _MAY:
                yield problem("MAC023", place, key="may", value=way)
        fields = subject.fields(machine.document)
        yield from _opened(subject, machine, step)
        for key, names in (("read", step.read), ("edit", step.edit)):
            for name, place in subject.listed(step.where, key, names=names):
                if name != "*" and name not in fields and not _of_step(name):
                    yield unknown("REF002", name, fields, place, owner=machine.document)
    yield from _ways_back(subject, approval, seen)


def _opened(subject: Subject, machine: Machine, step: Step) -> Iterator[Problem]:
    """What a step lets its signer fill in can be filled in, and is seen by the role that signs."""
    fields = subject.fields(machine.document)
    grant = subject.definitions.access.get(machine.document, {}).get(step.who.role)
    for name, place in subject.listed(step.where, "edit", names=step.edit):
        field = fields.get(name)
        if field is None:
            continue
        if field.edit is False or (field.edit is None and (field.is_derived or field.copied is not None)):
            yield problem("MAC026", place, related=(field.where,), step=step.id, name=name)
        elif step.who.role and (grant is None or not _shows(grant, name)):
            yield problem("MAC027", place, step=step.id, role=step.who.role, name=name)


def _shows(grant: Grant, name: str) -> bool:
    return ("*" in grant.read or name in grant.read) and name not in (*grant.hide, *grant.deny)


def _of_step(name: str) -> bool:
    """The comment of a signature is no field of the document."""
    return name == "opinion"


def _ways_back(subject: Subject, approval: Approval, steps: dict[str, Step]) -> Iterator[Problem]:
    if approval.return_to and approval.return_to not in (*_RETURNS, *steps):
        place = subject.places.value(approval.where, "return", "to")
        yield unknown("REF020", approval.return_to, [*steps, *_RETURNS], place, approval=approval.id)
    elif approval.return_to == "starter" and not approval.return_event:
        yield problem("MAC024", subject.places.value(approval.where, "return"))
    elif approval.steps and approval.return_to == approval.steps[-1].id:
        yield problem("MAC025", subject.places.value(approval.where, "return", "to"), step=approval.return_to)
    if approval.withdraw_until and approval.withdraw_until not in steps:
        place = _withdraw_place(subject, approval)
        yield unknown("REF020", approval.withdraw_until, steps, place, approval=approval.id)


def _withdraw_place(subject: Subject, approval: Approval) -> Span:
    whole = subject.places.value(approval.where, "withdraw")
    written = subject.places.value(approval.where, "withdraw", "until")
    if written != approval.where:
        return written
    return subject.word_in(whole, approval.withdraw_until)


def check_participants(subject: Subject, who: Participants, system: str) -> Iterator[Problem]:
    """The role whose holders sign."""
    known = subject.roles(system)
    if who.role and who.role not in known:
        yield unknown("REF006", who.role, known, subject.word_in(who.where, who.role))
