"""Checks of prints: their templates against what paper shows of a document, their anchors, their paper.

In: prints with the texts of their templates. Out: problems, in the template or at the definition. A template sees the
declared fields and the system's own, and beside them `today`, `user` and, of a document with approvals, `signatures`,
as `engine.usecases.paper` gives them: no back references, no other surroundings.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from engine.checks.papers import check_paper
from engine.checks.subject import Subject
from engine.model.documents import Document
from engine.model.prints import PrintForm
from engine.model.types import DATE, SYSTEM_FIELDS, Kind, Shape, Type
from engine.printing.check import check_print
from engine.printing.vocabulary import AGREE, APPROVALS, DECISIONS, REFUSE, STEPS, Vocabulary, signatures
from engine.problems import Problem


def check_prints(subject: Subject) -> Iterator[Problem]:
    """All prints: what binds them to data, and the templates of those that have one."""
    for form in subject.definitions.prints.values():
        yield from check_paper(subject, form)
        document = subject.definitions.documents.get(form.document)
        if document is not None:
            vocabulary = _vocabulary(subject, document)
            for template, text in _templates(form).items():
                yield from _check(subject, form, template, text, vocabulary)


def _templates(form: PrintForm) -> dict[str, str]:
    """The template and those of dated wordings, with their texts; one that is not there was reported before."""
    named = {form.template: form.source, **{one.template: one.source for one in form.wording}}
    return {name: text for name, text in named.items() if name and text}


def _check(subject: Subject, form: PrintForm, template: str, text: str, vocabulary: Vocabulary) -> Iterator[Problem]:
    anchors = {name: subject.places.key(form.where, "anchors", name) for name in form.anchors}
    yield from check_print(text, f"{form.folder}/{template}", vocabulary, anchors=anchors, others=form.others)


def _vocabulary(subject: Subject, document: Document) -> Vocabulary:
    documents, codes = subject.definitions.documents, subject.definitions.codes

    def shape(name: str) -> Shape | None:
        return printed_shape(documents[name]) if name in documents else None

    def columns(name: str) -> Mapping[str, Type] | None:
        return codes[name].columns if name in codes else None

    accounts, machine = subject.definitions.accounts_of(document.system), subject.definitions.machines.get(document.id)
    approvals = machine.approvals if machine is not None else {}
    beside = {"today": DATE}
    if accounts is not None:
        account = Type(Kind.REF, accounts.document)
        beside |= {"user": account} | ({"signatures": signatures(account)} if approvals else {})
    signed: Mapping[str, Collection[str]] = {
        APPROVALS: list(approvals),
        STEPS: [step.id for approval in approvals.values() for step in approval.steps],
        DECISIONS: [AGREE, REFUSE],
    }
    return Vocabulary(
        printed_shape(document),
        beside,
        shapes=shape,
        columns=columns,
        codes=lambda name: signed[name] if name in signed else subject.shared.codes.get(name),
        missing_glyphs=subject.missing_glyphs,
    )


def printed_shape(document: Document) -> Shape:
    """What paper shows of a record."""
    declared = {name: document.shape.fields[name] for name in document.fields if name in document.shape.fields}
    return Shape(document.id, {**SYSTEM_FIELDS, **declared}, document=document.id)
