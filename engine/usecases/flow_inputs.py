"""What people fill in on the screen of a flow, as values: fields, keypads, searches.

In: raw texts by name. Out: typed values of what the screen asks for, and what is wrong with them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from engine.documents.bind import bind
from engine.documents.passwords import KIND as PASSWORD
from engine.documents.rules import check_fields
from engine.expressions.environment import Env
from engine.model.documents import Field
from engine.model.flows import Flow, Step, chosen, inputs
from engine.model.free_pages import inside
from engine.model.touch_parts import Entry, Keypad
from engine.problems import Finding
from engine.usecases.work import Work

Row = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Taken:
    """What a screen took in: values by name, and what is wrong."""

    values: Row
    findings: tuple[Finding, ...]


def names_on(step: Step) -> tuple[str, ...]:
    """Everything that the step's screen takes in, tapped rows among it."""
    return (*(one.name for one in inputs(step.screen)), *(name for name, _ in chosen(step.screen)))


def hidden_in(flow: Flow) -> frozenset[str]:
    """Names of what is typed unseen in a flow: it is never stored."""
    parts = [one.part for step in flow.steps.values() for one in inside(step.screen)]
    keyed = {part.field.name for part in parts if isinstance(part, Keypad) and part.hidden}
    asked = {one.name for part in parts if isinstance(part, Entry) for one in part.fields.values()}
    secret = {name for name in asked if any(_is_secret(part, name) for part in parts)}
    return frozenset(keyed | secret)


def _is_secret(part: object, name: str) -> bool:
    return isinstance(part, Entry) and name in part.fields and part.fields[name].kind == PASSWORD


def taken_in(work: Work, flow: Flow, step: Step, row: Row, raw: Row) -> Taken:
    """The values of what the screen of a step asks for; `row` is the row that expressions of the flow stand in."""
    fields = {one.name: one for one in inputs(step.screen)}
    given = {name: value for name, value in raw.items() if name in fields}
    bound = bind(fields, given, may_set=lambda path: True, exists=work.exists, new_id=work.runtime.ids.new)
    values = {**dict.fromkeys(fields), **bound.values}
    told = {finding.at for finding in bound.findings}
    missing = [one for one in _missing(work, step, values, row) if one.at not in told]
    return Taken(values, (*bound.findings, *missing))


def _missing(work: Work, step: Step, values: Row, row: Row) -> Iterator[Finding]:
    outer = Env(row, work.world)
    for component in inside(step.screen):
        part = component.part
        if isinstance(part, Entry):
            yield from _judged(work, part, values, outer)
        elif isinstance(part, Keypad):
            yield from check_fields({part.field.name: part.field}, dict(values), outer, ())


def _judged(work: Work, part: Entry, values: Row, outer: Env) -> Iterator[Finding]:
    """Fields of a form stand in their own values; those of a document type in all of its fields."""
    document = work.runtime.definitions.documents.get(part.of)
    names: Mapping[str, Field] = document.fields if document is not None else part.fields
    own = {name: values.get(name) for name in {**names, **part.fields}}
    env = Env(own, work.world, this=own, up=outer)
    yield from check_fields(part.fields, own, env, ())
