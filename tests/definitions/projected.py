"""One projection before every door: for each document type that is shipped, each role and each field.

What access grants is what each door shows, and nothing of a hidden or masked field turns up anywhere. All is generated
from the definitions in force; nothing is listed by hand. The doors are tried in `test_projected_*`.
"""

from functools import cache

import pytest

from engine.access.masks import masked
from engine.documents.field_kinds import text_of
from engine.model.types import Kind
from engine.usecases.views import Actor
from engine.web import WebSettings, create_app
from tests.definitions import shipped
from tests.definitions.canaries import CLEAR, HIDDEN, MASKED, STRANGER, TURNS, build, texts, with_turns

WORDED = {Kind.TEXT, Kind.DATE, Kind.DATETIME, Kind.INTEGER, Kind.NUMBER}
"""Kinds whose wording needs no other record or list."""


@cache
def force():
    return with_turns(shipped.force())


@cache
def aviary():
    node = next(name for name, one in force().definitions.nodes.items() if one.accounts is not None)
    return build(force(), node)


@cache
def web():
    runtime = aviary().runtime
    return create_app(lambda: runtime, WebSettings("s" * 32, calls_per_minute=10**6))


DOCUMENTS = sorted(force().definitions.documents)
ROLES = sorted(aviary().actors)
_ALIKE = {role for role in ROLES if role not in (*TURNS, STRANGER)}
"""Shipped roles. To a type that grants them nothing they are the stranger, who is tried on every type."""
EVERY = pytest.mark.parametrize(
    ("document", "role"),
    [
        (one, role) for one in DOCUMENTS for role in ROLES
        if role not in _ALIKE or role in force().definitions.access.get(one, {})
    ],
)  # fmt: skip


@cache
def _said(role: str) -> set[str]:
    """Lines that were shown to a role and hold nothing that it must not see: pages say most of theirs again."""
    return set()


def says(role: str, *views: object) -> None:
    """Nothing that the role must not see is in a view."""
    lines = {line for text in texts(views) for line in text.splitlines()} - _said(role)
    told = "\n".join(lines)
    leaks = sorted({where for where, text in aviary().secrets(role) if text in told})
    assert leaks == []
    _said(role).update(lines)


def granted(document: str, role: str) -> dict[str, str]:
    fields = force().definitions.documents[document].fields
    return {name: aviary().expected(role, document, name) for name in fields}


def seen(document: str, role: str) -> dict[str, str]:
    return {name: state for name, state in granted(document, role).items() if state != HIDDEN}


def at(document: str, role: str) -> tuple[Actor, str]:
    return aviary().actors[role], aviary().ids[document]


def grant(document: str, role: str):
    return force().definitions.access.get(document, {}).get(role)


def views_of(sections) -> dict[str, object]:
    return {view.name: view for section in sections for view in section.fields}


def placed(document: str) -> set[str]:
    """The fields that a form of the type has a place for."""
    declared = force().definitions.pages.get(document)
    fields = set(force().definitions.documents[document].fields)
    panels = declared.form if declared is not None else ()
    return {name for panel in panels for name in panel.fields} & fields if panels else fields


def judge(document: str, role: str, views) -> None:
    """Views of fields are as access says: there or not, masked or not, and with the value that is stored."""
    values, expected = aviary().values[document], granted(document, role)
    for name, view in views.items():
        state, value, field = expected[name], values[name], view.field
        assert state != HIDDEN, name
        if field.is_table:
            shown = [] if state == MASKED else [row["id"] for row in value]
            assert list(view.row_ids) == shown, name
            continue
        assert view.masked is (state == MASKED), name
        if field.kind == "password" or state == MASKED:
            assert view.value is None, name
        else:
            assert view.value == value, name
        if field.type.kind in WORDED and field.kind != "password":
            text = text_of(value, field.kind)
            assert view.text == (text if state == CLEAR else masked(text, field.mask)), name
