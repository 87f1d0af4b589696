"""Flows as they are built: what is kept, screens, meetings, buttons, ways out."""

from pathlib import Path

from engine.loading import DiskTree, load
from engine.model.flows import BACK, PICKED, Flow, form_names, inputs
from engine.model.free_pages import Table
from engine.model.touch_parts import Details, Entry, Keypad, Pick, Picture, Search
from engine.model.types import Kind

SAMPLE = Path(__file__).parents[2] / "data" / "every_key"


def visit() -> Flow:
    return load(DiskTree(SAMPLE)).definitions.flows["visit"]


def test_what_is_kept_may_be_empty_and_has_the_shape_of_a_reading() -> None:
    kept = visit().memory.fields
    assert {name: (one.type.kind, one.type.of) for name, one in kept.items()} == {
        "card": (Kind.ROW, "card"),
        "note": (Kind.REF, "note"),
        "level": (Kind.CODE, "levels"),
    }
    assert all(one.type.optional and one.required is False for one in kept.values())
    shape = kept["card"].type.shape
    assert shape is not None
    assert "birth" in shape.fields


def test_a_screen_has_parts_of_pages_and_parts_to_touch() -> None:
    screen = visit().steps["begin"].screen
    kinds = [type(one.part) for one in screen]
    assert kinds == [Entry, Entry, Keypad, Search, Picture, Table, Table, Details]
    assert [one.pick for one in screen if one.pick] == [Pick("note"), Pick("", "other")]
    assert [one.name for one in inputs(screen)] == ["subject", "phone", "code", "q"]
    assert form_names(visit()) == ("subject", "phone", "code", "q", "other")
    code = screen[2].part
    assert isinstance(code, Keypad)
    assert (code.hidden, code.field.title.zh, code.default is not None) == (True, "码", True)


def test_meetings_race_by_their_names() -> None:
    steps = visit().steps
    meets = {name: (one.kind, one.what, one.into, one.button) for name, one in steps["begin"].meets.items()}
    assert meets["card"] == ("read", "reader.card", "card", "")
    assert meets["checked"] == ("call", "weather", "", "go_on")
    assert list(steps["wait"].meets) == [""]
    assert steps["other"].run == "visit"
    assert steps["other"].given.keys() == {"note"}


def test_buttons_are_worded_and_asked_before() -> None:
    begin, wait = visit().steps["begin"], visit().steps["wait"]
    assert {name: one.title.worded("en") for name, one in begin.buttons.items()} == {
        "go_on": "继续", "sign": "签退", "leave": "Leave",
    }  # fmt: skip
    assert begin.buttons["sign"].show is not None
    assert {name: one.text for name, one in begin.confirm.items()} == {"leave": "确认离开？"}
    assert list(wait.confirm) == [""]


def test_an_outcome_leads_as_the_step_says_else_the_flow_else_its_wider_kind() -> None:
    flow = visit()
    begin, wait = flow.steps["begin"], flow.steps["wait"]
    assert flow.leads(begin, "silent") == "leave"
    assert flow.leads(wait, BACK) == "leave"
    assert flow.leads(wait, PICKED) == "hand"
    assert flow.leads(wait, "refused") is None
    assert [name for name, _ in flow.later] == ["scan", "offline"]
