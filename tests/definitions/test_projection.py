"""One projection before every door: for each document type that is shipped, each role and each field.

What access grants is what each door shows, and nothing of a hidden or masked field turns up anywhere. All is generated
from the definitions in force; nothing is listed by hand.
"""

import csv
import io
import re
from contextlib import suppress
from functools import cache
from pathlib import Path

import pytest

from engine.access.masks import masked
from engine.checks import check
from engine.documents.field_kinds import text_of
from engine.loading import DiskTree, load
from engine.model.types import Kind
from engine.problems import Refused
from engine.usecases import choosing, events, exports, forms, listing, prints, reading, search, tasks
from engine.usecases.accounts import issue_token
from engine.usecases.desk import CHANGE
from engine.usecases.paper import Paper, Sheet
from engine.usecases.presenting import Presenter
from engine.usecases.runtime import in_force
from engine.usecases.sessions import begin_session
from engine.usecases.views import Actor, EventRequest, ListRequest
from engine.web import WebSettings, create_app
from tests.definitions.canaries import CLEAR, HIDDEN, MASKED, STRANGER, TURNS, build, texts, with_turns

FOLDER = Path(__file__).parents[2] / "definitions"
WORDED = {Kind.TEXT, Kind.DATE, Kind.DATETIME, Kind.INTEGER, Kind.NUMBER}
"""Kinds whose wording needs no other record or list."""


@cache
def force():
    return with_turns(in_force(check(load(DiskTree(FOLDER)))))


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
EVERY = pytest.mark.parametrize(("document", "role"), [(one, role) for one in DOCUMENTS for role in ROLES])


def says(role: str, *views: object) -> None:
    """Nothing that the role must not see is in a view."""
    told = "\n".join(texts(views))
    leaks = sorted({where for where, text in aviary().secrets(role) if text in told})
    assert leaks == []


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


# --- one record --------------------------------------------------------------------------------------------------


@EVERY
def test_detail_and_history(document, role):
    actor, record = at(document, role)
    if not seen(document, role):
        with pytest.raises(Refused) as caught:
            reading.read_document(aviary().runtime, actor, document, record)
        assert caught.value.kind == "not_found"
        return
    view = reading.read_document(aviary().runtime, actor, document, record)
    views = views_of(view.sections)
    judge(document, role, views)
    assert set(views) == set(seen(document, role)) & placed(document)
    fields = force().definitions.documents[document].fields
    backs = {field for (target, _), (_, field) in force().backs.items() if target == document}
    for _, other, records in view.related:
        assert records
        assert CLEAR in {granted(other, role)[name] for name in backs if name in granted(other, role)}
    told = {
        re.sub(r" \d+$", "", title.zh.partition("·")[0]) for title, _, _ in view.history[0].changes
    }  # rows by place
    tables = {name for name, state in granted(document, role).items() if fields[name].is_table and state == MASKED}
    assert told == {fields[name].title.zh for name in seen(document, role) if name not in tables}
    says(role, view)


@EVERY
def test_json(document, role):
    actor, record = at(document, role)
    if not seen(document, role):
        with pytest.raises(Refused):
            reading.record_json(aviary().runtime, actor, document, record)
        return
    made = reading.record_json(aviary().runtime, actor, document, record)
    fields = force().definitions.documents[document].fields
    wanted = {name for name in seen(document, role) if fields[name].kind != "password"}
    assert {name for name in made if name in fields} == wanted
    for name in wanted:
        value = aviary().values[document][name]
        if isinstance(value, str):
            state = granted(document, role)[name]
            assert made[name] == (value if state == CLEAR else masked(value, fields[name].mask)), name
        elif fields[name].is_table:
            assert bool(made[name]) is (granted(document, role)[name] == CLEAR), name
    says(role, made)


@EVERY
def test_print(document, role):
    actor, record = at(document, role)
    runtime = aviary().runtime
    if not seen(document, role):
        return
    with runtime.store.begin(write=False) as unit:
        work, working, rights = reading.opened(runtime, unit, actor, document, record)
        sheet = Sheet(Presenter(work.world))
        paper = Paper(sheet, working.document, working.values, rights)
        drawn = {name: paper[name] for name in working.document.fields if working.document.fields[name].kind != "file"}
        for name, shown in drawn.items():
            state, field = granted(document, role)[name], working.document.fields[name]
            if state == HIDDEN:
                assert not shown or not str(shown), name
            elif state == MASKED and field.type.kind in WORDED:
                assert shown == masked(text_of(working.values[name], field.kind), field.mask), name
            elif state == CLEAR and field.type.kind is Kind.TEXT and field.kind != "password":
                assert shown == working.values[name], name
        noted = {key.rpartition(".")[2]: state for key, state in sheet.sights.items() if f"{document}:" in key}
        states = {0: HIDDEN, 1: MASKED, 2: CLEAR}
        assert {name: states[noted[name]] for name in drawn} == {name: granted(document, role)[name] for name in drawn}
        says(role, [str(shown) for shown in drawn.values()])


# --- forms -------------------------------------------------------------------------------------------------------


@EVERY
def test_forms(document, role):
    actor, record = at(document, role)
    machine, runtime = force().definitions.machines[document], aviary().runtime
    for event in machine.events.values():
        creating = "new" in event.sources
        try:
            view = forms.open_form(runtime, actor, document, event.name, None if creating else record)
            request = EventRequest(document, event.name, None if creating else record, changed=("x",))
            preview = forms.preview(runtime, actor, request)
        except Refused as refused:
            says(role, [finding.text for finding in refused.findings])
            if event.name == CHANGE and role in TURNS:
                raise
            continue
        assert set(views_of(view.sections)) == set(seen(document, role)) & placed(document)
        if not creating and event.name == CHANGE:
            judge(document, role, views_of(view.sections))
        says(role, view, preview)


@EVERY
def test_forged_fields_of_forms(document, role):
    """A hidden field can be neither set nor asked about by setting it."""
    actor, record = at(document, role)
    for name, state in granted(document, role).items():
        if state != HIDDEN:
            continue
        request = EventRequest(document, CHANGE, record, raw={name: "x"})
        try:
            before = forms.preview(aviary().runtime, actor, EventRequest(document, CHANGE, record)).findings
            view = forms.preview(aviary().runtime, actor, request)
        except Refused:
            continue
        fresh = [finding for finding in view.findings if finding not in before]
        assert [finding.code for finding in fresh if finding.at[:1] == (name,)] == ["not_editable"]
        says(role, view)


@EVERY
def test_rows(document, role):
    """Whoever belongs elsewhere finds nothing of it where the grant speaks of who asks."""
    own, record = grant(document, role), aviary().ids[document]
    actor, runtime = aviary().outsiders[role], aviary().runtime
    if own is not None and own.read and own.rows is None:
        assert reading.read_document(runtime, actor, document, record).record_id == record
        return
    event = force().definitions.machines[document].events
    for act in (
        lambda: reading.read_document(runtime, actor, document, record),
        lambda: reading.record_json(runtime, actor, document, record),
        lambda: prints.open_file(runtime, actor, document, record, "0" * 64),
        *(lambda name=name: forms.open_form(runtime, actor, document, name, record) for name in event),
        *(lambda name=name: events.raise_event(runtime, actor, EventRequest(document, name, record)) for name in event),
    ):
        with pytest.raises(Refused) as caught:
            act()
        assert caught.value.kind == "not_found"
    found = {hit[1] for hit in search.search(runtime, actor, f"NR-{record[-4:]}", 50)}
    assert record not in found
    with suppress(Refused):
        assert record not in listing.list_documents(runtime, actor, ListRequest(document, limit=200)).ids
        _, rows = exports.export_rows(runtime, actor, ListRequest(document))
        assert f"NR-{record[-4:]}" not in str(list(rows))
    for other, declared in force().definitions.documents.items():
        for name, field in declared.fields.items():
            if field.kind in ("ref", "refs") and field.type.of == document:
                with suppress(Refused):
                    assert record not in {one.value for one in choosing.options(runtime, actor, other, (name,))}


# --- many records ------------------------------------------------------------------------------------------------


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
    wanted = {name for name in (force().definitions.pages[document].columns or fields) if name in fields}
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
    entries = {
        document for group in reading.menu(aviary().runtime, actor) for _, document, _ in group.entries if document
    }
    assert all(seen(document, role) for document in entries)


# --- the pages and the REST door ---------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ROLES)
def test_everything_that_goes_over_the_wire(role):
    """The same once more from outside: whole answers, with all they carry along for scripts."""
    runtime, actor = aviary().runtime, aviary().actors[role]
    browser, program = web().test_client(), web().test_client()
    with browser.session_transaction() as session:
        session["account"], session["session"] = actor.id, begin_session(runtime, actor)
    program.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {issue_token(runtime, actor, 't', 1)}"
    pages, calls = ["/", "/tasks", "/search?q=qz"], ["_documents", "_tasks", "_search?q=qz", "openapi.json"]
    for document, record in aviary().ids.items():
        machine = force().definitions.machines[document]
        pages += [f"/d/{document}", f"/d/{document}/{record}", f"/d/{document}/export.csv"]
        pages += [f"/d/{document}/new/{event.name}" for event in machine.creating()]
        pages += [f"/d/{document}/{record}/do/{name}" for name in machine.events]
        calls += [document, f"{document}/{record}", f"{document}/{record}/prints"]
        references = (n for n, f in force().definitions.documents[document].fields.items() if f.kind in ("ref", "refs"))
        calls += [f"{document}/options/{name}" for name in references]
    for client, addresses in ((browser, pages), (program, [f"/api/v1/{call}" for call in calls])):
        for address in addresses:
            answer = client.get(address)
            assert answer.status_code in (200, 302, 403, 404, 409), (address, answer.status_code)
            says(role, _without_assets(answer.text))


def _without_assets(text: str) -> str:
    return re.sub(r"/assets/\w+/", "", text)


@pytest.mark.parametrize("role", [role for role in ROLES if role != STRANGER])
def test_the_exported_file_holds_what_the_list_shows(role):
    runtime, actor = aviary().runtime, aviary().actors[role]
    browser = web().test_client()
    with browser.session_transaction() as session:
        session["account"], session["session"] = actor.id, begin_session(runtime, actor)
    for document in DOCUMENTS:
        own = grant(document, role)
        answer = browser.get(f"/d/{document}/export.csv")
        assert answer.status_code == (404 if not seen(document, role) else 200 if own.export else 403)
        if answer.status_code == 200:
            head, *rows = csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")))
            assert len({len(row) for row in (head, *rows)}) == 1
