"""Forms and events: what is hidden is neither shown nor set; records of others are not there."""

from contextlib import suppress

import pytest

from engine.problems import Refused
from engine.usecases import choosing, events, exports, forms, listing, prints, reading, search
from engine.usecases.desk import CHANGE
from engine.usecases.views import EventRequest, ListRequest
from tests.definitions.canaries import HIDDEN, TURNS
from tests.definitions.projected import EVERY, at, aviary, force, grant, granted, judge, placed, says, seen, views_of


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
            if event.name == CHANGE and role in TURNS and not all(state.final for state in machine.states.values()):
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
    if own is not None and own.read and (own.rows is None or "user." not in own.rows.text):
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
