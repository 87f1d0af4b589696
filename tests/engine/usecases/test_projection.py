"""One projection before every door: rows, fields, masks."""

import pytest

from engine.problems import Refused
from engine.usecases import choosing, exports, forms, listing, reading
from engine.usecases.prints import open_file
from engine.usecases.search import search
from engine.usecases.views import EventRequest, ListRequest


def kind_of(act, *arguments, **keys):
    with pytest.raises(Refused) as caught:
        act(*arguments, **keys)
    return caught.value.kind


def fields_of(view):
    return {field.name: field for section in view.sections for field in section.fields}


def test_another_units_record_is_not_there(office, entered):
    stranger = office.people["stranger"]
    assert kind_of(reading.read_document, office.runtime, stranger, "order", entered) == "not_found"
    assert kind_of(reading.record_json, office.runtime, stranger, "order", entered) == "not_found"
    assert kind_of(office.raise_, "stranger", "submit", "order", entered) == "not_found"
    assert kind_of(open_file, office.runtime, stranger, "order", entered, "0" * 64) == "not_found"
    assert listing.list_documents(office.runtime, stranger, ListRequest("order")).ids == ()
    assert search(office.runtime, stranger, "甲") == ()
    request = EventRequest("order", "change", entered)
    assert kind_of(forms.preview, office.runtime, stranger, request) == "not_found"


def test_masked_and_hidden_fields(office, entered):
    leader, boss = office.people["leader"], office.people["boss"]
    seen = fields_of(reading.read_document(office.runtime, leader, "order", entered))
    assert (seen["secret"].text, seen["secret"].value) == ("12****78", None)
    assert reading.record_json(office.runtime, leader, "order", entered)["secret"] == "12****78"
    assert "secret" not in fields_of(reading.read_document(office.runtime, boss, "order", entered))
    assert "secret" not in reading.record_json(office.runtime, boss, "order", entered)
    page = listing.list_documents(office.runtime, boss, ListRequest("order"))
    assert "secret" not in {column.name for column in page.columns}
    history = reading.read_document(office.runtime, boss, "order", entered).history
    assert "证号" not in {title.zh for step in history for title, _, _ in step.changes}


def test_hidden_fields_cannot_be_asked_for(office, entered):
    boss, leader = office.people["boss"], office.people["leader"]
    hidden = ListRequest("order", {"secret": "12345678"})
    assert kind_of(listing.list_documents, office.runtime, boss, hidden) == "findings"
    stretch = ListRequest("order", {"secret.from": "1"})
    assert listing.list_documents(office.runtime, leader, stretch).ids == ()
    assert listing.list_documents(office.runtime, boss, ListRequest("order", sort="secret")).sort == "secret"


def test_who_may_only_read_changes_nothing(office, entered):
    before = office.values("order", entered)
    for event in ("submit", "change", "drop"):
        assert kind_of(office.raise_, "leader", event, "order", entered, name="乙") == "forbidden"
    assert kind_of(office.raise_, "leader", "enter", "order", name="乙") == "forbidden"
    assert office.values("order", entered) == before


@pytest.mark.parametrize(
    "raw", [{"total": "1"}, {"org": "x"}, {"state": "approved"}, {"id": "x"}, {"rival": "x"}, {"nonsense": "1"}]
)
def test_forged_fields_are_refused(office, entered, raw):
    before = office.values("order", entered)
    assert kind_of(office.raise_, "clerk", "change", "order", entered, **raw) == "findings"
    assert office.values("order", entered) == before


def test_fields_can_be_changed_only_where_the_grant_says(office, entered):
    office.raise_("clerk", "submit", "order", entered)
    assert kind_of(office.raise_, "clerk", "change", "order", entered, name="乙") == "forbidden"


def test_events_of_the_engine_are_not_for_people(office, entered):
    office.raise_("clerk", "submit", "order", entered)
    for event in ("approve", "reject", "expire"):
        assert kind_of(office.raise_, "clerk", event, "order", entered) in ("forbidden", "not_allowed")
    assert office.values("order", entered)["state"] == "reviewing"


def test_references_lead_only_where_one_may_go(office):
    office.account("hidden", "boss", office.other_org)
    choices = choosing.options(office.runtime, office.people["clerk"], "order", ("customer",))
    assert {choice.title for choice in choices} >= {"clerk", "leader"}
    assert kind_of(choosing.options, office.runtime, office.people["clerk"], "order", ("password",)) == "not_found"


def test_passwords_never_leave(office):
    user = office.people["clerk"]
    assert "password" not in user.values
    assert "password" not in reading.record_json(office.runtime, office.people["boss"], "user", user.id)


def test_exports_pass_the_same_projection(office, entered):
    assert kind_of(exports.export_rows, office.runtime, office.people["leader"], ListRequest("order")) == "forbidden"
    titles, rows = exports.export_rows(office.runtime, office.people["clerk"], ListRequest("order"))
    assert [len(row) for row in rows] == [len(titles)]


def test_reading_protected_fields_is_kept_in_the_audit(office, entered):
    reading.read_document(office.runtime, office.people["clerk"], "order", entered)
    entry = office.store.audit(limit=1)[0]
    assert (entry.actor, entry.action, entry.record_id) == (office.people["clerk"].id, "read", entered)
    assert entry.detail == {"fields": ["secret"]}


def test_pages_follow_each_other(office):
    for number in range(7):
        office.raise_("clerk", "enter", "order", name=f"单{number}")
    clerk, seen, cursor = office.people["clerk"], [], ""
    for _ in range(4):
        page = listing.list_documents(office.runtime, clerk, ListRequest("order", sort="name", after=cursor, limit=2))
        seen.append([row["name"].text for row in page.rows])
        cursor = page.next
    assert seen == [["单0", "单1"], ["单2", "单3"], ["单4", "单5"], ["单6"]]
    assert cursor == ""
    back = listing.list_documents(
        office.runtime, clerk, ListRequest("order", sort="name", after=page.previous, backwards=True, limit=2)
    )
    assert [row["name"].text for row in back.rows] == ["单4", "单5"]
    assert back.next
    assert kind_of(listing.list_documents, office.runtime, clerk, ListRequest("order", after="forged")) == "findings"


def test_what_nobody_may_ask_for_is_kept_in_the_audit(office, entered):
    for who, keys in (("leader", {}), ("stranger", {}), ("clerk", {"total": "1"})):
        kind_of(office.raise_, who, "change", "order", entered, **keys)
    kept = [
        (entry.actor, entry.detail["fields"]) for entry in office.store.audit(limit=10) if entry.action == "refused"
    ]
    assert kept == [
        (office.people["clerk"].id, ["change", "findings", "not_editable"]),
        (office.people["stranger"].id, ["change", "not_found"]),
        (office.people["leader"].id, ["change", "forbidden"]),
    ]
