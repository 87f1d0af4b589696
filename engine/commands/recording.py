"""Records made at the console: by the event that creates them, with values as they were typed.

In: a runtime, a document type, texts by field; a field that refers takes the title of the other record. Out: the id of
the record, or what is wrong, worded for the terminal. Everything goes through the ordinary use cases.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.loading.nearest import nearest
from engine.model.criteria import Compare, Selection
from engine.model.documents import Document
from engine.problems import Finding, Refused
from engine.usecases.acting import ENGINE
from engine.usecases.desk import Inputs
from engine.usecases.events import in_work
from engine.usecases.presenting import label_field
from engine.usecases.runtime import Runtime
from engine.usecases.work import Work


class Unusable(Exception):
    """Something typed cannot be used; each line says what and how to mend it."""

    def __init__(self, *lines: str) -> None:
        self.lines = lines
        super().__init__("; ".join(lines))


def record(runtime: Runtime, document: str, typed: Mapping[str, str]) -> str:
    """Make a record; its id. Raises Unusable."""
    declared = runtime.definitions.documents[document]
    raw = {name: _value(runtime, declared, name, text) for name, text in typed.items()}
    creating = runtime.definitions.machines[document].creating()
    if not creating:
        raise Unusable(f"nothing creates a {document!r}: its machine has no event from `new`")

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
        raise Unusable(*(f"--set {pair}: write --set FIELD=VALUE" for pair in wrong))
    return {name: text for name, _, text in (pair.partition("=") for pair in pairs)}


def _value(runtime: Runtime, document: Document, name: str, text: str) -> str:
    """The text; for a field that refers, the id of the record that is called so."""
    field = document.fields.get(name)
    if field is None:
        near = nearest(name, document.fields)
        raise Unusable(f"{document.id} has no field {name!r}{f'; did you mean {near}?' if near else ''}")
    if field.kind != "ref" or not field.type.of:
        return text
    label = label_field(runtime.definitions.documents[field.type.of])
    with runtime.store.begin(write=False) as unit:
        found = unit.select(Selection(field.type.of, Compare((label,), "==", text), limit=1))
    if not found:
        raise Unusable(f"{name}: no {field.type.of} is called {text!r}")
    return found[0].id


def _said(document: Document, finding: Finding) -> str:
    """A finding with the option that mends it."""
    name = finding.at[0] if finding.at else ""
    field = document.fields.get(name)
    if field is None:
        return finding.text["en"]
    return f"{'.'.join(finding.at)} ({field.title.zh}): {finding.text['en']}; give it by --set {name}=…"
