"""Scopes of what belongs to a system: access, named actions, notices, jobs, prints, pages; what a node says of it.

In: elements and the linker of their system. Out: linked formulas.
"""

from __future__ import annotations

from dataclasses import replace

from engine.checks.linking import Linker
from engine.checks.links.actions import ActionLinker
from engine.checks.links.documents import document_scope
from engine.checks.shapes import rows_type
from engine.expressions.expression import Checked, check_expression
from engine.model.access import Grant
from engine.model.formula import Formula
from engine.model.system import Job, Kiosk, NamedAction, Notice, Pages, PrintForm
from engine.model.types import BOOLEAN, INTEGER
from engine.problems import Problem
from engine.sources.criteria import store_problems


def link_grant(linker: Linker, document: str, grant: Grant, floor: Formula | None) -> Grant:
    """Link the rows of a grant, which are found without any document at hand, and when they may be changed.

    `floor` limits every grant of the role. The grant that comes back has it in its rows. Where the floor says nothing
    of this document type, the grant must have rows of its own.
    """
    scope = document_scope(linker, document)
    bare = replace(scope, this=None)
    linker.formula(grant.rows, bare, BOOLEAN)
    _by_the_store(linker, grant.rows)
    _of_the_record(linker, grant.rows, document, grant.role)
    linker.formula(grant.edit.when, scope, BOOLEAN)
    if floor is None:
        return grant
    own = Formula(floor.text, floor.where)
    linker.formula(own, bare, BOOLEAN)
    _by_the_store(linker, own)
    if grant.rows is None:
        _of_the_record(linker, own, document, grant.role)
    else:
        own = Formula(f"({floor.text}) and ({grant.rows.text})", grant.rows.where)
        own.linked = check_expression(own.text, own.where, bare, linker.catalog, expected=BOOLEAN)[0]
    return replace(grant, rows=own)


def link_action(linker: Linker, action: NamedAction) -> None:
    """Link a named action: it knows what it takes and nothing of who calls it."""
    taken = linker.types(action.takes)
    ActionLinker(linker).actions(action.do, linker.surroundings.with_locals(**taken))


def link_notice(linker: Linker, notice: Notice) -> None:
    """Link whom a notice goes to and what it says."""
    scope = linker.surroundings.with_locals(**linker.types(notice.takes))
    for recipient in notice.to:
        linker.formula(recipient.within, scope)
        linker.formula(recipient.who, scope)
        linker.formula(recipient.when, scope, BOOLEAN)
    linker.formula(notice.quiet[2], scope, BOOLEAN)
    linker.template(notice.text, scope)


def link_job(linker: Linker, job: Job) -> None:
    """Link what a job goes over and does; each row is the document that its actions work on."""
    scope = linker.surroundings
    document = ""
    if job.each is not None:
        scope = linker.source(job.each, scope)
        document = scope.row.document
        scope = replace(scope, this=scope.row if document else None)
    linker.formula(job.condition, scope, BOOLEAN)
    linker.order(job.sort, scope)
    keys = linker.formulas(job.per, scope)
    if job.per:
        document, scope = "", linker.surroundings.with_locals(**keys, rows=rows_type(scope.row))
    ActionLinker(linker, document).actions(job.do, scope)


def link_kiosk(linker: Linker, kiosk: Kiosk) -> None:
    """Link how much waits to be sent: a whole number, in the system of the flow that runs there."""
    linker.formula(kiosk.waiting, linker.surroundings, INTEGER)


def link_print(linker: Linker, form: PrintForm) -> None:
    """Link what the code on the paper says, and what a bundle holds."""
    scope = document_scope(linker, form.document)
    linker.template(form.qr, scope)
    if form.verify is not None:
        linker.formula(form.verify.valid, scope, BOOLEAN)
    if form.bundle is not None:
        row = linker.source(form.bundle.each, scope)
        for bundled in form.bundle.prints:
            linker.formula(bundled.of, row)


def link_pages(linker: Linker, pages: Pages) -> None:
    """Link which rows a list shows, its columns that are paths or expressions, and when sections are shown.

    A list is paged, so the store must be able to judge its rows, and no document is at hand when they are asked for.
    """
    scope = document_scope(linker, pages.document)
    row = linker.source(pages.of, scope) if pages.of is not None else scope
    linker.formula(pages.filter, replace(row, this=None), BOOLEAN)
    _by_the_store(linker, pages.filter)
    linker.formulas(pages.cells, row)
    for panel in (*pages.form, *pages.detail):
        linker.formula(panel.show, scope, BOOLEAN)


def _by_the_store(linker: Linker, formula: Formula | None) -> None:
    """Report what a store cannot answer of a condition."""
    linked = formula.linked if formula is not None else None
    if isinstance(linked, Checked):
        linker.problems.extend(store_problems(linked))


def _of_the_record(linker: Linker, formula: Formula | None, document: str, role: str) -> None:
    """Report rows that say nothing of the record: they hold for all of them or none.

    A name that the record lacks may be one of the surroundings, such as `org`, and would let everything through.
    """
    linked = formula.linked if formula is not None else None
    if isinstance(linked, Checked) and not any(path[0] == "row" for path in linked.reads):
        values = {"document": document, "role": role, "text": linked.source}
        linker.problems.append(Problem("ACC011", linked.where, values))
