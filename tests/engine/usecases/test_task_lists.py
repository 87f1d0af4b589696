"""Lists of tasks: paged by key without a bound, by type, with what became of each; documents deleted under review."""

import pytest

from engine.problems import Refused
from engine.testing.memory import MemoryStore
from engine.testing.office import Office
from engine.testing.orders import ORDER
from engine.usecases.task_lists import TasksRequest, count_tasks, list_tasks, returned_to, task_on
from engine.usecases.tasks import decide

LINE = {"item": "笔", "qty": "3", "price": "100"}
MACHINE = ORDER["desk/order/machine.yaml"].replace(
    "remove: {title: 删除, from: draft, to: refused,", "remove: {title: 删除, from: [draft, reviewing],"
)


@pytest.fixture
def office(store):
    return Office({**ORDER, "desk/order/machine.yaml": MACHINE}, store=store)


def submitted(office, name):
    record = office.raise_("clerk", "enter", "order", name=name, lines=[LINE]).record_id
    office.raise_("clerk", "submit", "order", record)
    return record


def listed(office, who, tab="open", **keys):
    return list_tasks(office.runtime, office.people[who], TasksRequest(tab, **keys))


def test_pages_go_on_by_key_both_ways(office):
    for number in range(7):
        submitted(office, f"单{number}")
        office.clock.move(minutes=1)
    first = listed(office, "leader", limit=3)
    assert ([one.label for one in first.tasks], first.total, first.previous) == (["单0", "单1", "单2"], 7, "")
    second = listed(office, "leader", limit=3, after=first.next)
    last = listed(office, "leader", limit=3, after=second.next)
    assert ([one.label for one in last.tasks], last.next) == (["单6"], "")
    again = listed(office, "leader", limit=3, after=last.previous, backwards=True)
    assert [one.label for one in again.tasks] == ["单3", "单4", "单5"]
    with pytest.raises(Refused):
        listed(office, "leader", after="forged")


def test_more_than_a_hundred_are_all_there():
    office = Office(ORDER, store=MemoryStore())
    for number in range(120):
        submitted(office, f"单{number}")
    assert listed(office, "leader").total == 120
    assert count_tasks(office.runtime, office.people["leader"]).waiting == 120
    assert task_on(office.runtime, office.people["leader"], "order", submitted(office, "末")) is not None


def test_what_was_signed_stands_with_the_decision_and_what_became_of_it(office):
    record = submitted(office, "甲")
    decide(office.runtime, office.people["leader"], listed(office, "leader").tasks[0].id, "agree", "好")
    (one,) = listed(office, "leader", "done").tasks
    assert (one.state, one.opinion, one.document_state.zh) == ("agreed", "好", "审批中")
    decide(office.runtime, office.people["second"], listed(office, "second").tasks[0].id, "refuse", "不行")
    (one,) = listed(office, "leader", "done").tasks
    assert (one.state, one.document_state.zh, one.record_id) == ("agreed", "不同意", record)
    assert [one.state for one in listed(office, "second", "done").tasks] == ["refused"]
    assert listed(office, "boss", "done").tasks == ()


def test_what_i_started_says_whom_it_waits_for(office):
    submitted(office, "甲")
    (one,) = listed(office, "clerk", "started").started
    assert (one.label, one.state.zh, one.waits_for) == ("甲", "审批中", ("leader", "second"))
    assert count_tasks(office.runtime, office.people["clerk"]) == (0, 0, 1)
    for who in ("leader", "second"):
        decide(office.runtime, office.people[who], listed(office, who).tasks[0].id, "agree")
    (one,) = listed(office, "clerk", "started").started
    assert (one.state.zh, one.waits_for) == ("已同意", ())
    assert count_tasks(office.runtime, office.people["clerk"]).sent == 0
    assert listed(office, "leader", "started").started == ()


def test_lists_of_one_type(office):
    submitted(office, "甲")
    assert [(name, count) for name, _, count in listed(office, "leader").kinds] == [("order", 1)]
    assert len(listed(office, "leader", document="order").tasks) == 1
    assert listed(office, "leader", document="letter").tasks == ()


def test_a_document_deleted_under_review_waits_for_nobody(office):
    record = submitted(office, "甲")
    office.raise_("clerk", "remove", "order", record)
    assert listed(office, "leader").tasks == ()
    assert {task["status"] for task in office.all("_task")} == {"cancelled"}
    assert count_tasks(office.runtime, office.people["clerk"]).sent == 0
    office.deliver()


def test_whoever_may_not_raise_an_event_is_not_told_its_title(office):
    record = submitted(office, "甲")
    for event in ("approve", "expire", "drop", "submit"):
        with pytest.raises(Refused) as caught:
            office.raise_("leader", event, "order", record)
        title = office.runtime.definitions.machines["order"].events[event].title
        assert caught.value.kind == "forbidden"
        for finding in caught.value.findings:
            assert title.zh not in finding.text["zh"]


def test_what_was_given_back_waits_for_whoever_started_it(office):
    record = submitted(office, "甲")
    assert returned_to(office.runtime, office.people["clerk"]) == ()
    leader = office.people["leader"]
    task = task_on(office.runtime, leader, "order", record)
    decide(office.runtime, leader, task.id, "return", "补充")
    (one,) = returned_to(office.runtime, office.people["clerk"])
    assert (one.record_id, one.label, one.state.zh) == (record, "甲", "草稿")
    assert returned_to(office.runtime, leader) == ()
    office.raise_("clerk", "submit", "order", record)
    assert returned_to(office.runtime, office.people["clerk"]) == ()
