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


def test_a_refusal_speaks_of_states_by_their_titles():
    about = "  about: {title: 关于, type: ref, to: note, where: \"state in ('told', 'done')\"}\n"
    machine = """machine: note
states: {fresh: {title: 新建}, told: {title: 已告知}, done: {title: 办结, final: true}}
events:
  enter: {title: 填写, from: new, to: fresh, by: clerk}
  tell: {title: 告知, from: fresh, to: told, by: clerk}
  finish: {title: 办结, from: told, to: done, by: clerk}
"""
    plain = FILES["desk/note/document.yaml"].split("  about:", maxsplit=1)[0]
    office = Office({**FILES, "desk/note/document.yaml": plain + about, "desk/note/machine.yaml": machine})
    first = office.raise_("clerk", "enter", "note", text="甲").record_id
    with pytest.raises(Refused) as caught:
        office.raise_("clerk", "enter", "note", about=first)
    assert "“已告知”, “办结”" in caught.value.findings[0].text["zh"]


def test_a_refusal_names_the_record_and_what_must_hold(office):
    shut = office.raise_("clerk", "enter", "note", text="shut").record_id
    with pytest.raises(Refused) as caught:
        office.raise_("clerk", "enter", "note", about=shut)
    (finding,) = caught.value.findings
    assert finding.text["zh"] == "不能选择“shut”，须满足：内容 ＝ “open” 且 单位 ＝ 当前用户·单位"
    assert finding.text["en"].startswith("“shut” may not be chosen; it must hold that 内容 ＝ “open” and 单位")


def test_a_refusal_tells_nothing_of_fields_that_are_hidden():
    access = 'access:\n  clerk: {read: "*", hide: [text], create: true, edit: "*", events: "*"}\n'
    office = Office({**FILES, "desk/note/access.yaml": access})
    other = office.engine("note", {"text": "shut", "org": office.org})
    with pytest.raises(Refused) as caught:
        office.raise_("clerk", "enter", "note", about=other)
    assert [one.text["zh"] for one in caught.value.findings] == [f"不能选择“{other[:8]}”"]


def test_what_was_chosen_before_may_stay(office):
    held = office.raise_("clerk", "enter", "note", text="open").record_id
    made = office.raise_("clerk", "enter", "note", text="x", about=held)
    office.raise_("clerk", "change", "note", held, text="shut")
    office.raise_("clerk", "change", "note", made.record_id, text="y", about=held)
    assert office.values("note", made.record_id)["text"] == "y"
