"""`guiju explain`: what a problem code means, or what a definition says of one field, event or rule."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from engine.codes import catalogue
from engine.commands.composition import Composition
from engine.commands.flow_drawing import step_told
from engine.commands.output import fault, line
from engine.commands.parsers import Verbs, verb
from engine.console import say, spoken
from engine.model.documents import Document
from engine.model.formula import Formula
from engine.model.machines import Machine
from engine.problems import DefinitionError


def add(verbs: Verbs) -> None:
    """`explain CODE | DOCUMENT.NAME`."""
    parser = verb(
        verbs,
        "explain",
        say("explain.help"),
        "guiju explain EXP001",
        act,
    )
    parser.add_argument("what", help=say("explain.what"))


def act(composition: Composition, options: argparse.Namespace) -> int:
    """Run the verb."""
    entry = catalogue().get(options.what)
    if entry is not None:
        wording = entry[spoken()]
        line(f"{options.what}  {wording.message}\n  {wording.cause}\n  {wording.repair}")
        return 0
    force, problems, _ = composition.checked()
    if force is None:
        raise DefinitionError(problems)
    document, _, name = options.what.partition(".")
    declared = force.definitions.documents.get(document)
    found = list(_told(declared, force.definitions.machines[document], name)) if declared is not None else []
    owner, _, name = options.what.rpartition(".")
    if not found and (flow := force.definitions.flows.get(owner)) is not None:
        found = list(step_told(flow, name))
    for text in found:
        line(text)
    if not found:
        fault(say("explain.nothing", name=options.what))
    return 0 if found else 1


def _told(document: Document, machine: Machine, name: str) -> Iterator[str]:
    field = document.field_at(tuple(name.split(".")))
    if field is not None:
        yield f"{field.where}: {field.title.worded(spoken())} ({field.kind} {field.type.of})".rstrip()
        for key in ("value", "copied", "find", "show", "required", "edit", "check", "filter"):
            formula = getattr(field, key)
            if isinstance(formula, Formula):
                yield f"{formula.where}: {key}: {formula.text}"
    rule = document.rules.get(name)
    if rule is not None:
        yield f"{rule.where}: {rule.level}: {rule.message.text}"
        yield from (f"{one.where}: {one.text}" for one in (rule.when, rule.check) if one is not None)
    event = machine.events.get(name)
    if event is not None:
        title, target = event.title.worded(spoken()), event.to or say("explain.same")
        yield f"{event.where}: {title}: {', '.join(event.sources)} -> {target}"
        names = ", ".join((*event.by.roles, *event.by.special)) or say("explain.anybody")
        yield f"  {say('explain.by', names=names)}"
        if event.when is not None:
            yield f"{event.when.where}: when: {event.when.text}"
