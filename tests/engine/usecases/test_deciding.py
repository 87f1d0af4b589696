"""Approvals under pressure: two at once, too late, without the right, with nobody there, on what is gone."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from adapters.clock.system import TimeOrderedIds
from engine.problems import Refused
from engine.testing.memory import MemoryStore
from engine.testing.office import Office
from engine.testing.orders import ORDER
from engine.usecases.accounts import actor_of
from engine.usecases.listing import list_documents
from engine.usecases.reading import read_document
from engine.usecases.tasks import decide, my_tasks
from engine.usecases.views import ListRequest

LINE = {"item": "笔", "qty": "3", "price": "100"}
STAND_IN = ORDER["desk/order/machine.yaml"].replace(
    "    return: {to: starter, event: back}",
    "    return: {to: starter, event: back}\n    nobody: {to: role clerk in org}",
)
NAMED = ORDER["desk/order/machine.yaml"].replace("who: role leader in org, sign: all", "who: =customer, sign: all")
ACCESS = ORDER["desk/order/access.yaml"].replace(
    'leader: {rows: org == user.org, read: "*", mask: [secret]}', 'leader: {rows: org == user.org, read: "*"}'
)


def office_of(store, **files):
    return Office({**ORDER, "desk/order/access.yaml": ACCESS, **files}, store=store, ids=TimeOrderedIds())


@pytest.fixture
def office(store):
    return office_of(store)


def submitted(office, name="甲", **keys):
    record = office.raise_("clerk", "enter", "order", name=name, lines=[LINE], **keys).record_id
    office.raise_("clerk", "submit", "order", record)
    return record


def task_of(office, who):
    return my_tasks(office.runtime, office.people[who])[0].id


def alter(office, document, record_id, **values):
    with office.store.begin() as unit:
        record = unit.fetch(document, record_id, lock=True)
        record.values.update(values, version=record.version + 1)
        unit.update(record, record.version - 1)


def outcome_of(act):
    try:
        return act().state
    except Refused as refused:
        return refused.kind


def at_once(office, *acts):
    """All together where the store can; the store in memory takes one after the other."""
    if isinstance(office.store, MemoryStore):
        return [outcome_of(act) for act in acts]
    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(outcome_of, acts))


def test_two_who_decide_at_once_lead_on_once(office):
    record = submitted(office)
    tasks = {who: task_of(office, who) for who in ("leader", "second")}
    acts = [lambda who=who: decide(office.runtime, office.people[who], tasks[who], "agree") for who in tasks]
    assert sorted(at_once(office, *acts)) == ["approved", "reviewing"]
    assert office.values("order", record)["state"] == "approved"
    assert len(office.all("letter")) == 1
    assert list(office.store.verify_history()) == []


def test_one_task_is_decided_once(office):
    record = submitted(office)
    task, leader = task_of(office, "leader"), office.people["leader"]
    acts = [lambda outcome=one: decide(office.runtime, leader, task, outcome, "x") for one in ("agree", "refuse") * 2]
    found = at_once(office, *acts)
    assert found.count("stale") == 3
    assert office.values("order", record)["state"] in ("reviewing", "refused")


def test_agreeing_and_refusing_at_once_end_one_way(office):
    record = submitted(office)
    tasks = {who: task_of(office, who) for who in ("leader", "second")}
    at_once(
        office,
        lambda: decide(office.runtime, office.people["leader"], tasks["leader"], "agree"),
        lambda: decide(office.runtime, office.people["second"], tasks["second"], "refuse", "x"),
    )
    assert office.values("order", record)["state"] == "refused"
    assert [task["status"] for task in office.all("_task") if task["status"] == "open"] == []


def test_a_decision_after_the_document_was_sent_back_is_too_late(office):
    record = submitted(office)
    late = task_of(office, "second")
    decide(office.runtime, office.people["leader"], task_of(office, "leader"), "return", "补充")
    before = office.values("order", record)
    with pytest.raises(Refused) as caught:
        decide(office.runtime, office.people["second"], late, "agree")
    assert caught.value.kind == "stale"
    assert office.values("order", record) == before


def test_whoever_lost_the_right_to_see_the_document_decides_nothing(office):
    record = submitted(office)
    task = task_of(office, "leader")
    alter(office, "user", office.people["leader"].id, org=office.other_org)
    moved = actor_of(office.runtime, office.people["leader"].id)
    with pytest.raises(Refused) as caught:
        decide(office.runtime, moved, task, "agree")
    assert caught.value.kind == "forbidden"
    assert office.values("order", record)["state"] == "reviewing"
    entry = office.store.audit(limit=1)[0]
    assert (entry.actor, entry.detail["fields"]) == (moved.id, ["decide", "forbidden"])


def test_what_comes_with_a_forged_decision_is_not_even_looked_at(office):
    submitted(office)
    task = task_of(office, "leader")
    for outcome, comment, version in (("refuse", "", None), ("agree", "", 99), ("return", "", 1)):
        with pytest.raises(Refused) as caught:
            decide(office.runtime, office.people["stranger"], task, outcome, comment, version)
        assert caught.value.kind == "forbidden"


def test_nobody_stands_in_for_himself(store):
    office = office_of(store, **{"desk/order/machine.yaml": STAND_IN})
    for who in ("leader", "second"):
        alter(office, "user", office.people[who].id, enabled=False)
    record = office.raise_("clerk", "enter", "order", name="甲", lines=[LINE]).record_id
    with pytest.raises(Refused) as caught:
        office.raise_("clerk", "submit", "order", record)
    assert caught.value.findings[0].code == "nobody"
    assert office.values("order", record)["state"] == "draft"
    office.account("colleague", "clerk", office.org)
    office.raise_("clerk", "submit", "order", record)
    assert my_tasks(office.runtime, office.people["clerk"]) == ()
    assert len(my_tasks(office.runtime, office.people["colleague"])) == 1


def test_without_anybody_an_approval_refuses(office):
    for who in ("leader", "second"):
        alter(office, "user", office.people[who].id, enabled=False)
    assert office.values("order", submitted(office))["state"] == "refused"


def test_closed_accounts_get_no_tasks(store):
    office = office_of(store, **{"desk/order/machine.yaml": NAMED})
    second = office.people["second"].id
    record = office.raise_("clerk", "enter", "order", name="甲", lines=[LINE], customer=second).record_id
    alter(office, "user", second, enabled=False)
    office.raise_("clerk", "submit", "order", record)
    assert office.all("_task") == []
    assert office.values("order", record)["state"] == "refused"


def test_a_reference_to_what_is_gone_breaks_nothing(office):
    clerk = office.people["clerk"]
    gone = office.raise_("clerk", "enter", "order", name="甲").record_id
    letter = office.raise_("clerk", "write", "letter", order=gone).record_id
    office.raise_("clerk", "remove", "order", gone)
    view = read_document(office.runtime, clerk, "letter", letter)
    assert view.record_id == letter
    assert list_documents(office.runtime, clerk, ListRequest("letter")).ids == (letter,)
    with pytest.raises(Refused) as caught:
        office.raise_("clerk", "write", "letter", order=gone)
    assert [one.code for one in caught.value.findings] == ["unknown_choice"]
    office.raise_("clerk", "send", "letter", letter)
    office.deliver()
    assert office.values("letter", letter)["state"] == "sent"
