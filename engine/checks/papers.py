"""Checks of what binds paper to data: facts of the public page, scanned pages, bundles, languages of printers.

In: prints. Out: problems at the definition. Templates are checked by `engine.checks.prints`.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.checks.links.actions import document_of
from engine.checks.subject import Subject, problem, unknown
from engine.expressions.expression import Checked
from engine.model.documents import Field
from engine.model.prints import PUBLIC_SYSTEM, BundledPrint, PrintForm, Scanned, Verify
from engine.problems import Problem

_FILES = ("file", "image")


def check_paper(subject: Subject, form: PrintForm) -> Iterator[Problem]:
    """One print."""
    if form.raw:
        yield problem("PRT020", subject.places.value(form.where, "raw"), name=f"raw: {form.raw}")
    for chart in form.charts:
        yield problem("PRT020", subject.places.key(form.where, "charts", chart), name=f"charts: {chart}")
    if form.verify is not None:
        yield from _verify(subject, form, form.verify)
    if form.scanned is not None:
        yield from _scanned(subject, form, form.scanned)
    if form.bundle is not None:
        for index, bundled in enumerate(form.bundle.prints):
            yield from _bundled(subject, form, bundled, index)


def _verify(subject: Subject, form: PrintForm, verify: Verify) -> Iterator[Problem]:
    fields = subject.fields(form.document)
    for name, mask in verify.facts.items():
        place = subject.places.key(form.where, "verify", "facts", name)
        if name not in fields and name not in PUBLIC_SYSTEM:
            yield unknown("REF002", name, [*fields, *PUBLIC_SYSTEM], place, owner=form.document)
        elif name in fields and (fields[name].is_table or fields[name].kind in ("password", *_FILES)):
            yield problem("PRT025", place, name=name)
        elif name in fields and mask == "plain" and _tells_protected(subject, fields[name]):
            yield problem("PRT024", place, name=name)


def _tells_protected(subject: Subject, field: Field) -> bool:
    """Whether a value is protected, or names a record by something that is."""
    target = subject.definitions.documents.get(field.type.of) if field.kind in ("ref", "refs") else None
    label = target.fields.get(target.label) if target is not None else None
    return bool(field.protect or (label is not None and label.protect))


def _scanned(subject: Subject, form: PrintForm, scanned: Scanned) -> Iterator[Problem]:
    machine = subject.machine(form.document)
    if machine is None:
        return
    event = machine.events.get(scanned.event)
    if event is None:
        place = subject.places.value(form.where, "scanned", "event")
        yield unknown("REF004", scanned.event, machine.events, place, document=form.document)
    elif scanned.into not in event.ask or event.ask[scanned.into].kind not in _FILES:
        yield problem(
            "PRT021", subject.places.value(form.where, "scanned", "into"), name=scanned.into, event=event.name
        )


def _bundled(subject: Subject, form: PrintForm, bundled: BundledPrint, index: int) -> Iterator[Problem]:
    inner = subject.definitions.prints.get(bundled.print)
    if inner is None or form.bundle is None:
        return  # told elsewhere
    place = subject.places.value(form.where, "bundle", "prints", index)
    if inner.bundle is not None:
        yield problem("PRT023", place, name=inner.id)
    linked = (bundled.of or form.bundle.each).linked
    document = document_of(linked.type) if isinstance(linked, Checked) else ""
    if document and inner.document and document != inner.document:
        yield problem("PRT022", place, name=inner.id, document=inner.document, other=document)
