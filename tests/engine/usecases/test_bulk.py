"""Events on many records: each by itself, told by record; the worker does many; lists taken away by the worker."""

import pytest

from engine.problems import Refused
from engine.usecases import bulk, errands, inbox, taking_away
from engine.usecases.bulk import BulkRequest
from engine.usecases.views import ListRequest


def enter(office, number, **more):
    line = {"item": "笔", "qty": "1", "price": str(number)}
    return office.raise_("clerk", "enter", "order", name=f"单{number}", lines=[line], **more).record_id


def alter(office, who, **values):
    """Change an account behind everybody's back."""
    with office.store.begin() as unit:
        record = unit.fetch("user", office.people[who].id, lock=True)
        record.values.update(values, version=record.version + 1)
        unit.update(record, record.version - 1)


def start(office, who="clerk", **keys):
    keys.setdefault("document", "order")
    return bulk.start_bulk(office.runtime, office.people[who], BulkRequest(**keys))


def test_each_record_goes_by_itself_and_says_why_not(office):
    good, empty = enter(office, 1), office.raise_("clerk", "enter", "order", name="空").record_id
    done = enter(office, 2)
    office.raise_("clerk", "submit", "order", done)
    found = start(office, event="submit", ids=(good, empty, done))
    assert (found.status, found.handled, found.told["done"], found.told["refused"]) == ("done", 3, 1, 2)
    told = {line[0]: line[2:4] for line in found.told["lines"]}
    assert told[good] == ["done", ""]
    assert told[empty] == ["refused", "请填写明细"]
    assert told[done][0] == "refused"
    assert office.values("order", good)["state"] == "reviewing"
    assert inbox.unread(office.runtime, office.people["clerk"]) == 0  # who saw it needs no notice


def test_what_asks_is_told_and_done_once_confirmed(office):
    large = enter(office, 6000, note="大单", confirmed=frozenset({"big"}))
    plain = enter(office, 1)
    found = start(office, event="submit", ids=(large, plain))
    assert (found.told["done"], found.told["asking"]) == (1, 1)
    line = next(line for line in found.told["lines"] if line[0] == large)
    assert line[2:] == ["asking", "合计6000.00，确认吗", ["big"]]
    assert start(office, event="submit", ids=(large,), confirmed=frozenset({"big"})).told["done"] == 1


def test_answers_go_to_every_record(office):
    ids = tuple(enter(office, number) for number in (1, 2))
    assert start(office, event="drop", ids=ids).told["refused"] == 2
    assert start(office, event="drop", ids=ids, asked={"reason": "作废"}).told["done"] == 2


def test_nobody_reaches_more_than_their_own_list(office):
    mine = enter(office, 1)
    theirs = office.raise_("stranger", "enter", "order", name="他人").record_id
    found = start(office, event="submit", ids=(mine, theirs))
    assert found.total == 1
    for who, event, ids in (("leader", "submit", (mine,)), ("clerk", "enter", (mine,)), ("clerk", "approve", (mine,))):
        with pytest.raises(Refused) as refused:
            start(office, who, event=event, ids=ids)
        assert refused.value.kind == "forbidden"
    with pytest.raises(Refused):
        start(office, event="submit", ids=(theirs,))
    with pytest.raises(Refused):
        errands.errand(office.runtime, office.people["boss"], found.id)


def test_many_are_done_by_the_worker_with_a_notice(office, monkeypatch):
    monkeypatch.setattr(bulk, "AT_ONCE", 3)
    monkeypatch.setattr(bulk, "PIECE", 2)
    for number in range(7):
        enter(office, number)
    clerk = office.people["clerk"]
    found = start(office, event="submit", matching=ListRequest("order", filters={"name": "单"}))
    assert (found.status, found.total, found.handled) == ("waiting", 7, 0)
    office.deliver()
    found = errands.errand(office.runtime, clerk, found.id)
    assert (found.status, found.handled, found.told["done"]) == ("done", 7, 7)
    (notice,) = inbox.my_notices(office.runtime, clerk)
    assert (notice.text, notice.document, notice.record_id) == ("批量提交已完成：办理7条，未办0条", "_errand", found.id)


def test_a_stopped_errand_goes_no_further(office, monkeypatch):
    monkeypatch.setattr(bulk, "AT_ONCE", 1)
    ids = tuple(enter(office, number) for number in range(3))
    found = start(office, event="submit", ids=ids)
    errands.stop_errand(office.runtime, office.people["clerk"], found.id)
    office.deliver()
    assert errands.errand(office.runtime, office.people["clerk"], found.id).handled == 0
    assert all(office.values("order", one)["state"] == "draft" for one in ids)


def test_an_errand_of_somebody_who_left_ends(office, monkeypatch):
    monkeypatch.setattr(bulk, "AT_ONCE", 1)
    found = start(office, event="submit", ids=tuple(enter(office, number) for number in range(2)))
    alter(office, "clerk", enabled=False)
    office.deliver()
    assert errands.my_errands(office.runtime, office.people["clerk"])[0].status == "failed"
    assert found.status == "waiting"


def test_more_than_one_go_may_take_is_refused(office, monkeypatch):
    monkeypatch.setattr(bulk, "MOST", 2)
    ids = tuple(enter(office, number) for number in range(3))
    with pytest.raises(Refused):
        start(office, event="submit", matching=ListRequest("order"))
    with pytest.raises(Refused):
        start(office, event="submit", ids=())
    assert {office.values("order", one)["state"] for one in ids} == {"draft"}


def test_errands_are_kept_for_a_week(office):
    found = start(office, event="submit", ids=(enter(office, 1),))
    office.clock.move(days=8)
    with pytest.raises(Refused):
        errands.errand(office.runtime, office.people["clerk"], found.id)
    assert errands.my_errands(office.runtime, office.people["clerk"]) == ()
    assert (errands.forget_errands(office.runtime), errands.forget_errands(office.runtime)) == (1, 0)


# --- exports by the worker -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_long_list_is_taken_away_by_the_worker(office, kind):
    for number in range(3):
        enter(office, number)
    clerk = office.people["clerk"]
    asked = ListRequest("order", filters={"total.from": "1"}, sort="total", columns=("name", "total"))
    begun = taking_away.start_export(office.runtime, clerk, asked, kind)
    assert (begun.status, begun.total) == ("waiting", 2)
    office.deliver()
    stored, content = errands.errand_file(office.runtime, clerk, begun.id)
    assert stored.name.endswith(kind)
    lines = content.read().decode("utf-8-sig").splitlines()
    assert [line.replace("\t", ",") for line in lines] == ["名称,合计,状态", "单1,1.00,草稿", "单2,2.00,草稿"]
    assert inbox.unread(office.runtime, clerk) == 1
    with pytest.raises(Refused):
        errands.errand_file(office.runtime, office.people["boss"], begun.id)


def test_lists_are_taken_away_by_right_alone(office):
    for who, document, kind in (("leader", "order", "csv"), ("clerk", "order", "exe"), ("clerk", "nothing", "csv")):
        with pytest.raises(Refused):
            taking_away.start_export(office.runtime, office.people[who], ListRequest(document), kind)


def test_a_right_that_was_lost_meanwhile_gives_no_file(office):
    enter(office, 1)
    begun = taking_away.start_export(office.runtime, office.people["clerk"], ListRequest("order"), "csv")
    alter(office, "clerk", roles=("leader",))
    office.deliver()
    found = errands.my_errands(office.runtime, office.people["clerk"])[0]
    assert (found.id, found.status, found.file) == (begun.id, "failed", None)


def test_a_long_file_is_cut_and_says_so(office, monkeypatch):
    monkeypatch.setitem(taking_away.MOST, "csv", 2)
    for number in range(3):
        enter(office, number)
    begun = taking_away.start_export(office.runtime, office.people["clerk"], ListRequest("order"), "csv")
    assert (begun.total, begun.asked["cut"]) == (2, True)
    office.deliver()
    _, content = errands.errand_file(office.runtime, office.people["clerk"], begun.id)
    assert len(content.read().decode().splitlines()) == 3
