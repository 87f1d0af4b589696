"""`guiju explain`: what a problem code means, or what a definition says of one field, event or rule."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from engine.codes import catalogue
from engine.commands.composition import Composition
from engine.commands.output import fault, line
from engine.commands.parsers import Verbs, verb
from engine.model.documents import Document
from engine.model.formula import Formula
from engine.model.machines import Machine
from engine.problems import DefinitionError


def add(verbs: Verbs) -> None:
    """`explain CODE | DOCUMENT.NAME`."""
    parser = verb(
        verbs,
        "explain",
        "What a problem code means, or where a field, event or rule comes from.",
        "guiju explain EXP001",
        act,
    )
    parser.add_argument("what", help="a problem code, or document.name of a field, event or rule")


def act(composition: Composition, options: argparse.Namespace) -> int:
    """Run the verb."""
    entry = catalogue().get(options.what)
    if entry is not None:
        for language in ("zh", "en"):
            wording = entry[language]
            line(f"{options.what}  {wording.message}\n  {wording.cause}\n  {wording.repair}")
        return 0
    force, problems, _ = composition.checked()
    if force is None:
        raise DefinitionError(problems)
    document, _, name = options.what.partition(".")
    declared = force.definitions.documents.get(document)
    found = list(_told(declared, force.definitions.machines[document], name)) if declared is not None else []
    for text in found:
        line(text)
    if not found:
        fault(f"nothing is called {options.what!r}")
    return 0 if found else 1


def _told(document: Document, machine: Machine, name: str) -> Iterator[str]:
    field = document.field_at(tuple(name.split(".")))
    if field is not None:
        yield f"{field.where}: {field.title.zh} ({field.kind} {field.type.of})".rstrip()
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
        yield f"{event.where}: {event.title.zh}: {', '.join(event.sources)} -> {event.to or '(same)'}"
        yield f"  by: {', '.join((*event.by.roles, *event.by.special)) or 'whoever access grants it'}"
        if event.when is not None:
            yield f"{event.when.where}: when: {event.when.text}"
