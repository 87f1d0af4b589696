"""The screen of a flow as it stands: what is shown, pressed, waited for; who may see it."""

import pytest

from engine.model.formula import Title
from engine.testing.flow_office import MAIN, FlowOffice
from engine.usecases.flow_screens import picked_row, screen_of
from engine.usecases.flow_views import Touch

SHOWING = """\
  showing:
    title: {zh: 一览, en: All}
    screen:
      - {text: {zh: 共有, en: "There are"}}
      - {table: box, sort: lock, columns: [lock, state], pick: found}
      - {form: {remark: {title: 备注, type: text, required: true, max: 5}}, with: {remark: "=text('初')"}}
      - {fields: "first(box, lock == 7)", columns: [lock, state]}
      - {cards: thing, columns: [code], choose: thing}
    buttons: {go: 继续, hidden: {title: 不见, show: form.remark == 'x'}}
    confirm: {go: "确认 {form.remark}？"}
    on: {picked: home, go: home, hidden: home, back: home}
"""
FILES = {
    "desk/flows/main.yaml": MAIN.replace(
        "buttons: {put: 存放, out: 退出}", "buttons: {put: 存放, show: 一览, out: 退出}"
    )
    .replace("on: {put: put, out: leave}", "on: {put: put, show: showing, out: leave}")
    .replace("keep: {", "keep: {found: box, ")
    + SHOWING,
    "desk/box/access.yaml": 'access:\n  clerk: {read: [lock, state], rows: "lock == 7"}\n',
}


@pytest.fixture
def kiosk():
    return FlowOffice(FILES)


def screen(kiosk, language="zh", **starts):
    return screen_of(kiosk.runtime, kiosk.run.standing(), language, starts)


def showing(kiosk):
    kiosk.signed_in()
    kiosk.press("show")
    return screen(kiosk)


def test_before_anybody_signs_in_the_role_of_the_kiosk_looks(kiosk):
    kiosk.run.begin()
    found = screen(kiosk)
    assert (found.flow, found.step, found.user) == ("main", "standby", "")
    assert [one.outcome for one in found.buttons] == ["enter"]
    assert [one.kind for one in found.body] == ["text", "keypad", "keypad"]
    assert (found.body[2].part.kind, found.body[2].part.hidden) == ("text", True)


def test_a_screen_shows_what_its_user_may_see(kiosk):
    found = showing(kiosk)
    table = found.body[1]
    assert table.picks
    assert [row.cells[0].text for row in table.part.rows] == ["7"]  # of two boxes
    assert (table.part.start, table.part.count, table.part.more) == (0, 1, False)
    assert [text for _, text in found.body[3].part.rows] == ["7", "空"]


def test_titles_and_texts_are_in_the_language(kiosk):
    showing(kiosk)
    found = screen(kiosk, "en")
    assert found.title == Title("一览", "All")
    assert found.body[0].part.text == "There are"


def test_buttons_have_their_conditions_and_questions(kiosk):
    found = showing(kiosk)
    assert {one.outcome: one.confirm for one in found.buttons} == {"go": "确认 ？"}
    assert found.back
    token = kiosk.run.standing().token
    kiosk.run.touch(Touch("type", token, form={"remark": "x"}))
    found = screen(kiosk)
    assert {one.outcome: one.confirm for one in found.buttons} == {"go": "确认 x？", "hidden": ""}
    assert found.token == token


def test_a_field_has_what_was_typed_else_what_it_begins_with(kiosk):
    (field,) = showing(kiosk).body[2].part.fields
    assert (field.text, field.required, field.findings) == ("初", True, ())
    kiosk.press("go", remark="太长的备注了")
    (field,) = screen(kiosk).body[2].part.fields
    assert field.text == "太长的备注了"
    assert len(field.findings) == 1


def test_only_rows_that_are_shown_can_be_picked(kiosk):
    (table,) = [one for one in showing(kiosk).body if one.picks and one.part.rows]
    standing = kiosk.run.standing()
    row = picked_row(kiosk.runtime, standing, table.path, table.part.rows[0].key)
    assert row["lock"] == 7
    assert picked_row(kiosk.runtime, standing, table.path, kiosk.boxes[1]) is None
    assert picked_row(kiosk.runtime, standing, "0", kiosk.boxes[0]) is None


def test_stages_waits_and_time(kiosk):
    kiosk.signed_in()
    kiosk.press("put")
    found = screen(kiosk)
    assert (found.stage, [str(one) for one in found.stages]) == (0, ["读取", "放入", "完成"])
    assert found.waits_for == ("reader",)
    assert found.seconds == 60
    assert (found.home, found.rest, found.back) == (False, False, True)
