"""Records made at the console: by the event that creates them, with values as they were typed.

In: a runtime, a document type, texts by field; a field that refers takes the title of the other record. Out: the id of
the record, or what is wrong, worded for the terminal. Everything goes through the ordinary use cases.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from engine.commands.output import meant
from engine.console import say, spoken
from engine.model.criteria import Compare, Selection
from engine.model.documents import Document
from engine.problems import Finding, Refused
from engine.usecases.acting import ENGINE
from engine.usecases.desk import Inputs
from engine.usecases.events import in_work
from engine.usecases.presenting import label_field
from engine.usecases.runtime import Runtime
from engine.usecases.work import Work

_MOST = 1_000


class Unusable(Exception):
    """Something typed cannot be used; each line says what and how to mend it."""

    def __init__(self, *lines: str) -> None:
        self.lines = lines
        super().__init__("; ".join(lines))


def together(*steps: Callable[[], None]) -> None:
    """Take every step, whatever is wrong in another. Raises Unusable with all that is wrong."""
    lines: list[str] = []
    for step in steps:
        try:
            step()
        except Unusable as wrong:
            lines += wrong.lines
    if lines:
        raise Unusable(*lines)


def values(runtime: Runtime, document: str, typed: Mapping[str, str]) -> dict[str, str]:
    """What was typed as a record takes it: of a field that refers the id of the other record. Raises Unusable."""
    declared = runtime.definitions.documents[document]
    found: dict[str, str] = {}

    def take(name: str, text: str) -> None:
        found[name] = _value(runtime, declared, name, text)

    together(*(partial(take, name, text) for name, text in typed.items()))
    return found


def record(runtime: Runtime, document: str, typed: Mapping[str, str]) -> str:
    """Make a record of what was typed; its id. Raises Unusable."""
    return create(runtime, document, values(runtime, document, typed))


def create(runtime: Runtime, document: str, raw: Mapping[str, str]) -> str:
    """Make a record of values as it takes them; its id. Raises Unusable."""
    declared = runtime.definitions.documents[document]
    creating = runtime.definitions.machines[document].creating()
    if not creating:
        raise Unusable(say("record.nothing", name=document))

    def act(work: Work) -> str:
        made = work.apply(work.blank(document), creating[0].name, ENGINE, Inputs(raw))
        return str(made.values["id"])

    try:
        return in_work(runtime, ENGINE, act)
    except Refused as refused:
        raise Unusable(*(_said(declared, finding) for finding in refused.findings)) from refused


def given(pairs: Sequence[str]) -> dict[str, str]:
    """`FIELD=VALUE` as it stands behind `--set`. Raises Unusable."""
    wrong = [pair for pair in pairs if "=" not in pair]
    if wrong:
        raise Unusable(*(say("record.pair", pair=pair) for pair in wrong))
    return {name: text for name, _, text in (pair.partition("=") for pair in pairs)}


def _value(runtime: Runtime, document: Document, name: str, text: str) -> str:
    """The text; for a field that refers, the id of the record that is called so."""
    field = document.fields.get(name)
    if field is None:
        raise Unusable(say("record.field", document=document.id, name=name, near=meant(name, document.fields)))
    if field.kind != "ref" or not field.type.of:
        return text
    referred = runtime.definitions.documents[field.type.of]
    label, titled = label_field(referred), referred.title.worded(spoken())
    with runtime.store.begin(write=False) as unit:
        found = unit.select(Selection(field.type.of, Compare((label,), "==", text), limit=1))
        known = (
            [] if found else [str(one.values.get(label)) for one in unit.select(Selection(field.type.of, limit=_MOST))]
        )
    if not found:
        raise Unusable(say("record.called", name=name, document=titled, text=text, near=meant(text, known)))
    return found[0].id


def _said(document: Document, finding: Finding) -> str:
    """A finding with the option that mends it."""
    name = finding.at[0] if finding.at else ""
    field = document.fields.get(name)
    if field is None:
        return finding.text[spoken()]
    at, title = ".".join(finding.at), field.title.worded(spoken())
    return say("record.finding", at=at, title=title, text=finding.text[spoken()], name=name)
