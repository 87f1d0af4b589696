"""Machines as built: states, events, timers, approvals, actions."""

from decimal import Decimal

import pytest

from engine.model.actions import (
    Act,
    Block,
    Call,
    Choose,
    Create,
    Do,
    Drop,
    Notify,
    Post,
    Print,
    Put,
    Raise,
    Send,
    Set,
)  # fmt: skip
from engine.model.formula import Template
from engine.model.machines import By, Escalation
from tests.engine.loading.trees import NOTE, loaded, machine

BASE = "machine: note\nstates: {draft: {title: 草稿}, sent: {title: 已发, final: true}}\nevents:\n"
ENTER = "  enter: {from: new, to: draft}\n"


def act(text: str, files: dict[str, str] | None = None) -> Act:
    note = {"office/note/machine.yaml": BASE + f"  go: {{from: new, to: draft, do: [{text}]}}\n"}
    (found,) = loaded(note | (files or {}), note=NOTE).definitions.machines["note"].events["go"].do
    return found


def test_document_without_machine_can_be_entered_and_changed() -> None:
    found = loaded(note=NOTE).definitions.machines["note"]
    assert list(found.states) == [""]
    assert {name: event.sources for name, event in found.events.items()} == {"enter": ("new",), "change": ("any",)}
    assert found.events["enter"].by == By()
    assert [event.name for event in found.creating()] == ["enter"]


def test_machine_without_creating_event_begins_in_its_first_state() -> None:
    found = machine(BASE + "  send: {from: draft, to: sent}\n")
    assert (found.events["enter"].sources, found.events["enter"].to) == (("new",), "draft")
    assert found.events["change"].sources == ("any",)


def test_declared_change_is_kept() -> None:
    found = machine(BASE + ENTER + "  change: {title: 改, from: draft, to: draft, by: clerk}\n")
    assert (found.events["change"].sources, found.events["change"].by.roles) == (("draft",), ("clerk",))


def test_event_says_who_when_and_what_is_asked() -> None:
    found = machine(
        BASE
        + "  go: {title: 走, from: [new, draft], to: sent, by: [clerk, engine, =handler], when: a > 1, refusal: 不行,"
        " ask: {why: {title: 因, type: text}}, check: all, together: true, sign: scan, limit: {per: address,"
        " rate: 3/minute}}\n"
    ).events["go"]
    assert found.by.roles == ("clerk",)
    assert found.by.special == ("engine",)
    assert found.by.formula is not None
    assert found.when is not None
    assert (found.by.formula.text, found.when.text, found.refusal.zh) == ("handler", "a > 1", "不行")
    assert (found.check_all, found.together, found.sign, found.limit) == (True, True, "scan", ("address", "3/minute"))
    assert found.ask["why"].title.zh == "因"


def test_state_has_a_deadline_and_actions() -> None:
    found = machine(
        "machine: note\nstates:\n  a: {title: A, until: {after: 2 working days, event: x},"
        " enter: [{set: {subject: b}}]}\n"
        '  b: {title: B, until: {after: "=values.n * day", event: x}}\n  c: {title: C, until: {at: due or now,'
        " event: x}}\n"
    ).states
    untils = [state.until for state in found.values()]
    assert [until.after.text if until and until.after else None for until in untils] == [
        "2 * working_day", "values.n * day", None,
    ]  # fmt: skip
    assert untils[2] is not None
    assert untils[2].at is not None
    assert untils[2].at.text == "due or now"
    assert isinstance(found["a"].enter[0], Set)


def test_timer_warns_at_shares_of_its_limit() -> None:
    found = machine(
        BASE + ENTER + "timers:\n  fix: {runs: [draft], stands: [sent], within: =sla(level).fix, calendar: always,"
        " met_by: [enter], warn: {80%: [{notify: due}]}, late: [{drop: lines}]}\n"
    ).timers["fix"]
    assert found.within is not None
    assert found.within.text == "sla(level).fix"
    assert [(share, len(acts)) for share, acts in found.warn] == [(Decimal("0.8"), 1)]
    assert isinstance(found.late[0], Drop)


def test_approval_has_steps_and_ways_out() -> None:
    found = machine(
        BASE + ENTER + "approvals:\n  p:\n    steps:\n"
        "      - {id: a, title: 一, who: role head in org.above, sign: 2/3, due: 2 days,"
        " late: [remind, {after: 1 day, do: escalate}], may: [transfer]}\n"
        "      - {id: b, who: =starter.chief, sign: in_order, veto: true}\n"
        "    agreed: enter\n    refused: enter\n    return: {to: any_passed, resume: continue_here}\n"
        "    withdraw: until a\n"
        "    nobody: {to: role admin}\n    same_as_starter: off\n    repeated: agree_once\n"
    ).approvals["p"]
    first, second = found.steps
    assert first.who.within is not None
    assert (first.who.role, first.who.within.text, first.sign) == ("head", "org.above", Decimal("0." + 28 * "6"))
    assert str(first.who.within.where).endswith(":8:45")
    assert first.late[0] == Escalation(remind=True)
    assert isinstance(first.late[1].do[0], Do)
    assert second.who.users is not None
    assert (second.who.users.text, second.sign, second.veto) == ("starter.chief", "in_order", True)
    assert (found.return_to, found.resume, found.withdraw_until) == ("any_passed", "continue_here", "a")
    assert found.nobody.to is not None
    assert (found.nobody.outcome, found.nobody.to.role, found.same_as_starter) == ("to", "admin", "")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{set: {subject: =a}}", Set),
        ("{put: lines, by: [a], with: {a: 1}}", Put),
        ("{drop: lines}", Drop),
        ("{create: note}", Create),
        ("{raise: enter}", Raise),
        ("{post: stock, entry: ship, qty: =qty}", Post),
        ("{print: slip}", Print),
        ("{send: out}", Send),
        ("{call: service}", Call),
        ("{notify: told}", Notify),
        ("{choose: [{do: []}]}", Choose),
        ("{do: told}", Do),
        ("told", Do),
        ("{do: [{drop: lines}]}", Block),
    ],
)
def test_each_verb_is_a_class(text: str, expected: type[Act]) -> None:
    assert isinstance(act(text), expected)


def test_any_verb_may_repeat_and_share() -> None:
    found = act(
        "{each: stock, where: a == b, sort: 'expiry, place', most: 5, when: c, per: [goods, place.zone],"
        " spread: {total: =up.qty, take: available, short: less}, do: [{drop: lines}]}"
    )
    assert found.repeat is not None
    assert found.spread is not None
    assert found.when is not None
    assert found.repeat.where is not None
    assert found.repeat.sort is not None
    assert (found.repeat.source.text, found.repeat.where.text, found.repeat.most) == ("stock", "a == b", 5)
    assert {name: formula.text for name, formula in found.repeat.per.items()} == {
        "goods": "goods",
        "zone": "place.zone",
    }
    assert (found.spread.total.text, found.spread.take.text, found.spread.short) == ("up.qty", "available", "less")
    assert [(key.formula.text, key.descending) for key in found.repeat.sort.keys] == [
        ("expiry", False),
        ("place", False),
    ]


def test_condition_belongs_to_the_object_unless_the_action_repeats() -> None:
    alone = act("{raise: enter, on: notes, where: a == b, skip: not_allowed}")
    repeated = act("{raise: enter, on: notes, each: lines, where: a == b}")
    assert isinstance(alone, Raise)
    assert isinstance(repeated, Raise)
    assert repeated.repeat is not None
    assert (alone.find is not None, alone.repeat, alone.skip) == (True, None, "not_allowed")
    assert (repeated.find, repeated.repeat.where is not None) == (None, True)


def test_given_rows_and_whole_records() -> None:
    created = act("{create: note, with: {lines: {each: rows, same: true}, tags: [a, =b], n: null}, as: second}")
    copied = act("{create: note, with: =form}")
    changed = act("{set: =pending}")
    assert isinstance(created, Create)
    assert isinstance(copied, Create)
    assert isinstance(changed, Set)
    rows, tags = created.values["lines"].rows, created.values["tags"].literal
    assert rows is not None
    assert isinstance(tags, tuple)
    assert (rows.each.text, rows.same, tags[0], created.name) == ("rows", True, "a", "second")
    assert tags[1].formula.text == "b"
    assert copied.copy is not None
    assert changed.copy is not None
    assert (copied.copy.text, copied.values, changed.copy.text) == ("form", {}, "pending")


def test_post_keeps_its_amounts_and_call_its_key() -> None:
    posted = act("{post: stock, entry: ship, account: {goods: =goods}, qty: =qty, weight: 2, when: a}")
    called = act('{call: bank, key: "{number}-1", ok: enter, failed: enter}')
    account = act("{post: stock, entry: ship, account: =self, qty: 1}")
    assert isinstance(posted, Post)
    assert isinstance(called, Call)
    assert isinstance(account, Post)
    assert (set(posted.amounts), set(posted.sides[""].keys), posted.sides[""].row) == (
        {"qty", "weight"},
        {"goods"},
        None,
    )
    assert account.sides[""].row is not None
    assert isinstance(called.key, Template)


def test_named_action_of_the_machine_goes_before_those_of_the_system() -> None:
    text = BASE + "  go: {from: new, to: draft, do: [{do: tell}, {do: say}]}\nactions:\n  tell: {do: [{drop: lines}]}\n"
    actions = "actions:\n  tell: {do: []}\n  say: {do: []}\n"
    found = loaded({"office/note/machine.yaml": text, "office/actions.yaml": actions}, note=NOTE).definitions
    assert [do.action for do in found.machines["note"].events["go"].do if isinstance(do, Do)] == ["note.tell", "say"]
    assert set(found.actions) == {"tell", "say", "note.tell"}
    assert found.actions["note.tell"].document == "note"
