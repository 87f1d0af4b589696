"""References that a field's `where` does not allow are refused, whichever door they come through."""

import pytest

from engine.problems import Refused
from engine.testing.office import Office

FILES = {
    "desk/note/document.yaml": """document: note
title: 便签
fields:
  org: {title: 单位, type: ref, to: org, default: =user.org}
  text: {title: 内容, type: text}
  about: {title: 关于, type: ref, to: note, where: "text == 'open' and org == user.org"}
  others: {title: 其他, type: refs, to: note, where: "text == 'open'"}
""",
    "desk/note/access.yaml": 'access:\n  clerk: {read: "*", create: true, edit: "*", events: "*"}\n',
}


@pytest.fixture
def office():
    return Office(FILES)


def codes(office, **values):
    with pytest.raises(Refused) as caught:
        office.raise_("clerk", "enter", "note", **values)
    return {(finding.code, finding.at) for finding in caught.value.findings}


def test_only_what_the_condition_holds_for(office):
    shut = office.raise_("clerk", "enter", "note", text="shut").record_id
    held = office.raise_("clerk", "enter", "note", text="open").record_id
    strange = office.raise_("stranger", "enter", "note", text="open").record_id
    assert codes(office, about=shut) == {("outside_choice", ("about",))}
    assert codes(office, about=strange) == {("outside_choice", ("about",))}
    assert codes(office, others=[held, shut]) == {("outside_choice", ("others",))}
    office.raise_("clerk", "enter", "note", about=held, others=[held, strange])


def test_what_was_chosen_before_may_stay(office):
    held = office.raise_("clerk", "enter", "note", text="open").record_id
    made = office.raise_("clerk", "enter", "note", text="x", about=held)
    office.raise_("clerk", "change", "note", held, text="shut")
    office.raise_("clerk", "change", "note", made.record_id, text="y", about=held)
    assert office.values("note", made.record_id)["text"] == "y"
