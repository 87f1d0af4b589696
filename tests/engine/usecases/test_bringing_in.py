"""Signers bring in others: parts handed over, signed on behalf, signers added; who cannot be brought in."""

import pytest

from engine.problems import Refused
from engine.testing.office import Office
from engine.testing.orders import ORDER
from engine.usecases.handing import candidates, hand_over
from engine.usecases.reading import read_document
from engine.usecases.task_lists import TasksRequest, list_tasks
from engine.usecases.tasks import decide, my_tasks

LINE = {"item": "笔", "qty": "3", "price": "100"}
MACHINE = ORDER["desk/order/machine.yaml"].replace(
    "who: role leader in org, sign: all", "who: role leader in org, sign: all, may: [transfer, delegate, add_signer]"
)
USERS = 'access:\n  clerk: {read: [name]}\n  leader: {read: "*"}\n  boss: {read: [name]}\n'


@pytest.fixture
def office(store):
    files = {**ORDER, "desk/order/machine.yaml": MACHINE, "shared/user/access.yaml": USERS}
    made = Office(files, store=store)
    made.account("dan", "leader", made.other_org)
    made.account("eve", "boss", made.org)
    made.record = made.raise_("clerk", "enter", "order", name="甲", lines=[LINE]).record_id
    made.raise_("clerk", "submit", "order", made.record)
    return made


def task_of(office, who):
    return my_tasks(office.runtime, office.people[who])[0].id


def give(office, who, way, to, task=None, comment=""):
    other = office.people[to].id if to in office.people else to
    hand_over(office.runtime, office.people[who], task or task_of(office, who), way, other, comment)


def refused(office, *args, **keys):
    with pytest.raises(Refused) as caught:
        give(office, *args, **keys)
    return caught.value.findings[0].code if caught.value.findings else caught.value.kind


def agree(office, who):
    decide(office.runtime, office.people[who], task_of(office, who), "agree")


def told(office):
    view = read_document(office.runtime, office.people["clerk"], "order", office.record)
    return [(one.event.zh, one.who, one.comment, one.on_behalf) for one in view.history[:2]]


def test_what_is_handed_over_is_the_others_own_signature(office):
    give(office, "leader", "transfer", "eve", comment="出差")
    assert my_tasks(office.runtime, office.people["leader"]) == ()
    assert told(office)[0] == ("转交", "leader", "→ eve · 出差", "")
    agree(office, "second")
    assert office.values("order", office.record)["state"] == "reviewing"
    agree(office, "eve")
    assert office.values("order", office.record)["state"] == "approved"
    assert told(office)[0] == ("同意", "eve", "", "")


def test_what_is_delegated_is_signed_on_behalf(office):
    give(office, "leader", "delegate", "eve")
    (task,) = my_tasks(office.runtime, office.people["eve"])
    assert task.on_behalf == "leader"
    agree(office, "second")
    agree(office, "eve")
    assert told(office)[0] == ("同意", "eve", "", "leader")


def test_an_added_signer_has_to_agree_too(office):
    give(office, "leader", "add_signer", "eve")
    agree(office, "leader")
    agree(office, "second")
    assert office.values("order", office.record)["state"] == "reviewing"
    agree(office, "eve")
    assert office.values("order", office.record)["state"] == "approved"


def test_whom_a_task_cannot_be_given_to(office):
    assert refused(office, "leader", "transfer", "nobody") == "unknown_choice"
    assert refused(office, "leader", "transfer", "leader") == "unknown_choice"
    assert refused(office, "leader", "transfer", "dan") == "unknown_choice"  # of another unit: may not see the order
    assert refused(office, "leader", "transfer", "clerk") == "starter"
    assert refused(office, "leader", "transfer", "second") == "takes_part"
    assert refused(office, "leader", "recall", "eve") == "not_allowed"
    mine = task_of(office, "leader")
    assert refused(office, "second", "transfer", "eve", task=mine) == "forbidden"
    agree(office, "leader")
    assert refused(office, "leader", "transfer", "eve", task=mine) == "task_closed"
    agree(office, "second")
    assert [one["assignee"] for one in office.all("_task", status="open")] == []


def test_a_step_that_does_not_say_so_lets_nobody_in(store):
    office = Office(ORDER, store=store)
    office.account("eve", "boss", office.org)
    record = office.raise_("clerk", "enter", "order", name="甲", lines=[LINE]).record_id
    office.raise_("clerk", "submit", "order", record)
    assert refused(office, "leader", "transfer", "eve") == "not_allowed"


def test_candidates_are_those_who_could_sign(office):
    task = task_of(office, "leader")
    found = candidates(office.runtime, office.people["leader"], task, "")
    assert [one.title for one in found] == ["boss", "eve"]
    assert [one.title for one in candidates(office.runtime, office.people["leader"], task, "ev")] == ["eve"]
    with pytest.raises(Refused):
        candidates(office.runtime, office.people["second"], task, "")


def test_only_what_somebody_signed_himself_is_among_what_he_has_done(office):
    give(office, "leader", "transfer", "eve")
    agree(office, "eve")
    for who, count in (("leader", 0), ("eve", 1)):
        assert len(list_tasks(office.runtime, office.people[who], TasksRequest("done")).tasks) == count
