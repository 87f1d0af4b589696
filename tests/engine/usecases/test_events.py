"""Events: what they compute, refuse, store and set going."""

from decimal import Decimal

import pytest

from engine.problems import Refused
from engine.usecases.listing import list_documents
from engine.usecases.reading import read_document
from engine.usecases.tasks import decide, my_tasks
from engine.usecases.views import ListRequest

LINE = {"item": "笔", "qty": "3", "price": "200"}


def refused(act, *arguments, **keys):
    with pytest.raises(Refused) as caught:
        act(*arguments, **keys)
    return caught.value


def sign_all(office, outcome="agree", comment="好"):
    for who in ("leader", "second", "boss"):
        for task in my_tasks(office.runtime, office.people[who]):
            decide(office.runtime, office.people[who], task.id, outcome, comment)


def test_a_document_is_computed_numbered_and_stored(office, entered):
    values = office.values("order", entered)
    assert values["number"] == "DD20260001"
    assert values["state"] == "draft"
    assert values["total"] == Decimal("600.00")
    assert values["lines"][0]["amount"] == Decimal("600.00")
    assert values["org"] == office.org


def test_numbers_have_no_gaps_after_a_refusal(office, entered):
    refused(office.raise_, "clerk", "enter", "order", name="甲", lines=[LINE])
    second = office.raise_("clerk", "enter", "order", name="乙", lines=[LINE])
    assert second.number == "DD20260002"


def test_all_findings_come_at_once_and_nothing_is_stored(office):
    lines = [{"qty": "200", "price": "x"}]
    found = refused(office.raise_, "clerk", "enter", "order", name="长" * 21, lines=lines).findings
    assert {(f.at, f.code) for f in found} >= {
        (("name",), "too_long"),
        (("lines", "0", "price"), "number"),
        (("lines", "0", "item"), "required"),
        (("lines", "0", "qty"), "small"),
    }
    assert office.all("order") == []


def test_what_is_copied_can_differ_where_the_definition_lets(office):
    leader = office.people["leader"].id
    kept = office.raise_("clerk", "enter", "order", name="甲", customer=leader)
    assert office.values("order", kept.record_id)["customer_name"] == "leader"
    own = office.raise_("clerk", "enter", "order", name="乙", customer=leader, customer_name="别名")
    assert office.values("order", own.record_id)["customer_name"] == "别名"


def test_what_is_copied_stays_empty_once_it_was_emptied(office):
    leader = office.people["leader"].id
    typed = {"customer": leader, "customer_name": None, "lines": [LINE]}
    made = office.raise_("clerk", "enter", "order", name="甲", **typed).record_id
    assert office.values("order", made)["customer_name"] is None
    office.raise_("clerk", "submit", "order", made)
    assert office.values("order", made)["customer_name"] is None
    blank = office.raise_("clerk", "enter", "order", name="乙", customer=leader, customer_name="").record_id
    assert office.values("order", blank)["customer_name"] == "leader"


def test_references_look_themselves_up(office):
    leader = office.people["leader"].id
    first = office.raise_("clerk", "enter", "order", name="甲", customer=leader)
    second = office.raise_("clerk", "enter", "order", name="乙", customer=leader)
    assert office.values("order", second.record_id)["rival"] == first.record_id


def test_a_hidden_required_field_is_not_asked_for(office):
    small = office.raise_("clerk", "enter", "order", name="甲", lines=[LINE])
    assert small.state == "draft"
    dear = {"item": "车", "qty": "1", "price": "2000"}
    found = refused(office.raise_, "clerk", "enter", "order", name="乙", lines=[dear]).findings
    assert [(f.at, f.code) for f in found] == [(("note",), "required")]


def test_a_confirmation_is_asked_once(office):
    dear = {"item": "车", "qty": "3", "price": "2000"}
    keys = {"name": "甲", "lines": [dear], "note": "必要"}
    found = refused(office.raise_, "clerk", "enter", "order", **keys).findings
    assert [f.code for f in found] == ["big"]
    assert office.raise_("clerk", "enter", "order", confirmed=frozenset({"big"}), **keys).state == "draft"


def test_warnings_are_told_and_hinder_nothing(office):
    outcome = office.raise_("clerk", "enter", "order", name="甲", lines=[{"item": "纸", "qty": "1", "price": "100"}])
    assert [(note.code, note.text) for note in outcome.notes] == [
        ("round", {"zh": "正好100.00", "en": "exactly 100.00"})
    ]


def test_a_guard_refuses_with_its_own_words(office):
    empty = office.raise_("clerk", "enter", "order", name="甲")
    error = refused(office.raise_, "clerk", "submit", "order", empty.record_id)
    assert error.kind == "not_allowed"
    assert error.findings[0].text["zh"] == "请填写明细"


def test_what_the_event_asks_must_be_answered(office, entered):
    found = refused(office.raise_, "clerk", "drop", "order", entered).findings
    assert [f.at for f in found] == [("event", "reason")]
    assert office.raise_("clerk", "drop", "order", entered, asked={"reason": "重复"}).state == "refused"


def test_uniqueness_is_told_at_the_field(office, entered):
    error = refused(office.raise_, "clerk", "enter", "order", name="甲")
    assert (error.kind, error.findings[0].at) == ("duplicate", ("name",))


def test_two_who_change_at_once_meet(office, entered):
    office.raise_("clerk", "change", "order", entered, name="乙", version=1)
    assert refused(office.raise_, "clerk", "change", "order", entered, name="丙", version=1).kind == "stale"
    assert office.values("order", entered)["name"] == "乙"


def test_a_repeated_request_is_answered_and_does_nothing(office):
    first = office.raise_("clerk", "enter", "order", name="甲", key="once")
    again = office.raise_("clerk", "enter", "order", name="甲", key="once")
    assert again.record_id == first.record_id
    assert len(office.all("order")) == 1


def test_the_approval_goes_its_way_and_its_effects_leave_once(office, entered):
    office.raise_("clerk", "submit", "order", entered)
    assert [len(my_tasks(office.runtime, office.people[who])) for who in ("leader", "second", "boss")] == [1, 1, 0]
    sign_all(office)
    assert office.values("order", entered)["state"] == "approved"
    assert [letter["title"] for letter in office.all("letter")] == ["甲"]
    office.deliver()
    office.deliver()
    assert [(kind, body) for kind, body in office.sent.messages.values()] == [
        ("order_report", '{"no":"DD20260001","total":"600.00","lines":[{"n":1,"item":"笔"}]}'.encode())
    ]


def test_a_refusal_needs_a_reason_and_ends_it(office, entered):
    office.raise_("clerk", "submit", "order", entered)
    task = my_tasks(office.runtime, office.people["leader"])[0]
    assert refused(decide, office.runtime, office.people["leader"], task.id, "refuse").findings[0].code == "comment"
    decide(office.runtime, office.people["leader"], task.id, "refuse", "不妥")
    assert office.values("order", entered)["state"] == "refused"
    assert my_tasks(office.runtime, office.people["second"]) == ()


def test_what_was_sent_back_begins_anew(office, entered):
    office.raise_("clerk", "submit", "order", entered)
    task = my_tasks(office.runtime, office.people["leader"])[0]
    decide(office.runtime, office.people["leader"], task.id, "return", "请补充")
    assert office.values("order", entered)["state"] == "draft"
    assert my_tasks(office.runtime, office.people["second"]) == ()
    office.raise_("clerk", "submit", "order", entered)
    sign_all(office)
    assert office.values("order", entered)["state"] == "approved"


def test_nobody_signs_for_another(office, entered):
    office.raise_("clerk", "submit", "order", entered)
    task = my_tasks(office.runtime, office.people["leader"])[0]
    assert refused(decide, office.runtime, office.people["second"], task.id, "agree").kind == "forbidden"
    decide(office.runtime, office.people["leader"], task.id, "agree")
    assert refused(decide, office.runtime, office.people["leader"], task.id, "agree").kind == "stale"


def test_a_deadline_comes_and_events_happen_by_themselves(office, entered):
    office.raise_("clerk", "submit", "order", entered)
    sign_all(office)
    letter = office.all("letter")[0]["id"]
    office.raise_("clerk", "send", "letter", letter)
    office.deliver()
    assert office.values("letter", letter)["state"] == "sent"
    office.clock.move(days=44)
    office.deliver()
    assert office.values("order", entered)["state"] == "approved"
    office.clock.move(days=1)
    office.deliver()
    assert office.values("order", entered)["state"] == "expired"
    assert office.values("letter", letter)["state"] == "closed"


def test_who_left_in_time_meets_no_deadline(office, entered):
    office.raise_("clerk", "submit", "order", entered)
    sign_all(office)
    office.raise_("clerk", "drop", "order", entered, asked={"reason": "不需要"})
    assert office.all("letter")[0]["state"] == "stopped"
    office.clock.move(days=46)
    office.deliver()
    assert office.values("order", entered)["state"] == "refused"


def test_history_tells_every_step(office, entered):
    office.raise_("clerk", "submit", "order", entered)
    sign_all(office)
    with office.store.begin(write=False) as unit:
        steps = [(e.event, e.from_state, e.to_state, e.actor) for e in unit.history("order", entered)]
    clerk, boss = office.people["clerk"].id, office.people["boss"].id
    assert steps == [
        ("enter", None, "draft", clerk),
        ("submit", "draft", "reviewing", clerk),
        ("approve", "reviewing", "approved", boss),
    ]
    assert list(office.store.verify_history()) == []


def test_a_lookup_follows_what_was_stored_later(office):
    leader = office.people["leader"].id
    first = office.raise_("clerk", "enter", "order", name="甲", customer=leader)
    assert office.values("order", first.record_id)["rival"] is None
    second = office.raise_("clerk", "enter", "order", name="乙", customer=leader)
    office.deliver()
    assert office.values("order", first.record_id)["rival"] == second.record_id
    with office.store.begin(write=False) as unit:
        assert [entry.event for entry in unit.history("order", first.record_id)] == ["enter", "looked_up"]


def test_what_is_deleted_leaves_lists_and_uniqueness_but_not_history(office, entered):
    office.raise_("clerk", "remove", "order", entered)
    clerk = office.people["clerk"]
    assert list_documents(office.runtime, clerk, ListRequest("order")).ids == ()
    assert refused(read_document, office.runtime, clerk, "order", entered).kind == "not_found"
    assert office.raise_("clerk", "enter", "order", name="甲").state == "draft"
    with office.store.begin(write=False) as unit:
        assert [entry.event for entry in unit.history("order", entered)] == ["enter", "remove"]


def test_it_can_be_withdrawn_until_the_named_step_begins(office, entered):
    office.raise_("clerk", "submit", "order", entered)
    assert office.raise_("clerk", "recall", "order", entered).state == "draft"
    assert my_tasks(office.runtime, office.people["leader"]) == ()
    office.raise_("clerk", "submit", "order", entered)
    for who in ("leader", "second"):
        task = my_tasks(office.runtime, office.people[who])[0]
        decide(office.runtime, office.people[who], task.id, "agree")
    late = refused(office.raise_, "clerk", "recall", "order", entered)
    assert late.findings[0].text["zh"] == "主管已在审批，不能撤回"
