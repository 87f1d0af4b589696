"""What a step lets its signer see and fill in while deciding, and what has to be confirmed."""

import pytest

from engine.problems import Refused
from engine.testing.office import Office
from engine.testing.orders import ORDER
from engine.usecases.reading import read_document
from engine.usecases.task_page import read_task
from engine.usecases.tasks import agree_to_all, my_tasks, sign_task
from engine.usecases.views import Decision

LINE = {"item": "笔", "qty": "3", "price": "100"}
FIELD = "  note: {title: 说明, type: text, show: total > 1000, required: total > 1000}\n"
ADVICE = "  advice: {title: 批示, type: text, max: 10, required: state == 'reviewing'}\n"
MACHINE_OF_CUSTOMER = ORDER["desk/order/machine.yaml"].replace(
    "who: role leader in org, sign: all", "who: =customer, sign: all, edit: [secret]"
)
STEP = "who: role leader in org, sign: all, read: [name, total], edit: [advice]"


def office_of(store, step=STEP):
    files = {
        **ORDER,
        "desk/order/document.yaml": ORDER["desk/order/document.yaml"].replace(FIELD, FIELD + ADVICE),
        "desk/order/machine.yaml": ORDER["desk/order/machine.yaml"].replace("who: role leader in org, sign: all", step),
    }
    made = Office(files, store=store)
    made.record = made.raise_("clerk", "enter", "order", name="甲", secret="12345678", lines=[LINE]).record_id
    made.raise_("clerk", "submit", "order", made.record)
    return made


@pytest.fixture
def office(store):
    return office_of(store)


def sign(office, who, outcome="agree", comment="", confirmed=(), **raw):
    task = my_tasks(office.runtime, office.people[who])[0].id
    decision = Decision(outcome, comment, raw=raw, confirmed=frozenset(confirmed))
    return sign_task(office.runtime, office.people[who], task, decision)


def codes(office, *args, **keys):
    with pytest.raises(Refused) as caught:
        sign(office, *args, **keys)
    return {(one.code, one.at) for one in caught.value.findings}


def page(office, who):
    task = my_tasks(office.runtime, office.people[who])[0]
    return read_task(office.runtime, office.people[who], task.id)


def test_the_page_shows_what_the_step_reads_and_opens_what_it_edits(office):
    view = page(office, "leader")
    assert [one.name for section in view.detail.sections for one in section.fields] == ["name", "total"]
    fields = [one for section in view.fill.sections for one in section.fields]
    assert [(one.name, one.editable, one.required) for one in fields] == [("advice", True, True)]
    assert all(step.changes == () for step in view.detail.history)


def test_what_is_filled_in_is_stored_with_the_decision(office):
    sign(office, "leader", advice="照办")
    assert office.values("order", office.record)["advice"] == "照办"
    newest = read_document(office.runtime, office.people["clerk"], "order", office.record).history[0]
    assert (newest.event.zh, newest.who) == ("审批", "leader")
    assert [(title.zh, after) for title, _, after in newest.changes] == [("批示", "照办")]
    sign(office, "second", advice="同意照办")
    assert office.values("order", office.record)["state"] == "approved"
    newest = read_document(office.runtime, office.people["clerk"], "order", office.record).history[0]
    assert [(title.zh, after) for title, _, after in newest.changes] == [("批示", "同意照办")]


def test_what_is_filled_in_is_judged(office):
    assert codes(office, "leader") == {("required", ("advice",))}
    assert codes(office, "leader", advice="一二三四五六七八九十十一") == {("too_long", ("advice",))}
    assert ("not_editable", ("name",)) in codes(office, "leader", advice="好", name="乙")
    assert [one["status"] for one in office.all("_task")] == ["open", "open"]


def test_a_refusal_need_not_be_complete(office):
    sign(office, "leader", "refuse", "不办")
    assert office.values("order", office.record)["state"] == "refused"


def test_a_step_does_not_open_what_access_hides(store):
    office = Office({**ORDER, "desk/order/machine.yaml": MACHINE_OF_CUSTOMER}, store=store)
    boss = office.people["boss"]
    record = office.raise_("clerk", "enter", "order", name="丙", lines=[LINE], customer=boss.id).record_id
    office.raise_("clerk", "submit", "order", record)
    assert page(office, "boss").fill.sections == ()
    assert codes(office, "boss", secret="1") == {("not_editable", ("secret",))}


def test_what_has_to_be_confirmed_is_asked_of_the_signer(store):
    office = office_of(store, step="who: role leader in org, sign: any, edit: [advice]")
    big = {"item": "笔", "qty": "60", "price": "100"}
    made = office.raise_("clerk", "enter", "order", name="丁", note="大", lines=[big], confirmed=frozenset({"big"}))
    office.raise_("clerk", "submit", "order", made.record_id, confirmed=frozenset({"big"}))
    task = next(one.id for one in my_tasks(office.runtime, office.people["leader"]) if one.record_id == made.record_id)
    with pytest.raises(Refused) as caught:
        sign_task(office.runtime, office.people["leader"], task, Decision("agree", raw={"advice": "好"}))
    assert {(one.code, one.level) for one in caught.value.findings} == {("big", "confirm")}
    confirmed = Decision("agree", raw={"advice": "好"}, confirmed=frozenset({"big"}))
    sign_task(office.runtime, office.people["leader"], task, confirmed)
    assert office.all("_task", record_id=made.record_id, status="open")[0]["step"] == "second"


def test_several_at_once_each_with_its_own_result(store):
    office = Office(ORDER, store=store)
    records = [office.raise_("clerk", "enter", "order", name=name, lines=[LINE]).record_id for name in "甲乙"]
    big = {"item": "笔", "qty": "60", "price": "100"}
    told = frozenset({"big"})
    records.append(
        office.raise_("clerk", "enter", "order", name="丙", note="大", lines=[big], confirmed=told).record_id
    )
    for record in records:
        office.raise_("clerk", "submit", "order", record, confirmed=told)
    for who in ("leader", "second"):
        tasks = my_tasks(office.runtime, office.people[who])
        chosen = [(one.id, one.version) for one in tasks]
        results = agree_to_all(office.runtime, office.people[who], [*chosen, chosen[0], ("nothing", None)])
        assert [one.outcome is not None for one in results] == [True, True, True, False]
    boss = my_tasks(office.runtime, office.people["boss"])
    (asked,) = agree_to_all(office.runtime, office.people["boss"], [(one.id, None) for one in boss])
    assert (asked.outcome, [one.code for one in asked.findings]) == (None, ["big"])
    assert [office.values("order", record)["state"] for record in records] == ["approved", "approved", "reviewing"]
    (stale,) = agree_to_all(office.runtime, office.people["boss"], [(boss[0].id, 1)])
    assert stale.kind == "stale"
    with pytest.raises(Refused):
        agree_to_all(office.runtime, office.people["boss"], [(str(number), None) for number in range(101)])


def test_what_asks_for_more_is_signed_by_itself(office):
    (task,) = my_tasks(office.runtime, office.people["leader"])
    (result,) = agree_to_all(office.runtime, office.people["leader"], [(task.id, None)])
    assert (task.alone, result.outcome, result.findings[0].code) == (True, None, "alone")
