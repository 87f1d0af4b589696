"""Rules over events in a small office: what fires, what its actions see, what waits, what is kept and what is not."""

from datetime import timedelta

import pytest

from engine.problems import Refused
from engine.testing.office import Office
from engine.usecases.accounts import log_in
from engine.usecases.happenings import MOST_ALIKE, tell
from engine.usecases.watch_places import forget_places
from engine.usecases.watch_records import HAPPENING, RULE_STATE
from engine.usecases.watch_replay import standings, tried
from engine.usecases.watch_turns import run_watches

BASE = {
    "desk/card/document.yaml": "document: card\ntitle: 证件\nlabel: code\nfields:\n"
    "  code: {title: 编号, type: text, required: true}\n  holder: {title: 持有人, type: text}\n"
    "  pin: {title: 口令, type: password}\n"
    "  notes: {title: 备注, type: table, fields: {what: {title: 内容, type: text}}}\n",
    "desk/card/machine.yaml": "machine: card\nstates: {in: {title: 在柜}, out: {title: 取出}}\nevents:\n"
    "  enter: {title: 登记, from: new, to: in, by: [clerk, engine]}\n"
    "  take: {title: 取出, from: in, to: out, by: clerk, ask: {why: {title: 事由, type: text}}}\n"
    "  cross: {title: 入境, from: out, by: clerk}\n"
    "  put: {title: 存入, from: out, to: in, by: clerk}\n",
    "desk/card/access.yaml": 'access:\n  clerk: {read: "*", create: true, edit: "*", events: "*"}\n',
    "desk/note/document.yaml": "document: note\ntitle: 记事\nlabel: text\nfields:\n"
    "  text: {title: 内容, type: text, required: true}\n  card: {title: 证件, type: ref, to: card}\n"
    "  at: {title: 时间, type: datetime}\n",
    "desk/note/access.yaml": 'access:\n  clerk: {read: "*", create: true, events: "*"}\n',
}


def office(rule, **files):
    return Office({**BASE, **files, "desk/watches.yaml": f"watches:\n  w: {{title: 规则, {rule}}}\n"})


def note(text):
    return f"do: [{{create: note, with: {{text: {text}}}}}]"


def entered(desk, code="A1", **values):
    return desk.raise_("clerk", "enter", "card", code=code, **values).record_id


def step(desk, event, card, after=0, **keys):
    desk.clock.move(minutes=after)
    desk.raise_("clerk", event, "card", card, **keys)


def passed(desk, **length):
    desk.clock.move(**length)
    desk.deliver()
    return notes(desk)


def notes(desk):
    return [row["text"] for row in desk.all("note")]


ENTERED_NOT_RETURNED = (
    "on: {out: card.take, back: card.cross}, same: card, then_not: {event: card.put, within: 3 days}, "
    'do: [{create: note, with: {text: "=out.holder + back.code + event.at.date.text", card: =card}}]'
)


def test_taken_out_entered_and_not_returned_within_three_days():
    desk = office(ENTERED_NOT_RETURNED.replace("event.at.date.text", "code"))
    kept, late = entered(desk, "A1", holder="甲"), entered(desk, "A2", holder="乙")
    for card in (kept, late):
        step(desk, "take", card)
        step(desk, "cross", card, after=5)
    desk.raise_("clerk", "change", "card", late, holder="丙")
    assert passed(desk, days=2) == []
    step(desk, "put", kept)
    assert passed(desk, hours=23) == []
    assert passed(desk, hours=2) == ["乙A2A2"]  # as it was when it was taken out
    assert desk.all("note")[0]["card"] == late
    assert passed(desk, days=9) == ["乙A2A2"]
    forget_places(desk.runtime)
    assert desk.all(RULE_STATE) == desk.all(HAPPENING) == []


def test_only_what_a_rule_listens_to_is_kept():
    desk = office(f"on: card.take, {note('x')}")
    card = entered(desk)
    tell(desk.runtime, "lock.opened", {"board": "1", "lock": 2})
    assert desk.all(HAPPENING) == []
    step(desk, "take", card, asked={"why": "出境"})
    (waiting,) = desk.all(HAPPENING)
    assert (waiting["name"], waiting["content"]["asked"]) == ("card.take", {"why": "出境"})
    assert waiting["content"]["values"]["pin"] is None


def test_a_refused_event_is_not_heard_of():
    desk = office(f"on: card.take, {note('x')}", **{
        "desk/card/rules.yaml": "rules:\n  never: {on: take, check: code != 'A1', message: 不可}\n",
    })  # fmt: skip
    card = entered(desk)
    with pytest.raises(Refused):
        step(desk, "take", card)
    assert desk.all(HAPPENING) == []


def test_happenings_within_a_window_at_each_key():
    desk = office(f"on: lock.forced, per: [board, lock], times: 3, within: 1 minute, {note('=board')}")
    for board in ("a", "b", "a", "b", "b"):
        tell(desk.runtime, "lock.forced", {"board": board, "lock": 1})
        desk.clock.move(seconds=20)
    desk.deliver()
    assert notes(desk) == ["b"]
    tell(desk.runtime, "lock.forced", {"board": "a", "lock": 1})  # a minute and twenty seconds after its first
    desk.deliver()
    assert notes(desk) == ["b"]


def test_in_a_row_begins_anew_when_the_condition_fails():
    desk = office(f"on: device.measured, per: device, when: temperature > 40, in_a_row: 3, {note('热')}")
    for degrees in (41, 42, 39, 41, 41):
        tell(desk.runtime, "device.measured", {"temperature": degrees})
        desk.clock.move(minutes=1)
    desk.deliver()
    assert notes(desk) == []
    tell(desk.runtime, "device.measured", {"temperature": 55})
    desk.deliver()
    assert notes(desk) == ["热"]


def test_a_cause_that_must_come_before():
    desk = office(
        "on: lock.opened, per: [board, lock], not_after: {event: lock.open_sent, within: 10 s}, "
        + note("\"='非法' + board\"")
    )
    tell(desk.runtime, "lock.open_sent", {"board": "a", "lock": 1})
    tell(desk.runtime, "lock.opened", {"board": "a", "lock": 1, "ordered": True})
    tell(desk.runtime, "lock.opened", {"board": "b", "lock": 1, "ordered": False})
    desk.clock.move(seconds=11)
    tell(desk.runtime, "lock.opened", {"board": "a", "lock": 1, "ordered": False})
    desk.deliver()
    assert notes(desk) == ["非法b", "非法a"]


def test_an_event_without_its_key_has_nothing_in_common_with_others():
    desk = office(f"on: security.login_failed, per: account, times: 2, within: 1 minute, {note('=account.name')}")
    clerk = desk.people["clerk"].id
    for account in (None, None, None, clerk, clerk):
        tell(desk.runtime, "security.login_failed", {"account": account, "login": "x"})
    desk.deliver()
    assert notes(desk) == ["clerk"]


def test_told_twice_with_one_key_counts_once():
    desk = office(f"on: power.lost, {note('断电')}")
    for key in ("1", "1", "2"):
        tell(desk.runtime, "power.lost", {}, key=key)
        desk.deliver()
        tell(desk.runtime, "power.lost", {}, key=key)
    desk.deliver()
    assert notes(desk) == ["断电", "断电"]


def test_told_late_counts_when_it_happened():
    desk = office(f"on: power.lost, then_not: {{event: power.back, within: 1 minute}}, {note('断电')}")
    began = desk.clock.now()
    tell(desk.runtime, "power.lost", {})
    desk.clock.move(minutes=5)
    tell(desk.runtime, "power.back", {}, at=began + timedelta(seconds=50))
    desk.deliver()
    assert notes(desk) == []
    tell(desk.runtime, "power.lost", {}, at=began + timedelta(minutes=2))
    desk.deliver()
    assert notes(desk) == ["断电"]


def test_a_refused_firing_stands_among_the_failed_and_the_others_go_on():
    with_rule = {"desk/note/rules.yaml": "rules:\n  said: {check: text != 'b', message: 不可}\n"}
    desk = office(f"on: lock.forced, {note('=board')}", **with_rule)
    for board in ("a", "b", "c"):
        tell(desk.runtime, "lock.forced", {"board": board, "lock": 1})
    desk.deliver()
    assert notes(desk) == ["a", "c"]
    (failed,) = desk.store.effects(state="failed")
    assert (failed.kind, failed.error) == ("watch", "findings: said")


def test_a_happening_that_cannot_be_taken_is_put_aside_and_may_be_heard_again():
    desk = office(f"on: device.measured, when: temperature > 40, {note('热')}")
    for degrees in ("hot", 41, 42):
        tell(desk.runtime, "device.measured", {"temperature": degrees})
    desk.deliver()
    assert notes(desk) == ["热", "热"]
    (failed,) = desk.store.effects(state="failed")
    assert (failed.kind, failed.payload["content"]) == ("happening", {"values": {"temperature": "hot"}})
    desk.store.retry_effects([failed.id], desk.clock.now())
    desk.deliver()
    assert desk.all(HAPPENING) == []
    assert notes(desk) == ["热", "热"]


def test_nothing_to_do_costs_no_transaction(monkeypatch):
    desk = office(f"on: power.lost, {note('断电')}")
    desk.deliver()
    monkeypatch.setattr(type(desk.store), "begin", refusing_writers(type(desk.store).begin))
    assert run_watches(desk.runtime) == 0


def refusing_writers(begin):
    def begun(self, *, write=True):
        assert not write
        return begin(self, write=write)

    return begun


def test_a_flood_of_equal_happenings_is_cut_and_still_counts():
    desk = office(f"on: input.active, per: [board, input], times: 60, within: 1 minute, {note('=board')}")
    for _ in range(150):
        tell(desk.runtime, "input.active", {"board": "a", "input": 1})
    tell(desk.runtime, "input.active", {"board": "b", "input": 1})
    assert len(desk.all(HAPPENING)) == MOST_ALIKE + 20 + 1
    desk.deliver()
    assert notes(desk) == ["a", "a"]


def test_a_rule_is_tried_on_history_and_nothing_changes():
    desk = office(ENTERED_NOT_RETURNED.replace("event.at.date.text", "code"))
    kept, late = entered(desk, "A1", holder="甲"), entered(desk, "A2", holder="乙")
    began = desk.clock.now()
    for card in (kept, late):
        step(desk, "take", card)
        step(desk, "cross", card, after=5)
    desk.raise_("clerk", "change", "card", late, holder="丙")
    step(desk, "put", kept, after=60)
    desk.clock.move(days=4)
    rule = desk.runtime.definitions.watches["w"]
    ((at, events),) = [(one.at, one.events) for one in tried(desk.runtime, rule)]
    assert (at, events) == (began + timedelta(days=3, minutes=10), (("card.take", late), ("card.cross", late)))
    assert tried(desk.runtime, rule, since=began + timedelta(minutes=7)) == []
    assert notes(desk) == []
    (standing,), waiting = standings(desk.runtime)
    assert (standing.places, waiting) == (0, 5)
    desk.deliver()
    assert notes(desk) == ["乙A2A2"]


def test_what_a_record_was_is_read_out_of_its_history():
    desk = office("on: card.take, when: holder == '甲', do: []")
    card = entered(desk, "A1", holder="甲")
    step(desk, "take", card)
    desk.raise_("clerk", "change", "card", card, holder="乙")
    step(desk, "put", card)
    step(desk, "take", card)
    assert len(tried(desk.runtime, desk.runtime.definitions.watches["w"])) == 1


def test_a_login_that_fails_is_told_and_one_that_is_locked_is_not():
    said = note("=login + place + event.way")
    desk = office(f"on: security.login_failed, per: account, times: 5, within: 1 minute, {said}")
    for _ in range(7):
        with pytest.raises(Refused):
            log_in(desk.runtime, "clerk", "wrong", "192.0.2.1")
    with pytest.raises(Refused):
        log_in(desk.runtime, "nobody", "wrong", "192.0.2.1")
    assert len(desk.all(HAPPENING)) == 6
    desk.deliver()
    assert notes(desk) == ["clerk192.0.2.1password"]
