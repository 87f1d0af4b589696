"""Checks of machines: states and events that are named exist, every state can be reached and left, clocks and approvals
end somewhere.

In: machines. Out: problems. What events do is checked by `engine.checks.actions`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.checks.approvals import check_approvals
from engine.checks.fields import check_fields
from engine.checks.meant import COURSE, as_meant
from engine.checks.subject import Subject, problem, unknown, warning
from engine.model.machines import ANY, NEW, Event, Machine, State, Timer
from engine.problems import Problem, Span

APPROVAL, TIMER, ITSELF = "approval", "timer", "itself"
_SPECIAL = (APPROVAL, TIMER, ITSELF, "engine", "device")
_WORDLESS = frozenset({APPROVAL, TIMER, ITSELF})
"""Who raises events without being able to answer a question."""
_COURSE_NAMES = frozenset({"REF004", "REF005", "REF007"})


def check_machines(subject: Subject) -> Iterator[Problem]:
    """All machines that are written. Where a machine names what is not there, its course is that of what is meant."""
    for machine in subject.definitions.machines.values():
        document = subject.definitions.documents.get(machine.document)
        if document is None:
            continue
        found = list(_machine(subject, machine, document.system))
        if not any(one.code in _COURSE_NAMES for one in found):
            yield from found
            continue
        yield from (one for one in found if one.code not in COURSE)
        meant, beyond = as_meant(machine)
        yield from (one for one in _machine(subject, meant, document.system) if one.code in COURSE - beyond)


def _machine(subject: Subject, machine: Machine, system: str) -> Iterator[Problem]:
    for event in machine.events.values():
        yield from _event(subject, machine, event, system)
    for state in machine.states.values():
        yield from _state(subject, machine, state, system)
    for timer in machine.timers.values():
        yield from _timer(subject, machine, timer, system)
    if machine.late_events not in ("", "keep", "refuse", *machine.events):
        place = subject.places.value(machine.where, "late_events")
        known = ["keep", "refuse", *machine.events]
        yield unknown("REF004", machine.late_events, known, place, document=machine.document)
    yield from check_approvals(subject, machine, system)
    if list(machine.states) != [""]:
        yield from _life(subject, machine)
        yield from _unraised(subject, machine)
        yield from _by_themselves(subject, machine)


def _event(subject: Subject, machine: Machine, event: Event, system: str) -> Iterator[Problem]:
    for name, place in subject.listed(event.where, "from", names=event.sources):
        if name not in (NEW, ANY) and name not in machine.states:
            yield unknown("REF005", name, [*machine.states, NEW, ANY], place, document=machine.document)
    if event.to and event.to not in machine.states:
        yield unknown(
            "REF005", event.to, machine.states, subject.places.value(event.where, "to"), document=machine.document
        )
    yield from check_roles(subject, event.by.roles, system, event.where, "by", beside=_SPECIAL)
    if event.failed and event.failed not in machine.events:
        yield unknown(
            "REF004",
            event.failed,
            machine.events,
            subject.places.value(event.where, "failed"),
            document=machine.document,
        )
    if event.sign and event.sign.split(".", 1)[0] in subject.fields(machine.document):
        yield problem("MAC023", subject.places.value(event.where, "sign"), key="sign", value=event.sign)
    elif event.sign:
        known = subject.fields(machine.document)
        yield unknown("REF002", event.sign, known, subject.places.value(event.where, "sign"), owner=machine.document)
    yield from _unready(subject, event)
    yield from check_fields(subject, event.ask, system, asked=True)
    if event.by.special and set(event.by.special) <= _WORDLESS and not event.by.roles and event.by.formula is None:
        for field in event.ask.values():
            if field.required is True and field.default is None:
                place, by = subject.name_of(field.where, field.name), ", ".join(event.by.special)
                yield problem("MAC013", place, name=field.name, event=event.name, by=by)


def _unready(subject: Subject, event: Event) -> Iterator[Problem]:
    """Keys that the language has and nothing carries out: whoever relied on them would rely on nothing."""
    if event.together:
        yield problem("MAC023", subject.places.value(event.where, "together"), key="together", value="true")
    if event.failed:
        yield problem("MAC023", subject.places.value(event.where, "failed"), key="failed", value=event.failed)
    if event.limit != ("", ""):
        yield problem("MAC023", subject.places.value(event.where, "limit"), key="limit", value=" ".join(event.limit))


def check_roles(
    subject: Subject, roles: Iterable[str], system: str, owner: Span, *keys: str | int, beside: Iterable[str] = ()
) -> Iterator[Problem]:
    """Roles that are named somewhere; `beside` are other words that may stand there."""
    known = subject.roles(system)
    for name in roles:
        if name not in known:
            yield unknown("REF006", name, [*known, *beside], subject.word(owner, *keys, name=name))


def _state(subject: Subject, machine: Machine, state: State, system: str) -> Iterator[Problem]:
    if state.approval and state.approval not in machine.approvals:
        place = subject.places.value(state.where, "approval")
        yield unknown("REF007", state.approval, machine.approvals, place, document=machine.document)
    if state.until is None or not state.until.event:
        return
    place = subject.places.value(state.until.where, "event")
    event = machine.events.get(state.until.event)
    if event is None:
        yield unknown("REF004", state.until.event, machine.events, place, document=machine.document)
        return
    if not starts_from(machine, event, state.name):
        yield problem("MAC004", place, related=(event.where,), event=event.name, state=state.name)
    if not _may(event, TIMER) and set(event.by.roles) <= set(subject.roles(system)):
        yield problem("MAC005", place, related=(event.where,), event=event.name)


def _may(event: Event, special: str) -> bool:
    """Whether a part of the engine may raise the event; one that names nobody is open to all."""
    return special in event.by.special or not (event.by.roles or event.by.special or event.by.formula)


def starts_from(machine: Machine, event: Event, state: str) -> bool:
    """Whether an event can happen in a state."""
    declared = machine.states.get(state)
    return state in event.sources or (ANY in event.sources and declared is not None and not declared.final)


def _timer(subject: Subject, machine: Machine, timer: Timer, system: str) -> Iterator[Problem]:
    for key, names in (("runs", timer.runs), ("stands", timer.stands)):
        for name, place in subject.listed(timer.where, key, names=names):
            if name not in machine.states:
                yield unknown("REF005", name, machine.states, place, document=machine.document)
            elif key == "stands" and name in timer.runs:
                yield problem("MAC020", place, state=name, timer=timer.name)
    for name, place in subject.listed(timer.where, "met_by", names=timer.met_by):
        if name not in machine.events:
            yield unknown("REF004", name, machine.events, place, document=machine.document)
    yield from check_calendar(subject, timer.calendar, system, timer.where)


def check_calendar(subject: Subject, name: str, system: str, owner: Span) -> Iterator[Problem]:
    """A calendar by name; `always` is time that never stands still."""
    known = [*subject.known("calendar", system), "always"]
    if name and name not in known and name not in subject.definitions.calendars:
        yield unknown("REF013", name, known, subject.places.value(owner, "calendar"))


# --- life --------------------------------------------------------------------------------------------------------


def _life(subject: Subject, machine: Machine) -> Iterator[Problem]:
    reached = reachable(machine)
    for state in machine.states.values():
        if state.name not in reached:
            yield problem("MAC001", subject.name_of(state.where, state.name), state=state.name)
        elif not state.final and not any(_leaves(machine, event, state.name) for event in machine.events.values()):
            yield problem("MAC002", subject.name_of(state.where, state.name), state=state.name)
    for event in machine.events.values():
        if event.where == machine.where:
            continue  # one that every machine has without saying so
        known = {name for name in event.sources if name in machine.states or name in (NEW, ANY)}
        possible = NEW in known or any(starts_from(machine, event, state) for state in reached)
        if known and not possible:
            place = subject.name_of(event.where, event.name)
            yield problem("MAC003", place, event=event.name, states=", ".join(event.sources))


def reachable(machine: Machine) -> set[str]:
    """States that some course of events leads to."""
    reached = {event.to for event in machine.events.values() if NEW in event.sources}
    edge = list(reached)
    while edge:
        state = edge.pop()
        for event in machine.events.values():
            if event.to and event.to not in reached and starts_from(machine, event, state):
                reached.add(event.to)
                edge.append(event.to)
    return reached


def _leaves(machine: Machine, event: Event, state: str) -> bool:
    return bool(event.to) and event.to != state and starts_from(machine, event, state)


def _unraised(subject: Subject, machine: Machine) -> Iterator[Problem]:
    """Events left to clocks and approvals that none of them raises."""
    by_timer = {state.until.event for state in machine.states.values() if state.until is not None}
    by_approval = {
        name
        for approval in machine.approvals.values()
        for name in (approval.agreed, approval.refused, approval.return_event, approval.withdraw_event)
    }
    for event in machine.events.values():
        if event.by.roles or event.by.formula is not None or len(event.by.special) != 1:
            continue
        if TIMER in event.by.special and event.name not in by_timer:
            yield warning("MAC010", subject.name_of(event.where, event.name), event=event.name)
        if APPROVAL in event.by.special and event.name not in by_approval:
            yield warning("MAC009", subject.name_of(event.where, event.name), event=event.name)


def _by_themselves(subject: Subject, machine: Machine) -> Iterator[Problem]:
    """Events that happen as soon as they can must end: not without a condition in a state that they do not leave."""
    free = [event for event in machine.events.values() if ITSELF in event.by.special and event.when is None]
    follows = {
        state: {event.to or state for event in free if starts_from(machine, event, state)} for state in machine.states
    }
    for event in free:
        for source in machine.states:
            if starts_from(machine, event, source) and source in _after(follows, event.to or source):
                place = subject.places.key(event.where, "by")
                yield problem("MAC012", place, event=event.name, state=source)
                break


def _after(follows: dict[str, set[str]], state: str) -> set[str]:
    seen = {state}
    edge = [state]
    while edge:
        for following in follows.get(edge.pop(), ()):
            if following not in seen:
                seen.add(following)
                edge.append(following)
    return seen
