"""Flows at a kiosk: one event, one transaction; tokens, forms, refusals, deadlines, interruptions."""

import pytest

from engine.testing.flow_office import FLOWS, PUT, FlowOffice
from engine.usecases.flow_views import Touch


@pytest.fixture
def kiosk():
    return FlowOffice()


def at(standing):
    return standing.flow.id, standing.step.name


def box(kiosk, lock=7):
    return kiosk.all("box", lock=lock)[0]


def laid(kiosk, number="E123"):
    """Somebody has signed in, and laid a thing on the reader."""
    kiosk.signed_in()
    kiosk.press("put")
    return kiosk.answered("done", number=number)


def asked(kiosk, number="E123"):
    """The box was opened and closed."""
    laid(kiosk, number)
    kiosk.answered("done", outcome="opened")
    return kiosk.run.heard("lock.closed", {"board": "board", "lock": 7})


# --- from the first touch to the last ------------------------------------------------------------------------------


def test_a_thing_is_put_in(kiosk):
    assert at(asked(kiosk)) == ("put", "confirm")
    assert at(kiosk.press("yes", remark="好")) == ("put", "finished")
    done = box(kiosk)
    assert (done["state"], done["remark"], done["serial"]) == ("full", "好", "P202605060001")
    assert done["thing"] == kiosk.all("thing", code="E123")[0]["id"]
    assert at(kiosk.after(6)) == ("main", "home")


def test_a_button_of_a_meeting_begins_it_and_is_no_way_around_it(kiosk):
    kiosk.run.begin()
    standing = kiosk.press("enter", login="clerk", secret="wrong")
    (order,) = standing.orders
    assert (at(standing), order.what, order.name, standing.busy) == (
        ("main", "standby"),
        "account.check",
        "enter",
        True,
    )
    assert order.given == {"login": "clerk", "password": "wrong"}
    assert kiosk.press("enter", login="clerk", secret="wrong").orders == ()  # the same order is under way
    assert at(kiosk.answered("refused", "enter")) == ("main", "standby")
    assert kiosk.run.standing().user is None


def test_nobody_stays_whose_account_is_gone(kiosk):
    assert kiosk.signed_in().user.name == "clerk"
    with kiosk.store.begin() as unit:
        account = unit.fetch("user", kiosk.people["clerk"].id, lock=True)
        version = account.version
        account.values.update(enabled=False, version=version + 1)
        unit.update(account, version)
    assert kiosk.press("put").user is None


def test_what_was_typed_unseen_is_never_stored(kiosk):
    kiosk.run.begin()
    kiosk.press("enter", login="clerk", secret="right-and-secret")
    kept = repr(kiosk.all("_flow"))
    assert "clerk" in kept
    assert "right-and-secret" not in kept


# --- tokens --------------------------------------------------------------------------------------------------------


def test_the_same_touch_twice_has_one_effect(kiosk):
    asked(kiosk)
    touch = Touch("press", kiosk.run.standing().token, "yes", {"remark": "好"})
    assert [at(kiosk.run.touch(touch)) for _ in range(3)] == [("put", "finished")] * 3
    assert box(kiosk)["version"] == 3


def test_an_answer_that_comes_too_late_is_dropped(kiosk):
    opened = laid(kiosk)
    assert at(kiosk.after(6)) == ("put", "fault")
    assert at(kiosk.run.answered(opened.token, "", "done", {})) == ("put", "fault")


def test_a_touch_on_what_is_not_there_changes_nothing(kiosk):
    token = kiosk.run.begin().token
    for outcome in ("signing", "done", "timeout", "refused", "back", "lock.forced", ""):
        assert kiosk.run.touch(Touch("press", token, outcome)).token == token


def test_home_is_refused_where_another_way_leads_on(kiosk):
    kiosk.signed_in()
    assert at(kiosk.run.touch(Touch("home", kiosk.run.standing().token))) == ("main", "home")


# --- forms -----------------------------------------------------------------------------------------------------------


def test_what_is_missing_or_wrong_is_told_at_its_field_and_the_step_stays(kiosk):
    asked(kiosk)
    token = kiosk.run.standing().token
    missing = kiosk.press("yes", remark="")
    assert [(one.code, one.at) for one in missing.findings] == [("required", ("remark",))]
    long = kiosk.press("yes", remark="太长的备注文字")
    assert (long.findings[0].code, long.raw, long.token) == ("too_long", {"remark": "太长的备注文字"}, token)
    assert at(kiosk.press("yes", remark="好")) == ("put", "finished")


def test_what_is_being_typed_is_known_and_changes_no_step(kiosk):
    standing = asked(kiosk)
    typed = kiosk.run.touch(Touch("type", standing.token, form={"remark": "好"}))
    assert (typed.token, typed.form["remark"], typed.raw) == (standing.token, "好", {"remark": "好"})
    assert kiosk.press("yes").step.name == "finished"


# --- refused actions -------------------------------------------------------------------------------------------------


def test_a_refused_action_leads_where_the_step_says_and_leaves_nothing_of_itself(kiosk):
    assert at(laid(kiosk, "BAD")) == ("put", "unknown")
    assert kiosk.all("thing") == []
    assert kiosk.run.standing().findings


def test_a_refused_action_leaves_what_steps_before_it_did(kiosk):
    files = {"desk/flows/put.yaml": PUT.replace("{raise: bind, on: place", "{raise: fill, on: place").replace(
        "with: {thing: =thing}}", "with: {number: =number}}")}  # fmt: skip
    other = FlowOffice(files)
    assert at(laid(other)) == ("put", "full")
    assert len(other.all("thing")) == 1


def test_a_refused_action_without_a_way_out_is_told_and_all_stays_as_it_was(kiosk):
    asked(kiosk)
    with kiosk.store.begin() as unit:  # somebody else emptied the box
        record = unit.fetch("box", kiosk.boxes[0], lock=True)
        record.values.update(state="free", version=record.version + 1)
        unit.update(record, record.version - 1)
    stays = kiosk.press("yes", remark="好")
    assert at(stays) == ("put", "confirm")
    assert stays.findings
    assert (stays.raw, box(kiosk)["state"]) == ({"remark": "好"}, "free")


# --- time ------------------------------------------------------------------------------------------------------------


def test_a_step_waits_no_longer_than_it_says(kiosk):
    laid(kiosk)
    kiosk.answered("done", outcome="opened")
    assert at(kiosk.after(29)) == ("put", "put")
    assert at(kiosk.after(2)) == ("put", "left")
    assert at(kiosk.run.heard("lock.closed", {"board": "board", "lock": 8})) == ("put", "left")
    assert at(kiosk.run.heard("lock.closed", {"board": "board", "lock": 7})) == ("put", "confirm")


def test_whoever_is_gone_is_signed_out(kiosk):
    kiosk.signed_in()
    assert at(kiosk.after(80)) == ("main", "home")
    kiosk.run.touch(Touch("type", kiosk.run.standing().token))
    assert at(kiosk.after(80)) == ("main", "home")  # somebody was there meanwhile
    gone = kiosk.after(11)
    assert (at(gone), gone.user) == (("main", "standby"), None)


def test_idle_of_a_flow_around_ends_the_one_within(kiosk):
    assert at(laid(kiosk, "BAD")) == ("put", "unknown")
    gone = kiosk.after(91)
    assert (at(gone), gone.user) == (("main", "standby"), None)


def test_nobody_is_signed_out_while_a_box_stands_open(kiosk):
    laid(kiosk)
    kiosk.answered("done", outcome="opened")
    kiosk.after(31)
    open_ = [kiosk.after(60) for _ in range(10)][-1]
    assert (at(open_), open_.user.name) == (("put", "left"), "clerk")


# --- interruptions ---------------------------------------------------------------------------------------------------


def test_an_alarm_stands_before_what_goes_on_afterwards(kiosk):
    asked(kiosk)
    alarm = kiosk.run.heard("lock.forced", {"board": "board", "lock": 3})
    assert (at(alarm), alarm.memory["noticed"]) == (("main", "alarm"), 1)
    again = kiosk.run.heard("lock.forced", {"board": "board", "lock": 4})
    assert (at(again), again.memory["noticed"]) == (("main", "alarm"), 2)
    assert at(kiosk.press("seen")) == ("put", "confirm")
    assert kiosk.press("yes", remark="好").number == "P202605060001"


def test_after_an_alarm_no_lock_is_pulsed_again_without_a_look(kiosk):
    laid(kiosk)
    kiosk.run.heard("lock.forced", {"board": "board", "lock": 3})
    back = kiosk.press("seen")
    assert (back.step.name, [one.what for one in back.orders]) == ("check", ["lock.state"])


def test_a_happening_that_nobody_waits_for_changes_nothing(kiosk):
    token = kiosk.signed_in().token
    assert kiosk.run.heard("network.lost", {}).token == token
    assert kiosk.run.heard("lock.closed", {"board": "board", "lock": 7}).token == token


# --- what devices say ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("outcome", ["failed", "wrong", "unsure", "silent", "gone"])
def test_every_fault_of_a_lock_has_a_way(kiosk, outcome):
    laid(kiosk)
    assert at(kiosk.answered(outcome)) == ("put", "fault")


def test_a_fault_that_the_step_does_not_expect_is_told_and_the_step_stays(kiosk):
    kiosk.signed_in()
    kiosk.press("put")
    assert at(kiosk.answered("known")) == ("put", "lay")
    assert kiosk.run.standing().findings[0].code == "meeting"


# --- definitions that change -----------------------------------------------------------------------------------------


def test_a_flow_that_is_gone_begins_anew_and_says_so(kiosk):
    asked(kiosk)
    changed = {"desk/flows/put.yaml": PUT.replace("confirm", "assure")}
    later = FlowOffice(changed, store=kiosk.store)
    standing = later.run.begin()
    assert (at(standing), standing.user) == (("main", "standby"), None)
    assert [one.code for one in standing.findings] == ["flow_changed"]


def test_definitions_that_change_while_it_runs(kiosk):
    asked(kiosk)
    kiosk.runtime = FlowOffice({"desk/flows/put.yaml": PUT.replace("confirm", "assure")}, store=kiosk.store).runtime
    assert at(kiosk.run.standing()) == ("main", "standby")


def test_what_a_flow_keeps_is_no_document(kiosk):
    asked(kiosk)
    assert not {name for name in FLOWS if "put/document" in name}
    assert kiosk.all("_flow")[0]["content"]["frames"][1]["memory"]["thing"] == kiosk.all("thing")[0]["id"]
