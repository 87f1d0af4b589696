"""Scopes in machines: guards and questions of events, deadlines, timers, approvals, and their actions.

In: a machine and the linker of its document's system. Out: linked formulas. `event` is what the event asked for;
states, timers and approvals act without one.
"""

from __future__ import annotations

from dataclasses import replace

from engine.checks.linking import Linker
from engine.checks.links.actions import ActionLinker
from engine.checks.links.documents import document_scope, link_fields
from engine.expressions.names import Scope
from engine.model.machines import Approval, Event, Machine, Participants, State, Timer
from engine.model.system import NamedAction
from engine.model.types import BOOLEAN, DATETIME, DURATION


def link_machine(linker: Linker, machine: Machine) -> None:
    """Link everything that a machine says."""
    scope = document_scope(linker, machine.document)
    acting = ActionLinker(linker, machine.document)
    for event in machine.events.values():
        _link_event(linker, acting, event, replace(scope, event=linker.asked(event.ask)))
    for state in machine.states.values():
        _link_state(linker, acting, state, scope)
    for timer in machine.timers.values():
        _link_timer(linker, acting, timer, scope)
    for approval in machine.approvals.values():
        _link_approval(linker, acting, approval, scope)


def link_own_action(linker: Linker, action: NamedAction, machine: Machine) -> None:
    """Link a named action of a machine: `event` holds what any of the events that call it asks for."""
    asked = {name: field for event in machine.events.values() for name, field in event.ask.items()}
    scope = replace(document_scope(linker, machine.document), event=linker.asked(asked))
    ActionLinker(linker, machine.document).actions(action.do, scope.with_locals(**linker.types(action.takes)))


def _link_event(linker: Linker, acting: ActionLinker, event: Event, scope: Scope) -> None:
    link_fields(linker, event.ask, scope, scope.event)
    linker.formula(event.when, scope, BOOLEAN)
    linker.formula(event.by.formula, scope)
    acting.actions(event.do, scope)


def _link_state(linker: Linker, acting: ActionLinker, state: State, scope: Scope) -> None:
    if state.until is not None:
        linker.formula(state.until.after, scope, DURATION)
        linker.formula(state.until.at, scope, DATETIME)
    acting.actions(state.enter, scope)
    acting.actions(state.leave, scope)


def _link_timer(linker: Linker, acting: ActionLinker, timer: Timer, scope: Scope) -> None:
    linker.formula(timer.within, scope, DURATION)
    for _, actions in timer.warn:
        acting.actions(actions, scope)
    acting.actions(timer.late, scope)


def _link_approval(linker: Linker, acting: ActionLinker, approval: Approval, scope: Scope) -> None:
    for step in approval.steps:
        link_participants(linker, step.who, scope)
        linker.formula(step.when, scope, BOOLEAN)
        linker.formula(step.due, scope, DURATION)
        for late in step.late:
            linker.formula(late.after, scope, DURATION)
            acting.actions(late.do, scope)
    if approval.nobody.to is not None:
        link_participants(linker, approval.nobody.to, scope)


def link_participants(linker: Linker, who: Participants, scope: Scope) -> None:
    """Link whose signature is asked for."""
    linker.formula(who.within, scope)
    linker.formula(who.users, scope)
