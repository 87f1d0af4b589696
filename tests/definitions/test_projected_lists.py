"""Many records: lists, exports, filters, search, choices and tasks show what access grants."""

from contextlib import suppress

import pytest

from engine.model.types import Kind
from engine.problems import Refused
from engine.usecases import choosing, exports, listing, reading, search, tasks
from engine.usecases.views import ListRequest
from tests.definitions.canaries import CLEAR, HIDDEN, MASKED
from tests.definitions.projected import EVERY, ROLES, at, aviary, force, grant, granted, judge, says, seen


@EVERY
def test_list_and_export(document, role):
    actor, record = at(document, role)
    runtime, own = aviary().runtime, grant(document, role)
    if not seen(document, role):
        for act in (listing.list_documents, exports.export_rows):
            with pytest.raises(Refused):
                act(runtime, actor, ListRequest(document))
        return
    page = listing.list_documents(runtime, actor, ListRequest(document, limit=200))
    assert record in page.ids
    row = page.rows[page.ids.index(record)]
    fields = force().definitions.documents[document].fields
    judge(document, role, {name: view for name, view in row.items() if name in fields})
    columns = {column.name for column in page.columns} & set(fields)
    declared = force().definitions.pages.get(document)  # what a ledger closes with has no page of its own
    wanted = {name for name in (declared.columns if declared is not None else ()) or fields if name in fields}
    assert columns == wanted & set(seen(document, role)) or not force().definitions.pages[document].columns
    assert {one.name for one in page.filters} & set(fields) <= set(seen(document, role))
    says(role, page)
    if not own.export:
        with pytest.raises(Refused):
            exports.export_rows(runtime, actor, ListRequest(document))
        return
    titles, rows = exports.export_rows(runtime, actor, ListRequest(document))
    names = [column.name for column in page.columns]
    cells = {tuple(cell for cell in line[:-1]) for line in rows}
    assert tuple(row[name].text for name in names) in cells
    assert [title.zh for title in titles[:-1]] == [column.title.zh for column in page.columns]
    says(role, list(cells))


@EVERY
def test_filters_and_sorting_look_only_at_what_is_seen(document, role):
    actor, _ = at(document, role)
    if not seen(document, role):
        return
    fields = force().definitions.documents[document].fields
    for name, state in granted(document, role).items():
        value = aviary().values[document][name]
        asked = ListRequest(document, {name: str(value)}, limit=200)
        if state == HIDDEN:
            with pytest.raises(Refused):
                listing.list_documents(aviary().runtime, actor, asked)
        elif state == MASKED and fields[name].type.kind is Kind.TEXT and fields[name].kind != "password":
            part = ListRequest(document, {name: str(value)[8:16]}, limit=200)
            with suppress(Refused):  # a part of a number may be none at all
                assert listing.list_documents(aviary().runtime, actor, part).ids == ()
        if state != CLEAR:
            order = listing.order_of(
                aviary().runtime, force().definitions.documents[document], ListRequest(document, sort=name),
                aviary().runtime.rights(document, actor),
            )  # fmt: skip
            assert name not in {one.field for one in order}


@EVERY
def test_search_and_choices(document, role):
    actor, record = at(document, role)
    runtime, values = aviary().runtime, aviary().values[document]
    for name, state in granted(document, role).items():
        if not (isinstance(values[name], str) and values[name].startswith("qz")):
            continue
        found = {hit[1] for hit in search.search(runtime, actor, values[name], 50) if hit[0] == document}
        if state != CLEAR:
            assert record not in found, name
        says(role, found)
    says(role, [hit[2:] for hit in search.search(runtime, actor, f"NR-{record[-4:]}", 50)])
    for other, declared in force().definitions.documents.items():
        for name, field in declared.fields.items():
            if field.kind not in ("ref", "refs") or field.type.of != document:
                continue
            for text in ("", *(one for one in values.values() if isinstance(one, str) and one.startswith("qz"))):
                try:
                    found = choosing.options(runtime, actor, other, (name,), text)
                except Refused:
                    assert granted(other, role)[name] == HIDDEN
                    break
                says(role, found)
                assert not (found and not seen(document, role))


@pytest.mark.parametrize("role", ROLES)
def test_tasks_and_menu(role):
    actor = aviary().actors[role]
    says(role, tasks.my_tasks(aviary().runtime, actor))
    entries = {document for group in reading.menu(aviary().runtime, actor) for document in group.documents}
    assert all(seen(document, role) for document in entries)
