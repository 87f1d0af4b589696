"""`guiju docs`: a data dictionary out of the definitions, or the catalogue of problems, in Markdown."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping

from engine.codes import catalogue
from engine.commands.composition import Composition
from engine.commands.flow_drawing import told
from engine.commands.output import line
from engine.commands.parsers import Verbs, verb
from engine.console import say, spoken
from engine.model.documents import Document, Field
from engine.model.machines import Machine
from engine.problems import DefinitionError


def add(verbs: Verbs) -> None:
    """`docs [DOCUMENT]`."""
    parser = verb(verbs, "docs", say("docs.help"), "guiju docs > dictionary.md", act)
    parser.add_argument("document", nargs="?", default="", help=say("docs.document"))
    parser.add_argument("--problems", action="store_true", help=say("docs.problems"))


def act(composition: Composition, options: argparse.Namespace) -> int:
    """Run the verb."""
    if options.problems:
        line("\n".join(problem_catalogue()))
        return 0
    force, problems, _ = composition.checked()
    if force is None:
        raise DefinitionError(problems)
    wanted = {options.document} if options.document else set(force.definitions.documents)
    found = [one for name, one in sorted(force.definitions.documents.items()) if name in wanted]
    for document in found:
        for text in dictionary(document, force.definitions.machines[document.id]):
            line(text)
    flows = [one for name, one in sorted(force.definitions.flows.items()) if options.document in ("", name)]
    for flow in flows:
        for text in told(flow):
            line(text)
    line(f"<!-- {say('docs.count', count=len(found), flows=len(flows))} -->")
    return 0 if found or flows else 1


def problem_catalogue() -> Iterator[str]:
    """Every problem code, worded in both languages, in the order of the codes."""
    yield "# Problems of definitions\n"
    yield "Made by `guiju docs --problems`; the wording is that of `engine/codes/`."
    for code, wordings in sorted(catalogue().items()):
        yield f"\n## {code}\n"
        for language in ("zh", "en"):
            wording = wordings[language]
            yield f"- {wording.message}\n  - {wording.cause}\n  - {wording.repair}"


def dictionary(document: Document, machine: Machine) -> Iterator[str]:
    """One document type: its fields, child tables, rules, states and events."""
    yield f"\n## {document.title.worded(spoken())} `{document.id}`\n"
    yield from _fields(document.fields)
    for field in document.fields.values():
        if field.is_table:
            yield f"\n### {field.title.worded(spoken())} `{field.name}`\n"
            yield from _fields(field.fields)
    if document.rules:
        yield f"\n| {say('docs.rules')} |\n|---|---|---|"
        for rule in document.rules.values():
            yield f"| `{rule.id}` | {rule.level} | {_cell(rule.message.text)} |"
    yield f"\n| {say('docs.events')} |\n|---|---|---|"
    for event in machine.events.values():
        yield f"| {_cell(event.title.worded(spoken()))} `{event.name}` | {', '.join(event.sources)} | {event.to} |"


def _fields(fields: Mapping[str, Field]) -> Iterator[str]:
    yield f"| {say('docs.fields')} |\n|---|---|---|---|---|"
    for field in fields.values():
        given = field.value or field.copied or field.find
        kind = f"{field.kind} {field.type.of}".strip()
        required = say("docs.yes") if field.required is True else say("docs.when") if field.required else ""
        text = _cell(given.text if given else "")
        yield f"| `{field.name}` | {_cell(field.title.worded(spoken()))} | {kind} | {required} | {text} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
