"""Places asked for after loading: of keys, values, merged entries, and of stretches inside a text."""

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.loading.places import Places
from engine.problems import Span
from tests.engine.loading.trees import NOTE, loaded

MACHINE = """\
machine: note
states: {draft: {title: 草稿}, sent: {title: 已发, final: true}}
events:
  enter: {from: new, to: draft}
  send:
    title: "发送"
    from: [draft, new]
    to: sent
    do:
      - {set: {subject: =event.why}}
"""


def line_of(text: str, where: Span) -> str:
    return text.splitlines()[where.line - 1][where.column - 1 : where.end_column - 1]


def test_value_and_key_of_an_event_are_found() -> None:
    found = loaded({"office/note/machine.yaml": MACHINE}, note=NOTE)
    event = found.definitions.machines["note"].events["send"]
    value, key = found.places.value, found.places.key
    assert line_of(MACHINE, value(event.where, "to")) == "sent"
    assert line_of(MACHINE, key(event.where, "to")) == "to"
    assert line_of(MACHINE, value(event.where, "title")) == "发送"
    assert line_of(MACHINE, value(event.where, "from", 1)) == "new"
    assert line_of(MACHINE, value(event.where, "do", 0, "set", "subject")) == "=event.why"
    machine = found.definitions.machines["note"]
    assert line_of(MACHINE, key(machine.where, "events", "send")) == "send"


def test_unknown_place_is_the_owner() -> None:
    found = loaded({"office/note/machine.yaml": MACHINE}, note=NOTE)
    event = found.definitions.machines["note"].events["send"]
    assert found.places.value(event.where, "nothing") == event.where
    assert found.places.value(event.where, "from", 7) == event.where
    elsewhere = Span("gone.yaml", 3, 4)
    assert found.places.key(elsewhere, "to") == elsewhere


def test_key_that_a_part_brought_is_found_in_the_part() -> None:
    part = "part: dated\nfields:\n  day: {title: 日期, type: date}\n"
    note = "document: note\ntitle: 便条\nuse: [dated]\nfields:\n  day: {required: true}\n"
    found = loaded({"shared/parts/dated/document.yaml": part}, note=note)
    day = found.definitions.documents["note"].fields["day"]
    assert str(found.places.value(day.where, "required")) == "office/note/document.yaml:5:19"
    assert str(found.places.value(day.where, "type")) == "shared/parts/dated/document.yaml:3:26"


@pytest.mark.parametrize(
    ("text", "content", "offset", "stretch"),
    [
        ("a: one + two", "one + two", 6, "two"),
        ("a: 'one + two'", "one + two", 6, "two"),
        ("a: 'it''s + two'", "it's + two", 7, "two"),
        (r'a: "x\"y + two"', 'x"y + two', 6, "two"),
        ('a: "\\u4e2d + two"', "中 + two", 4, "two"),
        ("a: |\n   one +\n   two\n", "one +\ntwo\n", 6, "two"),
        ("a: one +\n   two\n", "one + two", 6, "two"),
        ("a: one +\n\n\n   two\n", "one +\n\ntwo", 7, "two"),
        ('a: "one \\\n   + two"', "one + two", 6, "two"),
        ("a: |  # why\n  one\n    + two\n", "one\n  + two\n", 8, "two"),
        ("a: >\n  one\n  + two\n", "one + two\n", 6, "two"),
        ('a: "one +\n     two"\n', "one + two", 6, "two"),
    ],
)
def test_offset_in_a_text_leads_to_the_file(text: str, content: str, offset: int, stretch: str) -> None:
    assert content[offset : offset + len(stretch)] == stretch
    where = Places({"f.yaml": text}).value(Span("f.yaml", 1, 1), "a")
    inner = where.shifted(offset, offset + len(stretch))
    assert line_of(text, inner) == stretch
    assert line_of(text, where.shifted(0, len(content)).shifted(offset, offset + len(stretch))) == stretch


def test_offset_behind_the_end_goes_on_in_the_last_line() -> None:
    where = Places({"f.yaml": "a: 'one'"}).value(Span("f.yaml", 1, 1), "a")
    assert where.shifted(3, 4) == Span("f.yaml", 1, 8, 1, 9)


def test_expression_in_a_block_is_placed_to_the_column() -> None:
    text = NOTE + "  total:\n    title: 合\n    type: integer\n    value: >-\n      1 +\n      nothing_here\n"
    found = loaded(note=text)
    value = found.definitions.documents["note"].fields["total"].value
    assert value is not None
    at = value.text.index("nothing")
    assert str(value.where.shifted(at, at + 7)) == "office/note/document.yaml:10:7"


def test_slot_of_a_text_with_escapes_is_placed_to_the_column() -> None:
    text = NOTE + 'number: "\\u4e2d{subject}"\n'
    number = loaded(note=text).definitions.documents["note"].number
    assert number is not None
    slot = number.pieces[1]
    assert isinstance(slot, tuple)
    assert str(slot[0].where) == "office/note/document.yaml:5:17"


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.text(alphabet="abc中'\"\\{}", min_size=1, max_size=8), min_size=1, max_size=12),
    st.sampled_from([None, "'", '"', "|", ">"]),
    st.sampled_from([" ", "\n", "\n\n", "\n  "]),
    st.sampled_from(["", "\n", "  "]),
)
def test_every_letter_of_a_text_is_found_in_the_file(
    words: list[str], style: str | None, between: str, lead: str
) -> None:
    value = lead + between.join(words)
    text = yaml.dump({"a": value}, default_style=style, width=20, allow_unicode=True, Dumper=yaml.SafeDumper)
    where = Places({"f.yaml": text}).value(Span("f.yaml", 1, 1), "a")
    lines = text.splitlines()
    for at, char in enumerate(value):
        if char.isalpha():
            place = where.shifted(at, at + 1)
            assert lines[place.line - 1][place.column - 1] == char, (text, at)
